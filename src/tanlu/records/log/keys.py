"""Signing keys of a log or a witness: one PEM file outside the database that only its owner may read."""

from __future__ import annotations

import os
import secrets
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from tanlu.core.errors import DataError, Problem
from tanlu.records.log.notes import (
    COSIGNATURE_ED25519,
    COSIGNATURE_MLDSA44,
    ED25519,
    Note,
    Signature,
    VerifierKey,
    cosigned_message,
)

OWNER_ONLY: Final = 0o600


def write_secret(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all.

    Raises
    ------
    FileExistsError
        If there is such a file already; it stays as it is.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


@dataclass(frozen=True)
class SigningKey:
    """A private key with its name.

    Parameters
    ----------
    name : str
        Key name: the origin of a log, or the name of a witness.
    algorithm : int
        Type byte of C2SP signed-note: 1 for a log, 4 or 6 for a witness.
    private : object
        Ed25519 or ML-DSA-44 key of `cryptography`.
    """

    name: str
    algorithm: int
    private: Any

    @property
    def verifier(self) -> VerifierKey:
        """The public key, which may be given to everyone."""
        return VerifierKey(
            self.name, self.algorithm, self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        )

    def sign(self, text: str, timestamp: int = 0) -> Signature:
        """Return the signature over a note's text; a cosignature carries the time [s since 1970-01-01 UTC]."""
        key = self.verifier
        if self.algorithm == ED25519:
            return Signature(self.name, key.key_id, self.private.sign(text.encode()))
        signature = self.private.sign(cosigned_message(key, text, timestamp))
        return Signature(self.name, key.key_id, struct.pack(">Q", timestamp) + signature)

    def note(self, text: str) -> Note:
        """Return the text as a note that this key signed."""
        return Note(text, (self.sign(text),))

    @classmethod
    def generate(cls, name: str, algorithm: int = ED25519) -> SigningKey:
        """Return a fresh key.

        Raises
        ------
        DataError
            If ML-DSA-44 is asked of a version of `cryptography` that has none.
        """
        if algorithm != COSIGNATURE_MLDSA44:
            return cls(name, algorithm, Ed25519PrivateKey.generate())
        try:
            from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
        except ImportError:
            raise DataError([Problem("no_mldsa", "cryptography", value="ML-DSA-44")]) from None
        return cls(name, algorithm, MLDSA44PrivateKey.generate())

    def save(self, path: Path) -> None:
        """Write the key to a file that must not exist yet and that only the owner may read."""
        write_secret(path, self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    @classmethod
    def load(cls, path: Path, name: str, witness: bool = False) -> SigningKey:
        """Read a key.

        Raises
        ------
        DataError
            If there is no such file, others may read it, or it is no key of a known kind.
        """
        if not path.is_file():
            raise DataError([Problem("no_key", path.name, value=str(path))])
        if path.stat().st_mode & 0o077:
            mode = f"{path.stat().st_mode & 0o777:o}"
            raise DataError([Problem("key_open_to_others", path.name, value=str(path), details={"mode": mode})])
        try:
            private = load_pem_private_key(path.read_bytes(), None)
        except ValueError as error:
            raise DataError(
                [Problem("not_a_key", path.name, value=str(path), details={"reason": str(error)})]
            ) from None
        if isinstance(private, Ed25519PrivateKey):
            return cls(name, COSIGNATURE_ED25519 if witness else ED25519, private)
        if witness and type(private).__name__.startswith("MLDSA44"):
            return cls(name, COSIGNATURE_MLDSA44, private)
        details = {"reason": type(private).__name__}
        raise DataError([Problem("not_a_key", path.name, value=str(path), details=details)])
