"""How each target is measured: read from the province folder, checked against the plan and the message catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from tanlu.assessment.series import Measured, Series, from_facts
from tanlu.core.errors import DataError
from tanlu.core.messages import catalogue
from tanlu.core.province import Province
from tanlu.core.units import UnknownUnitError, parse_unit
from tanlu.plan import Plan
from tanlu.plan.entries import Checker, read_entries
from tanlu.plan.schema import Field

FILE: Final = "assessment/indicators.yaml"
JUDGES: Final = ("pace", "level", "count", "direction", "external", "forecast", "outlook", "horizon", "none")
"""How a value is judged, see `tanlu.assessment.scoreboard`."""
KINDS: Final = ("statistic", "total", "calculation", "count")
"""What a measure can be: a variable of the statistics, a total of the inventory, a calculation of this room, a count of a register."""

_FIELDS: Final = (
    Field("target"),
    Field("judge", "choice", choices=JUDGES),
    Field("reason"),
    Field("measure", "texts", optional=True, filled=False),
    Field("fallback", optional=True, filled=False),
    Field("chance", optional=True, filled=False),
    Field("required", optional=True, filled=False),
    Field("base_year", "integer", optional=True, filled=False),
    Field("unit", optional=True, filled=False),
    Field("negate", "flag", optional=True, filled=False),
)


@dataclass(frozen=True, slots=True)
class Indicator:
    """How a target is measured and judged.

    Parameters
    ----------
    target : str
        Id of the target.
    judge : str
        One of `JUDGES`.
    reason : str
        Code of why there is no value, used when nothing below gives one; text under ``assessment.reason.<code>``.
    measure : tuple of str
        Names of measures ``kind:name`` in order of preference.
    fallback : str
        Code of what a reader must know when a measure after the first is used.
    chance : str
        Name of the forecast that gives the probability.
    required : str
        Measure that gives the required value where the plan has none, from a companion document.
    base_year : int or None
        Year that progress is counted from; None takes the target's own.
    unit : str
        Unit in which values are shown; empty keeps that of the measure.
    negate : bool
        Whether the sign of the measure is turned (a removal shown as an uptake).
    """

    target: str
    judge: str
    reason: str
    measure: tuple[str, ...]
    fallback: str
    chance: str
    required: str
    base_year: int | None
    unit: str
    negate: bool


def load_indicators(province_folder: Path, plan: Plan) -> dict[str, Indicator]:
    """Read ``assessment/indicators.yaml`` of a province.

    Parameters
    ----------
    province_folder : Path
    plan : Plan

    Returns
    -------
    dict
        One indicator for every target of the plan, by target id, in the order of the plan.

    Raises
    ------
    DataError
        With every problem: unknown or missing targets, reason codes without a text, measures of no known kind, unknown units.
    """
    checker = read_entries(province_folder / FILE, province_folder, _FIELDS)
    for index, values in checker.entries:
        _check(checker, index, values, plan)
    if checker.readable:
        for target in plan.targets():
            if target.id not in checker.names:
                checker.report((0, ""), target.id, "no_indicator", target.zh)
    if checker.count:
        raise DataError(checker.problems())
    found = {v["target"]: Indicator(**v) for _, v in checker.entries}
    return {target.id: found[target.id] for target in plan.targets()}


@cache
def _reasons() -> tuple[str, ...]:
    """Return the codes of all reasons; the catalogue has thousands of keys, and each indicator asks."""
    return tuple(k.rpartition(".")[2] for k in catalogue() if k.startswith("assessment.reason."))


def _check(checker: Checker, index: int, values: Mapping[str, Any], plan: Plan) -> None:
    target = values["target"]

    def report(key: str, value: str, refers_to: str, known: Iterable[str]) -> None:
        some = ", ".join(list(known)[:6])
        checker.report((index, key), f"{target}.{key}", "unknown_choice", value, refers_to=refers_to, some=some)

    if target not in plan.targets_by_id:
        report("target", target, "plan/targets.yaml", plan.targets_by_id)
    reasons = _reasons()
    for key in ("reason", "fallback"):
        if values[key] and values[key] not in reasons:
            report(key, values[key], "assessment.reason", reasons)
    for key, names in (
        ("measure", values["measure"]),
        ("required", (values["required"],) if values["required"] else ()),
    ):
        for name in names:
            if name.partition(":")[0] not in KINDS or not name.partition(":")[2]:
                report(key, name, "kind:name", [f"{k}:…" for k in KINDS])
    if values["unit"]:
        try:
            parse_unit(values["unit"])
        except UnknownUnitError as error:
            checker.report(
                (index, "unit"),
                f"{target}.unit",
                "unknown_unit",
                values["unit"],
                suggestions=", ".join(error.suggestions) or "%",
            )


def collect(
    indicators: Mapping[str, Indicator],
    province: Province,
    totals: Mapping[str, Series],
    calculations: Mapping[str, Series],
) -> dict[str, dict[int, Measured]]:
    """Return the measures that the indicators name, from the statistics, the inventory and the calculations of this room.

    Parameters
    ----------
    indicators : mapping
    province : Province
        Its statistics give ``statistic:<variable>``, in the unit of the latest fact.
    totals : mapping
        ``<scope>`` → totals of the inventory by year, become ``total:<scope>``.
    calculations : mapping
        ``<name>`` → series, become ``calculation:<name>``.
    """
    measured = {f"total:{k}": dict(v) for k, v in totals.items()}
    measured |= {f"calculation:{k}": dict(v) for k, v in calculations.items()}
    for indicator in indicators.values():
        for name in (*indicator.measure, indicator.required):
            kind, _, variable = name.partition(":")
            if kind == "statistic" and (unit := province.unit(variable)):
                measured[name] = from_facts(province.series(variable, unit))
    return measured
