"""The page that sets scenarios beside each other: chart, figures, differences draw by draw, and the levers that differ."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from fastapi import Request, Response

from tanlu.charts import Chart
from tanlu.charts.energy_units import scale, show
from tanlu.charts.format import MINUS, percent
from tanlu.charts.studio_compare import compare_chart
from tanlu.core.errors import DataError, Problem
from tanlu.core.messages import translate
from tanlu.pathways import Comparison, ScenarioFile, Simulation, compare_scenarios
from tanlu.pathways.compare import COMPARED, VARIABLES
from tanlu.pathways.dimensions import SCENARIOS
from tanlu.portal.addresses import Handler
from tanlu.portal.rendering import Addresses, Renderer
from tanlu.portal.service import NotFoundError
from tanlu.portal.studio import figures
from tanlu.portal.studio.service import MOST_COMPARED, Studio, compared_labels
from tanlu.portal.studio.view import slider, source_titles

DEFAULT: Final = ("current-mid", "plan-mid")
SHOWN: Final = (
    ("co2", 2030),
    ("co2", 2060),
    ("net", 2060),
    ("nonfossil_share", 2030),
    ("electricity", 2060),
    ("wind_and_solar", 2030),
)
INDICATOR: Final = {"co2": "co2", "net_co2": "net"}
"""Variables of a comparison to indicators of the studio."""


class ComparePages:
    """Handler of this page."""

    def __init__(self, renderer: Renderer, studio: Studio) -> None:
        self.renderer, self.studio = renderer, studio

    @property
    def handlers(self) -> dict[str, Handler]:
        """Handlers by path."""
        return {"/studio/compare": self.page}

    def page(self, request: Request, language: str) -> Response:
        """The scenarios of the address beside each other."""
        try:
            self.studio.model()
        except NotFoundError as error:
            return self.renderer.page(request, "studio_none.html", language, None, province=error.value)
        asked = request.query_params.getlist("s") or list(DEFAULT)
        tokens = named_as_saved(self.studio, [t for token in asked for t in token.split(",") if t])[:MOST_COMPARED]
        found, problems = compared(self.studio, tokens, language)
        shown = _tables(self.studio, found, language) if found else {}
        known = self.studio.explained()
        addresses = Addresses(language, "")
        answer = self.renderer.page(
            request, "studio_compare.html", language, None, chosen=tokens, most=MOST_COMPARED,
            problems=[p.text(language) for p in problems],
            choices=_choices(self.studio, tokens, language), chart=chart_of(self.studio, found, language) if found else None,
            source_address=lambda name: addresses.page("/number", id=name) if name in known else "", difference_years=COMPARED, **shown,
        )  # fmt: skip
        answer.status_code = 422 if problems else 200
        return answer


def named_as_saved(studio: Studio, tokens: list[str]) -> list[str]:
    """Return tokens once each; the link of what is saved stands under the name that it was saved with."""
    data = studio.model().data
    saved = {
        studio.link(f.setting): name for name, f in studio.saved()[0].items() if not f.setting.problems(data, name)
    }
    return list(dict.fromkeys(saved.get(t, t) for t in tokens))


def compared(studio: Studio, tokens: list[str], language: str) -> tuple[Comparison | None, list[Problem]]:
    """Return the comparison of the scenarios that tokens name, and what is wrong with them."""
    files, names, problems = list[ScenarioFile](), list[str](), list[Problem]()
    for token in named_as_saved(studio, tokens):
        try:
            file = studio.named(token)
            view = studio.view(file.setting, language)
        except DataError as error:
            problems += error.problems
            continue
        files.append(file)
        names.append(view.scenario)
    if len(files) < 2:
        return None, problems
    labels = compared_labels(
        [f if f.name in studio.saved()[0] else dataclasses.replace(f, name="") for f in files], names
    )
    runs = [studio.simulation(dataclasses.replace(f, name=label)) for f, label in zip(files, labels, strict=True)]
    return compare_scenarios(runs), problems


def chart_of(studio: Studio, found: Comparison, language: str) -> Chart:
    """Return the chart of a comparison."""
    links = [studio.link(s.file.setting) for s in found.simulations]
    return compare_chart(found, language, links, studio.sources(studio.model()))


def _choices(studio: Studio, tokens: list[str], language: str) -> list[tuple[str, str]]:
    """Return what can be chosen: the worlds with their growth cases, saved scenarios, and links of the address."""
    world = {w.id: getattr(w, language) for w in studio.model().data.worlds.values()}
    pairs = [
        (name, translate("charts.scenario", language, world=world[w], growth=translate(f"charts.growth.{g}", language)))
        for name in SCENARIOS
        for w, _, g in [name.partition("-")]
    ]
    pairs += [(name, name) for name in studio.saved()[0]]
    known = {token for token, _ in pairs}
    for token in tokens:
        setting, problems, _ = studio.read(token) if token not in known else (None, (), True)
        if setting is not None and not problems:
            pairs.append((token, studio.view(setting, language).scenario))
    return pairs


def _tables(studio: Studio, found: Comparison, language: str) -> dict[str, Any]:
    runs = found.simulations
    return {
        "assumed": [
            translate("portal.studio.assumed_by", language, name=s.file.name, text=studio.assumed(s.file.setting, language)) for s in runs
        ],
        "columns": [(s.file.name, studio.link(s.file.setting)) for s in runs], "rows": _rows(runs, language),
        "differences": _differences(found, language), "levers": _levers(studio, found, language),
    }  # fmt: skip


def _rows(runs: tuple[Simulation, ...], language: str) -> list[tuple[str, list[str]]]:
    def say(key: str, **words: object) -> str:
        return translate(f"portal.studio.{key}", language, **words)

    rows = [
        (say("sheet.peak_year"), [str(s.peak["year"]["median"]) for s in runs]),
        (say("sheet.peak_years"), [f"{s.peak['year']['p05']}–{s.peak['year']['p95']}" for s in runs]),
        (say("sheet.chance"), [percent(s.scenario.chance.probability, s.scenario.chance.stderr) for s in runs]),
    ]
    for code, year in SHOWN:
        unit, of = figures.INDICATORS[code]
        values = [of(s.scenario.central, year - int(s.scenario.central.years[0])) for s in runs]
        rows.append(
            (say("of_year", name=say(f"indicator.{code}"), year=year), [str(show(v, unit, language)) for v in values])
        )
    return rows


def _differences(found: Comparison, language: str) -> list[tuple[str, str, list[str]]]:
    """Return scenario, indicator and, by year, median and range of the difference."""
    table = {(d["scenario"], d["variable"], d["year"]): d for d in found.differences()}
    names = [s.file.name for s in found.simulations[1:]]
    return [
        (name, INDICATOR[v], [_spread(table[name, v, year], language) for year in COMPARED])
        for name in names
        for v in VARIABLES
    ]


def _spread(row: dict[str, Any], language: str) -> str:
    def signed(value: float) -> str:
        text = show(abs(value), "Mt CO2/yr", language).text
        return ("+" if value > 0 else MINUS if value < 0 else "") + text

    _, unit = scale("Mt CO2/yr", language)
    ends = {"low": signed(row["p05"]), "high": signed(row["p95"])}
    return translate("portal.studio.spread", language, middle=signed(row["p50"]), unit=unit, **ends)


def _levers(studio: Studio, found: Comparison, language: str) -> list[tuple[str, str, list[str]]]:
    model = studio.model()
    titles, setting = source_titles(model, language), found.simulations[0].file.setting
    by_id = {x.id: slider(x, setting, titles, language) for x in model.data.every}
    return [
        (
            by_id[row["lever"]].name,
            by_id[row["lever"]].unit,
            [by_id[row["lever"]].shown(v) for v in row["values"].values()],
        )
        for row in found.levers()
    ]
