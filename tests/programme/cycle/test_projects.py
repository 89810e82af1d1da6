"""Projects: no start without every share, no money on red, changes add versions, results follow from verified targets."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from tests.programme.cycle.conftest import AWAY, HOME, World, draft
from tests.programme.cycle.test_calls import codes, outcome

from tanlu.programme.cycle import (
    Contract,
    IntegrityRecord,
    Project,
    ProjectSignal,
    accepting,
    changing,
    contracting,
    dispatch,
    ledger,
    racing,
    running,
)
from tanlu.programme.cycle.contracting import MilestoneTerms
from tanlu.programme.cycle.dispatch import TaskTerms
from tanlu.programme.tracking import Colour
from tanlu.records import ConflictError, NotPermittedError, RefusedError, verify

CO_FUNDED = {"province": Decimal("0.7"), "prefecture": Decimal("0.3")}


def test_a_contract_starts_when_every_share_is_promised_and_four_eyes_saw_it(world: World) -> None:
    """360,000 of which the prefecture pays 30 % = 108,000."""
    (project,) = world.contracting(funders=CO_FUNDED)
    begin = world.now.date()
    contract = draft(world, project, begin)
    assert contract.shares == {HOME: "108000.00", "province": "252000.00"}
    with pytest.raises(NotPermittedError):
        contracting.sign(world.records, world.unit1, project.id)
    contracting.sign(world.records, world.unit0, project.id)
    contracting.commit_share(world.records, world.officer, project.id, "province")
    with pytest.raises(RefusedError) as error:
        contracting.start(world.records, world.second, project.id)
    assert codes(error) == {("share_missing", HOME)}
    with pytest.raises(NotPermittedError):
        contracting.commit_share(world.records, world.people[f"bureau_{AWAY}"], project.id, HOME)
    contracting.commit_share(world.records, world.people[f"bureau_{HOME}"], project.id, HOME)
    with pytest.raises(NotPermittedError):
        contracting.start(world.records, world.officer, project.id)
    assert contracting.start(world.records, world.second, project.id).state == "running"
    assert world.balance(project) == {
        "committed": Decimal(360_000), f"funder:{HOME}": Decimal(-108_000), "funder:province": Decimal(-252_000),
    }  # fmt: skip


def test_all_faults_of_a_contract_are_told_at_once(contracted: tuple[World, Project]) -> None:
    desk, project = contracted
    begin = desk.now.date()
    plan = [
        MilestoneTerms("m1", "甲", "a", begin, begin + timedelta(days=800), Decimal(40)),
        MilestoneTerms("m1", "乙", "b", begin, begin + timedelta(days=8), Decimal(40), after="m9"),
    ]
    with pytest.raises(RefusedError) as error:
        draft(desk, project, begin, milestones=plan, kpis={"co2": Decimal(999)}, budget={"indirect": Decimal(1)})
    assert {code for code, _ in codes(error)} == {
        "name_twice", "parts_sum", "milestone_dates", "unknown_choice", "target_below", "budget_sum", "indirect_high",
    }  # fmt: skip


def test_a_chief_runs_one_project_at_a_time(desk: World) -> None:
    (first,) = desk.contracting(kind="chief_expert")
    desk.running(first)
    call = desk.open_call(kind="chief_expert", deadline=desk.now + timedelta(days=40), recommend_until=None)
    assert outcome(desk, desk.apply(call, pi_id=first.chief_id))["one_chief"] == ("fail", "1")


def test_money_follows_accepted_milestones_and_stops_on_red(contracted: tuple[World, Project]) -> None:
    world, project = contracted
    project = world.running(project)
    unit, officer, second = world.unit0, world.officer, world.second
    with pytest.raises(RefusedError) as error:
        running.submit_milestone(world.records, unit, world.milestone(project, "m2").id, [world.proof()])
    assert codes(error) == {("milestone_waits", "after")}
    m1 = world.milestone(project, "m1")
    with pytest.raises(RefusedError) as error:
        running.submit_milestone(world.records, unit, m1.id)
    assert codes(error) == {("evidence_missing", "evidence")}
    running.submit_milestone(world.records, unit, m1.id, [world.proof()])
    running.decide_milestone(world.records, officer, m1.id, accept=True)
    with pytest.raises(ConflictError):
        running.decide_milestone(world.records, second, m1.id, accept=False, reason="再看")
    with pytest.raises(NotPermittedError):
        running.pay(world.records, officer, project.id)
    assert running.pay(world.records, second, project.id, key="p1") == Decimal(144_000)
    assert running.pay(world.records, second, project.id, key="p1") == Decimal(144_000)
    with pytest.raises(RefusedError) as error:
        running.pay(world.records, second, project.id)
    assert codes(error) == {("nothing_payable", "amount")}
    running.report_spending(world.records, unit, project.id, Decimal("1000.50"), "凭证 1", key="s1")
    running.report_spending(world.records, unit, project.id, Decimal("1000.50"), "凭证 1", key="s1")
    with pytest.raises(RefusedError) as error:
        running.report_spending(world.records, unit, project.id, Decimal(143_000), "凭证 2")
    assert codes(error) == {("posting_overdrawn", "amount")}
    assert world.balance(project) == {
        "committed": Decimal(216_000), "held": Decimal("142999.50"), "spent": Decimal("1000.50"), "funder:province": Decimal(-360_000),
    }  # fmt: skip
    # 241 days of silence are red and hold money back; after a report the cause is over
    world.wait(days=241)
    assert running.refresh_signals(world.records) == {project.id: Colour.RED}
    with pytest.raises(RefusedError) as error:
        running.pay(world.records, second, project.id)
    assert error.value.problems[0].details["colour"] == "red"
    (report,) = running.report_targets(world.records, unit, project.id, {"co2": Decimal(600)})
    running.check_report(world.records, world.people[f"bureau_{HOME}"], report.id, "verified")
    # a third of the time is gone and 0.7 % of the money that was paid is spent: amber by 0.33
    assert running.refresh_signals(world.records) == {project.id: Colour.AMBER}
    with world.records.database.read() as session:
        rows = list(session.execute(select(ProjectSignal).order_by(ProjectSignal.rule)).scalars())
        assert [(s.rule, s.colour, s.until is None) for s in rows if s.rule == "report_missing"] == [
            ("report_missing", 2, False)
        ]
    world.records.log.publish()
    assert verify(world.records.log.folder, world.records.log.key.verifier, world.records.database).sound


def test_changes_add_versions_and_keep_to_the_rules(contracted: tuple[World, Project]) -> None:
    desk, project = contracted
    project = desk.running(project)
    unit, ask = desk.unit0, changing.request_change
    assert project.end is not None
    for kind, content, code in (
        ("extension", {"end": str(project.end + timedelta(days=400))}, "extension_too_long"),
        ("extension", {"end": str(project.end)}, "extension_not_later"),
        ("kpi", {"targets": {"co2": "999"}}, "target_below"),
        ("budget", {"budget": {"business": "1"}}, "budget_sum"),
        ("chief", {"chief": "x"}, "unknown_key"),
    ):
        with pytest.raises(RefusedError) as error:
            ask(desk.records, unit, project.id, kind, content, "理由")
        assert error.value.problems[0].code == code
    later = project.end + timedelta(days=365)
    request = ask(desk.records, unit, project.id, "extension", {"end": later.isoformat()}, "疫情", key="x")
    assert (
        ask(desk.records, unit, project.id, "extension", {"end": later.isoformat()}, "疫情", key="x").id == request.id
    )
    with pytest.raises(NotPermittedError):
        changing.decide_change(desk.records, unit, request.id, approve=True)
    changing.decide_change(desk.records, desk.officer, request.id, approve=True)
    with pytest.raises(RefusedError) as error:
        ask(desk.records, unit, project.id, "extension", {"end": str(later + timedelta(days=9))}, "又延")
    assert error.value.problems[0].code == "extension_too_often"
    better = ask(desk.records, unit, project.id, "kpi", {"targets": {"co2": "1100"}}, "调整")
    changing.decide_change(desk.records, desk.officer, better.id, approve=True)
    with desk.records.database.read() as session:
        versions = list(session.execute(select(Contract).order_by(Contract.version)).scalars())
        targets = [ledger.kpis_of(session, v)[0].target for v in versions]
    assert [v.version for v in versions] == [1, 2, 3]
    assert targets == [1200, 1200, 1100]
    assert [v.end for v in versions] == [project.end, later, later]


def ended(
    contracted: tuple[World, Project], value: int, verdict: str = "verified", *, excusable: bool = False
) -> tuple[Project, str]:
    """Run a project to its result with a value of its hard target of 1,200 t; 44,000 yuan are left of 144,000 paid."""
    world, project = contracted
    project = world.running(project)
    world.paid(project, "m1")
    running.report_spending(world.records, world.unit0, project.id, Decimal(100_000), "凭证")
    (report,) = running.report_targets(world.records, world.unit0, project.id, {"co2": Decimal(value)})
    with pytest.raises(RefusedError):
        accepting.ask_acceptance(world.records, world.unit0, project.id)
    accepting.ask_acceptance(world.records, world.unit0, project.id, [world.proof()])
    with pytest.raises(RefusedError) as error:
        accepting.propose_result(world.records, world.officer, project.id, "意见")
    assert codes(error) == {("reports_open", "reports")}
    running.check_report(world.records, world.officer, report.id, verdict, reason="现场核查")
    accepting.propose_result(world.records, world.officer, project.id, "意见", excusable=excusable)
    with pytest.raises(NotPermittedError):
        accepting.approve_result(world.records, world.officer, project.id)
    accepting.approve_result(world.records, world.second, project.id)
    return project, world.reload_project(project).state


def test_an_accepted_project_keeps_its_money_and_hands_its_results_on(contracted: tuple[World, Project]) -> None:
    project, state = ended(contracted, 1200)
    world = contracted[0]
    assert state == "accepted"
    assert world.balance(project)["held"] == Decimal(44_000)
    with world.records.database.read() as session:
        (found,) = accepting.transfers(session)
        assert session.execute(select(IntegrityRecord)).first() is None
    assert found.technologies == [{"technology": "T01-K01", "trl": "7.0"}]
    assert [(r["code"], Decimal(r["value"])) for r in found.results] == [("co2", Decimal(1200))]


def test_a_target_missed_without_fault_closes_the_project_and_money_goes_back(
    contracted: tuple[World, Project],
) -> None:
    project, state = ended(contracted, 1199, excusable=True)
    desk = contracted[0]
    assert state == "closed"
    assert desk.balance(project) == {
        "spent": Decimal(100_000), "returned": Decimal(44_000), "funder:province": Decimal(-144_000),
    }  # fmt: skip
    with desk.records.database.read() as session:
        assert accepting.transfers(session) == []


@pytest.mark.parametrize(("verdict", "banned"), [("verified", 1), ("falsified", 2)])
def test_a_failed_project_bans_its_chief_and_a_falsified_one_its_lead_too(
    contracted: tuple[World, Project], verdict: str, banned: int
) -> None:
    project, state = ended(contracted, 1199 if verdict == "verified" else 1300, verdict)
    desk = contracted[0]
    assert state == "failed"
    with desk.records.database.read() as session:
        rows = list(session.execute(select(IntegrityRecord)).scalars())
    years = {"verified": 2, "falsified": 5}[verdict]
    assert len(rows) == banned
    assert {(r.last.year - r.first.year) for r in rows} == {years}
    call = desk.open_call(deadline=desk.now + timedelta(days=40), recommend_until=None)
    seen = outcome(desk, desk.apply(call, pi_id=project.chief_id))
    assert seen["not_banned"] == ("fail", str(banned))
    other = outcome(desk, desk.apply(call))["not_banned"]
    assert other == (("fail", "1") if banned == 2 else ("pass", "0"))


def test_a_race_pays_the_first_stage_to_all_and_the_rest_to_the_winner(desk: World) -> None:
    """Three teams of 360,000 with 0.4 in the first stage: 144,000 each, the winner's contract then holds 360,000."""
    world = desk
    teams = world.contracting(
        3, (90, 80, 70), kind="horse_race", stages=2, first_stage_share=Decimal("0.4"), pot=Decimal(700_000)
    )
    assert len(teams) == 3
    call_id = teams[0].call_id
    budget = {"equipment": Decimal(40_000), "business": Decimal(80_000), "indirect": Decimal(24_000)}
    for team in teams:
        draft(world, team, world.now.date(), budget=budget)
        contracting.commit_share(world.records, world.officer, team.id, "province")
        contracting.sign(world.records, world.lead(team), team.id)
        contracting.start(world.records, world.second, team.id)
    world.paid(teams[0], "m1")
    running.report_spending(world.records, world.lead(teams[0]), teams[0].id, Decimal(7_600), "凭证")
    scores = {teams[0].id: Decimal(70), teams[1].id: Decimal(88), teams[2].id: Decimal(88)}
    with pytest.raises(RefusedError) as error:
        racing.decide_gate(world.records, world.officer, call_id, {teams[0].id: Decimal(1)}, "评比")
    assert codes(error) == {("score_missing", "scores")}
    winner = racing.decide_gate(world.records, world.officer, call_id, scores, "评比")
    # 88 twice: the better rank of the review goes on
    assert winner.id == teams[1].id
    assert [world.reload_project(t).state for t in teams] == ["out_of_race", "running", "out_of_race"]
    # 40 % of 144,000 were paid and 7,600 of them spent; nothing else stays with the team
    assert world.balance(teams[0]) == {
        "spent": Decimal(7_600), "returned": Decimal(50_000), "funder:province": Decimal(-57_600),
    }  # fmt: skip
    with world.records.database.read() as session:
        contract = ledger.contract_of(session, winner)
        assert session.execute(select(IntegrityRecord)).first() is None
    assert (contract.grant, sum(map(Decimal, contract.budget.values()))) == (Decimal(360_000), Decimal(360_000))
    assert contracting.commit_share(world.records, world.officer, winner.id, "province") == Decimal(216_000)


