"""Who may read a file: those who may read the record that it belongs to."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tanlu.assessment.filing.tables import AssessmentFiling, AssessmentInvestment
from tanlu.core.errors import Problem
from tanlu.portal.session.desks import Ask
from tanlu.programme.cycle import (
    Application,
    DispatchMeeting,
    DispatchTask,
    KpiReport,
    Project,
    ProjectMilestone,
)
from tanlu.programme.cycle.acting import application_target, project_target
from tanlu.programme.registry import RegistryEntry, RegistryVersion
from tanlu.records import EvidenceUse, NotPermittedError, RefusedError, Target


def require_file(session: Session, ask: Ask, use_id: str) -> EvidenceUse:
    """Return the use of a file.

    Raises
    ------
    RefusedError
        If there is none.
    NotPermittedError
        If the person may not read its record; files of a project are not public with it.
    """
    use = session.get(EvidenceUse, use_id) if use_id else None
    if use is None:
        raise RefusedError(Problem("no_record", "evidence", field="id", value=use_id[:40]))
    action, target = file_target(session, use.subject, ask.principal.person_id)
    if not action or not ask.may(action, target):
        raise NotPermittedError(Problem("not_permitted", "evidence", field="evidence.read", value=use_id))
    return use


def file_target(session: Session, subject: str, person_id: str) -> tuple[str, Target]:
    """Return the action and the target of the record of a file; for a record that is not known here, one that only ``all`` reaches."""
    kind, _, key = subject.partition(":")
    if kind == "application" and (application := session.get(Application, key)):
        return "application.read", application_target(session, application, person_id)
    if kind == "registry_version" and (version := session.get(RegistryVersion, key)):
        entry = session.get_one(RegistryEntry, version.entry_id)
        return "registry.read", Target(region=version.region, organisation_id=entry.organisation_id)
    if kind == "filing" and (filing := session.get(AssessmentFiling, key)):
        return "filing.read", Target(region=filing.region)
    if kind == "investment" and (investment := session.get(AssessmentInvestment, key)):
        return "investment.read", Target(region=investment.region)
    if kind == "task" and (task := session.get(DispatchTask, key)):
        region = session.get_one(DispatchMeeting, task.meeting_id).region
        return "dispatch.read", Target(region=region, person_id=task.owner_id)
    owner = {"milestone": ProjectMilestone, "kpi": KpiReport, "kpi_report": KpiReport}.get(kind)
    found = session.get(owner, key) if owner else None
    project_id = key if kind in ("project", "acceptance") else getattr(found, "project_id", None)
    project = session.get(Project, project_id) if project_id else None
    if project is None:
        return "evidence.read", Target()
    told = project_target(project)
    return "project.read", Target(region=told.region, organisation_id=told.organisation_id, person_id=told.person_id)
