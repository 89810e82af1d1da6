"""Approach 1 against a table calculated by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.accounts.hand_made import Source, make

from tanlu.accounts.uncertainty.propagation import approach_1, sensitivities

# category, base, current, activity %, factor %: a coal, a gas and a waste category
BASE = [
    Source("1.A.1", 100.0, 1.0, "a1", "factor:coal", 3, 4),
    Source("1.A.4", 50.0, 1.0, "a2", "factor:gas", 10, 0),
    Source("4.A", 2.0, 25.0, "a3", "factor:waste", 0, 50),
]
NOW = [
    Source("1.A.1", 120.0, 1.0, "b1", "factor:coal", 3, 4),
    Source("1.A.4", 40.0, 1.0, "b2", "factor:gas", 10, 0),
    Source("4.A", 1.6, 25.0, "b3", "factor:waste", 0, 50),
]
# ΣC = 100 + 50 + 50 = 200, ΣD = 120 + 40 + 40 = 200


@pytest.mark.parametrize("correlated", [False, True])
def test_level_columns_are_those_of_the_hand_table(correlated: bool) -> None:
    """G = √(E² + F²); H = (G·D/ΣD)²: (5·120/200)² = 9, (10·40/200)² = 4, (50·40/200)² = 100; √113 = 10.63 %."""
    table = approach_1(make(NOW), make(BASE), correlated=correlated)
    assert (table.base, table.current) == (200.0, 200.0)
    assert [r.category for r in table.rows] == ["1.A.1", "1.A.4", "4.A"]
    assert [r.activity for r in table.rows] == pytest.approx([3, 10, 0])
    assert [r.factor for r in table.rows] == pytest.approx([4, 0, 50])
    assert [r.combined for r in table.rows] == pytest.approx([5, 10, 50])
    assert [r.variance for r in table.rows] == pytest.approx([9, 4, 100])
    assert table.uncertainty == pytest.approx(math.sqrt(113))
    assert table.trend == pytest.approx(0.0)


def test_trend_columns_as_printed() -> None:
    """I of 1.A.1: (0.01·120 + 200 − 0.01·100 − 200)/(0.01·100 + 200)·100 − 0 = 0.2/201·100; J = 120/200; K = I·F; L = J·E·√2."""
    table = approach_1(make(NOW), make(BASE), correlated=False)
    coal, gas, waste = table.rows
    assert coal.type_a == pytest.approx(20 / 201)
    assert gas.type_a == pytest.approx(10 / 200.5)
    assert waste.type_a == pytest.approx(10 / 200.5)
    assert [r.type_b for r in table.rows] == pytest.approx([0.6, 0.2, 0.2])
    assert coal.trend_factor == pytest.approx(4 * 20 / 201)
    assert coal.trend_activity == pytest.approx(0.6 * 3 * math.sqrt(2))
    assert gas.trend_activity == pytest.approx(0.2 * 10 * math.sqrt(2))
    assert waste.trend_factor == pytest.approx(50 * 10 / 200.5)
    squares = (80 / 201) ** 2 + 2 * 1.8**2 + 2 * 2.0**2 + (500 / 200.5) ** 2
    assert table.trend_uncertainty == pytest.approx(math.sqrt(squares))


def test_trend_by_cause() -> None:
    """T = ΣD/ΣC − 1; a cause adds (d − c·ΣD/ΣC)/ΣC, with ΣD = ΣC here (d − c)/200.

    Activity data: independent, 1.A.1: 3 % of 120 and of 100, 1.A.4: 10 % of 40 and of 50. Factors: 4 % of 20, 50 % of −10.
    """
    table = approach_1(make(NOW), make(BASE))
    squares = (3.6**2 + 3.0**2) + (4.0**2 + 5.0**2) + 0.8**2 + 5.0**2
    assert table.trend_uncertainty == pytest.approx(100 * math.sqrt(squares) / 200)
    assert table.rows[2].trend_factor == pytest.approx(2.5)


def test_two_periods_of_one_computation_are_the_same_table() -> None:
    both = make([*(Source(**{**s.__dict__, "period": "2010"}) for s in BASE), *NOW])
    assert approach_1(both, period="2020", base_period="2010") == approach_1(make(NOW), make(BASE))


def test_no_base_year_no_trend() -> None:
    table = approach_1(make(NOW))
    assert (table.base, table.trend, table.trend_uncertainty) == (None, None, None)
    assert all(r.type_a is None and r.base is None for r in table.rows)


def test_a_shared_factor_adds_linearly_between_categories() -> None:
    """Two categories of 100 with one factor of ±20 %: together ±20 %; as printed ±20/√2 %."""
    shared = make([Source(c, 100.0, 1.0, c, "factor:one", 0, 20) for c in ("1.A.1", "1.A.2")])
    assert approach_1(shared).uncertainty == pytest.approx(20.0)
    assert approach_1(shared, correlated=False).uncertainty == pytest.approx(20 / math.sqrt(2))


def test_a_shared_factor_of_a_source_and_a_removal_cancels() -> None:
    """100 and −60 with one factor of ±10 %: the error of the sum is 10 − 6 = 4 on 40, ±10 %; as printed √(10² + 6²)/40."""
    net = make(
        [Source("1.A.1", 100.0, 1.0, "a", "factor:one", 0, 10), Source("3.B.1", -60.0, 1.0, "b", "factor:one", 0, 10)]
    )
    assert approach_1(net).uncertainty == pytest.approx(10.0)
    assert approach_1(net, correlated=False).uncertainty == pytest.approx(100 * math.sqrt(136) / 40)


def test_no_error_gives_none() -> None:
    table = approach_1(make([Source("1.A.1", 3.0, 2.0, "a", "f")]), make([Source("1.A.1", 2.0, 2.0, "b", "f")]))
    assert (table.uncertainty, table.trend_uncertainty) == (0.0, 0.0)


def test_a_category_that_has_ended_keeps_its_uncertainty_for_the_trend() -> None:
    """10 of 110 ends: T = 100/110 − 1; as printed K = I·F with I = |(100 − 110.1)/110.1 − (100 − 110)/110|·100."""
    now = make([Source("1.A.1", 100.0, 1.0, "a", "f1")])
    base = make([Source("1.A.1", 100.0, 1.0, "a", "f1"), Source("1.A.4", 10.0, 1.0, "b", "factor:f2", 0, 30)])
    row = approach_1(now, base, correlated=False).rows[1]
    assert (row.current, row.factor, row.variance) == (0.0, pytest.approx(30.0), 0.0)
    assert row.trend_factor == pytest.approx(30 * 100 * abs((100 - 110.1) / 110.1 + 10 / 110))


def test_methane_is_weighed_with_the_named_gwp() -> None:
    """1 t CH4 is 28 t CO2e in AR5 and 21 in SAR."""
    methane = make([Source("4.A", 1.0, 1.0, "a", "f", gas="CH4")])
    assert approach_1(methane, gwp="AR5").current == 28
    assert approach_1(methane, gwp="SAR").current == 21


@given(st.floats(1, 1e6), st.floats(0, 1e6), st.floats(1, 1e6), st.floats(0, 1e6))
def test_sensitivities_are_derivatives_of_the_trend(base: float, current: float, rest: float, new_rest: float) -> None:
    """Type B is dT/d(ln D). Type A in one fraction is |D·ΣC − C·ΣD| / (ΣC·(ΣC + 0.01·C)), to first order dT/d(ln D and ln C)."""
    whole, new = base + rest, current + new_rest
    type_a, type_b = sensitivities(base, current, whole, new)
    assert type_b == pytest.approx(current / whole)
    wanted = abs(current * whole - base * new) / (whole * (whole + 0.01 * base))
    # the column is a difference of two trends, whose digits cancel
    assert type_a == pytest.approx(wanted, abs=1e-11 * (1 + new / whole))
