"""Charts and tables of monitoring, made from the ledger for a page or an answer of the API."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tanlu.charts import Chart
from tanlu.charts.format import capital, subscript
from tanlu.charts.monitor import DayRow, Point, days_chart, line_chart, places_chart, sector_chart
from tanlu.charts.records import PrefectureRecord
from tanlu.core.gases import GwpSet, gwp_set
from tanlu.core.messages import translate
from tanlu.core.units import unit_label
from tanlu.monitor.carriers import carriers
from tanlu.monitor.emissions import BIOGENIC, DIRECT, PURCHASED, Emission
from tanlu.monitor.schema import HOUR, UnitKind, day_name
from tanlu.monitor.suspicion.cases import evidence_text
from tanlu.portal.monitor.reads import HourAmount, carriers_in, hours_of_meter, hours_of_unit
from tanlu.portal.monitor.sources import chart_sources
from tanlu.portal.service import NotFoundError

if TYPE_CHECKING:
    from tanlu.monitor.desk import Item
    from tanlu.monitor.registry import Meter, Registry, Unit
    from tanlu.portal.monitor.service import Monitoring, Span

PARAMETERS: Final = ("id", "from", "to", "carrier", "number")
LONGEST_HOURS: Final = 31
"""Days of which hours are drawn one by one."""
LEVELS: Final = (UnitKind.PREFECTURE, UnitKind.COUNTY, UnitKind.PARK, UnitKind.ENTERPRISE)


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """Emissions of a unit or region in some days [kg CO2e], and how well they are known."""

    id: str
    name_zh: str
    name_en: str
    kind: str
    enterprises: int
    meters: int
    scope_1: float
    purchased: float
    total: float
    estimated: float
    missing: float


@dataclass(frozen=True, slots=True)
class EmissionLine:
    """Mass of a gas of a carrier in some days, and what it rests on."""

    carrier: str
    gas: str
    scope: str
    kg: float
    estimated: float
    missing: float
    factors: str
    grade: str


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case: what it rests on and how far it is."""

    id: str
    enterprise: str
    name_zh: str
    name_en: str
    first: str
    last: str
    state: str
    p: float
    q: float
    strongest_zh: str
    strongest_en: str


def chart(m: Monitoring, name: str, language: str, given: Mapping[str, str], *, by_meters: bool = True) -> Chart:
    """Return a chart by name; without ``by_meters`` that of sectors does not tell how much of each was metered.

    Raises
    ------
    NotFoundError
        If there is no such chart, or what it is asked of does not exist.
    """
    makers: dict[str, Callable[[Monitoring, str, Mapping[str, str]], Chart]] = {
        "sectors-day": partial(_sectors, "day", by_meters),
        "sectors-month": partial(_sectors, "month", by_meters),
        "days": _days,
        "tiles": _tiles,
        "load": _load,
        "meter": _meter,
        "evidence": _evidence,
    }
    if name not in makers:
        raise NotFoundError("portal.missing.chart", name)
    made = makers[name](m, language, given)
    return replace(made, sources=chart_sources(m, name, made.parameters))


def sector_record(m: Monitoring, period: str, *, by_meters: bool) -> dict[str, Any]:
    """Return emissions of the last day or of its month by sector [kt CO2].

    Parameters
    ----------
    m : Monitoring
    period : {"day", "month"}
    by_meters : bool
        With what was metered in each sector. In some sector a single firm may be connected, whose amount that is: nothing for the public.

    Raises
    ------
    DataError
        If the province has no statistics or no inventory for it.
    """
    made, day = m.nowcast()
    record = made.as_record(day if period == "day" else made.days[0], day)
    if not by_meters:
        for sector in record["sectors"].values():
            del sector["metered"]
    return record


def _sectors(period: str, by_meters: bool, m: Monitoring, language: str, _: Mapping[str, str]) -> Chart:
    return sector_chart(sector_record(m, period, by_meters=by_meters), language, period)


def _asked(given: Mapping[str, str], *names: str) -> dict[str, str]:
    return {k: given[k] for k in names if given.get(k)}


def _days(m: Monitoring, language: str, given: Mapping[str, str]) -> Chart:
    unit = m.unit(given.get("id", ""))
    span = m.span(given.get("from", ""), given.get("to", ""))
    return days_chart("monitor-days", day_rows(m, unit.id, span), language, _asked(given, "id", "from", "to"))


def day_rows(m: Monitoring, where: str, span: Span) -> list[DayRow]:
    """Return emissions by day; a day of which nothing is known has None."""
    return m.kept(("days", where, span), lambda: m.read(read_days, where, span))


