"""SF6 of electrical equipment: balance of a user, losses by life stage, and what repair and filling let go."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method

INVENTORIES: Final = ("ipcc-2006", "ipcc-2019")
SF6: Final = (Output("SF6", "2.G.1"),)


@method(
    "sf6-user-balance",
    sets=(*INVENTORIES, "cn-province-2011", "cn-enterprise"),
    inputs=(
        activity("sf6_stock_start", "kg"),
        activity("sf6_stock_end", "kg"),
        activity("sf6_bought", "kg"),
        activity("sf6_returned", "kg", default=0.0),
        activity("capacity_new", "kg", default=0.0),
        activity("capacity_retired", "kg", default=0.0),
    ),
    outputs=(Output("SF6", "2.G.1", signed=True),),
    formula="E = (S₀ − S₁) + bought − returned − (capacity new − capacity retired)",
    clause="vol. 3, ch. 8, equation 8.9 and box on utilities",
    source="ipcc-2006",
    tier="3",
)
def sf6_user_balance(
    sf6_stock_start: Values,
    sf6_stock_end: Values,
    sf6_bought: Values,
    sf6_returned: Values,
    capacity_new: Values,
    capacity_retired: Values,
) -> Values:
    """Return the SF6 that a user of equipment loses, from his books [t].

    Parameters
    ----------
    sf6_stock_start, sf6_stock_end : float or array
        SF6 in containers at the beginning and at the end of the year [kg].
    sf6_bought : float or array
        SF6 bought, in containers or in equipment [kg].
    sf6_returned : float or array
        SF6 sold, returned, recycled off site or destroyed [kg].
    capacity_new, capacity_retired : float or array
        Nameplate capacity of equipment put in and taken out [kg].

    Notes
    -----
    2006 IPCC Guidelines, volume 3, chapter 8, mass balance of equipment users; equation DD-1 of 40 CFR part 98 is the same. A negative
    year follows from nameplates that differ from the real charge.
    """
    balance = (sf6_stock_start - sf6_stock_end) + sf6_bought - sf6_returned - (capacity_new - capacity_retired)
    return balance / 1000


@method(
    "sf6-life-stages",
    sets=INVENTORIES,
    inputs=(
        choice("sf6_equipment", "sealed_pressure_equipment", "closed_pressure_equipment", "gas_insulated_transformer"),
        choice("practice", "europe", "japan"),
        activity("sf6_in_manufacture", "kg", default=0.0),
        activity("sf6_bank", "kg", default=0.0),
        activity("capacity_retired", "kg", default=0.0),
        factor("manufacture_loss", "1", subject="{sf6_equipment}.{practice}", gas="SF6", low=0.0, high=0.5),
        factor("operation_loss", "1", subject="{sf6_equipment}.{practice}", gas="SF6", low=0.0, high=0.2),
        factor("charge_left", "1", subject="{sf6_equipment}.{practice}", gas="SF6", low=0.0, high=1.0),
        factor("recovery_share", "1", default=0.0, low=0.0, high=1.0),
    ),
    outputs=SF6,
    formula="E = M_use · EF_m + bank · EF_u + capacity retired · p · (1 − η)",
    clause="vol. 3, ch. 8, equation 8.1, tables 8.2–8.4",
    source="ipcc-2006",
    tier="1–2",
)
def sf6_by_life_stage(
    sf6_in_manufacture: Values,
    sf6_bank: Values,
    capacity_retired: Values,
    manufacture_loss: Values,
    operation_loss: Values,
    charge_left: Values,
    recovery_share: Values,
) -> Values:
    """Return the SF6 lost in making, using and retiring equipment [t].

    Parameters
    ----------
    sf6_in_manufacture : float or array
        SF6 that makers of equipment use [kg].
    sf6_bank : float or array
        Nameplate capacity of the equipment in use [kg].
    capacity_retired : float or array
        Nameplate capacity of the equipment retired in the year [kg].
    manufacture_loss, operation_loss : float or array
        Loss per SF6 used in manufacture and, in a year, per capacity in use [1].
    charge_left, recovery_share : float or array
        Share of the charge left at retirement, and of it recovered [1].

    Notes
    -----
    2006 IPCC Guidelines, volume 3, chapter 8, equation 8.1.
    """
    made, used = sf6_in_manufacture * manufacture_loss, sf6_bank * operation_loss
    return (made + used + capacity_retired * charge_left * (1 - recovery_share)) / 1000


@method(
    "sf6-repair-retirement",
    sets=("cn-enterprise",),
    inputs=(
        activity("capacity_retired", "kg", default=0.0),
        activity("recovered_from_retired", "kg", default=0.0),
        activity("capacity_repaired", "kg", default=0.0),
        activity("recovered_from_repaired", "kg", default=0.0),
        activity("sf6_topped_up", "kg", default=0.0),
    ),
    outputs=SF6,
    formula="E = Σ (retired − recovered) + Σ (repaired − recovered) + Σ topped up",
    clause="5.2.2, formula (2)",
    source="db13-t-5564-2022",
)
def sf6_repair_and_retirement(
    capacity_retired: Values,
    recovered_from_retired: Values,
    capacity_repaired: Values,
    recovered_from_repaired: Values,
    sf6_topped_up: Values,
) -> Values:
    """Return the SF6 of a grid enterprise: what is not recovered at retirement and repair, and what is topped up [t].

    Parameters
    ----------
    capacity_retired, recovered_from_retired : float or array
        SF6 of retired equipment, and what is recovered of it [kg].
    capacity_repaired, recovered_from_repaired : float or array
        SF6 of opened equipment, and what is recovered of it [kg].
    sf6_topped_up : float or array
        SF6 that left the bottles to top up equipment [kg]; the national guideline for grid enterprises leaves it out.

    Notes
    -----
    DB13/T 5564-2022, formula (2); the national guideline for grid enterprises is its first two terms.
    """
    unrecovered = capacity_retired - recovered_from_retired + capacity_repaired - recovered_from_repaired
    return (unrecovered + sf6_topped_up) / 1000


@method(
    "sf6-filling",
    sets=("cn-enterprise",),
    inputs=(
        activity("fillings", "count"),
        factor("filling_leak", "mol/count", subject="sf6_equipment", gas="SF6", low=0.0, high=5.0),
        factor("molar_mass", "g/mol", subject="sf6_equipment", gas="SF6", low=146.0, high=147.0, exact=True),
    ),
    outputs=SF6,
    formula="E = n · EF · M",
    clause="filling of equipment",
    source="cn-machinery-guideline",
)
def sf6_of_filling(fillings: Values, filling_leak: Values, molar_mass: Values) -> Values:
    """Return the SF6 lost from hoses when equipment is filled [t].

    Parameters
    ----------
    fillings : float or array
        Number of fillings.
    filling_leak : float or array
        Loss per filling [mol].
    molar_mass : float or array
        Molar mass of SF6 [g/mol].

    Notes
    -----
    Guidelines for machinery enterprises.
    """
    return fillings * filling_leak * molar_mass / 1_000_000
