"""The runs of a workspace folder, and what is not found in them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files as resources
from pathlib import Path
from threading import Lock
from typing import Final

from tanlu.charts import Results
from tanlu.core.kept import hash_code, kept

RUNS_KEPT: Final = 4
"""Runs that are held in memory, about 50 MB each."""


class NotFoundError(LookupError):
    """Something that a visitor asked for is not in the run; ``what`` is a message key, ``value`` what was asked."""

    def __init__(self, what: str, value: str) -> None:
        self.what, self.value = what, value
        super().__init__(f"{what}: {value}")


@dataclass(frozen=True, slots=True)
class RunInfo:
    """A frozen run of the workspace."""

    run_id: str
    created: str
    province: str
    seed: int
    code_version: str
    data_hash: str
    latest: bool


class Workspace:
    """The runs of a workspace folder; the runs asked for last are kept while their manifests do not change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._loaded: dict[str, tuple[float, Results]] = {}
        self._lock = Lock()

    def _folders(self) -> dict[str, Path]:
        root = self.folder / "results"
        found = {p.parent.name: p.parent for p in root.glob("*/manifest.json") if p.parent.name != "latest"}
        if not found and (root / "latest" / "manifest.json").is_file():
            found["latest"] = root / "latest"
        return found

    def has(self, run: str) -> bool:
        """Return whether there is a run of that name."""
        return run in self._folders()

    def latest_id(self) -> str:
        """Return the id of the latest run.

        Raises
        ------
        NotFoundError
            If the workspace holds no run.
        """
        folders, link = self._folders(), self.folder / "results" / "latest" / "manifest.json"
        if link.is_file():
            named = str(json.loads(link.read_text(encoding="utf-8")).get("run_id", ""))
            if named in folders:
                return named
        if not folders:
            raise NotFoundError("portal.missing.results", str(self.folder))
        return max(folders, key=lambda name: ((folders[name] / "manifest.json").stat().st_mtime, name))

    def stamp(self) -> tuple[str, int]:
        """Return what another run, or another latest one, changes; it is cheap to ask."""
        results = self.folder / "results"
        try:
            return str((results / "latest").readlink()), results.stat().st_mtime_ns
        except OSError:
            # no run, or a folder instead of a link
            return "", results.stat().st_mtime_ns if results.is_dir() else 0

    def runs(self) -> list[RunInfo]:
        """Return all runs, the youngest first."""
        folders = self._folders()
        latest = self.latest_id() if folders else ""
        infos = []
        for name, folder in folders.items():
            text = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            created, province, version, data = (
                str(text.get(k, "")) for k in ("created", "province", "code_version", "data_hash")
            )
            infos.append(RunInfo(name, created, province, int(text.get("seed", 0)), version, data, name == latest))
        return sorted(infos, key=lambda r: (r.created, r.run_id), reverse=True)

    def manifest(self, run: str = "") -> Path:
        """Return the manifest of a run, the latest by default.

        Raises
        ------
        NotFoundError
            If there is no such run.
        """
        name = run or self.latest_id()
        folder = self._folders().get(name)
        if folder is None:
            raise NotFoundError("portal.missing.run", name)
        return folder / "manifest.json"

    def results(self, run: str = "") -> Results:
        """Return a run, the latest by default.

        Raises
        ------
        NotFoundError
            If there is no such run.
        DataError
            If its files are damaged.
        """
        path = self.manifest(run)
        folder, name = path.parent, path.parent.name
        stamp = path.stat().st_mtime
        with self._lock:
            known = self._loaded.get(name)
            if known is None or known[0] != stamp:
                known = (stamp, _read(folder))
            # the run asked for last stands last; the one that waited longest goes
            self._loaded.pop(name, None)
            self._loaded[name] = known
            while len(self._loaded) > RUNS_KEPT:
                del self._loaded[next(iter(self._loaded))]
        return known[1]


def _read(folder: Path) -> Results:
    """Return a run; what was read and checked once, and has not changed since, is taken from what was kept of it."""
    files = (path for path in sorted(folder.iterdir()) if path.is_file())
    states = [f"{path.name} {(seen := path.stat()).st_size} {seen.st_mtime_ns}" for path in files]
    package = Path(str(resources("tanlu")))
    code = hash_code([package / "charts", package / "core"])
    return kept("run", [str(folder.resolve()), code, *states], lambda: Results.load(folder))


def require_known(name: str, among: Sequence[str], what: str) -> None:
    """Raise `NotFoundError` with a message key if a text that was given is not among the known ones."""
    if name and name not in among:
        raise NotFoundError(what, name)
