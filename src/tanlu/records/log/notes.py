"""Signed notes, checkpoints and cosignatures: who said that a log had a size and a root.

Sources: C2SP signed-note v1.0.0 (format, key ids), tlog-checkpoint v1.0.0 (three lines of the body), tlog-cosignature (Ed25519,
type 0x04; ML-DSA-44, type 0x06, over ``subtree/v1``). Ed25519 is RFC 8032, ML-DSA-44 is FIPS 204; both come from `cryptography`.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519: Final = 0x01
COSIGNATURE_ED25519: Final = 0x04
COSIGNATURE_MLDSA44: Final = 0x06
KEY_SIZES: Final = {ED25519: 32, COSIGNATURE_ED25519: 32, COSIGNATURE_MLDSA44: 1312}
SIGNATURE_SIZES: Final = {ED25519: 64, COSIGNATURE_ED25519: 8 + 64, COSIGNATURE_MLDSA44: 8 + 2420}
MOST_SIGNATURES: Final = 64
_NAME: Final = re.compile(r"[^\s+]+")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")


class NoteError(Exception):
    """A note, key or checkpoint is malformed or not signed by who should have; the message says what."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name: what a verifier trusts.

    Parameters
    ----------
    name : str
        Key name, usually the origin of the log or the address of the witness without scheme.
    algorithm : int
        Type byte of C2SP signed-note.
    key : bytes
    """

    name: str
    algorithm: int
    key: bytes

    @property
    def key_id(self) -> bytes:
        """First four bytes of ``SHA-256(name ‖ 0x0A ‖ type ‖ key)``."""
        return sha256(self.name.encode() + b"\n" + bytes([self.algorithm]) + self.key).digest()[:4]

    def __str__(self) -> str:
        packed = base64.b64encode(bytes([self.algorithm]) + self.key).decode()
        return f"{self.name}+{self.key_id.hex()}+{packed}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Return the key of a vkey line ``name+id+base64``.

        Raises
        ------
        NoteError
            If the line is malformed, the id does not fit, or the type is unknown.
        """
        name, _, rest = text.strip().partition("+")
        written, _, packed = rest.partition("+")
        raw = _from_base64(packed)
        if not _NAME.fullmatch(name) or not raw or KEY_SIZES.get(raw[0]) != len(raw) - 1:
            raise NoteError(f"not a verifier key: {text.strip()[:60]!r}")
        key = cls(name, raw[0], raw[1:])
        if key.key_id.hex() != written:
            raise NoteError(f"the id of the key of {name} does not fit the key")
        return key


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line of a note."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """Return the line, with its newline."""
        return f"\u2014 {self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"

    @classmethod
    def parse(cls, line: str) -> Signature:
        """Return the signature of a line without its newline.

        Raises
        ------
        NoteError
            If it is malformed.
        """
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or not _NAME.fullmatch(parts[1]):
            raise NoteError(f"not a signature line: {line[:60]!r}")
        raw = _from_base64(parts[2])
        if len(raw) < 5:
            raise NoteError("a signature is too short")
        return cls(parts[1], raw[:4], raw[4:])


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signatures; nothing is verified yet."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(s.line() for s in self.signatures)

    @classmethod
    def parse(cls, written: str) -> Note:
        """Return the parts of a note.

        Raises
        ------
        NoteError
            If it is malformed.
        """
        body, separator, tail = written.rpartition("\n\n")
        if not separator or not tail.endswith("\n") or _CONTROL.search(written):
            raise NoteError("not a signed note")
        lines = tail.split("\n")[:-1]
        if not 0 < len(lines) <= MOST_SIGNATURES:
            raise NoteError(f"a note has 1 to {MOST_SIGNATURES} signatures, not {len(lines)}")
        return cls(body + "\n", tuple(Signature.parse(line) for line in lines))

    def signed_by(self, key: VerifierKey) -> bool:
        """Tell whether the key signed the note.

        Raises
        ------
        NoteError
            If a line names the key and does not verify: such a note is refused whole.
        """
        lines = [s for s in self.signatures if s.name == key.name and s.key_id == key.key_id]
        for line in lines:
            _verify(key, self.text, line.signature)
        return bool(lines)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Size and root of a log.

    Parameters
    ----------
    origin : str
        Name of the log.
    size : int
        Number of leaves.
    root : bytes
        Merkle tree hash.
    extensions : tuple of str
        Further lines.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def body(self) -> str:
        """Return the text that is signed."""
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions]
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Return the checkpoint of a note's text.

        Raises
        ------
        NoteError
            If it is malformed.
        """
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
            raise NoteError("a checkpoint has an origin, a size and a root, each on its line")
        origin, size, root, *extensions = lines[:-1]
        packed = _from_base64(root)
        if not _SIZE.fullmatch(size) or len(packed) != 32:
            raise NoteError("the size or the root of the checkpoint is malformed")
        return cls(origin, int(size), packed, tuple(extensions))


