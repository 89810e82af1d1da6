"""What a comparison reads: results in memory, an inventory document, a folder of results, or a run of a province."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from tanlu.accounts.inventories.inventory_book import FILE as BOOK
from tanlu.accounts.inventories.inventory_book import T_PER_KT, InventoryBook, load_book
from tanlu.accounts.rulebook.activity import COLUMNS, Activity
from tanlu.accounts.rulebook.computation import compute
from tanlu.accounts.rulebook.method import Method
from tanlu.accounts.rulebook.method_sets import method_sets
from tanlu.accounts.rulebook.result import Block, Results
from tanlu.core.errors import DataError, Problem
from tanlu.core.factors import Factor
from tanlu.core.lineage import Lineage
from tanlu.core.provenance import Grade
from tanlu.core.tables import decode

WITHIN: Final = 1e-9
"""How far a recomputed value may be from the frozen one, relative."""
FACTOR_WORDS: Final = (
    "id", "set", "parameter", "subject", "gas", "unit", "source", "locator", "note_zh", "note_en", "region", "evidence", "status",
)  # fmt: skip
RUN: Final = ("results", "latest")
"""Where a workspace has its newest run."""


class LineKey(NamedTuple):
    """What two inventories are compared by."""

    region: str
    year: int
    category: str
    gas: str


@dataclass(frozen=True)
class Evaluation:
    """How a value can be computed again: the method, its inputs (one record), and which of its outputs the value is."""

    method: Method
    values: Mapping[str, Any]
    output: int
    step: int

    def value(self, values: Mapping[str, Any]) -> float:
        """Return the output for other inputs.

        Raises
        ------
        ValueError, IndexError
            If the inputs do not go together.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.asarray(self.method.evaluate(values)[self.output], dtype=float)
        return float(np.ravel(found)[self.step if found.size > 1 else 0])


@dataclass(frozen=True)
class Term:
    """One result of a line: mass [t], method, and what it was made from.

    ``leaves`` are facts, factors and assumptions of a run by id (kind, label in Chinese and English, value).
    """

    record: str
    period: str
    value: float
    method: str
    factors: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    leaves: Mapping[str, tuple[str, str, str, str]] = field(default_factory=dict)
    evaluation: Evaluation | None = None


@dataclass(frozen=True)
class Side:
    """One of two inventories that are compared; masses in t. ``counts`` holds memo categories that its rule adds to the total."""

    name: str
    method_set: str
    gwp: str
    lines: Mapping[LineKey, tuple[Term, ...]]
    keys: Mapping[LineKey, str] = field(default_factory=dict)
    methods: Mapping[str, str] = field(default_factory=dict)
    factors: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    activities: Mapping[str, Activity] = field(default_factory=dict)
    counts: tuple[str, ...] = ()

    @property
    def years(self) -> frozenset[int]:
        """Years that have a number."""
        return frozenset(key.year for key in self.lines)


Comparable = Results | InventoryBook | Path | str


def read_side(given: Comparable) -> Side:
    """Return one side of a comparison.

    Parameters
    ----------
    given : Results, InventoryBook or path
        A path is a folder of results (``results.csv``), an inventory document, a frozen run (``inventory.csv``) or a workspace.

    Raises
    ------
    DataError
        If nothing that can be compared stands there.
    """
    if isinstance(given, Results):
        return side_of_results(given, "results")
    if isinstance(given, InventoryBook):
        return side_of_book(given, given.region)
    path = Path(given)
    if path.suffix == ".json" or (path / BOOK).is_file():
        return side_of_book(load_book(path), str(path))
    try:
        if (path / "results.csv").is_file():
            return _side_of_folder(path)
        for run in (path, path.joinpath(*RUN)):
            if (run / "inventory.csv").is_file():
                return _side_of_run(run)
    except (ValueError, KeyError, TypeError) as error:
        # a file that was edited by hand
        details = {"reason": f"{type(error).__name__}: {error}"}
        raise DataError([Problem("not_an_inventory", str(path), value=path.name, details=details)]) from error
    raise DataError([Problem("not_comparable", str(path), value=str(path))])


