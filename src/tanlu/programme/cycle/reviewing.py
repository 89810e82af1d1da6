"""Reviews: marks by rubric, further reviews where marks lie apart, panels, scores and ranks when the review is closed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.programme.cycle.acting import application_target, call_target, find, move, refuse
from tanlu.programme.cycle.assigning import applications_to_review, begin_review, fits, new_task, technologies_of
from tanlu.programme.cycle.experts import pool_of, require_no_conflict
from tanlu.programme.cycle.rulebook import Limits, limits
from tanlu.programme.cycle.tables.applications import Application
from tanlu.programme.cycle.tables.calls import Call
from tanlu.programme.cycle.tables.review import Review, ReviewPanel, ReviewScore, ReviewTask
from tanlu.programme.review import Item, Ranked, Rubric, needs_third_review, ranking, trimmed_mean, z_scores
from tanlu.records import ConflictError, Principal, Records, RefusedError, Target, local_day, new_id

ROUNDED = Decimal("0.0001")


def tasks_of(session: Session, person_id: str) -> list[str]:
    """Return the ids of the tasks of an expert, for `tanlu.records.load_principal`."""
    statement = select(ReviewTask.id).where(
        ReviewTask.expert_id == person_id, ReviewTask.state.in_(("assigned", "done"))
    )
    return list(session.execute(statement).scalars())


def rubric_of(call: Call) -> Rubric:
    """Return the rubric of a call."""
    return Rubric(tuple(Item(i["id"], Fraction(i["weight"]), i["full"]) for i in call.rubric))


def write_review(
    records: Records, principal: Principal, task_id: str, marks: Mapping[str, int], opinion: str
) -> Review:
    """Hand in a review, once.

    Parameters
    ----------
    marks : mapping of str to int
        Item of the rubric → marks, 0 to full.
    opinion : str
        Reasons, in words.

    Raises
    ------
    NotPermittedError
        If it is not the person's task.
    RefusedError
        If the review is over, marks are missing or outside their range, or the opinion is empty.
    """
    with records.database.change(principal.person_id, "review.write", f"review:{task_id}") as change:
        task = find(change.session, ReviewTask, task_id)
        target = Target(task_id=task.id if task.expert_id == principal.person_id else None)
        records.rights.require(principal, "review.write", target)
        application = find(change.session, Application, task.application_id)
        if task.state != "assigned" or application.state != "in_review":
            raise ConflictError(Problem("review_over", "review", field="task", value=application.number))
        call = find(change.session, Call, task.call_id)
        try:
            total = rubric_of(call).total(marks)
        except ValueError as error:
            raise refuse("marks_wrong", "review", "marks", str(dict(marks))[:80], reason=str(error)) from None
        if not opinion.strip():
            raise refuse("empty", "review", "opinion")
        task.state = "done"
        review = Review(
            task_id=task.id,
            application_id=application.id,
            marks=dict(marks),
            total=_rounded(total),
            opinion=opinion.strip(),
            at=change.at,
        )
        change.session.add(review)
    return review


def set_panel(
    records: Records,
    principal: Principal,
    call_id: str,
    name: str,
    applications: Sequence[str],
    experts: Sequence[str],
) -> ReviewPanel:
    """Give applications to a panel whose experts all judge all of them.

    Raises
    ------
    RefusedError
        If the panel is too small or even, two experts come from one unit, or a pair may not meet.
    """
    panel_id = new_id()
    with records.database.change(principal.person_id, "review.set_panel", f"call:{call_id}") as change:
        session = change.session
        call = find(session, Call, call_id)
        records.rights.require(principal, "review.assign", call_target(call))
        if call.state not in ("closed", "reviewing"):
            raise refuse("call_not_closed", "panel", "call", call.number)
        day = local_day(change.at)
        open_ones = {a.id: a for a in applications_to_review(session, call_id)}
        wrong = [
            Problem("no_record", "panel", field="applications", value=a) for a in applications if a not in open_ones
        ]
        if wrong:
            raise RefusedError(*wrong)
        pool = pool_of(session, call, [open_ones[a] for a in applications], day)
        limit = limits(session, "review", day)
        _require_panel(pool.units, experts, limit)
        numbers = {a: open_ones[a].number for a in applications}
        require_no_conflict(pool, [(a, e) for a in applications for e in experts], numbers)
        panel = ReviewPanel(id=panel_id, call_id=call_id, name=name.strip(), created_by=principal.person_id)
        session.add(panel)
        session.flush()
        due = day + timedelta(days=limit.whole("days"))
        for application in applications:
            for expert in experts:
                session.add(new_task(change, principal, call_id, application, expert, due, panel_id=panel_id))
        begin_review(change, records, principal, call)
    return panel


def _require_panel(units: Mapping[str, str], experts: Sequence[str], limit: Limits) -> None:
    least, size = limit.whole("panel_least"), len(set(experts))
    problems = []
    if size != len(experts) or size < least or size % 2 == 0:
        problems.append(Problem("panel_size", "panel", field="experts", value=str(size), details={"least": least}))
    seen: dict[str, str] = {}
    for expert in experts:
        unit = units.get(expert, expert)
        if seen.setdefault(unit, expert) != expert:
            problems.append(Problem("panel_unit", "panel", field="experts", value=expert))
    if problems:
        raise RefusedError(*problems)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the review of an application stands."""

    application: Application
    totals: list[Fraction]
    waiting: int
    spread: Fraction
    apart: bool
    """Whether the totals lie further apart than the rule allows and no further review was asked for."""