def open_checkpoint(written: str, key: VerifierKey) -> tuple[Checkpoint, Note]:
    """Return the checkpoint that a log's key signed, and the note for its cosignatures.

    Raises
    ------
    NoteError
        If it is malformed, of another origin, or not signed by the key.
    """
    note = Note.parse(written)
    if not note.signed_by(key):
        raise NoteError(f"the checkpoint is not signed by {key.name}")
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != key.name:
        raise NoteError(f"the checkpoint is of {checkpoint.origin}, not of {key.name}")
    return checkpoint, note


def cosigners(note: Note, witnesses: Iterable[VerifierKey]) -> list[str]:
    """Return the names of the witnesses that cosigned a checkpoint, each once.

    Raises
    ------
    NoteError
        If a line names a witness and does not verify.
    """
    return sorted({key.name for key in witnesses if note.signed_by(key)})


def require_quorum(note: Note, witnesses: Sequence[VerifierKey], needed: int) -> list[str]:
    """Return who cosigned, if that is enough.

    Raises
    ------
    NoteError
        If fewer than ``needed`` of the witnesses did.
    """
    found = cosigners(note, witnesses)
    if len(found) < needed:
        raise NoteError(f"{len(found)} of {needed} witnesses have cosigned: {', '.join(found) or '-'}")
    return found


def cosigned_message(key: VerifierKey, text: str, timestamp: int) -> bytes:
    """Return the bytes that a cosigner signs for a checkpoint (C2SP tlog-cosignature)."""
    if key.algorithm == COSIGNATURE_ED25519:
        return f"cosignature/v1\ntime {timestamp}\n".encode() + text.encode()
    checkpoint = Checkpoint.parse(text)
    name, origin = key.name.encode(), checkpoint.origin.encode()
    return b"".join(
        (
            b"subtree/v1\n\0",
            struct.pack("B", len(name)) + name,
            struct.pack(">Q", timestamp),
            struct.pack("B", len(origin)) + origin,
            struct.pack(">QQ", 0, checkpoint.size),
            checkpoint.root,
        )
    )


def _from_base64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError(f"not base64: {text[:40]!r}") from None
    # bits that the padding leaves over must be 0: one value has one text
    if base64.b64encode(raw).decode() != text:
        raise NoteError(f"not the canonical base64: {text[:40]!r}")
    return raw


def _verify(key: VerifierKey, text: str, signature: bytes) -> None:
    if len(signature) != SIGNATURE_SIZES[key.algorithm]:
        raise NoteError(f"the signature of {key.name} has a wrong length")
    try:
        if key.algorithm == ED25519:
            Ed25519PublicKey.from_public_bytes(key.key).verify(signature, text.encode())
            return
        (timestamp,) = struct.unpack(">Q", signature[:8])
        message = cosigned_message(key, text, timestamp)
        if key.algorithm == COSIGNATURE_ED25519:
            Ed25519PublicKey.from_public_bytes(key.key).verify(signature[8:], message)
        else:
            _mldsa_public(key.key).verify(signature[8:], message)
    except InvalidSignature:
        raise NoteError(f"the signature of {key.name} does not fit the text") from None


def _mldsa_public(raw: bytes) -> Any:
    """Return an ML-DSA-44 key; older versions of `cryptography` have none."""
    try:
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
    except ImportError:
        raise NoteError("this version of cryptography has no ML-DSA-44") from None
    return MLDSA44PublicKey.from_public_bytes(raw)
