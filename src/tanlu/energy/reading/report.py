"""What is wrong with a system's folder, gathered while it is read, each with its line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import yaml

from tanlu.core.errors import Notice, Problem
from tanlu.core.messages import LANGUAGES
from tanlu.core.province import read_yaml
from tanlu.energy.checks.wording import kind_of, nearest

SYSTEM_FILE: Final = "system.yaml"
Place = tuple[str | int, ...]
"""Keys and positions that lead to an entry of system.yaml."""


@dataclass
class Report:
    """Problems of a folder.

    Parameters
    ----------
    folder : Path
        Folder of the system.
    """

    folder: Path
    problems: list[Problem] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    @cached_property
    def document(self) -> Any:
        """What system.yaml says; None where it cannot be read."""
        return read_yaml(self.folder / SYSTEM_FILE, self.folder, self.problems)

    @cached_property
    def _tree(self) -> Any:
        """The nodes of system.yaml, which know their lines; only needed once something is wrong."""
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return yaml.compose((self.folder / SYSTEM_FILE).read_text(encoding="utf-8-sig"), Loader=loader)

    def line(self, place: Place) -> int | None:
        """Return the line of an entry of system.yaml, or of the last thing above it that exists."""
        node, line = self._tree, None
        for step in place:
            if isinstance(node, yaml.MappingNode):
                found = next(((k, v) for k, v in node.value if k.value == str(step)), None)
                if found is None:
                    break
                line, node = found[0].start_mark.line + 1, found[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
            else:
                break
        return line

    def entry(self, code: str, place: Place, value: object = "", **details: object) -> None:
        """Add a problem of an entry of system.yaml."""
        name = ".".join(str(step) for step in place)
        self.problems.append(Problem(code, SYSTEM_FILE, self.line(place), name, str(value), details))

    def cell(self, code: str, file: str, row: int, field_: str, value: object = "", **details: object) -> None:
        """Add a problem of a cell of a table."""
        self.problems.append(Problem(code, file, row, field_, str(value), details))

    def unknown(self, kind: str, value: object, known: Iterable[str], place: Place) -> None:
        """Add the problem that system.yaml names something that does not exist."""
        self.entry("energy_unknown", place, value, **kind_of(kind), **nearest(str(value), known))

    def unknown_cell(self, kind: str, value: object, known: Iterable[str], file: str, row: int, field_: str) -> None:
        """Add the problem that a table names something that does not exist."""
        self.cell("energy_unknown", file, row, field_, value, **kind_of(kind), **nearest(str(value), known))

    def is_mapping(self, value: object, place: Place) -> bool:
        """Tell whether an entry is a mapping; a problem is added where it is not."""
        if not isinstance(value, dict):
            self.entry("not_a_mapping", place, value)
        return isinstance(value, dict)

    def text(self, value: object, place: Place, *, required: bool = False) -> str:
        """Return a text; a problem is added where it is none, or empty though it is required."""
        if value is None and not required:
            return ""
        if not isinstance(value, str):
            self.entry("not_a_text", place, value)
        elif required and not value.strip():
            self.entry("empty", place)
        return str(value)

    def labels(self, entry: Mapping[str, Any], place: Place) -> tuple[str, str]:
        """Return the names of a thing in Chinese and English: both or none."""
        zh, en = (self.text(entry.get(language), (*place, language)) for language in LANGUAGES)
        if bool(zh) != bool(en):
            missing, other = ("en", "zh") if zh else ("zh", "en")
            self.problems.append(
                Problem("one_language", SYSTEM_FILE, self.line((*place, other)), missing, details={"other": other})
            )
        return zh, en

    def is_list(self, value: object, place: Place) -> bool:
        """Tell whether an entry is a list; a problem is added where it is not."""
        if not isinstance(value, list):
            self.entry("not_a_list", place, value)
        return isinstance(value, list)

    def keys(self, found: dict[Any, Any], allowed: Iterable[str], place: Place, required: Iterable[str] = ()) -> None:
        """Check that a mapping has the required keys and no others."""
        allowed = list(allowed)
        for key in found:
            if key not in allowed:
                self.unknown("key", key, allowed, (*place, str(key)))
        for key in required:
            if key not in found:
                self.entry("energy_missing", (*place, key), key)
