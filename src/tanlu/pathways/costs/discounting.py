"""Money over time: capital recovery, present value, levelised cost."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def capital_recovery_factor(rate: float | Floats, lifetime: float | Floats) -> float | Floats:
    """Return the constant yearly payment for one unit of investment, [1/yr].

    Parameters
    ----------
    rate : float or array
        Real discount rate [1/yr], at least 0.
    lifetime : float or array
        Years of payment, more than 0.

    Notes
    -----
    CRF = r / (1 − (1 + r)^−n), and 1/n for r = 0. Short, Packey & Holt (1995), A manual for the economic evaluation of energy efficiency
    and renewable energy technologies, NREL/TP-462-5173, section 2.3.
    """
    r, n = np.asarray(rate, float), np.asarray(lifetime, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(r == 0, 1.0 / n, r / -np.expm1(-n * np.log1p(r)))
    return float(factor) if factor.ndim == 0 else factor


def present_value(payments: Floats, rate: float) -> Floats:
    """Return the value of yearly payments in the first year of the last axis; the first payment is not discounted.

    Parameters
    ----------
    payments : [..., T]
    rate : float
        Real discount rate [1/yr].

    Notes
    -----
    NPV = Σ payment(t)·(1 + r)^−t with t = 0 in the first year. NREL/TP-462-5173, section 2.2.
    """
    out: Floats = np.asarray(payments, float) @ (1.0 + rate) ** -np.arange(np.shape(payments)[-1], dtype=float)
    return out
