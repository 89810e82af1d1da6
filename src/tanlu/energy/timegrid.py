"""Periods and time steps of an energy system: which years are computed, what each stands for, and how hours are gathered into steps."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tanlu.energy.problem import Floats

HOURS_PER_YEAR: Final = 8760
"""Hours of a weather year [h]; it has no 29 February."""


@dataclass(frozen=True, eq=False)
class TimeGrid:
    """Periods × steps; the steps of every period are the same hours of the weather year.

    Parameters
    ----------
    years : tuple of int
        The periods.
    weights : (P,) array
        Discounted years that each period stands for [a]; 1 where a single period is costed as one year.
    starts : (S,) int array
        First hour of each step; the first is 0.
    hours : int
        Hours that the steps cover [h].
    repetitions : float
        How often the covered hours make a year (8760 divided by `hours` where they stand for one); 1 where only they are meant.
    build_years : (P,) array or None
        Years in which the capacity of each period can be built [a]; None where they follow from the years.
    lengths : (H,) array or None
        Length of each of the `hours`, where they are time slices of another length [h]; None where each is one hour.
    occurrences : (H,) array or None
        How often each of them occurs in a year, where that differs [1/a]; None where it is `repetitions` for all.
    """

    years: tuple[int, ...]
    weights: Floats
    starts: NDArray[np.int64]
    hours: int
    repetitions: float = 1.0
    build_years: Floats | None = None
    lengths: Floats | None = None
    occurrences: Floats | None = None

    @classmethod
    def hourly(
        cls, years: Sequence[int], hours: int = HOURS_PER_YEAR, *, discount_rate: float = 0.0, annual: bool = True
    ) -> TimeGrid:
        """Return a grid whose steps are the hours.

        Parameters
        ----------
        years : sequence of int
            The periods.
        hours : int
            Hours of the profiles.
        discount_rate : float
            Real rate at which later periods count less [1/a].
        annual : bool
            Whether fewer hours than a year stand for the whole year.
        """
        return cls(
            tuple(years),
            period_weights(years, discount_rate),
            np.arange(hours),
            hours,
            HOURS_PER_YEAR / hours if annual else 1.0,
        )

    def with_steps(self, starts: NDArray[np.int64]) -> TimeGrid:
        """Return the same periods with other steps."""
        return replace(self, starts=np.asarray(starts, np.int64))

    def single(self, period: int) -> TimeGrid:
        """Return one period of the grid, with its weight."""
        span = slice(period, period + 1)
        return replace(self, years=self.years[span], weights=self.weights[span], build_years=self.spans[span])

    @property
    def spans(self) -> Floats:
        """Years in which the capacity of each period can be built, (P,) [a]; without limit in a single period that stands alone."""
        if self.build_years is not None:
            return self.build_years
        if self.periods == 1:
            return np.array([np.inf])
        steps = np.diff(self.years)
        return np.concatenate([steps[:1], steps]).astype(float)

    @property
    def years_stood_for(self) -> Floats:
        """Years that each period stands for, not discounted, (P,) [a]; 1 of a single period."""
        if self.periods == 1:
            return np.ones(1)
        steps = np.diff(self.years)
        return np.append(steps, steps[-1]).astype(float)

    @property
    def periods(self) -> int:
        """Number of periods."""
        return len(self.years)

    @property
    def steps(self) -> int:
        """Number of steps."""
        return len(self.starts)

    @property
    def shape(self) -> tuple[int, int]:
        """Periods and steps."""
        return self.periods, self.steps

    @property
    def is_hourly(self) -> bool:
        """Whether every step is one hour, or one time slice of the profiles."""
        return self.steps == self.hours

    @cached_property
    def durations(self) -> Floats:
        """Hours of each step [h]."""
        if self.lengths is None:
            return self._counts.astype(float)
        return np.asarray(np.add.reduceat(self.lengths, self.starts), float)

    @cached_property
    def _counts(self) -> NDArray[np.int64]:
        """Hours, or time slices, of each step."""
        return np.diff(self.starts, append=self.hours)

    @cached_property
    def annual_hours(self) -> Floats:
        """Hours of the year that each step stands for [h/a]."""
        if self.occurrences is None:
            return self.durations * self.repetitions
        lengths = np.ones(self.hours) if self.lengths is None else self.lengths
        return np.asarray(np.add.reduceat(lengths * self.occurrences, self.starts), float)

    @cached_property
    def ends(self) -> NDArray[np.int64]:
        """Last hour of each step."""
        return np.append(self.starts[1:], self.hours) - 1

    def mean(self, hourly: Floats) -> Floats:
        """Return the mean of an hourly array over each step; hours are its last axis."""
        if self.is_hourly:
            return np.asarray(hourly, float)
        weighted = hourly if self.lengths is None else hourly * self.lengths
        result: Floats = np.add.reduceat(weighted, self.starts, axis=-1) / self.durations
        return result

    def highest(self, hourly: Floats) -> Floats:
        """Return the maximum over each step."""
        return np.asarray(np.maximum.reduceat(hourly, self.starts, axis=-1))

    def lowest(self, hourly: Floats) -> Floats:
        """Return the minimum over each step."""
        return np.asarray(np.minimum.reduceat(hourly, self.starts, axis=-1))

    def to_hours(self, values: Floats) -> Floats:
        """Return values of steps (last axis) at every hour, constant within a step."""
        return np.repeat(values, self._counts, axis=-1)


def period_weights(years: Sequence[int], discount_rate: float) -> Floats:
    r"""Return the discounted years that each period stands for [a].

    A period stands for the years from its own to the one before the next; the last for as many as the period before it. A single period
    is costed as one year: its objective is an annual cost.

    .. math:: w_p = \sum_{t=y_p}^{y_{p+1}-1} (1+r)^{-(t-y_0)}

    Raises
    ------
    ValueError
        When the years do not rise.
    """
    if any(b <= a for a, b in itertools.pairwise(years)):
        raise ValueError("years must rise")
    if len(years) == 1:
        return np.ones(1)
    spans = [*np.diff(years), years[-1] - years[-2]]
    return np.array(
        [
            sum((1 + discount_rate) ** -(y - years[0] + k) for k in range(span))
            for y, span in zip(years, spans, strict=True)
        ]
    )


def annuity(discount_rate: float, lifetime: float) -> float:
    r"""Return the yearly share of an investment that repays it with interest over its lifetime [1/a].

    .. math:: a = \frac{r}{1 - (1+r)^{-n}}
    """
    if discount_rate == 0:
        return 1.0 / lifetime
    return float(discount_rate / (1.0 - (1.0 + discount_rate) ** -lifetime))
