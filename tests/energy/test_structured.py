"""Structured solver: the same optima as HiGHS on random problems of every structure, and factors that solve the Newton equations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from benchmarks.energy_problems import power_system
from scipy import sparse

from tanlu.energy.problem import BORDER, Block, LinearProblem
from tanlu.energy.solvers import check
from tanlu.energy.solvers.answer import Status
from tanlu.energy.solvers.contract import solve
from tanlu.energy.solvers.structured import blocks
from tanlu.energy.solvers.structured import solve as structured
from tanlu.energy.solvers.structured.blas import add_squares, multiply_by_transposed
from tanlu.energy.solvers.structured.crew import Crew
from tanlu.energy.solvers.structured.factor import Factor
from tanlu.energy.solvers.structured.form import Form, make_form
from tanlu.energy.solvers.structured.presolve import reduce

CASES = {
    "one step": {"nodes": 1, "steps": 1},
    "two steps": {"nodes": 2, "steps": 2},
    "a node, a year": {"nodes": 1, "steps": 60},
    "capacities and lines": {"nodes": 4, "steps": 24},
    "given capacities": {"nodes": 4, "steps": 40, "fixed": True},
    "vintages": {"nodes": 2, "steps": 15, "years": (2025, 2030, 2040, 2060)},
}


class Drawn:
    """A feasible and bounded problem drawn at random: rows of every kind at every step, free and fixed columns, skipped steps."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.periods, self.steps = int(self.rng.integers(1, 4)), int(self.rng.integers(1, 7))
        self.period, self.step = self.columns()
        self.rows: list[np.ndarray] = []
        self.row_tags: list[tuple[int, int]] = []

    def columns(self) -> tuple[np.ndarray, np.ndarray]:
        """Draw the tags of the columns; a step in ten has none."""
        each, tags = int(self.rng.integers(1, 6)), [(0, 0)]
        for p in range(self.periods):
            tags += [(p, s) for s in range(self.steps) if self.rng.random() > 0.1 for _ in range(each)]
            tags += [(p, BORDER)] * int(self.rng.integers(0, 4))
        tags += [(BORDER, BORDER)] * int(self.rng.integers(0, 4))
        period, step = np.array(tags).T
        return period, step

    def pick(self, among: np.ndarray, most: int) -> np.ndarray:
        """Draw some of the columns."""
        known = np.flatnonzero(among)
        return self.rng.choice(known, min(most, len(known)), replace=False)

    def add(self, tag: tuple[int, int], *columns: np.ndarray) -> None:
        """Add a row."""
        self.rows.append(np.unique(np.concatenate(columns)))
        self.row_tags.append(tag)

    def draw_rows(self) -> None:
        """Draw balances with couplings to the step before (also around the year), limits, annual rows, links and rows of no structure."""
        rng, p_of, s_of = self.rng, self.period, self.step
        for p in range(self.periods):
            mine = p_of == p
            for s in range(self.steps):
                before = s - 1 if s or rng.random() < 0.7 else self.steps - 1
                for _ in range(int(rng.integers(0, 3))):
                    some = self.pick((s_of == BORDER) & (mine | (p_of == BORDER)), int(rng.integers(0, 2)))
                    self.add((p, s), self.pick(mine & ((s_of == s) | ((s_of == before) & (before >= 0))), 3), some)
                for _ in range(int(rng.integers(0, 4))):
                    self.add(
                        (p, s),
                        self.pick(mine & (s_of == s), 1),
                        self.pick((s_of == BORDER) & mine, int(rng.integers(0, 3))),
                    )
            for _ in range(int(rng.integers(0, 2))):
                self.add((p, BORDER), self.pick(mine, 8))
        for among in (s_of == BORDER, s_of < self.steps):
            for _ in range(int(rng.integers(0, 3))):
                self.add((BORDER, BORDER), self.pick(among, 6))

    def problem(self) -> LinearProblem:
        """Return the problem: sides and bounds around a point, costs from duals of the right signs."""
        self.draw_rows()
        rng, m, n = self.rng, len(self.rows), len(self.period)
        dense = np.zeros((m, n))
        for i, columns in enumerate(self.rows):
            dense[i, columns] = rng.normal(size=len(columns)).round(2)
        point, kind = rng.normal(size=n), rng.integers(0, 4, m)
        near, below, above = rng.random((3, n)) < 0.7
        lower = np.where(below, point - near * rng.exponential(size=n), -np.inf)
        upper = np.where(above & (rng.random(n) < 0.7), point + near * rng.exponential(size=n), np.inf)
        fixed = rng.random(n) < 0.05
        lower[fixed] = upper[fixed] = point[fixed]
        slack = np.where(kind == 0, 0.0, rng.exponential(size=(2, m)) / 2)
        dual = rng.normal(size=m)
        dual = np.where(kind == 1, -np.abs(dual), np.where(kind == 2, np.abs(dual), dual))
        push = rng.exponential(size=(2, n)) * (rng.random((2, n)) < 0.8)
        cost = dense.T @ dual + np.where(np.isfinite(lower), push[0], 0) - np.where(np.isfinite(upper), push[1], 0)
        activity = dense @ point
        tags = np.array(self.row_tags or np.empty((0, 2)), np.int32).reshape(-1, 2)
        return LinearProblem(
            cost, sparse.csc_array(dense), np.where(kind == 1, -np.inf, activity - slack[0]),
            np.where(kind == 2, np.inf, activity + slack[1]),
            lower, upper, (Block("x", 0, (n,), ("i",), "GW"),), (Block("r", 0, (m,), ("i",), "GW"),),
            self.period.astype(np.int32), self.step.astype(np.int32), tags[:, 0], tags[:, 1],
        )  # fmt: skip


