"""A system of record with the rooms of registries and filings, on SQLite and on a real PostgreSQL, and people of each role in it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.records.conftest import ORIGIN, Server, no_waiting_for_the_disk, postgresql, quick_hashes, sqlite_template

from tanlu.assessment.filing import workflows
from tanlu.programme.registry import checking
from tanlu.records import (
    Database,
    Principal,
    Records,
    Stored,
    grant_role,
    load_principal,
    register_organisation,
    register_person,
)
from tanlu.records.log.tiles import write_file
from tanlu.records.publication import VERIFIER

__all__ = ["no_waiting_for_the_disk", "postgresql", "quick_hashes", "sqlite_template"]

ROOMS = ("tanlu.records", "tanlu.programme.registry", "tanlu.assessment.filing")
PERMISSIONS = (checking.PERMISSIONS, workflows.PERMISSIONS)
HOME, AWAY, AWAY_TOO = "hunan/changsha", "hunan/zhuzhou", "hunan/xiangtan"


@dataclass(frozen=True)
class Office:
    """An open system of record with its people, and the units that they belong to."""

    records: Records
    officer: Principal
    checker: Principal
    bureau: Principal
    neighbour: Principal
    unit: Principal
    auditor: Principal
    firm: str
    university: str

    def proof(self, content: bytes = b"%PDF-1.4 certificate") -> tuple[Stored, str]:
        """Return a stored file as evidence."""
        return self.records.evidence.put([content]), "certificate.pdf"


@pytest.fixture(scope="session")
def rooms_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the empty schema of all rooms."""
    path = tmp_path_factory.mktemp("rooms") / "records.db"
    Database.open(f"sqlite:///{path}", rooms=ROOMS, origin=ORIGIN).close()
    return path


@pytest.fixture(scope="session")
def rooms_on_postgresql(postgresql: Server) -> Server:
    """The server with a template of all rooms."""
    with postgresql.admin.connect() as connection:
        connection.execute(text("CREATE DATABASE template_rooms"))
    Database.open(postgresql.url("template_rooms"), rooms=ROOMS, origin=ORIGIN).close()
    return postgresql


def open_office(folder: Path, url: str = "") -> Office:
    """Open the system of record in a folder and let its people in."""
    database = f'\n[records]\ndatabase = "{url}"\n' if url else "\n"
    (folder / "tanlu.toml").write_text(f'province = "hunan"{database}', encoding="utf-8")
    records = Records.open(folder, rooms=ROOMS, permissions=PERMISSIONS)
    since = date(2020, 1, 1)
    with records.database.change("system", "test.people", "test") as change:
        units = [
            register_organisation(change, zh=zh, kind=kind, region=region, uscc=None, valid_from=since).id
            for zh, kind, region in (("甲能源", "enterprise", HOME), ("乙大学", "university", HOME))
        ]
        people = [register_person(change, zh=name).id for name in "省审长株厂计"]
        roles = (
            ("province_officer", "hunan", None),
            ("province_officer", "hunan", None),
            ("prefecture_officer", HOME, None),
            ("prefecture_officer", AWAY, None),
            ("unit", None, units[0]),
            ("auditor", None, None),
        )
        for person, (role, region, unit) in zip(people, roles, strict=True):
            grant_role(change, person, role, valid_from=since, region=region, organisation_id=unit)
    with records.database.read() as session:
        principals = [load_principal(session, person, date(2026, 1, 1)) for person in people]
    return Office(records, *principals, *units)


@pytest.fixture(scope="session")
def sqlite_office(rooms_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, Path]]:
    """An open system of record on SQLite, and a copy of its database as it was before any test."""
    folder = tmp_path_factory.mktemp("office")
    shutil.copy(rooms_template, folder / "records.db")
    opened = open_office(folder)
    copy = folder / "before.db"
    with sqlite3.connect(folder / "records.db") as source, sqlite3.connect(copy) as target:
        source.backup(target)
    yield opened, copy
    opened.records.close()


@pytest.fixture
def desk(sqlite_office: tuple[Office, Path]) -> Office:
    """A system of record on SQLite as it was before any test; it stays open, so that statements are compiled once."""
    office, copy = sqlite_office
    with sqlite3.connect(copy) as source, sqlite3.connect(office.records.folder / "records.db") as target:
        source.backup(target)
    shutil.rmtree(office.records.log.folder)
    published = office.records.log
    write_file(published.folder / VERIFIER, f"{published.key.verifier}\n".encode())
    return office


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """A fresh system of record, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("desk")
        return
    server: Server = request.getfixturevalue("rooms_on_postgresql")
    opened = open_office(tmp_path, server.fresh("template_rooms"))
    yield opened
    opened.records.close()


@pytest.fixture(scope="session")
def demonstrated(rooms_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a small demonstration of both rooms; do not write into it."""
    from tanlu.assessment.filing import demonstration as filings
    from tanlu.programme.registries import Kind
    from tanlu.programme.registry import demonstration as registries

    folder = tmp_path_factory.mktemp("demonstrated")
    shutil.copy(rooms_template, folder / "records.db")
    (folder / "tanlu.toml").write_text('province = "hunan"\n', encoding="utf-8")
    records = Records.open(folder, rooms=ROOMS, permissions=PERMISSIONS)
    counts = {Kind.TEAM: (1, 1, 1, 1), Kind.LEADING_TALENT: (1, 0, 1, 1), Kind.GREEN_FIRM: (2, 4, 4, 3)}
    registries.demonstrate(records, 7, counts=counts)
    filings.demonstrate(records, 7, years=1, prefectures=[HOME, AWAY, AWAY_TOO])
    records.log.publish()
    records.close()
    return folder
