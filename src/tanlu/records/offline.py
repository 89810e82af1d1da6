"""Verification of a folder: a workspace, a backup, or the published log alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from tanlu.core.errors import DataError, Problem
from tanlu.records.database import ROOMS, Database
from tanlu.records.evidence import EvidenceStore
from tanlu.records.log.notes import NoteError, VerifierKey
from tanlu.records.log.tiles import CHECKPOINT
from tanlu.records.place import CONFIG, DATABASE, EVIDENCE, LOG, Settings, published_key, read_settings
from tanlu.records.refusals import RefusedError
from tanlu.records.verification import Progress, Report, verify


def _silent(step: str, count: int) -> None:
    """Stand for a progress bar."""


def verify_folder(
    folder: Path, key: str = "", *, copy: bool = False, rooms: Sequence[str] = ROOMS, progress: Progress = _silent
) -> Report:
    """Verify a folder without any private key.

    Parameters
    ----------
    folder : Path
        Workspace, backup, or a folder with a checkpoint and tiles.
    key : str
        Verifier key of the log; that beside the log by default. Who wants to be sure brings it from elsewhere.
    copy : bool
        Whether the folder is a copy: its ``records.db`` is opened for reading only, whatever its configuration says.

    Raises
    ------
    DataError
        If there is nothing that can be verified, or the configuration, the key or the database cannot be used; a database file that is
        damaged is among these.
    """
    log = folder if (folder / CHECKPOINT).is_file() else folder / LOG
    verifier = _key(log, key)
    settings = read_settings(folder) if (folder / CONFIG).is_file() else Settings("", "")
    database = _database(folder, settings, copy, rooms)
    if database is None and not (log / CHECKPOINT).is_file():
        raise DataError([Problem("nothing_to_verify", str(folder), value=str(folder))])
    evidence = EvidenceStore(folder / EVIDENCE)
    try:
        return verify(log, verifier, database, evidence, settings.witnesses, settings.quorum, progress)
    except DBAPIError as error:
        reason = str(error.orig).splitlines()[0]
        raise RefusedError(Problem("no_database", str(folder), details={"reason": reason})) from None
    finally:
        if database is not None:
            database.close()


def _key(log: Path, key: str) -> VerifierKey | None:
    if not key:
        return published_key(log)
    try:
        return VerifierKey.parse(key)
    except NoteError as error:
        raise RefusedError(Problem("not_a_key", "--key", value=key[:60], details={"reason": str(error)})) from None


def _database(folder: Path, settings: Settings, copy: bool, rooms: Sequence[str]) -> Database | None:
    file = folder / DATABASE
    if copy or settings.database in ("", f"sqlite:///{file.absolute()}"):
        return Database.open_copy(file, rooms=rooms) if file.is_file() else None
    return Database.open_as_it_is(settings.database, rooms=rooms)
