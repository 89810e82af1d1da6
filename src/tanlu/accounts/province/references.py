"""What inventory settings name must exist: series with the right unit, factors, drivers, sectors, formulas and categories."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import Final

from tanlu.accounts.province.formulas import Formula, formula, formula_names
from tanlu.accounts.province.records import SECTORS
from tanlu.accounts.province.spec import Branch, Driver, Output, Settings, Split
from tanlu.core.errors import Problem
from tanlu.core.messages import catalogue
from tanlu.core.province import Province
from tanlu.core.units import conversion_factor

FUELS: Final = ("coal", "coke", "coke_oven_gas", "oil", "natural_gas", "electricity", "heat", "other")
"""Names of fuels that the rooms above know."""
GRID_PARAMETER: Final = "co2_factor"
SHARES_WITHIN: Final = 1e-3
"""How far the assumed shares of a fuel may be from adding up to 1."""


def factor_id(province: Province, parameter: str, subject: str) -> str:
    """Return the id of a factor of the province's factor set."""
    return f"{province.settings['factor_set']}.{parameter}.{subject}"


class _Finder:
    """Collects what settings name and a province folder does not hold."""

    def __init__(self, province: Province, file: str) -> None:
        self.province, self.file = province, file
        self.problems: list[Problem] = []
        self.units: dict[str, str] = {}
        for fact in province.facts.values():
            if fact.region == province.id:
                self.units.setdefault(fact.variable, fact.unit)

    def report(self, code: str, where: str, value: str, **details: object) -> None:
        problem = Problem(code, self.file, field=where, value=value, details=details)
        if problem not in self.problems:
            self.problems.append(problem)

    def name(self, value: str, names: Collection[str], where: str) -> None:
        if value not in names:
            self.report("unknown_choice", where, value, refers_to=where, some=", ".join(list(names)[:6]))

    def series(self, variable: str, where: str, unit: str = "") -> None:
        if variable not in self.units:
            self.report("missing_series", where, variable)
        elif unit:
            self.unit(self.units[variable], unit, where)

    def factor(self, name: str, unit: str = "") -> None:
        self.name(name, self.province.factors, "factors.csv")
        if unit and name in self.province.factors:
            self.unit(self.province.factors[name].unit, unit, name)

    def unit(self, found: str, wanted: str, where: str) -> None:
        try:
            conversion_factor(found, wanted)
        except ValueError:
            self.report("wrong_unit", where, found, wanted=wanted)

    def category(self, code: str, where: str) -> None:
        self.name(code, _categories(), f"{where}.category" if where else "category")


@cache
def _categories() -> tuple[str, ...]:
    """Return the codes of all categories; the catalogue has thousands of keys, and hundreds of rows ask."""
    return tuple(k.partition(".")[2] for k in catalogue() if k.startswith("category."))


def reference_problems(settings: Settings, province: Province, file: str) -> list[Problem]:
    """Return a problem for everything that settings name and the folder does not hold, or holds in another kind of unit."""
    finder = _Finder(province, file)
    _check_energy(settings, finder)
    for driver in settings.drivers.values():
        for variable, unit, _ in driver.variables:
            finder.series(variable, f"drivers.{driver.name}", unit)
        if driver.growth:
            finder.series(driver.growth, f"drivers.{driver.name}", "%/yr")
    _check_rows(settings, finder)
    _check_electricity(settings, finder)
    for gas in settings.combustion_gases:
        where = f"combustion_gases.{gas.category}"
        finder.category(gas.category, where)
        finder.name(gas.gas, ("CH4", "N2O"), f"{where}.gas")
        for fuel, factor in gas.factors.items():
            finder.name(fuel, settings.fuels, "fuels")
            finder.factor(factor, f"kg {gas.gas}/TJ")
    for output in settings.outputs:
        _check_output(output, settings, finder)
    _check_repeats(settings, finder)
    return finder.problems


def _check_energy(settings: Settings, finder: _Finder) -> None:
    """Cells, branches and fuels."""
    for cell in settings.cells:
        where = f"cells.{cell.row}"
        for name in cell.fuels:
            finder.name(name, settings.fuels, "fuels")
        if cell.split:
            finder.name(cell.split, settings.splits, "splits")
        else:
            finder.name(cell.driver, settings.drivers, "drivers")
            finder.name(cell.sector, SECTORS, "sectors")
            finder.category(cell.category, where)
    branches: list[Branch] = [b for s in settings.splits.values() for b in s.branches]
    for branch in branches:
        finder.name(branch.driver, settings.drivers, "drivers")
        finder.name(branch.sector, SECTORS, "sectors")
        finder.category(branch.category, f"branches.{branch.name}")
    for fuel in settings.fuels.values():
        finder.name(fuel.name, FUELS, "fuels")
        for subject in (s for s in (fuel.subject, *fuel.mix) if s):
            for parameter, unit in (("carbon_content", "t C/GJ"), ("oxidation_factor", "1")):
                finder.factor(factor_id(finder.province, parameter, subject), unit)


def _check_rows(settings: Settings, finder: _Finder) -> None:
    """A row or column of the balance that is misspelt would be taken for energy that is not used: it must have a fact."""
    rows, columns = set(), set()
    for variable in finder.units:
        row, _, column = variable.rpartition("|")
        rows.add(row)
        columns.add(column)
    for cell in settings.cells:
        for row in (r for r in (cell.row, cell.less) if r):
            if row not in rows:
                finder.report("missing_series", f"cells.{cell.row}", row)
            for column in {c for f in settings.fuels.values() for c in f.columns}:
                if f"{row}|{column}" in finder.units:
                    finder.series(f"{row}|{column}", f"cells.{cell.row}", "PJ")
    for fuel in settings.fuels.values():
        for column in fuel.columns:
            if column not in columns:
                finder.report("missing_series", f"fuels.{fuel.name}.columns", column)
        for variable in fuel.mix.values():
            finder.series(variable, f"fuels.{fuel.name}.mix", "kt CO2")
    for name, split in settings.splits.items():
        _check_split(name, split, settings, finder)


