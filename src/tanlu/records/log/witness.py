"""A witness: a body that cosigns what a log says only if it continues all that the witness has seen, and so makes a fork visible.

Source: C2SP tlog-witness (the rules of ``add-checkpoint``) and tlog-cosignature. The witness keeps one file with the last checkpoint of
each log. Whoever runs it (a ministry, an exchange, a university) holds its key; the log's operator never does.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Sequence
from pathlib import Path

from tanlu.core.errors import DataError
from tanlu.records.log.keys import SigningKey
from tanlu.records.log.notes import COSIGNATURE_ED25519, COSIGNATURE_MLDSA44, Signature, VerifierKey, open_checkpoint
from tanlu.records.log.tiles import CHECKPOINT, Tiles, write_file
from tanlu.records.log.tree import ProofError, consistency_path, verify_consistency


class ForkError(Exception):
    """The log shows the witness another history than before; both signed checkpoints are the evidence.

    Parameters
    ----------
    seen, shown : str
        Signed checkpoints that no one log can have.
    reason : str
    """

    def __init__(self, seen: str, shown: str, reason: str) -> None:
        super().__init__(reason)
        self.seen = seen
        self.shown = shown


def witness_key(path: Path, name: str) -> SigningKey:
    """Read the key of a witness, or make it: ML-DSA-44, which C2SP tlog-cosignature asks of new witnesses, where there is one.

    Raises
    ------
    DataError
        If the file cannot be used.
    """
    if not path.exists():
        try:
            key = SigningKey.generate(name, COSIGNATURE_MLDSA44)
        except DataError:
            key = SigningKey.generate(name, COSIGNATURE_ED25519)
        key.save(path)
    return SigningKey.load(path, name, witness=True)


class Witness:
    """A witness with its key and its memory.

    Parameters
    ----------
    key : SigningKey
        Cosigning key.
    memory : Path
        JSON file with the last checkpoint of each log.
    """

    def __init__(self, key: SigningKey, memory: Path) -> None:
        self.key = key
        self.memory = memory

    def last(self, origin: str) -> str | None:
        """Return the last checkpoint of a log that was cosigned."""
        if not self.memory.is_file():
            return None
        found = json.loads(self.memory.read_text(encoding="utf-8")).get(origin)
        return None if found is None else str(found)

    def cosign(self, written: str, log_key: VerifierKey, path: Sequence[bytes], timestamp: int) -> Signature:
        """Cosign a checkpoint that continues the last one, and remember it.

        Parameters
        ----------
        written : str
            Signed checkpoint.
        log_key : VerifierKey
            Key of the log.
        path : sequence of bytes
            Consistency proof from the last cosigned size; empty for the first checkpoint and for the same size.
        timestamp : int
            Now [s since 1970-01-01 UTC].

        Raises
        ------
        NoteError
            If the log did not sign the checkpoint.
        ForkError
            If it does not continue the last one.
        """
        shown, note = open_checkpoint(written, log_key)
        self.memory.parent.mkdir(parents=True, exist_ok=True)
        with self.memory.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            last = self.last(shown.origin)
            if last is not None:
                seen, _ = open_checkpoint(last, log_key)
                if shown.size < seen.size:
                    raise ForkError(last, written, f"the log shrank from {seen.size} to {shown.size} entries")
                if seen.size:
                    try:
                        verify_consistency(seen.size, shown.size, path, seen.root, shown.root)
                    except ProofError as error:
                        raise ForkError(last, written, str(error)) from None
            signature = self.key.sign(note.text, timestamp)
            # what was cosigned is remembered before anyone sees the signature
            self._remember(shown.origin, written)
        return signature

    def cosign_folder(self, log: Path, log_key: VerifierKey, timestamp: int) -> Signature:
        """Cosign the checkpoint of a published log; the proof is computed from its tiles.

        Raises
        ------
        NoteError, ForkError
            See `cosign`.
        TileError
            If a tile is missing or damaged.
        """
        written = (log / CHECKPOINT).read_text(encoding="utf-8")
        shown, _ = open_checkpoint(written, log_key)
        last, path = self.last(shown.origin), list[bytes]()
        if last is not None:
            seen, _ = open_checkpoint(last, log_key)
            if 0 < seen.size < shown.size:
                tiles = Tiles(log)
                path = consistency_path(
                    seen.size, shown.size, lambda level, index: tiles.node(shown.size, level, index)
                )
        return self.cosign(written, log_key, path, timestamp)

    def _remember(self, origin: str, written: str) -> None:
        known = json.loads(self.memory.read_text(encoding="utf-8")) if self.memory.is_file() else {}
        known[origin] = written
        write_file(self.memory, json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True).encode())