def agree(problem: LinearProblem, tolerance: float = 1e-8) -> None:
    """Assert that the solver finds the optimum of HiGHS and duals that prove it."""
    answer = structured.run(problem, tolerance)
    assert answer.status is Status.OPTIMAL, answer.reason
    found = check.residuals(problem, answer.primal, answer.dual)
    assert found.worst <= 1e-7
    expected = solve(problem, "highs-simplex").objective
    assert problem.objective(answer.primal) == pytest.approx(expected, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("case", CASES)
def test_a_power_system_has_the_optimum_of_highs(case: str) -> None:
    agree(power_system(**CASES[case]))  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(60))
def test_a_drawn_problem_has_the_optimum_of_highs(seed: int) -> None:
    agree(Drawn(seed).problem())


def test_without_tags_everything_is_border_and_the_optimum_stays() -> None:
    problem = power_system(nodes=1, steps=8)
    none = [np.full_like(tag, BORDER) for tag in (problem.column_period, problem.row_period)]
    agree(replace(problem, column_period=none[0], column_step=none[0], row_period=none[1], row_step=none[1]))


def test_wrong_tags_cost_time_but_not_the_optimum() -> None:
    problem = power_system(nodes=2, steps=6)
    rng = np.random.default_rng(5)
    agree(
        replace(problem, row_step=rng.permutation(problem.row_step), column_step=rng.permutation(problem.column_step))
    )


def test_rows_that_hold_a_column_at_a_bound_bear_the_price_of_it() -> None:
    """By hand: x + y = 5 at costs 1 and 3; x <= k and k <= 2 make x = 2, y = 3; one more of k saves 2, so that both rows have the dual −2.

    With k = 0 the plant does not exist: x = 0, y = 5, the row that holds it has the dual −2 and its capacity the reduced cost −2.
    """
    for most, cost in ((2.0, 11.0), (0.0, 15.0)):
        matrix = sparse.csc_array([[1.0, 1.0, 0.0], [1.0, 0.0, -1.0], [0.0, 0.0, 1.0]])
        problem = LinearProblem(
            np.array([1.0, 3.0, 0.0]), matrix, np.array([5.0, -np.inf, -np.inf]), np.array([5.0, 0.0, most]),
            np.zeros(3), np.full(3, np.inf), (Block("x", 0, (3,), ("i",), "GW"),), (Block("r", 0, (3,), ("i",), "GW"),),
            np.zeros(3, np.int32), np.array([0, 0, BORDER], np.int32), np.zeros(3, np.int32), np.array([0, 0, BORDER], np.int32),
        )  # fmt: skip
        answer = structured.run(problem, 1e-8)
        assert answer.status is Status.OPTIMAL
        assert problem.objective(answer.primal) == pytest.approx(cost)
        assert answer.dual == pytest.approx([3.0, -2.0, -2.0], abs=1e-6)


