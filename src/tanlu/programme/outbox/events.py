"""Which letters follow from an entry of the log, and from what is due on a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.programme.cycle import (
    Application,
    Call,
    DecisionItem,
    DispatchMeeting,
    DispatchTask,
    Notice,
    Project,
    ProjectMilestone,
    ReviewTask,
)
from tanlu.programme.cycle.formal import needs_recommendation
from tanlu.programme.cycle.notices import funded
from tanlu.records import LogEntry, RoleAssignment, local_day

MILESTONE_DAYS: Final = 14
"""Days before its due date on which a milestone is called to mind (assumption)."""
REVIEW_DAYS: Final = 5
"""Days before its due date on which a review is called to mind (assumption)."""
TASK_DAYS: Final = 3
"""Days before its due date on which a task of a meeting is called to mind (assumption)."""


@dataclass(frozen=True)
class Message:
    """A letter that is to be written.

    Parameters
    ----------
    kind : str
    person_id : str
    about : str
        What makes it one letter: the record, and the due date where it is a reminder.
    path : str
        Page of the portal.
    content : mapping
        Values of the text: ``number``, ``zh``, ``en`` and, where it matters, ``day``.
    """

    kind: str
    person_id: str
    about: str
    path: str
    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What is written once."""
        return sha256(f"{self.kind}\n{self.about}\n{self.person_id}".encode()).hexdigest()


def told(kind: str, people: Iterable[str], about: str, path: str, record: Any, **more: str) -> Iterator[Message]:
    """Yield a letter to each of some people about a record with a number and names."""
    content = {"number": getattr(record, "number", ""), "zh": record.zh, "en": record.en or record.zh, **more}
    for person in dict.fromkeys(people):
        yield Message(kind, person, about, path, content)


def holders(session: Session, day: date, role: str, *, region: str | None = None, unit: str | None = None) -> list[str]:
    """Return who has a role on a day, of a region or unit where one is given."""
    table = RoleAssignment
    statement = select(table.person_id).where(
        table.role == role, table.valid_from <= day, (table.valid_to.is_(None)) | (table.valid_to >= day)
    )
    if region is not None:
        statement = statement.where(table.region == region)
    if unit is not None:
        statement = statement.where(table.organisation_id == unit)
    return list(session.execute(statement.order_by(table.person_id)).scalars())


def from_entry(session: Session, entry: LogEntry) -> list[Message]:
    """Return the letters that follow from an entry of the log."""
    reader = _READERS.get(entry.action)
    return [] if reader is None else list(reader(session, entry))


def _key(entry: LogEntry) -> str:
    return entry.subject.partition(":")[2]


def _call_published(session: Session, entry: LogEntry) -> Iterator[Message]:
    call, day = session.get_one(Call, _key(entry)), local_day(entry.at)
    people = [*holders(session, day, "unit"), *holders(session, day, "prefecture_officer")]
    day_text = local_day(call.deadline).isoformat()
    yield from told("call_published", people, call.id, f"/programme/call?id={call.id}", call, day=day_text)


def _application_received(session: Session, entry: LogEntry) -> Iterator[Message]:
    application = session.get(Application, _key(entry))
    if application is None:
        # handed in twice: the entry names an id that was not used
        return
    path = f"/programme/application?id={application.id}"
    yield from told("application_received", (entry.actor, application.pi_id), application.id, path, application)
    call = session.get_one(Call, application.call_id)
    if needs_recommendation(call, application) and call.recommend_until is not None:
        bureau = holders(session, local_day(entry.at), "prefecture_officer", region=application.region)
        until = local_day(call.recommend_until).isoformat()
        yield from told("recommend", bureau, application.id, path, application, day=until)


def _reviews_assigned(session: Session, entry: LogEntry) -> Iterator[Message]:
    statement = (
        select(ReviewTask, Application)
        .join(Application, Application.id == ReviewTask.application_id)
        .where(ReviewTask.assigned_at == entry.at, ReviewTask.state == "assigned")
    )
    for task, application in session.execute(statement):
        path, due = f"/programme/review?id={task.id}", task.due.isoformat()
        yield from told("review_assigned", (task.expert_id,), task.id, path, application, day=due)


