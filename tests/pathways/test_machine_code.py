"""Machine code on disk: it is made anew when what it was made from has changed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tanlu.accounts import Inventory
from tanlu.commands.pathway import app
from tanlu.core.kept import alone
from tanlu.pathways import Parameters, engine, machine_code, run
from tanlu.pathways.effects import EffectsData, effect_tables, effects
from tanlu.pathways.effects import kernel as effects_kernel
from tanlu.pathways.effects.run import yearly_costs
from tanlu.pathways.engine import ready
from tanlu.pathways.kernel import draw, places
from tanlu.pathways.machine_code import fingerprint

TEXT = """from tanlu.pathways.machine_code import compiler

FACTOR = {factor}

@compiler({stamp})
def scaled(x):
    return FACTOR * x
"""


def test_a_fingerprint_changes_with_any_file_and_any_set_but_not_with_their_order(tmp_path: Path) -> None:
    first, second = tmp_path / "a.py", tmp_path / "b.py"
    first.write_text("x = 1", encoding="utf-8")
    second.write_text("y = 1", encoding="utf-8")
    found = fingerprint([first, second], ("coal", "gas"))
    assert found == fingerprint([second, first], ("coal", "gas"))
    assert found != fingerprint([first, second], ("gas", "coal"))
    second.write_text("y = 2", encoding="utf-8")
    assert found != fingerprint([first, second], ("coal", "gas"))


def test_machine_code_is_taken_from_disk_until_its_fingerprint_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same place on disk: kept with the same fingerprint, even where the text has changed; made anew with another."""
    monkeypatch.syspath_prepend(tmp_path)

    def answer(factor: int, stamp: int) -> tuple[int, int]:
        (tmp_path / "scaled_alone.py").write_text(TEXT.format(factor=factor, stamp=stamp), encoding="utf-8")
        monkeypatch.delitem(sys.modules, "scaled_alone", raising=False)
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        scaled = import_module("scaled_alone").scaled
        return scaled(3), sum(scaled.stats.cache_hits.values())

    assert answer(2, 1) == (6, 0)
    assert answer(5, 1) == (6, 1)
    assert answer(5, 2) == (15, 0)


def test_every_function_of_both_kernels_carries_the_fingerprint_of_all_their_sources() -> None:
    assert draw.simulate._cache._cache_file._source_stamp == places.LAYOUT
    assert effects_kernel.whole._cache._cache_file._source_stamp == effects_kernel.LAYOUT


def test_until_the_machine_code_is_there_the_plain_definition_answers_and_one_process_compiles(
    monkeypatch: pytest.MonkeyPatch, parameters: Parameters
) -> None:
    """The process is not started here: its command line is what counts; `tanlu pathway compile` has a test of its own."""
    begun: list[list[str]] = []
    monkeypatch.setattr(machine_code.subprocess, "Popen", lambda words, **_: begun.append(words))
    monkeypatch.delenv(machine_code.COMPILING, raising=False)
    monkeypatch.setattr(machine_code, "at_hand", lambda _: False)
    machine_code.compile_apart.cache_clear()
    plain = [run(parameters, implementation="ready") for _ in range(2)]
    assert [words[1:] for words in begun] == [["-m", "tanlu", "pathway", "compile", "--json"]]
    assert np.array_equal(plain[0].energy, run(parameters, implementation="reference").energy)
    machine_code.compile_apart.cache_clear()
    monkeypatch.setenv(machine_code.COMPILING, "1")
    run(parameters, implementation="ready")
    assert len(begun) == 1
    machine_code.compile_apart.cache_clear()


def test_a_run_goes_over_to_the_machine_code_as_soon_as_it_is_there(
    monkeypatch: pytest.MonkeyPatch, parameters: Parameters
) -> None:
    """Of five draws the definition computes two pairs, then the kernel the last one: the same as either of them alone."""
    answers: Iterator[str] = iter(())
    monkeypatch.setattr(engine, "ready", lambda: next(answers))
    monkeypatch.setattr(engine, "MEANWHILE", 2)
    levers = parameters.defaults * np.linspace(0.9, 1.0, 5)[:, None]
    for kept in ({"detail": True}, {"detail": False}, {"detail": False, "parts": False}):
        answers = iter(["reference", "reference", "kernel"])
        found = run(parameters, levers, **kept)
        for implementation in ("kernel", "reference"):
            wanted = run(parameters, levers, implementation=implementation, **kept)
            for f in fields(found):
                one, other = getattr(found, f.name), getattr(wanted, f.name)
                assert one.shape == other.shape
                assert np.allclose(one, other, rtol=1e-9, atol=1e-9), f.name


def test_costs_alone_are_those_of_the_definition(
    monkeypatch: pytest.MonkeyPatch, parameters: Parameters, side: EffectsData, inventory: Inventory
) -> None:
    tables = effect_tables(side, parameters, inventory)
    result = run(parameters, np.tile(parameters.defaults, (2, 1)))
    plain = yearly_costs(result, tables, implementation="reference")
    assert np.allclose(plain, effects(result, tables, implementation="reference").costs.total, rtol=1e-12)
    assert np.allclose(plain, yearly_costs(result, tables, implementation="kernel"), rtol=1e-9)


def test_machine_code_at_hand_is_used(parameters: Parameters) -> None:
    run(parameters)
    assert machine_code.at_hand(draw.simulate)
    assert ready() == "kernel"


def test_of_several_processes_that_a_command_began_the_first_compiles(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TANLU_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv(machine_code.COMPILING, "1")
    with alone("pathway-compile", wait=False):
        done = CliRunner().invoke(app, ["compile", "--json"])
    assert done.exit_code == 0 and done.stdout == ""


def test_the_command_makes_the_machine_code_and_asks_no_other_process_to(monkeypatch: pytest.MonkeyPatch) -> None:
    # the command sets it, and what was there before is to come back
    monkeypatch.setenv(machine_code.COMPILING, "1")
    monkeypatch.delenv(machine_code.COMPILING)
    done = CliRunner().invoke(app, ["compile", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["cpu_seconds"] >= 0
    assert machine_code.at_hand(draw.simulate) and machine_code.at_hand(effects_kernel.whole)
