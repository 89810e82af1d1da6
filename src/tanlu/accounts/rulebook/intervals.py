"""95 % intervals of many results at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tanlu.core.inventory import NORMAL_UP_TO, Z95, interval

Floats = NDArray[np.float64]


def intervals(values: Floats, relative_errors: Floats, signed: bool = False) -> tuple[list[float], list[float]]:
    """Return the ends of the 95 % intervals of values with relative standard uncertainties, as `tanlu.core.inventory.interval`.

    Parameters
    ----------
    values, relative_errors : NDArray
        Of the same shape (results,).
    signed : bool
        Whether the true values may have the other sign.
    """
    half = Z95 * np.abs(values) * relative_errors
    low, high = (values - half).tolist(), (values + half).tolist()
    if not signed:
        # exponentials of arrays may differ in the last digit from one processor to another
        for n in np.flatnonzero(Z95 * relative_errors > NORMAL_UP_TO).tolist():
            low[n], high[n] = interval(float(values[n]), float(relative_errors[n]))
    return low, high
