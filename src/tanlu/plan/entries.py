"""Checking YAML entries against their declared fields, with every problem reported at its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import yaml

from tanlu.core.errors import Problem
from tanlu.core.province import read_yaml
from tanlu.core.tables import decode
from tanlu.plan.records import HookUse, Text
from tanlu.plan.schema import Field

Place = tuple[int, str]
"""Index of an entry in its file (from 0) and the top-level key, empty for the whole entry."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that names a record of another group, where it stands and the key it stands under."""

    group: str
    value: str
    place: Place
    label: str


_EMPTY: Final[Mapping[str, Any]] = {
    "texts": (), "refs": (), "records": (), "number": None, "integer": None, "flag": False, "record": {},
}  # fmt: skip
"""What an empty value of a kind is read as; text otherwise."""


class Checker:
    """Checks the entries of one file; problems, each with its place, and references are collected.

    Attributes
    ----------
    entries : list of (int, dict)
        Index and typed values of the entries that are free of problems.
    names : set of str
        Ids of all entries, those with problems included.
    readable : bool
        Whether the file could be read as a list at all.
    """

    def __init__(self, path: Path, root: Path) -> None:
        self.path = path
        self.file = path.relative_to(root).as_posix()
        self.entries: list[tuple[int, dict[str, Any]]] = []
        self.names: set[str] = set()
        self.readable = False
        self.references: list[Reference] = []
        self._found: list[tuple[Place | None, Problem]] = []

    @property
    def count(self) -> int:
        """Number of problems so far."""
        return len(self._found)

    def add(self, problem: Problem) -> None:
        """Add a problem of the whole file."""
        self._found.append((None, problem))

    def report(self, place: Place, label: str, code: str, value: object = "", **details: object) -> None:
        """Add a problem of an entry."""
        text = "" if isinstance(value, dict) else str(value)
        self._found.append((place, Problem(code, self.file, None, label, text, details)))

    def problems(self) -> list[Problem]:
        """Return all problems, with the line of their key as an editor shows it."""
        if not any(place for place, _ in self._found):
            return [problem for _, problem in self._found]
        lines = _key_lines(self.path)
        return [
            replace(problem, row=lines.get(place) or lines.get((place[0], ""))) if place else problem
            for place, problem in self._found
        ]

    def fields(self, found: object, fields: Sequence[Field], index: int, prefix: str, key: str = "") -> dict[str, Any]:
        """Return the typed values of a mapping; ``key`` is the top-level key when the mapping is nested."""
        if not isinstance(found, dict):
            self.report((index, key), prefix, "not_a_mapping", found)
            return {}
        wanted = {f.name for f in fields}
        for name in sorted(str(k) for k in found if k not in wanted):
            allowed = ", ".join(f.name for f in fields)
            self.report((index, key or name), f"{prefix}.{name}", "unknown_key", allowed=allowed)
        values: dict[str, Any] = {}
        for item in fields:
            label, place = f"{prefix}.{item.name}", (index, key or item.name)
            if item.name not in found and item.optional:
                values[item.name] = _EMPTY.get(item.kind, "")
            elif item.name not in found:
                self.report(place, label, "missing_key")
            else:
                values[item.name] = self._value(found[item.name], item, place, label)
        return values

    def _value(self, found: object, item: Field, place: Place, label: str) -> Any:
        if found is None or found == "" or found == []:
            if item.filled:
                self.report(place, label, "empty")
            return _EMPTY.get(item.kind, "")
        readers: Mapping[str, Callable[[object, Field, Place, str], Any]] = {
            "number": self._number, "integer": self._number, "texts": self._texts, "refs": self._texts,
            "record": self._record, "records": self._records, "text2": self._text2, "flag": self._flag,
        }  # fmt: skip
        return readers.get(item.kind, self._text)(found, item, place, label)

    def _number(self, found: object, item: Field, place: Place, label: str) -> float | int | None:
        if isinstance(found, bool) or not isinstance(found, int | float):
            self.report(place, label, "not_a_number", found)
            return None
        if item.kind == "integer" and found != int(found):
            self.report(place, label, "not_an_integer", found)
            return None
        return int(found) if item.kind == "integer" else float(found)

    def _flag(self, found: object, item: Field, place: Place, label: str) -> bool:
        if not isinstance(found, bool):
            self.report(place, label, "not_a_flag", found)
        return found is True

    def _text(self, found: object, item: Field, place: Place, label: str) -> Any:
        if not isinstance(found, str):
            self.report(place, label, "not_a_text", found)
            return ""
        if item.kind == "choice" and found not in item.choices:
            some = ", ".join(item.choices)
            self.report(place, label, "unknown_choice", found, refers_to=item.name, some=some)
        elif item.kind == "ref":
            self._refer(item.group, found, place, label)
        elif item.kind == "hook":
            return self.hook(found, place, label)
        return found

    def hook(self, text: str, place: Place, label: str) -> HookUse:
        """Return the hook of a text; its prefix is a reference."""
        try:
            use = HookUse.parse(text)
        except ValueError:
            self.report(place, label, "not_a_hook", text)
            return HookUse("none", "")
        self._refer("hooks", use.prefix, place, label)
        return use

    def _texts(self, found: object, item: Field, place: Place, label: str) -> tuple[str, ...]:
        if not isinstance(found, list) or not all(isinstance(x, str) for x in found):
            self.report(place, label, "not_a_list", found)
            return ()
        for value in found if item.kind == "refs" else ():
            self._refer(item.group, value, place, label)
        for value in sorted({v for v in found if found.count(v) > 1}) if item.kind == "refs" else ():
            self.report(place, label, "listed_twice", value)
        return tuple(found)

    def _text2(self, found: object, item: Field, place: Place, label: str) -> Text:
        values = self.fields(found, (Field("zh"), Field("en")), place[0], label, place[1])
        return Text(values.get("zh", ""), values.get("en", ""))

    def _record(self, found: object, item: Field, place: Place, label: str) -> dict[str, Any]:
        return self.fields(found, item.of, place[0], label, place[1])

    def _records(self, found: object, item: Field, place: Place, label: str) -> tuple[dict[str, Any], ...]:
        if not isinstance(found, list):
            self.report(place, label, "not_a_list", found)
            return ()
        return tuple(
            self.fields(entry, item.of, place[0], f"{label}.{_label(entry, number)}", place[1])
            for number, entry in enumerate(found, 1)
        )

    def _refer(self, group: str, value: str, place: Place, label: str) -> None:
        self.references.append(Reference(group, value, place, label))