def test_what_is_held_at_zero_leaves_neither_columns_nor_rows() -> None:
    """A plant whose capacity is fixed at zero goes with its limits, as does a row that only it enters; a row of one column is its bound."""
    matrix = sparse.csc_array([[1.0, -1.0, 0.0], [0.0, 0.3, 0.0], [0.0, 0.0, 1.0]])
    problem = LinearProblem(
        np.ones(3), matrix, np.array([-np.inf, 0.0, 1.0]), np.array([0.0, 0.0, np.inf]),
        np.zeros(3), np.array([np.inf, 0.0, 4.0]), (Block("x", 0, (3,), ("i",), "GW"),), (Block("r", 0, (3,), ("i",), "GW"),),
        np.zeros(3, np.int32), np.array([0, BORDER, 0], np.int32), np.zeros(3, np.int32), np.zeros(3, np.int32),
    )  # fmt: skip
    left = reduce(problem)
    assert left.columns.tolist() == [2]
    assert left.rows.tolist() == []
    assert left.lower.tolist() == [0.0, 0.0, 1.0]
    assert structured.run(problem).primal == pytest.approx([0.0, 0.0, 1.0], abs=1e-6)


def test_the_answer_does_not_depend_on_the_number_of_threads() -> None:
    problem = power_system(nodes=3, steps=30, years=(2030, 2060))
    one, two, again = (structured.run(problem, threads=t) for t in (1, 2, 2))
    assert np.array_equal(one.primal, two.primal)
    assert np.array_equal(one.dual, two.dual)
    assert np.array_equal(two.primal, again.primal)


def test_the_price_of_demand_is_the_change_of_cost() -> None:
    problem = power_system(nodes=2, steps=10)
    answer = structured.run(problem, 1e-9)
    block = problem.row_blocks["0.balance"]
    row, more = block.start + 7, 1e-4
    sides = [side.copy() for side in (problem.row_lower, problem.row_upper)]
    for side in sides:
        side[row] += more
    after = solve(replace(problem, row_lower=sides[0], row_upper=sides[1]), "highs-simplex").objective
    before = solve(problem, "highs-simplex").objective
    assert (after - before) / more == pytest.approx(answer.dual[row], rel=1e-3)


def test_a_demand_that_cannot_be_met_is_infeasible() -> None:
    problem = power_system(nodes=2, steps=6, fixed=True)
    upper = problem.upper.copy()
    for name in ("0.shed", "0.import"):
        upper[problem.column_blocks[name].index] = 0.0
    higher = problem.row_lower * 3
    infeasible = replace(
        problem, upper=upper, row_lower=higher, row_upper=np.where(np.isinf(higher), problem.row_upper, higher)
    )
    assert structured.run(infeasible).status is not Status.OPTIMAL
    assert solve(infeasible, "structured").status is Status.INFEASIBLE


def test_a_plant_that_is_paid_to_run_and_may_spill_without_end_is_unbounded() -> None:
    problem = power_system(nodes=1, steps=4)
    cost, lower = problem.cost.copy(), problem.lower.copy()
    cost[problem.column_blocks["0.pv.capacity"].index] = -1.0
    upper = problem.upper.copy()
    upper[problem.column_blocks["0.pv.capacity"].index] = np.inf
    unbounded = replace(problem, cost=cost, lower=lower, upper=upper)
    assert structured.run(unbounded).status is not Status.OPTIMAL
    assert solve(unbounded, "structured").status is Status.UNBOUNDED


