"""The pool of experts, what binds them to others, and who may judge which application."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.programme import conflicts as rules
from tanlu.programme.conflicts import SOFT, Conflict, ConflictKind
from tanlu.programme.cycle.acting import application_target, find, refuse
from tanlu.programme.cycle.rulebook import limits
from tanlu.programme.cycle.tables.applications import Application, ApplicationMember, ApplicationPerson
from tanlu.programme.cycle.tables.calls import Call
from tanlu.programme.cycle.tables.review import Expert, ExpertTie, ReviewConflict, ReviewTask
from tanlu.records import (
    Affiliation,
    ConflictError,
    Organisation,
    Person,
    Principal,
    Records,
    RefusedError,
    Target,
    find_person,
    new_id,
)

TIES: Final = (ConflictKind.KIN, ConflictKind.ADVISER, ConflictKind.COWORK, ConflictKind.INTEREST)


def enrol(
    records: Records,
    principal: Principal,
    person_id: str,
    region: str,
    knows: Sequence[str],
    *,
    most_reviews: int = 8,
    most_rounds_year: int = 6,
    active: bool = True,
) -> Expert:
    """Put a person into the pool, or change what the pool says.

    Parameters
    ----------
    region : str
        Where the person works.
    knows : sequence of str
        Ids of actions and technologies of the plan.
    most_reviews, most_rounds_year : int
        Largest number of applications in a round, and of rounds in a year.
    """
    with records.database.change(principal.person_id, "expert.enrol", f"expert:{person_id}") as change:
        records.rights.require(principal, "expert.manage", Target(region=region, person_id=person_id))
        find_person(change.session, person_id)
        if most_reviews < 1 or most_rounds_year < 1:
            raise refuse("not_positive", "expert", "most_reviews", min(most_reviews, most_rounds_year))
        expert = change.session.get(Expert, person_id) or Expert(person_id=person_id)
        expert.region, expert.knows, expert.active = region, sorted(set(knows)), active
        expert.most_reviews, expert.most_rounds_year = most_reviews, most_rounds_year
        change.session.add(expert)
    return expert


def note_tie(
    records: Records, principal: Principal, person_id: str, kind: str, other: str, last: date | None = None
) -> ExpertTie:
    """Note what binds an expert to a person or an organisation; experts for themselves, officers for all.

    Parameters
    ----------
    kind : str
        ``kin``, ``adviser``, ``cowork``, ``interest``.
    other : str
        Id of the person or organisation.
    last : date, optional
        Last day of joint work.
    """
    with records.database.change(principal.person_id, "expert.note_tie", f"expert:{person_id}") as change:
        expert = find(change.session, Expert, person_id)
        target = Target(region=expert.region, person_id=person_id)
        if not records.rights.allows(principal, "expert.manage", target):
            records.rights.require(principal, "expert.declare", target)
        if kind not in TIES:
            raise refuse("unknown_choice", "expert", "kind", kind, refers_to="ties", some=", ".join(TIES))
        if change.session.get(Person, other) is None and change.session.get(Organisation, other) is None:
            raise refuse("no_record", "expert", "other", other)
        tie = ExpertTie(id=new_id(), person_id=person_id, kind=str(kind), other=other, last=last)
        change.session.add(tie)
    return tie


def declare_conflict(records: Records, principal: Principal, application_id: str, reason: str) -> ReviewConflict:
    """Declare one's own conflict with an application; the task, if there is one, is given back."""
    subject = f"application:{application_id}"
    with records.database.change(principal.person_id, "expert.declare_conflict", subject) as change:
        expert = find(change.session, Expert, principal.person_id)
        application = find(change.session, Application, application_id)
        target = application_target(change.session, application, expert.person_id)
        records.rights.require(principal, "expert.declare", Target(task_id=target.task_id, person_id=expert.person_id))
        if not reason.strip():
            raise refuse("reason_needed", "conflict", "reason")
        task = change.session.get(ReviewTask, target.task_id) if target.task_id else None
        if task is not None:
            if task.state == "done":
                raise ConflictError(Problem("review_written", "conflict", field="task", value=application.number))
            task.state = "declined"
        found = _note(change.session, application_id, expert.person_id, ConflictKind.DECLARED)
        _fill(found, "expert", False, True, reason, principal, change.at)
    return found


