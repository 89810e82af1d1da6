"""The same energy system built by oemof-solph and solved by HiGHS, in a program of its own; see `peers.energy_run`."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from tanlu.energy.components import Converter, Demand, Expandable, Line, Reservoir, Source, Store
from tanlu.energy.policies import EmissionLimit
from tanlu.energy.system import System
from tanlu.energy.timegrid import HOURS_PER_YEAR, annuity


def load_library() -> None:
    """Import oemof-solph and HiGHS."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    import highspy  # noqa: F401
    import oemof.solph  # noqa: F401
    import pyomo.contrib.appsi.solvers  # noqa: F401


def build(system: System) -> Any:
    """Return the model."""
    from oemof import solph

    lengths = np.ones(system.hours) if system.lengths is None else system.lengths
    energy = solph.EnergySystem(timeindex=np.append(0.0, np.cumsum(lengths)), infer_last_interval=False)
    buses = {node.name: solph.buses.Bus(label=node.name) for node in system.nodes}
    energy.add(*buses.values(), *_parts(system, buses))
    model = solph.Model(energy)
    for policy in system.policies:
        assert isinstance(policy, EmissionLimit)
        solph.constraints.emission_limit(model, limit=policy.cap)
    return model


def _parts(system: System, buses: dict[str, Any]) -> Iterator[Any]:
    """Yield a component of oemof-solph, or two, for each of the system."""
    from oemof import solph

    market = {c.name: c for c in system.carriers if c.market}
    flow, parts = solph.flows.Flow, solph.components
    for c in system.components:
        match c:
            case Source():
                most = system.profiles[str(c.availability)]
                given = flow(nominal_capacity=capacity(c, system), maximum=most, variable_costs=c.variable_om)
                yield parts.Source(label=c.name, outputs={buses[c.node]: given})
            case Converter():
                ((fuel, used),) = c.inputs.items()
                cost, carbon = (
                    c.variable_om + used * market[fuel].price,
                    {"emission_factor": used * market[fuel].emission_factor},
                )
                given = flow(nominal_capacity=capacity(c, system), variable_costs=cost, custom_properties=carbon)
                yield parts.Source(label=c.name, outputs={buses[c.node]: given})
            case Store():
                yield _store(c, system, buses[c.node])
            case Reservoir():
                yield from _reservoir(c, system, buses[c.node])
            case Line():
                for way, start, end in (("", c.from_node, c.to_node), (".back", c.to_node, c.from_node)):
                    sent = flow(nominal_capacity=c.existing, variable_costs=c.variable_om)
                    yield parts.Converter(
                        label=c.name + way, inputs={buses[start]: sent}, outputs={buses[end]: flow()},
                        conversion_factors={buses[end]: 1 - c.loss},
                    )  # fmt: skip
            case Demand():
                load = c.annual / HOURS_PER_YEAR * system.profiles[str(c.profile)]
                yield parts.Sink(label=c.name, inputs={buses[c.node]: flow(nominal_capacity=1.0, fix=load)})
                yield parts.Source(
                    label=f"{c.name}.shed", outputs={buses[c.node]: flow(variable_costs=c.value_of_lost_load)}
                )
            case _:
                raise TypeError(f"no counterpart of {type(c).__name__}")


def _store(c: Store, system: System, bus: Any) -> Any:
    """Return a store whose energy is tied to its power."""
    from oemof import solph

    assert c.hours is not None
    power = solph.Investment(maximum=c.potential)
    return solph.components.GenericStorage(
        label=c.name,
        inputs={bus: solph.flows.Flow(nominal_capacity=solph.Investment(maximum=c.potential))},
        outputs={bus: solph.flows.Flow(nominal_capacity=power, variable_costs=c.variable_om)},
        nominal_capacity=solph.Investment(ep_costs=_annual(c, system) / c.hours, maximum=c.potential * c.hours),
        invest_relation_input_capacity=1 / c.hours,
        invest_relation_output_capacity=1 / c.hours,
        inflow_conversion_factor=c.charge_efficiency,
        outflow_conversion_factor=c.discharge_efficiency,
        balanced=True,
    )


def _reservoir(c: Reservoir, system: System, bus: Any) -> Iterator[Any]:
    """Yield water, inflow of which some may be left out (spill), and the lake."""
    from oemof import solph

    flow, parts = solph.flows.Flow, solph.components
    water = solph.buses.Bus(label=f"{c.name}.water")
    inflow = c.annual_inflow / HOURS_PER_YEAR * system.profiles[str(c.inflow)]
    peak = inflow.max()
    yield water
    yield parts.Source(label=f"{c.name}.inflow", outputs={water: flow(nominal_capacity=peak, maximum=inflow / peak)})
    yield parts.GenericStorage(
        label=c.name,
        inputs={water: flow()},
        outputs={bus: flow(nominal_capacity=c.existing, variable_costs=c.variable_om)},
        nominal_capacity=c.volume,
        balanced=True,
    )


def _annual(c: Expandable, system: System) -> float:
    return annuity(system.discount_rate, c.lifetime) * float(c.investment)  # type: ignore[arg-type]


def capacity(c: Expandable, system: System) -> Any:
    """Return capacity that stands, or that can be built."""
    from oemof import solph

    if not c.expandable:
        return c.existing
    return solph.Investment(ep_costs=_annual(c, system), maximum=c.potential)


def size(model: Any) -> tuple[int, int]:
    """Return the numbers of columns and rows."""
    return model.nvariables(), model.nconstraints()


def hand_over(model: Any) -> Any:
    """Return HiGHS with the model, by Pyomo's persistent interface, which oemof-solph uses."""
    from pyomo.contrib import appsi

    solver = appsi.solvers.Highs()
    solver.config.load_solution = False
    solver.set_instance(model)
    return solver


def solve(model: Any, solver: str) -> tuple[float, str]:
    """Return the least cost [CNY] and the solver that found it."""
    model.solve(solver="highs", cmdline_options={"threads": 2} | ({"solver": solver} if solver else {}))
    return float(model.solver_results["best_feasible_objective"]), f"HiGHS {solver}".rstrip()
