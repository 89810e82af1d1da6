"""Where a figure of monitoring comes from: gases, amounts of carriers, meters, factors with their versions, and when it was known.

The id of a figure is ``monitor:<unit or region>:<days>``, with ``<days>`` a month (YYYY-MM), a day, or two days joined by ``..``; an ending
``@YYYY-MM-DD`` asks for what was known on the evening of that day.
"""

from __future__ import annotations

import calendar
import datetime
import re
from typing import TYPE_CHECKING, Any, Final

from tanlu.core.errors import DataError, Problem
from tanlu.core.library import load_library
from tanlu.core.lineage import Lineage, Node
from tanlu.monitor.carriers import carriers
from tanlu.monitor.emissions import BIOGENIC, Emission, Emissions, emissions
from tanlu.monitor.facts import Facts
from tanlu.monitor.last_day import last_read_day
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, UnitKind, day_name, day_number

if TYPE_CHECKING:
    from tanlu.monitor.ledger import Ledger
    from tanlu.monitor.registry import Meter

PREFIX: Final = "monitor:"
_SHAPE: Final = re.compile(
    r"monitor:(?P<where>.+):(?P<days>\d{4}-\d\d(-\d\d(\.\.\d{4}-\d\d-\d\d)?)?)(@(?P<known>\d{4}-\d\d-\d\d))?"
)


