"""Acceptance: 通过, 结题 or 未通过 by targets with verified evidence; left money, integrity records with a ban, and the transfer record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.programme.cycle.acting import find, move, project_target, refuse
from tanlu.programme.cycle.ledger import balance_of, contract_of, give_back, kpis_of
from tanlu.programme.cycle.rulebook import limits
from tanlu.programme.cycle.running import reached
from tanlu.programme.cycle.tables.applications import ApplicationTechnology
from tanlu.programme.cycle.tables.closing import Acceptance, IntegrityRecord, TransferRecord
from tanlu.programme.cycle.tables.projects import KpiReport, Project
from tanlu.programme.money import Account
from tanlu.programme.tracking import Result, acceptance
from tanlu.records import Change, Principal, Records, Stored, add_evidence, evidence_of, local_day, new_id

TRANSITION: Final = {Result.ACCEPTED: "accept", Result.CLOSED: "close", Result.FAILED: "fail"}


def ask_acceptance(
    records: Records, principal: Principal, project_id: str, files: Sequence[tuple[Stored, str]] = ()
) -> Project:
    """Ask for acceptance, with the final report as evidence."""
    with records.database.change(principal.person_id, "acceptance.ask", f"project:{project_id}") as change:
        project = find(change.session, Project, project_id)
        move(change, records, principal, "project", project, "ask_acceptance", project_target(project))
        for stored, label in files:
            add_evidence(change, stored, f"acceptance:{project_id}", label)
        change.session.flush()
        if not evidence_of(change.session, f"acceptance:{project_id}"):
            raise refuse("evidence_missing", "acceptance", "evidence", project.number)
    return project


def propose_result(
    records: Records, principal: Principal, project_id: str, opinion: str, *, excusable: bool = False
) -> Acceptance:
    """Propose the result that follows from the targets and what was found about their evidence.

    Parameters
    ----------
    excusable : bool
        Whether a panel found that hard targets were missed for a cause outside the project, after diligent work.

    Raises
    ------
    RefusedError
        If the opinion is empty, or a reported value is not checked yet.
    """
    with records.database.change(principal.person_id, "acceptance.propose", f"project:{project_id}") as change:
        session = change.session
        project = find(session, Project, project_id)
        move(change, records, principal, "project", project, "judge", project_target(project))
        if not opinion.strip():
            raise refuse("empty", "acceptance", "opinion")
        reports = select(KpiReport.verdict).where(KpiReport.project_id == project_id)
        verdicts = set(session.execute(reports).scalars())
        if "open" in verdicts:
            raise refuse("reports_open", "acceptance", "reports", project.number)
        kpis = reached(session, project)
        falsified = "falsified" in verdicts
        result, missed = acceptance(kpis, falsified=falsified, excusable=excusable)
        found = session.get(Acceptance, project_id) or Acceptance(project_id=project_id)
        found.result, found.falsified, found.excusable, found.missed = str(result), falsified, excusable, missed
        found.kpis = [
            {
                "code": k.id,
                "target": f"{k.target:f}",
                "reached": None if k.reached is None else f"{k.reached:f}",
                "met": k.met,
            }
            for k in kpis
        ]
        found.left, found.recovered = balance_of(session, project_id, Account.HELD), Decimal(0)
        found.opinion, found.proposed_by, found.proposed_at = opinion.strip(), principal.person_id, change.at
        found.approved_by, found.approved_at = "", None
        session.add(found)
        change.details |= {"result": str(result), "missed": missed}
    return found


def return_result(records: Records, principal: Principal, project_id: str, reason: str) -> Project:
    """Return a proposed result with a reason."""
    subject = f"project:{project_id}"
    with records.database.change(principal.person_id, "acceptance.return", subject, reason=reason) as change:
        project = find(change.session, Project, project_id)
        move(change, records, principal, "project", project, "return", project_target(project), reason=reason)
    return project


def approve_result(records: Records, principal: Principal, project_id: str) -> Acceptance:
    """Approve the proposed result, as another officer than the one who proposed it.

    Money that is left stays with an accepted project; otherwise it goes back. A failed project leaves an integrity record with a ban, an
    accepted one a transfer record.
    """
    with records.database.change(principal.person_id, "acceptance.approve", f"project:{project_id}") as change:
        session = change.session
        project = find(session, Project, project_id)
        found = find(session, Acceptance, project_id)
        result = Result(found.result)
        move(change, records, principal, "project", project, TRANSITION[result], project_target(project))
        found.approved_by, found.approved_at = principal.person_id, change.at
        if result is not Result.ACCEPTED:
            found.recovered = give_back(change, project, "acceptance")
        if result is Result.FAILED:
            _ban(change, project, falsified=found.falsified)
        if result is Result.ACCEPTED:
            session.add(_transfer(change, project))
        change.details["result"] = found.result
    return found


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _ban(change: Change, project: Project, *, falsified: bool) -> None:
    """Record the breach: of the chief, and of the lead too where evidence was falsified."""
    day = local_day(change.at)
    limit = limits(change.session, "integrity", day)
    cause = "falsified" if falsified else "failed"
    last = _years_after(day, limit.whole(cause))
    whom = [(project.chief_id, None)] + ([(None, project.lead_id)] if falsified else [])
    for person, organisation in whom:
        change.session.add(
            IntegrityRecord(
                id=new_id(), project_id=project.id, person_id=person, organisation_id=organisation, cause=cause, first=day, last=last,
                pack=limit.pack.id, version=limit.pack.version, recorded_by=change.actor,
            )
        )  # fmt: skip


def _transfer(change: Change, project: Project) -> TransferRecord:
    session = change.session
    technologies = session.execute(
        select(ApplicationTechnology)
        .where(ApplicationTechnology.application_id == project.application_id)
        .order_by(ApplicationTechnology.technology)
    ).scalars()
    values = {k.id: k.reached for k in reached(session, project)}
    return TransferRecord(
        project_id=project.id,
        holder_id=project.lead_id,
        region=project.region,
        zh=project.zh,
        en=project.en,
        technologies=[{"technology": t.technology, "trl": f"{t.trl_end:f}"} for t in technologies],
        results=[
            {"code": k.code, "zh": k.zh, "en": k.en, "unit": k.unit, "value": f"{values[k.code]:f}"}
            for k in kpis_of(session, contract_of(session, project))
            if values.get(k.code) is not None
        ],
        result="accepted",
        at=change.at,
    )


def transfers(session: Session, *, after: str = "", limit: int = 200) -> list[TransferRecord]:
    """Return transfer records by id of their project, for rooms that take results over."""
    statement = select(TransferRecord).where(TransferRecord.project_id > after)
    return list(session.execute(statement.order_by(TransferRecord.project_id).limit(limit)).scalars())
