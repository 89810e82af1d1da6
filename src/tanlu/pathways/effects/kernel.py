"""All effects of a run in one compiled pass, for those who ask at every move of a slider.

The equations are those of `tanlu.pathways.noncarbon`, `costs` and `coeffects`, which `tanlu.pathways.effects.reference` puts together in
plain numpy; a test holds both equal.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from tanlu.pathways.coeffects.declared import FUELS, JOB_GROUPS, POLLUTANTS, SUBSTANCES
from tanlu.pathways.costs import stock, vintages
from tanlu.pathways.costs.declared import ACTORS, COMPONENTS, PLANTS, PRICED, TRANSFERS
from tanlu.pathways.costs.stock import follow_asset
from tanlu.pathways.costs.vintages import follow_equipment
from tanlu.pathways.dimensions import CARRIERS, DEMAND, EMITTERS, GENERATORS, TECHNOLOGIES
from tanlu.pathways.effects import flat
from tanlu.pathways.effects.flat import (
    H_CARBON,
    H_CHARGE,
    H_ENTERIC,
    H_HFC,
    H_MANURE_CH4,
    H_MANURE_N2O,
    H_ORGANIC,
    H_PANELS,
    H_PAST,
    H_PRODUCTIVITY,
    H_PUMPED,
    H_RICE,
    H_SYNTHETIC,
    H_WASTE,
    H_WATER,
    N_ASKED,
    N_BATTERY,
    N_BIOMASS,
    N_CAPROLACTAM,
    N_CAPTURE,
    N_CAPTURE_POWER,
    N_COAL,
    N_COAL_FACTOR,
    N_ELECTROLYSIS,
    N_FEED,
    N_GAS_FACTOR,
    N_GAS_HOURS,
    N_GAS_RATE,
    N_HEAT,
    N_LANDFILL,
    N_LEAK,
    N_LINK,
    N_MANURE,
    N_MINE,
    N_MINING,
    N_ORGANIC,
    N_PUMPED,
    N_REFORMING,
    N_RESERVE,
    N_RICE,
    N_SWITCH,
    N_SWITCH_LEAKAGE,
    N_SWITCH_RECOVERED,
    N_SWITCH_RETIREMENT,
    N_SYNTHETIC,
    N_WATER,
    Flat,
)
from tanlu.pathways.machine_code import compiler, fingerprint
from tanlu.pathways.noncarbon.declared import CONTROL_NAMES, ROWS, SETS
from tanlu.pathways.parameters import Floats
from tanlu.pathways.power_fit import CREDITS
from tanlu.pathways.power_systems import HOURS
from tanlu.pathways.tables import CAPACITIES, INDICATORS, Ints, Result

S: Final = len(DEMAND)
E: Final = len(EMITTERS)
P: Final = len(PLANTS)
J: Final = len(TECHNOLOGIES)
ELECTRIC: Final = TECHNOLOGIES.index("electricity")
X: Final = len(SUBSTANCES)
FUEL: Final = len(FUELS)
AIR: Final = len(POLLUTANTS)
A: Final = len(ACTORS)
COAL, COKE, GAS, OIL, ELECTRICITY, HEAT, HYDROGEN, BIOMASS = range(len(CARRIERS))
G_COAL, G_GAS, G_BIOMASS = (GENERATORS.index(g) for g in ("coal", "gas", "biomass"))
PLANT_OUTPUT: Final = tuple(GENERATORS.index(p) if p in GENERATORS else -1 for p in PLANTS)
P_COAL: Final = PLANTS.index("coal")
C_COAL: Final = CAPACITIES.index("coal")
C_STORAGE: Final = CAPACITIES.index("storage")
FIRM: Final = tuple(CREDITS.get(name, 0.0) for name in CAPACITIES[:C_COAL])
"""Firm share of the capacities before coal (`tanlu.pathways.power_fit`)."""
FIRM_THERMAL: Final = CREDITS["thermal"]
POWER, INDUSTRY = ACTORS.index("power"), ACTORS.index("industry")
PRICE_GAS: Final = PRICED.index("gas")
POPULATION, DEMANDED, HYDROGEN_USE = (INDICATORS.index(i) for i in ("population", "electricity_demand", "hydrogen"))
_row = {(row.id, row.gas): i for i, row in enumerate(ROWS)}
MINES, LEAKS, CAPROLACTAM = _row["coal_mines", "CH4"], _row["gas_systems", "CH4"], _row["caprolactam", "N2O"]
POWER_CH4, POWER_N2O, USE_CH4, USE_N2O = (_row[k, g] for k in ("power", "fuel_use") for g in ("CH4", "N2O"))
RICE, ENTERIC, MANURE_CH4, MANURE_N2O = (
    _row["rice", "CH4"], _row["enteric", "CH4"], _row["manure", "CH4"], _row["manure", "N2O"],
)  # fmt: skip
SOILS, LANDFILL, WATER_CH4, WATER_N2O = (
    _row["soils", "N2O"], _row["landfill", "CH4"], _row["wastewater", "CH4"], _row["wastewater", "N2O"],
)  # fmt: skip
COOLING, SWITCHGEAR, ELECTRONICS = (
    _row["cooling", SETS["refrigerant"][0]],
    _row["switchgear", "SF6"],
    _row["electronics", "CF4"],
)
BANKS, REFRIGERANTS = len(SETS["bank"]), len(SETS["refrigerant"])
(
    K_MINE, K_GAS, K_CAPROLACTAM, K_RICE, K_FEED, K_MANURE, K_NITROGEN, K_LANDFILL, K_LANDFILL_GAS, K_WATER, K_GWP, K_RECOVERED,
    K_FREE, K_PANELS,
) = range(len(CONTROL_NAMES))  # fmt: skip


_SETS = (
    DEMAND, EMITTERS, PLANTS, TECHNOLOGIES, SUBSTANCES, FUELS, POLLUTANTS, ACTORS, COMPONENTS, TRANSFERS, PRICED, JOB_GROUPS, CARRIERS,
    GENERATORS, CAPACITIES, INDICATORS, CREDITS, HOURS, CONTROL_NAMES, SETS, [(row.id, row.gas) for row in ROWS],
)  # fmt: skip
LAYOUT: Final = fingerprint([Path(p) for p in (__file__, flat.__file__, stock.__file__, vintages.__file__)], _SETS)
"""Fingerprint of the sets, and of the source, that are in the machine code."""

compiled = compiler(LAYOUT, no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""For parts that only machine code calls: the way in from Python takes the compiler longer than the part."""
entrance = compiler(LAYOUT, no_cfunc_wrapper=True)


