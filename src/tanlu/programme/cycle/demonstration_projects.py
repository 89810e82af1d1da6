"""The second half of the demonstration year: contracts, payments, meetings, a change, the gate of the race, three endings."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import select

from tanlu.programme.cycle import accepting, changing, contracting, dispatch, ledger, racing, running
from tanlu.programme.cycle.contracting import MilestoneTerms
from tanlu.programme.cycle.demonstration_stage import Stage
from tanlu.programme.cycle.dispatch import TaskTerms
from tanlu.programme.cycle.tables.calls import Call
from tanlu.programme.cycle.tables.projects import Project, ProjectMilestone
from tanlu.programme.cycle.tables.running import DispatchTask
from tanlu.records import Principal, local_day

ENDINGS: Final = ("accepted", "closed", "failed")
"""How the first three projects of the guideline call end within the year."""


def play_projects(stage: Stage, projects: list[Project]) -> None:
    """Play the projects of the year; the last one is left with its contract to be signed."""
    stage.on(4, 16)
    started = [_contract(stage, p, n) for n, p in enumerate(projects[:-1])]
    _contract(stage, projects[-1], len(projects), sign=False)
    stage.progress("contracts", len(started))
    for month in (5, 6):
        stage.on(month, 20)
        _milestones(stage, started, "m1" if month == 5 else "")
    _spend(stage, started, Decimal("0.3"))
    _signals(stage, 7, 1)
    _meeting(stage, started, 7, 8)
    _change(stage, started)
    _race(stage, started)
    _report(stage, started, 9, Decimal("0.5"))
    _signals(stage, 10, 9)
    _meeting(stage, started, 10, 15)
    _end(stage, started[: len(ENDINGS)])
    _signals(stage, 12, 29)


def _lead(stage: Stage, project: Project) -> Principal:
    return stage.cast.of_unit(project.lead_id)


def _contract(stage: Stage, project: Project, number: int, *, sign: bool = True) -> Project:
    """Draft a contract, have every share promised, sign it on both sides; the first three end within the year."""
    records, people = stage.records, stage.cast.people
    begin = local_day(stage.now)
    end = begin + timedelta(days=240 if number < len(ENDINGS) else 700)
    middle = begin + (end - begin) / 2
    plan = [
        MilestoneTerms("m1", "方案与采购", "plan and purchases", begin, begin + timedelta(days=45), Decimal(40)),
        MilestoneTerms("m2", "中期样机", "prototype", begin + timedelta(days=30), middle, Decimal(40), after="m1"),
        MilestoneTerms("m3", "示范与验收", "demonstration", middle, end, Decimal(20), after="m2"),
    ]
    with records.database.read() as session:
        call = session.get_one(Call, project.call_id)
    grant = contracting.first_grant(project, call)
    budget = None
    if grant != project.grant:
        lines = {"equipment": (grant / 5).quantize(Decimal(1)), "indirect": (grant / 10).quantize(Decimal(1))}
        budget = lines | {"business": grant - sum(lines.values())}
    contract = contracting.draft_contract(records, people["officer"], project.id, begin, end, plan, budget=budget)
    if not sign:
        return project
    for funder in contract.shares:
        who = people[f"bureau_{funder}"] if "/" in funder else people["officer"]
        contracting.commit_share(records, who, project.id, funder)
    contracting.sign(records, _lead(stage, project), project.id)
    return contracting.start(records, people["second"], project.id)


def _milestones(stage: Stage, projects: list[Project], code: str) -> None:
    """Hand in, accept and pay a milestone of every project but some; those are late."""
    records, people = stage.records, stage.cast.people
    for n, project in enumerate(projects):
        if not code or (n > 5 and n % 7 == 6):
            continue
        _milestone(stage, project, code)
        running.pay(records, people["second"], project.id, key=f"{project.id}-{code}")


def _milestone(stage: Stage, project: Project, code: str) -> None:
    (milestone,) = stage.read(
        select(ProjectMilestone).where(ProjectMilestone.project_id == project.id, ProjectMilestone.code == code)
    )
    proof = stage.proof(f"{project.number} {code}")
    running.submit_milestone(stage.records, _lead(stage, project), milestone.id, [proof])
    running.decide_milestone(stage.records, stage.cast.people["officer"], milestone.id, accept=True)


def _spend(stage: Stage, projects: list[Project], share: Decimal) -> None:
    for project in projects:
        with stage.records.database.read() as session:
            paid = ledger.paid_of(session, project.id)
        if paid:
            amount = (paid * share).quantize(Decimal("0.01"))
            running.report_spending(
                stage.records, _lead(stage, project), project.id, amount, f"演示凭证 {project.number}"
            )


def _report(stage: Stage, projects: list[Project], month: int, share: Decimal) -> None:
    """Report targets of the projects that still run, some of them lagging; a second person checks."""
    stage.on(month, 22)
    for n, project in enumerate(projects):
        (now,) = stage.read(select(Project).where(Project.id == project.id))
        if now.state != "running" or n < len(ENDINGS) or n % 5 == 4:
            continue
        with stage.records.database.read() as session:
            kpis = ledger.kpis_of(session, ledger.contract_of(session, now))
        values = {k.code: (k.baseline + (k.target - k.baseline) * share).quantize(Decimal(1)) for k in kpis}
        for report in running.report_targets(stage.records, _lead(stage, project), project.id, values):
            running.check_report(stage.records, stage.cast.people["officer"], report.id, "verified")


def _signals(stage: Stage, month: int, day: int) -> None:
    stage.on(month, day)
    changed = running.refresh_signals(stage.records)
    stage.progress("signals", len(changed))


def _meeting(stage: Stage, projects: list[Project], month: int, day: int) -> None:
    """Hold a meeting about the projects that are not green; the first tasks are closed, the last stay open."""
    stage.on(month, day)
    records, people, today = stage.records, stage.cast.people, local_day(stage.now)
    amber = stage.read(select(Project).where(Project.colour > 0, Project.state == "running").order_by(Project.number))
    about = (amber or projects)[:4]
    terms = [
        TaskTerms(
            _lead(stage, p).person_id, f"演示：就 {p.number} 的滞后提交整改说明", f"Demonstration: explain the delay of {p.number}",
            today + timedelta(days=20), p.id,
        )
        for p in about
    ]  # fmt: skip
    title = f"演示：第{month // 4}次工作调度", f"Demonstration: dispatch meeting {month // 4}"
    meeting = dispatch.record_meeting(records, people["officer"], records.settings.province, today, *title, terms)
    tasks = stage.read(select(DispatchTask).where(DispatchTask.meeting_id == meeting.id).order_by(DispatchTask.zh))
    stage.on(month, day + 10)
    for task in tasks[:-1]:
        (project,) = [p for p in about if p.id == task.project_id]
        dispatch.report_task(records, _lead(stage, project), task.id, "演示：已提交说明并调整进度")
        dispatch.close_task(records, people["second"], task.id)


def _change(stage: Stage, projects: list[Project]) -> None:
    """Approve an extension of one project, and leave another request open."""
    stage.on(7, 20)
    one, other = projects[4], projects[5]
    assert one.end is not None and other.end is not None
    ask = changing.request_change
    request = ask(
        stage.records, _lead(stage, one), one.id, "extension", {"end": (one.end + timedelta(days=120)).isoformat()},
        "演示：设备到货延迟",
    )  # fmt: skip
    changing.decide_change(stage.records, stage.cast.people["second"], request.id, approve=True)
    ask(
        stage.records, _lead(stage, other), other.id, "extension", {"end": (other.end + timedelta(days=90)).isoformat()},
        "演示：示范场地调整",
    )  # fmt: skip


def _race(stage: Stage, projects: list[Project]) -> None:
    """Decide the gate of the race and promise the rest of the winner's grant."""
    stage.on(8, 28)
    teams = [p for p in projects if p.kind == "horse_race"]
    if len(teams) < 2:
        return
    scores = {p.id: Decimal(stage.chosen.randrange(60, 95)) for p in teams}
    officer = stage.cast.people["officer"]
    winner = racing.decide_gate(stage.records, officer, teams[0].call_id, scores, "演示：第三方实测评比")
    contracting.commit_share(stage.records, officer, winner.id, "province")


