"""The pathway engine behind a portfolio: what emissions are when lines are delivered, in the world of each outcome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from tanlu.pathways.engine import Parameters, run
from tanlu.pathways.levers import Lever
from tanlu.pathways.measures import Measure
from tanlu.pathways.parameters import Floats
from tanlu.pathways.portfolio.choose import Worth
from tanlu.pathways.portfolio.lines import Options, TechnologyLine
from tanlu.pathways.portfolio.outcomes import Bools
from tanlu.pathways.switches import Switch, can_be_switched, with_switches
from tanlu.pathways.tables import Ints
from tanlu.pathways.uncertainty import Draws

CHUNK: Final = 2048
"""Runs at a time."""


def delayed(lever: Lever, market: int, years: Ints) -> Floats:
    """Return the schedule of a lever [T] that begins in a year of market entry instead, if that is later than its own start."""
    late = max(0, market - lever.schedule.start)
    return lever.schedule.values((years - late).tolist())


def engine_worth(
    parameters: Parameters,
    levers: Sequence[Lever],
    base: Floats,
    top: Floats,
    lines: Sequence[TechnologyLine],
    options: Options,
    first_year: int,
    draws: Draws,
    elsewhere: Bools,
    measures: Sequence[Measure],
) -> Worth:
    """Return the function from delivered lines to what they take off the measures, by the engine.

    Parameters
    ----------
    parameters : Parameters
    levers : sequence of Lever
    base, top : [L]
        Lever values without and with every line: a lever moves from one to the other by the shares of the lines that reach the market.
        A line on a lever that is not among `levers`, or has no step, does nothing.
    lines : sequence of TechnologyLine
        P lines.
    options : Options
        A options to start lines.
    first_year : int
        First year of the programme.
    draws : Draws
        The uncertain world of each leaf, S of them: quantities, water, and the share of a lever's step that is delivered.
    elsewhere : [S, P] bool
        Whether the line reaches the market without the programme, in its ``world_year``; it is then there at the earlier of both dates.
    measures : sequence of Measure
        K of them.

    Returns
    -------
    callable
        From [n, A] and leaves [n] to [n, K]: measure without the programme less measure with the options delivered.
    """
    parts = _parts(levers, base, top, lines)
    taken = [(a, p, i, share) for a, p in enumerate(options.line.tolist()) for i, share in parts[p]]
    others = [(p, i, share) for p in range(len(lines)) for i, share in parts[p]]
    world = np.array([line.world_year for line in lines])
    market = first_year + options.start + np.array([lines[p].years for p in options.line])
    step = top - base
    entries = [(i, share, int(market[a])) for a, _, i, share in taken]
    entries += [(i, share, lines[p].world_year) for p, i, share in others]
    switches = [
        Switch(levers[i], step[i] * share * delayed(levers[i], year, parameters.years)) for i, share, year in entries
    ]
    wider = with_switches(parameters, switches)
    option_of, lever_of = (np.array([entry[k] for entry in taken], np.int64) for k in (0, 2))
    other_line, other_lever = (np.array([entry[k] for entry in others], np.int64) for k in (0, 1))
    of_line = options.line[:, None] == np.arange(len(lines))
    delivery = np.minimum(draws.delivery, _room(levers, base, top))
    delivered_base = draws.levers(tuple(levers), base)

    def emissions(delivered: Bools, leaf: Ints) -> Floats:
        out = []
        for i in range(0, len(leaf), CHUNK):
            at, got = leaf[i : i + CHUNK], delivered[i : i + CHUNK]
            got = got & ~(elsewhere[at][:, options.line] & (world[options.line] <= market))
            late = elsewhere[at] & ~(got @ of_line)
            columns = np.concatenate(
                [
                    delivered_base[at],
                    got[:, option_of] * delivery[at][:, lever_of],
                    late[:, other_line] * delivery[at][:, other_lever],
                ],
                axis=1,
            )
            result = run(
                wider, columns, draws.quantities[at], draws.weather[at], detail=False, parts=False, threads=True
            )
            out.append(np.column_stack([m.of(result) for m in measures]))
        return np.concatenate(out)

    leaves = np.arange(len(draws))
    without = emissions(np.zeros((len(draws), len(options)), bool), leaves)

    def worth(delivered: Bools, leaf: Ints) -> Floats:
        return without[leaf] - emissions(delivered, leaf)

    return worth


def _parts(
    levers: Sequence[Lever], base: Floats, top: Floats, lines: Sequence[TechnologyLine]
) -> list[list[tuple[int, float]]]:
    """Return for each line the places of the levers that it moves, and its share of their steps."""
    place = {lever.id: i for i, lever in enumerate(levers) if _moves(levers, base, top, i)}
    return [[(place[e.lever], e.share) for e in line.effects if e.lever in place] for line in lines]


def _moves(levers: Sequence[Lever], base: Floats, top: Floats, place: int) -> bool:
    """Whether a lever has a step whose parts add up."""
    return can_be_switched(levers[place]) and bool(base[place] != top[place])


def _room(levers: Sequence[Lever], base: Floats, top: Floats) -> Floats:
    """Return the largest delivered share of each lever's step that its range allows, [L]."""
    step = top - base
    end = np.array([lever.maximum if rise > 0 else lever.minimum for lever, rise in zip(levers, step, strict=True)])
    with np.errstate(divide="ignore", invalid="ignore"):
        out: Floats = np.where(step == 0, 1.0, (end - base) / step)
    return out
