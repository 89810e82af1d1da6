"""The portfolio: money and expected effect by action, what no project works on, and what the next call could be about."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from fastapi import Response
from sqlalchemy import select

from tanlu.charts.format import scale
from tanlu.portal.beside import DOCUMENTS
from tanlu.portal.plan.records import plan_of
from tanlu.portal.records.tables import FORMATS, table_answer
from tanlu.portal.session.desks import Ask, Desk
from tanlu.programme.cycle import Project
from tanlu.programme.cycle.portfolio import Line, lines, portfolio
from tanlu.records import local_day

if TYPE_CHECKING:
    from tanlu.pathways.simulation import Model
    from tanlu.pathways.technologies import Assessments

TOP: Final = 20
"""Uncovered technologies that are shown."""


def portfolio_desks() -> list[Desk]:
    """Return this page."""
    return [Desk("/programme/portfolio", show_portfolio, right="portfolio.read")]


@lru_cache(maxsize=2)
def _model(province: str) -> tuple[Model, Assessments]:
    """Return the pathway model of a province and the judgement of its technologies, loaded once: it takes seconds."""
    from tanlu.pathways.simulation import load_model
    from tanlu.pathways.technology_file import load_technologies

    model = load_model(province)
    return model, load_technologies(model.province.folder, model.data)


def portfolio_in(province: str, held: list[Line], year: int) -> dict[str, Any]:
    """Return what projects are expected to do to the emissions of a province; see `tanlu.programme.cycle.portfolio.portfolio`."""
    model, known = _model(province)
    return portfolio(held, model, known, year=year, top=TOP)


def show_portfolio(ask: Ask) -> Response:
    """Show the joint of programme and pathway."""
    province = ask.records.settings.province
    with ask.records.database.read() as session:
        held = lines(session)
        ids = {row.number: row.id for row in session.execute(select(Project.number, Project.id))}
    content = DOCUMENTS.do(portfolio_in, province, held, local_day(ask.records.database.clock()).year)
    actions = {a.id: a.name(ask.language) for a in plan_of(province).actions()}
    if ask.query("format") in FORMATS:
        head = [ask.text(f"portal.portfolio.{k}") for k in ("number", "project", "action", "granted", "y2030", "y2060")]
        factor, unit = scale("Mt CO2", ask.language)
        head[3] = f"{head[3]} [{ask.text('portal.yuan')}]"
        head[4:] = [f"{title} [{unit}]" for title in head[4:]]
        rows: list[list[object]] = [
            [p["number"], p["title"][ask.language] or p["title"]["zh"], actions.get(p["action"], p["action"]), p["granted"],
             *(round(factor * float(p["expected_mt"][year]), 4) for year in ("2030", "2060"))]
            for p in content["projects"]
        ]  # fmt: skip
        return table_answer(ask.query("format"), "portfolio", head, rows)
    return ask.page("programme_portfolio.html", content=content, ids=ids, actions=actions, decimal=Decimal)
