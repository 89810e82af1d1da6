"""The score table as a workbook: prefectures, their indicators, the physical targets, and the sheet that says how all was reckoned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tanlu.assessment.filing.scheme import WHOLE_PLAN, AssessmentScheme
from tanlu.assessment.filing.scoring import ScoreTable
from tanlu.assessment.score_tree import rounded
from tanlu.core.messages import translate
from tanlu.core.regions import Region
from tanlu.programme.registry.exporting import workbook

Sheet = tuple[str, Sequence[Sequence[Any]]]


def score_workbook(
    table: ScoreTable, regions: dict[str, Region], language: str, actions: dict[str, str] | None = None
) -> bytes:
    """Return a workbook of a score table.

    Parameters
    ----------
    regions : dict
        Regions by id.
    language : {"zh", "en"}
    actions : dict, optional
        Names of the actions by id.
    """
    names = {WHOLE_PLAN: translate("assessment.whole_plan", language), **(actions or {})}
    sheets = [
        _scores(table, regions, language, names),
        _indicators(table, regions, language, names),
        _scheme(table.scheme, language, names),
        _method(table, language),
    ]
    if table.physical:
        sheets.insert(2, _physical(table.physical, language))
    return workbook(sheets)


def _text(key: str, language: str, **values: object) -> str:
    return translate(f"assessment.sheet.{key}", language, **values)


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)


def _grade(table: ScoreTable, grade: str | None, language: str) -> str:
    named = {key: name.name(language) for key, name, _ in table.scheme.grades}
    return named.get(grade or "", "")


def _scores(table: ScoreTable, regions: dict[str, Region], language: str, names: dict[str, str]) -> Sheet:
    keys = list(dict.fromkeys(i.action for i in table.scheme.indicators))
    head = ("rank", "city", "score", "grade", "provisional", "missing", "below_floor")
    rows: list[list[Any]] = [[*(_text(key, language) for key in head), *(names.get(key, key) for key in keys)]]
    for s in table.scores:
        region = regions.get(s.city)
        rows.append(
            [
                s.rank,
                region.name(language) if region else s.city,
                _number(rounded(s.score)),
                _grade(table, s.grade, language),
                _number(rounded(s.provisional)),
                len(s.missing),
                ", ".join(s.below_floor),
                *(_number(rounded(s.by_action.get(key))) for key in keys),
            ]
        )
    return _text("scores", language), rows


def _indicators(table: ScoreTable, regions: dict[str, Region], language: str, names: dict[str, str]) -> Sheet:
    head = ("city", "action", "indicator", "value", "required", "unit", "progress", "state")
    rows: list[list[Any]] = [[_text(key, language) for key in head]]
    for s in table.scores:
        region = regions.get(s.city)
        for part in s.indicators:
            indicator = table.scheme.indicator(part.indicator)
            if indicator is None:
                continue
            rows.append(
                [
                    region.name(language) if region else s.city,
                    names.get(indicator.action, indicator.action),
                    indicator.name.name(language),
                    _number(rounded(part.value, 4)),
                    _number(rounded(part.required, 4)),
                    indicator.unit,
                    _number(rounded(part.progress, 4)),
                    translate(f"assessment.filing.state.{part.state}", language),
                ]
            )
    return _text("indicators", language), rows


def _physical(physical: Any, language: str) -> Sheet:
    head = ("target", "status", "value", "required", "unit", "as_of", "probability")
    rows: list[list[Any]] = [[_text(key, language) for key in head]]
    for row in physical["targets"]:
        status = translate(f"assessment.status.{row['status']}", language)
        rows.append(
            [row["target"], status, row["value"], row["required"], row["unit"], row["as_of"], row["probability"]]
        )
    return _text("physical", language), rows


def _scheme(scheme: AssessmentScheme, language: str, names: dict[str, str]) -> Sheet:
    head = (
        "action",
        "indicator",
        "weight",
        "baseline",
        "base_year",
        "required",
        "due",
        "unit",
        "cap",
        "floor",
        "grade",
        "evidence",
        "note",
    )
    rows: list[list[Any]] = [[_text(key, language) for key in head]]
    for i in scheme.indicators:
        rows.append(
            [
                names.get(i.action, i.action),
                i.name.name(language),
                float(i.weight),
                float(i.path.baseline),
                i.path.base_year,
                float(i.path.target),
                i.path.due,
                i.unit,
                float(i.cap),
                None if i.floor is None else float(i.floor),
                i.grade,
                i.evidence.name(language),
                i.note.name(language),
            ]
        )
    return _text("scheme", language), rows


def _method(table: ScoreTable, language: str) -> Sheet:
    _, digest = table.frozen()
    scheme = table.scheme
    rows = [
        [_text("year", language), str(table.year)],
        [_text("as_of", language), table.as_of.isoformat()],
        [_text("pack", language), f"{scheme.name.name(language)} {scheme.id} {scheme.version}"],
        [_text("status", language), _text(f"pack_{scheme.status}", language)],
        [_text("pack_digest", language), scheme.sha256],
        [_text("digest", language), digest],
        [_text("note", language), scheme.note.name(language)],
        *(
            [_text(f"rule.{name}", language), _text(f"rule.{name}.text", language)]
            for name in ("progress", "score", "floor", "missing")
        ),
        *([account.id, account.text.name(language)] for account in scheme.accounts.values()),
    ]
    if table.supposed:
        rows.append([_text("supposed", language), ""])
    if table.demonstration:
        rows.append([translate("registry.demonstration", language), ""])
    return _text("method", language), rows
