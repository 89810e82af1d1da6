"""The reference run beside official figures and targets: where the model stands apart from them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tanlu.core.messages import translate
from tanlu.core.province import Province
from tanlu.pathways.baseline import Baseline
from tanlu.pathways.dimensions import CARRIERS, DEMAND, EMITTERS, GENERATORS
from tanlu.pathways.scenarios import Scenario
from tanlu.pathways.tables import CAPACITIES, Result
from tanlu.pathways.tabular import Tabular


@dataclass(frozen=True, slots=True)
class AnchorCheck(Tabular):
    """A figure of the reference run and the official one for the same year.

    ``code`` names the text of the catalogue (``pathways.anchor.<code>``); ``fact`` is the id of the official figure;
    ``kind`` is ``observed``, ``target`` (the run may miss or exceed it) or ``announced`` (given for a year after the last
    inventory year: a forecast or a rated value).
    """

    code: str
    year: int
    model: float
    official: float
    unit: str
    kind: str
    fact: str

    @property
    def difference(self) -> float:
        """Model less official figure."""
        return self.model - self.official


_ANCHORS = (
    ("nonfossil_share", "Target|Share|Energy Consumption|Non-fossil", "%", "target"),
    ("wind_and_solar", "Target|Capacity|Wind and Solar", "GW", "target"),
    ("primary_energy", "Energy Consumption|Total (equivalent-coal definition)", "Mtce", "observed"),
    ("import_capacity", "Transmission Capacity|External Receiving", "GW", "observed"),
    ("electricity", "Electricity Consumption|Total", "TWh", "observed"),
    ("coal_capacity", "Capacity|Electricity|Thermal|Conventional (grid report)", "GW", "observed"),
)


def anchor_checks(scenario: Scenario, province: Province) -> list[AnchorCheck]:
    """Return every official figure that falls into the years of the model, with the figure of a scenario (usually the reference)."""
    return run_checks(scenario.central, province)


def run_checks(run: Result, province: Province) -> list[AnchorCheck]:
    """Return every official figure that falls into the years of the model, with the figure of a central run."""
    years = run.years.tolist()

    def capacity(name: str, t: int) -> float:
        return float(run.capacity[0, t, CAPACITIES.index(name)])

    out: list[AnchorCheck] = []
    base = years[0]
    for code, variable, unit, kind in _ANCHORS:
        for year, fact in province.series(variable, unit).items():
            if year not in years:
                continue
            t = years.index(year)
            model = {
                "nonfossil_share": 100.0 * float(run.indicator("nonfossil_share")[0, t]),
                "wind_and_solar": capacity("wind", t) + capacity("solar", t),
                "primary_energy": float(run.indicator("primary_energy")[0, t]),
                "import_capacity": capacity("imports", t),
                "electricity": float(run.indicator("electricity_demand")[0, t]),
                "coal_capacity": capacity("coal", t),
            }[code]
            said = "announced" if kind == "observed" and year > base else kind
            out.append(AnchorCheck(code, year, model, fact.value, unit, said, fact.id))
    return out


def _rounded(value: float) -> float:
    """Return a number with six decimals, never a negative zero."""
    return round(value, 6) + 0.0


def anchor_rows(scenario: Scenario, province: Province, language: str) -> list[dict[str, str | float]]:
    """Return the checks of `anchor_checks` as rows, with name, kind and note in a language.

    Parameters
    ----------
    scenario : Scenario
        Usually the reference run.
    province : Province
    language : {"zh", "en"}

    Returns
    -------
    list of dict
        Keys code, name, year, model, official, difference, unit, kind, source, note, id. Numbers are rounded to six decimals;
        ``difference`` is model less official figure; ``note`` is that of the official figure.
    """
    facts = {fact.id: fact for fact in province.facts.values()}
    out: list[dict[str, str | float]] = []
    for check in anchor_checks(scenario, province):
        fact = facts[check.fact]
        name = translate(f"pathways.anchor.{check.code}", language)
        kind = translate(f"pathways.anchor_kind.{check.kind}", language)
        note = fact.note_zh if language == "zh" else fact.note_en
        out.append(
            {
                "code": check.code, "name": name, "year": check.year, "model": _rounded(check.model),
                "official": _rounded(check.official), "difference": _rounded(check.difference), "unit": check.unit, "kind": kind,
                "source": fact.source, "note": note, "id": fact.id,
            }
        )  # fmt: skip
    return out


def calibration_rows(baseline: Baseline, language: str) -> list[dict[str, str | float | None]]:
    """Return what the calibration filled, scaled or left over: code, subject, value (None where unknown), unit and text in a language."""
    members = {*DEMAND, *CARRIERS, *EMITTERS, *GENERATORS} - {"power", "waste"}
    return [
        {
            "code": check.code,
            "subject": translate(f"pathways.member.{check.subject}", language)
            if check.subject in members
            else check.subject,
            "value": None if math.isnan(check.value) else round(check.value, 6),
            "unit": check.unit,
            "text": translate(f"pathways.check.{check.code}", language),
        }
        for check in baseline.checks
    ]
