"""The living page of components: every macro of the templates with its states, rendered from the very code that is shown beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from typing import Any, Final

from fastapi import Request, Response
from jinja2 import pass_context
from jinja2.runtime import Context, Macro
from markupsafe import Markup

from tanlu.charts import Chart, Results, tokens
from tanlu.charts.colour import VISIONS, contrast, distance
from tanlu.charts.tokens import THEMES, Theme
from tanlu.portal import service
from tanlu.portal.addresses import Handler
from tanlu.portal.rendering import Renderer
from tanlu.portal.service import NotFoundError, Workspace

MACROS: Final = ("macros.html", "records_macros.html")
"""Templates whose macros are shown, each of them."""
PLAIN: Final[dict[str, str]] = {
    "button": (
        '<button type="button">Aa</button> <button type="button" class="quiet">Aa</button> <button type="button" disabled>Aa</button> '
        '<a class="button small-button" href="#plain-button">Aa</a>'
    ),
    "notice": '<p class="notice">Aa</p><p class="notice notice-warn">Aa</p><p class="notice notice-bad">Aa</p>',
    "figures": (
        '<ul class="figures"><li class="card figure"><span class="name">Aa</span><span class="value">12.3</span>'
        '<span class="range">11–14</span></li></ul>'
    ),
    "facts": '<dl class="facts"><dt>Aa</dt><dd>12.3</dd></dl>',
    "kind": '<span class="kind">Aa</span> <span class="kind kind-assumption">Aa</span>',
    "badge": '<span class="badge badge-reported">Aa</span> <span class="badge badge-estimated">Aa</span>',
    "empty": '<p class="empty">Aa</p>',
}
"""Components that are a class and no macro."""
EXAMPLES: Final[dict[str, dict[str, str]]] = {
    "macros.html": {
        "status": "{% for s in statuses %}{{ status(s, t, statuses) }} {% endfor %}",
        "grade": "{% for g in 'ABCD' %}{{ grade(g, t) }} {% endfor %}",
        "severity": "{% for s in ('warning', 'review', 'note') %}{{ severity(s, t) }} {% endfor %}",
        "choice": '<form class="filters">{{ choice("one", "Aa", [("a", "A"), ("b", "B")], "b", "–") }}</form>',
        "choice_gwp": '<form class="filters">{{ choice_gwp([("AR5", ()), ("SAR", ("NF3",))], "AR5", t) }}</form>',
        "table_head": '{{ table_head("sample-head", "Aa", "?format=csv", t, 4) }}',
        "pager": '{{ pager(2, 5, [("q", "Aa")], t) }}',
        "data_table": "{% if chart %}{{ data_table(chart, number, scale) }}{% endif %}",
        "chart_card": "{% if chart %}{{ chart_card(chart, t, url, number, scale, 4) }}{% endif %}\n"
        "{{ chart_card(nothing, t, url, number, scale, 4) }}",
    },
    "records_macros.html": {
        "crumbs": '{{ crumbs([(url.page("/"), "Aa"), (url.page("/about"), "Bb")], url, t, "Cc") }}',
        "problems_of": '{{ problems_of(["Aa", "Bb"], t) }}',
        "begin": '{{ begin("show", "", "") }}{{ input("a", "Aa", none, "1") }}</form>',
        "input": '<form class="filters">{{ input("b", "Aa", none, "2026-01-01", "date") }}'
        '{{ input("c", "Aa", none, required=false, hint="–") }}</form>',
        "area": '<form class="filters">{{ area("d", "Aa", none, "Bb") }}</form>',
        "select": '<form class="filters">{{ select("e", "Aa", [(1, "A"), (2, "B")], none, 2, "–") }}</form>',
        "state": '{{ state({"states": {"open": {"zh": "Aa", "en": "Aa"}}}, "open", lang) }}',
        "result": "{% for r in ('pass', 'fail', 'needs_person') %}{{ result(r, t) }} {% endfor %}",
        "light": "{% for c in ('green', 'amber', 'red') %}{{ light(c, t) }} {% endfor %}",
        "actor": '{{ actor("system", {}, t) }}; {{ actor("a", {"a": "Aa"}, t) }}',
        "done": '{{ done("aa.bb", "Aa") }}',
        "log": "{{ log([], t, none, url, {}, lang) }}",
        "exports": "{{ exports([]) }}",
        "size_of": "{{ size_of(2_500) }}; {{ size_of(2_500_000) }}",
        "measured": '{{ measured("12.3", "%") }}; {{ measured("12.3", "Mt") }}',
        "files_list": "{{ files_list([], t, url) }}",
    },
}


def macro_names(renderer: Renderer, template: str) -> list[str]:
    """Return the names of the macros of a template."""
    module = renderer.environment.get_template(template).module
    return sorted(name for name, part in vars(module).items() if isinstance(part, Macro))


def _example(template: str, names: list[str], renderer: Renderer) -> Any:
    @pass_context
    def render(context: Context, code: str) -> Markup:
        imported = f'{{% from "{template}" import {", ".join(names)} %}}'
        return Markup(renderer.environment.from_string(imported + code).render(context.get_all()))

    return render


class StyleGuide:
    """Handler of the page.

    Parameters
    ----------
    workspace : Workspace
        Its latest run lends a chart; the page works without one.
    renderer : Renderer
    """

    def __init__(self, workspace: Workspace, renderer: Renderer) -> None:
        self.workspace, self.renderer = workspace, renderer

    @property
    def handlers(self) -> dict[str, Handler]:
        """Handler by path."""
        return {"/styleguide": self.page}

    def page(self, request: Request, language: str) -> Response:
        """Tokens with measured contrast, and every component with its code."""
        results: Results | None = None
        with suppress(NotFoundError):
            results = self.workspace.results()
        chart = service.chart(results, "scoreboard", language, {}) if results else None
        nothing = Chart("nothing", language, "Aa", "Aa", "", {}, (), (), (), "reported")
        components = [
            (
                template,
                macro_names(self.renderer, template),
                EXAMPLES[template],
                _example(template, names, self.renderer),
            )
            for template in MACROS
            for names in [macro_names(self.renderer, template)]
        ]
        return self.renderer.page(
            request, "styleguide.html", language, None, components=components, plain=PLAIN, chart=chart, nothing=nothing,
            themes=[(theme, list(_pairs(theme)), _distances(theme)) for theme in THEMES.values()],
            colours_of=tokens.colours, spaces=tokens.SPACES, visions=VISIONS,
        )  # fmt: skip


def _pairs(theme: Theme) -> Iterator[tuple[str, str, str, float, float]]:
    """Yield name, text, ground, contrast and the least that it must be."""
    for least, pairs in ((4.5, tokens.text_pairs(theme)), (3.0, tokens.mark_pairs(theme))):
        for name, (text, ground) in pairs.items():
            yield name, text, ground, contrast(text, ground), least


def _distances(theme: Theme) -> dict[str, float]:
    """Return for each vision the smallest difference of neighbours in the stack of sectors."""
    fills = [theme.land_fill, *theme.sector_fills.values()]
    return {vision: min(distance(one, two, vision) for one, two in pairwise(fills)) for vision in VISIONS}
