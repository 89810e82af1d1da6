"""Evidence: files kept under the hash of their content, each tied to the record that it proves.

A file is streamed in with a size limit, its type is read from its content, archives are checked for bombs, a scanner may refuse it, and
only then does it get its place ``evidence/ab/abcd…`` by renaming. No part of a path comes from the user.
"""

from __future__ import annotations

import os
import re
import secrets
import shlex
import subprocess
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from sqlalchemy import BigInteger, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tanlu.core.errors import Problem
from tanlu.records.base import Base, Id, Line, Word, new_id
from tanlu.records.changes import Change
from tanlu.records.refusals import RefusedError

MEGABYTE: Final = 1_000_000
LARGEST: Final = 50 * MEGABYTE
INCOMING: Final = ".incoming"
CHUNK: Final = 1 << 16
SCAN_SECONDS: Final = 120
OFFICE: Final = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
MAGIC: Final = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"PK\x03\x04", "application/zip"),
)
ALLOWED: Final = frozenset({m for _, m in MAGIC} - {"application/zip"} | set(OFFICE.values()) | {"text/csv"})
"""Types that evidence may have. Plain archives and old Office files (macros unseen) are not among them."""
MOST_MEMBERS: Final = 5_000
LARGEST_UNPACKED: Final = 500 * MEGABYTE
LARGEST_RATIO: Final = 200
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class EvidenceFile(Base):
    """A file, by the hash of its content."""

    __tablename__ = "evidence_file"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[Word]
    added_at: Mapped[datetime]


class EvidenceUse(Base):
    """A file as evidence of a record."""

    __tablename__ = "evidence_use"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    sha256: Mapped[str] = mapped_column(ForeignKey("evidence_file.sha256"), index=True)
    subject: Mapped[Line] = mapped_column(index=True)
    label: Mapped[Line]
    added_by: Mapped[Word]
    added_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that lies in the store."""

    sha256: str
    size: int
    media_type: str


class EvidenceStore:
    """The files in a folder.

    Parameters
    ----------
    folder : Path
        ``evidence/`` of the workspace.
    scanner : sequence of str
        Command that is given the path of a file and ends with 0 if it is clean; empty without a scanner.
    largest : int
        Size limit [bytes].
    allowed : frozenset of str
        Media types.
    """

    def __init__(
        self, folder: Path, scanner: Sequence[str] = (), largest: int = LARGEST, allowed: frozenset[str] = ALLOWED
    ) -> None:
        self.folder = folder
        self.scanner = tuple(scanner)
        self.largest = largest
        self.allowed = allowed

    def path(self, digest: str) -> Path:
        """Return where a file lies.

        Raises
        ------
        RefusedError
            If it is no SHA-256 in hexadecimal.
        """
        if not _SHA256.fullmatch(digest):
            raise RefusedError(Problem("no_record", "evidence", field="sha256", value=digest[:80]))
        return self.folder / digest[:2] / digest

    def put(self, chunks: Iterable[bytes]) -> Stored:
        """Take a file in, chunk by chunk.

        Raises
        ------
        RefusedError
            If it is empty, too large, of a type that is not allowed, an archive bomb, or refused by the scanner; nothing stays behind.
        """
        with self._incoming() as fresh:
            digest, size = self._receive(fresh, chunks)
            media_type = sniff(fresh)
            if media_type not in self.allowed:
                details = {"allowed": ", ".join(sorted(m.rpartition(".")[2].rpartition("/")[2] for m in self.allowed))}
                raise RefusedError(Problem("evidence_type", "evidence", value=media_type, details=details))
            self._scan(fresh)
            place = self.path(digest)
            place.parent.mkdir(parents=True, exist_ok=True)
            fresh.chmod(0o440)
            fresh.replace(place)
            _sync_folder(place.parent)
        return Stored(digest, size, media_type)

    @contextmanager
    def _incoming(self) -> Iterator[Path]:
        folder = self.folder / INCOMING
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = folder / secrets.token_hex(16)
        try:
            yield fresh
        finally:
            fresh.unlink(missing_ok=True)

    def _receive(self, fresh: Path, chunks: Iterable[bytes]) -> tuple[str, int]:
        digest, size = sha256(), 0
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > self.largest:
                    details = {"limit": self.largest // MEGABYTE}
                    raise RefusedError(Problem("evidence_size", "evidence", details=details))
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if not size:
            raise RefusedError(Problem("evidence_empty", "evidence"))
        return digest.hexdigest(), size

    def _scan(self, file: Path) -> None:
        if not self.scanner:
            return
        try:
            done = subprocess.run([*self.scanner, str(file)], capture_output=True, timeout=SCAN_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            # a scanner that does not answer has not said that the file is clean
            raise RefusedError(
                Problem("scanner_fails", "evidence", value=self.scanner[0], details={"reason": str(error)})
            ) from None
        if done.returncode:
            raise RefusedError(Problem("scanner_refuses", "evidence", value=self.scanner[0]))

    def read(self, digest: str) -> Iterator[bytes]:
        """Give the content of a file, chunk by chunk.

        Raises
        ------
        RefusedError
            If it is not there.
        """
        path = self.path(digest)
        if not path.is_file():
            raise RefusedError(Problem("no_record", "evidence", field="sha256", value=digest))
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk

    def fault(self, digest: str, size: int) -> str | None:
        """Return ``missing`` or ``changed`` if a file is not what was put in, None if it is."""
        path = self.path(digest)
        if not path.is_file():
            return "missing"
        found = sha256()
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                found.update(chunk)
        return None if found.hexdigest() == digest and path.stat().st_size == size else "changed"


def add_evidence(change: Change, stored: Stored, subject: str, label: str) -> EvidenceUse:
    """Tie a stored file to a record.

    Parameters
    ----------
    label : str
        What the uploader called it; shown, never used as a path.
    """
    if change.session.get(EvidenceFile, stored.sha256) is None:
        change.session.add(
            EvidenceFile(sha256=stored.sha256, size=stored.size, media_type=stored.media_type, added_at=change.at)
        )
        change.session.flush()
    use = EvidenceUse(
        id=new_id(),
        sha256=stored.sha256,
        subject=subject,
        label=display_name(label),
        added_by=change.actor,
        added_at=change.at,
    )
    change.session.add(use)
    return use


def evidence_of(session: Session, subject: str) -> list[EvidenceUse]:
    """Return the evidence of a record, oldest first."""
    statement = select(EvidenceUse).where(EvidenceUse.subject == subject).order_by(EvidenceUse.added_at, EvidenceUse.id)
    return list(session.execute(statement).scalars())


def display_name(written: str) -> str:
    """Return a name for showing: the last part of a path, without control and direction characters, at most 200 characters."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", written))[-1]
    shown = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip(" .")
    return shown[:200] or "-"


