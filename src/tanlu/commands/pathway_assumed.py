"""How much of a result rests on assumptions of grade D: what the commands of the group ``pathway`` print behind a result."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tanlu.pathways import Baseline, Parameters, PathwayData
    from tanlu.pathways.parameters import Floats
    from tanlu.pathways.sensitivity import Share
    from tanlu.pathways.simulation import Model, Simulation

SIZE = 256
"""Base sample: 1,536 runs, a fifth of a second."""


def shares_of_run(data: PathwayData, baseline: Baseline, parameters: Parameters, levers: Floats) -> list[Share]:
    """Return where the variance of a lever setting comes from."""
    from tanlu.pathways.sensitivity import FanFunction, variance_shares

    return variance_shares(FanFunction(data, baseline, parameters, levers), size=SIZE)


def shares_of_simulation(found: Simulation) -> list[Share]:
    """Return where the variance of a simulation comes from."""
    return shares_of_run(found.model.data, found.model.baseline, found.scenario.parameters, found.scenario.levers)


def shares_of_difference(
    data: PathwayData, baseline: Baseline, one: tuple[Parameters, Floats], other: tuple[Parameters, Floats]
) -> list[Share]:
    """Return where the variance of the difference of two lever settings comes from."""
    from tanlu.pathways.sensitivity import variance_shares
    from tanlu.pathways.uncertain_outputs import DifferenceFunction

    return variance_shares(DifferenceFunction(data, baseline, *one, *other), size=SIZE)


def shares_of_change(model: Model, parameters: Parameters, levers: Floats, first: int, last: int) -> list[Share]:
    """Return where the variance of a change between two years comes from."""
    from tanlu.pathways.sensitivity import variance_shares
    from tanlu.pathways.uncertain_outputs import ChangeFunction

    return variance_shares(ChangeFunction(model.data, model.baseline, parameters, levers, first, last), size=SIZE)


def print_shares(shares: list[Share], language: str, **words: object) -> None:
    """Print a sentence for each output; of those of a fan, for the year of the deadline and for the last.

    ``words`` are fields of the names of outputs, such as the two settings of a difference.
    """
    from tanlu.commands.plain_table import print_wrapped
    from tanlu.core.messages import translate
    from tanlu.pathways.sensitivity import share_text

    for output in dict.fromkeys(s.output for s in shares):
        if not output.startswith("peak_"):
            print_wrapped(share_text(shares, output, language, **words))
    print_wrapped(translate("pathways.sensitivity.together", language))
