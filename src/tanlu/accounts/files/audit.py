"""Recomputing a folder of results from its own activity data and factors, bit for bit."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from tanlu import __version__
from tanlu.accounts.files.export import sha256
from tanlu.accounts.files.export_tables import format_cell, result_row
from tanlu.accounts.files.result_folder import read_manifest
from tanlu.accounts.rulebook.activity import COLUMNS, Activity
from tanlu.accounts.rulebook.computation import compute
from tanlu.accounts.rulebook.method import methods
from tanlu.accounts.rulebook.result import COLUMNS as RESULT_COLUMNS
from tanlu.accounts.rulebook.result import Results
from tanlu.core.errors import DataError, Problem
from tanlu.core.factors import Factor
from tanlu.core.library import load_library
from tanlu.core.messages import translate
from tanlu.core.provenance import Grade

NUMBERS: Final = ("value", "low", "high")
YEARS: Final = ("valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not what it was.

    Parameters
    ----------
    kind : {"file", "factor", "result", "count"}
        A file whose hash is not that of the manifest, a factor whose hash is not that of its row, a cell of the results, or how many
        results there are.
    name : str
        Of the file, factor or result.
    column, stored, recomputed : str
    """

    kind: str
    name: str
    column: str
    stored: str
    recomputed: str

    def text(self, language: str) -> str:
        """Return the difference as one sentence."""
        said = {"name": self.name, "column": self.column, "stored": self.stored, "recomputed": self.recomputed}
        return translate(f"audit.{self.kind}", language, **said)


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found.

    Parameters
    ----------
    folder : Path
    manifest : mapping
    results : Results
        As recomputed.
    differences : tuple of Difference
        Empty when everything is as it was, bit for bit.
    remarks : tuple of (code, name)
        What changed in the program or its library since; the results do not depend on it.
    """

    folder: Path
    manifest: Mapping[str, Any]
    results: Results
    differences: tuple[Difference, ...]
    remarks: tuple[tuple[str, str], ...]


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    path = folder / name
    if not path.is_file():
        raise DataError([Problem("missing_file", str(path))])
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def stored_activities(folder: Path) -> list[Activity]:
    """Return the activity data of a folder, as they were given."""
    found = []
    for row in _rows(folder, "activities.csv"):
        texts: dict[str, Any] = {name: row[name] for name in COLUMNS}
        texts["uncertainty"] = float(row["uncertainty"]) if row["uncertainty"] else None
        found.append(Activity(**texts, file=row["file"], row=int(row["row"]) if row["row"] else None))
    return found


def stored_factors(folder: Path) -> list[tuple[Factor, str]]:
    """Return the factors of a folder, each with the hash that stands in its row."""
    found = []
    for row in _rows(folder, "factors.csv"):
        said: dict[str, Any] = {f.name: row[f.name] for f in fields(Factor)}
        said |= {name: float(row[name]) if row[name] else None for name in NUMBERS}
        said |= {name: int(row[name]) if row[name] else None for name in YEARS}
        found.append((Factor(**{**said, "grade": Grade(row["grade"])}), row["hash"]))
    return found


def audit(folder: Path) -> Audit:
    """Recompute a folder of results and compare every cell.

    Raises
    ------
    DataError
        If the folder is not one of results, is damaged, or can no longer be computed.
    """
    manifest = read_manifest(folder)
    try:
        factors, activities = stored_factors(folder), stored_activities(folder)
        method_set, files = str(manifest["method_set"]), dict(manifest["files"])
        stored = [[row[name] for name in RESULT_COLUMNS] for row in _rows(folder, "results.csv")]
        hashes = {row["id"]: row["hash"] for row in _rows(folder, "methods.csv")}
    except (KeyError, ValueError, TypeError) as error:
        raise DataError([Problem("damaged_account", str(folder), details={"reason": repr(error)})]) from None
    library = load_library()
    shelf = replace(library, factors={f.id: f for f, _ in factors})
    results = compute(activities, method_set, library=shelf)
    differences = [
        *_changed_files(folder, files),
        *(Difference("factor", f.id, "hash", said, f.hash) for f, said in factors if f.hash != said),
        *_changed_cells(stored, results),
    ]
    remarks: list[tuple[str, str]] = []
    for factor, _ in factors:
        ours = library.factors.get(factor.id)
        if ours is None or ours.hash != factor.hash:
            remarks.append(("library_changed", factor.id))
    remarks += [("method_changed", n) for n, h in hashes.items() if n not in methods() or methods()[n].hash != h]
    if manifest.get("package") != f"tanlu {__version__}":
        remarks.append(("other_version", str(manifest.get("package"))))
    return Audit(folder, manifest, results, tuple(differences), tuple(remarks))


def _changed_files(folder: Path, files: Mapping[str, str]) -> Iterator[Difference]:
    for name, said in files.items():
        found = sha256(folder / name) if (folder / name).is_file() else ""
        if found != said:
            yield Difference("file", name, "sha256", said, found)


def _changed_cells(stored: list[list[str]], results: Results) -> Iterator[Difference]:
    """Yield every cell that differs; results stand in the order of the records."""
    if len(stored) != len(results):
        yield Difference("count", "results.csv", "rows", str(len(stored)), str(len(results)))
        return
    for row, result in zip(stored, results, strict=True):
        again = [format_cell(cell) for cell in result_row(result)]
        for column, before, after in zip(RESULT_COLUMNS, row, again, strict=True):
            if before != after:
                yield Difference("result", row[-1], column, before, after)