@compiled
def _burn(
    number: Floats, supply: Ints, co2: Floats, generation: Floats, final: Floats, cofired: Floats, fuel: Floats
) -> None:  # fmt: skip
    """Fill the fuel that is burnt by place, [T, S + 1, 5] PJ."""
    for t in range(len(final)):
        for s in range(S):
            fuel[t, s, 0], fuel[t, s, 1], fuel[t, s, 2] = final[t, s, COAL], final[t, s, COKE], final[t, s, GAS]
            fuel[t, s, 3], fuel[t, s, 4] = final[t, s, OIL], final[t, s, BIOMASS]
        gas = generation[t, G_GAS] * number[N_GAS_RATE]
        emitted = 0.0
        for e in supply:
            emitted += co2[t, e]
        solid = max(emitted - gas * number[N_GAS_FACTOR], 0.0) / number[N_COAL_FACTOR]
        share = min(max(cofired[t], 0.0), 0.95)
        fuel[t, S, 0], fuel[t, S, 1], fuel[t, S, 2], fuel[t, S, 3] = solid, 0.0, gas, 0.0
        fuel[t, S, 4] = generation[t, G_BIOMASS] * number[N_BIOMASS] + solid * share / (1.0 - share)


@compiled
def _set_free(factor: Floats, fuel: Floats, burnt: Floats) -> None:
    """Fill what burning sets free by place [T, S + 1, substance] kt."""
    for t in range(len(fuel)):
        for p in range(S + 1):
            for x in range(X):
                total = 0.0
                for k in range(FUEL):
                    total += fuel[t, p, k] * factor[t, p, k, x]
                burnt[t, p, x] = total / 1000.0