def pin_conflict(
    records: Records, principal: Principal, application_id: str, expert_id: str, reason: str
) -> ReviewConflict:
    """Pin a conflict as an officer; nobody but officers can see to it afterwards."""
    subject = f"application:{application_id}"
    with records.database.change(principal.person_id, "expert.pin_conflict", subject) as change:
        application = find(change.session, Application, application_id)
        records.rights.require(principal, "expert.manage", application_target(change.session, application))
        find(change.session, Expert, expert_id)
        if not reason.strip():
            raise refuse("reason_needed", "conflict", "reason")
        found = _note(change.session, application_id, expert_id, ConflictKind.ADMINISTRATIVE)
        _fill(found, "officer", True, True, reason, principal, change.at)
    return found


def decide_hint(
    records: Records,
    principal: Principal,
    application_id: str,
    expert_id: str,
    kind: str,
    reason: str,
    *,
    excludes: bool,
) -> ReviewConflict:
    """Decide what a hint (same region, similar name) means; only hints can be lifted."""
    subject = f"application:{application_id}"
    with records.database.change(principal.person_id, "expert.decide_hint", subject) as change:
        application = find(change.session, Application, application_id)
        records.rights.require(principal, "expert.manage", application_target(change.session, application))
        find(change.session, Expert, expert_id)
        if kind not in SOFT:
            raise refuse("conflict_hard", "conflict", "kind", kind)
        if not reason.strip():
            raise refuse("reason_needed", "conflict", "reason")
        found = _note(change.session, application_id, expert_id, ConflictKind(kind))
        _fill(found, "officer", True, excludes, reason, principal, change.at)
    return found


def _note(session: Session, application_id: str, expert_id: str, kind: ConflictKind) -> ReviewConflict:
    found = session.get(ReviewConflict, (application_id, expert_id, str(kind)))
    if found is None:
        found = ReviewConflict(application_id=application_id, expert_id=expert_id, kind=str(kind))
        session.add(found)
    return found


def _fill(
    found: ReviewConflict, source: str, pinned: bool, holds: bool, reason: str, principal: Principal, at: datetime
) -> None:
    found.source, found.pinned, found.holds = source, pinned, holds
    found.reason, found.decided_by, found.at = reason.strip(), principal.person_id, at


@dataclass(frozen=True)
class Pool:
    """Experts and applications of a round, and what stands between them.

    Parameters
    ----------
    experts : list of Expert
        Those who are active and have rounds left in the year, by id.
    units : dict of str to str
        Expert → present unit, highest body of its tree.
    conflicts : list of Conflict
        Hard ones, and hints that a person let stand.
    hints : list of Conflict
        Hints about which nobody has decided.
    """

    experts: list[Expert]
    units: dict[str, str]
    conflicts: list[Conflict]
    hints: list[Conflict]

    def excluded(self) -> set[tuple[str, str]]:
        """Return the pairs (application, expert) that may not meet."""
        return {(c.proposal, c.expert) for c in self.conflicts}


def pool_of(session: Session, call: Call, applications: Sequence[Application], on: date) -> Pool:
    """Return who may judge which applications of a call on a day."""
    experts = _available(session, call, on)
    parents = {row.id: row.parent_id or "" for row in session.execute(select(Organisation.id, Organisation.parent_id))}
    tree = rules.UnitTree(parents)
    given = _affiliations(session, [e.person_id for e in experts])
    units = {
        e.person_id: next((tree.root(a.unit) for a in given[e.person_id] if a.end is None or a.end >= on), e.person_id)
        for e in experts
    }
    limit = limits(session, "review", on)
    rule = rules.ConflictRule(
        limit.whole("unit_years"), limit.whole("cowork_years"), max([3, *(len(a.excluded) for a in applications)])
    )
    names = _names(session, [e.person_id for e in experts])
    ties = _ties(session, [e.person_id for e in experts])
    known = [
        rules.Expert(e.person_id, names[e.person_id], tuple(given[e.person_id]), tuple(ties[e.person_id]), e.region)
        for e in experts
    ]
    decided = _decided(session, [a.id for a in applications])
    found = rules.find_conflicts(_proposals(session, call, applications), known, tree, on, rule)
    return _pool(experts, units, found, decided)


