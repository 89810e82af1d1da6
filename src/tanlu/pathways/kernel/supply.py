"""Power, heat, imports, sink and primary energy of a year (eq. 10 to 17)."""

from __future__ import annotations

import math

from tanlu.pathways.kernel.arithmetic import clip
from tanlu.pathways.kernel.places import (
    BIOMASS,
    BUILD,
    CAPACITY,
    CAPTURE_POWER,
    COAL_RATE,
    COFIRING,
    FOSSIL,
    GAS_GENERATION,
    GDP,
    HEAT,
    HEAT_CLEAN,
    HEAT_SUPPLY,
    HOURS,
    HYDROGEN,
    IMPORTS_FACTOR,
    LOSSES,
    NEEDED,
    OUTPUT_BASE,
    PLANT_CAPTURE_PENALTY,
    PLANT_COAL_CAPACITY,
    PLANT_CURTAILMENT_FREE,
    PLANT_CURTAILMENT_SLOPE,
    PLANT_CURTAILMENT_STORAGE,
    PLANT_DECLINE,
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
    PLANT_SINK,
    PLANT_SINK_LEVEL,
    PLANT_STORAGE_LOSSES,
    PLANT_THERMAL_MINIMUM,
    PLANT_WASTE,
    POPULATION,
    POWER,
    REFORMING,
    SINK,
    WASTE,
    WEATHER,
    compiled,
)
from tanlu.pathways.tables import Floats


@compiled
def dispatch(
    plant: Floats,
    now: Floats,
    u: Floats,
    t: int,
    gross: float,
    first_imports: float,
    capacity: Floats,
    running: Floats,
    out: Floats,
) -> float:
    """Fill generation [8] by the share rule and return what is curtailed [TWh]; ``running`` is the mean capacity of the year."""
    if t == 0:
        hydro, wind, solar, biomass, nuclear = (
            plant[OUTPUT_BASE + 2],
            plant[OUTPUT_BASE + 3],
            plant[OUTPUT_BASE + 4],
            plant[OUTPUT_BASE + 5],
            plant[OUTPUT_BASE + 6],
        )
        contract = plant[OUTPUT_BASE + 7]
    else:
        wind = running[0] * plant[HOURS] / 1000.0 * u[11]
        solar = running[1] * plant[HOURS + 1] / 1000.0 * u[11]
        hydro = running[2] * plant[HOURS + 2] / 1000.0 * u[10] * u[WEATHER + t]
        biomass = running[3] * plant[HOURS + 3] / 1000.0
        nuclear = running[4] * plant[HOURS + 4] / 1000.0
        contract = (
            max(0.0, plant[OUTPUT_BASE + 7] + (capacity[6] - first_imports) * plant[PLANT_HOURS_IMPORTS] / 1000.0)
            * u[9]
        )
        contract = min(contract, capacity[6] * plant[PLANT_HOURS_IMPORTS_MAXIMUM] / 1000.0)
    potential = wind + solar
    free = plant[PLANT_CURTAILMENT_FREE] + plant[PLANT_CURTAILMENT_STORAGE] * capacity[5] / (gross / 8.76)
    excess = potential / gross - free
    taken = potential
    if excess > 0.0:
        taken = gross * (
            free + (1.0 - math.exp(-plant[PLANT_CURTAILMENT_SLOPE] * excess)) / plant[PLANT_CURTAILMENT_SLOPE]
        )
    firm, room = hydro + biomass + nuclear, gross * (1.0 - plant[PLANT_THERMAL_MINIMUM])
    keep, share = 1.0, 1.0
    # quotients that are mostly one are not waited for
    if firm > room:
        keep = room / firm
        firm = room
    taken = min(taken, max(0.0, room - firm))
    if taken < potential:
        share = taken / potential
    imports = min(contract, max(0.0, room - firm - taken))
    thermal = gross - firm - taken - imports
    gas = min(plant[OUTPUT_BASE + 1] * now[GAS_GENERATION], thermal * plant[PLANT_GAS_SHARE_MAXIMUM])
    out[0], out[1], out[2], out[3] = thermal - gas, gas, hydro * keep, wind * share
    out[4], out[5], out[6], out[7] = solar * share, biomass * keep, nuclear * keep, imports
    lost: float = potential - taken
    return lost