def _label(entry: object, number: int, key: str = "id") -> str:
    """Name an entry by its id, or by its place when it has none."""
    name = entry.get(key) if isinstance(entry, dict) else None
    return name if isinstance(name, str) and name else f"#{number}"


def read_entries(path: Path, root: Path, fields: Sequence[Field]) -> Checker:
    """Read a YAML file that is a list of entries.

    Parameters
    ----------
    path : Path
    root : Path
        Folder against which the file is named in problems.
    fields : sequence of Field
        What each entry holds; the first field is the entry's id, which may not repeat.

    Returns
    -------
    Checker
        Entries without problems, everything that was found wrong, and the references that have to be checked against other groups.
    """
    checker, read = Checker(path, root), list[Problem]()
    content = read_yaml(path, root, read)
    for problem in read:
        checker.add(problem)
    if read:
        return checker
    if not isinstance(content, list):
        checker.add(Problem("not_a_list", checker.file, 1, value="" if content is None else str(content)[:40]))
        return checker
    checker.readable = True
    key, first = fields[0].name, dict[str, int]()
    for index, found in enumerate(content):
        before = checker.count
        values = checker.fields(found, fields, index, _label(found, index + 1, key))
        name = values.get(key)
        if isinstance(name, str) and name:
            checker.names.add(name)
            if first.setdefault(name, index) != index:
                checker.report((index, key), f"{name}.{key}", "listed_twice", name)
        if checker.count == before:
            checker.entries.append((index, values))
    return checker


def read_entry(path: Path, root: Path, fields: Sequence[Field]) -> Checker:
    """Read a YAML file that is one mapping; see `read_entries`."""
    checker, read = Checker(path, root), list[Problem]()
    content = read_yaml(path, root, read)
    for problem in read:
        checker.add(problem)
    if not read:
        checker.readable = True
        values = checker.fields(content, fields, 0, path.stem)
        if not checker.count:
            checker.entries.append((0, values))
    return checker


def _key_lines(path: Path) -> dict[tuple[int, str], int]:
    """Return the line of every entry (key ``""``) and of each of its top-level keys."""
    root = yaml.compose(decode(path.read_bytes(), path.name)[0], Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    lines: dict[tuple[int, str], int] = {}
    for index, node in enumerate(root.value if isinstance(root, yaml.SequenceNode) else (root,)):
        if node is None:
            continue
        lines[index, ""] = node.start_mark.line + 1
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            lines[index, str(key.value)] = key.start_mark.line + 1
    return lines
