"""Recommendation by the prefectures, and the formal check: a person decides what the rules leave open, and says why."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.programme.cycle.acting import application_target, find, move, refuse
from tanlu.programme.cycle.tables.applications import Application, EligibilityOutcome
from tanlu.programme.cycle.tables.calls import Call
from tanlu.records import Principal, Records, RefusedError, in_time


def needs_recommendation(call: Call, application: Application) -> bool:
    """Tell whether a prefecture must recommend an application: the call asks for it, and the lead belongs to a prefecture."""
    return call.recommend_until is not None and application.region != call.region


def recommend(records: Records, principal: Principal, application_id: str, *, reason: str = "") -> Application:
    """Recommend an application, as the bureau of the prefecture of its lead.

    Raises
    ------
    RefusedError
        If the last day for it has passed.
    """
    subject = f"application:{application_id}"
    with records.database.change(principal.person_id, "application.recommend", subject, reason=reason) as change:
        application = find(change.session, Application, application_id)
        call = find(change.session, Call, application.call_id)
        target = application_target(change.session, application)
        move(change, records, principal, "application", application, "recommend", target, reason=reason)
        if call.recommend_until is not None and not in_time(change.at, call.recommend_until):
            raise refuse("deadline_passed", "call", "recommend_until", call.recommend_until.isoformat())
    return application


def not_recommend(records: Records, principal: Principal, application_id: str, reason: str) -> Application:
    """Decline to recommend an application; a reason is needed."""
    subject = f"application:{application_id}"
    with records.database.change(principal.person_id, "application.not_recommend", subject, reason=reason) as change:
        application = find(change.session, Application, application_id)
        target = application_target(change.session, application)
        move(change, records, principal, "application", application, "not_recommend", target, reason=reason)
    return application


def outcomes(session: Session, application_id: str) -> list[EligibilityOutcome]:
    """Return what the rules said of an application when it was handed in, failures first."""
    statement = select(EligibilityOutcome).where(EligibilityOutcome.application_id == application_id)
    order = {"fail": 0, "needs_person": 1, "pass": 2}
    return sorted(session.execute(statement).scalars(), key=lambda o: (order[o.result], o.pack, o.code))


def check_formally(
    records: Records,
    principal: Principal,
    application_id: str,
    decisions: Mapping[str, tuple[str, str]] | None = None,
    *,
    reason: str = "",
) -> Application:
    """Decide on the form of an application: it passes when every rule passes, or a person has passed what the rule left open.

    Parameters
    ----------
    decisions : mapping of str to (str, str)
        Code of a rule that needs a person → (``pass`` or ``fail``, reason).
    reason : str
        Needed when it is rejected; by default the codes that failed.

    Raises
    ------
    RefusedError
        If a rule that needs a person is left open, a decision contradicts a rule that a value has settled, or a recommendation is missing.
    """
    subject = f"application:{application_id}"
    with records.database.change(principal.person_id, "application.check_formally", subject) as change:
        application = find(change.session, Application, application_id)
        call = find(change.session, Call, application.call_id)
        rows = outcomes(change.session, application_id)
        if application.state == "submitted" and needs_recommendation(call, application):
            raise refuse("not_recommended", "application", "state", application.number)
        failed = _decide(rows, decisions or {}, principal.person_id)
        transition = "reject_formally" if failed else "accept_formally"
        told = reason or ", ".join(failed)
        change.details["failed"] = failed
        target = application_target(change.session, application)
        move(change, records, principal, "application", application, transition, target, reason=told)
    return application


def _decide(rows: list[EligibilityOutcome], decisions: Mapping[str, tuple[str, str]], person_id: str) -> list[str]:
    """Write the decisions and return the codes that failed."""
    problems = [
        Problem("no_record", "application", field="decisions", value=code)
        for code in sorted(decisions.keys() - {r.code for r in rows})
    ]
    failed = []
    for row in rows:
        given, reason = decisions.get(row.code, ("", ""))
        if given and row.result != "needs_person":
            details = {"result": row.result, "seen": row.seen or "-"}
            problems.append(Problem("rule_settled", "application", field=row.code, value=given, details=details))
        elif row.result == "needs_person" and given not in ("pass", "fail"):
            problems.append(Problem("rule_open", "application", field=row.code, value=row.seen or "-"))
        elif row.result == "needs_person" and not reason.strip():
            problems.append(Problem("reason_needed", "application", field=row.code))
        elif row.result == "needs_person":
            row.decided, row.decided_by, row.reason = given, person_id, reason.strip()
        if "fail" in (row.result, given):
            failed.append(row.code)
    if problems:
        raise RefusedError(*problems)
    return failed