def test_a_time_limit_stops_the_iteration() -> None:
    assert structured.run(power_system(nodes=2, steps=20), time_limit=0.0).status is Status.LIMIT


def newton(form: Form, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the Newton matrix, dense."""
    matrix = form.matrix.toarray()
    return np.block([[-np.diag(columns), matrix.T], [matrix, np.diag(rows)]])


@pytest.mark.parametrize("seed", range(12))
def test_the_factors_solve_the_newton_equations(seed: int) -> None:
    """Against the dense matrix, with diagonals over ten orders of magnitude."""
    form = make_form(Drawn(seed).problem())
    rng = np.random.default_rng(seed)
    m, n = form.shape
    columns, rows = 10 ** rng.uniform(-5, 5, n), 10 ** rng.uniform(-5, 5, m)
    f, g = rng.normal(size=n), rng.normal(size=m)
    with Crew(2) as crew:
        factor = Factor(form.order, form.matrix, form.rows, crew)
        factor.update(columns, rows)
        found = np.concatenate(factor.solve(f, g))
    expected = np.linalg.solve(newton(form, columns, rows), np.concatenate([f, g]))
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-6 * float(np.abs(expected).max(initial=0.0)))


@pytest.mark.parametrize("case", [{"nodes": 3, "steps": 7}, {"nodes": 5, "steps": 4, "years": (2030, 2045, 2060)}])
def test_light_rows_and_borders_leave_the_newton_equations_as_they_are(case: dict[str, object]) -> None:
    """Against the dense matrix."""
    form = make_form(power_system(**case))  # type: ignore[arg-type]
    rng = np.random.default_rng(3)
    m, n = form.shape
    columns, rows = 10 ** rng.uniform(-3, 3, n), 10 ** rng.uniform(-3, 3, m)
    f, g = rng.normal(size=n), rng.normal(size=m)
    with Crew(2) as crew:
        factor = Factor(form.order, form.matrix, form.rows, crew)
        assert 0 < factor.chains.plan.light.sum() < form.order.chained
        factor.update(columns, rows)
        found = np.concatenate(factor.solve(f, g))
    expected = np.linalg.solve(newton(form, columns, rows), np.concatenate([f, g]))
    assert found == pytest.approx(expected, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("size", [1, 3, 4, 11])
def test_the_inverse_of_a_triangular_matrix_is_that_of_numpy(size: int) -> None:
    upper = np.triu(np.random.default_rng(size).normal(size=(size, size))) + 3 * np.eye(size)
    found = np.full((size, size), np.nan)
    blocks.inverse(upper + np.tril(np.ones((size, size)), -1), found)
    assert found == pytest.approx(np.linalg.inv(upper), abs=1e-14)


def test_squares_of_some_columns_are_added_to_the_upper_triangle() -> None:
    rng = np.random.default_rng(5)
    wide, total = rng.normal(size=(7, 9)), rng.normal(size=(6, 6))
    before = total.copy()
    add_squares(wide, 3, total)
    assert np.triu(total) == pytest.approx(np.triu(before + wide[:, 3:].T @ wide[:, 3:]), abs=1e-13)
    assert (np.tril(total, -1) == np.tril(before, -1)).all()


def test_a_product_with_a_triangle_reads_nothing_below_its_diagonal() -> None:
    rng = np.random.default_rng(6)
    square, beside = rng.normal(size=(5, 5)), rng.normal(size=(5, 8))
    expected = np.triu(square).T @ beside
    multiply_by_transposed(square, beside)
    assert beside == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_crew_returns_results_in_order_and_hands_on_the_error_of_a_thread(threads: int) -> None:
    def reciprocal(number: int) -> float:
        return 1 / number

    with Crew(threads) as crew:
        for _ in range(50):
            assert crew.each(reciprocal, [1, 2, 4, 8, 16]) == [1, 0.5, 0.25, 0.125, 0.0625]
        with pytest.raises(ZeroDivisionError):
            crew.each(reciprocal, [1, 0, 2])
        assert crew.each(reciprocal, [4, 2]) == [0.25, 0.5]  # the crew works on after it
