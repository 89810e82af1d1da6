"""Energy systems that tanlu, PyPSA and oemof-solph all can say, made once and given to each.

A node has sun, wind, run of river, old and new coal, gas, a battery, pumped water, a reservoir and a load that can be shed; a cap holds
down the CO2 of all nodes, and lines with losses join them. Figures are of the right size and nothing more; every random number is seeded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tanlu.energy.components import Carrier, Component, Converter, Demand, Line, Node, Reservoir, Source, Store
from tanlu.energy.policies import EmissionLimit
from tanlu.energy.segments import segment
from tanlu.energy.system import System

Floats = NDArray[np.float64]
YEAR = 8760
MEAN_LOAD = 25_000.0
"""Mean load of all nodes [MW]."""
CO2_OF_LOAD = 0.30
"""Cap of CO2 for each MWh of load [t/MWh]."""
SEED = 11


@dataclass(frozen=True)
class Case:
    """A system by its size.

    Parameters
    ----------
    nodes : int
    hours : int
        Hours of the profiles; fewer than a year are a short year, with costs of capital in proportion.
    segments : int
        Steps of unequal length into which the hours are gathered; 0 where each hour is a step.
    solved : bool
        Whether it is solved, or only built and handed to HiGHS.
    repeats : int
        Runs of each implementation, of which the quickest counts.
    """

    nodes: int
    hours: int
    segments: int = 0
    solved: bool = True
    repeats: int = 3

    @property
    def words(self) -> str:
        """Its size in words."""
        steps = f"{self.segments} segments of {self.hours:,} h" if self.segments else f"{self.hours:,} h"
        return f"{self.nodes} node{'s' if self.nodes > 1 else ''} × {steps}{'' if self.solved else ', built only'}"


CASES = {
    "1x168": Case(1, 168),
    "4x48": Case(4, YEAR, 48),
    "1x730": Case(1, 730),
    "1x2190": Case(1, 2190, repeats=2),
    "1x8760": Case(1, YEAR, solved=False),
    "14x288": Case(14, YEAR, 288, repeats=2),
    "14x8760": Case(14, YEAR, solved=False, repeats=1),
}
"""Cases by name."""
QUICK = ("1x168", "4x48")
USUAL = ("1x730", "1x2190", "1x8760", "14x288", "14x8760")


def profiles(nodes: int, hours: int) -> dict[str, Floats]:
    """Return hourly profiles by name: loads and inflows of mean 1, sun, wind and river as shares of capacity."""
    rng = np.random.default_rng(SEED)
    hour = np.arange(hours)
    day, year = 2 * np.pi * hour / 24, 2 * np.pi * hour / hours
    common = {name: _weather(rng, hours) for name in ("load", "cloud", "wind", "river")}
    found: dict[str, Floats] = {}
    for n in range(nodes):
        own = {name: 0.7 * shared + 0.7 * _weather(rng, hours) for name, shared in common.items()}
        load = 1 + 0.16 * np.sin(day - 2.2) + 0.09 * np.cos(2 * year) + 0.04 * np.cos(year) + 0.03 * own["load"]
        sun = np.clip(-np.cos(day), 0, None) * np.clip(0.62 + 0.3 * own["cloud"], 0.1, 1) * (0.75 - 0.25 * np.cos(year))
        inflow = np.clip(1 - 0.6 * np.cos(year + 0.4) + 0.25 * own["river"], 0.1, None)
        found |= {
            f"load{n}": load / load.mean(), f"pv{n}": sun, f"inflow{n}": inflow / inflow.mean(),
            f"wind{n}": np.clip(0.25 + 0.05 * np.cos(year) + 0.2 * own["wind"], 0, 1),
            f"river{n}": np.clip(0.45 - 0.28 * np.cos(year + 0.4) + 0.08 * own["river"], 0.05, 1),
        }  # fmt: skip
    return found


def _weather(rng: np.random.Generator, hours: int) -> Floats:
    """Return noise of unit variance that remembers about a day."""
    from scipy.signal import lfilter

    return np.asarray(lfilter([np.sqrt(1 - 0.96**2)], [1, -0.96], rng.normal(size=hours)))


def system(case: Case) -> System:
    """Return the system of a case."""
    rng = np.random.default_rng(SEED + 1)
    hourly = profiles(case.nodes, case.hours)
    lengths = None
    if case.segments:
        starts = segment(np.array(list(hourly.values())), case.segments)
        lengths = np.diff(starts, append=case.hours).astype(float)
        hourly = {name: np.add.reduceat(values, starts) / lengths for name, values in hourly.items()}
    share = rng.uniform(0.5, 1.5, case.nodes)
    share /= share.sum()
    part_of_year = case.hours / YEAR
    parts = [part for n in range(case.nodes) for part in _node(n, share[n], case.nodes, part_of_year, rng)]
    cap = CO2_OF_LOAD * MEAN_LOAD * case.hours
    return System(
        name=case.words,
        carriers=[
            Carrier(name="electricity"),
            Carrier(name="coal", market=True, price=95.0, emission_factor=0.34),
            Carrier(name="gas", market=True, price=260.0, emission_factor=0.20),
        ],
        nodes=[Node(name=f"n{n}") for n in range(case.nodes)],
        components=[*parts, *_lines(case.nodes, rng)],
        policies=[EmissionLimit(name="cap", cap=cap)],
        profiles=hourly,
        hours=case.segments or case.hours,
        annual=False,
        lengths=lengths,
        occurrences=None if lengths is None else np.ones(len(lengths)),
    )  # fmt: skip


def _node(n: int, share: float, nodes: int, year: float, rng: np.random.Generator) -> list[Component]:
    """Return the parts of a node; no two of them cost the same, so that there is one optimum."""
    plant = {"node": f"n{n}", "outputs": {"electricity": 1.0}}
    power = {"node": f"n{n}", "carrier": "electricity"}
    scale = MEAN_LOAD * share

    def dear(value: float) -> float:
        return value * rng.uniform(0.9, 1.1)

    def built(investment: float) -> dict[str, object]:
        return {"expandable": True, "investment": dear(investment) * year}

    return [
        Source(name=f"n{n}.pv", **power, availability=f"pv{n}", **built(3.0e6), variable_om=dear(0.5), potential=4 * scale),
        Source(name=f"n{n}.wind", **power, availability=f"wind{n}", **built(6.0e6), variable_om=dear(1.0), potential=2 * scale),
        Source(name=f"n{n}.river", **power, availability=f"river{n}", existing=0.2 * scale, variable_om=dear(2.0)),
        Converter(name=f"n{n}.old_coal", **plant, inputs={"coal": 2.7}, existing=0.5 * scale, variable_om=dear(25.0)),
        Converter(name=f"n{n}.coal", **plant, inputs={"coal": 2.3}, variable_om=dear(20.0), **built(3.8e6)),
        Converter(name=f"n{n}.gas", **plant, inputs={"gas": 1.8}, variable_om=dear(15.0), **built(2.6e6)),
        Store(name=f"n{n}.battery", **power, hours=4.0, charge_efficiency=0.95, discharge_efficiency=0.95, variable_om=dear(1.0),
              lifetime=15.0, **built(4.0e6)),
        Store(name=f"n{n}.pumped", **power, hours=8.0, charge_efficiency=0.88, discharge_efficiency=0.88, variable_om=dear(1.5),
              lifetime=50.0, potential=0.3 * scale, **built(6.0e6)),
        Reservoir(name=f"n{n}.lake", **power, existing=0.1 * scale, volume=40 * scale, annual_inflow=0.04 * scale * YEAR,
                  inflow=f"inflow{n}", variable_om=dear(2.0)),
        Demand(name=f"n{n}.load", **power, annual=scale * YEAR, profile=f"load{n}", value_of_lost_load=20_000.0),
    ]  # fmt: skip


def _lines(nodes: int, rng: np.random.Generator) -> list[Component]:
    """Return a ring of lines with a chord from every other node."""
    if nodes == 1:
        return []
    ends = [(n, (n + 1) % nodes) for n in range(nodes)] if nodes > 2 else [(0, 1)]
    ends += [(n, (n + 3) % nodes) for n in range(0, nodes, 2)] if nodes > 6 else []
    return [
        Line(
            name=f"line{a}-{b}", from_node=f"n{a}", to_node=f"n{b}", carrier="electricity", existing=float(rng.uniform(0.5, 2.0)) * 1000,
            loss=0.02, variable_om=float(rng.uniform(0.8, 1.2)),
        )
        for a, b in ends
    ]  # fmt: skip
