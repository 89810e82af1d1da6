"""Energy and CO2 per unit of GDP: the official number by its rule and the physical number, side by side.

The official number is what the statistical office publishes or what its rule gives on official totals; nothing estimated here enters it.
The physical number is made from the energy use of the inventory without any deduction.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tanlu.assessment.pace import change_progress, required_change, status_of_progress
from tanlu.assessment.rule import IntensityRule
from tanlu.assessment.series import Measured, Series
from tanlu.core.inventory import Z95
from tanlu.core.provenance import Grade
from tanlu.plan import Target

INTENSITY_COLUMNS: Final = (
    "year", "basis", "change_percent", "cumulative_percent", "required_percent", "status", "note_code", "id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class IntensityYear:
    """Change of an intensity in one year.

    Parameters
    ----------
    basis : str
        ``official``, ``physical`` or ``carbon``.
    change, cumulative, required : float or None
        Change on the year before, change since the base year, and what the path to the target requires by this year [%].
    low, high : float or None
        95 % interval of ``cumulative`` [%].
    status : str
        ``met``, ``on_track``, ``at_risk``, ``off_track``; ``not_measured`` without a cumulative change; ``history`` up to the base year;
        ``no_number`` without a requirement.
    note : str
        Code of what a reader must know; text in the catalogue under ``assessment.intensity.<code>``.
    grade : Grade or None
        None without any value.
    parents : tuple of str
        Lineage ids.
    """

    year: int
    basis: str
    change: float | None
    cumulative: float | None
    required: float | None
    status: str
    note: str
    low: float | None = None
    high: float | None = None
    grade: Grade | None = None
    parents: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Identifier, the same in every run on the same data."""
        return f"intensity:{self.basis}:{self.year}"

    def as_row(self) -> dict[str, object]:
        """Return the row of ``intensity.csv``, in the order of `INTENSITY_COLUMNS`; None is an empty cell."""
        values = (self.year, self.basis, self.change, self.cumulative, self.required, self.status, self.note, self.id)
        return dict(zip(INTENSITY_COLUMNS, values, strict=True))


@dataclass(frozen=True, slots=True)
class _Change:
    """A change in per cent with what it rests on."""

    value: float
    note: str
    grade: Grade
    parents: tuple[str, ...]


def growth_identity(energy_growth: float, gdp_growth: float) -> float:
    """Return the change of energy per GDP [%] from the growth of both [%]: (1 + e) / (1 + g) - 1."""
    return 100 * ((1 + energy_growth / 100) / (1 + gdp_growth / 100) - 1)


def gdp_index(growth: Mapping[int, float], base: int) -> dict[int, float]:
    """Return GDP at constant prices, base year = 1, by chaining yearly growth.

    Parameters
    ----------
    growth : mapping of int to float
        Growth at constant prices on the year before [%], by year.
    base : int

    Returns
    -------
    dict
        As far from the base year, in both directions, as the growth rates run without a gap.
    """
    index, year = {base: 1.0}, base + 1
    while year in growth:
        index[year] = index[year - 1] * (1 + growth[year] / 100)
        year += 1
    year = base
    while year in growth:
        index[year - 1] = index[year] / (1 + growth[year] / 100)
        year -= 1
    return dict(sorted(index.items()))


def ratio_error(later: Measured, earlier: Measured) -> float | None:
    """Return the standard uncertainty of ln(later / earlier), None if that of a year is not known.

    Notes
    -----
    A factor or balance that both years share is one error, of which only the difference in weight remains: (a - b)². A driver's error
    grows with the distance from the year with data as the sum of independent yearly steps, of which the ratio keeps those between the
    two years: |a² - b²|.
    """
    if not later.errors or not earlier.errors:
        return None
    variance = 0.0
    for cause in later.errors.keys() | earlier.errors.keys():
        a, b = later.errors.get(cause, 0.0), earlier.errors.get(cause, 0.0)
        variance += abs(a * a - b * b) if cause.startswith("driver:") else (a - b) ** 2
    return math.sqrt(variance)


