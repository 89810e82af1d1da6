"""Pages of calls: the way in by role, the list, a call with what rules say of it, and its editor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from fastapi import Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tanlu.core.province import province_folder
from tanlu.portal.programme.choosing import choosing_desks
from tanlu.portal.programme.view import (
    applications_seen,
    calls_seen,
    log_of,
    matching,
    names,
    party_named,
    plain,
    projects_seen,
    rows_of,
    state_name,
    step_name,
    technologies,
)
from tanlu.portal.records.tables import FORMATS, table_answer
from tanlu.portal.records.view import regions
from tanlu.portal.session.desks import CIVIL, Ask, Desk
from tanlu.portal.session.forms import Posted, finite
from tanlu.programme.cycle import Application, Call, DispatchTask, Notice, Objection, OwnerChoice, Project, ReviewTask
from tanlu.programme.cycle.acting import call_target, find
from tanlu.programme.cycle.applying import drafts_of
from tanlu.programme.cycle.calls import (
    FUNDERS,
    KINDS,
    LINES,
    MOVES,
    RUBRIC,
    CallTerms,
    RubricItem,
    TargetTerms,
    call_outcomes,
    draft_call,
    edit_call,
    move_call,
    terms_of,
)
from tanlu.programme.cycle.rulebook import workflow
from tanlu.records import Target, calendar_in, local_day

SHOWN: Final = 8
RED: Final = 2
PREPARED: Final = ("draft", "submitted", "approved")
EMPTY_TARGETS: Final = 4
"""Empty lines for targets in the editor."""


def call_desks() -> list[Desk]:
    """Return these pages, and those of calls of one kind."""
    return [
        *choosing_desks(),
        Desk("/programme", show_home, public=True),
        Desk("/programme/calls", show_calls, public=True),
        Desk("/programme/call", show_call, {"move": _move}, public=True),
        Desk("/programme/call/edit", show_editor, {"save": _save}, right="call.edit"),
    ]


def show_home(ask: Ask) -> Response:
    """Open calls, notices, and what waits for the person who asks."""
    with ask.records.database.read() as session:
        open_calls = list(
            session.execute(
                select(Call).where(Call.state == "published").order_by(Call.deadline, Call.number).limit(SHOWN)
            ).scalars()
        )
        notices = list(session.execute(select(Notice).order_by(Notice.published_at.desc()).limit(SHOWN)).scalars())
        waiting = _waiting(session, ask) if ask.caller.known else []
        projects = session.execute(select(func.count()).select_from(Project).where(projects_seen(ask))).scalar_one()
    drafts = drafts_of(ask.records, ask.principal) if ask.may("application.write") else []
    return ask.page(
        "programme.html", calls=open_calls, notices=notices, waiting=waiting, drafts=drafts, projects=projects
    )


def _waiting(session: Session, ask: Ask) -> list[tuple[str, int, str]]:
    """Return what waits for a person: text, how many, address; only what is more than nothing."""
    states = (
        (
            "application.recommend",
            Application,
            ("submitted",),
            applications_seen(ask),
            "/programme/applications?state=submitted",
        ),
        (
            "application.formal",
            Application,
            ("recommended",),
            applications_seen(ask),
            "/programme/applications?state=recommended",
        ),
        ("call.approve", Call, ("submitted",), calls_seen(ask), "/programme/calls?state=submitted"),
        ("call.edit", Call, ("draft",), calls_seen(ask), "/programme/calls?state=draft"),
        ("review.assign", Call, ("closed",), calls_seen(ask), "/programme/calls?state=closed"),
        ("review.read", Call, ("reviewing",), calls_seen(ask), "/programme/calls?state=reviewing"),
        ("contract.sign", Project, ("contracting",), projects_seen(ask), "/programme/projects?state=contracting"),
        ("contract.approve", Project, ("signed",), projects_seen(ask), "/programme/projects?state=signed"),
        ("acceptance.propose", Project, ("closing",), projects_seen(ask), "/programme/projects?state=closing"),
        ("acceptance.approve", Project, ("judged",), projects_seen(ask), "/programme/projects?state=judged"),
    )
    found: list[tuple[str, int, str]] = []
    for action, table, wanted, seen, address in states:
        if ask.may(action):
            kind: Any = table
            statement = select(func.count()).select_from(kind).where(kind.state.in_(wanted), seen)
            if count := session.execute(statement).scalar_one():
                found.append((action, count, address))
    found += _waiting_beside(session, ask)
    if ask.may("dispatch.read"):
        red = projects_seen(ask) & (Project.state == "running") & (Project.colour == RED)
        if count := session.execute(select(func.count()).select_from(Project).where(red)).scalar_one():
            found.append(("dispatch.read", count, "/programme/projects?colour=red"))
    if ask.principal.tasks:
        tasks = select(func.count()).where(
            ReviewTask.id.in_(sorted(ask.principal.tasks)), ReviewTask.state == "assigned"
        )
        if count := session.execute(tasks.select_from(ReviewTask)).scalar_one():
            found.append(("review.write", count, "/programme/reviews"))
    return found


def _waiting_beside(session: Session, ask: Ask) -> list[tuple[str, int, str]]:
    """Return what waits beside the way of all: tasks of meetings, objections, the choice among a challenge's applications."""
    found: list[tuple[str, int, str]] = []
    own = select(func.count()).where(DispatchTask.owner_id == ask.principal.person_id, DispatchTask.state == "open")
    if ask.may("dispatch.report") and (count := session.execute(own.select_from(DispatchTask)).scalar_one()):
        found.append(("dispatch.report", count, "/programme/dispatch?state=open"))
    objections = select(func.count()).where(Objection.state == "open")
    if ask.may("notice.answer") and (count := session.execute(objections.select_from(Objection)).scalar_one()):
        found.append(("notice.answer", count, "/programme/notices"))
    units = sorted({unit for grant in ask.principal.grants for unit in grant.units})
    if units:
        chosen = select(OwnerChoice.call_id).distinct()
        statement = select(Call.id).where(
            Call.owner_id.in_(units), Call.kind == "challenge", Call.state == "reviewing", Call.id.not_in(chosen)
        )
        scored = select(Application.call_id).where(Application.state.in_(("scored", "shortlisted", "site_visited")))
        open_calls = list(session.execute(statement.where(Call.id.in_(scored)).order_by(Call.number)).scalars())
        if open_calls:
            found.append(("decision.choose", len(open_calls), f"/programme/choice?call={open_calls[0]}"))
    return found


