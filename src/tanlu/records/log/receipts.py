"""Commitments to events, and receipts: a text file with which its holder proves later, offline, what was recorded.

A leaf holds ``SHA-256(salt ‖ canonical JSON of the event)`` with a salt of 32 random bytes. Without the salt nobody can test a guess
against it: when a salt and its event are deleted, the leaf stays and says nothing. Source of the file: C2SP tlog-proof; its *extra* line
carries event and salt.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from tanlu.records.log.canonical import canonical
from tanlu.records.log.notes import Checkpoint, NoteError, VerifierKey, open_checkpoint, require_quorum
from tanlu.records.log.tree import leaf_hash, verify_inclusion

FIRST_LINE: Final = "c2sp.org/tlog-proof@v1"
SALT_SIZE: Final = 32
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,18})")


class ReceiptError(Exception):
    """The receipt is malformed; what it claims may be true or not."""


def commitment(salt: bytes, event: bytes) -> bytes:
    """Return the commitment to an event in canonical JSON: what the leaf of the log holds."""
    return sha256(salt + event).digest()


@dataclass(frozen=True, slots=True)
class Receipt:
    """An entry, its place in the tree, and the signed checkpoint of the tree.

    Parameters
    ----------
    index : int
        Place of the entry.
    event, salt : bytes
        Canonical JSON and salt of the entry.
    path : sequence of bytes
        Inclusion proof.
    checkpoint : str
        Signed checkpoint with its cosignatures.
    """

    index: int
    event: bytes
    salt: bytes
    path: Sequence[bytes]
    checkpoint: str

    def __str__(self) -> str:
        extra = canonical({"event": self.event.decode(), "salt": self.salt.hex()})
        lines = [FIRST_LINE, f"extra {base64.b64encode(extra).decode()}", f"index {self.index}"]
        lines += [base64.b64encode(node).decode() for node in self.path]
        return "\n".join(lines) + "\n\n" + self.checkpoint

    @classmethod
    def parse(cls, text: str) -> Receipt:
        """Return the receipt of a file.

        Raises
        ------
        ReceiptError
            If it is malformed.
        """
        head, separator, checkpoint = text.partition("\n\n")
        lines = head.split("\n")
        if not separator or len(lines) < 3 or lines[0] != FIRST_LINE or not lines[1].startswith("extra "):
            raise ReceiptError(f"the first lines are not those of {FIRST_LINE} with an extra line")
        index = _INDEX.fullmatch(lines[2])
        if index is None:
            raise ReceiptError("the index line is malformed")
        try:
            extra = json.loads(base64.b64decode(lines[1].removeprefix("extra "), validate=True))
            event, salt = str(extra["event"]).encode(), bytes.fromhex(extra["salt"])
            path = [base64.b64decode(line, validate=True) for line in lines[3:]]
        except (binascii.Error, ValueError, KeyError, TypeError) as error:
            raise ReceiptError(f"a line cannot be read: {error}") from None
        return cls(int(index[1]), event, salt, path, checkpoint)

    def content(self) -> dict[str, Any]:
        """Return the event as data."""
        found = json.loads(self.event)
        if not isinstance(found, dict):
            raise ReceiptError("the event is not an object")
        return found


def verify_receipt(
    text: str, key: VerifierKey, witnesses: Sequence[VerifierKey] = (), needed: int = 0
) -> tuple[Receipt, Checkpoint]:
    """Check a receipt against the key of the log, and the cosignatures of ``needed`` of the witnesses.

    Raises
    ------
    ReceiptError, NoteError, ProofError
        If it is malformed, not signed as asked, or the entry is not in the tree.
    """
    receipt = Receipt.parse(text)
    checkpoint, note = open_checkpoint(receipt.checkpoint, key)
    if needed:
        require_quorum(note, witnesses, needed)
    leaf = leaf_hash(commitment(receipt.salt, receipt.event))
    verify_inclusion(receipt.index, checkpoint.size, leaf, receipt.path, checkpoint.root)
    event = receipt.content()
    if event.get("sequence") != receipt.index:
        raise NoteError("the event names another place in the log")
    return receipt, checkpoint
