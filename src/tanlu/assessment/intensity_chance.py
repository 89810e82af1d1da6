"""The chance of the target of energy intensity: what has been reached so far, and the step that the model expects."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tanlu.assessment.intensity import IntensityYear
from tanlu.assessment.series import Chance
from tanlu.core.inventory import Z95
from tanlu.pathways import Scenario


def intensity_chance(
    reference: Scenario, rows: Sequence[IntensityYear], base_year: int, deadline: int, required: float, seed: int
) -> Chance | None:
    """Return the chance that energy per GDP has fallen as required by the deadline.

    Parameters
    ----------
    reference : Scenario
        Its draws give the change from the last year of data to the next.
    rows : sequence of IntensityYear
        The physical change since the base year of the target, with its interval.
    base_year, deadline : int
        Last year of data, and the year of the target; only a deadline of the year after can be judged.
    required : float
        Required cumulative change [%], negative.
    seed : int

    Returns
    -------
    Chance or None
        None where the physical change is not known or the deadline is further off.

    Notes
    -----
    ``ln(1 + c(deadline)) = ln(1 + c(base)) + σ·z + ln(step)``, σ from the 95 % interval of c(base), step from the draws. The standard
    error is that of independent draws, √(p(1 − p)/n).
    """
    known = [r for r in rows if r.basis == "physical" and r.year == base_year and r.cumulative is not None]
    if deadline != base_year + 1 or not known or known[0].low is None or known[0].high is None:
        return None
    row = known[0]
    low, high, value = (math.log1p((x or 0.0) / 100) for x in (row.low, row.high, row.cumulative))
    step = np.log(reference.intensity_step)
    z = np.random.default_rng([seed, 3]).standard_normal(len(step))
    change = 100 * np.expm1(value + (high - low) / (2 * Z95) * z + step)
    probability = float((change <= required).mean())
    stderr = math.sqrt(probability * (1 - probability) / len(step))
    return Chance(probability, stderr, float(np.median(change)), "%", base_year, (row.id, f"scenario:{reference.name}"))
