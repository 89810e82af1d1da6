"""Technology readiness: from a level on the IEA scale to the year in the market, and the chance to get there."""

from __future__ import annotations

from typing import Final

import numpy as np

from tanlu.pathways.parameters import Floats

TRL_YEAR: Final = 2024
"""Year for which readiness levels are judged."""
MARKET: Final = 9
"""Level from which a technology counts as in the market: commercial operation in its relevant environment."""
HIGHEST: Final = 11
YEARS_PER_LEVEL: Final = (2.0, 3.2, 6.9)
"""Low, central and high years from one level to the next (5, 50 and 95 % points)."""
PASS: Final = (0.70, 0.70, 0.70, 0.75, 0.75, 0.80, 0.85, 0.95)
"""Chance of a technology at level 1, 2, … 8 to reach the next level at all; grade D."""
Z95: Final = 1.6448536269514722


def time_to_market(trl: float, pace: float = YEARS_PER_LEVEL[1]) -> float:
    """Return the years until a technology is in the market.

    Parameters
    ----------
    trl : float
        Level on the scale of the IEA, 1 to 11, in `TRL_YEAR`.
    pace : float
        Years from one level to the next.

    Returns
    -------
    float
        ``max(0, 9 - trl) * pace`` in years.

    Raises
    ------
    ValueError
        If the level is not on the scale or the pace is not positive.

    Notes
    -----
    Gross et al. (2018), Energy Policy 123, 682–699, found 20 to 69 years, on average 32, from invention to wide use of 13
    technologies. Shared out evenly over the ten steps of the scale of the IEA (Innovation Gaps, levels 1 to 11) this is 2.0, 3.2 and
    6.9 years a step. Five steps from the first prototype (level 4) then take 10 to 35 years, where IEA (Clean Energy Innovation, 2020)
    names 10 to 30. That all steps take the same time is an assumption.
    """
    if not 1 <= trl <= HIGHEST:
        raise ValueError(f"level {trl:g} is not between 1 and {HIGHEST}")
    if not pace > 0:
        raise ValueError(f"{pace:g} years a level")
    return max(0.0, MARKET - trl) * pace


def market_year(trl: float, pace: float = YEARS_PER_LEVEL[1]) -> int:
    """Return the first year in which a technology is expected in the market, `TRL_YEAR` if it is there.

    Raises
    ------
    ValueError
        See `time_to_market`.
    """
    return TRL_YEAR + round(time_to_market(trl, pace))


def chance_of_market(trl: float) -> float:
    """Return the chance that a technology ever reaches the market: the product of `PASS` over the levels ahead.

    A level between two whole ones has the chance of the lower one. The figures are assumptions: no study was found that counts how
    many energy technologies pass each level.

    Raises
    ------
    ValueError
        If the level is not on the scale.
    """
    if not 1 <= trl <= HIGHEST:
        raise ValueError(f"level {trl:g} is not between 1 and {HIGHEST}")
    return float(np.prod(PASS[int(trl) - 1 :]))


def pace_quantile(normal: Floats) -> Floats:
    """Return years per level for standard normal numbers: two half log-normal distributions through `YEARS_PER_LEVEL`.

    Parameters
    ----------
    normal : array
        Standard normal numbers; −1.645, 0 and 1.645 give the low, central and high pace.
    """
    low, central, high = np.log(YEARS_PER_LEVEL)
    out: Floats = np.exp(central + normal * np.where(normal < 0, central - low, high - central) / Z95)
    return out


def market_years(trl: Floats, chance: Floats, normal: Floats) -> Floats:
    """Return the year in which each technology reaches the market in each draw, infinite where it never does.

    Parameters
    ----------
    trl : [K]
        Levels of technologies that share their fortune.
    chance : [n]
        Uniform numbers: a technology fails in a draw whose number is above its `chance_of_market`. The same number for all, so a
        technology never gets there where a riper one does not.
    normal : [n]
        Standard normal numbers behind the pace.

    Returns
    -------
    [n, K]
        Years, with fractions.
    """
    ahead = np.maximum(0.0, MARKET - trl)
    years = TRL_YEAR + ahead[None, :] * pace_quantile(normal)[:, None]
    reached = chance[:, None] <= np.array([chance_of_market(float(level)) for level in trl])[None, :]
    out: Floats = np.where(reached, years, np.inf)
    return out
