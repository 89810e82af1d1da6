"""Choice over futures: the criteria against a textbook's table, and their invariants."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from typer.testing import CliRunner

from tanlu.cli import app
from tanlu.core.errors import DataError
from tanlu.pathways import Baseline, Parameters, PathwayData, run
from tanlu.pathways.futures import candidates_by_action, read_candidates, run_futures
from tanlu.pathways.robust import dominated, hurwicz, read_target, regret, robust_choice, satisficing

# Anderson, Sweeney, Williams et al., An Introduction to Management Science, table 13.1: profit of a small, medium and large
# complex with strong and weak demand, million; table 13.4: regrets
PROFIT = np.array([[8.0, 7.0], [14.0, 5.0], [20.0, -9.0]])
REGRET = np.array([[12.0, 0.0], [6.0, 2.0], [0.0, 16.0]])
SIZES, DEMAND = ("small", "medium", "large"), ("strong", "weak")
losses_of = arrays(np.float64, (4, 3), elements=st.floats(-1e6, 1e6))


def test_the_textbook_builds_medium_by_regret_and_small_by_the_worst_case() -> None:
    """Regrets 12, 6, 16 at most; worst profits 7, 5, −9; mean profits 7.5, 9.5, 5.5."""
    choice = robust_choice(SIZES, DEMAND, -PROFIT)
    assert (choice.regrets == REGRET).all()
    assert choice.best("regret") == ("medium",)
    assert choice.best("worst") == ("small",)
    assert choice.best("laplace") == ("medium",)
    assert not choice.dominated.any()


def test_optimism_moves_hurwicz_from_the_worst_to_the_best_case() -> None:
    """At 0.8 the profits count 0.8·8 + 0.2·7 = 7.8, 12.2 and 14.2."""
    assert hurwicz(-PROFIT, 0.8) == pytest.approx([-7.8, -12.2, -14.2])
    assert hurwicz(-PROFIT, 0.0) == pytest.approx((-PROFIT).max(axis=1))
    assert hurwicz(-PROFIT, 1.0) == pytest.approx((-PROFIT).min(axis=1))
    with pytest.raises(ValueError, match="optimism"):
        hurwicz(-PROFIT, 1.1)


def test_satisficing_counts_futures_in_which_every_target_is_met() -> None:
    met = np.array([[[True, True], [True, False], [True, True]], [[False, True], [True, True], [False, False]]])
    assert satisficing(met) == pytest.approx([2 / 3, 1 / 3])
    assert satisficing(met, np.array([1.0, 2.0, 1.0])) == pytest.approx([0.5, 0.5])
    choice = robust_choice(("a", "b"), ("x", "y", "z"), np.zeros((2, 3)), met)
    assert choice.best("satisficing") == ("a",)
    assert choice.best("regret") == ("a", "b")


def test_who_never_wins_and_loses_somewhere_is_dominated() -> None:
    losses = np.array([[1.0, 2.0], [1.0, 3.0], [0.0, 4.0], [1.0, 2.0]])
    assert dominated(losses).tolist() == [False, True, False, False]


@given(losses_of, st.floats(-1e3, 1e3), st.floats(0.1, 10))
def test_regret_is_never_negative_and_knows_no_zero_point(losses: np.ndarray, shift: float, scale: float) -> None:
    assert (regret(losses) >= 0).all() and (regret(losses).min(axis=0) == 0).all()
    assert regret(losses * scale + shift) == pytest.approx(
        regret(losses) * scale, abs=1e-6 * (1 + np.abs(losses).max())
    )


@given(losses_of)
def test_some_candidate_of_least_regret_is_not_dominated(losses: np.ndarray) -> None:
    worst = regret(losses).max(axis=1)
    assert not dominated(losses)[worst == worst.min()].all()


def test_a_target_is_read_or_refused_with_a_mend() -> None:
    target = read_target("net_with_imports:2060 <= 50")
    assert (target.measure, target.comparison, target.limit) == ("net_with_imports:2060", "<=", 50.0)
    assert target.met(np.array([49.0, 51.0])).tolist() == [True, False]
    for text in ("total:2060", "total:2060<=x", "total:2060=5"):
        with pytest.raises(DataError, match="--target"):
            read_target(text)


def test_a_candidate_moves_its_levers_in_every_world(
    data: PathwayData, baseline: Baseline, parameters: Parameters
) -> None:
    """Each cell is the run of the world with the candidate's values; in the plan world the plan changes nothing."""
    every = candidates_by_action(data)
    candidates = {"none": {}, "wind": {"wind_capacity": 40.0}, "all": every["all"]}
    found = run_futures(data, baseline, candidates, ["total:2060"], ("current", "plan"), ("mid",))
    assert found.futures == ("current-mid", "plan-mid")
    values = found.values["total:2060"]
    levers = np.array([data.world("current", {"wind_capacity": 40.0}), data.world("plan")])
    assert values[[1, 2], 0] == pytest.approx(run(parameters, levers).total[:, -1], rel=1e-12)
    assert values[2, 1] == pytest.approx(values[0, 1], rel=1e-12)
    for wrong, name in (({"a": {"wind_capacity": 999.0}}, "total:2060"), (candidates, "total:1999")):
        with pytest.raises(DataError, match="999"):
            run_futures(data, baseline, wrong, [name], ("current",), ("mid",))
    assert set().union(*(set(c) for name, c in every.items() if name not in {"none", "all"})) == set(every["all"])


def test_candidates_are_read_or_refused() -> None:
    assert read_candidates(["a:x=1,y=2.5", "b:z=0"]) == {"a": {"x": 1.0, "y": 2.5}, "b": {"z": 0.0}}
    with pytest.raises(DataError) as refused:
        read_candidates(["a:x=1", "a:x=2", "x=1", "c:x=many"])
    assert [p.value for p in refused.value.problems] == ["a:x=2", "x=1", "c:x=many"]


def test_the_command_tells_scores_and_every_fault() -> None:
    def invoke(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["pathway", "robust", "--lang", "en", *arguments])
        return done.exit_code, done.output

    options = [
        "--draws",
        "0",
        "--measure",
        "net_with_imports:2060",
        "--candidate",
        "none:",
        "--candidate",
        "wind:wind_capacity=30",
    ]
    code, output = invoke(*options, "--target", "total:2030<=1000", "--json")
    found = json.loads(output)
    assert code == 0 and found["futures"] == 9
    assert found["best"]["satisficing"] == ["none", "wind"]
    code, output = invoke("--target", "total:2030", "--target", "x")
    assert code == 2 and output.count("is no target") == 2
