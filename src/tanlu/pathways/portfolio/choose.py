"""The portfolio: plans of linear pictures, judged by the model itself, and what was to be had without a programme."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from tanlu.pathways.parameters import Floats
from tanlu.pathways.portfolio.outcomes import Bools, Outcomes
from tanlu.pathways.portfolio.programme import Funds, Plan, Values, best_plan, objective, tail_mean
from tanlu.pathways.tables import Ints
from tanlu.pathways.tabular import Columns, Tabular, long_table

Worth = Callable[[Bools, Ints], Floats]
"""From delivered options [n, A] and leaves [n] to what they are worth [n, K], in K components."""
ROUNDS: Final = 5
AGREED: Final = 0.01
"""Share of the objective within which picture and model agree."""
SAMPLED: Final = 16
"""Outcomes from which the loss by a later start is taken."""
EARLY: Final = 0.05
"""Share of its worth that a start must have for other starts to be judged by it."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Judged:
    """A plan as the model sees it.

    Attributes
    ----------
    plan : Plan
    components : [G, M, K]
        What it is worth in each outcome.
    expected, tail : float
        Mean and tail mean of the weighted sum of the components.
    objective : float
        E[v] − λ·CVaR.
    """

    plan: Plan
    components: Floats
    expected: float
    tail: float
    objective: float


@dataclass(frozen=True)
class Portfolio(Tabular):
    """The chosen portfolio and what stands beside it.

    Attributes
    ----------
    chosen : Judged
    greedy : Judged
        Lines by worth per money until the budget is used.
    bound : float
        No plan has a higher objective by the linear pictures: their programme's own bound.
    residual : float
        Objective of the last plan by the pictures less that by the model.
    effect : [A, K]
        Mean worth of each option, over all outcomes, failures included: on top of the others if it is in the last plan, else as it joins
        all lines in random orders.
    cost : [A] million CNY
        Expected cost of each option if it is taken and goes on wherever it can.
    picture : Values
        The last linear picture.
    rounds : int
    """

    chosen: Judged
    greedy: Judged
    bound: float
    residual: float
    effect: Floats
    cost: Floats
    picture: Values
    rounds: int

    def columns(self) -> Columns:
        """Return option and component by their places, and the mean worth of the option."""
        axes = {"option": range(self.effect.shape[0]), "component": range(self.effect.shape[1])}
        return long_table(axes, self.effect)


