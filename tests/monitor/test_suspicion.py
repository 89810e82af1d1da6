"""Suspicion: p-values that hold, tests that see what was done, cases at the stated rate, and a desk that forgets nothing."""

from __future__ import annotations

import sqlite3
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from tests.monitor.ledger_fixture import new_ledger
from tests.monitor.stack_fixture import stack_fleet, stack_series, tampered

from tanlu.core.errors import DataError
from tanlu.core.messages import LANGUAGES
from tanlu.monitor.suspicion.cases import WORKFLOW, Suspicions, case_desk, evidence_text, judge, open_cases
from tanlu.monitor.suspicion.collection import Outcome, at_positions
from tanlu.monitor.suspicion.meter_tests import main_meter_tests, turned_back_test
from tanlu.monitor.suspicion.probability import (
    against_peers,
    cauchy_combination,
    day_to_day,
    false_discovery_rate,
    longest_run_p,
    shift_p,
)
from tanlu.monitor.suspicion.stack_tests import Verdicts, all_stack_tests

SEEDS = range(5)
RATE = 0.10


def test_the_example_of_benjamini_and_hochberg() -> None:
    """Their 1995 paper, section 3.3: of fifteen hypotheses on thrombolysis the first four are rejected at 0.05."""
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0,
    ]
    found = false_discovery_rate(np.array(p))
    assert (found <= 0.05).tolist() == [True] * 4 + [False] * 11
    assert found == pytest.approx(stats.false_discovery_control(p))


def test_hypotheses_without_a_p_value_do_not_count() -> None:
    found = false_discovery_rate(np.array([np.nan, 0.01, 0.04, np.nan]))
    assert found[[1, 2]] == pytest.approx([0.02, 0.04]) and np.isnan(found[[0, 3]]).all()


def test_equal_p_values_combine_to_themselves_and_one_strong_sign_survives() -> None:
    """The mean of equal tangents is the tangent; for one tiny p among ten, T ≈ 1/(10 π p), so the result is about 10 p."""
    even = np.ones(10)
    assert cauchy_combination(np.full((1, 10), 0.03), even)[0] == pytest.approx(0.03)
    one = np.array([[1e-9, *[0.5] * 9]])
    assert cauchy_combination(one, even)[0] == pytest.approx(1e-8, rel=1e-3)
    assert cauchy_combination(np.array([[1e-200, *[0.5] * 9]]), even)[0] == pytest.approx(1e-199, rel=1e-3)
    assert np.isnan(cauchy_combination(np.full((1, 10), np.nan), even)[0])


def test_combined_p_values_of_dependent_tests_are_not_too_small() -> None:
    """Twelve normals with correlation 0.6: the combination holds in the tail; above it may be a third too small."""
    rng = np.random.default_rng(2)
    n = 40_000
    z = np.sqrt(0.6) * rng.standard_normal((n, 1)) + np.sqrt(0.4) * rng.standard_normal((n, 12))
    combined = cauchy_combination(2 * stats.norm.sf(np.abs(z)), np.ones(12))
    assert (combined < 0.01).mean() < 0.0133 + 4 * np.sqrt(0.01 / n)
    assert (combined < 1e-4).mean() < 1e-4 + 4 * np.sqrt(1e-4 / n)


def exact_longest_run(trials: int, chance: float, length: int) -> float:
    """P(longest run ≥ length), by the chain of the length of the present run."""
    state = np.zeros(length + 1)
    state[0] = 1.0
    for _ in range(trials):
        moved = np.zeros_like(state)
        moved[0] = (1 - chance) * state[:-1].sum()
        moved[1:] = chance * state[:-1]
        moved[-1] += state[-1]
        state = moved
    return float(state[-1])


@pytest.mark.parametrize(
    ("trials", "chance", "length"), [(100, 0.5, 10), (3000, 0.03, 4), (3000, 0.2, 8), (700, 0.1, 5)]
)
def test_the_longest_run_has_the_probability_of_the_exact_chain(trials: int, chance: float, length: int) -> None:
    found = longest_run_p(np.array([length]), np.array([trials]), np.array([chance]))[0]
    assert found == pytest.approx(exact_longest_run(trials, chance, length), rel=0.02)


