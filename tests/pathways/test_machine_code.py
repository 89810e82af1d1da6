"""Until the kernels are compiled, first answers come from the definition and nobody waits for the compiler."""

from __future__ import annotations

from pathlib import Path

import pytest

from tanlu.pathways import machine_code


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A machine where nothing is compiled; returns the processes that are started."""
    started: list[list[str]] = []

    class Process:
        def __init__(self, command: list[str], **_: object) -> None:
            started.append(command)

    monkeypatch.setattr(machine_code, "mark", lambda part: tmp_path / "cache" / f"{part}.ready")
    monkeypatch.setattr(machine_code.subprocess, "Popen", Process)
    monkeypatch.setattr(machine_code, "_started", [])
    return started


def test_the_definition_answers_while_one_process_compiles(empty: list[list[str]]) -> None:
    assert [machine_code.soonest() for _ in range(3)] == ["reference"] * 3
    assert machine_code.soonest("effects") == "reference"
    assert [command[1:] for command in empty] == [["-m", "tanlu.pathways.machine_code"]]


def test_the_kernel_answers_once_it_is_compiled(empty: list[list[str]]) -> None:
    machine_code.compiled("engine")
    assert machine_code.soonest() == "kernel"
    assert machine_code.soonest("effects", start=False) == "reference"
    assert empty == []


def test_other_source_has_another_mark() -> None:
    assert machine_code.mark("engine").name != machine_code.mark("effects").name
    assert machine_code.mark("engine").suffix == ".ready"