def _end(stage: Stage, projects: list[Project]) -> None:
    """Let one project reach its targets, one miss them without fault, one report a value that proves to be false."""
    records, people = stage.records, stage.cast.people
    for project, ending in zip(projects, ENDINGS, strict=True):
        stage.on(11, 10)
        for code in ("m2", "m3"):
            _milestone(stage, project, code)
        running.refresh_signals(records)
        with records.database.read() as session:
            kpis = ledger.kpis_of(session, ledger.contract_of(session, project))
        part = Decimal(1) if ending != "closed" else Decimal("0.8")
        values = {k.code: k.baseline + (k.target - k.baseline) * part for k in kpis}
        lead = _lead(stage, project)
        reports = running.report_targets(records, lead, project.id, values, [stage.proof(f"{project.number} 实测")])
        for n, report in enumerate(reports):
            false = ending == "failed" and n == 0
            verdict, reason = ("falsified", "演示：检测报告与原始数据不符") if false else ("verified", "")
            running.check_report(records, people["officer"], report.id, verdict, reason=reason)
        stage.on(12, 5)
        accepting.ask_acceptance(records, lead, project.id, [stage.proof(f"{project.number} 总结报告")])
        accepting.propose_result(records, people["officer"], project.id, "演示验收意见", excusable=ending == "closed")
        accepting.approve_result(records, people["second"], project.id)
    stage.progress("ended", len(projects))
