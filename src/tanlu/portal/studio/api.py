"""The API of the studio: run a setting, draw its fan, list the levers, take a scenario away as a file."""

from __future__ import annotations

import csv
import io
import time
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from tanlu import __version__
from tanlu.charts.studio import CO2
from tanlu.charts.studio_fan import fan_picture
from tanlu.core.errors import DataError, Problem
from tanlu.pathways import ScenarioFile, Setting
from tanlu.pathways.scenario_files import SEED
from tanlu.pathways.scenarios import TOTAL
from tanlu.pathways.sensitivity import share_records
from tanlu.pathways.workbook import workbook
from tanlu.portal.api import Lang, csv_response
from tanlu.portal.chart_files import ChartForm, ThemeAsked, chart_answer
from tanlu.portal.platform.late_routes import LateRoute
from tanlu.portal.studio import figures
from tanlu.portal.studio.compare import chart_of, compared
from tanlu.portal.studio.service import FLOW_YEAR, MOST_COMPARED, PICTURES, Options, Studio, series, with_note
from tanlu.portal.uploads import RateLimit, address_of

MOST_LEVERS: Final = 400
WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SettingLink = Annotated[
    str, Query(alias="s", max_length=16_000, description="Link of a setting, as in the address of the studio.")
]


class Span(BaseModel):
    """Years between which a lever comes into force."""

    start: int = Field(ge=2000, le=2100)
    full: int = Field(ge=2000, le=2100)


class Wanted(BaseModel):
    """A setting, as a link or in full, and what is asked about it."""

    link: str = Field(
        "", max_length=4000, description="Link of a setting; the other fields of the setting are then not read."
    )
    base: str = Field("current", max_length=40, description="World.")
    growth: str = Field("mid", max_length=40, description="Growth case.")
    levers: dict[str, float] = Field(default_factory=dict, max_length=MOST_LEVERS, description="Value by lever.")
    schedules: dict[str, Span] = Field(default_factory=dict, max_length=MOST_LEVERS)
    lang: Lang = "zh"
    charts: list[str] = Field(default_factory=list, max_length=12, description="Pictures to be given new data for.")
    group: str = Field("", max_length=40, description="Group of sectors of the picture 'sector'.")
    year: int = Field(FLOW_YEAR, description="Year of the picture 'flows'.")
    series: bool = Field(True, description="Whether the series of the run are wanted.")


def problems_of(error: DataError, language: str) -> HTTPException:
    """Return the answer to a setting that is not sound."""
    return HTTPException(422, [p.as_record(language) for p in error.problems])


def studio_router(studio: Studio, rate: RateLimit) -> APIRouter:
    """Return the routes of the API for the studio."""
    router = APIRouter(prefix="/api/v1", tags=["pathways"], route_class=LateRoute)
    _add_runs(router, studio)
    _add_draws(router, studio, rate)
    _add_files(router, studio)
    return router


def _setting(studio: Studio, wanted: Wanted) -> Setting:
    if wanted.link:
        setting, problems, _ = studio.read(wanted.link)
        if problems:
            raise DataError(problems)
        return setting
    spans = {k: (v.start, v.full) for k, v in wanted.schedules.items()}
    return Setting(wanted.base, wanted.growth, wanted.levers, spans).changed(studio.model().data)


