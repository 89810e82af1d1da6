"""Research portfolio: plans against full enumeration, hand-calculated gates and risks, and the engine behind them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from typer.testing import CliRunner

from tanlu.cli import app
from tanlu.core.errors import DataError
from tanlu.pathways import Baseline, Parameters, PathwayData, run
from tanlu.pathways.measures import measure
from tanlu.pathways.parameters import Floats
from tanlu.pathways.portfolio import (
    Chooser,
    Effect,
    Funds,
    Outcomes,
    Plan,
    Stage,
    TechnologyLine,
    Values,
    assumed_shares,
    best_plan,
    draw_outcomes,
    engine_worth,
    exchanged,
    frontier,
    load_assumptions,
    next_money,
    objective,
    price_of_money,
    start_options,
    tail_mean,
)
from tanlu.pathways.portfolio.outcomes import Bools
from tanlu.pathways.tables import Ints
from tanlu.pathways.uncertainty import sample

WEIGHT = np.array([1.0])


def line(name: str, research: Stage, demonstration: Stage, effects: tuple[Effect, ...] = ()) -> TechnologyLine:
    return TechnologyLine(name, name, name, (), effects, research, demonstration, 2050, 0.0)


def some_lines(count: int, seed: int) -> list[TechnologyLine]:
    random = np.random.default_rng(seed)

    def stage() -> Stage:
        return Stage(int(random.integers(1, 3)), float(random.uniform(1, 9)), float(random.uniform(0.4, 1)))

    return [line(str(i), stage(), stage()) for i in range(count)]


def every_plan(outcomes: Outcomes, funds: Funds) -> Iterator[Plan]:
    """Yield all plans that the budget allows."""
    options, lines = funds.options, outcomes.research.shape[1]
    choices = [[None, *np.flatnonzero(options.line == i)] for i in range(lines)]
    for chosen in itertools.product(*choices):
        start = np.zeros(len(options), bool)
        start[[a for a in chosen if a is not None]] = True
        open_options = [np.flatnonzero(start & passed[options.line]) for passed in outcomes.research]
        subsets = [
            [np.array(s, int) for k in range(len(o) + 1) for s in itertools.combinations(o, k)] for o in open_options
        ]
        for taken in itertools.product(*subsets):
            go = np.zeros((len(taken), len(options)), bool)
            for node, which in enumerate(taken):
                go[node, which] = True
            plan = Plan(start, go)
            if (plan.spent(funds) <= funds.budget + 1e-9).all():
                yield plan


@pytest.mark.parametrize(("seed", "aversion"), [(1, 0.0), (2, 0.5), (3, 2.0)])
def test_the_best_plan_is_that_of_full_enumeration(seed: int, aversion: float) -> None:
    lines = some_lines(3, seed)
    outcomes = draw_outcomes(lines, 2, 3, 0.3, 0.5, seed)
    options = start_options(lines, (0, 1), 5)
    funds = Funds(options, np.full(5, 11.0), aversion, 0.7, 0.0)
    worth = np.random.default_rng(seed).uniform(0, 5, len(options)) * outcomes.demonstration[:, :, options.line]
    values = Values(np.random.default_rng(9).uniform(0, 1, (2, 3)), worth)
    found = best_plan(values, outcomes, funds)
    every = [
        objective(values.constant + (worth * p.go[:, None]).sum(axis=2), aversion, 0.7)
        for p in every_plan(outcomes, funds)
    ]
    assert (found.plan.spent(funds) <= funds.budget + 1e-9).all()
    assert found.objective == pytest.approx(max(every), abs=1e-9)
    assert found.bound == pytest.approx(max(every), abs=1e-6)


def test_shares_at_the_gate_bound_the_whole_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """The larger way, shares first and whole lines after, cannot beat the exact one, and its bound lies above it."""
    lines = some_lines(8, 4)
    outcomes, options = draw_outcomes(lines, 4, 4, 0.3, 0.5, 1), start_options(lines, (0,), 5)
    values = Values(np.zeros((4, 4)), np.linspace(1, 3, 8) * outcomes.demonstration)
    for aversion in (0.0, 1.0):
        funds = Funds(options, np.full(5, 18.0), aversion, 0.75, 0.0)
        exact = best_plan(values, outcomes, funds)
        monkeypatch.setattr("tanlu.pathways.portfolio.programme.EXACT", 0)
        fast = best_plan(values, outcomes, funds)
        monkeypatch.undo()
        assert (fast.plan.spent(funds) <= funds.budget + 1e-9).all()
        assert 0.85 * exact.objective <= fast.objective <= exact.objective + 1e-9 <= fast.bound + 1e-6


def test_a_gate_is_worth_what_it_lets_one_choose() -> None:
    """Two lines pass research with 1/2 each; money for one demonstration: 3/4 deliver one; if one starts, 1/2."""
    lines = [line(name, Stage(1, 1.0, 0.5), Stage(1, 10.0, 1.0)) for name in "ab"]
    research = np.array([[False, False], [False, True], [True, False], [True, True]])
    outcomes = Outcomes(research, research[:, None])
    funds = Funds(start_options(lines, (0,), 2), np.array([2.0, 10.0]), 0.0, 0.9)
    found = best_plan(Values(np.zeros((4, 1)), research[:, None].astype(float)), outcomes, funds)
    assert found.objective == pytest.approx(0.75)
    assert found.plan.start.all()
    poorer = replace(funds, budget=np.array([1.0, 10.0]))
    assert best_plan(
        Values(np.zeros((4, 1)), research[:, None].astype(float)), outcomes, poorer
    ).objective == pytest.approx(0.5)


def test_the_tail_is_the_mean_of_the_worst_outcomes() -> None:
    """Of 1 … 10 the worst fifth is 1 and 2; the worst 15 % is 1 and half of 2: (1 + 1)/1.5."""
    values = np.arange(1.0, 11.0)
    assert tail_mean(values, 0.8) == pytest.approx(1.5)
    assert tail_mean(values, 0.85) == pytest.approx(2.0 / 1.5)
    assert objective(values, 2.0, 0.8) == pytest.approx(5.5 + 3.0)


@given(arrays(np.float64, 12, elements=st.floats(-100, 100)), st.floats(0.05, 0.95))
def test_the_tail_is_the_least_of_rockafellar_and_uryasev(values: Floats, tail: float) -> None:
    """Equation 9 of Rockafellar & Uryasev 2000; the least lies at one of the losses."""
    losses = -values
    least = min(eta + np.maximum(losses - eta, 0).mean() / (1 - tail) for eta in losses)
    assert -tail_mean(values, tail) == pytest.approx(least, abs=1e-8)


def overlapping(worths: Floats) -> object:
    """Return a model in which lines take a share of what others leave: worth = 10·(1 − Π(1 − share))."""

    def worth(delivered: Bools, leaf: Ints) -> Floats:
        out: Floats = 10.0 * (1.0 - np.prod(1.0 - delivered * worths, axis=1))
        return out[:, None]

    return worth


def test_with_overlap_the_portfolio_is_that_of_full_enumeration_or_close_to_it() -> None:
    """Pictures are linear and the model is not: in 6 cases the objective is within 3 % of the best plan's, and in most it is that."""
    exact = 0
    for seed in range(6):
        lines = some_lines(5, seed)
        outcomes, options = draw_outcomes(lines, 2, 4, 0.3, 0.5, seed), start_options(lines, (0,), 5)
        funds = Funds(options, np.full(5, 12.0), 0.5, 0.75, 0.0)
        chooser = Chooser(outcomes, funds, overlapping(np.random.default_rng(seed).uniform(0.1, 0.7, 5)), WEIGHT, seed)  # type: ignore[arg-type]
        best = max(chooser.judge(plan).objective for plan in every_plan(outcomes, funds))
        found = chooser.choose()
        assert 0.97 * best <= found.chosen.objective <= best + 1e-9
        assert found.greedy.objective <= found.chosen.objective
        exact += bool(found.chosen.objective > best - 1e-9)
    assert exact >= 4


