"""Running projects: milestones with evidence, reported targets checked by a second person, payments, spending, signals, steering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.programme.cycle.acting import done_before, find, move, note_once, project_target, refuse
from tanlu.programme.cycle.ledger import (
    as_tracked,
    balance_of,
    contract_of,
    give_back,
    kpis_of,
    milestones_of,
    paid_of,
    post,
)
from tanlu.programme.cycle.rulebook import Limits, limits
from tanlu.programme.cycle.tables.projects import KpiReport, Project, ProjectMilestone
from tanlu.programme.cycle.tables.running import ProjectSignal
from tanlu.programme.money import Account
from tanlu.programme.tracking import Colour, Kpi, RunningProject, TrackingRule, payable, signal
from tanlu.records import (
    Change,
    ConflictError,
    Principal,
    Records,
    RefusedError,
    Stored,
    add_evidence,
    evidence_of,
    local_day,
    new_id,
    require_other,
)

VERDICTS: Final = ("verified", "rejected", "falsified")
STEERS: Final = ("suspend", "resume", "terminate", "revoke")


def submit_milestone(
    records: Records, principal: Principal, milestone_id: str, files: Sequence[tuple[Stored, str]] = ()
) -> ProjectMilestone:
    """Hand in a milestone with its evidence.

    Raises
    ------
    RefusedError
        If there is no evidence, or the milestone that it waits for is not accepted.
    """
    with records.database.change(principal.person_id, "milestone.submit", f"milestone:{milestone_id}") as change:
        session = change.session
        milestone, project = _running(session, milestone_id)
        records.rights.require(principal, "project.report", project_target(project))
        _require_state(milestone, "open")
        before = [m for m in milestones_of(session, project.id) if m.code == milestone.after and m.state != "accepted"]
        if before:
            raise refuse("milestone_waits", "milestone", "after", before[0].code)
        for stored, label in files:
            add_evidence(change, stored, f"milestone:{milestone_id}", label)
        session.flush()
        if not evidence_of(session, f"milestone:{milestone_id}"):
            raise refuse("evidence_missing", "milestone", "evidence", milestone.code)
        milestone.state, milestone.submitted_by, milestone.submitted_at = "submitted", principal.person_id, change.at
        project.last_report = local_day(change.at)
    return milestone


def decide_milestone(
    records: Records, principal: Principal, milestone_id: str, *, accept: bool, reason: str = ""
) -> ProjectMilestone:
    """Accept a milestone, or return it with a reason."""
    action = "milestone.accept" if accept else "milestone.return"
    with records.database.change(principal.person_id, action, f"milestone:{milestone_id}", reason=reason) as change:
        milestone, project = _running(change.session, milestone_id)
        records.rights.require(principal, "project.steer", project_target(project))
        require_other(principal.person_id, milestone.submitted_by)
        _require_state(milestone, "submitted")
        if not accept and not reason.strip():
            raise refuse("reason_needed", "milestone", "reason")
        milestone.state = "accepted" if accept else "open"
        if accept:
            milestone.accepted_by, milestone.accepted_at = principal.person_id, change.at
    return milestone


def _running(session: Session, milestone_id: str) -> tuple[ProjectMilestone, Project]:
    milestone = find(session, ProjectMilestone, milestone_id)
    project = find(session, Project, milestone.project_id)
    require_running(project)
    return milestone, project


def require_running(project: Project) -> None:
    """Refuse what only a running project may do."""
    if project.state != "running":
        raise ConflictError(Problem("not_running", "project", field="state", value=project.number))


def _require_state(milestone: ProjectMilestone, state: str) -> None:
    if milestone.state != state:
        raise ConflictError(Problem("milestone_moved", "milestone", field=milestone.code, value=milestone.state))


def report_targets(
    records: Records,
    principal: Principal,
    project_id: str,
    values: Mapping[str, Decimal],
    files: Sequence[tuple[Stored, str]] = (),
) -> list[KpiReport]:
    """Report where the targets of the contract stand; they count once a second person has checked them."""
    with records.database.change(principal.person_id, "project.report", f"project:{project_id}") as change:
        session = change.session
        project = find(session, Project, project_id)
        records.rights.require(principal, "project.report", project_target(project))
        if project.state not in ("running", "closing"):
            require_running(project)
        known = {k.code for k in kpis_of(session, contract_of(session, project))}
        wrong = [Problem("no_record", "project", field="target", value=c) for c in sorted(values.keys() - known)]
        if wrong:
            raise RefusedError(*wrong)
        rows = [
            KpiReport(
                id=new_id(), project_id=project_id, code=code, value=value, reported_by=principal.person_id, reported_at=change.at,
                verdict="open", checked_by="",
            )
            for code, value in values.items()
        ]  # fmt: skip
        session.add_all(rows)
        for stored, label in files:
            add_evidence(change, stored, f"project:{project_id}", label)
        project.last_report = local_day(change.at)
    return rows


def check_report(
    records: Records, principal: Principal, report_id: str, verdict: str, *, reason: str = ""
) -> KpiReport:
    """Check a reported value: ``verified``, ``rejected``, ``falsified``; never one's own."""
    with records.database.change(
        principal.person_id, "project.verify", f"kpi-report:{report_id}", reason=reason
    ) as change:
        report = find(change.session, KpiReport, report_id)
        project = find(change.session, Project, report.project_id)
        records.rights.require(principal, "project.verify", project_target(project))
        require_other(principal.person_id, report.reported_by)
        if verdict not in VERDICTS:
            raise refuse("unknown_choice", "project", "verdict", verdict, refers_to="verdict", some=", ".join(VERDICTS))
        if verdict != "verified" and not reason.strip():
            raise refuse("reason_needed", "project", "reason")
        if report.verdict != "open":
            raise ConflictError(Problem("report_checked", "project", field="verdict", value=report.verdict))
        report.verdict, report.checked_by, report.checked_at = verdict, principal.person_id, change.at
        change.details["verdict"] = verdict
    return report


