"""Files that a visitor sends: how large they may be, what they must be by content, and how long they stay.

Nothing is written outside a temporary folder, which is removed before the answer is sent.
"""

from __future__ import annotations

import io
import re
import tempfile
import time
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from tanlu.core.errors import Problem

MAX_BYTES: Final = 20_000_000
"""All files of one request together."""
MAX_FILES: Final = 10
MAX_FIELDS: Final = 20
MAX_FIELD_BYTES: Final = 2_000
MAX_NAME: Final = 120
MAX_PARTS: Final = 1_000
"""Files inside a workbook."""
MAX_UNPACKED: Final = 120_000_000
MAX_RATIO: Final = 400
"""Unpacked bytes for each byte of a part; spreadsheets stay far below."""
HEAD: Final = 4_096
ZIP: Final = b"PK\x03\x04"
OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
FOREIGN: Final = (
    ZIP,
    OLE,
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x7fELF",
    b"MZ\x90",
    b"\x1f\x8b",
    b"7z\xbc",
)
"""First bytes of files that are no text."""
NEEDED: Final = ("[Content_Types].xml", "xl/workbook.xml")
DECLARATION: Final = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
UNSAFE_NAME: Final = re.compile(r"[/\\:\x00-\x1f\x7f]|^\.|\.\.")
KINDS: Final = (".csv", ".xlsx")
REQUESTS: Final = 30
SECONDS: Final = 60.0


class RefusedError(Exception):
    """A request that is not looked at: ``status`` of the answer and ``what`` (message ``portal.refused.<what>``)."""

    def __init__(self, status: int, what: str, **values: object) -> None:
        self.status, self.what, self.values = status, what, values
        super().__init__(what)


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it was sent."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """Fields and files of a request."""

    fields: dict[str, str]
    files: tuple[Sent, ...]


def address_of(request: Request) -> str:
    """Return the address that a request comes from; empty where the server does not tell it."""
    return request.client.host if request.client else ""


class RateLimit:
    """At most ``requests`` in ``seconds`` from one address."""

    def __init__(self, requests: int = REQUESTS, seconds: float = SECONDS) -> None:
        self.requests, self.seconds = requests, seconds
        self._seen: dict[str, deque[float]] = {}
        self._lock = Lock()

    def check(self, address: str) -> None:
        """Count a request.

        Raises
        ------
        RefusedError
            If there were too many.
        """
        now = time.monotonic()
        with self._lock:
            for other in [a for a, times in self._seen.items() if times[-1] < now - self.seconds]:
                del self._seen[other]
            times = self._seen.setdefault(address, deque(maxlen=self.requests + 1))
            while times and times[0] < now - self.seconds:
                times.popleft()
            times.append(now)
            if len(times) > self.requests:
                raise RefusedError(429, "too_often", seconds=int(self.seconds))


async def read_form(request: Request, limit: int = MAX_BYTES) -> Form:
    """Return the fields and files of a form; the body is not read further than the limit.

    Raises
    ------
    RefusedError
        If it is too large, has too many files, or is no form.
    """
    said = request.headers.get("content-length", "0")
    if not said.isdecimal() or int(said) > limit + 100_000:
        raise RefusedError(413, "too_large", limit=limit // 1_000_000)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise RefusedError(415, "no_form")
    counted = Counted(request, limit + 100_000)
    bounded = Request(request.scope, counted.receive)
    try:
        async with bounded.form(max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES) as form:
            pairs = form.multi_items()
            fields = {name: value for name, value in pairs if isinstance(value, str)}
            files = [
                Sent(v.filename or "", await v.read()) for _, v in pairs if isinstance(v, UploadFile) and v.filename
            ]
    except (MultiPartException, HTTPException, ClientDisconnect) as error:
        raise RefusedError(400, "bad_form", files=MAX_FILES) from error
    return Form(fields, tuple(files))


class Counted:
    """The body of a request, which ends with a refusal when it is longer than it may be."""

    def __init__(self, request: Request, limit: int) -> None:
        self._receive, self.left, self.limit = request.receive, limit, limit

    async def receive(self) -> Message:
        """Return the next part of the body.

        Raises
        ------
        RefusedError
            If the body is longer than it may be.
        """
        message = await self._receive()
        self.left -= len(message.get("body", b""))
        if self.left < 0:
            raise RefusedError(413, "too_large", limit=self.limit // 1_000_000)
        return message


def check_files(files: Sequence[Sent]) -> list[Problem]:
    """Return what is wrong with names, number and content of files, before any of them is opened as a table."""
    if not files:
        return [Problem("upload_none", "–")]
    problems = [p for f in files if (p := _check(f)) is not None]
    names = [f.name for f in files]
    problems += [Problem("upload_twice", n) for n in sorted({n for n in names if names.count(n) > 1})]
    return problems


def _check(sent: Sent) -> Problem | None:
    """Return the first thing that is wrong with a file."""
    shown = re.sub(r"[^\w .()（）-]", "_", sent.name)[:60]
    if UNSAFE_NAME.search(sent.name) or len(sent.name) > MAX_NAME:
        return Problem("upload_name", shown, value=shown)
    kind = Path(sent.name).suffix.lower()
    if kind not in KINDS:
        return Problem("upload_type", shown, value=kind or shown)
    if not sent.content:
        return Problem("empty_file", shown)
    if kind == ".xlsx":
        return _check_workbook(shown, sent.content)
    if sent.content.startswith(FOREIGN) or b"\x00" in sent.content:
        return Problem("upload_not_text", shown)
    return None


def _check_workbook(name: str, content: bytes) -> Problem | None:
    if not content.startswith(ZIP):
        return Problem("upload_not_workbook", name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _check_parts(name, archive, len(content))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError):
        return Problem("upload_not_workbook", name)


def _check_parts(name: str, archive: zipfile.ZipFile, size: int) -> Problem | None:
    """Return what is unsafe about the parts of a workbook; sizes are those that the archive states, which reading enforces."""
    parts = archive.infolist()
    unpacked = sum(p.file_size for p in parts)
    packed = sum(p.compress_size for p in parts)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * size or packed > size:
        return Problem("upload_bomb", name, details={"limit": MAX_UNPACKED // 1_000_000})
    names = {p.filename for p in parts}
    if not names.issuperset(NEEDED):
        return Problem("upload_not_workbook", name)
    if any(n.startswith(("/", "\\")) or ".." in n.split("/") or "\\" in n for n in names):
        return Problem("upload_part_name", name)
    if any(p.flag_bits & 0x1 for p in parts):
        return Problem("encrypted_xlsx", name)
    if any(n.lower().endswith("vbaproject.bin") for n in names):
        return Problem("upload_macro", name)
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with archive.open(part) as stream:
                if DECLARATION.search(stream.read(HEAD)):
                    return Problem("upload_declaration", name, value=part.filename)
    return None


@contextmanager
def as_paths(files: Sequence[Sent]) -> Iterator[list[Path]]:
    """Give files that were checked as paths in a folder that only this process reads and that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="tanlu-upload-") as folder:
        paths = []
        for sent in files:
            path = Path(folder) / Path(sent.name).name
            path.write_bytes(sent.content)
            paths.append(path)
        yield paths
