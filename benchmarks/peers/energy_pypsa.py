"""The same energy system built by PyPSA and solved by HiGHS, in a program of its own; see `peers.energy_run`.

Components are added by list with `Network.add`, which is PyPSA's quickest way. A reservoir is a storage unit with inflow.
"""

from __future__ import annotations

import logging
import warnings
from collections import defaultdict
from typing import Any

import numpy as np

from tanlu.energy.components import Converter, Demand, Expandable, Line, Reservoir, Source, Store
from tanlu.energy.policies import EmissionLimit
from tanlu.energy.system import System
from tanlu.energy.timegrid import HOURS_PER_YEAR, annuity

Table = dict[str, dict[str, Any]]


def load_library() -> None:
    """Import PyPSA and HiGHS."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    import highspy  # noqa: F401
    import pypsa  # noqa: F401


def build(system: System) -> Any:
    """Return the network with its model."""
    import pypsa

    network = pypsa.Network()
    network.set_snapshots(range(system.hours))
    if system.lengths is not None:
        network.snapshot_weightings.loc[:, :] = system.lengths[:, None]
    for carrier in system.carriers:
        network.add("Carrier", carrier.name, co2_emissions=carrier.emission_factor if carrier.market else 0.0)
    network.add("Bus", [node.name for node in system.nodes], carrier="electricity")
    for kind, rows in tables(system).items():
        _add(network, kind, rows)
    for policy in system.policies:
        assert isinstance(policy, EmissionLimit)
        network.add("GlobalConstraint", policy.name, sense="<=", constant=policy.cap)
    network.optimize.create_model(include_objective_constant=False)
    return network


def _add(network: Any, kind: str, rows: Table) -> None:
    """Add all components of a kind in one call; what varies over time goes as a frame."""
    import pandas as pd

    names = list(rows)
    given: dict[str, Any] = {}
    for key in dict.fromkeys(key for row in rows.values() for key in row):
        values = {name: row[key] for name, row in rows.items() if key in row}
        series = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
        if series:
            given[key] = pd.DataFrame({name: values.get(name, 1.0) for name in names}, index=network.snapshots)
        else:
            given[key] = [values[name] for name in names]
    network.add(kind, names, **given)


def tables(system: System) -> dict[str, Table]:
    """Return the attributes of components by kind and name."""
    prices = {carrier.name: carrier.price for carrier in system.carriers}
    found: dict[str, Table] = defaultdict(dict)
    for c in system.components:
        match c:
            case Source():
                found["Generator"][c.name] = {
                    "bus": c.node, "carrier": "electricity", "efficiency": 1.0, "marginal_cost": c.variable_om,
                    "p_max_pu": system.profiles[str(c.availability)], **sizes(c, system),
                }  # fmt: skip
            case Converter():
                ((fuel, used),) = c.inputs.items()
                found["Generator"][c.name] = {
                    "bus": c.node, "carrier": fuel, "efficiency": 1.0 / used, "marginal_cost": c.variable_om + used * prices[fuel],
                    **sizes(c, system),
                }  # fmt: skip
            case Store():
                found["StorageUnit"][c.name] = {
                    "bus": c.node, "max_hours": c.hours, "efficiency_store": c.charge_efficiency, "p_min_pu": -1.0, "inflow": 0.0,
                    "efficiency_dispatch": c.discharge_efficiency, "marginal_cost": c.variable_om, "cyclic_state_of_charge": True,
                    **sizes(c, system),
                }  # fmt: skip
            case Reservoir():
                inflow = c.annual_inflow / HOURS_PER_YEAR * system.profiles[str(c.inflow)]
                found["StorageUnit"][c.name] = {
                    "bus": c.node, "max_hours": c.volume / c.existing, "efficiency_store": 1.0, "p_min_pu": 0.0, "inflow": inflow,
                    "efficiency_dispatch": 1.0, "marginal_cost": c.variable_om, "cyclic_state_of_charge": True,
                    **sizes(c, system),
                }  # fmt: skip
            case Line():
                for way, start, end in (("", c.from_node, c.to_node), (".back", c.to_node, c.from_node)):
                    found["Link"][c.name + way] = {
                        "bus0": start, "bus1": end, "p_nom": c.existing, "efficiency": 1 - c.loss, "marginal_cost": c.variable_om,
                    }  # fmt: skip
            case Demand():
                load = c.annual / HOURS_PER_YEAR * system.profiles[str(c.profile)]
                found["Load"][c.name] = {"bus": c.node, "p_set": load}
                found["Generator"][f"{c.name}.shed"] = {
                    "bus": c.node, "carrier": "electricity", "efficiency": 1.0, "marginal_cost": c.value_of_lost_load, "p_nom": load.max(),
                    "p_nom_extendable": False, "p_nom_max": np.inf, "capital_cost": 0.0,
                }  # fmt: skip
            case _:
                raise TypeError(f"no counterpart of {type(c).__name__}")
    return found


def sizes(c: Expandable, system: System) -> dict[str, Any]:
    """Return capacity and its cost by year."""
    if not c.expandable:
        return {"p_nom": c.existing, "p_nom_extendable": False, "p_nom_max": np.inf, "capital_cost": 0.0}
    cost = annuity(system.discount_rate, c.lifetime) * c.investment
    return {"p_nom": 0.0, "p_nom_extendable": True, "p_nom_max": c.potential, "capital_cost": cost}


def size(network: Any) -> tuple[int, int]:
    """Return the numbers of columns and rows."""
    return int(network.model.nvars), int(network.model.ncons)


def hand_over(network: Any) -> Any:
    """Return HiGHS with the model."""
    return network.model.to_highspy()


def solve(network: Any, solver: str) -> tuple[float, str]:
    """Return the least cost [CNY] and the solver that found it."""
    options: dict[str, Any] = {"output_flag": False, "threads": 2} | ({"solver": solver} if solver else {})
    status = network.optimize.solve_model(
        solver_name="highs", io_api="direct", log_to_console=False, solver_options=options
    )
    if status != ("ok", "optimal"):
        raise SystemExit(f"PyPSA: {status}")
    return float(network.objective), f"HiGHS {solver}".rstrip()
