"""Who is visiting: the session of a browser or the token of a program, resolved once a request.

Without a system of record (a workspace in which none was made) everybody is the public, and the portal has its open pages only.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tanlu.core.errors import Problem
from tanlu.programme.cycle import ReviewTask
from tanlu.records import (
    NotAuthenticatedError,
    NotPermittedError,
    Person,
    Principal,
    Records,
    RefusedError,
    Visit,
    check_token,
    load_principal,
    local_day,
)
from tanlu.records.checkpointing import CheckpointTimer
from tanlu.records.login import ABSOLUTE
from tanlu.records.remembered import state_of_log
from tanlu.workspace import open_records, records_exist

COOKIE: Final = "tanlu-session"
BEARER: Final = "bearer "
ROLE_ORDER: Final = (
    "province_officer",
    "prefecture_officer",
    "expert",
    "unit",
    "auditor",
    "broker",
    "admin",
)
"""Which role decides on the landing page of somebody with several."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and by which means.

    Parameters
    ----------
    principal : Principal
    zh, en : str
        Names; empty for the public.
    visit : Visit or None
        Session of a browser; None for the public and for programs.
    form_token : str
        What the forms of the session carry.
    """

    principal: Principal = field(default_factory=Principal)
    zh: str = ""
    en: str = ""
    visit: Visit | None = None
    form_token: str = ""

    @property
    def known(self) -> bool:
        """Whether this is somebody, not the public."""
        return bool(self.principal.person_id)

    @property
    def must_change(self) -> bool:
        """Whether somebody else set the password, so that it is changed before anything else is done."""
        return self.visit is not None and self.visit.must_change

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles, the one that decides on the landing page first."""
        held = {grant.role for grant in self.principal.grants}
        return tuple(role for role in ROLE_ORDER if role in held)


PUBLIC: Final = Caller()
SEEN: Final = 500
"""People whose roles are remembered."""


def unknown_visitor(request: Request) -> NotAuthenticatedError:
    """Return the refusal of somebody who is not signed in: the session has ended, or there was none."""
    ended = getattr(request.state, "session_ended", False)
    return NotAuthenticatedError(Problem("session_ended" if ended else "not_signed_in", "login"))


