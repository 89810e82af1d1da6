"""An energy system: what it is made of, and the programme that it makes on a grid of periods and steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tanlu.energy.components import Carrier, Component, Node
from tanlu.energy.model import Mode, Model, State
from tanlu.energy.policies import Policy
from tanlu.energy.problem import Floats, LinearProblem
from tanlu.energy.provenance import Provenance
from tanlu.energy.segments import merge_order, of_order
from tanlu.energy.timegrid import HOURS_PER_YEAR, TimeGrid

if TYPE_CHECKING:
    from tanlu.core.errors import Problem
    from tanlu.energy.certificate import EnergyResult


@dataclass(frozen=True, eq=False, repr=False)
class Programme:
    """A system compiled on a grid.

    Parameters
    ----------
    system : System
        What was compiled.
    model : Model
        Flows, capacities and emissions by name, for answers.
    problem : LinearProblem
        The programme.
    """

    system: System
    model: Model
    problem: LinearProblem

    def __repr__(self) -> str:
        (rows, columns), steps = self.problem.shape, f"{self.grid.periods} × {self.grid.steps} steps"
        return f"<Programme of {self.system.name}: {steps}, {columns:,} columns, {rows:,} rows>"

    @property
    def grid(self) -> TimeGrid:
        """Its periods and steps."""
        return self.model.grid


@dataclass(frozen=True, eq=False, repr=False)
class System:
    """An energy system from a building to a province.

    Parameters
    ----------
    name : str
        Its id.
    carriers : sequence of Carrier
        What flows in it.
    nodes : sequence of Node
        Its places.
    components : sequence of Component
        Its parts.
    policies : sequence of Policy
        What is asked of it.
    profiles : mapping of str to (H,) array
        Hourly profiles by name.
    periods : sequence of int
        Years of a pathway.
    discount_rate : float
        Real rate of interest [1/a].
    price_year : int
        Year of the prices of all costs.
    hours : int
        Hours of the profiles [h].
    annual : bool
        Whether these hours stand for a whole year.
    lengths, occurrences : (H,) array or None
        Length [h] of each of the `hours` and how often it occurs in a year, where they are time slices and not hours.
    labels : tuple of str
        Names in Chinese and English.
    technologies : mapping of str to tuple of str
        Names of technologies in Chinese and English.
    provenance : Provenance
        Source, grade and place of every number; empty for a system made in Python.
    """

    name: str
    carriers: Sequence[Carrier]
    nodes: Sequence[Node]
    components: Sequence[Component]
    policies: Sequence[Policy] = ()
    profiles: Mapping[str, Floats] = field(default_factory=dict)
    periods: Sequence[int] = (2030,)
    discount_rate: float = 0.06
    price_year: int = 2023
    hours: int = HOURS_PER_YEAR
    annual: bool = True
    lengths: Floats | None = None
    occurrences: Floats | None = None
    labels: tuple[str, str] = ("", "")
    technologies: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    provenance: Provenance = field(default_factory=Provenance)

    def __repr__(self) -> str:
        counts = f"{len(self.nodes)} nodes, {len(self.components)} components, {len(self.policies)} policies"
        return f"<System {self.name}: {counts}, {self.hours:,} hours, {', '.join(map(str, self.periods))}>"

    @classmethod
    def read(cls, path: Path | str) -> System:
        """Read a folder of a system.

        Raises
        ------
        DataError
            With everything that is wrong in it.
        """
        from tanlu.energy.reading import read_system

        return read_system(Path(path))

    def check(self) -> list[Problem]:
        """Return everything that is wrong with it, with place, hour, value and how to mend it; empty where nothing is."""
        from tanlu.energy.checks import check

        return check(self)

    def aggregate(self) -> System:
        """Return it on one node, as if nothing limited transport within it; see `tanlu.energy.aggregation`."""
        from tanlu.energy.aggregation import aggregate

        return aggregate(self)

    @cached_property
    def _by_name(self) -> dict[str, Component]:
        return {component.name: component for component in self.components}

    def component(self, name: str) -> Component:
        """Return a component by its name.

        Raises
        ------
        KeyError
            When there is none.
        """
        return self._by_name[name]

    def grid(self, periods: Sequence[int] | None = None) -> TimeGrid:
        """Return the hourly grid of some of its periods; all where none are named."""
        years = tuple(self.periods if periods is None else periods)
        grid = TimeGrid.hourly(years, self.hours, discount_rate=self.discount_rate, annual=self.annual)
        return replace(grid, lengths=self.lengths, occurrences=self.occurrences)

    def compile(
        self,
        grid: TimeGrid,
        mode: Mode = Mode.EXACT,
        capacities: Mapping[str, Floats] | None = None,
        states: Mapping[str, State] | None = None,
    ) -> Programme:
        """Return its programme on a grid.

        Parameters
        ----------
        grid : TimeGrid
            Periods and steps.
        mode : Mode
            Exact, relaxed (a lower bound for long steps), with or without commitment.
        capacities : mapping, optional
            Capacities by block [GW], (P,), that are given instead of decided; no cost of capital is then counted.
        states : mapping, optional
            States of components before the first step; the others are cyclic, or as they say themselves.
        """
        model = Model(grid, self.profiles, self.discount_rate, mode, capacities, states or {})
        model.market = {c.name: (c.price, c.emission_factor) for c in self.carriers if c.market}
        model.biogenic = frozenset(c.name for c in self.carriers if c.biogenic)
        for component in self.components:
            component.compile(model)
        self._let_go(model)
        for policy in self.policies:
            if policy.active:
                policy.compile(model, self)
        return Programme(self, model, model.builder.finish())

    def _let_go(self, model: Model) -> None:
        """Let nodes lose what is too much of a carrier where that is allowed."""
        allowed = {carrier.name for carrier in self.carriers if carrier.surplus}
        for node, carrier in list(model.balances):
            if carrier in allowed:
                columns = model.flow(f"{node}.{carrier}", "surplus")
                model.builder.add(model.balance(node, carrier), columns, -1.0)

    def with_changes(self, **changes: object) -> System:
        """Return a copy with other attributes, for example other policies."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def solve(
        self,
        *,
        periods: Sequence[int] | None = None,
        segments: int | None = 400,
        solver: str = "auto",
        tolerance: float = 1e-6,
        certify: bool = True,
    ) -> EnergyResult:
        """Find what to build and how it runs, with a certificate of how far from the optimum that can be.

        Parameters
        ----------
        periods : sequence of int, optional
            Periods to compute; all of the system where not given.
        segments : int or None
            Chronological segments a year; None for every hour.
        solver : str
            Name of a solver, or ``auto``.
        tolerance : float
            Relative gap and feasibility of the solver.
        certify : bool
            Whether the capacities found are dispatched over every hour, which gives the upper bound.

        Raises
        ------
        NoPlanError
            When no plan meets all demands and policies, or none was found.
        """
        from tanlu.energy.certificate import solve

        return solve(self, self.grid(periods), segments, solver=solver, tolerance=tolerance, certify=certify)

    def segments(self, number: int) -> NDArray[np.int64]:
        """Return the first hours of so many chronological segments that follow its profiles.

        Every profile counts by its deviation from its mean, in the units that profiles have: shares of capacity, or load and inflow over
        their mean.
        """
        return of_order(self.merge_order, number)

    @cached_property
    def merge_order(self) -> NDArray[np.int64]:
        """In which order its hours are gathered into segments, (H,): see `tanlu.energy.segments.merge_order`."""
        used = [np.asarray(profile, float) for profile in self.profiles.values()]
        return merge_order(np.array(used) if used else np.ones((1, self.hours)))
