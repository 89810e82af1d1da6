"""Carbon of dead wood and litter: stock difference, and conversion of land; removals are negative."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tanlu.accounts.methods.forest_biomass import SETS, carbon_to_co2
from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method

LITTERS: Final = ("broadleaf_deciduous", "needleleaf_evergreen", "all_forest")
TO_FOREST: Final = {"to_forest": "3.B.1.b", "from_forest": "3.B.2.b"}


@method(
    "dead-matter-stock",
    topic="dead-organic-matter",
    sets=SETS,
    inputs=(
        activity("area", "ha", high=3e8),
        activity("dead_stock_start", "t C/ha", high=300.0),
        activity("dead_stock_end", "t C/ha", high=300.0),
        activity("survey_years", "yr", low=1.0, high=30.0),
    ),
    outputs=(Output("CO2", "3.B.1.a", signed=True),),
    formula="E = −A · (DOM2 − DOM1)/T · 44/12",
    clause="vol. 4 ch. 2, eq. 2.19",
    source="ipcc-2006",
    tier="2",
)
def dead_matter_change(area: Values, dead_stock_start: Values, dead_stock_end: Values, survey_years: Values) -> Values:
    """Return the yearly CO2 of dead wood or litter of a forest [t] from stocks per hectare at two times [t C/ha].

    Notes
    -----
    IPCC 2006 vol. 4 ch. 2, eq. 2.19. Tier 1 takes dead wood and litter of forest remaining forest not to change.
    """
    return carbon_to_co2(area * (dead_stock_end - dead_stock_start) / survey_years)


@method(
    "dead-matter-conversion",
    topic="dead-organic-matter-conversion",
    sets=SETS,
    inputs=(
        choice("direction", *TO_FOREST),
        choice("litter", *LITTERS, word="all_forest"),
        activity("converted_area", "ha", high=1e8),
        activity("transition_years", "yr", low=1.0, high=100.0),
        factor("litter_stock", "t C/ha", subject="{litter}", low=0.0, high=100.0),
        factor("dead_wood_stock", "t C/ha", subject="{litter}", low=0.0, high=150.0),
        activity("other_dead_stock", "t C/ha", default=0.0, high=100.0),
    ),
    outputs=(Output("CO2", by="direction", categories=TO_FOREST, signed=True),),
    formula="E = −A · (Cn − Co)/T · 44/12",
    clause="vol. 4 ch. 2, eq. 2.23",
    source="ipcc-2006",
    tier="1",
)
def dead_matter_of_conversion(
    direction: str | NDArray[np.str_],
    converted_area: Values,
    transition_years: Values,
    litter_stock: Values,
    dead_wood_stock: Values,
    other_dead_stock: Values = 0.0,
) -> Values:
    """Return the yearly CO2 of dead wood and litter of land that becomes forest, or that was forest [t].

    Parameters
    ----------
    direction : str or array of str
        ``to_forest`` or ``from_forest``.
    converted_area : float or array
        Land in transition [ha].
    transition_years : float or array
        Years over which the stock changes: 20 for land that becomes forest, 1 for forest cleared.
    litter_stock, dead_wood_stock : float or array
        Of the forest [t C/ha].
    other_dead_stock : float or array
        Litter and dead wood of the other land [t C/ha], zero by default.

    Notes
    -----
    IPCC 2006 vol. 4 ch. 2, eq. 2.23: ``ΔC = (Cn − Co) · A / T``.
    """
    gained = litter_stock + dead_wood_stock - other_dead_stock
    sign = np.where(np.asarray(direction) == "to_forest", 1.0, -1.0)
    return carbon_to_co2(sign * converted_area * gained / transition_years)
