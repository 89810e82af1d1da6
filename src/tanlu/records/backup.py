"""Backup: one folder with everything that verification needs, and no private key.

The copy of the database is a SQLite file whatever the source is, so that a backup is opened and checked on any machine, and can be put back
into either kind of database.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine, func, insert, inspect, select

from tanlu.core.errors import Problem
from tanlu.records.base import Root, Working
from tanlu.records.database import ROOMS, Database
from tanlu.records.entries import LogHead
from tanlu.records.offline import verify_folder
from tanlu.records.place import CONFIG, DATABASE, EVIDENCE, LOG, Records, read_settings
from tanlu.records.refusals import RefusedError

CHUNK: Final = 2_000


def back_up(records: Records, target: Path, rooms: Sequence[str] = ROOMS) -> int:
    """Write a backup into a folder that is new or empty, and return how many entries it holds.

    The checkpoint is made first and the tiles are copied before the database: tiles of a copy are never ahead of its database.

    Raises
    ------
    RefusedError
        If the folder holds something.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise RefusedError(Problem("folder_in_use", str(target), value=str(target)))
    staging = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True, mode=0o700)
    try:
        records.log.publish()
        shutil.copytree(records.log.folder, staging / LOG, ignore=shutil.ignore_patterns(".*"))
        _write_settings(records, staging / CONFIG)
        entries = copy_database(records.database, f"sqlite:///{(staging / DATABASE).absolute()}", rooms)
        (staging / DATABASE).chmod(0o600)
        if records.evidence.folder.is_dir():
            shutil.copytree(records.evidence.folder, staging / EVIDENCE, ignore=shutil.ignore_patterns(".*"))
        if target.exists():
            target.rmdir()
        staging.rename(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return entries


def restore(backup: Path, workspace: Path, rooms: Sequence[str] = ROOMS) -> int:
    """Put a backup back into a workspace whose database is empty or not there, and return how many entries it holds.

    The configuration of the workspace says where the database is; the keys come from where they are kept.

    Raises
    ------
    RefusedError
        If the workspace has a log, evidence or entries already, or the backup is not sound.
    """
    report = verify_folder(backup, copy=True, rooms=rooms)
    if not report.sound:
        raise RefusedError(Problem("backup_unsound", str(backup), value=report.faults[0].record))
    for part in (LOG, EVIDENCE):
        if (workspace / part).exists():
            raise RefusedError(Problem("folder_in_use", str(workspace), value=str(workspace / part)))
    source = Database.open_copy(backup / DATABASE, rooms=rooms)
    try:
        entries = copy_database(source, read_settings(workspace).database, rooms)
    finally:
        source.close()
    for part in (LOG, EVIDENCE):
        if (backup / part).is_dir():
            shutil.copytree(backup / part, workspace / part)
    return entries


def _write_settings(records: Records, path: Path) -> None:
    """Write what verification needs of the configuration, without the address of the database: it may hold a password."""
    settings = records.settings
    witnesses = ", ".join(f'"{key}"' for key in settings.witnesses)
    lines = [
        f'province = "{settings.province}"',
        "[records]",
        f"witnesses = [{witnesses}]",
        f"quorum = {settings.quorum}",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def copy_database(source: Database, target: str, rooms: Sequence[str] = ROOMS) -> int:
    """Copy all rows that count, and the log, into an empty database of either kind; return how many entries there are.

    Raises
    ------
    RefusedError
        If the target has entries already.
    """
    opened = Database.open(target, rooms=rooms, origin=source.origin())
    try:
        if opened.size():
            raise RefusedError(Problem("database_in_use", str(opened.url.database), value=str(opened.size())))
    finally:
        opened.close()
    working = {m.local_table for m in Root.registry.mappers if issubclass(m.class_, Working)}
    engine = create_engine(target)
    try:
        with source.connection() as reading, engine.begin() as writing:
            writing.execute(LogHead.__table__.delete())  # type: ignore[attr-defined]
            present = set(inspect(reading).get_table_names())
            for table in (t for t in Root.metadata.sorted_tables if t not in working and t.name in present):
                found = reading.execute(select(table).execution_options(yield_per=CHUNK))
                for part in found.partitions(CHUNK):
                    writing.execute(insert(table), [dict(row._mapping) for row in part])
            size = int(writing.execute(select(func.max(LogHead.size))).scalar_one())
        if engine.dialect.name == "sqlite":
            # a file with a write-ahead log could not be opened on a medium that is read-only
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
        return size
    finally:
        engine.dispose()
