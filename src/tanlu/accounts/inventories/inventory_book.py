"""A greenhouse-gas inventory as a document: chosen results, notation keys with reasons, memo ledger, signature; frozen and hashed.

Masses of gas are stored; CO2-equivalents are a view through one GWP set. Nothing is overwritten: a changed inventory is a new version
that names the one it supersedes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

from tanlu.accounts.inventories.roll_up import nested_problems
from tanlu.accounts.province.notation import COMBUSTION, EXPECTED, reason_text
from tanlu.accounts.province.records import Inventory, Status
from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.result import MEMO, Result, Results
from tanlu.core.errors import DataError, Problem
from tanlu.core.factors import Factor
from tanlu.core.gases import gwp_set
from tanlu.core.hashing import hash_json
from tanlu.core.inventory import combine
from tanlu.core.provenance import Grade
from tanlu.core.province import Province

FILE: Final = "inventory.json"
FORMAT: Final = 1
KEYS: Final = ("NE", "NO", "IE", "NA", "C")
"""Notation keys (IPCC 2006 vol. 1 ch. 8, table 8.1): not estimated, not occurring, included elsewhere, not applicable, confidential."""
CATEGORY: Final = re.compile(r"[1-5](\.\w+)*|memo\.\S+")
NOT_ELSEWHERE: Final = ("1.A",)
"""Categories of the list that stand for what no finer category has."""
LAND: Final = ("3.B", "3.D.1")
T_PER_KT: Final = 1000.0


class Notation(NamedTuple):
    """A notation key in place of a number, and why."""

    year: int
    category: str
    gas: str
    key: str
    reason_zh: str
    reason_en: str


class TableRow(NamedTuple):
    """One category and gas in one year: mass [t] with interval and CO2-equivalent [t], or a notation key."""

    year: int
    category: str
    gas: str
    value: float | None
    low: float | None
    high: float | None
    co2e: float | None
    key: str
    reason_zh: str
    reason_en: str
    ids: tuple[str, ...]

    @property
    def is_memo(self) -> bool:
        """Whether it stands outside the total."""
        return self.category.startswith(MEMO)


@dataclass(frozen=True)
class InventoryBook:
    """An inventory.

    Parameters
    ----------
    region : str
        Place whose inventory it is; every entry lies in it.
    years : tuple of int
    method_set : str
    gwp : str
        GWP set that the rule fixes, used where none is named.
    entries : tuple of Result
        The results of which it is made, memo items among them.
    notations : tuple of Notation
        For every category and gas without a result, in every year.
    methods : mapping
        Hash of each method that was used, by id.
    activities, factors : mapping
        Data and factors behind the entries, by id, as they were.
    counts : tuple of str
        Memo categories that the rule adds to the total, such as power that an enterprise buys.
    version : int
    supersedes : str
        Hash of the version before, empty for the first.
    reason_zh, reason_en : str
        Why there is a new version.
    signed_by, signed_on : str
        Who answers for it, and the ISO date; not part of the hash, which is what is signed.
    """

    region: str
    years: tuple[int, ...]
    method_set: str
    gwp: str
    entries: tuple[Result, ...]
    notations: tuple[Notation, ...]
    methods: Mapping[str, str]
    activities: Mapping[str, Activity]
    factors: Mapping[str, Factor]
    counts: tuple[str, ...] = ()
    version: int = 1
    supersedes: str = ""
    reason_zh: str = ""
    reason_en: str = ""
    signed_by: str = ""
    signed_on: str = ""

    @cached_property
    def hash(self) -> str:
        """SHA-256 over everything but the signature."""
        return hash_json({k: v for k, v in self.as_record().items() if not k.startswith("signed")})

    @property
    def memo(self) -> tuple[Result, ...]:
        """The memo ledger: entries outside the total."""
        return tuple(r for r in self.entries if not self.in_total(r))

    def in_total(self, entry: Result) -> bool:
        """Return whether an entry counts: a memo item does only where the rule adds it."""
        return not entry.is_memo or entry.category in self.counts

    def table(self, gwp: str = "rule") -> list[TableRow]:
        """Return every category and gas in every year, in order: numbers, and notation keys where there are none.

        Parameters
        ----------
        gwp : str
            GWP set; ``rule`` is that of the method set. A gas for which it fixes no value has no CO2-equivalent.
        """
        weights = gwp_set(self.gwp if gwp == "rule" else gwp).values
        rows = [
            TableRow(n.year, n.category, n.gas, None, None, None, None, n.key, n.reason_zh, n.reason_en, ())
            for n in self.notations
        ]
        for (year, category, gas), members in self._groups().items():
            value, low, high = combine((r.value, dict(r.errors)) for r in members)
            weight = 1.0 if gas == "CO2e" else weights.get(gas)
            co2e = None if weight is None else value * weight
            rows.append(TableRow(year, category, gas, value, low, high, co2e, "", "", "", tuple(r.id for r in members)))
        return sorted(rows, key=lambda r: (r.year, r.category, r.gas))

    def _groups(self) -> dict[tuple[int, str, str], list[Result]]:
        groups: dict[tuple[int, str, str], list[Result]] = {}
        for r in self.entries:
            groups.setdefault((int(r.period[:4]), r.category, r.gas), []).append(r)
        return groups

    def total(self, gwp: str = "rule", year: int | None = None, *, land: bool = False) -> tuple[float, float, float]:
        """Return the total and its 95 % interval (value, low, high) [t CO2e], memo items left out.

        Parameters
        ----------
        gwp : str
        year : int, optional
            All years together if not given.
        land : bool
            Whether land use counts.

        Raises
        ------
        KeyError
            If the GWP set fixes no value for a gas that occurs.
        """
        weights = gwp_set(self.gwp if gwp == "rule" else gwp)
        chosen = [
            r for r in self.entries
            if self.in_total(r) and (year is None or int(r.period[:4]) == year) and (land or not is_land(r.category))
        ]  # fmt: skip
        return combine((r.value * (1.0 if r.gas == "CO2e" else weights[r.gas]), dict(r.errors)) for r in chosen)

    def completeness(self) -> dict[str, int]:
        """Return how many lines of category, gas and year have a number, and how many each notation key."""
        counts = {"number": len(self._groups()), **dict.fromkeys(KEYS, 0)}
        for n in self.notations:
            counts[n.key] += 1
        return counts

    def signed(self, by: str, on: str) -> InventoryBook:
        """Return the same inventory with a signature.

        Raises
        ------
        ValueError
            If the date is not an ISO date, or no one is named.
        """
        if not by.strip():
            raise ValueError("a signature needs a name")
        return replace(self, signed_by=by, signed_on=date.fromisoformat(on).isoformat())

    def successor(self, other: InventoryBook, reason_zh: str, reason_en: str) -> InventoryBook:
        """Return another inventory of the same region as the version after this one."""
        return replace(
            other, version=self.version + 1, supersedes=self.hash, reason_zh=reason_zh, reason_en=reason_en,
            signed_by="", signed_on="",
        )  # fmt: skip

    def as_record(self) -> dict[str, Any]:
        """Return everything as plain data."""
        named = {
            "region", "method_set", "gwp", "version", "supersedes", "reason_zh", "reason_en", "signed_by", "signed_on"
        }  # fmt: skip
        return {
            "format": FORMAT,
            **{name: getattr(self, name) for name in sorted(named)},
            "years": list(self.years),
            "counts": list(self.counts),
            "entries": [
                {**r._asdict(), "factors": list(r.factors), "activities": list(r.activities), "errors": dict(r.errors)}
                for r in self.entries
            ],
            "notations": [n._asdict() for n in self.notations],
            "methods": dict(self.methods),
            "activities": {k: a._asdict() for k, a in sorted(self.activities.items())},
            "factors": {k: {**asdict(f), "grade": f.grade.value} for k, f in sorted(self.factors.items())},
        }

    def save(self, path: Path) -> Path:
        """Write the inventory as JSON and return the file; a folder gets ``inventory.json``.

        Raises
        ------
        DataError
            If another inventory stands there: what is frozen is never overwritten.
        """
        file = path if path.suffix == ".json" else path / FILE
        text = json.dumps({**self.as_record(), "hash": self.hash}, ensure_ascii=False, indent=1) + "\n"
        if file.exists() and file.read_text(encoding="utf-8") != text:
            raise DataError([Problem("inventory_exists", str(file), value=file.name)])
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
        return file


def is_land(category: str) -> bool:
    """Return whether a category is land use or harvested wood."""
    return any(category == c or category.startswith(f"{c}.") for c in LAND)


def load_book(path: Path) -> InventoryBook:
    """Read an inventory that `InventoryBook.save` wrote.

    Raises
    ------
    DataError
        If it cannot be read, or its content is not that of its hash.
    """
    file = path if path.suffix == ".json" else path / FILE
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        book = _from_record(data)
    except (OSError, ValueError, KeyError, TypeError) as error:
        details = {"reason": f"{type(error).__name__}: {error}"}
        raise DataError([Problem("not_an_inventory", str(file), value=file.name, details=details)]) from error
    if data.get("hash") != book.hash:
        raise DataError([Problem("inventory_changed", str(file), field="hash", value=str(data.get("hash"))[:12])])
    return book


def _from_record(data: Mapping[str, Any]) -> InventoryBook:
    plain = ("region", "method_set", "gwp", "version", "supersedes", "reason_zh", "reason_en", "signed_by", "signed_on")
    entries = tuple(
        Result(
            **{
                **e, "factors": tuple(e["factors"]), "activities": tuple(e["activities"]), "errors": tuple(e["errors"].items())
            }
        )
        for e in data["entries"]
    )  # fmt: skip
    return InventoryBook(
        **{name: data[name] for name in plain},
        years=tuple(data["years"]),
        counts=tuple(data["counts"]),
        entries=entries,
        notations=tuple(Notation(**n) for n in data["notations"]),
        methods=dict(data["methods"]),
        activities={k: Activity(**a) for k, a in data["activities"].items()},
        factors={k: Factor(**{**f, "grade": Grade(f["grade"])}) for k, f in data["factors"].items()},
    )


Keyed = Mapping[tuple[str, str], tuple[str, str, str]]
"""Notation keys by (category, gas): key, reason in Chinese, reason in English."""


def make_book(
    results: Results,
    region: str,
    *,
    years: Iterable[int] | None = None,
    ids: Collection[str] | None = None,
    notations: Keyed | None = None,
) -> InventoryBook:
    """Make an inventory of results.

    Parameters
    ----------
    results : Results
    region : str
        Place whose inventory it is.
    years : iterable of int, optional
        Years of the inventory; those of the results if not given.
    ids : collection of str, optional
        Ids of the results to choose; all that lie in the region and the years if not given.
    notations : mapping, optional
        Notation keys for categories without a result; what is not named says NE with the reason of the catalogue.

    Raises
    ------
    DataError
        With every problem: ids that do not exist or lie elsewhere, double counts, unknown keys, keys without a reason.
    """
    wanted = {int(r.period[:4]) for r in results} if years is None else set(years)
    problems = [Problem("unknown_result", "results", value=i) for i in sorted(set(ids or ()) - results.by_id.keys())]
    chosen = [
        r for r in results
        if int(r.period[:4]) in wanted and (_inside(r.place, region) if ids is None else r.id in ids)
    ]  # fmt: skip
    for r in chosen:
        if not _inside(r.place, region):
            problems.append(
                Problem("outside_region", "results", field="place", value=r.place, details={"region": region})
            )
    problems += nested_problems(chosen) + _notation_problems(notations or {}, chosen)
    if problems:
        raise DataError(problems)
    used = {a for r in chosen for a in r.activities}, {f for r in chosen for f in r.factors}
    hashes = {b.method.id: b.method.hash for b in results.blocks}
    return InventoryBook(
        region, tuple(sorted(wanted)), results.method_set.id, results.method_set.gwp, tuple(chosen),
        tuple(_notations(chosen, sorted(wanted), notations or {})),
        {m: hashes.get(m, "") for m in sorted({r.method for r in chosen})},
        {a: results.activities[a] for a in sorted(used[0])},
        {f: results.factors[f] for f in sorted(used[1])}, results.method_set.counts,
    )  # fmt: skip


def book_of_inventory(province: Province, inventory: Inventory) -> InventoryBook:
    """Return the inventory of a province folder as a document; its rows [kt] become entries [t].

    Parameters
    ----------
    province : Province
    inventory : Inventory
    """
    entries, notations = [], []
    for row in inventory.rows:
        if row.value is None or row.low is None or row.high is None:
            notations.append(
                Notation(row.year, row.category, row.gas, row.status.value, row.note_zh, row.note_en)
            )  # fmt: skip
            continue
        memo = row.status is Status.MEMO and not row.category.startswith(MEMO)
        entries.append(
            Result(
                row.status.value, row.region, str(row.year), f"{MEMO}{row.category}" if memo else row.category, row.gas,
                row.value * T_PER_KT, "t", row.low * T_PER_KT, row.high * T_PER_KT, row.method, row.factors, row.facts,
                row.grade.value, tuple(row.errors.items()), row.id,
            )
        )  # fmt: skip
    used = sorted({f for e in entries for f in e.factors if f in province.factors})
    factors = {f: province.factors[f] for f in used}
    return InventoryBook(
        inventory.region, inventory.years, str(province.settings["factor_set"]), str(province.settings["gwp"]), tuple(entries),
        tuple(notations), dict.fromkeys(sorted({e.method for e in entries}), ""), {}, factors,
    )  # fmt: skip


def _inside(place: str, region: str) -> bool:
    return not region or place == region or place.startswith(f"{region}/")


def expected_lines(found: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the categories and gases that every inventory speaks of and that have no result, with the code of the reason.

    Parameters
    ----------
    found : collection of (category, gas)
        Lines with a result. A finer category answers for a wider one, except for one that stands for what is not listed elsewhere.
    """
    wanted = {(c, gas): reason for c, gas, _, reason in EXPECTED}
    wanted |= {(c, "CO2"): "ne_not_set" for c, _ in COMBUSTION}

    def answered(category: str, gas: str) -> bool:
        finer = category not in NOT_ELSEWHERE and any(g == gas and c.startswith(f"{category}.") for c, g in found)
        return finer or (category, gas) in found

    return {key: reason for key, reason in wanted.items() if not answered(*key)}


