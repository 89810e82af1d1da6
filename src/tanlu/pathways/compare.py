"""Scenarios beside each other: figures of each, what their levers differ in, and differences draw by draw."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.core.errors import DataError, Problem
from tanlu.core.messages import LANGUAGES, translate
from tanlu.core.units import unit_label
from tanlu.pathways.parameters import Floats
from tanlu.pathways.scenarios import NET, TOTAL
from tanlu.pathways.tabular import Columns, Tabular, of_records

if TYPE_CHECKING:
    from tanlu.pathways.simulation import Simulation

COMPARED: Final = (2030, 2035, 2060)
VARIABLES: Final = {"co2": TOTAL, "net_co2": NET}


@dataclass(frozen=True)
class Comparison(Tabular):
    """Scenarios of one model, the first of which is what the others are set against."""

    simulations: tuple[Simulation, ...]

    def levers(self) -> list[dict[str, Any]]:
        """Return the levers in which the scenarios differ: id, unit, value in each scenario."""
        data = self.simulations[0].model.data
        worlds = [s.file.setting for s in self.simulations]
        values = np.array([[w.levers.get(x.id, x.worlds[w.base]) for x in data.every] for w in worlds])
        return [
            {
                "lever": lever.id, "name_zh": lever.name_zh, "name_en": lever.name_en, "unit": lever.unit, "action": lever.action,
                "values": {s.file.name: round(float(v), 12) for s, v in zip(self.simulations, values[:, i], strict=True)},
            }
            for i, lever in enumerate(data.every)
            if np.ptp(values[:, i]) > 0
        ]  # fmt: skip

    def differences(self) -> list[dict[str, Any]]:
        """Return what each other scenario has less or more than the first, Mt CO2: central run, and median and 5–95 % over the draws.

        The draws of all scenarios share their random numbers, so a difference is taken draw by draw: its interval is far narrower than
        that of either scenario. Without common draws (another seed or count) only the central difference is given.
        """
        first, out = self.simulations[0], list[dict[str, Any]]()
        for other in self.simulations[1:]:
            common = (other.file.seed, other.draws) == (first.file.seed, first.draws)
            for key, variable in VARIABLES.items():
                for year in COMPARED:
                    central = _central(other, key, year) - _central(first, key, year)
                    row: dict[str, Any] = {
                        "scenario": other.file.name, "against": first.file.name, "variable": key, "year": year,
                        "unit": "Mt CO2/yr", "central": round(central, 6),
                    }  # fmt: skip
                    if common:
                        steps = _draws(other, variable, year) - _draws(first, variable, year)
                        low, middle, high = (round(float(v), 6) for v in np.quantile(steps, [0.05, 0.5, 0.95]))
                        row |= {"p05": low, "p50": middle, "p95": high}
                    out.append(row)
        return out

    def as_record(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return {
            "scenarios": [s.summary() for s in self.simulations],
            "levers": self.levers(),
            "differences": self.differences(),
        }

    def columns(self) -> Columns:
        """Return the differences to the first scenario."""
        return of_records(self.differences())


def compare_scenarios(simulations: Sequence[Simulation]) -> Comparison:
    """Set scenarios beside each other; the first is what the others are measured against.

    Raises
    ------
    DataError
        If there are fewer than two, two have the same name, or they are not of the same data.
    """
    problems = []
    if len(simulations) < 2:
        problems.append(Problem("compare_two", "compare", value=str(len(simulations))))
    seen: dict[str, str] = {}
    for s in simulations:
        if s.file.name.casefold() in seen:
            details = {"other": seen[s.file.name.casefold()]}
            problems.append(Problem("scenario_repeated", s.file.name, None, "name", s.file.name, details))
        seen[s.file.name.casefold()] = s.file.name
        if s.model.data_hash != simulations[0].model.data_hash:
            problems.append(Problem("compare_data", s.file.name, None, "data_hash", s.model.data_hash))
    if problems:
        raise DataError(problems)
    return Comparison(tuple(simulations))


def _central(simulation: Simulation, key: str, year: int) -> float:
    run = simulation.scenario.central
    values = run.total[0] if key == "co2" else run.net[0]
    return float(values[run.years == year][0])


def _draws(simulation: Simulation, variable: str, year: int) -> Floats:
    years = simulation.scenario.years
    out: Floats = simulation.paths[variable][:, int(np.flatnonzero(years == year)[0])]
    return out


def as_html(summary: dict[str, Any]) -> str:
    """Return the summary of a simulation as an HTML table in both languages."""
    peak, series = summary["peak"], summary["series"]
    years = list(series["co2"])
    rows = [
        "<tr><th scope='row'>" + " ".join(html.escape(translate(f"pathways.series.{k}", lang, unit="Mt")) for lang in LANGUAGES)
        + f"</th><td>{html.escape(unit_label(summary['units'][k], 'en'))}</td>"
        + "".join(f"<td style='text-align:right'>{values[y]:,.1f}</td>" for y in years) + "</tr>"
        for k, values in series.items()
    ]  # fmt: skip
    words = {
        "name": summary["scenario"], "year": peak["year"]["median"], "low": peak["year"]["p05"], "high": peak["year"]["p95"],
        "level": f"{peak['level']['median']:.1f}", "level_low": f"{peak['level']['p05']:.1f}",
        "level_high": f"{peak['level']['p95']:.1f}", "p": f"{100 * peak['probability_by_2030']:.1f}",
        "se": f"{100 * peak['stderr']:.1f}", "unit": "Mt",
    }  # fmt: skip
    said = "<br>".join(html.escape(translate("pathways.simulate.peak", lang, **words)) for lang in LANGUAGES)
    head = "".join(f"<th scope='col'>{y}</th>" for y in years)
    return f"<p>{said}</p><table><thead><tr><th></th><th></th>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
