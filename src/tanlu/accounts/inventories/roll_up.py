"""Results added up by place: unit < enterprise < park < prefecture < province, without counting anything twice.

Two rules of the boundary: a place and a place inside it never both account for the same category by the same method, and the power that
members buy is not added above the enterprise, because the plant that made it is in the area's own total.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from tanlu.accounts.rulebook.result import Result, Results
from tanlu.core.errors import DataError, Problem
from tanlu.core.gases import GwpSet
from tanlu.core.inventory import combine

AREA_DEPTH: Final = 2
"""Parts of a path that name areas where no list of areas is given: province and prefecture."""


class Key(NamedTuple):
    """What a sum is of."""

    place: str
    year: int
    category: str
    gas: str


@dataclass(frozen=True, slots=True)
class Sum:
    """Mass of a gas [t] with its 95 % interval, the results in it, and their errors in t by cause."""

    value: float
    low: float
    high: float
    ids: tuple[str, ...]
    errors: Mapping[str, float]


@dataclass(frozen=True)
class RollUp:
    """Sums by place.

    Parameters
    ----------
    sums : mapping
        Emissions and removals of a place and all places inside it.
    memo : mapping
        Memo ledger of each place; that of an area holds only what is booked for the area itself.
    members : mapping
        Memo entries of the places inside an area, told apart and in no total.
    areas : frozenset of str
        Places above the enterprise.
    counts : tuple of str
        Memo categories that the rule adds to the total of an enterprise.
    """

    sums: Mapping[Key, Sum]
    memo: Mapping[Key, Sum]
    members: Mapping[Key, tuple[str, ...]]
    areas: frozenset[str] = frozenset()
    counts: tuple[str, ...] = ()

    def total(self, place: str, year: int, gwp: GwpSet) -> tuple[float, float, float]:
        """Return the total of a place in a year and its 95 % interval (value, low, high) [t CO2e].

        Memo items are left out, except those that the rule adds to the total of an enterprise: never to that of an area.
        """
        parts = []
        ledger = {} if place in self.areas else {k: s for k, s in self.memo.items() if k.category in self.counts}
        for key, found in (*self.sums.items(), *ledger.items()):
            if key.place == place and key.year == year:
                relative = {c: e / found.value for c, e in found.errors.items()} if found.value else {}
                parts.append((found.value * (gwp[key.gas] if key.gas != "CO2e" else 1.0), relative))
        return combine(parts)


def outer_places(place: str) -> list[str]:
    """Return a place and the places in which it lies, nearest first."""
    parts = place.split("/") if place else []
    return ["/".join(parts[:n]) for n in range(len(parts), 0, -1)]


def _overlap(first: str, second: str) -> bool:
    """Return whether two periods share time: a year holds its months."""
    return first == second or first == second[:4] or second == first[:4]


def nested_problems(results: Iterable[Result]) -> list[Problem]:
    """Return a problem for every place that accounts, by the same method, for what a place inside it accounts for too.

    Parameters
    ----------
    results : iterable of Result
    """
    periods: dict[tuple[str, str, str], dict[str, dict[str, str]]] = {}
    for r in results:
        found = periods.setdefault((r.method, r.category, r.gas), {}).setdefault(r.place, {})
        found.setdefault(r.period, r.record)
    problems: dict[tuple[str, str, str, str], Problem] = {}
    for (method, category, _), places in periods.items():
        for inner, by_period in places.items():
            for outer in outer_places(inner)[1:]:
                for period, record in places.get(outer, {}).items():
                    if any(_overlap(period, p) for p in by_period):
                        details = {"inner": inner, "outer": outer, "period": period, "category": category}
                        problem = Problem("nested_records", "results", field=method, value=record, details=details)
                        problems.setdefault((method, category, outer, period), problem)
    return list(problems.values())


def roll_up(results: Iterable[Result], areas: Collection[str] = (), counts: Collection[str] | None = None) -> RollUp:
    """Add results up by place path.

    Parameters
    ----------
    results : iterable of Result
        Their places are paths, widest first.
    areas : collection of str
        Places above the enterprise: province, prefectures, parks (for example ``province.regions``). Paths of one or two parts always are.
    counts : collection of str, optional
        Memo categories that the rule adds to the total of an enterprise; those of the method set of `Results` if not given.

    Returns
    -------
    RollUp

    Raises
    ------
    DataError
        If a place accounts for what a place inside it accounts for too, with every such case.
    """
    rows = list(results)
    problems = nested_problems(rows)
    if problems:
        raise DataError(problems)
    sums: dict[Key, list[Result]] = {}
    memo: dict[Key, list[Result]] = {}
    members: dict[Key, list[str]] = {}
    above: set[str] = set()
    for r in rows:
        year = int(r.period[:4])
        for place in outer_places(r.place):
            key = Key(place, year, r.category, r.gas)
            is_area = place in areas or place.count("/") < AREA_DEPTH
            if is_area:
                above.add(place)
            if not r.is_memo:
                sums.setdefault(key, []).append(r)
            elif place == r.place or not is_area:
                memo.setdefault(key, []).append(r)
            else:
                members.setdefault(key, []).append(r.id)
    return RollUp(
        {k: _sum(v) for k, v in sums.items()},
        {k: _sum(v) for k, v in memo.items()},
        {k: tuple(v) for k, v in members.items()},
        frozenset(above),
        tuple(counts) if counts is not None else results.method_set.counts if isinstance(results, Results) else (),
    )


def _sum(results: list[Result]) -> Sum:
    value, low, high = combine((r.value, dict(r.errors)) for r in results)
    errors: dict[str, float] = {}
    for r in results:
        for cause, relative in r.errors:
            errors[cause] = errors.get(cause, 0.0) + r.value * relative
    return Sum(value, low, high, tuple(r.id for r in results), errors)
