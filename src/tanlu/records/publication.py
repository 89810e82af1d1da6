"""Publication of the log: tiles and checkpoints follow the database, receipts come out of both.

A change is safe once it is committed. It becomes evidence against its keeper once a checkpoint covers it: what is not covered could still
be rewritten by whoever holds the database, so checkpoints should be made often. A receipt makes one at once if none covers its entry.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import select

from tanlu.core.errors import Problem
from tanlu.records.database import Database
from tanlu.records.entries import LogEntry
from tanlu.records.log.keys import SigningKey
from tanlu.records.log.notes import Checkpoint, Note, NoteError, Signature, VerifierKey, open_checkpoint
from tanlu.records.log.receipts import Receipt
from tanlu.records.log.tiles import CHECKPOINT, Tiles, write_file
from tanlu.records.log.tree import consistency_path, inclusion_path
from tanlu.records.refusals import RefusedError

VERIFIER: Final = "log.vkey"
BATCH: Final = 20_000


class LogFolder:
    """The published log of a database.

    Parameters
    ----------
    folder : Path
        ``log/`` of the workspace.
    database : Database
    key : SigningKey
        Key of the log.
    witnesses : sequence of VerifierKey
        Witnesses whose cosignatures are taken.
    """

    def __init__(
        self, folder: Path, database: Database, key: SigningKey, witnesses: Sequence[VerifierKey] = ()
    ) -> None:
        self.folder = folder
        self.tiles = Tiles(folder)
        self.database = database
        self.key = key
        self.witnesses = tuple(witnesses)

    def checkpoint_text(self) -> str | None:
        """Return the signed checkpoint with its cosignatures, None before the first."""
        path = self.folder / CHECKPOINT
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def checkpoint(self) -> Checkpoint | None:
        """Return the last checkpoint.

        Raises
        ------
        RefusedError
            If the file is damaged or of another key.
        """
        written = self.checkpoint_text()
        if written is None:
            return None
        try:
            return open_checkpoint(written, self.key.verifier)[0]
        except NoteError as error:
            raise RefusedError(Problem("checkpoint_damaged", CHECKPOINT, details={"reason": str(error)})) from None

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def publish(self) -> Checkpoint:
        """Bring the tiles up to the database and sign a checkpoint; nothing is signed that does not continue the last one.

        Raises
        ------
        RefusedError
            If the database is shorter than the last checkpoint, or its root is not that of the tiles: it was changed by hand.
        """
        with self._lock():
            last = self.checkpoint()
            size = last.size if last else 0
            frontier = self.database.frontier()
            if last is not None and frontier.size == size:
                if frontier.root() != last.root:
                    raise RefusedError(Problem("log_forked", CHECKPOINT, value=str(size)))
                return last
            if frontier.size < size:
                details = {"checkpoint": size}
                raise RefusedError(Problem("log_shrunk", CHECKPOINT, value=str(frontier.size), details=details))
            if last is not None and self.tiles.root(size) != last.root:
                raise RefusedError(Problem("log_forked", CHECKPOINT, value=str(size)))
            self._follow(size, frontier.size)
            root = self.tiles.root(frontier.size)
            if root != frontier.root():
                raise RefusedError(Problem("log_forked", CHECKPOINT, value=str(frontier.size)))
            checkpoint = Checkpoint(self.key.name, frontier.size, root)
            write_file(self.folder / CHECKPOINT, str(self.key.note(checkpoint.body())).encode())
            self.tiles.prune(size)
        return checkpoint

    def _follow(self, start: int, end: int) -> None:
        """Write the tiles of the entries from ``start`` up to ``end``."""
        with self.database.connection() as connection:
            while start < end:
                stop = min(start + BATCH, end)
                statement = (
                    select(LogEntry.commitment)
                    .where(LogEntry.sequence >= start, LogEntry.sequence < stop)
                    .order_by(LogEntry.sequence)
                )
                commitments = [bytes(row[0]) for row in connection.execute(statement)]
                if len(commitments) != stop - start:
                    raise RefusedError(Problem("log_forked", CHECKPOINT, value=str(start)))
                start = self.tiles.append(start, commitments)

    def add_cosignature(self, signature: Signature) -> None:
        """Add the line of a witness to the present checkpoint.

        Raises
        ------
        RefusedError
            If it is not of a known witness, or does not fit the present checkpoint.
        """
        with self._lock():
            written = self.checkpoint_text()
            if written is None:
                raise RefusedError(Problem("no_checkpoint", CHECKPOINT))
            note = Note.parse(written)
            longer = Note(note.text, (*note.signatures, signature))
            known = [w for w in self.witnesses if w.name == signature.name and w.key_id == signature.key_id]
            try:
                fits = bool(known) and longer.signed_by(known[0])
            except NoteError:
                fits = False
            if not fits:
                raise RefusedError(Problem("cosignature_wrong", CHECKPOINT, value=signature.name))
            if signature not in note.signatures:
                write_file(self.folder / CHECKPOINT, str(longer).encode())

    def take_line(self, line: str) -> None:
        """Add a cosignature as the witness wrote it; see `add_cosignature`."""
        try:
            signature = Signature.parse(line.strip())
        except NoteError:
            raise RefusedError(Problem("cosignature_wrong", CHECKPOINT, value=line[:40])) from None
        self.add_cosignature(signature)

    def consistency(self, first: int) -> list[bytes]:
        """Return the proof that the present checkpoint continues the tree of the first entries, for a witness."""
        checkpoint = self.checkpoint()
        if checkpoint is None or not 0 < first <= checkpoint.size:
            raise RefusedError(Problem("no_entry", "log", value=str(first)))
        return consistency_path(
            first, checkpoint.size, lambda level, index: self.tiles.node(checkpoint.size, level, index)
        )

    def receipt(self, sequence: int) -> str:
        """Return the receipt of an entry, under a checkpoint that covers it.

        Raises
        ------
        RefusedError
            If there is no such entry, or its content was erased.
        """
        with self.database.read() as session:
            entry = session.get(LogEntry, sequence)
        if entry is None:
            raise RefusedError(Problem("no_entry", "log", value=str(sequence)))
        if entry.event is None or entry.salt is None:
            raise RefusedError(Problem("entry_erased", "log", value=str(sequence)))
        checkpoint = self.checkpoint()
        if checkpoint is None or checkpoint.size <= sequence:
            checkpoint = self.publish()
        written, size = self.checkpoint_text() or "", checkpoint.size
        path = inclusion_path(sequence, size, lambda level, index: self.tiles.node(size, level, index))
        return str(Receipt(sequence, entry.event.encode(), entry.salt, path, written))
