"""A workspace with a system of record and people of each role, and browsers of theirs without a screen."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from tanlu.portal import create_app
from tanlu.records import Records, affiliate, grant_role, register_organisation, register_person, set_password
from tanlu.workspace import Workspace

SINCE = date(2020, 1, 1)
HOME, AWAY = "hunan/changsha", "hunan/zhuzhou"
PASSWORD = "a long way to carbon neutrality"
ROLES: dict[str, dict[str, Any]] = {
    "officer": {"role": "province_officer", "region": "hunan"},
    "second": {"role": "province_officer", "region": "hunan"},
    "bureau": {"role": "prefecture_officer", "region": HOME},
    "other_bureau": {"role": "prefecture_officer", "region": AWAY},
    "unit": {"role": "unit"},
    "other_unit": {"role": "unit"},
    "expert": {"role": "expert"},
    "auditor": {"role": "auditor"},
    "broker": {"role": "broker"},
    "admin": {"role": "admin"},
}


@dataclass
class Office:
    """A portal with accounts: the names of `ROLES` are login names, all with `PASSWORD`."""

    app: FastAPI
    people: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    clients: dict[str, TestClient] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def records(self) -> Records:
        records: Records = self.app.state.identity.records
        return records

    def client(self, who: str = "") -> TestClient:
        """Return the browser of somebody who is signed in; of the public without a name."""
        if who not in self.clients:
            made = TestClient(self.app, follow_redirects=False, raise_server_exceptions=True)
            if who:
                visit = self.records.logins.log_in(who, PASSWORD)
                assert visit.token is not None
                made.cookies.set("tanlu-session", visit.token, domain="testserver.local", path="/")
            self.clients[who] = made
        return self.clients[who]

    def send(self, who: str, path: str, act: str, files: Any = None, **fields: Any) -> Response:
        """Send a form of a page, with the token of the session."""
        client = self.client(who)
        if who not in self.tokens:
            token = re.search(r'name="form_token" value="([^"]*)"', client.get("/me").text)
            assert token
            self.tokens[who] = token[1]
        given = {"act": act, "form_token": self.tokens[who], "once": "", **fields}
        sent = files if files is not None else {"nothing": ("", b"")}
        return client.post(path, data=given, files=sent)


def people_of(records: Records) -> tuple[dict[str, str], dict[str, str]]:
    """Let people of each role and two units in; all have the same password, hashed once."""
    from tanlu.records import Credential
    from tanlu.records.passwords import hash_password

    hashed = hash_password(PASSWORD)
    people, units = {}, {}
    with records.database.change("system", "test.people", "test") as change:
        for name, region in (("unit", HOME), ("other_unit", AWAY)):
            units[name] = register_organisation(
                change, zh=f"单位{name}", en=name, kind="enterprise", region=region, uscc=None, valid_from=SINCE
            ).id
        for name, role in ROLES.items():
            person = register_person(change, zh=f"某{name}", en=name).id
            scope = {"organisation_id": units[name]} if name in units else {}
            if scope:
                affiliate(change, person, units[name], valid_from=SINCE)
            grant_role(change, person, valid_from=SINCE, **role, **scope)
            change.session.add(Credential(person_id=person, login=name, password_hash=hashed, changed_at=change.at))
            people[name] = person
    return people, units


@cache
def _workspace() -> tuple[TemporaryDirectory[str], dict[str, str], dict[str, str]]:
    """Make the workspace that each office is a copy of: to make the tables takes longer than most tests."""
    from tanlu.workspace import open_records

    made = TemporaryDirectory()
    folder = Path(made.name) / "work"
    Workspace.create(folder, "hunan")
    records = open_records(folder)
    people, units = people_of(records)
    records.close()
    return made, people, units


def open_office(folder: Path) -> Office:
    """Make the workspace and its portal."""
    made, people, units = _workspace()
    shutil.copytree(Path(made.name) / "work", folder)
    return Office(create_app(folder), dict(people), dict(units))


def open_office_on(folder: Path, database: str) -> Office:
    """Make the workspace and its portal on a database that is given by its address."""
    from tanlu.workspace import open_records

    Workspace.create(folder, "hunan")
    with (folder / "tanlu.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[records]\ndatabase = "{database}"\n')
    records = open_records(folder)
    people, units = people_of(records)
    records.close()
    return Office(create_app(folder), people, units)


def first_password(records: Records, login: str, password: str) -> str:
    """Let somebody in whose password was set by another."""
    with records.database.change("system", "test.person", "test") as change:
        person = register_person(change, zh=login).id
        set_password(change, person, login, password, must_change=True)
    return person