def show_calls(ask: Ask) -> Response:
    """Calls that one may see."""
    words, state, kind = ask.query("q").strip(), ask.query("state"), ask.query("kind")
    with ask.records.database.read() as session:
        condition = calls_seen(ask) & matching(Call, words)
        if state:
            condition &= Call.state == state
        if kind:
            condition &= Call.kind == kind
        order = (Call.year.desc(), Call.number.desc())
        calls, place = rows_of(session, ask, Call, condition, order, all_rows=ask.query("format") in FORMATS)
    if ask.query("format") in FORMATS:
        head = [ask.text(f"portal.call.{k}") for k in ("number", "name", "kind", "state", "pot", "deadline")]
        head[4] += f" [{ask.text('portal.yuan')}]"
        rows: list[list[object]] = [
            [c.number, ask.name(c), ask.text(f"portal.call.kind.{c.kind}"), state_name(ask, "call", c.state), c.pot,
             c.deadline.astimezone(CIVIL).replace(tzinfo=None)]
            for c in calls
        ]  # fmt: skip
        return table_answer(ask.query("format"), "calls", head, rows)
    return ask.page(
        "programme_calls.html",
        calls=calls,
        words=words,
        state=state,
        kind=kind,
        kinds=KINDS,
        graph=workflow("call"),
        **place,
    )


def show_call(ask: Ask) -> Response:
    """A call: what it says, what the rules say of it, and what can be done with it."""
    with ask.records.database.read() as session:
        call = find(session, Call, ask.query("id"))
        ask.require("call.read", call_target(call))
        terms = terms_of(session, call)
        # rules about a call say something while it is being prepared: later no day is left before its deadline
        planned = call.state in PREPARED and ask.may("call.edit")
        outcomes = call_outcomes(session, terms, ask.records.database.clock()) if planned else []
        log = log_of(session, ask, f"call:{call.id}") if ask.may("log.read") else None
        owner = names(session, ask, {call.owner_id} if call.owner_id else set())
        counts = dict(
            session.execute(
                select(Application.state, func.count())
                .where(Application.call_id == call.id, applications_seen(ask))
                .group_by(Application.state)
            ).all()
        )
    steps = workflow("call").available(call.state, ask.principal, ask.records.rights, call_target(call))
    moves = [(s.id, step_name(ask, "call", s.id), s.reason) for s in steps if s.id in MOVES]
    return ask.page(
        "programme_call.html", call=call, terms=terms, outcomes=outcomes, log=log, owner=owner.get(call.owner_id or "", ""), moves=moves,
        counts={state_name(ask, "call" if not k else "application", k): v for k, v in counts.items()}, graph=workflow("call"),
        technology_names=technologies(ask), plain=plain, **_calendar(ask, call),
        choosing=call.kind == "challenge" and ask.may("decision.choose", Target(organisation_id=call.owner_id)),
        racing=call.kind == "horse_race" and ask.may("project.race", call_target(call)),
        editable=call.state == "draft" and ask.may("call.edit", call_target(call)),
    )  # fmt: skip


