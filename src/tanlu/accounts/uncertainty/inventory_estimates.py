"""The rows of an inventory in the shape that the analysis of uncertainty takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from tanlu.accounts.province.records import Inventory, InventoryRow, Status
from tanlu.core.gases import GwpSet, gwp_set

T_PER_KT: Final = 1000.0


class RowEstimate(NamedTuple):
    """A row of an inventory that has a number.

    Parameters
    ----------
    record : str
        Id of the row: what can be measured for one category alone.
    value : float
        Mass of the gas [t], removals negative.
    errors : tuple of (cause, relative standard uncertainty)
    is_memo : bool
        Whether it stands outside the total.
    """

    record: str
    place: str
    period: str
    category: str
    gas: str
    value: float
    errors: tuple[tuple[str, float], ...]
    is_memo: bool


@dataclass(frozen=True)
class InventoryEstimates:
    """Rows of an inventory as estimates, with the GWP set under which they are added up.

    Notes
    -----
    A row states what a cause does to it, not the uncertainty of the cause itself. That of a cause is taken as its largest effect on any
    row: the row that depends on it alone has it in full.
    """

    rows: tuple[RowEstimate, ...]
    gwp_name: str

    def __iter__(self) -> Iterator[RowEstimate]:
        """Iterate over the rows."""
        return iter(self.rows)

    def gwp(self, name: str = "rule") -> GwpSet:
        """Return a GWP set by name; ``rule`` is the one of the inventory."""
        return gwp_set(self.gwp_name if name == "rule" else name)

    @property
    def counted_memo(self) -> frozenset[str]:
        """Memo categories that are in the total: none."""
        return frozenset()

    @property
    def factor_causes(self) -> frozenset[str]:
        """Causes that are factors although their name does not say so: none."""
        return frozenset()

    @cached_property
    def relative_errors(self) -> Mapping[str, float]:
        """Relative standard uncertainty of each cause."""
        found: dict[str, float] = {}
        for row in self.rows:
            for cause, error in row.errors:
                found[cause] = max(found.get(cause, 0.0), abs(error))
        return found


def inventory_estimates(
    inventory: Inventory, years: Iterable[int], gwp: str, *, keys: Iterable[tuple[str, str]] | None = None
) -> InventoryEstimates:
    """Return the rows of some years that have a number and a value in the GWP set.

    Parameters
    ----------
    inventory : Inventory
    years : iterable of int
    gwp : str
        Name of a GWP set.
    keys : iterable of (category, gas), optional
        Pairs that are wanted; all if not given.
    """
    wanted, known = set(years), gwp_set(gwp).values
    only = None if keys is None else set(keys)
    rows = (
        r for r in inventory.rows
        if r.year in wanted and r.value is not None and r.gas in known and (only is None or (r.category, r.gas) in only)
    )  # fmt: skip
    return InventoryEstimates(tuple(_estimate(r) for r in rows), gwp)


def known_pairs(inventory: Inventory, year: int) -> set[tuple[str, str]]:
    """Return the pairs of category and gas that have a number in a year, memo items left out."""
    rows = (r for r in inventory.rows if r.year == year and r.value is not None and r.status is not Status.MEMO)
    return {(r.category, r.gas) for r in rows}


def _estimate(row: InventoryRow) -> RowEstimate:
    value = (row.value or 0.0) * T_PER_KT
    errors = tuple(row.errors.items())
    return RowEstimate(
        row.id, row.region, str(row.year), row.category, row.gas, value, errors, row.status is Status.MEMO
    )
