"""Logins that an administrator gives and closes, and the tokens of one's own programs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import select

from tanlu.core.errors import Problem
from tanlu.portal.session.records_api import Kept, Who, needs, records_api
from tanlu.portal.session.shapes import Body, Key, Name, Row
from tanlu.records import ApiToken, RefusedError, Target, issue_token, revoke_token, set_password
from tanlu.records.ending import disable_login
from tanlu.records.passwords import random_password

router = records_api("records")


class LoginSent(Body):
    """The name under which somebody signs in."""

    login: Name


class LoginGiven(Row):
    """A login with a password that is shown once and must be changed at the first use."""

    person_id: str
    login: str
    password: str


class Disabling(Body):
    """Whether the login is closed."""

    disabled: bool


class LoginState(Row):
    """Whether a login is closed."""

    person_id: str
    disabled: bool


class TokenRow(Row):
    """A token of one's own; its text is shown only when it is issued."""

    id: str
    label: str
    actions: list[str]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class TokenSent(Body):
    """A token: what for, what it may do, for how many days."""

    label: Name
    actions: Annotated[list[Key], Field(min_length=1, max_length=200)]
    days: Annotated[int, Field(ge=1, le=365)] = 30


class TokenGiven(Row):
    """A token that can be read only now."""

    token: str


@router.post("/records/people/{person_id}/login", **needs("credential.reset", secret=True), response_model=LoginGiven)
def given(person_id: str, sent: LoginSent, records: Kept, who: Who) -> Any:
    """Give a person a login with a password that is shown once; sessions under the old one end."""
    password = random_password()
    with records.database.change(who.person_id, "credential.reset", f"person:{person_id}") as change:
        records.rights.require(who, "credential.reset", Target())
        set_password(change, person_id, sent.login, password, must_change=True)
    records.logins.log_out_everywhere(person_id)
    return {"person_id": person_id, "login": sent.login, "password": password}


@router.put("/records/people/{person_id}/login", **needs("credential.reset"), response_model=LoginState)
def closed(person_id: str, sent: Disabling, records: Kept, who: Who) -> Any:
    """Close a login, or open it again; sessions end."""
    with records.database.change(who.person_id, "credential.disable", f"person:{person_id}") as change:
        records.rights.require(who, "credential.reset", Target())
        found = disable_login(change, person_id, disabled=sent.disabled)
    records.logins.log_out_everywhere(person_id)
    return found


@router.get("/records/tokens", **needs("token.issue"), response_model=list[TokenRow])
def tokens(records: Kept, who: Who) -> Any:
    """One's own tokens, the newest first."""
    with records.database.read() as session:
        statement = select(ApiToken).where(ApiToken.person_id == who.person_id)
        return list(session.execute(statement.order_by(ApiToken.created_at.desc())).scalars())


@router.post("/records/tokens", **needs("token.issue", secret=True), response_model=TokenGiven, status_code=201)
def issued(sent: TokenSent, records: Kept, who: Who) -> Any:
    """Issue a token for what one may do oneself, and what the token that asks may do."""
    wrong = [a for a in sent.actions if not records.rights.allows(who, a)]
    if wrong:
        raise RefusedError(*(Problem("not_permitted", "token", field=a, value=who.person_id) for a in wrong))
    with records.database.change(who.person_id, "token.issue", f"person:{who.person_id}") as change:
        end = change.at + timedelta(days=sent.days)
        return {"token": issue_token(change, who.person_id, sent.label, sent.actions, end)}


@router.post("/records/tokens/{token_id}/revocation", **needs("token.revoke"), response_model=TokenRow)
def revoked(token_id: str, records: Kept, who: Who) -> Any:
    """Revoke a token: one's own, as an administrator anybody's."""
    with records.database.change(who.person_id, "token.revoke", f"token:{token_id}") as change:
        found = change.session.get(ApiToken, token_id)
        if found is None:
            raise RefusedError(Problem("no_record", "token", field="id", value=token_id[:40]))
        records.rights.require(who, "token.revoke", Target(person_id=found.person_id))
        revoke_token(change, token_id)
        change.details["person"] = found.person_id
    return found
