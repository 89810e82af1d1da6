"""The tables and controls as the loops read them."""

from __future__ import annotations

import numpy as np

from tanlu.pathways.kernel.places import (
    AGES,
    BUILD,
    DECAY,
    DRIVE_FUEL,
    DRIVE_POWER,
    ELASTICITY_FUEL,
    ELASTICITY_POWER,
    FACTOR,
    FLOOR,
    FOLLOWS_PROCESS,
    FUEL,
    HOURS,
    LEFT,
    LEFT_BASE,
    LEFT_POWER,
    LEFT_POWER_BASE,
    LIMIT,
    MATURITY,
    NEED_BASE,
    NEED_POWER_BASE,
    OUTPUT,
    OUTPUT_BASE,
    PLANT_CAPTURE_ELECTRICITY,
    PLANT_CAPTURE_PENALTY,
    PLANT_COAL_CAPACITY,
    PLANT_CURTAILMENT_FREE,
    PLANT_CURTAILMENT_SLOPE,
    PLANT_CURTAILMENT_STORAGE,
    PLANT_DECLINE,
    PLANT_ELECTROLYSIS_EFFICIENCY,
    PLANT_GAS_FACTOR,
    PLANT_GAS_RATE,
    PLANT_GAS_SHARE_MAXIMUM,
    PLANT_HEAT_FUEL,
    PLANT_HOURS_IMPORTS,
    PLANT_HOURS_IMPORTS_MAXIMUM,
    PLANT_HOURS_THERMAL_MAXIMUM,
    PLANT_IMPORTS_FOSSIL,
    PLANT_LOSSES,
    PLANT_POPULATION,
    PLANT_POWER_COAL,
    PLANT_POWER_COAL_FACTOR,
    PLANT_POWER_OTHER,
    PLANT_POWER_PROCESS,
    PLANT_PRIMARY_EQUIVALENT,
    PLANT_REFORMING_EFFICIENCY,
    PLANT_SINK,
    PLANT_SINK_LEVEL,
    PLANT_STORAGE_LOSSES,
    PLANT_THERMAL_MINIMUM,
    PLANT_WASTE,
    RATIO_ELECTRICITY,
    RATIO_GAS,
    RATIO_HYDROGEN,
    RESIDUAL,
    RETROFIT,
    SHIFTED,
    START_FUEL,
    START_POWER,
    USER,
    YEARLY,
    C,
    S,
    compiled,
)
from tanlu.pathways.tables import Floats, Ints, Program, Tables


@compiled
def sector_tables(q: Tables) -> tuple[Floats, Floats, Floats]:
    """Return the tables of the sectors as the loops read them: [part · S], [T, part · S], and survivors [T, part · S]."""
    years = q.controls.shape[1]
    fixed, yearly, ages = np.empty(FACTOR + 4 * S), np.empty((years, YEARLY)), np.empty((years, AGES))
    for s in range(S):
        fixed[FLOOR + s], fixed[RETROFIT + s] = q.floor[s], q.retrofit[s]
        fixed[RATIO_ELECTRICITY + s], fixed[RATIO_HYDROGEN + s] = q.ratio_electricity[s], q.ratio_hydrogen[s]
        fixed[RATIO_GAS + s], fixed[SHIFTED + s] = q.ratio_gas[s], q.process_shifted[s]
        fixed[FOLLOWS_PROCESS + s], fixed[RESIDUAL + s] = q.process_fuel[s], q.residual[s]
        fixed[OUTPUT + s], fixed[MATURITY + s] = q.process[s], q.maturity_level[s]
        fixed[START_FUEL + s], fixed[START_POWER + s] = q.new[s], q.new_power[s]
        supplies = q.follows[s, 0] + q.follows[s, 1] + q.follows[s, 2] + q.follows[s, 3]
        fixed[USER + s] = 0.0 if supplies > 0.0 else 1.0
        for c in range(C):
            fixed[FUEL + c * S + s] = q.final[s, c]
        for f in range(4):
            fixed[FACTOR + f * S + s] = q.factor[s, f]
        for t in range(years):
            yearly[t, ELASTICITY_FUEL + s], yearly[t, ELASTICITY_POWER + s] = (
                q.elasticity_fuel[t, s],
                q.elasticity_electricity[t, s],
            )
            yearly[t, DECAY + s], yearly[t, LIMIT + s] = q.maturity_decay[t, s], q.electric_limit[t, s]
            yearly[t, DRIVE_FUEL + s], yearly[t, DRIVE_POWER + s] = q.drive_fuel[t, s], q.drive_power[t, s]
            ages[t, LEFT + s], ages[t, LEFT_POWER + s] = q.survival[t, s], q.survival_power[t, s]
            ages[t, LEFT_BASE + s], ages[t, NEED_BASE + s] = q.survival_base[t, s], q.need_base[t, s]
            ages[t, LEFT_POWER_BASE + s], ages[t, NEED_POWER_BASE + s] = (
                q.survival_power_base[t, s],
                q.need_power_base[t, s],
            )
    return fixed, yearly, ages


