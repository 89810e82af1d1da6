"""A system of record with the cycle, on SQLite and on a real PostgreSQL, its people, a clock that tests set, and short ways to a state."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text
from tests.records.conftest import Server, no_waiting_for_the_disk, postgresql, quick_hashes

from tanlu.programme.cycle import (
    PERMISSIONS,
    ROOM,
    Application,
    Call,
    Contract,
    DecisionBatch,
    Project,
    ProjectMilestone,
    ReviewTask,
    applying,
    assigning,
    calls,
    contracting,
    deciding,
    experts,
    formal,
    ledger,
    notices,
    reviewing,
    running,
)
from tanlu.programme.cycle.calls import CallTerms, TargetTerms
from tanlu.programme.cycle.contracting import MilestoneTerms
from tanlu.programme.cycle.forms import ApplicationForm
from tanlu.programme.money import balances
from tanlu.records import (
    Change,
    Principal,
    Records,
    Stored,
    affiliate,
    grant_role,
    load_principal,
    register_organisation,
    register_person,
)

__all__ = ["no_waiting_for_the_disk", "postgresql", "quick_hashes"]

ROOMS = ("tanlu.records", ROOM, "tanlu.programme.outbox")
SHANGHAI = ZoneInfo("Asia/Shanghai")
SINCE = date(2020, 1, 1)
START = datetime(2025, 3, 3, 9, 0, tzinfo=SHANGHAI)
DEADLINE = datetime(2025, 3, 31, 17, 0, tzinfo=SHANGHAI)
HOME, AWAY = "hunan/changsha", "hunan/zhuzhou"
ABATED = TargetTerms("co2", "年减排量", "yearly abatement", "t", Decimal(0), Decimal(1000))


@dataclass
class World:
    """An open system of record, who acts in it, and its clock."""

    records: Records
    units: list[str] = field(default_factory=list)
    people: dict[str, Principal] = field(default_factory=dict)
    now: datetime = START
    count: int = 0

    def __getattr__(self, name: str) -> Principal:
        """Return a person by name."""
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None

    def wait(self, **span: int) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def person(self, name: str, unit: str | None = None, **role: Any) -> str:
        """Let a person in, with a role."""
        with self.records.database.change("system", "test.person", "test") as change:
            person = register_person(change, zh=name).id
            if unit:
                affiliate(change, person, unit, valid_from=SINCE)
            if role:
                grant_role(change, person, valid_from=SINCE, **role)
        with self.records.database.read() as session:
            self.people[name] = load_principal(session, person, date(2025, 1, 1))
        return person

    def unit(self, zh: str, region: str = HOME, parent: str | None = None) -> str:
        """Register an organisation."""
        with self.records.database.change("system", "test.unit", "test") as change:
            found = register_organisation(
                change, zh=zh, kind="enterprise", region=region, uscc=None, valid_from=SINCE, parent_id=parent
            )
        self.units.append(found.id)
        return found.id

    def open_call(self, **other: Any) -> Call:
        """Bring a call to the state in which it takes applications."""
        call = calls.draft_call(self.records, self.officer, terms(**other))
        for who, step in ((self.officer, "submit"), (self.second, "approve"), (self.officer, "publish")):
            call = calls.move_call(self.records, who, call.id, step)
        return call

    def form(self, unit: int = 0, **other: Any) -> ApplicationForm:
        """Return a form that passes every rule, with a principal investigator of its own."""
        self.count += 1
        pi = other.pop("pi_id", None) or self.person(f"pi{self.count}", self.units[unit])
        return form(self.units[unit], pi, **other)

    def apply(self, call: Call, unit: int = 0, **other: Any) -> Application:
        """Hand in an application as a unit."""
        who = self.people[f"unit{unit}"]
        return applying.submit(self.records, who, call.id, self.form(unit, **other), key="")

    def formal(self, application: Application) -> Application:
        """Bring an application through recommendation and the formal check."""
        formal.recommend(self.records, self.people[f"bureau_{application.region}"], application.id)
        return formal.check_formally(self.records, self.officer, application.id)

    def reload(self, name: str) -> Principal:
        """Load a person with the tasks of the day."""
        person = self.people[name].person_id
        with self.records.database.read() as session:
            tasks = reviewing.tasks_of(session, person)
            self.people[name] = load_principal(session, person, date(2025, 1, 1), tasks=tasks)
        return self.people[name]

    def pool(self, count: int = 12) -> list[str]:
        """Enrol experts, each of a unit of their own in another province's region, and return their ids."""
        with self.records.database.change("system", "test.pool", "test") as change:
            people = [_outsider(change, number) for number in range(count)]
        for number, person in enumerate(people):
            experts.enrol(self.records, self.officer, person, "hunan", ["T01-K01"] if number % 2 else [])
        with self.records.database.read() as session:
            for number, person in enumerate(people):
                self.people[f"expert{number}"] = load_principal(session, person, date(2025, 1, 1))
        return people

    def reviewed(self, count: int = 3, marks: Sequence[int] = (90, 80, 70), **other: Any) -> Call:
        """Bring a call with applications of the units in turn to its scores; the n-th application gets the n-th marks."""
        call = self.open_call(**other)
        for number in range(count):
            self.formal(self.apply(call, number % 4))
        self.now = DEADLINE + timedelta(days=8)
        calls.move_call(self.records, self.officer, call.id, "close")
        self.pool()
        found = assigning.commit_draw(self.records, self.officer, call.id)
        assigning.draw(self.records, self.officer, found.id)
        self.write_all(call, marks)
        reviewing.close_review(self.records, self.officer, call.id)
        return call

    def tasks(self, call: Call) -> list[tuple[ReviewTask, Application]]:
        """Return the open tasks of a call with their applications."""
        with self.records.database.read() as session:
            statement = (
                select(ReviewTask, Application)
                .join(Application, Application.id == ReviewTask.application_id)
                .where(ReviewTask.call_id == call.id, ReviewTask.state == "assigned")
                .order_by(Application.number, ReviewTask.id)
            )
            return [(row[0], row[1]) for row in session.execute(statement)]

    def write_all(self, call: Call, marks: Sequence[int]) -> None:
        """Let every expert give the n-th application the n-th marks in each item."""
        names = {p.person_id: name for name, p in self.people.items()}
        for task, application in self.tasks(call):
            value = marks[int(application.number[-4:]) - 1]
            expert = self.reload(names[task.expert_id])
            reviewing.write_review(self.records, expert, task.id, same(value), "意见")

    def decided(self, **other: Any) -> tuple[Call, DecisionBatch]:
        """Bring a call to an approved batch."""
        call = self.reviewed(**other)
        batch = deciding.make_batch(self.records, self.officer, call.id)
        deciding.lock_batch(self.records, self.officer, batch.id)
        return call, deciding.approve_batch(self.records, self.second, batch.id)

    def contracting(self, count: int = 1, marks: Sequence[int] = (90,), **other: Any) -> list[Project]:
        """Bring a call to projects whose contracts are to be drafted."""
        _, batch = self.decided(count=count, marks=marks, **other)
        notice = notices.publish_notice(self.records, self.officer, batch.id)
        self.wait(days=14)
        return notices.close_notice(self.records, self.officer, notice.id)

    def running(self, project: Project) -> Project:
        """Draft, sign and start the contract of a project of two years that is paid 40 % at its first milestone."""
        begin = self.now.date()
        draft(self, project, begin)
        who = self.people[f"unit{self.units.index(project.lead_id)}"]
        contracting.commit_share(self.records, self.officer, project.id, "province")
        contracting.sign(self.records, who, project.id)
        return contracting.start(self.records, self.second, project.id)

    def paid(self, project: Project, *codes: str) -> Decimal:
        """Hand in, accept and pay milestones."""
        for code in codes:
            milestone = self.milestone(project, code)
            running.submit_milestone(self.records, self.lead(project), milestone.id, [self.proof()])
            running.decide_milestone(self.records, self.officer, milestone.id, accept=True)
        return running.pay(self.records, self.second, project.id)

    def lead(self, project: Project) -> Principal:
        """Return who acts for the lead of a project."""
        return self.people[f"unit{self.units.index(project.lead_id)}"]

    def milestone(self, project: Project, code: str) -> ProjectMilestone:
        """Return a milestone."""
        with self.records.database.read() as session:
            return next(m for m in ledger.milestones_of(session, project.id) if m.code == code)

    def reload_project(self, project: Project) -> Project:
        """Return a project as it stands."""
        with self.records.database.read() as session:
            return session.get_one(Project, project.id)

    def proof(self) -> tuple[Stored, str]:
        """Return a stored file as evidence."""
        return self.records.evidence.put([b"%PDF-1.4 report"]), "report.pdf"

    def balance(self, project: Project) -> dict[str, Decimal]:
        """Return the balances of the ledger of a project that are not zero."""
        with self.records.database.read() as session:
            found = balances(ledger.postings_of(session, project.id))
        return {account: amount for account, amount in found.items() if amount}

    def states(self, call: Call) -> list[str]:
        """Return the states of the applications of a call by number."""
        with self.records.database.read() as session:
            statement = select(Application.state).where(Application.call_id == call.id).order_by(Application.number)
            return list(session.execute(statement).scalars())


