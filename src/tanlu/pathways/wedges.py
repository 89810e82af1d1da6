"""Wedges: what each action of the plan contributes to the change between two lever settings, exactly and without a remainder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tanlu.core.errors import DataError, Problem
from tanlu.pathways.analysis.shapley import coalitions, shapley
from tanlu.pathways.engine import Parameters, run
from tanlu.pathways.levers import Lever
from tanlu.pathways.parameters import Floats
from tanlu.pathways.tables import Ints, Result
from tanlu.pathways.tabular import Columns, Tabular, of_records

PARTS: Final = ("scope1", "imports", "sink")
"""CO2 within the province, CO2 of imported power, and uptake of land: always shown apart, so that each can be added or left out."""
MOST_GROUPS: Final = 12
"""4096 runs: more groups take seconds instead of a fraction of one."""


@dataclass(frozen=True)
class Wedges(Tabular):
    """Reductions by group of levers, G groups and T years from the base year; above zero is less CO2.

    Attributes
    ----------
    groups : tuple of str
        Actions, or what the levers were grouped by, in order; those whose levers do not differ have wedges of zero.
    years : [T]
    values : dict of [G, T] Mt CO2
        Shapley values of each of `PARTS`. More uptake of land counts as a reduction.
    start, end : dict of [T] Mt CO2
        CO2 of each part under both settings; the sink is negative. start − end = the sum of the wedges.
    alone, last : [G, T] Mt CO2
        Reduction of scope 1 CO2 when a group acts alone from the start, and when it comes last: how much it depends on the others.
    runs : int
        Runs of the engine.
    """

    groups: tuple[str, ...]
    years: Ints
    values: dict[str, Floats]
    start: dict[str, Floats]
    end: dict[str, Floats]
    alone: Floats
    last: Floats
    runs: int

    def total(self, parts: Sequence[str] = ("scope1",)) -> Floats:
        """Return the wedges of some parts together, [G, T] Mt CO2."""
        out: Floats = np.sum([self.values[part] for part in parts], axis=0)
        return out

    def cumulative(self, parts: Sequence[str] = ("scope1",)) -> Floats:
        """Return the reductions added up over the years after the base year, [G] Mt CO2."""
        out: Floats = self.total(parts)[:, 1:].sum(axis=1)
        return out

    def records(self) -> list[dict[str, Any]]:
        """Return one record a group, part and year, as for a table."""
        return [
            {"group": group, "part": part, "year": int(year), "value": float(values[g, t]), "unit": "Mt CO2/yr"}
            for part, values in self.values.items()
            for g, group in enumerate(self.groups)
            for t, year in enumerate(self.years)
        ]

    def columns(self) -> Columns:
        """Return group, part, year, value and unit."""
        return of_records(self.records())


def wedges_between(
    parameters: Parameters,
    levers: Sequence[Lever],
    start: Floats,
    end: Floats,
    *,
    groups: Mapping[str, str] | None = None,
    order: Sequence[str] | None = None,
    draw: Floats | None = None,
    threads: bool = False,
) -> Wedges:
    """Divide the change of CO2 from one lever setting to another among the actions.

    Parameters
    ----------
    parameters : Parameters
        Of the engine.
    levers : sequence of Lever
        In the order of the settings.
    start, end : [L]
        Lever values, for example of the worlds ``frozen`` and ``plan``.
    groups : mapping, optional
        Group of each lever id; the action of the plan if absent.
    order : sequence of str, optional
        All groups in the order wanted, also those without levers; the groups of the levers in order of name if absent.
    draw : [U], optional
        Uncertain quantities; their central values if absent.
    threads : bool
        Whether the engine may use all threads.

    Raises
    ------
    DataError
        If a lever has no group, or more than `MOST_GROUPS` groups differ.

    Notes
    -----
    Shapley 1953: every group gets the mean of what it changes over all orders of adoption (`tanlu.pathways.analysis.shapley`), computed
    from one run for each of the 2^k sets of groups that differ. Nothing is scaled to fit; a group may have a wedge below zero, such as
    electric demand that coal power meets.
    """
    of = {lever.id: lever.action for lever in levers} if groups is None else groups
    names = [of.get(lever.id, "") for lever in levers]
    _check(levers, names)
    everyone = tuple(order) if order is not None else tuple(sorted(set(names)))
    moves = np.asarray(start, float) != np.asarray(end, float)
    active = [g for g in everyone if any(m and n == g for m, n in zip(moves, names, strict=True))]
    left_out = sorted({n for m, n in zip(moves, names, strict=True) if m} - set(everyone))
    if left_out or len(active) > MOST_GROUPS:
        details = {"most": MOST_GROUPS, "groups": ", ".join(left_out or active)}
        raise DataError([Problem("wedge_groups", "levers", value=str(len(left_out or active)), details=details)])
    member = np.array([[n == g for n in names] for g in active], bool).reshape(len(active), len(names))
    who = coalitions(len(active)) if active else np.zeros((1, 0), bool)
    chosen = (who.astype(int) @ member.astype(int)).astype(bool)
    result = run(parameters, np.where(chosen, end, start), draw, detail=False, parts=False, threads=threads)
    return _wedges(everyone, active, result, _parts(result))


def _check(levers: Sequence[Lever], names: Sequence[str]) -> None:
    problems = [
        Problem("lever_without_group", lever.file, field=lever.id, value=lever.id)
        for lever, name in zip(levers, names, strict=True)
        if not name
    ]
    if problems:
        raise DataError(problems)


def _parts(result: Result) -> dict[str, Floats]:
    return {"scope1": result.total, "imports": result.indicator("imports_co2"), "sink": -result.indicator("sink")}


def _wedges(everyone: tuple[str, ...], active: list[str], result: Result, parts: dict[str, Floats]) -> Wedges:
    """Return the wedges of all groups from the results of all coalitions of the active ones."""
    places = [everyone.index(g) for g in active]
    shape = (len(everyone), len(result.years))
    values, k = {}, len(active)
    for part, v in parts.items():
        values[part] = np.zeros(shape)
        if active:
            # adding zero turns -0.0 into 0.0
            values[part][places] = -shapley(v) + 0.0
    alone, last = np.zeros(shape), np.zeros(shape)
    single = 1 << np.arange(k)
    alone[places] = parts["scope1"][0] - parts["scope1"][single]
    last[places] = parts["scope1"][(1 << k) - 1 - single] - parts["scope1"][-1]
    start, end = ({part: v[i] for part, v in parts.items()} for i in (0, -1))
    return Wedges(everyone, result.years, values, start, end, alone, last, len(parts["scope1"]))
