"""What a kept run said, in the few figures in which runs are compared; read without holding the whole run in memory."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

_NEXT: Final = re.compile(r"[\s,]*(.)")
"""What follows a node: the next one, or the end of the list."""
RUNS_KEPT: Final = 8
"""Digests that are held, about 100 kB each."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of a run with its unit and id."""

    value: float
    unit: str
    id: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a target in a run."""

    status: str
    zh: str
    en: str
    id: str


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor that a run used."""

    value: float | str | None
    unit: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Digest:
    """A run in short.

    Parameters
    ----------
    run_id, created : str
        Id, and moment as ISO text.
    code_version, data_hash : str
    totals : mapping of (scope, year) to Amount
    targets : mapping of target id to Standing
    peaks : mapping of scenario to (peak year or None, probability or None)
    factors : mapping of node id to Factor
    """

    run_id: str
    created: str
    code_version: str
    data_hash: str
    totals: Mapping[tuple[str, int], Amount]
    targets: Mapping[str, Standing]
    peaks: Mapping[str, tuple[int | None, float | None]]
    factors: Mapping[str, Factor]


def digest(folder: Path) -> Digest:
    """Return the digest of the run in a folder; a run is frozen, so it is read once."""
    return _read(folder, (folder / "manifest.json").stat().st_mtime_ns)


@lru_cache(maxsize=RUNS_KEPT)
def _read(folder: Path, stamp: int) -> Digest:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    province = str(manifest["province"])
    totals = {
        (r["scope"], int(r["year"])): Amount(float(r["value"]), r["unit"], r["id"])
        for r in _rows(folder / "totals.csv")
        if r["value"] and r["region"] == province
    }
    targets = {
        r["target"]: Standing(r["status"], r["name_zh"], r["name_en"], r["id"])
        for r in _rows(folder / "scoreboard.csv")
    }
    peaks = {
        r["scenario"]: (
            int(r["peak_year"]) if r["peak_year"] else None,
            float(r["probability"]) if r["probability"] else None,
        )
        for r in _rows(folder / "peaks.csv")
    }
    return Digest(
        str(manifest["run_id"]), str(manifest["created"]), str(manifest["code_version"]), str(manifest["data_hash"]),
        totals, targets, peaks, _factors(folder / "lineage.json"),
    )  # fmt: skip


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _factors(path: Path) -> dict[str, Factor]:
    """Return the factors among the nodes of a graph, read one by one: all at once they would be 100 MB of objects."""
    text, found = path.read_text(encoding="utf-8"), dict[str, Factor]()
    read, at = json.JSONDecoder().raw_decode, text.index("[", text.index('"nodes"')) + 1
    while (match := _NEXT.match(text, at)) and match.group(1) == "{":
        node, at = read(text, match.start(1))
        if node["kind"] == "factor":
            found[node["id"]] = Factor(node.get("value"), str(node.get("unit", "")), node["zh"], node["en"])
    return found
