"""The official rule of energy intensity as data: deductions, the series it is made from, and totals that may not be used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tanlu.core.errors import DataError, Problem
from tanlu.plan import Plan
from tanlu.plan.entries import read_entry
from tanlu.plan.schema import Field

FILE: Final = "assessment/energy_intensity.yaml"
_FIELDS: Final = (
    Field("target"),
    Field("carbon_target"),
    Field("carbon_base_year", "integer"),
    Field("deductions", "records", False, of=(
        Field("id"), Field("zh"), Field("en"), Field("counts_in", "texts"), Field("from", "integer"), Field("until", "integer", False),
        Field("source"), Field("note", filled=False),
    )),
    Field("series", "record", of=(
        Field("gdp_growth"), Field("published"), Field("energy_growth"), Field("total"), Field("electricity"), Field("thermal"),
    )),
    Field("unusable_totals", "records", False, of=(
        Field("year", "integer"), Field("reason", "choice", choices=("other_vintage", "derived_from_forecast", "forecast")),
    )),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deduction:
    """Energy that the assessment leaves out.

    ``counts_in`` says of which number it is taken: ``total``, ``intensity`` or both. ``first`` and ``last`` are the years in which the rule
    was in force (last None: still in force); the five-year assessment applies the rule in force at its end.
    """

    id: str
    zh: str
    en: str
    counts_in: tuple[str, ...]
    first: int
    last: int | None
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class IntensityRule:
    """How the official change of energy per GDP is made.

    Attributes
    ----------
    target : str
        Id of the target that it judges.
    carbon_target : str
        Id of the target that the carbon intensity stands for.
    carbon_base_year : int
        Base year of the carbon intensity.
    deductions : tuple of Deduction
        Those in force at the deadline of the target.
    superseded : tuple of Deduction
        Those that ended before.
    series : dict
        Variables of the statistics by role: gdp_growth, published, energy_growth, total, electricity (consumption), thermal (generation).
    unusable_totals : dict
        Why the published total of a year may not enter the official number.
    """

    target: str
    carbon_target: str
    carbon_base_year: int
    deductions: tuple[Deduction, ...]
    superseded: tuple[Deduction, ...]
    series: dict[str, str]
    unusable_totals: dict[int, str]


def load_rule(province_folder: Path, plan: Plan) -> IntensityRule:
    """Read ``assessment/energy_intensity.yaml`` of a province.

    Raises
    ------
    DataError
        With every problem of the file.
    """
    checker = read_entry(province_folder / FILE, province_folder, _FIELDS)
    for _, values in checker.entries:
        for key in ("target", "carbon_target"):
            if values[key] not in plan.targets_by_id:
                details = {"refers_to": "plan/targets.yaml", "some": ", ".join(list(plan.targets_by_id)[:6])}
                checker.report((0, key), key, "unknown_choice", values[key], **details)
        for item in values["deductions"]:
            for word in set(item["counts_in"]) - {"total", "intensity"}:
                details = {"refers_to": "counts_in", "some": "total, intensity"}
                checker.report((0, "deductions"), f"{item['id']}.counts_in", "unknown_choice", word, **details)
    problems: list[Problem] = checker.problems()
    if problems:
        raise DataError(problems)
    ((_, values),) = checker.entries
    due = plan.targets_by_id[values["target"]].deadline
    every = [
        Deduction(d["id"], d["zh"], d["en"], d["counts_in"], d["from"], d["until"], d["source"], d["note"])
        for d in values["deductions"]
    ]
    return IntensityRule(
        values["target"],
        values["carbon_target"],
        values["carbon_base_year"],
        tuple(d for d in every if d.last is None or d.last >= due),
        tuple(d for d in every if d.last is not None and d.last < due),
        values["series"],
        {u["year"]: u["reason"] for u in values["unusable_totals"]},
    )
