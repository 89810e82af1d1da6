"""What a dispatch costs and emits, and how far a site supplies itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

import numpy as np

from tanlu.energy.site.dispatch import Dispatch
from tanlu.energy.site.model import Site
from tanlu.energy.site.system import sale_price
from tanlu.energy.weather.noise import month_of_hour

_CENT: Final = Decimal("0.01")
_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def yuan(amount: float) -> Decimal:
    """Return an amount of money in yuan and fen."""
    return Decimal(repr(float(amount))).quantize(_CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Costs:
    """What some hours cost, by kind [CNY].

    Parameters
    ----------
    energy : Decimal
        Purchase of electricity less sale.
    demand : Decimal
        Charge for the highest purchase of every month that is touched, in full, or the days' part of the transformer charge.
    gas : Decimal
        Gas, and fuel of a thermal plant.
    carbon : Decimal
        CO2 at its price.
    wear : Decimal
        Wear and variable operation of devices, and cost of moving load.
    unserved : Decimal
        Penalty for what was not met; no payment.
    """

    energy: Decimal
    demand: Decimal
    gas: Decimal
    carbon: Decimal
    wear: Decimal
    unserved: Decimal

    @property
    def total(self) -> Decimal:
        """Sum of all kinds."""
        return sum((getattr(self, field.name) for field in fields(self)), Decimal(0))

    def as_record(self) -> dict[str, str]:
        """Return all kinds and the total as text, for JSON."""
        return {field.name: str(getattr(self, field.name)) for field in fields(self)} | {"total": str(self.total)}


@dataclass(frozen=True, slots=True)
class Indicators:
    """How a site fares over some hours.

    Parameters
    ----------
    peak : float
        Highest purchase [MW].
    purchase, sale : float
        Bought and sold [MWh].
    self_consumption : float or None
        Share of own wind and solar power that is not sold [1]; None without any.
    self_sufficiency : float or None
        Share of the electricity used that is not bought [1].
    emissions : float
        CO2 of purchase and fuels [t].
    curtailed : float
        Wind and solar power that was not taken [MWh].
    """

    peak: float
    purchase: float
    sale: float
    self_consumption: float | None
    self_sufficiency: float | None
    emissions: float
    curtailed: float


def costs(site: Site, dispatch: Dispatch, peaks: Mapping[int, float] | None = None) -> Costs:
    """Return what a dispatch costs.

    Parameters
    ----------
    site : Site
    dispatch : Dispatch
    peaks : mapping of int to float, optional
        Highest purchase that months (from 0) have seen before [MW]; only what lies above is charged.
    """
    tariff, at = site.tariff, dispatch.places
    purchase, sale = dispatch["purchase"], dispatch["sale"]
    energy = purchase @ tariff.purchase()[at] - sale @ sale_price(site)[at]
    fuels = dispatch["gas"].sum() * tariff.gas + dispatch["fuel"].sum() * tariff.fuel
    unserved = sum(dispatch[f"{use}_unserved"].sum() for use in ("electricity", "heat", "cooling", "vehicles"))
    return Costs(
        energy=yuan(float(energy)),
        demand=yuan(_demand(site, dispatch, peaks or {})),
        gas=yuan(fuels),
        carbon=yuan(emissions(site, dispatch) * tariff.carbon),
        wear=yuan(_wear(site, dispatch)),
        unserved=yuan(unserved * site.unserved),
    )


def _demand(site: Site, dispatch: Dispatch, peaks: Mapping[int, float]) -> float:
    """Return the charge for power."""
    months = month_of_hour()[dispatch.places]
    if site.grid.transformer:
        share = sum(1.0 / (24 * _DAYS[month]) for month in months.tolist())
        return site.grid.transformer * site.tariff.transformer_charge * share
    above = 0.0
    for month in np.unique(months).tolist():
        above += max(float(dispatch["purchase"][months == month].max()) - peaks.get(month, 0.0), 0.0)
    return site.tariff.demand_charge * above


def _wear(site: Site, dispatch: Dispatch) -> float:
    """Return cost of wear and variable operation."""
    terms = [
        (site.battery.wear if site.battery else 0.0, "battery_discharge"),
        (site.chp.variable_om if site.chp else 0.0, "chp_activity"),
        (site.thermal.variable_om if site.thermal else 0.0, "thermal"),
        (site.flexible.cost if site.flexible else 0.0, "flexible_less"),
        (max((group.wear for group in site.vehicles), default=0.0), "vehicles_back"),
    ]
    return float(sum(price * dispatch[name].sum() for price, name in terms))


def emissions(site: Site, dispatch: Dispatch) -> float:
    """Return CO2 of what is bought and burnt [t]."""
    bought = dispatch["purchase"].sum() * site.grid.emission_factor
    burnt = dispatch["gas"].sum() * site.gas_emission_factor + dispatch["fuel"].sum() * site.fuel_emission_factor
    return float(bought + burnt)


def indicators(site: Site, dispatch: Dispatch) -> Indicators:
    """Return how a site fares."""
    own = dispatch["pv"].sum() + dispatch["wind"].sum()
    bought, sold = float(dispatch["purchase"].sum()), float(dispatch["sale"].sum())
    used = sum(dispatch[name].sum() for name in ("electricity_need", "heat_pump_use", "chiller_use", "vehicles"))
    available = sum(
        getattr(site, name).capacity * site.profiles[name][dispatch.places].sum()
        for name in ("pv", "wind")
        if getattr(site, name) is not None
    )
    return Indicators(
        peak=float(dispatch["purchase"].max()),
        purchase=bought,
        sale=sold,
        self_consumption=float(max(0.0, 1.0 - sold / own)) if own > 0 else None,
        self_sufficiency=float(max(0.0, 1.0 - bought / used)) if used > 0 else None,
        emissions=emissions(site, dispatch),
        curtailed=float(max(0.0, available - own)),
    )
