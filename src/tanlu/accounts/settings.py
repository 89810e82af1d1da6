"""How an inventory is made: the settings of a province, read from ``accounts/inventory.yaml`` and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tanlu.accounts.records import SECTORS
from tanlu.core.errors import DataError, Problem
from tanlu.core.province import Province, check_keys, read_yaml

FILE: Final = "accounts/inventory.yaml"


@dataclass(frozen=True, slots=True)
class Fuel:
    """A fuel: its columns in the balance and where its carbon comes from.

    ``subject`` names factors of the province's factor set; ``mix`` weighs the factors of several subjects by a fact variable each;
    with neither the fuel has no fossil CO2 of its own. ``error`` is the relative standard uncertainty of its CO2 factor.
    """

    name: str
    columns: tuple[str, ...]
    subject: str = ""
    mix: Mapping[str, str] = field(default_factory=dict)
    error: float = 0.0


@dataclass(frozen=True, slots=True)
class Driver:
    """A driver of the years without a balance.

    ``variables`` holds (variable, unit, multiplier), tried in order; ``growth`` names a variable of yearly growth [%/yr] instead.
    ``elasticity`` None means: estimate it, with ``fallback`` where it cannot be told. ``volatility`` as in `drivers.bridge_error`;
    ``own_volatility`` is that of the single category around what the driver says, see `allocation.held_total`.
    """

    name: str
    variables: tuple[tuple[str, str, float], ...] = ()
    growth: str = ""
    elasticity: float | None = None
    fallback: float = 1.0
    volatility: float = 0.0
    own_volatility: float = 0.0
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A row of the balance and where its energy goes; with ``split`` it goes to the branches of that split."""

    row: str
    error: float
    sign: int = 1
    less: str = ""
    sector: str = ""
    category: str = ""
    driver: str = ""
    split: str = ""
    fuels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of industry; ``shares`` holds assumed shares of fuels for which no split is published."""

    name: str
    sector: str
    category: str
    driver: str
    shares: Mapping[str, float]
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Split:
    """How a row is divided: the variable of the shares, and the branches."""

    variable: str
    error: float
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Electricity:
    """Electricity by sector: the variable of the yearly total, and the reports by sector of one year."""

    total: str
    year_of_reports: int
    reports: tuple[tuple[str, tuple[str, ...]], ...]
    error: float


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of the inventory of a province."""

    complete_balances: tuple[int, ...]
    fuels: Mapping[str, Fuel]
    drivers: Mapping[str, Driver]
    cells: tuple[Cell, ...]
    splits: Mapping[str, Split]
    electricity: Electricity


_KEYS: Final[dict[str, tuple[set[str], set[str]]]] = {  # allowed, required
    "fuels": ({"columns", "subject", "mix", "error"}, {"columns"}),
    "drivers": (
        {"variables", "growth", "elasticity", "fallback", "volatility", "own_volatility", "zh", "en"},
        {"volatility", "own_volatility", "zh", "en"},
    ),
    "cells": ({"row", "error", "sign", "less", "sector", "category", "driver", "split", "fuels"}, {"row", "error"}),
    "splits": ({"variable", "error", "branches"}, {"variable", "error", "branches"}),
    "branches": (
        {"sector", "category", "driver", "shares", "zh", "en"},
        {"sector", "category", "driver", "shares", "zh", "en"},
    ),
    "electricity": ({"total", "year_of_reports", "reports", "error"}, {"total", "year_of_reports", "reports", "error"}),
}
_TOP: Final = {"complete_balances", "fuels", "drivers", "cells", "splits", "electricity"}


def _check(data: Any, problems: list[Problem]) -> bool:
    """Check keys at every level; return whether the data can be turned into settings."""
    if not check_keys(data, _TOP, _TOP, FILE, problems):
        return False
    entries = [("fuels", e) for e in data["fuels"].values()] + [("drivers", e) for e in data["drivers"].values()]
    entries += [("cells", e) for e in data["cells"]] + [("electricity", data["electricity"])]
    entries += [("splits", e) for e in data["splits"].values()]
    entries += [("branches", b) for s in data["splits"].values() for b in s.get("branches", {}).values()]
    # every entry is checked, so that all problems are found
    sound = [check_keys(entry, *_KEYS[kind], FILE, problems) for kind, entry in entries]
    return all(sound)


