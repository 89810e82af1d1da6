"""Scores and targets as plain data for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tanlu.assessment.filing.scoring import ScoreTable
from tanlu.assessment.filing.target_state import TargetState
from tanlu.assessment.score_tree import rounded
from tanlu.core.messages import translate
from tanlu.core.regions import Region


def score_as_data(table: ScoreTable, regions: dict[str, Region], language: str) -> dict[str, Any]:
    """Return a score table as plain data: method, rule pack, moment, and a line for each prefecture."""
    scheme = table.scheme
    _, digest = table.frozen()
    grades = {key: name.name(language) for key, name, _ in scheme.grades}
    return {
        "year": table.year,
        "as_of": table.as_of.isoformat(),
        "method": "docs/methods/city-scores.md",
        "scheme": {
            "id": scheme.id,
            "version": scheme.version,
            "name": scheme.name.name(language),
            "status": scheme.status,
            "source": scheme.source,
            "grade": scheme.grade,
            "note": scheme.note.name(language),
            "sha256": scheme.sha256,
        },
        "sha256": digest,
        "supposed": table.supposed,
        "demonstration": table.demonstration,
        "cities": [
            {
                "city": s.city,
                "name": regions[s.city].name(language) if s.city in regions else s.city,
                "score": rounded(s.score),
                "provisional": rounded(s.provisional),
                "rank": s.rank,
                "grade": s.grade,
                "grade_name": grades.get(s.grade or "", ""),
                "below_floor": list(s.below_floor),
                "missing": list(s.missing),
                "actions": {a: rounded(v) for a, v in s.by_action.items()},
                "indicators": {
                    i.indicator: {
                        "value": rounded(i.value, 4),
                        "required": rounded(i.required, 4),
                        "progress": rounded(i.progress, 4),
                        "state": i.state,
                    }
                    for i in s.indicators
                },
            }
            for s in table.scores
        ],
        "province": {a: {"score": rounded(v), "cities": n} for a, (v, n) in table.actions().items()},
        "physical": table.physical,
    }


def target_as_data(state: TargetState, language: str) -> dict[str, Any]:
    """Return a target as plain data."""
    forecast = state.forecast
    return {
        "target": state.target.id,
        "name": state.target.name(language),
        "action": state.target.action,
        "required": state.target.value,
        "due": state.target.deadline,
        "unit": state.unit,
        "reported": state.reported,
        "verified": state.verified,
        "reported_year": state.year_reported,
        "verified_year": state.year_verified,
        "prefectures": [{"region": p.prefecture, "reported": p.reported, "verified": p.verified} for p in state.parts],
        "years": {str(y): {"reported": r, "verified": v} for y, (r, v) in state.years.items()},
        "outlook": state.outlook.value,
        "verdict": translate(f"assessment.outlook.{state.outlook.value}", language),
        "probability": state.probability,
        "probability_if_all_verified": state.probability_reported,
        "expected": None if forecast is None else forecast.expected,
        "mean": None if forecast is None else forecast.mean,
        "spread": None if forecast is None else forecast.spread,
        "needed_per_year": state.needed,
        "rate_wanted": None if forecast is None else forecast.rate_wanted,
        "what_would_change_it": [
            {
                "code": c.code,
                "text": translate(f"assessment.change.{c.code}", language, **_worded(c.values)),
                **c.values,
            }
            for c in state.changes
        ],
        "origin": state.origin,
        "grade": state.grade,
        "source": state.source,
        "note": state.note.name(language),
        "demonstration": state.demonstration,
    }


def _worded(values: Mapping[str, str]) -> dict[str, str]:
    """Return numbers as they stand in a sentence: with a minus sign, not a hyphen."""
    return {key: "−" + value[1:] if value.startswith("-") else value for key, value in values.items()}
