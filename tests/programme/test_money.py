"""Indirect costs by steps, and a ledger in which money neither appears nor vanishes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.programme.money import (
    Account,
    IndirectRule,
    Posting,
    PostingError,
    balances,
    funder_shares,
    shares_committed,
)

D = Decimal
RULE = IndirectRule(((D(5_000_000), D("0.30")), (D(10_000_000), D("0.25")), (None, D("0.20"))), "demonstration")
DAY = date(2026, 5, 1)


@pytest.mark.parametrize(
    ("direct", "equipment", "largest"),
    [
        ("4000000", "1000000", "900000.00"),
        ("13000000", "1000000", "3150000.00"),
        ("5000000", "5000000", "0.00"),
        ("0.07", "0", "0.02"),
    ],
)
def test_each_part_has_its_own_share(direct: str, equipment: str, largest: str) -> None:
    """By hand: 3 M · 0.3; 5 M · 0.3 + 5 M · 0.25 + 2 M · 0.2; the fen is cut, 0.021 → 0.02."""
    assert RULE.largest(D(direct), D(equipment)) == D(largest)


def test_equipment_beyond_direct_costs_is_refused() -> None:
    with pytest.raises(ValueError, match="equipment"):
        RULE.largest(D(1), D(2))


def test_steps_must_rise_and_end_open() -> None:
    with pytest.raises(ValueError, match="rise"):
        IndirectRule(((D(10), D("0.3")), (D(5), D("0.2")), (None, D("0.1"))), "x")
    with pytest.raises(ValueError, match="open"):
        IndirectRule(((D(10), D("0.3")),), "x")


def posting(source: str, target: str, amount: str) -> Posting:
    return Posting("p", DAY, source, target, D(amount), "voucher")


def test_money_of_two_funders_is_promised_paid_spent_and_given_back() -> None:
    """300 + 200 promised, 400 paid, 350 spent, 50 given back, 100 released: by hand."""
    course = [
        posting("funder:province", Account.COMMITTED, "300"),
        posting("funder:city", Account.COMMITTED, "200"),
        posting(Account.COMMITTED, Account.HELD, "400"),
        posting(Account.HELD, Account.SPENT, "350"),
        posting(Account.HELD, Account.RETURNED, "50"),
        posting(Account.COMMITTED, "funder:city", "100"),
    ]
    found = balances(course)
    assert (found[Account.COMMITTED], found[Account.HELD], found[Account.SPENT], found[Account.RETURNED]) == (
        0,
        0,
        350,
        50,
    )
    assert funder_shares(course) == {"province": 300, "city": 100}
    assert shares_committed({"province": D(300), "city": D(200)}, course) == {"city": 100}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (posting(Account.COMMITTED, Account.HELD, "11"), "overdrawn"),
        (posting("funder:province", Account.SPENT, "1"), "move"),
        (posting(Account.COMMITTED, Account.HELD, "0.001"), "amount"),
        (posting(Account.COMMITTED, Account.HELD, "-1"), "amount"),
    ],
)
def test_postings_that_cannot_be_are_refused_with_their_kind(wrong: Posting, reason: str) -> None:
    with pytest.raises(PostingError) as refusal:
        balances([posting("funder:province", Account.COMMITTED, "10"), wrong])
    assert refusal.value.reason == reason


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 1000)), max_size=30))
def test_balances_add_up_to_zero_and_no_account_but_a_funder_is_below_it(steps: list[tuple[int, int]]) -> None:
    ways = [
        ("funder:a", Account.COMMITTED),
        (Account.COMMITTED, "funder:a"),
        (Account.COMMITTED, Account.HELD),
        (Account.HELD, Account.SPENT),
        (Account.SPENT, Account.HELD),
        (Account.HELD, Account.RETURNED),
    ]
    taken: list[Posting] = []
    for way, fen in steps:
        step = posting(*ways[way], str(D(fen) / 100))
        try:
            balances([*taken, step])
        except PostingError:
            continue
        taken.append(step)
    found = balances(taken)
    assert sum(found.values(), D(0)) == 0
    assert all(value >= 0 for account, value in found.items() if not account.startswith("funder:"))
