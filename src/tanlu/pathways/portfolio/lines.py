"""Technology lines: what a programme can fund, in two stages with a gate between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tanlu.pathways.parameters import Floats
from tanlu.pathways.tables import Ints


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a line.

    Attributes
    ----------
    years : int
        Duration; 0 if the stage is behind.
    cost : float
        Million CNY a year.
    success : float
        Chance to pass, given that the stage before was passed.
    """

    years: int
    cost: float
    success: float


@dataclass(frozen=True, slots=True)
class Effect:
    """The share of a lever's step that depends on a line; over all lines and all that is ready they add up to 1 for each lever."""

    lever: str
    share: float


@dataclass(frozen=True, slots=True)
class TechnologyLine:
    """Technologies that are funded together.

    Attributes
    ----------
    id, zh, en : str
    technologies : tuple of str
        Ids in the plan.
    effects : tuple of Effect
    research, demonstration : Stage
        The gate lies between them.
    world_year : int
        Year in which the line reaches the market without the programme, if it does.
    world_chance : float
        Chance that it ever does.
    """

    id: str
    zh: str
    en: str
    technologies: tuple[str, ...]
    effects: tuple[Effect, ...]
    research: Stage
    demonstration: Stage
    world_year: int
    world_chance: float

    def name(self, language: str) -> str:
        """Return the name in the given language."""
        return self.zh if language == "zh" else self.en

    @property
    def years(self) -> int:
        """Years from the start to the market, when funded."""
        return self.research.years + self.demonstration.years


@dataclass(frozen=True)
class Options:
    """When lines may start: A options of P lines.

    Attributes
    ----------
    line : [A]
        Line of each option.
    start : [A]
        Years after the first year of the programme.
    research, demonstration : [A, years] million CNY
        What each stage costs in each year of the programme.
    """

    line: Ints
    start: Ints
    research: Floats
    demonstration: Floats

    def __len__(self) -> int:
        return len(self.line)


def start_options(lines: Sequence[TechnologyLine], starts: Sequence[int], years: int) -> Options:
    """Return the options of lines to start some years after the first; demonstration follows research at once.

    What would not be done within the years of the programme is no option: nobody would have paid for the rest.

    Parameters
    ----------
    lines : sequence of TechnologyLine
    starts : sequence of int
        Years after the first year.
    years : int
        Years of the programme.
    """
    options = [(i, at) for i, line in enumerate(lines) for at in starts if at + line.years <= years]
    research, demonstration = np.zeros((len(options), years)), np.zeros((len(options), years))
    for a, (i, at) in enumerate(options):
        gate = at + lines[i].research.years
        research[a, at:gate] = lines[i].research.cost
        demonstration[a, gate : gate + lines[i].demonstration.years] = lines[i].demonstration.cost
    return Options(
        np.array([i for i, _ in options], np.int64),
        np.array([at for _, at in options], np.int64),
        research,
        demonstration,
    )