def side_of_results(results: Results, name: str) -> Side:
    """Return results in memory as one side."""
    where: dict[int, tuple[Block, int, int, int]] = {}
    for block in results.blocks:
        for output, rows in enumerate(block.rows):
            width = rows.shape[1] if rows.ndim > 1 else 1
            for place, position in enumerate(rows.ravel().tolist()):
                where[position] = (block, output, place // width, place % width)
    lines: dict[LineKey, list[Term]] = {}
    for position, r in enumerate(results):
        at = where.get(position)
        term = Term(
            r.record, r.period, r.value, r.method, r.factors, r.activities, evaluation=_evaluation(*at) if at else None
        )
        lines.setdefault(LineKey(r.place, int(r.period[:4]), r.category, r.gas), []).append(term)
    return Side(
        name, results.method_set.id, results.method_set.gwp, {k: tuple(v) for k, v in lines.items()},
        methods={b.method.id: b.method.hash for b in results.blocks},
        factors={f.id: (f.value, f.unit) for f in results.factors.values()},
        activities=results.activities, counts=results.method_set.counts,
    )  # fmt: skip


def _evaluation(block: Block, output: int, record: int, step: int) -> Evaluation:
    return Evaluation(block.method, {n: v[record : record + 1] for n, v in block.values.items()}, output, step)


def side_of_book(book: InventoryBook, name: str) -> Side:
    """Return an inventory document as one side."""
    lines: dict[LineKey, list[Term]] = {}
    for r in book.entries:
        key = LineKey(r.place, int(r.period[:4]), r.category, r.gas)
        lines.setdefault(key, []).append(Term(r.record, r.period, r.value, r.method, r.factors, r.activities))
    side = Side(
        name, book.method_set, book.gwp, {k: tuple(v) for k, v in lines.items()},
        {LineKey(book.region, n.year, n.category, n.gas): n.key for n in book.notations}, book.methods,
        {f.id: (f.value, f.unit) for f in book.factors.values()}, book.activities, book.counts,
    )  # fmt: skip
    return _recomputed(side, list(book.activities.values()), list(book.factors.values()))


def _recomputed(side: Side, activities: list[Activity], factors: list[Factor]) -> Side:
    """Return a side whose terms can be evaluated, where its frozen values come out again with the methods of this version."""
    if not activities:
        return side
    try:
        again = side_of_results(compute(activities, side.method_set, factors=factors), side.name)
    except DataError:
        # a method, factor set or input of then is not there any more: differences are told, not taken apart
        return side
    lines = {}
    for key, terms in side.lines.items():
        fresh = {(t.record, t.period, t.method): t for t in again.lines.get(key, ())}
        lines[key] = tuple(_joined(t, fresh.get((t.record, t.period, t.method))) for t in terms)
    return replace(side, lines=lines, methods=side.methods or again.methods)


def _joined(frozen: Term, fresh: Term | None) -> Term:
    """Return a frozen term with the evaluation of the recomputed one, if that gives the same value."""
    if fresh is None or not math.isclose(fresh.value, frozen.value, rel_tol=WITHIN, abs_tol=WITHIN):
        return frozen
    return replace(frozen, activities=fresh.activities, evaluation=fresh.evaluation)


def _rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table, empty if the file is not there."""
    if not path.is_file():
        return []
    text, problems, _ = decode(path.read_bytes(), path.name)
    if problems:
        raise DataError(problems)
    return [{k: v or "" for k, v in row.items() if k} for row in csv.DictReader(io.StringIO(text, newline=""))]


def _columns(rows: list[dict[str, str]], wanted: Iterable[str], file: Path) -> None:
    missing = [c for c in wanted if rows and c not in rows[0]]
    if missing:
        details = {"found": ", ".join(rows[0])}
        raise DataError([Problem("missing_column", str(file), field=c, details=details) for c in missing])


def _number(text: str, row: int, file: Path) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise DataError([Problem("not_a_number", str(file), row, "value", text)]) from error


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    if not path.is_file():
        return {}
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(
            [Problem("not_an_inventory", str(path), value=path.name, details={"reason": str(error)})]
        ) from error
    return data if isinstance(data, dict) else {}


def _side_of_folder(folder: Path) -> Side:
    """Return a folder that ``tanlu account compute`` wrote."""
    file, manifest = folder / "results.csv", _manifest(folder)
    rows = _rows(file)
    _columns(rows, ("record", "place", "period", "category", "gas", "value", "method"), file)
    activities = [_activity(row) for row in _rows(folder / "activities.csv")]
    data: dict[tuple[str, str], list[str]] = {}
    for datum in activities:
        data.setdefault((datum.record or datum.id, datum.place), []).append(datum.id)
    lines: dict[LineKey, list[Term]] = {}
    for number, row in enumerate(rows, 2):
        key = LineKey(row["place"], int(row["period"][:4] or 0), row["category"], row["gas"])
        used = tuple(f for f in re.split(r"[;,|\s]+", row.get("factors", "")) if f)
        term = Term(
            row["record"], row["period"], _number(row["value"], number, file), row["method"], used,
            tuple(data.get((row["record"], row["place"]), ())),
        )  # fmt: skip
        lines.setdefault(key, []).append(term)
    factors = [f for row in _rows(folder / "factors.csv") if (f := _factor(row)) is not None]
    methods = {r["id"]: r.get("hash", "") for r in _rows(folder / "methods.csv") if "id" in r}
    name = str(manifest.get("method_set") or manifest.get("set") or "")
    side = Side(
        str(folder), name, str(manifest.get("gwp", "")), {k: tuple(v) for k, v in lines.items()}, {}, methods,
        {f.id: (f.value, f.unit) for f in factors}, {a.id: a for a in activities},
        method_sets()[name].counts if name in method_sets() else (),
    )  # fmt: skip
    return _recomputed(side, activities, factors) if name else side


def _activity(row: Mapping[str, str]) -> Activity:
    words: dict[str, Any] = {c: row.get(c, "") for c in COLUMNS}
    half = words.pop("uncertainty")
    return Activity(**words, uncertainty=float(half) if half else None)


def _factor(row: Mapping[str, str]) -> Factor | None:
    """Return a factor of a table, None where it has no value."""
    if not row.get("id") or not row.get("value"):
        return None
    words: dict[str, Any] = {n: row.get(n, "") for n in FACTOR_WORDS}
    words |= {n: float(row[n]) if row.get(n) else None for n in ("low", "high")}
    words |= {n: int(row[n]) if row.get(n) else None for n in ("valid_from", "valid_to")}
    return Factor(**words, value=float(row["value"]), grade=Grade(row.get("grade") or "D"))


def _side_of_run(run: Path) -> Side:
    """Return the inventory of a frozen run of a province; masses from kt to t, what is behind them from its lineage."""
    file, manifest = run / "inventory.csv", _manifest(run)
    rows = _rows(file)
    _columns(rows, ("region", "year", "category", "gas", "value", "status", "method", "id"), file)
    lineage = Lineage()
    if (run / "lineage.json").is_file():
        lineage = Lineage.from_records(json.loads((run / "lineage.json").read_text(encoding="utf-8"))["nodes"])
    lines: dict[LineKey, tuple[Term, ...]] = {}
    keys: dict[LineKey, str] = {}
    for number, row in enumerate(rows, 2):
        key = LineKey(row["region"], int(row["year"]), row["category"], row["gas"])
        if not row["value"]:
            keys[key] = row["status"]
            continue
        value = _number(row["value"], number, file) * T_PER_KT
        lines[key] = (Term(row["status"], row["year"], value, row["method"], leaves=_leaves(lineage, row["id"])),)
    name = str(manifest.get("factor_set", ""))
    return Side(str(run), name, str(manifest.get("gwp", "")), lines, keys)


def _leaves(lineage: Lineage, node_id: str) -> dict[str, tuple[str, str, str, str]]:
    """Return the facts, factors and assumptions below a number."""
    if node_id not in lineage.nodes:
        return {}
    found: dict[str, tuple[str, str, str, str]] = {}
    seen, waiting = {node_id}, [node_id]
    while waiting:
        node = lineage.nodes[waiting.pop()]
        if node.kind in ("fact", "factor", "assumption"):
            value = f"{node.value} {node.unit}".strip() if node.value is not None else node.note_en
            found[node.id] = (node.kind, node.zh, node.en, value)
            continue
        fresh = [p for p in node.parents if p in lineage.nodes and p not in seen]
        seen.update(fresh)
        waiting.extend(fresh)
    return found
