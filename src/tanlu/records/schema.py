"""The schema of a database: brought up to date when it is opened, refused when it is newer than the program.

Each room keeps its migrations (Alembic revisions ``0001``, ``0002``, … in ``<room>/migrations/versions/v0001_….py``) and its own table with
the version, ``schema_<room>``. An upgrade is one transaction on both databases: it happens whole or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.resources import files
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from tanlu.core.errors import Problem
from tanlu.records.refusals import RefusedError


class NewerSchemaError(RefusedError):
    """The database was made or upgraded by a newer version of the program."""


def revisions(room: str) -> list[str]:
    """Return the revisions of a room (a package, such as ``tanlu.records``), oldest first."""
    folder = _folder(room) / "versions"
    return sorted(p.name.removeprefix("v").partition("_")[0] for p in folder.glob("v[0-9]*_*.py"))


def version_table(room: str) -> str:
    """Return the table that holds the version of a room."""
    return f"schema_{room.rpartition('.')[2]}"


def current(connection: Connection, room: str) -> str | None:
    """Return the version of a room in a database, None if it has no tables there."""
    table = version_table(room)
    if not inspect(connection).has_table(table):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {table}")).scalar_one_or_none()
    return None if found is None else str(found)


def outdated(connection: Connection, rooms: Sequence[str]) -> list[str]:
    """Return the rooms whose tables must be upgraded.

    Raises
    ------
    NewerSchemaError
        If the database is newer than the program.
    """
    older, problems = [], []
    for room in rooms:
        known, found = revisions(room), current(connection, room)
        if found is not None and found not in known:
            details = {"room": room, "newest": known[-1]}
            problems.append(Problem("schema_newer", str(connection.engine.url.database), value=found, details=details))
        elif found != known[-1]:
            older.append(room)
    if problems:
        raise NewerSchemaError(*problems)
    return older


def upgrade(connection: Connection, room: str) -> None:
    """Bring the tables of a room up to date within the transaction of the connection."""
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    import_module(room)
    script = ScriptDirectory(str(_folder(room)))

    def steps(revision: object, context: object) -> object:
        return script._upgrade_revs("head", revision)  # type: ignore[arg-type]

    with EnvironmentContext(Config(), script, fn=steps) as environment:
        environment.configure(connection=connection, version_table=version_table(room), transactional_ddl=False)
        environment.run_migrations()


def _folder(room: str) -> Path:
    return Path(str(files(room) / "migrations"))
