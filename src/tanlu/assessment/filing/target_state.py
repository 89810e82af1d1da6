"""The state of a numeric target: what is reported and verified, what is to be expected, and what would change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tanlu.assessment.count_forecast import CountForecast, Outlook
from tanlu.plan import Target
from tanlu.plan.records import Text


@dataclass(frozen=True, slots=True)
class Change:
    """What would change a verdict: a code whose text stands in the catalogue, and its numbers."""

    code: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TargetState:
    """A numeric target as known at a moment.

    Parameters
    ----------
    origin : {"registry", "scoreboard"}
    reported, verified : float or None
        In ``unit``; None where nothing was measured. Of a measured target a value is verified when it is official: published in the
        data of the province, or filed with the document of the statistics office and checked by a second person. Computed physically
        or not checked yet, it is only reported.
    parts : tuple of Count
        Prefectures and what belongs to none.
    years : mapping of int to (int, int)
        Reported and verified additions of each complete year that is known.
    forecast : CountForecast or None
        From the verified additions; of the scoreboard its probability stands in ``probability``.
    probability : float or None
        That the target is reached in time, from what was verified.
    probability_reported : float or None
        The same if everything reported were verified.
    needed : float or None
        Addition needed in each year to come (for a change in percent: the yearly change).
    changes : tuple of Change
    year_reported, year_verified : int or None
        Of a measured target, the years of the two values; what is counted is counted up to the moment.
    """

    target: Target
    origin: str
    reported: float | None
    verified: float | None
    outlook: Outlook
    probability: float | None
    needed: float | None
    changes: tuple[Change, ...]
    unit: str
    grade: str
    source: str
    note: Text
    parts: tuple[Any, ...] = ()
    years: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    forecast: CountForecast | None = None
    probability_reported: float | None = None
    demonstration: bool = False
    year_reported: int | None = None
    year_verified: int | None = None


def percent(probability: float) -> str:
    """Return a probability as it is shown: nothing that can happen is 0 %, and nothing that can fail 100 %."""
    if 0 < probability < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= probability < 1 else f"{100 * probability:.0f}%"
