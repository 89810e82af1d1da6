"""Problems whose optimum is published, in textbooks and in the documentation of peers: inputs typed from there, in `published/`.

The UTOPIA system of OSeMOSYS stands in `test_osemosys`.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from tanlu.energy.components import Carrier, Component, Converter, Demand, Line, Node
from tanlu.energy.model import Mode
from tanlu.energy.solvers.contract import solve
from tanlu.energy.system import System


class Loader(yaml.SafeLoader):
    """YAML with lists as keys, which name the two ends of a line."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        self.flatten_mapping(node)
        return {
            tuple(key) if isinstance(key, list) else key: self.construct_object(value, deep=True)
            for key, value in ((self.construct_object(k, deep=True), v) for k, v in node.value)
        }


Loader.add_constructor("tag:yaml.org,2002:map", lambda loader, node: loader.construct_mapping(node))
CASES: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parent / "published" / "markets.yaml").read_text(encoding="utf-8"), Loader
)


def parts_of(name: str, plant: dict[str, Any], step: float) -> list[Component]:
    """Return a plant, in steps of rising price where its cost is quadratic."""
    common: dict[str, Any] = {"technology": name, "node": plant["zone"], "inputs": {}, "outputs": {"electricity": 1.0}}
    if "quadratic" not in plant:
        share = plant.get("share", 1.0)
        return [
            Converter(
                name=name, existing=plant["capacity"], variable_om=plant["price"], unit_size=plant.get("unit", 0.0),
                minimum_load=plant.get("least", 0.0), ramp_up=plant.get("ramp_up", np.inf), ramp_down=plant.get("ramp_down", np.inf),
                availability=np.array(share) if isinstance(share, list) else share, **common,
            )
        ]  # fmt: skip
    _, linear, square = plant["quadratic"]
    least = float(plant.get("from", 0.0))
    edges = np.arange(least, plant["capacity"] + step / 2, step)
    steps = [
        Converter(name=f"{name}.{at}", existing=step, variable_om=float(linear + square * (a + b)), **common)
        for at, (a, b) in enumerate(pairwise(edges))
    ]
    base = Converter(name=f"{name}.least", existing=least, must_run=1.0, **common)
    return [base, *steps] if least else steps


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_power_and_prices_are_as_published(case: dict[str, Any]) -> None:
    hours, step = len(next(iter(case["zones"].values()))), float(case.get("step", 0.0))
    components: list[Component] = [
        part for name, plant in case["plants"].items() for part in parts_of(name, plant, step)
    ]
    for zone, load in case["zones"].items():
        shape = np.array(load, float)
        components.append(
            Demand(name=f"{zone}.load", node=zone, carrier="electricity", annual=8760.0 * shape.mean(),
                   profile=shape / shape.mean(), value_of_lost_load=1e4)
        )  # fmt: skip
    for (a, b), size in case.get("lines", {}).items():
        components.append(
            Line(name=f"{a}-{b}", from_node=a, to_node=b, carrier="electricity", existing=size, variable_om=0.0)
        )
    system = System(
        name=case["id"], carriers=[Carrier(name="electricity")], nodes=[Node(name=zone) for zone in case["zones"]], components=components,
        hours=hours, annual=False,
    )  # fmt: skip
    mode = Mode.COMMITMENT if case.get("commitment") else Mode.EXACT
    programme = system.compile(system.grid(), mode)
    found = solve(programme.problem, "auto" if case.get("commitment") else "highs-simplex", gap=1e-9)
    power: dict[str, Any] = defaultdict(lambda: np.zeros(hours))
    for flow in programme.model.flows:
        power[system.component(flow.component).kind] += found.primal[flow.columns][0] * 1e3
    for name, published in case["expected"]["power"].items():
        assert power[name] == pytest.approx(published, abs=max(step, 0.05) * 1.001), name
    for zone, published in case["expected"].get("prices", {}).items():
        dual = programme.problem.row_values(found.dual, f"{zone}.electricity.balance")[0] * 1e3
        slope = max(
            (2 * plant["quadratic"][2] for plant in case["plants"].values() if "quadratic" in plant), default=0.0
        )
        assert dual == pytest.approx(published, abs=0.0005 + slope * step), zone
