"""Road transport: CH4 and N2O by distance, and CO2 of urea in catalytic converters; CO2 of the fuel is fuel combustion."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method

VEHICLES: Final = (
    "car_gasoline", "car_diesel", "car_lpg", "car_other_light_gasoline", "car_other_light_diesel", "heavy_gasoline", "heavy_diesel",
    "heavy_gas_natural",
)  # fmt: skip
STANDARDS: Final = ("cn1", "cn2", "cn3", "cn3plus", "cn4plus", "all", "other")
"""Emission standards; heavy gasoline and diesel vehicles have one factor for all."""
INVENTORIES: Final = ("ipcc-2006", "ipcc-2019", "cn-province-2011")


@method(
    "road-transport-distance",
    sets=(*INVENTORIES, "cn-enterprise"),
    inputs=(
        activity("vehicle_distance", "km"),
        choice("vehicle", *VEHICLES),
        choice("emission_standard", *STANDARDS),
        factor("ch4_factor", "mg CH4/km", subject="{vehicle}.{emission_standard}", gas="CH4", low=0.0, high=10_000.0),
        factor("n2o_factor", "mg N2O/km", subject="{vehicle}.{emission_standard}", gas="N2O", low=0.0, high=1000.0),
    ),
    outputs=(Output("CH4", "1.A.3.b"), Output("N2O", "1.A.3.b")),
    formula="E = D · EF",
    clause="vol. 2, ch. 3, equation 3.2.5",
    source="ipcc-2006",
    tier="3",
)
def road_non_co2(vehicle_distance: Values, ch4_factor: Values, n2o_factor: Values) -> tuple[Values, Values]:
    """Return the CH4 and N2O of vehicles by distance [t].

    Parameters
    ----------
    vehicle_distance : float or array
        Kilometres of all vehicles of a kind together: number times distance of each [km].
    ch4_factor, n2o_factor : float or array
        Gas per distance, by vehicle and emission standard [mg/km].

    Notes
    -----
    2006 IPCC Guidelines, volume 2, equation 3.2.5 without the cold-start term; Chinese guidelines for land transport enterprises.
    """
    return vehicle_distance * ch4_factor / 10**9, vehicle_distance * n2o_factor / 10**9


@method(
    "urea-catalyst",
    sets=INVENTORIES,
    inputs=(
        activity("urea_solution", "t"),
        factor("urea_purity", "1", parameter="purity", subject="urea_catalyst", low=0.2, high=1.0),
    ),
    outputs=(Output("CO2", "1.A.3.b.vi"),),
    formula="E = U · 12/60 · p · 44/12",
    clause="vol. 2, ch. 3, equation 3.2.2",
    source="ipcc-2006",
    tier="1",
)
def urea_catalyst_co2(urea_solution: Values, urea_purity: Values) -> Values:
    """Return the CO2 of urea-based additives in catalytic converters [t].

    Parameters
    ----------
    urea_solution : float or array
        Additive consumed [t].
    urea_purity : float or array
        Mass fraction of urea in it [1].

    Notes
    -----
    2006 IPCC Guidelines, volume 2, equation 3.2.2.
    """
    return urea_solution * 12 / 60 * urea_purity * 44 / 12
