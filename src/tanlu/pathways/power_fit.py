r"""The power rule of the engine fitted to optimised systems, and what it misses of them.

With the potential x of wind and sun and the storage power z, both over the load (z over mean load), the rule takes (engine, equation 12)

.. math:: y = \min\left(x,\; f + c z + \tfrac{1}{\lambda}\left(1 - e^{-\lambda (x - f - c z)}\right)\right) \quad (x > f + c z)

and all of x below. f, c and λ are those of least squares of y over the systems of `tanlu.pathways.power_systems`; their standard errors
are those of the jackknife (Efron & Stein 1981, The Annals of Statistics 9(3), equation 1.2), and the error of the rule is told for
systems that were left out of the fit.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any, Final

import numpy as np

from tanlu.pathways.parameters import Floats
from tanlu.pathways.power_systems import HOURS, PowerSystem
from tanlu.pathways.tabular import Tabular

NAMES: Final = ("curtailment.free", "curtailment.storage", "curtailment.slope", "storage.losses")
START: Final = (0.3, 0.3, 2.0)
LIMITS: Final = ((0.0, 0.0, 0.1), (1.0, 2.0, 10.0))
"""Those of the declared parameters."""
Z90: Final = 1.645
RESERVE: Final = 0.05
CREDITS: Final = {
    "hydro": 0.6,
    "imports": 0.74,
    "biomass": 0.78,
    "wind": 0.08,
    "solar": 0.0,
    "storage": 0.0,
    "thermal": 0.9,
}
"""Firm share of capacities as the reserve margin of the systems counts them; storage of four hours has none there, see `firm_storage`."""


@dataclass(frozen=True)
class PowerFit:
    """Fitted numbers and their errors.

    Parameters
    ----------
    values, errors : mapping of str to float
        By name of the parameter: value and standard error of the jackknife.
    peak : float
        Highest hourly load over mean load, mean of the systems [1].
    rmse, left_out, bias : float
        Root of the mean square error of the share taken of load [1]: of the fit, of systems left out of it, and its mean error.
    systems : int
    hash : str
        First 16 digits of the SHA-256 of the systems.
    """

    values: Mapping[str, float]
    errors: Mapping[str, float]
    peak: float
    rmse: float
    left_out: float
    bias: float
    systems: int
    hash: str

    def range(self, name: str) -> tuple[float, float]:
        """Return the 5 and 95 % points of a fitted number; never below zero."""
        spread = Z90 * self.errors[name]
        return max(0.0, self.values[name] - spread), self.values[name] + spread


@dataclass(frozen=True, slots=True)
class PowerGap(Tabular):
    """An optimised system beside what the rule says of the same capacities.

    Parameters
    ----------
    number, year : int
    share, storage : float
        Potential of wind and sun over load, storage power over mean load [1].
    curtailed, curtailed_rule : float
        Of the potential, as optimised and by the rule [1].
    thermal, thermal_rule : float
        Capacity of coal and gas plants, as optimised and by `firm_thermal` [GW].
    """

    number: int
    year: int
    share: float
    storage: float
    curtailed: float
    curtailed_rule: float
    thermal: float
    thermal_rule: float


def taken_share(share: Floats, storage: Floats, free: float, per_storage: float, slope: float) -> Floats:
    """Return what is taken of wind and sun over load, by their potential over load and storage power over mean load (all [n], [1])."""
    without_loss = free + per_storage * storage
    excess = np.maximum(0.0, share - without_loss)
    beyond = without_loss + (1.0 - np.exp(-slope * excess)) / slope
    out: Floats = np.where(excess > 0.0, np.minimum(share, beyond), share)
    return out


def firm_storage(power: Floats, pumped: Floats, credits: Sequence[float]) -> Floats:
    """Return what storage that came after the base year gives in the highest hour [GW].

    Parameters
    ----------
    power : [..., T]
        Storage in service, pumped storage and batteries together [GW]; the first year is the base year.
    pumped : [T]
        Pumped storage that is there or planned [GW]; what storage is in service beyond it are batteries.
    credits : (float, float)
        Firm share of pumped storage and of batteries [1].

    Notes
    -----
    What stood in the base year is within its margin (`firm_margin`), so the difference to it counts. The firm share of batteries is the
    hours at full power over those of the longest net peak of the year, one at most: notice 114 (2026) of the National Development and
    Reform Commission on capacity prices, for independent storage.
    """
    of_pumped = np.minimum(power, pumped)
    firm = credits[0] * of_pumped + credits[1] * (power - of_pumped)
    out: Floats = firm - firm[..., :1]
    return out


def firm_thermal(
    gross: Floats, capacity: Mapping[str, Floats], peak: float, margin: float = RESERVE, other: Floats | float = 0.0
) -> Floats:
    """Return the thermal capacity that a firm margin asks for [GW]; it is none where other plants suffice.

    Parameters
    ----------
    gross : array
        Gross demand [TWh/yr].
    capacity : mapping
        Capacities [GW] by the names of `CREDITS`.
    peak : float
        Highest load over mean load [1].
    margin : float
        Firm capacity over the highest load, less 1; by default the reserve that optimised systems keep.
    other : array or float
        Firm capacity of what is not in `CREDITS`, such as `firm_storage` [GW].
    """
    need = (1.0 + margin) * peak * gross * 1000.0 / HOURS
    out: Floats = np.maximum(0.0, need - _firm(capacity) - other) / CREDITS["thermal"]
    return out


def firm_margin(gross: float, capacity: Mapping[str, float], thermal: float, peak: float) -> float:
    """Return the firm margin that a province lives with: firm capacity in service over the highest load, less 1; `RESERVE` at most.

    It is negative where storage, load that steps back and plants above their firm share met the highest hour; with it the year that was
    observed asks for no plant that did not stand.

    Parameters
    ----------
    gross : float
        Gross demand of the year observed [TWh/yr].
    capacity : mapping
        Capacities in it [GW] by the names of `CREDITS`, without thermal plants.
    thermal : float
        Coal and gas plants in it [GW].
    peak : float
        Highest load over mean load [1].
    """
    firm = float(_firm(capacity)) + CREDITS["thermal"] * thermal
    return min(RESERVE, firm / (peak * gross * 1000.0 / HOURS) - 1.0)


def _firm(capacity: Mapping[str, Any]) -> Any:
    """Return the firm part of capacities without thermal plants [GW]."""
    return sum(CREDITS[name] * capacity[name] for name in CREDITS if name in capacity)


def fit_power(systems: Sequence[PowerSystem]) -> PowerFit:
    """Fit the rule.

    Raises
    ------
    ValueError
        With fewer than eight systems: four numbers are asked of them.
    """
    if len(systems) < 8:
        raise ValueError(f"{len(systems)} optimised systems, eight are needed")
    x, z, y, lost = _arrays(systems)
    whole = _fitted(x, z, y, lost)
    n = len(systems)
    keep = ~np.eye(n, dtype=bool)
    without = np.array([_fitted(x[k], z[k], y[k], lost[k]) for k in keep])
    errors = np.sqrt((n - 1) / n * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    missed = np.array([taken_share(x[i : i + 1], z[i : i + 1], *without[i, :3])[0] - y[i] for i in range(n)])
    residual = taken_share(x, z, *whole[:3]) - y
    return PowerFit(
        dict(zip(NAMES, whole.tolist(), strict=True)), dict(zip(NAMES, errors.tolist(), strict=True)),
        float(np.mean([s.peak_gw * HOURS / 1000.0 / s.gross for s in systems])), _root(residual), _root(missed),
        float(residual.mean()), n, systems_hash(systems),
    )  # fmt: skip


def power_gaps(systems: Sequence[PowerSystem], values: Mapping[str, float], peak: float) -> list[PowerGap]:
    """Return every system beside the rule with the given numbers (of the fit, or the parameters of a province)."""
    x, z, _, _ = _arrays(systems)
    taken = taken_share(x, z, *(values[name] for name in NAMES[:3]))
    out = []
    for i, s in enumerate(systems):
        names = ("hydro", "imports", "biomass", "wind", "storage")
        capacity = {name: np.array(getattr(s, f"{name}_gw")) for name in names}
        firm = float(firm_thermal(np.array(s.gross), capacity, peak))
        rule = float(1.0 - taken[i] / x[i])
        out.append(
            PowerGap(s.number, s.year, s.share, s.storage, s.curtailment, rule, s.coal_gw + s.gas_gw, firm)
        )  # fmt: skip
    return out


def systems_hash(systems: Sequence[PowerSystem]) -> str:
    """Return the first 16 digits of the SHA-256 of systems, to the digits that a file holds."""
    rows = [[f"{v:.6g}" if isinstance(v, float) else str(v) for v in astuple(s)] for s in systems]
    return hashlib.sha256("\n".join(",".join(row) for row in rows).encode()).hexdigest()[:16].upper()


def _arrays(systems: Sequence[PowerSystem]) -> tuple[Floats, Floats, Floats, Floats]:
    """Return potential over load, storage over mean load, what is taken over load, and loss of storage by power [TWh/GW/yr]."""
    x = np.array([s.share for s in systems])
    taken = np.array([s.share * (1.0 - s.curtailment) for s in systems])
    lost = np.array([s.storage_loss_twh / s.storage_gw for s in systems])
    return x, np.array([s.storage for s in systems]), taken, lost


def _fitted(x: Floats, z: Floats, y: Floats, lost: Floats) -> Floats:
    from scipy.optimize import least_squares

    found = least_squares(
        lambda p: taken_share(x, z, float(p[0]), float(p[1]), float(p[2])) - y, START, bounds=LIMITS, xtol=1e-12
    )
    return np.append(found.x, lost.mean())


def _root(errors: Floats) -> float:
    return math.sqrt(float((errors**2).mean()))
