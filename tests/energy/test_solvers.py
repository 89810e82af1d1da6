"""Solvers behind the contract: known optima of textbooks, claims that are checked, and answers that do not count."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from math import inf, isfinite

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import sparse
from tests.energy.linear_problems import (
    BEALE,
    DAKOTA,
    DORIAN,
    POWERCO,
    REDDY_MIKKS,
    TELFA,
    WYNDOR,
    any_problem,
    linear,
)

from tanlu.core.errors import DataError
from tanlu.energy.problem import LinearProblem
from tanlu.energy.solvers import contract
from tanlu.energy.solvers.answer import RawAnswer, Status
from tanlu.energy.solvers.choice import candidates
from tanlu.energy.solvers.contract import solve
from tanlu.energy.solvers.session import Session

LINEAR = ("clarabel", "highs-simplex", "highs-ipm", "piqp", "highs")
TEXTBOOK = {
    "wyndor": (WYNDOR, -36, [2, 6], [0, -1.5, -1]),
    "reddy-mikks": (REDDY_MIKKS, -21, [3, 1.5], [-0.75, -0.5, 0, 0]),
    "dakota": (DAKOTA, -280, [2, 0, 8], [0, -10, -10]),
    "dorian": (DORIAN, 320, [3.6, 1.4], [5, 7.5]),
    "beale": (BEALE, -0.05, [0.04, 0, 1, 0], None),
    "powerco": (POWERCO, 1020, None, None),
}
"""Problem, optimum, plan and duals as printed; None where the book has several or none."""


@pytest.mark.parametrize("solver", LINEAR)
@pytest.mark.parametrize("name", TEXTBOOK)
def test_textbook_problems_have_the_printed_optimum_plan_and_shadow_prices(name: str, solver: str) -> None:
    problem, objective, plan, prices = TEXTBOOK[name]
    found = solve(problem, solver)
    assert (found.status, found.solver, found.replaced) == (Status.OPTIMAL, solver, ())
    near = 2e-6 * max(1, abs(objective))
    assert found.objective == pytest.approx(objective, abs=near)
    assert objective - near <= found.lower_bound <= objective + 1e-9
    assert found.residuals.worst <= 1e-6
    if plan is not None:
        assert found.primal == pytest.approx(plan, abs=1e-4)
    if prices is not None:
        assert found.dual == pytest.approx(prices, abs=1e-4)


def test_a_dual_is_the_change_of_the_objective_with_the_side() -> None:
    more = replace(DORIAN, row_lower=np.array([28.1, 24]))
    change = solve(more, "highs-simplex").objective - solve(DORIAN, "highs-simplex").objective
    assert change == pytest.approx(0.1 * solve(DORIAN, "highs-simplex").dual[0])


def test_whole_numbers_have_the_printed_optimum_and_a_bound() -> None:
    """Winston: 40 with five tables, while the best fractional plan earns 41.25."""
    found = solve(TELFA)
    assert (found.status, found.solver) == (Status.OPTIMAL, "highs")
    assert found.primal == pytest.approx([5, 0]) and found.objective == pytest.approx(-40)
    assert -40 - 1e-4 * 40 <= found.lower_bound <= -40 + 1e-6
    assert solve(replace(TELFA, integer=None)).objective == pytest.approx(-41.25, abs=1e-4)


def test_duals_of_whole_numbers_are_prices_with_the_plants_that_run() -> None:
    """A plant of 100 costs 1 a unit and 30 to start, one of 100 costs 3 a unit: for 120 the first runs full, the price is 3."""
    problem = linear([1, 3, 30], [[1, 1, 0], [1, 0, -100]], [120, -inf], [120, 0], 0, [100, 100, 1], [0, 0, 1])
    found = solve(problem)
    assert found.objective == pytest.approx(100 + 60 + 30) and found.primal == pytest.approx([100, 20, 1])
    assert found.dual[0] == pytest.approx(3)


def test_whole_numbers_that_cannot_be_are_infeasible() -> None:
    found = solve(linear(1, [[2]], 1, 1, 0, 3, [True]))
    assert found.status is Status.INFEASIBLE and found.lower_bound == inf


@given(any_problem())
@settings(max_examples=40, deadline=None)
def test_all_solvers_agree_on_random_problems(problem: LinearProblem) -> None:
    found = {solver: solve(problem, solver) for solver in LINEAR}
    assert len({answer.status for answer in found.values()}) == 1, {k: (v.status, v.replaced) for k, v in found.items()}
    first = found["highs-simplex"]
    assert first.status in {Status.OPTIMAL, Status.INFEASIBLE, Status.UNBOUNDED}
    if first.status is Status.OPTIMAL:
        size = max(abs(first.objective), float(np.abs(problem.cost) @ np.abs(first.primal)), 0.1)
        # rows are kept up to a share of their sides, which moves the objective by as much times the dual
        sides = np.abs([np.nan_to_num(side, posinf=0, neginf=0) for side in (problem.row_lower, problem.row_upper)])
        off = 1e-5 * size + 1e-6 * float(np.abs(first.dual) @ sides.max(axis=0))
        for answer in found.values():
            assert answer.objective == pytest.approx(first.objective, abs=off)
            assert answer.lower_bound <= first.objective + 1e-9 * size


@pytest.mark.parametrize("solver", LINEAR)
def test_infeasible_and_unbounded_problems_are_told_with_a_proof(solver: str) -> None:
    infeasible = solve(linear(1, [[1, 1], [1, 1]], [5, -inf], [inf, 3]), solver)
    assert infeasible.status is Status.INFEASIBLE and infeasible.objective == inf and not infeasible.found
    unbounded = solve(linear(-1, [[1, -1]], -inf, 1), solver)
    assert unbounded.status is Status.UNBOUNDED and unbounded.objective == -inf


def test_a_falling_direction_without_a_feasible_point_is_infeasible_not_unbounded() -> None:
    problem = linear([-1, 0, 0], [[0, 1, 1], [0, 1, 1]], [5, -inf], [inf, 3])
    assert {solve(problem, solver).status for solver in LINEAR} == {Status.INFEASIBLE}


@pytest.mark.parametrize("solver", ("auto", *LINEAR))
def test_edges_of_size_are_solved(solver: str) -> None:
    fixed = linear([2, 3], [[1, 1]], 3, 5, [1, 3], [1, 3])
    assert solve(fixed, solver).objective == pytest.approx(11)
    assert solve(replace(fixed, row_upper=np.array([3.5])), solver).status is Status.INFEASIBLE
    free = linear(0, [[0, 0]], -inf, inf, -inf, inf)
    assert solve(free, solver).objective == 0
    crossed = linear(1, [[1, 1]], -inf, inf, [2, 0], [1, 1])
    assert solve(crossed, solver).status is Status.INFEASIBLE


@contextmanager
def fake(monkeypatch: pytest.MonkeyPatch, answer: RawAnswer) -> Iterator[str]:
    """Register a solver that always gives the same answer, in place of one that fails or lies."""
    with monkeypatch.context() as patch:
        patch.setattr(contract, "_REGISTERED", registered := dict(contract.SOLVERS))
        patch.setattr(contract, "SOLVERS", registered)
        contract.register("fake", lambda problem, tolerance, **_: answer)
        yield "fake"


TRUE = {"primal": np.array([2.0, 6.0]), "dual": np.array([0.0, -1.5, -1.0])}
LIES = {
    "a row is broken": (RawAnswer(Status.OPTIMAL, np.array([3.0, 6.0]), TRUE["dual"]), "row"),
    "a bound is broken": (RawAnswer(Status.OPTIMAL, np.array([-1e-3, 6.0]), TRUE["dual"]), "bound"),
    "not the optimum": (RawAnswer(Status.OPTIMAL, np.array([2.0, 5.0]), TRUE["dual"]), "gap"),
    "wrong duals": (RawAnswer(Status.OPTIMAL, TRUE["primal"], np.array([0.0, 0.0, 0.0])), "dual"),
    "no duals": (RawAnswer(Status.OPTIMAL, TRUE["primal"]), "dual"),
    "not a number": (RawAnswer(Status.OPTIMAL, np.array([np.nan, 6.0]), TRUE["dual"]), "optimal"),
    "false infeasible": (RawAnswer(Status.INFEASIBLE), "infeasible"),
    "false proof": (RawAnswer(Status.INFEASIBLE, ray=np.array([1.0, -1.0, 1.0])), "infeasible"),
    "false unbounded": (RawAnswer(Status.UNBOUNDED, ray=np.array([1.0, 1.0])), "unbounded"),
    "failure": (RawAnswer(Status.FAILED, reason="lost accuracy"), "lost accuracy"),
}


@pytest.mark.parametrize("lie", LIES)
def test_an_answer_that_does_not_stand_the_check_is_replaced_and_told(
    lie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, reason = LIES[lie]
    with fake(monkeypatch, answer) as name:
        found = solve(WYNDOR, name)
    assert found.status is Status.OPTIMAL and found.objective == pytest.approx(-36, abs=1e-5)
    assert found.solver == "highs-simplex"
    ((replaced, why),) = found.replaced
    assert replaced == "fake" and reason in why


def test_a_solver_that_stops_early_at_the_optimum_has_solved_the_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    with fake(monkeypatch, RawAnswer(Status.LIMIT, **TRUE)) as name:
        found = solve(WYNDOR, name)
    assert (found.status, found.solver) == (Status.OPTIMAL, "fake")


def test_a_last_resort_keeps_the_best_answer_and_says_that_it_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    with fake(monkeypatch, RawAnswer(Status.OPTIMAL, np.array([2.0, 5.0]), TRUE["dual"])):
        for name in ("clarabel", "highs-simplex", "highs-ipm"):
            contract.register(name, lambda problem, tolerance, **_: RawAnswer(Status.FAILED, reason="out of order"))
        found = solve(WYNDOR, "fake")
    assert (found.status, found.solver, found.objective) == (Status.FAILED, "fake", -31)
    assert found.lower_bound == pytest.approx(-36), "its duals were right, and the bound from them holds"
    assert {name for name, _ in found.replaced} == {"clarabel", "highs-simplex", "highs-ipm"}


def test_the_choice_follows_size_and_breadth() -> None:
    def of(columns: int, steps: int) -> LinearProblem:
        """Return a problem of so many columns over so many steps, all of one period."""
        step = np.arange(columns, dtype=np.int32) % steps if steps else np.full(columns, -1, np.int32)
        free = linear(1, np.zeros((1, 1)), 0, 0)
        return replace(
            free,
            cost=np.ones(columns),
            matrix=sparse.csc_array((1, columns)),
            lower=np.zeros(columns),
            upper=np.ones(columns),
            column_step=step,
            column_period=np.zeros(columns, np.int32),
        )

    assert candidates(of(8_000, 100), "auto", contract.SOLVERS)[0] == "highs-simplex"
    assert candidates(of(60_000, 800), "auto", contract.SOLVERS)[0] == "clarabel"
    assert candidates(of(60_000, 144), "auto", contract.SOLVERS)[0] == "structured"
    assert candidates(of(60_000, 0), "auto", contract.SOLVERS)[0] == "clarabel"
    assert candidates(of(60_000, 144), "piqp", contract.SOLVERS)[:2] == ("piqp", "structured")
    assert candidates(TELFA, "auto", contract.SOLVERS) == ("highs",)


def test_without_time_the_answer_says_limit() -> None:
    found = solve(WYNDOR, time_limit=0.0)
    assert found.status is Status.LIMIT and not found.found and found.lower_bound == -inf


def chain(steps: int = 48, *, seed: int = 5) -> LinearProblem:
    """Return a plant, wind and a store over some steps; columns: production, wind, charge, discharge, level of each step."""
    numbers = np.random.default_rng(seed)
    one, zero = np.eye(steps), np.zeros((steps, steps))
    balance = np.hstack([one, one, -one, one, zero])
    level = np.hstack([zero, zero, -0.9 * one, one / 0.9, one - np.roll(one, -1, axis=1).T])
    load, wind = 1 + numbers.random(steps), 2 * numbers.random(steps)
    cost = np.repeat([0.3, 0.01, 1e-4, 1e-4, 0], steps) * np.tile(1 + 0.1 * numbers.random(steps), 5)
    upper = np.concatenate([np.full(steps, 3.0), wind, np.full(steps, 0.5), np.full(steps, 0.5), np.full(steps, inf)])
    return linear(cost, np.vstack([balance, level]), [*load, *np.zeros(steps)], [*load, *np.zeros(steps)], 0, upper)


@pytest.mark.parametrize("solver", LINEAR)
def test_the_same_problem_gives_the_same_digits(solver: str) -> None:
    first, second = solve(chain(), solver), solve(chain(), solver)
    assert first.primal.tobytes() == second.primal.tobytes() and first.dual.tobytes() == second.dual.tobytes()


@pytest.mark.parametrize("solver", LINEAR)
def test_units_do_not_change_the_answer(solver: str) -> None:
    """The same system in kW and CNY instead of GW and million CNY, and rows in units of their own."""
    problem = chain()
    numbers = np.random.default_rng(1)
    rows, columns = 10.0 ** numbers.integers(-3, 4, problem.shape[0]), 10.0 ** numbers.integers(-3, 4, problem.shape[1])
    other = linear(
        problem.cost * columns * 1e6,
        problem.matrix.toarray() * rows[:, None] * columns,
        problem.row_lower * rows,
        problem.row_upper * rows,
        problem.lower / columns,
        problem.upper / columns,
    )
    found, same = solve(problem, solver), solve(other, solver)
    assert same.status is Status.OPTIMAL and same.solver == solver
    assert same.objective / 1e6 == pytest.approx(found.objective, rel=3e-6)
    assert same.lower_bound / 1e6 == pytest.approx(found.objective, rel=1e-4)


def test_a_session_follows_a_slider_as_if_each_place_were_solved_anew() -> None:
    problem = chain()
    session = Session(problem)
    seen = [session.solve().objective]
    index = np.arange(48, 96, dtype=np.int32)
    for share in (0.8, 0.5, 1.3):
        session.set_bounds(index, problem.lower[index], share * problem.upper[index])
        session.set_cost(np.arange(48, dtype=np.int32), problem.cost[:48] * (2 - share))
        session.set_sides(np.arange(48, dtype=np.int32), problem.row_lower[:48] * share, problem.row_upper[:48] * share)
        found = session.solve()
        anew = solve(session.problem, "highs-simplex")
        assert found.status is Status.OPTIMAL and found.replaced == ()
        assert found.objective == pytest.approx(anew.objective, rel=1e-8)
        seen.append(found.objective)
    assert all(abs(a - b) > 1e-3 for a, b in pairwise(seen)), "each place has its own answer"


def test_a_session_leaves_problems_of_another_kind_and_far_costs_to_a_new_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = chain()
    session = Session(problem)
    first = session.solve()
    assert session.follow(replace(problem, matrix=problem.matrix * 2.0)) is None
    dear = replace(problem, cost=problem.cost[::-1].copy())
    monkeypatch.setattr("tanlu.energy.solvers.session.FAR", 0.0)
    monkeypatch.setattr("tanlu.energy.solvers.session.NEAR", 0)
    assert session.follow(dear) is None
    monkeypatch.undo()
    found = session.follow(dear)
    assert found is not None and found.objective == pytest.approx(solve(dear, "highs-simplex").objective, rel=1e-8)
    back = session.follow(problem)
    assert back is not None and back.objective == pytest.approx(first.objective, rel=1e-8)


def test_a_session_tells_a_place_without_a_solution_and_comes_back() -> None:
    session = Session(WYNDOR)
    session.set_sides(np.array([0], np.int32), np.array([5.0]), np.array([inf]))
    session.set_bounds(np.array([0], np.int32), np.array([0.0]), np.array([1.0]))
    assert session.solve().status is Status.INFEASIBLE
    session.set_sides(np.array([0], np.int32), np.array([-inf]), np.array([4.0]))
    session.set_bounds(np.array([0], np.int32), np.array([0.0]), np.array([inf]))
    assert session.solve().objective == pytest.approx(-36)


def test_a_warm_start_needs_fewer_iterations() -> None:
    cold = solve(chain(200), "highs-simplex")
    warm = solve(chain(200), "highs-simplex", warm=cold)
    assert warm.objective == pytest.approx(cold.objective) and warm.iterations < cold.iterations
    assert isfinite(warm.lower_bound)


def test_wrong_requests_are_told() -> None:
    with pytest.raises(DataError, match="there is no solver 'gurobi'"):
        solve(WYNDOR, "gurobi")
    with pytest.raises(DataError, match="cannot hold whole numbers"):
        solve(TELFA, "clarabel")
    broken = replace(WYNDOR, cost=np.array([np.nan, 1.0]), row_upper=np.array([4.0, -inf, 1.0]))
    with pytest.raises(DataError) as raised:
        solve(broken)
    assert {problem.field for problem in raised.value.problems} == {"cost", "row_upper"}


def test_a_solver_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr("tanlu.energy.solvers.choice.find_spec", lambda name: None if name == "piqp" else found(name))
    with pytest.raises(DataError, match=r"pip install 'tanlu\[piqp\]'"):
        solve(WYNDOR, "piqp")


def test_nothing_is_written_to_the_console(capfd: pytest.CaptureFixture[str]) -> None:
    for solver in LINEAR:
        solve(chain(), solver)
    assert capfd.readouterr() == ("", "")
