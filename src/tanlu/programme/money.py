"""Money of a call and of a project: budgets with the indirect-cost rule, and a double-entry ledger.

Amounts are `Decimal` yuan with at most two decimals; nothing is rounded on the way but the indirect costs, which are cut to the fen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

FEN = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class IndirectRule:
    """Largest indirect costs: a share of (direct costs − equipment), falling by steps, each share for its own part.

    Parameters
    ----------
    steps : sequence of (Decimal or None, Decimal)
        Upper end of each part [yuan], the last one open, and its share.
    source : str
        Id of the document.

    Raises
    ------
    ValueError
        If the steps do not rise or the last one is not open.
    """

    steps: tuple[tuple[Decimal | None, Decimal], ...]
    source: str

    def __post_init__(self) -> None:
        """Refuse steps that leave an amount without a share."""
        ends = [end for end, _ in self.steps]
        closed = [end for end in ends[:-1] if end is not None]
        if not ends or ends[-1] is not None or len(closed) != len(ends) - 1 or closed != sorted(set(closed)):
            raise ValueError("steps rise, and the last one is open")

    def largest(self, direct: Decimal, equipment: Decimal) -> Decimal:
        """Return the largest indirect costs for given direct costs, equipment among them [yuan].

        Raises
        ------
        ValueError
            If equipment is more than the direct costs, or an amount is negative.
        """
        if equipment < 0 or direct < equipment:
            raise ValueError(f"equipment {equipment} of direct costs {direct}")
        left, start, total = direct - equipment, Decimal(0), Decimal(0)
        for end, share in self.steps:
            part = left - start if end is None else min(left, end) - start
            if part <= 0:
                break
            total += part * share
            start = left if end is None else end
        return total.quantize(FEN, ROUND_DOWN)


class Account(StrEnum):
    """Accounts of a project. Each funder stands as an account of its own, named ``funder:<id>``."""

    COMMITTED = "committed"
    """Promised in the contract and not yet paid."""
    HELD = "held"
    """Paid to the project and not yet spent."""
    SPENT = "spent"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Posting:
    """One posting: an amount moves from an account to another.

    Parameters
    ----------
    project : str
    day : date
    source, target : str
        Accounts; a funder is ``funder:<id>``.
    amount : Decimal
        Positive, whole fen [yuan].
    reference : str
        What it rests on: contract version, milestone, voucher.
    """

    project: str
    day: date
    source: str
    target: str
    amount: Decimal
    reference: str


MOVES = {
    ("funder", Account.COMMITTED),
    (Account.COMMITTED, "funder"),
    (Account.COMMITTED, Account.HELD),
    (Account.HELD, Account.SPENT),
    (Account.SPENT, Account.HELD),
    (Account.HELD, Account.RETURNED),
}
"""Between which accounts money may move: promised, released, paid, spent, corrected, given back."""


class PostingError(ValueError):
    """A posting that the ledger does not take; `posting` is the one, `reason` its kind.

    ``move`` (no such way), ``amount`` (not positive, or not whole fen), ``overdrawn`` (more than there is).
    """

    def __init__(self, posting: Posting, reason: str) -> None:
        super().__init__(f"{reason}: {posting.amount} from {posting.source} to {posting.target} ({posting.reference})")
        self.posting = posting
        self.reason = reason


def balances(postings: Iterable[Posting]) -> dict[str, Decimal]:
    """Return the balance of every account of one project after its postings, in order; all balances add up to zero.

    Raises
    ------
    PostingError
        At the first posting that is not allowed.
    """
    found: dict[str, Decimal] = defaultdict(Decimal)
    for posting in postings:
        move = (posting.source.partition(":")[0], posting.target.partition(":")[0])
        if move not in MOVES:
            raise PostingError(posting, "move")
        if posting.amount <= 0 or posting.amount != posting.amount.quantize(FEN):
            raise PostingError(posting, "amount")
        if not posting.source.startswith("funder:") and found[posting.source] < posting.amount:
            raise PostingError(posting, "overdrawn")
        found[posting.source] -= posting.amount
        found[posting.target] += posting.amount
    return dict(found)


def funder_shares(postings: Sequence[Posting]) -> dict[str, Decimal]:
    """Return what each funder promised, releases taken off [yuan]."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for posting in postings:
        for account, sign in ((posting.source, 1), (posting.target, -1)):
            if account.startswith("funder:"):
                found[account.removeprefix("funder:")] += sign * posting.amount
    return dict(found)


def shares_committed(wanted: Mapping[str, Decimal], postings: Sequence[Posting]) -> dict[str, Decimal]:
    """Return what is still missing of each funder's share before a contract may be signed; empty when all is promised."""
    promised = funder_shares(postings)
    gaps = {funder: amount - promised.get(funder, Decimal(0)) for funder, amount in wanted.items()}
    return {funder: gap for funder, gap in gaps.items() if gap > 0}
