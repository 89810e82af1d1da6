"""The wall: scenes of what stands in results, ledger and programme, dark, for a large screen that nobody touches.

A wall shows what the public may see, whoever is signed in at the browser behind it, and has nothing to send.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

from fastapi import Request, Response
from sqlalchemy import func, select

from tanlu.charts import Chart, Results
from tanlu.charts.format import capital, percent, scale, show, spaced, subscript
from tanlu.charts.render import to_svg
from tanlu.charts.scoreboard import STATUSES, status_counts
from tanlu.charts.theme import themed
from tanlu.core.errors import DataError
from tanlu.core.messages import translate
from tanlu.core.punctuation import PUNCTUATION
from tanlu.portal import service
from tanlu.portal.addresses import Handler
from tanlu.portal.monitor import view
from tanlu.portal.monitor.service import Monitoring
from tanlu.portal.programme.view import names, projects_seen, state_name
from tanlu.portal.rendering import Renderer
from tanlu.portal.security import DOCUMENT_POLICY
from tanlu.portal.service import NotFoundError, Workspace
from tanlu.portal.session.desks import Ask
from tanlu.portal.session.identity import PUBLIC
from tanlu.programme.cycle import Call, Project

SHORTEST, USUAL, LONGEST = 5, 30, 3600
"""Seconds that a scene stays."""
PICTURE: Final = 700
WIDTHS: Final = {"fan": 1040, "prefectures": 500}
"""Width of a picture in the pixels of its specification; the screen enlarges it, so that its letters can be read from afar."""
HEIGHTS: Final = {"fan": 330, "inventory": 420}
"""Height of pictures whose specification lets it be chosen."""
ROWS: Final = 8


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene: a finding, figures as (name, value, note), a table, a picture if there is a chart, and a warning."""

    name: str
    title: str
    figures: tuple[tuple[str, str, str], ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[tuple[str, str], ...], ...] = ()
    chart: Chart | None = None
    warning: str = ""

    @property
    def version(self) -> str:
        """Changes with what the picture shows."""
        return hashlib.sha256(repr(self.chart.spec if self.chart else "").encode()).hexdigest()[:12]


Cells = tuple[tuple[str, str], ...]
"""Cells of a row: text, and the tone of a status or an empty text."""


def _plain(*texts: str) -> Cells:
    return tuple((text, "") for text in texts)


class Wall:
    """The scenes of a workspace.

    Parameters
    ----------
    workspace : Workspace
    monitoring : Monitoring
    renderer : Renderer
    """

    def __init__(self, workspace: Workspace, monitoring: Monitoring, renderer: Renderer) -> None:
        self.workspace, self.monitoring, self.renderer = workspace, monitoring, renderer
        self._draw = _drawing()

    @property
    def handlers(self) -> dict[str, Handler]:
        """Handlers by path."""
        return {"/wall": self.page, "/wall/picture": self.picture}

    def page(self, request: Request, language: str) -> Response:
        """All scenes; the script shows one after the other."""
        results = self.workspace.results(request.query_params.get("run", ""))
        scenes = list(self.scenes(results, request, language))
        asked = request.query_params.get("rotate", "")
        seconds = int(asked) if asked.isdecimal() and len(asked) < 6 else USUAL
        return self.renderer.page(
            request, "wall.html", language, results, scenes=scenes,
            rotate=0 if asked == "0" else min(max(seconds, SHORTEST), LONGEST),
        )  # fmt: skip

    def picture(self, request: Request, language: str) -> Response:
        """The picture of a scene: in the dark theme, or for paper in the light one."""
        results = self.workspace.results(request.query_params.get("run", ""))
        name = request.query_params.get("scene", "")
        scene = next((s for s in self.scenes(results, request, language) if s.name == name and s.chart), None)
        if scene is None or scene.chart is None:
            raise NotFoundError("portal.missing.chart", name)
        theme = "light" if request.query_params.get("theme") == "light" else "dark"
        headers = {"content-security-policy": DOCUMENT_POLICY, "cache-control": "private, max-age=86400"}
        return Response(self._draw(scene.chart, scene.version, theme), media_type="image/svg+xml", headers=headers)

    def scenes(self, results: Results, request: Request, language: str) -> Iterator[Scene]:
        """Yield the scenes for which there are data."""
        yield _peak(results, language)
        yield _sectors(results, language)
        yield _targets(results, language)
        yield _prefectures(results, language)
        if (yesterday := _yesterday(self.monitoring, language)) is not None:
            yield yesterday
        if self.renderer.identity.present:
            yield _programme(Ask(request, language, self.renderer.identity, self.renderer, PUBLIC))


def _drawing() -> Callable[[Chart, str, str], bytes]:
    lock = Lock()
    kept: dict[tuple[str, str], bytes] = {}

    def draw(chart: Chart, version: str, theme: str) -> bytes:
        key = version, theme
        with lock:
            if key not in kept:
                while len(kept) >= 32:
                    del kept[next(iter(kept))]
                height = {"height": HEIGHTS[chart.name]} if chart.name in HEIGHTS else {}
                spec = themed({**chart.spec, **height}, theme)
                # a sheet is narrower than a screen: what is drawn as wide would have letters too small to read
                width = WIDTHS.get(chart.name, PICTURE)
                kept[key] = to_svg(spec, min(width, PICTURE) if theme == "light" else width).encode()
            return kept[key]

    return draw


