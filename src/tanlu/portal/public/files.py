"""Data sets as files: CSV as it was frozen, JSON and Parquet made from it once a run, and the data dictionary as a Table Schema."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal

from tanlu.charts.results import Results
from tanlu.core.messages import LANGUAGES
from tanlu.portal.platform.parquet import Kind, ParquetColumn, parquet_file
from tanlu.portal.public.datasets import DataSet, Field, fields_of, meaning

Form = Literal["csv", "json", "parquet"]
FORMS: Final[tuple[Form, ...]] = ("csv", "json", "parquet")
MEDIA: Final[dict[Form, str]] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}
RUNS_KEPT: Final = 3
"""Runs of which files are kept; they can be made again at any time."""
_MARK: Final = b"\xef\xbb\xbf"
"""Byte-order mark, so that spreadsheets read the Chinese of a CSV file."""
_COLUMN_KIND: Final[dict[str, Kind]] = {"text": "text", "grade": "text", "integer": "integer", "number": "number"}
_SCHEMA_TYPE: Final = {"text": "string", "grade": "string", "integer": "integer", "number": "number"}


def header_of(path: Path) -> list[str]:
    """Return the names of the columns of a file."""
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file), [])


def rows_of(path: Path, columns: list[Field]) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file with numbers as numbers; an empty cell that may be empty is None."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield {c.name: _value(row[c.name], c) for c in columns}


def _value(cell: str, column: Field) -> object:
    if column.kind == "integer":
        return int(cell) if cell else None
    if column.kind == "number":
        return float(cell) if cell else None
    return cell or (None if column.optional else "")


def table_schema(found: DataSet, columns: list[Field]) -> dict[str, Any]:
    """Return the data dictionary in the form of Frictionless Table Schema 1.0 (specs.frictionlessdata.io/table-schema)."""
    described = []
    for c in columns:
        limits: dict[str, Any] = {} if c.optional else {"required": True}
        if c.kind == "grade":
            limits["enum"] = list("ABCD")
        texts = {f"description_{language}": meaning(found, c.name, language) for language in LANGUAGES}
        described.append(
            {
                "name": c.name,
                "type": _SCHEMA_TYPE[c.kind],
                "description": texts["description_en"],
                **texts,
                "constraints": limits,
            }
        )
    return {"fields": described, "missingValues": [""]}


def as_csv(found: DataSet, results: Results) -> bytes:
    """Return the frozen file, with a byte-order mark."""
    return _MARK + found.path(results).read_bytes()


def as_json(found: DataSet, results: Results) -> bytes:
    """Return rows and data dictionary as one JSON document."""
    columns = fields_of(found, header_of(found.path(results)))
    document = {
        "id": found.id, "run": results.manifest.run_id, "created": results.manifest.created,
        "schema": table_schema(found, columns), "rows": list(rows_of(found.path(results), columns)),
    }  # fmt: skip
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def as_parquet(found: DataSet, results: Results) -> bytes:
    """Return an Apache Parquet file whose columns are typed; the meaning of each column is in its metadata."""
    columns = fields_of(found, header_of(found.path(results)))
    rows = list(rows_of(found.path(results), columns))
    about = {"dataset": found.id, "run": results.manifest.run_id, "created": results.manifest.created}
    return parquet_file(
        [
            ParquetColumn(
                c.name, [row[c.name] for row in rows], _COLUMN_KIND[c.kind],
                {f"description_{x}": meaning(found, c.name, x) for x in LANGUAGES},
            )
            for c in columns
        ],
        about,
    )  # fmt: skip


_MAKERS: Final = {"csv": as_csv, "json": as_json, "parquet": as_parquet}


class DataFiles:
    """Files of data sets, made once a run.

    Parameters
    ----------
    folder : Path
        Where they are kept; what stands in it can be deleted at any time.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = Lock()

    def get(self, found: DataSet, form: Form, results: Results) -> bytes:
        """Return a data set of a run as the bytes of a file."""
        if form == "csv":
            return as_csv(found, results)
        path = self.folder / results.manifest.run_id / f"{found.id}.{form}"
        with self._lock:
            if path.is_file():
                return path.read_bytes()
            data = _MAKERS[form](found, results)
            self._keep(path, data)
        return data

    def size(self, found: DataSet, form: Form, results: Results) -> int:
        """Return the size of a file [byte]; it is made if it is not there."""
        if form == "csv":
            return found.path(results).stat().st_size + len(_MARK)
        path = self.folder / results.manifest.run_id / f"{found.id}.{form}"
        return path.stat().st_size if path.is_file() else len(self.get(found, form, results))

    def _keep(self, path: Path, data: bytes) -> None:
        """Write a file; a disk that cannot be written costs time, not the answer."""
        part = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(data)
            part.replace(path)
        except OSError:
            return
        runs = sorted((p for p in self.folder.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime)
        for old in runs[:-RUNS_KEPT]:
            shutil.rmtree(old, ignore_errors=True)
