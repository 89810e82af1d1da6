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
    digits = 0 if record["unit"] == "year" else 1
    unit = "" if record["unit"] == "year" else f" {unit_label(record['unit'], language)}"
    middle = _number(record["middle"], digits)
    if record["low"] is None:
        return middle + unit
    return f"{middle} ({_number(record['low'], digits)} … {_number(record['high'], digits)}){unit}"


def condition_text(record: Mapping[str, Any], language: str) -> str:
    """Return what the chance is of."""
    digits = 0 if record["unit"] == "year" else 1
    required = "" if record["required"] is None else _number(record["required"], digits)
    unit = "" if record["unit"] == "year" else unit_label(record["unit"], language)
    return translate(f"pathways.targets.condition.{record['condition']}", language, value=required, unit=unit)


def chance_text(record: Mapping[str, Any], language: str) -> str:
    """Return the chance with its standard error in points; what all draws agree on is not told as certain."""
    if record["probability"] is None:
        return translate("pathways.targets.no_chance", language)
    p, error = 100 * record["probability"], 100 * record["stderr"]
    text = ">99.9" if p > 99.9 else "<0.1" if p < 0.1 else f"{p:.1f}"
    return f"{text} % ± {error:.1f}"


def reason_text(record: Mapping[str, Any], language: str) -> str:
    """Return why the model says nothing about a target."""
    code = record["reason"]
    return translate("pathways.targets.horizon" if code == "horizon" else f"assessment.reason.{code}", language)


def _number(value: float, digits: int) -> str:
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", MINUS)
