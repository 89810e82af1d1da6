"""Pages of the studio: levers beside charts, saving, and scenarios beside each other; all that was chosen is in the address."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from tanlu import __version__
from tanlu.charts import Chart
from tanlu.charts.energy_units import scale
from tanlu.charts.studio import View, emitter_groups, member_name_of_group
from tanlu.core.errors import DataError, Problem
from tanlu.core.messages import translate
from tanlu.pathways import ScenarioFile, Setting
from tanlu.pathways.dimensions import GROWTH_CASES
from tanlu.pathways.scenario_files import SEED
from tanlu.portal.addresses import Handler, form_router
from tanlu.portal.rendering import Addresses, Renderer, localised
from tanlu.portal.service import NotFoundError
from tanlu.portal.session.forgery import FIELD, STAND_IN, FormTokens
from tanlu.portal.session.form_filling import with_form
from tanlu.portal.studio import figures
from tanlu.portal.studio.service import FLOW_YEAR, MOST_COMPARED, Options, Studio, group_of
from tanlu.portal.studio.uploads import MOST_BYTES, scenario_sent
from tanlu.portal.studio.view import Group, groups, level_words
from tanlu.portal.uploads import RefusedError, Sent, read_form

OPEN: Final = "open"
"""Value of the field ``what`` in the form that sends a file."""
FLOW_YEARS: Final = (2025, 2030, 2035, 2040, 2050, 2060)
KEPT: Final = 4
"""Settings whose run, charts and levers are kept: most visitors see the reference first, in one language or the other."""


class StudioPages:
    """Handlers of these pages."""

    def __init__(self, renderer: Renderer, studio: Studio) -> None:
        self.renderer, self.studio = renderer, studio
        self.tokens = FormTokens()
        self._shown = lru_cache(maxsize=KEPT)(self._show)

    @property
    def handlers(self) -> dict[str, Handler]:
        """Handlers by path of what is only read."""
        return {"/studio": self.page}

    def router(self) -> APIRouter:
        """Return the routes that take the form."""
        return form_router("/studio", self.send)

    def page(self, request: Request, language: str) -> Response:
        """The studio with the setting of the address; a form that was sent without scripts becomes an address first."""
        try:
            self.studio.model()
        except NotFoundError as error:
            return self.renderer.page(request, "studio_none.html", language, None, province=error.value)
        if "base" in request.query_params:
            return self._applied(request, language)
        return self._page(request, language, request.query_params.get("s", ""))

    def _applied(self, request: Request, language: str) -> Response:
        """Answer to the form as a browser without scripts sends it."""
        given, data = request.query_params, self.studio.model().data
        levers = {x.id: _number(given[f"lever:{x.id}"]) for x in data.every if f"lever:{x.id}" in given}
        base = given["base"]
        # sliders stood where the former world has them: what was not moved follows the new world
        former = given.get("former", base)
        moved = {
            x.id: v for x in data.every if (v := levers.get(x.id)) is not None and v != x.worlds.get(former, x.default)
        }
        try:
            link = self.studio.link(Setting(base, given.get("growth", ""), moved))
        except DataError as error:
            return self._page(request, language, "", problems=error.problems, status=422)
        return RedirectResponse(f"{localised('/studio', language)}?s={link}", 303)

    async def send(self, request: Request, language: str) -> Response:
        """Save a scenario or open one that was sent: its page, or the form with what is wrong."""
        fields: dict[str, str] = {}
        try:
            form = await read_form(request, MOST_BYTES)
            fields = form.fields
            if not self.tokens.holds(request, fields.get(FIELD, "")):
                raise RefusedError(403, "forged")
            if fields.get("what") != OPEN and not await run_in_threadpool(self.renderer.identity.may_keep, request):
                raise RefusedError(403, "scenario_save")
        except RefusedError as error:
            said = translate(f"portal.refused.{error.what}", language, **error.values)
            return await run_in_threadpool(
                self._page, request, language, fields.get("s", ""), fields, said, (), error.status
            )
        if fields.get("what") == OPEN:
            return await run_in_threadpool(self._open, request, language, fields, form.files)
        return await run_in_threadpool(self._save, request, language, fields)

    def _open(self, request: Request, language: str, fields: dict[str, str], files: tuple[Sent, ...]) -> Response:
        """Show a scenario file; of another version of model or data, with what has changed since. Nothing is written."""
        model = self.studio.model()
        try:
            file = scenario_sent(files, model.data)
        except DataError as error:
            return self._page(request, language, fields.get("s", ""), None, "", error.problems, 422)
        link, changes = self.studio.link(file.setting), tuple(self.studio.changes(file))
        if changes:
            return self._page(request, language, link, None, "", changes)
        return RedirectResponse(f"{localised('/studio', language)}?s={link}", 303)

    def _save(self, request: Request, language: str, fields: dict[str, str]) -> Response:
        link = fields.get("s", "")
        setting, problems, _ = self.studio.read(link)
        if problems:
            return self._page(request, language, link, fields, "", problems, 422)
        model = self.studio.model()
        name = fields.get("name", "").strip()
        file = ScenarioFile(
            name, setting, SEED, __version__, model.data_hash, fields.get("author", "").strip(),
            datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"), fields.get("note", "").strip(),
        )  # fmt: skip
        try:
            self.studio.save(file)
        except DataError as error:
            status = 409 if any(p.code == "scenario_exists" for p in error.problems) else 422
            return self._page(request, language, link, fields, "", error.problems, status)
        return RedirectResponse(f"{localised('/studio', language)}?s={self.studio.link(setting)}&saved=1#saved", 303)

    def _page(
        self, request: Request, language: str, link: str, fields: dict[str, str] | None = None, refusal: str = "",
        problems: tuple[Problem, ...] = (), status: int = 200,
    ) -> Response:  # fmt: skip
        studio, model = self.studio, self.studio.model()
        setting, wrong, same = studio.read(link)
        group = request.query_params.get("group", "")
        asked = request.query_params.get("year", "")
        year = int(asked) if asked.isdecimal() and int(asked) in FLOW_YEARS else FLOW_YEAR
        group = group if group in emitter_groups() else group_of("")
        view, charts, levers = self._shown(model.data_hash, studio.link(setting), language, Options(group, year))
        peaks = figures.peak_year(view.years, view.total), figures.peak_year(view.years, studio.reference_total())
        names = {w.id: getattr(w, language) for w in model.data.worlds.values()}
        known, addresses = studio.explained(), Addresses(language, "")
        answer = self.renderer.page(
            request, "studio.html", language, None, setting=setting, link=view.link, known=known,
            source_address=lambda name: addresses.page("/number", id=name) if name in known else "",
            groups_of_levers=levers, worlds=names, refusal=refusal,
            growths=[(g, translate(f"charts.growth.{g}", language)) for g in GROWTH_CASES],
            levels=level_words(list(names), names, language),
            problems=[p.text(language) for p in (*problems, *wrong)], other_data=not same and not wrong,
            figures=figures.headlines(view.run, studio.reference_run(), language, peaks),
            shown_unit=lambda unit: scale(unit, language)[1],
            cells=figures.cells(view.run, model.province, language), indicators=figures.INDICATORS, years=figures.YEARS,
            charts=charts,
            sector_groups=[(g, member_name_of_group(g, language)) for g in emitter_groups()], chosen_group=group,
            flow_years=FLOW_YEARS, flow_year=year,
            may_save=self.renderer.identity.may_keep(request), was_saved=request.query_params.get("saved") == "1",
            saved=self._saved(language), entered=fields or {}, token=STAND_IN, field=FIELD, most=MOST_COMPARED, most_bytes=MOST_BYTES,
            data_hash=model.data_hash, province=model.province.settings[language], count=len(model.data.every),
        )  # fmt: skip
        answer.status_code = status
        return with_form(answer)

    def _show(self, _: str, link: str, language: str, options: Options) -> tuple[View, dict[str, Chart], list[Group]]:
        """Return the central run, the charts and the levers of a setting of certain data."""
        setting = self.studio.read(link)[0]
        view = self.studio.view(setting, language)
        charts = {n: self.studio.first_picture(n, view, options).chart() for n in self.studio.pictures()}
        return view, charts, groups(self.studio.model(), setting, language)

    def _saved(self, language: str) -> list[dict[str, Any]]:
        """Return the saved scenarios for the list: name, author, date, note, link, and what has changed since."""
        files, problems = self.studio.saved()
        out: list[dict[str, Any]] = []
        for file in files.values():
            changes = self.studio.changes(file)
            broken = bool(file.setting.problems(self.studio.model().data, file.name))
            link = "" if broken else self.studio.link(file.setting)
            out.append({"file": file, "link": link, "changes": [p.text(language) for p in changes]})
        out += [{"file": None, "link": "", "changes": [p.text(language)]} for p in problems]
        return out


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