def test_risk_costs_mean_and_money_never_harms() -> None:
    lines = some_lines(8, 5)
    outcomes, options = draw_outcomes(lines, 4, 8, 0.5, 0.5, 1), start_options(lines, (0,), 5)
    chooser = Chooser(
        outcomes, Funds(options, np.full(5, 15.0), 0.0, 0.9), overlapping(np.linspace(0.1, 0.6, 8)), WEIGHT
    )  # type: ignore[arg-type]
    portfolio = chooser.choose()
    assert (chooser.choose().chosen.components == portfolio.chosen.components).all(), "equal seed, equal result"
    means, tails = zip(*((j.expected, j.tail) for j in frontier(chooser, portfolio, (0.0, 1.0, 4.0))), strict=True)
    assert list(means) == sorted(means, reverse=True) and list(tails) == sorted(tails)
    worth, richer = next_money(chooser, portfolio, 0.3)
    assert (worth >= 0).all() and richer.objective >= portfolio.chosen.objective
    assert (price_of_money(portfolio.picture, outcomes, chooser.funds) >= -1e-9).all()


def test_parts_of_one_order_add_up_to_the_whole() -> None:
    lines = some_lines(6, 1)
    outcomes, options = draw_outcomes(lines, 4, 4, 0.3, 0.5, 1), start_options(lines, (0,), 9)
    worth = overlapping(np.linspace(0.1, 0.6, 6))
    chooser = Chooser(outcomes, Funds(options, np.full(9, 9.0), 0.0, 0.9), worth, WEIGHT)  # type: ignore[arg-type]
    nothing, parts = chooser.shared_out()
    whole = worth(outcomes.demonstration.reshape(16, 6), np.arange(16))  # type: ignore[operator]
    assert nothing == pytest.approx(0.0)
    assert parts.sum(axis=1) == pytest.approx(whole)