def _peak(results: Results, language: str) -> Scene:
    chart = service.chart(results, "fan", language, {})
    title = service.chart(results, "emissions", language, {}).title
    figures, comma = [], PUNCTUATION[language].comma
    for f in service.figures(results):
        name = subscript(translate(f"portal.figure.{f.key}", language)) + (f"{comma}{f.year}" if f.year else "")
        value = (
            translate(f"portal.figure.no_{f.key}", language)
            if f.value is None
            else str(show(f.value, f.unit, language))
        )
        low, high = (show(v, f.unit, language).text if v is not None else "" for v in (f.low, f.high))
        note = translate("portal.figure.range", language, low=low, high=high) if low and high else ""
        figures.append((name, value, note))
    return Scene("peak", title, tuple(figures[:6]), chart=chart)


def _sectors(results: Results, language: str) -> Scene:
    chart = service.chart(results, "inventory", language, {"view": "sector"})
    # the groups of the picture beside it, so that names and amounts are the same
    last = zip(chart.columns, chart.rows[-1], strict=False) if chart.rows else ()
    found = {
        c.label: float(cell.value)
        for c, cell in last
        if c.unit and c.key != "land" and isinstance(cell.value, (int, float))
    }
    total = sum(found.values())
    ranked = sorted(found.items(), key=lambda item: -item[1])[:ROWS]
    rows = tuple(_plain(name, str(show(v, "kt CO2e", language)), percent(v / total)) for name, v in ranked)
    head = tuple(translate(f"portal.wall.{k}", language) for k in ("sector", "emissions", "share"))
    return Scene("sectors", chart.title, head=head, rows=rows, chart=chart)


def _targets(results: Results, language: str) -> Scene:
    chart = service.chart(results, "scoreboard", language, {})
    figures = tuple(
        (translate(f"charts.status.{status}", language), str(count), "")
        for status, count in status_counts(results).items()
        if count
    )
    order = {status: i for i, status in enumerate(("off_track", "at_risk", "on_track", "met"))}
    known = [t for t in results.scoreboard if t.status in order or t.value is not None]
    known.sort(key=lambda t: (order.get(t.status, len(order)), t.deadline, t.target))
    rows = tuple(
        (
            (capital(spaced(subscript(t.name(language)))), ""), (str(t.deadline), ""), (str(show(t.value, t.unit, language)), ""),
            (f"{STATUSES[t.status][1]} {translate(f'charts.status.{t.status}', language)}", STATUSES[t.status][0]),
            (percent(t.probability), ""),
        )
        for t in known[:ROWS]
    )  # fmt: skip
    keys = ("target", "deadline", "value", "status", "chance")
    head = tuple(translate(f"portal.targets.{k}", language) for k in keys)
    return Scene("targets", chart.title, figures, head, rows, None if rows else chart)


def _prefectures(results: Results, language: str) -> Scene:
    chart = service.chart(results, "prefectures", language, {})
    rows = tuple(
        _plain(str(row[0].value), str(show(row[1].value, row[1].unit, language)), str(row[3].value or ""))
        for row in chart.rows[: ROWS * 2 - 2]
    )
    head = tuple(translate(f"charts.column.{k}", language) for k in ("region", "value", "year"))
    return Scene("prefectures", chart.title, head=head, rows=rows, chart=chart)


def _yesterday(m: Monitoring, language: str) -> Scene | None:
    """Return what the last day with readings emitted; None without a ledger, readings or the statistics that the account needs."""
    if not m.exists or m.last_day() is None:
        return None
    try:
        m.nowcast()
        chart = view.chart(m, "sectors-day", language, {}, by_meters=False)
    except DataError:
        return None
    place = m.ledger().province
    connected = m.registry.counts[place][0]
    shares = m.emissions(place, m.span("", ""), ()).shares
    figures: tuple[tuple[str, str, str], ...] = (
        (translate("portal.wall.connected", language), str(connected), ""),
        (
            translate("portal.wall.estimated", language),
            percent(shares["estimated"]),
            translate("portal.wall.month", language),
        ),
    )
    units = [c.unit for c in chart.columns]
    rows = tuple(
        _plain(*(_shown(cell.value, cell.unit or unit, language) for cell, unit in zip(row[:4], units, strict=False)))
        for row in chart.rows[:ROWS]
    )
    warning = translate("portal.wall.demonstration", language) if m.is_demonstration() else ""
    head = tuple(f"{c.label} {_close(c.unit, language)}".rstrip() for c in chart.columns[:4])
    return Scene("monitor", chart.title, figures, head, rows, chart, warning)


def _close(unit: str, language: str) -> str:
    """Return a unit whose parts stay on one line."""
    return scale(unit, language)[1].replace(" ", "\u00a0") if unit else ""


def _shown(value: float | str | None, unit: str, language: str) -> str:
    return value if isinstance(value, str) else show(value, unit, language).text


def _programme(ask: Ask) -> Scene:
    """Return the projects that the public may see, by state and the youngest by name, and how many calls are open."""
    seen = projects_seen(ask)
    with ask.records.database.read() as session:
        counted = session.execute(select(Project.state, func.count()).where(seen).group_by(Project.state)).all()
        calls = session.execute(select(func.count()).select_from(Call).where(Call.state == "published")).scalar_one()
        latest = select(Project).where(seen).order_by(Project.number.desc()).limit(ROWS)
        projects: Sequence[Project] = session.execute(latest).scalars().all()
        leads = names(session, ask, {p.lead_id for p in projects})
        rows = tuple(
            _plain(
                ask.shown_name(p),
                leads.get(p.lead_id, ""),
                capital(state_name(ask, "project", p.state)),
                str(p.end or ""),
            )
            for p in projects
        )
    figures = tuple((capital(state_name(ask, "project", state)), str(count), "") for state, count in counted)
    title = ask.text("portal.wall.programme", projects=sum(count for _, count in counted), calls=calls)
    head = tuple(ask.text(f"portal.project.{k}") for k in ("name", "lead", "state", "end"))
    return Scene("programme", title, figures, head if rows else (), rows)
