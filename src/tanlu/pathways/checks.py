"""The reference run beside official figures and targets: where the model stands apart from them."""

from __future__ import annotations

from dataclasses import dataclass

from tanlu.core.province import Province
from tanlu.pathways.scenarios import Scenario
from tanlu.pathways.tables import CAPACITIES


@dataclass(frozen=True, slots=True)
class AnchorCheck:
    """A figure of the reference run and the official one for the same year.

    ``code`` names the text of the catalogue (``pathways.anchor.<code>``); ``fact`` is the id of the official figure; ``kind`` tells whether
    it was observed or is a target, which the run may miss.
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
    ("primary_energy", "Energy Consumption|Total (equivalent-coal calibre)", "Mtce", "observed"),
    ("import_capacity", "Transmission Capacity|External Receiving", "GW", "observed"),
    ("electricity", "Electricity Consumption|Total", "TWh", "observed"),
    ("coal_capacity", "Capacity|Electricity|Thermal|Conventional (grid report)", "GW", "observed"),
)


def anchor_checks(scenario: Scenario, province: Province) -> list[AnchorCheck]:
    """Return every official figure that falls into the years of the model, with the figure of a scenario (usually the reference)."""
    run = scenario.central
    years = run.years.tolist()

    def capacity(name: str, t: int) -> float:
        return float(run.capacity[0, t, CAPACITIES.index(name)])

    out = []
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
            out.append(AnchorCheck(code, year, model, fact.value, unit, kind, fact.id))
    return out