def _not_funded(session: Session, entry: LogEntry) -> Iterator[Message]:
    statement = (
        select(DecisionItem, Application)
        .join(Application, Application.id == DecisionItem.application_id)
        .where(DecisionItem.batch_id == _key(entry), DecisionItem.verdict != "fund")
    )
    for item, application in session.execute(statement):
        people = (application.pi_id, *holders(session, local_day(entry.at), "unit", unit=application.lead_id))
        kind = "decision_waiting" if item.verdict == "wait" else "decision_declined"
        about, path = f"{item.batch_id}:{application.id}", f"/programme/application?id={application.id}"
        yield from told(kind, people, about, path, application)


def _noticed(session: Session, entry: LogEntry) -> Iterator[Message]:
    """Tell of a notice when it is published, and of the approval of what stands when it is closed."""
    notice, closed = session.get_one(Notice, _key(entry)), entry.action == "notice.close"
    for application, _ in funded(session, notice.batch_id):
        if closed and application.state != "approved":
            continue
        people = (application.pi_id, *holders(session, local_day(entry.at), "unit", unit=application.lead_id))
        about, path = f"{notice.id}:{application.id}", f"/programme/notices?id={notice.id}"
        kind = "approved" if closed else "decision_notice"
        yield from told(kind, people, about, path, application, day=notice.last.isoformat())


_READERS: Final[Mapping[str, Callable[[Session, LogEntry], Iterator[Message]]]] = {
    "call.publish": _call_published,
    "application.submit": _application_received,
    "review.draw": _reviews_assigned,
    "review.set_panel": _reviews_assigned,
    "review.order_further": _reviews_assigned,
    "decision.approve": _not_funded,
    "notice.publish": _noticed,
    "notice.close": _noticed,
}
"""Action of the log → what is written because of it."""
TELLING: Final = tuple(_READERS)
"""Actions of the log that make letters."""


def due_on(session: Session, day: date) -> list[Message]:
    """Return what is to be called to mind on a day: milestones, reviews and tasks that are due soon, and those that are late."""
    return [*_milestones(session, day), *_reviews(session, day), *_tasks(session, day)]


def _soon_or_late(name: str, due: date, day: date) -> str:
    return f"{name}_due" if due >= day else f"{name}_overdue"


def _milestones(session: Session, day: date) -> Iterator[Message]:
    statement = (
        select(ProjectMilestone, Project)
        .join(Project, Project.id == ProjectMilestone.project_id)
        .where(
            Project.state == "running",
            ProjectMilestone.state == "open",
            ProjectMilestone.due <= day + timedelta(days=MILESTONE_DAYS),
        )
    )
    for milestone, project in session.execute(statement):
        kind = _soon_or_late("milestone", milestone.due, day)
        people = [project.chief_id, *holders(session, day, "unit", unit=project.lead_id)]
        if milestone.due < day:
            people += holders(session, day, "province_officer")
        due, about = milestone.due.isoformat(), f"{milestone.id}:{milestone.due}"
        path = f"/programme/project?id={project.id}"
        yield from told(kind, people, about, path, project, day=due, milestone=milestone.code)


def _reviews(session: Session, day: date) -> Iterator[Message]:
    statement = (
        select(ReviewTask, Application)
        .join(Application, Application.id == ReviewTask.application_id)
        .where(ReviewTask.state == "assigned", ReviewTask.due <= day + timedelta(days=REVIEW_DAYS))
    )
    for task, application in session.execute(statement):
        kind, due = _soon_or_late("review", task.due, day), task.due.isoformat()
        path = f"/programme/review?id={task.id}"
        yield from told(kind, (task.expert_id,), f"{task.id}:{due}", path, application, day=due)


def _tasks(session: Session, day: date) -> Iterator[Message]:
    statement = (
        select(DispatchTask, DispatchMeeting)
        .join(DispatchMeeting, DispatchMeeting.id == DispatchTask.meeting_id)
        .where(DispatchTask.state == "open", DispatchTask.due <= day + timedelta(days=TASK_DAYS))
    )
    for task, _ in session.execute(statement):
        kind, due = _soon_or_late("task", task.due, day), task.due.isoformat()
        yield from told(kind, (task.owner_id,), f"{task.id}:{due}", "/programme/dispatch", task, day=due)
