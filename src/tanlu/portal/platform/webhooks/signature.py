"""The signature of a message: HMAC-SHA-256 over id, time and content (Standard Webhooks 1.0, "Signature scheme")."""

from __future__ import annotations

import base64
import hmac
import secrets
from hashlib import sha256
from typing import Final

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
"""The specification asks for 24 to 64."""


def new_secret() -> str:
    """Return a fresh secret as text."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature ``v1,…`` of a message.

    Parameters
    ----------
    secret : str
        As `new_secret` returns it.
    message_id : str
        The same for each attempt, so that a receiver knows a message that it has.
    timestamp : int
        Seconds since 1970 of the attempt; a receiver refuses old ones.
    body : bytes
        Content, exactly as it is sent.
    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, sha256)).decode()


def signed_headers(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of a message."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, message_id, timestamp, body),
    }
