"""The joint on the records: what running and accepted projects are expected to do to emissions, and what no project works on.

Computed by `tanlu.programme.joint`; an effect is counted by technology over all projects, because two projects on one technology do not
avoid the same tonne twice. Proposals for the next call are the lines of highest expected worth that nobody works on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.programme.cycle.tables.applications import ApplicationTechnology
from tanlu.programme.cycle.tables.projects import Project

if TYPE_CHECKING:
    from tanlu.pathways.simulation import Model
    from tanlu.pathways.technologies import Assessments
    from tanlu.programme.joint import Uncovered

WORKING: Final = ("running", "suspended", "closing", "judged", "accepted")
"""States of projects whose work counts."""
PROPOSED: Final = 3
"""Lines of an action that a proposal for the next call names."""


@dataclass(frozen=True)
class Line:
    """A project in the portfolio: what it was granted [yuan], and its technologies with the readiness now."""

    number: str
    zh: str
    en: str
    action: str
    state: str
    grant: Decimal
    technologies: dict[str, float]


def lines(session: Session) -> list[Line]:
    """Return the projects whose work counts; the readiness of an accepted one is what it promised, else where it started."""
    statement = (
        select(Project, ApplicationTechnology)
        .join(ApplicationTechnology, ApplicationTechnology.application_id == Project.application_id)
        .where(Project.state.in_(WORKING))
        .order_by(Project.number, ApplicationTechnology.technology)
    )
    found: dict[str, Line] = {}
    for project, row in session.execute(statement):
        told = (project.number, project.zh, project.en, project.action, project.state, project.grant)
        line = found.setdefault(project.id, Line(*told, {}))
        line.technologies[row.technology] = float(row.trl_end if project.state == "accepted" else row.trl_start)
    return list(found.values())


def portfolio(
    held: Sequence[Line], model: Model, known: Assessments, *, year: int, top: int = 10, growth: str = "mid"
) -> dict[str, Any]:
    """Return the portfolio as plain data.

    Parameters
    ----------
    held : sequence of Line
        Its projects.
    model, known
        Pathway model and judgement of the technologies of the same province.
    year : int
        Year to which the readiness belongs.
    top : int
        Uncovered lines that are told.
    growth : str
        Growth case.

    Returns
    -------
    dict
        ``projects`` (expected and possible effect in 2030 and 2060 [Mt CO2], chance), ``actions`` (money [yuan] and expected effect),
        ``uncovered``, ``proposals``, ``unknown`` (technologies that the plan does not have).
    """
    from tanlu.programme.joint import YEARS, ProjectWork, technology_effects, uncovered

    unknown = sorted({t for line in held for t in line.technologies if t not in known.by_id})
    works = [
        ProjectWork(
            line.number,
            tuple(t for t in line.technologies if t in known.by_id),
            {t: trl for t, trl in line.technologies.items() if t in known.by_id},
            year,
        )
        for line in held
    ]
    effects = technology_effects(model, known, works, growth=growth) if works else []
    money: dict[str, Decimal] = defaultdict(Decimal)
    for line in held:
        money[line.action] += line.grant
    covered = {t for work in works for t in work.technologies}
    open_lines = uncovered(model, known, covered, money, growth=growth)
    return {
        "years": list(YEARS),
        "projects": [
            {
                "number": line.number,
                "title": {"zh": line.zh, "en": line.en},
                "action": line.action,
                "state": line.state,
                "granted": f"{line.grant:.2f}",
                "technologies": [
                    {"id": t.technology, "readiness": t.readiness, "chance": t.chance, "market_year": t.market_year}
                    for t in effect.technologies
                ],
                "expected_mt": {str(y): effect.expected[y] for y in YEARS},
                "if_successful_mt": {str(y): effect.if_successful[y] for y in YEARS},
            }
            for line, effect in zip(held, effects, strict=True)
        ],
        "actions": _by_action(held, effects, money, YEARS),
        "uncovered": [_uncovered(u, known) for u in open_lines[:top]],
        "proposals": _proposals(open_lines, known),
        "unknown": unknown,
    }


def _by_action(
    held: Sequence[Line], effects: list[Any], money: dict[str, Decimal], years: tuple[int, ...]
) -> list[dict[str, Any]]:
    """Sum money and expected effect by action; a technology counts once, with its best chance."""
    best: dict[str, dict[str, dict[int, float]]] = defaultdict(dict)
    for line, effect in zip(held, effects, strict=True):
        group = best[line.action]
        for t in effect.technologies:
            if t.technology not in group or t.expected[years[-1]] > group[t.technology][years[-1]]:
                group[t.technology] = t.expected
    return [
        {
            "action": action,
            "projects": sum(line.action == action for line in held),
            "granted": f"{money[action]:.2f}",
            "expected_mt": {str(y): sum(e[y] for e in best[action].values()) for y in years},
        }
        for action in sorted(money)
    ]


def _uncovered(found: Uncovered, known: Assessments) -> dict[str, Any]:
    e = found.effect
    technology = known.by_id[e.technology].technology
    return {
        "technology": e.technology,
        "name": {"zh": technology.name("zh"), "en": technology.name("en")},
        "action": found.action,
        "readiness": e.readiness,
        "chance": e.chance,
        "expected_mt": {str(year): value for year, value in e.expected.items()},
        "granted_to_action": f"{found.actions_money:.2f}",
    }


def _proposals(open_lines: list[Uncovered], known: Assessments) -> list[dict[str, Any]]:
    """Group the best uncovered lines by action: what the next call could be about, the worthiest action first."""
    groups: dict[str, list[Uncovered]] = defaultdict(list)
    for found in open_lines:
        if len(groups[found.action]) < PROPOSED and sum(found.effect.expected.values()) > 0:
            groups[found.action].append(found)
    worth = {a: sum(sum(u.effect.expected.values()) for u in group) for a, group in groups.items() if group}
    return [
        {"action": action, "expected_mt": worth[action], "technologies": [_uncovered(u, known) for u in groups[action]]}
        for action in sorted(worth, key=lambda a: (-worth[a], a))
    ]