@compiled
def build(plant: Floats, now: Floats, t: int, capacity: Floats, running: Floats) -> None:
    """Move the capacities to the end of the year; fill their means over it."""
    for i in range(7):
        wanted = now[CAPACITY + i]
        if t > 0:
            wanted = clip(wanted, capacity[i] * (1.0 - plant[PLANT_DECLINE]), capacity[i] + plant[BUILD + i])
        running[i] = (capacity[i] + wanted) / 2.0
        capacity[i] = wanted


@compiled
def supply(
    plant: Floats,
    decay: float,
    now: Floats,
    u: Floats,
    t: int,
    first: Floats,
    box: Floats,
    capacity: Floats,
    running: Floats,
    generation: Floats,
    energy: Floats,
    process: Floats,
    captured: Floats,
    indicators: Floats,
) -> None:
    """Electricity, heat, imports, sink and primary energy of one year; the rows of power, heat and waste."""
    build(plant, now, t, capacity, running)
    losses = clip(plant[PLANT_LOSSES] + now[LOSSES], -0.1, 0.3)
    gross = box[NEEDED] / (1.0 - losses) + max(0.0, capacity[5] - first[5]) * plant[PLANT_STORAGE_LOSSES]
    curtailed = dispatch(plant, now, u, t, gross, first[6], capacity, running, generation)
    capacity[7] = max(plant[PLANT_COAL_CAPACITY], generation[0] * 1000.0 / plant[PLANT_HOURS_THERMAL_MAXIMUM])
    run = generation[0] / plant[OUTPUT_BASE]
    capture = clip(now[CAPTURE_POWER], 0.0, 0.95)
    coal = plant[PLANT_POWER_COAL] * run * now[COAL_RATE] * (1.0 + plant[PLANT_CAPTURE_PENALTY] * capture)
    cofired = coal * clip(now[COFIRING], 0.0, 0.95)
    coal -= cofired
    clean_heat = box[HEAT] * clip(now[HEAT_CLEAN], 0.0, 1.0)
    heat = (box[HEAT] - clean_heat) * plant[PLANT_HEAT_FUEL]
    gas = generation[1] * plant[PLANT_GAS_RATE]
    coal_co2 = coal * plant[PLANT_POWER_COAL_FACTOR] * u[6]
    energy[POWER] = coal_co2 + (gas * plant[PLANT_GAS_FACTOR] + plant[PLANT_POWER_OTHER] * run) * u[6]
    energy[HEAT_SUPPLY], energy[WASTE] = heat * plant[PLANT_POWER_COAL_FACTOR] * u[6], 0.0
    process[POWER], process[HEAT_SUPPLY] = plant[PLANT_POWER_PROCESS] * run * u[7], 0.0
    process[WASTE] = plant[PLANT_WASTE] * box[POPULATION] / plant[PLANT_POPULATION] * u[7]
    captured[POWER], captured[HEAT_SUPPLY], captured[WASTE] = coal_co2 * capture, 0.0, 0.0
    factor = max(0.0, now[IMPORTS_FACTOR] * u[8])
    clean_import = clip(1.0 - factor / plant[PLANT_IMPORTS_FOSSIL], 0.0, 1.0)
    clean = 0.0
    for g in range(2, 7):
        clean += generation[g]
    without_fossil = (box[BIOMASS] + cofired + clean_heat) / 29.3076
    clean = (clean + generation[7] * clean_import) * plant[PLANT_PRIMARY_EQUIVALENT] + without_fossil
    fossil = (box[FOSSIL] + box[REFORMING] + coal + heat + gas) / 29.3076
    primary = fossil + clean + generation[7] * (1.0 - clean_import) * plant[PLANT_PRIMARY_EQUIVALENT]
    uptake = plant[PLANT_SINK] * (plant[PLANT_SINK_LEVEL] + (1.0 - plant[PLANT_SINK_LEVEL]) * decay) + now[SINK]
    indicators[0], indicators[1], indicators[2] = box[GDP], box[POPULATION], gross
    indicators[3], indicators[4], indicators[5] = generation[7] * factor, uptake * u[12], curtailed
    indicators[6], indicators[7], indicators[8] = box[HYDROGEN], primary, clean / primary
