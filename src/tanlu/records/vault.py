"""The vault: one key file outside the database that encrypts what must be read again and authenticates what is given out."""

from __future__ import annotations

import hmac
import secrets
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tanlu.core.errors import Problem
from tanlu.records.log.keys import write_secret
from tanlu.records.refusals import RefusedError

KEY_SIZE: Final = 32
_NONCE_SIZE: Final = 12


class Vault:
    """A secret key and what is done with it.

    Parameters
    ----------
    key : bytes
        32 random bytes.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_SIZE:
            raise ValueError(f"a key has {KEY_SIZE} bytes, not {len(key)}")
        self._cipher = AESGCM(hmac.digest(key, b"tanlu encryption", sha256))
        self._mac_key = hmac.digest(key, b"tanlu authentication", sha256)

    @classmethod
    def open(cls, path: Path) -> Vault:
        """Read the key of a file, which is made if it does not exist.

        Raises
        ------
        RefusedError
            If others may read it, or it is no key.
        """
        if not path.exists():
            # another process that opens the same new workspace may be faster
            with suppress(FileExistsError):
                write_secret(path, secrets.token_bytes(KEY_SIZE))
        if path.stat().st_mode & 0o077:
            mode = f"{path.stat().st_mode & 0o777:o}"
            raise RefusedError(Problem("key_open_to_others", path.name, value=str(path), details={"mode": mode}))
        try:
            return cls(path.read_bytes())
        except ValueError as error:
            raise RefusedError(
                Problem("not_a_key", path.name, value=str(path), details={"reason": str(error)})
            ) from None

    def encrypt(self, data: bytes, context: str) -> bytes:
        """Return data encrypted (AES-256-GCM, nonce first), bound to where it belongs."""
        nonce = secrets.token_bytes(_NONCE_SIZE)
        return nonce + self._cipher.encrypt(nonce, data, context.encode())

    def decrypt(self, data: bytes, context: str) -> bytes:
        """Return what was encrypted.

        Raises
        ------
        RefusedError
            If the data were changed, moved elsewhere, or encrypted with another key.
        """
        try:
            return self._cipher.decrypt(data[:_NONCE_SIZE], data[_NONCE_SIZE:], context.encode())
        except InvalidTag:
            raise RefusedError(Problem("vault_key", "vault.key", value=context)) from None

    def code(self, message: str) -> str:
        """Return the authentication code of a message (HMAC-SHA-256, hexadecimal)."""
        return hmac.digest(self._mac_key, message.encode(), sha256).hex()

    def fits(self, message: str, code: str) -> bool:
        """Tell whether a code is that of a message, in constant time."""
        return hmac.compare_digest(self.code(message).encode(), code.encode("utf-8", "replace"))
