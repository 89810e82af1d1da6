"""Which surveys and factors the forest of a province is computed with: read from ``land/forest.yaml`` and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tanlu.core.errors import DataError, Problem
from tanlu.core.province import Province, check_keys, read_yaml
from tanlu.core.units import conversion_factor

FILE: Final = "land/forest.yaml"
VOLUME: Final = "10^6 m3"
ROLES: Final[Mapping[str, str]] = {"density": "t/m3", "expansion": "1", "root_shoot": "1", "carbon": "t C/t"}
"""Unit of the factor of each role of the stock change, in the order in which `biomass_change_by_volume` takes them."""
_KEYS: Final = ("surveys", "survey_error", "factors")


@dataclass(frozen=True, slots=True)
class ForestSettings:
    """How forest biomass is computed.

    ``surveys`` names variables of stem volume, each of one definition: stocks are compared only within a variable. ``survey_error`` is the
    relative standard uncertainty of the volume of one survey. ``factors`` holds the factor id of each of `ROLES`.
    """

    surveys: tuple[str, ...]
    survey_error: float
    factors: Mapping[str, str]


def load_forest(province: Province) -> ForestSettings | None:
    """Read the forest settings of a province; None if it has none.

    Raises
    ------
    DataError
        With every problem of the file.
    """
    path = province.folder / Path(FILE)
    if not path.is_file():
        return None
    problems: list[Problem] = []
    data = read_yaml(path, province.folder, problems)
    if not problems and _check_shape(data, problems):
        problems.extend(_references(data, province))
    if problems:
        raise DataError(problems)
    return ForestSettings(tuple(data["surveys"]), float(data["survey_error"]), dict(data["factors"]))


def _check_shape(data: Any, problems: list[Problem]) -> bool:
    if not isinstance(data, dict):
        problems.append(Problem("not_a_mapping", FILE, field="forest"))
        return False
    before = len(problems)
    check_keys(data, _KEYS, _KEYS, FILE, problems)
    surveys, error, factors = (data.get(k) for k in _KEYS)
    if surveys is not None and not (isinstance(surveys, list) and all(isinstance(s, str) for s in surveys)):
        problems.append(Problem("not_a_list", FILE, field="surveys", value=str(surveys)[:40]))
    if error is not None and (isinstance(error, bool) or not isinstance(error, int | float)):
        problems.append(Problem("not_a_number", FILE, field="survey_error", value=str(error)[:40]))
    if isinstance(factors, dict):
        check_keys(factors, ROLES, ROLES, FILE, problems)
    elif factors is not None:
        problems.append(Problem("not_a_mapping", FILE, field="factors", value=str(factors)[:40]))
    return len(problems) == before


def _references(data: Mapping[str, Any], province: Province) -> list[Problem]:
    """Surveys and factors must exist and be measured in the right kind of unit."""
    units = {f.variable: f.unit for f in province.facts.values() if f.region == province.id}
    problems, pairs = [], []
    for variable in data["surveys"]:
        if variable in units:
            pairs.append(("surveys", units[variable], VOLUME))
        else:
            problems.append(Problem("missing_series", FILE, field="surveys", value=variable))
    for role, unit in ROLES.items():
        name = str(data["factors"][role])
        if name in province.factors:
            pairs.append((f"factors.{role}", province.factors[name].unit, unit))
        else:
            details = {"refers_to": "factors.csv", "some": ", ".join(list(province.factors)[:6])}
            problems.append(Problem("unknown_choice", FILE, field=f"factors.{role}", value=name, details=details))
    for field, found, wanted in pairs:
        try:
            conversion_factor(found, wanted)
        except ValueError:
            problems.append(Problem("wrong_unit", FILE, field=field, value=found, details={"wanted": wanted}))
    return problems
