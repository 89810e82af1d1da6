"""Air temperature, the heating and cooling that it asks for, and how well a heat pump draws heat from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tanlu.energy.problem import Floats
from tanlu.energy.weather.noise import DAYS_PER_YEAR, HOURS_PER_DAY, from_months, monthly_means, noise, stream


@dataclass(frozen=True, slots=True)
class AirClimate:
    """What the air is like at n places.

    Parameters
    ----------
    mean : (12, n) array
        Monthly mean temperature [°C].
    deviation : (12,) array
        Standard deviation of the mean of a day around the month [K].
    swing : (12,) array
        Mean difference between the warmest and the coldest hour of a day [K].
    memory : float
        Correlation of the deviation of a day with that of the next [1].
    length : float
        Distance over which likeness falls to 1/e [km].
    """

    mean: Floats
    deviation: Floats
    swing: Floats
    memory: float
    length: float


def temperature(climate: AirClimate, apart: Floats, clear: Floats, seed: int) -> Floats:
    r"""Return hourly air temperature [°C], (8760, n).

    .. math:: T_t = m_t + s_t\, a_d + \tfrac12 A_t (0.5 + c_d) \cos\big(2\pi (h - 15)/24\big)

    with the monthly means m interpolated so that they are kept, the deviation s of a day times noise a, the swing A between night and day,
    larger on clear days (:math:`c_d` from 0 to 1, of mean near one half), and the warmest hour at 15.

    Parameters
    ----------
    climate : AirClimate
    apart : (n, n) array
        Distances [km].
    clear : (365, n) array
        Rank of the clearness of each day, 0…1.
    seed : int
    """
    days = noise(stream(seed, "temperature"), DAYS_PER_YEAR, apart, climate.length, climate.memory)
    hour = np.arange(DAYS_PER_YEAR * HOURS_PER_DAY) + 0.5
    middles = (np.arange(DAYS_PER_YEAR) + 0.5) * HOURS_PER_DAY
    period = float(DAYS_PER_YEAR * HOURS_PER_DAY)
    deviation = np.stack([np.interp(hour, middles, days[:, j], period=period) for j in range(days.shape[1])], axis=1)
    wave = np.cos(2 * np.pi * (hour - 15.5) / HOURS_PER_DAY)[:, None]
    swing = from_months(climate.swing)[:, None] * (0.5 + np.repeat(clear, HOURS_PER_DAY, axis=0))
    series = from_months(climate.deviation)[:, None] * deviation + 0.5 * swing * wave
    offset, knots = monthly_means(series), np.array(climate.mean, float)
    for _ in range(200):
        missing = climate.mean - offset - monthly_means(from_months(knots))
        if np.abs(missing).max() < 1e-6:
            break
        knots += missing
    return np.asarray(series + from_months(knots), float)


def degree_hours(air: Floats, base: float, side: Literal["heating", "cooling"]) -> Floats:
    r"""Return how far the air lies below (heating) or above (cooling) a base temperature at each hour [K].

    Parameters
    ----------
    air : array
        Temperature [°C].
    base : float
        Temperature at which no heat, or no cold, is asked for [°C].
    side : str
        ``heating`` or ``cooling``.
    """
    result: Floats = np.maximum(base - air, 0.0) if side == "heating" else np.maximum(air - base, 0.0)
    return result


def heat_pump_cop(air: Floats, supply: float) -> Floats:
    r"""Return heat per electricity of an air-source heat pump [1].

    .. math:: \mathrm{COP} = 6.81 - 0.121\,\Delta T + 0.000630\,\Delta T^2, \qquad \Delta T = T_{\text{supply}} - T_{\text{air}}

    valid for :math:`15 \le \Delta T \le 60` K, to which the difference is held.

    Parameters
    ----------
    air : array
        Temperature outside [°C].
    supply : float
        Temperature of the heat [°C].

    References
    ----------
    Staffell, Brett, Brandon, Hawkes (2012), A review of domestic heat pumps, Energy & Environmental Science 5, 9291–9306.
    """
    difference = np.clip(supply - air, 15.0, 60.0)
    result: Floats = 6.81 - 0.121 * difference + 0.000630 * difference**2
    return result
