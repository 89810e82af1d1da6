"""API tokens: shown once, stored as a hash, limited to actions, with an end."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import ForeignKey, LargeBinary, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tanlu.core.errors import Problem
from tanlu.records.base import Base, Id, Line, Plain, new_id
from tanlu.records.changes import Change
from tanlu.records.people import find_person
from tanlu.records.refusals import NotAuthenticatedError, RefusedError

PREFIX: Final = "tanlu"
LONGEST: Final = timedelta(days=366)
_TOKEN: Final = re.compile(rf"{PREFIX}_([0-9a-f]{{32}})_([0-9a-zA-Z_-]{{43}})")


class ApiToken(Base):
    """A token of a person; the secret itself is not stored."""

    __tablename__ = "api_token"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    label: Mapped[Line]
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    actions: Mapped[list[str]] = mapped_column(Plain())
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


_HELD: Final = select(
    ApiToken.id, ApiToken.person_id, ApiToken.secret_hash, ApiToken.actions, ApiToken.expires_at, ApiToken.revoked_at
).where(ApiToken.id == bindparam("id"))
"""What is asked at every request of a program."""


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """Whose token it is, and to which actions it is limited."""

    person_id: str
    token_id: str
    actions: frozenset[str]


def issue_token(change: Change, person_id: str, label: str, actions: Iterable[str], expires_at: datetime) -> str:
    """Make a token and return it: the only time that it can be read.

    Raises
    ------
    RefusedError
        If it has no action, or ends in the past or more than a year from now.
    """
    find_person(change.session, person_id)
    wanted, problems = sorted(set(actions)), []
    if not wanted:
        problems.append(Problem("empty", "token", field="actions"))
    if not change.at < expires_at <= change.at + LONGEST:
        details = {"days": LONGEST.days}
        problems.append(
            Problem("token_end", "token", field="expires_at", value=expires_at.isoformat(), details=details)
        )
    if problems:
        raise RefusedError(*problems)
    secret = secrets.token_urlsafe(32)
    token = ApiToken(
        id=new_id(),
        person_id=person_id,
        label=label,
        secret_hash=sha256(secret.encode()).digest(),
        actions=wanted,
        created_at=change.at,
        expires_at=expires_at,
    )
    change.session.add(token)
    return f"{PREFIX}_{token.id}_{secret}"


def check_token(session: Session, text: str, at: datetime) -> TokenHolder:
    """Return the holder of a token.

    Raises
    ------
    NotAuthenticatedError
        If it is malformed, unknown, ended or revoked; the answer is the same for all.
    """
    parts = _TOKEN.fullmatch(text)
    found = session.connection().execute(_HELD, {"id": parts[1]}).one_or_none() if parts else None
    # a hash is compared even for an unknown token, so that the time tells nothing
    stored = found.secret_hash if found is not None else bytes(32)
    fits = hmac.compare_digest(stored, sha256(parts[2].encode() if parts else b"").digest())
    if found is None or not fits or found.revoked_at is not None or at >= found.expires_at:
        raise NotAuthenticatedError(Problem("token_invalid", "token"))
    return TokenHolder(found.person_id, found.id, frozenset(found.actions))


def revoke_token(change: Change, token_id: str) -> None:
    """End a token; it stays in the record.

    Raises
    ------
    RefusedError
        If there is none.
    """
    found = change.session.get(ApiToken, token_id)
    if found is None:
        raise RefusedError(Problem("no_record", "token", field="id", value=token_id))
    if found.revoked_at is None:
        found.revoked_at = change.at
