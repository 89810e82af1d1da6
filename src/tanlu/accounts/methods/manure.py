"""Methane and nitrous oxide of manure management: by head, and by manure management system."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.methods.enteric import HEADS
from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method

ANIMALS: Final = (
    "dairy_cattle", "other_cattle", "buffalo", "sheep", "goat", "camel", "horse", "mule_ass", "pig", "poultry",
    "sheep_goat", "pig.cool", "pig.temperate", "pig.warm",
    "dairy_cattle.high_productivity", "dairy_cattle.low_productivity", "other_cattle.high_productivity",
    "other_cattle.low_productivity", "pig.high_productivity", "pig.low_productivity", "sheep.high_productivity",
    "sheep.low_productivity", "goat.high_productivity", "goat.low_productivity", "horse.high_productivity",
    "horse.low_productivity", "mule_ass.high_productivity", "mule_ass.low_productivity", "camel.high_productivity",
    "camel.low_productivity", "poultry.high_productivity", "poultry.low_productivity",
)  # fmt: skip
"""Animals; the 2019 Refinement divides them by productivity, the 1996 Guidelines pigs by climate."""
SYSTEMS: Final = (
    "lagoon", "liquid_crust", "liquid_no_crust", "solid_storage", "drying", "pit_storage", "daily_spread", "biogas",
    "compost", "pasture", "other_system",
)  # fmt: skip
TEMPERATURES: Final = (
    "t10", "t17", "t18", "t20", "t25", "t26", "t28", "boreal_dry", "boreal_moist", "cool_temperate_dry",
    "cool_temperate_moist", "warm_temperate_dry", "warm_temperate_moist", "tropical_dry", "tropical_moist",
    "tropical_wet", "tropical_montane",
)  # fmt: skip
"""Columns of the tables of methane conversion factors: mean annual temperature [°C], the ends standing for ≤ 10 and ≥ 28, and the
climates of the 2019 Refinement."""
LOSS_GROUPS: Final = ("manure", "pig", "dairy_cattle", "other_cattle", "poultry", "other_animal")
"""Animals as the table of volatilised nitrogen of the 2019 Refinement divides them; ``manure`` where a rulebook does not."""
SHARE: Final = activity("system_share", "1", default=1.0, high=1.0)


@method(
    "manure-methane-head",
    topic="manure-methane",
    sets=("ipcc-2006", "ipcc-2019", "cn-province-2011", "cn-enterprise"),
    inputs=(
        HEADS,
        choice("animal", *ANIMALS),
        factor("manure_ch4_factor", "kg CH4/head/yr", subject="{animal}", gas="CH4", low=0.001, high=120.0),
    ),
    outputs=(Output("CH4", "3.A.2"),),
    formula="E = N · EF / 1000",
    clause="vol. 4 ch. 10, eq. 10.22",
    source="ipcc-2006",
    tier="1",
)
def manure_methane_by_head(heads: Values, manure_ch4_factor: Values) -> Values:
    """Return the methane of manure [t] from the mean stock [head] and a factor [kg CH4/head/yr].

    Notes
    -----
    IPCC 2006 vol. 4 ch. 10, eq. 10.22; GB/T 32151.22 table C.7 and the provincial guidelines of 2011 give Chinese factors by region.
    """
    return heads * manure_ch4_factor / 1000


@method(
    "manure-methane-system",
    topic="manure-methane-by-system",
    sets=("ipcc-2006", "ipcc-2019", "cn-province-2011", "cn-enterprise"),
    inputs=(
        HEADS,
        SHARE,
        choice("animal", *ANIMALS),
        choice("system", *SYSTEMS),
        choice("temperature", *TEMPERATURES, word="t17"),
        factor("volatile_solids", "kg/head/d", subject="{animal}", low=0.005, high=8.0),
        factor("methane_capacity", "m3 CH4/kg", subject="{animal}", low=0.05, high=0.55),
        factor(
            "system_methane_share", "%", parameter="manure_methane_share", subject="{system}.{temperature}",
            low=0.0, high=100.0,
        ),
        factor("methane_density", "kg CH4/m3", parameter="density", subject="methane", gas="CH4", low=0.6, high=0.75, exact=True),
    ),
    outputs=(Output("CH4", "3.A.2"),),
    formula="E = N · VS · 365 · B0 · 0.67 · MCF/100 · MS / 1000",
    clause="vol. 4 ch. 10, eq. 10.23",
    source="ipcc-2006",
    tier="2",
)  # fmt: skip
def manure_methane_by_system(
    heads: Values,
    volatile_solids: Values,
    methane_capacity: Values,
    system_methane_share: Values,
    system_share: Values = 1.0,
    methane_density: Values = 0.67,
) -> Values:
    """Return the methane of manure in one management system [t]; the systems of a kind of animal are records of their own.

    Parameters
    ----------
    heads : float or array
        Mean stock of the year [head].
    volatile_solids : float or array
        Volatile solids excreted [kg/head/d].
    methane_capacity : float or array
        Maximum methane producing capacity B0 [m3 CH4/kg VS].
    system_methane_share : float or array
        Methane conversion factor MCF of the system in its climate [%].
    system_share : float or array
        Share of the manure handled in the system [1].
    methane_density : float or array
        [kg/m3].

    Notes
    -----
    IPCC 2006 vol. 4 ch. 10, eq. 10.22 and 10.23.
    """
    per_head = volatile_solids * 365 * methane_capacity * methane_density * (system_methane_share / 100)
    return heads * system_share * per_head / 1000


@method(
    "manure-n2o-head",
    topic="manure-nitrous-oxide",
    sets=("cn-province-2011", "cn-enterprise"),
    inputs=(
        HEADS,
        choice("animal", *ANIMALS),
        factor("manure_n2o_factor", "kg N2O/head/yr", subject="{animal}", gas="N2O", low=0.001, high=5.0),
    ),
    outputs=(Output("N2O", "3.A.2"),),
    formula="E = N · EF / 1000",
    clause="C.10",
    source="gbt-32151-22",
    tier="1",
)
def manure_n2o_by_head(heads: Values, manure_n2o_factor: Values) -> Values:
    """Return the nitrous oxide of manure management [t] from the mean stock [head] and a factor [kg N2O/head/yr].

    Notes
    -----
    Guidelines for provincial inventories (2011) and GB/T 32151.22 table C.10.
    """
    return heads * manure_n2o_factor / 1000


@method(
    "manure-n2o-system",
    topic="manure-nitrous-oxide-by-system",
    sets=("ipcc-2006", "ipcc-2019", "cn-enterprise"),
    inputs=(
        HEADS,
        SHARE,
        choice("animal", *ANIMALS),
        choice("system", *SYSTEMS),
        choice("loss_group", *LOSS_GROUPS, word="manure"),
        factor("nitrogen_excretion", "kg N/head/yr", subject="{animal}", low=0.1, high=200.0),
        factor("system_n2o_share", "kg N/kg N", parameter="manure_n2o_share", subject="{system}", low=0.0, high=0.1),
        factor(
            "system_volatilised_share", "kg N/kg N", parameter="volatilised_share", subject="{loss_group}.{system}",
            low=0.0, high=0.8,
        ),
        factor(
            "system_leached_share", "kg N/kg N", default=0.0, parameter="leached_share", subject="manure.{system}", high=0.5
        ),
        factor("deposition_n2o_share", "kg N/kg N", subject="all_climates", low=0.0005, high=0.06),
        factor("leaching_n2o_share", "kg N/kg N", subject="nitrogen", low=0.0003, high=0.03),
    ),
    outputs=(Output("N2O", "3.A.2"), Output("N2O", "3.C.6")),
    formula="direct = N · Nex · MS · EF3 · 44/28 / 1000; indirect = N · Nex · MS · (FracGas · EF4 + FracLeach · EF5) · 44/28 / 1000",
    clause="vol. 4 ch. 10, eq. 10.25–10.29",
    source="ipcc-2006",
    tier="2",
)  # fmt: skip
def manure_n2o_by_system(
    heads: Values,
    nitrogen_excretion: Values,
    system_n2o_share: Values,
    system_volatilised_share: Values,
    deposition_n2o_share: Values,
    leaching_n2o_share: Values,
    system_share: Values = 1.0,
    system_leached_share: Values = 0.0,
) -> tuple[Values, Values]:
    """Return the direct and the indirect nitrous oxide of manure in one management system [t].

    Parameters
    ----------
    heads : float or array
        Mean stock of the year [head].
    nitrogen_excretion : float or array
        Nitrogen excreted [kg N/head/yr].
    system_n2o_share : float or array
        EF3 [kg N2O-N/kg N].
    system_volatilised_share, system_leached_share : float or array
        Nitrogen lost as ammonia and NOx, and by leaching, in the system [1].
    deposition_n2o_share, leaching_n2o_share : float or array
        EF4, EF5 [kg N2O-N/kg N].
    system_share : float or array
        Share of the manure handled in the system [1].

    Notes
    -----
    IPCC 2006 vol. 4 ch. 10, eq. 10.25 (direct), 10.26 and 10.27 (volatilised), 10.28 and 10.29 (leached).
    """
    nitrogen = heads * nitrogen_excretion * system_share / 1000
    lost = system_volatilised_share * deposition_n2o_share + system_leached_share * leaching_n2o_share
    return nitrogen * system_n2o_share * 44 / 28, nitrogen * lost * 44 / 28


def nitrogen_excreted(rate: Values, weight: Values) -> Values:
    """Return the nitrogen excretion [kg N/head/yr] from a rate [kg N per 1000 kg and day] and the mean weight [kg]; eq. 10.30."""
    return rate * weight / 1000 * 365
