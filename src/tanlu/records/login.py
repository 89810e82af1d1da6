"""Login: passwords, one-time codes, sessions, and the lock against guessing.

- A session id is 256 random bits, stored as a hash, exchanged for a fresh one every `ROTATE`; an id that was exchanged is good for
  `GRACE` more, for requests under way. Later use of it ends the session: somebody else has a copy.
- Attempts are counted before the password is checked, by login name, whether or not there is such an account.
- The token against forged requests (CSRF) is an authentication code of the session.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, bindparam, delete, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tanlu.core.errors import Problem
from tanlu.records.base import Base, Id, Line, Plain, Working, new_id
from tanlu.records.changes import Change
from tanlu.records.database import Database
from tanlu.records.entries import HEAD, LogHead
from tanlu.records.passwords import hash_password, is_outdated, password_fits, password_problems
from tanlu.records.people import find_person
from tanlu.records.refusals import ConflictError, NotAuthenticatedError, RefusedError
from tanlu.records.vault import Vault

IDLE: Final = timedelta(minutes=30)
ABSOLUTE: Final = timedelta(hours=12)
ROTATE: Final = timedelta(minutes=15)
GRACE: Final = timedelta(seconds=30)
SEEN_STEP: Final = timedelta(minutes=1)
FREE_ATTEMPTS: Final = 5
FIRST_DELAY: Final = timedelta(seconds=30)
LONGEST_DELAY: Final = timedelta(hours=1)
TOTP_PERIOD: Final = 30
RECOVERY_CODES: Final = 8


class Credential(Base):
    """How a person logs in."""

    __tablename__ = "credential"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    login: Mapped[Line] = mapped_column(unique=True)
    password_hash: Mapped[Line]
    must_change: Mapped[bool] = mapped_column(default=False)
    disabled: Mapped[bool] = mapped_column(default=False)
    totp_secret: Mapped[bytes | None]
    totp_confirmed: Mapped[bool] = mapped_column(default=False)
    recovery_hashes: Mapped[list[str]] = mapped_column(Plain(), default=list)
    changed_at: Mapped[datetime]


class LoginSession(Working):
    """A session in a browser."""

    __tablename__ = "login_session"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    previous_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    created_at: Mapped[datetime]
    rotated_at: Mapped[datetime]
    seen_at: Mapped[datetime]


_VISITED: Final = (
    select(
        LoginSession.id, LoginSession.person_id, LoginSession.token_hash, LoginSession.created_at, LoginSession.rotated_at,
        LoginSession.seen_at, Credential.must_change, LogHead.size,
    )
    .join(Credential, Credential.person_id == LoginSession.person_id)
    .join(LogHead, LogHead.id == HEAD)
    .where(
        or_(LoginSession.token_hash == bindparam("sent"), LoginSession.previous_hash == bindparam("sent")),
        Credential.disabled.is_(False),
    )
)  # fmt: skip
"""What is asked at every request of a browser."""


class LoginAttempts(Working):
    """Attempts at a login name since the last success."""

    __tablename__ = "login_attempts"

    name_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    count: Mapped[int]
    locked_until: Mapped[datetime | None]
    totp_step: Mapped[int | None] = mapped_column(BigInteger)


@dataclass(frozen=True, slots=True)
class Visit:
    """A session that is valid now.

    Parameters
    ----------
    person_id, session_id : str
    token : str or None
        A fresh session id that the browser must keep instead of the one it sent; None if that one stays.
    must_change : bool
        The password was set by somebody else.
    entries : int
        Size of the log when the session was looked up; 0 when it was begun.
    """

    person_id: str
    session_id: str
    token: str | None
    must_change: bool = False
    entries: int = 0


def _hash(text: str) -> bytes:
    return sha256(text.encode("utf-8", "replace")).digest()


def login_name(written: str) -> str:
    """Return the form in which a login name is stored: without spaces around it, lower case."""
    return written.strip().casefold()


def set_password(change: Change, person_id: str, login: str, password: str, *, must_change: bool = False) -> None:
    """Give a person a login name and password.

    Raises
    ------
    RefusedError
        If the password breaks the rules, or the login name is empty or of somebody else.
    """
    find_person(change.session, person_id)
    name = login_name(login)
    problems = password_problems(password, name)
    if not name:
        problems.append(Problem("empty", "login", field="login"))
    statement = select(Credential).where(Credential.login == name, Credential.person_id != person_id)
    if change.session.execute(statement).first():
        problems.append(Problem("login_known", "login", field="login", value=name))
    if problems:
        raise RefusedError(*problems)
    credential = change.session.get(Credential, person_id)
    if credential is None:
        credential = Credential(person_id=person_id)
        change.session.add(credential)
    credential.login, credential.password_hash = name, hash_password(password)
    credential.must_change, credential.changed_at = must_change, change.at


def forget_login(change: Change, person_id: str) -> None:
    """Delete the login of a person and end all sessions."""
    credential = change.session.get(Credential, person_id)
    if credential is not None:
        change.session.delete(credential)
    change.session.execute(delete(LoginSession).where(LoginSession.person_id == person_id))


class Logins:
    """Logging in and out.

    Parameters
    ----------
    database : Database
    vault : Vault
        Key for one-time-code secrets and CSRF tokens.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database = database
        self.vault = vault

    def log_in(self, login: str, password: str, code: str | None = None) -> Visit:
        """Begin a session.

        Parameters
        ----------
        code : str, optional
            One-time code or recovery code, for accounts that ask for one.

        Raises
        ------
        NotAuthenticatedError
            ``login_locked`` after too many attempts, ``login_wrong``, or ``code_needed`` when the password is right.
        """
        name = login_name(login)
        self._count_attempt(name)
        with self.database.read() as session:
            credential = session.execute(select(Credential).where(Credential.login == name)).scalar_one_or_none()
        stored = credential.password_hash if credential is not None and not credential.disabled else None
        if not password_fits(stored, password) or credential is None:
            raise NotAuthenticatedError(Problem("login_wrong", "login"))
        if credential.totp_confirmed:
            if code is None:
                self._uncount_attempt(name)
                raise NotAuthenticatedError(Problem("code_needed", "login"))
            self._check_code(credential, code)
        if is_outdated(credential.password_hash):
            with self.database.change(credential.person_id, "login.rehash", f"person:{credential.person_id}") as change:
                change.session.get_one(Credential, credential.person_id).password_hash = hash_password(password)
        return self._begin(credential, name)

    def _begin(self, credential: Credential, name: str) -> Visit:
        at, token = self.database.clock(), secrets.token_urlsafe(32)
        with self.database.working() as session:
            attempts = session.get(LoginAttempts, _hash(name))
            if attempts is not None:
                attempts.count, attempts.locked_until = 0, None
            found = LoginSession(
                id=new_id(),
                person_id=credential.person_id,
                token_hash=_hash(token),
                created_at=at,
                rotated_at=at,
                seen_at=at,
            )
            session.add(found)
        return Visit(credential.person_id, found.id, token, credential.must_change)

    def _count_attempt(self, name: str) -> None:
        """Count an attempt before it is checked, so that many at once are not checked for the price of one."""
        try:
            self._count_once(name)
        except ConflictError:
            # two first attempts at the same moment made the same row; it is there now
            self._count_once(name)

    def _count_once(self, name: str) -> None:
        at, key = self.database.clock(), _hash(name)
        with self.database.working() as session:
            found = session.get(LoginAttempts, key, with_for_update=True)
            if found is None:
                session.add(LoginAttempts(name_hash=key, count=1))
                return
            if found.locked_until is not None and at < found.locked_until:
                seconds = math.ceil((found.locked_until - at).total_seconds())
                raise NotAuthenticatedError(Problem("login_locked", "login", details={"seconds": seconds}))
            found.count += 1
            over = found.count - FREE_ATTEMPTS
            if over >= 0:
                # the exponent is bounded first: a number of many thousand bits helps nobody
                found.locked_until = at + min(FIRST_DELAY * 2 ** min(over, 20), LONGEST_DELAY)

    def _uncount_attempt(self, name: str) -> None:
        with self.database.working() as session:
            found = session.get(LoginAttempts, _hash(name), with_for_update=True)
            if found is not None:
                found.count, found.locked_until = max(found.count - 1, 0), None

    def visit(self, token: str) -> Visit:
        """Return the session of a session id, and move it on.

        Raises
        ------
        NotAuthenticatedError
            If there is none, or it has ended.
        """
        at, sent = self.database.clock(), _hash(token)
        with self.database.read() as reading:
            found = reading.connection().execute(_VISITED, {"sent": sent}).one_or_none()
        if found is None:
            raise NotAuthenticatedError(Problem("session_ended", "login"))
        stolen = found.token_hash != sent and at > found.rotated_at + GRACE
        if stolen or at - found.seen_at > IDLE or at - found.created_at > ABSOLUTE:
            self.log_out(token)
            raise NotAuthenticatedError(Problem("session_ended", "login"))
        fresh = None
        if at - found.seen_at >= SEEN_STEP or at - found.rotated_at >= ROTATE:
            fresh = self._move_on(sent, at)
        return Visit(found.person_id, found.id, fresh, found.must_change, found.size)

    def _move_on(self, sent: bytes, at: datetime) -> str | None:
        with self.database.working() as session:
            found = _session_of(session, sent)
            if found is None:
                return None
            found.seen_at = at
            if found.token_hash != sent or at - found.rotated_at < ROTATE:
                return None
            fresh = secrets.token_urlsafe(32)
            found.previous_hash, found.token_hash, found.rotated_at = found.token_hash, _hash(fresh), at
            return fresh

    def log_out(self, token: str) -> None:
        """End a session."""
        with self.database.working() as session:
            found = _session_of(session, _hash(token))
            if found is not None:
                session.delete(found)

    def log_out_everywhere(self, person_id: str, keep: str = "") -> None:
        """End all sessions of a person, but for the one to keep."""
        with self.database.working() as session:
            session.execute(delete(LoginSession).where(LoginSession.person_id == person_id, LoginSession.id != keep))

    def change_password(self, visit: Visit, old: str, new: str) -> None:
        """Replace one's own password, and end all other sessions.

        Raises
        ------
        NotAuthenticatedError
            If the old password is wrong.
        RefusedError
            If the new one breaks the rules or is the old one.
        """
        credential = self.confirm_password(visit.person_id, old)
        if new == old:
            raise RefusedError(Problem("password_same", "login", field="password"))
        with self.database.change(visit.person_id, "login.password", f"person:{visit.person_id}") as change:
            set_password(change, visit.person_id, credential.login, new)
        self.log_out_everywhere(visit.person_id, keep=visit.session_id)

    def confirm_password(self, person_id: str, password: str) -> Credential:
        """Return the credential of a person who is signed in and has said the password again.

        Raises
        ------
        NotAuthenticatedError
            If the password is wrong, or after too many attempts.
        """
        with self.database.read() as session:
            credential = session.get_one(Credential, person_id)
        self._count_attempt(credential.login)
        if not password_fits(credential.password_hash, password):
            raise NotAuthenticatedError(Problem("login_wrong", "login"))
        self._uncount_attempt(credential.login)
        return credential

    def csrf_token(self, session_id: str) -> str:
        """Return the token that the forms of a session carry."""
        return self.vault.code(f"csrf {session_id}")

    def check_csrf(self, session_id: str, token: str) -> None:
        """Do nothing if a form is of this session.

        Raises
        ------
        NotAuthenticatedError
            If not.
        """
        if not self.vault.fits(f"csrf {session_id}", token):
            raise NotAuthenticatedError(Problem("csrf", "login"))

    def begin_totp(self, person_id: str, issuer: str) -> str:
        """Make a secret for one-time codes and return the address that an authenticator app scans.

        Codes are asked for only after `confirm_totp`. Source: RFC 6238, 30 s, 6 digits, SHA-1, as authenticator apps expect.
        """
        from pyotp import TOTP, random_base32

        secret = random_base32()
        with self.database.change(person_id, "login.totp_begin", f"person:{person_id}") as change:
            credential = change.session.get_one(Credential, person_id)
            credential.totp_secret = self.vault.encrypt(secret.encode(), f"totp {person_id}")
            credential.totp_confirmed = False
            login = credential.login
        return TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)

    def confirm_totp(self, person_id: str, code: str) -> list[str]:
        """Turn one-time codes on and return the recovery codes, which can be read only now.

        Raises
        ------
        NotAuthenticatedError
            If the code is wrong.
        """
        with self.database.read() as session:
            credential = session.get_one(Credential, person_id)
        self._check_totp(credential, code)
        codes = [f"{secrets.token_hex(4)}-{secrets.token_hex(4)}" for _ in range(RECOVERY_CODES)]
        with self.database.change(person_id, "login.totp_on", f"person:{person_id}") as change:
            credential = change.session.get_one(Credential, person_id)
            credential.totp_confirmed = True
            credential.recovery_hashes = [_hash(c).hex() for c in codes]
        return codes

    def turn_off_totp(self, person_id: str, actor: str, reason: str) -> None:
        """Turn one-time codes off, for a person who has lost the device."""
        with self.database.change(actor, "login.totp_off", f"person:{person_id}", reason=reason) as change:
            credential = change.session.get_one(Credential, person_id)
            credential.totp_secret, credential.totp_confirmed, credential.recovery_hashes = None, False, []

    def _check_code(self, credential: Credential, code: str) -> None:
        if _hash(code.strip()).hex() in credential.recovery_hashes:
            subject = f"person:{credential.person_id}"
            with self.database.change(credential.person_id, "login.recovery", subject) as change:
                present = change.session.get_one(Credential, credential.person_id)
                left = [h for h in present.recovery_hashes if h != _hash(code.strip()).hex()]
                if len(left) == len(present.recovery_hashes):
                    raise NotAuthenticatedError(Problem("login_wrong", "login"))
                present.recovery_hashes = left
            return
        self._check_totp(credential, code)

    def _check_totp(self, credential: Credential, code: str) -> None:
        from pyotp import TOTP

        if credential.totp_secret is None:
            raise NotAuthenticatedError(Problem("login_wrong", "login"))
        totp = TOTP(self.vault.decrypt(credential.totp_secret, f"totp {credential.person_id}").decode())
        now = int(self.database.clock().timestamp()) // TOTP_PERIOD
        step = next((s for s in (now, now - 1, now + 1) if _same(totp.generate_otp(s), code.strip())), None)
        with self.database.working() as session:
            attempts = session.get(LoginAttempts, _hash(credential.login), with_for_update=True)
            if attempts is None:
                attempts = LoginAttempts(name_hash=_hash(credential.login), count=0)
                session.add(attempts)
            # a code counts once: who has read it over a shoulder cannot use it
            if step is None or (attempts.totp_step is not None and step <= attempts.totp_step):
                raise NotAuthenticatedError(Problem("login_wrong", "login"))
            attempts.totp_step = step


def _same(a: str, b: str) -> bool:
    return secrets.compare_digest(a.encode(), b.encode("utf-8", "replace"))


def _session_of(session: Session, sent: bytes) -> LoginSession | None:
    ours = or_(LoginSession.token_hash == sent, LoginSession.previous_hash == sent)
    return session.execute(select(LoginSession).where(ours)).scalar_one_or_none()
