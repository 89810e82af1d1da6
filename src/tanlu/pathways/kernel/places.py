"""Places of what the machine code reads and writes: sectors lie side by side in vectors, and parts of a vector begin at fixed places.

These constants are part of the machine code; `LAYOUT` tells which sets and which source it is made from.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tanlu.pathways.dimensions import CARRIERS, DEMAND, EMITTERS, TECHNOLOGIES
from tanlu.pathways.machine_code import compiler, fingerprint
from tanlu.pathways.parameters import CONTROL_ROWS, DRAWS

S: Final = len(DEMAND)
C: Final = len(CARRIERS)
R: Final = len(TECHNOLOGIES)
E: Final = len(EMITTERS)
REFINING: Final = DEMAND.index("refining")
POWER: Final = EMITTERS.index("power")
HEAT_SUPPLY: Final = EMITTERS.index("heat")
WASTE: Final = EMITTERS.index("waste")
TINY: Final = 1e-300
UNIT: Final = 1e-9
"""Units in service below which there is nothing whose need could be told."""

_FIRST = {name: CONTROL_ROWS[name, sector] for name, sector in CONTROL_ROWS if sector in ("", DEMAND[0])}
EFFICIENCY_FUEL: Final = _FIRST["efficiency.fuel"]
EFFICIENCY_ELECTRICITY: Final = _FIRST["efficiency.electricity"]
ACTIVITY: Final = _FIRST["activity.scale"]
SHIFT: Final = _FIRST["shift.electricity"]
CAPTURE: Final = _FIRST["capture"]
PROCESS: Final = _FIRST["process.factor"]
CAPACITY: Final = _FIRST["capacity.wind"]
IMPORTS_FACTOR: Final = _FIRST["imports.factor"]
COAL_RATE: Final = _FIRST["coal.rate"]
COFIRING: Final = _FIRST["coal.cofiring"]
GAS_GENERATION: Final = _FIRST["gas.generation"]
LOSSES: Final = _FIRST["grid.losses"]
HEAT_CLEAN: Final = _FIRST["heat.clean"]
GREEN: Final = _FIRST["hydrogen.green"]
CAPTURE_POWER: Final = _FIRST["capture.power"]
SINK: Final = _FIRST["sink.addition"]

WEATHER: Final = len(DRAWS)
"""First of the columns of a draw that hold the hydro output of each year over its mean."""

GDP, POPULATION, NEEDED, HYDROGEN, FOSSIL, BIOMASS, HEAT, REFORMING = range(8)
"""Places of the scratch vector that the steps of a year hand on."""
(
    INCOME_FUEL,
    INCOME_POWER,
    KEPT,
    KEPT_POWER,
    LEVEL,
    OPEN,
    NEED,
    SERVICE,
    CLINKER,
    SCALE,
    ROOM,
    GROWN,
    AGAIN,
    GONE,
) = range(0, 14 * S, S)
"""First places of the parts of the scratch vector of the sectors; the first four are handed from year to year."""
STOCK, SALES, FINAL = range(14 * S, (14 + 3 * R) * S, R * S)
"""First places of what each technology has in service and sells, and of final energy by carrier."""
PARTS: Final = 14 + 2 * R + C
"""Parts of the scratch vector, [S] each: one vector for all of them, so that the compiler knows that they do not overlap."""
UNITS_POWER, NEEDED_BY = R * S, (R + 1) * S
"""Places in a vintage and in what is left of vintages: units that serve with electricity, behind those of each technology, then needs."""
ROW, AGE = 2 * NEEDED_BY, 3 * NEEDED_BY
"""Lengths of a vintage and of an age of all equipment; vintages and ages lie in vectors, in steps that the compiler knows."""
PLACES: Final = 2 * (R + 1)
"""Parts of such a row, [S] each."""
PLACE: Final = 2 ** max(len(CONTROL_ROWS), NEEDED_BY).bit_length() - 1
"""All bits of a place in a list of places: without it, the machine would ask of each of them whether it is negative."""
BLOCK: Final = 4
"""Years for which the survivors of older vintages are added up together."""
WIDTH: Final = 4
"""Numbers that the processor works on at once."""
NEW_FUEL, NEW_POWER, RETRO_FUEL, RETRO_POWER, SOLD_FUEL, SOLD_POWER = range(0, 6 * S, S)
"""First places of the efficiency of new equipment, of what retrofits have left of older needs, and of the quotient of both."""
(
    FLOOR,
    RATIO_ELECTRICITY,
    RATIO_HYDROGEN,
    RATIO_GAS,
    SHIFTED,
    FOLLOWS_PROCESS,
    RESIDUAL,
    OUTPUT,
    MATURITY,
    USER,
    FOLLOWER,
    RETROFIT,
    START_FUEL,
    START_POWER,
    FUEL,
) = range(0, 15 * S, S)
FACTOR: Final = FUEL + C * S
"""First places of the constants of the sectors; ``USER`` is 0 for who mines and refines, ``FOLLOWER`` 1 for those of them whose fuels were
used in the base year; ``FUEL`` and ``FACTOR`` have a part a carrier."""
ELASTICITY_FUEL, ELASTICITY_POWER, DECAY, DRIVE_FUEL, DRIVE_POWER, LIMIT = range(0, 6 * S, S)
"""First places of what the sectors have for each year."""
YEARLY: Final = 6 * S
LEFT_BASE, NEED_BASE = NEEDED_BY, 2 * NEEDED_BY
"""First places, behind the survivors of each age, of those of the stock of the base year in each year and of what they need."""
PLANT: Final = (
    "capture_electricity", "capture_penalty", "coal_capacity", "curtailment_free", "curtailment_slope", "curtailment_storage",
    "decline", "electrolysis_efficiency", "gas_factor", "gas_rate", "gas_share_maximum", "heat_fuel", "hours_imports",
    "hours_imports_maximum", "hours_thermal_maximum", "imports_fossil", "losses", "population", "power_coal", "power_coal_factor",
    "power_other", "power_process", "primary_equivalent", "reforming_efficiency", "sink", "sink_level", "storage_losses",
    "thermal_minimum", "waste", "gdp", "supply_link",
)  # fmt: skip
"""Numbers of power, heat, imports, land and the base year, by their names in `Tables`."""
(
    PLANT_CAPTURE_ELECTRICITY, PLANT_CAPTURE_PENALTY, PLANT_COAL_CAPACITY, PLANT_CURTAILMENT_FREE, PLANT_CURTAILMENT_SLOPE,
    PLANT_CURTAILMENT_STORAGE, PLANT_DECLINE, PLANT_ELECTROLYSIS_EFFICIENCY, PLANT_GAS_FACTOR, PLANT_GAS_RATE, PLANT_GAS_SHARE_MAXIMUM,
    PLANT_HEAT_FUEL, PLANT_HOURS_IMPORTS, PLANT_HOURS_IMPORTS_MAXIMUM, PLANT_HOURS_THERMAL_MAXIMUM, PLANT_IMPORTS_FOSSIL, PLANT_LOSSES,
    PLANT_POPULATION, PLANT_POWER_COAL, PLANT_POWER_COAL_FACTOR, PLANT_POWER_OTHER, PLANT_POWER_PROCESS, PLANT_PRIMARY_EQUIVALENT,
    PLANT_REFORMING_EFFICIENCY, PLANT_SINK, PLANT_SINK_LEVEL, PLANT_STORAGE_LOSSES, PLANT_THERMAL_MINIMUM, PLANT_WASTE, PLANT_GDP,
    PLANT_LINK, HOURS,
) = range(len(PLANT) + 1)  # fmt: skip
BUILD: Final = HOURS + 5
OUTPUT_BASE: Final = BUILD + 7
"""Places of these numbers in one vector; hours, limits of building and base output have several and stand behind them."""

RELAXED: Final = {"nnan", "nsz", "arcp", "contract", "reassoc"}
"""Freedom of the compiler: no number of the model is NaN, and sums may be taken in any order that is the same for every draw."""

_SETS = (EMITTERS, DEMAND, CARRIERS, TECHNOLOGIES, sorted(CONTROL_ROWS.items()), len(DRAWS))
LAYOUT: Final = fingerprint(Path(__file__).parent.glob("*.py"), _SETS)
"""Fingerprint of the sets, and of the source of this package, that are in the machine code."""

# no function allocates: without counting the references of views, which no memory depends on, a fifth of the time is saved
compiled = compiler(LAYOUT, fastmath=RELAXED, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False)
"""For parts that only machine code calls: the way in from Python takes the compiler longer than the part."""
entrance = compiler(LAYOUT, fastmath=RELAXED, no_cfunc_wrapper=True, _nrt=False)
