"""The score of actions and cities: an indicator tree, required paths, caps, the floor of key indicators, and what was not filed.

An indicator's progress is the way made from its baseline towards what its path requires of the year, capped. A city's score is the weighted
mean of its progress over all indicators that concern it. What was not filed is not zero: it is told, and the city has no rank until it is
filed. A key indicator below its floor caps the grade, whatever the score. All arithmetic is in fractions of the figures filed, so that the
same filings and the same rule pack give the same bytes at any time and on any machine.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

PLACES = 2
"""Decimals of a published score (of 100)."""


class FilingState(StrEnum):
    """How far a filed value is to be trusted."""

    FILED = "filed"
    VERIFIED = "verified"
    REJECTED = "rejected"


class PathKind(StrEnum):
    """How the requirement runs from the baseline to the target."""

    LINEAR = "linear"
    GEOMETRIC = "geometric"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class RequiredPath:
    """What is required of each year.

    Parameters
    ----------
    kind : PathKind
    base_year : int
    baseline : Decimal
    due : int
    target : Decimal
    table : mapping of int to Decimal
        Requirement of each year, where the path is a table.

    Raises
    ------
    ValueError
        If baseline and target are equal, the years do not run forward, a geometric path crosses zero, or the table lacks the last year.
    """

    kind: PathKind
    base_year: int
    baseline: Decimal
    due: int
    target: Decimal
    table: Mapping[int, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse paths along which nothing could be measured."""
        if self.due <= self.base_year or self.baseline == self.target:
            raise ValueError("a path leads from a baseline to another value in a later year")
        if self.kind is PathKind.GEOMETRIC and self.baseline * self.target <= 0:
            raise ValueError("a geometric path does not cross zero")
        if self.kind is PathKind.TABLE and self.table.get(self.due) != self.target:
            raise ValueError("a table of requirements ends at the target in the due year")

    def required(self, year: int) -> Fraction:
        """Return what is required of a year; the target from the due year on.

        Raises
        ------
        ValueError
            If the year is not after the base year, or a table lacks it.
        """
        if year <= self.base_year:
            raise ValueError(f"{year} is not after the base year {self.base_year}")
        if year >= self.due:
            return Fraction(self.target)
        if self.kind is PathKind.TABLE:
            if year not in self.table:
                raise ValueError(f"the table of requirements lacks {year}")
            return Fraction(self.table[year])
        base, target = Fraction(self.baseline), Fraction(self.target)
        share = Fraction(year - self.base_year, self.due - self.base_year)
        if self.kind is PathKind.LINEAR:
            return base + (target - base) * share
        # a root: rounded once to twelve decimals, so that it is the same everywhere
        factor = Decimal(str(float(target / base) ** float(share)))
        return base * Fraction(factor.quantize(Decimal("1e-12")))


@dataclass(frozen=True, slots=True)
class ScoredIndicator:
    """A leaf of the tree.

    Parameters
    ----------
    id, action : str
        The action of the plan is the branch it stands on.
    weight : Decimal
    path : RequiredPath
        The province's; a city may have its own.
    cap : Decimal
        Progress that counts at most, for example 1.2.
    floor : Decimal, optional
        Progress below which a key indicator caps the grade.
    verified_only : bool
        Whether a value counts only once its evidence was verified.
    city_paths : mapping
        Paths of single cities.
    exempt : collection of str
        Cities that it does not concern.
    """

    id: str
    action: str
    weight: Decimal
    path: RequiredPath
    cap: Decimal = Decimal("1.2")
    floor: Decimal | None = None
    verified_only: bool = True
    city_paths: Mapping[str, RequiredPath] = field(default_factory=dict)
    exempt: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Filing:
    """A value that a city filed. Later filings of the same city, indicator and year replace earlier ones from `recorded_at` on."""

    city: str
    indicator: str
    year: int
    value: Decimal
    state: FilingState
    recorded_at: datetime
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Scheme:
    """A rule pack of scoring: its indicators, grades from the best down, and the grade that a missed floor leaves at most.

    Parameters
    ----------
    id, version : str
    indicators : sequence of ScoredIndicator
    grades : sequence of (str, Decimal)
        Name and smallest score of each grade, best first.
    capped_grade : str
        Best grade of a city whose key indicator lies below its floor.
    """

    id: str
    version: str
    indicators: tuple[ScoredIndicator, ...]
    grades: tuple[tuple[str, Decimal], ...]
    capped_grade: str

    def __post_init__(self) -> None:
        """Refuse schemes that cannot be applied."""
        names = [name for name, _ in self.grades]
        limits = [limit for _, limit in self.grades]
        if self.capped_grade not in names or limits != sorted(limits, reverse=True):
            raise ValueError("grades run from the best down and hold the capped one")
        if len({i.id for i in self.indicators}) != len(self.indicators) or any(i.weight <= 0 for i in self.indicators):
            raise ValueError("every indicator stands once, with a positive weight")


