"""Tables of reports on a run, from its frozen rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from tanlu.charts.base import Cell, Column
from tanlu.charts.emissions import scenario_name
from tanlu.charts.energy_units import scale as energy_scale
from tanlu.charts.format import Shown, capital, exactly, percent, scale, show, subscript
from tanlu.charts.inventory import category_name
from tanlu.charts.records import InventoryRecord, PrefectureInventoryRecord, PrefectureRecord, TargetRecord
from tanlu.charts.results import Results
from tanlu.charts.scoreboard import MEASURED, STATUSES
from tanlu.charts.tiles import indicator_name, latest
from tanlu.core.messages import catalogue, translate
from tanlu.core.punctuation import PUNCTUATION
from tanlu.core.units import unit_label
from tanlu.pathways.levers import IN_PERCENT
from tanlu.reports.document import Table
from tanlu.reports.gathered import gathered

YEARS_SHOWN: Final = 5
_EXACT: Final = frozenset({"factor_value", "assumed", "feeds", "minimum", "maximum"})
_SETTING: Final = "setting."
"""What the key of a column begins with that holds settings of levers."""
_GAS: Final = "kt of a gas"
"""Mass of one gas, which may be small: a reader of English is told thousands of tonnes, not millions."""
_PERCENT: Final = re.compile(r"(?<=\d) (?=%)")
_SAME: Final = 4
"""Columns of figures from which on a unit that all share stands in the caption, not in each heading."""


def _table(name: str, language: str, keys: Sequence[tuple[str, str]], rows: Sequence[Sequence[Cell]]) -> Table:
    """Return a table; ``keys`` are the columns and the unit of their figures as stored."""
    columns = tuple(Column(k, translate(f"reports.column.{k}", language), unit) for k, unit in keys)
    return Table(name, translate(f"reports.table.{name}", language), columns, tuple(tuple(row) for row in rows))


def _chance(probability: float | None, stderr: float | None) -> tuple[Cell, Cell]:
    """Return a probability and its standard error as figures [%]; paper tells both in one word."""
    return Cell(None if probability is None else 100 * probability), Cell(None if stderr is None else 100 * stderr)


def targets(results: Results, language: str, measured: bool) -> Table:
    """Return the targets that can be measured with their standing, or the others with the reason."""
    rows, drawn = [], []
    for t in results.scoreboard:
        if (t.status in MEASURED) != measured:
            continue
        name = Cell(f"{t.target} {capital(subscript(t.name(language)))}", t.id)
        standing = Cell(f"{STATUSES[t.status][1]} {translate(f'charts.status.{t.status}', language)}")
        if measured:
            told = [name, Cell(str(t.deadline)), _required(t), Cell(t.value, t.id, t.unit), Cell(t.as_of), standing]
            rows.append([*told, *_chance(t.probability, t.stderr)])
            drawn.append([*told, Cell(percent(t.probability, t.stderr))])
        else:
            reason = catalogue().get(f"assessment.reason.{t.reason}", {}).get(language, t.reason)
            rows.append([name, Cell(str(t.deadline)), standing, Cell(reason)])
    if measured:
        keys = [(k, "") for k in ("target", "deadline", "required", "value", "as_of", "status")]
        made = _table("targets", language, [*keys, ("chance", "%"), ("chance_error", "%")], rows)
        return replace(made, paper=_noted(_table("targets", language, [*keys, ("chance", "")], drawn), language))
    return _table("unmeasured", language, [(k, "") for k in ("target", "deadline", "status", "reason")], rows)


def _noted(table: Table, language: str) -> Table:
    """Return a table with a note that says what stands behind ±, if one of its texts has it."""
    if not any("±" in str(cell.value) for row in table.rows for cell in row):
        return table
    return replace(table, notes=(translate("reports.note.chance", language),))


def _required(target: TargetRecord) -> Cell:
    """Return what a target requires: a figure with the unit of the target, or words."""
    try:
        return Cell(float(target.required), "", target.unit)
    except ValueError:
        return Cell(target.required or "—")


def peaks(results: Results, language: str, names: Sequence[str]) -> Table:
    """Return when and how high scenarios peak, with 5–95 % of the draws and the probability of a peak by 2030."""
    rows, drawn = [], []
    unit = "Mt CO2"
    for p in (p for p in results.peaks if p.scenario in names):
        unit = p.unit
        between = f"{p.peak_year_low}–{p.peak_year_high}" if p.peak_year_low else "—"
        name, test = scenario_name(p.scenario, language), capital(translate(f"charts.test.{p.test}", language))
        first = [Cell(name), Cell(test), Cell(str(p.peak_year or "—"), p.id)]
        levels = [Cell(p.level, p.id), Cell(p.level_low), Cell(p.level_high)]
        years = [Cell(str(year or "—")) for year in (p.peak_year_low, p.peak_year_high)]
        rows.append([*first, *years, *levels, *_chance(p.probability, p.stderr)])
        drawn.append([*first, Cell(between), *levels, Cell(percent(p.probability, p.stderr))])
    begin = [("scenario", ""), ("test", ""), ("peak_year", "")]
    tons = [("level", unit), ("low", unit), ("high", unit)]
    keys = [*begin, ("peak_low", ""), ("peak_high", ""), *tons, ("by2030", "%"), ("by2030_error", "%")]
    paper = _table("peaks", language, [*begin, ("draws", ""), *tons, ("by2030", "")], drawn)
    return replace(_table("peaks", language, keys, rows), paper=_noted(paper, language))


def inventory(results: Results, language: str) -> Table:
    """Return categories and gases over the last years [kt of gas]; a notation key stands where there is no value."""
    years = results.years[-YEARS_SHOWN:]
    by: dict[tuple[str, str], dict[int, InventoryRecord]] = {}
    for r in results.inventory:
        if r.year in years:
            by.setdefault((r.category, r.gas), {})[r.year] = r
    rows = []
    for (category, gas), own in sorted(by.items()):
        last = own[max(own)]
        cells = [_value(own.get(y)) for y in years]
        rows.append([Cell(_category(category, language)), Cell(subscript(gas)), *cells, Cell(last.grade.value)])
    made = _table("inventory", language, [("category", ""), ("gas", ""), ("grade", "")], [])
    first, second, last_column = made.columns
    in_years = tuple(Column(str(y), str(y), _GAS) for y in years)
    notes = (translate("reports.note.inventory", language),)
    return Table(made.name, made.caption, (first, second, *in_years, last_column), tuple(map(tuple, rows)), notes)


def _category(code: str, language: str) -> str:
    """Return code and name of a category; a memo item has no code in the guidelines."""
    name = capital(subscript(category_name(code, language)))
    return name if code.startswith("memo.") else f"{code} {name}"


def _value(row: InventoryRecord | PrefectureInventoryRecord | None) -> Cell:
    if row is None:
        return Cell(None)
    return Cell(row.status, row.id) if row.value is None else Cell(row.value, row.id)


def prefectures(results: Results, language: str) -> Table:
    """Return the newest figures of all prefectures, one column an indicator."""
    found = sorted({r.indicator for r in results.prefectures})
    own = {i: {r.region: r for r in latest(results, i)} for i in found}
    names = {r.region: r.name(language) for r in results.prefectures}
    rows = []
    for region, name in names.items():
        cells = []
        for i in found:
            r = own[i].get(region)
            cells.append(Cell(None) if r is None or r.value is None else Cell(r.value, r.id))
        rows.append([Cell(name), *cells])
    first = Column("prefecture", translate("reports.column.prefecture", language))
    units = {i: next((r.unit for r in own[i].values() if r.unit), "") for i in found}
    columns = (first, *(Column(i, _dated(i, own[i].values(), language), units[i]) for i in found))
    caption = translate("reports.table.prefectures", language)
    return Table("prefectures", caption, columns, tuple(map(tuple, rows)))


def _dated(indicator: str, records: Iterable[PrefectureRecord], language: str) -> str:
    """Return the name of an indicator with the years of its figures."""
    years = sorted({r.year for r in records if r.value is not None and r.year is not None})
    name = indicator_name(indicator, language)
    if not years:
        return name
    span = str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
    return translate("reports.column.dated", language, name=name, years=span)


def indicators(results: Results, language: str, region: str) -> Table:
    """Return the newest figures of one prefecture with its rank among those that have one."""
    rows = []
    for i in sorted({r.indicator for r in results.prefectures}):
        records = {r.region: r for r in latest(results, i)}
        r = records.get(region)
        known = sorted((o.value for o in records.values() if o.value is not None), reverse=True)
        if r is None or r.value is None:
            rows.append([Cell(indicator_name(i, language)), Cell(None), Cell("—"), Cell("—"), Cell("—")])
            continue
        rank = f"{known.index(r.value) + 1} / {len(known)}"
        grade = r.grade.value if r.grade else ""
        rows.append(
            [Cell(indicator_name(i, language)), Cell(r.value, r.id, r.unit), Cell(str(r.year)), Cell(rank), Cell(grade)]
        )
    return _table("indicators", language, [(k, "") for k in ("indicator", "value", "year", "rank", "grade")], rows)


def _proxy_name(results: Results, proxy: str, language: str) -> str:
    """Return the name of what a row was divided by, as its chain tells it behind the word for a proxy; the code of a run that does not."""
    node = results.lineage.nodes.get(f"assumption:proxy:{proxy}")
    if node is None:
        return proxy
    name = node.label(language)
    return name.partition(PUNCTUATION[language].colon)[2] or name


def prefecture_inventory(results: Results, language: str, region: str) -> Table:
    """Return the inventory of a prefecture in the last year [kt of gas] with intervals and how each row was divided."""
    own = [r for r in results.prefectures_inventory if r.region == region]
    last = max((r.year for r in own), default=0)
    rows = []
    for r in sorted((r for r in own if r.year == last), key=lambda r: (r.category, r.gas)):
        rows.append(
            [
                Cell(_category(r.category, language)),
                Cell(subscript(r.gas)),
                _value(r),
                Cell(r.low),
                Cell(r.high),
                Cell(capital(_proxy_name(results, r.proxy, language))),
                Cell(r.grade.value),
            ]
        )
    keys = [("category", ""), ("gas", ""), ("value", _GAS), ("low", _GAS), ("high", _GAS), ("proxy", ""), ("grade", "")]
    made = _table("emissions", language, keys, rows)
    return Table(made.name, bracketed(made.caption, str(last or ""), language), made.columns, made.rows)


def reconciliation(results: Results, language: str) -> Table:
    """Return the totals beside those of the outside inventory, and the items of the last year that both have.

    Reasons are numbers that the notes explain: the same few hold for most rows.
    """
    last = max((r.year for r in results.reconciliation), default=0)
    rows, numbers = [], dict[str, int]()
    units = {r.unit for r in results.reconciliation}
    common = units.pop() if len(units) == 1 else ""
    # the totals of all years first, then where the last of them differs
    for r in sorted(results.reconciliation, key=lambda r: r.dimension != "total"):
        if r.dimension != "total" and r.year != last:
            continue
        item = translate(f"charts.dimension.{r.dimension}", language)
        if r.dimension != "total":
            item += PUNCTUATION[language].colon + capital(
                catalogue().get(f"{r.dimension}.{r.item}", {}).get(language, r.item)
            )
        why = [numbers.setdefault(c, len(numbers) + 1) for c in r.explanation.split(";") if c]
        rows.append(
            [Cell(str(r.year)), Cell(item),
             *(Cell(v, r.id, "" if common else r.unit) for v in (r.tanlu, r.reference, r.difference)),
             Cell(", ".join(map(str, sorted(why))))]
        )  # fmt: skip
    keys = [("year", ""), ("item", ""), ("ours", common), ("theirs", common), ("difference", common), ("reason", "")]
    made = _table("reconciliation", language, keys, rows)
    notes = tuple(f"[{n}] {catalogue().get(f'recon.{c}', {}).get(language, c)}" for c, n in numbers.items())
    return replace(made, notes=notes)


def assumptions(results: Results, language: str) -> Table:
    """Return what the run assumes (grade D): a row a number with its note; on paper those of one name share a row."""
    nodes = sorted(
        (n for n in results.lineage.nodes.values() if n.grade == "D" and n.kind in ("fact", "factor", "assumption")),
        key=lambda n: n.id,
    )
    rows = [
        [Cell(capital(n.label(language)), n.id), Cell(n.value, n.id, n.unit), Cell(_PERCENT.sub("", n.note(language)))]
        for n in nodes
        if n.value is not None or n.note(language)
    ]
    made = _table("assumptions", language, [("assumption", ""), ("assumed", ""), ("note", "")], rows)
    drawn = [
        [Cell(capital(g.name)), Cell(_PERCENT.sub("", g.values)), Cell(scale(g.unit, language)[1])]
        for g in gathered(nodes, language, lambda value, unit: exact(value, unit, language).text)
    ]
    paper = _table("assumptions", language, [("assumption", ""), ("assumed", ""), ("unit", "")], drawn)
    return replace(made, paper=paper)


def levers(results: Results, language: str) -> Table:
    """Return the levers with their range and their setting in each world: shares in percent, others in the unit that readers expect."""
    worlds = list(results.levers[0].worlds) if results.levers else []
    rows = []
    for r in results.levers:
        factor, unit = energy_scale(r.unit, language)
        if r.unit in IN_PERCENT:
            factor, unit = 100.0, unit_label(IN_PERCENT[r.unit], language)
        figures = (r.minimum, r.maximum, *(r.worlds[w] for w in worlds))
        # ten digits: a factor must not add the noise of binary fractions
        told = (Cell(None if v is None else float(f"{v * factor:.10g}")) for v in figures)
        rows.append([Cell(r.name(language)), Cell(r.action), Cell(unit), *told, Cell(r.grade.value)])
    keys = [(k, "") for k in ("lever", "action", "unit", "minimum", "maximum", "grade")]
    made = _table("levers", language, keys, [])
    *first, grade = made.columns
    named = (Column(f"{_SETTING}{w}", catalogue().get(f"charts.world.{w}", {}).get(language, w)) for w in worlds)
    return Table(made.name, made.caption, (*first, *named, grade), tuple(map(tuple, rows)))


def sources(results: Results, language: str, ids: Collection[str] | None = None) -> Table:
    """Return the documents that the results rest on, or those of the numbers ``ids``, those with the most results first."""
    feeds: Mapping[str, int] = {s.id: s.feeds for s in results.sources}
    if ids is not None:
        below = map(results.lineage.sources_below, ids)
        feeds = Counter(node.removeprefix("source:") for found in below for node in found)
    used = sorted((s for s in results.sources if feeds.get(s.id)), key=lambda s: (-feeds[s.id], s.id))
    rows = [[Cell(s.title(language)), Cell(s.grade.value), Cell(feeds[s.id])] for s in used]
    return _table("sources", language, [("source", ""), ("grade", ""), ("feeds", "")], rows)


def is_exact(column: Column) -> bool:
    """Return whether figures are told as they were published, assumed, set or counted, not with three digits."""
    return column.key in _EXACT or column.key.startswith(_SETTING)


def cell_text(cell: Cell, column: Column, language: str) -> str:
    """Return a cell as a reader sees it: with its unit if the cell has one of its own."""
    if isinstance(cell.value, str):
        return subscript(cell.value)
    if is_exact(column) and cell.value is not None:
        return str(exact(cell.value, cell.unit, language))
    shown = show(cell.value, cell.unit or column.unit, language)
    return str(shown) if cell.unit else shown.text


def exact(value: float, unit: str, language: str) -> Shown:
    """Return a figure with all its digits in the unit that readers of the language expect."""
    if unit == "year":
        return show(value, unit, language)
    factor, shown = scale(unit, language)
    return Shown(exactly(value * factor), shown)


def bracketed(text: str, aside: str, language: str) -> str:
    """Return a text with something in brackets behind it, if there is anything; behind a comma if it ends with brackets of its own."""
    if not aside:
        return text
    marks = PUNCTUATION[language]
    return f"{text}{marks.comma}{aside}" if aside.endswith(marks.right) else text + marks.bracketed(aside)


def is_number(column: int, table: Table) -> bool:
    """Return whether a column holds figures, which stand at the right."""
    return any(isinstance(row[column].value, int | float) for row in table.rows)


def common_unit(columns: Sequence[Column]) -> str:
    """Return the unit that many columns of figures share, as stored; none where they are few or differ.

    The first column, which names the rows, may have another.
    """
    units = [column.unit for column in columns[1:] if column.unit]
    return units[0] if len(units) >= _SAME and len(set(units)) == 1 else ""


def headings(table: Table, language: str) -> tuple[str, tuple[str, ...]]:
    """Return the caption of a table on paper and the headings of its columns; a unit of many columns is told once, in the caption."""
    common = common_unit(table.columns)
    if not common:
        return table.caption, tuple(label(column, language) for column in table.columns)
    heads = tuple(c.label if c.unit == common else label(c, language) for c in table.columns)
    return bracketed(table.caption, scale(common, language)[1], language), heads


def label(column: Column, language: str) -> str:
    """Return the heading of a column with the unit in which its figures are shown."""
    unit = scale(column.unit, language)[1] if column.unit else ""
    return bracketed(column.label, unit, language)
