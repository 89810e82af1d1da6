"""What the charts of monitoring rest on: meters, factors, statistics; where each of them is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote

from tanlu.core.lineage import Node
from tanlu.core.province import room_sources
from tanlu.monitor.lineage import factor_node, meter_node
from tanlu.monitor.nowcast.proxies import read_proxies
from tanlu.monitor.registry import Meter
from tanlu.portal.monitor.service import Monitoring, Span

MOST_METERS: Final = 20
"""Meters that are named one by one; more are counted."""


def of_emissions(m: Monitoring, where: str, span: Span) -> tuple[Node, ...]:
    """Return the way to the whole chain, the meters in one line, and the factors of emissions."""
    found = m.emissions(where, span, ("carrier",))
    number = f"monitor:{where}:{span.names[0]}..{span.names[1]}"
    versions = f"{found.definition}, {found.factor_version}, {found.generation}"
    way = Node("", "method", f"tanlu explain {number}（口径、因子、事实版本 {versions}）",
               f"tanlu explain {number} (versions of definition, factors, facts: {versions})")  # fmt: skip
    factors = sorted({name for row in found.rows for name in row.factors})
    return (way, *_counted(m, where), *map(factor_node, factors))


def of_use(m: Monitoring, where: str, carrier: str) -> tuple[Node, ...]:
    """Return the meters that count for a carrier of a unit."""
    return _counted(m, where, carrier)


def _counted(m: Monitoring, where: str, carrier: str = "") -> tuple[Node, ...]:
    """Return the meters that count, of a carrier or of all; many are counted without looking at each."""
    found = m.registry.counted(where)
    count = found.get(carrier, 0) if carrier else sum(found.values())
    if count > MOST_METERS:
        return (_many(count),)
    return _meters(x for x in m.registry.meters_of(where) if x.counted and carrier in ("", x.carrier))


def of_meters(m: Monitoring, names: Iterable[str]) -> tuple[Node, ...]:
    """Return meters by id."""
    return _meters(m.registry.meters[name] for name in names if name in m.registry.meters)


def _meters(meters: Iterable[Meter]) -> tuple[Node, ...]:
    used = list(meters)
    if len(used) <= MOST_METERS:
        return tuple(meter_node(x) for x in used)
    return (_many(len(used)),)


def _many(count: int) -> Node:
    return Node("", "source", f"{count} 只计入的表", f"{count} meters that count")


def of_account(m: Monitoring, base_year: int) -> tuple[Node, ...]:
    """Return the inventory and the proxies of the account of the province, with titles and grades of their sources."""
    province = m.province()
    nodes = [Node("", "result", f"{base_year} 年省级清单", f"inventory of the province, {base_year}")]
    sources: dict[str, list[str]] = {}
    for proxy in read_proxies(province).proxies.values():
        sources.setdefault(proxy.source, []).append(proxy.grade)
    own = room_sources(province.folder, "monitor")
    for name, grades in sources.items():
        known = province.sources.get(name) or own.get(name)
        zh, en = (known.title_zh, known.title_en) if known else (name, name)
        nodes.append(Node(f"source:{name}", "source", zh, en, grade=max(grades)))
    connected = len(m.registry.enterprises(m.ledger().province))
    counted = sum(x.counted for x in m.registry.meters.values())
    nodes.append(
        Node(
            "", "fact", f"{connected} 家已接入企业的 {counted} 只表", f"{counted} meters of {connected} connected firms"
        )
    )
    return tuple(nodes)


def chart_sources(m: Monitoring, name: str, given: Mapping[str, str]) -> tuple[Node, ...]:
    """Return what a chart rests on, by its name and the parameters of its address."""
    if name.startswith("sectors"):
        return of_account(m, m.nowcast()[0].base_year)
    if name == "evidence":
        record = m.cases().items(given["id"])[0].record["evidence"][int(given.get("number", "0"))]
        return of_meters(m, record["meters"])
    if name == "meter":
        return of_meters(m, [given["id"]])
    where = m.unit(given.get("id", "")).id
    if name in ("days", "tiles"):
        return of_emissions(m, where, m.span(given.get("from", ""), given.get("to", "")))
    return of_use(m, where, given["carrier"])


def source_address(node: str) -> str:
    """Return the path and query at which a source is shown; empty where there is none."""
    kind, _, name = node.partition(":")
    if kind == "meter" and name:
        return f"/monitor/meter?id={quote(name)}"
    return "" if not node or kind == "source" or name else f"/factor?id={quote(node)}"
