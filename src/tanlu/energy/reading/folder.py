"""A folder of a system, read and checked as a whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from tanlu.core.errors import DataError, Notice, Problem
from tanlu.core.provenance import Grade, Source
from tanlu.core.tables import FIRST_YEAR, LAST_YEAR
from tanlu.energy.checks import check
from tanlu.energy.components import Carrier, Node
from tanlu.energy.parameters import Quantity, declared
from tanlu.energy.provenance import Origin, Provenance
from tanlu.energy.reading.parts import Parts
from tanlu.energy.reading.profiles import read_profiles
from tanlu.energy.reading.report import SYSTEM_FILE, Report
from tanlu.energy.reading.slices import read_slices
from tanlu.energy.reading.tables import (
    LINES,
    NODES,
    PARAMETERS,
    TECHNOLOGIES,
    asset_rows,
    read_rows,
    source_rows,
)
from tanlu.energy.reading.values import Context, Values
from tanlu.energy.system import System
from tanlu.energy.timegrid import HOURS_PER_YEAR

_KEYS: Final = (
    "id", "zh", "en", "price_year", "discount_rate", "periods", "hours", "annual", "carriers", "nodes", "technologies", "components",
    "policies", "unusual",
)  # fmt: skip
_REQUIRED: Final = ("id", "price_year", "periods", "carriers", "components")
_CARRIER: Final = ("zh", "en", "unit", "market", "biogenic", "surplus", "non_fossil")
_NODE: Final = ("region", "zh", "en", "latitude", "longitude")
_SYSTEM: Final = "system"
ENERGY: Final = "energy"
"""Folder of a province that holds its energy system."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """What system.yaml says of the system as a whole."""

    name: str
    labels: tuple[str, str]
    price_year: int
    periods: tuple[int, ...]
    hours: int
    annual: bool


def read_system(path: Path | str) -> System:
    """Read a folder of a system.

    Parameters
    ----------
    path : Path or str
        Folder with ``system.yaml``; see `tanlu.energy.reading`.

    Returns
    -------
    System
        With the provenance of every number.

    Raises
    ------
    DataError
        With everything that is wrong in the folder.
    """
    report = Report(Path(path))
    document = report.document
    if not isinstance(document, dict):
        if document is not None or not report.problems:
            report.entry("not_a_mapping", (), SYSTEM_FILE)
        raise DataError(report.problems)
    report.keys(document, _KEYS, (), _REQUIRED)
    frame = _frame(report, document)
    values = Values(report, frame.price_year)
    values.take(read_rows(report, "parameters.csv", PARAMETERS))
    profiles, profile_files = read_profiles(report, frame.hours)
    lengths, occurrences = read_slices(report, frame.hours)
    carriers = _carriers(report, values, document.get("carriers"))
    nodes = _nodes(report, document.get("nodes"))
    parts = Parts(report, values, {c.name: c for c in carriers}, [n.name for n in nodes], profiles)
    assets = defaultdict(list)
    for row in asset_rows(report):
        assets[row.cells["component"]].append(row)
    parts.assets = assets
    components = parts.components(document.get("components"), read_rows(report, "lines.csv", LINES, ("id",)))
    policies = parts.policies(document.get("policies"))
    rate = _discount_rate(report, values, document)
    _tell_unused(report, values, parts, carriers)
    _tell_strange_columns(report, parts, profile_files)
    sources = _sources(report, values.origins)
    system = System(
        name=frame.name,
        labels=frame.labels,
        carriers=tuple(carriers),
        nodes=tuple(nodes),
        components=tuple(components),
        policies=tuple(policies),
        profiles={name: profiles[name] for name in profiles if name in parts.used_profiles},
        periods=frame.periods,
        discount_rate=rate,
        price_year=frame.price_year,
        hours=frame.hours,
        annual=frame.annual,
        lengths=lengths,
        occurrences=occurrences,
        technologies=_technologies(report, document.get("technologies")),
        provenance=Provenance(
            values.origins, sources, {n: profile_files[n] for n in parts.used_profiles}, tuple(report.notices)
        ),
    )
    whole = not report.problems
    report.problems += check(system, accepted=_accepted(report, document), whole=whole, locate=parts.locate)
    if report.problems:
        raise DataError(_each_once(report.problems))
    return system


def _frame(report: Report, document: Mapping[str, Any]) -> _Frame:
    """Return what is said of the system as a whole; stand-ins where it is wrong, so that the rest can be looked at."""
    price_year = document.get("price_year", 0)
    periods = document.get("periods", [2030])
    if not _is_year(price_year):
        report.entry("not_a_year", ("price_year",), price_year, first=FIRST_YEAR, last=LAST_YEAR)
        price_year = 0
    periods = [periods] if isinstance(periods, int) else periods
    if report.is_list(periods, ("periods",)):
        for position, year in enumerate(periods):
            if not _is_year(year):
                report.entry("not_a_year", ("periods", position), year, first=FIRST_YEAR, last=LAST_YEAR)
    sound = isinstance(periods, list) and all(_is_year(y) for y in periods)
    hours, annual = document.get("hours", HOURS_PER_YEAR), document.get("annual", True)
    if not isinstance(hours, int) or isinstance(hours, bool) or not 1 <= hours <= HOURS_PER_YEAR:
        report.entry("energy_hours", ("hours",), hours)
        hours = HOURS_PER_YEAR
    if not isinstance(annual, bool):
        report.entry("energy_not_yes_or_no", ("annual",), annual)
    years = tuple(periods) if sound and periods else (2030,)
    if sound and not periods:
        report.entry("energy_periods", ("periods",), "[]")
    name = report.text(document.get("id", ""), ("id",), required="id" in document)
    return _Frame(name, report.labels(document, ()), price_year, years, hours, annual is not False)


def _is_year(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and FIRST_YEAR <= value <= LAST_YEAR


def _discount_rate(report: Report, values: Values, document: Mapping[str, Any]) -> float:
    """Return the real rate of interest: of parameters.csv, else of system.yaml."""
    quantity = Quantity("1", high=1.0)
    context = Context()
    found = values.of_table(_SYSTEM, _SYSTEM, "discount_rate", quantity, context)
    if found is None and "discount_rate" in document:
        place = ("discount_rate",)
        found = values.written(document["discount_rate"], (_SYSTEM,), "discount_rate", quantity, context, place)
    elif found is None:
        report.entry("energy_missing", ("discount_rate",), "discount_rate")
    return found if isinstance(found, float) else 0.05


def _carriers(report: Report, values: Values, entries: Any) -> list[Carrier]:
    """Return the carriers, with prices and emission factors."""
    if not isinstance(entries, dict):
        if entries is not None:
            report.is_mapping(entries, ("carriers",))
        return []
    carriers, numbers = [], declared(Carrier)
    for name, entry in entries.items():
        place, entry = ("carriers", str(name)), {} if entry is None else entry
        if not report.is_mapping(entry, place):
            continue
        report.keys(entry, (*_CARRIER, *numbers), place)
        arguments: dict[str, Any] = {k: entry[k] for k in _CARRIER[2:] if k in entry}
        if arguments.get("unit", "MWh") not in ("MWh", "t"):
            report.unknown("unit", arguments["unit"], ("MWh", "t"), (*place, "unit"))
        for key in _CARRIER[3:]:
            if not isinstance(arguments.get(key, False), bool):
                report.entry("energy_not_yes_or_no", (*place, key), arguments[key])
        context = Context(mass=arguments.get("unit") == "t")
        for key, quantity in numbers.items():
            value = values.of_table(str(name), str(name), key, quantity, context)
            if value is None and key in entry:
                value = values.written(entry[key], (str(name),), key, quantity, context, (*place, key))
            if value is not None:
                arguments[key] = value
        carriers.append(Carrier(name=str(name), labels=report.labels(entry, place), **arguments))
    return carriers


def _nodes(report: Report, entries: Any) -> list[Node]:
    """Return the nodes of nodes.csv, or of system.yaml where there is no such table; one where nothing is said."""
    rows = read_rows(report, "nodes.csv", NODES, ("id",))
    if rows or (report.folder / "nodes.csv").is_file():
        if entries is not None:
            report.entry("energy_twice", ("nodes",), "nodes", first="nodes.csv")
        return [_node(row.cells["id"], row.cells, _labels(row.cells)) for row in rows]
    if entries is None:
        return [Node(name="site")]
    entries = {str(name): {} for name in entries} if isinstance(entries, list) else entries
    if not report.is_mapping(entries, ("nodes",)):
        return []
    nodes = []
    for name, entry in entries.items():
        place, entry = ("nodes", str(name)), {} if entry is None else entry
        if not report.is_mapping(entry, place):
            continue
        report.keys(entry, _NODE, place)
        report.text(entry.get("region"), (*place, "region"))
        for key in ("latitude", "longitude"):
            if not isinstance(entry.get(key, 0.0), int | float):
                report.entry("not_a_number", (*place, key), entry[key])
        nodes.append(_node(str(name), entry, report.labels(entry, place)))
    return nodes


def _node(name: str, entry: Mapping[str, Any], labels: tuple[str, str]) -> Node:
    latitude, longitude = entry.get("latitude"), entry.get("longitude")
    return Node(name=name, region=str(entry.get("region") or ""), latitude=latitude, longitude=longitude, labels=labels)


def _labels(entry: Mapping[str, Any]) -> tuple[str, str]:
    return str(entry.get("zh") or ""), str(entry.get("en") or "")


def _technologies(report: Report, entries: Any) -> dict[str, tuple[str, str]]:
    """Return the names of technologies in both languages, of technologies.csv and system.yaml."""
    rows = read_rows(report, "technologies.csv", TECHNOLOGIES, ("technology",))
    named = {row.cells["technology"]: _labels(row.cells) for row in rows}
    if entries is not None and report.is_mapping(entries, ("technologies",)):
        for name, entry in entries.items():
            if report.is_mapping(entry, ("technologies", str(name))):
                report.keys(entry, ("zh", "en"), ("technologies", str(name)))
                named[str(name)] = report.labels(entry, ("technologies", str(name)))
    return named


def _accepted(report: Report, document: Mapping[str, Any]) -> frozenset[str]:
    """Return the parameters whose unusual values are meant, as ``component.parameter`` or ``technology.parameter``."""
    entries = document.get("unusual", [])
    return frozenset(str(e) for e in entries) if report.is_list(entries, ("unusual",)) else frozenset()


def _tell_unused(report: Report, values: Values, parts: Parts, carriers: list[Carrier]) -> None:
    """Tell which rows of the tables nothing takes up."""
    known = {name: set(declared(Carrier)) for name in (c.name for c in carriers)}
    known[_SYSTEM] = {"discount_rate"}
    for owner, parameters in parts.parameters_of.items():
        known.setdefault(owner, set()).update(parameters)
    for owner, found in values.rows.items():
        for parameter, rows in found.items():
            if (owner, parameter) in values.used:
                continue
            for row in rows:
                if owner not in known:
                    report.unknown_cell("owner", owner, known, row.file, row.line, "component")
                elif parameter not in known[owner]:
                    report.unknown_cell("parameter", parameter, known[owner], row.file, row.line, "parameter")
    for owner, rows in parts.assets.items():
        for row in rows:
            report.unknown_cell("component", owner, parts.parameters_of, row.file, row.line, "component")


def _tell_strange_columns(report: Report, parts: Parts, found: Mapping[str, str]) -> None:
    """Tell which profiles are named for a node or component that does not exist: what they replace would be used in their stead.

    Other profiles that nothing uses are only noted.
    """
    owners = {*parts.nodes, *parts.parameters_of}
    unused = dict[str, list[str]]()
    for name, file in found.items():
        owner, dot, _ = name.rpartition(".")
        if dot and owner not in owners:
            report.unknown_cell("node", owner, parts.nodes, file, 1, name)
        elif name not in parts.used_profiles:
            unused.setdefault(file, []).append(name)
    for file, names in unused.items():
        report.notices.append(Notice("energy_unused", file, {"names": ", ".join(names)}))


def _sources(report: Report, origins: Mapping[tuple[str, str], tuple[Origin, ...]]) -> dict[str, Source]:
    """Return the sources that numbers name: of the folder, of the province around it, and of the library."""
    from tanlu.core.library import load_library

    rows = source_rows(report, report.folder)
    around = report.folder.absolute().parent
    if (around / "province.yaml").is_file():
        rows = [*source_rows(report, around), *rows]
    known = {str(row["id"]): Source(**row) for row in rows}
    used = {origin.source: origin for found in origins.values() for origin in found if origin.source}
    if used.keys() - known.keys():
        known = {**load_library().sources, **known}
    for found in dict.fromkeys(origins.values()):
        for origin in found:
            _check_source(report, origin, known)
    return {name: known[name] for name in used if name in known}


def _check_source(report: Report, origin: Origin, known: Mapping[str, Source]) -> None:
    """A source that is named exists, and a number is no better than it."""
    row = origin.row or 1
    if not origin.source and origin.grade != Grade.D:
        report.cell("energy_no_source", origin.file, row, "source", origin.grade.value)
    if origin.source and origin.source not in known:
        report.unknown_cell("source", origin.source, known, origin.file, row, "source")
    elif origin.source and origin.grade < known[origin.source].grade:
        best = {"source": origin.source, "best": known[origin.source].grade.value}
        report.cell("above_source", origin.file, row, "grade", origin.grade.value, **best)


def _each_once(problems: list[Problem]) -> list[Problem]:
    """Return problems without repetition: one entry may be wrong for every node that it is read for."""
    return list({(p.code, p.file, p.row, p.field, p.value): p for p in reversed(problems)}.values())[::-1]


def system_folder(name: str) -> Path:
    """Return the folder of a system: the folder itself, or the energy folder of a province by its name or path.

    Raises
    ------
    DataError
        When there is neither.
    """
    if (Path(name) / SYSTEM_FILE).is_file():
        return Path(name)
    shipped = Path(str(files("tanlu.provinces")))
    for province in (shipped / name, Path(name)):
        if (province / ENERGY / SYSTEM_FILE).is_file():
            return province / ENERGY
    known = ", ".join(sorted(p.parent.parent.name for p in shipped.glob(f"*/{ENERGY}/{SYSTEM_FILE}")))
    raise DataError([Problem("energy_no_system", name, value=name, details={"some": known or "–"})])
