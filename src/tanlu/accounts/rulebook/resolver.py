"""Finding the factor that a method needs: near the place, valid in the year, from the sets of the rule; and saying why it was taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from tanlu.accounts.rulebook.method import Input
from tanlu.accounts.rulebook.method_sets import MethodSet
from tanlu.core.factors import Factor
from tanlu.core.library import Library
from tanlu.core.units import IncompatibleUnitsError, conversion_factor

Reason = Literal["exact", "renamed", "wider_region", "older_year", "other_set", "draft", "superseded"]
FOR_REVIEW: Final[frozenset[Reason]] = frozenset({"wider_region", "older_year", "other_set", "draft"})
"""Reasons that make a match a fallback, which is listed and never silent."""


@dataclass(frozen=True, slots=True)
class Match:
    """A factor, and why it is the one."""

    factor: Factor
    reasons: tuple[Reason, ...]

    @property
    def is_fallback(self) -> bool:
        """Whether a person should look at it."""
        return not FOR_REVIEW.isdisjoint(self.reasons)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A factor that serves in a place, how far its region is, and what is to be said of it in every year."""

    factor: Factor
    rank: int
    reasons: tuple[Reason, ...]


_Kind = tuple[str, str, str, str]
"""Parameter, subject, gas and unit of what is asked."""
_Shelf = tuple[bool, list[list[_Candidate]]]
"""Whether a set is one of the rule's own, and what it has for each kind."""


@dataclass(slots=True)
class Resolver:
    """Finds factors for the methods of one set; answers are kept.

    Parameters
    ----------
    library : Library
    method_set : MethodSet
    """

    library: Library
    method_set: MethodSet
    _ranks: dict[str, dict[str, int]] = field(default_factory=dict)
    _areas: dict[str, str] = field(default_factory=dict)
    _shelves: dict[tuple[tuple[_Kind, ...], str], list[_Shelf]] = field(default_factory=dict)
    _kept: dict[tuple[str, _Kind, str], list[_Candidate]] = field(default_factory=dict)

    def find(
        self, inputs: Sequence[Input], alternative: int, choices: Mapping[str, str], place: str, year: int
    ) -> tuple[Match, ...] | None:
        """Return a match for each input, all from one factor set, or None if no set has them all.

        Parameters
        ----------
        inputs : sequence of Input
            A bundle, or one input.
        alternative : int
            Position of the unit.
        choices : mapping
            Words that fill the subjects.
        place : str
        year : int
        """
        place = self.area(place)
        kinds = tuple(_kind(i, alternative, choices) for i in inputs)
        if (kinds, place) not in self._shelves:
            self._shelves[kinds, place] = list(self._stocked(kinds, place))
        for is_own, shelf in self._shelves[kinds, place]:
            found = [_best(candidates, year) for candidates in shelf]
            complete = [m for m in found if m is not None]
            if len(complete) == len(found):
                if is_own:
                    return tuple(complete)
                return tuple(Match(m.factor, _with(m.reasons, "other_set")) for m in complete)
        return None

    def area(self, place: str) -> str:
        """Return the nearest area around a place that has factors of its own or is a province: factors are the same within it."""
        if place not in self._areas:
            parts = self.library.slug(place).split("/")
            nearer = ["/".join(parts[:n]) for n in range(len(parts), 0, -1)]
            self._areas[place] = next((a for a in nearer if a in self.library.regions), parts[0])
        return self._areas[place]

    def _stocked(self, kinds: Sequence[_Kind], place: str) -> Iterator[_Shelf]:
        """Yield the sets that have something for each kind, in the order in which they are asked."""
        own = self.method_set.factor_sets
        for factor_set in (*own, *self.method_set.fallback):
            shelf = [self._candidates(factor_set, kind, place) for kind in kinds]
            if all(shelf):
                yield factor_set in own, shelf

    def _candidates(self, factor_set: str, kind: _Kind, place: str) -> list[_Candidate]:
        """Return the factors of a set that serve in a place, whatever the year."""
        key = (factor_set, kind, place)
        if key in self._kept:
            return self._kept[key]
        parameter, subject, gas, unit = kind
        named = self.renamed(factor_set, subject)
        published = self.library.index.get((factor_set, parameter, named, gas), [])
        rank, regions = (self._rank(place), {f.region for f in published}) if published else ({}, set())
        found = []
        for f in published:
            if f.region in rank and f.evidence != "" and _fits(f, unit):
                reasons: list[Reason] = ["renamed"] if named != subject else []
                if f.region and len(regions) > 1 and self._is_proxy(f.region, regions, place):
                    reasons.append("wider_region")
                found.append(_Candidate(f, rank[f.region], tuple(reasons)))
        self._kept[key] = found
        return found

    def _rank(self, place: str) -> dict[str, int]:
        """Return the position of a place and of the areas around it, nearest first; factors of no area come last."""
        if place not in self._ranks:
            around = (*self.library.chain(place), "")
            self._ranks[place] = {area: position for position, area in enumerate(around)}
        return self._ranks[place]

    def _is_proxy(self, region: str, published: Iterable[str], place: str) -> bool:
        """Return whether a factor is of a wider area although others of its kind are published for areas of the kind of the place."""
        province = place.partition("/")[0]
        siblings = {a for a in published if a in self.library.areas and a != region}
        kin = any(region in self._rank(a) for a in siblings)
        return region != province and kin

    def renamed(self, factor_set: str, subject: str) -> str:
        """Return what a factor set calls a subject."""
        aliases = self.library.aliases
        whole = aliases.get((factor_set, subject))
        return whole or ".".join(aliases.get((factor_set, part), part) for part in subject.split("."))

    def lacking(
        self, inputs: Sequence[Input], alternative: int, choices: Mapping[str, str], place: str, year: int
    ) -> list[Input]:
        """Return the inputs of a bundle that the set which has most of them lacks."""
        area = self.area(place)
        missing = [
            [i for i in inputs if _best(self._candidates(s, _kind(i, alternative, choices), area), year) is None]
            for s in (*self.method_set.factor_sets, *self.method_set.fallback)
        ]
        return min(missing, key=len, default=list(inputs))

    def related(self, wanted: Input, choices: Mapping[str, str]) -> list[Factor]:
        """Return factors that would serve but for the place or the year, for the message."""
        subject = wanted.subject.format(**choices)
        sets = (*self.method_set.factor_sets, *self.method_set.fallback)
        found = (self.library.index.get((s, wanted.parameter, self.renamed(s, subject), wanted.gas), []) for s in sets)
        return [f for factors in found for f in factors]


