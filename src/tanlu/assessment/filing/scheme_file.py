"""Schemes of a province, read from its folder and checked: what is wrong with any of them is told at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from tanlu.assessment.filing.scheme import VALUES, AssessmentScheme, path_from, scheme_from
from tanlu.assessment.investment import PayerKind, SpendingKind
from tanlu.assessment.score_tree import PathKind
from tanlu.core.errors import DataError, Problem
from tanlu.core.province import province_folder
from tanlu.core.schema import STATISTICS
from tanlu.core.tables import read_table
from tanlu.core.units import UnknownUnitError, parse_unit
from tanlu.plan.entries import Checker, read_entry
from tanlu.plan.records import Text
from tanlu.plan.schema import Field
from tanlu.programme.registries import Kind
from tanlu.programme.registry.places import prefectures_of

FOLDER: Final = "assessment/city_scores"
_PATH: Final = (
    Field("kind", "choice", choices=(PathKind.LINEAR.value, PathKind.GEOMETRIC.value)),
    Field("base_year", "integer"),
    Field("baseline", "number"),
    Field("due", "integer"),
    Field("target", "number"),
)
_INDICATOR: Final = (
    Field("id"),
    Field("action"),
    Field("zh"),
    Field("en"),
    Field("unit"),
    Field("value", "choice", choices=VALUES),
    Field("account", optional=True, filled=False),
    Field("registry", "record", optional=True, filled=False, of=(Field("kinds", "texts"), Field("from"))),
    Field("direction", "choice", choices=("up", "down")),
    Field("weight", "number"),
    Field("cap", "number", optional=True, filled=False),
    Field("floor", "number", optional=True, filled=False),
    Field("target", optional=True, filled=False),
    Field("evidence", "text2"),
    Field("path", "record", of=_PATH),
    Field("allot", "record", optional=True, filled=False, of=(Field("variable"), Field("year", "integer"))),
    Field("grade", "choice", choices=("A", "B", "C", "D")),
    Field("note", "text2"),
)
_FIELDS: Final = (
    Field("id"),
    Field("version"),
    Field("zh"),
    Field("en"),
    Field("status", "choice", choices=("verified", "unverified")),
    Field("source"),
    Field("grade", "choice", choices=("A", "B", "C", "D")),
    Field("note", "text2"),
    Field("first_year", "integer"),
    Field("last_year", "integer"),
    Field("filing_due"),
    Field("capped_grade"),
    Field("grades", "records", of=(Field("id"), Field("zh"), Field("en"), Field("from", "number"))),
    Field(
        "accounts",
        "records",
        optional=True,
        filled=False,
        of=(Field("id"), Field("zh"), Field("en"), Field("kinds", "texts"), Field("payers", "texts")),
    ),
    Field("indicators", "records", of=_INDICATOR),
)


def scheme_for(province: str, year: int) -> AssessmentScheme:
    """Return the scheme of a province that holds for a year.

    Raises
    ------
    DataError
        If there is none, or with every problem of the files.
    """
    folder = province_folder(province)
    files = sorted((folder / FOLDER).glob("*.yaml"))
    stamp = tuple((path, path.stat().st_mtime_ns) for path in files)
    schemes = _read_all(folder, province, stamp, (folder / STATISTICS.file).stat().st_mtime_ns)
    fitting = [s for s in schemes if s.first_year <= year <= s.last_year]
    if not fitting:
        spans = ", ".join(f"{s.first_year}–{s.last_year}" for s in schemes) or "-"
        raise DataError([Problem("no_scheme", FOLDER, field="year", value=str(year), details={"known": spans})])
    return max(fitting, key=lambda s: s.first_year)


@lru_cache(maxsize=4)
def _read_all(
    folder: Path, province: str, files: tuple[tuple[Path, int], ...], statistics: int
) -> tuple[AssessmentScheme, ...]:
    problems: list[Problem] = []
    found = []
    for path, _ in files:
        try:
            found.append(read_scheme(path, folder, prefectures_of(province)))
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(problems)
    return tuple(found)


def read_scheme(path: Path, folder: Path, cities: Sequence[str]) -> AssessmentScheme:
    """Read a scheme.

    Parameters
    ----------
    path : Path
    folder : Path
        Province folder; its statistics give the shares of allotted requirements.
    cities : sequence of str
        Prefectures.

    Raises
    ------
    DataError
        With every problem: unknown kinds, accounts and units, paths along which nothing could be measured, shares that are missing.
    """
    checker = read_entry(path, folder, _FIELDS)
    if checker.count:
        raise DataError(checker.problems())
    values = checker.entries[0][1]
    _check(checker, values)
    shares = _shares(checker, values, folder, cities)
    if checker.count:
        raise DataError(checker.problems())
    return scheme_from(_content(values, shares))


def _check(checker: Checker, values: Mapping[str, Any]) -> None:
    place = (0, "indicators")
    accounts = {account["id"] for account in values["accounts"]}
    ids = [item["id"] for item in values["indicators"]]
    grades = [grade["from"] for grade in values["grades"]]

    def choice(label: str, value: str, known: Sequence[str], key: str = "indicators") -> None:
        if value not in known:
            some = ", ".join(list(known)[:6])
            checker.report((0, key), label, "unknown_choice", value, refers_to=label, some=some)

    for key in sorted({key for key in ids if ids.count(key) > 1}):
        checker.report(place, "indicators.id", "name_twice", key)
    choice("capped_grade", values["capped_grade"], [g["id"] for g in values["grades"]], "capped_grade")
    if grades != sorted(grades, reverse=True):
        checker.report((0, "grades"), "grades.from", "scheme_grades")
    try:
        date.fromisoformat(f"2001-{values['filing_due']}")
    except ValueError:
        checker.report((0, "filing_due"), "filing_due", "not_a_date", values["filing_due"])
    for account in values["accounts"]:
        for kind in account["kinds"]:
            choice("accounts.kinds", kind, [k.value for k in SpendingKind], "accounts")
        for payer in account["payers"]:
            choice("accounts.payers", payer, [k.value for k in PayerKind], "accounts")
    for item in values["indicators"]:
        _check_indicator(checker, item, choice, sorted(accounts))


def _check_indicator(checker: Checker, item: Mapping[str, Any], choice: Any, accounts: Sequence[str]) -> None:
    label, place = item["id"], (0, "indicators")
    for key in ("weight", "cap", "floor"):
        if item[key] is not None and item[key] <= 0:
            checker.report(place, f"{label}.{key}", "below_minimum", item[key], minimum="0")
    if item["value"] == "investment":
        choice(f"{label}.account", item["account"], accounts)
    if item["value"] == "registry" and not item["registry"]:
        checker.report(place, f"{label}.registry", "missing_key")
    if item["registry"]:
        for kind in item["registry"]["kinds"]:
            choice(f"{label}.registry.kinds", kind, [k.value for k in Kind])
        try:
            date.fromisoformat(item["registry"]["from"])
        except ValueError:
            checker.report(place, f"{label}.registry.from", "not_a_date", item["registry"]["from"])
    try:
        parse_unit(item["unit"])
    except UnknownUnitError as error:
        checker.report(
            place, f"{label}.unit", "unknown_unit", item["unit"], suggestions=", ".join(error.suggestions) or "%"
        )
    path = item["path"]
    rises = path["target"] > path["baseline"]
    try:
        path_from(_exact(path))
    except ValueError as error:
        checker.report(place, f"{label}.path", "scheme_path", path["target"], reason=str(error))
        return
    if rises != (item["direction"] == "up"):
        checker.report(place, f"{label}.direction", "scheme_direction", item["direction"])


def _shares(
    checker: Checker, values: Mapping[str, Any], folder: Path, cities: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Return the share of each prefecture [%] for every indicator that is allotted."""
    wanted = {i["id"]: i["allot"] for i in values["indicators"] if i["allot"]}
    if not wanted:
        return {}
    table = read_table(folder / STATISTICS.file, STATISTICS.columns, key=STATISTICS.key, root=folder)
    facts = {(r["variable"], r["region"], r["year"]): Decimal(str(r["value"])) for r in table.rows}
    found: dict[str, dict[str, str]] = {}
    for key, allot in wanted.items():
        known = {city: facts.get((allot["variable"], city, allot["year"])) for city in cities}
        missing = [city for city, value in known.items() if value is None or value <= 0]
        if missing:
            text = f"{allot['variable']} {allot['year']}"
            checker.report(
                (0, "indicators"),
                f"{key}.allot",
                "scheme_share",
                text,
                missing=", ".join(missing[:5]),
                count=len(missing),
            )
            continue
        total = sum((value for value in known.values() if value), Decimal(0))
        # six decimals of a percent: the same text on every machine
        found[key] = {city: f"{(value or 0) * 100 / total:.6f}" for city, value in known.items()}
    return found


def _exact(value: Any) -> Any:
    """Return data without floats: the shortest text of a number is exact."""
    if isinstance(value, float):
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, Mapping):
        return {str(k): _exact(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(v) for v in value]
    return value


def _content(values: Mapping[str, Any], shares: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    content: dict[str, Any] = _exact(values)
    for item in content["indicators"]:
        item["shares"] = dict(shares.get(item["id"], {}))
    return content
