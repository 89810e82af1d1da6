"""Tables that a program uploads to be imported: read from a folder that is removed afterwards; tried first, then written."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tanlu.portal.session.shapes import Body, Key, Row, proofs
from tanlu.programme.registry.importing import ImportReport
from tanlu.records import Principal, Records


class ImportSent(Body):
    """The upload of a table (CSV or Excel); ``dry_run`` does everything and undoes it."""

    upload: Key
    dry_run: bool = True


class Imported(Row):
    """What an import does, or did; with problems nothing is written."""

    rows: int
    written: int
    problems: list[dict[str, Any]]
    sha256: str


@contextmanager
def uploaded_table(records: Records, who: Principal, upload: str) -> Iterator[Path]:
    """Give the file of an upload under its own name; the ending follows from its content."""
    ((stored, label),) = proofs(records, who, [upload])
    ending = ".csv" if stored.media_type == "text/csv" else ".xlsx"
    with tempfile.TemporaryDirectory(prefix="tanlu-import-") as folder:
        path = Path(folder) / f"{Path(label).stem[:60] or 'table'}{ending}"
        with path.open("wb") as file:
            file.writelines(records.evidence.read(stored.sha256))
        yield path


def imported(found: ImportReport) -> dict[str, Any]:
    """Return what an import did as plain data."""
    problems = [p.as_record("en") for p in found.problems]
    return {"rows": found.rows, "written": found.written, "problems": problems, "sha256": found.sha256}
