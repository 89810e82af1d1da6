"""The results whose uncertainty is asked for, as functions of points of the unit cube: of all that a draw draws, or of the levers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Literal

import numpy as np

from tanlu.core.provenance import Grade
from tanlu.pathways.baseline import Baseline
from tanlu.pathways.data import PathwayData
from tanlu.pathways.dimensions import LAST_YEAR
from tanlu.pathways.engine import Parameters, run
from tanlu.pathways.parameters import DRAWS, Floats
from tanlu.pathways.scenarios import NET, PEAK_DEADLINE, TOTAL, all_years, draw_paths
from tanlu.pathways.uncertainty import draws_at

Kind = Literal["quantity", "delivery", "drift", "inventory", "weather", "choice"]
OUTPUTS: Final = ("peak_level", "co2_deadline", "net_last", "peak_year")
"""Highest CO2 of a path, CO2 in `PEAK_DEADLINE`, net CO2 in the last year [Mt CO2/yr], and year of the peak."""
UNITS: Final = ("Mt CO2/yr", "Mt CO2/yr", "Mt CO2/yr", "yr")
INVENTORY_DRAWS: Final = ("draw.error.energy", "draw.error.process")
WALK: Final = "walk"
DRIFT: Final = "drift"
WEATHER: Final = "weather"


@dataclass(frozen=True, slots=True)
class Input:
    """Something that may differ: an uncertain quantity, the delivery of a lever, a series of random numbers, or a lever as a choice."""

    id: str
    kind: Kind
    grade: Grade | None
    """None for the errors of the inventory, which are computed from its data."""

    @property
    def source_class(self) -> str:
        """One of the classes of `tanlu.pathways.sensitivity`."""
        if self.kind in {"inventory", "weather"}:
            return self.kind
        return "grade_d" if self.grade is Grade.D else "other_grades"


@dataclass(frozen=True)
class FanFunction:
    """The outputs of the fan as a function of points of the unit cube, the same that `scenario_runs` draws."""

    names: ClassVar[tuple[str, ...]] = OUTPUTS
    series: ClassVar[int] = 3
    """How many of the last inputs are series of random numbers: the walk to the base year, the drift of the years ahead, the water."""

    data: PathwayData
    baseline: Baseline
    parameters: Parameters
    levers: Floats

    def outputs(self, points: Floats, hydro: Floats, walk: Floats) -> Floats:
        """Return `OUTPUTS` of draws, [n, 4]; points as in `draws_at`."""
        numbers = draws_at(self.data, self.baseline, points, hydro, walk)
        given = numbers.levers(self.data.levers, self.levers)
        drawn = run(
            self.parameters, given, numbers.quantities, numbers.weather, detail=False, parts=False, threads=True
        )
        return self._read(draw_paths(self.baseline, drawn, numbers, sectors=False))

    def _read(self, paths: dict[str, Floats]) -> Floats:
        years, total = all_years(self.baseline, self.parameters.years), paths[TOTAL]
        deadline, last = (int(np.flatnonzero(years == y)[0]) for y in (PEAK_DEADLINE, LAST_YEAR))
        peak = years[total.argmax(axis=1)].astype(float)
        return np.column_stack([total.max(axis=1), total[:, deadline], paths[NET][:, last], peak])

    def inputs(self) -> tuple[Input, ...]:
        """Return all inputs in the order of the points, the series last.

        That the years ahead drift from their drivers like the last year of the inventory is an assumption.
        """
        values = self.data.parameters.values
        found = [
            Input(p.name, "inventory", None)
            if p.name in INVENTORY_DRAWS
            else Input(p.name, "quantity", values[p.name, ""].grade)
            for p in DRAWS
        ]
        found += [Input(f"lever:{lever.id}", "delivery", lever.grade) for lever in self.data.levers]
        grade = values["hours.hydro.variability", ""].grade
        drift = Input(DRIFT, "drift", Grade.D)
        return (*found, Input(WALK, "inventory", None), drift, Input(WEATHER, "weather", grade))

    def active(self) -> list[int]:
        """Return the places of the inputs that can change anything: a lever without a step from the frozen world cannot."""
        steps = [value != lever.worlds["frozen"] for lever, value in zip(self.data.levers, self.levers, strict=True)]
        return [*range(len(DRAWS)), *(len(DRAWS) + i for i, step in enumerate(steps) if step)]


@dataclass(frozen=True)
class DifferenceFunction(FanFunction):
    """What a setting has more or less than another, draw by draw: everything that is unknown is the same for both."""

    names: ClassVar[tuple[str, ...]] = ("difference_co2_deadline", "difference_net_last")

    other_parameters: Parameters
    other_levers: Floats

    def outputs(self, points: Floats, hydro: Floats, walk: Floats) -> Floats:
        """Return the differences of draws in CO2 in `PEAK_DEADLINE` and in net CO2 in the last year [Mt CO2/yr], [n, 2]."""
        places = [OUTPUTS.index(name.removeprefix("difference_")) for name in self.names]
        other = FanFunction(self.data, self.baseline, self.other_parameters, self.other_levers)
        both = [FanFunction.outputs(one, points, hydro, walk)[:, places] for one in (self, other)]
        return both[0] - both[1]


@dataclass(frozen=True)
class ChangeFunction(FanFunction):
    """What a setting changes between two years, of the inventory or of the years ahead."""

    names: ClassVar[tuple[str, ...]] = ("change",)

    first: int
    last: int

    def _read(self, paths: dict[str, Floats]) -> Floats:
        years = all_years(self.baseline, self.parameters.years)
        first, last = (paths[TOTAL][:, int(np.flatnonzero(years == y)[0])] for y in (self.first, self.last))
        return (last - first)[:, None]


@dataclass(frozen=True)
class LeverFunction(FanFunction):
    """The outputs of the central run as a function of lever values, each between the least and the greatest of its worlds.

    It asks what the choice of a policy decides, not what is unknown; nothing else is drawn.
    """

    series: ClassVar[int] = 0

    def outputs(self, points: Floats, hydro: Floats, walk: Floats) -> Floats:
        """Return `OUTPUTS` of lever settings, [n, 4]; points [n, L], the random numbers are not used."""
        low, high = self._ends()
        chosen = run(self.parameters, low + (high - low) * points, detail=False, parts=False, threads=True)
        past = len(self.baseline.years) - 1
        history = np.tile(self.baseline.total[:past], (len(points), 1))
        unknown = np.full((len(points), past), np.nan)
        return self._read({TOTAL: np.hstack([history, chosen.total]), NET: np.hstack([unknown, chosen.net])})

    def inputs(self) -> tuple[Input, ...]:
        """Return the levers."""
        return tuple(Input(f"lever:{lever.id}", "choice", lever.grade) for lever in self.data.levers)

    def active(self) -> list[int]:
        """Return the places of the levers that differ between worlds."""
        low, high = self._ends()
        return np.flatnonzero(low < high).tolist()

    def _ends(self) -> tuple[Floats, Floats]:
        values = np.array([list(lever.worlds.values()) for lever in self.data.levers])
        return values.min(axis=1), values.max(axis=1)