def explained(ledger: Ledger, number: str) -> tuple[Lineage, dict[str, Any]]:
    """Return the chain behind a figure, and what fixes it: definition, factor version, generation of facts, moment of knowledge.

    Parameters
    ----------
    ledger : Ledger
    number : str
        Id of the figure.

    Raises
    ------
    DataError
        If the id names no unit or no days, or facts cannot be read.
    """
    where, first, last, known_at = _asked(ledger, number)
    facts = Facts(ledger, known_at)
    found = emissions(facts, where, first, last, ("carrier",))
    nodes, root = [], []
    for row in found.rows:
        if row.scope != BIOGENIC:
            root.append(f"{number}#{row.carrier}:{row.gas}:{row.scope}")
        nodes.append(_mass(number, row))
    nodes += _amounts(facts, number, where, first, last)
    nodes += [factor_node(name) for name in sorted({n for row in found.rows for n in row.factors})]
    fixed = {
        "definition": found.definition, "factor_version": found.factor_version, "generation": found.generation, "gwp": found.gwp,
        "known_at": "" if known_at is None else day_name((known_at // 1_000_000 + CIVIL_OFFSET) // DAY - 1),
    }  # fmt: skip
    return Lineage([_total(ledger, number, found, tuple(root)), *nodes]), fixed


def _asked(ledger: Ledger, number: str) -> tuple[str, int, int, int | None]:
    match = _SHAPE.fullmatch(number)
    where = match["where"] if match else number.removeprefix(PREFIX)
    try:
        if match is None:
            raise ValueError(number)
        days = match["days"]
        first, last = _days(days)
        known = (day_number(match["known"]) + 1) * DAY - CIVIL_OFFSET if match["known"] else None
    except ValueError:
        raise DataError([Problem("lineage_shape", str(ledger.path), value=number)]) from None
    if where not in ledger.registry.units:
        some = ", ".join(sorted(ledger.registry.units)[:5])
        details = {"refers_to": "units", "some": some}
        raise DataError([Problem("unknown_choice", str(ledger.path), field="unit", value=where, details=details)])
    if len(days) == len("2024-07"):
        last = last_read_day(ledger, first, last) or last
    return where, first, last, None if known is None else known * 1_000_000


def _days(text: str) -> tuple[int, int]:
    if len(text) == len("2024-07"):
        start = datetime.date.fromisoformat(f"{text}-01")
        first = day_number(start.isoformat())
        return first, first + calendar.monthrange(start.year, start.month)[1] - 1
    begin, _, end = text.partition("..")
    dates = [datetime.date.fromisoformat(d).isoformat() for d in (begin, end or begin)]
    if dates[1] < dates[0]:
        raise ValueError(text)
    return day_number(dates[0]), day_number(dates[1])


def _total(ledger: Ledger, number: str, found: Emissions, parents: tuple[str, ...]) -> Node:
    unit = ledger.registry.units[found.where]
    span = f"{day_name(found.first)} – {day_name(found.last)}"
    shares = {k: f"{100 * v:.1f}%" for k, v in found.shares.items()}
    return Node(
        number, "result", f"{unit.zh} {span} 已接入企业排放", f"{unit.en}, {span}: emissions of connected firms", found.co2e(), "kg CO2e",
        note_zh="实测 {measured}，估算 {estimated}，缺测 {missing}".format(**shares),
        note_en="{measured} measured, {estimated} estimated, {missing} missing".format(**shares), parents=parents,
    )  # fmt: skip


def _mass(number: str, row: Emission) -> Node:
    carrier = carriers()[row.carrier]
    return Node(
        f"{number}#{row.carrier}:{row.gas}:{row.scope}", "result", f"{carrier.zh} {row.gas}", f"{row.gas} of {carrier.en}", row.kg,
        f"kg {row.gas}", row.grade, parents=(f"{number}#{row.carrier}", *row.factors),
    )  # fmt: skip


def _amounts(facts: Facts, number: str, where: str, first: int, last: int) -> list[Node]:
    """Return amounts by carrier with the meters that count; above the level of enterprises the units one level below instead."""
    registry = facts.ledger.registry
    begin, end = first * DAY - CIVIL_OFFSET, (last + 1) * DAY - CIVIL_OFFSET
    own = registry.units[where].kind in (UnitKind.DEVICE, UnitKind.ENTERPRISE)
    used = [m for m in registry.meters_of(where) if m.counted]
    table = facts.hours_of_meters([m.number for m in used], begin, end) if own else facts.unit_hours(where, begin, end)
    by_meter = {m.number: carriers()[m.carrier].number for m in used}
    sums: dict[int, list[float]] = {}
    columns = (table.column(n).to_pylist() for n in ("quantity", "estimated", "n_good", "n_estimated", "n_missing"))
    keys = [by_meter[n] for n in table.column("meter").to_pylist()] if own else table.column("carrier").to_pylist()
    for carrier, *cells in zip(keys, *columns, strict=True):
        total = sums.setdefault(carrier, [0.0] * 5)
        for place, cell in enumerate(cells):
            total[place] += cell or 0.0
    nodes: list[Node] = []
    for carrier in carriers().values():
        mine = [m for m in used if m.carrier == carrier.id]
        if carrier.number in sums and mine:
            below = [meter_node(m) for m in mine] if own else _below(facts, number, where)
            nodes.append(_amount(number, carrier.id, sums[carrier.number], mine, tuple(n.id for n in below)))
            nodes += below
    return list({n.id: n for n in nodes}.values())


def _amount(number: str, name: str, sums: list[float], meters: list[Meter], parents: tuple[str, ...]) -> Node:
    carrier, (quantity, estimated, *counts) = carriers()[name], sums
    due = sum(counts)
    told = {
        "meters": len(meters), "estimated": f"{100 * estimated / quantity if quantity else 0:.1f}%",
        "missing": f"{100 * counts[2] / due if due else 0:.1f}%", "due": f"{due:,.0f}",
    }  # fmt: skip
    return Node(
        f"{number}#{name}", "fact", carrier.zh, carrier.en, quantity, carrier.unit,
        note_zh="{meters} 只表，应收读数 {due} 个，补填或估算占 {estimated}，缺测 {missing}".format(**told),
        note_en="{meters} meters, {due} readings due, {estimated} filled or estimated, {missing} missing".format(**told), parents=parents,
    )  # fmt: skip


def _below(facts: Facts, number: str, where: str) -> list[Node]:
    days = number.rpartition(":")[2]
    units = [u for u in facts.ledger.registry.units.values() if u.parent == where]
    return [Node(f"{PREFIX}{u.id}:{days}", "fact", u.zh, u.en, note_zh=f"tanlu explain {PREFIX}{u.id}:{days}",
                 note_en=f"tanlu explain {PREFIX}{u.id}:{days}") for u in units]  # fmt: skip


def meter_node(meter: Meter) -> Node:
    """Return a meter as a source: its class and last calibration."""
    accuracy = "–" if meter.accuracy is None else f"{meter.accuracy:g}"
    calibrated = meter.calibrated_on.isoformat() if meter.calibrated_on else "–"
    return Node(
        f"meter:{meter.id}", "source", f"表 {meter.id}", f"meter {meter.id}", note_zh=f"准确度等级 {accuracy}，检定于 {calibrated}",
        note_en=f"class {accuracy}, calibrated on {calibrated}",
    )  # fmt: skip


def factor_node(name: str) -> Node:
    """Return a factor of the library with its value, interval of validity and source, or of another table by its id alone."""
    factor = load_library().factors.get(name)
    if factor is None:
        return Node(name, "factor", name, name)
    years = "–".join(str(y) for y in (factor.valid_from, factor.valid_to) if y is not None)
    return Node(
        name, "factor", name, name, factor.value, factor.unit, str(getattr(factor.grade, "value", factor.grade)),
        note_zh=f"来源 {factor.source} {years}".strip(), note_en=f"source {factor.source} {years}".strip(),
    )  # fmt: skip