def _check_split(name: str, split: Split, settings: Settings, finder: _Finder) -> None:
    """A fuel is divided by published shares or by assumed ones that add up to 1: otherwise part of it would vanish."""
    where, published = f"splits.{name}", dict[str, set[str]]()
    fuels = {f for c in settings.cells if c.split == name for f in c.fuels or settings.fuels}
    for fuel in settings.fuels:
        try:
            names = {split.variable.format(fuel=fuel, branch=b.name) for b in split.branches}
        except (KeyError, IndexError, ValueError):
            names = set()
        published[fuel] = names & finder.units.keys()
        for variable in sorted(published[fuel]):
            finder.series(variable, where, "1")
    if split.variable and not any(published.values()):
        finder.report("missing_series", where, split.variable)
    for fuel in sorted(f for f in fuels if f in published and not published[f]):
        total = sum(b.shares.get(fuel, 0.0) for b in split.branches)
        if abs(total - 1) > SHARES_WITHIN:
            finder.report("shares_sum", where, fuel, total=f"{total:g}")


def _check_electricity(settings: Settings, finder: _Finder) -> None:
    """Electricity by sector, and electricity from other provinces."""
    power, bought = settings.electricity, settings.imports
    if power:
        finder.series(power.total, "electricity", "PJ")
        for variable, sectors in power.reports:
            finder.series(variable, "electricity", "PJ")
            if (
                variable in finder.units
                and (variable, finder.province.id, power.year_of_reports) not in finder.province.facts
            ):
                finder.report("missing_series", "electricity.year_of_reports", f"{variable}, {power.year_of_reports}")
            for sector in sectors:
                finder.name(sector, SECTORS, "sectors")
    if bought:
        for variable in (bought.use, *bought.generation, *bought.also):
            finder.series(variable, "imports", "GWh")
        for hours in bought.by_hours:
            finder.series(hours.capacity, "imports", "GW")
            finder.series(hours.hours, "imports", "h/yr")
        grids = {f.region for f in finder.province.factors.values() if f.parameter == GRID_PARAMETER and f.region}
        finder.name(bought.grid, sorted(grids), "imports.grid")


def _check_output(output: Output, settings: Settings, finder: _Finder) -> None:
    where = f"outputs.{output.category}"
    finder.category(output.category, where)
    finder.name(output.sector, SECTORS, "sectors")
    finder.name(output.method, formula_names(), f"{where}.method")
    if not output.variable and not output.driver:
        finder.report("missing_key", f"{where}.variable", "")
    if bool(output.note_zh) != bool(output.note_en):
        empty, other = ("note_en", "note_zh") if output.note_zh else ("note_zh", "note_en")
        finder.report("one_language", f"{where}.{empty}", "", other=other)
    used = formula(output.method)
    if output.variable:
        finder.series(output.variable, where, used.unit if used else "")
    if output.driver:
        finder.name(output.driver, settings.drivers, "drivers")
    if output.taken_from:
        named = {c.category for c in settings.cells} | {
            b.category for s in settings.splits.values() for b in s.branches
        }
        finder.name(output.taken_from, sorted(c for c in named if c), f"{where}.taken_from")
    if used:
        finder.name(output.gas, used.gases, f"{where}.gas")
        if output.driver in settings.drivers:
            _check_activity(settings.drivers[output.driver], used, where, finder)
        if output.gas in used.gases:
            _check_factors(output, used, where, finder)


def _check_activity(driver: Driver, used: Formula, where: str, finder: _Finder) -> None:
    """A driver that gives an activity is an amount in the unit of the method; a multiplier may change the unit."""
    if driver.growth or not driver.variables:
        finder.report("no_amount", f"{where}.driver", driver.name)
    for _, unit, multiplier in driver.variables:
        if multiplier == 1 and unit != used.unit:
            finder.report("wrong_unit", f"drivers.{driver.name}", unit, wanted=used.unit)


def _check_factors(output: Output, used: Formula, where: str, finder: _Finder) -> None:
    for role in used.required:
        if role not in output.factors:
            finder.report("missing_key", f"{where}.factors.{role}", "")
    for role, ids in output.factors.items():
        if role not in used.roles:
            finder.report("unknown_key", f"{where}.factors.{role}", "", allowed=", ".join(used.roles))
            continue
        _check_dated(ids, used.unit_of(role), f"{where}.factors.{role}", finder)
    for role, ids in output.scale.items():
        _check_dated(ids, "1", f"{where}.scale.{role}", finder)
    for role, name in output.intervals.items():
        finder.name(role, (*output.factors, *output.scale), f"{where}.intervals")
        finder.factor(name)


def _check_dated(ids: Iterable[str], unit: str, where: str, finder: _Finder) -> None:
    """Several factors of one quantity are values of different years."""
    factors, named = finder.province.factors, list(ids)
    for name in named:
        finder.factor(name, unit)
        if len(named) > 1 and name in factors and factors[name].valid_from is None and factors[name].valid_to is None:
            finder.report("undated", where, name)


def _check_repeats(settings: Settings, finder: _Finder) -> None:
    """A category and gas of two outputs would stand twice in every year."""
    seen = set()
    for output in settings.outputs:
        key = (output.category, output.gas)
        if key in seen:
            finder.report("listed_twice", "outputs", " ".join(key))
        seen.add(key)
