"""Proving that the files of a ledger are what they were when they were listed, and living on without one that is lost."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from tanlu.core.errors import DataError, Problem
from tanlu.monitor import catalog as listing
from tanlu.monitor.catalog import DataFile
from tanlu.monitor.durable import told

if TYPE_CHECKING:
    from tanlu.monitor.ledger import Ledger

_FIRST_DAY, _LAST_DAY = -(2**31), 2**31


def verify(ledger: Ledger, progress: Callable[[int, int], None] | None = None) -> list[Problem]:
    """Check the catalogue, and the size and SHA-256 of every file of readings; return what is wrong, nothing is changed.

    Parameters
    ----------
    ledger : Ledger
        May be open for reading only.
    progress : callable, optional
        Told the number of files checked and of all files.
    """
    problems = []
    with ledger.catalog.reading() as base:
        said = str(base.execute("PRAGMA integrity_check").fetchone()[0])
        files = listing.files_of(base, _FIRST_DAY, _LAST_DAY)
    if said != "ok":
        problems.append(Problem("ledger_catalog_damaged", str(ledger.catalog.path), value=said))
    for done, file in enumerate(files):
        problem = _checked(ledger, file)
        if problem is not None:
            problems.append(problem)
        if progress is not None:
            progress(done + 1, len(files))
    listed = {file.name for file in ledger.catalog.files(_FIRST_DAY, _LAST_DAY)}
    # a writer may have replaced files meanwhile
    return [p for p in problems if p.code == "ledger_catalog_damaged" or p.value in listed or p.code == "ledger_io"]


def _checked(ledger: Ledger, file: DataFile) -> Problem | None:
    path = ledger.path / "readings" / file.name
    try:
        with path.open("rb") as opened:
            size = os.fstat(opened.fileno()).st_size
            same = size == file.bytes and hashlib.file_digest(opened, "sha256").hexdigest() == file.sha256
    except FileNotFoundError:
        return Problem("ledger_file_missing", str(path), value=file.name, details={"rows": file.rows})
    except OSError as error:
        return Problem("ledger_io", str(path), value=error.strerror or str(error))
    return None if same else Problem("ledger_file_changed", str(path), value=file.name, details={"rows": file.rows})


def give_up(ledger: Ledger, name: str) -> tuple[DataFile, list[str]]:
    """Take a file that is lost off the list, so that the rest of its day can be read; what remains of it is moved to ``aside``.

    Its readings are lost to the ledger until their source is ingested again; the meters of its day become dirty.

    Returns
    -------
    file : DataFile
    sources : list of str
        Sources of the batches that may have stood in it.

    Raises
    ------
    DataError
        If no such file is listed, or the ledger is open for reading only.
    """
    import numpy as np

    with ledger.exclusive():
        with ledger.catalog.reading() as base:
            files = [f for f in listing.files_of(base, _FIRST_DAY, _LAST_DAY) if f.name == name]
        if not files:
            raise DataError([Problem("ledger_no_file", str(ledger.path), value=name)])
        file = files[0]
        with ledger.catalog.writing() as base:
            query = "SELECT DISTINCT source FROM batches WHERE number BETWEEN ? AND ? ORDER BY number"
            sources = [source for (source,) in base.execute(query, (file.batch_from, file.batch_to))]
            base.execute("DELETE FROM files WHERE name = ?", (name,))
            # its batches must be taken again when their source sends them once more
            span = (file.batch_from, file.batch_to)
            base.execute("UPDATE batches SET hash = randomblob(16) WHERE number BETWEEN ? AND ?", span)
            numbers = np.array(sorted(ledger.registry.meters_by_number), np.int32)
            near = (numbers >= file.meter_from) & (numbers <= file.meter_to)
            listing.add_dirty(base, file.day, numbers[near])
        path = ledger.path / "readings" / name
        if path.exists():
            with told(path):
                path.rename(ledger.path / "aside" / name.replace("/", "-"))
    return file, sources
