"""How programs reach the system of record: who may, how much they may send, once for each key, and on the version that they have seen.

Each route names the rights that open it (`needs`); one without a name is a fault of the program. Whoever has none of them for any record is
answered before the body is read: 401 without login, 403 with one. What the right reaches is decided by the service, record by record.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from hashlib import sha256
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.types import Message

from tanlu.core.errors import DataError, Problem
from tanlu.portal.platform.caching import PACKED
from tanlu.portal.platform.late_routes import LateRoute
from tanlu.portal.session.identity import Identity, unknown_visitor
from tanlu.portal.uploads import RefusedError as UploadRefusedError
from tanlu.records import (
    Attendance,
    NotPermittedError,
    Principal,
    Records,
    RefusedError,
    RepeatedRequestError,
    Watched,
    attended,
)
from tanlu.records.requests import keep_answer, version_of

PREFIX: Final = "/api/v1"
RIGHTS: Final = "x-rights"
STREAMS: Final = "x-streams"
SECRET: Final = "x-secret"
ANYBODY: Final = "anybody"
SIGNED_IN: Final = "signed-in"
READING: Final = frozenset({"GET", "HEAD"})
LARGEST_BODY: Final = 2_000_000
"""Bytes of a JSON body; files are sent apart."""
LARGEST_ANSWER: Final = 200_000
"""Characters of an answer that is kept for a repeated request; of a longer one only that it was given."""
KEY_HEADER: Final = "idempotency-key"

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def needs(*rights: str, streams: bool = False, secret: bool = False) -> dict[str, Any]:
    """Return what a route says about who may use it.

    Parameters
    ----------
    rights : str
        Actions of the table of rights, one of which somebody must have for some record; or `ANYBODY`, `SIGNED_IN`.
    streams : bool
        The endpoint reads the body itself, chunk by chunk.
    secret : bool
        The answer can be read only once and is not kept for a repeated request.
    """
    return {"openapi_extra": {RIGHTS: list(rights), STREAMS: streams, SECRET: secret}}


class RecordsRoute(LateRoute):
    """A route to the system of record.

    Raises
    ------
    ValueError
        If it does not name its rights.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        told = options.get("openapi_extra") or {}
        if not told.get(RIGHTS):
            raise ValueError(f"{path}: a route to the records names its rights")
        super().__init__(path, endpoint, **options)
        self.rights: tuple[str, ...] = tuple(told[RIGHTS])
        self.streams, self.secret = bool(told.get(STREAMS)), bool(told.get(SECRET))

    def get_route_handler(self) -> Handler:
        """Return the handler of the route with its checks around it."""
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            identity: Identity = request.app.state.identity
            _require_characters(request)
            await run_in_threadpool(self._admit, identity, request)
            try:
                if request.method in READING:
                    return await self._read(inner, identity, request)
                return await self._write(inner, identity, request)
            except NotPermittedError:
                if identity.caller(request).known:
                    raise
                # who has not said who they are may do more after that
                raise unknown_visitor(request) from None
            except DataError as error:
                if isinstance(error, RefusedError):
                    raise
                # a table, a pack of rules or a year that cannot be used is a fault of what was sent, not of the server
                raise RefusedError(*error.problems) from None

        return handler

    def _admit(self, identity: Identity, request: Request) -> None:
        """Do nothing if the request may come in; see the description of the module."""
        records, caller = identity.records, identity.caller(request)
        if ANYBODY not in self.rights:
            allowed = SIGNED_IN in self.rights or any(
                records.rights.allows(caller.principal, right) for right in self.rights
            )
            if not caller.known and (SIGNED_IN in self.rights or not allowed):
                raise unknown_visitor(request)
            if not allowed:
                raise records.rights.denial(caller.principal, self.rights[0])
        if request.method in READING:
            identity.principal(request)
        else:
            identity.writer(request)

    async def _read(self, inner: Handler, identity: Identity, request: Request) -> Response:
        # what lies below a record changes without it: only the record itself is known by its version
        watched = watched_by(request.path_params) if self.path.endswith("}") else None
        # read before the answer: a version that is too old refuses too much, one that is too new would lose a change
        version = None if watched is None else await run_in_threadpool(_version, identity.records, watched)
        answer = await inner(request)
        if version and answer.status_code == 200:
            answer.headers["etag"] = f'"{version}"'
        return answer

    async def _write(self, inner: Handler, identity: Identity, request: Request) -> Response:
        body = b"" if self.streams else await _body(request)
        asked = _attendance(identity, request, body)
        if not self.streams:
            request = Request(request.scope, _once(body))
        try:
            with attended(asked):
                answer = await inner(request)
        except RepeatedRequestError as error:
            if error.answer is None:
                raise
            headers = {"idempotent-replayed": "true"}
            return Response(error.answer, error.status or 200, headers, media_type="application/json")
        if asked.version:
            answer.headers["etag"] = f'"{asked.version}"'
        if asked.key and asked.made:
            await run_in_threadpool(self._keep, identity.records, asked, answer)
        return answer

    def _keep(self, records: Records, asked: Attendance, answer: Response) -> None:
        said = bytes(getattr(answer, "body", b""))
        # what is streamed or long is not told again, only that it was done
        kept = None if self.secret or not 0 < len(said) <= LARGEST_ANSWER else said.decode()
        with records.database.working() as session:
            keep_answer(session, asked, answer.status_code, kept)