@compiled
def _bank(
    need: Floats, share: Floats, start: float, retirement: float, leakage: float, filling: float, recovered: Floats, out: Floats
) -> None:  # fmt: skip
    held = start
    for t in range(len(need)):
        before = held
        new = retirement * need[0] if t == 0 else max(need[t] - (1.0 - retirement) * need[t - 1], 0.0)
        filled = new * share[t]
        if t > 0:
            held = (1.0 - retirement) * held + filled
        out[t] = leakage * held + filling * filled + retirement * before * (1.0 - recovered[t])


@compiled
def _gases(
    number: Floats, path: Floats, response: Floats, k: Floats, drivers: Floats, burnt: Floats, out: Floats
) -> None:
    """Masses of all but fluorinated gases, [T, row] kt; ``drivers`` [5, T]: coal, gas, chemicals, population, electricity."""
    landfilled = np.empty(len(out))
    for t in range(len(out)):
        people = drivers[3, t]
        output = number[N_COAL] * (1.0 - number[N_LINK] + number[N_LINK] * drivers[0, t])
        out[t, MINES] = output * number[N_MINE] * (1.0 - k[K_MINE, t])
        out[t, LEAKS] = drivers[1, t] * number[N_LEAK] * (1.0 - k[K_GAS, t])
        out[t, POWER_CH4], out[t, POWER_N2O] = burnt[t, S, AIR], burnt[t, S, AIR + 1]
        for s in range(S):
            out[t, USE_CH4] += burnt[t, s, AIR]
            out[t, USE_N2O] += burnt[t, s, AIR + 1]
        out[t, CAPROLACTAM] = number[N_CAPROLACTAM] * drivers[2, t] * (1.0 - k[K_CAPROLACTAM, t])
        out[t, RICE] = path[H_RICE, t] * (1.0 - k[K_RICE, t] * number[N_RICE])
        out[t, ENTERIC] = path[H_ENTERIC, t] * (1.0 - k[K_FEED, t] * number[N_FEED])
        treated = 1.0 - k[K_MANURE, t] * number[N_MANURE]
        out[t, MANURE_CH4], out[t, MANURE_N2O] = path[H_MANURE_CH4, t] * treated, path[H_MANURE_N2O, t] * treated
        out[t, SOILS] = path[H_SYNTHETIC, t] * (1.0 - k[K_NITROGEN, t]) * number[N_SYNTHETIC]
        out[t, SOILS] += path[H_ORGANIC, t] * number[N_ORGANIC]
        landfilled[t] = people * path[H_WASTE, t] * k[K_LANDFILL, t]
        carbon = path[H_PAST, t]
        for x in range(1, t):
            carbon += landfilled[x] * response[x, t]
        out[t, LANDFILL] = carbon * number[N_LANDFILL] * (1.0 - k[K_LANDFILL_GAS, t])
        out[t, WATER_CH4] = people * path[H_WATER, t] * (1.0 - k[K_WATER, t])
        out[t, WATER_N2O] = people * number[N_WATER]
        out[t, ELECTRONICS] = path[H_PANELS, t] * (1.0 - k[K_PANELS, t])


@compiled
def _fluorinated(
    number: Floats, path: Floats, blend: Floats, cooling: Floats, k: Floats, drivers: Floats, out: Floats
) -> None:
    years = len(out)
    need, share, emitted, fixed = np.empty(years), np.empty(years), np.empty(years), np.empty(years)
    for b in range(BANKS):
        for t in range(years):
            need[t] = drivers[3, t] * path[H_CHARGE + b, t]
            share[t] = path[H_HFC + b, t] * (1.0 - k[K_GWP, t])
        _bank(
            need, share, cooling[0, b] * need[0], cooling[1, b], cooling[2, b], cooling[3, b], k[K_RECOVERED], emitted
        )
        for t in range(years):
            for g in range(REFRIGERANTS):
                out[t, COOLING + g] += emitted[t] * blend[b, g]
    for t in range(years):
        need[t], share[t], fixed[t] = drivers[4, t] * number[N_SWITCH], 1.0 - k[K_FREE, t], number[N_SWITCH_RECOVERED]
    _bank(need, share, need[0], number[N_SWITCH_RETIREMENT], number[N_SWITCH_LEAKAGE], 0.0, fixed, emitted)
    for t in range(years):
        out[t, SWITCHGEAR] = emitted[t]


