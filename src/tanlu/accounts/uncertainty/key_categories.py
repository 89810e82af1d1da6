"""Key categories by level and trend, approaches 1 and 2, without and with land use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from tanlu.accounts.uncertainty.estimates import Estimates, Key, Line, cause_kinds, sum_lines

Kind = Literal["level", "trend"]
CUT: Final = {1: 0.95, 2: 0.90}
"""Cumulative share up to which categories are key, by approach."""
LAND: Final = ("3.B", "3.D.1")
"""Land and harvested wood products."""


class KeyRow(NamedTuple):
    """One category and gas in one list, in descending order.

    Parameters
    ----------
    value, base : float
        Emissions of the current and of the base year [t CO2e].
    assessment : float
        Level or trend assessment; of approach 2 multiplied with the uncertainty [1].
    share, cumulative : float
        Share of the sum of the assessments, and the running sum [1].
    is_key : bool
    """

    category: str
    gas: str
    value: float
    base: float | None
    assessment: float
    share: float
    cumulative: float
    is_key: bool


class KeyList(NamedTuple):
    """One list of key categories.

    Parameters
    ----------
    approach : {1, 2}
    kind : {"level", "trend"}
    land : bool
        Whether land use is in it.
    rows : tuple of KeyRow
    """

    approach: int
    kind: Kind
    land: bool
    rows: tuple[KeyRow, ...]

    @property
    def name(self) -> str:
        """``L1``, ``T1``, ``L2`` or ``T2``, as inventory reports write it."""
        return f"{'L' if self.kind == 'level' else 'T'}{self.approach}"


@dataclass(frozen=True, slots=True)
class KeyCategories:
    """The lists, and which of them make a category key."""

    lists: tuple[KeyList, ...]

    def find(self, approach: int, kind: Kind, *, land: bool) -> KeyList | None:
        """Return one of the lists."""
        return next((x for x in self.lists if (x.approach, x.kind, x.land) == (approach, kind, land)), None)

    @property
    def reasons(self) -> dict[Key, tuple[str, ...]]:
        """Names of the lists in which a category and gas is key, with ``+`` where land use is in the list."""
        found: dict[Key, list[str]] = {}
        for each in self.lists:
            for row in each.rows:
                if row.is_key:
                    found.setdefault((row.category, row.gas), []).append(each.name + ("+" if each.land else ""))
        return {key: tuple(names) for key, names in sorted(found.items())}


def key_categories(
    current: Estimates,
    base: Estimates | None = None,
    *,
    period: str = "",
    base_period: str = "",
    gwp: str = "rule",
    uncertainties: Mapping[Key, float] | None = None,
    land: Sequence[str] = LAND,
) -> KeyCategories:
    """Return the key categories by level, and by trend if there is a base year.

    Parameters
    ----------
    current : Estimates
    base : Estimates, optional
        Results of the base year; those of ``current`` if ``base_period`` alone is given.
    period, base_period : str
        Year or month; empty for everything.
    gwp : str
        GWP set; ``rule`` is the one that the method set of ``current`` fixes.
    uncertainties : mapping, optional
        Half-width of the 95 % interval by (category, gas) [%], such as `Spread.half_width` of a Monte Carlo run; those of Approach 1 if
        not given.
    land : sequence of str
        Categories that count as land use.

    Notes
    -----
    IPCC 2006 vol. 1 ch. 4, eq. 4.1–4.5. Approach 1 lists categories that add up to 95 % of the assessments, approach 2 to 90 % of the
    assessments times uncertainty. The assessment without land use comes first; the one with land use may add categories to it.
    """
    first = current if base is None else base
    kinds = cause_kinds(current, first)
    name = current.gwp(gwp).id
    now = sum_lines(current, gwp=name, period=period, kinds=kinds)
    then = sum_lines(first, gwp=name, period=base_period, kinds=kinds) if base is not None or base_period else None
    lists: list[KeyList] = []
    for with_land in (False, True):
        keys = sorted(k for k in now.keys() | (then or {}).keys() if with_land or not is_land(k[0], land))
        values = {k: now[k].value if k in now else 0.0 for k in keys}
        old = None if then is None else {k: then[k].value if k in then else 0.0 for k in keys}
        widths = {k: _width(k, now, then or {}, uncertainties) for k in keys}
        assessed: list[tuple[Kind, dict[Key, float]]] = [("level", level_assessment(values))]
        if old is not None:
            assessed.append(("trend", trend_assessment(old, values)))
        for kind, assessment in assessed:
            weighed = {k: a * widths[k] / 100 for k, a in assessment.items()}
            lists.append(KeyList(1, kind, with_land, _ranked(assessment, values, old, CUT[1])))
            lists.append(KeyList(2, kind, with_land, _ranked(weighed, values, old, CUT[2])))
    return KeyCategories(tuple(lists))


def level_assessment(values: Mapping[Key, float]) -> dict[Key, float]:
    """Return |E| / Σ|E| for emissions and removals in one unit (IPCC 2006 vol. 1 ch. 4, eq. 4.1)."""
    total = sum(abs(v) for v in values.values())
    return {key: abs(v) / total if total else 0.0 for key, v in values.items()}


def trend_assessment(base: Mapping[Key, float], current: Mapping[Key, float]) -> dict[Key, float]:
    """Return the trend assessment of emissions and removals in one unit, with the same keys in both years.

    Notes
    -----
    IPCC 2006 vol. 1 ch. 4, eq. 4.2: ``|E0|/Σ|E0| · |(E − E0)/|E0| − (ΣE − ΣE0)/|ΣE0||``; eq. 4.3 where the category had no emissions in
    the base year: ``|E / Σ|E0||``.
    """
    size, old, new = sum(abs(v) for v in base.values()), sum(base.values()), sum(current.values())
    if not size or not old:
        return dict.fromkeys(current, 0.0)
    whole = (new - old) / abs(old)
    return {
        key: abs(base[key]) / size * abs((value - base[key]) / abs(base[key]) - whole)
        if base[key]
        else abs(value) / size
        for key, value in current.items()
    }


def is_land(category: str, land: Sequence[str] = LAND) -> bool:
    """Return whether a category is land use."""
    return any(category == c or category.startswith(f"{c}.") for c in land)


def _width(
    key: Key, now: Mapping[Key, Line], then: Mapping[Key, Line], uncertainties: Mapping[Key, float] | None
) -> float:
    """Return the uncertainty of a category [%]; of one that has ended that of the base year."""
    if uncertainties is not None and key in uncertainties:
        return uncertainties[key]
    line = now[key] if key in now and now[key].value else then.get(key, Line(key))
    return line.half_width()


def _ranked(
    assessment: Mapping[Key, float], values: Mapping[Key, float], base: Mapping[Key, float] | None, cut: float
) -> tuple[KeyRow, ...]:
    """Return the categories in descending order; those that are needed to reach the cut are key."""
    total = sum(assessment.values())
    rows: list[KeyRow] = []
    reached = 0.0
    for key in sorted(assessment, key=lambda k: (-assessment[k], k)):
        share = assessment[key] / total if total else 0.0
        # the one that crosses the line belongs to the list; a billionth takes the error of adding
        is_key = share > 0 and reached < cut - 1e-9
        reached += share
        old = None if base is None else base[key]
        rows.append(KeyRow(key[0], key[1], values[key], old, assessment[key], share, reached, is_key))
    return tuple(rows)
