"""Process emissions of magnesium: CO2 of the raw material, SF6 of the cover gas."""

from __future__ import annotations

from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method


@method(
    "magnesium-production-ipcc",
    topic="magnesium-production",
    sets=("ipcc-2006", "ipcc-2019"),
    tier="1",
    inputs=(
        choice("magnesium_ore", "dolomite", "magnesite", word="dolomite"),
        activity("magnesium", "t"),
        factor(
            "magnesium_factor",
            "t CO2/t",
            parameter="emission_factor",
            subject="magnesium.{magnesium_ore}",
            gas="CO2",
            low=2.0,
            high=6.0,
        ),
    ),
    outputs=(Output("CO2", "2.C.4"),),
    formula="E = P · EF",
    clause="vol. 3 ch. 4, eq. 4.28, table 4.19",
    source="ipcc-2006",
)
def magnesium_co2(magnesium: Values, magnesium_factor: Values) -> Values:
    """Return the CO2 of the carbonate from which magnesium is made [t]: primary magnesium [t] · factor [t CO2/t]."""
    return magnesium * magnesium_factor


@method(
    "magnesium-sf6-ipcc",
    topic="magnesium-sf6",
    sets=("ipcc-2006", "ipcc-2019"),
    tier="1",
    inputs=(
        choice("magnesium_stage", "magnesium_casting", word="magnesium_casting"),
        activity("magnesium", "t"),
        factor(
            "cover_gas_factor",
            "kg SF6/t",
            parameter="emission_factor",
            subject="{magnesium_stage}",
            gas="SF6",
            low=0.0,
            high=11.0,
        ),
    ),
    outputs=(Output("SF6", "2.C.4"),),
    formula="E = MG_c · EF / 1000",
    clause="vol. 3 ch. 4, eq. 4.30, table 4.20",
    source="ipcc-2006",
)
@method(
    "magnesium-sf6-province",
    topic="magnesium-sf6",
    sets=("cn-province-2011",),
    inputs=(
        choice("magnesium_stage", "primary_magnesium", "magnesium_processing"),
        activity("magnesium", "t"),
        factor(
            "cover_gas_factor",
            "kg SF6/t",
            parameter="emission_factor",
            subject="{magnesium_stage}",
            gas="SF6",
            low=0.0,
            high=11.0,
        ),
    ),
    outputs=(Output("SF6", "2.C.4"),),
    formula="E = AD · EF / 1000",
    clause="magnesium production",
    source="prov-guide-2011",
)
def magnesium_sf6(magnesium: Values, cover_gas_factor: Values) -> Values:
    """Return the SF6 of the cover gas [t]: magnesium cast or made with SF6 [t] · factor [kg SF6/t]."""
    return magnesium * cover_gas_factor / 1000


@method(
    "magnesium-sf6-consumption",
    sets=("ipcc-2006", "ipcc-2019"),
    tier="2",
    inputs=(activity("sf6_consumed", "t"),),
    outputs=(Output("SF6", "2.C.4"),),
    formula="E = C_SF6",
    clause="vol. 3 ch. 4, eq. 4.31",
    source="ipcc-2006",
)
def cover_gas_sf6(sf6_consumed: Values) -> Values:
    """Return the SF6 used as cover gas, all of which is taken to escape [t]."""
    return sf6_consumed * 1
