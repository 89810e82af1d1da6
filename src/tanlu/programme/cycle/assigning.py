"""Experts are given to applications by a draw that can be checked: hash of seed and pool before, seed and result after.

The draw is `tanlu.programme.draw.assign_at_random`: the best panels under a cap on the probability of every pair, one expert per unit,
loads capped. Where nothing fits, the refusal says how many experts are wanted, how many there can be, and which applications want them.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.programme.cycle.acting import application_target as target_of
from tanlu.programme.cycle.acting import call_target, find, move, refuse
from tanlu.programme.cycle.experts import Pool, pool_of
from tanlu.programme.cycle.rulebook import limits
from tanlu.programme.cycle.tables.applications import Application, ApplicationTechnology
from tanlu.programme.cycle.tables.calls import Call
from tanlu.programme.cycle.tables.review import Draw, DrawSecret, Expert, Review, ReviewTask
from tanlu.records import Change, Principal, Records, RefusedError, local_day, new_id, require_other

if TYPE_CHECKING:
    from tanlu.programme.assignment import AssignmentProblem, Shortage

FIT_TECHNOLOGY, FIT_ACTION = 10, 4
"""How much it counts that an expert knows a technology, or the action, of an application (assumption)."""


@dataclass(frozen=True)
class AssignmentPlan:
    """Panels for the applications of a call, not written yet.

    Parameters
    ----------
    panels : dict of str to list of str
        Application → experts.
    objective, worst, bound : int
        Sum of fits, smallest sum of a panel, expected sum of the best draw under the cap (rounded up).
    loads : dict of str to int
        Expert → applications, for those who have any.
    pool : Pool
    """

    panels: dict[str, list[str]]
    objective: int
    worst: int
    bound: int
    loads: dict[str, int]
    pool: Pool

    def as_record(self) -> dict[str, Any]:
        """Return the plan as plain data."""
        return {
            "objective": self.objective,
            "worst": self.worst,
            "expected_best": self.bound,
            "panels": self.panels,
            "loads": self.loads,
            "conflicts": [
                {"application": c.proposal, "expert": c.expert, "kind": str(c.kind), "pinned": c.pinned}
                for c in self.pool.conflicts
            ],
            "hints": len(self.pool.hints),
            "reasons": [],
        }


def applications_to_review(session: Session, call_id: str) -> list[Application]:
    """Return the applications of a call that passed the formal check and are to be judged, by number."""
    statement = select(Application).where(
        Application.call_id == call_id, Application.state.in_(("formal_ok", "in_review"))
    )
    return list(session.execute(statement.order_by(Application.number)).scalars())


def plan_assignment(session: Session, call: Call, seed: str, on: date, *, cap: float | None = None) -> AssignmentPlan:
    """Return the panels that a seed draws; nothing is written.

    Parameters
    ----------
    cap : float, optional
        Largest probability of a pair; by default that of the rule pack ``review``.

    Raises
    ------
    RefusedError
        If there is nothing to judge, or with every reason why no panels fit.
    """
    import numpy as np

    from tanlu.programme.assignment import InfeasibleAssignmentError
    from tanlu.programme.draw import assign_at_random

    applications = applications_to_review(session, call.id)
    if not applications:
        raise refuse("nothing_to_review", "review", "call", call.number)
    pool = pool_of(session, call, applications, on)
    largest = float(limits(session, "review", on).number("pair_cap")) if cap is None else cap
    if not pool.experts:
        raise refuse("shortage_capacity", "review", "experts", call.number, needed=call.panel_size, available=0)
    whole = _problem(session, call, applications, pool)
    needed = len(applications) * call.panel_size
    # experts who fit alike share the work: nobody gets more than twice the mean load unless it cannot be done otherwise
    shared = replace(whole, most=np.minimum(whole.most, 2 * -(-needed // len(pool.experts))))
    try:
        found, _ = assign_at_random(shared, largest, seed)
    except InfeasibleAssignmentError:
        try:
            found, _ = assign_at_random(whole, largest, seed)
        except InfeasibleAssignmentError as error:
            raise RefusedError(*(_told(s, applications) for s in error.shortages)) from None
    ids = [e.person_id for e in pool.experts]
    panels = {a.id: [ids[j] for j in panel] for a, panel in zip(applications, found.panels, strict=True)}
    loads = {expert: load for expert, load in zip(ids, found.loads, strict=True) if load}
    return AssignmentPlan(panels, found.total, found.worst, found.bound, loads, pool)


def commit_draw(records: Records, principal: Principal, call_id: str, *, seed: str = "", reason: str = "") -> Draw:
    """Commit to a draw: the hashes of a seed and of the pool are recorded; the seed stays secret until the draw.

    Parameters
    ----------
    seed : str, optional
        At least 16 characters; a random one by default.
    reason : str
        Needed when the call was drawn already: the earlier draw is voided, by another officer than the one who made it.
    """
    from tanlu.programme.draw import commit

    draw_id, chosen = new_id(), seed or secrets.token_hex(32)
    if len(chosen) < 16:
        raise refuse("seed_short", "draw", "seed", len(chosen))
    with records.database.change(principal.person_id, "review.commit_draw", f"call:{call_id}", reason=reason) as change:
        session = change.session
        call = find(session, Call, call_id)
        records.rights.require(principal, "review.assign", call_target(call))
        if call.state not in ("closed", "reviewing"):
            raise refuse("call_not_closed", "draw", "call", call.number)
        earlier = _draws(session, call_id)
        _void(change, records, principal, call, earlier, reason)
        applications = applications_to_review(session, call_id)
        pool = sorted(e.person_id for e in pool_of(session, call, applications, local_day(change.at)).experts)
        hashes = commit(chosen, pool)
        draw = Draw(
            id=draw_id,
            call_id=call_id,
            number=len(earlier) + 1,
            seed_hash=hashes.seed_hash,
            pool_hash=hashes.pool_hash,
            pool=pool,
            committed_by=principal.person_id,
            committed_at=change.at,
            reason=reason.strip(),
            voided=False,
        )
        session.add_all((draw, DrawSecret(draw_id=draw_id, seed=chosen)))
        change.details |= {"draw": draw_id, "seed_hash": hashes.seed_hash, "pool_hash": hashes.pool_hash}
    return draw


def draw(records: Records, principal: Principal, draw_id: str, *, cap: float | None = None) -> Draw:
    """Carry out a draw: panels are drawn from the pool committed to, tasks given, and the seed revealed.

    Raises
    ------
    RefusedError
        If the draw was made or voided already, the pool has changed since, the seed is lost, or no panels fit.
    """
    from tanlu.programme.draw import DrawCommitment, verify

    with records.database.change(principal.person_id, "review.draw", f"draw:{draw_id}") as change:
        session = change.session
        found = find(session, Draw, draw_id)
        call = find(session, Call, found.call_id)
        records.rights.require(principal, "review.assign", call_target(call))
        if found.seed is not None or found.voided:
            raise refuse("draw_made", "draw", "id", draw_id)
        secret = session.get(DrawSecret, draw_id)
        if secret is None:
            raise refuse("seed_lost", "draw", "id", draw_id)
        day = local_day(change.at)
        plan = plan_assignment(session, call, secret.seed, day, cap=cap)
        pool = [e.person_id for e in plan.pool.experts]
        if not verify(DrawCommitment(found.seed_hash, found.pool_hash), secret.seed, pool):
            raise refuse("pool_changed", "draw", "pool", len(pool))
        due = day + timedelta(days=limits(session, "review", day).whole("days"))
        for application_id, experts in plan.panels.items():
            for expert in experts:
                session.add(new_task(change, principal, call.id, application_id, expert, due, draw_id=draw_id))
        found.seed, found.revealed_at = secret.seed, change.at
        found.result = {k: v for k, v in plan.as_record().items() if k != "conflicts"}
        session.delete(secret)
        begin_review(change, records, principal, call)
        change.details |= {"draw": draw_id, "seed": found.seed, "objective": plan.objective}
    return found


def new_task(
    change: Change,
    principal: Principal,
    call_id: str,
    application_id: str,
    expert_id: str,
    due: date,
    *,
    draw_id: str | None = None,
    panel_id: str | None = None,
    extra: bool = False,
) -> ReviewTask:
    """Return the task of an expert."""
    return ReviewTask(
        id=new_id(),
        call_id=call_id,
        application_id=application_id,
        expert_id=expert_id,
        draw_id=draw_id,
        panel_id=panel_id,
        extra=extra,
        state="assigned",
        assigned_by=principal.person_id,
        assigned_at=change.at,
        due=due,
    )


def begin_review(change: Change, records: Records, principal: Principal, call: Call) -> None:
    """Move the call and its applications into review."""
    if call.state == "closed":
        move(change, records, principal, "call", call, "begin_review", call_target(call))
    for application in applications_to_review(change.session, call.id):
        if application.state == "formal_ok":
            target = target_of(change.session, application)
            move(change, records, principal, "application", application, "review", target)


def _draws(session: Session, call_id: str) -> list[Draw]:
    return list(session.execute(select(Draw).where(Draw.call_id == call_id).order_by(Draw.number)).scalars())


def _void(
    change: Change, records: Records, principal: Principal, call: Call, earlier: Sequence[Draw], reason: str
) -> None:
    """Void earlier draws: a reason, the right and another officer are needed, and no review may have been written on them."""
    standing = [d for d in earlier if not d.voided]
    if not standing:
        return
    records.rights.require(principal, "review.redraw", call_target(call))
    require_other(principal.person_id, *(d.committed_by for d in standing))
    if not reason.strip():
        raise refuse("reason_needed", "draw", "reason")
    session = change.session
    for old in standing:
        tasks = list(session.execute(select(ReviewTask).where(ReviewTask.draw_id == old.id)).scalars())
        written = select(Review.task_id).where(Review.task_id.in_([t.id for t in tasks])).limit(1)
        if session.execute(written).first():
            raise refuse("review_written", "draw", "call", call.number)
        old.voided = True
        for task in tasks:
            task.state = "withdrawn"
        secret = session.get(DrawSecret, old.id)
        if secret is not None:
            session.delete(secret)


def fits(knows: Sequence[str], technologies: Sequence[str], action: str) -> int:
    """Return how well an expert fits an application."""
    own = set(knows)
    return FIT_TECHNOLOGY * len(own & set(technologies)) + FIT_ACTION * (action in own) + 1


def technologies_of(session: Session, applications: Sequence[Application]) -> dict[str, list[str]]:
    """Return the technologies of applications."""
    found: dict[str, list[str]] = {a.id: [] for a in applications}
    statement = select(ApplicationTechnology).where(ApplicationTechnology.application_id.in_(list(found)))
    for row in session.execute(statement).scalars():
        found[row.application_id].append(row.technology)
    return found


def _problem(session: Session, call: Call, applications: Sequence[Application], pool: Pool) -> AssignmentProblem:
    import numpy as np

    from tanlu.programme.assignment import AssignmentProblem

    experts: list[Expert] = pool.experts
    topics = technologies_of(session, applications)
    scores = np.array([[fits(e.knows, topics[a.id], a.action) for e in experts] for a in applications], np.int64)
    column = {e.person_id: j for j, e in enumerate(experts)}
    row = {a.id: i for i, a in enumerate(applications)}
    allowed = np.ones_like(scores, dtype=np.bool_)
    for application, expert in pool.excluded():
        allowed[row[application], column[expert]] = False
    number = {unit: n for n, unit in enumerate(sorted(set(pool.units.values())))}
    units = np.array([number[pool.units[e.person_id]] for e in experts], np.int64)
    most = np.array([e.most_reviews for e in experts], np.int64)
    return AssignmentProblem(scores, allowed, call.panel_size, most, units=units)


def _told(shortage: Shortage, applications: Sequence[Application]) -> Problem:
    numbers = ", ".join(applications[row].number for row in shortage.proposals[:10])
    details = {"needed": shortage.needed, "available": shortage.available}
    return Problem(f"shortage_{shortage.reason}", "review", field="experts", value=numbers, details=details)
