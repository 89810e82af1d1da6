"""Quality control of factors: published ranges, slips of unit, numbers of another quantity, factor sets that differ."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from statistics import median
from typing import Final, NamedTuple

from tanlu.accounts.quality.records import RecordView
from tanlu.accounts.rulebook.findings import Finding
from tanlu.accounts.rulebook.plausible import CO2_PER_C
from tanlu.core.factors import Factor
from tanlu.core.library import Library
from tanlu.core.messages import LANGUAGES
from tanlu.core.units import IncompatibleUnitsError, UnknownUnitError, conversion_factor

SLIPS: Final = (CO2_PER_C, 1 / CO2_PER_C, *(10.0**n for n in (1, -1, 2, -2, 3, -3, 4, -4, 6, -6)))
"""Ratios to its peers by which a value is often wrong: CO2 for carbon, carbon for CO2, powers of ten."""
NEAR: Final = 1.25
"""A ratio this close to one of `SLIPS` counts as that slip."""
SPREAD: Final = 3.0
"""Peers that differ by more than this say nothing about a slip; a value this far from all peers may be another quantity."""
DIFFERENCE: Final = 0.10
"""Relative difference between factor sets from which it is told."""
ANYWHERE: Final = ("", "world")


class Peer(NamedTuple):
    """A published factor for the same thing, in the unit of the value that is checked."""

    factor: Factor
    value: float
    low: float | None
    high: float | None


@dataclass
class Shelf:
    """The factors of a library by what they are factors of, whatever each set calls it."""

    library: Library
    by_subject: dict[tuple[str, str, str], list[Factor]] = field(default_factory=dict)
    by_root: dict[str, list[Factor]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for f in self.library.factors.values():
            for subject in self._subjects(f):
                self.by_subject.setdefault((f.parameter, subject, f.gas), []).append(f)
            self.by_root.setdefault(f.subject.partition(".")[0], []).append(f)

    @cached_property
    def _names(self) -> dict[tuple[str, str], list[str]]:
        """What methods call a subject, or a part of it, by factor set and its name there."""
        names: dict[tuple[str, str], list[str]] = {}
        for (factor_set, subject), name in self.library.aliases.items():
            names.setdefault((factor_set, name), []).append(subject)
        return names

    def _subjects(self, f: Factor) -> set[str]:
        """Return a subject as its set calls it, and as methods do."""
        parts = [[part, *self._names.get((f.set, part), ())] for part in f.subject.split(".")]
        return {*(".".join(p) for p in product(*parts)), *self._names.get((f.set, f.subject), ())}

    def peers(self, parameter: str, subject: str, gas: str, unit: str, without: str = "") -> list[Peer]:
        """Return published factors for the same thing; if there are none those for the same subject without its details."""
        found = self._in_unit(self.by_subject.get((parameter, subject, gas), ()), unit, without)
        if found:
            return found
        kin = (f for f in self._kin(subject) if f.parameter == parameter and f.gas == gas)
        return self._in_unit(kin, unit, without)

    def others(self, subject: str, unit: str) -> list[Factor]:
        """Return factors for the same subject that measure something else."""
        return [f for f in self._kin(subject) if _scale(f.unit, unit) is None]

    def _kin(self, subject: str) -> Sequence[Factor]:
        return self.by_root.get(subject.partition(".")[0], ())

    def _in_unit(self, factors: Iterable[Factor], unit: str, without: str) -> list[Peer]:
        peers = []
        for f in factors:
            scale = _scale(f.unit, unit)
            if scale is not None and f.id != without:
                ends = (None if end is None else end * scale for end in (f.low, f.high))
                peers.append(Peer(f, f.value * scale, *ends))
        return peers


@dataclass(frozen=True, slots=True)
class _Value:
    """A value to check, and the finding that would tell of it."""

    number: float
    text: str
    unit: str
    parameter: str
    subject: str
    gas: str
    where: tuple[str, str, str, str, str]

    def finding(self, code: str, severity: str, library: Library, **details: str) -> Finding:
        """Return a finding; ``where`` is record, place, period, method, input."""
        said = {"unit": self.unit, **details}
        for language in LANGUAGES:
            said[f"input_{language}"] = library.label(self.parameter, language)
            said[f"subject_{language}"] = library.label(self.subject, language)
        return Finding(code, severity, *self.where, self.text, tuple(said.items()))


def check_factors(factors: Iterable[Factor], library: Library) -> tuple[Finding, ...]:
    """Check factors of a province or an enterprise against the library, before they are used.

    Factors that stand in the library as they are pass.
    """
    shelf = Shelf(library)
    values = (
        _Value(f.value, repr(f.value), f.unit, f.parameter, f.subject, f.gas, ("", f.region, "", "", f.parameter))
        for f in factors
        if library.factors.get(f.id) != f
    )
    return tuple(found for value in values for found in _check(value, shelf))


def check_given(views: Iterable[RecordView], shelf: Shelf) -> list[Finding]:
    """Check the factors that users gave in their activity data."""
    findings: list[Finding] = []
    for view in views:
        for name, row in view.rows:
            wanted = view.method.by_name[name]
            if wanted.kind != "factor":
                continue
            subject = wanted.subject.format(**view.choices)
            where = (view.first.record, view.first.place, row.period, view.method.id, name)
            value = _Value(float(row.value), row.value, row.unit or "1", wanted.parameter, subject, wanted.gas, where)
            findings.extend(_check(value, shelf))
    return findings


def check_sets(factors: Iterable[Factor], shelf: Shelf) -> list[Finding]:
    """Tell of factors in use for which another set of the same region has a different value."""
    findings: list[Finding] = []
    for f in factors:
        peers = [
            p
            for p in shelf.peers(f.parameter, f.subject, f.gas, f.unit, f.id)
            if p.factor.set != f.set
            and _same_scope(p.factor, f)
            and p.factor.subject.count(".") == f.subject.count(".")
        ]
        apart = [p for p in peers if abs(p.value - f.value) > DIFFERENCE * max(abs(p.value), abs(f.value))]
        if apart:
            others = "; ".join(sorted(f"{p.factor.set} {p.value:.4g}" for p in apart))
            value = _Value(
                f.value, repr(f.value), f.unit, f.parameter, f.subject, f.gas, ("", f.region, "", "", f.parameter)
            )
            findings.append(value.finding("sets_differ", "note", shelf.library, factor=f.id, others=others))
    return findings


def _check(value: _Value, shelf: Shelf) -> list[Finding]:
    """Return what is wrong with a value, the likeliest reason first and alone."""
    peers = [p for p in shelf.peers(value.parameter, value.subject, value.gas, value.unit) if p.value]
    if not peers or not value.number:
        return []
    lows = [p.value if p.low is None else min(p.low, p.value) for p in peers]
    highs = [p.value if p.high is None else max(p.high, p.value) for p in peers]
    low, high = min(lows), max(highs)
    if low <= value.number <= high:
        return []
    middle = median(p.value for p in peers)
    said = {"low": f"{low:.4g}", "high": f"{high:.4g}", "median": f"{middle:.4g}"}
    ratio = value.number / middle
    namesake = _same_number(value, shelf) if not 1 / SPREAD < ratio < SPREAD else None
    if namesake is not None:
        return [
            value.finding(
                "other_quantity", "warning", shelf.library, other=namesake.id, other_unit=namesake.unit, **said
            )
        ]
    agreed = max(p.value for p in peers) <= SPREAD * min(p.value for p in peers)
    slip = _slip(ratio) if ratio > 0 and agreed else None
    if slip is not None:
        code = "carbon_ratio" if slip in SLIPS[:2] else "factor_slip"
        return [value.finding(code, "warning", shelf.library, ratio=f"{slip:.4g}", **said)]
    if any(p.low is not None and p.high is not None for p in peers):
        return [value.finding("published_range", "warning", shelf.library, **said)]
    return []


def _slip(ratio: float) -> float | None:
    """Return the slip that a ratio is near, if any."""
    nearest = min(SLIPS, key=lambda s: abs(math.log(ratio / s)))
    return nearest if abs(math.log(ratio / nearest)) <= math.log(NEAR) else None


def _same_number(value: _Value, shelf: Shelf) -> Factor | None:
    """Return a factor for the same subject that measures something else and has the very number."""
    return next((f for f in shelf.others(value.subject, value.unit) if f.value == value.number), None)


def _same_scope(one: Factor, other: Factor) -> bool:
    """Return whether two factors are for the same region and for years that overlap."""
    regions = {"" if f.region in ANYWHERE else f.region for f in (one, other)}
    first = max(one.valid_from or -math.inf, other.valid_from or -math.inf)
    last = min(one.valid_to or math.inf, other.valid_to or math.inf)
    return len(regions) == 1 and first <= last


def _scale(source: str, target: str) -> float | None:
    """Return the factor between two units, None if they measure different things."""
    try:
        return conversion_factor(source, target)
    except (IncompatibleUnitsError, UnknownUnitError):
        return None