def _calendar(ask: Ask, call: Call) -> dict[str, Any]:
    """Return the year into which a call leads officers although its working days are not known yet, and the last that is known."""
    known = calendar_in(ask.records.folder).years
    year = max(local_day(moment).year for moment in (call.deadline, call.recommend_until) if moment)
    unknown = year > max(known) and call.state not in ("done", "cancelled") and ask.may("call.edit", call_target(call))
    return {"no_calendar": year if unknown else 0, "known_years": max(known)}


def _move(ask: Ask, form: Posted) -> str:
    call = move_call(ask.records, ask.principal, ask.query("id"), form.text("step"), reason=form.text("reason"))
    return f"/programme/call?id={call.id}"


def show_editor(ask: Ask) -> Response:
    """The editor of a draft, or of a fresh call."""
    call_id, terms = ask.query("id"), None
    if call_id:
        with ask.records.database.read() as session:
            call = find(session, Call, call_id)
            ask.require("call.edit", call_target(call))
            terms = terms_of(session, call)
    folder = province_folder(ask.records.settings.province)
    return ask.page(
        "programme_call_edit.html", call_id=call_id, terms=terms, plain=plain, kinds=KINDS, funders=FUNDERS, lines=LINES, rubric=RUBRIC,
        regions=regions(folder, ask.language), technology_names=technologies(ask), empty=range(EMPTY_TARGETS), civil_zone=CIVIL,
        year=ask.records.database.clock().astimezone(CIVIL).year,
        proposed=[key for key in ask.query("technologies").split(",") if key in technologies(ask)],
    )  # fmt: skip


def _save(ask: Ask, form: Posted) -> str:
    terms = _terms(form)
    form.check()
    if terms.owner_id:
        with ask.records.database.read() as session:
            terms = replace(terms, owner_id=party_named(session, terms.owner_id))
    known = technologies(ask)
    if ask.query("id"):
        call = edit_call(ask.records, ask.principal, ask.query("id"), terms, known=known)
    else:
        call = draft_call(ask.records, ask.principal, terms, known=known, key=form.text("once"))
    return f"/programme/call?id={call.id}"


def _terms(form: Posted) -> CallTerms:
    """Return what the editor says; what cannot be read is noted in the form."""
    picked = [
        line.split(" ", 1)[0] for line in form.text("technologies").replace("，", ",").replace(",", "\n").splitlines()
    ]
    return CallTerms(
        form.needed("kind"), form.whole("year"), form.needed("region"), form.needed("zh"), form.needed("en"), form.needed("text_zh"),
        form.needed("text_en"), form.number("pot"), form.number("largest_grant"), form.moment("deadline"),
        [key.strip() for key in picked if key.strip()], _targets(form), _funders(form), form.text("owner_id") or None,
        form.moment("recommend_until") if form.text("recommend_until") else None, form.text("line") or LINES[0], form.number("threshold"),
        form.whole("panel_size"), form.whole("stages"), form.number("first_stage_share"), _rubric(form),
    )  # fmt: skip


def _funders(form: Posted) -> Mapping[str, Decimal]:
    """Return the shares of those who pay, written in percent."""
    return {name: form.number(f"share.{name}") / 100 for name in FUNDERS if form.text(f"share.{name}") not in ("", "0")}


def _targets(form: Posted) -> list[TargetTerms]:
    found = []
    for n, code in enumerate(form.fields.get("target.code", [])):
        if not code.strip():
            continue
        cell = {
            k: (form.fields.get(f"target.{k}", [])[n:] or [""])[0].strip()
            for k in ("zh", "en", "unit", "baseline", "target", "hard")
        }
        values: list[Decimal] = []
        for k in ("baseline", "target"):
            part = Posted({f"target.{code}.{k}": [cell[k]]}, ())
            values.append(part.number(f"target.{code}.{k}"))
            form.problems += part.problems
        baseline, target = values
        hard = cell["hard"] != "no"
        found.append(TargetTerms(code.strip(), cell["zh"], cell["en"], cell["unit"], baseline, target, hard))
    return found


def _rubric(form: Posted) -> list[RubricItem]:
    found = []
    for item in RUBRIC:
        weight = form.text(f"weight.{item.id}")
        share = Fraction(finite(weight)) / 100 if weight and weight.replace(".", "", 1).isdecimal() else item.weight
        found.append(
            RubricItem(item.id, item.zh, item.en, share, item.full, form.text(f"anchors.{item.id}") or item.anchors)
        )
    return found
