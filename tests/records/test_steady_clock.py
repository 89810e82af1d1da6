"""A clock that is set back does not open again what was over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tanlu.records.database import Database
from tanlu.records.database import now as machine
from tanlu.records.steady_clock import SteadyClock

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_a_clock_that_is_set_back_is_followed_again_once_it_has_caught_up() -> None:
    """An hour back: after half an hour 15 minutes have passed; after two hours both are at 13:00, by hand."""
    at, passed = [NOON], [0.0]
    clock = SteadyClock(lambda: at[0], elapsed=lambda: passed[0])

    def wait(minutes: int) -> datetime:
        passed[0] += 60 * minutes
        at[0] += timedelta(minutes=minutes)
        return clock()

    at[0] -= timedelta(hours=1)
    assert wait(0) == NOON
    assert wait(30) == NOON + timedelta(minutes=15)
    assert wait(90) == at[0] == NOON + timedelta(hours=1)
    assert wait(5) == at[0]


@given(st.lists(st.tuples(st.integers(-9999, 9999), st.integers(0, 9999)), max_size=20))
def test_time_never_goes_back(steps: list[tuple[int, int]]) -> None:
    at, passed = [NOON], [0.0]
    clock = SteadyClock(lambda: at[0], NOON - timedelta(hours=1), lambda: passed[0])
    seen = []
    for jump, wait in steps:
        at[0] += timedelta(seconds=jump)
        passed[0] += wait
        seen.append(clock())
        assert seen[-1] >= at[0]
    assert seen == sorted(seen)


def test_the_last_entry_of_the_log_is_the_floor_after_a_restart(url: str) -> None:
    later = machine() + timedelta(days=3)
    opened = Database.open(url, clock=lambda: later)
    assert opened.last_time() is None
    with opened.change("system", "test.note", "test:1"):
        pass
    assert opened.last_time() == later
    opened.close()
    again = Database.open(url)
    assert again.clock() >= later
    again.close()
