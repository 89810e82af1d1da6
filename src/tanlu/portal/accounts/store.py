"""Accounts that were computed in this workspace: one folder each, named after its content, so that its address stays.

A folder is what `tanlu.accounts.files.export.write_results` writes; it can be audited, and is recomputed when it is shown.
"""

from __future__ import annotations

import hashlib
import io
import re
import secrets
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Final

from tanlu.accounts.files.activity_file import read_activity_files
from tanlu.accounts.files.audit import Audit, audit, stored_activities
from tanlu.accounts.files.checked_files import compute_read
from tanlu.accounts.files.export import WORKBOOK, gwp_problem, write_results
from tanlu.accounts.files.result_folder import MANIFEST, is_result, read_manifest
from tanlu.accounts.quality.control import quality_control
from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.computation import find_set
from tanlu.accounts.rulebook.result import Results
from tanlu.core.errors import DataError, Notice, Problem
from tanlu.core.gases import GWP_SETS
from tanlu.portal.service import NotFoundError
from tanlu.portal.uploads import RefusedError, Sent, as_paths

KEY: Final = re.compile(r"[0-9a-f]{32}")
KEPT: Final = 4
"""Accounts that are held in memory."""
AT_ONCE: Final = 2
"""Computations that run at the same time."""
PATIENCE: Final = 20.0
"""Seconds that a visitor waits for his turn."""
MAX_ROWS: Final = 200_000
ZIP_DATE: Final = (2000, 1, 1, 0, 0, 0)
"""Fixed, so that the same account is the same archive."""


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """An account of the workspace; ``co2e`` is the total of its last year, ``year``, one of ``years``."""

    key: str
    method_set: str
    gwp: str
    years: str
    year: int | None
    co2e: float
    unit: str
    files: str
    package: str


@dataclass(frozen=True, slots=True)
class Account:
    """A computation as pages show it.

    Parameters
    ----------
    key : str
        Content hash; empty when it is not stored.
    results : Results
        With the findings of quality control.
    activities : tuple of Activity
    notices : tuple of Notice
        What was accepted on reading but should be known.
    checked : Audit or None
        Of a stored account.
    """

    key: str
    results: Results
    activities: tuple[Activity, ...]
    notices: tuple[Notice, ...] = ()
    checked: Audit | None = None


