"""Energy by sector and fuel: from the rows of the energy balances to every year, with the CO2 of burning it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tanlu.accounts.methods.combustion import combustion_co2
from tanlu.accounts.province.allocation import CAUSE as ALLOCATION
from tanlu.accounts.province.allocation import held_total
from tanlu.accounts.province.drivers import Filled, estimated_elasticity, fill
from tanlu.accounts.province.records import EnergyUse, Status
from tanlu.accounts.province.references import factor_id
from tanlu.accounts.province.spec import Branch, Cell, Driver, Electricity, Fuel, Settings, Split
from tanlu.core.provenance import Grade
from tanlu.core.province import Province

PJ: Final = "PJ"


@dataclass(frozen=True, slots=True)
class Known:
    """Activity of a year with data and the ids of the facts behind it."""

    value: float
    facts: tuple[str, ...]
    grade: Grade


@dataclass(frozen=True, slots=True)
class Part:
    """Energy of one balance cell, or of one branch of it, in one year."""

    sector: str
    category: str
    fuel: str
    year: int
    filled: Filled
    errors: Mapping[str, float]
    facts: tuple[str, ...]
    grade: Grade


@dataclass(frozen=True, slots=True)
class CarbonFactor:
    """CO2 of a fuel [kt/PJ] and the ids of the factors and facts that give it."""

    value: float
    factors: tuple[str, ...]
    facts: tuple[str, ...]
    grade: Grade


def driver_series(province: Province, driver: Driver) -> dict[int, Known]:
    """Return a driver by year: the variables in order of preference, gaps between two years interpolated in logarithms."""
    if driver.growth:
        return _growth_index(province, driver.growth)
    known: dict[int, Known] = {}
    for variable, unit, multiplier in driver.variables:
        for year, fact in province.series(variable, unit).items():
            if year not in known and fact.value > 0:
                # a multiplier is an assumption of the settings
                grade = fact.grade if multiplier == 1 else Grade.D
                known[year] = Known(fact.value * multiplier, (fact.id,), grade)
    years = sorted(known)
    for a, b in itertools.pairwise(years):
        for year in range(a + 1, b):
            weight = (year - a) / (b - a)
            value = math.exp((1 - weight) * math.log(known[a].value) + weight * math.log(known[b].value))
            known[year] = Known(value, known[a].facts + known[b].facts, Grade.worst([known[a].grade, known[b].grade]))
    return dict(sorted(known.items()))


def _growth_index(province: Province, variable: str) -> dict[int, Known]:
    """Chain yearly growth rates [%/yr] to an index that is 1 in the year before the first rate."""
    index: dict[int, Known] = {}
    level = 1.0
    for year, fact in province.series(variable, "%/yr").items():
        level *= 1 + fact.value / 100
        index[year] = Known(level, (fact.id,), fact.grade)
    return index


def carbon_factor(province: Province, fuel: Fuel) -> CarbonFactor | None:
    """Return the CO2 factor of a fuel, or None if it has no fossil CO2.

    Notes
    -----
    For a mix, the factor with which the known CO2 ``e_i`` of the products gives their energy: ``Σe / Σ(e/f)``.
    """
    if not fuel.subject and not fuel.mix:
        return None
    weights: dict[str, float] = {}
    facts: list[str] = []
    for subject, variable in (fuel.mix or {}).items():
        series = province.series(variable, "kt CO2")
        weights[subject] = sum(f.value for f in series.values())
        facts += [f.id for f in series.values()]
    weights = weights or {fuel.subject: 1.0}
    ids: list[str] = []
    energy = 0.0
    for subject, weight in weights.items():
        content = province.factors[factor_id(province, "carbon_content", subject)]
        oxidised = province.factors[factor_id(province, "oxidation_factor", subject)]
        ids += [content.id, oxidised.id]
        # kt of CO2 per PJ is t per TJ
        per_energy = combustion_co2(1000.0, 1.0, content.in_unit("t C/GJ"), oxidised.in_unit("1"))
        energy += weight / float(per_energy)
    grade = Grade.worst([province.factors[i].grade for i in ids])
    return CarbonFactor(sum(weights.values()) / energy, tuple(ids), tuple(facts), grade)


def known_cell(province: Province, cell: Cell, fuel: Fuel, settings: Settings) -> dict[int, Known]:
    """Return the energy [PJ] of a cell in the years for which the balance says something.

    In a complete balance a cell that is left out is zero, which rests on the total of its row; in a partial one it is unknown.
    """
    found: dict[int, Known] = {}
    for row, sign in ((cell.row, cell.sign), (cell.less, -1)):
        for column in fuel.columns if row else ():
            for year, fact in province.series(f"{row}|{column}", PJ).items():
                if row == cell.less and year not in found:
                    continue
                before = found.get(year, Known(0.0, (), fact.grade))
                value, grade = before.value + sign * fact.value, Grade.worst([before.grade, fact.grade])
                found[year] = Known(value, (*before.facts, fact.id), grade)
    if not found:
        return {}
    grade = Grade.worst([k.grade for k in found.values()])
    for year in settings.complete_balances:
        total = province.facts.get((f"{cell.row}|Total", province.id, year))
        found.setdefault(year, Known(0.0, (total.id,) if total else (), grade))
    return {year: Known(max(k.value, 0.0), k.facts, k.grade) for year, k in sorted(found.items())}


def _share(province: Province, split: Split, branch: Branch, fuel: str, year: int) -> Known:
    """Return the share of a branch: as published in the year or the nearest one, or as assumed."""
    series = province.series(split.variable.format(fuel=fuel, branch=branch.name), "1") if split.variable else {}
    if not series:
        return Known(branch.shares.get(fuel, 0.0), (f"assumption:share:{branch.name}",), Grade.D)
    nearest = min(series, key=lambda y: (abs(y - year), y))
    fact = series[nearest]
    return Known(fact.value, (fact.id,), fact.grade)


def _filled_parts(
    province: Province, settings: Settings, known: dict[int, Known], sector: str, category: str, fuel: str, driver: Driver,
    errors: dict[str, float],
) -> list[Part]:  # fmt: skip
    if not any(k.value > 0 for k in known.values()):
        return []
    series = driver_series(province, driver)
    values = {y: k.value for y, k in known.items()}
    drive = {y: d.value for y, d in series.items()}
    elasticity = driver.elasticity
    if elasticity is None:
        elasticity = estimated_elasticity(values, drive, driver.fallback)
    first, last = int(province.settings["first_year"]), int(province.settings["last_year"])
    parts = []
    for year, filled in fill(values, drive, list(range(first, last + 1)), elasticity, driver.volatility).items():
        causes = dict(errors)
        if filled.error:
            causes[f"driver:{driver.name}"] = filled.error
            causes[f"{ALLOCATION}{category}"] = filled.error * driver.own_volatility / driver.volatility
        used = [known[year]] if filled.known else _basis(year, known, series, driver)
        named = () if filled.known else (f"assumption:driver:{driver.name}",)
        facts = tuple(dict.fromkeys((*(f for k in used for f in k.facts), *named)))
        # an elasticity is a modelling choice, so that what rests on it is an assumption
        grade = Grade.worst([k.grade for k in used]) if filled.known else Grade.D
        parts.append(Part(sector, category, fuel, year, filled, causes, facts, grade))
    return parts


def _basis(year: int, known: Mapping[int, Known], series: Mapping[int, Known], driver: Driver) -> list[Known]:
    """Return what an estimated year rests on: the known years around it and the driver in them and in the year.

    An estimated elasticity also rests on the first and the last known year, an index on every growth rate between.
    """
    anchors = {max(k for k in known if k < year), *[k for k in sorted(known) if k > year][:1]}
    if driver.elasticity is None:
        positive = [k for k, activity in known.items() if activity.value > 0]
        anchors |= {min(positive), max(positive)}
    if driver.growth:
        first, last = min(anchors), max(*anchors, year)
        used = [y for y in series if first < y <= last]
    else:
        # after its last year a driver is held
        used = [max((y for y in series if y <= wanted), default=wanted) for wanted in sorted({*anchors, year})]
    return [known[a] for a in sorted(anchors)] + [series[y] for y in used if y in series]


def _cell_parts(province: Province, settings: Settings, cell: Cell) -> list[Part]:
    parts: list[Part] = []
    for name in cell.fuels or tuple(f for f in settings.fuels if f != "electricity"):
        fuel = settings.fuels[name]
        known = known_cell(province, cell, fuel, settings)
        errors = {f"balance:{cell.row}": cell.error} | ({f"factor:{name}": fuel.error} if fuel.error else {})
        if not cell.split:
            parts += _filled_parts(
                province, settings, known, cell.sector, cell.category, name, settings.drivers[cell.driver], errors
            )
            continue
        split = settings.splits[cell.split]
        for branch in split.branches:
            divided = {}
            for year, k in known.items():
                share = _share(province, split, branch, name, year)
                grade = Grade.worst([k.grade, share.grade])
                divided[year] = Known(k.value * share.value, k.facts + share.facts, grade)
            causes = errors | {f"split:{cell.split}:{branch.name}": split.error}
            driver = settings.drivers[branch.driver]
            parts += _filled_parts(province, settings, divided, branch.sector, branch.category, name, driver, causes)
    return parts


def energy_use(province: Province, settings: Settings) -> list[EnergyUse]:
    """Return the energy use of every year by sector, category and fuel, with the CO2 of combustion.

    Parameters
    ----------
    province : Province
    settings : Settings

    Returns
    -------
    list of EnergyUse
        Sorted by year, sector, category and fuel. Several rows of the balance that go to the same place are added up.
    """
    factors = {name: carbon_factor(province, fuel) for name, fuel in settings.fuels.items()}
    groups: dict[tuple[int, str, str, str], list[Part]] = {}
    for cell in settings.cells:
        for part in _cell_parts(province, settings, cell):
            groups.setdefault((part.year, part.sector, part.category, part.fuel), []).append(part)
    by_year: dict[int, list[EnergyUse]] = {}
    for key, parts in groups.items():
        by_year.setdefault(key[0], []).append(_use(parts, factors[key[3]]))
    uses = [use for year in by_year.values() for use in held_total(year)]
    uses += electricity_use(province, settings)
    return sorted(uses, key=lambda u: (u.year, u.sector, u.category, u.fuel))


def _use(parts: list[Part], factor: CarbonFactor | None) -> EnergyUse:
    energy = sum(p.filled.value for p in parts)
    errors: dict[str, float] = {}
    for p in parts:
        for cause, error in p.errors.items():
            errors[cause] = errors.get(cause, 0.0) + (error * p.filled.value / energy if energy else 0.0)
    head, grades = parts[0], [p.grade for p in parts] + ([factor.grade] if factor else [])
    return EnergyUse(
        year=head.year,
        sector=head.sector,
        category=head.category,
        fuel=head.fuel,
        energy=energy,
        co2=energy * factor.value if factor else None,
        status=Status.CALCULATED if all(p.filled.known for p in parts) else Status.ESTIMATED,
        grade=Grade.worst(grades),
        errors=errors,
        facts=tuple(dict.fromkeys(f for p in parts for f in p.facts)) + (factor.facts if factor else ()),
        factors=factor.factors if factor else (),
    )


def _balance_electricity(province: Province, settings: Settings, year: int) -> dict[tuple[str, str], Known]:
    """Return final electricity [PJ] of a balance year by sector and category."""
    result: dict[tuple[str, str], Known] = {}
    fuel = settings.fuels["electricity"]
    for cell in settings.cells:
        known = {} if cell.fuels else known_cell(province, cell, fuel, settings)
        if year not in known:
            continue
        targets = [(cell.sector, cell.category, Known(1.0, (), known[year].grade))]
        if cell.split:
            split = settings.splits[cell.split]
            targets = [(b.sector, b.category, _share(province, split, b, fuel.name, year)) for b in split.branches]
        for sector, category, share in targets:
            before = result.get((sector, category), Known(0.0, (), share.grade))
            result[sector, category] = Known(
                before.value + known[year].value * share.value,
                (*before.facts, *known[year].facts, *share.facts),
                Grade.worst([before.grade, known[year].grade, share.grade]),
            )
    return result


def _report_shares(
    province: Province, spec: Electricity, year: int, last_balance: Mapping[tuple[str, str], float]
) -> dict[tuple[str, str], float]:
    """Divide the electricity of the reports among the sectors that each covers, as the last balance does; shares of the whole."""
    amounts: dict[tuple[str, str], float] = {}
    for variable, sectors in spec.reports:
        fact = province.series(variable, PJ)[year]
        inside = {k: v for k, v in last_balance.items() if k[0] in sectors and v}
        for key, value in inside.items():
            amounts[key] = fact.value * value / sum(inside.values())
    return {k: v / sum(amounts.values()) for k, v in amounts.items()}


def electricity_use(province: Province, settings: Settings) -> list[EnergyUse]:
    """Return electricity by sector and year [PJ]: shares of the balances and of the reports, times the total of the year.

    Shares between two years are interpolated and stay after the last. Network losses are in the total and so are shared out. Years
    before the first total are left out, and everything is where no balance tells the shares.
    """
    spec = settings.electricity
    if spec is None or "electricity" not in settings.fuels:
        return []
    shares: dict[int, dict[tuple[str, str], float]] = {}
    basis: dict[int, tuple[str, ...]] = {}
    for year in settings.complete_balances:
        amounts = _balance_electricity(province, settings, year)
        total = sum(k.value for k in amounts.values())
        if total:
            shares[year] = {key: k.value / total for key, k in amounts.items()}
            basis[year] = tuple(dict.fromkeys(f for k in amounts.values() for f in k.facts))
    if not shares:
        return []
    last_balance, reports = max(shares), spec.year_of_reports
    if reports is not None and (divided := _report_shares(province, spec, reports, shares[last_balance])):
        shares[reports] = divided
        basis[reports] = (*(province.series(v, PJ)[reports].id for v, _ in spec.reports), *basis[last_balance])
    known_shares = sorted(shares)
    keys = sorted({k for s in shares.values() for k in s})
    uses = []
    for year, fact in province.series(spec.total, PJ).items():
        a = max((y for y in known_shares if y <= year), default=known_shares[0])
        b = min((y for y in known_shares if y >= year), default=known_shares[-1])
        weight = (year - a) / (b - a) if b > a else 0.0
        facts = tuple(dict.fromkeys((fact.id, *basis[a], *basis[b])))
        for sector, category in keys:
            start, end = shares[a].get((sector, category), 0.0), shares[b].get((sector, category), 0.0)
            energy = fact.value * (start + weight * (end - start))
            errors = {"balance:electricity": spec.error}
            uses.append(
                EnergyUse(year, sector, category, "electricity", energy, None, Status.ESTIMATED, Grade.D, errors, facts)
            )
    return uses
