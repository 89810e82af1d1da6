"""From assumptions and the parameters of a run to the arrays that each run needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tanlu.accounts.province.records import Inventory, Status
from tanlu.core.provenance import Grade
from tanlu.pathways.coeffects.combustion import controlled_factor
from tanlu.pathways.coeffects.declared import BURNERS, POLLUTANTS, SUBSTANCES
from tanlu.pathways.costs.model import CostTables, cost_tables
from tanlu.pathways.dimensions import DEMAND, EMITTERS, GENERATORS
from tanlu.pathways.effects.data import EffectsData
from tanlu.pathways.engine import Parameters
from tanlu.pathways.noncarbon.declared import CONTROLS, ROWS
from tanlu.pathways.noncarbon.model import NonCarbonTables, noncarbon_tables
from tanlu.pathways.parameters import CONTROL_ROWS, Floats
from tanlu.pathways.power_fit import firm_margin
from tanlu.pathways.tables import CAPACITIES, Ints

if TYPE_CHECKING:
    from tanlu.pathways.effects.flat import Flat


@dataclass(frozen=True)
class ControlProgram:
    """How lever values move some controls: linear, [L, R, T], around those with all levers at default, [R, T]; then factors and caps."""

    base: Floats
    slope: Floats
    defaults: Floats
    rest: tuple[tuple[int, int, int, float, Floats], ...] = ()
    """Lever, row, op (1 scale, 2 cap), default and schedule of the entries that are not linear."""

    def paths(self, levers: Floats | None) -> Floats:
        """Return the controls [n, R, T] after the levers [n, L]; without them at default."""
        if levers is None:
            return self.base[None]
        moved = levers - self.defaults
        flat = self.slope.reshape(len(self.defaults), -1)
        out: Floats = self.base + (moved @ flat).reshape(len(levers), *self.base.shape)
        for lever, row, op, default, schedule in self.rest:
            value = levers[:, lever, None]
            if op == 1:
                out[:, row] *= (1.0 + (value - 1.0) * schedule) / (1.0 + (default - 1.0) * schedule)
            else:
                out[:, row] = np.where(schedule > 0, np.minimum(out[:, row], value), out[:, row])
        return out


@dataclass(frozen=True)
class EffectTables:
    """Everything that does not change between runs of one growth case.

    T years, S demand sectors, P = S + 1 places that burn fuel (power with heat last).
    """

    years: Ints
    parameters: Parameters
    engine: ControlProgram
    """Demand factor [S], share of green hydrogen, co-firing."""
    own: ControlProgram
    """Controls of other gases, by `CONTROLS`."""
    noncarbon: NonCarbonTables
    costs: CostTables
    factor: Floats  # [T, P, fuel, substance] t/PJ
    biomass_heat: float
    build: Floats  # [plant] 10^3 job-years per GW in the province
    operate: Floats  # [plant]
    equipment: Floats  # [actor] 10^3 job-years per 10^9 CNY
    mining: float  # 10^3 jobs per Mt
    productivity: Floats  # [T]
    owner: Floats  # [S, actor]
    chemicals: Floats  # [S] weights of the sectors that caprolactam follows
    grades: Mapping[str, Grade]
    price_year: int
    calibration: Mapping[str, float]
    """Inventory over model in the base year, by source and gas, where the inventory has a figure."""

    @cached_property
    def flat(self) -> Flat:
        """The same for the compiled pass."""
        from tanlu.pathways.effects.flat import flat_tables

        return flat_tables(self)


def effect_tables(data: EffectsData, parameters: Parameters, inventory: Inventory | None = None) -> EffectTables:
    """Return the tables for the runs of some engine parameters.

    Parameters
    ----------
    data : EffectsData
    parameters : Parameters
        Of the runs; they fix years and growth case.
    inventory : Inventory, optional
        Sources of other gases that it has in full in the base year are scaled to it.
    """
    years, co = parameters.years, data.coeffects
    uses = {s: data.sectors[s] for s in DEMAND}
    burners = [BURNERS.index(use.equipment) for use in uses.values()] + [BURNERS.index("power")]
    removal = np.concatenate([
        co.paths("removal", years), np.zeros((len(BURNERS), len(SUBSTANCES) - len(POLLUTANTS), len(years))),
    ], axis=1)  # fmt: skip
    costs = cost_tables(
        data.costs,
        years,
        {e: data.sectors[e].actor for e in EMITTERS},
        {s: (use.actor, use.equipment) for s, use in uses.items()},
    )
    drives = np.array([use.drives == "caprolactam" for use in uses.values()], float)
    costs = costs._replace(margin=_margin(parameters, costs))
    engine = _engine_controls(parameters)
    tables = EffectTables(
        years=years,
        parameters=parameters,
        engine=engine,
        own=_own_controls(data, years),
        noncarbon=noncarbon_tables(data.noncarbon, years),
        costs=costs,
        factor=np.ascontiguousarray(controlled_factor(co.array("emission.factor"), removal)[:, burners]),
        biomass_heat=co.scalar("biomass.heat"),
        build=co.array("jobs.build") * co.array("jobs.local"),
        operate=co.array("jobs.operate"),
        equipment=co.array("jobs.equipment"),
        mining=co.scalar("jobs.mining"),
        productivity=(1.0 + co.scalar("jobs.productivity")) ** (years - years[0]),
        owner=costs.burner[:-1],
        chemicals=drives / max(drives.sum(), 1.0),
        grades=_grades(data),
        price_year=int(data.costs.scalar("price.year")),
        calibration={},
    )
    return tables if inventory is None else _meet(tables, inventory)


def _margin(parameters: Parameters, costs: CostTables) -> float:
    """Return the firm margin of the base year, in which no plant is asked for that did not stand."""
    q = parameters.tables
    capacity = {name: float(q.controls[CONTROL_ROWS[f"capacity.{name}", ""], 0]) for name in CAPACITIES[:-1]}
    gas = float(q.generation[GENERATORS.index("gas")]) * 1000.0 / costs.gas_hours
    return firm_margin(float(q.generation.sum()), capacity, q.coal_capacity + gas, costs.peak)


def _engine_controls(parameters: Parameters) -> ControlProgram:
    names = [("activity.scale", s) for s in DEMAND]
    names += [("hydrogen.green", ""), ("coal.cofiring", "")]
    rows = [CONTROL_ROWS[name] for name in names]
    place = {row: i for i, row in enumerate(rows)}
    base = parameters.tables.controls[rows]
    slope = np.zeros((len(parameters.defaults), *base.shape))
    rest = []
    for lever, row, op, default, schedule in zip(*parameters.program, strict=True):
        if row in place and op == 0:
            slope[lever, place[row]] += schedule
        elif row in place:
            rest.append((int(lever), place[row], int(op), float(default), schedule))
    return ControlProgram(base, slope, parameters.defaults, tuple(rest))


def _own_controls(data: EffectsData, years: Ints) -> ControlProgram:
    start = np.array([data.noncarbon.scalar(c.name) for c in CONTROLS])
    place = {c.name: i for i, c in enumerate(CONTROLS)}
    base = np.repeat(start[:, None], len(years), axis=1)
    slope = np.zeros((len(data.levers), *base.shape))
    for i, lever in enumerate(data.levers):
        row, schedule = place[lever.parameter], lever.schedule.values(years.tolist())
        slope[i, row] = schedule
        base[row] += (lever.default - (start[row] if lever.op == "set" else 0.0)) * schedule
    return ControlProgram(base, slope, np.array([lever.default for lever in data.levers]))


def _grades(data: EffectsData) -> dict[str, Grade]:
    sets = (data.noncarbon, data.costs, data.coeffects)
    out = {}
    for row in ROWS:
        found = [a.grade(row.rests_on) for a in sets if set(row.rests_on) & set(a.declared)]
        out[f"{row.id}:{row.gas}"] = Grade.worst(found)
    out["costs"] = data.costs.grade(data.costs.declared)
    out["jobs"] = data.coeffects.grade(name for name in data.coeffects.declared if name.startswith("jobs."))
    out["pollutants"] = data.coeffects.grade(("emission.factor", "removal", "biomass.heat"))
    return out


def _meet(tables: EffectTables, inventory: Inventory) -> EffectTables:
    """Scale the sources that the inventory has in full so that the base year is that of the inventory."""
    from dataclasses import replace

    from tanlu.pathways.effects.run import effects
    from tanlu.pathways.engine import run

    base = int(tables.years[0])
    modelled = effects(run(tables.parameters), tables).masses[0, 0]
    scale, found = np.ones(len(ROWS)), {}
    for i, row in enumerate(ROWS):
        rows = [
            r.value
            for r in inventory.rows
            if row.inventory and r.year == base and r.category == row.inventory and r.gas == row.gas
            if r.value is not None and r.status is not Status.MEMO
        ]
        if rows and modelled[i] > 0:
            scale[i] = sum(rows) / modelled[i]
            found[f"{row.id}:{row.gas}"] = float(scale[i])
    return replace(tables, noncarbon=tables.noncarbon._replace(scale=scale), calibration=found)
