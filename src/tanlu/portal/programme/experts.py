"""The pool of experts: who is in it, what each knows and may be asked for, and what binds experts to people and units."""

from __future__ import annotations

from datetime import date
from typing import Final

from fastapi import Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.core.province import province_folder
from tanlu.portal.plan.records import plan_of
from tanlu.portal.programme.view import PER_PAGE, names, page_number, party_named, technologies
from tanlu.portal.records.tables import FORMATS, table_answer
from tanlu.portal.records.view import regions
from tanlu.portal.session.desks import Act, Ask, Desk
from tanlu.portal.session.forms import Posted
from tanlu.programme.cycle import Expert, ExpertTie, ReviewTask
from tanlu.programme.cycle.experts import TIES, enrol, note_tie
from tanlu.records import (
    Affiliation,
    Columns,
    Person,
    RoleAssignment,
    local_day,
)

CANDIDATES: Final = 500
LOADS: Final = ("assigned", "done", "declined")


def expert_desks() -> list[Desk]:
    """Return this page."""
    acts: dict[str, Act] = {"enrol": _enrol, "tie": _tie}
    return [Desk("/programme/experts", show_experts, acts, right="expert.read")]


def show_experts(ask: Ask) -> Response:
    """Show the pool; an expert sees the own entry."""
    today, every = local_day(ask.records.database.clock()), ask.query("format") in FORMATS
    table = Expert.__table__.c
    seen = ask.records.rights.condition(
        ask.principal, "expert.read", Columns(region=table.region, person_id=table.person_id)
    )
    with ask.records.database.read() as session:
        count = session.execute(select(func.count()).select_from(Expert).where(seen)).scalar_one()
        named = select(Expert).join(Person, Person.id == Expert.person_id)
        statement = named.where(seen).order_by(Person.zh, Person.id)
        if not every:
            statement = statement.offset((page_number(ask) - 1) * PER_PAGE).limit(PER_PAGE)
        found = list(session.execute(statement).scalars())
        ids = [e.person_id for e in found]
        ties = _ties(session, ids)
        units = _units(session, ids, today)
        loads = _loads(session, ids)
        candidates = _candidates(session, today) if ask.may("expert.manage") else []
        people = {t.other for group in ties.values() for t in group} | set(ids) | set(candidates)
        known = names(session, ask, set(units.values()) | people, people)
    if every:
        head = [ask.text(f"portal.expert.{k}") for k in ("name", "unit", "region", "knows", "most", "rounds", "active")]
        places = dict(regions(province_folder(ask.records.settings.province), ask.language))
        rows: list[list[object]] = [
            [known.get(e.person_id, ""), known.get(units.get(e.person_id, ""), ""), places.get(e.region, e.region), ", ".join(e.knows),
             e.most_reviews, e.most_rounds_year, ask.text("portal.yes" if e.active else "portal.no")]
            for e in found
        ]  # fmt: skip
        return table_answer(ask.query("format"), "experts", head, rows)
    province = ask.records.settings.province
    chosen = next((e for e in found if e.person_id == ask.query("id")), None)
    return ask.page(
        "programme_experts.html", found=found, ties=ties, units=units, loads=loads, known=known, candidates=candidates, chosen=chosen,
        kinds=TIES, count=count, page=page_number(ask), pages=max(1, -(-count // PER_PAGE)),
        regions=regions(province_folder(province), ask.language), actions={a.id: a.name(ask.language) for a in plan_of(province).actions()},
        technology_names=technologies(ask), managing=ask.may("expert.manage"),
    )  # fmt: skip


def _ties(session: Session, ids: list[str]) -> dict[str, list[ExpertTie]]:
    found: dict[str, list[ExpertTie]] = {}
    for tie in session.execute(select(ExpertTie).where(ExpertTie.person_id.in_(ids)).order_by(ExpertTie.id)).scalars():
        found.setdefault(tie.person_id, []).append(tie)
    return found


def _units(session: Session, ids: list[str], today: date) -> dict[str, str]:
    """Return the present unit of each expert."""
    statement = select(Affiliation).where(
        Affiliation.person_id.in_(ids), (Affiliation.valid_to.is_(None)) | (Affiliation.valid_to >= today)
    )
    return {
        a.person_id: a.organisation_id for a in session.execute(statement.order_by(Affiliation.valid_from)).scalars()
    }


def _loads(session: Session, ids: list[str]) -> dict[str, dict[str, int]]:
    """Return how many reviews each expert has by state."""
    statement = (
        select(ReviewTask.expert_id, ReviewTask.state, func.count())
        .where(ReviewTask.expert_id.in_(ids), ReviewTask.state.in_(LOADS))
        .group_by(ReviewTask.expert_id, ReviewTask.state)
    )
    found: dict[str, dict[str, int]] = {}
    for expert, state, count in session.execute(statement):
        found.setdefault(expert, {})[state] = count
    return found


def _candidates(session: Session, today: date) -> list[str]:
    """Return people who have the role of an expert and are not in the pool."""
    statement = (
        select(RoleAssignment.person_id)
        .where(
            RoleAssignment.role == "expert",
            (RoleAssignment.valid_to.is_(None)) | (RoleAssignment.valid_to >= today),
            RoleAssignment.person_id.not_in(select(Expert.person_id)),
        )
        .distinct()
    )
    return list(session.execute(statement.limit(CANDIDATES)).scalars())


def _enrol(ask: Ask, form: Posted) -> str:
    """Put somebody into the pool, or change what the pool says; what an expert knows must stand in the plan."""
    ask.require("expert.manage")
    person, region = form.needed("person"), form.needed("region")
    most, rounds = form.whole("most_reviews"), form.whole("most_rounds_year")
    written = form.text("knows").replace("，", ",").replace(",", "\n").split()
    known = plan_of(ask.records.settings.province).technologies_by_id
    actions = form.all("action")
    details = {"refers_to": "technologies.csv", "some": ", ".join(list(known)[:4])}
    form.problems += [
        Problem("unknown_choice", "form", field="knows", value=k[:40], details=details)
        for k in written
        if k not in known
    ]
    form.check()
    enrol(
        ask.records, ask.principal, person, region, [*actions, *written], most_reviews=most, most_rounds_year=rounds,
        active=form.text("active") != "no",
    )  # fmt: skip
    return "/programme/experts"


def _tie(ask: Ask, form: Posted) -> str:
    """Note what binds an expert; the other side is given by id or by its exact name."""
    person, kind, other = form.needed("person"), form.needed("kind"), form.needed("other")
    last = form.day_or_none("last")
    form.check()
    ask.require("expert.declare" if person == ask.principal.person_id else "expert.manage")
    with ask.records.database.read() as session:
        found = party_named(session, other)
    note_tie(ask.records, ask.principal, person, kind, found, last)
    return "/programme/experts"