def _outsider(change: Change, number: int) -> str:
    unit = register_organisation(
        change, zh=f"外单位{number}", kind="enterprise", region="elsewhere", uscc=None, valid_from=SINCE, parent_id=None
    )
    person = register_person(change, zh=f"expert{number}").id
    affiliate(change, person, unit.id, valid_from=SINCE)
    grant_role(change, person, valid_from=SINCE, role="expert")
    return person


def draft(world: World, project: Project, begin: date, **other: Any) -> Contract:
    """Draft a contract of two years with two milestones."""
    middle, end = begin + timedelta(days=365), begin + timedelta(days=730)
    plan = [
        MilestoneTerms("m1", "启动", "start", begin, begin + timedelta(days=30), Decimal(40)),
        MilestoneTerms("m2", "验收", "end", middle, end, Decimal(60), after="m1"),
    ]
    return contracting.draft_contract(
        world.records, world.officer, project.id, begin, end, other.pop("milestones", plan), **other
    )


def same(value: int) -> dict[str, int]:
    """Return the same marks in each item of the usual rubric."""
    return dict.fromkeys((item.id for item in calls.RUBRIC), value)


def terms(**other: Any) -> CallTerms:
    """Return the terms of a guideline call."""
    given: dict[str, Any] = {
        "kind": "guideline", "year": 2025, "region": "hunan", "zh": "指南", "en": "guideline", "text_zh": "正文",
        "text_en": "text", "pot": Decimal(5_000_000), "largest_grant": Decimal(2_000_000), "deadline": DEADLINE,
        "technologies": ["T01-K01", "T02-K02"], "targets": [ABATED],
        "recommend_until": DEADLINE + timedelta(days=7), "panel_size": 3,
    }  # fmt: skip
    return CallTerms(**(given | other))


