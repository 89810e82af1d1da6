"""Numbers as they are printed: as many digits as their size carries."""

from __future__ import annotations

from typing import Final

DIGITS: Final = 6
"""Digits of a mass above which no decimals are shown."""
MOST_DECIMALS: Final = 3
SMALL: Final = 0.01
"""Mass below which three significant digits are shown instead of decimals."""


def decimals_of(*values: float) -> int:
    """Return the decimals with which values that stand together are shown: the largest decides."""
    largest = max((abs(v) for v in values), default=0.0)
    whole = len(f"{largest:.0f}")
    return max(0, min(MOST_DECIMALS, DIGITS - whole))


def mass_text(value: float, decimals: int | None = None) -> str:
    """Return a mass [t] as text: whole tonnes from a hundred thousand, up to three decimals below.

    Parameters
    ----------
    value : float
    decimals : int, optional
        Of a row of values, see `decimals_of`.
    """
    if decimals is None and 0 < abs(value) < SMALL:
        return f"{value:.3g}"
    places = decimals_of(value) if decimals is None else decimals
    return f"{round(value, places) + 0.0:,.{places}f}"


def signed_text(value: float, decimals: int) -> str:
    """Return a difference with its sign, zero without one that is only noise."""
    return f"{round(value, decimals) + 0.0:+,.{decimals}f}"