def pay(records: Records, principal: Principal, project_id: str, *, key: str = "") -> Decimal:
    """Pay what accepted milestones have released; nothing while the signal is red.

    Who accepted the last milestone does not order its payment. Returns what was paid [yuan].

    Raises
    ------
    RefusedError
        If nothing is payable, or not so much is promised by the funders.
    """
    with records.database.change(principal.person_id, "funds.pay", f"project:{project_id}") as change:
        session = change.session
        earlier = done_before(change, principal, key)
        if earlier is not None:
            return Decimal(earlier)
        project = find(session, Project, project_id)
        records.rights.require(principal, "funds.pay", project_target(project))
        require_running(project)
        own = milestones_of(session, project_id)
        accepted = [m for m in own if m.accepted_at is not None]
        if accepted:
            require_other(principal.person_id, max(accepted, key=lambda m: str(m.accepted_at)).accepted_by)
        contract = contract_of(session, project)
        colour = Colour(project.colour)
        amount = payable([as_tracked(m) for m in own], contract.grant, paid_of(session, project_id), colour)
        if amount <= 0:
            raise refuse("nothing_payable", "ledger", "amount", project.number, colour=colour.name.lower())
        post(change, project, Account.COMMITTED, Account.HELD, amount, ", ".join(m.code for m in accepted))
        note_once(change, principal, key, str(amount))
        change.details["amount"] = str(amount)
    return amount


def report_spending(
    records: Records, principal: Principal, project_id: str, amount: Decimal, reference: str, *, key: str = ""
) -> None:
    """Report money spent, with the voucher that it rests on."""
    with records.database.change(principal.person_id, "funds.spend", f"project:{project_id}") as change:
        if done_before(change, principal, key) is not None:
            return
        project = find(change.session, Project, project_id)
        records.rights.require(principal, "funds.spend", project_target(project))
        if project.state not in ("running", "closing", "suspended"):
            require_running(project)
        if not reference.strip():
            raise refuse("empty", "ledger", "reference")
        post(change, project, Account.HELD, Account.SPENT, amount, reference.strip())
        project.last_report = local_day(change.at)
        note_once(change, principal, key, str(amount))


