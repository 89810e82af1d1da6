"""Working days: days that the notices of the State Council name, and the invariants of counting."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.core.errors import DataError
from tanlu.records.workdays import (
    Calendar,
    Term,
    add_workdays,
    calendar,
    calendar_in,
    end_of_day,
    in_time,
    is_workday,
    local_day,
    read_calendar,
    workdays_between,
)

days = st.dates(date(2022, 3, 1), date(2026, 10, 1))


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2024-02-09", True),  # the eve of 2024 was a working day; only 2025 made it a holiday
        ("2025-01-28", False),
        ("2025-01-26", True),  # a Sunday
        ("2023-12-31", False),  # a Sunday like any other
        ("2026-02-14", True),  # a Saturday
        ("2026-10-07", False),
        ("2026-10-10", True),  # a Saturday
        ("2026-11-28", False),  # a Saturday
        ("2022-12-31", False),
    ],
)
def test_days_of_the_notices(day: str, worked: bool) -> None:
    assert is_workday(date.fromisoformat(day)) is worked


def test_working_days_of_a_year_by_hand() -> None:
    """2025 has 104 days on week-ends; 18 holidays of the notice fall on Monday to Friday, and 5 days are made up: 365 − 104 − 18 + 5.

    Weekdays off: 1 January; 28–31 January, 3–4 February; 4 April; 1, 2, 5 May; 2 June; 1–3, 6–8 October.
    """
    assert workdays_between(date(2024, 12, 31), date(2025, 12, 31)) == 248


@pytest.mark.parametrize(("year", "statutory"), [(2022, 11), (2023, 11), (2024, 11), (2025, 13), (2026, 13)])
def test_make_up_days_leave_the_statutory_holidays(year: int, statutory: int) -> None:
    """Bridged days are worked on other days, so what is left off is the statutory number (11 days, 13 from 2025 on).

    A holiday that falls on a week-end is moved to another day. The New Year span of 2023 took its make-up on Saturday 31 December 2022.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    week_ends = sum((first + timedelta(i)).weekday() >= 5 for i in range((last - first).days + 1))
    worked = sum(is_workday(first + timedelta(i)) for i in range((last - first).days + 1))
    assert (last - first).days + 1 - week_ends - statutory == worked


def test_public_notice_of_five_working_days_over_the_national_day() -> None:
    """From Tuesday 29 September 2026: 30 September, then 8, 9, 10 (make-up Saturday) and 12 October."""
    assert add_workdays(date(2026, 9, 29), 5) == date(2026, 10, 12)


def test_a_year_without_a_notice_is_refused() -> None:
    with pytest.raises(DataError) as error:
        is_workday(date(2021, 6, 1))
    assert error.value.problems[0].code == "no_calendar"
    with pytest.raises(DataError):
        add_workdays(date(max(calendar().years), 12, 30), 10)


@given(days, st.integers(1, 30))
def test_adding_and_counting_agree(day: date, count: int) -> None:
    end = add_workdays(day, count)
    assert is_workday(end) and workdays_between(day, end) == count
    start = add_workdays(day, -count)
    assert is_workday(start) and workdays_between(start, day) == count - (not is_workday(day))


@given(days, days, days)
def test_counts_add_up(a: date, b: date, c: date) -> None:
    assert workdays_between(a, b) + workdays_between(b, c) == workdays_between(a, c)


def test_a_deadline_is_inclusive_to_the_second_in_shanghai() -> None:
    deadline = end_of_day(date(2026, 3, 31))
    assert deadline == datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC)
    assert in_time(deadline + timedelta(microseconds=999_999), deadline)
    assert not in_time(deadline + timedelta(seconds=1), deadline)
    assert local_day(deadline) == date(2026, 3, 31)
    assert local_day(deadline + timedelta(seconds=1)) == date(2026, 4, 1)
    with pytest.raises(ValueError):
        local_day(datetime(2026, 3, 31))


def test_all_faults_of_a_table_are_told(tmp_path: Path) -> None:
    file = tmp_path / "workdays.csv"
    head = "first,last,kind,zh,en,source,url\n"
    rows = "2030-01-02,2030-01-01,holiday,元旦,New Year,x,\n30,2030-01-01,holiday,元旦,New Year,x,\n"
    rows += "2030-01-05,2030-01-06,workday,a,a,x,\n2030-01-06,2030-01-06,holiday,a,a,x,\n"
    file.write_text(head + rows, encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_calendar(file)
    assert [p.code for p in error.value.problems] == ["span_backward", "not_a_date", "day_twice"]


def test_a_workspace_adds_the_years_that_were_published_since(tmp_path: Path) -> None:
    known = max(calendar_in(tmp_path).years)
    with pytest.raises(DataError) as told:
        calendar_in(tmp_path).add(date(known, 12, 30), 5)
    assert told.value.problems[0].code == "no_calendar"
    assert "workdays.csv" in told.value.problems[0].text("en")
    head = "first,last,kind,zh,en,source,url"
    rows = f"{known + 1}-01-01,{known + 1}-01-01,holiday,元旦,New Year,通知,\n"
    (tmp_path / "workdays.csv").write_text(f"{head}\n{rows}", encoding="utf-8")
    # 31 December, then 2 January and the working days after it: New Year itself does not count
    expected, left, day = [], 3, date(known, 12, 30)
    while left:
        day += timedelta(days=1)
        if day.weekday() < 5 and (day.month, day.day) != (1, 1):
            expected.append(day)
            left -= 1
    assert calendar_in(tmp_path).add(date(known, 12, 30), 3) == expected[-1]


def test_a_workspace_does_not_contradict_the_calendar_of_the_package(tmp_path: Path) -> None:
    head = "first,last,kind,zh,en,source,url"
    (tmp_path / "workdays.csv").write_text(f"{head}\n2026-10-01,2026-10-01,workday,x,x,x,\n", encoding="utf-8")
    with pytest.raises(DataError) as told:
        calendar_in(tmp_path)
    assert (told.value.problems[0].code, told.value.problems[0].value) == ("day_twice", "2026-10-01")


def test_a_term_looks_ahead_and_says_so() -> None:
    """From Wednesday 30 December 2026, five days: 31, then by weekends 1, 4, 5, 6 January; what is known needs no such word."""
    known = Calendar(frozenset({2025, 2026}), {date(2026, 10, 1): False})
    assert known.term(date(2026, 12, 30), 5) == Term(date(2027, 1, 6), (2027,))
    assert known.term(date(2026, 9, 30), 1) == Term(date(2026, 10, 2))
    assert known.term(date(2026, 12, 30), 1) == Term(date(2026, 12, 31))
    with pytest.raises(DataError):
        known.term(date(2024, 12, 30), 5)
    with pytest.raises(ValueError, match="forward"):
        known.term(date(2026, 1, 5), -1)


@given(days, st.integers(0, 30))
def test_a_term_within_the_known_years_is_what_add_gives(day: date, count: int) -> None:
    assert calendar().term(day, count) == Term(calendar().add(day, count))