def energy_intensity(
    target: Target,
    rule: IntensityRule,
    *,
    gdp_growth: Series,
    published: Series,
    energy_growth: Series,
    totals: Series,
    deductions: Mapping[str, Series],
    physical: Series,
) -> list[IntensityYear]:
    """Return the change of energy per unit of GDP, official and physical, by year.

    Parameters
    ----------
    target : Target
        With base year, deadline and the required cumulative change [%].
    rule : IntensityRule
        Deductions of the assessment, and the totals that may not be used.
    gdp_growth : Series
        Growth of GDP at constant prices [%/yr].
    published : Series
        Change of energy per GDP as published [%/yr].
    energy_growth : Series
        Growth of total energy consumption as published [%/yr].
    totals : Series
        Total energy consumption as published [tce], any one unit.
    deductions : mapping of str to Series
        Energy by the id of a deduction of the rule, in the unit of the totals; leave out what is not known.
    physical : Series
        Total energy use of the inventory, in any one unit [PJ], with errors by cause.

    Returns
    -------
    list of IntensityYear
        Official rows, then physical ones; from the first published year to the deadline and to the last year of energy use.

    Raises
    ------
    ValueError
        If the target has no required change or no base year.

    Notes
    -----
    Official: published change where there is one; otherwise the growth identity up to the base year, and after it the totals net of the
    deductions of the rule. The cumulative change chains the yearly changes or, where they have a gap, compares the net totals of the two
    years. Physical: E(t)/E(base) over the GDP index, see docs/methods/energy-intensity.md.
    """
    if target.value is None or target.baseline_year is None:
        raise ValueError(f"{target.id} has no required change or no base year")
    net = _net_totals(rule, totals, deductions)
    first = min([*published, *energy_growth, target.baseline_year + 1])
    official = _official(target, first, gdp_growth, published, energy_growth, net)
    return official + _physical("physical", target, first, gdp_growth, physical)


def carbon_intensity(target: Target, base: int, *, gdp_growth: Series, co2: Series) -> list[IntensityYear]:
    """Return the change of CO2 per unit of GDP since a base year, from the totals of the inventory.

    Parameters
    ----------
    target : Target
        Its required change is used if it has one; the plan leaves the number to the national assignment.
    base : int
        Base year of the cumulative change.
    gdp_growth : Series
        Growth of GDP at constant prices [%/yr].
    co2 : Series
        CO2 by year, any one unit [kt], with errors by cause.
    """
    return _physical("carbon", target, base + 1, gdp_growth, co2, base)


def cumulative_series(years: Sequence[IntensityYear], basis: str) -> dict[int, Measured]:
    """Return the cumulative changes [%] of a basis as a series, for the scoreboard."""
    return {
        y.year: Measured(y.year, y.cumulative, "%", (y.id,), y.grade or Grade.C, low=y.low, high=y.high)
        for y in years
        if y.basis == basis and y.cumulative is not None
    }


def _net_totals(rule: IntensityRule, totals: Series, deductions: Mapping[str, Series]) -> dict[int, Measured]:
    """Return official totals less the deductions that count in the intensity, for the years in which all of them are known."""
    wanted = [d.id for d in rule.deductions if "intensity" in d.counts_in]
    net: dict[int, Measured] = {}
    for year, total in totals.items():
        if year in rule.unusable_totals or not all(year in deductions.get(d, {}) for d in wanted):
            continue
        parts = [deductions[d][year].converted(total.unit) for d in wanted]
        ids = (*total.ids, *(i for p in parts for i in p.ids))
        grade = Grade.worst([total.grade, *(p.grade for p in parts)])
        net[year] = Measured(year, total.value - sum(p.value for p in parts), total.unit, ids, grade)
    return net


def _official(
    target: Target, first: int, gdp: Series, published: Series, energy_growth: Series, net: Series
) -> list[IntensityYear]:
    base, due = target.baseline_year or first, target.deadline
    chain: list[_Change] | None = []
    rows: list[IntensityYear] = []
    for year in range(first, due + 1):
        change = _official_change(year, base, gdp, published, energy_growth, net)
        if year <= base:
            status, note = ("history", change.note) if change else ("not_measured", "not_published")
            rows.append(_official_row(year, change, None, None, status, note))
            continue
        chain = [*chain, change] if chain is not None and change else None
        since = _chained(chain) if chain else _official_ratio(base, year, gdp, net)
        required = required_change(target.value or 0.0, base, due, year)
        status = _status(since.value, required, year, due) if since else "not_measured"
        found = change or since
        rows.append(
            _official_row(year, change, since, required, status, found.note if found else "needs_total_and_deductions")
        )
    return rows


