"""All rules over a period: findings, and scores of enterprises."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.monitor.carriers import carriers
from tanlu.monitor.period import Period, Scan, read_period, scan_readings
from tanlu.monitor.quality import balance_checks as between
from tanlu.monitor.quality import meter_checks as single
from tanlu.monitor.quality.rules import Finding, RuleSet, load_rules
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, UnitKind, day_name

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from tanlu.core.library import Library
    from tanlu.monitor.ledger import Ledger
    from tanlu.monitor.registry import Registry

_OF_METERS: Final = {
    "completeness": single.completeness,
    "stack_hours": single.stack_hours,
    "range": single.above_rating,
    "stuck": single.stuck,
    "clock": single.clock,
    "repeated": single.repeated,
    "register_fell": single.register_fell,
    "register_reset": single.register_reset,
    "balance": between.balance,
    "stopped_but_burning": between.stopped_but_burning,
    "calibration": single.calibration,
    "estimated": single.estimated,
}
LONGEST_FORM: Final = 32 * DAY
MOST_CELLS: Final = 20_000_000
"""Meters times hours that are held at once, about 30 bytes each; a province with more is judged by groups of prefectures."""


@dataclass(frozen=True)
class QualityReport:
    """What the rules found in a period.

    Parameters
    ----------
    region : str
        Region or unit that was looked at.
    first, last : int
        Days.
    version : str
        Of the rules.
    findings : tuple of Finding
        High severity first.
    scores : mapping
        100 less the points of the findings, at least 0, by enterprise.
    meters : int
        Meters looked at.
    """

    region: str
    first: int
    last: int
    version: str
    findings: tuple[Finding, ...]
    scores: Mapping[str, float]
    meters: int

    def as_record(self, language: str = "zh") -> dict[str, Any]:
        """Return the report as plain data."""
        rules = load_rules().rules
        return {
            "region": self.region, "first": day_name(self.first), "last": day_name(self.last), "version": self.version,
            "meters": self.meters,
            "rules": {
                name: {"name": r.name(language), "severity": r.severity, "source": r.source, "grade": r.grade,
                       "action": r.action(language), "findings": sum(f.rule == name for f in self.findings)}
                for name, r in rules.items()
            },
            "findings": [
                {"rule": f.rule, "severity": rules[f.rule].severity, "unit": f.unit, "meter": f.meter, "start": f.start, "end": f.end,
                 "seen": f.seen, "limit": f.limit, "text": f.text(language)}
                for f in self.findings
            ],
            "scores": dict(self.scores),
        }  # fmt: skip


def find(
    period: Period, scan: Scan, forms: pa.Table, library: Library, rules: RuleSet | None = None
) -> Iterator[Finding]:
    """Yield what all rules find.

    Parameters
    ----------
    period : Period
    scan : Scan
    forms : pyarrow.Table
        Readings of the monthly forms, from a month before the period on.
    library : Library
        Factor library, for the heat of fuels.
    rules : RuleSet, optional
        Those of the package where nothing is said.
    """
    chosen = rules or load_rules()
    for name, check in _OF_METERS.items():
        if name in chosen.rules:
            yield from check(period, scan, chosen.rules[name])
    amounts, stocks = between.monthly_forms(period, forms)
    known = (
        (c.number, between.heat_of(c, library, chosen.calorific_set)) for c in carriers().values() if c.kind == "fuel"
    )
    heat = {number: value for number, value in known if value is not None}
    if rule := chosen.rules.get("day_against_month"):
        yield from between.day_against_month(period, scan, rule, amounts)
    if rule := chosen.rules.get("fuel_balance"):
        yield from between.fuel_balance(period, scan, rule, amounts, stocks)
    if rule := chosen.rules.get("efficiency"):
        yield from between.efficiency(period, scan, rule, heat)


def score(findings: list[Finding], enterprises: list[str], rules: RuleSet) -> dict[str, float]:
    """Return 100 less the points of the findings for each enterprise, at least 0.

    A rule counts once for each meter.
    """
    lost = dict.fromkeys(enterprises, 0.0)
    for unit, name, _ in {(f.unit, f.rule, f.meter) for f in findings}:
        if unit in lost:
            lost[unit] += rules.points[rules.rules[name].severity]
    return {unit: max(0.0, 100.0 - points) for unit, points in lost.items()}


def assess(
    ledger: Ledger, region: str, first: int, last: int, progress: Callable[[int, int], None] | None = None
) -> QualityReport:
    """Judge the data of a region or unit in some days.

    Parameters
    ----------
    ledger : Ledger
        With facts of the days.
    region : str
        Id of a region or unit.
    first, last : int
        Days, by number.
    progress : callable, optional
        Called with days read and days in all.

    Raises
    ------
    DataError
        If a file of the ledger cannot be read.
    KeyError
        If there is no such unit.
    """
    from tanlu.core.library import load_library

    registry, rules, library = ledger.registry, load_rules(), load_library()
    found: list[Finding] = []
    groups = meter_groups(registry, region, (last - first + 1) * 24)
    for number, numbers in enumerate(groups):
        step = None if progress is None else _within(progress, number, len(groups))
        period = read_period(ledger, first, last, numbers)
        scan = scan_readings(ledger, period, step)
        rare = period.meters[period.columns["step"] > DAY]
        before = (period.begin - LONGEST_FORM + CIVIL_OFFSET) // DAY
        forms = ledger.readings(before, last + 1, rare.tolist())
        found += find(period, scan, forms, library, rules)
    order = {"high": 0, "medium": 1, "low": 2}
    found.sort(key=lambda f: (order[rules.rules[f.rule].severity], f.rule, f.unit, f.meter))
    enterprises = [u.id for u in registry.enterprises(region)]
    return QualityReport(
        region,
        first,
        last,
        rules.version,
        tuple(found),
        score(found, enterprises, rules),
        sum(len(g) for g in groups),
    )


def meter_groups(registry: Registry, region: str, hours: int) -> list[NDArray[np.int32]]:
    """Return the numbers of the meters of a region in groups that are judged one after the other.

    No rule compares meters of two prefectures. Prefectures are put together as long as they stay below `MOST_CELLS`; a single one may lie
    above it. Meters of the province itself stand with the first group.

    Parameters
    ----------
    registry : Registry
    region : str
    hours : int
        Length of the period.
    """
    meters = registry.meters_of(region)
    if len(meters) * hours <= MOST_CELLS:
        return [np.array([m.number for m in meters], dtype=np.int32)]
    place: dict[str, str] = {}
    for unit in registry.below(region):
        above = place.get(unit.parent, "")
        place[unit.id] = above or (unit.id if unit.kind is UnitKind.PREFECTURE else "")
    by_place: dict[str, list[int]] = {}
    for meter in meters:
        by_place.setdefault(place[meter.unit], []).append(meter.number)
    groups: list[list[int]] = []
    for name in sorted(by_place):
        if not groups or (len(groups[-1]) + len(by_place[name])) * hours > MOST_CELLS:
            groups.append([])
        groups[-1] += by_place[name]
    return [np.array(sorted(g), dtype=np.int32) for g in groups]


def _within(progress: Callable[[int, int], None], number: int, groups: int) -> Callable[[int, int], None]:
    """Return a function that tells the progress of a group as a part of the whole."""
    return lambda done, total: progress(number * total + done, groups * total)
