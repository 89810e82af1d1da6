"""Direct jobs of building and running the energy system."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def direct_jobs(amount: Floats, factor: Floats, productivity: Floats) -> Floats:
    """Return direct jobs [10^3 job-years a year].

    Parameters
    ----------
    amount : [n, T, item]
        Capacity built or in service [GW], money invested [10^9 CNY], or output [Mt].
    factor : [item]
        Job-years per MW built, jobs per MW in service, job-years per 10^6 CNY, jobs per kt: in each case 10^3 jobs per unit of amount.
    productivity : [T]
        Labour productivity over that of the base year, which lowers the factors [1].

    Notes
    -----
    Employment-factor method: Rutovitz, Dominish & Downes (2015), Calculating global energy sector jobs, Institute for Sustainable Futures,
    UTS, section 2. Direct jobs only: no jobs of suppliers, of spent wages, or lost elsewhere.
    """
    out: Floats = amount * factor / productivity[:, None]
    return out
