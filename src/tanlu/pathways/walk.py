"""The unexplained change from year to year: a random walk that starts in the last year with activity data.

Estimates of years without data follow drivers, and their error grows with the distance (`tanlu.accounts.province.drivers`). Two
neighbouring estimates share most of it, but not all: what is left decides which of them is higher, and so when a peak was. The model of
the years ahead follows drivers too, and drifts from them in the same way.
"""

from __future__ import annotations

import numpy as np

from tanlu.pathways.parameters import Floats


def last_data_year(driver_error: Floats) -> int:
    """Return the place of the last year with activity data: from there on the error of the drivers only grows.

    Parameters
    ----------
    driver_error : [H]
        Relative standard error that the filling of years adds, by year.
    """
    place = len(driver_error) - 1
    while place > 0 and driver_error[place] > driver_error[place - 1]:
        place -= 1
    return place


def walk_steps(driver_error: Floats, ahead: int) -> Floats:
    """Return the standard deviation of the step into each year, [H + ahead].

    Zero up to the last year with data; then what makes the variance of the inventory's driver error, ``√(e(t)² − e(t−1)²)``; in the years
    ahead the last of these steps.
    """
    start = last_data_year(driver_error)
    steps = np.zeros(len(driver_error) + ahead)
    for t in range(start + 1, len(driver_error)):
        steps[t] = np.sqrt(driver_error[t] ** 2 - driver_error[t - 1] ** 2)
    steps[len(driver_error) :] = steps[len(driver_error) - 1]
    return steps


def common_error(error: Floats, driver_error: Floats) -> Floats:
    """Return the part of a relative standard error [H] that all years share: without the walk after the last year with data."""
    start = last_data_year(driver_error)
    out = error.copy()
    out[start + 1 :] = np.sqrt(np.maximum(error[start + 1 :] ** 2 - driver_error[start + 1 :] ** 2, 0.0))
    return out


def random_walk(steps: Floats, normal: Floats) -> Floats:
    """Return factors with mean one, [n, years], from steps [years] and standard normal numbers [n, years]."""
    out: Floats = np.exp(np.cumsum(normal * steps, axis=1) - 0.5 * np.cumsum(steps**2))
    return out
