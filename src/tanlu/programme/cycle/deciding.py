"""Decisions: short list, site visit, the choice of a challenge owner, and batches that one officer locks and another approves."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.programme.cycle.acting import application_target, begin, call_target, find, move, refuse
from tanlu.programme.cycle.ledger import balance_of
from tanlu.programme.cycle.tables.applications import Application
from tanlu.programme.cycle.tables.calls import Call
from tanlu.programme.cycle.tables.decisions import DecisionBatch, DecisionItem, OwnerChoice
from tanlu.programme.cycle.tables.projects import Project
from tanlu.programme.cycle.tables.review import ReviewScore
from tanlu.programme.money import Account
from tanlu.programme.review import Line, Ranked, Verdict, funding_line
from tanlu.records import Change, ConflictError, Principal, Records, RefusedError, Target, new_id
from tanlu.records.log.canonical import canonical

SCORED: Final = ("scored", "shortlisted", "site_visited")
OPEN: Final = (*SCORED, "waiting")
FUND, WAIT, DECLINE = "fund", "wait", "decline"
TRANSITION: Final = {FUND: "propose", WAIT: "put_on_list", DECLINE: "decline"}


def shortlist(records: Records, principal: Principal, application_id: str) -> Application:
    """Put a scored application on the short list."""
    return _step(records, principal, application_id, "shortlist", "")


def note_visit(records: Records, principal: Principal, application_id: str, finding: str) -> Application:
    """Note the site visit of an application on the short list, with what was found."""
    if not finding.strip():
        raise refuse("empty", "application", "finding")
    return _step(records, principal, application_id, "visit", finding)


def _step(records: Records, principal: Principal, application_id: str, transition: str, reason: str) -> Application:
    subject = f"application:{application_id}"
    with records.database.change(principal.person_id, f"application.{transition}", subject, reason=reason) as change:
        application = find(change.session, Application, application_id)
        target = application_target(change.session, application)
        move(change, records, principal, "application", application, transition, target, reason=reason)
    return application


def passed(session: Session, call: Call) -> list[tuple[Application, ReviewScore]]:
    """Return the applications that the experts let pass, by rank: those among which the owner of a challenge chooses."""
    return [(a, s) for a, s in _scored(session, call.id) if Fraction(s.exact) >= Fraction(call.threshold)]


def choice_of(session: Session, call_id: str) -> list[OwnerChoice]:
    """Return what the owner of a challenge has chosen, best first."""
    statement = select(OwnerChoice).where(OwnerChoice.call_id == call_id).order_by(OwnerChoice.rank)
    return list(session.execute(statement).scalars())


def choose(
    records: Records, principal: Principal, call_id: str, applications: Sequence[str], reason: str
) -> list[OwnerChoice]:
    """Choose among the applications that the experts let pass, best first, as the owner of the challenge.

    Raises
    ------
    RefusedError
        If an application is under the threshold or not scored, or no reason is given.
    """
    with records.database.change(principal.person_id, "decision.choose", f"call:{call_id}", reason=reason) as change:
        session = change.session
        call = find(session, Call, call_id)
        records.rights.require(principal, "decision.choose", Target(organisation_id=call.owner_id))
        if not reason.strip():
            raise refuse("reason_needed", "decision", "reason")
        if session.execute(select(OwnerChoice.application_id).where(OwnerChoice.call_id == call_id)).first():
            raise ConflictError(Problem("choice_made", "decision", field="call", value=call.number))
        if not applications:
            raise refuse("empty", "decision", "applications")
        eligible = {a.id for a, _ in passed(session, call)}
        wrong = [
            Problem("not_passed", "decision", field="applications", value=a) for a in applications if a not in eligible
        ]
        if wrong:
            raise RefusedError(*wrong)
        rows = [
            OwnerChoice(
                application_id=a,
                call_id=call_id,
                rank=n,
                reason=reason.strip(),
                chosen_by=principal.person_id,
                at=change.at,
            )
            for n, a in enumerate(dict.fromkeys(applications), 1)
        ]
        session.add_all(rows)
    return rows


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the rules of a call would make of an application."""

    application: Application
    rank: int
    score: Decimal
    verdict: str
    amount: Decimal


