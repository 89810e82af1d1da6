"""Rounding that statutes prescribe, exact on the decimal text of a number.

Binary floats cannot hold 2.675, so a rule that rounds halves up would see 2.67499…: every function here works on exact fractions of the
number as it is written.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

Exact = Decimal | Fraction | int | float | str
"""A number as a user, a table or a formula has it; a float counts as the shortest decimal text that stands for it."""

LARGEST_EXPONENT: Final = 400
"""Powers of ten beyond which a text is taken for a mistake; doubles end at 308."""


def as_fraction(value: Exact) -> Fraction:
    """Return the exact value of a number as it is written.

    Raises
    ------
    ValueError
        If it is no finite number.
    """
    if isinstance(value, Fraction | int):
        return Fraction(value)
    try:
        written = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is no number") from error
    # a huge exponent would fill the memory with zeros
    if not written.is_finite() or abs(written.adjusted()) > LARGEST_EXPONENT:
        raise ValueError(f"{value!r} is no usable number")
    return Fraction(written)


def _split(value: Exact, places: int) -> tuple[int, int, Fraction]:
    """Return sign, whole part and rest of the value in units of the last place."""
    scaled = as_fraction(value) * Fraction(10) ** places
    size = abs(scaled)
    whole = size.numerator // size.denominator
    return (-1 if scaled < 0 else 1), whole, size - whole


def _decimal(count: int, places: int) -> Decimal:
    return Decimal(count).scaleb(-places)


def round_half_up(value: Exact, places: int = 0) -> Decimal:
    """Round to a number of decimals, halves away from zero (四舍五入).

    Parameters
    ----------
    value : Decimal, Fraction, int, float or str
    places : int
        Decimals that are kept.

    Returns
    -------
    Decimal
        With exactly that many decimals.
    """
    sign, whole, rest = _split(value, places)
    return _decimal(sign * (whole + (rest >= Fraction(1, 2))), places)


def round_half_even(value: Exact, places: int = 0) -> Decimal:
    """Round to a number of decimals, halves to the even digit (GB/T 8170-2008, 3.2: 四舍六入五成双)."""
    sign, whole, rest = _split(value, places)
    half = Fraction(1, 2)
    return _decimal(sign * (whole + (rest > half or (rest == half and whole % 2 == 1))), places)


def round_down(value: Exact, places: int = 0) -> Decimal:
    """Cut to a number of decimals toward smaller numbers (向下取整), as allowances are issued in whole tonnes."""
    sign, whole, rest = _split(value, places)
    return _decimal(whole if sign > 0 else -whole - (rest > 0), places)
