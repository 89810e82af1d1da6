"""Investment in new technologies and their application: what counts, once, by city and year.

An entry is counted under the key (contract, year, payer): the same money reported by two cities or under two kinds is found and counts
nowhere until a person has decided which entry stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class SpendingKind(StrEnum):
    """What the money was spent on."""

    RESEARCH = "research_and_development"
    PILOT = "pilot_and_demonstration"
    FIRST_USE = "first_use_purchase"


class PayerKind(StrEnum):
    """Who paid."""

    PROVINCE = "province"
    PREFECTURE = "prefecture"
    ENTERPRISE = "enterprise"
    FINANCE = "bank_or_fund"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class InvestmentEntry:
    """An entry as filed.

    Parameters
    ----------
    id : str
    city : str
    contract : str
        Contract under which it was paid.
    year : int
    payer : str
        Unified social credit code of the payer.
    payer_kind : PayerKind
    kind : SpendingKind
    amount : Decimal
        Yuan.
    verified : bool
    """

    id: str
    city: str
    contract: str
    year: int
    payer: str
    payer_kind: PayerKind
    kind: SpendingKind
    amount: Decimal
    verified: bool = False

    @property
    def key(self) -> tuple[str, int, str]:
        """What may be counted once."""
        return self.contract, self.year, self.payer


@dataclass(frozen=True, slots=True)
class Investment:
    """Money of a city and year, reported and verified [yuan], by kind."""

    city: str
    year: int
    reported: Decimal
    verified: Decimal
    by_kind: dict[SpendingKind, Decimal]


def double_entries(entries: Iterable[InvestmentEntry]) -> list[tuple[InvestmentEntry, ...]]:
    """Return the groups of entries that claim the same money, sorted by key."""
    groups: dict[tuple[str, int, str], list[InvestmentEntry]] = defaultdict(list)
    for entry in entries:
        groups[entry.key].append(entry)
    return [tuple(sorted(group, key=lambda e: e.id)) for _, group in sorted(groups.items()) if len(group) > 1]


def investments(entries: Iterable[InvestmentEntry]) -> list[Investment]:
    """Sum investment by city and year; entries that claim the same money as another count nowhere.

    Raises
    ------
    ValueError
        If an amount is not positive.
    """
    every = list(entries)
    wrong = [e.id for e in every if e.amount <= 0]
    if wrong:
        raise ValueError(f"amounts must be positive: {wrong}")
    disputed = {e.id for group in double_entries(every) for e in group}
    groups: dict[tuple[str, int], list[InvestmentEntry]] = defaultdict(list)
    for entry in every:
        if entry.id not in disputed:
            groups[entry.city, entry.year].append(entry)
    return [_sum(city, year, group) for (city, year), group in sorted(groups.items())]


def _sum(city: str, year: int, entries: list[InvestmentEntry]) -> Investment:
    by_kind: dict[SpendingKind, Decimal] = defaultdict(Decimal)
    for entry in entries:
        by_kind[entry.kind] += entry.amount
    reported = sum((e.amount for e in entries), Decimal(0))
    verified = sum((e.amount for e in entries if e.verified), Decimal(0))
    return Investment(city, year, reported, verified, dict(by_kind))