def propose(session: Session, call: Call) -> list[Proposal]:
    """Return what becomes of the scored applications of a call by rank, threshold, money left and the choice of the owner.

    In a horse race every team gets the first stage, and the rest of the largest grant is kept for the winner.
    """
    scored = _scored(session, call.id)
    left = call.pot - spoken_for(session, call)
    race = call.kind == "horse_race"
    if race and scored:
        # the rest of a winner is kept once for the whole race, whichever batch its team came with
        kept = (1 - call.first_stage_share) * max((i.amount for i, _ in _given(session, call)), default=Decimal(0))
        left -= max((1 - call.first_stage_share) * max(a.asked for a, _ in scored) - kept, Decimal(0))
    chosen = {
        row.application_id: row.rank
        for row in session.execute(select(OwnerChoice).where(OwnerChoice.call_id == call.id)).scalars()
    }
    pass_all = call.kind != "challenge"
    ranked = [
        Ranked(
            # ranks are unique, so that they decide alone; the threshold looks at the score itself
            f"{chosen.get(a.id, score.rank):06d}",
            Fraction(-chosen.get(a.id, score.rank)),
            Fraction(),
            a.asked * call.first_stage_share if race else a.asked,
        )
        for a, score in scored
        if Fraction(score.exact) >= Fraction(call.threshold) and (pass_all or a.id in chosen)
    ]
    # those under the threshold of the call are out already; ranks of a later batch may be higher than its length
    lowest = min((r.score for r in ranked), default=Fraction())
    verdicts = {int(r.id): verdict for r, verdict in funding_line(ranked, left, lowest, Line(call.line))}
    found = []
    for a, score in scored:
        verdict = verdicts.get(chosen.get(a.id, score.rank)) if pass_all or a.id in chosen else None
        known = {Verdict.FUNDED: FUND, Verdict.WAITING: WAIT}
        told = known.get(verdict, DECLINE) if verdict is not None else DECLINE
        if Fraction(score.exact) < Fraction(call.threshold):
            told = DECLINE
        found.append(Proposal(a, score.rank, score.score, told, a.asked if told == FUND else Decimal(0)))
    return sorted(found, key=lambda p: p.rank)


def spoken_for(session: Session, call: Call) -> Decimal:
    """Return how much of the pot earlier batches that were not rejected have given, less what fell back [yuan].

    In a horse race each team has the first stage only; the rest of the largest grant is kept for the winner, or is the winner's when
    the gate is decided. A team that left the race has what it spent.
    """
    given = _given(session, call)
    if call.kind != "horse_race":
        return sum((item.amount for item, _ in given), Decimal(0))
    first = call.first_stage_share
    total, won = Decimal(0), False
    for item, project in given:
        if project is not None and project.state == "out_of_race":
            total += balance_of(session, project.id, Account.SPENT)
        elif project is not None and project.stage > 1:
            total, won = total + item.amount, True
        else:
            total += item.amount * first
    reserve = Decimal(0) if won else (1 - first) * max((item.amount for item, _ in given), default=Decimal(0))
    return total + reserve