def _add_runs(router: APIRouter, studio: Studio) -> None:
    @router.post("/pathways/simulate")
    def simulate(wanted: Wanted) -> Response:
        """Run a setting to 2060: headline figures, indicators beside targets, series, and new data of pictures. No draws."""
        began = time.process_time()
        try:
            setting = _setting(studio, wanted)
            view = studio.view(setting, wanted.lang)
        except DataError as error:
            raise problems_of(error, wanted.lang) from None
        model = studio.model()
        reference = studio.reference_run()
        peaks = figures.peak_year(view.years, view.total), figures.peak_year(view.years, studio.reference_total())
        pictures = {
            n: studio.quick_picture(n, view, Options(wanted.group, wanted.year)).update() for n in wanted.charts
        }
        said: dict[str, Any] = {
            **described(setting), "link": view.link, "scenario": view.scenario,
            "figures": {h.key: {"text": h.text, "change": h.change, "value": h.value} for h in figures.headlines(
                view.run, reference, wanted.lang, peaks)},
            "cells": figures.cells(view.run, model.province, wanted.lang), "charts": pictures,
            "model_version": __version__, "data_hash": model.data_hash,
        }  # fmt: skip
        if wanted.series:
            said |= series(view)
        said["ms"] = round(1000 * (time.process_time() - began), 2)
        # packing an answer takes longer than making it, and the hand on the slider waits
        return JSONResponse(said, headers={"content-encoding": "identity"})

    @router.get("/pathways/levers")
    def levers(lang: Lang = "zh") -> list[dict[str, Any]]:
        """The levers of the model: range, values in the worlds, schedule, grade and sources."""
        return [
            {
                "id": x.id, "name": x.name(lang), "action": x.action, "unit": x.unit, "minimum": x.minimum, "default": x.default,
                "maximum": x.maximum, "step": x.step, "worlds": dict(x.worlds), "op": x.op, "parameter": x.parameter,
                "applies_to": list(x.applies_to), "schedule": {"start": x.schedule.start, "full": x.schedule.full},
                "grade": x.grade.value, "source": x.source, "source_of_max": x.source_of_max,
            }
            for x in studio.model().data.every
        ]  # fmt: skip


def _add_draws(router: APIRouter, studio: Studio, rate: RateLimit) -> None:
    """Add what takes many runs."""

    @router.post("/pathways/fan")
    def fan(wanted: Wanted, request: Request) -> Response:
        """Draw a setting: quantiles of the total, peak year and level, chance of a peak by 2030, and new data of the fan chart."""
        rate.check(address_of(request))
        try:
            setting = _setting(studio, wanted)
            scenario, _ = studio.fan(setting)
            view = studio.view(setting, wanted.lang)
        except DataError as error:
            raise problems_of(error, wanted.lang) from None
        base, _ = studio.fan(studio.reference(studio.model()))
        found, chance = scenario.fans[TOTAL], scenario.chance
        head = figures.chance_headline(chance, base.chance)
        said = {
            **described(setting), "link": view.link,
            "peak": {
                "year": {"p05": chance.year_low, "median": chance.year_middle, "p95": chance.year_high},
                "level": {"p05": round(chance.level_low, 4), "p95": round(chance.level_high, 4), "unit": found.unit},
                "probability_by_2030": round(chance.probability, 6), "stderr": round(chance.stderr, 6),
            },
            "fan": {
                "unit": found.unit, "years": found.years.tolist(),
                **{f"p{q}": [round(float(v), 4) for v in found.values[:, i]] for i, q in enumerate(("05", "25", "50", "75", "95"))},
            },
            "figures": {"chance": {"text": head.text, "change": head.change, "value": head.value}},
            "charts": {"fan": fan_picture(view, found, chance).update()} if "fan" in wanted.charts else {},
        }  # fmt: skip
        return JSONResponse(said)

    @router.post("/pathways/wedges")
    def wedges(wanted: Wanted, request: Request) -> Response:
        """What each action takes off, from the frozen world to a setting: Shapley values by year, and new data of the chart."""
        rate.check(address_of(request))
        try:
            setting = _setting(studio, wanted)
            view, found = studio.view(setting, wanted.lang), studio.wedges(setting)
        except DataError as error:
            raise problems_of(error, wanted.lang) from None
        pictures = {"wedges": studio.picture("wedges", view, Options()).update()} if "wedges" in wanted.charts else {}
        values = {g: [round(float(v), 4) for v in row] for g, row in zip(found.groups, found.total(), strict=True)}
        said = {
            **described(setting),
            "link": view.link,
            "unit": CO2,
            "years": found.years.tolist(),
            "wedges": values,
            "charts": pictures,
        }
        return JSONResponse(said)

    @router.post("/pathways/assumed")
    def assumed(wanted: Wanted, request: Request) -> Response:
        """How much of the variance of a setting's results rests on assumptions of grade D, on the inventory and on the water."""
        rate.check(address_of(request))
        try:
            setting = _setting(studio, wanted)
            shares, text = studio.shares(setting), with_note(studio.assumed(setting, wanted.lang), wanted.lang)
        except DataError as error:
            raise problems_of(error, wanted.lang) from None
        said = {**described(setting), "link": studio.link(setting), "shares": share_records(shares), "text": text}
        return JSONResponse(said)


