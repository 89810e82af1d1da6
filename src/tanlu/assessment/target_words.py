"""Words for what a scenario says about targets, for command and portal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tanlu.core.messages import translate
from tanlu.core.units import unit_label

MINUS = "−"


def row_words(record: Mapping[str, Any], language: str) -> tuple[str, str, str, str, str, str]:
    """Return target, its name, quantity, spread, condition and chance of a record of `target_outlooks.target_records`."""
    quantity = translate(f"pathways.targets.quantity.{record['quantity']}", language, year=record["deadline"])
    return (
        record["target"], record[language], quantity, spread_text(record, language), condition_text(record, language),
        chance_text(record, language),
    )  # fmt: skip


def spread_text(record: Mapping[str, Any], language: str) -> str:
    """Return the median with the 5 and 95 % points."""
    times, digits, unit = _shown(record["unit"], language)
    middle = _number(times * record["middle"], digits)
    if record["low"] is None:
        return middle + _apart(unit)
    low, high = (_number(times * record[key], digits) for key in ("low", "high"))
    return translate("pathways.targets.spread", language, middle=middle, low=low, high=high, unit=_apart(unit))


def condition_text(record: Mapping[str, Any], language: str) -> str:
    """Return what the chance is of."""
    times, digits, unit = _shown(record["unit"], language)
    required = "" if record["required"] is None else _number(times * record["required"], digits)
    return translate(f"pathways.targets.condition.{record['condition']}", language, value=required, unit=_apart(unit))


def chance_text(record: Mapping[str, Any], language: str) -> str:
    """Return the chance with its standard error in points, if it has a digit; what all draws agree on is not told as certain."""
    if record["probability"] is None:
        return translate("pathways.targets.no_chance", language)
    p, error = 100 * record["probability"], 100 * record["stderr"]
    text = ">99.9" if p > 99.9 else "<0.1" if p < 0.1 else f"{p:.1f}"
    return f"{text}%" if error < 0.05 else f"{text}% ±{error:.1f}"


def reason_text(record: Mapping[str, Any], language: str) -> str:
    """Return why the model says nothing about a target."""
    code = record["reason"]
    return translate("pathways.targets.horizon" if code == "horizon" else f"assessment.reason.{code}", language)


def _shown(unit: str, language: str) -> tuple[float, int, str]:
    """Return factor, digits and label with which a unit is shown; Chinese readers count CO2 by ten thousand tonnes."""
    if unit == "year":
        return 1.0, 0, ""
    if unit == "Mt CO2" and language == "zh":
        return 100.0, 0, "万吨"
    return 1.0, 1, unit_label(unit, language)


def _apart(unit: str) -> str:
    """Return a unit as it stands behind a number: a percent sign close to it, all others with a space."""
    return unit if unit in ("", "%") else f" {unit}"


def _number(value: float, digits: int) -> str:
    text = (
        f"{round(value, digits) + 0.0:,.{digits}f}"
        if abs(value) >= 3000
        else f"{round(value, digits) + 0.0:.{digits}f}"
    )
    return text.replace("-", MINUS)
