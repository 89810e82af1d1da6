"""Silicon and calcium carbide: CO2 and CH4 of making them, and CO2 of the acetylene that calcium carbide gives."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method

INVENTORIES: Final = ("ipcc-2006", "ipcc-2019")
OUTPUTS: Final = (Output("CO2", "2.B.5"), Output("CH4", "2.B.5"))


@method(
    "carbide-product",
    topic="carbide",
    sets=(*INVENTORIES, "cn-province-2011"),
    inputs=(
        activity("carbide", "t"),
        choice("carbide_kind", "calcium_carbide", "silicon_carbide"),
        factor("emission_factor", "t CO2/t", subject="{carbide_kind}", gas="CO2", low=0.5, high=3.5),
        factor("ch4_factor", "kg CH4/t", subject="{carbide_kind}", gas="CH4", default=0.0, low=0.0, high=20.0),
    ),
    outputs=OUTPUTS,
    formula="E = AD · EF",
    clause="vol. 3, ch. 3, equation 3.11, tables 3.7 and 3.8",
    source="ipcc-2006",
    tier="1",
)
def carbide_emissions(carbide: Values, emission_factor: Values, ch4_factor: Values) -> tuple[Values, Values]:
    """Return CO2 and CH4 of carbide production from the carbide made [t].

    Parameters
    ----------
    carbide : float or array
        Carbide made [t].
    emission_factor : float or array
        CO2 per carbide [t CO2/t].
    ch4_factor : float or array
        CH4 per carbide; of silicon carbide from petroleum coke only [kg CH4/t].

    Notes
    -----
    2006 IPCC Guidelines, volume 3, chapter 3, equation 3.11. The lime of calcium carbide is accounted for as lime.
    """
    return carbide * emission_factor, carbide * ch4_factor / 1000


@method(
    "carbide-petroleum-coke",
    sets=INVENTORIES,
    inputs=(
        activity("petroleum_coke", "t"),
        choice("carbide_kind", "calcium_carbide", "silicon_carbide"),
        factor("emission_factor", "t CO2/t", subject="petroleum_coke_in_{carbide_kind}", gas="CO2", low=0.5, high=3.5),
        factor(
            "ch4_factor",
            "kg CH4/t",
            subject="petroleum_coke_in_{carbide_kind}",
            gas="CH4",
            default=0.0,
            low=0.0,
            high=20.0,
        ),
    ),
    outputs=OUTPUTS,
    formula="E = AD · EF",
    clause="vol. 3, ch. 3, equation 3.11, tables 3.7 and 3.8",
    source="ipcc-2006",
    tier="1",
)
def carbide_coke_emissions(
    petroleum_coke: Values, emission_factor: Values, ch4_factor: Values
) -> tuple[Values, Values]:
    """Return CO2 and CH4 of carbide production from the petroleum coke used [t]; an alternative to the carbide made.

    Parameters
    ----------
    petroleum_coke : float or array
        Petroleum coke used as a raw material [t].
    emission_factor : float or array
        CO2 per coke, with the carbon that stays in the carbide taken off [t CO2/t].
    ch4_factor : float or array
        CH4 per coke [kg CH4/t].

    Notes
    -----
    2006 IPCC Guidelines, volume 3, chapter 3, equation 3.11.
    """
    return petroleum_coke * emission_factor, petroleum_coke * ch4_factor / 1000


@method(
    "carbide-use",
    sets=INVENTORIES,
    inputs=(
        activity("calcium_carbide_used", "t"),
        factor("emission_factor", "t CO2/t", subject="calcium_carbide_use", gas="CO2", low=0.8, high=1.4),
    ),
    outputs=(Output("CO2", "2.B.5"),),
    formula="E = AD · EF",
    clause="vol. 3, ch. 3, section 3.6.2.2, table 3.8",
    source="ipcc-2006",
    tier="1",
)
def carbide_use_co2(calcium_carbide_used: Values, emission_factor: Values) -> Values:
    """Return the CO2 of burnt acetylene from calcium carbide [t].

    Parameters
    ----------
    calcium_carbide_used : float or array
        Calcium carbide used to make acetylene that is burnt, as in welding [t]; not the part that becomes PVC.
    emission_factor : float or array
        CO2 per carbide [t CO2/t].

    Notes
    -----
    2006 IPCC Guidelines, volume 3, chapter 3, table 3.8.
    """
    return calcium_carbide_used * emission_factor
