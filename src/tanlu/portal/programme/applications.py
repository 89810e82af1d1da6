"""Pages of applications: the list, one application with its formal check, recommendation and attachments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote

from fastapi import Response
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session
from starlette.responses import StreamingResponse

from tanlu.core.errors import Problem
from tanlu.core.province import province_folder
from tanlu.portal.programme.files import require_file
from tanlu.portal.programme.printing import print_application
from tanlu.portal.programme.view import (
    applications_seen,
    bound,
    log_of,
    matching,
    names,
    plain,
    rows_by_number,
    state_name,
    technologies,
)
from tanlu.portal.records.tables import FORMATS, table_answer
from tanlu.portal.records.view import regions
from tanlu.portal.session.desks import CIVIL, Ask, Desk, civil, money
from tanlu.portal.session.forms import Posted
from tanlu.programme.cycle import (
    Application,
    ApplicationMember,
    ApplicationPerson,
    ApplicationTarget,
    ApplicationTechnology,
    BudgetLine,
    Call,
    CallTarget,
    Project,
    Review,
    ReviewTask,
)
from tanlu.programme.cycle.acting import application_target, find
from tanlu.programme.cycle.applying import withdraw
from tanlu.programme.cycle.formal import (
    check_formally,
    needs_recommendation,
    not_recommend,
    outcomes,
    recommend,
)
from tanlu.programme.cycle.forms import BUDGET_CODES
from tanlu.programme.cycle.rulebook import workflow
from tanlu.records import EvidenceFile, EvidenceUse, RefusedError

LISTED: Final = (
    Application.id, Application.number, Application.zh, Application.en, Application.lead_id, Application.pi_id, Application.region,
    Application.state, Application.asked, Application.submitted_at,
)  # fmt: skip
"""Columns of the list."""
Attached = tuple[str, str, int, str]
"""A file of a record: use, name, size [bytes], media type."""


def application_desks() -> list[Desk]:
    """Return these pages."""
    acts = {"recommend": _recommend, "not_recommend": _not_recommend, "formal": _check, "withdraw": _withdraw}
    return [
        Desk("/programme/applications", show_applications, right="application.read"),
        Desk("/programme/application", show_application, acts, right="application.read"),
        Desk("/programme/file", show_file),
    ]


def show_applications(ask: Ask) -> Response:
    """Applications that one may see."""
    words, state, call_id = ask.query("q").strip(), ask.query("state"), ask.query("call")
    with ask.records.database.read() as session:
        all_rows = ask.query("format") in FORMATS
        about = ("applications page", words, state, call_id)
        found, place = rows_by_number(
            session,
            ask,
            LISTED,
            Application.number,
            lambda: _wanted(ask, words, state, call_id),
            about,
            all_rows=all_rows,
        )
        known = names(session, ask, {a.lead_id for a in found}, {a.pi_id for a in found})
    if all_rows:
        head = [
            ask.text(f"portal.application.{k}")
            for k in ("number", "name", "lead", "pi", "region", "state", "asked", "submitted")
        ]
        head[6] += f" [{ask.text('portal.yuan')}]"
        places = dict(regions(province_folder(ask.records.settings.province), ask.language))
        rows: list[list[object]] = [
            [a.number, ask.name(a), known.get(a.lead_id, ""), known.get(a.pi_id, ""), places.get(a.region, a.region),
             state_name(ask, "application", a.state), a.asked, a.submitted_at.astimezone(CIVIL).replace(tzinfo=None)]
            for a in found
        ]  # fmt: skip
        return table_answer(ask.query("format"), "applications", head, rows)
    lines = [
        (
            a.number, a.id, ask.shown_name(a), known.get(a.lead_id, ""), known.get(a.pi_id, ""), a.state, money(a.asked),
            civil(a.submitted_at),
        )
        for a in found
    ]  # fmt: skip
    return ask.page(
        "programme_applications.html",
        lines=lines,
        words=words,
        state=state,
        call_id=call_id,
        graph=workflow("application"),
        **place,
    )


def _wanted(ask: Ask, words: str, state: str, call_id: str) -> ColumnElement[bool]:
    """Return which applications are asked for, as a condition."""
    condition = applications_seen(ask) & matching(Application, words)
    if state:
        condition &= Application.state == state
    if call_id:
        condition &= Application.call_id == call_id
    return condition


def show_application(ask: Ask) -> Response:
    """One application: what it asks for, what the rules saw, and what can be done with it."""
    with ask.records.database.read() as session:
        application = find(session, Application, ask.query("id"))
        target = application_target(session, application, ask.principal.person_id)
        ask.require("application.read", target)
        call = find(session, Call, application.call_id)
        parts = _parts(session, ask, application)
        checks = (
            []
            if ask.may("review.write", target) and not ask.may("application.formal")
            else outcomes(session, application.id)
        )
        log = log_of(session, ask, f"application:{application.id}") if ask.may("log.receipt", target) else None
        reviews = _reviews(session, application.id) if ask.may("review.read", target) else []
        project = session.execute(select(Project).where(Project.application_id == application.id)).scalar_one_or_none()
    if ask.query("format") == "pdf":
        return print_application(ask, application, call, checks, parts)
    waits = application.state == "submitted" and needs_recommendation(call, application)
    steps = {
        s.id for s in workflow("application").available(application.state, ask.principal, ask.records.rights, target)
    }
    may = {
        "recommend": waits and "recommend" in steps,
        "formal": not waits and "accept_formally" in steps,
        "withdraw": "withdraw" in steps,
    }
    return ask.page(
        "programme_application.html", application=application, call=call, checks=checks, log=log, can=may, reviews=reviews,
        project=project, graph=workflow("application"), technology_names=technologies(ask), plain=plain, bound=bound, **parts,
    )  # fmt: skip


def _parts(session: Session, ask: Ask, application: Application) -> dict[str, Any]:
    """Return what belongs to an application: units, people, money, technologies, targets, files."""

    def rows(kind: Any) -> list[Any]:
        return list(session.execute(select(kind).where(kind.application_id == application.id)).scalars())

    members, people = rows(ApplicationMember), rows(ApplicationPerson)
    targets = {
        t.code: t
        for t in session.execute(select(CallTarget).where(CallTarget.call_id == application.call_id)).scalars()
    }
    units = {m.organisation_id for m in members} | {application.lead_id}
    return {
        "members": members, "people": people, "worked_on": rows(ApplicationTechnology),
        "budget": sorted(rows(BudgetLine), key=lambda line: BUDGET_CODES.index(line.code)),
        "promised": rows(ApplicationTarget), "call_targets": targets, "files": files_of(session, "application", application.id),
        "known": names(session, ask, units, {p.person_id for p in people} | {application.pi_id}),
    }  # fmt: skip


def files_of(session: Session, kind: str, record: str) -> list[Attached]:
    """Return the files of a record, oldest first."""
    return files_of_each(session, kind, [record])[record]


def files_of_each(session: Session, kind: str, ids: Iterable[str]) -> dict[str, list[Attached]]:
    """Return the files of records of a kind by the id of the record, oldest first."""
    found: dict[str, list[Attached]] = {record: [] for record in ids}
    statement = (
        select(EvidenceUse.subject, EvidenceUse.id, EvidenceUse.label, EvidenceFile.size, EvidenceFile.media_type)
        .join(EvidenceFile, EvidenceFile.sha256 == EvidenceUse.sha256)
        .where(EvidenceUse.subject.in_([f"{kind}:{record}" for record in found]))
        .order_by(EvidenceUse.added_at, EvidenceUse.id)
    )
    for subject, use, label, size, media in session.execute(statement):
        found[subject.removeprefix(f"{kind}:")].append((use, label, size, media))
    return found


def _reviews(session: Session, application_id: str) -> list[tuple[ReviewTask, Review | None]]:
    statement = (
        select(ReviewTask, Review)
        .join(Review, Review.task_id == ReviewTask.id, isouter=True)
        .where(ReviewTask.application_id == application_id, ReviewTask.state != "withdrawn")
        .order_by(ReviewTask.id)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def _recommend(ask: Ask, form: Posted) -> str:
    done = recommend(ask.records, ask.principal, ask.query("id"), reason=form.text("reason"))
    return f"/programme/application?id={done.id}"


def _not_recommend(ask: Ask, form: Posted) -> str:
    done = not_recommend(ask.records, ask.principal, ask.query("id"), form.text("reason"))
    return f"/programme/application?id={done.id}"


def _check(ask: Ask, form: Posted) -> str:
    decisions = {
        name.partition(".")[2]: (form.text(name), form.text(f"why.{name.partition('.')[2]}"))
        for name in form.fields
        if name.startswith("rule.") and form.text(name)
    }
    done = check_formally(ask.records, ask.principal, ask.query("id"), decisions, reason=form.text("reason"))
    return f"/programme/application?id={done.id}"


def _withdraw(ask: Ask, form: Posted) -> str:
    done = withdraw(ask.records, ask.principal, ask.query("id"), form.text("reason"))
    return f"/programme/application?id={done.id}"


def show_file(ask: Ask) -> Response:
    """A file of a record, for those who may read the record; it is only ever saved, never shown in the browser."""
    with ask.records.database.read() as session:
        use = require_file(session, ask, ask.query("id"))
        file = session.get_one(EvidenceFile, use.sha256)
    if ask.records.evidence.fault(file.sha256, file.size) is not None:
        raise RefusedError(Problem("no_record", "evidence", field="sha256", value=file.sha256))
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(use.label, safe='')}",
        "content-length": str(file.size),
        "content-security-policy": "sandbox; default-src 'none'",
    }
    return StreamingResponse(ask.records.evidence.read(file.sha256), media_type=file.media_type, headers=headers)
