"""Which lines to start and which to go on with at the gate: a two-stage whole-number programme with a value at risk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.pathways.parameters import Floats
from tanlu.pathways.portfolio.lines import Options
from tanlu.pathways.portfolio.outcomes import Bools, Outcomes

if TYPE_CHECKING:
    from tanlu.energy.problem import LinearProblem

GAP: Final = 5e-3
EXACT: Final = 400
"""Decisions at the gate up to which all of them are whole numbers in one programme."""


@dataclass(frozen=True)
class Funds:
    """Money and attitude.

    Attributes
    ----------
    options : Options
    budget : [years] million CNY
    aversion : float
        λ: weight of the risk.
    tail : float
        α: the risk is the mean of the worst 1 − α of the outcomes.
    thrift : float
        What a million CNY that is not spent is worth. As small as it is by default, it only keeps money from what brings nothing.
    """

    options: Options
    budget: Floats
    aversion: float
    tail: float
    thrift: float = 1e-7


@dataclass(frozen=True)
class Values:
    """A linear picture of what options are worth: value = constant + Σ worth over the options that go on.

    Attributes
    ----------
    constant : [G, M]
    worth : [G, M, A]
        Zero where the line does not pass both stages.
    """

    constant: Floats
    worth: Floats


@dataclass(frozen=True)
class Plan:
    """What is funded.

    Attributes
    ----------
    start : [A] bool
        Options that are taken, at most one of a line.
    go : [G, A] bool
        Which of them go on to demonstration, for each outcome of research.
    """

    start: Bools
    go: Bools

    def spent(self, funds: Funds) -> Floats:
        """Return the money of each outcome of research and year [G, years], million CNY."""
        out: Floats = (self.start @ funds.options.research)[None] + self.go @ funds.options.demonstration
        return out


@dataclass(frozen=True)
class Solved:
    """A plan with what the linear picture says of it.

    Attributes
    ----------
    plan : Plan
    objective : float
        E[v] − λ·CVaR by the picture.
    bound : float
        No plan is better by the picture, money not spent included.
    """

    plan: Plan
    objective: float
    bound: float


def tail_mean(values: Floats, tail: float) -> float:
    """Return the mean of the worst 1 − α of equally likely values: the CVaR of the loss −v is its negative.

    Notes
    -----
    Rockafellar & Uryasev 2000, J. Risk 2(3):21–41, equation 9: CVaR = min over η of η + E[max(loss − η, 0)]/(1 − α), reached at the
    α-quantile. A fraction of an outcome at the edge counts with its share.
    """
    ordered = np.sort(np.asarray(values, float).ravel())
    mass = (1.0 - tail) * len(ordered)
    whole = int(np.floor(mass + 1e-9))
    part = max(0.0, mass - whole)
    edge = float(ordered[min(whole, len(ordered) - 1)]) if part > 1e-9 else 0.0
    return (float(ordered[:whole].sum()) + part * edge) / mass


def objective(values: Floats, aversion: float, tail: float) -> float:
    """Return E[v] − λ·CVaR of the loss −v of equally likely values."""
    return float(np.mean(values)) + aversion * tail_mean(values, tail)


def best_plan(values: Values, outcomes: Outcomes, funds: Funds) -> Solved:
    """Return the plan with the highest E[v] − λ·CVaR by a linear picture.

    Start x[a] of option a is decided before anything is known, going on y[g, a] at the gate, when the outcome g of research is known and
    that of demonstration is not:

    - maximise E[v] − λ(η + Σ u[s]/((1 − α)S)), with u[s] ≥ −v[s] − η, u ≥ 0 (Rockafellar & Uryasev 2000, equation 17);
    - v[g, m] = constant + Σ worth[g, m, a]·y[g, a];
    - y[g, a] ≤ x[a], and y[g, a] = 0 where research failed; Σ x[a] ≤ 1 over the options of a line;
    - Σ research[a, t]·x[a] + Σ demonstration[a, t]·y[g, a] ≤ budget[t] for every g and t.

    Above `EXACT` decisions at the gate, y may be shares while x is found, which bounds the objective from above; then each gate takes the
    whole lines that are worth most, outcomes weighted by their duals (Lagrange).

    Parameters
    ----------
    values : Values
    outcomes : Outcomes
    funds : Funds
    """
    from tanlu.energy.solvers.contract import solve

    exact = len(outcomes.research) * len(funds.options) <= EXACT
    problem = programme(values, outcomes, funds, whole_gate=exact)
    solution = solve(problem, gap=1e-9 if exact else GAP)
    start = np.rint(problem.values(solution.primal, "start")).astype(bool)
    if exact:
        go = np.rint(problem.values(solution.primal, "go")).astype(bool)
    else:
        weights = np.full(values.constant.shape, 1.0 / values.constant.size)
        if funds.aversion > 0:
            weights = weights + problem.row_values(solution.dual, "loss")
        saved = funds.thrift * funds.options.demonstration.sum(axis=1) / len(outcomes.research)
        go = _gate(start, np.einsum("gm,gmi->gi", weights, values.worth) - saved, outcomes, funds)
        start = start & go.any(axis=0)
    plan = Plan(start, go)
    found = values.constant + (values.worth * go[:, None]).sum(axis=2)
    return Solved(plan, objective(found, funds.aversion, funds.tail), -solution.lower_bound)


def price_of_money(values: Values, outcomes: Outcomes, funds: Funds) -> Floats:
    """Return what one more million CNY in each year [years] adds to the objective, by the programme without whole numbers."""
    from tanlu.energy.solvers.contract import solve

    problem = replace(programme(values, outcomes, funds), integer=None)
    solution = solve(problem, tolerance=1e-4)
    out: Floats = -problem.row_values(solution.dual, "budget").sum(axis=0)
    return out


def _gate(start: Bools, worth: Floats, outcomes: Outcomes, funds: Funds) -> Bools:
    """Return which options go on in each outcome of research [G, A]: the most worth that the rest of the budget pays for.

    Parameters
    ----------
    start : [A] bool
    worth : [G, A]
        Worth of going on, outcomes of demonstration weighted.
    outcomes : Outcomes
    funds : Funds
    """
    from tanlu.energy.builder import ProblemBuilder
    from tanlu.energy.solvers.contract import solve

    left = funds.budget - start @ funds.options.research
    go = np.zeros_like(worth, dtype=bool)
    for node, wanted in enumerate(start & outcomes.research[:, funds.options.line] & (worth > 0)):
        which = np.flatnonzero(wanted)
        costs = funds.options.demonstration[which]
        if (costs.sum(axis=0) <= left + 1e-9).all():
            go[node, which] = True
            continue
        # what is left to decide is small: which of the lines that passed fit into the rest of the money
        builder = ProblemBuilder()
        taken = builder.columns(
            "go", (len(which),), ("line",), unit="1", upper=1.0, integer=True, cost=-worth[node, which]
        )
        budget = builder.rows("budget", (len(left),), ("year",), unit="million CNY", lower=-np.inf, upper=left)
        builder.add(budget[:, None], taken[None], costs.T)
        go[node, which] = np.rint(solve(builder.finish(), gap=GAP).primal).astype(bool)
    return go


def programme(values: Values, outcomes: Outcomes, funds: Funds, *, whole_gate: bool = True) -> LinearProblem:
    """Return the programme of `best_plan`, as a minimisation; on request with shares of lines that go on instead of whole ones."""
    from tanlu.energy.builder import ProblemBuilder

    builder, options = ProblemBuilder(), funds.options
    nodes, leaves, count = *values.worth.shape[:2], values.constant.size
    thrift = funds.thrift * options.research.sum(axis=1)
    start = builder.columns("start", (len(options),), ("option",), unit="1", upper=1.0, integer=True, cost=thrift)
    go = builder.columns(
        "go", (nodes, len(options)), ("node", "option"), unit="1", integer=whole_gate,
        upper=outcomes.research[:, options.line].astype(float),
        cost=funds.thrift * options.demonstration.sum(axis=1) / nodes - values.worth.sum(axis=1) / count,
    )  # fmt: skip
    builder.offset = -float(values.constant.mean())
    once = builder.rows("once", outcomes.research.shape[1:], ("line",), unit="1", lower=-np.inf, upper=1.0)
    builder.add(once[options.line], start, 1.0)
    followed = builder.rows("followed", go.shape, ("node", "option"), unit="1", lower=-np.inf)
    builder.add(followed, go, 1.0)
    builder.add(followed, start[None], -1.0)
    years = len(funds.budget)
    budget = builder.rows(
        "budget", (nodes, years), ("node", "year"), unit="million CNY", lower=-np.inf, upper=funds.budget
    )
    builder.add(budget[:, :, None], start[None, None], options.research.T[None])
    builder.add(budget[:, :, None], go[:, None], options.demonstration.T[None])
    if funds.aversion > 0:
        edge = builder.columns("edge", (1,), ("whole",), unit="1", lower=-np.inf, cost=funds.aversion)
        share = funds.aversion / ((1.0 - funds.tail) * count)
        beyond = builder.columns("beyond", (nodes, leaves), ("node", "leaf"), unit="1", cost=share)
        loss = builder.rows("loss", (nodes, leaves), ("node", "leaf"), unit="1", lower=-values.constant, upper=np.inf)
        builder.add(loss, beyond, 1.0)
        builder.add(loss, edge[None], 1.0)
        builder.add(loss[:, :, None], go[:, None], values.worth)
    return builder.finish()