@compiled
def _saved(
    k: Floats, sector: Floats, final: Floats, activity: Floats, stock: Floats, intensity: Floats, autonomous: Floats, need: Floats
) -> None:  # fmt: skip
    """What policy saves and what levers avoid by sector, into ``need`` [A, T]."""
    for s in range(S):
        fossil, to_power, place = sector[0, s], sector[1, s], P + 2 + E + s
        for t in range(len(final)):
            used, units = 0.0, 0.0
            for j in range(J):
                used += stock[t, s, j] * intensity[t, s, j]
                units += stock[t, s, j]
            electric = stock[t, s, ELECTRIC] * intensity[t, s, ELECTRIC] * fossil * to_power
            power = max(final[t, s, ELECTRICITY] - electric, 0.0)
            saved = max(fossil * (units * autonomous[t, s, 0] - used), 0.0)
            need[place, t] = saved + power * max(autonomous[t, s, 1] / intensity[t, s, J] - 1.0, 0.0)
            need[place + S, t] = activity[t, s] * fossil * max(1.0 / k[s, t] - 1.0, 0.0)


@compiled
def _stored(number: Floats, pumped: float, power: float) -> float:
    """Return what storage gives in the highest hour, by `tanlu.pathways.power_fit.firm_storage`."""
    firm: float = number[N_PUMPED] * min(power, pumped) + number[N_BATTERY] * max(0.0, power - pumped)
    return firm


@compiled
def _plants(
    number: Floats, pumped: Floats, green: Floats, capacity: Floats, generation: Floats, indicators: Floats, captured: Floats, need: Floats
) -> None:  # fmt: skip
    """Plants, grid, electrolysis and capture in service, into ``need`` [A, T]."""
    stood = _stored(number, pumped[0], capacity[0, C_STORAGE])
    for t in range(len(capacity)):
        for p in range(P - 1):
            need[p, t] = capacity[t, p]
        kept = max(number[N_RESERVE], generation[t, G_COAL] / generation[0, G_COAL])
        gas, firm = generation[t, G_GAS] * (1000.0 / number[N_GAS_HOURS]), 0.0
        for p in range(C_COAL):
            firm += FIRM[p] * capacity[t, p]
        firm += _stored(number, pumped[t], capacity[t, C_STORAGE]) - stood
        asked = number[N_ASKED] * indicators[t, DEMANDED] * 1000.0 / HOURS
        plants = max(0.0, asked - firm) / FIRM_THERMAL
        need[P_COAL, t] = max(min(capacity[t, C_COAL], capacity[0, C_COAL] * kept), plants - gas)
        need[P - 1, t] = gas
        need[P, t] = indicators[t, DEMANDED]
        need[P + 1, t] = indicators[t, HYDROGEN_USE] * green[t]
        for e in range(E):
            need[P + 2 + e, t] = captured[t, e]


@compiled
def _stocks(
    cost: Floats, asset: Floats, life: Ints, plant: Floats, actor: Floats, productivity: Floats, need: Floats, values: Floats,
    built: Floats, jobs: Floats,
) -> None:  # fmt: skip
    """Follow every asset [A, T]; add up by actor, [T, actor, component]."""
    assets, years = need.shape
    made, left, flows = np.empty(years + 100), np.empty(years + 100), np.empty((5, years))
    for a in range(assets):
        follow_asset(need[a], cost[a], life[0, a], life[1, a], asset[0, a], made, left, flows)
        owner = life[2, a]
        for t in range(years):
            invested = flows[0, t] * cost[a, t]
            values[t, owner, 0] += invested
            values[t, owner, 1] += flows[4, t]
            values[t, owner, 2] += need[a, t] * asset[1, a]
            values[t, owner, 4] += flows[3, t]
            if a < P:
                built[t, a] = flows[0, t]
                jobs[t, 0] += flows[0, t] * plant[1, a] / productivity[t]
                jobs[t, 1] += need[a, t] * plant[2, a] / productivity[t]
            else:
                jobs[t, 2] += invested * actor[1, owner] / productivity[t]


