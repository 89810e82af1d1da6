"""The collector of garbage leaves alone what stays, and still finds what does not."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from tanlu.core.collector import collector_paused, set_aside


class Ring:
    """Something that holds itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)


def test_what_is_there_is_set_aside_and_what_is_garbage_already_is_not() -> None:
    stays, garbage = Ring(), Ring()
    gone = weakref.ref(garbage)
    del garbage
    set_aside()
    assert gone() is None
    # the collector knows only what it still looks at
    assert gc.get_freeze_count() > 0
    assert not any(thing is stays for thing in gc.get_objects())


def test_what_comes_later_is_found() -> None:
    set_aside()
    later = Ring()
    gone = weakref.ref(later)
    del later
    gc.collect()
    assert gone() is None


def test_the_collector_runs_again_after_a_pause_even_if_the_work_fails() -> None:
    with pytest.raises(ZeroDivisionError), collector_paused():
        assert not gc.isenabled()
        raise ZeroDivisionError
    assert gc.isenabled()