def steer(records: Records, principal: Principal, project_id: str, transition: str, reason: str) -> Project:
    """Suspend, resume, terminate or revoke a project; what is left of its money goes back when it ends."""
    if transition not in STEERS:
        raise refuse("unknown_choice", "project", "transition", transition, refers_to="project", some=", ".join(STEERS))
    subject = f"project:{project_id}"
    with records.database.change(principal.person_id, f"project.{transition}", subject, reason=reason) as change:
        project = find(change.session, Project, project_id)
        move(change, records, principal, "project", project, transition, project_target(project), reason=reason)
        if transition in ("terminate", "revoke") and project.version:
            give_back(change, project, transition)
    return project


def tracking_rule(limit: Limits) -> TrackingRule:
    """Return the limits of the signals of a rule pack."""
    return TrackingRule(
        limit.whole("amber_delay"),
        limit.whole("red_delay"),
        limit.number("amber_spend"),
        limit.number("red_spend"),
        limit.number("amber_trend"),
        limit.number("red_trend"),
        limit.whole("amber_silence"),
        limit.whole("red_silence"),
    )


def reached(session: Session, project: Project) -> tuple[Kpi, ...]:
    """Return the targets of the contract with the last value that was not rejected, and whether it is verified."""
    last: dict[str, KpiReport] = {}
    statement = select(KpiReport).where(KpiReport.project_id == project.id, KpiReport.verdict.in_(("open", "verified")))
    for report in session.execute(statement.order_by(KpiReport.reported_at, KpiReport.id)).scalars():
        # a later value that nobody has checked does not take the place of one that was verified
        if report.verdict == "verified" or report.code not in last or last[report.code].verdict != "verified":
            last[report.code] = report
    return tuple(
        Kpi(
            k.code,
            k.baseline,
            k.target,
            k.hard,
            last[k.code].value if k.code in last else None,
            k.code in last and last[k.code].verdict == "verified",
        )
        for k in kpis_of(session, contract_of(session, project))
    )


def tracked(session: Session, project: Project) -> RunningProject:
    """Return what the signal of a project is made from."""
    contract = contract_of(session, project)
    return RunningProject(
        contract.start,
        contract.end,
        tuple(as_tracked(m) for m in milestones_of(session, project.id)),
        reached(session, project),
        paid_of(session, project.id),
        balance_of(session, project.id, Account.SPENT),
        project.last_report,
    )


def refresh_signals(records: Records, actor: str = "system") -> dict[str, Colour]:
    """Compute the signals of all running projects for today; each cause is kept from its first day to its last.

    Returns
    -------
    dict
        Id of each project whose colour changed, and the colour.
    """
    found: dict[str, Colour] = {}
    with records.database.change(actor, "signal.refresh", "signals") as change:
        session, day = change.session, local_day(change.at)
        limit = limits(session, "tracking", day)
        rule = tracking_rule(limit)
        running = session.execute(select(Project).where(Project.state == "running").order_by(Project.number)).scalars()
        for project in list(running):
            colour = _refresh(change, project, day, limit, rule)
            if project.colour != colour:
                project.colour = int(colour)
                found[project.id] = colour
        change.details["changed"] = {project: int(colour) for project, colour in found.items()}
    return found


def _refresh(change: Change, project: Project, day: date, limit: Limits, rule: TrackingRule) -> Colour:
    session = change.session
    colour, causes = signal(tracked(session, project), day, rule)
    statement = select(ProjectSignal).where(ProjectSignal.project_id == project.id, ProjectSignal.until.is_(None))
    standing = {(s.rule, s.subject, s.colour): s for s in session.execute(statement).scalars()}
    for cause in causes:
        if standing.pop((cause.rule, cause.subject, int(cause.colour)), None) is None:
            session.add(
                ProjectSignal(
                    id=new_id(), project_id=project.id, rule=cause.rule, subject=cause.subject, colour=int(cause.colour),
                    seen=round(cause.seen, 4), limit=round(cause.limit, 4), since=day, pack=limit.pack.id, version=limit.pack.version,
                )
            )  # fmt: skip
    for gone in standing.values():
        gone.until = day
    return colour
