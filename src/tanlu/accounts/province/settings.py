"""How an inventory is made: the settings of a province, read from ``accounts/inventory.yaml`` and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from tanlu.accounts.province.references import reference_problems
from tanlu.accounts.province.shape import check_shape
from tanlu.accounts.province.spec import (
    Branch,
    ByHours,
    Cell,
    CombustionGas,
    Driver,
    Electricity,
    Fuel,
    Imports,
    Output,
    Settings,
    Split,
)
from tanlu.core.errors import DataError, Problem
from tanlu.core.province import Province, read_yaml

__all__ = ["FILE", "Settings", "load_settings"]

FILE: Final = "accounts/inventory.yaml"


def load_settings(province: Province) -> Settings:
    """Read and check the inventory settings of a province.

    Raises
    ------
    DataError
        With every problem of the file.
    """
    problems: list[Problem] = []
    data = read_yaml(province.folder / Path(FILE), province.folder, problems)
    if problems or not check_shape(data, FILE, problems):
        raise DataError(problems)
    settings = _settings(data)
    problems = reference_problems(settings, province, FILE)
    if problems:
        raise DataError(problems)
    return settings


def _settings(data: dict[str, Any]) -> Settings:
    """Return settings from data of the right shape."""
    power, bought = data.get("electricity"), data.get("imports")
    return Settings(
        complete_balances=tuple(data.get("complete_balances", ())),
        fuels={n: Fuel(n, **{**f, "columns": tuple(f["columns"])}) for n, f in data.get("fuels", {}).items()},
        drivers={n: _driver(n, d) for n, d in data.get("drivers", {}).items()},
        cells=tuple(Cell(**{**c, "fuels": tuple(c.get("fuels", ()))}) for c in data.get("cells", ())),
        splits={
            n: Split(s["error"], tuple(Branch(b, **spec) for b, spec in s["branches"].items()), s.get("variable", ""))
            for n, s in data.get("splits", {}).items()
        },
        electricity=_electricity(power) if power else None,
        combustion_gases=tuple(CombustionGas(**g) for g in data.get("combustion_gases", ())),
        outputs=tuple(_output(o) for o in data.get("outputs", ())),
        imports=_imports(bought) if bought else None,
    )


def _driver(name: str, entry: dict[str, Any]) -> Driver:
    variables = tuple((variable, unit, float(factor)) for variable, unit, factor in entry.get("variables", ()))
    return Driver(name, **{**entry, "variables": variables})


def _electricity(entry: dict[str, Any]) -> Electricity:
    reports = tuple((variable, tuple(sectors)) for variable, sectors in entry.get("reports", ()))
    return Electricity(**{**entry, "reports": reports})


def _output(entry: dict[str, Any]) -> Output:
    named = {key: _ids(entry.get(key, {})) for key in ("factors", "scale")}
    return Output(**{**entry, **named})


def _ids(roles: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return {role: (ids,) if isinstance(ids, str) else tuple(ids) for role, ids in roles.items()}


def _imports(entry: dict[str, Any]) -> Imports:
    return Imports(
        use=entry["use"],
        generation=tuple(entry["generation"]),
        grid=entry["grid"],
        also=tuple(entry.get("also", ())),
        by_hours=tuple(ByHours(**h) for h in entry.get("by_hours", ())),
    )
