"""Factors as the methods take them: value in the unit of the method, and relative uncertainty."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tanlu.accounts.province.records import Z95
from tanlu.core.factors import Factor

FACTOR_ERROR: Final = 0.15
"""Relative standard uncertainty of a factor for which its source gives no interval (assumption)."""


def relative_error(factor: Factor, whole: float | None = None) -> float:
    """Return the relative standard uncertainty of a factor: half of its 95 % interval over 1.96, or `FACTOR_ERROR` without one.

    Parameters
    ----------
    factor : Factor
    whole : float, optional
        Of a share, the whole in the unit of the factor: the interval that is assumed where none is given does not reach beyond it.
    """
    if factor.low is None or factor.high is None:
        room = math.inf if whole is None or factor.value <= 0 else (whole - factor.value) / (Z95 * factor.value)
        return max(0.0, min(FACTOR_ERROR, room))
    return (factor.high - factor.low) / (2 * Z95 * abs(factor.value))


def dated_value(factors: Sequence[Factor], year: int, unit: str) -> tuple[float, list[Factor]]:
    """Return the value of a quantity in a year from dated factors, and the factors that it comes from.

    Parameters
    ----------
    factors : sequence of Factor
        At least one. Each holds in the years from ``valid_from`` to ``valid_to``; an open end has no limit.
    year : int
    unit : str
        Unit of the value.

    Notes
    -----
    Between the years of two factors the value is interpolated; before the first and after the last it is held.
    """
    spans = sorted(((f.valid_from or -math.inf, f.valid_to or math.inf, f) for f in factors), key=lambda s: s[:2])
    for first, last, factor in spans:
        if first <= year <= last:
            return factor.in_unit(unit), [factor]
    before = [s for s in spans if s[1] < year]
    after = [s for s in spans if s[0] > year]
    if not before or not after:
        factor = (before[-1:] or after)[0][2]
        return factor.in_unit(unit), [factor]
    (_, start, early), (end, _, late) = before[-1], after[0]
    weight = (year - start) / (end - start)
    return (1 - weight) * early.in_unit(unit) + weight * late.in_unit(unit), [early, late]


def weighted_errors(parts: Iterable[tuple[float, Mapping[str, float]]], total: float) -> dict[str, float]:
    """Return the relative errors by cause of a sum from those of its parts (value, errors)."""
    errors: dict[str, float] = {}
    for value, causes in parts:
        for cause, error in causes.items():
            errors[cause] = errors.get(cause, 0.0) + (error * value / total if total else 0.0)
    return errors
