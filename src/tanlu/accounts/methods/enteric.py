"""Methane of enteric fermentation: by head, and from the gross energy that the animals take in."""

from __future__ import annotations

from typing import Final

import numpy as np

from tanlu.accounts.rulebook.method import Input, Output, Values, activity, choice, factor, method

ANIMALS: Final = (
    "dairy_cattle", "other_cattle", "buffalo", "sheep", "goat", "camel", "horse", "mule_ass", "deer", "alpaca", "pig",
    "dairy_cattle.young", "dairy_cattle.other_adult", "dairy_cattle.breeding_female",
    "other_cattle.young", "other_cattle.other_adult", "other_cattle.breeding_female",
    "buffalo.young", "buffalo.other_adult", "buffalo.breeding_female",
    "sheep.young", "sheep.other_adult", "goat.young", "goat.other_adult",
    "dairy_cattle.large_farm", "dairy_cattle.household", "dairy_cattle.pasture",
    "other_cattle.large_farm", "other_cattle.household", "other_cattle.pasture",
    "buffalo.large_farm", "buffalo.household", "sheep.large_farm", "sheep.household", "sheep.pasture",
    "goat.large_farm", "goat.household", "goat.pasture",
    "buffalo.mature_male", "buffalo.mature_female", "buffalo.growing", "buffalo.calf",
    "dairy_cattle.high_productivity", "dairy_cattle.low_productivity", "other_cattle.high_productivity",
    "other_cattle.low_productivity",
    "other_cattle.mature_female.high_productivity", "other_cattle.mature_male.high_productivity",
    "other_cattle.growing.high_productivity", "other_cattle.calf.high_productivity",
    "other_cattle.mature_female.farming.low_productivity", "other_cattle.mature_female.grazing.low_productivity",
    "other_cattle.mature_male.farming.low_productivity", "other_cattle.mature_male.grazing.low_productivity",
)  # fmt: skip
"""Animals as the rulebooks divide them: species alone, by stage of life, by way of keeping, by productivity."""
FEEDS: Final = ("cattle", "feedlot_cattle", "dairy_cattle", "buffalo", "sheep", "lamb", "goat")
HEADS: Final = activity("heads", "head", high=2e9)
METHANE_ENERGY: Final = factor(
    "methane_energy", "MJ/kg CH4", parameter="energy_content", subject="methane", low=50.0, high=56.0, exact=True
)


def methane_share(subjects: tuple[str, ...] = FEEDS) -> tuple[Input, ...]:
    """Return the inputs that tell which share of the gross energy leaves as methane."""
    share = factor("methane_share", "%", parameter="enteric_methane_share", subject="{feed}", low=2.0, high=10.0)
    return (choice("feed", *subjects), share)


@method(
    "enteric-tier-1",
    topic="enteric-fermentation",
    sets=("ipcc-2006", "ipcc-2019", "cn-province-2011", "cn-enterprise"),
    inputs=(
        HEADS,
        choice("animal", *ANIMALS),
        factor("enteric_factor", "kg CH4/head/yr", subject="{animal}", gas="CH4", low=0.5, high=200.0),
    ),
    outputs=(Output("CH4", "3.A.1"),),
    formula="E = N · EF / 1000",
    clause="vol. 4 ch. 10, eq. 10.19",
    source="ipcc-2006",
    tier="1",
)
def enteric_by_head(heads: Values, enteric_factor: Values) -> Values:
    """Return the methane of enteric fermentation [t] from the mean stock [head] and a factor [kg CH4/head/yr].

    Notes
    -----
    IPCC 2006 vol. 4 ch. 10, eq. 10.19; GB/T 32151.22 and the provincial guidelines of 2011 have the same form with Chinese factors.
    """
    return heads * enteric_factor / 1000


