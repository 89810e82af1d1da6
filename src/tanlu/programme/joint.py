"""The joint between programme and pathways: what a project is expected to do to the emissions of 2030 and 2060, and what nobody works on.

A technology of the plan moves a lever of the pathway model. The step of a lever from current policy to the plan is shared out over all
technologies that act on it, in proportion to their sizes, as in the research portfolio. A project that succeeds brings its technologies to
market in the year that follows from their readiness now and the pace of funded work; the engine is run with and without those parts of
the steps. The expected effect weighs that difference with the chance that all levels of readiness ahead are passed. Chances, pace and sizes
are assumptions of grade D, and effects of several projects do not add up exactly, because projects share levers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.pathways.engine import run
from tanlu.pathways.portfolio.engine import delayed
from tanlu.pathways.readiness import HIGHEST, MARKET, TRL_YEAR, chance_of_market, time_to_market
from tanlu.pathways.scenario_files import Setting
from tanlu.pathways.switches import Switch, can_be_switched, with_switches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tanlu.pathways.simulation import Model
    from tanlu.pathways.technologies import Assessment, Assessments

FROM: Final = "current"
TO: Final = "plan"
YEARS: Final = (2030, 2060)


@dataclass(frozen=True, slots=True)
class ProjectWork:
    """What a project works on.

    Parameters
    ----------
    id : str
    technologies : sequence of str
        Ids in the plan.
    readiness : mapping of str to float
        Level now of each technology (IEA scale); that of the assessment where nothing is said.
    since : int
        Year of that readiness.
    """

    id: str
    technologies: tuple[str, ...]
    readiness: Mapping[str, float]
    since: int = TRL_YEAR


@dataclass(frozen=True, slots=True)
class TechnologyEffect:
    """What a technology at a readiness would do if it reaches the market, and how likely that is.

    Parameters
    ----------
    technology : str
    levers : tuple of str
        Empty when it has no abatement term of its own; `reason` then says why.
    readiness : float or None
    chance : float
        Of reaching the market.
    market_year : int or None
    if_successful : mapping of int to float
        Emissions avoided in each year [Mt CO2], imported power counted, as a difference of two runs.
    """

    technology: str
    levers: tuple[str, ...]
    reason: str
    readiness: float | None
    chance: float
    market_year: int | None
    if_successful: Mapping[int, float]

    @property
    def expected(self) -> dict[int, float]:
        """Chance × effect [Mt CO2]."""
        return {year: self.chance * value for year, value in self.if_successful.items()}


@dataclass(frozen=True, slots=True)
class ProjectEffect:
    """Effect of a project: of all its technologies in the market together, and expected."""

    project: str
    technologies: tuple[TechnologyEffect, ...]
    if_successful: Mapping[int, float]
    expected: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A technology that no project works on, and what it is expected to be worth; the best first."""

    effect: TechnologyEffect
    action: str
    actions_money: Decimal
    """What running projects of the same action have been granted [yuan]."""


def technology_effects(
    model: Model, known: Assessments, works: Sequence[ProjectWork], years: Sequence[int] = YEARS, growth: str = "mid"
) -> list[ProjectEffect]:
    """Return the effect of each project on the emissions of some years.

    Parameters
    ----------
    model : Model
    known : Assessments
        Judgement of every technology of the plan.
    works : sequence of ProjectWork
    years : sequence of int
    growth : str
        Growth case.

    Raises
    ------
    KeyError
        If a technology is not one of the plan.
    """
    singles = [_Single(known.of(t), work) for work in works for t in work.technologies]
    table = _avoided(model, known, [*([s] for s in singles), *_groups(singles, works)], years, growth)
    found, at = [], 0
    for number, work in enumerate(works):
        own = singles[at : at + len(work.technologies)]
        effects = tuple(s.effect(dict(zip(years, table[at + i], strict=True))) for i, s in enumerate(own))
        together = dict(zip(years, table[len(singles) + number].tolist(), strict=True))
        expected = {year: sum(e.expected[year] for e in effects) for year in years}
        found.append(ProjectEffect(work.id, effects, together, expected))
        at += len(own)
    return found


