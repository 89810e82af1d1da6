"""Key categories against lists made by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.accounts.hand_made import Source, make

from tanlu.accounts.uncertainty.key_categories import key_categories, level_assessment, trend_assessment

NOW = make([
    Source("1.A.1", 600.0, 1.0, "a1", "factor:coal", 0, 2),
    Source("1.A.3", 250.0, 1.0, "a2", "factor:road", 0, 4),
    Source("4.A", 90.0, 1.0, "a3", "factor:waste", 0, 80),
    Source("2.A.1", 40.0, 1.0, "a4", "factor:cement", 0, 5),
    Source("4.D", 20.0, 1.0, "a5", "factor:water", 0, 100),
    Source("3.B.1", -1000.0, 1.0, "a6", "factor:forest", 0, 30),
])  # fmt: skip
BASE = make([
    Source("1.A.1", 500.0, 1.0, "b1", "factor:coal", 0, 2),
    Source("1.A.3", 100.0, 1.0, "b2", "factor:road", 0, 4),
    Source("4.A", 150.0, 1.0, "b3", "factor:waste", 0, 80),
    Source("2.A.1", 50.0, 1.0, "b4", "factor:cement", 0, 5),
    Source("3.B.1", -400.0, 1.0, "b6", "factor:forest", 0, 30),
])  # fmt: skip


def keys(lists: object, approach: int, kind: str, land: bool) -> list[str]:
    found = lists.find(approach, kind, land=land)  # type: ignore[attr-defined]
    assert found is not None
    return [r.category for r in found.rows if r.is_key]


def test_level_without_land() -> None:
    """Shares of 1000: 0.60, 0.25, 0.09, 0.04, 0.02; cumulative 0.60, 0.85, 0.94, 0.98: the fourth is needed to reach 95 %."""
    found = key_categories(NOW).find(1, "level", land=False)
    assert found is not None
    assert [r.category for r in found.rows] == ["1.A.1", "1.A.3", "4.A", "2.A.1", "4.D"]
    assert [r.assessment for r in found.rows] == pytest.approx([0.60, 0.25, 0.09, 0.04, 0.02])
    assert [r.cumulative for r in found.rows] == pytest.approx([0.60, 0.85, 0.94, 0.98, 1.0])
    assert [r.is_key for r in found.rows] == [True, True, True, True, False]


def test_level_with_land_takes_the_size_of_removals() -> None:
    """Σ|E| = 2000: 0.5, 0.3, 0.125, 0.045, …; 0.5 + 0.3 + 0.125 = 0.925, the fourth brings 0.97."""
    found = key_categories(NOW).find(1, "level", land=True)
    assert found is not None
    assert [r.category for r in found.rows][:4] == ["3.B.1", "1.A.1", "1.A.3", "4.A"]
    assert [r.assessment for r in found.rows][:4] == pytest.approx([0.5, 0.3, 0.125, 0.045])
    assert keys(key_categories(NOW), 1, "level", True) == ["3.B.1", "1.A.1", "1.A.3", "4.A"]


def test_trend_without_land() -> None:
    """Base total 800, current 1000: +25 %. |E0|/800 · |growth − 0.25|:

    coal 0.625·|0.2 − 0.25| = 0.03125; road 0.125·|1.5 − 0.25| = 0.15625; waste 0.1875·|−0.4 − 0.25| = 0.121875;
    cement 0.0625·|−0.2 − 0.25| = 0.028125; water is new: 20/800 = 0.025. Sum 0.3625.
    """
    found = key_categories(NOW, BASE).find(1, "trend", land=False)
    assert found is not None
    assert [r.category for r in found.rows] == ["1.A.3", "4.A", "1.A.1", "2.A.1", "4.D"]
    assert [r.assessment for r in found.rows] == pytest.approx([0.15625, 0.121875, 0.03125, 0.028125, 0.025])
    assert [r.share for r in found.rows] == pytest.approx(
        [v / 0.3625 for v in (0.15625, 0.121875, 0.03125, 0.028125, 0.025)]
    )
    assert all(r.is_key for r in found.rows)


def test_trend_with_land_uses_the_size_of_a_removal() -> None:
    """Base: Σ|E| = 1200, ΣE = 400; current ΣE = 0: −100 %. Forest 400/1200·|(−1000 + 400)/400 + 1| = 1/3·0.5."""
    found = key_categories(NOW, BASE).find(1, "trend", land=True)
    assert found is not None
    rows = {r.category: r for r in found.rows}
    assert rows["3.B.1"].assessment == pytest.approx(1 / 6)
    assert rows["1.A.1"].assessment == pytest.approx(500 / 1200 * (0.2 + 1))
    assert rows["4.D"].assessment == pytest.approx(20 / 1200)


def test_trend_of_a_net_sink() -> None:
    """100 − 300 = −200 becomes 150 − 300 = −150: +50/200. Emission 100/400·|0.5 − 0.25|, forest 300/400·|0 − 0.25|."""
    base = {("1.A", "CO2"): 100.0, ("3.B", "CO2"): -300.0}
    found = trend_assessment(base, {("1.A", "CO2"): 150.0, ("3.B", "CO2"): -300.0})
    assert found == {("1.A", "CO2"): pytest.approx(0.0625), ("3.B", "CO2"): pytest.approx(0.1875)}


def test_approach_2_weighs_with_uncertainty() -> None:
    """L·U: coal 0.6·2 = 1.2, road 0.25·4 = 1, waste 0.09·80 = 7.2, cement 0.2, water 0.02·100 = 2; sum 11.6; 90 % is 10.44."""
    found = key_categories(NOW).find(2, "level", land=False)
    assert found is not None
    assert [r.category for r in found.rows] == ["4.A", "4.D", "1.A.1", "1.A.3", "2.A.1"]
    assert [r.share for r in found.rows] == pytest.approx([v / 11.6 for v in (7.2, 2.0, 1.2, 1.0, 0.2)])
    # 7.2 + 2.0 + 1.2 = 10.4 is just short of 10.44
    assert [r.is_key for r in found.rows] == [True, True, True, True, False]


def test_uncertainties_of_another_approach_may_be_given() -> None:
    found = key_categories(NOW, uncertainties={("1.A.1", "CO2"): 1000.0}).find(2, "level", land=False)
    assert found is not None and found.rows[0].category == "1.A.1"
    assert found.rows[0].assessment == pytest.approx(0.6 * 10)


def test_reasons_name_the_lists() -> None:
    reasons = key_categories(NOW, BASE).reasons
    assert reasons["1.A.3", "CO2"][:3] == ("L1", "L2", "T1")
    assert ("3.B.1", "CO2") in reasons and all(r.endswith("+") for r in reasons["3.B.1", "CO2"])


def test_without_a_base_year_there_is_no_trend() -> None:
    assert {x.kind for x in key_categories(NOW).lists} == {"level"}


def test_exactly_95_per_cent_is_enough() -> None:
    """0.95 and 0.05: the second is not needed."""
    found = key_categories(make([Source("1.A", 95.0, 1.0, "a", "f"), Source("2.A", 5.0, 1.0, "b", "g")]))
    assert keys(found, 1, "level", False) == ["1.A"]


@given(st.lists(st.floats(-1e6, 1e6).filter(lambda v: abs(v) > 1e-3), min_size=1, max_size=12))
def test_level_shares_add_up_and_a_scaled_inventory_has_no_trend(values: list[float]) -> None:
    base = {(str(n), "CO2"): v for n, v in enumerate(values)}
    assert sum(level_assessment(base).values()) == pytest.approx(1.0)
    if abs(sum(values)) > 1e-3 * sum(map(abs, values)):
        trend = trend_assessment(base, {k: 1.5 * v for k, v in base.items()})
        emissions = {k: t for k, t in trend.items() if base[k] > 0 and sum(values) > 0}
        assert all(t == pytest.approx(0, abs=1e-9) for t in emissions.values())
