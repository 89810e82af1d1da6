"""Diffusion curves: how the share of an innovation grows."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from tanlu.pathways.analysis.lmdi import Floats


def bass(time: ArrayLike, innovation: float, imitation: float, potential: float = 1.0) -> Floats:
    """Return the cumulative adopters of the Bass model.

    Parameters
    ----------
    time : array_like
        Time since the launch [yr]; before it there are no adopters.
    innovation : float
        Coefficient p of those who adopt on their own [1/yr], above zero.
    imitation : float
        Coefficient q of those who follow others [1/yr], zero or above.
    potential : float
        Number of final adopters m, any unit.

    Returns
    -------
    ndarray
        m (1 − e^{−(p+q)t}) / (1 + (q/p) e^{−(p+q)t}).

    Raises
    ------
    ValueError
        If p is not above zero or q is negative.

    Notes
    -----
    Bass 1969, Management Science 15:215: dF/dt = (p + qF)(1 − F), F(0) = 0. The curve says what people want; a stock of
    long-lived equipment can follow only as fast as it is replaced and grows.
    """
    _check_bass(innovation, imitation)
    decay = np.exp(-(innovation + imitation) * np.maximum(np.asarray(time, float), 0.0))
    out: Floats = potential * (1.0 - decay) / (1.0 + imitation / innovation * decay)
    return out


def bass_rate(time: ArrayLike, innovation: float, imitation: float, potential: float = 1.0) -> Floats:
    """Return the adopters per year of the Bass model, S = m (p + qF)(1 − F), zero before the launch; see `bass`.

    Raises
    ------
    ValueError
        As `bass`.
    """
    share = bass(time, innovation, imitation)
    rate = potential * (innovation + imitation * share) * (1.0 - share)
    out: Floats = np.where(np.asarray(time, float) < 0, 0.0, rate)
    return out


def bass_peak(innovation: float, imitation: float, potential: float = 1.0) -> tuple[float, float]:
    """Return when most adopt [yr after the launch], and how many a year then.

    t* = ln(q/p)/(p + q) and S* = m (p + q)²/(4q) where q > p; otherwise adoption is highest at the launch, S = mp (Bass 1969).

    Raises
    ------
    ValueError
        As `bass`.
    """
    _check_bass(innovation, imitation)
    if imitation <= innovation:
        return 0.0, potential * innovation
    both = innovation + imitation
    return math.log(imitation / innovation) / both, potential * both**2 / (4.0 * imitation)


def _check_bass(innovation: float, imitation: float) -> None:
    if not (innovation > 0 and imitation >= 0):
        raise ValueError(
            f"innovation must be above zero and imitation not below it, not {innovation:g} and {imitation:g}"
        )


def logistic(time: ArrayLike, midpoint: float, takeover: float, ceiling: float = 1.0) -> Floats:
    """Return the share of an innovation by the logistic curve.

    Parameters
    ----------
    time : array_like
        Time [yr].
    midpoint : float
        Time at which half of the ceiling is reached.
    takeover : float
        Years from 10 to 90 % of the ceiling, Δt = ln 81 / k; negative for what is phased out.
    ceiling : float
        Final share.

    Returns
    -------
    ndarray
        ceiling / (1 + e^{−k (t − midpoint)}).

    Raises
    ------
    ValueError
        If the takeover time is zero.

    Notes
    -----
    Verhulst 1838; substitution of technologies by Fisher & Pry 1971, Technological Forecasting and Social Change 3:75; Δt as the
    measure of speed by Grübler, Nakićenović & Victor 1999, Energy Policy 27:247.
    """
    if takeover == 0:
        raise ValueError("a takeover time of zero is a step, not a logistic curve")
    # tanh does not overflow far from the midpoint
    half = 0.5 * math.log(81.0) / takeover * (np.asarray(time, float) - midpoint)
    out: Floats = ceiling * 0.5 * (1.0 + np.tanh(half))
    return out
