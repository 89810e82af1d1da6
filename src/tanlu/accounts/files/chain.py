"""The chain of one result: method, formula with its numbers, activity data and factors with their sources, rounding."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tanlu.accounts.files.formula_trace import Step, number_text, trace
from tanlu.accounts.files.template_content import input_label, method_text
from tanlu.accounts.rulebook.input_names import input_id
from tanlu.accounts.rulebook.method import Input, Method, methods
from tanlu.accounts.rulebook.result import Block, Result, Results
from tanlu.core.errors import DataError, Problem
from tanlu.core.library import Library
from tanlu.core.messages import catalogue, translate
from tanlu.core.punctuation import PUNCTUATION
from tanlu.core.units import parse_unit, unit_label

LINES: Final = {"activity": "chain.own", "factor": "chain.of_library", "default": "chain.default"}
"""Message of a datum by its kind."""


@dataclass(frozen=True, slots=True)
class Datum:
    """What one input was, and where it came from.

    Parameters
    ----------
    input : str
    value : str
        In the unit of the method.
    unit : str
    kind : {"activity", "factor", "default"}
    given : str
        As the user or the library has it, with its unit.
    id, source, locator, grade, evidence : str
        Of the row or the factor; the locator of a row is file and line.
    reasons : tuple of str
        Why a factor was taken.
    """

    input: str
    value: str
    unit: str
    kind: str
    given: str = ""
    id: str = ""
    source: str = ""
    locator: str = ""
    grade: str = ""
    evidence: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """Everything behind a result."""

    result: Result
    method: Method
    steps: tuple[Step, ...]
    data: tuple[Datum, ...]

    def as_record(self) -> dict[str, Any]:
        """Return the chain as plain data for ``--json``."""
        r, m = self.result, self.method
        return {
            "id": r.id, "record": r.record, "place": r.place, "period": r.period, "category": r.category, "gas": r.gas,
            "value": r.value, "unit": r.unit, "low": r.low, "high": r.high, "grade": r.grade,
            "method": {"id": m.id, "hash": m.hash, "clause": m.clause, "source": m.source, "formula": m.formula},
            "steps": [{"name": s.name, "code": s.code, "numbers": s.numbers, "value": number_text(s.value)} for s in self.steps],
            "rounding": rounding_record(m),
            "inputs": [{name: getattr(d, name) for name in Datum.__slots__} for d in self.data],
        }  # fmt: skip

    def lines(self, language: str, library: Library) -> list[str]:
        """Return the chain as text."""
        r, m = self.result, self.method
        category = catalogue().get(f"category.{r.category}")
        said: dict[str, object] = {
            "id": r.id, "record": r.record, "place": r.place, "period": r.period, "gas": r.gas,
            "category": f"{r.category} {category[language]}" if category else r.category,
            "value": f"{r.value!r}", "unit": r.unit, "low": f"{r.low:.6g}", "high": f"{r.high:.6g}", "grade": r.grade,
        }  # fmt: skip
        source = library.sources.get(m.source)
        title = m.source if source is None else (source.title_zh if language == "zh" else source.title_en)
        lines = [translate("chain.result", language, **said)]
        name = method_text(m, "name", language)
        cited = PUNCTUATION[language].comma.join(filter(None, [title, m.clause]))
        lines.append(translate("chain.by_method", language, name=name, id=m.id, cited=cited))
        lines.append(translate("chain.formula", language, formula=m.formula))
        for step in self.steps:
            value = number_text(step.value)
            text = " = ".join(filter(None, [step.name, step.code, step.numbers, value or ""]))
            lines.append("  " + text)
        rounding = m.rounding
        if rounding is not None:
            places = ", ".join(f"{n} {p}" for n, p in rounding.inputs.items()) or "–"
            result = "–" if rounding.result is None else str(rounding.result)
            how = translate(f"chain.half_{rounding.half}", language)
            lines.append(translate("chain.rounding", language, inputs=places, result=result, how=how))
        lines.append(translate("chain.inputs", language))
        return [*lines, *(_datum_line(d, language, library) for d in self.data)]


def rounding_record(method: Method) -> dict[str, Any] | None:
    """Return the rounding of a method as plain data."""
    r = method.rounding
    return None if r is None else {"inputs": dict(r.inputs), "result": r.result, "half": r.half}


def _datum_line(datum: Datum, language: str, library: Library) -> str:
    """Return a datum as one line; what is not known of its origin is left out."""
    source = library.sources.get(datum.source) if datum.kind == "factor" else None
    title = datum.source if source is None else (source.title_zh if language == "zh" else source.title_en)
    joint = PUNCTUATION[language].listing
    amount = f"{datum.value} {unit_label(datum.unit, language)}".strip() if datum.unit else datum.value
    origin = [title or translate("chain.no_source", language), datum.locator]
    origin.append(translate("account_library.grade", language, grade=datum.grade) if datum.grade else "")
    if datum.kind == "factor":
        known = translate(f"evidence.{datum.evidence or 'none'}", language)
        origin.append(translate("account_library.evidence", language, evidence=known))
    else:
        origin.append(datum.id)
    said: dict[str, object] = {
        "input": datum.input, "label": input_label(datum.input, language), "value": amount, "given": datum.given,
        "id": datum.id, "origin": PUNCTUATION[language].comma.join(filter(None, origin)),
        "reasons": joint.join(_reason(r, language) for r in datum.reasons),
    }  # fmt: skip
    return "  " + translate(LINES[datum.kind], language, **said)


def _reason(reason: str, language: str) -> str:
    """Return why a factor was taken; that it fits says nothing of how exact it is."""
    return translate("chain.as_wanted" if reason == "exact" else f"match.{reason}", language)


def find_results(results: Results, name: str) -> list[Result]:
    """Return the results of an id (with or without ``result:``, or its beginning) or of a record.

    Raises
    ------
    DataError
        If there is none.
    """
    full = name if name.startswith("result:") else f"result:{name}"
    found = [r for r in results if r.id == full or r.record == name]
    found = found or [r for r in results if len(name) >= 6 and r.id.startswith(full)]
    if not found:
        known = [*dict.fromkeys(r.record for r in results), *(r.id for r in results)]
        some = difflib.get_close_matches(name, known, n=3, cutoff=0.3) or known[:3]
        raise DataError([Problem("unknown_id", "results.csv", value=name, details={"suggestions": ", ".join(some)})])
    return found


def chain_of(results: Results, result: Result) -> Chain:
    """Return the chain of a result."""
    method = methods()[result.method]
    block, record, step, output = _place(results, result)
    values: dict[str, Any] = {name: array[record] for name, array in block.values.items()}
    steps = trace(method, values)
    returned = [s for s in steps if not s.name]
    if len(returned) == len(method.outputs):
        # of several gases only the line of this one
        steps = [s for s in steps if s.name or s is returned[output]]
    data = [_datum(results, result, wanted, values, step) for wanted in method.inputs]
    return Chain(result, method, tuple(steps), tuple(d for d in data if d is not None))


def _place(results: Results, result: Result) -> tuple[Block, int, int, int]:
    """Return block, record, step of the series and output of a result."""
    position = results.results.index(result)
    for block in results.blocks:
        for output, rows in enumerate(block.rows):
            found = np.argwhere(rows == position)
            if len(found):
                return block, int(found[0][0]), int(found[0][-1]) if rows.ndim > 1 else 0, output
    raise ValueError(f"{result.id} is in no block")


def _datum(results: Results, result: Result, wanted: Input, values: Mapping[str, Any], step: int) -> Datum | None:
    found = values.get(wanted.name)
    if wanted.kind != "choice" and isinstance(found, np.ndarray):
        found = found[step if found.size > 1 else 0]
    value = number_text(found) or ""
    method = methods()[result.method]
    rows = [a for a in (results.activities[i] for i in result.activities) if input_id(method, a.input) == wanted.name]
    row = next((a for a in rows if a.period == result.period), rows[0] if rows else None)
    if row is not None:
        where = f"{row.file}:{row.row}" if row.row is not None else row.file
        given = f"{row.value} {row.unit}".strip()
        return Datum(
            wanted.name, value or row.value, _unit_of(wanted, row.unit), "activity", given, row.id,
            row.source, where, row.grade or "D",
        )  # fmt: skip
    match = results.match(result, wanted.name)
    if match is not None:
        f = match.factor
        return Datum(
            wanted.name, value, _unit_of(wanted, f.unit), "factor", f"{f.value:g} {f.unit}", f.id, f.source, f.locator, f.grade.value,
            f.evidence, match.reasons,
        )  # fmt: skip
    if wanted.kind == "choice":
        return Datum(wanted.name, wanted.word, "", "default") if wanted.word else None
    return Datum(wanted.name, value, _unit_of(wanted, wanted.units[0] or "1"), "default")


def _unit_of(wanted: Input, given: str) -> str:
    """Return the one of the units of an input to which a given unit converts."""
    dimension = parse_unit(given or "1").dimension
    return next((u for u in wanted.units if u is not None and parse_unit(u).dimension == dimension), "")
