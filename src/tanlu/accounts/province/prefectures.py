"""The inventory of a province divided among its prefectures: province = Σ prefectures + unallocated, in every category and year.

A prefecture has its own number where its own results are given; else a share by a documented proxy, marked as allocated; else nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tanlu.accounts.province.prefecture_settings import Proxy, load_prefecture_settings, prefectures_of
from tanlu.accounts.province.records import Inventory, InventoryRow, Status, combine
from tanlu.accounts.rulebook.factor_values import weighted_errors
from tanlu.accounts.rulebook.result import Result
from tanlu.core.gases import GwpSet
from tanlu.core.inventory import interval
from tanlu.core.provenance import Grade
from tanlu.core.province import Province

UNALLOCATED: Final = "unallocated"
"""Last part of the region that holds what no prefecture has."""
ALLOCATED: Final = "allocated"
T_PER_KT: Final = 1000.0


@dataclass(frozen=True, slots=True)
class PrefectureRow:
    """One gas of one category in one year of a prefecture, or what is left of the province.

    Parameters
    ----------
    region : str
        Prefecture, or ``<province>/unallocated``.
    value : float
        Mass of the gas [kt], removals negative.
    status : str
        ``calculated`` from own results, ``allocated`` by a proxy, ``unallocated``, or ``memo``.
    proxy : str
        Name of the proxy of an allocated value.
    proxy_year : int or None
        Year of the facts of the proxy.
    errors : mapping
        Relative standard uncertainty by cause; the errors of the shares cancel in the sum of the province.
    parents : tuple of str
        Ids of what it was made from.
    over : bool
        Of an unallocated row: whether the prefectures have more than the province.
    """

    region: str
    year: int
    category: str
    gas: str
    sector: str
    value: float
    status: str
    grade: Grade
    proxy: str = ""
    proxy_year: int | None = None
    errors: Mapping[str, float] = field(default_factory=dict)
    parents: tuple[str, ...] = ()
    signed: bool = False
    over: bool = False

    @property
    def id(self) -> str:
        """Identifier, the same in every run on the same data."""
        return f"prefecture:{self.region}:{self.year}:{self.category}:{self.gas}"

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval [kt]."""
        return self._interval()[0]

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval [kt]."""
        return self._interval()[1]

    def _interval(self) -> tuple[float, float]:
        return interval(self.value, math.sqrt(sum(e * e for e in self.errors.values())), self.signed)


@dataclass(frozen=True, slots=True)
class Part:
    """What one prefecture gets: value [kt], errors by cause, and where it comes from."""

    value: float
    errors: Mapping[str, float]
    parents: tuple[str, ...]
    status: str
    grade: Grade
    proxy: str = ""
    proxy_year: int | None = None


@dataclass(frozen=True, slots=True)
class Weights:
    """Values of a proxy in one year: the facts of the prefectures, and of the province where they are parts of a total."""

    proxy: Proxy
    year: int
    values: Mapping[str, float]
    facts: Mapping[str, tuple[str, ...]]

    def error(self, year: int) -> float:
        """Return the relative standard uncertainty of a share in a year of the inventory."""
        return math.hypot(self.proxy.error, self.proxy.drift * (year - self.year))


OwnResults = Mapping[tuple[str, int, str, str], Part]
"""Own results by (prefecture, year, category, gas)."""


def own_parts(results: Iterable[Result], prefectures: Sequence[str]) -> dict[tuple[str, int, str, str], Part]:
    """Return the sums of results that lie in prefectures, by (prefecture, year, category, gas) [kt]; memo items are left out.

    Parameters
    ----------
    results : iterable of Result
        Masses in t.
    prefectures : sequence of str
    """
    groups: dict[tuple[str, int, str, str], list[Result]] = {}
    for r in results:
        home = "/".join(r.place.split("/")[:2])
        if home in prefectures and not r.is_memo:
            groups.setdefault((home, int(r.period[:4]), r.category, r.gas), []).append(r)
    parts = {}
    for key, members in groups.items():
        value = sum(r.value for r in members) / T_PER_KT
        errors = weighted_errors([(r.value / T_PER_KT, dict(r.errors)) for r in members], value)
        grade = Grade.worst([Grade(r.grade) for r in members])
        parts[key] = Part(value, errors, tuple(r.id for r in members), Status.CALCULATED.value, grade)
    return parts


def prefecture_rows(province: Province, inventory: Inventory, own: OwnResults | None = None) -> list[PrefectureRow]:
    """Divide the inventory of a province among its prefectures.

    Parameters
    ----------
    province : Province
    inventory : Inventory
    own : mapping, optional
        Own results of prefectures, see `own_parts`; they stand before any proxy.

    Returns
    -------
    list of PrefectureRow
        For each number of the inventory those of the prefectures that have a part, and one of what is left. Without prefectures, none.

    Raises
    ------
    DataError
        If the settings of the division have problems.

    Notes
    -----
    ``V = Σ_i x_i + U``: first own results, then own shares ``x_i = V · a_i / a``, then ``x_i = R · w_i / Σ w`` for the rest R. The
    unallocated part U is what is left; it is shown also where it has the wrong sign. Notation keys stay with the province.
    """
    settings, regions = load_prefecture_settings(province), prefectures_of(province)
    if not regions:
        return []
    weights = {name: proxy_weights(province, p, regions) for name, p in settings.proxies.items()}
    known = own or {}
    rows: list[PrefectureRow] = []
    for row in (r for r in inventory.rows if r.value is not None):
        chain = [weights[p.name] for p in settings.chain(row.category, row.gas)]
        rows += _divide(row, regions, chain, known)
    return rows


def proxy_weights(province: Province, proxy: Proxy, regions: Sequence[str]) -> list[Weights]:
    """Return the values of a proxy in every year in which it can be used: own shares of the province, or facts of all prefectures."""
    series = {r: province.series(proxy.variable, proxy.unit, r) for r in regions}
    total = province.series(proxy.total, proxy.unit) if proxy.total else {}
    found = []
    for year in sorted({y for facts in series.values() for y in facts}):
        facts = {r: s[year] for r, s in series.items() if year in s}
        if proxy.total:
            if year in total and total[year].value > 0:
                whole = total[year]
                shares = {r: f.value / whole.value for r, f in facts.items()}
                found.append(Weights(proxy, year, shares, {r: (f.id, whole.id) for r, f in facts.items()}))
        elif len(facts) == len(regions) or proxy.absent:
            values = {r: facts[r].value if r in facts else 0.0 for r in regions}
            if sum(values.values()) > 0:
                found.append(Weights(proxy, year, values, {r: (f.id,) for r, f in facts.items()}))
    return found


def _nearest(weights: Iterable[Weights], year: int) -> Weights | None:
    return min(weights, key=lambda w: (abs(w.year - year), w.year), default=None)


def _divide(
    row: InventoryRow, regions: Sequence[str], chain: Sequence[list[Weights]], own: OwnResults
) -> list[PrefectureRow]:
    """Return the rows of the prefectures and of what is left of one row of the province."""
    parts: dict[str, Part] = {}
    divided = False
    for region in regions:
        key = (region, row.year, row.category, row.gas)
        if key in own:
            parts[region] = own[key]
    value = row.value or 0.0
    for weights in chain:
        if weights and weights[0].proxy.total:
            _own_shares(row, value, weights, parts)
    dividing = _nearest([w for ws in chain for w in ws if not w.proxy.total], row.year)
    rest = value - sum(p.value for p in parts.values())
    # a rest of the other sign is not divided: it is shown
    if dividing and (rest == 0 or (rest > 0) == (value > 0)):
        divided = _share_out(row, rest, dividing, regions, parts)
    rows = [_row(row, region, parts[region]) for region in regions if region in parts]
    return [*rows, _left(row, parts, divided)]


def _own_shares(row: InventoryRow, value: float, weights: Sequence[Weights], parts: dict[str, Part]) -> None:
    """Give prefectures their own published share of the province."""
    for region in {r for w in weights for r in w.values} - parts.keys():
        nearest = _nearest([w for w in weights if region in w.values], row.year)
        if nearest is None:
            continue
        name = nearest.proxy.name
        errors = {**row.errors, f"proxy:{name}:{region}": nearest.error(row.year)}
        parents = (row.id, *nearest.facts[region], f"assumption:proxy:{name}")
        parts[region] = Part(
            value * nearest.values[region], errors, parents, ALLOCATED, Grade.D, name, nearest.year
        )  # fmt: skip


def _share_out(
    row: InventoryRow, rest: float, weights: Weights, regions: Sequence[str], parts: dict[str, Part]
) -> bool:
    """Divide what is left among the prefectures that have nothing yet; return whether there were any to take it."""
    waiting = [r for r in regions if r not in parts]
    total = sum(weights.values[r] for r in waiting)
    if not waiting or total <= 0:
        return False
    taken = [(row.value or 0.0, row.errors), *((-p.value, p.errors) for p in parts.values())]
    common = weighted_errors(taken, rest) if rest else {}
    name, error = weights.proxy.name, weights.error(row.year)
    shares = {r: weights.values[r] / total for r in waiting}
    for region, share in shares.items():
        # what one prefecture has too much the others have too little: the errors of the shares cancel in the sum
        errors = {f"proxy:{name}:{r}": error * ((r == region) - s) for r, s in shares.items() if s}
        parents = (f"proxy:{name}:{weights.year}", row.id, *weights.facts.get(region, ()))
        parts[region] = Part(
            rest * share, {**common, **errors} if share else {}, parents, ALLOCATED, Grade.D, name, weights.year
        )  # fmt: skip
    return True


def _row(row: InventoryRow, region: str, part: Part) -> PrefectureRow:
    return PrefectureRow(
        region, row.year, row.category, row.gas, row.sector, part.value, part.status, part.grade, part.proxy, part.proxy_year,
        part.errors, part.parents, row.signed,
    )  # fmt: skip


def _left(row: InventoryRow, parts: Mapping[str, Part], divided: bool) -> PrefectureRow:
    """Return the row of what no prefecture has."""
    region = f"{row.region}/{UNALLOCATED}"
    status = Status.MEMO.value if row.status is Status.MEMO else UNALLOCATED
    whole = row.value or 0.0
    # what was divided by shares leaves nothing, whatever the last digit of the sum says
    value = 0.0 if divided else whole - sum(p.value for p in parts.values())
    errors: Mapping[str, float] = {}
    if value:
        errors = weighted_errors([(whole, row.errors), *((-p.value, p.errors) for p in parts.values())], value)
    over = value * whole < 0
    parents = (row.id, *(f"prefecture:{r}:{row.year}:{row.category}:{row.gas}" for r in parts))
    return PrefectureRow(
        region, row.year, row.category, row.gas, row.sector, value, status, row.grade, errors=errors, parents=parents,
        signed=row.signed or bool(parts), over=over,
    )  # fmt: skip


def prefecture_total(
    rows: Iterable[PrefectureRow], region: str, year: int, gwp: GwpSet, *, land: bool = False
) -> tuple[float, float, float]:
    """Return the sum of a prefecture in a year and its 95 % interval (value, low, high) [kt CO2e]; memo items never count.

    Parameters
    ----------
    rows : iterable of PrefectureRow
    region : str
    year : int
    gwp : GwpSet
    land : bool
        Whether land use counts.
    """
    chosen = [
        r for r in rows
        if r.region == region and r.year == year and r.status != Status.MEMO.value
        and (land or r.sector != "land")
    ]  # fmt: skip
    return combine((r.value * gwp[r.gas], r.errors) for r in chosen)


@dataclass(frozen=True, slots=True)
class OutsideTotal:
    """CO2 of a prefecture here and in an outside inventory [kt]; ``missing`` holds categories of the province that no prefecture has."""

    region: str
    year: int
    own: float
    low: float
    high: float
    reference: float
    fact: str
    missing: tuple[str, ...]

    @property
    def difference(self) -> float:
        """Own less outside CO2 [kt]."""
        return self.own - self.reference


def compare_outside(province: Province, rows: Sequence[PrefectureRow]) -> list[OutsideTotal]:
    """Compare the CO2 of the prefectures, land left out, with the outside total that the settings name.

    Returns
    -------
    list of OutsideTotal
        In every year that both have; empty without a reference.
    """
    reference = load_prefecture_settings(province).reference
    if not reference:
        return []
    by_region: dict[tuple[str, int], list[PrefectureRow]] = {}
    left: dict[int, list[str]] = {}
    for r in rows:
        if r.gas != "CO2" or r.sector == "land" or not r.value:
            continue
        if r.status == UNALLOCATED:
            left.setdefault(r.year, []).append(r.category)
        elif r.status != Status.MEMO.value:
            by_region.setdefault((r.region, r.year), []).append(r)
    found = []
    for region in prefectures_of(province):
        for year, fact in province.series(reference, "kt CO2", region).items():
            members = by_region.get((region, year), [])
            if members:
                value, low, high = combine((r.value, r.errors) for r in members)
                found.append(
                    OutsideTotal(region, year, value, low, high, fact.value, fact.id, tuple(sorted(left.get(year, ()))))
                )
    return found