def uncovered(
    model: Model,
    known: Assessments,
    covered: Collection[str],
    money: Mapping[str, Decimal],
    year: int = YEARS[-1],
    growth: str = "mid",
) -> list[Uncovered]:
    """Return the technologies not yet in the market that no project works on, by their expected effect in a year, best first.

    Parameters
    ----------
    model : Model
    known : Assessments
    covered : collection of str
        Ids of the technologies of running projects, repetitions of a name included.
    money : mapping of str to Decimal
        What running projects of each action have been granted [yuan].
    year : int
    growth : str
    """
    taken = {known.first[t] for t in covered}
    open_ones = [
        a for a in known.by_id.values() if a.links and a.trl is not None and a.trl < MARKET and a.id not in taken
    ]
    works = [ProjectWork(a.id, (a.id,), {}) for a in open_ones]
    found = [
        Uncovered(e.technologies[0], a.technology.action, money.get(a.technology.action, Decimal(0)))
        for a, e in zip(open_ones, technology_effects(model, known, works, (year,), growth), strict=True)
    ]
    return sorted(found, key=lambda u: (-u.effect.expected[year], u.effect.technology))


class _Single:
    """A technology in the hands of a project: its readiness, chance and market year."""

    def __init__(self, assessment: Assessment, work: ProjectWork) -> None:
        self.assessment = assessment
        self.trl = work.readiness.get(assessment.id, assessment.trl)
        self.chance = 1.0 if self.trl is None else chance_of_market(min(self.trl, HIGHEST))
        self.year = None if self.trl is None else work.since + round(time_to_market(self.trl))

    def effect(self, avoided: Mapping[int, float]) -> TechnologyEffect:
        a = self.assessment
        levers = tuple(link.lever for link in a.links)
        values = {year: float(value) for year, value in avoided.items()}
        return TechnologyEffect(a.id, levers, a.reason, self.trl, self.chance if levers else 0.0, self.year, values)


def _groups(singles: Sequence[_Single], works: Sequence[ProjectWork]) -> list[list[_Single]]:
    """Return the technologies of each project, one that stands twice once."""
    out, at = [], 0
    for work in works:
        own = {s.assessment.id: s for s in singles[at : at + len(work.technologies)]}
        out.append(list(own.values()))
        at += len(work.technologies)
    return out


def _avoided(
    model: Model, known: Assessments, groups: Sequence[Sequence[_Single]], years: Sequence[int], growth: str
) -> NDArray[np.float64]:
    """Return what each group of technologies takes off the emissions of some years, [groups, years] in Mt CO2."""
    levers, base, top = model.data.levers, model.data.world(FROM), model.data.world(TO)
    place = {lever.id: i for i, lever in enumerate(levers) if can_be_switched(lever) and base[i] != top[i]}
    whole: dict[str, float] = defaultdict(float)
    for assessment in known.by_id.values():
        for link in assessment.links:
            whole[link.lever] += link.size
    parameters = model.parameters(Setting(FROM, growth))
    switches: list[Switch] = []
    columns: list[tuple[int, int]] = []
    column_of: dict[tuple[str, int | None], list[int]] = {}
    for row, group in enumerate(groups):
        for single in group:
            key = (single.assessment.id, single.year)
            if key not in column_of:
                column_of[key] = []
                for link in single.assessment.links:
                    if link.lever in place and whole[link.lever] > 0:
                        i = place[link.lever]
                        path = delayed(levers[i], single.year or 0, parameters.years)
                        column_of[key].append(len(switches))
                        switches.append(Switch(levers[i], (top[i] - base[i]) * link.size / whole[link.lever] * path))
            columns += [(row, column) for column in column_of[key]]
    values = np.tile(np.append(base, np.zeros(len(switches))), (len(groups) + 1, 1))
    for row, column in columns:
        values[row, len(base) + column] = 1.0
    result = run(with_switches(parameters, switches), values, detail=False)
    at = [int(year - parameters.years[0]) for year in years]
    emissions = result.with_imports[:, at]
    out: NDArray[np.float64] = emissions[-1] - emissions[:-1]
    return out
