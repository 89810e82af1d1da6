"""Candidates in many futures: what lever sets lead to in every world, growth case and draw."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tanlu.accounts import Inventory
from tanlu.core.errors import DataError, Problem
from tanlu.pathways.baseline import Baseline
from tanlu.pathways.build import engine_parameters
from tanlu.pathways.costs.discounting import present_value
from tanlu.pathways.data import PathwayData
from tanlu.pathways.effects import EffectsData, effect_tables, effects
from tanlu.pathways.engine import Parameters, run
from tanlu.pathways.measures import emissions_of, measure
from tanlu.pathways.parameters import Floats
from tanlu.pathways.tables import Result
from tanlu.pathways.uncertainty import Draws

COST: Final = "cost"
"""Measure of the present value of all actors' costs, with what is emitted at a value: see `run_futures`."""
PRICED: Final = "net_with_imports"
MILLIONS: Final = 1000.0
Candidates = Mapping[str, Mapping[str, float]]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Futures:
    """Values of measures for C candidates in F futures.

    Attributes
    ----------
    candidates : tuple of str
    futures : tuple of str
        ``world-growth``, with ``#draw`` behind it where draws were made.
    values : mapping
        [C, F] by measure.
    """

    candidates: tuple[str, ...]
    futures: tuple[str, ...]
    values: Mapping[str, Floats]


def candidates_by_action(data: PathwayData) -> dict[str, dict[str, float]]:
    """Return one candidate for each action, its levers as in the plan; before them ``none``, behind them ``all``."""
    plan = {lever.id: lever.worlds["plan"] for lever in data.levers}
    actions = sorted({lever.action for lever in data.levers})
    by_action = {a: {lever.id: plan[lever.id] for lever in data.levers if lever.action == a} for a in actions}
    return {"none": {}, **by_action, "all": plan}


def read_candidates(texts: Iterable[str]) -> dict[str, dict[str, float]]:
    """Return the candidates that texts write as ``name:lever=value,lever=value``.

    Raises
    ------
    DataError
        For every text that is none, and every name that occurs twice.
    """
    out: dict[str, dict[str, float]] = {}
    problems = []
    for text in texts:
        name, colon, rest = text.partition(":")
        pairs = [pair.partition("=") for pair in rest.split(",") if pair]
        try:
            values = {lever.strip(): float(value) for lever, _, value in pairs}
        except ValueError:
            colon = ""
        if not colon or not name.strip() or name.strip() in out:
            problems.append(Problem("choice_candidate", "--candidate", value=text))
        else:
            out[name.strip()] = values
    if problems:
        raise DataError(problems)
    return out


def run_futures(
    data: PathwayData,
    baseline: Baseline,
    candidates: Candidates,
    measures: Sequence[str],
    worlds: Sequence[str],
    growths: Sequence[str],
    draws: Draws | None = None,
    side: tuple[EffectsData, Inventory] | None = None,
    carbon_value: float = 0.0,
    progress: Progress | None = None,
) -> Futures:
    """Return what candidates lead to: the levers that a candidate names stand at its values, all others as the world has them.

    Parameters
    ----------
    data : PathwayData
    baseline : Baseline
    candidates : mapping
        Values by lever, by candidate.
    measures : sequence of str
        See `tanlu.pathways.measures.measure`; and `COST`, in million CNY: the present value of capital, operation and fuel of all actors
        after the base year, plus ``carbon_value`` times the present value of net emissions with imports.
    worlds, growths : sequence of str
    draws : Draws, optional
        The same draws in every world and growth case; the central run if absent.
    side : (EffectsData, Inventory), optional
        What costs are computed from; needed for `COST`.
    carbon_value : float
        CNY a tonne.
    progress : callable, optional
        Called with world and growth pairs done and to do.

    Raises
    ------
    DataError
        If a measure, a lever, a value, a world or a growth case is not sound.
    """
    names: list[str] = []
    parts: dict[str, list[Floats]] = {name: [] for name in measures}
    for g, growth in enumerate(growths):
        parameters = engine_parameters(data, baseline, growth)
        functions = _functions(measures, parameters, side, carbon_value)
        for w, world in enumerate(worlds):
            wanted = np.array([data.world(world, changes) for changes in candidates.values()])
            found, count = _run(data, parameters, wanted, draws, functions)
            for name, values in found.items():
                parts[name].append(values.reshape(len(wanted), count))
            label = f"{world}-{growth}"
            names += [label] if draws is None else [f"{label}#{i + 1}" for i in range(count)]
            if progress:
                progress(g * len(worlds) + w + 1, len(growths) * len(worlds))
    return Futures(tuple(candidates), tuple(names), {name: np.concatenate(p, axis=1) for name, p in parts.items()})


Function = Callable[[Result, Floats], Floats]


def _functions(
    measures: Sequence[str], parameters: Parameters, side: tuple[EffectsData, Inventory] | None, carbon_value: float
) -> dict[str, Function]:
    """Return the function of each measure from runs and their levers."""
    years = (int(parameters.years[0]), int(parameters.years[-1]))
    out: dict[str, Function] = {}
    for name in measures:
        if name == COST and side is not None:
            out[name] = _social_cost(parameters, side, carbon_value)
        else:
            of = measure(name, years).of
            out[name] = lambda result, levers, of=of: of(result)  # type: ignore[misc]
    return out


def _social_cost(parameters: Parameters, side: tuple[EffectsData, Inventory], carbon_value: float) -> Function:
    tables = effect_tables(side[0], parameters, side[1])

    def cost(result: Result, levers: Floats) -> Floats:
        found = effects(result, tables, levers)
        yearly = MILLIONS * found.costs.total + carbon_value * emissions_of(result, PRICED)
        yearly[:, 0] = 0.0
        return present_value(yearly, found.rate)

    return cost


def _run(
    data: PathwayData, parameters: Parameters, wanted: Floats, draws: Draws | None, functions: Mapping[str, Function]
) -> tuple[dict[str, Floats], int]:
    """Return the measures of all candidates, draw by draw, and the number of draws."""
    if draws is None:
        result = run(parameters, wanted)
        return {name: of(result, wanted) for name, of in functions.items()}, 1
    out: dict[str, list[Floats]] = {name: [] for name in functions}
    for values in wanted:
        levers = draws.levers(data.levers, values)
        result = run(parameters, levers, draws.quantities, draws.weather)
        for name, of in functions.items():
            out[name].append(of(result, levers))
    return {name: np.concatenate(parts) for name, parts in out.items()}, len(draws)