@method(
    "enteric-tier-2",
    topic="enteric-fermentation-tier-2",
    sets=("ipcc-2006", "ipcc-2019", "cn-province-2011", "cn-enterprise"),
    inputs=(HEADS, activity("gross_energy", "MJ/head/d", low=5.0, high=600.0), *methane_share(), METHANE_ENERGY),
    outputs=(Output("CH4", "3.A.1"),),
    formula="E = N · GE · Ym/100 · 365 / 55.65 / 1000",
    clause="vol. 4 ch. 10, eq. 10.21",
    source="ipcc-2006",
    tier="2",
)
def enteric_by_energy(
    heads: Values, gross_energy: Values, methane_share: Values, methane_energy: Values = 55.65
) -> Values:
    """Return the methane of enteric fermentation [t].

    Parameters
    ----------
    heads : float or array
        Mean stock of the year [head].
    gross_energy : float or array
        Gross energy intake [MJ/head/d].
    methane_share : float or array
        Share of the gross energy that becomes methane, Ym [%].
    methane_energy : float or array
        Energy content of methane [MJ/kg].

    Notes
    -----
    IPCC 2006 vol. 4 ch. 10, eq. 10.21.
    """
    per_head = gross_energy * (methane_share / 100) * 365 / methane_energy
    return heads * per_head / 1000


def maintenance_ratio(digestibility: Values) -> Values:
    """Return REM, net energy for maintenance over digestible energy [1], from the digestibility [%]; eq. 10.14."""
    return 1.123 - 4.092e-3 * digestibility + 1.126e-5 * digestibility**2 - 25.4 / digestibility


def growth_ratio(digestibility: Values) -> Values:
    """Return REG, net energy for growth over digestible energy [1], from the digestibility [%]; eq. 10.15."""
    return 1.164 - 5.160e-3 * digestibility + 1.308e-5 * digestibility**2 - 37.4 / digestibility


def total_gross_energy(upkeep: Values, growth: Values, digestibility: Values) -> Values:
    """Return the gross energy [MJ/d]; eq. 10.16.

    Parameters
    ----------
    upkeep : float or array
        Net energy for maintenance, activity, milk, work and pregnancy [MJ/d].
    growth : float or array
        Net energy for growth and wool [MJ/d].
    digestibility : float or array
        Digestible over gross energy [%].
    """
    needed = upkeep / maintenance_ratio(digestibility) + growth / growth_ratio(digestibility)
    return needed / (digestibility / 100)


def gross_energy_cattle(
    weight: Values,
    digestibility: Values,
    maintenance_coefficient: Values,
    activity_coefficient: Values = 0.0,
    milk: Values = 0.0,
    milk_fat: Values = 4.0,
    work_hours: Values = 0.0,
    pregnant_share: Values = 0.0,
    pregnancy_coefficient: Values = 0.1,
    weight_gain: Values = 0.0,
    mature_weight: Values = 1.0,
    growth_coefficient: Values = 1.0,
) -> Values:
    """Return the gross energy intake of cattle or buffalo [MJ/head/d].

    Parameters
    ----------
    weight, mature_weight : float or array
        Mean live weight of the group, and of an adult [kg].
    digestibility : float or array
        Digestible over gross energy of the feed [%].
    maintenance_coefficient : float or array
        Cfi [MJ/d/kg^0.75].
    activity_coefficient, growth_coefficient, pregnancy_coefficient : float or array
        Ca, C, Cp [1].
    milk : float or array
        Milk [kg/d] with ``milk_fat`` [%].
    work_hours : float or array
        Work [h/d].
    pregnant_share : float or array
        Share of the animals that gives birth in the year [1].
    weight_gain : float or array
        [kg/d].

    Notes
    -----
    IPCC 2006 vol. 4 ch. 10: maintenance 10.3, activity 10.4, growth 10.6, milk 10.8, work 10.11, pregnancy 10.13, sum 10.16.
    """
    maintenance = maintenance_coefficient * np.power(weight, 0.75)
    moving = activity_coefficient * maintenance
    lactation = milk * (1.47 + 0.40 * milk_fat)
    work = 0.10 * maintenance * work_hours
    pregnancy = pregnancy_coefficient * pregnant_share * maintenance
    size = np.power(weight / (growth_coefficient * mature_weight), 0.75)
    growth = 22.02 * size * np.power(weight_gain, 1.097)
    return total_gross_energy(maintenance + moving + lactation + work + pregnancy, growth, digestibility)


