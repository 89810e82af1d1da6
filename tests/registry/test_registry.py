"""The registries kept: four eyes, rights, versions that are added and never altered, counts as known at a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.registry.conftest import AWAY, HOME, Office

from tanlu.programme.registries import Kind
from tanlu.programme.registry.checking import check
from tanlu.programme.registry.judging import outcomes_of
from tanlu.programme.registry.reading import Filter, Page, count_flow, count_stock, entry_history, list_entries
from tanlu.programme.registry.reporting import Recognition, annul, correct, lapse, move, renew, report
from tanlu.records import ConflictError, NotPermittedError, Principal, RefusedError, history

START, END = date(2022, 1, 1), date(2030, 12, 31)
SOON = timedelta(days=1)


def firm(office: Office, **changes: object) -> Recognition:
    fields: dict[str, object] = {
        "kind": Kind.GREEN_FIRM,
        "subject": office.firm,
        "region": HOME,
        "valid_from": date(2023, 5, 1),
        "valid_to": date(2026, 4, 30),
    }
    return Recognition(**{**fields, **changes})  # type: ignore[arg-type]


def counts(office: Office, as_of: datetime | None = None, on: date = date(2024, 1, 1)) -> tuple[int, int, int, int]:
    """Return reported and verified flow, reported and verified stock."""
    moment = as_of or datetime.now(UTC) + SOON
    with office.records.database.read() as session:
        flow = count_flow(session, [Kind.GREEN_FIRM], START, END, moment)
        stock = count_stock(session, [Kind.GREEN_FIRM], on, moment)
    for found in (flow, stock):
        assert sum(p.reported for p in found.parts) == found.province.reported
        assert sum(p.verified for p in found.parts) == found.province.verified <= found.province.reported
    return flow.province.reported, flow.province.verified, stock.province.reported, stock.province.verified


def pages(office: Office, principal: Principal, chosen: Filter | None = None) -> Page:
    with office.records.database.read() as session:
        return list_entries(session, office.records.rights, principal, chosen)


def test_an_entry_goes_from_report_to_check_by_another_person(office: Office) -> None:
    records = office.records
    version = report(records, office.bureau, firm(office), [office.proof()])
    assert counts(office) == (1, 0, 1, 0)
    before = datetime.now(UTC)
    with pytest.raises(NotPermittedError):
        check(records, office.bureau, version.id, "verify")
    check(records, office.checker, version.id, "verify")
    assert counts(office) == (1, 1, 1, 1)
    assert counts(office, before) == (1, 0, 1, 0), "what was known before the check stays as it was"
    with records.database.read() as session:
        told = [entry.action for entry in history(session, f"registry_entry:{version.entry_id}")]
    assert told == ["registry.report", "registry.verify"]
    with pytest.raises(ConflictError):
        check(records, office.officer, version.id, "verify")
    with pytest.raises(ConflictError):
        report(records, office.bureau, firm(office, valid_from=date(2024, 1, 1)))
    assert counts(office) == (1, 1, 1, 1)


def test_nobody_verifies_the_own_report_and_nothing_without_evidence(desk: Office) -> None:
    version = report(desk.records, desk.officer, firm(desk))
    with pytest.raises(NotPermittedError):
        check(desk.records, desk.officer, version.id, "verify")
    with pytest.raises(RefusedError) as refused:
        check(desk.records, desk.checker, version.id, "verify")
    assert [p.code for p in refused.value.problems] == ["guard_fails"]
    with pytest.raises(RefusedError):
        check(desk.records, desk.checker, version.id, "return")
    check(desk.records, desk.checker, version.id, "return", reason="证书缺页")
    assert counts(desk) == (0, 0, 0, 0)
    again = report(desk.records, desk.officer, firm(desk), [desk.proof()])
    assert again.number == 2 and counts(desk) == (1, 0, 1, 0)


def test_a_renewal_a_move_and_a_lapse_leave_the_flow(office: Office) -> None:
    records = office.records
    first = report(records, office.bureau, firm(office), [office.proof()])
    check(records, office.checker, first.id, "verify")
    renewed = renew(
        records, office.unit, first.entry_id, valid_from=date(2026, 5, 1), valid_to=None, evidence=[office.proof()]
    )
    assert counts(office, on=date(2026, 6, 1)) == (1, 1, 1, 0), "the renewal waits for its own check"
    check(records, office.officer, renewed.id, "verify")
    with pytest.raises(NotPermittedError):
        move(records, office.neighbour, first.entry_id, region=AWAY, valid_from=date(2026, 7, 1))
    move(records, office.bureau, first.entry_id, region=AWAY, valid_from=date(2026, 7, 1), note="迁址")
    moment = datetime.now(UTC) + SOON
    with records.database.read() as session:
        stock = count_stock(session, [Kind.GREEN_FIRM], date(2026, 8, 1), moment)
        flow = count_flow(session, [Kind.GREEN_FIRM], START, END, moment)
    assert [(p.prefecture, p.reported, p.verified) for p in stock.parts] == [(AWAY, 1, 1)]
    assert [(p.prefecture, p.reported, p.verified) for p in flow.parts] == [(HOME, 1, 1)]
    lapse(records, office.neighbour, first.entry_id, last_day=date(2026, 9, 30), note="注销")
    assert counts(office, on=date(2026, 10, 1)) == (1, 1, 0, 0)
    assert counts(office, on=date(2026, 9, 30)) == (1, 1, 1, 1)
    assert counts(office, moment - SOON - SOON) == (0, 0, 0, 0)


def test_a_correction_is_checked_anew_and_an_annulment_by_a_second_person(desk: Office) -> None:
    first = report(desk.records, desk.bureau, firm(desk), [desk.proof()])
    check(desk.records, desk.checker, first.id, "verify")
    with pytest.raises(RefusedError):
        correct(desk.records, desk.bureau, first.entry_id, {"kind": "incubator"}, reason="")
    second = correct(
        desk.records,
        desk.bureau,
        first.entry_id,
        {"valid_from": date(2021, 5, 1)},
        reason="证书日期",
        evidence=[desk.proof()],
    )
    assert counts(desk) == (0, 0, 1, 0), "the first recognition lies before the window"
    check(desk.records, desk.checker, second.id, "verify")
    assert counts(desk) == (0, 0, 1, 1)
    third = annul(desk.records, desk.bureau, first.entry_id, reason="材料不实")
    assert counts(desk) == (0, 0, 1, 1)
    with pytest.raises(ConflictError):
        lapse(desk.records, desk.bureau, first.entry_id, last_day=date(2024, 1, 1))
    check(desk.records, desk.officer, third.id, "verify")
    assert counts(desk) == (0, 0, 0, 0)
    with pytest.raises(ConflictError):
        lapse(desk.records, desk.bureau, first.entry_id, last_day=date(2024, 1, 1))
    assert report(desk.records, desk.bureau, firm(desk)).number == 4


def test_a_report_that_others_rest_on_is_not_returned(desk: Office) -> None:
    first = report(desk.records, desk.bureau, firm(desk), [desk.proof()])
    later = lapse(desk.records, desk.bureau, first.entry_id, last_day=date(2024, 6, 30), note="到期")
    with pytest.raises(ConflictError):
        check(desk.records, desk.checker, first.id, "return", reason="不实")
    check(desk.records, desk.checker, later.id, "return", reason="未到期")
    check(desk.records, desk.checker, first.id, "return", reason="不实")
    assert counts(desk) == (0, 0, 0, 0)


def test_everything_wrong_with_a_report_is_told_at_once(desk: Office) -> None:
    wrong = firm(desk, region="nowhere/x", valid_from=date(2099, 1, 1), valid_to=date(2023, 1, 1))
    with pytest.raises(RefusedError) as refused:
        report(desk.records, desk.officer, wrong)
    assert {p.field for p in refused.value.problems} == {"region", "valid_from", "valid_to"}
    with pytest.raises(RefusedError):
        report(desk.records, desk.officer, firm(desk, subject="0" * 32))
    assert counts(desk) == (0, 0, 0, 0)


def test_each_sees_and_reports_only_what_the_role_reaches(office: Office) -> None:
    first = report(office.records, office.bureau, firm(office), [office.proof()])
    with pytest.raises(NotPermittedError):
        report(office.records, office.neighbour, firm(office, kind=Kind.INCUBATOR))
    with pytest.raises(NotPermittedError):
        report(office.records, office.unit, firm(office, kind=Kind.INCUBATOR, subject=office.university))
    everyone = (office.officer, office.bureau, office.unit, office.auditor)
    assert [pages(office, who).total for who in (*everyone, office.neighbour, Principal())] == [1, 1, 1, 1, 0, 0]
    check(office.records, office.checker, first.id, "verify")
    assert pages(office, Principal()).total == 1, "what was verified is public"
    with office.records.database.read() as session:
        assert len(entry_history(session, office.records.rights, office.unit, first.entry_id)) == 1
    (item,) = pages(office, office.officer, Filter("green_high_tech_firm", "verified", "hunan", "甲")).items
    assert (item.zh, item.region, item.demonstration) == ("甲能源", HOME, False)
    for none in (Filter(kind="incubator"), Filter(state="reported"), Filter(region=AWAY), Filter(words="%")):
        assert pages(office, office.officer, none).total == 0


def test_people_are_not_public(desk: Office) -> None:
    person = desk.unit.person_id
    talent = firm(desk, kind=Kind.YOUNG_TALENT, subject=person, organisation_id=desk.firm)
    version = report(desk.records, desk.unit, talent, [desk.proof()])
    check(desk.records, desk.checker, version.id, "verify")
    assert (pages(desk, Principal()).total, pages(desk, desk.auditor).total) == (0, 1)
    with pytest.raises(NotPermittedError), desk.records.database.read() as session:
        entry_history(session, desk.records.rights, Principal(), version.entry_id)


def test_who_checks_sees_what_the_rules_say_of_the_facts(desk: Office) -> None:
    facts = {"age_on_first_of_january": 45, "months_per_year": 10}
    talent = firm(desk, kind=Kind.YOUNG_TALENT, subject=desk.unit.person_id, organisation_id=desk.firm, facts=facts)
    version = report(desk.records, desk.unit, talent, [desk.proof()])
    with desk.records.database.read() as session:
        found = outcomes_of(session, desk.records.rights, desk.checker, version.id)
        with pytest.raises(NotPermittedError):
            outcomes_of(session, desk.records.rights, Principal(), version.id)
    assert [(o.predicate.code, o.result, o.seen) for o in found] == [
        ("age", "fail", "45"), ("months", "pass", "10"), ("field", "needs_person", ""),
    ]  # fmt: skip
    assert {o.status for o in found} == {"unverified"}
