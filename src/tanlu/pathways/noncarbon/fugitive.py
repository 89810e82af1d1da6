"""Methane that escapes from coal mines and gas systems."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def coal_mine_methane(output: Floats, factor: float | Floats, used: float | Floats) -> Floats:
    """Return the methane of coal mining and handling [kt].

    Parameters
    ----------
    output : array
        Raw coal [Mt].
    factor : float or array
        Methane set free in and after mining [kg/t].
    used : float or array
        Share that is drained and used or destroyed, ventilation air included [1].

    Notes
    -----
    E = Q·f·(1 − u). 2006 IPCC Guidelines, volume 2, equations 4.1.1–4.1.5, the recovered methane as a share. Closed mines are not counted.
    """
    out: Floats = output * factor * (1.0 - used)
    return out


def gas_leakage(throughput: Floats, factor: float | Floats, avoided: float | Floats) -> Floats:
    """Return the methane that leaks from transmission, storage and distribution of gas [kt].

    Parameters
    ----------
    throughput : array
        Gas used in the province [PJ].
    factor : float or array
        Leakage [kt/PJ].
    avoided : float or array
        Share avoided by leak detection and repair [1].

    Notes
    -----
    2006 IPCC Guidelines, volume 2, section 4.2.2.3, tier 1.
    """
    out: Floats = throughput * factor * (1.0 - avoided)
    return out