class AccountStore:
    """Computes and keeps accounts below ``accounts/`` of a workspace."""

    def __init__(self, workspace: Path) -> None:
        self.folder = workspace / "accounts"
        self._turn = BoundedSemaphore(AT_ONCE)
        self._lock = Lock()
        self._loaded: dict[str, tuple[int, Account]] = {}

    def compute(self, files: Sequence[Sent], method_set: str, *, store: bool) -> Account:
        """Compute the account of files that were checked, and keep it if it is wanted.

        Raises
        ------
        DataError
            With every problem of every file; nothing is computed or kept then.
        RefusedError
            If the server is busy.
        """
        if not self._turn.acquire(timeout=PATIENCE):
            raise RefusedError(503, "busy")
        try:
            with as_paths(files) as paths:
                return self._compute(paths, method_set, store)
        finally:
            self._turn.release()

    def _compute(self, paths: Sequence[Path], method_set: str, store: bool) -> Account:
        find_set(method_set)
        read = read_activity_files(paths, partly=True)
        if len(read.activities) > MAX_ROWS:
            details = {"rows": len(read.activities), "limit": MAX_ROWS}
            raise DataError([Problem("upload_rows", paths[0].name, details=details)])
        if not read.activities and not read.problems:
            raise DataError([Problem("upload_no_rows", p.name) for p in paths])
        computed = compute_read(read, method_set)
        results = replace(computed, findings=quality_control(computed))
        key = self._keep(results, read.activities, paths) if store else ""
        return Account(key, results, tuple(read.activities), tuple(read.notices))

    def _keep(self, results: Results, activities: Sequence[Activity], paths: Sequence[Path]) -> str:
        """Write a folder and give it the name of its content; one that is there already stays."""
        fresh = self.folder / f".new-{secrets.token_hex(8)}"
        try:
            write_results(results, activities, fresh, gwp=default_gwp(results), inputs=paths, workbook=True)
            key = hashlib.sha256((fresh / MANIFEST).read_bytes()).hexdigest()[:32]
            with self._lock:
                if not (self.folder / key).exists():
                    fresh.rename(self.folder / key)
        except OSError as error:
            raise DataError([Problem("cannot_write", "accounts", value=str(error))]) from error
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        return key

    def path(self, key: str) -> Path:
        """Return the folder of a stored account.

        Raises
        ------
        NotFoundError
            If there is none of that key.
        """
        path = self.folder / key
        if not KEY.fullmatch(key) or not is_result(path):
            raise NotFoundError("portal.missing.account", key)
        return path

    def load(self, key: str) -> Account:
        """Return a stored account, recomputed and compared cell by cell with what is stored.

        Raises
        ------
        NotFoundError
            If there is none of that key.
        DataError
            If it is damaged or can no longer be computed.
        """
        path = self.path(key)
        stamp = max(p.stat().st_mtime_ns for p in path.rglob("*"))
        with self._lock:
            known = self._loaded.get(key)
        if known is None or known[0] != stamp:
            checked = audit(path)
            results = replace(checked.results, findings=quality_control(checked.results))
            known = (stamp, Account(key, results, tuple(stored_activities(path)), checked=checked))
        with self._lock:
            self._loaded.pop(key, None)
            self._loaded[key] = known
            while len(self._loaded) > KEPT:
                del self._loaded[next(iter(self._loaded))]
        return known[1]

    def infos(self) -> list[AccountInfo]:
        """Return the accounts of the workspace, those kept last first."""
        folders = [p for p in self.folder.glob("*") if KEY.fullmatch(p.name) and is_result(p)]
        folders.sort(key=lambda p: (-(p / MANIFEST).stat().st_mtime, p.name))
        return [_info(p) for p in folders]

    def file(self, key: str, name: str) -> bytes:
        """Return a file of a stored account.

        Raises
        ------
        NotFoundError
            If the account has no such file.
        """
        path = self.path(key)
        if name != MANIFEST and name not in dict(read_manifest(path)["files"]):
            raise NotFoundError("portal.missing.file", name)
        return (path / name).read_bytes()

    def archive(self, key: str) -> bytes:
        """Return the whole folder of a stored account as a zip archive."""
        path, buffer = self.path(key), io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(p for p in path.rglob("*") if p.is_file()):
                entry = zipfile.ZipInfo(f"{key}/{part.relative_to(path).as_posix()}", ZIP_DATE)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, part.read_bytes())
        return buffer.getvalue()


def _info(path: Path) -> AccountInfo:
    said = read_manifest(path)
    files = ", ".join(str(i["file"]) for i in said["inputs"])
    years = {int(y["year"]): float(y["CO2e"]["value"]) for y in said.get("years", ())}
    last = max(years, default=None)
    # a folder without years was written by a version that added them up
    total = float(said["totals"]["CO2e"]) if last is None else years[last]
    return AccountInfo(
        path.name, str(said["method_set"]), str(said["gwp"]), " ".join(map(str, sorted(years))), last, total, "t CO2e", files,
        str(said["package"]),
    )  # fmt: skip


def missing_gases(results: Results, gwp: str) -> list[str]:
    """Return the gases of results for which a GWP set fixes no value."""
    known = results.gwp(gwp).values
    return sorted({r.gas for r in results if r.gas != "CO2e" and r.gas not in known})


def default_gwp(results: Results) -> str:
    """Return the GWP set of the rule, or the first set that has values for all gases."""
    own = results.method_set.gwp
    names = (own, "AR5", *GWP_SETS)
    return next((n for n in names if gwp_problem(results, n) is None), own)


__all__ = ["WORKBOOK", "Account", "AccountInfo", "AccountStore", "default_gwp", "missing_gases"]