def read_days(m: Monitoring, where: str, span: Span) -> list[DayRow]:
    """Return the same, read from the facts."""
    found = m.emissions(where, span, ("day",))
    by_day: dict[str, list[Emission]] = {}
    for row in found.rows:
        by_day.setdefault(row.period, []).append(row)
    gwp = gwp_set(found.gwp)
    return [_day_row(day_name(day), by_day.get(day_name(day), []), gwp) for day in range(span.first, span.last + 1)]


def _day_row(day: str, rows: list[Emission], gwp: GwpSet) -> DayRow:
    direct, purchased, estimated, missing = _amounts(rows, gwp)
    return DayRow(day, direct if rows else None, purchased if rows else None, estimated, missing)


def _amounts(rows: Iterable[Emission], gwp: GwpSet) -> tuple[float, float, float, float]:
    """Return direct and purchased emissions [kg CO2e] and the shares estimated and missing, as `Emissions` tells them, in one pass."""
    kg = {DIRECT: 0.0, PURCHASED: 0.0}
    weight = estimated = missing = most = 0.0
    none = True
    for row in rows:
        if row.scope in kg:
            own = row.kg * gwp[row.gas]
            kg[row.scope] += own
            weight += abs(own)
            estimated += abs(row.estimated) * gwp[row.gas]
            missing += abs(own) * row.missing
            most, none = max(most, row.missing), False
    if weight:
        return kg[DIRECT], kg[PURCHASED], estimated / weight, missing / weight
    return kg[DIRECT], kg[PURCHASED], 0.0, 1.0 if none else most


def _tiles(m: Monitoring, language: str, given: Mapping[str, str]) -> Chart:
    """Return the prefectures of a province on their tiles; only the province has some."""
    unit = m.unit(given.get("id", ""))
    span = m.span(given.get("from", ""), given.get("to", ""))
    level, places = place_lines(m, unit.id, span)
    if level is not UnitKind.PREFECTURE:
        raise NotFoundError("portal.missing.chart", unit.id)
    regions = m.province().regions
    records = [
        PrefectureRecord(p.id, p.name_zh, p.name_en, *tile, "co2e", None, p.total / 1000 if p.meters else None, "t CO2e", None, "")
        for p in places
        if p.id in regions and (tile := regions[p.id].tile) is not None
    ]  # fmt: skip
    return places_chart(records, span.names, language, _asked(given, "id", "from", "to"))


def _load(m: Monitoring, language: str, given: Mapping[str, str]) -> Chart:
    unit = m.unit(given.get("id", ""))
    span = m.span(given.get("from", ""), given.get("to", ""))
    span = type(span)(max(span.first, span.last - LONGEST_HOURS + 1), span.last)
    chosen = given.get("carrier", "") or next(iter(carriers_of(m, unit.id, span)), "electricity")
    if chosen not in carriers():
        raise NotFoundError("portal.missing.unit", chosen)
    carrier = carriers()[chosen]
    points = _points(m.read(hours_of_unit, unit.id, carrier.number, span), span)
    what = capital(translate("portal.monitor.load_of", language, carrier=subscript(carrier.name(language))))
    label = unit_label(carrier.unit, language)
    kept = {**_asked(given, "id", "from", "to"), "carrier": chosen}
    return line_chart("monitor-load", points, what, label, language, kept)


def _points(known: Iterable[HourAmount], span: Span) -> list[Point]:
    """Return a point for each hour of some days; one of which nothing is known is a gap."""
    by_hour = {h.hour: h for h in known if h.quantity is not None}
    found = ((hour, by_hour.get(hour)) for hour in range(*span.seconds, HOUR))
    return [Point(hour, None, False) if h is None else Point(hour, h.quantity, h.estimated != 0) for hour, h in found]


def carriers_of(m: Monitoring, where: str, span: Span) -> list[str]:
    """Return the carriers of which a unit or region has facts in some days, in the order of the table of carriers."""
    present = m.kept(("carriers", where, span), lambda: m.read(carriers_in, where, span))
    return [name for name, carrier in carriers().items() if carrier.number in present]


