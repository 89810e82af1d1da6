"""Tables that a visitor sends: read with a dry run and errors by row, then written as a whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from fastapi import Response

from tanlu.assessment.filing.importing import KINDS, import_file
from tanlu.core.errors import DataError, Problem
from tanlu.portal.session.desks import Ask, Desk
from tanlu.portal.session.forms import Posted
from tanlu.portal.uploads import KINDS as FILE_KINDS
from tanlu.portal.uploads import Sent, check_files
from tanlu.programme.registry.importing import ImportReport
from tanlu.records import RefusedError

MOST_IMPORTED: Final = 20_000_000
"""Bytes of a table."""


def import_desks() -> list[Desk]:
    """Return the page on which filings and investments are imported."""
    return [Desk("/assessment/import", show_import, {"dry": _dry_run, "import": _import}, right="filing.file")]


@contextmanager
def sent_table(form: Posted) -> Iterator[Path]:
    """Give the file of a form as a path; it lies in a folder of this process only while it is read.

    Raises
    ------
    RefusedError
        If there is none, or it is too large, or no table by its content.
    """
    sent = [Sent(f.filename or "", f.file.read(MOST_IMPORTED + 1)) for f in form.files[:1]]
    if not sent:
        raise RefusedError(Problem("upload_none", "–"))
    problems = check_files(sent)
    if not problems and len(sent[0].content) > MOST_IMPORTED:
        problems = [Problem("evidence_size", sent[0].name, details={"limit": MOST_IMPORTED // 1_000_000})]
    if problems:
        raise RefusedError(*problems)
    with tempfile.TemporaryDirectory(prefix="tanlu-import-") as folder:
        path = Path(folder) / Path(sent[0].name).name
        path.write_bytes(sent[0].content)
        yield path


def show_import(ask: Ask, kind: str = "", done: ImportReport | None = None, dry: bool = False) -> Response:
    """Show the form of an import, and what the dry run or the import says."""
    columns = {
        name: [(ask.text(f"{labels}.{c.name}"), c.required) for c in kinds]
        for name, (kinds, labels) in KINDS.items()
        if name != "registry"
    }
    return ask.page(
        "assessment_import.html", kind=kind, done=done, dry=dry, accepted=", ".join(FILE_KINDS), columns=columns
    )


def _read(ask: Ask, form: Posted, *, dry_run: bool) -> Response:
    try:
        with sent_table(form) as path:
            kind, report = import_file(ask.records, ask.principal, path, dry_run=dry_run)
    except RefusedError:
        raise
    except DataError as error:
        # a table of no known kind, or one that cannot be read, is told like a wrong row
        kind, report = "", ImportReport(0, 0, tuple(error.problems))
    return show_import(ask, kind, report, dry_run)


def _dry_run(ask: Ask, form: Posted) -> Response:
    return _read(ask, form, dry_run=True)


def _import(ask: Ask, form: Posted) -> Response:
    return _read(ask, form, dry_run=False)