def test_meetings_decide_tasks_that_somebody_else_closes(desk: World) -> None:
    owner = desk.unit0
    held = desk.now.date()
    with pytest.raises(RefusedError) as error:
        dispatch.record_meeting(desk.records, desk.officer, "hunan", held, "调度会", "meeting", [])
    assert codes(error) == {("empty", "tasks")}
    task = TaskTerms(owner.person_id, "补交报告", "hand in the report", held + timedelta(days=10))
    meeting = dispatch.record_meeting(desk.records, desk.officer, "hunan", held, "调度会", "meeting", [task])
    with desk.records.database.read() as session:
        (row,) = session.execute(
            select(dispatch.DispatchTask).where(dispatch.DispatchTask.meeting_id == meeting.id)
        ).scalars()
    with pytest.raises(NotPermittedError):
        dispatch.report_task(desk.records, desk.unit1, row.id, "已交")
    dispatch.report_task(desk.records, owner, row.id, "已交")
    with pytest.raises(NotPermittedError):
        dispatch.close_task(desk.records, owner, row.id)
    dispatch.close_task(desk.records, desk.officer, row.id, done=False, reason="不全")
    dispatch.report_task(desk.records, owner, row.id, "已补全")
    assert dispatch.close_task(desk.records, desk.second, row.id).state == "closed"