class Chooser:
    """Values plans by a model and looks for the best one.

    Parameters
    ----------
    outcomes : Outcomes
    funds : Funds
    worth : callable
        See `Worth`.
    weights : [K]
        Weights of the components.
    seed : int
        For the orders in which lines join in the first picture.
    """

    def __init__(self, outcomes: Outcomes, funds: Funds, worth: Worth, weights: Floats, seed: int = 0) -> None:
        self.outcomes, self.funds, self.worth, self.weights = outcomes, funds, worth, weights
        self.seed = seed
        self._leaf = np.arange(outcomes.leaves)
        self._possible = outcomes.demonstration.reshape(outcomes.leaves, -1)
        line = funds.options.line
        self._first = np.searchsorted(line, np.arange(self._possible.shape[1]))
        """First option of each line; a line without options has none, and its outcomes do not matter."""
        self._possible = self._possible & np.isin(np.arange(self._possible.shape[1]), line)
        self._possible &= self._matters()

    def judge(self, plan: Plan) -> Judged:
        """Return what a plan is worth by the model."""
        components = self.worth(self.delivered(plan), self._leaf)
        values = components @ self.weights
        nodes, leaves = self.outcomes.demonstration.shape[:2]
        return Judged(
            plan,
            components.reshape(nodes, leaves, -1),
            float(values.mean()),
            tail_mean(values, self.funds.tail),
            objective(values, self.funds.aversion, self.funds.tail),
        )

    def delivered(self, plan: Plan) -> Bools:
        """Return which options of a plan are delivered in which outcome, [S, A]."""
        passed = self.outcomes.demonstration[:, :, self.funds.options.line]
        out: Bools = (plan.go[:, None] & passed).reshape(self.outcomes.leaves, -1)
        return out

    @cached_property
    def alone(self) -> Floats:
        """What each option is worth alone [A, K]; mean of a few outcomes."""
        count = len(self.funds.options)
        leaf = np.tile(self._leaf[:: max(1, len(self._leaf) // SAMPLED)], count)
        alone = np.repeat(np.eye(count, dtype=bool), len(leaf) // count, axis=0)
        out: Floats = self.worth(alone, leaf).reshape(count, -1, len(self.weights)).mean(axis=1)
        return out

    def _matters(self) -> Bools:
        """Whether a line is worth anything alone, [P]: what moves no emissions need not be tried again and again."""
        some = self.funds.options.line[(self.alone != 0).any(axis=1)]
        return np.isin(np.arange(self._possible.shape[1]), some)

    @cached_property
    def lateness(self) -> Floats:
        """What an option is worth alone over what the first option of its line is worth alone, [A, K], 0 to 1."""
        options, mean = self.funds.options, self.alone
        first = mean[self._first[options.line]]
        with np.errstate(divide="ignore", invalid="ignore"):
            out: Floats = np.clip(np.where(np.abs(first) > 1e-9, mean / first, 1.0), 0.0, 1.0)
        return out

    def shared_out(self) -> tuple[Floats, Floats]:
        """Return the worth of nothing [S, K] and of each option [S, A, K] as its line joins the others, in one random order an outcome.

        The mean over outcomes is an unbiased estimate of the Shapley value (Castro, Gómez & Tejada 2009, Comput. Oper. Res. 36:1726–1730),
        and within each outcome the parts of lines that start at once add up to the whole. Later starts are worth less in the proportion
        that they have alone.
        """
        random = np.random.default_rng(np.random.SeedSequence([self.seed, 12]))
        orders = [random.permutation(np.flatnonzero(possible)) for possible in self._possible]
        lengths = np.array([len(order) for order in orders])
        leaf = np.repeat(self._leaf, lengths + 1)
        joined = np.zeros((len(leaf), len(self.funds.options)), bool)
        row = 0
        for order in orders:
            for k, option in enumerate(self._first[order]):
                joined[row + k + 1 : row + len(order) + 1, option] = True
            row += len(order) + 1
        values = self.worth(joined, leaf)
        first = np.concatenate([[0], np.cumsum(lengths + 1)[:-1]])
        later = np.delete(np.arange(len(leaf)), first)
        parts = np.zeros((*self._possible.shape, values.shape[1]))
        parts[leaf[later], np.concatenate(orders)] = values[later] - values[later - 1]
        return values[first], parts[:, self.funds.options.line] * self.lateness

    def at_margin(self, plan: Plan, outside: Floats) -> tuple[Floats, Floats]:
        """Return the worth of a plan [S, K] and of each option [S, A, K] as the last to join it.

        Each option of the plan is removed in turn; other starts of the same line are worth less in the proportion that they have alone.
        Lines outside the plan keep the worth that they had.

        Parameters
        ----------
        plan : Plan
        outside : [S, A, K]
        """
        options, delivered = self.funds.options, self.delivered(plan)
        taken = self._first.copy()
        taken[options.line[plan.start]] = np.flatnonzero(plan.start)
        inside = np.isin(np.arange(len(taken)), options.line[plan.start])
        leaf, line = np.nonzero(self._possible & inside)
        flipped = delivered[leaf]
        flipped[np.arange(len(leaf)), taken[line]] ^= True
        values = self.worth(np.concatenate([delivered, flipped]), np.concatenate([self._leaf, leaf]))
        now, other = values[: len(delivered)], values[len(delivered) :]
        sign = np.where(delivered[leaf, taken[line]], 1.0, -1.0)[:, None]
        parts = np.zeros((*self._possible.shape, values.shape[1]))
        parts[leaf, line] = sign * (now[leaf] - other)
        against = self.lateness[taken[options.line]]
        told = (np.abs(against) > EARLY) & inside[options.line, None]
        scale = self.lateness / np.where(told, against, 1.0)
        return now, np.where(told, parts[:, options.line] * scale, outside)

    def _picture(self, now: Floats, parts: Floats, delivered: Bools) -> Values:
        """Return the linear picture from values and parts at a set of delivered options."""
        shape = self.outcomes.demonstration.shape[:2]
        worth = parts @ self.weights
        constant = now @ self.weights - (worth * delivered).sum(axis=1)
        return Values(constant.reshape(shape), worth.reshape(*shape, -1))

    def greedy(self, parts: Floats) -> Judged:
        """Return the plan that takes options by worth per expected cost and skips what the budget cannot pay wherever it goes on.

        Parameters
        ----------
        parts : [S, A, K]
        """
        options, mean = self.funds.options, (parts @ self.weights).mean(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            order = np.argsort(-np.where(self.cost > 0, mean / self.cost, np.inf), kind="stable")
        start, left = np.zeros(len(options), bool), self.funds.budget.copy()
        whole, taken = options.research + options.demonstration, set[int]()
        for a in order:
            if mean[a] > 0 and int(options.line[a]) not in taken and (whole[a] <= left + 1e-9).all():
                start[a], left = True, left - whole[a]
                taken.add(int(options.line[a]))
        return self.judge(Plan(start, start[None] & self.outcomes.research[:, options.line]))

    @property
    def cost(self) -> Floats:
        """Expected cost of each option that goes on where it can, [A] million CNY."""
        options, passed = self.funds.options, self.outcomes.research.mean(axis=0)
        out: Floats = options.research.sum(axis=1) + passed[options.line] * options.demonstration.sum(axis=1)
        return out

    def choose(self, progress: Progress | None = None, rounds: int = ROUNDS) -> Portfolio:
        """Return the best plan that a row of pictures leads to.

        The first picture shares the worth of all lines out by random orders, the next ones are taken at the last plan and averaged with
        those before: lines that can stand for each other are then neither dropped nor taken together in turn. Every plan is judged by
        the model, once as it is and once without what harms there; the best one counts, the greedy one included. It ends when picture
        and model agree.

        Parameters
        ----------
        progress : callable, optional
            Called with rounds done and rounds at most.
        rounds : int
            Pictures at most.
        """
        told = progress or (lambda done, total: None)
        nothing, parts = self.shared_out()
        first = parts
        pictures = [self._picture(nothing, first, np.zeros(first.shape[:2], bool))]
        greedy = best = self.greedy(parts)
        for done in range(1, rounds + 1):
            told(done - 1, rounds)
            mean = Values(*(np.mean([getattr(p, k) for p in pictures], axis=0) for k in ("constant", "worth")))
            answer = best_plan(mean, self.outcomes, self.funds)
            judged = self.judge(answer.plan)
            residual = answer.objective - judged.objective
            now, parts = self.at_margin(answer.plan, first)
            pictures.append(self._picture(now, parts, self.delivered(answer.plan)))
            best = max(best, judged, self.judge(_without_harm(answer.plan, pictures[-1])), key=lambda j: j.objective)
            if abs(residual) <= AGREED * abs(judged.objective):
                break
        told(rounds, rounds)
        return Portfolio(best, greedy, answer.bound, residual, parts.mean(axis=0), self.cost, mean, done)

    def again(self, picture: Values, funds: Funds) -> Judged:
        """Return the best plan of a picture with other money or attitude, judged by the model."""
        other = copy(self)
        other.funds = funds
        return other.judge(best_plan(picture, self.outcomes, funds).plan)


def _without_harm(plan: Plan, picture: Values) -> Plan:
    """Return a plan that does not go on with lines that take more than they give, at the margin and by the outcome of research."""
    go = plan.go & (picture.worth.sum(axis=1) >= 0)
    return Plan(plan.start & go.any(axis=0), go)


def frontier(
    chooser: Chooser, portfolio: Portfolio, aversions: Sequence[float], progress: Progress | None = None
) -> list[Judged]:
    """Return the best plans for several weights of risk by the picture of a portfolio, each judged by the model.

    A plan counts for every weight under which it is the best of all, the portfolio itself among them.

    Parameters
    ----------
    chooser : Chooser
    portfolio : Portfolio
    aversions : sequence of float
    progress : callable, optional
        Called with weights done and weights to do.
    """
    found = [portfolio.chosen]
    for k, aversion in enumerate(aversions):
        found.append(chooser.again(portfolio.picture, replace(chooser.funds, aversion=aversion)))
        if progress:
            progress(k + 1, len(aversions))
    out = []
    for aversion in aversions:
        best = max(found, key=lambda one: one.expected + aversion * one.tail)
        out.append(replace(best, objective=best.expected + aversion * best.tail))
    return out


def next_money(chooser: Chooser, portfolio: Portfolio, more: float) -> tuple[Floats, Judged]:
    """Return what more money in every year does: worth of each component per million CNY [K], and the plan it buys.

    Parameters
    ----------
    chooser : Chooser
    portfolio : Portfolio
    more : float
        Share of the budget that is added.

    Notes
    -----
    A difference of two plans with whole lines, so it jumps where a line just fits; `price_of_money` is the smooth counterpart.
    """
    funds = replace(chooser.funds, budget=chooser.funds.budget * (1.0 + more))
    richer = chooser.again(portfolio.picture, funds)
    if richer.objective < portfolio.chosen.objective:
        richer = portfolio.chosen
    gain = (richer.components - portfolio.chosen.components).mean(axis=(0, 1))
    spent = richer.plan.spent(funds).mean(axis=0).sum() - portfolio.chosen.plan.spent(chooser.funds).mean(axis=0).sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        out: Floats = np.where(spent > 1e-9, gain / spent, 0.0)
    return out, richer
