"""Copies of the systems in `systems/` with changes, and what is told of them."""

from __future__ import annotations

import shutil
from pathlib import Path

from tanlu.core.errors import DataError, Problem
from tanlu.energy.reading import read_system

SYSTEMS = Path(__file__).parent / "systems"


def copied(name: str, target: Path) -> Path:
    """Return a copy of a system that can be changed."""
    return Path(shutil.copytree(SYSTEMS / name, target / name))


def change(file: Path, old: str, new: str) -> None:
    """Replace a text that must be there."""
    text = file.read_text(encoding="utf-8")
    assert old in text, old
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def line_of(file: Path, text: str) -> int:
    """Return the line on which a text first stands."""
    return next(n for n, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1) if text in line)


def faults(folder: Path) -> list[Problem]:
    """Return what is wrong with a folder."""
    try:
        read_system(folder)
    except DataError as error:
        return list(error.problems)
    return []
