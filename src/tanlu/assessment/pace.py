"""Is a value on the way to a target? The required path and the distance from it."""

from __future__ import annotations

import math
from typing import Final

MARGIN: Final = 0.8
"""Share of the required progress below which a target is off track rather than at risk: a convention of this project."""
LIKELY: Final = 0.8
"""Probability from which a forecast target is on track: a convention of this project."""
OPEN: Final = 0.5
"""Probability below which a forecast target is off track: more likely missed than met."""


def required_rate(total: float, years: int) -> float:
    """Return the constant yearly change that gives a cumulative change.

    Parameters
    ----------
    total : float
        Cumulative change [%], above -100.
    years : int

    Returns
    -------
    float
        Yearly change [%/yr]; -14 % in five years is -2.97 %/yr.
    """
    return 100 * math.expm1(math.log1p(total / 100) / years)


def required_change(total: float, base: int, due: int, year: int) -> float:
    """Return the cumulative change [%] that is required by a year on the path linear in logarithms from base to due year, and after it."""
    return 100 * math.expm1(math.log1p(total / 100) * (min(year, due) - base) / (due - base))


def change_progress(achieved: float, required: float) -> float:
    """Return achieved over required change in logarithms; 1 is on the path.

    Parameters
    ----------
    achieved, required : float
        Cumulative changes [%] by the same year; ``required`` is not zero.
    """
    return math.log1p(achieved / 100) / math.log1p(required / 100)


def level_progress(value: float, base_value: float, required: float, base: int, due: int, year: int) -> float:
    """Return achieved over required progress of a level on the straight path from its base value to the required one.

    At the base year itself, and where the required level was there from the start, reaching it counts as 1 and missing it as 0.
    """
    needed = (required - base_value) * (min(year, due) - base) / (due - base)
    if needed == 0:
        return 1.0 if (value - base_value) * math.copysign(1, required - base_value) >= 0 else 0.0
    return (value - base_value) / needed


def status_of_progress(progress: float, year: int, due: int, within_error: bool = False) -> str:
    """Return the status of a progress ratio.

    Parameters
    ----------
    progress : float
    year, due : int
    within_error : bool
        Whether the required value lies inside the 95 % interval of the measured one; being behind is not shown then, so the status before
        the due year is not worse than ``at_risk``.

    Returns
    -------
    {"met", "on_track", "at_risk", "off_track"}
        ``met`` only from the due year on, when a shortfall of any size is ``off_track``.
    """
    if year >= due:
        return "met" if progress >= 1 else "off_track"
    return "on_track" if progress >= 1 else "at_risk" if progress >= MARGIN or within_error else "off_track"


def status_of_chance(probability: float) -> str:
    """Return the status of a probability that the target will be met."""
    return "on_track" if probability >= LIKELY else "at_risk" if probability >= OPEN else "off_track"
