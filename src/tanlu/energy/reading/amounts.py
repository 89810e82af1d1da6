"""Numbers with units as people write them, in the units in which components hold them."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from tanlu.core.units import IncompatibleUnitsError, conversion_factor, parse_unit

_WRITTEN: Final = re.compile(r"^([+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\d.,])|(?:inf|nan)\b))\s*(.*)$")
_TONNE: Final = re.compile(r"(?<![\w ])t(?![\w ])")


def split_amount(text: str) -> tuple[float, str] | None:
    """Return number and unit of ``3500 CNY/kW``, ``8GW`` or ``0.9``; None for what is no amount."""
    found = _WRITTEN.match(text.strip())
    if found is None:
        return None
    return float(found.group(1)), found.group(2).strip()


def by_mass(unit: str) -> str:
    """Return the unit of a parameter for a carrier that is counted by mass: t instead of MWh, t/h instead of MW."""
    first, *below = unit.split("/")
    first = {"MW": "t/h", "MWh": "t"}.get(first, first)
    return "/".join([first, *({"MW": "(t/h)", "MWh": "t"}.get(part, part) for part in below)])


@cache
def factor_to(unit: str, target: str) -> tuple[float, bool]:
    """Return the factor from a written unit to that of a parameter, and whether what was written is for a kilometre.

    Accepted are also tonnes of CO2 where tonnes are meant, amounts of a year without ``/a``, and numbers of or for vehicles.

    Raises
    ------
    UnknownUnitError
        When the unit is outside the vocabulary.
    IncompatibleUnitsError
        When it measures something else.
    """
    parse_unit(unit)
    for accepted, per_length in _accepted(target):
        try:
            return conversion_factor(unit, accepted), per_length
        except IncompatibleUnitsError:
            continue
    raise IncompatibleUnitsError(f"{unit!r} cannot be expressed in {target!r}")


@cache
def _accepted(target: str) -> tuple[tuple[str, bool], ...]:
    """Return the units that may be written for a parameter, and whether each is for a kilometre."""
    wanted = [target]
    if target in {"MWh/a", "t/a"}:
        wanted.append(target.removesuffix("/a"))
    if target == "1":
        wanted.append("vehicles")
    if target in {"MW", "MWh", "MWh/a"}:
        wanted.append(f"{target}/vehicles")
    wanted += [_TONNE.sub("t CO2", unit) for unit in wanted if _TONNE.search(unit)]
    lengths = [f"{target}/km"] if target in {"1", "CNY/MW", "CNY/MW/a"} else []
    return (*((unit, False) for unit in wanted), *((unit, True) for unit in lengths))
