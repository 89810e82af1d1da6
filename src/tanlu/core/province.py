"""A province folder, read and checked as a whole.

The folder holds ``province.yaml`` (names, sets, conventions) and the tables of `tanlu.core.schema`; rooms read their own sub-folders.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import yaml

from tanlu.core.errors import DataError, Notice, Problem
from tanlu.core.factors import Factor
from tanlu.core.gases import GWP_SETS
from tanlu.core.hashing import hash_folder, hash_json
from tanlu.core.labels import Label, compose
from tanlu.core.library import Library, load_library
from tanlu.core.messages import translate
from tanlu.core.provenance import Fact, Source
from tanlu.core.regions import Region
from tanlu.core.schema import FACTORS, LABELS, NON_NEGATIVE, REGIONS, SOURCES, STATISTICS, TableSchema
from tanlu.core.tables import FIRST_YEAR, LAST_YEAR, Table, decode, read_table
from tanlu.core.units import conversion_factor

PROVINCE_KEYS: Final = {
    "id",
    "zh",
    "en",
    "factor_set",
    "gwp",
    "first_year",
    "last_year",
    "horizon",
    "base_year",
    "assumption_source",
    "plan_source",
}


@dataclass(frozen=True)
class Province:
    """Everything that a province folder says, typed and indexed.

    ``settings`` holds ``province.yaml``; ``facts`` are keyed by (variable, region, year); ``factors`` and ``sources`` by id,
    ``labels`` by part. Factors, sources and labels are those of the folder and those of the library that all provinces share.
    """

    folder: Path
    settings: dict[str, Any]
    regions: dict[str, Region]
    sources: dict[str, Source]
    facts: dict[tuple[str, str, int], Fact]
    factors: dict[str, Factor]
    labels: dict[str, Label] = field(default_factory=dict)
    notices: tuple[Notice, ...] = field(default=())
    own_factors: frozenset[str] = frozenset()
    own_sources: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """Slug of the province, which is also the id of its region."""
        return str(self.settings["id"])

    @cached_property
    def data_hash(self) -> str:
        """SHA-256 over the data files of the folder and of the library."""
        return hash_json([hash_folder(self.folder), load_library().data_hash])

    @cached_property
    def _series(self) -> dict[tuple[str, str], dict[int, Fact]]:
        index: dict[tuple[str, str], dict[int, Fact]] = {}
        for fact in self.facts.values():
            index.setdefault((fact.variable, fact.region), {})[fact.year] = fact
        return index

    def series(self, variable: str, unit: str, region: str | None = None) -> dict[int, Fact]:
        """Return the facts of a variable by year, each converted to the given unit; empty if there are none.

        Raises
        ------
        IncompatibleUnitsError
            If the facts measure something else.
        """
        facts = self._series.get((variable, region or self.id), {})
        return {
            year: replace(fact, value=fact.value * conversion_factor(fact.unit, unit), unit=unit)
            for year, fact in sorted(facts.items())
        }

    def unit(self, variable: str) -> str:
        """Return the unit of the latest fact of a variable of the province; empty if there is none."""
        facts = self._series.get((variable, self.id))
        return facts[max(facts)].unit if facts else ""

    def variables(self) -> list[str]:
        """Return the names of all variables of the province, sorted."""
        return sorted({variable for variable, _ in self._series})

    def label(self, text: str, language: str, separator: str = "|") -> str:
        """Return the name of a variable, or of the set, parameter or subject of a factor; parts without a label stand for themselves."""
        return compose(self.labels, text, language, separator)

    def fact_label(self, fact: Fact, language: str) -> str:
        """Return what a fact is in a language: variable, year and, for a prefecture, its name."""
        label = self.label(fact.variable, language)
        if fact.region == self.id:
            return translate("lineage.fact", language, label=label, year=fact.year)
        region = self.regions[fact.region].name(language)
        return translate("lineage.fact_of", language, region=region, label=label, year=fact.year)

    def unlabelled(self) -> list[str]:
        """Return the parts of variables and the sets, parameters and parts of subjects of factors that have no label, sorted."""
        used = {part for variable in {f.variable for f in self.facts.values()} for part in variable.split("|")}
        for factor in (self.factors[name] for name in self.own_factors):
            used |= {factor.set, factor.parameter, *factor.subject.split(".")}
        return sorted(used - set(self.labels))


def province_folder(name: str) -> Path:
    """Return the folder of a province that ships with the package, or the folder at a path.

    Raises
    ------
    DataError
        If there is neither.
    """
    shipped = Path(str(files("tanlu.provinces")))
    for candidate in (shipped / name, Path(name)):
        if (candidate / "province.yaml").is_file():
            return candidate
    known = ", ".join(sorted(p.parent.name for p in shipped.glob("*/province.yaml")))
    raise DataError([Problem("no_province", name, value=name, details={"some": known})])


def read_yaml(path: Path, root: Path, problems: list[Problem]) -> Any:
    """Read a YAML file; problems are appended and None returned if it cannot be read or has the same key twice."""
    file = path.relative_to(root).as_posix()
    if not path.is_file():
        problems.append(Problem("missing_file", file))
        return None
    text, found, _ = decode(path.read_bytes(), file)
    problems.extend(found)
    if found:
        return None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        tree = loader.get_single_node()
        found = _double_keys(tree, file)
        problems.extend(found)
        return loader.construct_document(tree) if tree is not None and not found else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        problems.append(Problem("not_yaml", file, mark.line + 1 if mark else None, details={"reason": reason}))
        return None
    finally:
        loader.dispose()


def _double_keys(tree: Any, file: str) -> list[Problem]:
    """Return a problem for every key that stands twice in one mapping: the reader would keep the last and say nothing."""
    problems, waiting, seen = list[Problem](), [tree], set[int]()
    while waiting:
        node = waiting.pop()
        if not isinstance(node, yaml.CollectionNode) or id(node) in seen:
            continue
        seen.add(id(node))
        if not isinstance(node, yaml.MappingNode):
            waiting.extend(node.value)
            continue
        first: dict[str, int] = {}
        for key, value in node.value:
            waiting.append(value)
            line, name = key.start_mark.line + 1, str(key.value)
            if not isinstance(key, yaml.ScalarNode):
                continue
            if name in first:
                problems.append(Problem("double_key", file, line, name, details={"first": first[name]}))
            first.setdefault(name, line)
    return sorted(problems, key=lambda p: p.row or 0)


def check_keys(
    found: object, allowed: Iterable[str], required: Iterable[str], file: str, problems: list[Problem]
) -> bool:
    """Check that a mapping has the required keys and no others; return whether it has."""
    before, allowed = len(problems), sorted(allowed)
    keys = set(found) if isinstance(found, dict) else set()
    problems.extend(Problem("missing_key", file, field=k) for k in sorted(set(required) - keys))
    problems.extend(
        Problem("unknown_key", file, field=str(k), details={"allowed": ", ".join(allowed)})
        for k in sorted(keys - set(allowed))
    )
    return len(problems) == before


def _with_choices(schema: TableSchema, **choices: list[str] | None) -> list[Any]:
    """Return the columns of a schema with the values of references filled in; None stands for a table that could not be read."""
    origin = {"source": SOURCES.file, "region": REGIONS.file}
    return [
        replace(c, kind="choice", choices=choices[c.name], refers_to=origin[c.name]) if c.name in choices else c
        for c in schema.columns
    ]


def _check_signs(table: Table) -> list[Problem]:
    return [
        Problem("below_minimum", table.file, line, "value", str(row["value"]), {"minimum": "0"})
        for row, line in zip(table.rows, table.lines, strict=True)
        if isinstance(row["value"], float) and row["value"] < 0 and str(row["variable"]).startswith(NON_NEGATIVE)
    ]


def _check_settings(settings: dict[str, Any], regions: Table, factors: Table, library: Library) -> list[Problem]:
    """Years are years, and what is named exists."""
    problems = []
    for key in ("first_year", "last_year", "base_year", "horizon"):
        if not isinstance(settings[key], int) or not FIRST_YEAR <= settings[key] <= LAST_YEAR:
            details: dict[str, object] = {"first": FIRST_YEAR, "last": LAST_YEAR}
            problems.append(
                Problem("not_a_year", "province.yaml", field=key, value=str(settings[key]), details=details)
            )
    known = {"gwp": (list(GWP_SETS), "GWP")}
    if regions.names is not None:
        known["id"] = (regions.names, REGIONS.file)
    if not factors.problems:
        sets = {str(r["set"]) for r in factors.rows} | {f.set for f in library.factors.values()}
        known["factor_set"] = (sorted(sets), FACTORS.file)
    for key, (names, place) in known.items():
        if settings[key] not in names:
            details = {"refers_to": place, "some": ", ".join(names[:6])}
            problems.append(
                Problem("unknown_choice", "province.yaml", field=key, value=str(settings[key]), details=details)
            )
    return problems


def _check_library(table: Table, known: Iterable[str]) -> list[Problem]:
    """What the library holds is not said again by a province, where it could come to say something else."""
    held = set(known)
    return [
        Problem("in_library", table.file, line, "id", str(row["id"]))
        for row, line in zip(table.rows, table.lines, strict=True)
        if row["id"] in held
    ]


def _check_grades(table: Table, sources: Table, library: Library) -> list[Problem]:
    """A number is not better than the source in which it was read."""
    grades: dict[object, str] = {s.id: s.grade.value for s in library.sources.values()}
    grades |= {r["id"]: str(r["grade"]) for r in sources.rows}
    return [
        Problem(
            "above_source",
            table.file,
            line,
            "grade",
            str(row["grade"]),
            {"source": row["source"], "best": grades[row["source"]]},
        )
        for row, line in zip(table.rows, table.lines, strict=True)
        if row["source"] in grades and str(row["grade"]) < grades[row["source"]]
    ]


def _check_intervals(table: Table) -> list[Problem]:
    """A value lies in its own interval."""
    problems = []
    for row, line in zip(table.rows, table.lines, strict=True):
        value, low, high = (row[key] for key in ("value", "low", "high"))
        for bound, sign in ((low, 1), (high, -1)):
            if isinstance(value, float) and isinstance(bound, float) and sign * bound > sign * value:
                ends: dict[str, object] = {k: "" if v is None else f"{v:g}" for k, v in (("low", low), ("high", high))}
                problems.append(Problem("outside_interval", table.file, line, "value", f"{value:g}", ends))
                break
    return problems


def _check_unit_families(table: Table, unit_column: str, group_column: str) -> list[Problem]:
    """One variable is measured in one kind of unit in every row."""
    first: dict[object, str] = {}
    problems = []
    for row, line in zip(table.rows, table.lines, strict=True):
        unit, group = str(row[unit_column]), row[group_column]
        wanted = first.setdefault(group, unit)
        try:
            conversion_factor(unit, wanted)
        except ValueError:
            problems.append(Problem("wrong_unit", table.file, line, unit_column, unit, {"wanted": wanted}))
    return problems


def load_province(folder: Path) -> Province:
    """Read and check a province folder.

    Parameters
    ----------
    folder : Path
        Folder with ``province.yaml``; see `province_folder`.

    Raises
    ------
    DataError
        With every problem of every table.
    """
    problems: list[Problem] = []
    library = load_library()
    settings = read_yaml(folder / "province.yaml", folder, problems)
    sound = settings is not None and check_keys(settings, PROVINCE_KEYS, PROVINCE_KEYS, "province.yaml", problems)
    sources = read_table(folder / SOURCES.file, SOURCES.columns, key=SOURCES.key, root=folder)
    regions = read_table(folder / REGIONS.file, REGIONS.columns, key=REGIONS.key, root=folder)
    names = None if sources.names is None else [*sources.names, *library.sources]
    columns = _with_choices(STATISTICS, source=names, region=regions.names)
    statistics = read_table(folder / STATISTICS.file, columns, key=STATISTICS.key, root=folder)
    factor_columns = _with_choices(FACTORS, source=names)
    factors = read_table(folder / FACTORS.file, factor_columns, key=FACTORS.key, root=folder)
    labels = read_table(folder / LABELS.file, LABELS.columns, key=LABELS.key, root=folder)
    tables = (sources, regions, statistics, factors, labels)
    for table in tables:
        problems.extend(table.problems)
    if sound:
        problems.extend(_check_settings(settings, regions, factors, library))
    for table in (statistics, factors):
        problems.extend(_check_grades(table, sources, library))
    problems.extend(_check_library(factors, library.factors))
    problems.extend(_check_library(sources, library.sources))
    problems.extend(_check_signs(statistics))
    problems.extend(_check_intervals(factors))
    problems.extend(_check_unit_families(statistics, "unit", "variable"))
    if problems:
        raise DataError(problems)
    facts = [Fact(**row) for row in statistics.rows]  # type: ignore[arg-type]
    return Province(
        folder=folder,
        settings=settings,
        regions={str(r["id"]): _region(r) for r in regions.rows},
        sources={**library.sources, **{str(r["id"]): Source(**r) for r in sources.rows}},  # type: ignore[arg-type]
        facts={(f.variable, f.region, f.year): f for f in facts},
        factors={**library.factors, **{str(r["id"]): Factor(**r) for r in factors.rows}},  # type: ignore[arg-type]
        labels={**library.labels, **{str(r["part"]): Label(**r) for r in labels.rows}},  # type: ignore[arg-type]
        notices=tuple(n for t in tables for n in t.notices),
        own_factors=frozenset(str(r["id"]) for r in factors.rows),
        own_sources=frozenset(str(r["id"]) for r in sources.rows),
    )


def room_sources(folder: Path, room: str) -> dict[str, Source]:
    """Return the sources that a room of a province, for example its energy system, lists in its own folder besides those of the province.

    Raises
    ------
    DataError
        With every problem of the table.
    """
    file = folder / room / SOURCES.file
    if not file.is_file():
        return {}
    table = read_table(file, SOURCES.columns, key=SOURCES.key, root=folder)
    if table.problems:
        raise DataError(table.problems)
    return {str(r["id"]): Source(**r) for r in table.rows}  # type: ignore[arg-type]


def _region(row: dict[str, Any]) -> Region:
    tile = (row["tile_x"], row["tile_y"]) if row["tile_x"] is not None and row["tile_y"] is not None else None
    return Region(row["id"], row["parent"], row["zh"], row["en"], tile, row["latitude"], row["longitude"])
