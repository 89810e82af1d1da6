"""Electronics: fluorinated gases of etching, chamber cleaning and heat transfer."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method

INVENTORIES: Final = ("ipcc-2006", "ipcc-2019")
SECTORS: Final = {"semiconductor": "2.E.1", "flat_panel": "2.E.2", "photovoltaic": "2.E.3"}
AREA_GASES: Final = ("CF4", "C2F6", "C3F8", "HFC-23", "NF3", "SF6", "C6F14")
GASES: Final = {
    "cf4": "CF4",
    "c2f6": "C2F6",
    "c3f8": "C3F8",
    "c_c4f8": "c-C4F8",
    "hfc23": "HFC-23",
    "nf3": "NF3",
    "nf3_remote": "NF3",
    "sf6": "SF6",
}


def _per_area(gas: str) -> str:
    return "area_factor_" + gas.lower().replace("-", "")


@method(
    "electronics-area",
    sets=INVENTORIES,
    inputs=(
        choice("electronics_sector", *SECTORS),
        activity("substrate_area", "m2"),
        factor("capacity_use", "1", default=1.0, low=0.3, high=1.0),
        *(
            factor(
                _per_area(gas),
                f"kg {gas}/m2",
                parameter="area_factor",
                subject="{electronics_sector}",
                gas=gas,
                default=0.0,
                low=0.0,
                high=2.0,
            )
            for gas in AREA_GASES
        ),
    ),
    outputs=tuple(Output(gas, by="electronics_sector", categories=SECTORS, optional=True) for gas in AREA_GASES),
    formula="E = EF · C_u · C_d",
    clause="vol. 3, ch. 6, equation 6.1, table 6.2",
    source="ipcc-2006",
    tier="1",
)
def electronics_by_area(
    substrate_area: Values,
    capacity_use: Values,
    area_factor_cf4: Values,
    area_factor_c2f6: Values,
    area_factor_c3f8: Values,
    area_factor_hfc23: Values,
    area_factor_nf3: Values,
    area_factor_sf6: Values,
    area_factor_c6f14: Values,
) -> tuple[Values, ...]:
    """Return the fluorinated gases of electronics by the area of substrate [t].

    Parameters
    ----------
    substrate_area : float or array
        Area that the works can process in a year, or does process [m2].
    capacity_use : float or array
        Use of that capacity [1].
    area_factor_cf4, area_factor_c2f6, area_factor_c3f8, area_factor_hfc23, area_factor_nf3, area_factor_sf6 : float or array
        Emission per area of each gas [kg/m2].
    area_factor_c6f14 : float or array
        Heat transfer fluid lost per area, as C6F14 [kg/m2].

    Notes
    -----
    2006 IPCC Guidelines, volume 3, chapter 6, equation 6.1. The factors of a sector are used together: those of single gases mean
    nothing by themselves. Of photovoltaic cells only the share that is made with fluorinated gases counts.
    """
    factors = (
        area_factor_cf4,
        area_factor_c2f6,
        area_factor_c3f8,
        area_factor_hfc23,
        area_factor_nf3,
        area_factor_sf6,
        area_factor_c6f14,
    )
    return tuple(substrate_area * capacity_use * each / 1000 for each in factors)


def _words(gas: str) -> list[str]:
    return [word for word, named in GASES.items() if named == gas]


OUT: Final = ("CF4", "C2F6", "C3F8", "c-C4F8", "HFC-23", "NF3", "SF6")


@method(
    "electronics-gas-use",
    sets=(*INVENTORIES, "cn-enterprise"),
    inputs=(
        choice("electronics_sector", *SECTORS),
        choice("electronics_process", "aggregated", "etching", "chamber_cleaning", word="aggregated"),
        choice("process_gas", *GASES),
        activity("gas_bought", "kg"),
        factor("heel_share", "1", subject="electronics", low=0.0, high=0.3),
        factor(
            "emitted_share", "1", subject="{electronics_sector}.{electronics_process}.{process_gas}", low=0.0, high=1.0
        ),
        factor("treated_share", "1", default=0.0, low=0.0, high=1.0),
        factor("destruction_efficiency", "1", subject="electronics.{process_gas}", low=0.0, high=1.0),
        *(
            factor(
                f"byproduct_share_{gas.lower()}",
                "1",
                parameter="byproduct_share",
                subject="{electronics_sector}.{electronics_process}.{process_gas}",
                gas=gas,
                default=0.0,
                low=0.0,
                high=0.5,
            )
            for gas in ("CF4", "C2F6")
        ),
        *(
            factor(
                f"destruction_of_{gas.lower()}",
                "1",
                parameter="destruction_efficiency",
                subject=f"electronics.{gas.lower()}",
                low=0.0,
                high=1.0,
            )
            for gas in ("CF4", "C2F6")
        ),
    ),
    outputs=tuple(Output(gas, by="electronics_sector", categories=SECTORS, optional=True) for gas in OUT),
    formula="E = (1 − h) · FC · (1 − U) · (1 − a · d); by-products (1 − h) · FC · B · (1 − a · d_B)",
    clause="vol. 3, ch. 6, equations 6.2–6.6, tables 6.3–6.6",
    source="ipcc-2006",
    tier="2",
)
def electronics_by_gas(
    process_gas: Any,
    gas_bought: Values,
    heel_share: Values,
    emitted_share: Values,
    treated_share: Values,
    destruction_efficiency: Values,
    byproduct_share_cf4: Values,
    byproduct_share_c2f6: Values,
    destruction_of_cf4: Values,
    destruction_of_c2f6: Values,
) -> tuple[Values, ...]:
    """Return the gases of a process of electronics from the gas used: the gas itself, and CF4 and C2F6 as by-products [t].

    Parameters
    ----------
    process_gas : str or array of str
        Gas used, one of `GASES`.
    gas_bought : float or array
        Gas used in the process, with the heels that go back [kg].
    heel_share : float or array
        Share of it that goes back in the containers [1].
    emitted_share : float or array
        Share of the gas that leaves the process unreacted, 1 − U [1].
    treated_share : float or array
        Share of the gas that is used in processes with emission control, a [1].
    destruction_efficiency : float or array
        Share of the gas that the control destroys, d [1].
    byproduct_share_cf4, byproduct_share_c2f6 : float or array
        CF4 and C2F6 made per gas used [1].
    destruction_of_cf4, destruction_of_c2f6 : float or array
        Share of these that the control destroys [1].

    Notes
    -----
    2006 IPCC Guidelines, volume 3, chapter 6, equations 6.2–6.6; the guidelines for electronics enterprises use the same.
    """
    used = (1 - heel_share) * gas_bought / 1000
    direct = used * emitted_share * (1 - treated_share * destruction_efficiency)
    names = np.asarray(process_gas)
    masses: dict[str, Values] = {gas: np.where(np.isin(names, _words(gas)), direct, 0.0) for gas in OUT}
    masses["CF4"] = masses["CF4"] + used * byproduct_share_cf4 * (1 - treated_share * destruction_of_cf4)
    masses["C2F6"] = masses["C2F6"] + used * byproduct_share_c2f6 * (1 - treated_share * destruction_of_c2f6)
    return tuple(masses[gas] for gas in OUT)
