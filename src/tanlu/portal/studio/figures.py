"""The figures of a setting: headline numbers with their change from the reference, and indicators by year beside their targets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tanlu.charts.energy_units import scale, show
from tanlu.charts.format import MINUS, percent
from tanlu.core.province import Province
from tanlu.pathways import PeakChance, Result
from tanlu.pathways.checks import run_checks
from tanlu.pathways.tables import CAPACITIES

YEARS: Final = (2025, 2030, 2035, 2060)
CO2: Final = "Mt CO2/yr"
Maker = Callable[[Result, int], float]


def _capacity(*names: str) -> Maker:
    return lambda run, t: 1e3 * float(sum(run.capacity[0, t, CAPACITIES.index(n)] for n in names))


READERS: Final = {"GW": (1e3, "MW"), "TWh": (10.0, "10^8 kWh"), "Mtce": (100.0, "10^4 tce")}
"""Units of official figures to those that `tanlu.charts.energy_units` knows how to show."""
INDICATORS: Final[dict[str, tuple[str, Maker]]] = {
    "co2": (CO2, lambda run, t: float(run.total[0, t])),
    "net": (CO2, lambda run, t: float(run.net[0, t])),
    "with_imports": (CO2, lambda run, t: float(run.with_imports[0, t])),
    "nonfossil_share": ("%", lambda run, t: 100.0 * float(run.indicator("nonfossil_share")[0, t])),
    "wind_and_solar": ("MW", _capacity("wind", "solar")),
    "storage": ("MW", _capacity("storage")),
    "import_capacity": ("MW", _capacity("imports")),
    "coal_capacity": ("MW", _capacity("coal")),
    "electricity": ("10^8 kWh", lambda run, t: 10.0 * float(run.indicator("electricity_demand")[0, t])),
    "primary_energy": ("10^4 tce", lambda run, t: 100.0 * float(run.indicator("primary_energy")[0, t])),
}
"""Indicators of the table: unit and how they are read from a run. Codes of `tanlu.pathways.checks` have official figures beside them."""
HEADLINES: Final[dict[str, tuple[str, int]]] = {
    "co2": ("co2", 2030), "net": ("net", 2060), "nonfossil_share": ("nonfossil_share", 2030), "electricity": ("electricity", 2060),
}  # fmt: skip
LESS_IS_BETTER: Final = frozenset({"co2", "net", "with_imports", "coal_capacity", "primary_energy", "electricity"})


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline figure: text with unit, how it differs from the reference, and the year that it is of."""

    key: str
    text: str
    change: str
    value: float | None
    year: int | None


def headlines(run: Result, reference: Result, language: str, peak: tuple[int, int]) -> list[Headline]:
    """Return the headline figures.

    Parameters
    ----------
    run, reference : Result
        Central runs.
    language : {"zh", "en"}
    peak : tuple of int
        Year of the highest total, of the setting and of the reference.
    """
    out = [Headline("peak", str(peak[0]), _years(peak[0] - peak[1], language), float(peak[0]), None)]
    for key, (code, year) in HEADLINES.items():
        unit, of = INDICATORS[code]
        t = year - int(run.years[0])
        value, base = of(run, t), of(reference, t)
        out.append(
            Headline(key, str(show(value, unit, language)), change(value - base, unit, language), round(value, 4), year)
        )
    return out


def chance_headline(chance: PeakChance, reference: PeakChance) -> Headline:
    """Return the chance of a peak by the deadline as a headline figure."""
    points = 100 * (chance.probability - reference.probability)
    said = "=" if abs(points) < 0.05 else f"{points:+.1f}".replace("-", MINUS)
    return Headline("chance", percent(chance.probability, chance.stderr), said, round(chance.probability, 6), None)


def change(difference: float, unit: str, language: str) -> str:
    """Return a difference with its sign, in the unit of readers of the language; nothing to tell is an equals sign."""
    factor, _ = scale(unit, language)
    shown = show(abs(difference), unit, language)
    if abs(difference * factor) < 0.005:
        return "="
    return ("+" if difference > 0 else MINUS) + shown.text


def _years(difference: int, language: str) -> str:
    return "=" if difference == 0 else f"{difference:+d}".replace("-", MINUS)


def cells(run: Result, province: Province, language: str) -> dict[str, dict[str, Any]]:
    """Return the cells of the table of indicators by ``<code>:<year>``: text, target as text, and whether it is met.

    A target is met where the run reaches it, or stays below it for what should be small.
    """
    targets = {(c.code, c.year): c for c in run_checks(run, province) if c.kind == "target"}
    out: dict[str, dict[str, Any]] = {}
    for code, (unit, of) in INDICATORS.items():
        for year in YEARS:
            t = year - int(run.years[0])
            if not 0 <= t < len(run.years):
                continue
            cell: dict[str, Any] = {"text": show(of(run, t), unit, language).text, "value": round(of(run, t), 4)}
            found = targets.get((code, year))
            if found is not None:
                # to the digits that are shown: targets are round numbers, most of them "about"
                model, wanted = (float(f"{v:.3g}") for v in (found.model, found.official))
                better = model <= wanted if code in LESS_IS_BETTER else model >= wanted
                times, shown = READERS.get(found.unit, (1.0, found.unit))
                cell |= {
                    "target": show(times * found.official, shown, language).text,
                    "met": bool(better),
                    "id": found.fact,
                }
            out[f"{code}:{year}"] = cell
    return out


def peak_year(years: list[int], total: Any) -> int:
    """Return the year of the highest total."""
    return years[int(np.argmax(total))]
