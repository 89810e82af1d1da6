"""What `tanlu doctor` looks at."""

from __future__ import annotations

import csv
import importlib.util
import json
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tanlu.core.errors import DataError
from tanlu.core.lineage import Lineage
from tanlu.core.messages import translate
from tanlu.job.loading import load_folder
from tanlu.job.manifest import PACKAGES, package_version
from tanlu.workspace import Workspace

FONT_FOLDERS: Final = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".fonts",
    Path("/System/Library/Fonts"),
)
FONT_NAMES: Final = ("*NotoSansCJK*", "*NotoSansSC*", "*SourceHanSans*", "*PingFang*", "*wqy*", "*msyh*")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``optional`` checks do not make the installation unsound."""

    name: str
    sound: bool
    detail: str
    optional: bool = False

    def as_record(self, language: str) -> dict[str, Any]:
        """Return the check as plain data."""
        label = translate(f"doctor.{self.name}", language)
        return {
            "name": self.name,
            "label": label,
            "sound": self.sound,
            "optional": self.optional,
            "detail": self.detail,
        }


def checks(workspace: Path, province: str) -> list[Check]:
    """Look at Python, packages, fonts and a workspace with its province, or at the named province where there is no workspace."""
    missing = [p for p in PACKAGES if package_version(p) is None]
    found = [
        Check("python", sys.version_info >= (3, 11), platform.python_version()),
        Check("packages", not missing, ", ".join(missing) or ", ".join(f"{p} {package_version(p)}" for p in PACKAGES)),
        _fonts(),
        Check("bench", importlib.util.find_spec("pysd") is not None, "PySD", optional=True),
    ]
    if not (workspace / "tanlu.toml").is_file():
        return [*found, _province(province), Check("workspace", False, f"{workspace}: –", optional=True)]
    return found + _workspace(workspace)


def _fonts() -> Check:
    for folder in FONT_FOLDERS:
        for name in FONT_NAMES:
            for font in folder.rglob(name) if folder.is_dir() else ():
                return Check("fonts", True, font.name)
    return Check("fonts", False, "apt-get install fonts-noto-cjk", optional=True)


def _province(name: str) -> Check:
    try:
        province = load_folder(name).province
    except DataError as error:
        return Check("province", False, "; ".join(p.text("en") for p in error.problems[:3]))
    return Check("province", True, f"{province.id}, {len(province.facts)} facts, hash {province.data_hash[:12]}")


def _workspace(path: Path) -> list[Check]:
    try:
        workspace = Workspace.open(path)
        latest = workspace.latest()
    except DataError as error:
        return [Check("workspace", False, "; ".join(p.text("en") for p in error.problems))]
    stale = len(workspace.stale_staging())
    detail = f"{path}: {len(workspace.runs())} runs, newest {latest.name}" + (f", {stale} interrupted" if stale else "")
    return [_province(workspace.province), Check("workspace", True, detail), _lineage(latest)]


def _lineage(run: Path) -> Check:
    """Every id of every table must lead to sources."""
    lineage = Lineage.from_records(json.loads((run / "lineage.json").read_text(encoding="utf-8"))["nodes"])
    lost = [f"{node} → {parent}" for node, parent in lineage.missing()]
    for table in sorted(run.glob("*.csv")):
        with table.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            if rows.fieldnames and "id" in rows.fieldnames and table.stem not in ("sources", "levers"):
                lost += [f"{table.name}: {row['id']}" for row in rows if row["id"] not in lineage.nodes]
    return Check("lineage", not lost, "; ".join(lost[:3]) or f"{len(lineage.nodes)} nodes")
