"""Iron and steel.

Covers: iron ore mining, coking in steel works, iron and steel making and rolling, GB/T 4754—2017 divisions 08 and 31.
Driver: steel per head of population, which falls as the stock of buildings and machines matures (eq. 4).
Equations: 3 to 9, and special to it: the electric route lives on scrap. Its output is not above what old scrap allows (eq. 6a),

    Z(t) = ζ₀ + (ζ₁ − ζ₀)(1 − e^{−κt}),

with ζ₀ the scrap of electric furnaces in the base year, ζ₁ the long-run amount, both over the base-year output, and κ the speed at
which the steel built in the decades before comes back. Process CO2 of lime and limestone goes with the blast furnace
(``process.shifted``).
Calibrated to: categories 1.A.2.a and 2.C.1; fuel that the balances book as input of power plants stays in power.
Units: PJ, Mt CO2; services relative to the base year (t steel).
Sources: output of pig iron and crude steel, factors of the inventory.
Assumptions (grade D): saturation, ζ₀, ζ₁, κ, life of furnaces, 0.45 electricity and 0.75 hydrogen per fuel replaced.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="steel",
    variable="Energy|Demand|Industry|Steel",
    inventory="steel",
    main=True,
    carriers=("coal", "coke", "gas", "oil", "electricity", "heat", "biomass"),
)


def scrap_available(passed: NDArray[np.float64], base: float, level: float, rate: float) -> NDArray[np.float64]:
    """Return the steel that scrap allows in electric furnaces, [T], base-year output = 1 (eq. 6a).

    Parameters
    ----------
    passed : [T]
        Years since the base year.
    base, level : float
        Scrap for electric furnaces in the base year and in the long run, base-year output = 1.
    rate : float
        Speed of the return [1/yr].
    """
    out: NDArray[np.float64] = base + (level - base) * (1.0 - np.exp(-rate * passed))
    return out
