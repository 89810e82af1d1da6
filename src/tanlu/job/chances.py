"""What the reference run says about targets, by the names that indicators use."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from tanlu.assessment import Chance, IntensityYear
from tanlu.core.inventory import Z95
from tanlu.pathways import Scenario, ScenarioSet

NET: Final = "Emissions|CO2|Net"


def peak_chances(scenarios: ScenarioSet) -> dict[str, Chance]:
    """Return the chances of the peaks, and the outlook for net emissions at the horizon."""
    reference, year = scenarios.reference, scenarios.baseline.base_year
    net = reference.fans[NET]
    ids = (f"peak:{reference.name}",)
    energy = reference.energy_chance
    return {
        "co2_peak_2030": Chance(
            reference.chance.probability, reference.chance.stderr, float(reference.peak.year), "year", year, ids
        ),
        "energy_co2_peak_2030": Chance(energy.probability, energy.stderr, float(energy.year_middle), "year", year, ids),
        "net_co2_2060": Chance(
            None, None, float(net.values[-1, 2]), "Mt CO2", year, (f"pathway:{reference.name}:{NET}:{net.years[-1]}",)
        ),
    }


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
