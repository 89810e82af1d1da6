"""Invariants of what is filed and registered: whoever does what in which order, and whoever is forgotten."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from tests.registry.conftest import HOME, Office

from tanlu.assessment.filing.filings import Value, check_filing, draft, file_value, revise, submit, withdraw
from tanlu.assessment.filing.tables import AssessmentFiling
from tanlu.core.errors import DataError
from tanlu.programme.registries import Kind
from tanlu.programme.registry.checking import check
from tanlu.programme.registry.reading import count_flow
from tanlu.programme.registry.reporting import Recognition, report
from tanlu.records import NotPermittedError, affiliate, register_person, verify
from tanlu.records.erasure import erase_person

STEPS = st.tuples(
    st.sampled_from(["officer", "checker", "bureau", "neighbour", "unit", "auditor"]),
    st.sampled_from(["draft", "revise", "submit", "verify", "return", "withdraw"]),
    st.integers(1, 90),
)


def step(desk: Office, who: str, what: str, number: int) -> None:
    """Do something with the newest filing, or try to."""
    principal = getattr(desk, who)
    with desk.records.database.read() as session:
        found = session.execute(select(AssessmentFiling).order_by(AssessmentFiling.number.desc())).scalars().first()
    key = found.id if found else ""
    if what == "draft":
        draft(desk.records, principal, Value(HOME, "plan_tasks", 2024, Decimal(number)), [desk.proof()])
    elif what == "revise":
        revise(desk.records, principal, key, Decimal(number))
    elif what == "submit":
        submit(desk.records, principal, key)
    elif what == "withdraw":
        withdraw(desk.records, principal, key)
    else:
        check_filing(desk.records, principal, key, what, reason="x")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=4, max_size=10))
def test_nobody_checks_the_own_filing_and_what_was_filed_is_not_altered(
    desk: Office, steps: list[tuple[str, str, int]]
) -> None:
    filed: dict[str, Decimal] = {}
    for who, what, number in steps:
        before = desk.records.database.size()
        try:
            step(desk, who, what, number)
        except DataError:
            assert desk.records.database.size() == before, "what was refused has left no entry"
        with desk.records.database.read() as session:
            for filing in session.execute(select(AssessmentFiling)).scalars():
                if filing.filed_at is not None:
                    assert filing.value == filed.setdefault(filing.id, filing.value)
                assert filing.checked_by is None or filing.checked_by != filing.filed_by
    desk.records.log.publish()
    log = desk.records.log
    assert verify(log.folder, log.key.verifier, desk.records.database).sound


def test_nobody_returns_the_own_filing_either(desk: Office) -> None:
    filing = file_value(desk.records, desk.officer, Value(HOME, "plan_tasks", 2024, Decimal(40)), [desk.proof()])
    with pytest.raises(NotPermittedError):
        check_filing(desk.records, desk.officer, filing.id, "return", reason="x")
    check_filing(desk.records, desk.checker, filing.id, "return", reason="x")


def test_a_person_who_is_forgotten_is_still_counted(desk: Office) -> None:
    """A young talent who is verified, then erased: the flow of the registry stays 1, reported and verified."""
    records, day = desk.records, date(2025, 3, 1)
    with records.database.change("system", "test.people", "test") as change:
        talent = register_person(change, zh="青年甲")
        affiliate(change, talent.id, desk.university, valid_from=date(2020, 1, 1))
    recognition = Recognition(
        kind=Kind.YOUNG_TALENT, subject=talent.id, region=HOME, valid_from=day, organisation_id=desk.university
    )  # fmt: skip
    version = report(records, desk.bureau, recognition, [desk.proof()])
    check(records, desk.officer, version.id, "verify")

    def counted() -> tuple[int, int]:
        with records.database.read() as session:
            end, moment = date(2030, 12, 31), datetime.now(UTC) + timedelta(days=1)
            found = count_flow(session, [Kind.YOUNG_TALENT], date(2022, 1, 1), end, moment).province
        return found.reported, found.verified

    assert counted() == (1, 1)
    erase_person(records.database, talent.id, desk.officer.person_id, "本人申请")
    assert counted() == (1, 1)
    records.log.publish()
    assert verify(records.log.folder, records.log.key.verifier, records.database).sound
