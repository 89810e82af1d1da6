"""Compliance in whole allowances: surrender, offsets, carry-over, issue in two rounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.ets.allocation import carry_over, compliance, issuance
from tanlu.core.errors import DataError

TONNES = st.integers(0, 10**7)


def test_a_company_that_is_short() -> None:
    # owes 1,000,000; has 900,000 + 20,000 + 10,000 − 5,000 = 925,000; offsets at most 50,000 of 60,000
    found = compliance("999999.5", 900_000, held=20_000, bought=10_000, sold=5_000, offsets=60_000, net_sales=0)
    assert (found.obligation, found.available) == (1_000_000, 925_000)
    assert (found.offset_limit, found.offsets) == (50_000, 50_000)
    assert (found.surrendered, found.shortage, found.surplus) == (925_000, 25_000, 0)
    assert found.carry_over is None


def test_a_company_with_a_surplus_carries_over() -> None:
    # 200,000 − 150,000 = 50,000 left; 10,000 + 1.5 × 20,001 = 40,001.5 → 40,001; 9,999 lapse
    found = compliance(150_000, 220_001, sold=20_001, net_sales=20_001)
    assert (found.surplus, found.shortage) == (50_000, 0)
    carried = found.carry_over
    assert carried is not None
    assert (carried.limit, carried.carried, carried.lapsed) == (40_001, 40_001, 9_999)
    assert found.factors == (
        "cn-ets-rules.offset_limit.power_company",
        "cn-ets-power-2023.carry_over_base.power_company",
        "cn-ets-power-2023.carry_over_multiple.power_company",
    )


def test_net_purchases_count_as_no_sales() -> None:
    found = carry_over(-5_000, 30_000)
    assert (found.limit, found.carried, found.lapsed) == (10_000, 10_000, 20_000)
    # n sold: 10,000 + 1.5 (n − 5,000) ≥ 30,000 − n, so 2.5 n ≥ 27,500 and n = 11,000
    assert found.sale_for_all == 11_000


@given(st.integers(-(10**6), 10**6), TONNES)
def test_selling_what_is_said_saves_the_rest_and_no_less_does(net: int, holding: int) -> None:
    found = carry_over(net, holding)
    assert found.carried + found.lapsed == holding and found.carried <= found.limit
    n = found.sale_for_all
    assert carry_over(net + n, holding - n).lapsed == 0
    assert n == 0 or carry_over(net + n - 1, holding - n + 1).lapsed > 0


@given(TONNES, TONNES, TONNES, TONNES)
def test_nothing_is_made_or_lost(emissions: int, allocated: int, held: int, offsets: int) -> None:
    found = compliance(emissions, allocated, held=held, offsets=offsets)
    assert found.surrendered + found.offsets + found.shortage == emissions
    assert found.surrendered + found.surplus == allocated + held
    assert found.offsets <= emissions * 5 // 100 and found.offsets <= offsets
    assert found.shortage == 0 or found.surplus == 0


@given(TONNES, TONNES, TONNES)
def test_two_rounds_of_issue_add_up(early: int, final: int, deduction: int) -> None:
    found = issuance(early, final, deduction)
    assert found.first + found.second == final - found.deducted
    assert found.deducted + found.open == deduction
    assert found.first >= 0 and 0 <= found.deducted <= final


@pytest.mark.parametrize("bad", [1.5, -1, True, "7"])
def test_allowances_are_whole(bad: object) -> None:
    with pytest.raises(DataError) as caught:
        compliance(1, bad)  # type: ignore[arg-type]
    assert {p.code for p in caught.value.problems} == {"ets_not_whole"}


def test_more_sold_than_there_is() -> None:
    with pytest.raises(DataError) as caught:
        compliance(1, 10, sold=11)
    assert {p.code for p in caught.value.problems} == {"ets_sold_too_much"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_can_be_printed(language: str) -> None:
    record = compliance(10, 20, net_sales=0).as_record(language)
    assert record["carried"] == 10 and record["lapsed"] == 0
    assert all(s["label"] for s in record["steps"])
    assert record["sources"] == ["ets-measures-2020", "ets-power-2023"]
