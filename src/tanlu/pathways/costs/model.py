"""From needs to money by actor: assets with their stock accounts, operation, fuel, and payments between actors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tanlu.pathways.analysis.learning import wright_cost
from tanlu.pathways.assumptions import Assumptions
from tanlu.pathways.costs.declared import ACTORS, COMPONENTS, PLANTS, PRICED, ROUTES, TRANSFERS, USERS
from tanlu.pathways.costs.discounting import capital_recovery_factor
from tanlu.pathways.power_fit import RESERVE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BILLION: Final = 1e-3
"""From CNY per kW, per t, per MWh or per GJ to 10^9 CNY per GW, Mt, TWh or PJ."""
LEARNS_FROM: Final = 8
"""Technology readiness from which cost follows deployment; below, it is given from outside."""
ACTOR: Final = {name: i for i, name in enumerate(ACTORS)}


class CostTables(NamedTuple):
    """T years, P places that burn fuel, S sectors, I = S · technologies kinds of equipment.

    Assets [A], whose need is known, are the plants, the grid, electrolysis, capture by emitter, and by sector what saves energy and what
    serves the demand that levers avoid. Of equipment sales are known.
    """

    rate: float
    cost: Floats  # [T, A] 10^9 CNY per unit
    life: Ints  # [A]
    oldest: Ints  # [A]
    recovery: Floats  # [A]
    fixed: Floats  # [A] 10^9 CNY per unit and year
    owner: Floats  # [A, actor] 1 where the actor owns the asset
    equipment: Floats  # [4, I] 10^9 CNY per PJ/yr, life, capital recovery, fixed operation
    user: Floats  # [I, actor]
    variable: Floats  # [plant] 10^9 CNY per TWh
    capture: float  # 10^9 CNY per Mt, operation and storage
    capturer: Floats  # [emitter, actor]
    fuel: Floats  # [T, fuel] 10^9 CNY per PJ
    burner: Floats  # [place, actor]
    tariff: Floats  # [T, actor] 10^9 CNY per TWh
    heat: float  # 10^9 CNY per PJ
    carbon: Floats  # [T] 10^9 CNY per Mt
    covered: Floats  # [actor]
    reserve: float
    peak: float  # highest load over mean load
    margin: float  # firm capacity over the highest load, less 1
    gas_hours: float
    pumped: Floats  # [T] GW of pumped storage that is there or planned
    storage_credits: tuple[float, float]  # firm share of pumped storage, of batteries


@dataclass(frozen=True)
class Costs:
    """Money in 10^9 CNY of the price year.

    Attributes
    ----------
    values : [n, T, actor, component]
        By `ACTORS` and `COMPONENTS`.
    transfers : [n, T, transfer, payer]
        By `TRANSFERS`, and the actors with the government behind them; what one pays another receives (negative).
    """

    values: Floats
    transfers: Floats

    def component(self, name: str) -> Floats:
        """Return a component by actor, [n, T, actor]."""
        return self.values[..., COMPONENTS.index(name)]

    @property
    def yearly(self) -> Floats:
        """Cost of the year by actor: capital charge, operation and fuel, [n, T, actor]."""
        return self.component("capital") + self.component("operation") + self.component("fuel")

    @property
    def total(self) -> Floats:
        """Cost of the year of all actors, [n, T]."""
        out: Floats = self.yearly.sum(axis=-1)
        return out


def plant_cost(assumed: Assumptions, plant: str, years: Ints) -> Floats:
    """Return the investment in a plant by year of building, [T] CNY/kW.

    At readiness 8 and above with a learning rate, by Wright's law on the deployment in the world, which the province does not move; else
    the given path.
    """
    path = assumed.path("plant.cost", years, plant)
    learning = assumed.scalar("plant.learning", plant)
    if assumed.scalar("plant.trl", plant) < LEARNS_FROM or learning == 0.0:
        return path
    deployed = assumed.path("plant.deployed", years, plant)
    floor = assumed.scalar("plant.floor", plant) * path[0]
    out: Floats = wright_cost(path[0], deployed, deployed[0], learning, floor=floor)
    return out


def cost_tables(
    assumed: Assumptions,
    years: Ints,
    emitters: dict[str, str],
    sectors: dict[str, tuple[str, str]],
) -> CostTables:
    """Return the tables of the years of a run.

    Parameters
    ----------
    assumed : Assumptions
    years : [T]
    emitters : dict
        Actor of each emitter, in order.
    sectors : dict
        Actor and class of equipment of each demand sector, in order.
    """
    plants = np.array([plant_cost(assumed, p, years) for p in PLANTS]).T
    single = ("grid", "electrolysis")
    kinds = [USERS.index(kind) for _, kind in sectors.values()]
    by_route, life_of, fixed_of = (assumed.array(f"equipment.{part}") for part in ("cost", "life", "fixed"))
    # what saves energy, then what serves avoided demand, which is taken to cost as much as the conventional
    side = np.concatenate([by_route[kinds, -1], by_route[kinds, 0]])
    unit = [plants, *(assumed.path(f"{name}.cost", years)[:, None] for name in single)]
    unit.append(np.repeat(assumed.path("capture.cost", years)[:, None], len(emitters), axis=1))
    unit.append(np.repeat(side[None], len(years), axis=0))
    cost = np.concatenate(unit, axis=1) * BILLION
    life = np.concatenate([
        assumed.array("plant.life"), [assumed.scalar(f"{name}.life") for name in single],
        np.full(len(emitters), assumed.scalar("capture.life")), np.tile(life_of[kinds], 2),
    ])  # fmt: skip
    shares = np.concatenate([
        [assumed.scalar(f"{name}.fixed") for name in single], np.zeros(len(emitters)), np.tile(fixed_of[kinds], 2),
    ])  # fmt: skip
    users = [actor for actor, _ in sectors.values()]
    owners = ["power"] * (len(PLANTS) + 1) + ["industry", *emitters.values(), *users, *users]
    oldest = np.concatenate([assumed.array("plant.oldest"), life[len(PLANTS) :]])
    rate = assumed.scalar("discount.rate")
    return CostTables(
        rate=rate,
        cost=cost,
        life=life.astype(np.int64),
        oldest=np.minimum(oldest, life).astype(np.int64),
        recovery=np.asarray(capital_recovery_factor(rate, life)),
        fixed=np.concatenate([assumed.array("plant.fixed") * BILLION, shares * cost[0, len(PLANTS) :]]),
        owner=_one_hot(owners),
        equipment=_equipment(by_route[kinds, :-1] * BILLION, life_of[kinds], fixed_of[kinds], rate),
        user=_one_hot([actor for actor in users for _ in ROUTES[:-1]]),
        variable=assumed.array("plant.variable") * BILLION,
        capture=(assumed.scalar("capture.operation") + assumed.scalar("capture.storage")) * BILLION,
        capturer=_one_hot(list(emitters.values())),
        fuel=assumed.paths("price.fuel", years).T * BILLION,
        burner=_one_hot([*(actor for actor, _ in sectors.values()), "power"]),
        tariff=assumed.paths("tariff.electricity", years).T * BILLION,
        heat=assumed.scalar("tariff.heat") * BILLION,
        carbon=assumed.path("price.carbon", years) * BILLION,
        covered=assumed.array("carbon.covered"),
        reserve=assumed.scalar("coal.reserve"),
        peak=assumed.scalar("load.peak"),
        margin=RESERVE,
        gas_hours=assumed.scalar("gas.hours"),
        pumped=assumed.path("storage.pumped", years),
        storage_credits=(assumed.scalar("storage.credit", "pumped"), assumed.scalar("storage.credit", "battery")),
    )


def _equipment(cost: Floats, life: Floats, fixed: Floats, rate: float) -> Floats:
    """Return cost [S, technology], life, capital recovery and fixed operation of each kind of equipment, [4, I]."""
    kinds = cost.shape[1]
    recovery = np.asarray(capital_recovery_factor(rate, life))
    return np.array([cost.ravel(), np.repeat(life, kinds), np.repeat(recovery, kinds), (cost * fixed[:, None]).ravel()])


def _one_hot(owners: list[str]) -> Floats:
    out = np.zeros((len(owners), len(ACTORS)))
    out[np.arange(len(owners)), [ACTOR[o] for o in owners]] = 1.0
    return out


class Equipment(NamedTuple):
    """Equipment of users, each [n, T, I] in PJ/yr of the fuel that its services took in the base year, and survivors [T, I]."""

    sales: Floats
    retired: Floats
    stock: Floats
    survival: Floats
    survival_base: Floats


class Needs(NamedTuple):
    """What a run asks for, [n, T, …]: assets in service and flows."""

    assets: Floats  # [n, T, A]
    equipment: Equipment
    generation: Floats  # [n, T, plant] TWh, of lines what they bring
    fuel: Floats  # [n, T, place, fuel] PJ, power last
    reformed: Floats  # [n, T] PJ gas for hydrogen
    captured: Floats  # [n, T, emitter] Mt
    electricity: Floats  # [n, T, actor] TWh bought
    heat: Floats  # [n, T, actor] PJ bought
    emitted: Floats  # [n, T, actor] Mt


def costs_of(needs: Needs, tables: CostTables) -> tuple[Costs, Floats, Floats]:
    """Return costs and transfers, the assets built in each year [n, T, A], and the money invested in equipment by actor, [n, T, actor]."""
    from tanlu.pathways.costs.stock import stock_account
    from tanlu.pathways.costs.vintages import vintage_account

    account = stock_account(needs.assets, tables.cost, tables.life, tables.oldest, tables.recovery)
    cost, life, recovery, fixed = tables.equipment
    used = vintage_account(*needs.equipment, cost, life.astype(np.int64), recovery)
    values = np.empty((*needs.assets.shape[:2], len(ACTORS), len(COMPONENTS)))
    plants = len(PLANTS)
    equipment = (account.added[..., plants:] * tables.cost[:, plants:]) @ tables.owner[plants:]
    equipment += (used.added * cost) @ tables.user
    values[..., 0] = (account.added[..., :plants] * tables.cost[:, :plants]) @ tables.owner[:plants] + equipment
    values[..., 1] = account.annuity @ tables.owner + used.annuity @ tables.user
    values[..., 2] = (needs.assets * tables.fixed) @ tables.owner + (needs.equipment.stock * fixed) @ tables.user
    values[..., 2] += (needs.captured @ tables.capturer) * tables.capture
    values[..., ACTOR["power"], 2] += needs.generation @ tables.variable
    values[..., 3] = (needs.fuel @ tables.fuel[:, :, None])[..., 0] @ tables.burner
    values[..., ACTOR["industry"], 3] += needs.reformed * tables.fuel[:, PRICED.index("gas")]
    values[..., 4] = account.stranded @ tables.owner + used.stranded @ tables.user
    return Costs(values, _transfers(needs, tables)), account.added, equipment


def _transfers(needs: Needs, tables: CostTables) -> Floats:
    out = np.zeros((*needs.assets.shape[:2], len(TRANSFERS), len(ACTORS) + 1))
    for i, paid in enumerate((
        needs.electricity * tables.tariff, needs.heat * tables.heat, needs.emitted * tables.covered * tables.carbon[:, None],
    )):  # fmt: skip
        out[:, :, i, :-1] = paid
        receiver = -1 if TRANSFERS[i] == "carbon" else ACTOR["power"]
        out[:, :, i, receiver] -= paid.sum(axis=-1)
    return out
