"""Where things stand in the Excel template: shared by the writer and the reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tanlu.accounts.rulebook.method import Input

MARK: Final = "tanlu-template-1"
"""First cell of a data sheet; the method follows it, then the set. Other sheets of the template begin with it and a hyphen."""
MARK_ROW: Final = 1
NAME_ROW: Final = 2
HEAD_ROW: Final = 3
EXAMPLE_ROW: Final = 4
LEADING: Final = ("record", "place", "period")
TRAILING: Final = ("source", "grade", "uncertainty", "note")
EXAMPLE: Final = "示例 example"
"""Record of the example row, which is not read; also in CSV templates."""
UNIT_COLUMN: Final = ".unit"
FIXED_UNIT: Final = "|"
LABELLED: Final = " · "
"""Between the word of a choice and its names in a drop-down list."""


def units_of(wanted: Input) -> list[str]:
    """Return the units in which an input may be given, without the place of alternatives where it is one."""
    return list(dict.fromkeys(u for u in wanted.units if u is not None)) or ["1"]


def columns_of(inputs: Sequence[Input]) -> list[str]:
    """Return the names of the columns of a sheet: ``amount|t``, or ``amount`` and ``amount.unit`` where units are alternatives."""
    names: list[str] = []
    for wanted in inputs:
        units = units_of(wanted)
        if wanted.kind == "choice":
            names.append(wanted.name)
        elif len(units) == 1:
            names.append(f"{wanted.name}{FIXED_UNIT}{units[0]}")
        else:
            names += [wanted.name, wanted.name + UNIT_COLUMN]
    return [*LEADING, *names, *TRAILING]
