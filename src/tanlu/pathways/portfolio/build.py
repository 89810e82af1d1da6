"""From the judgements of the technologies to lines that a programme can fund."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from tanlu.pathways.levers import Lever
from tanlu.pathways.portfolio.assumptions import ProgrammeAssumption
from tanlu.pathways.portfolio.lines import Effect, Stage, TechnologyLine
from tanlu.pathways.readiness import MARKET, PASS, chance_of_market, market_year
from tanlu.pathways.technologies import Assessment, Assessments

DEMONSTRATION: Final = 7
"""Readiness from which a line is in demonstration: a pre-commercial demonstration on the scale of the IEA."""


def build_lines(known: Assessments, assumed: Mapping[str, ProgrammeAssumption]) -> tuple[TechnologyLine, ...]:
    """Return one line for every lever and level of readiness below the market.

    A line holds the technologies whose main lever it is. Its costs are those of one technology times their number. The time to the gate and
    to the market follows from the levels between, at the pace of a funded line; the chance from the chances of the levels. The step of a
    lever is shared out over all technologies that act on it, ready ones included, in proportion to their sizes: an assumption of grade D.

    Parameters
    ----------
    known : Assessments
    assumed : mapping
        See `tanlu.pathways.portfolio.assumptions`.
    """
    groups: dict[tuple[str, int], list[Assessment]] = defaultdict(list)
    whole: dict[str, float] = defaultdict(float)
    for one in known.by_id.values():
        if one.trl is not None and one.trl < MARKET and one.links:
            groups[one.links[0].lever, int(one.trl)].append(one)
        for link in one.links:
            whole[link.lever] += link.size
    return tuple(
        _line(known.levers[lever], level, members, whole, assumed) for (lever, level), members in sorted(groups.items())
    )


def _line(
    lever: Lever,
    level: int,
    members: Sequence[Assessment],
    whole: Mapping[str, float],
    assumed: Mapping[str, ProgrammeAssumption],
) -> TechnologyLine:
    pace, count = assumed["years.level"].value, len(members)
    gate = max(level, DEMONSTRATION)
    shares: dict[str, float] = defaultdict(float)
    for one in members:
        for link in one.links:
            shares[link.lever] += link.size / whole[link.lever] if whole[link.lever] > 0 else 0.0
    return TechnologyLine(
        id=f"{lever.id}:{level}",
        zh=lever.name_zh,
        en=lever.name_en,
        technologies=tuple(one.id for one in members),
        effects=tuple(Effect(name, share) for name, share in shares.items()),
        research=Stage(round((gate - level) * pace), count * assumed["research.cost"].value, _chance(level, gate)),
        demonstration=Stage(
            round((MARKET - gate) * pace), count * assumed["demonstration.cost"].value, _chance(gate, MARKET)
        ),
        world_year=max(market_year(one.trl) for one in members if one.trl is not None),
        world_chance=assumed["elsewhere"].value * chance_of_market(level),
    )


def _chance(first: int, last: int) -> float:
    """Return the chance to pass all levels from one to another."""
    out = 1.0
    for level in range(first, last):
        out *= PASS[level - 1]
    return out