def _references(settings: Settings, province: Province, problems: list[Problem]) -> None:
    """Check that drivers, fuels, splits and factors that are named exist."""

    def known(value: str, names: Any, where: str) -> None:
        if value not in names:
            details = {"refers_to": where, "some": ", ".join(list(names)[:6])}
            problems.append(Problem("unknown_choice", FILE, field=where, value=value, details=details))

    branches = [b for s in settings.splits.values() for b in s.branches]
    for cell in settings.cells:
        known(cell.split, settings.splits, "splits") if cell.split else known(cell.driver, settings.drivers, "drivers")
        for name in cell.fuels:
            known(name, settings.fuels, "fuels")
    for branch in branches:
        known(branch.driver, settings.drivers, "drivers")
    variables = {v for v, _, _ in province.facts}
    for driver in settings.drivers.values():
        for name in [v for v, _, _ in driver.variables] + ([driver.growth] if driver.growth else []):
            if name not in variables:
                problems.append(Problem("missing_series", FILE, field=f"drivers.{driver.name}", value=name))
    problems.extend(_missing_rows(settings, variables))
    for cell in settings.cells:
        for sector in [] if cell.split else [cell.sector]:
            known(sector, SECTORS, "sectors")
    for branch in branches:
        known(branch.sector, SECTORS, "sectors")
    for fuel in settings.fuels.values():
        for subject in [fuel.subject, *fuel.mix] if fuel.subject or fuel.mix else []:
            for parameter in ("carbon_content", "oxidation_factor") if subject else ():
                known(factor_id(province, parameter, subject), province.factors, "factors.csv")


def _missing_rows(settings: Settings, variables: set[str]) -> list[Problem]:
    """A row or column of the balance that is misspelt would be taken for energy that is not used: it must have a fact."""
    rows, columns = set(), set()
    for variable in variables:
        row, _, column = variable.rpartition("|")
        rows.add(row)
        columns.add(column)
    wanted = [(f"cells.{c.row}", row, rows) for c in settings.cells for row in (c.row, c.less) if row]
    wanted += [(f"fuels.{f.name}.columns", column, columns) for f in settings.fuels.values() for column in f.columns]
    wanted += [(f"fuels.{f.name}.mix", v, variables) for f in settings.fuels.values() for v in f.mix.values()]
    for name, split in settings.splits.items():
        shares = {split.variable.format(fuel=f, branch=b.name) for f in settings.fuels for b in split.branches}
        wanted.append((f"splits.{name}", split.variable, {split.variable} if shares & variables else set()))
    power = settings.electricity
    wanted += [("electricity", v, variables) for v in (power.total, *(report for report, _ in power.reports))]
    return [
        Problem("missing_series", FILE, field=where, value=name) for where, name, known in wanted if name not in known
    ]


def factor_id(province: Province, parameter: str, subject: str) -> str:
    """Return the id of a factor of the province's factor set."""
    return f"{province.settings['factor_set']}.{parameter}.{subject}"


def load_settings(province: Province) -> Settings:
    """Read and check the inventory settings of a province.

    Raises
    ------
    DataError
        With every problem of the file.
    """
    problems: list[Problem] = []
    data = read_yaml(province.folder / Path(FILE), province.folder, problems)
    if problems or not _check(data, problems):
        raise DataError(problems)
    settings = Settings(
        complete_balances=tuple(data["complete_balances"]),
        fuels={n: Fuel(n, tuple(f.pop("columns")), **f) for n, f in data["fuels"].items()},
        drivers={
            n: Driver(n, tuple((v, u, float(m)) for v, u, m in d.pop("variables", [])), **d)
            for n, d in data["drivers"].items()
        },
        cells=tuple(Cell(**{**c, "fuels": tuple(c.get("fuels", ()))}) for c in data["cells"]),
        splits={
            n: Split(s["variable"], s["error"], tuple(Branch(b, **spec) for b, spec in s["branches"].items()))
            for n, s in data["splits"].items()
        },
        electricity=Electricity(
            data["electricity"]["total"],
            data["electricity"]["year_of_reports"],
            tuple((v, tuple(sectors)) for v, sectors in data["electricity"]["reports"]),
            data["electricity"]["error"],
        ),
    )
    _references(settings, province, problems)
    if problems:
        raise DataError(problems)
    return settings
