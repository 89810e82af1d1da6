"""The listener of HTTP: batches of readings, answered when they are durable.

``POST /readings`` takes a document (`readings_document`) and answers 200 with the receipt; 400 with all faults, and then nothing of it is
taken; 401 without a known token; 413 when it is too large; 415 when it is of another kind; 429 with ``Retry-After`` when the queue is
full; 503 when the listener stops. ``GET /status`` tells what came in, ``GET /health`` that somebody is there. The same batch sent again is
answered as before and changes nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

import numpy as np

from tanlu.core.errors import DataError, Problem
from tanlu.core.tables import Column, read_table
from tanlu.monitor.intake import ClosedError
from tanlu.monitor.readings_document import CSV, JSON, KINDS, LINES, DocumentReader
from tanlu.monitor.refusal import Refusal

if TYPE_CHECKING:
    import uvicorn
    from numpy.typing import NDArray

    from tanlu.monitor.batch import Receipt
    from tanlu.monitor.intake import Intake
    from tanlu.monitor.registry import Registry

PROTOCOL: Final = "http"
LARGEST_BODY: Final = 16 * 2**20
CONNECTIONS: Final = 256
"""Requests at a time; more are answered with 503."""
RETRY_SECONDS: Final = 1
KEEP_ALIVE: Final = 75
"""Seconds that an idle connection is kept: longer than the minute after which most senders come again. Who closes first loses the batch
that is sent at that moment."""
_IN_THREAD: Final = 256 * 1024
"""Documents of this size are read beside the loop, so that others are answered meanwhile."""
_ALIASES: Final = {"": JSON, "application/ndjson": LINES, "application/jsonl": LINES, "application/csv": CSV}

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who has a token: name, and which meters they may write (by number; None for all)."""

    name: str
    allowed: NDArray[np.bool_] | None