def gross_energy_sheep(
    weight: Values,
    digestibility: Values,
    maintenance_coefficient: Values,
    activity_energy: Values = 0.0,
    milk: Values = 0.0,
    milk_energy: Values = 4.6,
    pregnant_share: Values = 0.0,
    pregnancy_coefficient: Values = 0.077,
    weaning_weight: Values = 0.0,
    final_weight: Values = 0.0,
    growth_a: Values = 0.0,
    growth_b: Values = 0.0,
    wool: Values = 0.0,
    wool_energy: Values = 24.0,
) -> Values:
    """Return the gross energy intake of sheep [MJ/head/d].

    Parameters
    ----------
    weight, weaning_weight, final_weight : float or array
        Mean live weight; weight at weaning and at one year or slaughter [kg].
    digestibility : float or array
        Digestible over gross energy of the feed [%].
    maintenance_coefficient : float or array
        Cfi [MJ/d/kg^0.75].
    activity_energy : float or array
        Ca [MJ/d/kg].
    milk, milk_energy : float or array
        Milk [kg/d], net energy of it [MJ/kg].
    pregnant_share, pregnancy_coefficient : float or array
        Share of the ewes that lamb, Cp [1].
    growth_a, growth_b : float or array
        Constants of eq. 10.7 [MJ/kg, MJ/kg2].
    wool, wool_energy : float or array
        Wool [kg/yr], energy of it [MJ/kg].

    Notes
    -----
    IPCC 2006 vol. 4 ch. 10: maintenance 10.3, activity 10.5, growth 10.7, milk 10.9, wool 10.12, pregnancy 10.13, sum 10.16.
    """
    maintenance = maintenance_coefficient * np.power(weight, 0.75)
    moving = activity_energy * weight
    pregnancy = pregnancy_coefficient * pregnant_share * maintenance
    gain = final_weight - weaning_weight
    growth = gain * (growth_a + 0.5 * growth_b * (weaning_weight + final_weight)) / 365
    fleece = wool * wool_energy / 365
    return total_gross_energy(maintenance + moving + milk * milk_energy + pregnancy, growth + fleece, digestibility)


@method(
    "enteric-cattle-energy",
    topic="enteric-fermentation-cattle",
    sets=("ipcc-2006", "ipcc-2019"),
    inputs=(
        HEADS,
        choice("maintenance", "cattle_not_lactating", "cattle_lactating", "cattle_bull"),
        choice("feeding", "stall", "pasture", "large_grazing", word="stall"),
        choice("sex", "female", "castrate", "bull", word="female"),
        activity("weight", "kg", low=20.0, high=1200.0),
        activity("mature_weight", "kg", default=500.0, low=200.0, high=1500.0),
        activity("weight_gain", "kg/d", default=0.0, high=2.5),
        activity("milk", "kg/d", default=0.0, high=60.0),
        activity("milk_fat", "%", default=4.0, low=2.5, high=9.0),
        activity("work_hours", "h/d", default=0.0, high=12.0),
        activity("pregnant_share", "1", default=0.0, high=1.0),
        activity("digestibility", "%", low=35.0, high=85.0),
        factor(
            "maintenance_coefficient", "MJ/d/kg", parameter="maintenance_coefficient", subject="{maintenance}",
            low=0.2, high=0.5,
        ),
        factor("activity_coefficient", "1", subject="cattle_{feeding}", low=0.0, high=0.5),
        factor("growth_coefficient", "1", subject="cattle_{sex}", low=0.7, high=1.3),
        factor("pregnancy_coefficient", "1", subject="cattle", low=0.05, high=0.15),
        *methane_share(("cattle", "feedlot_cattle", "dairy_cattle", "buffalo")),
        METHANE_ENERGY,
    ),
    outputs=(Output("CH4", "3.A.1"),),
    formula="GE = [(NEm + NEa + NEl + NEwork + NEp)/REM + NEg/REG] / (DE/100); E = N · GE · Ym/100 · 365 / 55.65 / 1000",
    clause="vol. 4 ch. 10, eq. 10.3–10.16, 10.21",
    source="ipcc-2006",
    tier="2",
)  # fmt: skip
def enteric_cattle(
    heads: Values,
    weight: Values,
    digestibility: Values,
    maintenance_coefficient: Values,
    methane_share: Values,
    activity_coefficient: Values = 0.0,
    milk: Values = 0.0,
    milk_fat: Values = 4.0,
    work_hours: Values = 0.0,
    pregnant_share: Values = 0.0,
    pregnancy_coefficient: Values = 0.1,
    weight_gain: Values = 0.0,
    mature_weight: Values = 500.0,
    growth_coefficient: Values = 1.0,
    methane_energy: Values = 55.65,
) -> Values:
    """Return the methane of enteric fermentation of cattle or buffalo [t] from what the animals weigh, give and do.

    Parameters as in `gross_energy_cattle` and `enteric_by_energy`.

    Notes
    -----
    IPCC 2006 vol. 4 ch. 10, eq. 10.3–10.16 and 10.21.
    """
    energy = gross_energy_cattle(
        weight, digestibility, maintenance_coefficient, activity_coefficient, milk, milk_fat, work_hours,
        pregnant_share, pregnancy_coefficient, weight_gain, mature_weight, growth_coefficient,
    )  # fmt: skip
    return enteric_by_energy(heads, energy, methane_share, methane_energy)


