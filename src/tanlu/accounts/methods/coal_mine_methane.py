"""Methane of coal mines: mining, post-mining, flaring and abandoned mines."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Input, Output, Values, activity, choice, factor, method

INVENTORIES: Final = ("ipcc-2006", "ipcc-2019")
UNDERGROUND: Final = ("underground_shallow", "underground_average", "underground_deep")
"""Average depth of mining below 200 m, 200–400 m, above 400 m."""
SURFACE: Final = ("surface_shallow", "surface_average", "surface_deep")
"""Average overburden below 25 m, 25–50 m, above 50 m."""
MINING: Final = dict.fromkeys(UNDERGROUND, "1.B.1.a.i.1") | dict.fromkeys(SURFACE, "1.B.1.a.ii.1")
POST_MINING: Final = dict.fromkeys(UNDERGROUND, "1.B.1.a.i.2") | dict.fromkeys(SURFACE, "1.B.1.a.ii.2")
CHINESE_MINES: Final = {
    "state_key": "1.B.1.a.i.1",
    "local_state": "1.B.1.a.i.1",
    "township": "1.B.1.a.i.1",
    "surface_mine": "1.B.1.a.ii.1",
}
CHINESE_COAL: Final = {
    "high_gas": "1.B.1.a.i.2",
    "low_gas": "1.B.1.a.i.2",
    "surface_coal": "1.B.1.a.ii.2",
}


def _release(name: str, subject: str) -> Input:
    return factor(name, "m3/t", parameter="methane_factor", subject=subject, gas="CH4", low=0.0, high=100.0)


DENSITY: Final = factor(
    "methane_density", "kg CH4/m3", parameter="density", subject="methane", gas="CH4", low=0.6, high=0.75, exact=True
)
"""Density of methane in the state in which volumes are given; 20 °C and 1 atm in the guidelines."""


@method(
    "coal-mine-methane-ipcc",
    topic="coal-mine-methane",
    sets=INVENTORIES,
    inputs=(
        activity("coal_production", "t"),
        choice("mine", *UNDERGROUND, *SURFACE, word="underground_average"),
        _release("mining_methane_factor", "coal_mining.{mine}"),
        _release("post_mining_methane_factor", "coal_post_mining.{mine}"),
        activity("recovered_methane", "m3", default=0.0),
        DENSITY,
    ),
    outputs=(
        Output("CH4", by="mine", categories=MINING),
        Output("CH4", by="mine", categories=POST_MINING),
    ),
    formula="E = (Q · EF − R) · ρ; E_post = Q · EF_post · ρ",
    clause="vol. 2, ch. 4, equations 4.1.1–4.1.8",
    source="ipcc-2006",
    tier="1–2",
)
def mine_methane(
    coal_production: Values,
    mining_methane_factor: Values,
    post_mining_methane_factor: Values,
    recovered_methane: Values,
    methane_density: Values,
) -> tuple[Values, Values]:
    """Return the CH4 of mining, without what is recovered, and of handling after mining [t].

    Parameters
    ----------
    coal_production : float or array
        Raw coal mined [t].
    mining_methane_factor, post_mining_methane_factor : float or array
        Methane released in and after mining [m3/t].
    recovered_methane : float or array
        Methane drained and used or flared [m3].
    methane_density : float or array
        [kg CH4/m3].

    Notes
    -----
    2006 IPCC Guidelines, volume 2, equations 4.1.1 to 4.1.4 (underground) and 4.1.6 to 4.1.8 (surface). Low, average and high factors
    belong to the depth; methane that is flared also has the method ``coal-mine-flaring``.
    """
    mining = (coal_production * mining_methane_factor - recovered_methane) * methane_density / 1000
    return mining, coal_production * post_mining_methane_factor * methane_density / 1000


@method(
    "coal-mine-methane-cn",
    topic="coal-mine-methane",
    sets=("cn-province-2011",),
    inputs=(
        activity("coal_production", "t"),
        choice("mine", *CHINESE_MINES, word="state_key"),
        choice("gas_class", *CHINESE_COAL, word="high_gas"),
        _release("mining_methane_factor", "coal_mining.{mine}"),
        _release("post_mining_methane_factor", "coal_post_mining.{gas_class}"),
        activity("recovered_methane", "m3", default=0.0),
        DENSITY,
    ),
    outputs=(
        Output("CH4", by="mine", categories=CHINESE_MINES),
        Output("CH4", by="gas_class", categories=CHINESE_COAL),
    ),
    formula="E = (Q · EF − R) · ρ; E_post = Q · EF_post · ρ",
    clause="section 1.3",
    source="prov-guide-2011",
    tier="2",
)
def chinese_mine_methane(
    coal_production: Values,
    mining_methane_factor: Values,
    post_mining_methane_factor: Values,
    recovered_methane: Values,
    methane_density: Values,
) -> tuple[Values, Values]:
    """Return the CH4 of mining, without what is recovered, and of handling after mining, by Chinese classes of mines [t].

    Parameters
    ----------
    coal_production : float or array
        Raw coal mined [t].
    mining_methane_factor, post_mining_methane_factor : float or array
        Methane released in and after mining [m3/t].
    recovered_methane : float or array
        Methane drained and used [m3].
    methane_density : float or array
        [kg CH4/m3].

    Notes
    -----
    Guidelines for provincial inventories (2011): mining by ownership of the mine, handling by the gas class of the mine.
    """
    return mine_methane(
        coal_production, mining_methane_factor, post_mining_methane_factor, recovered_methane, methane_density
    )


@method(
    "coal-mine-flaring",
    sets=INVENTORIES,
    inputs=(
        activity("flared_methane", "m3"),
        factor("flare_efficiency", "1", subject="methane", low=0.5, high=1.0),
        DENSITY,
    ),
    outputs=(Output("CO2", "1.B.1.a.i.4"), Output("CH4", "1.B.1.a.i.4")),
    formula="E_CO2 = η · V · ρ · 44/16; E_CH4 = (1 − η) · V · ρ",
    clause="vol. 2, ch. 4, equation 4.1.5",
    source="ipcc-2006",
    tier="1",
)
def flared_mine_methane(
    flared_methane: Values, flare_efficiency: Values, methane_density: Values
) -> tuple[Values, Values]:
    """Return the CO2 and the unburnt CH4 of drained methane that is flared without use of the heat [t].

    Parameters
    ----------
    flared_methane : float or array
        Methane sent to the flare [m3].
    flare_efficiency : float or array
        Fraction that burns [1].
    methane_density : float or array
        [kg CH4/m3].

    Notes
    -----
    2006 IPCC Guidelines, volume 2, equation 4.1.5. Methane burnt for energy belongs to fuel combustion.
    """
    mass = flared_methane * methane_density / 1000
    return mass * flare_efficiency * 44 / 16, mass * (1 - flare_efficiency)


@method(
    "abandoned-coal-mines",
    sets=INVENTORIES,
    inputs=(
        activity("abandoned_mines", "count"),
        activity("gassy_fraction", "1", high=1.0),
        factor("methane_per_mine", "10^6 m3/count", low=0.0, high=10.0),
        activity("recovered_methane", "m3", default=0.0),
        DENSITY,
    ),
    outputs=(Output("CH4", "1.B.1.a.i.3"),),
    formula="E = (N · g · EF − R) · ρ",
    clause="vol. 2, ch. 4, equation 4.1.10",
    source="ipcc-2006",
    tier="1",
)
def abandoned_mine_methane(
    abandoned_mines: Values,
    gassy_fraction: Values,
    methane_per_mine: Values,
    recovered_methane: Values,
    methane_density: Values,
) -> Values:
    """Return the CH4 of abandoned underground mines of one period of closure [t].

    Parameters
    ----------
    abandoned_mines : float or array
        Mines that were abandoned in the period and are not flooded [1].
    gassy_fraction : float or array
        Fraction of them that were gassy [1].
    methane_per_mine : float or array
        Methane of a mine in the year of the inventory, table 4.1.6 [10^6 m3].
    recovered_methane : float or array
        Methane recovered from them [m3].
    methane_density : float or array
        [kg CH4/m3].

    Notes
    -----
    2006 IPCC Guidelines, volume 2, equation 4.1.10. The factor falls with the years since closure: the user takes it from table 4.1.6.
    """
    released = abandoned_mines * gassy_fraction * methane_per_mine * 10**6
    return (released - recovered_methane) * methane_density / 1000
