"""What two kinds of call add to the way of all: the choice of the owner of a challenge (揭榜挂帅), and the gate of a race (赛马争先)."""

from __future__ import annotations

from fastapi import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.charts.format import subscript
from tanlu.core.errors import Problem
from tanlu.core.units import unit_label
from tanlu.portal.programme.view import names, plain
from tanlu.portal.session.desks import Ask, Desk
from tanlu.portal.session.forms import Posted
from tanlu.programme.cycle import Application, Call, Contract, ContractKpi, Project, ReviewScore
from tanlu.programme.cycle.acting import call_target, find
from tanlu.programme.cycle.deciding import choice_of, choose, passed
from tanlu.programme.cycle.ledger import balance_of
from tanlu.programme.cycle.racing import decide_gate
from tanlu.programme.cycle.running import reached
from tanlu.programme.money import Account
from tanlu.programme.tracking import Kpi
from tanlu.records import RefusedError, Target


def choosing_desks() -> list[Desk]:
    """Return these pages."""
    return [
        Desk("/programme/choice", show_choice, {"choose": _choose}, right="decision.choose"),
        Desk("/programme/race", show_race, {"gate": _gate}, right="project.race"),
    ]


def show_choice(ask: Ask) -> Response:
    """Show to the owner of a challenge what the experts let pass, and what was chosen."""
    with ask.records.database.read() as session:
        call = find(session, Call, ask.query("call"))
        ask.require("decision.choose", Target(organisation_id=call.owner_id))
        ranked = passed(session, call)
        chosen = choice_of(session, call.id)
        # what was decided since is no longer among those that wait for the choice
        taken = select(Application).where(Application.id.in_([c.application_id for c in chosen]))
        numbers = {a.id: a for a in (*(a for a, _ in ranked), *session.execute(taken).scalars())}
        known = names(session, ask, {a.lead_id for a in numbers.values()}, {a.pi_id for a, _ in ranked})
    return ask.page("programme_choice.html", call=call, ranked=ranked, chosen=chosen, known=known, applications=numbers)


def _choose(ask: Ask, form: Posted) -> str:
    """Take the places that the owner gave; an application without one is not chosen."""
    places: list[tuple[int, str]] = []
    for name in form.fields:
        kind, _, key = name.partition(".")
        if kind == "place" and form.text(name):
            places.append((form.whole(name), key))
    form.check()
    if len({place for place, _ in places}) < len(places):
        raise RefusedError(Problem("name_twice", "form", field="place", value=str(sorted(p for p, _ in places))))
    with ask.records.database.read() as session:
        call = find(session, Call, ask.query("call"))
        ask.require("decision.choose", Target(organisation_id=call.owner_id))
    choose(ask.records, ask.principal, call.id, [key for _, key in sorted(places)], form.text("reason"))
    return f"/programme/choice?call={call.id}"


def show_race(ask: Ask) -> Response:
    """Show the teams of a race with what they reached and spent, and the form of the gate."""
    with ask.records.database.read() as session:
        call = find(session, Call, ask.query("call"))
        ask.require("project.race", call_target(call))
        teams = _teams(session, call)
        known = names(session, ask, {p.lead_id for p in teams})
        values: dict[str, tuple[Kpi, ...]] = {p.id: reached(session, p) for p in teams if p.version}
        labels = {
            (p.id, k.code): f"{ask.shown_name(k)} [{subscript(unit_label(k.unit, ask.language))}]"
            for p in teams for k in session.execute(
                select(ContractKpi).join(Contract, Contract.id == ContractKpi.contract_id)
                .where(Contract.project_id == p.id, Contract.version == p.version)
            ).scalars()
        }  # fmt: skip
        spent = {p.id: balance_of(session, p.id, Account.SPENT) for p in teams}
        ranks = {p.id: session.get(ReviewScore, p.application_id) for p in teams}
    racing = [p for p in teams if p.state == "running" and p.stage == 1]
    return ask.page(
        "programme_race.html", call=call, teams=teams, known=known, values=values, spent=spent, ranks=ranks, plain=plain, labels=labels,
        racing={p.id for p in racing} if len(racing) > 1 else set(),
    )  # fmt: skip


def _teams(session: Session, call: Call) -> list[Project]:
    statement = select(Project).where(Project.call_id == call.id).order_by(Project.number)
    return list(session.execute(statement).scalars())


def _gate(ask: Ask, form: Posted) -> str:
    scores = {}
    for name in form.fields:
        kind, _, key = name.partition(".")
        if kind == "score" and form.text(name):
            scores[key] = form.number(name)
    form.check()
    with ask.records.database.read() as session:
        ask.require("project.race", call_target(find(session, Call, ask.query("call"))))
    winner = decide_gate(ask.records, ask.principal, ask.query("call"), scores, form.text("reason"))
    return f"/programme/project?id={winner.id}"