def _given(session: Session, call: Call) -> list[tuple[DecisionItem, Project | None]]:
    """Return what batches that were not rejected fund and what still stands of it, with the project that came of it."""
    statement = (
        select(DecisionItem, Project)
        .join(DecisionBatch, DecisionBatch.id == DecisionItem.batch_id)
        .join(Application, Application.id == DecisionItem.application_id)
        .join(Project, Project.application_id == Application.id, isouter=True)
        .where(
            DecisionBatch.call_id == call.id,
            DecisionBatch.state != "rejected",
            DecisionItem.verdict == FUND,
            Application.state.not_in(("declined", "withdrawn")),
        )
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def make_batch(
    records: Records,
    principal: Principal,
    call_id: str,
    *,
    overrides: Mapping[str, tuple[str, Decimal, str]] | None = None,
    only: Sequence[str] | None = None,
) -> DecisionBatch:
    """Put decisions together as the rules propose them.

    Parameters
    ----------
    overrides : mapping of str to (str, Decimal, str)
        Application → (verdict, amount, reason), where an officer decides otherwise.
    only : sequence of str, optional
        Applications to decide on; all scored and waiting ones by default.

    Raises
    ------
    RefusedError
        If nothing is left to decide, an override lacks its reason, or more money is given than there is.
    """
    batch_id = new_id()
    with records.database.change(principal.person_id, "decision.make", f"decision-batch:{batch_id}") as change:
        session = change.session
        call = find(session, Call, call_id)
        records.rights.require(principal, "decision.edit", call_target(call))
        taken = _in_open_batches(session, call_id)
        found = [
            p
            for p in propose(session, call)
            if (only is None or p.application.id in only) and p.application.id not in taken
        ]
        if not found:
            raise refuse("nothing_to_decide", "decision", "call", call.number)
        batch = DecisionBatch(
            id=batch_id, call_id=call_id, created_by=principal.person_id, created_at=change.at, digest=""
        )
        begin(batch, "decision-batch")
        session.add(batch)
        session.flush()
        items = _items(batch_id, found, overrides or {}, call)
        session.add_all(items)
        session.flush()
        given = sum((i.amount for i in items if i.verdict == FUND), Decimal(0))
        if given and spoken_for(session, call) > call.pot:
            raise refuse("pot_exceeded", "decision", "amount", given, pot=f"{call.pot:f}")
    return batch


def _items(
    batch_id: str, found: Sequence[Proposal], overrides: Mapping[str, tuple[str, Decimal, str]], call: Call
) -> list[DecisionItem]:
    problems, items = [], []
    for p in found:
        verdict, amount, reason = overrides.get(p.application.id, (p.verdict, p.amount, ""))
        number = p.application.number
        if p.application.id in overrides and not reason.strip():
            problems.append(Problem("reason_needed", "decision", field=number))
        if verdict not in TRANSITION:
            details = {"refers_to": "verdict", "some": ", ".join(TRANSITION)}
            problems.append(Problem("unknown_choice", "decision", field=number, value=verdict, details=details))
        if verdict == FUND and not 0 < amount <= min(p.application.asked, call.largest_grant):
            problems.append(Problem("grant_range", "decision", field=number, value=f"{amount:f}"))
        items.append(
            DecisionItem(
                batch_id=batch_id,
                application_id=p.application.id,
                rank=p.rank,
                verdict=verdict,
                amount=amount if verdict == FUND else Decimal(0),
                reason=reason.strip(),
            )
        )
    if problems:
        raise RefusedError(*problems)
    return items


def lock_batch(records: Records, principal: Principal, batch_id: str) -> DecisionBatch:
    """Lock a batch: its items are frozen under a digest."""
    with records.database.change(principal.person_id, "decision.lock", f"decision-batch:{batch_id}") as change:
        batch = find(change.session, DecisionBatch, batch_id)
        call = find(change.session, Call, batch.call_id)
        move(change, records, principal, "decision-batch", batch, "lock", call_target(call))
        batch.digest = digest_of(items_of(change.session, batch_id))
        change.details["digest"] = batch.digest
    return batch


def approve_batch(records: Records, principal: Principal, batch_id: str) -> DecisionBatch:
    """Approve a locked batch, as another officer than the one who locked it; the applications take their new states.

    Raises
    ------
    ConflictError
        If an application has moved meanwhile.
    RefusedError
        If the items are not those that were locked.
    """
    with records.database.change(principal.person_id, "decision.approve", f"decision-batch:{batch_id}") as change:
        session = change.session
        batch = find(session, DecisionBatch, batch_id)
        call = find(session, Call, batch.call_id)
        move(change, records, principal, "decision-batch", batch, "approve", call_target(call))
        items = items_of(session, batch_id)
        if digest_of(items) != batch.digest:
            raise refuse("batch_changed", "decision", "digest", batch.digest)
        for item in items:
            application = find(session, Application, item.application_id)
            if item.verdict == WAIT and application.state == "waiting":
                continue
            target = application_target(session, application)
            move(change, records, principal, "application", application, TRANSITION[item.verdict], target)
        change.details["digest"] = batch.digest
        _note_decided(change, records, principal, call)
    return batch


def reject_batch(records: Records, principal: Principal, batch_id: str, reason: str) -> DecisionBatch:
    """Reject a locked batch; its applications can be put into another one."""
    subject = f"decision-batch:{batch_id}"
    with records.database.change(principal.person_id, "decision.reject", subject, reason=reason) as change:
        batch = find(change.session, DecisionBatch, batch_id)
        call = find(change.session, Call, batch.call_id)
        move(change, records, principal, "decision-batch", batch, "reject", call_target(call), reason=reason)
    return batch


def _note_decided(change: Change, records: Records, principal: Principal, call: Call) -> None:
    """Move the call on when nothing in it is left undecided."""
    change.session.flush()
    left = select(Application.id).where(Application.call_id == call.id, Application.state.in_((*SCORED, "in_review")))
    if call.state == "reviewing" and change.session.execute(left.limit(1)).first() is None:
        move(change, records, principal, "call", call, "decide", call_target(call))


def items_of(session: Session, batch_id: str) -> list[DecisionItem]:
    """Return the items of a batch by rank."""
    statement = select(DecisionItem).where(DecisionItem.batch_id == batch_id)
    return list(session.execute(statement.order_by(DecisionItem.rank, DecisionItem.application_id)).scalars())


def digest_of(items: Sequence[DecisionItem]) -> str:
    """Return the SHA-256 of items in canonical form."""
    content = [[i.application_id, i.rank, i.verdict, str(i.amount), i.reason] for i in items]
    return hashlib.sha256(canonical(content)).hexdigest()


def _scored(session: Session, call_id: str) -> list[tuple[Application, ReviewScore]]:
    statement = (
        select(Application, ReviewScore)
        .join(ReviewScore, ReviewScore.application_id == Application.id)
        .where(Application.call_id == call_id, Application.state.in_(OPEN))
        .order_by(ReviewScore.rank)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def _in_open_batches(session: Session, call_id: str) -> set[str]:
    statement = (
        select(DecisionItem.application_id)
        .join(DecisionBatch, DecisionBatch.id == DecisionItem.batch_id)
        .where(DecisionBatch.call_id == call_id, DecisionBatch.state.in_(("open", "locked")))
    )
    return set(session.execute(statement).scalars())
