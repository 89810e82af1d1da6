"""Daily sums times rates, added up by what is told apart: all rows of one rate at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.monitor.carriers import carriers_by_number
from tanlu.monitor.levels import COUNTS, Sums
from tanlu.monitor.meter_table import STACK_BITS, STACK_MASK, STACK_SHIFT
from tanlu.monitor.schema import day_name

if TYPE_CHECKING:
    from tanlu.monitor.factors import FactorBook, Rate

_VALUES: Final = ("kg", "estimated", "due", "missing")
_METERED: Final = ("fuel", "electricity", "heat")


@dataclass(frozen=True)
class Masses:
    """Masses by unit, carrier, period, gas and scope, in the order of their names; every array has shape (n,).

    ``ids`` and ``grades`` hold for each row the ids of its factors and their weakest grade.
    """

    unit: list[str]
    carrier: list[str]
    period: list[str]
    gas: list[str]
    scope: list[str]
    kg: list[float]
    estimated: list[float]
    missing: list[float]
    ids: list[tuple[str, ...]]
    grades: list[str]

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows."""
        names = self.unit, self.carrier, self.period, self.gas, self.scope
        return zip(*names, self.kg, self.estimated, self.missing, self.ids, self.grades, strict=True)


@dataclass
class Adding:
    """Masses that are being added up.

    Parameters
    ----------
    book : FactorBook
    edges : array of int
        Days on which rates begin to hold.
    by : sequence of str
        What is told apart, of ``carrier, day, month``.
    known_at : int or None
        Moment of knowledge of own factors [µs].
    """

    book: FactorBook
    edges: np.ndarray
    by: Sequence[str]
    known_at: int | None = None
    without: set[str] = field(default_factory=set)
    """Carriers that were measured and have no factor."""
    _rates: list[tuple[str, Rate, bool]] = field(default_factory=list)
    """By number: the carrier as it is told, the rate, and whether it counts (what is taken out again does not)."""
    _parts: list[tuple[np.ndarray, ...]] = field(default_factory=list)

    def add(self, sums: Sums, owner: str = "", sign: float = 1.0) -> None:
        """Add daily sums with the rates of an owner, or take them out again (sign −1)."""
        grouped, piece, period = _pieces(sums, self.edges, self.by)
        values = grouped.values
        told = np.flatnonzero((values["known"] > 0) | (values["n_missing"] != 0))
        stack = grouped.keys["stack"].astype(np.int64) & STACK_MASK
        kind = (piece << 24) | (grouped.keys["carrier"].astype(np.int64) << 8) | stack
        for code in np.unique(kind[told]).tolist():
            here = told[kind[told] == code]
            for number, rate in self._of(code >> 24, (code >> 8) & 0xFFFF, code & STACK_MASK, owner, sign):
                due = sum(values[name][here] for name in COUNTS)
                self._parts.append(
                    (
                        grouped.keys["unit"][here].astype(np.int64),
                        period[here],
                        np.full(len(here), number),
                        sign * values["quantity"][here] * rate.kg,
                        sign * values["estimated"][here] * rate.kg,
                        sign * due,
                        sign * values["n_missing"][here],
                    )
                )

    def _of(self, piece: int, number: int, stack: int, owner: str, sign: float) -> Iterator[tuple[int, Rate]]:
        """Yield the rates of a carrier below a stack, with their numbers here."""
        carrier = carriers_by_number()[number]
        rates = self.book.rates(number, int(self.edges[piece]), owner, self.known_at, stack >> STACK_SHIFT)
        if not rates and carrier.kind in _METERED:
            self.without.add(carrier.id)
        for rate in rates.values():
            # a gas that a stack measures is not computed again from the fuels below it
            if carrier.kind != "fuel" or not stack & STACK_BITS.get(rate.gas, 0):
                self._rates.append((carrier.id if "carrier" in self.by else "", rate, sign > 0))
                yield len(self._rates) - 1, rate

    def masses(self, names: Mapping[int, Any]) -> Masses:
        """Return what was added up; ``names`` are the units by number."""
        if not self._parts:
            return Masses(*([] for _ in range(10)))
        unit, period, number, *values = (np.concatenate(columns) for columns in zip(*self._parts, strict=True))
        kinds = sorted({(carrier, rate.gas, rate.scope) for carrier, rate, _ in self._rates})
        kind_of = np.array([kinds.index((carrier, rate.gas, rate.scope)) for carrier, rate, _ in self._rates])
        units, periods = np.unique(unit), np.unique(period)
        # units stand in the order of their numbers as text
        by_text = sorted(range(len(units)), key=lambda i: str(units[i]))
        rank = np.empty(len(units), np.int64)
        rank[by_text] = np.arange(len(units))
        carriers = sorted({carrier for carrier, *_ in kinds})
        carrier_of = np.array([carriers.index(carrier) for carrier, *_ in kinds])
        kind = kind_of[number]
        place = np.searchsorted(periods, period)
        key = (rank[np.searchsorted(units, unit)] * len(carriers) + carrier_of[kind]) * len(periods) + place
        key = key * len(kinds) + kind
        order = np.argsort(key, kind="stable")
        starts = np.flatnonzero(np.concatenate(([True], np.diff(key[order]) != 0)))
        sums = dict(zip(_VALUES, (np.add.reduceat(v[order], starts) for v in values), strict=True))
        first = order[starts]
        ids, grades = self._provenance(number[order], starts)
        share = np.divide(sums["missing"], sums["due"], out=np.zeros(len(starts)), where=sums["due"] > 0)
        of_kind = [kinds[k] for k in kind[first].tolist()]
        shown = {int(u): names[int(u)].id for u in units}
        named = {int(p): _period(int(p), self.by) for p in periods}
        return Masses(
            [shown[u] for u in unit[first].tolist()],
            [carrier for carrier, _, _ in of_kind],
            [named[p] for p in period[first].tolist()],
            [gas for _, gas, _ in of_kind],
            [scope for _, _, scope in of_kind],
            sums["kg"].tolist(), sums["estimated"].tolist(), share.tolist(), ids, grades,
        )  # fmt: skip

    def _provenance(self, number: np.ndarray, starts: np.ndarray) -> tuple[list[tuple[str, ...]], list[str]]:
        """Return the ids of factors and the weakest grade of each group; groups of the same rates share them."""
        known: dict[tuple[int, ...], tuple[tuple[str, ...], str]] = {}
        found = []
        numbers, ends = number.tolist(), [*starts[1:].tolist(), len(number)]
        for start, end in zip(starts.tolist(), ends, strict=True):
            used = (numbers[start],) if end == start + 1 else tuple(sorted(set(numbers[start:end])))
            told = known.get(used)
            if told is None:
                rates = [rate for _, rate, counts in (self._rates[n] for n in used) if counts]
                ids = tuple(sorted({name for rate in rates for name in rate.ids}))
                told = known[used] = ids, max((rate.grade for rate in rates), default="")
            found.append(told)
        return [ids for ids, _ in found], [grade for _, grade in found]


def _pieces(sums: Sums, edges: np.ndarray, by: Sequence[str]) -> tuple[Sums, np.ndarray, np.ndarray]:
    """Return sums over the days in which the same rates hold and that are not told apart; of each row the piece of time and the period."""
    days = sums.keys["day"].astype(np.int64)
    first = int(days.min()) if len(days) else 0
    # what is told apart hangs on the day alone, and there are far fewer days than rows
    span = np.arange(first, int(days.max()) + 1 if len(days) else first)
    piece = np.maximum(np.searchsorted(edges, span, side="right") - 1, 0).astype(np.int64)
    if "day" in by:
        period = span
    elif "month" in by:
        period = span.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    else:
        period = np.zeros_like(span)
    codes, place = np.unique((piece << 32) | period, return_inverse=True)
    grouped = Sums.summed({**sums.keys, "day": place[days - first]}, sums.values)
    code = codes[grouped.keys["day"]] if len(codes) else codes
    return grouped, code >> 32, code & 0xFFFFFFFF


def _period(number: int, by: Sequence[str]) -> str:
    if "day" in by:
        return day_name(number)
    return str(np.datetime64(number, "M")) if "month" in by else ""
