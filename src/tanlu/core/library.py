"""The factor library: emission factors that hold in more than one province, with sources, labels and areas.

The folder ``tanlu/library`` holds ``areas.csv``, ``aliases.csv`` and any number of tables under ``factors/``, ``sources/`` and
``labels/``, one a topic.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from tanlu.core.errors import DataError, Problem
from tanlu.core.factors import EVIDENCE, Factor
from tanlu.core.hashing import hash_folder
from tanlu.core.labels import Label, compose
from tanlu.core.provenance import Source
from tanlu.core.schema import FACTORS, LABELS, SOURCES, TableSchema
from tanlu.core.tables import Column, Table, read_table

AREAS: Final = TableSchema(
    "areas.csv",
    "Areas for which factors are published, and the wider ones in which each lies",
    (
        Column("id", note="slug; of a province the id of its folder"),
        Column("wider", required=False, note="ids of the wider areas, nearest first, separated by spaces"),
        Column("zh", note="Chinese name"),
        Column("en", note="English name"),
    ),
    ("id",),
)
ALIASES: Final = TableSchema(
    "aliases.csv",
    "What a factor set calls a subject that has another name here",
    (
        Column("set", note="factor set"),
        Column("subject", note="subject, or a part of it between dots, as methods name it"),
        Column("name", note="the same in the factor set"),
    ),
    ("set", "subject"),
)
LIBRARY_FACTORS: Final = TableSchema(
    "factors/*.csv",
    "Emission factors and parameters that hold in more than one province",
    (
        *FACTORS.columns,
        Column("region", required=False, note="id in areas.csv; empty when the source names none"),
        Column("evidence", "choice", choices=EVIDENCE, note="how the value was read"),
        Column("status", "choice", required=False, choices=("draft", "superseded"), note="empty when in use"),
    ),
    FACTORS.key,
)
PROVINCE_ENDINGS: Final = ("省", "市", "自治区", "壮族自治区", "回族自治区", "维吾尔自治区")
UNKNOWN_PLACE: Final = "*"
"""Row of ``areas.csv`` that stands for a place which is not in it."""


@dataclass(frozen=True, slots=True)
class Area:
    """An area for which factors are published."""

    id: str
    wider: tuple[str, ...]
    zh: str
    en: str


@dataclass(frozen=True)
class Library:
    """Factors, sources, labels, areas and aliases, typed and indexed."""

    folder: Path
    factors: dict[str, Factor]
    sources: dict[str, Source]
    labels: dict[str, Label]
    areas: dict[str, Area]
    aliases: dict[tuple[str, str], str] = field(default_factory=dict)

    @cached_property
    def data_hash(self) -> str:
        """SHA-256 over the data files of the folder."""
        return hash_folder(self.folder)

    @cached_property
    def index(self) -> dict[tuple[str, str, str, str], list[Factor]]:
        """Factors by (set, parameter, subject, gas)."""
        found: dict[tuple[str, str, str, str], list[Factor]] = {}
        for factor in self.factors.values():
            found.setdefault((factor.set, factor.parameter, factor.subject, factor.gas), []).append(factor)
        return found

    @cached_property
    def regions(self) -> frozenset[str]:
        """Areas that factors name."""
        return frozenset(f.region for f in self.factors.values() if f.region)

    @cached_property
    def _area_names(self) -> dict[str, str]:
        """Ids of areas by id, Chinese name with and without its ending, and English name in small letters."""
        names: dict[str, str] = {}
        for area in self.areas.values():
            spelt = (area.id, area.zh, area.en.lower(), *(area.zh + ending for ending in PROVINCE_ENDINGS))
            names |= {name: area.id for name in spelt if name not in names}
        return names

    def slug(self, place: str) -> str:
        """Return a place with the id of its first part where that is the name of an area: 湖南省/长沙 is in ``hunan``."""
        first, joint, rest = place.partition("/")
        return self._area_names.get(first, self._area_names.get(first.lower(), first)) + joint + rest

    def knows(self, place: str) -> bool:
        """Return whether the first part of a place is an area of the library."""
        return self.slug(place).partition("/")[0] in self.areas

    def chain(self, place: str) -> list[str]:
        """Return a place and the areas in which it lies, nearest first.

        Parameters
        ----------
        place : str
            Path of names, province first (``hunan/changsha/park``); a place that is not in ``areas.csv`` lies where the row ``*`` lies.
        """
        place = self.slug(place)
        parts = place.split("/") if place else []
        nearer = ["/".join(parts[:n]) for n in range(len(parts), 0, -1)]
        first = nearer[-1] if nearer and nearer[-1] in self.areas else UNKNOWN_PLACE
        waiting, seen = deque([first]), dict.fromkeys(nearer)
        while waiting:
            area = waiting.popleft()
            if area != UNKNOWN_PLACE:
                seen.setdefault(area)
            if area in self.areas:
                waiting.extend(w for w in self.areas[area].wider if w not in seen)
        return list(seen)

    def label(self, text: str, language: str, separator: str = ".") -> str:
        """Return the name of a set, parameter or subject in a language; parts without a label stand for themselves."""
        return compose(self.labels, text, language, separator)


def _read_all(folder: Path, name: str, columns: Sequence[Column], key: tuple[str, ...]) -> list[Table]:
    return [read_table(path, columns, key=key, root=folder) for path in sorted((folder / name).glob("*.csv"))]


def _known(columns: tuple[Column, ...], **choices: tuple[Collection[str], str]) -> list[Column]:
    """Return columns of which some may only name what another table holds."""
    return [
        replace(c, kind="choice", choices=choices[c.name][0], refers_to=choices[c.name][1]) if c.name in choices else c
        for c in columns
    ]


def _merged(tables: list[Table], key: str, problems: list[Problem]) -> dict[str, dict[str, object]]:
    """Return the rows of several tables by key; the same row may stand in two of them, a different one is a problem."""
    rows: dict[str, dict[str, object]] = {}
    for table in tables:
        problems.extend(table.problems)
        for row, line in zip(table.rows, table.lines, strict=True):
            name = str(row[key])
            if rows.setdefault(name, row) != row:
                problems.append(Problem("duplicate", table.file, line, key, name, {"first": "another file"}))
    return rows


def _factor(row: dict[str, Any]) -> Factor:
    return Factor(**{**row, "region": row["region"] or "", "status": row["status"] or ""})


def read_library(folder: Path) -> Library:
    """Read and check a library folder.

    Raises
    ------
    DataError
        With every problem of every table.
    """
    problems: list[Problem] = []
    areas = read_table(folder / AREAS.file, AREAS.columns, key=AREAS.key, root=folder)
    aliases = read_table(folder / ALIASES.file, ALIASES.columns, key=ALIASES.key, root=folder)
    sources = _merged(_read_all(folder, "sources", SOURCES.columns, SOURCES.key), "id", problems)
    labels = _merged(_read_all(folder, "labels", LABELS.columns, LABELS.key), "part", problems)
    columns = _known(
        LIBRARY_FACTORS.columns,
        source=(sources, "sources/*.csv"),
        region=(dict.fromkeys(areas.names or ()), AREAS.file),
    )
    factors = _merged(_read_all(folder, "factors", columns, FACTORS.key), "id", problems)
    problems.extend((*areas.problems, *aliases.problems))
    if problems:
        raise DataError(problems)
    return Library(
        folder,
        {name: _factor(row) for name, row in factors.items()},
        {name: Source(**r) for name, r in sources.items()},  # type: ignore[arg-type]
        {name: Label(**r) for name, r in labels.items()},  # type: ignore[arg-type]
        {
            str(r["id"]): Area(str(r["id"]), tuple(str(r["wider"]).split()), str(r["zh"]), str(r["en"]))
            for r in areas.rows
        },
        {(str(r["set"]), str(r["subject"])): str(r["name"]) for r in aliases.rows},
    )


@cache
def load_library() -> Library:
    """Return the library that ships with the package.

    Raises
    ------
    DataError
        With every problem of every table.
    """
    return read_library(Path(str(files("tanlu.library"))))