def meter_of(m: Monitoring, name: str) -> Meter:
    """Return a meter.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    found = m.registry.meters.get(name)
    if found is None:
        raise NotFoundError("portal.missing.meter", name)
    return found


def _meter(m: Monitoring, language: str, given: Mapping[str, str]) -> Chart:
    meter = meter_of(m, given.get("id", ""))
    span = m.span(given.get("from", ""), given.get("to", ""))
    span = type(span)(max(span.first, span.last - LONGEST_HOURS + 1), span.last)
    points = _points(m.read(hours_of_meter, meter.number, span), span)
    carrier = carriers()[meter.carrier]
    what = capital(translate("portal.monitor.load_of", language, carrier=subscript(carrier.name(language))))
    given_pairs = _asked(given, "id", "from", "to")
    return line_chart("monitor-meter", points, what, unit_label(carrier.unit, language), language, given_pairs)


def case_of(m: Monitoring, name: str) -> Item:
    """Return a case.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    found = m.cases().items(name)
    if not found:
        raise NotFoundError("portal.missing.case", name)
    return found[0]


def _evidence(m: Monitoring, language: str, given: Mapping[str, str]) -> Chart:
    item = case_of(m, given.get("id", ""))
    number = given.get("number", "0")
    evidence = item.record["evidence"]
    if not number.isdecimal() or int(number) >= len(evidence):
        raise NotFoundError("portal.missing.case", f"{item.id} {number}")
    record = evidence[int(number)]
    points = [
        Point(record["excerpt_start"] + i * record["excerpt_step"], value) for i, value in enumerate(record["excerpt"])
    ]
    meter = m.registry.meters.get(record["meters"][0]) if record["meters"] else None
    what = subscript(carriers()[meter.carrier].name(language)) if meter is not None else record["test"]
    unit = unit_label(carriers()[meter.carrier].unit, language) if meter is not None else ""
    return line_chart(
        "monitor-evidence", points, what, unit, language, {"id": item.id, "number": number}, key="evidence"
    )


def place_lines(m: Monitoring, where: str, span: Span) -> tuple[UnitKind | None, list[PlaceLine]]:
    """Return the next level below a unit or region that has units, and the emissions of each; the largest first."""
    return m.kept(("places", where, span), lambda: m.read(read_places, where, span))


def read_places(m: Monitoring, where: str, span: Span) -> tuple[UnitKind | None, list[PlaceLine]]:
    """Return the same, read from the facts."""
    registry = m.registry
    children = registry.children(where)
    kinds = {u.kind for u in children}
    level = next((k for k in LEVELS if k in kinds), None)
    if level is None:
        return None, []
    found = m.emissions(where, span, ("unit",), level)
    by_unit: dict[str, list[Emission]] = {}
    for row in found.rows:
        by_unit.setdefault(row.unit, []).append(row)
    gwp = gwp_set(found.gwp)
    lines = [place_line(registry, child, by_unit.get(child.id, []), gwp) for child in children if child.kind is level]
    return level, sorted(lines, key=lambda line: (-line.total, line.id))


def place_line(registry: Registry, unit: Unit, rows: Iterable[Emission], gwp: GwpSet) -> PlaceLine:
    """Return the line of one unit or region from its emissions."""
    direct, purchased, estimated, missing = _amounts(rows, gwp)
    return PlaceLine(
        unit.id, unit.zh, unit.en, unit.kind.value, *registry.counts[unit.id], direct, purchased, direct + purchased, estimated, missing
    )  # fmt: skip


def emission_lines(m: Monitoring, where: str, span: Span) -> list[EmissionLine]:
    """Return masses of gas by carrier, those that warm most first."""
    found = m.emissions(where, span, ("carrier",))
    lines = [
        EmissionLine(
            r.carrier,
            r.gas,
            r.scope,
            r.kg,
            r.estimated / r.kg if r.kg else 0.0,
            r.missing,
            "; ".join(r.factors),
            r.grade,
        )
        for r in found.rows
    ]
    order, gwp = {DIRECT: 0, PURCHASED: 1, BIOGENIC: 2}, gwp_set(found.gwp)
    return sorted(lines, key=lambda line: (order.get(line.scope, 3), -line.kg * gwp[line.gas], line.carrier, line.gas))


def case_lines(m: Monitoring) -> list[CaseLine]:
    """Return all cases: those that are not closed first, the strongest first."""
    desk, units = m.cases(), m.registry.units
    lines = []
    for item in desk.items():
        record = item.record
        unit = units.get(record["enterprise"])
        first = record["evidence"][0] if record["evidence"] else None
        strongest_zh, strongest_en = (evidence_text(first, lang) if first else "" for lang in ("zh", "en"))
        name_zh, name_en = (unit.zh, unit.en) if unit else (record["enterprise"], record["enterprise"])
        lines.append(
            CaseLine(
                item.id, record["enterprise"], name_zh, name_en, record["first"], record["last"], desk.state(item), record["p"],
                record["q"], strongest_zh, strongest_en,
            )
        )  # fmt: skip
    return sorted(lines, key=lambda line: (line.state == "closed", line.p, line.id))
