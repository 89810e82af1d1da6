"""Two inventories line by line: value before and after, what changed and why, and a report of the recalculation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from tanlu.accounts.files.figures import decimals_of, mass_text, signed_text
from tanlu.accounts.inventories.compared_sides import Comparable, LineKey, Side, Term, read_side
from tanlu.accounts.inventories.effects import Change, Effects, data_of, term_changes, term_effects
from tanlu.accounts.inventories.inventory_book import is_land
from tanlu.accounts.rulebook.method import methods
from tanlu.accounts.rulebook.result import MEMO
from tanlu.core.errors import DataError, Problem
from tanlu.core.gases import GWP_SETS, gwp_set
from tanlu.core.messages import translate

SHOWN: Final = 0.05
"""Smallest change that the report tells [t CO2e]: what its digits show."""
MOST_REASONS: Final = 6
"""Reasons of one line in the report; the rest is counted."""
KINDS: Final = ("activity", "factor", "method", "structure", "rest")
"""Effects in the order of the report."""


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """One region, year, category and gas [t]; None with a notation key, or where a side does not have the line."""

    key: LineKey
    before: float | None
    after: float | None
    key_before: str
    key_after: str
    changes: tuple[Change, ...]
    effects: Effects

    @property
    def difference(self) -> float:
        """After less before [t]; what has no number counts as nothing."""
        return (self.after or 0.0) - (self.before or 0.0)

    @property
    def is_changed(self) -> bool:
        """Whether the number or the notation key is another, or changes cancel in the number."""
        return self.before != self.after or self.key_before != self.key_after or bool(self.changes)


@dataclass(frozen=True)
class InventoryComparison:
    """Two inventories and the lines of both."""

    before: Side
    after: Side
    lines: tuple[ComparedLine, ...]

    @property
    def changed(self) -> list[ComparedLine]:
        """Lines that are not the same, the largest difference first, memo items last; none where no year is in both."""
        if self.is_apart:
            return []
        changed = (c for c in self.lines if c.is_changed)
        return sorted(changed, key=lambda c: (self._is_memo(c), -abs(c.difference), c.key))

    @property
    def is_apart(self) -> bool:
        """Whether the two inventories have no year in common, so that no line of one belongs to a line of the other."""
        return bool(self.before.years and self.after.years and not self.before.years & self.after.years)

    @property
    def has_land(self) -> bool:
        """Whether either side has results of land use."""
        return any(is_land(c.key.category) and (c.before is not None or c.after is not None) for c in self.lines)

    def _is_memo(self, line: ComparedLine) -> bool:
        """Whether a line is outside the total: one boundary for both sides, that of the later rule."""
        return line.key.category.startswith(MEMO) and line.key.category not in self.after.counts

    def weights(self, gwp: str) -> dict[str, float]:
        """Return the weight of each gas: of a named GWP set, or of that of the later inventory (``rule``).

        Raises
        ------
        DataError
            If the set is unknown, or fixes no value for a gas that occurs.
        """
        name = (self.after.gwp or self.before.gwp or "AR5") if gwp == "rule" else gwp
        if name not in GWP_SETS:
            details = {"refers_to": "GWP", "some": ", ".join(GWP_SETS)}
            raise DataError([Problem("unknown_choice", "--gwp", value=name, details=details)])
        values = {**gwp_set(name).values, "CO2e": 1.0}
        missing = sorted({c.key.gas for c in self.lines} - values.keys())
        if missing:
            raise DataError([Problem("no_gwp", "--gwp", value=name, details={"gases": ", ".join(missing)})])
        return values

    @property
    def years(self) -> list[int]:
        """Years of either inventory."""
        return sorted({c.key.year for c in self.lines})

    def totals(self, gwp: str = "rule", year: int | None = None, *, land: bool = True) -> tuple[float, float, Effects]:
        """Return the totals before and after [t CO2e] and the effects between them, memo items left out.

        Parameters
        ----------
        gwp : str
        year : int, optional
            All years together if not given.
        land : bool
            Whether land use counts, as it does in the total of a computation.
        """
        weights = self.weights(gwp)
        before, after, effects = 0.0, 0.0, Effects()
        for line in self.lines:
            if self._is_memo(line) or (is_land(line.key.category) and not land):
                continue
            if year is not None and line.key.year != year:
                continue
            weight = weights[line.key.gas]
            before += weight * (line.before or 0.0)
            after += weight * (line.after or 0.0)
            effects += line.effects.times(weight)
        return before, after, effects

    def as_record(self, gwp: str = "rule") -> dict[str, Any]:
        """Return the comparison as plain data: totals, and every line that changed."""
        weights = self.weights(gwp)
        sides = {"before": self.before, "after": self.after}
        return {
            **{
                role: {"name": s.name, "method_set": s.method_set, "years": sorted(s.years)} for role, s in sides.items()
            },
            "comparable": not self.is_apart, "unit": "t CO2e", **self._sums(gwp, None, land=True),
            "without_land": self._sums(gwp, None, land=False) if self.has_land else None,
            "years": [
                {"year": y, **{k.removeprefix("total_"): v for k, v in self._sums(gwp, y, land=True).items()}}
                for y in self.years
            ],
            "lines": len(self.lines), "changed": len(self.changed),
            "rows": [
                {
                    **c.key._asdict(), "unit": "t", "before": c.before, "after": c.after, "difference": c.difference,
                    "difference_co2e": c.difference * weights[c.key.gas], "key_before": c.key_before, "key_after": c.key_after,
                    "effects": asdict(c.effects), "changes": [x._asdict() for x in c.changes],
                }
                for c in self.changed
            ],
        }  # fmt: skip

    def _sums(self, gwp: str, year: int | None, *, land: bool) -> dict[str, Any]:
        """Return the totals as plain data; without a year in common there is no difference."""
        before, after, effects = self.totals(gwp, year, land=land)
        if self.is_apart:
            return {"total_before": before, "total_after": after, "difference": None, "effects": None}
        return {"total_before": before, "total_after": after, "difference": after - before, "effects": asdict(effects)}


def compare(before: Comparable, after: Comparable) -> InventoryComparison:
    """Compare two inventories line by line.

    Parameters
    ----------
    before, after : Results, InventoryBook or path
        Results of `compute`, an inventory document, a folder of results, a frozen run or a workspace.

    Raises
    ------
    DataError
        If one of them cannot be read.
    """
    old, new = read_side(before), read_side(after)
    keys = sorted(old.lines.keys() | new.lines.keys() | old.keys.keys() | new.keys.keys())
    return InventoryComparison(old, new, tuple(_line(key, old, new) for key in keys))


def _line(key: LineKey, old: Side, new: Side) -> ComparedLine:
    first, second = old.lines.get(key, ()), new.lines.get(key, ())
    before = sum(t.value for t in first) if first else None
    after = sum(t.value for t in second) if second else None
    key_before, key_after = old.keys.get(key, ""), new.keys.get(key, "")
    changes: list[Change] = []
    effects = Effects()
    # lines that are the same need no reasons
    if before != after or not _alike(first, second, old, new):
        for one, other in _pairs(first, second):
            found, part = _pair(one, other, old, new)
            changes += found
            effects += part
    if key_before != key_after:
        changes.append(Change("notation", "", key.category, key_before, key_after))
    return ComparedLine(key, before, after, key_before, key_after, tuple(changes), effects)


def _alike(first: Sequence[Term], second: Sequence[Term], old: Side, new: Side) -> bool:
    """Return whether two lines rest on the same records, methods, factors and data; changes may cancel in the sum."""
    if [(t.record, t.period, t.value, t.method, t.factors) for t in first] != [
        (t.record, t.period, t.value, t.method, t.factors) for t in second
    ]:
        return False
    return all(
        t.activities == u.activities or _said(t, old) == _said(u, new) for t, u in zip(first, second, strict=True)
    )


def _said(term: Term, side: Side) -> dict[tuple[str, str], tuple[str, str]]:
    return {key: (row.value, row.unit) for key, row in data_of(term, side).items()}


def _topic(term: Term) -> str:
    known = methods().get(term.method)
    return known.topic if known else term.method


def _pairs(first: Sequence[Term], second: Sequence[Term]) -> list[tuple[Term | None, Term | None]]:
    """Return the values that belong together: of the same record, then of the same topic in their order, then the only ones."""
    left, right = list(first), list(second)
    pairs: list[tuple[Term | None, Term | None]] = []
    marks: tuple[Callable[[Term], tuple[str, ...]], ...] = (
        lambda t: (t.record, t.period, _topic(t)), lambda t: (t.record, t.period), lambda t: (_topic(t), t.period),
    )  # fmt: skip
    for mark in marks:
        waiting: dict[tuple[str, ...], list[Term]] = {}
        for term in right:
            waiting.setdefault(mark(term), []).append(term)
        matched = [(t, waiting[mark(t)].pop(0)) for t in left if waiting.get(mark(t))]
        pairs += matched
        # terms are told apart by identity: equal ones may stand several times
        gone = {id(t) for pair in matched for t in pair}
        left, right = ([t for t in side if id(t) not in gone] for side in (left, right))
    if len(left) == len(right) == 1:
        return [*pairs, (left[0], right[0])]
    return [*pairs, *((t, None) for t in left), *((None, t) for t in right)]


def _pair(one: Term | None, other: Term | None, old: Side, new: Side) -> tuple[list[Change], Effects]:
    if one is None or other is None:
        found = other or one
        if found is None:
            return [], Effects()
        kind = "removed" if other is None else "added"
        said = f"{found.value:.6g} t"
        change = Change(kind, found.record, found.method, *((said, "") if other is None else ("", said)))
        return [change], Effects(structure=-found.value if other is None else found.value)
    changes = term_changes(one, other, old, new)
    if one.value == other.value and not changes:
        return [], Effects()
    return changes, term_effects(one, other, old, new, changes)


def change_text(change: Change, language: str) -> str:
    """Return a change as one sentence."""
    name = change.name if language == "zh" or not change.name_en else change.name_en
    none = translate("compare.none", language)
    fields = {"record": change.record, "name": name, "before": change.before or none, "after": change.after or none}
    return translate(f"compare.change.{change.kind}", language, **fields)


def recalculation_report(found: InventoryComparison, language: str, gwp: str = "rule", most: int = 20) -> list[str]:
    """Return the report of a recalculation, line by line: totals, effects, sets, and the largest changes with their reasons.

    Parameters
    ----------
    found : InventoryComparison
    language : {"zh", "en"}
    gwp : str
    most : int
        How many lines are told; the rest is counted.
    """
    if found.is_apart:
        return _apart(found, language, gwp)
    lines = _total_lines(found, language, gwp)
    if len(found.years) > 1:
        for year in found.years:
            one, other, _ = found.totals(gwp, year)
            if abs(other - one) >= SHOWN:
                lines.append(translate("compare.year", language, year=year, **_shown(one, other)))
    if found.before.method_set != found.after.method_set:
        sets = {"before": found.before.method_set, "after": found.after.method_set}
        lines.append(translate("compare.sets", language, **sets))
    changed = found.changed
    lines.append(translate("compare.count", language, changed=len(changed), lines=len(found.lines)))
    for line in changed[:most]:
        said = [change_text(c, language) for c in line.changes[:MOST_REASONS]]
        if len(line.changes) > MOST_REASONS:
            said.append(translate("compare.more", language, count=len(line.changes) - MOST_REASONS))
        reasons = "; ".join(said) or translate("compare.unknown", language)
        places = decimals_of(line.before or 0.0, line.after or 0.0)
        shown = {n: _number(v, k, places) for n, v, k in (
            ("before", line.before, line.key_before), ("after", line.after, line.key_after)
        )}  # fmt: skip
        lines.append(translate(
            "compare.line", language, **line.key._asdict(), **shown, difference=signed_text(line.difference, places),
            reasons=reasons,
        ))  # fmt: skip
    return lines


def _total_lines(found: InventoryComparison, language: str, gwp: str) -> list[str]:
    """Return the lines of the totals with land use, as a computation prints it, of its parts, and of the totals without land use."""
    before, after, effects = found.totals(gwp)
    lines = [translate("compare.total", language, **_shown(before, after))]
    places = decimals_of(before, after)
    lines += [
        translate(
            "compare.effect", language, name=translate(f"compare.effect.{k}", language), value=signed_text(v, places)
        )
        for k in KINDS
        if abs(v := getattr(effects, k)) >= SHOWN
    ]
    if found.has_land:
        apart = found.totals(gwp, land=False)
        lines.append(translate("compare.without_land", language, **_shown(*apart[:2])))
    return lines


def _apart(found: InventoryComparison, language: str, gwp: str) -> list[str]:
    """Return what can be said of two inventories without a year in common: that, and the totals of each year."""
    years = {
        role: ", ".join(map(str, sorted(side.years)))
        for role, side in (("before", found.before), ("after", found.after))
    }
    lines = [translate("compare.apart", language, **years)]
    for year in found.years:
        for land in (True, False) if found.has_land else (True,):
            one, other, _ = found.totals(gwp, year, land=land)
            key = "compare.one_year" if land else "compare.one_year_without_land"
            lines.append(
                translate(key, language, year=year, value=mass_text(other if year in found.after.years else one))
            )
    return [*lines, translate("compare.apart_mend", language)]


def _shown(before: float, after: float) -> dict[str, str]:
    """Return two sums and their difference with the same digits."""
    places = decimals_of(before, after)
    return {
        "before": mass_text(before, places), "after": mass_text(after, places), "difference": signed_text(after - before, places),
    }  # fmt: skip


def _number(value: float | None, key: str, places: int) -> str:
    return key or "–" if value is None else mass_text(value, places)
