"""Soda ash: CO2 of natural soda ash, and the carbon balance of the Solvay process."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method

INVENTORIES: Final = ("ipcc-2006", "ipcc-2019")


@method(
    "soda-ash-natural",
    topic="soda-ash",
    sets=INVENTORIES,
    inputs=(
        activity("soda_ash_or_trona", "t"),
        choice("soda_ash_basis", "trona_used", "natural_soda_ash"),
        factor("emission_factor", "t CO2/t", subject="{soda_ash_basis}", gas="CO2", low=0.05, high=0.2),
    ),
    outputs=(Output("CO2", "2.B.7"),),
    formula="E = AD · EF",
    clause="vol. 3, ch. 3, equation 3.14",
    source="ipcc-2006",
    tier="1",
)
def natural_soda_ash_co2(soda_ash_or_trona: Values, emission_factor: Values) -> Values:
    """Return the CO2 of calcining trona [t].

    Parameters
    ----------
    soda_ash_or_trona : float or array
        Trona used or natural soda ash made, as the basis says [t].
    emission_factor : float or array
        CO2 per trona or soda ash [t CO2/t].

    Notes
    -----
    2006 IPCC Guidelines, volume 3, chapter 3, equation 3.14.
    """
    return soda_ash_or_trona * emission_factor


@method(
    "soda-ash-solvay",
    sets=(*INVENTORIES, "cn-enterprise"),
    inputs=(
        activity("limestone", "t"),
        factor("limestone_purity", "1", low=0.7, high=1.0),
        activity("coke_in_kiln", "t"),
        factor("coke_carbon", "t C/t", low=0.5, high=1.0),
        activity("soda_ash", "t"),
        factor("soda_ash_purity", "1", default=1.0, low=0.9, high=1.0),
    ),
    outputs=(Output("CO2", "2.B.7"), Output("CO2", "memo.carbon_in_soda_ash")),
    formula="E = L · p · 44/100 + K · C · 44/12 − N · q · 44/106; memo: N · q · 44/106",
    clause="vol. 3, ch. 3, section 3.8.2.1",
    source="ipcc-2006",
    tier="2",
)
def solvay_soda_ash_co2(
    limestone: Values,
    limestone_purity: Values,
    coke_in_kiln: Values,
    coke_carbon: Values,
    soda_ash: Values,
    soda_ash_purity: Values,
) -> tuple[Values, Values]:
    """Return the CO2 that a Solvay works releases, and as a memo the CO2 bound in its soda ash [t].

    Parameters
    ----------
    limestone, limestone_purity : float or array
        Limestone calcined [t] and its CaCO3 [1].
    coke_in_kiln, coke_carbon : float or array
        Coke burnt in the lime kiln [t] and its carbon [t C/t]; not reported again under fuel combustion.
    soda_ash, soda_ash_purity : float or array
        Soda ash made [t] and its Na2CO3 [1].

    Notes
    -----
    2006 IPCC Guidelines, volume 3, chapter 3, section 3.8.2.1: the CO2 of limestone and coke that is not bound in the soda ash is
    released. The bound CO2 is released where the soda ash is used (2.A.4.b, glass).
    """
    bound = soda_ash * soda_ash_purity * 44 / 106
    return limestone * limestone_purity * 44 / 100 + coke_in_kiln * coke_carbon * 44 / 12 - bound, bound
