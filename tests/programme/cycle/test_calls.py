"""Calls and applications: the rules of each kind hold, deadlines are kept to the second, nothing is handed in twice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Table
from tests.programme.cycle.conftest import AWAY, DEADLINE, HOME, World, form, terms

from tanlu.programme.cycle import Application, applying, calls, formal
from tanlu.programme.cycle.calls import CallTerms
from tanlu.programme.cycle.forms import form_from
from tanlu.programme.cycle.rulebook import shipped, workflow
from tanlu.records import ConflictError, NotPermittedError, RefusedError, history, verify
from tanlu.records.base import Root


def codes(error: pytest.ExceptionInfo[RefusedError]) -> set[tuple[str, str]]:
    return {(p.code, p.field) for p in error.value.problems}


def test_the_schema_is_that_of_the_mapped_classes(world: World) -> None:
    def ours(thing: Any, *rest: object) -> bool:
        table = thing if isinstance(thing, Table) else getattr(thing, "table", None)
        return table is None or table.name.startswith("programme_")

    with world.records.database.connection() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False, "include_object": ours})
        assert compare_metadata(context, Root.metadata) == []


def test_the_rules_and_workflows_that_ship_can_be_read() -> None:
    names = ("call", "application", "decision-batch", "project", "change-request")
    assert all(workflow(name).transitions for name in names)
    assert {f"{a}-{k}" for a in ("call", "apply") for k in ("common", "challenge", "guideline")} <= shipped().keys()


GATE = {"code": "age", "zh": "不超过 40 岁", "en": "at most 40", "test": "at_most", "field": "pi_age", "value": 40}


@pytest.mark.parametrize(
    ("other", "broken"),
    [
        ({"kind": "challenge"}, {"owner"}),
        ({"kind": "challenge", "gates": [GATE], "owner": True}, {"no_gates"}),
        ({"kind": "challenge", "targets": [], "owner": True}, {"hard_targets"}),
        ({"kind": "horse_race", "stages": 1}, {"stages", "first_stage"}),
        ({"kind": "chief_expert", "stages": 2}, {"one_stage"}),
        ({"funders": {"province": Decimal("0.7")}}, {"shares"}),
        ({"text_en": " "}, {"text"}),
    ],
)
def test_a_call_that_breaks_a_rule_of_its_kind_is_refused(desk: World, other: dict[str, Any], broken: set[str]) -> None:
    if other.pop("owner", None):
        other["owner_id"] = desk.units[0]
    with pytest.raises(RefusedError) as error:
        calls.draft_call(desk.records, desk.officer, terms(**other))
    assert {field for code, field in codes(error)} == broken


def test_all_faults_of_the_terms_are_told_at_once(desk: World) -> None:
    wrong = terms(
        kind="lottery", line="any", funders={"moon": Decimal(2)}, technologies=["T99"], zh="",
        gates=[{"code": "x", "zh": "甲", "en": "x", "test": "guess"}], recommend_until=DEADLINE - timedelta(days=1),
    )  # fmt: skip
    with pytest.raises(RefusedError) as error:
        calls.draft_call(desk.records, desk.officer, wrong, known={"T01-K01": "A01"})
    assert {field for _, field in codes(error)} == {
        "kind", "line", "funders", "technologies", "zh", "gates.test", "recommend_until",
    }  # fmt: skip
    assert desk.records.database.size() == history_size(desk)


def history_size(world: World) -> int:
    with world.records.database.read() as session:
        return len(history(session, "test"))


def test_a_call_is_approved_by_a_second_officer_and_then_fixed(world: World) -> None:
    records = world.records
    call = calls.draft_call(records, world.officer, terms(), key="k1")
    assert calls.draft_call(records, world.officer, terms(), key="k1").id == call.id
    calls.edit_call(records, world.officer, call.id, terms(pot=Decimal(7_000_000)))
    calls.move_call(records, world.officer, call.id, "submit")
    with pytest.raises(RefusedError) as error:
        calls.edit_call(records, world.officer, call.id, terms())
    assert codes(error) == {("call_fixed", "state")}
    with pytest.raises(NotPermittedError):
        calls.move_call(records, world.officer, call.id, "approve")
    with pytest.raises(NotPermittedError):
        calls.move_call(records, world.unit0, call.id, "approve")
    calls.move_call(records, world.second, call.id, "approve")
    with pytest.raises(ConflictError):
        calls.move_call(records, world.third, call.id, "approve")
    call = calls.move_call(records, world.officer, call.id, "publish")
    assert (call.state, call.pot) == ("published", Decimal(7_000_000))
    with pytest.raises(RefusedError) as error:
        calls.move_call(records, world.officer, call.id, "close")
    assert codes(error) == {("deadline_ahead", "deadline")}
    records.log.publish()
    assert verify(records.log.folder, records.log.key.verifier, records.database).sound


def test_terms_come_back_as_they_were_written(desk: World) -> None:
    written = terms(gates=[GATE], funders={"province": Decimal("0.7"), "prefecture": Decimal("0.3")})
    call = calls.draft_call(desk.records, desk.officer, written)
    with desk.records.database.read() as session:
        found = calls.terms_of(session, session.get_one(calls.Call, call.id))
    assert isinstance(found, CallTerms)
    assert [getattr(found, n) for n in ("pot", "deadline", "targets", "funders", "rubric")] == [
        written.pot, written.deadline, list(written.targets), written.funders, list(written.rubric),
    ]  # fmt: skip


@pytest.mark.parametrize(("late", "taken"), [(0, True), (0.9, True), (1, False)])
def test_a_deadline_includes_its_second(desk: World, late: float, taken: bool) -> None:
    call = desk.open_call()
    wanted = desk.form()
    desk.now = DEADLINE + timedelta(seconds=late)
    if taken:
        assert applying.submit(desk.records, desk.unit0, call.id, wanted, key="").state == "submitted"
        return
    before = desk.records.database.size()
    with pytest.raises(RefusedError) as error:
        applying.submit(desk.records, desk.unit0, call.id, wanted, key="")
    assert codes(error) == {("deadline_passed", "deadline")}
    assert desk.records.database.size() == before


def test_an_application_is_handed_in_once_and_by_its_own_unit(world: World) -> None:
    call, wanted = world.open_call(), world.form()
    first = applying.submit(world.records, world.unit0, call.id, wanted, key="once")
    again = applying.submit(world.records, world.unit0, call.id, wanted, key="once")
    assert first.id == again.id
    for other in (world.unit1, world.officer, world.auditor):
        with pytest.raises(NotPermittedError):
            applying.submit(world.records, other, call.id, wanted, key="")
    with world.records.database.read() as session:
        assert session.query(Application).count() == 1


def outcome(world: World, application: Application) -> dict[str, tuple[str, str]]:
    with world.records.database.read() as session:
        return {o.code: (o.result, o.seen) for o in formal.outcomes(session, application.id)}


def test_the_rules_tell_the_values_that_they_saw(desk: World) -> None:
    """Indirect costs of 60,000 are just 30 % of 300,000 less 100,000 of equipment; one fen more is too much."""
    call = desk.open_call()
    good = outcome(desk, desk.apply(call))
    assert {result for result, _ in good.values()} == {"pass"}
    budget = {"equipment": (Decimal(100_000), Decimal(0)), "business": (Decimal(200_000), Decimal(0))}
    bad = outcome(
        desk,
        desk.apply(
            call, budget=budget | {"indirect": (Decimal("60000.01"), Decimal(0))}, targets={"co2": Decimal(999)}, months=37,
            technologies={"T09-K09": (Decimal(4), Decimal(5))},
        ),
    )  # fmt: skip
    assert {code: seen for code, (result, seen) in bad.items() if result == "fail"} == {
        "indirect": "no", "targets": "1", "months": "37", "technologies": "0",
    }  # fmt: skip


def test_a_person_and_a_unit_apply_no_more_often_than_allowed(desk: World) -> None:
    call = desk.open_call()
    first = desk.apply(call)
    again = [desk.apply(call, pi_id=first.pi_id) for _ in range(3)]
    seen = [outcome(desk, a) for a in (first, *again)]
    assert [o["one_project"] for o in seen] == [("pass", "0"), ("pass", "1"), ("fail", "2"), ("fail", "3")]
    assert [o["unit_limit"] for o in seen] == [("pass", "1"), ("pass", "2"), ("pass", "3"), ("fail", "4")]
    applying.withdraw(desk.records, desk.unit0, first.id, "重报")
    assert outcome(desk, desk.apply(call, pi_id=first.pi_id))["one_project"] == ("fail", "3")


def test_nobody_of_the_owner_s_group_answers_its_challenge(desk: World) -> None:
    group = desk.unit("集团")
    owner, sister = desk.unit("出题公司", parent=group), desk.unit("姊妹公司", parent=group)
    call = desk.open_call(kind="challenge", owner_id=owner)
    assert outcome(desk, desk.apply(call, partners=[sister]))["not_related"] == ("fail", "1")
    assert outcome(desk, desk.apply(call))["not_related"] == ("pass", "0")
    assert outcome(desk, desk.apply(call, facts={"holding_percent": "25"}))["holding"] == ("fail", "25")
    assert outcome(desk, desk.apply(call, facts={}))["holding"] == ("needs_person", "")


def test_what_the_rules_leave_open_a_person_decides_with_a_reason(desk: World) -> None:
    call = desk.open_call(kind="challenge", owner_id=desk.units[3])
    application = desk.apply(call, facts={})
    with pytest.raises(RefusedError) as error:
        formal.check_formally(desk.records, desk.officer, application.id)
    assert codes(error) == {("not_recommended", "state")}
    formal.recommend(desk.records, desk.people[f"bureau_{HOME}"], application.id)
    for given, code in (
        ({}, ("rule_open", "holding")),
        ({"holding": ("pass", " ")}, ("reason_needed", "holding")),
        ({"holding": ("pass", "查无持股"), "in_time": ("fail", "x")}, ("rule_settled", "in_time")),
    ):
        with pytest.raises(RefusedError) as error:
            formal.check_formally(desk.records, desk.officer, application.id, given)
        assert codes(error) == {code}
    done = formal.check_formally(desk.records, desk.officer, application.id, {"holding": ("pass", "查无持股")})
    assert done.state == "formal_ok"


def test_a_rule_that_fails_rejects_the_application(desk: World) -> None:
    call = desk.open_call()
    application = desk.formal(desk.apply(call, months=37))
    assert application.state == "formal_reject"


def test_a_prefecture_recommends_its_own_only(desk: World) -> None:
    application = desk.apply(desk.open_call())
    with pytest.raises(NotPermittedError):
        formal.recommend(desk.records, desk.people[f"bureau_{AWAY}"], application.id)
    assert formal.recommend(desk.records, desk.people[f"bureau_{HOME}"], application.id).state == "recommended"


def test_a_form_is_saved_by_steps_and_resumed(desk: World) -> None:
    records, call = desk.records, desk.open_call()
    pi = desk.person("pi", desk.units[0])
    draft = applying.begin_draft(records, desk.unit0, call.id, desk.units[0])
    steps: dict[str, Any] = {
        "basics": {"zh": "示范", "summary": "内容", "months": "24"},
        "team": {"pi_id": pi, "lead_id": desk.units[1]},
        "technologies": {"T01-K01": ["4", "7"]},
        "targets": {"co2": "1200"},
        "budget": {"business": ["200000", "0"]},
    }
    for step, content in steps.items():
        draft = applying.save_step(records, desk.unit0, draft.id, step, content, draft.version)
    with pytest.raises(ConflictError):
        applying.save_step(records, desk.unit0, draft.id, "basics", {}, 1)
    with pytest.raises(NotPermittedError):
        applying.find_draft(records, desk.unit1, draft.id)
    (resumed,) = applying.drafts_of(records, desk.unit0)
    wanted = form_from(resumed.steps)
    # the lead is the organisation for which the form was opened, whatever was typed
    assert wanted == form(desk.units[0], pi, en="", budget={"business": (Decimal(200_000), Decimal(0))}, facts={})
    problems, _ = applying.check_beforehand(records, desk.unit0, call.id, wanted)
    assert problems == []
    application = applying.submit(records, desk.unit0, call.id, wanted, key="", draft_id=draft.id)
    assert application.asked == Decimal(200_000)
    assert applying.drafts_of(records, desk.unit0) == []
    with pytest.raises(RefusedError):
        applying.save_step(records, desk.unit0, draft.id, "basics", {}, draft.version)


def test_all_faults_of_a_form_are_told_at_once() -> None:
    with pytest.raises(RefusedError) as error:
        form_from(
            {
                "basics": {"zh": "", "summary": "x", "months": "two"},
                "technologies": {"T1": ["7", "4"]},
                "budget": {"travel": ["1", "0"], "labour": ["0.001", "x"]},
                "targets": "none",
            }
        )
    assert {field for _, field in codes(error)} == {
        "zh", "months", "lead_id", "pi_id", "technologies.T1", "budget", "budget.labour", "targets",
    }  # fmt: skip