def described(setting: Setting) -> dict[str, Any]:
    """Return a setting as plain data."""
    return {
        "base": setting.base, "growth": setting.growth, "levers": dict(setting.levers),
        "schedules": {k: {"start": a, "full": b} for k, (a, b) in setting.schedules.items()},
    }  # fmt: skip


def _add_files(router: APIRouter, studio: Studio) -> None:
    @router.get("/charts/studio-compare.{form}", tags=["charts"], response_class=Response)
    def compare(
        request: Request, form: ChartForm, s: SettingLink = "", lang: Lang = "zh", theme: ThemeAsked = "light"
    ) -> Response:
        """Two to four scenarios beside each other; ``s`` are their links, saved names or worlds with growth cases, with commas."""
        tokens = [t for t in s.split(",") if t][:MOST_COMPARED]
        found, problems = compared(studio, tokens, lang)
        if found is None or problems:
            raise problems_of(DataError(problems or [Problem("compare_two", "s", value=str(len(tokens)))]), lang)
        return chart_answer(request, chart_of(studio, found, lang), form, theme)

    @router.get("/charts/studio-{name}.{form}", tags=["charts"], response_class=Response)
    def chart(
        request: Request,
        name: str,
        form: ChartForm,
        s: SettingLink = "",
        group: str = "",
        year: int = FLOW_YEAR,
        lang: Lang = "zh",
        theme: ThemeAsked = "light",
    ) -> Response:
        """A chart of the studio: emissions, fan, power, final, sector, costs, wedges, gases or flows."""
        if name not in PICTURES:
            raise HTTPException(404, name)
        setting, problems, _ = studio.read(s)
        if problems:
            raise problems_of(DataError(problems), lang)
        drawn = studio.picture(name, studio.view(setting, lang), Options(group, year)).chart(leaving=form != "json")
        return chart_answer(request, drawn, form, theme)

    @router.get("/pathways/export.{form}", response_class=Response)
    def export(
        form: Literal["csv", "xlsx", "yaml"], s: SettingLink = "", name: str = "", lang: Lang = "zh"
    ) -> Response:
        """A scenario to take away: ``csv`` is the IAMC table, ``xlsx`` a workbook, ``yaml`` the scenario file."""
        setting, problems, _ = studio.read(s)
        if problems:
            raise problems_of(DataError(problems), lang)
        model = studio.model()
        label = name.strip()[:60] or f"{setting.base}-{setting.growth}"
        file = ScenarioFile(label, setting, SEED, __version__, model.data_hash)
        if form == "yaml":
            return _attached(file.as_yaml().encode(), "application/yaml", "scenario.yaml")
        simulation = studio.simulation(file)
        if form == "xlsx":
            return _attached(workbook(simulation, lang, studio.shares(file.setting)), WORKBOOK, "scenario.xlsx")
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(simulation.iamc())
        return csv_response(text.getvalue(), "scenario.csv")


def _attached(content: bytes, media: str, name: str) -> Response:
    return Response(content, media_type=media, headers={"content-disposition": f'attachment; filename="{name}"'})
