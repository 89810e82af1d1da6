"""The numeric targets of the plan from the registries: verdicts by hand, years that nobody reported, and what would change it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.registry.conftest import Office

from tanlu.assessment.count_forecast import Outlook, forecast_count
from tanlu.assessment.filing.filings import Value, check_filing, file_value
from tanlu.assessment.filing.scoring import Physical
from tanlu.assessment.filing.target_state import TargetState
from tanlu.assessment.filing.targets import CountedTarget, complete_years, load_counted, numeric_targets
from tanlu.core.errors import DataError
from tanlu.core.province import province_folder
from tanlu.plan import load_plan
from tanlu.plan.records import Text
from tanlu.programme.registries import Entry, Kind, flow
from tanlu.programme.registry.tables import RegistryVersion
from tanlu.programme.registry.versions import CORRECTED, EVENTS, LAPSED, MOVED, RECOGNISED, entries_of, standing
from tanlu.records import NotPermittedError, RefusedError

FOLDER = province_folder("hunan")
PLAN = load_plan(FOLDER)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
RULE = CountedTarget("TG52", (Kind.GREEN_FIRM,), True, date(2023, 1, 1), "D", "tanlu-assumption", Text("", ""))


def entry(number: int, day: date, recorded: datetime = NOW) -> Entry:
    return Entry(str(number), Kind.GREEN_FIRM, str(number), "", day, None, recorded, "a", "b")


def test_the_plan_has_six_numeric_targets_and_five_are_counted(desk: Office) -> None:
    with desk.records.database.read() as session:
        found = numeric_targets(session, "hunan", NOW, plan=PLAN)
    assert [(t.target.id, t.target.value) for t in found] == [
        ("TG02", -14), ("TG39", 10), ("TG41", 40), ("TG42", 20), ("TG43", 100), ("TG52", 1000),
    ]  # fmt: skip
    assert {t.outlook for t in found} == {Outlook.INSUFFICIENT}
    assert [t.reported for t in found] == [None, 0, 0, 0, 0, 0]
    assert [c.code for c in found[0].changes] == ["run"]
    assert all("years" in [c.code for c in t.changes] for t in found[1:])


def test_the_measured_target_comes_from_the_scoreboard(desk: Office) -> None:
    """From −10.21 % after four years one year is left: 0.86/0.8979 − 1 = −4.22 %."""
    row = {
        "target": "TG02",
        "status": "at_risk",
        "value": "-10.21",
        "as_of": "2024",
        "probability": "0.39",
        "reason": "physical_only",
    }
    with desk.records.database.read() as session:
        physical, *_ = numeric_targets(session, "hunan", NOW, Physical("r", "0", (row,)), PLAN)
        official, *_ = numeric_targets(
            session, "hunan", NOW, Physical("r", "0", ({**row, "reason": "near_path"},)), PLAN
        )
    assert (physical.reported, physical.verified, physical.outlook) == (-10.21, None, Outlook.UNLIKELY)
    assert physical.needed == pytest.approx(-4.22, abs=0.005)
    assert (official.verified, official.grade) == (-10.21, "A")


def test_years_that_nobody_reported_are_not_taken_for_zero() -> None:
    entries = [entry(1, date(2023, 5, 1)), entry(2, date(2025, 5, 1))]
    assert complete_years(entries, RULE, date(2026, 6, 1)) == [2023, 2024, 2025]
    early = [entry(1, date(2023, 5, 1), datetime(2024, 6, 1, tzinfo=UTC))]
    assert complete_years(early, RULE, date(2026, 6, 1)) == [2023], "of 2024 and 2025 nobody had said anything"
    assert complete_years([entry(1, date(2021, 1, 1))], RULE, date(2026, 6, 1)) == []


def test_additions_of_the_notes_example_give_its_probabilities() -> None:
    """60, 120, 150, 140 of 1,000 with five years left: 74 % at the known rate, 65 % from four years, 106 a year needed."""
    found = forecast_count({2022: 60, 2023: 120, 2024: 150, 2025: 140}, 1000, 2030)
    assert found.probability_at_rate == pytest.approx(0.74, abs=0.005)
    assert found.probability == pytest.approx(0.65, abs=0.005)
    assert found.needed == 106


def test_wrong_rules_of_counting_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "assessment" / "counted_targets.yaml"
    file.parent.mkdir()
    text = (FOLDER / "assessment" / "counted_targets.yaml").read_text(encoding="utf-8")
    file.write_text(
        text.replace("TG39", "TG38").replace("young_talent", "star").replace("2023-01-01", "soon"), encoding="utf-8"
    )
    with pytest.raises(DataError) as error:
        load_counted(tmp_path, PLAN)
    assert sorted(p.code for p in error.value.problems) == ["not_a_date", "unknown_choice", "unknown_choice"]


VERSIONS = st.lists(
    st.tuples(
        st.sampled_from(EVENTS),
        st.sampled_from(["p", "p/a", "p/b", "p/b/c"]),
        st.integers(0, 6),
        st.sampled_from(["reported", "verified", "returned"]),
        st.integers(1, 5),
        st.booleans(),
    ),
    max_size=8,
)


def versions(drawn: list[tuple[str, str, int, str, int, bool]]) -> list[RegistryVersion]:
    """Make a history: a version is reported in the hour of its number, and checked some hours later."""
    found = []
    for number, (event, region, month, state, wait, first) in enumerate(drawn, 1):
        at = NOW + timedelta(hours=number)
        checked = state != "reported"
        found.append(
            RegistryVersion(
                id=str(number),
                entry_id="e",
                number=number,
                event=RECOGNISED if number == 1 else event,
                replaces=number - 1 if number > 1 and event in (LAPSED, CORRECTED) else None,
                region=region,
                valid_from=date(2023, 1 + month, 1),
                valid_to=date(2024, 1, 1) if event == LAPSED else None,
                first=first,
                leader_id=None,
                facts={},
                state=state,
                reported_by="a",
                reported_at=at,
                checked_by="b" if checked else None,
                checked_at=at + timedelta(hours=wait) if checked else None,
            )
        )
    return found


@given(VERSIONS, st.integers(0, 14), st.integers(0, 8))
def test_what_was_known_at_a_moment_never_changes(
    drawn: list[tuple[str, str, int, str, int, bool]], hour: int, cut: int
) -> None:
    """Reports after the moment, and checks after it, make no difference to what was known; the parts always add up."""
    as_of = NOW + timedelta(hours=hour)
    every = versions(drawn)
    then = [v for v in versions(drawn) if v.reported_at <= as_of]
    for version in then:
        if version.checked_at is not None and version.checked_at > as_of:
            version.state, version.checked_by, version.checked_at = "reported", None, None
    now, before = (entries_of("e", Kind.GREEN_FIRM, "s", found, as_of) for found in (every, then))
    assert now == before
    count = flow(now, [Kind.GREEN_FIRM], date(2022, 1, 1), date(2030, 1, 1), as_of)
    assert count.province.reported == sum(p.reported for p in count.parts) <= 1
    assert count.province.verified == sum(p.verified for p in count.parts) <= count.province.reported


def test_a_move_keeps_the_check_of_what_it_moves() -> None:
    """A verified recognition, a move that waits for its check: still verified; a recognition that waits: not."""
    for state, verified in (("verified", "b"), ("reported", "")):
        history = versions([(RECOGNISED, "p/a", 0, state, 1, True), (MOVED, "p/b", 2, "reported", 1, False)])
        found = entries_of("e", Kind.GREEN_FIRM, "s", history, NOW + timedelta(hours=9))
        assert [(e.prefecture, e.verified_by) for e in found] == [("p/a", verified), ("p/b", verified)]
    assert standing([], NOW) == []


def state(desk: Office, row: dict[str, str] | None = None) -> TargetState:
    """Return the measured target as known at the moment of the office, with the scoreboard of a run where a row is given."""
    now = desk.records.database.clock()
    physical = None if row is None else Physical("r", "0", (row,))
    with desk.records.database.read() as session:
        return next(t for t in numeric_targets(session, "hunan", now, physical, PLAN) if t.target.id == "TG02")


ESTIMATE = {
    "target": "TG02", "status": "at_risk", "value": "-10.21", "as_of": "2024", "probability": "0.39", "reason": "physical_only",
}  # fmt: skip


def test_a_number_of_the_office_is_verified_by_a_second_person(desk: Office) -> None:
    """From −10.8 % in 2024 one year is left: 0.86/0.892 − 1 = −3.59 %."""
    value = Value("hunan", "TG02", 2024, Decimal("-10.8"))
    filing = file_value(desk.records, desk.officer, value, [desk.proof()])
    waiting = state(desk, ESTIMATE)
    assert (waiting.reported, waiting.verified, waiting.grade) == (-10.8, None, "D")
    assert {c.code: c.values for c in waiting.changes}["check_official"] == {"year": "2024", "value": "-10.8"}
    with pytest.raises(NotPermittedError):
        check_filing(desk.records, desk.officer, filing.id, "verify")
    check_filing(desk.records, desk.checker, filing.id, "verify")
    found = state(desk, ESTIMATE)
    assert (found.reported, found.verified, found.year_verified, found.grade) == (-10.8, -10.8, 2024, "A")
    assert (found.probability, found.source) == (0.39, f"filing:{filing.id}")
    assert found.needed == pytest.approx(-3.59, abs=0.005)
    assert state(desk).verified == -10.8, "known without a run of the main job as well"


@pytest.mark.parametrize(("value", "outlook"), [("-14.3", Outlook.REACHED), ("-13.6", Outlook.MISSED)])
def test_the_number_of_the_target_year_decides(desk: Office, value: str, outlook: Outlook) -> None:
    filing = file_value(desk.records, desk.officer, Value("hunan", "TG02", 2025, Decimal(value)), [desk.proof()])
    check_filing(desk.records, desk.checker, filing.id, "verify")
    found = state(desk, ESTIMATE)
    assert (found.outlook, found.verified, found.needed) == (outlook, float(value), None)
    assert found.probability is None and not found.changes, "what has happened has no chance any more"


def test_a_returned_number_counts_no_more(desk: Office) -> None:
    filing = file_value(desk.records, desk.officer, Value("hunan", "TG02", 2024, Decimal("-30")), [desk.proof()])
    check_filing(desk.records, desk.checker, filing.id, "return", reason="not in the document")
    found = state(desk, ESTIMATE)
    assert (found.reported, found.verified) == (-10.21, None)
    assert "official" in [c.code for c in found.changes]


def test_a_wrong_number_of_the_office_is_refused_with_what_is_wrong(desk: Office) -> None:
    """2020 is the base year, a fall of more than everything is none, and only a measured target has such a number."""
    wrong = [
        (Value("hunan", "TG02", 2020, Decimal(-1)), ["filing_target_year"]),
        (Value("hunan", "TG02", 2024, Decimal(-101)), ["below_minimum"]),
        (Value("hunan", "TG02", 2030, Decimal(-1)), ["filing_future"]),
        (Value("hunan", "TG39", 2024, Decimal(7)), ["unknown_choice"]),
    ]
    for value, codes in wrong:
        with pytest.raises(RefusedError) as error:
            file_value(desk.records, desk.officer, value, [desk.proof()])
        assert [p.code for p in error.value.problems] == codes
    with pytest.raises(NotPermittedError):
        file_value(desk.records, desk.bureau, Value("hunan", "TG02", 2024, Decimal(-1)), [desk.proof()])
