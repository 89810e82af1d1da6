"""Energy of a building or plant: load curve, baseline by weather, intensity, and its place among peers. Pure functions.

References
----------
.. [1] Kissock, Haberl, Claridge 2003: Inverse Modeling Toolkit: numerical algorithms. ASHRAE Transactions 109(2).
.. [2] ASHRAE Guideline 14-2014, whole-building path: CV(RMSE) and NMBE of monthly and hourly models; savings.
.. [3] EVO: International Performance Measurement and Verification Protocol, Core Concepts 2022, option C (whole facility).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LEAST_PEERS: Final = 5
"""Peers below which no place among them is told: with fewer, single ones could be recognised."""
_STEPS: Final = 41
"""Change points tried between the tenth and the ninetieth percentile of the temperature."""
LEAST_PERIODS: Final = 12
"""Periods that a baseline needs."""
MONTHLY_LIMITS: Final = (0.15, 0.05)
"""CV(RMSE) and NMBE that a monthly baseline keeps [2]_."""
DAILY_LIMITS: Final = (0.25, 0.05)
"""The same for days; grade D: between the limits of [2]_ for months (15 %) and hours (30 %)."""


@dataclass(frozen=True)
class LoadCurve:
    """Load of a building over days.

    Parameters
    ----------
    workday, rest_day : arrays, shape (24,)
        Mean load of each hour; nan where there is none.
    base, peak : float
        5th and 99th percentile of the hours.
    factor : float
        Mean over peak.
    """

    workday: Array
    rest_day: Array
    base: float
    peak: float
    factor: float


def load_curve(hours: Array, is_rest_day: NDArray[np.bool_]) -> LoadCurve:
    """Return the load curve.

    Parameters
    ----------
    hours : array, shape (days · 24,)
        Amount by hour, beginning at midnight; nan where unknown.
    is_rest_day : array of bool, shape (days,)

    Raises
    ------
    ValueError
        If the hours are not 24 a day, or nothing is known.
    """
    table = np.asarray(hours, dtype=float).reshape(-1, 24)
    if len(table) != len(is_rest_day):
        raise ValueError("24 hours for each day")
    known = table[np.isfinite(table)]
    if not len(known):
        raise ValueError("nothing is known")
    base, peak = (float(v) for v in np.percentile(known, [5, 99]))
    return LoadCurve(
        _means(table[~is_rest_day]), _means(table[is_rest_day]), base, peak, float(known.mean()) / peak if peak > 0 else float("nan")
    )  # fmt: skip


def _means(table: Array) -> Array:
    known = np.isfinite(table)
    count = known.sum(axis=0)
    total = np.where(known, table, 0.0).sum(axis=0)
    return np.asarray(np.divide(total, count, out=np.full(24, np.nan), where=count > 0))


@dataclass(frozen=True)
class Baseline:
    """Use as a function of the outdoor temperature: ``base + heating · (h − T)⁺ + cooling · (T − c)⁺``.

    Parameters
    ----------
    kind : {"mean", "heating", "cooling", "both"}
        One, three, three, or five parameters [1]_.
    base, heating, cooling : float
        Use without weather, and slopes per kelvin; 0 where the kind has none.
    heating_point, cooling_point : float
        Change points [°C]; nan where the kind has none.
    cv_rmse, nmbe, r2 : float
        Quality of the fit [2]_.
    n : int
        Periods fitted.
    """

    kind: str
    base: float
    heating: float
    cooling: float
    heating_point: float
    cooling_point: float
    cv_rmse: float
    nmbe: float
    r2: float
    n: int

    @property
    def parameters(self) -> int:
        """Number of parameters, change points included."""
        return {"mean": 1, "heating": 3, "cooling": 3, "both": 5}[self.kind]

    def predict(self, temperature: Array) -> Array:
        """Return the use at temperatures [°C]."""
        found = np.full(len(temperature), self.base)
        if self.heating:
            found += self.heating * np.maximum(self.heating_point - temperature, 0.0)
        if self.cooling:
            found += self.cooling * np.maximum(temperature - self.cooling_point, 0.0)
        return found

    def is_fit(self, limits: tuple[float, float] = DAILY_LIMITS) -> bool:
        """Return whether the fit keeps the limits of CV(RMSE) and NMBE."""
        return self.cv_rmse <= limits[0] and abs(self.nmbe) <= limits[1]


def fit_baseline(use: Array, temperature: Array) -> Baseline:
    """Fit change-point models and return the best one.

    Parameters
    ----------
    use, temperature : arrays, shape (n,)
        Use and mean outdoor temperature [°C] of days or months; periods in which one is nan are left out.

    Raises
    ------
    ValueError
        If fewer than 12 periods are known.

    Notes
    -----
    Change points are searched on a grid, the rest is least squares [1]_. A model whose slope is negative is not considered. Among kinds the
    least BIC wins, ``n ln(SSE/n) + k ln n``.
    """
    known = np.isfinite(use) & np.isfinite(temperature)
    y, t = use[known], temperature[known]
    if len(y) < LEAST_PERIODS:
        raise ValueError("a baseline needs 12 periods")
    low_end, high_end = (float(v) for v in np.percentile(t, [10, 90]))
    grid = np.unique(np.linspace(low_end, high_end, _STEPS))
    cold = np.maximum(grid[:, None] - t[None, :], 0.0)
    warm = np.maximum(t[None, :] - grid[:, None], 0.0)
    tried: list[tuple[float, str, float, float, Array]] = [
        (float(((y - y.mean()) ** 2).sum()), "mean", np.nan, np.nan, np.array([y.mean()]))
    ]
    for kind, slopes in (("heating", cold), ("cooling", warm)):
        for place, column in enumerate(slopes):
            sse, b = _least_squares(y, column)
            points = (grid[place], np.nan) if kind == "heating" else (np.nan, grid[place])
            tried.append((sse, kind, *points, b))
    for low in range(0, len(grid), 2):
        for high in range(low, len(grid), 2):
            sse, b = _least_squares(y, cold[low], warm[high])
            tried.append((sse, "both", grid[low], grid[high], b))
    return _best(tried, y, t)


def _least_squares(y: Array, *columns: Array) -> tuple[float, Array]:
    x = np.stack([np.ones(len(y)), *columns], axis=1)
    b = np.asarray(np.linalg.lstsq(x, y, rcond=None)[0], dtype=np.float64)
    # heating and cooling add to the use, they never take from it
    if (b[1:] <= 0).any():
        return float("inf"), b
    return float(((y - x @ b) ** 2).sum()), b


def _best(tried: list[tuple[float, str, float, float, Array]], y: Array, t: Array) -> Baseline:
    n = len(y)
    count = {"mean": 1, "heating": 3, "cooling": 3, "both": 5}
    floor = 1e-12 * float((y**2).sum()) + 1e-300
    sse, kind, heat, cool, b = min(tried, key=lambda m: n * np.log(max(m[0], floor) / n) + count[m[1]] * np.log(n))
    heating = float(b[1]) if kind in ("heating", "both") else 0.0
    cooling = float(b[-1]) if kind in ("cooling", "both") else 0.0
    model = Baseline(kind, float(b[0]), heating, cooling, float(heat), float(cool), 0.0, 0.0, 0.0, n)
    residual = y - model.predict(t)
    freedom = max(n - model.parameters, 1)
    mean, spread = float(y.mean()), float(((y - y.mean()) ** 2).sum())
    return Baseline(
        kind, model.base, heating, cooling, model.heating_point, model.cooling_point,
        float(np.sqrt((residual**2).sum() / freedom) / mean) if mean else float("nan"),
        float(residual.sum() / freedom / mean) if mean else float("nan"),
        1 - sse / spread if spread > 0 else float("nan"), n,
    )  # fmt: skip


@dataclass(frozen=True)
class OutputBaseline:
    """Use as a function of output: ``base + slope · output``; quality of the fit as in `Baseline`.

    Parameters
    ----------
    base, slope : float
        Use without output in a period, and use of one unit of output.
    cv_rmse, nmbe, r2 : float
    n : int
    """

    base: float
    slope: float
    cv_rmse: float
    nmbe: float
    r2: float
    n: int
    parameters: int = 2

    def predict(self, output: Array) -> Array:
        """Return the use at amounts of output."""
        return np.asarray(self.base + self.slope * output)

    def is_fit(self, limits: tuple[float, float] = DAILY_LIMITS) -> bool:
        """Return whether the fit keeps the limits of CV(RMSE) and NMBE."""
        return self.cv_rmse <= limits[0] and abs(self.nmbe) <= limits[1]


def fit_output(use: Array, output: Array) -> OutputBaseline:
    """Fit the use of periods to their output by least squares: a static adjustment by one independent variable [3]_.

    Parameters
    ----------
    use, output : arrays, shape (n,)
        Periods in which one is nan are left out.

    Raises
    ------
    ValueError
        If fewer than 12 periods are known or the output never changes.
    """
    known = np.isfinite(use) & np.isfinite(output)
    y, x = use[known], output[known]
    if len(y) < LEAST_PERIODS:
        raise ValueError("a baseline needs 12 periods")
    if not np.ptp(x) > 0:
        raise ValueError("the output never changes")
    slope, base = (float(v) for v in np.polyfit(x, y, 1))
    residual, freedom, mean = y - base - slope * x, len(y) - 2, float(y.mean())
    sse, spread = float((residual**2).sum()), float(((y - mean) ** 2).sum())
    return OutputBaseline(
        base,
        slope,
        float(np.sqrt(sse / freedom)) / mean if mean else float("nan"),
        float(residual.sum()) / freedom / mean if mean else float("nan"),
        1 - sse / spread if spread > 0 else float("nan"),
        len(y),
    )


@dataclass(frozen=True)
class Savings:
    """Avoided energy use of a period with its 90 % band."""

    value: float
    low: float
    high: float


def avoided_use(model: Baseline | OutputBaseline, use: Array, driver: Array) -> Savings:
    """Return baseline at the weather or output of the period less the use of the period: option C [3]_.

    The band is that of Reddy and Claridge (2000, HVAC&R Research 6:67) as [2]_ uses it, ``1.26 t CV(RMSE) mean √((1 + 2/n)/m) · m``
    for m periods at 90 %; errors of periods are taken as independent.
    """
    from scipy import special

    known = np.isfinite(use) & np.isfinite(driver)
    expected = model.predict(driver[known])
    saved, m = float((expected - use[known]).sum()), int(known.sum())
    t = float(special.stdtrit(max(model.n - model.parameters, 1), 0.95))
    reach = 1.26 * t * model.cv_rmse * float(expected.mean()) * np.sqrt((1 + 2 / model.n) / m) * m if m else 0.0
    return Savings(saved, saved - float(reach), saved + float(reach))


def intensity(amount: float, by: float) -> float:
    """Return an amount of energy for one unit of area or output.

    Raises
    ------
    ValueError
        If area or output is not above 0.
    """
    if not by > 0:
        raise ValueError("area or output is above 0")
    return amount / by


def percentile_among(own: float, peers: Array) -> float | None:
    """Return the share of peers that use no more than one's own intensity [%]; None with fewer than `LEAST_PEERS`.

    Peers that use the same count half, as in the mid-rank.
    """
    known = peers[np.isfinite(peers)]
    if len(known) < LEAST_PEERS:
        return None
    return float(((known < own).sum() + 0.5 * (known == own).sum()) / len(known) * 100)
