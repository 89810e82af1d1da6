"""Leakage of oil and gas systems: by stage and throughput, and by facility."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method

STAGES: Final = {
    "oil_production": "1.B.2.a.iii.2",
    "heavy_oil_production": "1.B.2.a.iii.2",
    "oil_transport": "1.B.2.a.iii.3",
    "oil_refining": "1.B.2.a.iii.4",
    "gas_production": "1.B.2.b.iii.2",
    "gas_processing": "1.B.2.b.iii.3",
    "gas_transmission": "1.B.2.b.iii.4",
    "gas_storage": "1.B.2.b.iii.4",
    "gas_distribution": "1.B.2.b.iii.5",
}
"""IPCC 2006 category by stage."""
FACILITIES: Final = {
    "oil_wellhead": "1.B.2.a.iii.2",
    "oil_single_well_tank": "1.B.2.a.iii.2",
    "oil_transfer_station": "1.B.2.a.iii.2",
    "oil_central_station": "1.B.2.a.iii.2",
    "gas_wellhead": "1.B.2.b.iii.2",
    "gas_gathering_station": "1.B.2.b.iii.2",
    "gas_metering_station": "1.B.2.b.iii.2",
    "gas_storage_terminal": "1.B.2.b.iii.4",
    "gas_compressor_station": "1.B.2.b.iii.4",
    "gas_transmission_metering": "1.B.2.b.iii.4",
    "gas_pipeline_valve": "1.B.2.b.iii.4",
}
"""IPCC 2006 category by facility."""


@method(
    "oil-gas-leakage",
    sets=("ipcc-2006", "ipcc-2019", "cn-province-2011", "cn-enterprise"),
    inputs=(
        activity("throughput", "10^6 Nm3", "10^3 m3", "t"),
        choice("stage", *STAGES),
        factor(
            "leakage_factor", "t CH4/10^6 Nm3", "t CH4/10^3 m3", "t CH4/t", subject="oil_gas.{stage}", gas="CH4",
            low=0.0, high=30.0,
        ),
    ),
    outputs=(Output("CH4", by="stage", categories=STAGES),),
    formula="E = A · EF",
    clause="vol. 2, ch. 4, equation 4.2.1",
    source="ipcc-2006",
    tier="1",
)  # fmt: skip
def leakage_by_throughput(throughput: Values, leakage_factor: Values) -> Values:
    """Return the CH4 that a stage of the oil or gas chain loses [t].

    Parameters
    ----------
    throughput : float or array
        Oil or gas that passes the stage [10^6 Nm3 of gas, 10^3 m3 or t of oil].
    leakage_factor : float or array
        CH4 lost per throughput, in the same measure [t CH4].

    Notes
    -----
    2006 IPCC Guidelines, volume 2, equation 4.2.1 with tables 4.2.4 and 4.2.5, whose factors in Gg per 10^6 m3 are 1000 times these.
    """
    return throughput * leakage_factor


@method(
    "oil-gas-facilities",
    sets=("cn-province-2011", "cn-enterprise"),
    inputs=(
        activity("facilities", "count"),
        choice("facility", *FACILITIES),
        factor("leakage_factor", "t CH4/count", subject="oil_gas.{facility}", gas="CH4", low=0.0, high=200.0),
    ),
    outputs=(Output("CH4", by="facility", categories=FACILITIES),),
    formula="E = N · EF",
    clause="section 1.4",
    source="prov-guide-2011",
    tier="2",
)
def leakage_by_facilities(facilities: Values, leakage_factor: Values) -> Values:
    """Return the CH4 that facilities of the oil and gas chain lose in a year [t].

    Parameters
    ----------
    facilities : float or array
        Number of facilities of one kind [1].
    leakage_factor : float or array
        CH4 of one facility in a year [t CH4].

    Notes
    -----
    Guidelines for provincial inventories (2011), section on fugitive emissions of oil and gas.
    """
    return facilities * leakage_factor