@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_shifts_are_not_found_where_there_is_none(rho: float) -> None:
    rng = np.random.default_rng(3)
    x = np.zeros((4000, 31))
    x[:, 0] = rng.standard_normal(4000)
    for day in range(1, 31):
        x[:, day] = rho * x[:, day - 1] + np.sqrt(1 - rho**2) * rng.standard_normal(4000)
    usual = day_to_day(x, np.zeros(4000, dtype=np.int64))
    assert usual[0] == pytest.approx(rho, abs=0.05)
    p = shift_p(x, usual)[0]
    assert (p < 0.01).mean() <= 0.015


def test_a_shift_is_found_on_its_day() -> None:
    rng = np.random.default_rng(5)
    x = 0.01 * rng.standard_normal((3, 31))
    x[1, 15:] -= 0.16
    x[2, 20:] = np.nan
    p, day, size = shift_p(x, np.zeros(3))
    assert p[1] < 1e-10 and day[1] == 15 and size[1] == pytest.approx(-0.16, abs=0.02)
    assert p[0] > 1e-3 and np.isfinite(p[2])


def test_peers_judge_at_the_level_they_promise_and_few_do_not_judge() -> None:
    rng = np.random.default_rng(6)
    values = rng.standard_normal(20_000)
    groups = np.repeat(np.arange(500), 40)
    p, _, low, high = against_peers(values, groups, floor=1e-6)
    assert 0.004 < (p < 0.01).mean() < 0.016
    assert ((values < low) | (values > high)).mean() == pytest.approx((p < 0.01).mean(), abs=1e-3)
    assert np.isnan(against_peers(values[:7], np.zeros(7, dtype=np.int64), floor=0.1)[0]).all()


def test_a_spoilt_minority_does_not_hide_itself() -> None:
    values = np.concatenate([0.03 * np.random.default_rng(7).standard_normal(40), [-0.5] * 8])
    p = against_peers(values, np.zeros(48, dtype=np.int64), floor=0.02)[0]
    assert (p[40:] < 1e-5).all() and (p[:40] > 1e-4).all()


@cache
def trial(seed: int, tampering: float) -> tuple[dict[int, str], dict[int, float], list[Verdicts], np.ndarray]:
    """Kinds by enterprise, false discovery rate by enterprise, verdicts, enterprise of each stack."""
    fleet = stack_fleet(seed, tampering=tampering)
    verdicts = all_stack_tests(stack_series(fleet))
    p = np.stack([v.p for v in verdicts], axis=1)
    weights = np.array([v.weight for v in verdicts])
    owners = fleet.stack_enterprise
    enterprises = np.unique(owners)
    combined = np.array(
        [
            cauchy_combination(p[owners == e].ravel()[None, :], np.tile(weights, int((owners == e).sum())))[0]
            for e in enterprises
        ]
    )
    q = false_discovery_rate(combined)
    return tampered(fleet), dict(zip(enterprises.tolist(), q.tolist(), strict=True)), verdicts, owners


def test_the_false_discovery_rate_is_held_and_most_tampering_is_found() -> None:
    """Mean share of honest enterprises among the cases over seeds, at a rate of 0.10 with 0.05 for five seeds; nine of ten are found."""
    shares, found, done = [], 0, 0
    for seed in SEEDS:
        kinds, q, _, _ = trial(seed, 0.10)
        cases = {e for e, value in q.items() if value <= RATE}
        shares.append(len(cases - kinds.keys()) / max(len(cases), 1))
        found += len(cases & kinds.keys())
        done += len(kinds)
    assert np.mean(shares) <= RATE + 0.05
    assert found >= 0.9 * done


def test_an_honest_fleet_gives_hardly_any_cases() -> None:
    """Of about 95 honest enterprises, not more than one case at a rate of 0.10."""
    cases = 0
    kinds, q, _, _ = trial(20, 0.0)
    assert kinds == {}
    cases += sum(value <= RATE for value in q.values())
    assert cases <= 1


