"""The workspace: one folder on disk that holds the configuration and the frozen results of a province.

A run is written to a staging folder beside the results and renamed when it is complete, so that a crash at any moment leaves either the
whole run or none of it.
"""

from __future__ import annotations

import os
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tanlu.core.errors import DataError, Problem

if TYPE_CHECKING:
    from tanlu.records.place import Records

CONFIG: Final = "tanlu.toml"
RESULTS: Final = "results"
LATEST: Final = "latest"
_STAGING: Final = ".staging-"
_ROOMS: Final = (
    "tanlu.records",
    "tanlu.programme.cycle",
    "tanlu.programme.registry",
    "tanlu.programme.outbox",
    "tanlu.assessment.filing",
)
"""Rooms that keep tables in the system of record, lowest floor first."""
_ROOMS_WITH_RIGHTS: Final = ("tanlu.monitor",)
"""Rooms below the system of record whose data only some may see."""


class Workspace:
    """A workspace folder.

    Parameters
    ----------
    path : Path
        Folder with a ``tanlu.toml``; use `open` or `create`.
    province : str
        Id of the province whose results it holds.
    """

    def __init__(self, path: Path, province: str) -> None:
        self.path = path
        self.province = province

    @property
    def results(self) -> Path:
        """Folder of the frozen runs."""
        return self.path / RESULTS

    @classmethod
    def open(cls, path: Path) -> Workspace:
        """Open an existing workspace.

        Raises
        ------
        DataError
            If the folder is not a workspace or its configuration cannot be read.
        """
        config = path / CONFIG
        if not config.is_file():
            raise DataError([Problem("no_workspace", str(path), value=str(path))])
        try:
            settings = tomllib.loads(config.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise DataError([Problem("not_toml", CONFIG, details={"reason": str(error)})]) from None
        if not isinstance(settings.get("province"), str):
            raise DataError([Problem("missing_key", CONFIG, field="province")])
        return cls(path, settings["province"])

    @classmethod
    def check(cls, path: Path, province: str) -> None:
        """Tell whether a folder can be the workspace of a province, without writing anything.

        Raises
        ------
        DataError
            If the folder holds another province or other files.
        """
        if (path / CONFIG).exists():
            found = cls.open(path).province
            if found != province:
                details = {"province": found}
                raise DataError([Problem("other_province", CONFIG, field="province", value=province, details=details)])
        elif path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise DataError([Problem("folder_in_use", str(path), value=str(path))])

    @classmethod
    def create(cls, path: Path, province: str) -> Workspace:
        """Open the workspace of a province, or make it in a folder that is empty or not there.

        Raises
        ------
        DataError
            If the folder holds another province or other files.
        """
        cls.check(path, province)
        if (path / CONFIG).exists():
            return cls(path, province)
        (path / RESULTS).mkdir(parents=True)
        created = datetime.now(UTC).isoformat(timespec="seconds")
        write_atomically(path / CONFIG, f'# Tanlu workspace\nprovince = "{province}"\ncreated = "{created}"\n')
        return cls(path, province)

    def runs(self) -> list[str]:
        """Return the ids of the complete runs, oldest first."""
        if not self.results.is_dir():
            return []
        return sorted(p.name for p in self.results.iterdir() if (p / "manifest.json").is_file() and p.name != LATEST)

    def latest(self) -> Path:
        """Return the folder of the newest run.

        Raises
        ------
        DataError
            If there is no run yet.
        """
        runs = self.runs()
        if not runs:
            raise DataError([Problem("no_run", str(self.path), value=str(self.path))])
        return self.results / runs[-1]

    def run_folder(self, run_id: str) -> Path:
        """Return the folder of a run.

        Raises
        ------
        DataError
            If there is no such run.
        """
        runs = self.runs()
        if run_id not in runs:
            details = {"refers_to": RESULTS, "some": ", ".join(runs[-5:])}
            raise DataError([Problem("unknown_choice", str(self.path), field="run", value=run_id, details=details)])
        return self.results / run_id

    @contextmanager
    def staging(self, run_id: str) -> Iterator[Path]:
        """Give a folder to write a run into; it becomes ``results/<run-id>`` when the block ends without an error."""
        self.results.mkdir(parents=True, exist_ok=True)
        self._sweep()
        folder = self.results / f"{_STAGING}{os.getpid()}-{run_id}"
        folder.mkdir()
        try:
            yield folder
            folder.rename(self.results / run_id)
        finally:
            # after the renaming there is nothing left to remove
            shutil.rmtree(folder, ignore_errors=True)
        self._point_latest(run_id)

    def stale_staging(self) -> list[Path]:
        """Return staging folders of processes that have ended, left by a crash."""
        if not self.results.is_dir():
            return []
        found = [p for p in self.results.iterdir() if p.name.startswith(_STAGING)]
        return [p for p in found if not _alive(int(p.name.removeprefix(_STAGING).partition("-")[0]))]

    def _sweep(self) -> None:
        for folder in self.stale_staging():
            shutil.rmtree(folder, ignore_errors=True)

    def _point_latest(self, run_id: str) -> None:
        """Let ``results/latest`` be the run: a link, or a copy where the file system has no links."""
        link, fresh = self.results / LATEST, self.results / f"{_STAGING}{os.getpid()}-link"
        try:
            fresh.symlink_to(run_id, target_is_directory=True)
            fresh.replace(link)
        except OSError:
            shutil.rmtree(link, ignore_errors=True)
            shutil.copytree(self.results / run_id, link)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@cache
def rooms_with_tables() -> tuple[str, ...]:
    """Return the packages whose tables the system of record holds, lowest floor first."""
    return tuple(room for room in _ROOMS if find_spec(room) is not None)


@cache
def tables_of_rights() -> tuple[Path, ...]:
    """Return the tables of rights of all rooms but `tanlu.records`, which brings its own."""
    rooms = (*_ROOMS_WITH_RIGHTS, *rooms_with_tables()[1:])
    places = [Path(str(files(room))) / "permissions.yaml" for room in rooms]
    return tuple(p for p in places if p.is_file())


def records_exist(workspace: Path) -> bool:
    """Tell whether a workspace has a system of record."""
    if not (workspace / CONFIG).is_file():
        return False
    from tanlu.records.place import DATABASE, DATABASE_VARIABLE, read_settings

    own = (workspace / DATABASE).absolute()
    if own.is_file() or os.environ.get(DATABASE_VARIABLE):
        return True
    return read_settings(workspace).database != f"sqlite:///{own}"


def open_records(folder: Path) -> Records:
    """Open the system of record of a workspace with the tables and rights of all rooms; the first time it is made.

    The database is ``records.db`` in the folder unless ``tanlu.toml`` (``[records] database``) or the environment variable
    ``TANLU_DATABASE`` names another one.

    Raises
    ------
    DataError
        If the folder is no workspace, or with everything that cannot be used.
    """
    from tanlu.records.place import Records

    return Records.open(folder, rooms=rooms_with_tables(), permissions=tables_of_rights())


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that a reader sees the old content or the new, never a part."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with fresh.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
