"""Small arithmetic of the machine code."""

from __future__ import annotations

from tanlu.pathways.kernel.places import compiled


@compiled
def clip(x: float, low: float, high: float) -> float:
    """Return x, or the bound that it lies beyond."""
    return min(max(x, low), high)


@compiled
def exp(x: float) -> float:
    """Return e^x to 1e-11 for |x| < 1.5: the series of an eighth of x to the eighth power, squared three times."""
    y = 0.125 * x
    p = 1.0 + y / 8.0
    p = 1.0 + y / 7.0 * p
    p = 1.0 + y / 6.0 * p
    p = 1.0 + y / 5.0 * p
    p = 1.0 + y / 4.0 * p
    p = 1.0 + y / 3.0 * p
    p = 1.0 + y / 2.0 * p
    p = 1.0 + y * p
    p *= p
    p *= p
    out: float = p * p
    return out