def read_tokens(path: Path, registry: Registry) -> dict[str, Sender]:
    """Read a table of tokens: ``name``, ``token``, ``unit`` (whose meters and those below it may be written; all if empty).

    Returns
    -------
    dict
        Senders by SHA-256 of the token.

    Raises
    ------
    DataError
        With everything that is wrong: short tokens, unknown units, tokens given twice.
    """
    columns = (Column("name"), Column("token"), Column("unit", required=False))
    table = read_table(path, columns, key=["token"])
    problems = list(table.problems)
    senders: dict[str, Sender] = {}
    size = max(registry.meters_by_number, default=0) + 1
    for line, row in zip(table.lines, table.rows, strict=True):
        token, unit = str(row["token"]), str(row["unit"])
        if len(token) < 16:
            problems.append(Problem("monitor_token_short", table.file, line, "token", "*" * len(token)))
        if unit and unit not in registry.units:
            problems.append(Problem("monitor_token_unit", table.file, line, "unit", unit))
        if problems:
            continue
        allowed = None
        if unit:
            allowed = np.zeros(size, np.bool_)
            allowed[[meter.number for meter in registry.meters_of(unit)]] = True
        senders[_digest(token)] = Sender(str(row["name"]), allowed)
    if problems:
        raise DataError(problems)
    return senders


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class _AnswerError(Exception):
    """An answer that ends a request before its end."""

    def __init__(self, status: int, record: Mapping[str, object], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status, self.record, self.headers = status, record, headers or {}


class HttpIntake:
    """The ASGI application.

    Parameters
    ----------
    intake : Intake
    senders : mapping, optional
        Senders by SHA-256 of their token; without it everybody who reaches the port may write.
    largest : int
        Largest document [bytes].
    """

    def __init__(
        self, intake: Intake, senders: Mapping[str, Sender] | None = None, largest: int = LARGEST_BODY
    ) -> None:
        self._intake = intake
        self._senders = senders
        self._largest = largest
        self._registry = intake.registry
        self._reader = DocumentReader(self._registry)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            record = await self._route(scope, headers, receive)
            status, more = 200, {}
        except _AnswerError as answer:
            status, record, more = answer.status, dict(answer.record), dict(answer.headers)
        body = json.dumps(record, ensure_ascii=False).encode()
        fields = {"content-type": "application/json; charset=utf-8", "content-length": str(len(body))} | more
        encoded = [(name.encode(), value.encode()) for name, value in fields.items()]
        await send({"type": "http.response.start", "status": status, "headers": encoded})
        await send({"type": "http.response.body", "body": body})

    async def _route(self, scope: Message, headers: Mapping[str, str], receive: Receive) -> dict[str, object]:
        match scope["method"], scope["path"]:
            case "GET", "/health":
                return {"ok": not self._intake.counters.faults}
            case "GET", "/status":
                self._sender(scope, headers)
                return self._intake.status()
            case "POST", "/readings":
                return await self._take(scope, headers, receive)
            case _, ("/health" | "/status" | "/readings"):
                raise _AnswerError(405, {"error": "method"})
        raise _AnswerError(404, {"error": "path"})

    def _sender(self, scope: Message, headers: Mapping[str, str]) -> Sender:
        if self._senders is None:
            return Sender(str((scope.get("client") or ("?",))[0]), None)
        kind, _, token = headers.get("authorization", "").partition(" ")
        found = self._senders.get(_digest(token.strip())) if kind.lower() == "bearer" else None
        if found is None:
            raise _AnswerError(401, {"error": "token"}, {"www-authenticate": "Bearer"})
        return found

    async def _take(self, scope: Message, headers: Mapping[str, str], receive: Receive) -> dict[str, object]:
        sender = self._sender(scope, headers)
        stated = headers.get("content-type", "").partition(";")[0].strip().lower()
        kind = _ALIASES.get(stated, stated)
        if kind not in KINDS:
            raise _AnswerError(415, {"error": "content-type", "allowed": list(KINDS)})
        if not self._intake.has_room(1):
            raise self._full()
        body = await self._body(headers, receive)
        query = parse_qs(scope["query_string"].decode("latin-1"))
        name = headers.get("x-batch-id") or query.get("batch", [""])[0]
        if self._intake.registry is not self._registry:
            self._registry = self._intake.registry
            self._reader = DocumentReader(self._registry)
        source, now = f"{PROTOCOL}:{sender.name}", int(time.time())
        arguments = (body, kind, source, now, name, sender.allowed)
        try:
            if len(body) > _IN_THREAD:
                batch = await asyncio.to_thread(self._reader.read, *arguments)
            else:
                batch = self._reader.read(*arguments)
        except DataError as error:
            refusal = Refusal("document", count=len(error.problems), first=error.problems[0].text("en"))
            self._intake.refuse(PROTOCOL, sender.name, refusal, body)
            language = "en" if headers.get("accept-language", "").lower().startswith("en") else "zh"
            raise _AnswerError(400, {"problems": [p.as_record(language) for p in error.problems]}) from None
        future = self._intake.offer([batch])
        if future is None:
            raise self._full()
        try:
            return _receipt((await future)[0], batch.id)
        except ClosedError:
            raise _AnswerError(503, {"error": "stopping"}, {"retry-after": "10"}) from None

    def _full(self) -> _AnswerError:
        self._intake.counters.waits += 1
        return _AnswerError(429, {"error": "queue"}, {"retry-after": str(RETRY_SECONDS)})

    async def _body(self, headers: Mapping[str, str], receive: Receive) -> bytes:
        stated = headers.get("content-length", "0")
        if stated.isdigit() and int(stated) > self._largest:
            raise _AnswerError(413, {"error": "size", "largest": self._largest})
        parts, size = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _AnswerError(400, {"error": "disconnected"})
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self._largest:
                raise _AnswerError(413, {"error": "size", "largest": self._largest})
            if not message.get("more_body"):
                return b"".join(parts)


def _receipt(receipt: Receipt, name: str) -> dict[str, object]:
    return {
        "batch": name,
        "hash": receipt.hash,
        "rows": receipt.rows,
        "accepted": receipt.accepted,
        "refused": dict(receipt.refused),
        "repeated": receipt.repeated,
        "duplicate": receipt.duplicate,
        "known_at": receipt.known_at,
    }


class HttpListener:
    """The application on a port.

    Parameters
    ----------
    app : HttpIntake
    """

    def __init__(self, app: HttpIntake) -> None:
        self._app = app
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; return the port (the one that was found free if 0 was asked for).

        Raises
        ------
        OSError
            If the port cannot be had.
        """
        import socket

        import uvicorn

        class Server(uvicorn.Server):
            @contextmanager
            def capture_signals(self) -> Iterator[None]:
                # the command decides what a signal does
                yield

        config = uvicorn.Config(
            self._app,
            limit_concurrency=CONNECTIONS,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=5,
        )
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except OSError:
            listening.close()
            raise
        self._server = Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listening]))
        while not self._server.started and not self._task.done():
            await asyncio.sleep(0.005)
        return int(listening.getsockname()[1])

    async def stop(self) -> None:
        """Take no more, and end once what came is answered."""
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task
