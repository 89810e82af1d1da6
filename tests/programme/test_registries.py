"""Registries are counted as known on a date: flow and stock apart, prefectures and the rest always add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.programme.registries import Count, Entry, Kind, additions, flow, stock

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FIRM = Entry(
    "1", Kind.GREEN_FIRM, "firm", "a", date(2023, 5, 1), None, datetime(2023, 6, 1, tzinfo=UTC), "bureau", "checker"
)
YEARS = (date(2022, 1, 1), date(2030, 12, 31))


def test_a_move_takes_the_stock_along_and_leaves_the_flow_where_it_began() -> None:
    moved = replace(FIRM, prefecture="b", valid_from=date(2025, 1, 1), recorded_at=NOW, first=False)
    entries = [FIRM, moved]
    assert stock(entries, [Kind.GREEN_FIRM], date(2026, 1, 1), NOW).parts == (Count("b", 1, 1),)
    assert stock(entries, [Kind.GREEN_FIRM], date(2024, 1, 1), NOW).parts == (Count("a", 1, 1),)
    assert flow(entries, [Kind.GREEN_FIRM], *YEARS, NOW).parts == (Count("a", 1, 1),)


def test_a_renewal_adds_nothing_and_a_lapse_takes_nothing_from_the_flow() -> None:
    lapsed = replace(FIRM, valid_to=date(2024, 12, 31), recorded_at=NOW)
    again = replace(FIRM, id="2", valid_from=date(2026, 1, 1), recorded_at=NOW)
    renewal = replace(FIRM, id="3", valid_from=date(2025, 3, 1), recorded_at=NOW, first=False)
    entries = [FIRM, lapsed, again, renewal]
    assert flow(entries, [Kind.GREEN_FIRM], *YEARS, NOW).province == Count("", 1, 1)
    assert stock([FIRM, lapsed], [Kind.GREEN_FIRM], date(2025, 1, 1), NOW).province == Count("", 0, 0)


def test_what_was_recorded_later_does_not_change_an_earlier_answer() -> None:
    later = replace(FIRM, id="2", subject="other", recorded_at=NOW)
    before = NOW - timedelta(days=1)
    assert flow([FIRM, later], [Kind.GREEN_FIRM], *YEARS, before) == flow([FIRM], [Kind.GREEN_FIRM], *YEARS, before)
    assert flow([FIRM, later], [Kind.GREEN_FIRM], *YEARS, NOW).province.reported == 2


def test_reported_and_verified_stand_side_by_side() -> None:
    open_entry = replace(FIRM, id="2", subject="other", verified_by="")
    assert flow([FIRM, open_entry], [Kind.GREEN_FIRM], *YEARS, NOW).province == Count("", 2, 1)


def test_a_team_counts_once_and_its_leader_not_again() -> None:
    team = replace(FIRM, kind=Kind.TEAM, subject="team", leader="person")
    leader = replace(FIRM, id="2", kind=Kind.LEADING_TALENT, subject="person")
    other = replace(FIRM, id="3", kind=Kind.LEADING_TALENT, subject="someone")
    twice = replace(FIRM, id="4", kind=Kind.LEADING_TALENT, subject="someone", prefecture="b")
    kinds = [Kind.TEAM, Kind.LEADING_TALENT]
    assert stock([team, leader, other, twice], kinds, date(2026, 1, 1), NOW).province.reported == 2
    assert stock([leader, other], kinds, date(2026, 1, 1), NOW).province.reported == 2


def test_nobody_verifies_the_own_entry() -> None:
    with pytest.raises(ValueError, match="own entry"):
        replace(FIRM, verified_by="bureau")


def test_additions_by_year_are_first_recognitions_or_the_change_of_the_stock() -> None:
    second = replace(FIRM, id="2", subject="other", valid_from=date(2024, 2, 1))
    gone = replace(second, valid_to=date(2024, 12, 30), recorded_at=NOW)
    entries = [FIRM, second, gone]
    assert additions(entries, [Kind.GREEN_FIRM], [2023, 2024], NOW, flows=True) == {2023: (1, 1), 2024: (1, 1)}
    assert additions(entries, [Kind.GREEN_FIRM], [2023, 2024, 2025], NOW, flows=False) == {
        2023: (1, 1),
        2024: (0, 0),
        2025: (0, 0),
    }


ENTRIES = st.lists(
    st.builds(
        Entry,
        st.sampled_from("12345"),
        st.sampled_from([Kind.TEAM, Kind.LEADING_TALENT, Kind.GREEN_FIRM]),
        st.sampled_from("pqrs"),
        st.sampled_from(["", "a", "b"]),
        st.dates(date(2021, 1, 1), date(2025, 1, 1)),
        st.none() | st.dates(date(2025, 1, 1), date(2031, 1, 1)),
        st.datetimes(datetime(2021, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
        st.just("bureau"),
        st.sampled_from(["", "checker"]),
        st.booleans(),
        st.sampled_from(["", "p"]),
    ),
    max_size=12,
)


@given(ENTRIES, st.dates(date(2021, 1, 1), date(2030, 1, 1)))
def test_prefectures_and_the_unallocated_add_up_to_the_province(entries: list[Entry], on: date) -> None:
    for found in (stock(entries, list(Kind), on, NOW), flow(entries, list(Kind), date(2022, 1, 1), on, NOW)):
        assert sum(c.reported for c in found.parts) == found.province.reported
        assert sum(c.verified for c in found.parts) == found.province.verified <= found.province.reported


@given(ENTRIES, st.dates(date(2022, 1, 1), date(2029, 1, 1)))
def test_a_flow_never_shrinks_when_its_window_grows(entries: list[Entry], end: date) -> None:
    kinds = [Kind.GREEN_FIRM]
    short = flow(entries, kinds, date(2022, 1, 1), end, NOW).province.reported
    assert short <= flow(entries, kinds, date(2022, 1, 1), end + timedelta(days=300), NOW).province.reported
