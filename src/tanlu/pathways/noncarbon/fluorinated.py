"""Fluorinated gases that leak from banks: refrigerants of cooling, and sulphur hexafluoride of switchgear."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bank:
    """A bank of gas over T years: what is filled in with equipment and held at the end of each year, and what is emitted [kt]."""

    filled: Floats
    held: Floats
    emitted: Floats


def bank_response(retirement: float, years: int) -> tuple[Floats, Floats]:
    """Return what is left of the base stock in each year, [T], and of a unit filled in in year x at the end of year t, [x, t].

    The share ``retirement`` of the equipment [1/yr] is scrapped in a year; what is filled in in the base year is part of the base stock.
    """
    age = np.arange(years)[None] - np.arange(years)[:, None]
    left = np.where(age >= 0, (1.0 - retirement) ** np.maximum(age, 0), 0.0)
    base = left[0].copy()
    left[0] = 0.0
    return base, left


def gas_bank(
    equipment: Floats,
    share: Floats,
    start: float | Floats,
    response: tuple[Floats, Floats],
    retirement: float,
    leakage: float,
    filling: float,
    recovered: float | Floats,
) -> Bank:
    """Follow the gas in equipment that is kept topped up.

    Parameters
    ----------
    equipment : [..., T]
        Charge that all equipment in use needs, whatever the gas [kt].
    share : [..., T]
        Share of the charge of new equipment that is the gas [1].
    start : float or [..., 1]
        Gas held in the base year [kt].
    response : tuple
        From `bank_response`.
    retirement : float
        Share of the equipment that is scrapped in a year [1/yr].
    leakage : float
        Share of the held gas that leaks in a year and is filled up again [1/yr].
    filling : float
        Share of a new charge lost in filling [1].
    recovered : float or [..., T]
        Share of the gas in scrapped equipment that is recovered [1].

    Notes
    -----
    new(t) = max(0, N(t) − (1 − r)·N(t − 1)); filled = new·s; held(t) = (1 − r)·held(t − 1) + filled(t);
    emitted = ℓ·held + k·filled + r·held(t − 1)·(1 − R). 2006 IPCC Guidelines, volume 3, chapter 7, equations 7.10 and 7.12–7.14; for
    switchgear chapter 8, equations 8.1 and 8.2. In the base year the scrapped gas is that of a bank as large as in the base year.
    """
    base, left = response
    new = np.empty_like(equipment)
    new[..., 0] = retirement * equipment[..., 0]
    new[..., 1:] = np.maximum(equipment[..., 1:] - (1.0 - retirement) * equipment[..., :-1], 0.0)
    filled = new * share
    held = start * base + filled @ left
    before = np.concatenate([held[..., :1], held[..., :-1]], axis=-1)
    emitted = leakage * held + filling * filled + retirement * before * (1.0 - recovered)
    return Bank(filled, held, emitted)
