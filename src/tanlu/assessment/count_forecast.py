"""Forecast of a counted target (laboratories, teams, new firms): run-rate, and a probability that respects the spread between years.

Yearly additions are taken as draws of one normal distribution whose mean and variance are both estimated from the years seen. The sum of
the years to come then follows a Student distribution [1]_: with k years seen, mean m, standard deviation s (divisor k − 1) and n years to
come,

    (Σ − n·m) / (s·√(n + n²/k)) ~ t(k − 1).

A Poisson count would take the variance equal to the mean, and for additions that differ from year to year that is far too sure of itself.
Under three years nothing is said.

References
----------
.. [1] A. Gelman et al., Bayesian Data Analysis, 3rd ed., CRC 2013, section 3.2: posterior predictive distribution of a normal sample under
   the standard noninformative prior; the sum of n future values follows in the same way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tanlu.assessment.pace import LIKELY, OPEN

LEAST_YEARS: Final = 3
"""Years that must have been seen before a probability is told."""


class Outlook(StrEnum):
    """Verdict on a counted target."""

    REACHED = "reached"
    LIKELY = "likely"
    UNCERTAIN = "uncertain"
    UNLIKELY = "unlikely"
    MISSED = "missed"
    INSUFFICIENT = "insufficient_data"


@dataclass(frozen=True, slots=True)
class CountForecast:
    """What is to be expected of a counted target.

    Parameters
    ----------
    outlook : Outlook
    count : float
        Reached by the end of the last year seen.
    target : float
    due : int
        Year by whose end it is to be reached.
    mean, spread : float or None
        Mean and standard deviation of the yearly additions seen.
    expected : float or None
        Count at the end of `due` when additions go on at their mean.
    needed : float or None
        Addition needed in each year to come; None where none is left.
    probability : float or None
        Of reaching the target, from the predictive Student distribution.
    probability_at_rate : float or None
        The same if the mean were known exactly (normal distribution); the difference is what the few years seen cost.
    rate_wanted : float or None
        Mean yearly addition with which the target would be likely (`pace.LIKELY`) at the same spread, the mean being known.
    """

    outlook: Outlook
    count: float
    target: float
    due: int
    mean: float | None = None
    spread: float | None = None
    expected: float | None = None
    needed: float | None = None
    probability: float | None = None
    probability_at_rate: float | None = None
    rate_wanted: float | None = None


def forecast_count(additions: Mapping[int, float], target: float, due: int, start: float = 0.0) -> CountForecast:
    """Forecast a counted target.

    Parameters
    ----------
    additions : mapping of int to float
        Net additions of every year seen, without a gap; years that were not reported must not be given as 0.
    target : float
        Count to be reached.
    due : int
        Year by whose end it is to be reached.
    start : float
        Count before the first year.

    Raises
    ------
    ValueError
        If years are missing between the first and the last.
    """
    years = sorted(additions)
    if years and years != list(range(years[0], years[-1] + 1)):
        raise ValueError(f"additions of {years} have a gap; a year that was not reported cannot be forecast from")
    values = [additions[year] for year in years]
    count = start + sum(values)
    left = due - years[-1] if years else 0
    needed = (target - count) / left if left > 0 else None
    if count >= target:
        return CountForecast(Outlook.REACHED, count, target, due, *_moments(values), needed=0.0)
    if years and left <= 0:
        return CountForecast(Outlook.MISSED, count, target, due, *_moments(values))
    mean, spread = _moments(values)
    if mean is None or spread is None or needed is None:
        return CountForecast(Outlook.INSUFFICIENT, count, target, due, needed=needed)
    expected = count + left * mean
    margin = expected - target
    predictive = _chance(margin, spread * math.sqrt(left + left**2 / len(values)), len(values) - 1)
    return CountForecast(
        _outlook(predictive),
        count,
        target,
        due,
        mean,
        spread,
        expected,
        needed,
        predictive,
        _chance(margin, spread * math.sqrt(left), None),
        needed + _normal_quantile(LIKELY) * spread / math.sqrt(left),
    )


def _moments(values: list[float]) -> tuple[float | None, float | None]:
    """Return mean and standard deviation (divisor k − 1), or nothing for too few years."""
    if len(values) < LEAST_YEARS:
        return None, None
    mean = sum(values) / len(values)
    return mean, math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))


def _chance(margin: float, scale: float, freedom: int | None) -> float:
    """Return the probability that a centred variable of this scale stays above −margin."""
    if scale == 0:
        return 1.0 if margin >= 0 else 0.0
    if freedom is None:
        return 0.5 * math.erfc(-margin / scale / math.sqrt(2))
    return student_cdf(margin / scale, freedom)


def student_cdf(t: float, freedom: int) -> float:
    """Return the probability that a variable of Student's distribution with whole degrees of freedom is at most ``t``.

    Source: Abramowitz and Stegun (1964), equations 26.7.3 and 26.7.4, which are exact and need no library of special functions, which
    would stay in the memory of a process that serves with 20 MB.
    """
    angle = math.atan(t / math.sqrt(freedom))
    cos = math.cos(angle)
    odd = freedom % 2
    term = total = cos if odd else 1.0
    for k in range(2 + odd, freedom - 1, 2):
        term *= (k - 1) / k * cos * cos
        total += term
    inside = math.sin(angle) * total if freedom > 1 else 0.0
    return 0.5 + (2 / math.pi * (angle + inside) if odd else inside) / 2


def _normal_quantile(probability: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(probability)


def _outlook(probability: float) -> Outlook:
    if probability >= LIKELY:
        return Outlook.LIKELY
    return Outlook.UNLIKELY if probability < OPEN else Outlook.UNCERTAIN
