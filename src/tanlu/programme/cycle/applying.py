"""Applications: saved step by step, checked beforehand, handed in once and in time, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.programme.cycle.acting import application_target, begin, done_before, find, move, note_once, refuse
from tanlu.programme.cycle.eligibility import facts_of, outcomes_of
from tanlu.programme.cycle.forms import STEPS, ApplicationForm
from tanlu.programme.cycle.rulebook import limits
from tanlu.programme.cycle.tables.applications import (
    Application,
    ApplicationDraft,
    ApplicationMember,
    ApplicationPerson,
    ApplicationTarget,
    ApplicationTechnology,
    BudgetLine,
    EligibilityOutcome,
)
from tanlu.programme.cycle.tables.calls import Call, CallTechnology
from tanlu.programme.cycle.tables.review import ReviewTask
from tanlu.records import (
    Change,
    ConflictError,
    Organisation,
    Outcome,
    Person,
    Principal,
    Records,
    RefusedError,
    Stored,
    Target,
    add_evidence,
    find_organisation,
    in_time,
    local_day,
    new_id,
)


def begin_draft(records: Records, principal: Principal, call_id: str, organisation_id: str) -> ApplicationDraft:
    """Open an empty form for an organisation.

    Raises
    ------
    RefusedError
        If the person does not act for the organisation, or the call is not open.
    """
    with records.database.working() as session:
        _require_own(records, principal, session, organisation_id)
        _require_open(records, session, call_id)
        draft = ApplicationDraft(
            id=new_id(),
            call_id=call_id,
            person_id=principal.person_id,
            organisation_id=organisation_id,
            steps={"team": {"lead_id": organisation_id}},
            version=1,
            saved_at=records.database.clock(),
        )
        session.add(draft)
    return draft


def save_step(
    records: Records, principal: Principal, draft_id: str, step: str, content: Mapping[str, Any], version: int
) -> ApplicationDraft:
    """Save a step of a form; faults in it are told when it is handed in.

    Parameters
    ----------
    version : int
        Version that the person saw.

    Raises
    ------
    ConflictError
        If the form was saved meanwhile from elsewhere.
    RefusedError
        If the step is unknown, or the form was handed in.
    """
    with records.database.working() as session:
        draft = find(session, ApplicationDraft, draft_id)
        _require_own(records, principal, session, draft.organisation_id)
        if step not in STEPS:
            raise refuse("unknown_choice", "application", "step", step, refers_to="steps", some=", ".join(STEPS))
        if draft.application_id is not None:
            raise refuse("draft_handed_in", "application", "draft", draft.application_id)
        if draft.version != version:
            raise ConflictError(Problem("draft_moved", "application", field="version", value=str(draft.version)))
        kept = dict(content)
        if step == "team":
            kept["lead_id"] = draft.organisation_id
        draft.steps = {**draft.steps, step: kept}
        draft.version += 1
        draft.saved_at = records.database.clock()
    return draft


def drafts_of(records: Records, principal: Principal) -> list[ApplicationDraft]:
    """Return the forms of a person that were not handed in, the last saved first."""
    statement = select(ApplicationDraft).where(
        ApplicationDraft.person_id == principal.person_id, ApplicationDraft.application_id.is_(None)
    )
    with records.database.read() as session:
        return list(session.execute(statement.order_by(ApplicationDraft.saved_at.desc())).scalars())


def find_draft(records: Records, principal: Principal, draft_id: str) -> ApplicationDraft:
    """Return a form of an organisation for which the person acts."""
    with records.database.read() as session:
        draft = find(session, ApplicationDraft, draft_id)
        _require_own(records, principal, session, draft.organisation_id)
    return draft


def check_beforehand(
    records: Records, principal: Principal, call_id: str, form: ApplicationForm
) -> tuple[list[Problem], list[Outcome]]:
    """Return what is wrong with a form, and what the rules would say of it now; nothing is written."""
    with records.database.read() as session:
        _require_own(records, principal, session, form.lead_id)
        call = find(session, Call, call_id)
        problems = form.problems() + _unknown_parties(session, form)
        at = records.database.clock()
        return problems, outcomes_of(session, call, facts_of(session, call, form, at), local_day(at))


def submit(
    records: Records,
    principal: Principal,
    call_id: str,
    form: ApplicationForm,
    *,
    key: str,
    files: Sequence[tuple[Stored, str]] = (),
    draft_id: str | None = None,
) -> Application:
    """Hand an application in.

    The moment that counts is that of the change, not that of the request: an upload that ends after the deadline is late.
    What the rules say is kept with the values seen; the formal check decides on it.

    Parameters
    ----------
    key : str
        The same key hands it in once.
    files : sequence of (Stored, str)
        Attachments that the evidence store has taken in, with their names.
    draft_id : str, optional
        Form that it comes from.

    Raises
    ------
    RefusedError
        If the call is not open or its deadline has passed, and with everything that is wrong with the form.
    """
    application_id = new_id()
    with records.database.change(principal.person_id, "application.submit", f"application:{application_id}") as change:
        earlier = done_before(change, principal, key)
        if earlier is not None:
            return find(change.session, Application, earlier)
        _require_own(records, principal, change.session, form.lead_id)
        call = _require_open(records, change.session, call_id, change)
        application = _insert(change, records, principal, call, form, application_id)
        for stored, label in files:
            add_evidence(change, stored, f"application:{application_id}", label)
        if draft_id is not None:
            draft = change.session.get(ApplicationDraft, draft_id)
            if draft is not None and draft.person_id == principal.person_id:
                draft.application_id = application_id
        note_once(change, principal, key, application_id)
    return application


def withdraw(records: Records, principal: Principal, application_id: str, reason: str) -> Application:
    """Take an application back, with a reason; experts need not go on with it."""
    subject = f"application:{application_id}"
    with records.database.change(principal.person_id, "application.withdraw", subject, reason=reason) as change:
        application = find(change.session, Application, application_id)
        target = application_target(change.session, application)
        move(change, records, principal, "application", application, "withdraw", target, reason=reason)
        waiting = select(ReviewTask).where(ReviewTask.application_id == application_id, ReviewTask.state == "assigned")
        for task in change.session.execute(waiting).scalars():
            task.state = "withdrawn"
    return application


def _insert(
    change: Change, records: Records, principal: Principal, call: Call, form: ApplicationForm, application_id: str
) -> Application:
    session = change.session
    problems = form.problems() + _unknown_parties(session, form)
    most = limits(session, "review", local_day(change.at)).whole("named_experts")
    if len(set(form.excluded)) > most:
        details = {"most": most}
        problems.append(
            Problem("too_many_named", "application", field="excluded", value=str(len(form.excluded)), details=details)
        )
    if problems:
        raise RefusedError(*problems)
    facts = facts_of(session, call, form, change.at)
    count = session.execute(
        select(func.count()).select_from(Application).where(Application.call_id == call.id)
    ).scalar_one()
    application = Application(
        id=application_id,
        number=f"{call.number}-{count + 1:04d}",
        call_id=call.id,
        lead_id=form.lead_id,
        region=find_organisation(session, form.lead_id).region,
        pi_id=form.pi_id,
        zh=form.zh.strip(),
        en=form.en.strip(),
        summary=form.summary,
        asked=form.asked,
        months=form.months,
        action=_action(session, call.id, form),
        facts={k: str(v) if not isinstance(v, bool | int | str | None) else v for k, v in facts.items()},
        excluded=sorted(set(form.excluded)),
        created_by=principal.person_id,
        submitted_at=change.at,
    )
    begin(application, "application")
    session.add(application)
    session.flush()
    _insert_parts(session, application_id, form)
    for o in outcomes_of(session, call, facts, local_day(change.at)):
        session.add(_as_row(application_id, o))
    move(change, records, principal, "application", application, "submit", application_target(session, application))
    return application


def _action(session: Session, call_id: str, form: ApplicationForm) -> str:
    """Return the action of the first technology of a form that the call names."""
    statement = select(CallTechnology.technology, CallTechnology.action).where(CallTechnology.call_id == call_id)
    actions = {row.technology: row.action for row in session.execute(statement)}
    return next((actions[t] for t in form.technologies if t in actions), "")


def _insert_parts(session: Session, application_id: str, form: ApplicationForm) -> None:
    for organisation in dict.fromkeys((form.lead_id, *form.partners)):
        session.add(
            ApplicationMember(
                application_id=application_id, organisation_id=organisation, lead=organisation == form.lead_id
            )
        )
    for person in dict.fromkeys((form.pi_id, *form.people)):
        session.add(ApplicationPerson(application_id=application_id, person_id=person))
    for code, (grant, own) in form.budget.items():
        session.add(BudgetLine(application_id=application_id, code=code, grant=grant, own=own))
    for technology, (start, end) in form.technologies.items():
        session.add(
            ApplicationTechnology(application_id=application_id, technology=technology, trl_start=start, trl_end=end)
        )
    for code, promised in form.targets.items():
        session.add(ApplicationTarget(application_id=application_id, code=code, promised=promised))


def _as_row(application_id: str, outcome: Outcome) -> EligibilityOutcome:
    p = outcome.predicate
    return EligibilityOutcome(
        application_id=application_id,
        code=p.code,
        result=outcome.result,
        seen=outcome.seen,
        unit=p.unit,
        zh=p.zh,
        en=p.en,
        source=p.source,
        pack=outcome.pack,
        version=outcome.version,
        status=outcome.status,
        decided=None,
        decided_by=None,
    )


def _unknown_parties(session: Session, form: ApplicationForm) -> list[Problem]:
    wanted = (
        (Organisation, "partners", [form.lead_id, *form.partners]),
        (Person, "people", [form.pi_id, *form.people]),
    )
    found = []
    for kind, name, ids in wanted:
        known = set(session.execute(select(kind.id).where(kind.id.in_(ids))).scalars())
        found += [Problem("no_record", "application", field=name, value=i) for i in ids if i and i not in known]
    return found


def _require_own(records: Records, principal: Principal, session: Session, organisation_id: str) -> None:
    organisation = find_organisation(session, organisation_id)
    target = Target(region=organisation.region, organisation_id=organisation_id, person_id=principal.person_id)
    records.rights.require(principal, "application.write", target)


def _require_open(records: Records, session: Session, call_id: str, change: Change | None = None) -> Call:
    call = find(session, Call, call_id)
    at = records.database.clock() if change is None else change.at
    if call.state != "published":
        raise refuse("call_not_open", "call", "state", call.number)
    if not in_time(at, call.deadline):
        raise refuse("deadline_passed", "call", "deadline", call.deadline.isoformat())
    return call