@pytest.mark.parametrize(
    ("kind", "test"),
    [
        ("frozen", "run"),
        ("copied_week", "copy"),
        ("scaled", "fuel_shift"),
        ("flow_scaled", "output_shift"),
        ("capped", "clip"),
        ("typed", "digit"),
        ("diluted", "fuel_level"),
    ],
)
def test_each_way_of_tampering_is_seen_by_the_test_that_is_made_for_it(kind: str, test: str) -> None:
    seen = []
    for seed in SEEDS:
        kinds, _, verdicts, owners = trial(seed, 0.10)
        of_test = next(v for v in verdicts if v.test == test)
        seen += [of_test.p[n] < 0.005 for n, owner in enumerate(owners.tolist()) if kinds.get(owner) == kind]
    # dilution from the first day shows in the level alone, which only peers can judge
    assert len(seen) >= 5 and np.mean(seen) >= (0.5 if kind == "diluted" else 0.7)


def test_single_tests_alarm_rarely_on_honest_stacks() -> None:
    """Not more than 1.5 % of honest stacks below 0.005 in any test: the promise is 0.5 %, 500 stacks leave ±0.5 %."""
    below: dict[str, list[float]] = {}
    for seed in SEEDS:
        kinds, _, verdicts, owners = trial(seed, 0.10)
        honest = np.array([owner not in kinds for owner in owners.tolist()])
        for v in verdicts:
            below.setdefault(v.test, []).append(float((v.p[honest] < 0.005).mean()))
    assert {k: np.mean(v) for k, v in below.items() if np.mean(v) > 0.015} == {}


def test_one_fall_of_a_register_is_no_case_and_six_are() -> None:
    """Poisson with mean 0.01: P(≥ 1) = 0.00995, P(≥ 6) = 0.01⁶/6! = 1.4e-15."""
    lost = np.zeros((3, 30))
    lost[1, 4] = lost[2, 9] = 1.0
    found = turned_back_test(np.array([0, 1, 6]), lost, 30)
    assert found.p == pytest.approx([1.0, 0.00995, 1e-12 / 720], rel=0.01)
    assert found.start.tolist() == [0, 4 * 86_400, 9 * 86_400]


def test_a_main_meter_that_sees_less_than_its_sub_meters() -> None:
    """With a relative error of 0.5 %, 2 % too little is four standard deviations, 2 % more is nothing."""
    subs = np.full((3, 31), 100.0)
    main = np.array([[98.0], [102.0], [100.0]]) * np.ones((1, 31))
    level, _ = main_meter_tests(main, subs, np.full(3, 0.005))
    assert level.p == pytest.approx(stats.norm.cdf(np.log([0.98, 1.02, 1.0]) / 0.005), rel=1e-6)


def test_a_sure_shift_within_the_classes_is_none() -> None:
    """Error 0.5 %: a shift of 0.2 % with hardly any noise stays within 1.3 %, one of 4 % does not."""
    subs = np.full((2, 30), 100.0)
    main = 102.0 + np.random.default_rng(9).normal(0, 0.01, (2, 30))
    main[0, 15:] *= 0.998
    main[1, 15:] *= 0.96
    _, shift = main_meter_tests(main, subs, np.full(2, 0.005))
    assert shift.p[0] == 1.0 and shift.p[1] < 1e-10


def test_meters_that_followed_each_other_at_a_position_are_one() -> None:
    """Position 7 has two meters, one after the other; position 3 one with a gap."""
    nan = np.nan
    amounts = np.array([[1.0, 2.0, nan, nan], [5.0, nan, 5.0, 5.0], [nan, nan, 3.0, 4.0]])
    found = at_positions(amounts, np.array([7, 3, 7]))
    assert np.array_equal(found, [[1, 2, 3, 4], [5, nan, 5, 5]], equal_nan=True)


def small_search(enterprise: int = 3, within: tuple[int, ...] = (3,)) -> Suspicions:
    """One enterprise, one test, one case."""
    n = np.zeros(1, dtype=np.int64)
    drawn = np.linspace(0.9, 1.1, 31)[None, :]
    verdicts = Verdicts(
        "fuel_shift", 2.0, np.array([1e-6]), np.array([-0.15]), np.array([-0.02]), np.array([0.02]),
        n, n + 31 * 86_400, drawn, 86_400,
    )  # fmt: skip
    found = [Outcome(verdicts, np.array([enterprise], dtype=np.int32), [("m1",)])]
    return judge(found, registry(), 19_905, 19_935, 1_719_763_200, RATE, within)


