"""What people of bad will, or with bad luck, send to the portal: answered rightly, nothing lost, nothing left behind, the log intact."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.portal.api_office import ApiOffice, form_of, home_person, open_api_office, published_call
from tests.portal.office import PASSWORD

from tanlu.portal.records.tables import FORMULA
from tanlu.records.verification import verify

MEGABYTE = 1_000_000
FORMULAS = ('=cmd|"/c calc"!A1', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "＝1")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiOffice]:
    made = open_api_office(tmp_path_factory.mktemp("abuse") / "work")
    yield made
    made.records.close()


@pytest.fixture(scope="module")
def call(desk: ApiOffice) -> str:
    return published_call(desk)


def stored(desk: ApiOffice) -> list[str]:
    """Return the files of the evidence store, those that are just coming in among them."""
    return sorted(str(p) for p in desk.records.evidence.folder.rglob("*") if p.is_file())


class Piece(bytes):
    """A chunk of a body that counts how many of its kind are alive."""

    alive = 0
    most = 0

    def __new__(cls, content: bytes) -> Piece:
        Piece.alive += 1
        Piece.most = max(Piece.most, Piece.alive)
        return super().__new__(cls, content)

    def __del__(self) -> None:
        Piece.alive -= 1


def stream(
    desk: ApiOffice,
    path: str,
    headers: dict[str, str],
    first: bytes,
    chunk: bytes,
    most: int,
    each: Callable[[int], None] = lambda taken: None,
) -> tuple[int, int]:
    """Send a body without a length, chunk by chunk as the application asks for it; return status and the chunks it took."""
    taken, status = 0, 0
    where, _, query = path.partition("?")
    Piece.alive = Piece.most = 0

    async def receive() -> dict[str, Any]:
        nonlocal taken
        taken += 1
        each(taken)
        if taken > most:
            return {"type": "http.request", "body": b"", "more_body": False}
        return {"type": "http.request", "body": Piece(first if taken == 1 else chunk), "more_body": True}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http", "path": where,
        "raw_path": where.encode(), "query_string": query.encode(), "root_path": "", "client": ("127.0.0.1", 1),
        "server": ("testserver", 80), "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
    }  # fmt: skip
    asyncio.run(desk.office.app(scope, receive, send))
    return status, taken


def bearer(desk: ApiOffice, who: str) -> dict[str, str]:
    return {"authorization": f"Bearer {desk.token(who)}", "content-type": "application/json"}


def test_a_file_of_200_megabytes_without_a_length_is_cut_off_and_takes_no_memory(desk: ApiOffice) -> None:
    store, before = desk.records.evidence, stored(desk)
    largest, store.largest = store.largest, 5 * MEGABYTE
    try:
        status, taken = stream(desk, "/api/v1/uploads?name=a.pdf", bearer(desk, "unit"), b"%PDF", bytes(MEGABYTE), 200)
    finally:
        store.largest = largest
    assert (status, taken <= 7) == (413, True)
    assert Piece.most <= 4, "the file goes to disk while it arrives"
    assert stored(desk) == before
    large = {"content-length": "200000000", **bearer(desk, "unit")}
    assert stream(desk, "/api/v1/uploads?name=a.pdf", large, b"%PDF", bytes(MEGABYTE), 200) == (413, 0), (
        "not even begun"
    )


def test_a_form_of_a_page_and_a_body_of_the_api_without_a_length_are_cut_off(desk: ApiOffice) -> None:
    client = desk.office.client("unit")
    token = re.search(r'name="form_token" value="([^"]+)"', client.get("/me").text)
    assert token
    store = desk.records.evidence
    largest, store.largest = store.largest, 3 * MEGABYTE
    head = "".join(f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in
                   (("form_token", token[1]), ("act", "attach")))  # fmt: skip
    first = head.encode() + b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n%PDF'
    cookies = "; ".join(f"{k}={v}" for k, v in client.cookies.items())
    try:
        headers = {"content-type": "multipart/form-data; boundary=b", "cookie": cookies, "host": "testserver"}
        status, taken = stream(desk, "/programme/apply", headers, first, bytes(MEGABYTE), 200)
    finally:
        store.largest = largest
    assert (status, taken <= 8) == (413, True)
    status, taken = stream(desk, "/api/v1/programme/calls", bearer(desk, "officer"), b"[", b" " * MEGABYTE, 200)
    assert (status, taken <= 5) == (413, True)
    assert stream(desk, "/api/v1/programme/calls", {}, b"[", bytes(MEGABYTE), 200)[1] == 0, (
        "who is nobody sends nothing"
    )


def bomb() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "x")
        archive.writestr("xl/workbook.xml", b"0" * 20_000_000)
    return content.getvalue()


def test_files_that_are_not_what_they_should_be_are_refused_and_leave_nothing(desk: ApiOffice) -> None:
    before = stored(desk)
    for content in (
        b"",
        b"\x7fELF\x02\x01\x01\x00",
        b"<html><script>alert(1)</script>",
        bomb(),
        b"PK\x03\x04 no archive",
    ):
        answer = desk.ask("unit", "POST", "/uploads", params={"name": "plan.pdf"}, content=content)
        assert answer.status_code == 422, content[:10]
        assert answer.json()["detail"][0]["mend"]
    assert stored(desk) == before
    names = ("../../etc/passwd", "C:\\windows\\计划书.pdf", "a\u202efdp.exe")
    shown = [desk.ask("unit", "POST", "/uploads", params={"name": n}, content=b"%PDF").json()["label"] for n in names]
    assert shown == ["passwd", "计划书.pdf", "afdp.exe"], "a name is shown, never a path"
    assert all("/evidence/" in p for p in stored(desk))


def test_a_file_that_somebody_else_sent_proves_nothing_of_mine(desk: ApiOffice, call: str) -> None:
    foreign = desk.upload("other_unit", b"%PDF of another")
    steps = form_of(desk, home_person(desk, "甲"))
    sent = {"steps": steps, "key": "foreign-file", "evidence": [foreign]}
    assert desk.ask("unit", "POST", f"/programme/calls/{call}/applications", sent).status_code == 403
    sent["evidence"] = ["0" * 32]
    assert desk.ask("unit", "POST", f"/programme/calls/{call}/applications", sent).status_code == 404
    assert desk.get("officer", "/programme/applications", call=call)["total"] == 0


def test_a_request_with_a_key_is_carried_out_once_and_the_key_is_good_for_no_other(desk: ApiOffice) -> None:
    entries = desk.records.database.size
    desk.token("unit"), desk.token("admin")
    person = {"zh": "一次", "organisation_id": desk.office.units["unit"]}
    first = desk.ask("unit", "POST", "/records/people", person, key="person-00001")
    made = entries()
    again = desk.ask("unit", "POST", "/records/people", person, key="person-00001")
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = desk.ask("unit", "POST", "/records/people", person | {"zh": "两次"}, key="person-00001")
    assert other.status_code == 422
    assert desk.ask("admin", "POST", "/records/people", person, key="person-00001").json()["id"] != first.json()["id"]
    refused = desk.ask("unit", "POST", "/records/people", {"zh": ""}, key="person-00002")
    assert refused.status_code in (403, 422)
    mended = desk.ask("unit", "POST", "/records/people", person, key="person-00002")
    assert mended.status_code == 201, "what was refused has not used the key"
    assert entries() == made + 2
    assert desk.ask("unit", "POST", "/records/people", person, key="short").status_code == 422


def test_a_secret_is_told_once_also_when_it_is_asked_for_with_a_key(desk: ApiOffice) -> None:
    sent = {"label": "t", "actions": ["application.read"]}
    first = desk.ask("unit", "POST", "/records/tokens", sent, key="secret-00001")
    assert re.fullmatch(r"tanlu_\w{32}_[\w-]{43}", first.json()["token"])
    again = desk.ask("unit", "POST", "/records/tokens", sent, key="secret-00001")
    assert again.status_code == 409
    assert "tanlu_" not in again.text
    assert desk.ask("unit", "POST", "/records/tokens", sent | {"actions": ["role.grant"]}).status_code == 422, (
        "not one's own right"
    )


def test_what_has_changed_since_it_was_read_is_not_written_over(desk: ApiOffice) -> None:
    from tests.portal.api_office import CALL

    made = desk.post("officer", "/programme/calls", CALL)["id"]
    seen = desk.ask("officer", "GET", f"/programme/calls/{made}").headers["etag"]
    also = desk.ask("second", "GET", f"/programme/calls/{made}").headers["etag"]
    assert seen == also
    target = CALL["targets"][0]
    mine = CALL | {"targets": [target | {"target": "1500"}]}
    first = desk.ask("officer", "PUT", f"/programme/calls/{made}", mine, version=seen)
    assert first.status_code == 200
    theirs = desk.ask("second", "PUT", f"/programme/calls/{made}", CALL | {"zh": "另一个名字"}, version=also)
    assert theirs.status_code == 409
    assert desk.get("second", f"/programme/calls/{made}")["targets"][0]["target"] == "1500.000000"
    fresh = desk.ask("second", "GET", f"/programme/calls/{made}").headers["etag"]
    assert fresh == first.headers["etag"]
    assert desk.ask("second", "PUT", f"/programme/calls/{made}", mine, version=fresh).status_code == 200


def test_an_application_whose_last_byte_comes_after_the_deadline_is_late(desk: ApiOffice) -> None:
    late = published_call(desk, deadline="2025-04-20T17:00:00+08:00")
    body = json.dumps({"steps": form_of(desk, home_person(desk, "乙")), "key": "late-application"}).encode()
    before = desk.now
    desk.now = before.replace(month=4, day=20, hour=16, minute=59, second=59)

    try:
        path = f"/api/v1/programme/calls/{late}/applications"
        in_time = stream(desk, path, bearer(desk, "unit"), body[:50], body[50:], 2)
        assert in_time[0] == 201, "that second is included"
        body = body.replace(b"late-application", b"later-application")
        late_one = stream(desk, path, bearer(desk, "unit"), body[:50], body[50:], 2, lambda taken: desk.wait(seconds=1))
        assert late_one[0] == 422
    finally:
        desk.now = before
    assert desk.get("officer", "/programme/applications", call=late)["total"] == 1


def test_a_session_ends_with_the_password_and_a_token_is_good_for_its_holder_only(desk: ApiOffice) -> None:
    logins, nothing = desk.records.logins, {"nothing": ("", b"")}
    copied = TestClient(desk.office.app, follow_redirects=False)
    visit = logins.log_in("auditor", PASSWORD)
    copied.cookies.set("tanlu-session", visit.token, domain="testserver.local", path="/")
    assert copied.get("/me").status_code == 200
    own = desk.office.client("auditor")
    form = re.search(r'name="form_token" value="([^"]+)"', own.get("/me").text)
    assert form
    fresh = {"old": PASSWORD, "new": "another way to the same place", "again": "another way to the same place"}
    sent = own.post("/me", data={"act": "password", "form_token": form[1], **fresh}, files=nothing)
    assert sent.headers["location"] == "/me?done=password"
    assert copied.get("/me").status_code == 303, "a copy of the cookie is worth nothing any more"
    assert own.get("/me").status_code == 200
    one, two = desk.token("officer").split("_"), desk.token("unit").split("_", 2)
    mixed = "_".join((*one[:2], two[2]))
    for token in (mixed, desk.token("officer")[:-1] + "~", "tanlu_" + "0" * 32 + "_" + "0" * 43, ""):
        answer = desk.client.get("/api/v1/records/me", headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    narrow = {"authorization": f"Bearer {desk.token('officer', 'call.read')}"}
    assert desk.client.get("/api/v1/programme/applications", headers=narrow).status_code == 403


def test_a_clock_that_is_set_back_loses_nothing(desk: ApiOffice) -> None:
    desk.post(
        "officer",
        "/records/organisations",
        {"zh": "先", "kind": "other", "region": "hunan", "valid_from": "2020-01-01"},
    )
    size = desk.records.database.size()
    desk.wait(days=-2)
    try:
        desk.post(
            "officer",
            "/records/organisations",
            {"zh": "后", "kind": "other", "region": "hunan", "valid_from": "2020-01-01"},
        )
        last, earlier = desk.get("officer", "/records/log", size=2)["rows"]
        assert (last["sequence"], earlier["sequence"]) == (size, size - 1), (
            "the order is that of the log, not of the clock"
        )
        assert last["at"] < earlier["at"]
        assert desk.office.client("officer").get("/me").status_code in (200, 303)
    finally:
        desk.wait(days=2)
    records = desk.records
    assert verify(records.log.folder, records.log.key.verifier, records.database, records.evidence).sound


def test_no_export_holds_a_cell_that_a_spreadsheet_would_run(desk: ApiOffice) -> None:
    for n, text in enumerate(FORMULAS):
        organisation = {"zh": text, "en": text, "kind": "other", "region": "hunan/changsha", "valid_from": "2020-01-01"}
        desk.post("officer", "/records/organisations", organisation)
        if n == 0:
            published_call(desk, zh=text, en=text)
    exports = 0
    for page in desk.office.app.state.desks:
        for form in ("csv", "xlsx"):
            answer = desk.office.client("officer").get(f"{page.path}?format={form}")
            if answer.status_code != 200 or "html" in answer.headers["content-type"]:
                continue
            exports += 1
            for cell in cells(form, answer.content):
                assert not cell.startswith(FORMULA), (page.path, form, cell)
    assert exports >= 4


def cells(form: str, content: bytes) -> list[str]:
    """Return the texts of an export that a spreadsheet may run; a workbook tells formulas from texts itself."""
    if form == "csv":
        return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row]
    from openpyxl import load_workbook

    found = [cell for sheet in load_workbook(io.BytesIO(content)) for row in sheet.iter_rows() for cell in row]
    return [str(cell.value) for cell in found if cell.data_type == "f"]


def test_what_is_no_text_and_no_number_is_told_and_breaks_nothing(desk: ApiOffice) -> None:
    for path in (
        "/programme/projects?q=%00",
        "/registry/entries?q=%00",
        "/records/people/%00",
        "/programme/projects?page=0",
    ):
        assert desk.ask("officer", "GET", path).status_code == 422, path
    from tests.portal.api_office import CALL

    for wrong in (
        {"pot": "1e40"},
        {"pot": "NaN"},
        {"year": 10**30},
        {"zh": "\x00"},
        {"zh": "长" * 500},
        {"unknown": 1},
    ):
        answer = desk.ask("officer", "POST", "/programme/calls", CALL | wrong)
        assert answer.status_code == 422, wrong
        assert answer.json()["detail"][0]["mend"], wrong
    lone = desk.client.post(
        "/api/v1/records/people", content=b'{"zh": "\\ud800", "organisation_id": "%s"}' % desk.office.units["unit"].encode(),
        headers=bearer(desk, "unit"),
    )  # fmt: skip
    assert lone.status_code == 422
    assert desk.client.post("/api/v1/programme/calls", content=b"{", headers=bearer(desk, "officer")).status_code == 422
