"""Research portfolio: which technology lines to fund, when, stage by stage, and what the money does to emissions.

In: lines with two stages, a budget by year, outcomes whose successes go together, a model of what delivered lines are worth. Out: the plan
with the highest mean less weighted risk, its bound, the frontier, and what further money would do.
"""

from tanlu.pathways.portfolio.assumed import assumed_shares, exchanged
from tanlu.pathways.portfolio.assumptions import ProgrammeAssumption, load_assumptions
from tanlu.pathways.portfolio.build import build_lines
from tanlu.pathways.portfolio.choose import Chooser, Judged, Portfolio, Worth, frontier, next_money
from tanlu.pathways.portfolio.engine import engine_worth
from tanlu.pathways.portfolio.lines import Effect, Options, Stage, TechnologyLine, start_options
from tanlu.pathways.portfolio.outcomes import Outcomes, draw_outcomes
from tanlu.pathways.portfolio.programme import (
    Funds,
    Plan,
    Solved,
    Values,
    best_plan,
    objective,
    price_of_money,
    tail_mean,
)

__all__ = [
    "Chooser",
    "Effect",
    "Funds",
    "Judged",
    "Options",
    "Outcomes",
    "Plan",
    "Portfolio",
    "ProgrammeAssumption",
    "Solved",
    "Stage",
    "TechnologyLine",
    "Values",
    "Worth",
    "assumed_shares",
    "best_plan",
    "build_lines",
    "draw_outcomes",
    "engine_worth",
    "exchanged",
    "frontier",
    "load_assumptions",
    "next_money",
    "objective",
    "price_of_money",
    "start_options",
    "tail_mean",
]