def test_successes_have_their_chance_and_go_together() -> None:
    """With a common factor the number of successes varies more than binomially; p stays p."""
    lines = [line(str(i), Stage(1, 1.0, 0.6), Stage(1, 1.0, 0.5)) for i in range(20)]
    alone, together = (draw_outcomes(lines, 256, 4, rho, 0.5, 3) for rho in (0.0, 0.5))
    for outcomes in (alone, together):
        assert outcomes.research.mean() == pytest.approx(0.6, abs=0.02)
        assert outcomes.demonstration.mean() == pytest.approx(0.6 * 0.5, abs=0.1)
        assert not (outcomes.demonstration & ~outcomes.research[:, None]).any()
    assert alone.research.sum(axis=1).var() == pytest.approx(20 * 0.6 * 0.4, rel=0.3)
    assert together.research.sum(axis=1).var() > 4 * alone.research.sum(axis=1).var()
    again = draw_outcomes(lines, 256, 4, 0.5, 0.5, 3)
    assert (again.demonstration == together.demonstration).all()
    with pytest.raises(ValueError, match="correlation"):
        draw_outcomes(lines, 4, 4, 1.0, 0.5, 3)


def test_the_share_of_assumptions_is_that_of_a_sum_by_hand() -> None:
    """Worth s + w with s = 0 or 1 at even chances (an assumption) and w even in 0 to 1 (water): 1/4 over 1/4 + 1/12, three quarters."""
    random = np.random.default_rng(3)
    leaves = 4096
    passed = random.random((1, leaves, 1)) < 0.5
    water = random.random(leaves)
    options = start_options([line("a", Stage(1, 1.0, 1.0), Stage(1, 1.0, 0.5))], [0], 9)

    def worth(delivered: Bools, leaf: Ints) -> Floats:
        out: Floats = (delivered[:, :1] + water[leaf][:, None]) * [1.0, 0.0]
        return out

    outcomes = Outcomes(np.ones((1, 1), bool), passed)
    chooser = Chooser(outcomes, Funds(options, np.full(9, 9.0), 0.0, 0.9), worth, np.ones(2))
    plan = Plan(np.ones(1, bool), np.ones((1, 1), bool))
    shares = assumed_shares(chooser, plan, worth, random.permutation(leaves))
    assert shares == pytest.approx([0.75, 0.0], abs=0.03)


def test_exchanged_draws_keep_what_is_no_assumption(data: PathwayData, baseline: Baseline) -> None:
    draws = sample(data, baseline, 16, 3)
    order = np.roll(np.arange(16), 1)
    quantities = np.arange(draws.quantities.shape[1]) % 2 == 0
    mixed = exchanged(draws, order, quantities, np.ones(draws.delivery.shape[1], bool))
    assert (mixed.quantities[:, ~quantities] == draws.quantities[:, ~quantities]).all()
    assert (mixed.quantities[:, quantities] == draws.quantities[order][:, quantities]).all()
    assert (mixed.delivery == draws.delivery[order]).all() and (mixed.weather == draws.weather).all()


