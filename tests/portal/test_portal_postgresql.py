"""The portal on a real PostgreSQL: a call from its draft to a recommended application, pages and lists, and a log that verifies."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from tests.portal.api_office import HOME, ApiOffice, form_of, home_person, published_call
from tests.portal.office import open_office_on
from tests.records.conftest import Server

from tanlu.records.log import verify_receipt
from tanlu.records.verification import verify


@pytest.fixture(scope="module")
def desk(postgresql: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiOffice]:
    with postgresql.admin.connect() as connection:
        connection.execute(text("CREATE DATABASE portal TEMPLATE template0"))
    made = ApiOffice(open_office_on(tmp_path_factory.mktemp("postgresql") / "work", postgresql.url("portal")))
    yield made
    made.records.close()


@pytest.fixture(scope="module")
def application(desk: ApiOffice) -> str:
    """An application that was filled in step by step, handed in and recommended."""
    call = published_call(desk)
    made = desk.post("unit", "/programme/drafts", {"call_id": call, "organisation_id": desk.office.units["unit"]})
    path = f"/programme/drafts/{made['id']}"
    for name, content in form_of(desk, home_person(desk, "负责人")).items():
        sent = {"content": content, "version": made["version"]}
        made = desk.post("unit", f"{path}/steps/{name}", sent, method="PUT")
    made = desk.post("unit", f"{path}/files", {"evidence": [desk.upload("unit")], "version": made["version"]})
    assert (made["problems"], {r["result"] for r in made["rules"]}) == ([], {"pass"})
    found = str(desk.post("unit", f"{path}/submission")["id"])
    assert desk.post("bureau", f"/programme/applications/{found}/recommendation", {})["state"] == "recommended"
    return found


def test_what_one_office_does_is_read_by_those_who_may_and_by_no_others(desk: ApiOffice, application: str) -> None:
    assert desk.records.database.dialect == "postgresql"
    listed = desk.get("officer", "/programme/applications", region="hunan")
    assert [row["id"] for row in listed["rows"]] == [application], "a province holds its prefectures"
    assert desk.get("bureau", "/programme/applications", region=HOME, q="竖炉")["total"] == 1
    assert desk.get("other_bureau", "/programme/applications")["total"] == 0
    table = desk.ask("officer", "GET", "/programme/applications?format=csv").text.removeprefix("\ufeff")
    assert [row["id"] for row in csv.DictReader(table.splitlines())] == [application]


@pytest.mark.parametrize("who", ["", "officer", "unit"])
def test_every_page_of_the_desks_is_shown_or_refused(desk: ApiOffice, application: str, who: str) -> None:
    shown = 0
    for page in {d.path for d in desk.office.app.state.desks}:
        answer = desk.office.client(who).get(page, params={"q": "低碳", "state": "running"})
        assert answer.status_code in (200, 303, 403, 404), (page, answer.status_code)
        shown += answer.status_code == 200
    assert shown > 3


def test_an_unreadable_text_is_refused_before_it_reaches_the_database(desk: ApiOffice, application: str) -> None:
    sent = {"zh": "名\x00字", "organisation_id": desk.office.units["unit"]}
    assert desk.ask("unit", "POST", "/records/people", sent).status_code == 422
    assert desk.ask("officer", "GET", "/programme/applications?q=%00").status_code == 422


def test_the_log_verifies_and_its_receipts_hold(desk: ApiOffice, application: str) -> None:
    desk.post("auditor", "/records/checkpoint")
    records = desk.records
    assert verify(records.log.folder, records.log.key.verifier, records.database, records.evidence).sound
    answer = desk.ask("auditor", "GET", f"/records/log/{records.database.size() // 2}/receipt")
    assert verify_receipt(answer.text, records.log.key.verifier)[0].index == records.database.size() // 2
