"""Login: rules of passwords, growing delays, rotating sessions, one-time codes, tokens."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyotp import TOTP
from sqlalchemy import select

from tanlu.records import passwords
from tanlu.records.database import Database
from tanlu.records.first_admin import make_first_admin
from tanlu.records.login import (
    ABSOLUTE,
    GRACE,
    IDLE,
    ROTATE,
    Credential,
    Logins,
    LoginSession,
    forget_login,
    set_password,
)
from tanlu.records.passwords import hash_password, is_outdated, password_fits, password_problems, random_password
from tanlu.records.people import register_person
from tanlu.records.refusals import NotAuthenticatedError, RefusedError
from tanlu.records.tokens import ApiToken, check_token, issue_token, revoke_token
from tanlu.records.vault import Vault

GOOD = "Kirschbaum-42-Regen"
IN_USE = (passwords.MEMORY_KIB, passwords.PASSES)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def on(self, step: timedelta) -> None:
        self.moment += step


@pytest.fixture
def database(sqlite: Database) -> Database:
    """SQLite: what may differ between the databases are attempts at once, which are tested on both."""
    return sqlite


@pytest.fixture
def clock(database: Database) -> Clock:
    """The clock of the database."""
    clock = Clock()
    database.clock = clock
    return clock


@pytest.fixture
def logins(database: Database, clock: Clock) -> Logins:
    """Logins of a database with the account ``zhang``."""
    with database.change("system", "person.register", "person") as change:
        person = register_person(change, zh="张三")
        set_password(change, person.id, " Zhang ", GOOD)
    return Logins(database, Vault(bytes(32)))


def refused(attempt: Callable[[], object]) -> str:
    with pytest.raises(RefusedError) as error:
        attempt()
    return error.value.problems[0].code


def test_a_session_from_login_to_logout(logins: Logins, clock: Clock) -> None:
    visit = logins.log_in("ZHANG", GOOD)
    assert visit.token is not None and logins.visit(visit.token).person_id == visit.person_id
    with logins.database.read() as session:
        stored = session.execute(select(LoginSession)).scalar_one()
    assert visit.token.encode() not in (stored.token_hash, stored.id.encode())
    logins.log_out(visit.token)
    assert refused(lambda: logins.visit(visit.token or "")) == "session_ended"
    assert refused(lambda: logins.visit("")) == "session_ended"


def test_unknown_names_and_wrong_passwords_have_the_same_answer(logins: Logins, clock: Clock) -> None:
    assert (
        refused(lambda: logins.log_in("zhang", "wrong"))
        == refused(lambda: logins.log_in("nobody", GOOD))
        == "login_wrong"
    )
    with logins.database.change("system", "credential.disable", "person") as change:
        change.session.execute(select(Credential)).scalar_one().disabled = True
    assert refused(lambda: logins.log_in("zhang", GOOD)) == "login_wrong"


@pytest.mark.parametrize("name", ["zhang", "nobody"])
def test_guessing_is_slowed_down_more_and_more(logins: Logins, clock: Clock, name: str) -> None:
    for _ in range(5):
        assert refused(lambda: logins.log_in(name, "wrong")) == "login_wrong"
    assert refused(lambda: logins.log_in(name, GOOD)) == "login_locked"
    delays = []
    for _ in range(9):
        with pytest.raises(RefusedError) as error:
            logins.log_in(name, "wrong")
        delays.append(error.value.problems[0].details["seconds"])
        clock.on(timedelta(seconds=delays[-1] - 1))
        assert refused(lambda: logins.log_in(name, GOOD)) == "login_locked"
        clock.on(timedelta(seconds=1))
        assert refused(lambda: logins.log_in(name, "wrong")) == "login_wrong"
    assert delays == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_a_login_after_the_delay_starts_the_count_again(logins: Logins, clock: Clock) -> None:
    for _ in range(5):
        refused(lambda: logins.log_in("zhang", "wrong"))
    clock.on(timedelta(seconds=31))
    logins.log_in("zhang", GOOD)
    for _ in range(4):
        assert refused(lambda: logins.log_in("zhang", "wrong")) == "login_wrong"
    logins.log_in("zhang", GOOD)


def test_many_attempts_at_once_are_all_counted(url: str) -> None:
    logins = Logins(Database.open(url), Vault(bytes(32)))
    codes: list[str] = []
    threads = [
        threading.Thread(target=lambda: codes.append(refused(lambda: logins.log_in("x", "wrong")))) for _ in range(9)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == ["login_locked"] * 4 + ["login_wrong"] * 5
    logins.database.close()


def test_session_ids_are_exchanged_and_a_stolen_one_ends_the_session(logins: Logins, clock: Clock) -> None:
    first = logins.log_in("zhang", GOOD).token or ""
    clock.on(ROTATE)
    second = logins.visit(first).token
    assert second is not None and second != first
    clock.on(GRACE)
    assert logins.visit(first).token is None
    assert logins.visit(second).token is None
    clock.on(timedelta(seconds=1))
    assert refused(lambda: logins.visit(first)) == "session_ended"
    assert refused(lambda: logins.visit(second)) == "session_ended"


def test_sessions_end_when_idle_and_after_a_day_of_work(logins: Logins, clock: Clock) -> None:
    token = logins.log_in("zhang", GOOD).token or ""
    clock.on(IDLE + timedelta(seconds=1))
    assert refused(lambda: logins.visit(token)) == "session_ended"
    token, start = logins.log_in("zhang", GOOD).token or "", clock()
    while clock() - start < ABSOLUTE:
        clock.on(timedelta(minutes=29))
        if clock() - start <= ABSOLUTE:
            token = logins.visit(token).token or token
    clock.on(timedelta(minutes=1))
    assert refused(lambda: logins.visit(token)) == "session_ended"


def test_a_form_belongs_to_its_session(logins: Logins, clock: Clock) -> None:
    one, two = logins.log_in("zhang", GOOD), logins.log_in("zhang", GOOD)
    code = logins.csrf_token(one.session_id)
    logins.check_csrf(one.session_id, code)
    for session, token in ((two.session_id, code), (one.session_id, ""), (one.session_id, code[:-1] + "é")):
        assert refused(lambda s=session, t=token: logins.check_csrf(s, t)) == "csrf"  # type: ignore[misc]


def test_a_new_password_ends_the_other_sessions(logins: Logins, clock: Clock) -> None:
    old, visit = logins.log_in("zhang", GOOD), logins.log_in("zhang", GOOD)
    assert refused(lambda: logins.change_password(visit, "wrong", "Another-Long-42")) == "login_wrong"
    assert refused(lambda: logins.change_password(visit, GOOD, GOOD)) == "password_same"
    assert refused(lambda: logins.change_password(visit, GOOD, "short")) == "password_length"
    logins.change_password(visit, GOOD, "Another-Long-42")
    assert refused(lambda: logins.visit(old.token or "")) == "session_ended"
    logins.visit(visit.token or "")
    assert refused(lambda: logins.log_in("zhang", GOOD)) == "login_wrong"
    logins.log_in("zhang", "Another-Long-42")


def test_one_time_codes_count_once(logins: Logins, clock: Clock) -> None:
    person = logins.log_in("zhang", GOOD).person_id
    address = logins.begin_totp(person, "Tanlu")
    totp = TOTP(address.partition("secret=")[2].partition("&")[0])
    logins.log_in("zhang", GOOD)
    assert refused(lambda: logins.confirm_totp(person, "000000x")) == "login_wrong"
    codes = logins.confirm_totp(person, totp.at(clock()))
    assert refused(lambda: logins.log_in("zhang", GOOD)) == "code_needed"
    assert refused(lambda: logins.log_in("zhang", GOOD, totp.at(clock()))) == "login_wrong"
    clock.on(timedelta(seconds=30))
    code = totp.at(clock())
    logins.log_in("zhang", GOOD, code)
    assert refused(lambda: logins.log_in("zhang", GOOD, code)) == "login_wrong"
    assert refused(lambda: logins.log_in("zhang", GOOD, totp.at(clock() - timedelta(minutes=2)))) == "login_wrong"
    logins.log_in("zhang", GOOD, codes[0])
    assert refused(lambda: logins.log_in("zhang", GOOD, codes[0])) == "login_wrong"
    logins.turn_off_totp(person, "system", "遗失设备")
    logins.log_in("zhang", GOOD)
    with logins.database.read() as session:
        assert session.get_one(Credential, person).recovery_hashes == []


def test_a_person_without_login_is_out(logins: Logins, clock: Clock) -> None:
    visit = logins.log_in("zhang", GOOD)
    with logins.database.change("system", "login.forget", "person") as change:
        forget_login(change, visit.person_id)
    assert refused(lambda: logins.visit(visit.token or "")) == "session_ended"
    assert refused(lambda: logins.log_in("zhang", GOOD)) == "login_wrong"


def test_hashes_are_made_again_when_parameters_grow(
    logins: Logins, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "PASSES", 2)
    passwords._hasher.cache_clear()
    visit = logins.log_in("zhang", GOOD)
    with logins.database.read() as session:
        stored = session.get_one(Credential, visit.person_id).password_hash
    assert "t=2" in stored and not is_outdated(stored)


def test_login_names_are_of_one_person(sqlite: Database) -> None:
    assert "-" in make_first_admin(sqlite, "chief")
    with sqlite.change("system", "x.y", "z") as change:
        person = register_person(change, zh="李四").id
    for name, code in (("Chief", "login_known"), (" ", "empty")):
        with pytest.raises(RefusedError) as error, sqlite.change("system", "x.y", "z") as change:
            set_password(change, person, name, GOOD)
        assert [p.code for p in error.value.problems] == [code]


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        (GOOD, []),
        ("correct horse battery staple", []),
        ("Kurz-1", ["password_length"]),
        ("alllowercases", ["password_kinds"]),
        ("aaaaaaaaaaaaaaaaaaaaaa", ["password_repeats"]),
        ("My-Password-2026", ["password_common"]),
        ("Zhang-wohnt-hier-1", ["password_login"]),
        ("x" * 129, ["password_length", "password_repeats"]),
        ("一个很长的中文口令句子A1", []),
    ],
)
def test_rules_of_passwords(password: str, codes: list[str]) -> None:
    found = password_problems(password, "zhang")
    assert [p.code for p in found] == codes
    assert not any(password in p.text(language) for p in found for language in ("zh", "en"))


def test_hashes_are_argon2id_with_the_parameters_of_the_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "MEMORY_KIB", IN_USE[0])
    monkeypatch.setattr(passwords, "PASSES", IN_USE[1])
    passwords._hasher.cache_clear()
    stored = hash_password(random_password())
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not password_fits("not a hash", "x") and not password_fits(None, "x")
    passwords._hasher.cache_clear()
    passwords._nobody.cache_clear()


def test_tokens_are_shown_once_and_end(database: Database) -> None:
    at = database.clock()
    with database.change("system", "token.issue", "person") as change:
        person = register_person(change, zh="张三").id
        token = issue_token(change, person, "脚本", ["log.read"], change.at + timedelta(days=30))
    with database.read() as session:
        holder = check_token(session, token, at)
        stored = session.get_one(ApiToken, holder.token_id)
        assert holder.actions == {"log.read"} and token.rpartition("_")[2].encode() not in stored.secret_hash
        for bad in ("", token[:-1] + ("a" if token[-1] != "a" else "b"), token.replace("tanlu", "other"), token + "x"):
            with pytest.raises(NotAuthenticatedError):
                check_token(session, bad, at)
        with pytest.raises(NotAuthenticatedError):
            check_token(session, token, at + timedelta(days=31))
    with database.change("system", "token.revoke", "token") as change:
        revoke_token(change, holder.token_id)
    with database.read() as session, pytest.raises(NotAuthenticatedError):
        check_token(session, token, at)
    with pytest.raises(RefusedError) as error, database.change("system", "token.issue", "person") as change:
        issue_token(change, person, "", [], change.at + timedelta(days=400))
    assert [p.code for p in error.value.problems] == ["empty", "token_end"]


def test_the_vault_opens_only_with_its_key_and_in_its_place(tmp_path: Path) -> None:
    vault = Vault.open(tmp_path / "keys" / "vault.key")
    sealed = vault.encrypt(b"secret", "a")
    assert Vault.open(tmp_path / "keys" / "vault.key").decrypt(sealed, "a") == b"secret"
    for key, context, data in ((Vault(bytes(32)), "a", sealed), (vault, "b", sealed), (vault, "a", sealed[:-1] + b"x")):
        with pytest.raises(RefusedError):
            key.decrypt(data, context)
    (tmp_path / "keys" / "vault.key").chmod(0o640)
    with pytest.raises(RefusedError):
        Vault.open(tmp_path / "keys" / "vault.key")
    with pytest.raises(ValueError):
        Vault(b"short")
