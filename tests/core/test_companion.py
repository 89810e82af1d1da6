"""A companion does what is asked in another process, tells what went wrong, and comes back when it was ended."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tanlu.charts import render
from tanlu.core.companion import Companion
from tanlu.core.errors import DataError
from tanlu.core.province import load_province
from tanlu.core.units import parse_unit

SPEC = {
    "data": {"values": [{"a": 1}]},
    "mark": "point",
    "encoding": {"x": {"field": "a", "type": "quantitative"}},
}


@pytest.fixture
def companion() -> Iterator[Companion]:
    made = Companion()
    yield made
    made.end()


def test_a_function_runs_in_another_process(companion: Companion) -> None:
    assert companion.process is None
    assert companion.do(parse_unit, "GWh") == parse_unit("GWh")
    assert companion.process not in (None, os.getpid())


def test_what_is_wrong_with_data_comes_back_as_it_was_raised(companion: Companion, tmp_path: Path) -> None:
    with pytest.raises(DataError) as here:
        load_province(tmp_path)
    with pytest.raises(DataError) as there:
        companion.do(load_province, tmp_path)
    assert [str(p) for p in there.value.problems] == [str(p) for p in here.value.problems]


def test_another_fault_is_told_and_the_companion_goes_on(companion: Companion) -> None:
    with pytest.raises(RuntimeError, match="no_such_unit"):
        companion.do(parse_unit, "no_such_unit")
    assert companion.do(parse_unit, "t") == parse_unit("t")


def test_a_function_of_another_package_is_refused(companion: Companion) -> None:
    with pytest.raises(RuntimeError, match="not a function of tanlu"):
        companion.do(os.getcwd)


def test_one_that_was_killed_is_started_again(companion: Companion) -> None:
    companion.do(parse_unit, "t")
    first = companion.process
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert companion.do(parse_unit, "t") == parse_unit("t")
    assert companion.process != first


def test_it_ends_when_nobody_asks() -> None:
    companion = Companion(idle=0.05)
    companion.do(parse_unit, "t")
    for _ in range(200):
        if companion.process is None:
            break
        time.sleep(0.05)
    assert companion.process is None


def test_pictures_drawn_beside_are_those_drawn_here(companion: Companion, monkeypatch: pytest.MonkeyPatch) -> None:
    here = render.to_svg(SPEC), render.to_png(SPEC)
    monkeypatch.setattr(render.BESIDE, "_companion", companion)
    assert (render.to_svg(SPEC), render.to_png(SPEC)) == here