@dataclass(frozen=True, slots=True)
class IndicatorScore:
    """What an indicator gives a city: the value seen, what was required, and the progress that counts."""

    indicator: str
    value: Fraction | None
    required: Fraction
    progress: Fraction | None
    state: str


@dataclass(frozen=True, slots=True)
class CityScore:
    """A city's score: of 100, None while something is not filed; `provisional` leaves out what is missing."""

    city: str
    score: Fraction | None
    provisional: Fraction | None
    rank: int | None
    grade: str | None
    below_floor: tuple[str, ...]
    missing: tuple[str, ...]
    by_action: Mapping[str, Fraction]
    indicators: tuple[IndicatorScore, ...]


def score_cities(
    scheme: Scheme, filings: Iterable[Filing], cities: Sequence[str], year: int, as_of: datetime
) -> list[CityScore]:
    """Score all cities for a year with what had been recorded by a moment.

    Parameters
    ----------
    scheme : Scheme
    filings : iterable of Filing
    cities : sequence of str
    year : int
    as_of : datetime
        Filings recorded later are not seen.

    Returns
    -------
    list of CityScore
        Ranked cities first, best first, equal scores sharing a rank; then those that have not filed everything, by id.
    """
    known: dict[tuple[str, str], Filing] = {}
    for filing in sorted(filings, key=lambda f: f.recorded_at):
        if filing.year == year and filing.recorded_at <= as_of:
            known[filing.city, filing.indicator] = filing
    scored = [_city(scheme, known, city, year) for city in cities]
    complete = sorted((s for s in scored if s.score is not None), key=lambda s: (-(s.score or 0), s.city))
    ranks = {s.city: 1 + sum((o.score or 0) > (s.score or 0) for o in complete) for s in complete}
    ranked = [replace(s, rank=ranks[s.city]) for s in complete]
    return ranked + sorted((s for s in scored if s.score is None), key=lambda s: s.city)


def _city(scheme: Scheme, known: Mapping[tuple[str, str], Filing], city: str, year: int) -> CityScore:
    parts: list[IndicatorScore] = []
    weighted: dict[str, list[tuple[Fraction, Fraction]]] = defaultdict(list)
    below, missing = [], []
    for indicator in scheme.indicators:
        if city in indicator.exempt:
            continue
        part = _indicator(indicator, known.get((city, indicator.id)), city, year)
        parts.append(part)
        if part.progress is None:
            missing.append(indicator.id)
            continue
        weighted[indicator.action].append((Fraction(indicator.weight), part.progress))
        if indicator.floor is not None and part.progress < Fraction(indicator.floor):
            below.append(indicator.id)
    pairs = [pair for action in weighted.values() for pair in action]
    provisional = _mean(pairs) if pairs else None
    score = None if missing or provisional is None else provisional
    by_action = {action: _mean(pairs) for action, pairs in weighted.items()}
    grade = None if score is None else _grade(scheme, score, bool(below))
    return CityScore(city, score, provisional, None, grade, tuple(below), tuple(missing), by_action, tuple(parts))


