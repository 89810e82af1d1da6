"""Frame of an enterprise account (GB/T 32150): fuel + process − recovered + purchased − sold power and heat, every part shown."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tanlu.accounts.rulebook.method import Output, Values, activity, factor, method
from tanlu.accounts.rulebook.rounding import Exact, as_fraction, round_half_up


@method(
    "enterprise-recovered-co2",
    sets=("cn-enterprise",),
    inputs=(
        activity("recovered_gas", "t"),
        factor("recovered_purity", "1", default=1.0, low=0.5, high=1.0),
    ),
    outputs=(Output("CO2", "2.H.3"),),
    formula="E = −R · x",
    clause="recovered and used off site",
    source="gbt-32150-2025",
)
def recovered_co2(recovered_gas: Values, recovered_purity: Values) -> Values:
    """Return CO2 that is captured and leaves the enterprise as a product, as a negative mass [t].

    Parameters
    ----------
    recovered_gas : float or array
        Gas sold or stored [t].
    recovered_purity : float or array
        CO2 in it by mass [1].
    """
    return -(recovered_gas * recovered_purity)


@dataclass(frozen=True, slots=True)
class PowerUse:
    """Electricity of an enterprise by origin [MWh].

    Parameters
    ----------
    grid : number
        Bought without proof of origin.
    contracted : number
        Bought as non-fossil, with contract and settlement or certificate.
    own : number
        Own non-fossil generation that is used on the site.
    sold : number
        Passed on to others.
    """

    grid: Exact
    contracted: Exact = 0
    own: Exact = 0
    sold: Exact = 0


@dataclass(frozen=True, slots=True)
class EnterpriseTotal:
    """Emissions of an enterprise by part, and their sum [t CO2e]; sold power and heat and recovered CO2 are negative."""

    fuel: Decimal
    process: Decimal
    recovered: Decimal
    purchased_power: Decimal
    sold_power: Decimal
    purchased_heat: Decimal
    sold_heat: Decimal

    @property
    def direct(self) -> Decimal:
        """Fuel and process, less what is recovered [t CO2e]."""
        return self.fuel + self.process + self.recovered

    @property
    def indirect(self) -> Decimal:
        """Net power and heat from outside [t CO2e]."""
        return self.purchased_power + self.sold_power + self.purchased_heat + self.sold_heat

    @property
    def total(self) -> Decimal:
        """Direct and indirect emissions [t CO2e]."""
        return self.direct + self.indirect


def purchased_power_emissions(use: PowerUse, grid_factor: Exact) -> tuple[Fraction, Fraction]:
    """Return the CO2 of bought power, and of sold power as a negative mass [t].

    Parameters
    ----------
    use : PowerUse
        Power by origin [MWh]; contracted and own non-fossil power has the factor 0 (GB/T 32150-2025, 7.5.6).
    grid_factor : number
        [t CO2/MWh]
    """
    rate = as_fraction(grid_factor)
    return as_fraction(use.grid) * rate, -as_fraction(use.sold) * rate


def steam_heat(mass: Exact, enthalpy: Exact, base: Exact = 0) -> Fraction:
    """Return the heat of steam [GJ]: mass [t] · (enthalpy − base) [kJ/kg] / 1000.

    Parts of GB/T 32151 differ in the base: 83.74 kJ/kg (water of 20 °C) in most, 0 in part 34.
    """
    return as_fraction(mass) * (as_fraction(enthalpy) - as_fraction(base)) / 1000


def enterprise_total(
    fuel: Exact,
    process: Exact,
    *,
    recovered: Exact = 0,
    power: PowerUse | None = None,
    grid_factor: Exact = 0,
    heat_bought: Exact = 0,
    heat_sold: Exact = 0,
    heat_factor: Exact = "0.11",
    places: int = 2,
) -> EnterpriseTotal:
    """Return the account of an enterprise (GB/T 32150): ``E = E_fuel + E_process − R + E_bought − E_sold``.

    Parameters
    ----------
    fuel, process : number
        Direct emissions [t CO2e].
    recovered : number
        CO2 recovered and passed on [t].
    power : PowerUse, optional
    grid_factor : number
        [t CO2/MWh]
    heat_bought, heat_sold : number
        [GJ]
    heat_factor : number
        [t CO2/GJ]; 0.11 where the supplier gives none.
    places : int
        Decimals of the printed parts; the sum is of the printed parts.
    """
    bought, sold = purchased_power_emissions(power, grid_factor) if power else (Fraction(0), Fraction(0))
    heat = as_fraction(heat_factor)
    parts = (
        as_fraction(fuel),
        as_fraction(process),
        -as_fraction(recovered),
        bought,
        sold,
        as_fraction(heat_bought) * heat,
        -as_fraction(heat_sold) * heat,
    )
    return EnterpriseTotal(*(round_half_up(p, places) for p in parts))