@method(
    "enteric-sheep-energy",
    topic="enteric-fermentation-sheep",
    sets=("ipcc-2006", "ipcc-2019"),
    inputs=(
        HEADS,
        choice("maintenance", "sheep_to_one_year", "sheep_older"),
        choice("feeding", "housed_ewe", "housed_lamb", "flat_pasture", "hilly_pasture", word="flat_pasture"),
        choice("sex", "female", "castrate", "male", word="female"),
        activity("weight", "kg", low=3.0, high=150.0),
        activity("weaning_weight", "kg", default=0.0, high=60.0),
        activity("final_weight", "kg", default=0.0, high=120.0),
        activity("milk", "kg/d", default=0.0, high=5.0),
        activity("wool", "kg/yr", default=0.0, high=15.0),
        activity("pregnant_share", "1", default=0.0, high=1.0),
        activity("digestibility", "%", low=35.0, high=85.0),
        factor(
            "maintenance_coefficient", "MJ/d/kg", parameter="maintenance_coefficient", subject="{maintenance}",
            low=0.15, high=0.35,
        ),
        factor("activity_energy", "MJ/d/kg", subject="sheep_{feeding}", low=0.0, high=0.05),
        factor("growth_a", "MJ/kg", parameter="growth_constant_a", subject="sheep_{sex}", low=1.5, high=6.0),
        factor("growth_b", "MJ/kg/kg", parameter="growth_constant_b", subject="sheep_{sex}", low=0.2, high=0.6),
        factor("pregnancy_coefficient", "1", subject="sheep", low=0.05, high=0.16),
        factor("milk_energy", "MJ/kg", subject="sheep", low=3.0, high=6.0),
        factor("wool_energy", "MJ/kg", subject="sheep", low=20.0, high=28.0),
        *methane_share(("sheep", "lamb")),
        METHANE_ENERGY,
    ),
    outputs=(Output("CH4", "3.A.1"),),
    formula="GE = [(NEm + NEa + NEl + NEp)/REM + (NEg + NEwool)/REG] / (DE/100); E = N · GE · Ym/100 · 365 / 55.65 / 1000",
    clause="vol. 4 ch. 10, eq. 10.3–10.16, 10.21",
    source="ipcc-2006",
    tier="2",
)  # fmt: skip
def enteric_sheep(
    heads: Values,
    weight: Values,
    digestibility: Values,
    maintenance_coefficient: Values,
    methane_share: Values,
    activity_energy: Values = 0.0,
    milk: Values = 0.0,
    milk_energy: Values = 4.6,
    pregnant_share: Values = 0.0,
    pregnancy_coefficient: Values = 0.077,
    weaning_weight: Values = 0.0,
    final_weight: Values = 0.0,
    growth_a: Values = 0.0,
    growth_b: Values = 0.0,
    wool: Values = 0.0,
    wool_energy: Values = 24.0,
    methane_energy: Values = 55.65,
) -> Values:
    """Return the methane of enteric fermentation of sheep [t]; parameters as in `gross_energy_sheep` and `enteric_by_energy`.

    Notes
    -----
    IPCC 2006 vol. 4 ch. 10, eq. 10.3–10.16 and 10.21.
    """
    energy = gross_energy_sheep(
        weight, digestibility, maintenance_coefficient, activity_energy, milk, milk_energy, pregnant_share,
        pregnancy_coefficient, weaning_weight, final_weight, growth_a, growth_b, wool, wool_energy,
    )  # fmt: skip
    return enteric_by_energy(heads, energy, methane_share, methane_energy)