def _pool(
    experts: list[Expert], units: dict[str, str], found: list[Conflict], decided: Sequence[ReviewConflict]
) -> Pool:
    told = {(d.application_id, d.expert_id, d.kind): d for d in decided}
    stand = [
        Conflict(d.application_id, d.expert_id, ConflictKind(d.kind), d.reason, d.pinned) for d in decided if d.holds
    ]
    open_ones = [c for c in found if (c.proposal, c.expert, str(c.kind)) not in told]
    hard = [*stand, *(c for c in open_ones if c.hard)]
    present = {e.person_id for e in experts}
    return Pool(
        experts,
        units,
        sorted((c for c in hard if c.expert in present), key=lambda c: (c.proposal, c.expert, c.kind)),
        [c for c in open_ones if not c.hard],
    )


def _available(session: Session, call: Call, on: date) -> list[Expert]:
    experts = session.execute(select(Expert).where(Expert.active).order_by(Expert.person_id)).scalars()
    rounds = (
        select(ReviewTask.expert_id, func.count(ReviewTask.call_id.distinct()))
        .join(Call, Call.id == ReviewTask.call_id)
        .where(Call.year == call.year, Call.id != call.id, ReviewTask.state != "withdrawn")
        .group_by(ReviewTask.expert_id)
    )
    served = Counter({row[0]: row[1] for row in session.execute(rounds)})
    return [e for e in experts if served[e.person_id] < e.most_rounds_year]


def _affiliations(session: Session, people: Iterable[str]) -> dict[str, list[rules.Affiliation]]:
    found: dict[str, list[rules.Affiliation]] = defaultdict(list)
    statement = (
        select(Affiliation).where(Affiliation.person_id.in_(list(people))).order_by(Affiliation.valid_from.desc())
    )
    for row in session.execute(statement).scalars():
        found[row.person_id].append(rules.Affiliation(row.organisation_id, row.valid_from, row.valid_to))
    return found


def _ties(session: Session, people: Iterable[str]) -> dict[str, list[rules.Tie]]:
    found: dict[str, list[rules.Tie]] = defaultdict(list)
    statement = select(ExpertTie).where(ExpertTie.person_id.in_(list(people))).order_by(ExpertTie.id)
    for row in session.execute(statement).scalars():
        found[row.person_id].append(rules.Tie(ConflictKind(row.kind), row.other, row.last))
    return found


def _names(session: Session, people: Iterable[str]) -> dict[str, str]:
    rows = session.execute(select(Person.id, Person.zh, Person.en).where(Person.id.in_(list(people))))
    return {row.id: row.zh or row.en for row in rows}


def _decided(session: Session, applications: Sequence[str]) -> list[ReviewConflict]:
    statement = select(ReviewConflict).where(ReviewConflict.application_id.in_(applications))
    return list(session.execute(statement).scalars())


def _proposals(session: Session, call: Call, applications: Sequence[Application]) -> list[rules.Proposal]:
    ids = [a.id for a in applications]
    units: dict[str, list[str]] = defaultdict(list)
    for member in session.execute(select(ApplicationMember).where(ApplicationMember.application_id.in_(ids))).scalars():
        units[member.application_id].append(member.organisation_id)
    people: dict[str, list[str]] = defaultdict(list)
    for person in session.execute(select(ApplicationPerson).where(ApplicationPerson.application_id.in_(ids))).scalars():
        people[person.application_id].append(person.person_id)
    names: Mapping[str, str] = _names(session, {p for group in people.values() for p in group})
    return [
        rules.Proposal(
            a.id,
            tuple(sorted(people[a.id])),
            tuple(sorted(units[a.id])),
            call.owner_id or "",
            {p: names[p] for p in people[a.id] if names.get(p)},
            tuple(a.excluded),
            a.region,
        )
        for a in applications
    ]


def require_no_conflict(pool: Pool, pairs: Iterable[tuple[str, str]], numbers: Mapping[str, str]) -> None:
    """Refuse pairs of application and expert that may not meet, or whose expert is not available."""
    available = {e.person_id for e in pool.experts}
    kinds = {(c.proposal, c.expert): str(c.kind) for c in pool.conflicts}
    problems = []
    for application, expert in pairs:
        if expert not in available:
            problems.append(Problem("expert_unavailable", "review", field="expert", value=expert))
        elif (application, expert) in kinds:
            details = {"kind": kinds[application, expert], "application": numbers[application]}
            problems.append(Problem("pair_conflict", "review", field="expert", value=expert, details=details))
    if problems:
        raise RefusedError(*problems)
