"""Plausible ranges of inputs, and the slips that explain a value outside them."""

from __future__ import annotations

import math
from typing import Final

from tanlu.accounts.rulebook.method import Input

CO2_PER_C: Final = 44 / 12
PERCENT: Final = 100.0
SLIPS: Final = (CO2_PER_C, 10.0, 0.1, PERCENT, 0.01, 1000.0, 0.001)
"""Ratios by which a value outside its range is often wrong: CO2 for carbon, and powers of ten, the nearest first."""
WHOLES: Final[dict[str | None, float]] = {"1": 1.0, "%": 100.0}
"""The whole of a share, by unit."""


def limits(wanted: Input, alternative: int) -> tuple[float, float]:
    """Return the plausible range of an input, which is given for its first unit."""
    if alternative and len(wanted.units) > 1:
        return (0.0 if wanted.low is not None and wanted.low >= 0 else -math.inf), math.inf
    return (-math.inf if wanted.low is None else wanted.low), (math.inf if wanted.high is None else wanted.high)


def is_share(wanted: Input) -> bool:
    """Return whether an input may take any value from nothing to the whole, and none beyond it."""
    return wanted.low == 0 and wanted.high == WHOLES.get(wanted.units[0])


def slip(wanted: Input, alternative: int, value: float) -> float | None:
    """Return the ratio by which a value outside its range is wrong, or None if no slip explains it.

    Notes
    -----
    CO2 for carbon explains a value that it brings into the range. A power of ten does so if the range is narrower than it, or if the value
    lies outside by more than half of it on a logarithmic scale: into a wide range some power of ten brings nearly every value.
    """
    low, high = limits(wanted, alternative)
    bound = high if value > high else low
    if not math.isfinite(high) or not math.isfinite(bound) or not bound or not value:
        return None
    outside = abs(math.log(abs(value / bound)))
    width = math.log(high / low) if low > 0 else math.inf
    for ratio in _slips(wanted):
        size = abs(math.log(ratio))
        if low <= value / ratio <= high and (ratio == CO2_PER_C or width < size or outside >= size / 2):
            return ratio
    return None


def _slips(wanted: Input) -> tuple[float, ...]:
    """Return the ratios by which a value of an input is often wrong; CO2 is given for carbon only where carbon is asked.

    Amounts may be large or small; a share among them is often given in percent.
    """
    if wanted.kind != "factor":
        return (PERCENT,) if wanted.units and wanted.units[0] == "1" else ()
    carbon = "carbon" in wanted.parameter or any(unit and " C/" in unit for unit in wanted.units)
    return SLIPS if carbon else SLIPS[1:]
