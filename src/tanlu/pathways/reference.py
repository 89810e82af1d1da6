"""The pathway model in plain numpy, in the order of a paper: the definition that the compiled kernel must reproduce.

Arrays have the draws first: [n] or [n, S]. One call of `simulate` fills a `Result`. Equations are numbered as in
``docs/methods/pathway-engine.md``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tanlu.pathways.coflow import Vintages
from tanlu.pathways.dimensions import CARRIERS, DEMAND, EMITTERS, FIRST, GENERATORS, SHIFTS, TECHNOLOGIES
from tanlu.pathways.parameters import CONTROL_ROWS, DRAWS, SCALAR_CONTROLS
from tanlu.pathways.tables import Floats, Ints, Program, Result, Tables, empty_result

S = len(DEMAND)
REFORMING = DEMAND.index("refining")
POWER, HEAT_SUPPLY, WASTE = (EMITTERS.index(e) for e in ("power", "heat", "waste"))
ENDS = slice(FIRST, FIRST + S)
COAL, COKE, GAS, OIL, ELECTRICITY, HEAT, HYDROGEN, BIOMASS = range(len(CARRIERS))
PJ_PER_TWH = 3.6
WEATHER = len(DRAWS)
PJ_PER_MTCE = 29.3076
TINY = 1e-300
"""Keeps quotients of nothing by nothing at zero."""
UNIT = 1e-9
"""Units in service below which there is nothing whose need could be told."""


def control_paths(tables: Tables, program: Program, levers: Floats) -> Floats:
    """Return the controls [n, K, T] after the levers (eq. 1): set and add shift, scale multiplies, cap limits."""
    paths = np.repeat(tables.controls[None], len(levers), axis=0)
    for lever, row, op, default, schedule in zip(*program, strict=True):
        value = levers[:, lever, None]
        if op == 0:
            paths[:, row] += (value - default) * schedule
        elif op == 1:
            paths[:, row] *= (1.0 + (value - 1.0) * schedule) / (1.0 + (default - 1.0) * schedule)
        else:
            paths[:, row] = np.where(schedule > 0, np.minimum(paths[:, row], value), paths[:, row])
    return paths


@dataclass
class State:
    """What one year hands to the next, for n draws."""

    gdp: Floats
    population: Floats
    income_fuel: Floats
    income_electricity: Floats
    vintages: Floats  # [n, year, technology, S] sales less what was retired early; year 0 is the stock of the base year
    vintages_power: Floats  # [n, year, S]
    efficiency: tuple[Vintages, Vintages]  # of fuel and power services
    autonomous: tuple[Vintages, Vintages]  # the same, had efficiency gone on as before the base year
    stock: Floats  # [n, technology, S]
    capacity: Floats  # [n, 7]

    @classmethod
    def initial(cls, tables: Tables, controls: Floats) -> State:
        """Return the state of the base year."""
        n, years = len(controls), controls.shape[2]
        zeros = np.zeros((n, S))
        efficiency, autonomous = (
            (Vintages.initial(tables.new, n, years), Vintages.initial(tables.new_power, n, years)) for _ in range(2)
        )
        first = CONTROL_ROWS["capacity.wind", ""]
        return cls(
            np.full(n, tables.gdp), np.full(n, tables.population), zeros.copy(), zeros.copy(),
            np.zeros((n, years, len(TECHNOLOGIES), S)), np.zeros((n, years, S)), efficiency, autonomous,
            np.zeros((n, len(TECHNOLOGIES), S)), controls[:, first : first + 7, 0].copy(),
        )  # fmt: skip


class YearControls:
    """Named access to the controls of one year, [n] or [n, S]."""

    def __init__(self, controls: Floats, year: int) -> None:
        self._values = controls[:, :, year]

    def sectors(self, name: str) -> Floats:
        """Return a control by demand sector, [n, S]."""
        first = CONTROL_ROWS[name, DEMAND[0]]
        return self._values[:, first : first + S]

    def scalar(self, name: str) -> Floats:
        """Return a control that is a single number, [n]."""
        return self._values[:, CONTROL_ROWS[name, ""]]


def services(tables: Tables, state: State, now: YearControls, draws: Floats, t: int) -> tuple[Floats, Floats]:
    """Advance drivers, income effects and the efficiency of new equipment; return fuel and power services [n, S] (eq. 2–5)."""
    u_gdp, u_population, u_fuel, u_electricity, u_efficiency, u_maturity = draws[:, :6].T
    if t > 0:
        income = state.gdp / state.population
        state.gdp = state.gdp * (1.0 + tables.gdp_growth[t] + u_gdp)
        state.population = state.population * (1.0 + tables.population_growth[t] + u_population)
        growth = np.log(state.gdp / state.population / income)[:, None]
        state.income_fuel += np.clip(tables.elasticity_fuel[t] * u_fuel[:, None], -1.0, 2.0) * growth
        state.income_electricity += (
            np.clip(tables.elasticity_electricity[t] * u_electricity[:, None], -1.0, 2.0) * growth
        )
        ease, first = u_efficiency[:, None], CONTROL_ROWS["efficiency.fuel", DEMAND[0]]
        for k, name in enumerate(("efficiency.fuel", "efficiency.electricity")):
            before = tables.controls[first + k * S : first + (k + 1) * S, 0]
            state.efficiency[k].advance(now.sectors(name) * ease, tables.retrofit, tables.floor, t)
            state.autonomous[k].advance(before * ease, tables.retrofit, tables.floor, t)
    level = np.maximum(0.05, 1.0 + (tables.maturity_level - 1.0) * u_maturity[:, None])
    maturity = level + (1.0 - level) * tables.maturity_decay[t]
    people = (state.population / tables.population)[:, None]
    common = people * maturity * now.sectors("activity.scale")
    fuel, power = common * tables.drive_fuel[t], common * tables.drive_power[t]
    return fuel * np.exp(state.income_fuel), power * np.exp(state.income_electricity)


def turn_over(tables: Tables, state: State, now: YearControls, needed: Floats, t: int) -> tuple[Floats, Floats]:
    """Advance the stock by vintage; return sales and early retirement, both [n, technology, S] (eq. 6).

    Sales are what is needed less what survives, never negative. Where more survives than is needed, every vintage and technology gives up
    the same share. A technology sells what it lacks to its wanted share, in the order of `SHIFTS`, as long as sales are left.
    """
    wanted = wanted_shares(now) * needed[:, None]
    wanted[:, 0] = np.minimum(wanted[:, 0], tables.electric_limit[t])
    survivors = np.zeros_like(state.stock)
    if t > 0:
        left = shares_left(tables.survival, tables.survival_base, t)
        survivors = np.einsum("nvrs,vs->nrs", state.vintages[:, :t], left[:-1])
    total = survivors.sum(axis=1)
    kept = np.where(total > needed, needed / np.maximum(total, TINY), 1.0)[:, None]
    state.vintages[:, :t] *= kept[:, None]
    retired, survivors = (1.0 - kept) * survivors, kept * survivors
    sales = np.zeros_like(survivors)
    room = np.maximum(0.0, needed - survivors.sum(axis=1))
    for k in range(1, len(TECHNOLOGIES)):
        sales[:, k] = np.clip(wanted[:, k - 1] - survivors[:, k], 0.0, room)
        room = room - sales[:, k]
    sales[:, 0] = room
    state.vintages[:, t] = sales
    state.stock = survivors + sales
    return sales, retired


def shares_left(survival: Floats, base: Floats, t: int) -> Floats:
    """Return which share of the stock of the base year and of the sales of every year up to ``t`` is left, [t + 1, S]."""
    return np.concatenate([base[t : t + 1], survival[t - 1 :: -1] if t else survival[:0]])


def turn_over_power(tables: Tables, state: State, needed: Floats, t: int) -> None:
    """Advance the vintages of what serves with electricity in the same way; it has one technology (eq. 6)."""
    if t > 0:
        left = shares_left(tables.survival_power, tables.survival_power_base, t)
        survivors = np.einsum("nvs,vs->ns", state.vintages_power[:, :t], left[:-1])
        kept = np.where(survivors > needed, needed / np.maximum(survivors, TINY), 1.0)
        state.vintages_power[:, :t] *= kept[:, None]
        needed = np.maximum(0.0, needed - kept * survivors)
    state.vintages_power[:, t] = needed


def energy_needs(tables: Tables, state: State, of: tuple[Vintages, Vintages], t: int) -> tuple[Floats, Floats]:
    """Return the energy need of fuel equipment [n, technology, S] and of power services [n, S], base year = 1 (eq. 5)."""
    left = shares_left(tables.survival, tables.survival_base, t)
    power = shares_left(tables.survival_power, tables.survival_power_base, t)
    return (
        of[0].energy(state.vintages[:, : t + 1], left, tables.need_base[t], tables.floor, t),
        of[1].energy(state.vintages_power[:, : t + 1], power, tables.need_power_base[t], tables.floor, t),
    )


def wanted_shares(now: YearControls) -> Floats:
    """Return the share of the stock that each substitution should have, [n, shift, S]; each acts on what the ones before leave."""
    out: list[Floats] = []
    left = np.ones_like(now.sectors(f"shift.{SHIFTS[0]}"))
    for name in SHIFTS:
        share = np.clip(now.sectors(f"shift.{name}"), 0.0, 1.0)
        out.append(left * share)
        left = left * (1.0 - share)
    return np.stack(out, axis=1)


def final_energy(tables: Tables, need: Floats, clinker: Floats, electricity: Floats) -> Floats:
    """Return final energy [n, S, carrier] after the substitutions (eq. 7) of the need of equipment [n, technology, S] and of power."""
    fuel = need.sum(axis=1) * clinker
    final = np.empty((len(fuel), S, len(CARRIERS)))
    electric, hydrogen, gas, biomass = (need[:, k] / need.sum(axis=1) for k in range(1, 5))
    fossil = tables.final[:, :4] * fuel[:, :, None]
    total, rest = fossil.sum(axis=2), 1.0 - electric - hydrogen
    by_biomass = np.minimum(1.0, biomass / np.maximum(rest - gas, TINY))
    final[:, :, COAL] = fossil[:, :, COAL] * (rest - gas) * (1.0 - by_biomass)
    final[:, :, COKE] = fossil[:, :, COKE] * rest
    final[:, :, GAS] = fossil[:, :, GAS] * rest + fossil[:, :, COAL] * gas * tables.ratio_gas
    final[:, :, OIL] = fossil[:, :, OIL] * rest * (1.0 - by_biomass)
    final[:, :, ELECTRICITY] = tables.final[:, ELECTRICITY] * electricity + total * electric * tables.ratio_electricity
    final[:, :, HEAT] = tables.final[:, HEAT] * fuel
    final[:, :, HYDROGEN] = tables.final[:, HYDROGEN] * fuel + total * hydrogen * tables.ratio_hydrogen
    replaced = (fossil[:, :, COAL] * (rest - gas) + fossil[:, :, OIL] * rest) * by_biomass
    final[:, :, BIOMASS] = tables.final[:, BIOMASS] * fuel + replaced
    return final


def link_supply(tables: Tables, final: Floats, fuel: Floats) -> None:
    """Let mining and refining follow the use of their fuels by the other sectors (eq. 8)."""
    suppliers = tables.follows.any(axis=1)
    used, base = final[:, ~suppliers, :4].sum(axis=1), tables.final[~suppliers][:, :4].sum(axis=0)
    for s in np.flatnonzero(suppliers):
        whole = (tables.follows[s] * base).sum()
        if whole > 0:
            follow = 1.0 + tables.supply_link * ((tables.follows[s] * used).sum(axis=1) / whole - 1.0)
            final[:, s] *= follow[:, None]
            fuel[:, s] *= follow


def capacities(tables: Tables, state: State, now: YearControls, t: int) -> tuple[Floats, Floats]:
    """Return capacities at the end of the year, within the limits of building and closing, and on average over it, both [n, 7] (eq. 10)."""
    names = [p.name for p in SCALAR_CONTROLS[:7]]
    wanted = np.stack([now.scalar(name) for name in names], axis=1)
    if t > 0:
        wanted = np.clip(wanted, state.capacity * (1.0 - tables.decline), state.capacity + tables.build)
    running = (state.capacity + wanted) / 2.0
    state.capacity = wanted
    return wanted, running


def dispatch(
    tables: Tables,
    now: YearControls,
    gross: Floats,
    capacity: Floats,
    running: Floats,
    first: Floats,
    draws: Floats,
    t: int,
) -> tuple[Floats, Floats]:
    """Return generation [n, generator] TWh and curtailed output [n] by the share rule (eq. 12–14)."""
    u_volume, u_hydro, u_renewable = draws[:, 9], draws[:, 10], draws[:, 11]
    out = np.empty((len(gross), len(GENERATORS)))
    if t == 0:
        hydro, wind, solar, biomass, nuclear, contract = (
            np.full(len(gross), tables.generation[i]) for i in (2, 3, 4, 5, 6, 7)
        )
    else:
        wind, solar, hydro, biomass, nuclear = (running[:, i] * tables.hours[i] / 1000.0 for i in range(5))
        wind, solar, hydro = wind * u_renewable, solar * u_renewable, hydro * u_hydro * draws[:, WEATHER + t]
        added = (capacity[:, 6] - first[:, 6]) * tables.hours_imports / 1000.0
        contract = np.maximum(0.0, tables.generation[7] + added) * u_volume
        contract = np.minimum(contract, capacity[:, 6] * tables.hours_imports_maximum / 1000.0)
    potential = wind + solar
    free = tables.curtailment_free + tables.curtailment_storage * capacity[:, 5] / (gross / 8.76)
    excess = np.maximum(0.0, potential / gross - free)
    slope = tables.curtailment_slope
    taken = np.where(excess > 0, gross * (free + (1.0 - np.exp(-slope * excess)) / slope), potential)
    firm = hydro + biomass + nuclear
    room = gross * (1.0 - tables.thermal_minimum)
    keep = np.minimum(1.0, room / np.maximum(firm, 1e-12))
    firm = firm * keep
    taken = np.minimum(taken, np.maximum(0.0, room - firm))
    share = taken / np.maximum(potential, 1e-12)
    imports = np.minimum(contract, np.maximum(0.0, room - firm - taken))
    thermal = gross - firm - taken - imports
    gas = np.minimum(tables.generation[1] * now.scalar("gas.generation"), thermal * tables.gas_share_maximum)
    out[:, 0], out[:, 1] = thermal - gas, gas
    out[:, 2], out[:, 3], out[:, 4] = hydro * keep, wind * share, solar * share
    out[:, 5], out[:, 6], out[:, 7] = biomass * keep, nuclear * keep, imports
    return out, potential - taken


@dataclass
class Demand:
    """What the demand side of a year hands to the supply side."""

    final: Floats  # [n, S, carrier]
    energy: Floats  # [n, S]
    process: Floats  # [n, S]
    captured: Floats  # [n, S]
    hydrogen: Floats  # [n]
    green: Floats  # [n]
    reforming: Floats  # [n]
    grown: Floats  # [n]
    activity: Floats  # [n, S]
    sales: Floats  # [n, technology, S]
    retired: Floats  # [n, technology, S]
    need: Floats  # [n, technology, S]
    need_power: Floats  # [n, S]
    power: Floats  # [n, S]


def demand_side(tables: Tables, state: State, now: YearControls, draws: Floats, t: int) -> Demand:
    """Return final energy and CO2 of the demand sectors (eq. 2–9)."""
    u_energy, u_process = draws[:, 6], draws[:, 7]
    fuel, electricity = services(tables, state, now, draws, t)
    sales, retired = turn_over(tables, state, now, fuel, t)
    clinker = 1.0 + tables.process_fuel * (now.sectors("process.factor") - 1.0)
    turn_over_power(tables, state, electricity, t)
    need, power = energy_needs(tables, state, state.efficiency, t)
    scale = need.sum(axis=1) * clinker
    final = final_energy(tables, need, clinker, power)
    link_supply(tables, final, scale)
    grown = (final[:, :, BIOMASS] - tables.final[:, BIOMASS] * scale).sum(axis=1)
    energy = ((final[:, :, :4] * tables.factor).sum(axis=2) + tables.residual * scale) * u_energy[:, None]
    hydrogen = final[:, :, HYDROGEN].sum(axis=1)
    green = np.clip(now.scalar("hydrogen.green"), 0.0, 1.0)
    reforming = hydrogen * (1.0 - green) / tables.reforming_efficiency
    energy[:, REFORMING] += reforming * tables.gas_factor * u_energy
    gone = (state.stock[:, 1] + state.stock[:, 2]) / state.stock.sum(axis=1)
    stays = 1.0 - tables.process_shifted * gone
    process = tables.process * fuel * now.sectors("process.factor") * stays * u_process[:, None]
    captured = np.clip(now.sectors("capture"), 0.0, 0.95) * (energy + process)
    return Demand(
        final,
        energy,
        process,
        captured,
        hydrogen,
        green,
        reforming,
        grown,
        fuel,
        sales,
        retired,
        need,
        power,
        electricity,
    )


def gross_demand(tables: Tables, demand: Demand, now: YearControls, capacity: Floats, first: Floats) -> Floats:
    """Return gross electricity demand [n] TWh (eq. 11)."""
    needed = demand.final[:, :, ELECTRICITY].sum(axis=1) / PJ_PER_TWH
    needed = needed + demand.hydrogen * demand.green / tables.electrolysis_efficiency / PJ_PER_TWH
    needed = needed + demand.captured.sum(axis=1) * tables.capture_electricity
    losses = np.clip(tables.losses + now.scalar("grid.losses"), -0.1, 0.3)
    stored = np.maximum(0.0, capacity[:, 5] - first[:, 5]) * tables.storage_losses
    out: Floats = needed / (1.0 - losses) + stored
    return out


def _year(tables: Tables, state: State, controls: Floats, first: Floats, draws: Floats, t: int, result: Result) -> None:
    now = YearControls(controls, t)
    demand = demand_side(tables, state, now, draws, t)
    capacity, running = capacities(tables, state, now, t)
    gross = gross_demand(tables, demand, now, capacity, first)
    generation, curtailed = dispatch(tables, now, gross, capacity, running, first, draws, t)
    u_energy, u_process, people = draws[:, 6], draws[:, 7], state.population / tables.population
    # eq. 15: CO2 of power and heat
    run = generation[:, 0] / tables.generation[0]
    capture = np.clip(now.scalar("capture.power"), 0.0, 0.95)
    coal = tables.power_coal * run * now.scalar("coal.rate") * (1.0 + tables.capture_penalty * capture)
    cofired = coal * np.clip(now.scalar("coal.cofiring"), 0.0, 0.95)
    coal = coal - cofired
    supplied = demand.final[:, :, HEAT].sum(axis=1)
    clean_heat = supplied * np.clip(now.scalar("heat.clean"), 0.0, 1.0)
    heat = (supplied - clean_heat) * tables.heat_fuel
    gas = generation[:, 1] * tables.gas_rate
    coal_co2 = coal * tables.power_coal_factor * u_energy
    rest = gas * tables.gas_factor + tables.power_other * run
    energy, process, captured = result.energy[:, t], result.process[:, t], result.captured[:, t]
    for array in (energy, process, captured):
        array[...] = 0.0
    energy[:, POWER], energy[:, HEAT_SUPPLY] = coal_co2 + rest * u_energy, heat * tables.power_coal_factor * u_energy
    process[:, POWER], process[:, WASTE] = tables.power_process * run * u_process, tables.waste * people * u_process
    captured[:, POWER] = coal_co2 * capture
    energy[:, ENDS], process[:, ENDS], captured[:, ENDS] = demand.energy, demand.process, demand.captured
    result.generation[:, t], result.capacity[:, t, :7], result.activity[:, t] = generation, capacity, demand.activity
    whole = energy + process
    kept = 1.0 - np.divide(captured, whole, out=np.zeros_like(whole), where=whole != 0.0)
    result.emitted[:, t, 0], result.emitted[:, t, 1] = (energy * kept).sum(axis=1), (process * kept).sum(axis=1)
    needed_plant = generation[:, 0] * 1000.0 / tables.hours_thermal_maximum
    result.capacity[:, t, 7] = np.maximum(tables.coal_capacity, needed_plant)
    if len(result.final):
        result.final[:, t] = demand.final
        for array, values in (
            (result.stock, state.stock),
            (result.sales, demand.sales),
            (result.retired, demand.retired),
        ):
            array[:, t] = np.swapaxes(values, 1, 2)
        _intensities(tables, state, demand, result, t)
    fuels = (demand.final[:, :, :4].sum(axis=(1, 2)) + demand.reforming + coal + heat + gas) / PJ_PER_MTCE
    without_fossil = (demand.grown + cofired + clean_heat) / PJ_PER_MTCE
    accounts = _accounts(tables, now, generation, fuels, without_fossil, draws, t)
    columns = (state.gdp, state.population, gross, *accounts[:2], curtailed, demand.hydrogen, *accounts[2:])
    for i, column in enumerate(columns):
        result.indicators[:, t, i] = column


def _intensities(tables: Tables, state: State, demand: Demand, result: Result, t: int) -> None:
    """Fill what a unit needs, as it is and had efficiency gone on as before."""
    units = np.concatenate([state.stock, demand.power[:, None]], axis=1)
    need = np.concatenate([demand.need, demand.need_power[:, None]], axis=1)
    new = np.stack([state.efficiency[0].new] * len(TECHNOLOGIES) + [state.efficiency[1].new], axis=1)
    each = np.where(units > UNIT, need / np.maximum(units, UNIT), new)
    fuel, power = energy_needs(tables, state, state.autonomous, t)
    result.intensity[:, t] = np.swapaxes(each, 1, 2)
    result.autonomous[:, t, :, 0] = fuel.sum(axis=1) / state.stock.sum(axis=1)
    result.autonomous[:, t, :, 1] = power / demand.power


def _accounts(
    tables: Tables, now: YearControls, generation: Floats, fuels: Floats, without_fossil: Floats, draws: Floats, t: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return CO2 of imports, uptake of land, primary energy and its non-fossil share, each [n] (eq. 16–17)."""
    factor = np.maximum(0.0, now.scalar("imports.factor") * draws[:, 8])
    sink = tables.sink * (tables.sink_level + (1.0 - tables.sink_level) * tables.sink_decay[t]) + now.scalar(
        "sink.addition"
    )
    clean_import = np.clip(1.0 - factor / tables.imports_fossil, 0.0, 1.0)
    clean = (generation[:, 2:7].sum(axis=1) + generation[:, 7] * clean_import) * tables.primary_equivalent
    clean = clean + without_fossil
    primary = fuels + clean + generation[:, 7] * (1.0 - clean_import) * tables.primary_equivalent
    return generation[:, 7] * factor, sink * draws[:, 12], primary, clean / primary


def simulate(
    tables: Tables, program: Program, years: Ints, levers: Floats, draws: Floats, *, detail: bool = True
) -> Result:
    """Run the model.

    Parameters
    ----------
    tables, program : Tables, Program
    years : [T]
        Calendar years, the first of which is the base year.
    levers : [n, L]
        Lever values in the units of the levers.
    draws : [n, U + T]
        Uncertain quantities, in the order of `tanlu.pathways.parameters.DRAWS`, then the hydro output of each year over its mean.
    detail : bool
        Whether final energy by sector and carrier is kept.
    """
    result = empty_result(years, len(levers), S, len(CARRIERS), len(GENERATORS), detail=detail)
    controls = control_paths(tables, program, levers)
    state = State.initial(tables, controls)
    first = state.capacity
    for t in range(len(years)):
        _year(tables, state, controls, first, draws, t, result)
    return result
