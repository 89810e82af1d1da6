"""Who may come in: signing in and out, forms of one's own session, tokens, and the portal without accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.portal.office import PASSWORD, Office, first_password, open_office

from tanlu.portal import create_app
from tanlu.portal.session.pages import safe_next
from tanlu.records import issue_token
from tanlu.workspace import Workspace


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = open_office(tmp_path_factory.mktemp("office") / "work")
    yield made
    made.records.close()


def sign_in(client: TestClient, login: str, password: str, **more: str) -> object:
    page = client.get("/login")
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)
    assert token
    data = {"form_token": token[1], "login": login, "password": password, **more}
    return client.post("/login", data=data, files={"nothing": ("", b"")})


def browser(office: Office) -> TestClient:
    return TestClient(office.app, follow_redirects=False)


def test_without_accounts_the_portal_is_open_as_it_was_and_says_how_accounts_are_made(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "work", "hunan")
    client = TestClient(create_app(tmp_path / "work"), follow_redirects=False)
    assert client.get("/docs").status_code == 200
    for path in ("/login", "/me", "/admin/people", "/en/admin/log"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "tanlu records init" in answer.text
    assert not (tmp_path / "work" / "records.db").exists()


def test_signing_in_gives_a_cookie_that_scripts_cannot_read_and_leads_to_the_page_of_the_role(office: Office) -> None:
    client = browser(office)
    answer = sign_in(client, "admin", PASSWORD)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/admin/people"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    page = client.get("/admin/people")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "某admin" in page.text


def test_behind_https_the_cookie_is_sent_only_there(office: Office) -> None:
    client = TestClient(office.app, base_url="https://testserver", follow_redirects=False)
    assert "secure" in sign_in(client, "admin", PASSWORD).headers["set-cookie"].lower()


def test_a_wrong_name_and_a_wrong_password_are_answered_alike(office: Office) -> None:
    said = []
    for login in ("auditor", "nobody-of-that-name"):
        answer = sign_in(browser(office), login, "wrong wrong wrong")
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers or "tanlu-session" not in answer.headers["set-cookie"]
        said.append(re.findall(r'role="alert">([^<]+)', answer.text))
    assert said[0] == said[1] != []


def test_a_form_of_another_page_does_not_sign_in(office: Office) -> None:
    client = browser(office)
    data = {"form_token": "0" * 64, "login": "admin", "password": PASSWORD}
    assert client.post("/login", data=data, files={"nothing": ("", b"")}).status_code == 403


@pytest.mark.parametrize(
    "asked", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_after_signing_in_nobody_is_sent_to_another_server(asked: str) -> None:
    assert safe_next(asked, "zh", "/me") == "/me"


def test_who_is_not_signed_in_is_led_to_the_login_and_back(office: Office) -> None:
    answer = browser(office).get("/en/admin/log?subject=x")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/en/login?next=%2Fen%2Fadmin%2Flog%3Fsubject%3Dx"
    assert safe_next("/en/admin/log?subject=x", "en", "/me") == "/en/admin/log?subject=x"


def test_an_altered_cookie_is_nobodys_and_is_forgotten(office: Office) -> None:
    client = browser(office)
    sign_in(client, "admin", PASSWORD)
    token = client.cookies["tanlu-session"]
    client.cookies.clear()
    client.cookies.set("tanlu-session", token[:-1] + ("a" if token[-1] != "a" else "b"))
    answer = client.get("/admin/people")
    assert answer.status_code == 303
    assert 'tanlu-session=""' in answer.headers["set-cookie"]


def test_a_form_needs_the_token_of_its_session_and_the_origin_of_the_server(office: Office) -> None:
    client, nothing = office.client("admin"), {"nothing": ("", b"")}
    for token in ("", "0" * 64, office.records.logins.csrf_token("another session")):
        assert client.post("/me", data={"act": "logout", "form_token": token}, files=nothing).status_code == 403
    good = re.search(r'name="form_token" value="([^"]+)"', client.get("/me").text)
    assert good
    data = {"act": "end_session", "form_token": good[1]}
    assert client.post("/me", data=data, files=nothing, headers={"origin": "https://evil.example"}).status_code == 403
    assert client.post("/me", data=data, files=nothing).status_code == 303
    assert browser(office).post("/me", data=data, files=nothing).status_code == 401


def test_signing_out_ends_the_session_also_for_a_copy_of_the_cookie(office: Office) -> None:
    client = browser(office)
    sign_in(client, "bureau", PASSWORD)
    copied = client.cookies["tanlu-session"]
    token = re.search(r'name="form_token" value="([^"]+)"', client.get("/me").text)
    assert token
    client.post("/me", data={"act": "logout", "form_token": token[1]}, files={"nothing": ("", b"")})
    again = browser(office)
    again.cookies.set("tanlu-session", copied)
    assert again.get("/me").status_code == 303


@pytest.mark.parametrize("words", ["单位unit", "unit"])
def test_a_person_is_registered_with_the_name_of_the_unit(office: Office, words: str) -> None:
    sent = office.send("admin", "/admin/people", "person", zh="张三", organisation_id=words)
    assert sent.status_code == 303
    shown = office.client("admin").get("/admin/people", params={"q": "张三"}).text
    assert re.search(r'<th scope="row">张三</th><td class="name">单位unit ', shown)


def test_a_password_that_another_has_set_is_changed_before_anything_else(office: Office) -> None:
    first_password(office.records, "fresh", "given by somebody else")
    client = browser(office)
    assert sign_in(client, "fresh", "given by somebody else").headers["location"] == "/me?must=1"
    assert client.get("/programme").headers["location"] == "/me?must=1"
    assert client.get("/api/v1/programme/calls").status_code == 403
    token = re.search(r'name="form_token" value="([^"]+)"', client.get("/me").text)
    assert token
    sent = client.post("/admin/people", data={"act": "person", "form_token": token[1]}, files={"nothing": ("", b"")})
    assert sent.status_code in (303, 403)
    own = {"old": "given by somebody else", "new": "chosen by myself alone", "again": "chosen by myself alone"}
    wrong = {**own, "again": "chosen by somebody"}
    form = {"act": "password", "form_token": token[1]}
    assert client.post("/me", data={**form, **wrong}, files={"nothing": ("", b"")}).status_code == 422
    answer = client.post("/me", data={**form, **own}, files={"nothing": ("", b"")})
    assert answer.headers["location"] == "/me?done=password"
    assert sign_in(browser(office), "fresh", "chosen by myself alone").status_code == 303


def test_one_time_codes_are_asked_for_once_they_are_on_and_count_once(office: Office) -> None:
    from pyotp import TOTP

    first_password(office.records, "careful", "given by somebody else")
    client = browser(office)
    sign_in(client, "careful", "given by somebody else")
    token = re.search(r'name="form_token" value="([^"]+)"', client.get("/me").text)
    assert token
    nothing, form = {"nothing": ("", b"")}, {"form_token": token[1]}
    page = client.post("/me", data={**form, "act": "totp_begin"}, files=nothing)
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page.text)
    assert secret
    assert client.post("/me", data={**form, "act": "totp_confirm", "code": "000000"}, files=nothing).status_code == 422
    code = TOTP(secret[1]).now()
    shown = client.post("/me", data={**form, "act": "totp_confirm", "code": code}, files=nothing)
    recovery = re.findall(r"<code>([0-9a-f]{8}-[0-9a-f]{8})</code>", shown.text)
    assert len(recovery) == 8
    other = browser(office)
    asked = sign_in(other, "careful", "given by somebody else")
    assert asked.status_code == 401
    assert 'name="code"' in asked.text
    assert sign_in(other, "careful", "given by somebody else", code=code).status_code == 401, "a code counts once"
    assert sign_in(other, "careful", "given by somebody else", code=recovery[0]).status_code == 303


def test_a_token_of_a_program_is_limited_ends_and_can_be_revoked(office: Office) -> None:
    person = office.people["auditor"]
    answer = office.send("auditor", "/me", "issue", label="script", days="30", actions=["log.read", "role.grant"])
    shown = re.search(r"(tanlu_[0-9a-f]{32}_[\w-]{43})", answer.text)
    assert shown
    client = browser(office)

    def status(token: str) -> int:
        return client.get("/admin/log", headers={"authorization": f"Bearer {token}"}).status_code

    assert status(shown[1]) == 200
    assert client.get("/admin/people", headers={"authorization": f"Bearer {shown[1]}"}).status_code == 403
    with office.records.database.change(person, "token.issue", f"person:{person}") as change:
        short = issue_token(change, person, "short", ["log.read"], change.at + timedelta(minutes=1))
    clock = office.records.database.clock
    office.records.database.clock = lambda: clock() + timedelta(minutes=2)
    assert status(short) == 303
    office.records.database.clock = clock
    key = shown[1].split("_")[1]
    assert office.send("unit", "/me", "revoke", id=key).status_code == 404, "not one's own"
    assert office.send("auditor", "/me", "revoke", id=key).status_code == 303
    assert status(shown[1]) == 303


def test_an_administrator_lets_somebody_in_who_then_signs_in(office: Office) -> None:
    assert office.send("admin", "/admin/people", "person", zh="新人", en="newcomer").status_code == 303
    page = office.client("admin").get("/admin/people?q=新人").text
    person = re.search(r'name="person_id" value="([0-9a-f]{32})"', page)
    assert person
    given = {
        "person_id": person[1],
        "role": "prefecture_officer",
        "region": "hunan/yueyang",
        "valid_from": "2020-01-01",
    }
    assert office.send("admin", "/admin/people", "role", **given).status_code == 303
    answer = office.send("admin", "/admin/people", "login", person_id=person[1], login="newcomer")
    password = re.search(r"<code>([^<]+)</code>", answer.text)
    assert password
    client = browser(office)
    assert sign_in(client, "newcomer", password[1]).headers["location"] == "/me?must=1"
    assert office.send("admin", "/admin/people", "disable", person_id=person[1]).status_code == 303
    assert client.get("/me").status_code == 303
    own = office.send("admin", "/admin/people", "role", **{**given, "person_id": office.people["admin"]})
    assert own.status_code == 422, "nobody gives a role to themselves"


def test_the_log_shows_the_verifier_and_gives_receipts_that_hold(office: Office) -> None:
    from tanlu.records.log import VerifierKey, verify_receipt

    page = office.client("auditor").get("/admin/log?verify=1")
    assert "status-ok" in page.text
    receipt = office.client("auditor").get("/programme/receipt?id=0")
    entry, _ = verify_receipt(receipt.text, VerifierKey.parse(str(office.records.log.key.verifier)))
    assert entry.index == 0
    assert office.client("expert").get("/programme/receipt?id=0").status_code == 403
    assert office.client("auditor").get("/programme/receipt?id=99999999").status_code == 404