@compiled
def _used(
    sector: Floats, equipment: Floats, kept: Ints, survival: Floats, actor: Floats, productivity: Floats, sales: Floats, retired: Floats,
    stock: Floats, values: Floats, jobs: Floats,
) -> None:  # fmt: skip
    """Follow the equipment of users; add up by actor, [T, actor, component]."""
    years = len(sales)
    scratch, flows = np.empty(years), np.empty((3, years))
    for s in range(S):
        for j in range(J):
            i = s * J + j
            cost, owner = equipment[0, i] * sector[0, s], kept[1, i]
            follow_equipment(
                sales[:, s, j], retired[:, s, j], stock[:, s, j], survival[0, :, s], survival[1, :, s], cost, kept[0, i], equipment[1, i],
                scratch, flows,
            )  # fmt: skip
            for t in range(years):
                invested = flows[0, t] * cost
                values[t, owner, 0] += invested
                values[t, owner, 1] += flows[2, t]
                values[t, owner, 2] += stock[t, s, j] * sector[0, s] * equipment[2, i]
                values[t, owner, 4] += flows[1, t]
                jobs[t, 2] += invested * actor[1, owner] / productivity[t]


@compiled
def _money(
    number: Floats, variable: Floats, covered: Floats, carbon: float, price: Floats, tariff: Floats, capturer: Ints, burner: Ints,
    green: float, fuel: Floats, generation: Floats, hydrogen: float, captured: Floats, co2: Floats, final: Floats, values: Floats,
    transfers: Floats,
) -> None:  # fmt: skip
    """Operation, fuel and transfers of a year; ``values`` [actor, component] holds the operation of the assets already."""
    stored = 0.0
    for p in range(P):
        if PLANT_OUTPUT[p] >= 0:
            values[POWER, 2] += generation[PLANT_OUTPUT[p]] * variable[p]
    for e in range(E):
        actor = capturer[e]
        values[actor, 2] += captured[e] * number[N_CAPTURE]
        transfers[2, actor] += co2[e] * covered[actor] * carbon
        stored += captured[e]
    for p in range(S + 1):
        for x in range(FUEL):
            values[burner[p], 3] += fuel[p, x] * price[x]
    values[INDUSTRY, 3] += hydrogen * (1.0 - green) / number[N_REFORMING] * price[PRICE_GAS]
    for s in range(S):
        transfers[0, burner[s]] += final[s, ELECTRICITY] / 3.6 * tariff[burner[s]]
        transfers[1, burner[s]] += final[s, HEAT] * number[N_HEAT]
    bought = hydrogen * green / (number[N_ELECTROLYSIS] * 3.6) + stored * number[N_CAPTURE_POWER]
    transfers[0, INDUSTRY] += bought * tariff[INDUSTRY]
    for i in range(3):
        paid = 0.0
        for a in range(A):
            paid += transfers[i, a]
        transfers[i, A if i == 2 else POWER] -= paid


@compiled
def _drivers(fuel: Floats, activity: Floats, weights: Floats, indicators: Floats, drivers: Floats) -> None:
    base, free = 0.0, 1.0
    for s in range(S):
        free -= weights[s]
    for t in range(len(fuel)):
        drivers[0, t], drivers[1, t], drivers[2, t] = 0.0, 0.0, free
        for p in range(S + 1):
            drivers[0, t] += fuel[t, p, 0] + fuel[t, p, 1]
            drivers[1, t] += fuel[t, p, 2]
        for s in range(S):
            drivers[2, t] += activity[t, s] * weights[s]
        if t == 0:
            base = drivers[0, 0]
        drivers[0, t] = drivers[0, t] / base if base > 0 else 1.0
        drivers[3, t], drivers[4, t] = indicators[t, POPULATION], indicators[t, DEMANDED]