class Identity:
    """The system of record behind the pages, and who asks for them.

    Parameters
    ----------
    workspace : Path
        Its system of record is opened if it has one.
    """

    def __init__(self, workspace: Path) -> None:
        self.folder = workspace
        """Folder of the workspace, which commands that a page shows are given."""
        self._records: Records | None = open_records(workspace) if records_exist(workspace) else None
        self._checkpoints: CheckpointTimer | None = None
        self._people = False
        self._seen: OrderedDict[tuple[int, date, str, frozenset[str] | None], Caller] = OrderedDict()

    @property
    def present(self) -> bool:
        """Whether there is a system of record."""
        return self._records is not None

    @property
    def nobody_signs_in(self) -> bool:
        """Whether there is no system of record or nobody in it yet: the workspace then belongs to whoever opens it."""
        if self.present and not self._people:
            with self.records.database.read() as session:
                # people are registered, never removed
                self._people = session.execute(select(Person.id).limit(1)).first() is not None
        return not self._people

    @property
    def records(self) -> Records:
        """The system of record.

        Raises
        ------
        RefusedError
            If there is none.
        """
        if self._records is None:
            raise RefusedError(Problem("no_records", "records"))
        return self._records

    def begin(self) -> None:
        """Begin to sign checkpoints; for a portal that really serves."""
        if self._records is not None and self._checkpoints is None:
            self._checkpoints = CheckpointTimer(self._records.log, self._records.settings.checkpoint_seconds)
            self._checkpoints.start()

    def close(self) -> None:
        """Sign a last checkpoint and give back the connections of the database."""
        if self._checkpoints is not None:
            self._checkpoints.stop()
        if self._records is not None:
            self._records.close()

    def caller(self, request: Request) -> Caller:
        """Return who asks; the public where there is neither session nor token.

        Raises
        ------
        NotAuthenticatedError
            If a token is sent that is not valid.
        """
        found = getattr(request.state, "caller", None)
        if not isinstance(found, Caller):
            found = self._resolve(request) if self.present else PUBLIC
            request.state.caller = found
        return found

    def _resolve(self, request: Request) -> Caller:
        records, sent = self.records, request.headers.get("authorization", "")
        if sent:
            if not sent.lower().startswith(BEARER):
                raise NotAuthenticatedError(Problem("token_invalid", "token"))
            with records.database.read() as session:
                holder = check_token(session, sent[len(BEARER) :].strip(), records.database.clock())
                entries, _ = state_of_log(session)
            return self._person(holder.person_id, entries, holder.actions)
        cookie = request.cookies.get(COOKIE, "")
        if not cookie:
            return PUBLIC
        try:
            visit = records.logins.visit(cookie)
        except NotAuthenticatedError:
            request.state.session_ended = True
            return PUBLIC
        token = records.logins.csrf_token(visit.session_id)
        return replace(self._person(visit.person_id, visit.entries, None), visit=visit, form_token=token)

    def _person(self, person_id: str, entries: int, actions: frozenset[str] | None) -> Caller:
        """Return who a person is; that changes only with an entry of the log, or with the day, and is not read anew until then."""
        day = local_day(self.records.database.clock())
        known = entries, day, person_id, actions
        who = self._seen.get(known)
        if who is None:
            with self.records.database.read() as session:
                who = _read_person(session, person_id, day, actions)
            self._seen[known] = who
            while len(self._seen) > SEEN:
                self._seen.popitem(last=False)
        return who

    def roles_of(self, session: Session, person_id: str) -> tuple[str, ...]:
        """Return the roles of a person today, the one that decides on the landing page first."""
        day = local_day(self.records.database.clock())
        return Caller(load_principal(session, person_id, day)).roles

    def may_keep(self, request: Request) -> bool:
        """Return whether a visitor may leave something in the workspace: somebody who is signed in, or anybody where nobody can sign in."""
        if self.nobody_signs_in:
            return True
        caller = self.caller(request)
        return caller.known and not caller.must_change

    def principal(self, request: Request) -> Principal:
        """Return who asks, as a dependency of the API.

        Raises
        ------
        NotPermittedError
            If the password must be changed first.
        """
        caller = self.caller(request)
        if caller.must_change:
            raise NotPermittedError(Problem("password_first", "login"))
        return caller.principal

    def writer(self, request: Request) -> Principal:
        """Return who writes through the API: a program with a token, or a page that sends its form token as a header.

        Raises
        ------
        NotAuthenticatedError
            If nobody is signed in, or the form token is missing.
        """
        caller = self.caller(request)
        if not caller.known:
            raise unknown_visitor(request)
        if caller.visit is not None:
            self.records.logins.check_csrf(caller.visit.session_id, request.headers.get("x-form-token", ""))
        return self.principal(request)


def _read_person(session: Session, person_id: str, day: date, actions: frozenset[str] | None) -> Caller:
    statement = select(ReviewTask.id).where(
        ReviewTask.expert_id == person_id, ReviewTask.state.in_(("assigned", "done"))
    )
    tasks = session.execute(statement).scalars()
    principal = load_principal(session, person_id, day, tasks=tasks, actions=actions)
    person = session.get_one(Person, person_id)
    return Caller(principal, person.name("zh"), person.name("en"))


def keep_session(response: Response, token: str, *, secure: bool) -> None:
    """Give the browser its session id."""
    seconds = int(ABSOLUTE.total_seconds())
    response.set_cookie(COOKIE, token, max_age=seconds, httponly=True, samesite="lax", secure=secure, path="/")


class SessionCookie:
    """Middleware: a session that has moved on gets its fresh id, one that has ended is forgotten, answers to somebody are not cached."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add to the head of the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_cookie(scope, MutableHeaders(scope=message))
            await send(message)

        await self.app(scope, receive, send_with_cookie)


def _add_cookie(scope: Scope, headers: MutableHeaders) -> None:
    state = scope.get("state", {})
    caller, secure = state.get("caller"), scope.get("scheme") == "https"
    if isinstance(caller, Caller) and caller.known:
        headers["cache-control"] = "no-store"
        headers["vary"] = "cookie, authorization"
    sent_by_page = COOKIE in headers.get("set-cookie", "")
    if sent_by_page:
        return
    answer = Response()
    if isinstance(caller, Caller) and caller.visit is not None and caller.visit.token is not None:
        keep_session(answer, caller.visit.token, secure=secure)
    elif state.get("session_ended"):
        answer.delete_cookie(COOKIE, path="/")
    for value in answer.headers.getlist("set-cookie"):
        headers.append("set-cookie", value)
