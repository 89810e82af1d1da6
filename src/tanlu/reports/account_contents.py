"""What the report on an enterprise's or a park's account offers to its template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from tanlu.accounts.files.audit import Audit, audit
from tanlu.accounts.files.figures import mass_text
from tanlu.accounts.files.sectoral_table import category_name
from tanlu.accounts.files.template_content import input_label, method_text
from tanlu.accounts.rulebook.method import methods
from tanlu.charts.base import Cell, Column
from tanlu.charts.format import capital, subscript
from tanlu.core.errors import DataError, Problem
from tanlu.core.library import load_library
from tanlu.core.messages import translate
from tanlu.core.units import unit_label
from tanlu.reports.account_names import (
    datum_text,
    factor_title,
    gwp_title,
    identified,
    method_set_title,
    method_title,
    place_name,
    source_title,
)
from tanlu.reports.composing import Content
from tanlu.reports.document import Table


def account(folder: Path, language: str) -> Content:
    """Return the content of the report on a folder of results, recomputed from its own data.

    Raises
    ------
    DataError
        If the folder is none of results, or what it holds is not what is computed from it.
    """
    found = audit(folder)
    if found.differences:
        details = {"count": len(found.differences)}
        raise DataError([Problem("account_changed", str(folder), value=str(folder), details=details)])
    places = sorted({r.place for r in found.results})
    subject = place_name(places[0], language) if len(places) == 1 else folder.name
    manifest = found.manifest
    made = {
        "gases": partial(_gases, found, language), "results": partial(_results, found, language),
        "findings": partial(_findings, found, language), "data": partial(_data, found, language),
        "factors": partial(_factors, found, language), "methods": partial(_methods, found, language),
    }  # fmt: skip
    words = {
        "subject": subject, "places": [identified(place_name(p, language), p, language) for p in places],
        "method_set": method_set_title(manifest["method_set"], language), "gwp": gwp_title(manifest["gwp"], language),
        "version": manifest["package"],
        "totals": [_total(year, language) for year in manifest["years"]], "findings": len(found.results.findings),
        "charts": [], "tables": sorted(made),
    }  # fmt: skip
    title = translate("reports.office.account", language, subject=subject)
    # the hash of the results stands for a date: the folder has none that a copy would keep
    origin = f"{folder.name}, results.csv sha256 {manifest['files']['results.csv'][:16]}"
    return Content("account", language, title, "", origin, words, {}, made)


def _total(year: Mapping[str, Any], language: str) -> str:
    whole = year["CO2e"]
    return translate(
        "reports.account.total", language, year=year["year"], total=mass_text(whole["value"]), low=mass_text(whole["low"]),
        high=mass_text(whole["high"]),
    )  # fmt: skip


def _table(name: str, language: str, keys: Sequence[tuple[str, str]], rows: Sequence[Sequence[Cell]]) -> Table:
    columns = tuple(Column(k, translate(f"reports.column.{k}", language), unit) for k, unit in keys)
    return Table(name, translate(f"reports.table.{name}", language), columns, tuple(tuple(row) for row in rows))


def _gases(found: Audit, language: str) -> Table:
    rows = [
        [Cell(str(year["year"])), Cell(subscript(gas)), Cell(mass)]
        for year in found.manifest["years"]
        for gas, mass in year["gases"].items()
    ]
    return _table("account_gases", language, [("year", ""), ("gas", ""), ("mass", "t")], rows)


def _category(code: str, language: str) -> str:
    name = capital(category_name(code, language))
    # the code of a memo item is one of the program, not of the guidelines
    return name if name and code.startswith("memo.") else f"{code} {name}"


def _results(found: Audit, language: str) -> Table:
    rows = [
        [Cell(r.record), Cell(r.period), Cell(_category(r.category, language)),
         Cell(subscript(r.gas)), Cell(r.value, r.id), Cell(r.low), Cell(r.high), Cell(r.grade)]
        for r in found.results
    ]  # fmt: skip
    keys = [("record", ""), ("period", ""), ("category", ""), ("gas", ""), ("mass", "t"), ("low", "t"), ("high", "t"),
            ("grade", "")]  # fmt: skip
    return _table("account_results", language, keys, rows)


def _findings(found: Audit, language: str) -> Table:
    rows = [
        [Cell(translate(f"portal.severity.{f.severity}", language)), Cell(f.record), Cell(capital(f.text(language)))]
        for f in found.results.findings
    ]
    return _table("account_findings", language, [(k, "") for k in ("severity", "record", "finding")], rows)


def _data(found: Audit, language: str) -> Table:
    library = load_library()
    rows = [
        [
            Cell(a.record),
            Cell(a.period),
            Cell(capital(input_label(a.input, language))),
            Cell(datum_text(a.value, library, language)),
            Cell(unit_label(a.unit, language)),
            Cell(source_title(a.source, library, language)),
            Cell(a.grade),
        ]
        for a in found.results.activities.values()
    ]
    keys = [(k, "") for k in ("record", "period", "input", "value", "unit", "source", "grade")]
    return _table("account_data", language, keys, rows)


def _coded(
    name: str, language: str, keys: Sequence[tuple[str, str]], rows: Sequence[tuple[str, str, Sequence[Cell]]]
) -> Table:
    """Return a table of things with a name, a code and more: a workbook has a column of codes, paper the code below the name."""
    made = _table(
        name, language, [keys[0], ("code", ""), *keys[1:]], [[Cell(n), Cell(c), *more] for n, c, more in rows]
    )
    drawn = [[Cell(n if n == c else f"{n}\n{c}"), *more] for n, c, more in rows]
    return replace(made, paper=_table(name, language, keys, drawn))


def _factors(found: Audit, language: str) -> Table:
    library = load_library()
    rows = [
        (factor_title(f, library, language), f.id,
         [Cell(f.value, f.id, f.unit), Cell(source_title(f.source, library, language)), Cell(f.grade.value)])
        for f in sorted(found.results.factors.values(), key=lambda f: f.id)
    ]  # fmt: skip
    return _coded("account_factors", language, [(k, "") for k in ("factor", "factor_value", "source", "grade")], rows)


def _methods(found: Audit, language: str) -> Table:
    known, library = methods(), load_library()
    rows = [
        (method_title(m, language), m,
         [Cell(method_text(known[m], "rule", language)), Cell(source_title(known[m].source, library, language))])
        for m in sorted({r.method for r in found.results})
    ]  # fmt: skip
    return _coded("account_methods", language, [(k, "") for k in ("method", "formula", "source")], rows)