def standings(session: Session, call: Call, on: date) -> list[Standing]:
    """Return where the review of each application of a call stands, by number."""
    applications = applications_to_review(session, call.id)
    reviews, tasks = _reviews(session, call), _tasks(session, call)
    limit = Fraction(limits(session, "review", on).number("spread"))
    found = []
    for a in applications:
        totals = [total for _, total in reviews[a.id]]
        own = tasks[a.id]
        extra = any(t.extra and t.state in ("assigned", "done") for t in own)
        spread = max(totals) - min(totals) if totals else Fraction()
        waiting = sum(t.state == "assigned" for t in own)
        found.append(Standing(a, totals, waiting, spread, needs_third_review(totals, limit) and not extra))
    return found


def order_further_review(
    records: Records, principal: Principal, application_id: str, *, expert_id: str | None = None
) -> ReviewTask:
    """Ask one more expert: because marks lie apart, or in place of one who declined.

    Parameters
    ----------
    expert_id : str, optional
        By default the one who fits best among those with the smallest load, without conflict and of a unit that has not judged.
    """
    subject = f"application:{application_id}"
    with records.database.change(principal.person_id, "review.order_further", subject) as change:
        session = change.session
        application = find(session, Application, application_id)
        call = find(session, Call, application.call_id)
        records.rights.require(principal, "review.assign", call_target(call))
        if application.state != "in_review":
            raise refuse("review_over", "review", "application", application.number)
        day = local_day(change.at)
        (standing,) = [s for s in standings(session, call, day) if s.application.id == application_id]
        if not standing.apart and len(standing.totals) + standing.waiting >= call.panel_size:
            raise refuse("no_further_review", "review", "application", application.number)
        chosen = _another(session, call, application, day) if expert_id is None else expert_id
        pool = pool_of(session, call, [application], day)
        require_no_conflict(pool, [(application_id, chosen)], {application_id: application.number})
        if chosen in {t.expert_id for t in _tasks(session, call)[application_id]}:
            raise refuse("expert_unavailable", "review", "expert", chosen)
        due = day + timedelta(days=limits(session, "review", day).whole("days"))
        task = new_task(change, principal, call.id, application_id, chosen, due, extra=standing.apart)
        session.add(task)
    return task


def _another(session: Session, call: Call, application: Application, on: date) -> str:
    pool = pool_of(session, call, [application], on)
    tasks = _tasks(session, call)
    busy = {t.expert_id for t in tasks[application.id]}
    units = {pool.units.get(e, e) for e in busy}
    loads: dict[str, int] = defaultdict(int)
    for group in tasks.values():
        for task in group:
            loads[task.expert_id] += task.state in ("assigned", "done")
    topics = technologies_of(session, [application])[application.id]
    fitting = [
        (loads[e.person_id], -fits(e.knows, topics, application.action), e.person_id)
        for e in pool.experts
        if e.person_id not in busy
        and pool.units[e.person_id] not in units
        and (application.id, e.person_id) not in pool.excluded()
        and loads[e.person_id] < e.most_reviews
    ]
    if not fitting:
        raise refuse("shortage_proposal", "review", "experts", application.number, needed=1, available=0)
    return min(fitting)[2]