def _official_change(
    year: int, base: int, gdp: Series, published: Series, energy_growth: Series, net: Series
) -> _Change | None:
    """Return the official change on the year before, by the best way that the data allow."""
    if year in published:
        found = published[year]
        return _Change(found.value, "published", found.grade, found.ids)
    if year not in gdp:
        return None
    if year <= base and year in energy_growth:
        value = growth_identity(energy_growth[year].value, gdp[year].value)
        return _from("identity", value, energy_growth[year], gdp[year])
    if year in net and year - 1 in net:
        value = growth_identity(100 * (net[year].value / net[year - 1].value - 1), gdp[year].value)
        return _from("rule", value, net[year], net[year - 1], gdp[year])
    return None


def _from(note: str, value: float, *used: Measured) -> _Change:
    """Return a change with the weakest grade and all ids of what it was made from."""
    return _Change(value, note, Grade.worst([u.grade for u in used]), tuple(i for u in used for i in u.ids))


def _chained(changes: Sequence[_Change]) -> _Change:
    value = 100 * (math.prod(1 + c.value / 100 for c in changes) - 1)
    grade = Grade.worst([c.grade for c in changes])
    return _Change(value, changes[-1].note, grade, tuple(i for c in changes for i in c.parents))


def _official_ratio(base: int, year: int, gdp: Series, net: Series) -> _Change | None:
    """Return the cumulative change from the net totals of two years, for series with a gap between them."""
    index = gdp_index({y: g.value for y, g in gdp.items()}, base)
    if base not in net or year not in net or year not in index:
        return None
    value = 100 * (net[year].value / net[base].value / index[year] - 1)
    return _from("rule", value, net[base], net[year], *(gdp[y] for y in range(base + 1, year + 1)))


def _official_row(
    year: int, change: _Change | None, since: _Change | None, required: float | None, status: str, note: str
) -> IntensityYear:
    found = [c for c in (change, since) if c]
    parents = tuple(dict.fromkeys(i for c in found for i in c.parents))
    grade = Grade.worst([c.grade for c in found]) if found else None
    change_value, cumulative = (c.value if c else None for c in (change, since))
    return IntensityYear(
        year, "official", change_value, cumulative, required, status, note, grade=grade, parents=parents
    )


def _status(cumulative: float, required: float, year: int, due: int, within_error: bool = False) -> str:
    return status_of_progress(change_progress(cumulative, required), year, due, within_error)


def _physical(
    basis: str, target: Target, first: int, gdp: Series, amounts: Series, base: int | None = None
) -> list[IntensityYear]:
    base = target.baseline_year if base is None else base
    if base is None:
        raise ValueError(f"{target.id} has no base year")
    index = gdp_index({y: g.value for y, g in gdp.items()}, base)
    known = [y for y in sorted(amounts) if y in index]
    rows: list[IntensityYear] = []
    for year in [y for y in known if y >= first]:
        now, before = amounts[year], amounts.get(year - 1)
        usable = before is not None and year - 1 in index
        change = 100 * (now.value / before.value * index[year - 1] / index[year] - 1) if before and usable else None
        used = tuple(
            dict.fromkeys((*now.ids, *(before.ids if before else ()), *(gdp[year].ids if year in gdp else ())))
        )
        if year <= base or base not in amounts:
            status, note = "history" if year <= base else "not_measured", f"{basis}_estimate"
            rows.append(IntensityYear(year, basis, change, None, None, status, note, grade=now.grade, parents=used))
        else:
            rows.append(_since_base(basis, target, base, change, index, amounts, year, gdp))
    return rows


def _since_base(
    basis: str, target: Target, base: int, change: float | None, index: Mapping[int, float], amounts: Series, year: int, gdp: Series
) -> IntensityYear:  # fmt: skip
    """Return the row of a year after the base year, with the 95 % interval of the cumulative change."""
    now, start = amounts[year], amounts[base]
    ratio = now.value / start.value / index[year]
    error = ratio_error(now, start)
    low, high = (None, None) if error is None else (100 * (ratio * math.exp(s * Z95 * error) - 1) for s in (-1, 1))
    cumulative, note, required, status = 100 * (ratio - 1), f"{basis}_estimate", None, "no_number"
    if target.value is not None:
        required = required_change(target.value, base, target.deadline, year)
        within = low is not None and high is not None and low <= required <= high
        status = _status(cumulative, required, year, target.deadline, within)
        note = f"{basis}_within_error" if within else note
    growth = [gdp[y] for y in range(base + 1, year + 1)]
    ids = tuple(dict.fromkeys((*now.ids, *start.ids, *(i for g in growth for i in g.ids))))
    grade = Grade.worst([now.grade, start.grade, *(g.grade for g in growth)])
    return IntensityYear(year, basis, change, cumulative, required, status, note, low, high, grade, ids)
