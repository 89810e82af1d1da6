"""Pages of the review: the desk of an expert, assignment with the draw that can be checked, decisions with a second approver, notices."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from fastapi import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.portal.plan.records import plan_of
from tanlu.portal.programme.experts import expert_desks
from tanlu.portal.programme.printing import print_batch
from tanlu.portal.programme.view import bound, names, plain, state_name, technologies
from tanlu.portal.session.desks import Act, Ask, Desk
from tanlu.portal.session.forms import Posted, finite
from tanlu.programme.cycle import (
    Application,
    ApplicationTarget,
    ApplicationTechnology,
    Call,
    CallTarget,
    DecisionBatch,
    Draw,
    Expert,
    Notice,
    Objection,
    Project,
    Review,
    ReviewScore,
    ReviewTask,
)
from tanlu.programme.cycle.acting import call_target, find
from tanlu.programme.cycle.assigning import applications_to_review, commit_draw, draw
from tanlu.programme.cycle.calls import RUBRIC
from tanlu.programme.cycle.deciding import (
    approve_batch,
    items_of,
    lock_batch,
    make_batch,
    note_visit,
    reject_batch,
    shortlist,
)
from tanlu.programme.cycle.experts import decide_hint, declare_conflict, pin_conflict, pool_of
from tanlu.programme.cycle.notices import answer_objection, close_notice, publish_notice, raise_objection, term_of
from tanlu.programme.cycle.reviewing import close_review, order_further_review, standings, write_review
from tanlu.records import NotPermittedError, RefusedError, local_day

VERDICTS: Final = ("fund", "wait", "decline")
UNDECIDED: Final = ("scored", "shortlisted", "site_visited", "waiting")


def review_desks() -> list[Desk]:
    """Return these pages, and that of the pool of experts."""
    assign: dict[str, Act] = {
        "commit": _commit, "draw": _draw, "further": _further, "close": _close, "pin": _pin, "hint": _hint,
    }  # fmt: skip
    decide: dict[str, Act] = {
        "make": _make, "lock": _lock, "approve": _approve, "reject": _reject, "notice": _publish, "shortlist": _shortlist, "visit": _visit,
    }  # fmt: skip
    return [
        *expert_desks(),
        Desk("/programme/reviews", show_tasks, right="expert.declare"),
        Desk("/programme/review", show_task, {"write": _write, "declare": _declare}, right="review.write"),
        Desk("/programme/assign", show_assignment, assign, right="review.read"),
        Desk("/programme/decisions", show_decisions, decide, right="review.read"),
        Desk("/programme/notices", show_notices, {"object": _object, "answer": _answer, "close": _end}, public=True),
    ]


def show_tasks(ask: Ask) -> Response:
    """The reviews of an expert: those to be written first."""
    with ask.records.database.read() as session:
        statement = (
            select(ReviewTask, Application)
            .join(Application, Application.id == ReviewTask.application_id)
            .where(ReviewTask.expert_id == ask.principal.person_id, ReviewTask.state != "withdrawn")
            .order_by(ReviewTask.state, ReviewTask.due, ReviewTask.id)
        )
        tasks = [(row[0], row[1]) for row in session.execute(statement)]
        expert = session.get(Expert, ask.principal.person_id)
    plan = plan_of(ask.records.settings.province)
    fields = technologies(ask) | {action.id: action.name(ask.language) for action in plan.actions()}
    return ask.page(
        "programme_reviews.html", tasks=tasks, expert=expert, fields=fields, today=local_day(ask.records.database.clock())
    )  # fmt: skip


def show_task(ask: Ask) -> Response:
    """One review: the application, the rubric with its anchors, and the form."""
    with ask.records.database.read() as session:
        task = _own_task(session, ask)
        application = find(session, Application, task.application_id)
        call = find(session, Call, task.call_id)
        review = session.get(Review, task.id)
        aims = session.execute(
            select(ApplicationTechnology).where(ApplicationTechnology.application_id == application.id)
        ).scalars()
        known = technologies(ask)
        promised = _promised(session, application)
        routes = [(known.get(aim.technology, aim.technology), aim.trl_start, aim.trl_end) for aim in aims]
    anchors = {item["id"]: item["anchors"] or _anchors(ask, item["id"]) for item in call.rubric}
    return ask.page(
        "programme_review.html", task=task, application=application, call=call, review=review, routes=routes, anchors=anchors,
        promised=promised, plain=plain, bound=bound,
        today=local_day(ask.records.database.clock()),
    )  # fmt: skip


def _promised(session: Session, application: Application) -> list[tuple[CallTarget, Decimal | None]]:
    """Return the targets of the call with what the application promises, in the order of their codes."""
    aims = select(ApplicationTarget).where(ApplicationTarget.application_id == application.id)
    values = {aim.code: aim.promised for aim in session.execute(aims).scalars()}
    targets = select(CallTarget).where(CallTarget.call_id == application.call_id).order_by(CallTarget.code)
    return [(target, values.get(target.code)) for target in session.execute(targets).scalars()]


def _anchors(ask: Ask, item: str) -> str:
    """Return what marks of an item of the usual rubric mean; nothing for an item that a call has made its own."""
    return ask.text(f"portal.review.anchor.{item}") if item in {i.id for i in RUBRIC} else ""


def _own_task(session: Session, ask: Ask) -> ReviewTask:
    task = find(session, ReviewTask, ask.query("id"))
    if task.expert_id != ask.principal.person_id:
        raise NotPermittedError(Problem("not_permitted", "review", field="review.write", value=task.id))
    return task


def _write(ask: Ask, form: Posted) -> str:
    with ask.records.database.read() as session:
        task = _own_task(session, ask)
        items = [item["id"] for item in find(session, Call, task.call_id).rubric]
    marks = {item: form.whole(f"mark.{item}") for item in items}
    opinion = form.needed("opinion")
    form.check()
    write_review(ask.records, ask.principal, task.id, marks, opinion)
    return "/programme/reviews"


def _declare(ask: Ask, form: Posted) -> str:
    with ask.records.database.read() as session:
        task = _own_task(session, ask)
    declare_conflict(ask.records, ask.principal, task.application_id, form.text("reason"))
    return "/programme/reviews"


def _call(session: Session, ask: Ask, action: str) -> Call:
    call = find(session, Call, ask.query("call"))
    ask.require(action, call_target(call))
    return call


def show_assignment(ask: Ask) -> Response:
    """Pool and conflicts of a call, its draws with hash and seed, and where each review stands."""
    if not ask.query("call"):
        return _choose_call(ask, "/programme/assign", ("closed", "reviewing", "decided", "noticed", "done"))
    day = local_day(ask.records.database.clock())
    with ask.records.database.read() as session:
        call = _call(session, ask, "review.read")
        applications = applications_to_review(session, call.id)
        pool = pool_of(session, call, applications, day) if applications else None
        draws = list(session.execute(select(Draw).where(Draw.call_id == call.id).order_by(Draw.number)).scalars())
        found = standings(session, call, day) if call.state == "reviewing" else []
        tasks: dict[str, list[ReviewTask]] = {}
        statement = select(ReviewTask).where(ReviewTask.call_id == call.id, ReviewTask.state != "withdrawn")
        for task in session.execute(statement.order_by(ReviewTask.id)).scalars():
            tasks.setdefault(task.application_id, []).append(task)
        people = {t.expert_id for group in tasks.values() for t in group} | set(pool.units if pool else ())
        units = set(pool.units.values()) if pool else set()
        known = names(session, ask, units, people)
    loads: dict[str, int] = {}
    for group in tasks.values():
        for task in group:
            if task.state in ("assigned", "done"):
                loads[task.expert_id] = loads.get(task.expert_id, 0) + 1
    return ask.page(
        "programme_assign.html", call=call, applications={a.id: a for a in applications}, pool=pool, draws=draws, found=found, tasks=tasks,
        loads=loads, known=known, today=day, may_assign=ask.may("review.assign", call_target(call)),
        may_close=call.state == "reviewing" and ask.may("review.close", call_target(call)),
    )  # fmt: skip


def _choose_call(ask: Ask, path: str, states: tuple[str, ...]) -> Response:
    from tanlu.portal.programme.view import calls_seen

    with ask.records.database.read() as session:
        statement = select(Call).where(calls_seen(ask), Call.state.in_(states)).order_by(Call.number.desc())
        calls = list(session.execute(statement).scalars())
    return ask.page("programme_choose.html", calls=calls, there=path)


def _here(ask: Ask, path: str) -> str:
    return f"{path}?call={ask.query('call')}"


def _commit(ask: Ask, form: Posted) -> str:
    commit_draw(ask.records, ask.principal, ask.query("call"), reason=form.text("reason"))
    return _here(ask, "/programme/assign")


def _draw(ask: Ask, form: Posted) -> str:
    draw(ask.records, ask.principal, form.text("draw"))
    return _here(ask, "/programme/assign")


def _further(ask: Ask, form: Posted) -> str:
    order_further_review(ask.records, ask.principal, form.text("application"))
    return _here(ask, "/programme/assign")


def _close(ask: Ask, form: Posted) -> str:
    close_review(ask.records, ask.principal, ask.query("call"))
    return _here(ask, "/programme/decisions")


def _pin(ask: Ask, form: Posted) -> str:
    pin_conflict(ask.records, ask.principal, form.text("application"), form.text("expert"), form.text("reason"))
    return _here(ask, "/programme/assign")


def _hint(ask: Ask, form: Posted) -> str:
    decide_hint(
        ask.records, ask.principal, form.text("application"), form.text("expert"), form.text("kind"), form.text("reason"),
        excludes=form.text("excludes") == "yes",
    )  # fmt: skip
    return _here(ask, "/programme/assign")


def show_decisions(ask: Ask) -> Response:
    """Scores and ranks of a call, and its decision batches."""
    if not ask.query("call"):
        return _choose_call(ask, "/programme/decisions", ("reviewing", "decided", "noticed", "done"))
    with ask.records.database.read() as session:
        call = _call(session, ask, "review.read")
        statement = (
            select(Application, ReviewScore)
            .join(ReviewScore, ReviewScore.application_id == Application.id)
            .where(Application.call_id == call.id)
            .order_by(ReviewScore.rank)
        )
        ranked = [(row[0], row[1]) for row in session.execute(statement)]
        batches = list(
            session.execute(
                select(DecisionBatch).where(DecisionBatch.call_id == call.id).order_by(DecisionBatch.created_at)
            ).scalars()
        )
        items = {b.id: items_of(session, b.id) for b in batches}
        noticed = set(session.execute(select(Notice.batch_id).where(Notice.call_id == call.id)).scalars())
        people = names(session, ask, {a.lead_id for a, _ in ranked}, {b.created_by for b in batches})
    wanted = next((b for b in batches if b.id == ask.query("batch")), None)
    if ask.query("format") == "pdf" and wanted is not None:
        return print_batch(ask, call, wanted, items[wanted.id], {a.id: a for a, _ in ranked}, people)
    return ask.page(
        "programme_decisions.html", call=call, ranked=ranked, batches=batches, items=items, noticed=noticed, known=people,
        applications={a.id: a for a, _ in ranked}, verdicts=VERDICTS,
        undecided=any(a.state in UNDECIDED for a, _ in ranked), may_edit=ask.may("decision.edit", call_target(call)),
        may_approve=ask.may("decision.approve", call_target(call)), may_notice=ask.may("notice.publish", call_target(call)),
        state_name=lambda kind, state: state_name(ask, kind, state),
    )  # fmt: skip


def _make(ask: Ask, form: Posted) -> str:
    overrides: dict[str, tuple[str, Decimal, str]] = {}
    for name in form.fields:
        key = name.partition(".")[2]
        if name.startswith("verdict.") and form.text(name):
            amount = form.text(f"amount.{key}")
            overrides[key] = (
                form.text(name),
                form.number(f"amount.{key}") if amount else finite("0"),
                form.text(f"why.{key}"),
            )
    form.check()
    make_batch(ask.records, ask.principal, ask.query("call"), overrides=overrides or None)
    return _here(ask, "/programme/decisions")


def _lock(ask: Ask, form: Posted) -> str:
    lock_batch(ask.records, ask.principal, form.text("batch"))
    return _here(ask, "/programme/decisions")


def _approve(ask: Ask, form: Posted) -> str:
    approve_batch(ask.records, ask.principal, form.text("batch"))
    return _here(ask, "/programme/decisions")


def _reject(ask: Ask, form: Posted) -> str:
    reject_batch(ask.records, ask.principal, form.text("batch"), form.text("reason"))
    return _here(ask, "/programme/decisions")


def _publish(ask: Ask, form: Posted) -> str:
    notice = publish_notice(ask.records, ask.principal, form.text("batch"))
    return f"/programme/notices?id={notice.id}"


def _shortlist(ask: Ask, form: Posted) -> str:
    shortlist(ask.records, ask.principal, form.text("application"))
    return _here(ask, "/programme/decisions")


def _visit(ask: Ask, form: Posted) -> str:
    note_visit(ask.records, ask.principal, form.text("application"), form.text("reason"))
    return _here(ask, "/programme/decisions")


def show_notices(ask: Ask) -> Response:
    """Public notices with what they propose, and results; officers see the objections."""
    with ask.records.database.read() as session:
        statement = select(Notice).order_by(Notice.published_at.desc())
        if ask.query("id"):
            statement = statement.where(Notice.id == ask.query("id"))
        notices = list(session.execute(statement.limit(20)).scalars())
        if ask.query("id") and not notices:
            raise RefusedError(Problem("no_record", "notice", field="id", value=ask.query("id")[:40]))
        proposed = {n.id: _proposed(session, n) for n in notices}
        terms = {n.id: term_of(ask.records, session, n) for n in notices}
        units = {a.lead_id for group in proposed.values() for a, _, _ in group}
        known = names(session, ask, units, {a.pi_id for group in proposed.values() for a, _, _ in group})
        objections: list[Objection] = []
        if ask.may("notice.answer"):
            asked = select(Objection).where(Objection.notice_id.in_([n.id for n in notices]))
            objections = list(session.execute(asked.order_by(Objection.raised_at)).scalars())
    return ask.page(
        "programme_notices.html", notices=notices, terms=terms, proposed=proposed, known=known, objections=objections,
        today=local_day(ask.records.database.clock()), one=bool(ask.query("id")),
    )  # fmt: skip


def _proposed(session: Session, notice: Notice) -> list[tuple[Application, Decimal, Project | None]]:
    funded = {i.application_id: i.amount for i in items_of(session, notice.batch_id) if i.verdict == "fund"}
    statement = (
        select(Application, Project)
        .join(Project, Project.application_id == Application.id, isouter=True)
        .where(Application.id.in_(sorted(funded)))
        .order_by(Application.number)
    )
    return [(row[0], funded[row[0].id], row[1]) for row in session.execute(statement)]


def _object(ask: Ask, form: Posted) -> str:
    made = raise_objection(ask.records, ask.principal, form.text("notice"), form.text("application"), form.text("text"))
    return f"/programme/notices?id={made.notice_id}&done=objection"


def _answer(ask: Ask, form: Posted) -> str:
    done = answer_objection(
        ask.records, ask.principal, form.text("objection"), form.text("answer"), upheld=form.text("upheld") == "yes"
    )
    return f"/programme/notices?id={done.notice_id}"


def _end(ask: Ask, form: Posted) -> str:
    close_notice(ask.records, ask.principal, form.text("notice"))
    return f"/programme/notices?id={form.text('notice')}"