def close_review(records: Records, principal: Principal, call_id: str) -> list[ReviewScore]:
    """End the review of a call: scores, z-scores by panel and ranks are kept, applications are scored.

    Raises
    ------
    RefusedError
        With every application whose reviews are too few, outstanding, or further apart than allowed without a further review.
    """
    with records.database.change(principal.person_id, "review.close", f"call:{call_id}") as change:
        session = change.session
        call = find(session, Call, call_id)
        records.rights.require(principal, "review.close", call_target(call))
        day = local_day(change.at)
        found = standings(session, call, day)
        limit = limits(session, "review", day)
        _require_complete(found, call, limit.whole("written_least"))
        rows = _scores(session, call, found, limit, change.at)
        session.add_all(rows)
        for s in found:
            target = application_target(session, s.application)
            move(change, records, principal, "application", s.application, "score", target)
        change.details["ranking"] = [r.application_id for r in sorted(rows, key=lambda r: r.rank)]
    return sorted(rows, key=lambda r: r.rank)


def _require_complete(found: Sequence[Standing], call: Call, least: int) -> None:
    if not found or call.state != "reviewing":
        raise refuse("nothing_to_review", "review", "call", call.number)
    problems = []
    for s in found:
        number = s.application.number
        if s.apart:
            details = {"spread": f"{float(s.spread):.1f}"}
            problems.append(Problem("marks_apart", "review", field="application", value=number, details=details))
        elif s.waiting or len(s.totals) < max(least, 1):
            counts = {"have": len(s.totals), "waiting": s.waiting}
            problems.append(Problem("reviews_missing", "review", field="application", value=number, details=counts))
    if problems:
        raise RefusedError(*problems)


def _scores(session: Session, call: Call, found: Sequence[Standing], limit: Limits, at: datetime) -> list[ReviewScore]:
    reviews, tasks, trim = _reviews(session, call), _tasks(session, call), limit.whole("trim_from")
    tie_item = call.rubric[0]["id"]
    scores = {s.application.id: trimmed_mean(s.totals, trim) for s in found}
    ties = {a: Fraction(sum(review.marks[tie_item] for review, _ in reviews[a]), len(reviews[a])) for a in scores}
    panels: dict[str, dict[str, Fraction]] = defaultdict(dict)
    for a, score in scores.items():
        panels[next((t.panel_id for t in tasks[a] if t.panel_id), "") or ""][a] = score
    z = z_scores(panels)
    several = len(panels) > 1
    ranked = [
        # several panels are made comparable by z; one panel, or none, needs no such help
        Ranked(s.application.number, Fraction(z[s.application.id]) if several else scores[s.application.id],
               ties[s.application.id], s.application.asked)
        for s in found
    ]  # fmt: skip
    rank = {r.id: n for n, r in enumerate(ranking(ranked), 1)}
    return [
        ReviewScore(
            application_id=s.application.id,
            reviews=len(s.totals),
            score=_rounded(scores[s.application.id]),
            exact=str(scores[s.application.id]),
            tie=str(ties[s.application.id]),
            z=Decimal(f"{z[s.application.id]:.4f}"),
            spread=_rounded(s.spread),
            rank=rank[s.application.number],
            pack=limit.pack.id,
            version=limit.pack.version,
            at=at,
        )
        for s in found
    ]


def _rounded(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(ROUNDED)


def _reviews(session: Session, call: Call) -> dict[str, list[tuple[Review, Fraction]]]:
    """Return the reviews of each application with their exact totals."""
    rubric = rubric_of(call)
    found: dict[str, list[tuple[Review, Fraction]]] = defaultdict(list)
    statement = select(Review).join(ReviewTask, ReviewTask.id == Review.task_id).where(ReviewTask.call_id == call.id)
    for review in session.execute(statement.order_by(Review.task_id)).scalars():
        found[review.application_id].append((review, rubric.total(review.marks)))
    return found


def _tasks(session: Session, call: Call) -> dict[str, list[ReviewTask]]:
    found: dict[str, list[ReviewTask]] = defaultdict(list)
    statement = select(ReviewTask).where(ReviewTask.call_id == call.id, ReviewTask.state != "withdrawn")
    for task in session.execute(statement.order_by(ReviewTask.id)).scalars():
        found[task.application_id].append(task)
    return found


def open_tasks(session: Session, person_id: str) -> int:
    """Return how many reviews a person still has to write."""
    statement = (
        select(func.count())
        .select_from(ReviewTask)
        .where(ReviewTask.expert_id == person_id, ReviewTask.state == "assigned")
    )
    return session.execute(statement).scalar_one()