def scanner_command(setting: str | Sequence[str]) -> tuple[str, ...]:
    """Return the words of a scanner command from the configuration."""
    return tuple(shlex.split(setting)) if isinstance(setting, str) else tuple(setting)


def sniff(file: Path) -> str:
    """Return the media type of a file by its content; ``application/octet-stream`` if it is none that is known.

    Raises
    ------
    RefusedError
        If it is an archive that is damaged or unpacks to more than it should.
    """
    with file.open("rb") as content:
        head = content.read(CHUNK)
    found = next((media for magic, media in MAGIC if head.startswith(magic)), None)
    if found == "application/zip":
        return _archive_type(file)
    if found is None and _is_text(file):
        # markup would run in the browser of whoever opens it
        return "text/html" if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else "text/csv"
    return found or "application/octet-stream"


def _archive_type(file: Path) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise RefusedError(Problem("evidence_damaged", "evidence", details={"reason": str(error)})) from None
    unpacked = sum(m.file_size for m in members)
    packed = max(sum(m.compress_size for m in members), 1)
    if len(members) > MOST_MEMBERS or unpacked > LARGEST_UNPACKED or unpacked > LARGEST_RATIO * packed:
        details = {"members": len(members), "megabytes": unpacked // MEGABYTE}
        raise RefusedError(Problem("evidence_bomb", "evidence", details=details))
    names = [m.filename for m in members]
    if any(n.endswith("vbaProject.bin") for n in names):
        return "application/vnd.ms-office.macro"
    if "[Content_Types].xml" in names:
        return next(
            (media for start, media in OFFICE.items() if any(n.startswith(start) for n in names)), "application/zip"
        )
    return "application/zip"


def _is_text(file: Path) -> bool:
    """Tell whether a file is text in UTF-8 or GB 18030, without control characters."""
    content = file.read_bytes()
    if re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", content):
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
