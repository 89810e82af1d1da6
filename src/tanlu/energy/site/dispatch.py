"""What every device of a site does at every hour, from a solved programme or from a rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from tanlu.energy.model import KILO
from tanlu.energy.problem import Floats
from tanlu.energy.site.model import Site
from tanlu.energy.site.system import CARRIERS, chiller_use, fleet_name, heat_pump_use
from tanlu.energy.system import Programme
from tanlu.energy.timegrid import HOURS_PER_YEAR

_TAKEN: Final = {
    "purchase": "grid.purchase",
    "sale": "grid.sale",
    "pv": "pv.production",
    "wind": "wind.production",
    "hydro": "hydro.release",
    "thermal": "thermal.activity",
    "chp_activity": "chp.activity",
    "chp_extracted": "chp.extraction",
    "gas_boiler": "gas_boiler.activity",
    "heat_pump": "heat_pump.activity",
    "chiller": "chiller.activity",
    **{
        f"{store}_{part}": f"{store}.{part}"
        for store in ("battery", "heat_store", "cold_store")
        for part in ("charge", "discharge", "content")
    },
    "flexible_more": "flexible.charge",
    "flexible_less": "flexible.discharge",
    "hydro_content": "hydro.content",
}
"""Columns of the programme by name of the series."""
SUPPLY: Final = {
    "electricity": ("purchase", "pv", "wind", "hydro", "thermal", "chp", "battery_discharge", "vehicles_back",
                    "flexible_less", "electricity_unserved"),
    "heat": ("chp_heat", "gas_boiler", "heat_pump", "heat_store_discharge", "heat_unserved"),
    "cooling": ("chiller", "cold_store_discharge", "cooling_unserved"),
}  # fmt: skip
USE: Final = {
    "electricity": ("electricity_need", "sale", "battery_charge", "vehicles", "flexible_more", "heat_pump_use",
                    "chiller_use"),
    "heat": ("heat_need", "heat_store_charge"),
    "cooling": ("cooling_need", "cold_store_charge"),
}  # fmt: skip


_ROUNDING: Final = 1e-8
"""Power that is none [MW]."""


@dataclass(frozen=True, eq=False)
class Dispatch:
    """Series by name over some hours of a site's year.

    Parameters
    ----------
    first : int
        First hour of the year [h].
    series : mapping of str to (H,) array
        Power [MW] of what stands at the site, and contents at the end of each hour [MWh]; heat and cold count as such. Names: those of
        `SUPPLY` and `USE`, `gas` and `fuel` burnt, and contents.
    """

    first: int
    series: Mapping[str, Floats]

    def __getitem__(self, name: str) -> Floats:
        """Return a series; zeros where the site has none of it."""
        found = self.series.get(name)
        return np.zeros(self.hours) if found is None else found

    @property
    def hours(self) -> int:
        """Number of hours [h]."""
        return len(self.series["electricity_need"])

    @property
    def places(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Hours of the year."""
        return (self.first + np.arange(self.hours)) % HOURS_PER_YEAR

    def imbalance(self, use: str) -> Floats:
        """Return supply of a use less what takes it, (H,) [MW]; heat and cold may be let go, so theirs may be above zero."""
        supply = sum((self[name] for name in SUPPLY[use]), np.zeros(self.hours))
        return supply - sum((self[name] for name in USE[use]), np.zeros(self.hours))


def needs(site: Site, places: np.ndarray[tuple[int], np.dtype[np.int64]]) -> dict[str, Floats]:
    """Return what a site needs at some hours of the year."""
    zero = np.zeros(len(places))
    return {f"{use}_need": site.needs[use][places] if use in site.needs else zero for use in CARRIERS}


def with_uses(site: Site, first: int, series: dict[str, Floats]) -> Dispatch:
    """Return series together with what devices use: electricity of heat pump and chiller, gas and fuel burnt."""
    places = (first + np.arange(len(series["electricity_need"]))) % HOURS_PER_YEAR
    gas = np.zeros(len(places))
    if site.heat_pump is not None:
        series["heat_pump_use"] = series["heat_pump"] * heat_pump_use(site)[places]
    if site.chiller is not None:
        series["chiller_use"] = series["chiller"] * chiller_use(site)[places]
    if site.chp is not None:
        gas = gas + series["chp_activity"] / site.chp.electric_efficiency
    if site.gas_boiler is not None:
        gas = gas + series["gas_boiler"] / site.gas_boiler.efficiency
    series["gas"] = gas
    if site.thermal is not None and "thermal" in series:
        series["fuel"] = series["thermal"] / site.thermal.efficiency
    return Dispatch(first, series)


def dispatch_of(site: Site, programme: Programme, primal: Floats, first: int) -> Dispatch:
    """Return the dispatch of a solved programme of a site's system, whose hours begin at `first`."""
    problem = programme.problem
    blocks = problem.column_blocks

    def taken(name: str) -> Floats:
        values = np.asarray(problem.values(primal, name)[0] / KILO, float)
        return np.where(np.abs(values) < _ROUNDING, 0.0, values)

    hours = programme.grid.hours
    series = needs(site, (first + np.arange(hours)) % HOURS_PER_YEAR)
    series |= {name: taken(column) for name, column in _TAKEN.items() if column in blocks}
    for use in CARRIERS:
        if f"{use}_need.unserved" in blocks:
            series[f"{use}_unserved"] = taken(f"{use}_need.unserved")
    for name, column in (
        ("vehicles", "charge"),
        ("vehicles_back", "give_back"),
        ("vehicles_content", "content"),
        ("vehicles_unserved", "unserved_driving"),
    ):
        found = [f"{fleet_name(k)}.{column}" for k in range(len(site.vehicles))]
        if any(block in blocks for block in found):
            series[name] = np.sum([taken(block) for block in found if block in blocks], axis=0)
    if site.chp is not None:
        add_chp(site, series)
    return with_uses(site, first, series)


def add_chp(site: Site, series: dict[str, Floats]) -> None:
    """Add electricity and heat of combined heat and power from its activity and what is extracted."""
    chp = site.chp
    assert chp is not None
    activity = series["chp_activity"]
    if chp.extraction:
        heat = series["chp_extracted"]
        series["chp"], series["chp_heat"] = activity - chp.extraction_loss * heat, heat
    else:
        series["chp"], series["chp_heat"] = activity, activity * chp.heat_efficiency / chp.electric_efficiency
