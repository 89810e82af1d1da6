"""From records to HTML: the template environment, addresses, and how a figure is written and linked to its chain."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from html import escape as html_escape
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateError
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from tanlu.charts import Chart, Results
from tanlu.charts.emissions import scenario_name
from tanlu.charts.format import WHOLE, capital, digits, percent, scale, show, show_required, small, spaced, subscript
from tanlu.charts.scoreboard import STATUSES
from tanlu.charts.tiles import indicator_name
from tanlu.core.messages import HTML_LANG, catalogue, translate
from tanlu.core.provenance import cite
from tanlu.core.punctuation import PUNCTUATION
from tanlu.core.units import unit_label
from tanlu.portal.appearance import chosen_theme
from tanlu.portal.public.glossary import TermMarker
from tanlu.portal.session.identity import PUBLIC, Caller, Identity
from tanlu.records import NotAuthenticatedError, local_day
from tanlu.records.workdays import SHANGHAI

FOLDER: Final = Path(__file__).parent
GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "overview": ("/", "/public", "/public/data", "/glossary", "/wall"),
    "inventory": ("/inventory", "/uncertainty", "/reconciliation"),
    "account": ("/account", "/factors", "/methods"),
    "scenarios": ("/scenarios", "/studio", "/studio/compare", "/studio/targets"),
    "energy": (
        "/energy",
        "/energy/map",
        "/energy/dispatch",
        "/energy/prices",
        "/energy/adequacy",
        "/energy/balance",
        "/energy/compare",
        "/energy/assumptions",
        "/energy/site",
    ),
    "monitor": (
        "/monitor",
        "/monitor/unit",
        "/monitor/energy",
        "/monitor/quality",
        "/monitor/cases",
        "/monitor/alerts",
        "/monitor/ingest",
    ),
    "targets": ("/targets", "/plan"),
    "programme": (
        "/programme",
        "/programme/calls",
        "/programme/board",
        "/programme/applications",
        "/programme/reviews",
        "/programme/experts",
        "/programme/projects",
        "/programme/dispatch",
        "/programme/portfolio",
        "/programme/notices",
        "/registry",
        "/assessment",
        "/assessment/filings",
        "/assessment/investments",
        "/assessment/scores",
    ),
    "reports": ("/reports",),
    "about": ("/about", "/sources", "/docs", "/styleguide"),
    "admin": ("/admin/people", "/admin/organisations", "/admin/rules", "/admin/log", "/admin/mail", "/admin/webhooks"),
}
"""Pages of the navigation by group; the pages of the group of a page stand in a second row."""
RIGHTS: Final = {
    "/admin/mail": "mail.read",
    "/admin/webhooks": "webhook.manage",
    "/programme/board": "dispatch.read",
    "/programme/applications": "application.read",
    "/programme/reviews": "expert.declare",
    "/programme/experts": "expert.read",
    "/programme/dispatch": "dispatch.read",
    "/programme/portfolio": "portfolio.read",
    "/assessment/filings": "filing.read",
    "/assessment/investments": "investment.read",
    "/admin/people": "role.read",
    "/admin/organisations": "organisation.read",
    "/admin/rules": "rules.edit",
    "/admin/log": "log.read",
    "/monitor/unit": "monitor.read",
    "/monitor/energy": "monitor.read",
    "/monitor/quality": "monitor.read",
    "/monitor/cases": "suspicion.read",
    "/monitor/alerts": "alert.read",
    "/monitor/ingest": "intake.read",
}
"""Pages that the navigation shows only to those who have a right; the pages themselves ask again."""
OF_THE_WORKSPACE: Final = frozenset(right for page, right in RIGHTS.items() if page.startswith("/monitor"))
"""Rights that whoever opens a workspace has where nobody can sign in; what the others lead to needs a system of record with people."""
NAVIGATION: Final = tuple(page for pages in GROUPS.values() for page in pages)
VERSION: Final = version("tanlu")
PARENTS: Final = {
    "/factor": "/factors",
    "/method": "/methods",
    "/monitor/meter": "/monitor/unit",
    "/monitor/case": "/monitor/cases",
    "/monitor/alert": "/monitor/alerts",
    "/programme/call": "/programme/calls",
    "/programme/call/edit": "/programme/calls",
    "/programme/assign": "/programme/calls",
    "/programme/decisions": "/programme/calls",
    "/programme/choice": "/programme/calls",
    "/programme/application": "/programme/applications",
    "/programme/apply": "/programme/applications",
    "/programme/review": "/programme/reviews",
    "/programme/project": "/programme/projects",
    "/programme/gantt": "/programme/projects",
    "/programme/race": "/programme/calls",
    "/assessment/import": "/assessment/filings",
    "/assessment/what-if": "/assessment/scores",
    "/admin/rule": "/admin/rules",
}
"""Pages of one thing, and the page of the navigation that they belong to."""


def place_of(path: str) -> str:
    """Return the page of the navigation to which a path belongs; the path itself if there is none."""
    if path in NAVIGATION:
        return path
    if path in PARENTS:
        return PARENTS[path]
    above = path.rpartition("/")[0]
    while above:
        if above in NAVIGATION and above.count("/") > 1:
            return above
        above = above.rpartition("/")[0]
    first = "/" + path.strip("/").partition("/")[0]
    return PARENTS.get(first, first)


def localised(path: str, language: str) -> str:
    """Return the address of a page in a language."""
    return path if language == "zh" else ("/en" + path).rstrip("/")


class Addresses:
    """Addresses of one request: they keep its language and, if it was named, its run."""

    def __init__(self, language: str, run: str) -> None:
        self.language, self.run = language, run

    def _query(self, given: dict[str, object]) -> str:
        pairs = [(k, str(v)) for k, v in given.items() if v not in (None, "")]
        if self.run:
            pairs.append(("run", self.run))
        return "?" + urlencode(pairs, quote_via=quote) if pairs else ""

    def page(self, path: str, **query: object) -> str:
        """Return the address of a page."""
        return localised(path, self.language) + self._query(query)

    def api(self, path: str, **query: object) -> str:
        """Return the address of an answer of the API."""
        return "/api/v1" + path + self._query(query)

    def chart(self, chart: Chart, form: str) -> str:
        """Return the address of a chart as specification, table or picture."""
        return self.api(f"/charts/{chart.name}.{form}", lang=self.language, **chart.parameters)


def text_or_code(key: str, code: str, language: str) -> str:
    """Return the text of a code that another room defines; a run of another version may hold one that the catalogue lacks."""
    entry = catalogue().get(key)
    return entry[language] if entry else code


_PLAIN: Final = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "\u22120123456789")
_CHINESE: Final = re.compile("[\u4e00-\u9fff]")
_NOTHING: Final = '<span class="none">—</span>'


def _number(
    addresses: Addresses,
    language: str,
    value: float | str | None,
    unit: str = "",
    node_id: str = "",
    bare: bool = False,
) -> Markup:
    """Return a figure, its exact value for machines, and the link to its chain."""
    # a page holds thousands of figures, and filling in a `Markup` costs several times as much as escaping its parts
    shown = None if value is None or value == "" else show(value, unit, language)
    text = "" if shown is None else shown.text if bare else str(shown)
    if shown is None:
        inner = _NOTHING
    elif isinstance(value, float):
        inner = f'<data value="{float(value)!r}">{html_escape(text)}</data>'
    else:
        inner = str(escape(text))
    if node_id:
        address, label = (
            escape(addresses.page("/number", id=node_id)),
            escape(translate("portal.number.link", language)),
        )
        inner = f'<a class="num" href="{address}" title="{label}">{inner}</a>'
    return Markup(inner)


def _cells(chart: Chart, number: Callable[..., Markup]) -> Markup:
    """Return the rows of the table of a chart.

    Tables of hours have thousands of cells, and a template takes several times as long for each of them.
    """
    units = [column.unit for column in chart.columns]
    # figures without a link are written at once where they are written as here
    scales = [scale(unit, chart.language)[0] for unit in units] if getattr(number, "func", None) is _number else []
    parts = []
    words: dict[str, Markup] = {}
    for first, *others in chart.rows:
        name = first.value
        parts.append(f'<tr><th scope="row">{html_escape(name) if type(name) is str else escape(name)}</th>')
        for place, cell in enumerate(others, 1):
            unit = cell.unit or units[place]
            if scales and not cell.id and cell.value == "":
                parts.append(f'<td class="right">{_NOTHING}</td>')
            elif scales and not cell.id and not cell.unit and type(cell.value) is float and unit not in WHOLE:
                text = html_escape(digits(cell.value * scales[place]))
                parts.append(f'<td class="right"><data value="{cell.value!r}">{text}</data></td>')
            elif type(cell.value) is str and not cell.id:
                # few words, many times
                if cell.value not in words:
                    # a column of units says those in which the figures beside it are shown
                    of_units = chart.columns[place].key == "unit"
                    told = scale(cell.value, chart.language)[1] if of_units else cell.value
                    words[cell.value] = number(told, "", "", True)
                parts.append(f'<td class="right">{words[cell.value]}</td>')
            else:
                parts.append(f'<td class="right">{number(cell.value, unit, cell.id, True)}</td>')
        parts.append("</tr>\n")
    return Markup("".join(parts))


def _raised(value: float) -> Markup:
    """Return a small probability with its power of ten raised by the page: the superscript characters of a font are not of one height."""
    text, ten, power = small(value).partition("×10")
    if not ten:
        return escape(text)
    plain = power.translate(_PLAIN)
    return Markup(f"{escape(text)}×10<sup>{escape(plain)}</sup>")


def _literals(text: str, mark: str = "``") -> Markup:
    """Return a text of a docstring (or, with one backtick as mark, of a problem) with the parts between the marks as code."""
    parts = str(escape(text)).split(mark)
    if len(parts) % 2 == 0:
        return Markup(mark.join(parts))
    return Markup("".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts)))


def own_half(text: str, language: str) -> str:
    """Return the part of a text that is in the language, where it has both with a stroke between."""
    zh, stroke, en = text.partition(" / ")
    return text if not stroke else zh if language == "zh" else en


def civil_minute(moment: str) -> str:
    """Return a moment (ISO 8601) in civil time; as it stands where it is none."""
    try:
        return datetime.fromisoformat(moment).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return moment


@cache
def _environment() -> Environment:
    """Return the templates of this folder, compiled once for all applications of a process."""
    loader = FileSystemLoader(FOLDER / "templates")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters |= {
        "fine": _fine,
        "capital": capital,
        "spaced": spaced,
        "small": _raised,
        "half": own_half,
        "percent": percent,
        "cells": _cells,
        "civil": civil_minute,
        "literals": _literals,
        "spoken": _spoken,
    }
    made.globals["punctuation"] = PUNCTUATION
    return made


def _rendered(template: Template, **values: Any) -> str:
    """Return the text of a template, and take apart what it was made of.

    The macros of a page and what they see hold each other: charts and tables of every visitor would wait for the collector of garbage.
    """
    context = template.new_context(values)
    try:
        return "".join(template.root_render_func(context))
    except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        # it is raised again, with the lines of the templates
        template.environment.handle_exception()
    finally:
        context.vars.clear()
        context.parent.clear()


def _spoken(text: str, language: str) -> str:
    """Return what people or the law wrote; Chinese words on an English page are marked, so that a screen reader reads them rightly."""
    if language == "zh" or not _CHINESE.search(text):
        return text
    return Markup('<span lang="zh-CN">{}</span>').format(text)


def _fine(text: str) -> str:
    """Return a name or sentence with indices and powers as characters, its Chinese words apart from figures and Latin words."""
    return spaced(subscript(text))


def group_of(page: str) -> str:
    """Return the group of the navigation that a page is in; empty if in none."""
    return next((name for name, pages in GROUPS.items() if page in pages), "")


class Renderer:
    """Makes pages from the templates of this folder."""

    def __init__(self, script_address: str, identity: Identity) -> None:
        self.script_address, self.identity = script_address, identity
        self.environment = _environment()

    def _caller(self, request: Request) -> Caller:
        """Return who asks, for the head of the page; the public if the request says it wrongly."""
        try:
            return self.identity.caller(request)
        except NotAuthenticatedError:
            return PUBLIC

    def _sees(self, caller: Caller, right: str) -> bool:
        """Return whether somebody has a right for any record."""
        if self.identity.nobody_signs_in and right in OF_THE_WORKSPACE:
            return True
        return self.identity.present and self.identity.records.rights.allows(caller.principal, right)

    def _shown(self, pages: tuple[str, ...], caller: Caller) -> tuple[str, ...]:
        """Return the pages of a group that somebody may see."""
        return tuple(p for p in pages if p not in RIGHTS or self._sees(caller, RIGHTS[p]))

    def pages_of(self, request: Request) -> tuple[str, ...]:
        """Return the pages of the navigation that somebody may see."""
        return self._shown(NAVIGATION, self._caller(request))

    def own_pages(self, request: Request) -> tuple[str, ...]:
        """Return the pages beside the navigation that are about whoever asks; none where nobody can sign in."""
        if not self.identity.present:
            return ()
        return ("/me",) if self._caller(request).known else ("/login",)

    def page(
        self,
        request: Request,
        template: str,
        language: str,
        results: Results | None,
        /,
        *,
        keep_run: bool = False,
        **context: Any,
    ) -> HTMLResponse:
        """Return a page of the given template; ``results`` is None on pages that must work without a run.

        Links keep the run that the address names if the page shows one, or with ``keep_run``.
        """
        addresses = Addresses(language, request.query_params.get("run", "") if results or keep_run else "")
        path = request.url.path
        plain = path if language == "zh" else path.removeprefix("/en") or "/"
        other = "en" if language == "zh" else "zh"
        query = f"?{request.url.query}" if request.url.query else ""
        place = place_of(plain)
        group = group_of(place)
        caller = self._caller(request)
        marker = TermMarker(language, addresses.page("/glossary"))
        groups = {name: shown for name, pages in GROUPS.items() if (shown := self._shown(pages, caller))}
        html = _rendered(
            self.environment.get_template(template),
            t=lambda key, **values: translate(key, language, **values), lang=language, html_lang=HTML_LANG[language], url=addresses,
            cite=lambda locator: cite(locator, language), term=marker.term, gloss=marker.text,
            number=partial(_number, addresses, language), show=lambda v, unit="": show(v, unit, language), results=results,
            scale=lambda unit: scale(unit, language), unit=lambda text: subscript(unit_label(text, language)), statuses=STATUSES,
            scenario=lambda name: scenario_name(name, language), required=lambda target: show_required(target, language),
            reason=lambda code: text_or_code(f"assessment.reason.{code}", code, language),
            method=lambda slug: text_or_code(f"method.{slug}.name", slug, language),
            indicator_name=lambda name: indicator_name(name, language),
            navigation=[p for pages in groups.values() for p in pages], groups=groups,
            group=group if group in groups else "", caller=caller, sees=partial(self._sees, caller), has_accounts=self.identity.present,
            place=place, path=plain, other=other, folder=self.identity.folder,
            other_lang=HTML_LANG[other], other_address=localised(plain, other) + query, query_pairs=parse_qsl(request.url.query),
            script=self.script_address, version=VERSION, theme=chosen_theme(request), this_address=path + query,
            printed=str(request.url), printed_on=local_day(datetime.now(UTC)).isoformat(), **context,
        )  # fmt: skip
        return HTMLResponse(html)
