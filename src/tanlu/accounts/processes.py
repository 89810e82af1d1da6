"""CO2 from industrial processes, from the output of the product."""

from __future__ import annotations


def cement_co2(cement: float, clinker_ratio: float, emission_factor: float) -> float:
    """Return the process CO2 of cement, from the clinker in it [kt].

    Parameters
    ----------
    cement : float
        Cement made [kt].
    clinker_ratio : float
        Clinker per cement [t/t].
    emission_factor : float
        CO2 per clinker [t CO2/t]; 0.535 (Chinese cement guideline) includes kiln dust and MgO.

    Notes
    -----
    IPCC 2006 vol. 3 ch. 2, eq. 2.1 without clinker trade, for which a province needs its inflow and outflow of clinker.
    """
    return cement * clinker_ratio * emission_factor


def lime_co2(lime: float, emission_factor: float) -> float:
    """Return the process CO2 of lime [kt] from lime made [kt] and a factor [t CO2/t]; IPCC 2006 vol. 3 ch. 2, eq. 2.8 (tier 1)."""
    return lime * emission_factor


def glass_co2(glass: float, emission_factor: float, cullet_ratio: float) -> float:
    """Return the process CO2 of glass [kt].

    Parameters
    ----------
    glass : float
        Glass melted [kt].
    emission_factor : float
        CO2 per glass made of raw material alone [t CO2/t].
    cullet_ratio : float
        Share of cullet in the charge [1].

    Notes
    -----
    IPCC 2006 vol. 3 ch. 2, eq. 2.11 (tier 2).
    """
    return glass * emission_factor * (1.0 - cullet_ratio)


def flux_co2(pig_iron: float, flux_use: float, emission_factor: float) -> float:
    """Return the CO2 of the carbonate fluxes of iron and steel making [kt].

    Parameters
    ----------
    pig_iron : float
        Pig iron made [kt].
    flux_use : float
        Fluxes as limestone per pig iron [t/t].
    emission_factor : float
        CO2 per limestone [t CO2/t].

    Notes
    -----
    Guidelines for provincial inventories (2011), section 2.4: the carbon of coke is counted as fuel (1.A.2.a), so that only the
    fluxes stay in 2.C.1. The product factors of IPCC 2006 (1.35 t per t of pig iron) would count the coke again.
    """
    return pig_iron * flux_use * emission_factor


def metal_co2(metal: float, share: float, emission_factor: float) -> float:
    """Return the process CO2 of one non-ferrous metal [kt]: output of all metals [kt] · share [1] · factor [t CO2/t].

    Notes
    -----
    IPCC 2006 vol. 3 ch. 4, eq. 4.32 and 4.33 (tier 1, lead and zinc). The factor is the carbon of the reducing agent.
    """
    return metal * share * emission_factor
