"""What a decomposition needs to know of one year, of the inventory and of a run: drivers, energy by sector and carrier, and its CO2."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from tanlu.accounts.province.records import EnergyUse, Inventory, InventoryRow, Status
from tanlu.pathways.baseline import Baseline
from tanlu.pathways.dimensions import CARRIERS, DEMAND, EMITTERS, FOSSIL, SECTORS
from tanlu.pathways.engine import Parameters
from tanlu.pathways.history import KT_PER_MT
from tanlu.pathways.parameters import Floats, ParameterSet
from tanlu.pathways.tables import Result
from tanlu.pathways.tabular import Columns, Tabular, long_table

PJ_PER_MTCE: Final = 29.3076
SUPPLY_OF_INVENTORY: Final = "power"
"""Sector of the inventory that burns fuel for electricity and heat."""
SECONDARY: Final = frozenset({"electricity", "heat"})


@dataclass(frozen=True)
class Snapshot(Tabular):
    """One year.

    Attributes
    ----------
    year : int
    population : float
        10^6 persons.
    gdp : float
        10^9 CNY in prices of the base year.
    primary : float or None
        Primary energy [Mtce], None where it is not known.
    energy_co2, process_co2 : float
        Mt CO2 after capture, together the CO2 within the province; waste counts as process.
    imports_co2 : float or None
        Mt CO2, None where it is not known.
    sectors, carriers : tuple of str
        Of the arrays. The last carrier is electricity with heat; the one before it is energy CO2 that no fuel explains.
    energy : [S, C] PJ
        Final energy.
    carbon : [S, C] Mt CO2
        CO2 of burning before capture; that of power and heat plants stands with the sectors that use their output.
    kept : [S]
        Share of the CO2 of a sector that is not captured.
    service : [S] or None
        Services of the sectors, base year = 1; None in the history.
    """

    year: int
    population: float
    gdp: float
    primary: float | None
    energy_co2: float
    process_co2: float
    imports_co2: float | None
    sectors: tuple[str, ...]
    carriers: tuple[str, ...]
    energy: Floats
    carbon: Floats
    kept: Floats
    service: Floats | None

    @property
    def co2(self) -> float:
        """CO2 within the province without land [Mt]."""
        return self.energy_co2 + self.process_co2

    def columns(self) -> Columns:
        """Return sector, carrier and energy [PJ] of the year."""
        axes = {"sector": list(self.sectors), "carrier": list(self.carriers)}
        return long_table(axes, self.energy, year=self.year, unit="PJ")


def history_snapshots(inventory: Inventory, baseline: Baseline, parameters: ParameterSet) -> dict[int, Snapshot]:
    """Return the years of the inventory of which energy by sector, electricity included, is known.

    Sectors and fuels are those of the inventory. Where a sector books fuel under processes, the CO2 of its fuels is reduced alike, as in
    the calibration. Primary energy is the fossil fuel that is burnt and, with the coal equivalent of the parameters, all electricity
    that no thermal plant of the province generates.
    """
    sectors = tuple(sorted({u.sector for u in inventory.energy} - {SUPPLY_OF_INVENTORY}))
    fuels = tuple(sorted({u.fuel for u in inventory.energy} - SECONDARY))
    out = {}
    for year in baseline.years:
        uses = [u for u in inventory.energy if u.year == year]
        known = any(u.fuel == "electricity" for u in uses)
        if known and year in baseline.gdp_real and year in baseline.population:
            out[year] = _of_inventory(year, uses, inventory.rows, baseline, parameters, sectors, fuels)
    return out


def _of_inventory(
    year: int,
    uses: list[EnergyUse],
    rows: Iterable[InventoryRow],
    baseline: Baseline,
    parameters: ParameterSet,
    sectors: tuple[str, ...],
    fuels: tuple[str, ...],
) -> Snapshot:
    energy, carbon = np.zeros((len(sectors), len(fuels) + 2)), np.zeros((len(sectors), len(fuels) + 2))
    for use in uses:
        if use.sector in sectors:
            s = sectors.index(use.sector)
            f = len(fuels) + 1 if use.fuel in SECONDARY else fuels.index(use.fuel)
            energy[s, f] += use.energy
            carbon[s, f] += (use.co2 or 0.0) / KT_PER_MT
    booked = _energy_co2(rows, year)
    burnt = carbon.sum(axis=1)
    wanted = np.array([booked[s] for s in sectors])
    scale = np.divide(wanted, burnt, out=np.ones(len(sectors)), where=burnt > 0)
    carbon *= scale[:, None]
    carbon[:, -2] = np.where(burnt > 0, 0.0, wanted)
    fossil = sum(u.energy for u in uses if u.co2 is not None)
    carbon[:, -1] = _shared_out(booked[SUPPLY_OF_INVENTORY], energy[:, -1])
    h = baseline.years.index(year)
    return Snapshot(
        year=year, population=baseline.population[year], gdp=baseline.gdp_real[year],
        primary=_primary(year, fossil, baseline, parameters), energy_co2=float(baseline.energy[h].sum()),
        process_co2=float(baseline.process[h].sum()), imports_co2=baseline.imports_co2.get(year), sectors=sectors,
        carriers=(*fuels, "unexplained", "electricity_heat"), energy=energy, carbon=carbon, kept=np.ones(len(sectors)),
        service=None,
    )  # fmt: skip


def _energy_co2(rows: Iterable[InventoryRow], year: int) -> dict[str, float]:
    """Return the energy CO2 of each sector of the inventory in a year [Mt]."""
    out: dict[str, float] = defaultdict(float)
    for row in rows:
        counts = row.year == year and row.gas == "CO2" and row.value is not None and row.status is not Status.MEMO
        if counts and row.sector not in {"land", "waste"} and row.category.startswith("1"):
            out[row.sector] += (row.value or 0.0) / KT_PER_MT
    return out


def _primary(year: int, fossil: float, baseline: Baseline, parameters: ParameterSet) -> float | None:
    if year not in baseline.electricity or year not in baseline.thermal:
        return None
    without_thermal = max(0.0, baseline.electricity[year] - baseline.thermal[year])
    return fossil / PJ_PER_MTCE + without_thermal * parameters.scalar("primary.equivalent")


def run_snapshots(parameters: Parameters, result: Result) -> dict[int, Snapshot]:
    """Return the years of a central run; it must hold final energy (``detail``).

    Raises
    ------
    ValueError
        If the run has no final energy.
    """
    if not len(result.final):
        raise ValueError("the run must hold final energy: run it with detail")
    return {int(year): _of_run(t, parameters, result) for t, year in enumerate(result.years)}


def _of_run(t: int, parameters: Parameters, result: Result) -> Snapshot:
    final, places = result.final[0, t], [EMITTERS.index(s) for s in DEMAND]
    secondary = [CARRIERS.index(c) for c in CARRIERS if c in SECONDARY]
    fuels = [CARRIERS.index(c) for c in CARRIERS if c not in SECONDARY]
    energy = np.column_stack([final[:, fuels], np.zeros(len(DEMAND)), final[:, secondary].sum(axis=1)])
    carbon = np.zeros(energy.shape)
    direct, of_fossil = result.energy[0, t, places], [CARRIERS.index(c) for c in FOSSIL]
    carbon[:, [fuels.index(c) for c in of_fossil]] = final[:, of_fossil] * parameters.tables.factor
    rest = direct - carbon.sum(axis=1)
    carbon[:, -2] = np.where(np.abs(rest) < 1e-9 * (1.0 + direct), 0.0, rest)
    whole = (result.energy + result.process)[0, t]
    kept = 1.0 - np.divide(result.captured[0, t], whole, out=np.zeros(len(whole)), where=whole > 0)
    supply = [EMITTERS.index(s) for s in SECTORS if s not in DEMAND]
    carbon[:, -1] = _shared_out(float((result.energy[0, t] * kept)[supply].sum()), energy[:, -1])
    return Snapshot(
        year=int(result.years[t]), population=float(result.indicator("population")[0, t]),
        gdp=float(result.indicator("gdp")[0, t]), primary=float(result.indicator("primary_energy")[0, t]),
        energy_co2=float((result.energy[0, t] * kept).sum()), process_co2=float((result.process[0, t] * kept).sum()),
        imports_co2=float(result.indicator("imports_co2")[0, t]), sectors=DEMAND,
        carriers=(*(CARRIERS[c] for c in fuels), "unexplained", "electricity_heat"), energy=energy, carbon=carbon,
        kept=kept[places], service=result.activity[0, t],
    )  # fmt: skip


def _shared_out(supply: float, used: Floats) -> Floats:
    """Share the CO2 of power and heat plants out over the sectors that use electricity and heat, by energy, [S]."""
    out: Floats = supply * used / used.sum()
    return out
