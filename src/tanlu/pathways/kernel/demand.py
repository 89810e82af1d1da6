"""Final energy and CO2 of the demand sectors, and the electricity that they ask for (eq. 7 to 9)."""

from __future__ import annotations

from tanlu.pathways.kernel.arithmetic import clip
from tanlu.pathways.kernel.places import (
    BIOMASS,
    CAPTURE,
    CLINKER,
    FACTOR,
    FINAL,
    FOLLOWER,
    FOSSIL,
    FUEL,
    GREEN,
    GROWN,
    HEAT,
    HYDROGEN,
    NEED,
    NEEDED,
    OUTPUT,
    PARTS,
    PLANT_CAPTURE_ELECTRICITY,
    PLANT_ELECTROLYSIS_EFFICIENCY,
    PLANT_GAS_FACTOR,
    PLANT_REFORMING_EFFICIENCY,
    PROCESS,
    RATIO_ELECTRICITY,
    RATIO_GAS,
    RATIO_HYDROGEN,
    REFINING,
    REFORMING,
    RESIDUAL,
    SCALE,
    SHIFTED,
    STOCK,
    TINY,
    USER,
    C,
    S,
    compiled,
)
from tanlu.pathways.tables import Floats


@compiled
def final_energy(fixed: Floats, work: Floats, need: Floats, power: Floats) -> None:
    """Fill final energy [carrier, S] and the biomass that replaces coal and oil, from what each technology needs [technology, S]."""
    n = len(work) // PARTS
    for s in range(n):
        more = work[CLINKER + s]
        electric, hydrogen, gas = need[1 * S + s] * more, need[2 * S + s] * more, need[3 * S + s] * more
        biomass = need[4 * S + s] * more
        solid = need[s] * more + biomass
        rest = solid + gas
        scale = rest + electric + hydrogen
        work[SCALE + s] = scale
        coal, oil = fixed[FUEL + s] * solid, fixed[FUEL + 3 * S + s] * rest
        share = biomass / max(solid, TINY)
        fossil = fixed[FUEL + s] + fixed[FUEL + 1 * S + s] + fixed[FUEL + 2 * S + s] + fixed[FUEL + 3 * S + s]
        grown = (coal + oil) * share
        work[FINAL + s] = coal * (1.0 - share)
        work[FINAL + 1 * S + s] = fixed[FUEL + 1 * S + s] * rest
        work[FINAL + 2 * S + s] = fixed[FUEL + 2 * S + s] * rest + fixed[FUEL + s] * gas * fixed[RATIO_GAS + s]
        work[FINAL + 3 * S + s] = oil * (1.0 - share)
        work[FINAL + 4 * S + s] = fixed[FUEL + 4 * S + s] * power[s] + fossil * electric * fixed[RATIO_ELECTRICITY + s]
        work[FINAL + 5 * S + s] = fixed[FUEL + 5 * S + s] * scale
        work[FINAL + 6 * S + s] = fixed[FUEL + 6 * S + s] * scale + fossil * hydrogen * fixed[RATIO_HYDROGEN + s]
        work[FINAL + 7 * S + s] = fixed[FUEL + 7 * S + s] * scale + grown
        work[GROWN + s] = grown


@compiled
def follow_use(follows: Floats, link: float, fixed: Floats, work: Floats) -> None:
    """Let mining and refining follow the use of their fuels by the other sectors.

    ``follows`` [S, fossil] is over what was used in the base year, so that the sum over the fuels was one.
    """
    n = len(work) // PARTS
    coal, coke, gas, oil = 0.0, 0.0, 0.0, 0.0
    for s in range(n):
        user = fixed[USER + s]
        coal += user * work[FINAL + s]
        coke += user * work[FINAL + 1 * S + s]
        gas += user * work[FINAL + 2 * S + s]
        oil += user * work[FINAL + 3 * S + s]
    for s in range(n):
        if fixed[FOLLOWER + s] != 0.0:
            used = follows[s, 0] * coal + follows[s, 1] * coke + follows[s, 2] * gas + follows[s, 3] * oil
            follow = 1.0 + link * (used - 1.0)
            for carrier in range(C):
                work[FINAL + carrier * S + s] *= follow
            work[SCALE + s] *= follow
            work[GROWN + s] *= follow


@compiled
def carbon(
    fixed: Floats,
    now: Floats,
    u: Floats,
    work: Floats,
    energy: Floats,
    process: Floats,
) -> None:
    """CO2 of the demand sectors before reforming and capture."""
    n = len(work) // PARTS
    for s in range(n):
        burnt = work[FINAL + s] * fixed[FACTOR + s] + work[FINAL + 1 * S + s] * fixed[FACTOR + 1 * S + s]
        burnt += (
            work[FINAL + 2 * S + s] * fixed[FACTOR + 2 * S + s] + work[FINAL + 3 * S + s] * fixed[FACTOR + 3 * S + s]
        )
        energy[s] = (burnt + fixed[RESIDUAL + s] * work[SCALE + s]) * u[6]
    for s in range(n):
        stays = work[NEED + s] - fixed[SHIFTED + s] * (work[STOCK + 1 * S + s] + work[STOCK + 2 * S + s])
        process[s] = fixed[OUTPUT + s] * now[PROCESS + s] * stays * u[7]


@compiled
def balance(
    plant: Floats,
    now: Floats,
    u: Floats,
    work: Floats,
    box: Floats,
    energy: Floats,
    process: Floats,
    captured: Floats,
) -> None:
    """Sums over the demand sectors, reforming, capture, and the electricity that is needed."""
    n = len(work) // PARTS
    electricity, hydrogen, fossil, heat, grown = 0.0, 0.0, 0.0, 0.0, 0.0
    for s in range(n):
        fossil += work[FINAL + s] + work[FINAL + 1 * S + s] + work[FINAL + 2 * S + s] + work[FINAL + 3 * S + s]
        electricity += work[FINAL + 4 * S + s]
        heat += work[FINAL + 5 * S + s]
        hydrogen += work[FINAL + 6 * S + s]
        grown += work[GROWN + s]
    green = clip(now[GREEN], 0.0, 1.0)
    reforming = hydrogen * (1.0 - green) / plant[PLANT_REFORMING_EFFICIENCY]
    energy[REFINING] += reforming * plant[PLANT_GAS_FACTOR] * u[6]
    stored = 0.0
    for s in range(n):
        captured[s] = clip(now[CAPTURE + s], 0.0, 0.95) * (energy[s] + process[s])
        stored += captured[s]
    box[NEEDED] = (
        electricity / 3.6
        + hydrogen * green / plant[PLANT_ELECTROLYSIS_EFFICIENCY] / 3.6
        + stored * plant[PLANT_CAPTURE_ELECTRICITY]
    )
    box[HYDROGEN], box[FOSSIL], box[HEAT], box[REFORMING], box[BIOMASS] = hydrogen, fossil, heat, reforming, grown