def _notations(chosen: Iterable[Result], years: Iterable[int], given: Keyed) -> Iterable[Notation]:
    """Yield a notation for everything that has no result in a year."""
    by_year: dict[int, set[tuple[str, str]]] = {}
    for r in chosen:
        by_year.setdefault(int(r.period[:4]), set()).add((r.category, r.gas))
    every = {key for keys in by_year.values() for key in keys}
    for year in years:
        found = by_year.get(year, set())
        missing = expected_lines(found) | dict.fromkeys(every - found, "ne_year")
        missing |= dict.fromkeys(given.keys() - found, "")
        for (category, gas), code in sorted(missing.items()):
            key, zh, en = given.get((category, gas)) or ("NE", *reason_text(code))
            yield Notation(year, category, gas, key, zh, en)


def _notation_problems(given: Keyed, chosen: Iterable[Result]) -> list[Problem]:
    """Keys are known and have reasons; categories are known; nothing has both a number and a key in every year."""
    found = {(r.category, r.gas) for r in chosen}
    problems = []
    for (category, gas), (key, zh, en) in given.items():
        where = f"{category} {gas}"
        if key not in KEYS:
            details = {"refers_to": "notation", "some": ", ".join(KEYS)}
            problems.append(Problem("unknown_choice", "notations", field=where, value=key, details=details))
        if not zh.strip() or not en.strip():
            problems.append(Problem("notation_without_reason", "notations", field=where, value=key))
        if not CATEGORY.fullmatch(category):
            details = {"refers_to": "category", "some": "1.A.1.a, 2.A.1, 3.A.1"}
            problems.append(Problem("unknown_choice", "notations", field=where, value=category, details=details))
        if (category, gas) in found:
            problems.append(Problem("notation_with_result", "notations", field=where, value=key))
    return problems


def book_summary(book: InventoryBook) -> dict[str, Any]:
    """Return what a reader must know of an inventory at a glance, as plain data."""
    signature = {"signed_by": book.signed_by, "signed_on": book.signed_on}
    return {
        "region": book.region, "years": list(book.years), "method_set": book.method_set, "version": book.version,
        "hash": book.hash, "supersedes": book.supersedes, **signature, "completeness": book.completeness(),
        "memo": len(book.memo),
    }  # fmt: skip