@entrance
def whole(
    number: Floats, path: Floats, response: Floats, blend: Floats, cooling: Floats, scale: Floats, factor: Floats, cost: Floats,
    asset: Floats, life: Ints, equipment: Floats, kept: Ints, survival: Floats, plant: Floats, actor: Floats, fuel_price: Floats,
    tariff: Floats, capturer: Ints, burner: Ints, supply: Ints, sector: Floats, k: Floats, q: Floats,
    energy: Floats, process: Floats, captured: Floats, generation: Floats, capacity: Floats, indicators: Floats, activity: Floats,
    final: Floats, stock: Floats, sales: Floats, retired: Floats, intensity: Floats, autonomous: Floats,
    masses: Floats, pollutants: Floats, values: Floats,
    transfers: Floats, jobs: Floats, built: Floats,
) -> None:  # fmt: skip
    """Fill all effects of one run; without ``masses`` costs alone."""
    years, productivity, everything = len(final), path[H_PRODUCTIVITY], len(masses) > 0
    fuel, need = np.empty((years, S + 1, FUEL)), np.empty((life.shape[1], years))
    _burn(number, supply, energy, generation, final, k[S + 1], fuel)
    _plants(number, path[H_PUMPED], k[S], capacity, generation, indicators, captured, need)
    _saved(k, sector, final, activity, stock, intensity, autonomous, need)
    _stocks(cost, asset, life, plant, actor, productivity, need, values, built, jobs)
    _used(sector, equipment, kept, survival, actor, productivity, sales, retired, stock, values, jobs)
    for t in range(years):
        _money(
            number, plant[0], actor[0], path[H_CARBON, t], fuel_price[t], tariff[t], capturer, burner, k[S, t], fuel[t], generation[t],
            indicators[t, HYDROGEN_USE], captured[t], energy[t] + process[t] - captured[t], final[t], values[t], transfers[t],
        )  # fmt: skip
    if everything:
        burnt, drivers = np.empty((years, S + 1, X)), np.empty((5, years))
        _set_free(factor, fuel, burnt)
        _drivers(fuel, activity, sector[2], indicators, drivers)
        _gases(number, path, response, q, drivers, burnt, masses)
        _fluorinated(number, path, blend, cooling, q, drivers, masses)
        for t in range(years):
            for r in range(len(scale)):
                masses[t, r] *= scale[r]
            for p in range(S + 1):
                for x in range(AIR):
                    pollutants[t, p, x] = burnt[t, p, x]
            # people work in plants in service, which may be more than those needed
            jobs[t, 1] += (capacity[t, C_COAL] - need[P_COAL, t]) * plant[2, P_COAL] / productivity[t]
            mined = number[N_COAL] * (1.0 + number[N_LINK] * (drivers[0, t] - 1.0))
            jobs[t, 3] = mined * number[N_MINING] / productivity[t]


def follow(f: Flat, engine: Floats, own: Floats, result: Result) -> tuple[Floats, ...]:
    """Return masses, pollutants, costs, transfers, jobs and capacities built of a run, in the shapes of `Effects`."""
    n, years = result.final.shape[:2]
    out = (
        np.zeros((n, years, len(ROWS))),
        np.empty((n, years, S + 1, AIR)),
        np.zeros((n, years, A, len(COMPONENTS))),
        np.zeros((n, years, len(TRANSFERS), A + 1)),
        np.zeros((n, years, len(JOB_GROUPS))),
        np.empty((n, years, P)),
    )
    for i in range(n):
        _call(f, engine, own, result, i, tuple(part[i] for part in out))
    return out


def follow_costs(f: Flat, engine: Floats, own: Floats, result: Result) -> Floats:
    """Return the costs of a run alone, in the shape of `Costs.values`: other gases, pollutants and jobs of coal take half of the time."""
    n, years = result.final.shape[:2]
    values = np.zeros((n, years, A, len(COMPONENTS)))
    nothing = np.empty((0, len(ROWS))), np.empty((0, S + 1, AIR))
    scratch = np.zeros((years, len(TRANSFERS), A + 1)), np.zeros((years, len(JOB_GROUPS))), np.empty((years, P))
    for i in range(n):
        _call(f, engine, own, result, i, (*nothing, values[i], *scratch))
    return values


def _call(f: Flat, engine: Floats, own: Floats, result: Result, i: int, out: tuple[Floats, ...]) -> None:
    whole(
        *f, engine[i % len(engine)], own[i % len(own)], result.energy[i], result.process[i], result.captured[i], result.generation[i],
        result.capacity[i], result.indicators[i], result.activity[i], result.final[i], result.stock[i], result.sales[i],
        result.retired[i], result.intensity[i], result.autonomous[i], *out,
    )  # fmt: skip