def form(lead: str, pi: str, **other: Any) -> ApplicationForm:
    """Return a form that passes every rule: 300,000 direct of which 100,000 equipment, indirect 60,000 = 30 % of 200,000."""
    given: dict[str, Any] = {
        "lead_id": lead, "pi_id": pi, "zh": "示范", "en": "demonstration", "summary": "内容", "months": 24,
        "budget": {
            "equipment": (Decimal(100_000), Decimal(0)),
            "business": (Decimal(200_000), Decimal(50_000)),
            "indirect": (Decimal(60_000), Decimal(0)),
        },
        "technologies": {"T01-K01": (Decimal(4), Decimal(7))},
        "targets": {"co2": Decimal(1200)},
        "facts": {"accepts_gate": True, "holding_percent": 0},
    }  # fmt: skip
    return ApplicationForm(**(given | other))


def open_world(folder: Path, url: str = "", made: World | None = None) -> World:
    """Open the system of record in a folder and let people of each role in, or name those who are in it."""
    database = f'\n[records]\ndatabase = "{url}"\n' if url else "\n"
    (folder / "tanlu.toml").write_text(f'province = "hunan"{database}', encoding="utf-8")
    records = Records.open(folder, rooms=ROOMS, permissions=[PERMISSIONS])
    if made is None:
        world = World(records)
    else:
        world = replace(made, records=records, people=dict(made.people), units=list(made.units))
    records.database.clock = lambda: world.now.astimezone(ZoneInfo("UTC"))
    if made is None:
        _let_in(world)
    return world


def _let_in(world: World) -> None:
    for number in range(4):
        unit = world.unit(f"单位{number}", HOME if number < 2 else AWAY)
        world.person(f"unit{number}", unit, role="unit", organisation_id=unit)
    for name in ("officer", "second", "third"):
        world.person(name, role="province_officer", region="hunan")
    for region in (HOME, AWAY):
        world.person(f"bureau_{region}", role="prefecture_officer", region=region)
    world.person("auditor", role="auditor")


@pytest.fixture(scope="session")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """A world on SQLite with its people; closed, to be copied."""
    folder = tmp_path_factory.mktemp("cycle")
    made = open_world(folder)
    made.records.close()
    return folder, made


@pytest.fixture(scope="session")
def peopled_on_postgresql(postgresql: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[Server, Path, World]:
    """A world with its people as the template ``template_cycle`` of a server."""
    with postgresql.admin.connect() as connection:
        connection.execute(text("CREATE DATABASE template_cycle"))
    folder = tmp_path_factory.mktemp("cycle")
    made = open_world(folder, postgresql.url("template_cycle"))
    made.records.close()
    return postgresql, folder, made


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A fresh world, once on SQLite and once on PostgreSQL."""
    url, made = "", None
    if request.param == "postgresql":
        server, folder, made = request.getfixturevalue("peopled_on_postgresql")
        url = server.fresh("template_cycle")
    else:
        folder, made = request.getfixturevalue("peopled")
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    opened = open_world(tmp_path, url, made)
    yield opened
    opened.records.close()


@pytest.fixture(scope="session")
def contracted_template(
    peopled: tuple[Path, World], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, World, Project]:
    """A world on SQLite that has come to one project whose contract is to be drafted; closed, to be copied."""
    folder = tmp_path_factory.mktemp("contracted")
    shutil.copytree(peopled[0], folder, dirs_exist_ok=True)
    made = open_world(folder, made=peopled[1])
    (project,) = made.contracting()
    made.records.close()
    return folder, made, project


@pytest.fixture
def contracted(contracted_template: tuple[Path, World, Project], tmp_path: Path) -> Iterator[tuple[World, Project]]:
    """A copy of that world, with its project."""
    folder, made, project = contracted_template
    shutil.copytree(folder, tmp_path / "copy")
    world = open_world(tmp_path / "copy", made=made)
    yield world, project
    world.records.close()


@pytest.fixture
def desk(peopled: tuple[Path, World], tmp_path: Path) -> Iterator[World]:
    """A fresh world on SQLite, for what does not depend on the kind of database."""
    shutil.copytree(peopled[0], tmp_path, dirs_exist_ok=True)
    opened = open_world(tmp_path, made=peopled[1])
    yield opened
    opened.records.close()