def _kind(wanted: Input, alternative: int, choices: Mapping[str, str]) -> _Kind:
    return wanted.parameter, wanted.subject.format(**choices), wanted.gas, _unit(wanted, alternative)


def _best(candidates: Iterable[_Candidate], year: int) -> Match | None:
    """Return the nearest factor for a year: region first, then year."""
    usable = [c for c in candidates if (c.factor.valid_from or year) <= year]
    if not usable:
        return None
    best = min(usable, key=lambda c: (c.rank, *_preference(c.factor, year))) if len(usable) > 1 else usable[0]
    reasons = list(best.reasons)
    if not best.factor.holds_in(year):
        reasons.append("older_year")
    if best.factor.status:
        reasons.append("draft" if best.factor.status == "draft" else "superseded")
    return Match(best.factor, tuple(reasons) or ("exact",))


def _preference(factor: Factor, year: int) -> tuple[bool, int, bool, int, str]:
    """Return the order of factors for one area: the one of the year, else the latest before it; in use before draft or superseded."""
    holds = factor.holds_in(year)
    # the id decides last, so that the order of tables never does
    last = 0 if holds else -(factor.valid_to or year)
    return not holds, last, factor.status != "", -(factor.valid_from or 0), factor.id


def _unit(wanted: Input, alternative: int) -> str:
    return wanted.units[min(alternative, len(wanted.units) - 1)] or "1"


def _fits(factor: Factor, unit: str) -> bool:
    try:
        conversion_factor(factor.unit, unit)
    except IncompatibleUnitsError:
        return False
    return True


def _with(reasons: tuple[Reason, ...], more: Reason) -> tuple[Reason, ...]:
    return (*(r for r in reasons if r != "exact"), more)