def test_what_is_not_done_in_time_is_no_option() -> None:
    lines = [line("short", Stage(1, 2.0, 1), Stage(1, 5.0, 1)), line("long", Stage(3, 1.0, 1), Stage(2, 1.0, 1))]
    options = start_options(lines, (0, 1), 5)
    assert list(zip(options.line.tolist(), options.start.tolist(), strict=True)) == [(0, 0), (0, 1), (1, 0)]
    assert options.research.tolist() == [[2, 0, 0, 0, 0], [0, 2, 0, 0, 0], [1, 1, 1, 0, 0]]
    assert options.demonstration.tolist() == [[0, 5, 0, 0, 0], [0, 0, 5, 0, 0], [0, 0, 0, 1, 1]]


def test_by_the_engine_a_line_that_holds_a_whole_step_is_the_lever_moved(
    data: PathwayData, baseline: Baseline, parameters: Parameters
) -> None:
    """Delivered before the lever's own start, with every draw of the world the same; undelivered but ripe elsewhere it is the same too."""
    names = ["ccs_power", "freight_hydrogen"]
    lines = [replace(line(n, Stage(0, 1, 1), Stage(1, 1, 1), (Effect(n, 1.0),)), world_year=2020) for n in names]
    draws, options = sample(data, baseline, 16, 1), start_options(lines, (0,), 5)
    base = data.world("current")
    top = data.world("current", {n: data.world("plan")[data.lever_index[n]] for n in names})
    at = measure("net_with_imports:2060", (int(parameters.years[0]), 2060))
    leaf, both, none = np.arange(16), np.ones((16, 2), bool), np.zeros((16, 2), bool)

    def by_levers(values: Floats) -> Floats:
        return at.of(run(parameters, draws.levers(data.levers, values), draws.quantities, draws.weather))

    worth = engine_worth(parameters, data.levers, base, top, lines, options, 2026, draws, none, [at])
    assert worth(both, leaf)[:, 0] == pytest.approx(by_levers(base) - by_levers(top), abs=1e-9)
    assert worth(none, leaf) == pytest.approx(0.0, abs=1e-12)
    ripe = engine_worth(parameters, data.levers, base, top, lines, options, 2026, draws, both, [at])
    assert ripe(both, leaf) == pytest.approx(0.0, abs=1e-12)


def test_a_faulty_table_of_assumptions_tells_every_fault(folder: Path, tmp_path: Path) -> None:
    shipped = (folder / "pathways" / "portfolio.csv").read_text(encoding="utf-8")
    assert load_assumptions(folder)["correlation"].grade.value == "D"
    (tmp_path / "pathways").mkdir()
    broken = shipped.replace("correlation,0.3,1,", "correlation,1.5,1,").replace(
        "budget,200,million CNY/yr", "budget,200,yr"
    )
    (tmp_path / "pathways" / "portfolio.csv").write_text(broken, encoding="utf-8")
    with pytest.raises(DataError) as refused:
        load_assumptions(tmp_path)
    assert {(p.code, p.value) for p in refused.value.problems} == {("portfolio_range", "1.5"), ("wrong_unit", "yr")}
    absent = "\n".join(row for row in shipped.splitlines() if not row.startswith(("memory", "elsewhere")))
    (tmp_path / "pathways" / "portfolio.csv").write_text(absent, encoding="utf-8")
    with pytest.raises(DataError) as refused:
        load_assumptions(tmp_path)
    assert {p.value for p in refused.value.problems} == {"memory", "elsewhere"}


def test_the_command_tells_what_is_funded() -> None:
    arguments = ["pathway", "portfolio", "--scenarios", "32", "--starts", "0", "--budget", "60", "--json"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0
    found = json.loads(done.output)
    funded = [one for one in found["lines"] if one["funded"]]
    assert funded and all(one["start"] == found["first_year"] for one in funded)
    assert max(found["chosen"]["highest_cost_mcny"]) <= 60 + 1e-6
    assert found["greedy"]["objective"] <= found["chosen"]["objective"]
    technologies = [t for one in found["lines"] for t in one["technologies"]]
    assert len(technologies) == len(set(technologies))


def test_the_command_refuses_outcomes_that_do_not_divide() -> None:
    done = CliRunner().invoke(app, ["pathway", "portfolio", "--scenarios", "100"])
    assert done.exit_code == 2
