"""Monte Carlo against analytic distributions, Approach 1, and itself."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.accounts.hand_made import Source, make, product_method
from tests.accounts.rulebook import FACTORS, calculated, library, row

from tanlu.accounts.rulebook.method import activity, factor
from tanlu.accounts.rulebook.result import Block
from tanlu.accounts.uncertainty.cause_draws import Draws, distribution, physical_bounds
from tanlu.accounts.uncertainty.monte_carlo import monte_carlo
from tanlu.accounts.uncertainty.propagation import approach_1
from tanlu.core.inventory import Z95

SEED = 20


def lognormal_sigma(*widths: float) -> float:
    """σ of the logarithm of a product of lognormal numbers with these half-widths [%]."""
    return math.sqrt(sum(math.log1p((w / 100 / Z95) ** 2) for w in widths))


def test_a_product_of_lognormals_is_the_analytic_lognormal() -> None:
    """100 · 2 with ±60 % and ±80 %: mean 200, quantiles 200·exp(±1.96σ − σ²/2)."""
    found = monte_carlo(make([Source("4.A", 100.0, 2.0, "a", "factor:f", 60, 80)]), draws=200_000, seed=SEED).total
    sigma = lognormal_sigma(60, 80)
    assert found.mean == pytest.approx(200, rel=4 * sigma / math.sqrt(200_000))
    for got, error, z in ((found.low, found.low_error, -Z95), (found.high, found.high_error, Z95)):
        assert abs(got - 200 * math.exp(z * sigma - sigma**2 / 2)) < 4 * error
    assert found.median == pytest.approx(200 * math.exp(-(sigma**2) / 2), rel=0.01)


def test_small_errors_agree_with_approach_1() -> None:
    """Independent and shared causes of a few per cent: the half-widths agree within the error of the percentiles."""
    results = make(
        [Source(f"1.A.{n}", 100.0 + n, 1.0, f"a{n}", f"factor:{n % 3}", 4, 6) for n in range(12)]
        + [Source("3.B.1", -200.0, 1.0, "land", "factor:land", 5, 9)]
    )
    found, table = monte_carlo(results, draws=100_000, seed=SEED), approach_1(results)
    half = (found.total.high - found.total.low) / 2
    assert half == pytest.approx(table.uncertainty / 100 * table.current, rel=0.02)
    for spread, line in zip(found.rows, table.rows, strict=True):
        assert spread.key == (line.category, line.gas)
        assert (spread.high - spread.low) / 2 == pytest.approx(line.combined / 100 * abs(line.current), rel=0.02)


def test_a_shared_factor_is_one_draw() -> None:
    """25 plants with one factor of ±20 % are as uncertain as one; with factors of their own five times less."""
    shared = make([Source("1.A.1", 10.0, 1.0, f"a{n}", "factor:one", 0, 20) for n in range(25)])
    apart = make([Source("1.A.1", 10.0, 1.0, f"a{n}", f"factor:{n}", 0, 20) for n in range(25)])
    one, many = (monte_carlo(r, draws=20_000, seed=SEED).total.deviation for r in (shared, apart))
    assert one == pytest.approx(250 * 0.2 / Z95, rel=0.02)
    assert many == pytest.approx(50 * 0.2 / Z95, rel=0.02)


def test_the_same_seed_gives_the_same_numbers_for_any_chunk() -> None:
    results = make([Source(f"1.A.{n}", 10.0, 1.0, f"a{n}", "factor:one", 5 + 10 * n, 90) for n in range(5)])
    first = monte_carlo(results, draws=1000, seed=SEED)
    for chunk in (1, 7, 333, 5000):
        again = monte_carlo(results, draws=1000, seed=SEED, chunk=chunk)
        for got, wanted in zip((*again.rows, again.total), (*first.rows, first.total), strict=True):
            assert got[1:] == pytest.approx(wanted[1:], rel=1e-12)
    assert monte_carlo(results, draws=1000, seed=SEED) == first
    assert monte_carlo(results, draws=1000, seed=SEED + 1).total.mean != first.total.mean


def test_draws_do_not_depend_on_the_chunk_bit_for_bit() -> None:
    shapes = [distribution(0.05, 0, math.inf, signed=False), distribution(0.5, 0, math.inf, signed=False)]
    shapes.append(distribution(0.1, 0, 1.05, signed=False))
    whole = np.hstack([n for _, n in Draws(shapes, 3).take(100, 100)])
    parts = np.hstack([n for _, n in Draws(shapes, 3).take(100, 9)])
    assert np.array_equal(whole, parts)


def test_no_error_gives_the_value_itself() -> None:
    total = monte_carlo(make([Source("1.A.1", 3.0, 2.0, "a", "f")]), draws=100, seed=SEED).total
    assert (total.low, total.median, total.high, total.deviation) == (6.0, 6.0, 6.0, 0.0)


def test_a_factor_common_to_both_years_leaves_the_trend_alone() -> None:
    """Base and current year share a wide factor and have exact activity data: the trend is exactly +50 %."""
    base = make([Source("1.A.1", 100.0, 1.0, "a", "factor:wide", 0, 80)])
    now = make([Source("1.A.1", 150.0, 1.0, "b", "factor:wide", 0, 80)])
    found = monte_carlo(now, base=base, draws=1000, seed=SEED)
    assert found.trend is not None and found.base_total is not None
    assert (found.trend.low, found.trend.high) == (pytest.approx(50.0), pytest.approx(50.0))
    assert found.total.deviation > 0


def test_the_trend_of_independent_years_agrees_with_approach_1() -> None:
    base = make([Source("1.A.1", 100.0, 1.0, "a", "factor:f", 4, 3)])
    now = make([Source("1.A.1", 90.0, 1.0, "b", "factor:f", 4, 3), Source("1.A.4", 20.0, 1.0, "c", "factor:g", 6, 2)])
    found, table = monte_carlo(now, base=base, draws=100_000, seed=SEED), approach_1(now, base)
    assert found.trend is not None and table.trend_uncertainty is not None and table.trend is not None
    assert found.trend.value == pytest.approx(10.0) == table.trend
    assert (found.trend.high - found.trend.low) / 2 == pytest.approx(table.trend_uncertainty, rel=0.02)
    assert [r.value for r in found.trend_rows] == pytest.approx([-10.0, 20.0])
    assert [r.mean for r in found.trend_rows] == pytest.approx([-10.0, 20.0], abs=0.1)


def test_one_computation_with_two_periods_has_the_same_trend() -> None:
    base = Source("1.A.1", 100.0, 1.0, "a", "factor:f", 4, 3, period="2010")
    now = Source("1.A.1", 90.0, 1.0, "b", "factor:f", 4, 3)
    both = monte_carlo(make([base, now]), period="2020", base_period="2010", draws=1000, seed=SEED)
    assert both.trend is not None and both.base_total is not None
    assert (both.total.value, both.base_total.value, both.trend.value) == (90.0, 100.0, pytest.approx(-10.0))


def test_records_outside_the_period_change_nothing() -> None:
    other = [Source("1.A.1", 70.0, 1.0, f"b{n}", "factor:g", 4, 33, period="2010") for n in range(3)]
    now = [Source("1.A.1", 90.0, 1.0, "a", "factor:f", 40, 3), Source("4.A", 20.0, 1.0, "c", "factor:f", 6, 3)]
    alone = monte_carlo(make(now), draws=500, seed=SEED)
    assert (
        monte_carlo(make([other[0], now[0], other[1], now[1], other[2]]), period="2020", draws=500, seed=SEED) == alone
    )


def test_a_fraction_never_exceeds_the_whole_and_keeps_its_mean() -> None:
    """0.9 ± 25 % as a share of 1: cut at 1 and at 0.8. The normal cut at ±r has the variance s²·(1 − 2aφ(a)/(2Φ(a) − 1)), a = r/s."""
    method = product_method(ef=factor("ef", "1", low=0.0, high=1.0))
    results = make([Source("1.A.1", 1.0, 0.9, "a", "factor:of", 0, 25)], method)
    total = monte_carlo(results, draws=100_000, seed=SEED).total
    sigma, reach = 0.9 * 0.25 / Z95, 0.1
    a = reach / sigma
    density, inside = math.exp(-a * a / 2) / math.sqrt(2 * math.pi), math.erf(a / math.sqrt(2))
    assert total.mean == pytest.approx(0.9, abs=0.001)
    assert total.deviation == pytest.approx(sigma * math.sqrt(1 - 2 * a * density / inside), rel=0.02)
    assert 0.8 < total.low < total.high < 1.0


def test_distributions_by_width_and_bounds() -> None:
    half = 0.30 / Z95
    assert distribution(half * 0.99, 0, math.inf, signed=False).shape == "normal"
    assert distribution(half * 1.01, 0, math.inf, signed=False).shape == "lognormal"
    assert distribution(half * 3, -math.inf, math.inf, signed=True).shape == "normal"
    near = distribution(half * 1.01, 0, 1.2, signed=False)
    assert (near.shape, near.reach) == ("truncated", pytest.approx(0.2))
    assert distribution(0.15, 0, 1.0, signed=False).reach == 0.0
    # 40 % of the whole: zero is nearer than the whole
    assert distribution(0.6, 0, 2.5, signed=False).reach == 1.0
    # a small fraction is as far from the whole as any other positive quantity
    assert distribution(0.3, 0, 200.0, signed=False).shape == "lognormal"


def test_only_bounds_by_nature_are_bounds() -> None:
    assert physical_bounds(activity("x", "t", high=100.0)) == (0.0, math.inf)
    assert physical_bounds(factor("x", "1", low=0.2, high=0.9)) == (0.0, 1.0)
    assert physical_bounds(factor("x", "%", low=0.0, high=80.0)) == (0.0, 100.0)
    assert physical_bounds(factor("x", "1", low=0.0, high=3.0)) == (0.0, math.inf)
    assert physical_bounds(factor("x", "GJ/t", low=10.0, high=30.0)) == (0.0, math.inf)


def test_a_signed_datum_may_change_its_sign() -> None:
    """A stock change of 10 ± 300 %: a quarter of the draws is negative: P(z < −1/(3/1.96)) = P(z < −0.653) = 0.257."""
    method = product_method(amount=activity("amount", "t", low=None))
    results = make([Source("3.B.1", 10.0, 1.0, "a", "f", 300, 0)], method)
    total = monte_carlo(results, draws=50_000, seed=SEED).total
    assert total.low == pytest.approx(10 - 30, abs=4 * total.low_error)
    assert total.mean == pytest.approx(10, abs=0.3)


def test_a_series_is_drawn_with_all_its_periods() -> None:
    """Cumulative waste of 1, 2, 3 t with errors of their own times one shared rate: variance of the last year by first-order sum.

    Last value (1 + 2 + 3)·0.5 = 3; its variance is 0.25·(0.1² + 0.2² + 0.3²) + (3·0.05)² = 0.035 + 0.0225.
    """

    def decayed(amount: Any, ef: Any) -> Any:
        return np.cumsum(amount, axis=-1) * ef

    method = replace(product_method(amount=activity("amount", "t", series=True)), function=decayed)
    years = [
        Source("4.A", v, 0.5, f"a{n}", "factor:k", 19.6, 9.8, period=str(2000 + n))
        for n, v in enumerate((1.0, 2.0, 3.0))
    ]
    flat = make(years)
    block = Block(
        method, {"amount": np.array([[1.0, 2.0, 3.0]]), "ef": np.array([[0.5]])},
        {"amount": flat.blocks[0].causes["amount"][None, :], "ef": flat.blocks[0].causes["ef"][None, :1]},
        (np.array([[0, 1, 2]]),),
    )  # fmt: skip
    found = monte_carlo(replace(flat, blocks=(block,)), draws=50_000, seed=SEED, by=("period",), chunk=999)
    assert [r.key for r in found.rows] == [("2000",), ("2001",), ("2002",)]
    assert [r.mean for r in found.rows] == pytest.approx([0.5, 1.5, 3.0], rel=0.005)
    assert found.rows[2].deviation == pytest.approx(math.sqrt(0.0575), rel=0.02)


def test_memo_items_stay_outside() -> None:
    results = make([Source("1.A.1", 5.0, 1.0, "a", "f", 5, 0), Source("memo.biogenic", 900.0, 1.0, "b", "f", 5, 0)])
    found = monte_carlo(results, draws=100, seed=SEED)
    assert [r.key for r in found.rows] == [("1.A.1", "CO2")]
    assert found.total.value == 5.0


def test_memo_items_that_the_rule_counts_are_in_the_total() -> None:
    """Enterprises add the power that they buy."""
    plant = make([Source("1.A.1", 5.0, 1.0, "a", "f", 5, 0), Source("memo.bought", 2.0, 1.0, "b", "f", 5, 0)])
    plant = replace(plant, method_set=replace(plant.method_set, counts=("memo.bought",)))
    assert monte_carlo(plant, draws=100, seed=SEED).total.value == pytest.approx(7.0) == plant.total()[0]


def test_the_standard_error_of_a_percentile_is_that_of_the_theory() -> None:
    """Normal, N draws: √(p(1−p)/N)/φ(z_p)·s; p = 0.025, φ(−1.96) = 0.05845."""
    total = monte_carlo(make([Source("1.A.1", 100.0, 1.0, "a", "f", 10, 0)]), draws=100_000, seed=SEED).total
    wanted = math.sqrt(0.025 * 0.975 / 100_000) / 0.058445 * 10 / Z95
    assert total.low_error == pytest.approx(wanted, rel=0.2)
    assert total.high_error == pytest.approx(wanted, rel=0.2)


def test_draws_without_a_finite_value_are_left_out_and_counted() -> None:
    def root(amount: Any, ef: Any) -> Any:
        return np.sqrt(amount) * ef

    plain = product_method(amount=activity("amount", "t", low=None))
    method = replace(plain, function=root)
    found = monte_carlo(make([Source("1.A.1", 1.0, 1.0, "a", "f", 196, 0)], method), draws=10_000, seed=SEED)
    assert found.draws == 10_000
    # a normal with mean 1 and deviation 1 is negative in 15.9 % of the draws
    assert found.valid == pytest.approx(8413, abs=150)


def test_too_much_is_refused_before_it_is_done() -> None:
    results = make([Source("1.A.1", 1.0, 1.0, "a", "f", 5, 0)])
    with pytest.raises(ValueError, match="at least 100"):
        monte_carlo(results, draws=10)
    with pytest.raises(ValueError, match="fewer draws"):
        monte_carlo(results, draws=300_000_000)


def test_records_of_real_blocks_agree_with_the_first_order_interval() -> None:
    """Unit alternatives, a choice, a series, two gases and a default, as `compute` makes them."""
    rows = [
        row("coal", "burning", "fuel", "coal", uncertainty=None),
        row("coal", "burning", "fuel_amount", 1000, "t", uncertainty=4.0),
        *(row("tip", "decay", "waste", 100 + n, "t", period=str(2018 + n), uncertainty=6.0) for n in range(3)),
        row("lorry", "road", "distance", 5e9, "km", uncertainty=7.0),
    ]
    narrow = [replace(f, low=0.97 * f.value, high=1.03 * f.value) for f in FACTORS]
    results = calculated(rows, library(*narrow))
    found = monte_carlo(results, draws=50_000, seed=SEED, by=("record", "period", "gas"))
    assert [r.key for r in found.rows] == sorted({(r.record, r.period, r.gas) for r in results})
    masses = {(r.record, r.period, r.gas): r for r in results}
    weights = results.gwp()
    for spread in found.rows:
        one = masses[spread.key[0], spread.key[1], spread.key[2]]
        assert spread.value == pytest.approx(one.value * weights[one.gas])
        assert spread.high - spread.low == pytest.approx((one.high - one.low) * weights[one.gas], rel=0.03)
    _, low, high = results.total()
    assert found.total.high - found.total.low == pytest.approx(high - low, rel=0.03)