@compiled
def plant_table(q: Tables) -> Floats:
    """Return the numbers of power, heat, imports and land."""
    plant = np.empty(OUTPUT_BASE + 8)
    plant[PLANT_CAPTURE_ELECTRICITY] = q.capture_electricity
    plant[PLANT_CAPTURE_PENALTY] = q.capture_penalty
    plant[PLANT_COAL_CAPACITY] = q.coal_capacity
    plant[PLANT_CURTAILMENT_FREE] = q.curtailment_free
    plant[PLANT_CURTAILMENT_SLOPE] = q.curtailment_slope
    plant[PLANT_CURTAILMENT_STORAGE] = q.curtailment_storage
    plant[PLANT_DECLINE] = q.decline
    plant[PLANT_ELECTROLYSIS_EFFICIENCY] = q.electrolysis_efficiency
    plant[PLANT_GAS_FACTOR] = q.gas_factor
    plant[PLANT_GAS_RATE] = q.gas_rate
    plant[PLANT_GAS_SHARE_MAXIMUM] = q.gas_share_maximum
    plant[PLANT_HEAT_FUEL] = q.heat_fuel
    plant[PLANT_HOURS_IMPORTS] = q.hours_imports
    plant[PLANT_HOURS_IMPORTS_MAXIMUM] = q.hours_imports_maximum
    plant[PLANT_HOURS_THERMAL_MAXIMUM] = q.hours_thermal_maximum
    plant[PLANT_IMPORTS_FOSSIL] = q.imports_fossil
    plant[PLANT_LOSSES] = q.losses
    plant[PLANT_POPULATION] = q.population
    plant[PLANT_POWER_COAL] = q.power_coal
    plant[PLANT_POWER_COAL_FACTOR] = q.power_coal_factor
    plant[PLANT_POWER_OTHER] = q.power_other
    plant[PLANT_POWER_PROCESS] = q.power_process
    plant[PLANT_PRIMARY_EQUIVALENT] = q.primary_equivalent
    plant[PLANT_REFORMING_EFFICIENCY] = q.reforming_efficiency
    plant[PLANT_SINK] = q.sink
    plant[PLANT_SINK_LEVEL] = q.sink_level
    plant[PLANT_STORAGE_LOSSES] = q.storage_losses
    plant[PLANT_THERMAL_MINIMUM] = q.thermal_minimum
    plant[PLANT_WASTE] = q.waste
    plant[HOURS:BUILD], plant[BUILD:OUTPUT_BASE], plant[OUTPUT_BASE:] = q.hours, q.build, q.generation
    return plant


@compiled
def strengths(p: Program, levers: Floats, moves: Floats, rows: Ints) -> None:
    """Fill what each entry of the program does in this draw: ``moves`` [M, 3] value, default and step, ``rows`` [M] or −1 for nothing."""
    for m in range(len(p.lever)):
        value, default = levers[p.lever[m]], p.default[m]
        moves[m, 0], moves[m, 1], moves[m, 2] = value, default, value - default
        rows[m] = -1 if value == default and p.op[m] < 2 else p.row[m]


@compiled
def controls(base: Floats, op: Ints, schedule: Floats, moves: Floats, rows: Ints, t: int, now: Floats) -> None:
    """Fill the controls of a year from those of the reference ``base`` [T, K] and the strengths of the entries ``schedule`` [T, M]."""
    for k in range(len(now)):
        now[k] = base[t, k]
    for m in range(len(rows)):
        row, s = rows[m], schedule[t, m]
        if row >= 0 and s != 0.0:
            if op[m] == 0:
                now[row] += moves[m, 2] * s
            elif op[m] == 1:
                now[row] *= (1.0 + (moves[m, 0] - 1.0) * s) / (1.0 + (moves[m, 1] - 1.0) * s)
            elif s > 0:
                now[row] = min(now[row], moves[m, 0])