def watched_by(path: Mapping[str, Any]) -> Watched | None:
    """Return the record that an address is about, by the names of its parts."""
    from tanlu.portal.session.watched import RECORDS

    for name, value in path.items():
        if name in RECORDS:
            table, kind = RECORDS[name]
            return Watched(table, str(value), f"{kind}:{value}")
    return None


def _version(records: Records, watched: Watched) -> str | None:
    with records.database.read() as session:
        return version_of(session, watched)


def _require_characters(request: Request) -> None:
    """Refuse characters that no text has: PostgreSQL does not take them."""
    given = [*request.query_params.multi_items(), *((k, str(v)) for k, v in request.path_params.items())]
    wrong = [(name, value) for name, value in given if "\x00" in f"{name}{value}"]
    if wrong:
        raise RefusedError(
            *(Problem("not_characters", "request", field=ascii(n), value=ascii(v[:20])) for n, v in wrong)
        )


async def _body(request: Request) -> bytes:
    """Return the body, which is not read further than it may be long."""
    said = request.headers.get("content-length", "0")
    if not said.isdecimal() or int(said) > LARGEST_BODY:
        raise UploadRefusedError(413, "too_large", limit=LARGEST_BODY // 1_000_000)
    parts, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > LARGEST_BODY:
                raise UploadRefusedError(413, "too_large", limit=LARGEST_BODY // 1_000_000)
            parts.append(chunk)
    except ClientDisconnect:
        raise UploadRefusedError(400, "bad_form", files=0) from None
    return b"".join(parts)


def _once(body: bytes) -> Callable[[], Coroutine[Any, Any, Message]]:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _attendance(identity: Identity, request: Request, body: bytes) -> Attendance:
    key = request.headers.get(KEY_HEADER, "").strip().strip('"')
    if key and not (8 <= len(key) <= 200 and key.isascii() and key.isprintable()):
        raise RefusedError(Problem("request_key_form", "request", field=KEY_HEADER, value=ascii(key[:40])))
    expected = request.headers.get("if-match", "").strip().removeprefix("W/").strip('"').removesuffix(PACKED)
    sent = f"{request.method} {request.url.path}?{request.url.query}\n".encode() + body
    return Attendance(
        identity.caller(request).principal.person_id, key, sha256(sent).hexdigest(), watched_by(request.path_params),
        "" if expected == "*" else expected,
    )  # fmt: skip


async def admitted(request: Request) -> Principal:
    """Return who asks, admitted by the route."""
    identity: Identity = request.app.state.identity
    return identity.caller(request).principal


async def opened(request: Request) -> Records:
    """Return the system of record."""
    identity: Identity = request.app.state.identity
    return identity.records


Who = Annotated[Principal, Depends(admitted)]
Kept = Annotated[Records, Depends(opened)]


def records_api(tag: str) -> APIRouter:
    """Return an empty router for routes to the system of record."""
    return APIRouter(prefix=PREFIX, tags=[tag], route_class=RecordsRoute)