@cache
def registry() -> object:
    from tanlu.monitor.registry import Registry, Unit
    from tanlu.monitor.schema import UnitKind

    return Registry([Unit("plant1", 3, UnitKind.ENTERPRISE, "", "厂", "Plant", "land")], [])


def test_a_case_says_what_does_not_fit_in_both_languages() -> None:
    (case,) = small_search().cases
    assert case.enterprise == "plant1" and case.p == pytest.approx(1e-6, rel=1e-3)
    (evidence,) = case.evidence
    assert "-15.0%" in evidence.text("en") and "2024-07-01" in evidence.text("zh")
    assert len(evidence.excerpt) == 31 and evidence.excerpt_step == 86_400


def test_only_enterprises_of_the_region_become_cases() -> None:
    """What was found of another one served as its peer, and is neither tested nor told."""
    elsewhere = small_search(4)
    assert (elsewhere.tested, elsewhere.cases) == (0, ())


def test_every_test_has_words_in_both_languages() -> None:
    numbers = {"p": 0.1, "value": 1.0, "low": None, "high": 2.0, "start": 0, "end": 3600}
    names = {v.test for v in trial(0, 0.10)[2]} | {"main_level", "main_shift", "turned_back", "electricity_level"}
    assert all(evidence_text({"test": name, **numbers}, language) for name in names for language in LANGUAGES)


def test_cases_are_opened_once_reviewed_closed_with_a_reason_and_reopened(tmp_path: Path) -> None:
    with new_ledger(tmp_path / "ledger") as ledger:
        found = small_search()
        desk = case_desk(ledger.catalog)
        assert desk.items() == []
        (name,) = open_cases(ledger.catalog, found)
        assert open_cases(ledger.catalog, found) == []
        desk.act(name, "take", "Li")
        item = desk.act(name, "close", "Li", reason="instrument", note="probe replaced")
        assert desk.state(item) == "closed" and item.events[-1].note == "probe replaced"
        item = desk.act(name, "reopen", "Wang", note="again in August")
        assert [e.action for e in item.events] == ["take", "close", "reopen"] and desk.state(item) == "open"
        assert item.record["evidence"][0]["test"] == "fuel_shift"


def test_impossible_steps_are_refused_all_at_once_and_leave_no_trace(tmp_path: Path) -> None:
    with new_ledger(tmp_path / "ledger") as ledger:
        desk = case_desk(ledger.catalog)
        (name,) = open_cases(ledger.catalog, small_search())
        with pytest.raises(DataError) as caught:
            desk.act(name, "close", " ", reason="because")
        assert {p.code for p in caught.value.problems} == {"desk_nobody", "desk_reason"}
        with pytest.raises(DataError, match="reopen"):
            desk.act(name, "reopen", "Li")
        with pytest.raises(DataError, match="nothing"):
            desk.act("nothing", "take", "Li")
        assert desk.items(name)[0].events == ()


def test_the_database_itself_refuses_to_forget(tmp_path: Path) -> None:
    with new_ledger(tmp_path / "ledger") as ledger:
        (name,) = open_cases(ledger.catalog, small_search())
        case_desk(ledger.catalog).act(name, "take", "Li")
        for change in ("DELETE FROM desk_events", "UPDATE desk_events SET person = 'x'", "DELETE FROM desk_items"):
            with (
                sqlite3.connect(tmp_path / "ledger" / "catalog.db") as base,
                pytest.raises(sqlite3.IntegrityError, match="append"),
            ):
                base.execute(change)
        assert case_desk(ledger.catalog).items(name)[0].events[0].person == "Li"


def test_every_state_can_be_left() -> None:
    states = {WORKFLOW.first, *WORKFLOW.steps.values()}
    assert all(any(s == state for s, _ in WORKFLOW.steps) for state in states)
