"""How a record is computed: how its rows are read, and what the user did not give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tanlu.accounts.rulebook.findings import Finding
from tanlu.accounts.rulebook.method import Method
from tanlu.accounts.rulebook.resolver import Match, Reason

Substitute = tuple[str, str, str, tuple[Reason, ...]]
"""Method, input, factor and why it was taken."""


@dataclass(frozen=True)
class Reading:
    """How records of one shape are read: the same method, inputs, units, words and, of a series, periods.

    Parameters
    ----------
    method : Method
    alternative : int
        Position among the alternative units.
    columns : tuple of (row, input, period, scale)
        Which rows hold numbers, of which input and period, and the factor to the unit of the method. The period is that of the first
        record of the shape where the method is no series.
    choices : mapping
        Words by input.
    given : frozenset of str
        Names of the inputs that have rows.
    news : sequence of (Finding, int)
        What is listed of each record, with the row of its value.
    """

    method: Method
    alternative: int
    columns: tuple[tuple[int, str, str, float], ...]
    choices: Mapping[str, str]
    given: frozenset[str]
    news: Sequence[tuple[Finding, int]] = ()

    @cached_property
    def make(self) -> tuple[object, ...]:
        """What records that are evaluated together have in common; the period of one that is no series does not enter the formula."""
        series = self.method.is_series
        columns = tuple((position, name, period if series else "") for position, name, period, _ in self.columns)
        return self.method.id, self.alternative, columns, tuple(self.choices.items())

    @cached_property
    def need(self) -> tuple[object, ...]:
        """What decides, with area and year, which factors and defaults are taken: words matter where they name the factor."""
        subjects = tuple(
            i.subject.format(**self.choices)
            for i in self.method.inputs
            if i.kind == "factor" and i.name not in self.given
        )
        return self.method.id, self.alternative, self.given, subjects


@dataclass(slots=True)
class Found:
    """What is taken for the inputs that the user did not give.

    Parameters
    ----------
    matches, defaults : mapping
        Factors of the library and defaults of the rule, by input.
    substitutes : tuple of Substitute
        Those that a person should confirm.
    times : int
        Records that take them.
    """

    matches: Mapping[str, Match]
    defaults: Mapping[str, float]
    substitutes: tuple[Substitute, ...]
    times: int = 0

    @property
    def ids(self) -> tuple[tuple[str, str], ...]:
        """Factors by input; what is neither given nor found is a default."""
        return tuple((name, match.factor.id) for name, match in self.matches.items())


@dataclass(frozen=True, slots=True)
class Plan:
    """How records of one make are computed.

    Parameters
    ----------
    reading : Reading
    periods : tuple of str
        Periods of the results; the last one alone for methods that are not series.
    found : Found
    """

    reading: Reading
    periods: tuple[str, ...]
    found: Found

    @property
    def method(self) -> Method:
        """The method."""
        return self.reading.method

    @property
    def matches(self) -> Mapping[str, Match]:
        """Factors of the library by input."""
        return self.found.matches


class RecordMatches(Mapping[tuple[str, str, str, str], Mapping[str, Match]]):
    """Why each factor of each record was taken: by (record, place, method, period), then by input; made when it is first asked.

    Parameters
    ----------
    names, places, periods : sequence of str
        Of each record; the period is that of a record that is no series.
    plans : sequence of Plan or None
    """

    def __init__(
        self, names: Sequence[str], places: Sequence[str], periods: Sequence[str], plans: Sequence[Plan | None]
    ) -> None:
        self._columns = (names, places, periods, plans)

    @cached_property
    def _all(self) -> dict[tuple[str, str, str, str], Mapping[str, Match]]:
        return {
            (name, place, plan.method.id, each): plan.matches
            for name, place, period, plan in zip(*self._columns, strict=True)
            if plan is not None
            for each in (plan.periods if plan.method.is_series else (period,))
        }

    def __getitem__(self, key: tuple[str, str, str, str]) -> Mapping[str, Match]:
        return self._all[key]

    def __iter__(self) -> Iterator[tuple[str, str, str, str]]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)