def _indicator(indicator: ScoredIndicator, filing: Filing | None, city: str, year: int) -> IndicatorScore:
    path = indicator.city_paths.get(city, indicator.path)
    required, base = path.required(year), Fraction(path.baseline)
    if filing is None or filing.state is FilingState.REJECTED:
        return IndicatorScore(indicator.id, None, required, None, "not_filed" if filing is None else "rejected")
    value = Fraction(filing.value)
    if indicator.verified_only and filing.state is not FilingState.VERIFIED:
        return IndicatorScore(indicator.id, value, required, None, "not_verified")
    # a path may stand still for a year; then the baseline is what is required
    if required == base:
        forward = 1 if path.target > path.baseline else -1
        progress = Fraction(1) if (value - base) * forward >= 0 else Fraction(0)
    else:
        progress = (value - base) / (required - base)
    return IndicatorScore(
        indicator.id, value, required, max(Fraction(0), min(Fraction(indicator.cap), progress)), filing.state.value
    )


def _mean(pairs: Sequence[tuple[Fraction, Fraction]]) -> Fraction:
    return 100 * sum((w * p for w, p in pairs), Fraction()) / sum((w for w, _ in pairs), Fraction())


def _grade(scheme: Scheme, score: Fraction, capped: bool) -> str:
    names = [name for name, _ in scheme.grades]
    reached = next((i for i, (_, limit) in enumerate(scheme.grades) if score >= Fraction(limit)), len(names) - 1)
    return names[max(reached, names.index(scheme.capped_grade)) if capped else reached]


def rounded(value: Fraction | None, places: int = PLACES) -> str | None:
    """Return a fraction in decimals, half away from zero, as text; None stays None."""
    if value is None:
        return None
    scale = 10**places
    whole = (abs(value) * scale + Fraction(1, 2)).__floor__()
    text = f"{whole // scale}.{whole % scale:0{places}d}" if places else str(whole)
    return f"-{text}" if value < 0 and whole else text


def frozen(scheme: Scheme, scores: Sequence[CityScore], year: int, as_of: datetime) -> tuple[bytes, str]:
    """Return the record of a score run as canonical JSON, and its SHA-256: the same filings and pack give the same bytes.

    Fractions stand as they are (``p/q``) beside their rounded form, so that the record can be checked without rounding.
    """
    record = {
        "scheme": scheme.id,
        "version": scheme.version,
        "year": year,
        "as_of": as_of.isoformat(),
        "cities": [
            {
                "city": s.city,
                "score": rounded(s.score),
                "exact": None if s.score is None else str(s.score),
                "provisional": rounded(s.provisional),
                "rank": s.rank,
                "grade": s.grade,
                "below_floor": list(s.below_floor),
                "missing": list(s.missing),
                "actions": {a: rounded(v) for a, v in sorted(s.by_action.items())},
                "indicators": [
                    {
                        "id": i.indicator,
                        "value": None if i.value is None else str(i.value),
                        "required": str(i.required),
                        "progress": None if i.progress is None else str(i.progress),
                        "state": i.state,
                    }
                    for i in s.indicators
                ],
            }
            for s in scores
        ],
    }
    text = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return text, hashlib.sha256(text).hexdigest()


def what_if(
    filings: Iterable[Filing], changes: Mapping[tuple[str, str], Decimal], year: int, as_of: datetime
) -> list[Filing]:
    """Return the filings with some values of (city, indicator) replaced by supposed, verified ones."""
    supposed = [
        Filing(city, indicator, year, value, FilingState.VERIFIED, as_of, "supposed")
        for (city, indicator), value in changes.items()
    ]
    return [f for f in filings if not (f.year == year and (f.city, f.indicator) in changes)] + supposed
