"""Investment is counted once, reported and verified apart."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tanlu.assessment.investment import InvestmentEntry, PayerKind, SpendingKind, double_entries, investments

ENTRY = InvestmentEntry(
    "1", "a", "C-1", 2025, "payer", PayerKind.ENTERPRISE, SpendingKind.PILOT, Decimal("1000.50"), verified=True
)


def test_money_is_summed_by_city_year_and_kind() -> None:
    second = replace(ENTRY, id="2", contract="C-2", kind=SpendingKind.RESEARCH, amount=Decimal(500), verified=False)
    (found,) = investments([ENTRY, second])
    assert (found.reported, found.verified) == (Decimal("1500.50"), Decimal("1000.50"))
    assert found.by_kind == {SpendingKind.PILOT: Decimal("1000.50"), SpendingKind.RESEARCH: Decimal(500)}


def test_the_same_money_claimed_by_two_cities_counts_nowhere_and_is_told() -> None:
    other = replace(ENTRY, id="2", city="b")
    assert double_entries([other, ENTRY]) == [(ENTRY, other)]
    assert investments([ENTRY, other]) == []


@pytest.mark.parametrize("change", [{"year": 2026}, {"payer": "other"}, {"contract": "C-2"}])
def test_another_year_payer_or_contract_is_other_money(change: dict[str, object]) -> None:
    assert double_entries([ENTRY, replace(ENTRY, id="2", **change)]) == []  # type: ignore[arg-type]


def test_amounts_that_are_not_positive_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'1'"):
        investments([replace(ENTRY, amount=Decimal(0))])
