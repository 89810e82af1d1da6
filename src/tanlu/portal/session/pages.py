"""Signing in and out, and one's own account: password, one-time codes, sessions, API tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from tanlu.core.errors import Problem
from tanlu.core.messages import translate
from tanlu.portal.addresses import form_router, page_router
from tanlu.portal.rendering import Renderer, localised
from tanlu.portal.session.desks import Act, Ask, Desk
from tanlu.portal.session.forgery import FIELD, STAND_IN, FormTokens
from tanlu.portal.session.form_filling import with_form
from tanlu.portal.session.forms import Posted
from tanlu.portal.session.identity import COOKIE, Identity, keep_session
from tanlu.portal.session.wording import right_name, wording
from tanlu.portal.uploads import RefusedError as UploadRefusedError
from tanlu.portal.uploads import read_form
from tanlu.programme.registry.places import regions_of
from tanlu.records import ApiToken, Credential, NotAuthenticatedError, RefusedError, issue_token, revoke_token
from tanlu.records.login import LoginSession
from tanlu.records.passwords import LONG_ENOUGH_FOR_ANY_KIND, LONGEST, SHORTEST

FORM_BYTES: Final = 20_000
LANDINGS: Final = {
    "province_officer": "/programme",
    "prefecture_officer": "/programme/applications",
    "expert": "/programme/reviews",
    "unit": "/programme",
    "auditor": "/admin/log",
    "broker": "/programme",
    "admin": "/admin/people",
}
"""First page by role."""
TOKEN_DAYS: Final = (30, 90, 365)


def landing(roles: tuple[str, ...]) -> str:
    """Return the first page of somebody with these roles."""
    return LANDINGS[roles[0]] if roles else "/me"


def safe_next(asked: str, language: str, instead: str) -> str:
    """Return where to go after signing in: a path of this server, nothing else."""
    parts = urlsplit(asked)
    inside = asked.startswith("/") and not asked.startswith(("//", "/\\")) and not parts.netloc and "\\" not in asked
    return asked if inside and asked.isprintable() else localised(instead, language)


class SignIn:
    """The page of the login; its form stands before there is a session."""

    def __init__(self, identity: Identity, renderer: Renderer) -> None:
        self.identity, self.renderer, self.tokens = identity, renderer, FormTokens()

    def routers(self) -> list[APIRouter]:
        """Return the routes."""
        return [page_router({"/login": self.show}), form_router("/login", self.take)]

    def show(
        self, request: Request, language: str, said: str = "", login: str = "", code: bool = False, status: int = 200
    ) -> Response:
        """The form; how accounts are made where there are none."""
        if not self.identity.present:
            return self.renderer.page(request, "records_none.html", language, None)
        caller = self.identity.caller(request)
        if caller.known and not said:
            return RedirectResponse(
                safe_next(request.query_params.get("next", ""), language, landing(caller.roles)), 303
            )
        with self.identity.records.database.read() as session:
            empty = session.execute(select(Credential.person_id).limit(1)).first() is None
        answer = self.renderer.page(
            request, "login.html", language, None, said=said, login=login, code=code, empty=empty, token=STAND_IN, field=FIELD,
            following=request.query_params.get("next", ""),
        )  # fmt: skip
        answer.status_code = status
        return with_form(answer)

    async def take(self, request: Request, language: str) -> Response:
        """Begin a session, or say that it cannot be begun, not which part was wrong."""
        if not self.identity.present:
            return await run_in_threadpool(self.show, request, language)
        try:
            form = await read_form(request, FORM_BYTES)
            if not self.tokens.holds(request, form.fields.get(FIELD, "")):
                raise UploadRefusedError(403, "forged")
        except UploadRefusedError as error:
            said = translate(f"portal.refused.{error.what}", language, **error.values)
            return await run_in_threadpool(self.show, request, language, said, "", False, error.status)
        return await run_in_threadpool(self._begin, request, language, form.fields)

    def _begin(self, request: Request, language: str, fields: dict[str, str]) -> Response:
        login, code = fields.get("login", ""), fields.get("code", "").strip() or None
        try:
            visit = self.identity.records.logins.log_in(login, fields.get("password", ""), code)
        except NotAuthenticatedError as error:
            wants_code = any(p.code == "code_needed" for p in error.problems)
            said = "；".join(wording(p, language, "/me") for p in error.problems)
            return self.show(request, language, said, login, wants_code or code is not None, 401)
        # the caller of this request was the public; the next page asks anew
        with self.identity.records.database.read() as session:
            roles = self.identity.roles_of(session, visit.person_id)
        following = "/me?must=1" if visit.must_change else landing(roles)
        place = localised(following, language)
        asked = fields.get("next", "")
        answer = RedirectResponse(
            place if visit.must_change or not asked else safe_next(asked, language, following), 303
        )
        if visit.token is not None:
            keep_session(answer, visit.token, secure=request.url.scheme == "https")
        answer.headers["cache-control"] = "no-store"
        return answer


def account_desks() -> list[Desk]:
    """Return the page of one's own account and signing out."""
    acts: dict[str, Act] = {
        "password": _change_password, "totp_begin": _begin_totp, "totp_confirm": _confirm_totp, "totp_off": _turn_off_totp,
        "end_session": _end_session, "issue": _issue, "revoke": _revoke, "logout": _log_out,
    }  # fmt: skip
    return [Desk("/me", show_account, acts)]


def show_account(ask: Ask, **shown: Any) -> Response:
    """One's own account; ``shown`` is what can be read only now: a new token, recovery codes, the secret of the codes."""
    person_id = ask.principal.person_id
    with ask.records.database.read() as session:
        credential = session.get(Credential, person_id)
        sessions = list(
            session.execute(
                select(LoginSession).where(LoginSession.person_id == person_id).order_by(LoginSession.seen_at.desc())
            ).scalars()
        )
        tokens = list(
            session.execute(
                select(ApiToken).where(ApiToken.person_id == person_id).order_by(ApiToken.created_at.desc())
            ).scalars()
        )
    rights = ask.records.rights
    actions = sorted(action for action in rights.table if rights.allows(ask.principal, action))
    present = {"fresh_token": "", "recovery": [], "secret": "", "address": ""} | shown
    return ask.page(
        "account_user.html", credential=credential, sessions=sessions, tokens=tokens, actions=actions, days=TOKEN_DAYS,
        here=ask.caller.visit.session_id if ask.caller.visit else "", now=ask.records.database.clock(), must=ask.query("must"),
        regions=regions_of(ask.records.settings.province), right_name=lambda action: right_name(action, ask.language),
        shortest=SHORTEST, longest=LONGEST, plain_from=LONG_ENOUGH_FOR_ANY_KIND, **present,
    )  # fmt: skip


def _change_password(ask: Ask, form: Posted) -> str:
    assert ask.caller.visit is not None
    if form.text("new") != form.text("again"):
        raise RefusedError(Problem("password_differs", "login", field="again"))
    # spaces around a password belong to it
    old, new = (form.fields.get(name, [""])[-1] for name in ("old", "new"))
    try:
        ask.records.logins.change_password(ask.caller.visit, old, new)
    except NotAuthenticatedError as error:
        # the session stands; it is the form that is wrong
        raise RefusedError(*error.problems) from None
    return "/me?done=password"


def _begin_totp(ask: Ask, form: Posted) -> Response:
    address = ask.records.logins.begin_totp(ask.principal.person_id, ask.text("portal.name"))
    secret = dict(pair.split("=", 1) for pair in urlsplit(address).query.split("&"))["secret"]
    return show_account(ask, secret=secret, address=address)


def _confirm_totp(ask: Ask, form: Posted) -> Response:
    try:
        codes = ask.records.logins.confirm_totp(ask.principal.person_id, form.text("code"))
    except NotAuthenticatedError:
        raise RefusedError(Problem("code_wrong", "login", field="code")) from None
    return show_account(ask, recovery=codes)


def _turn_off_totp(ask: Ask, form: Posted) -> str:
    # whoever finds an open browser must not be able to take the second step away
    _confirm(ask, form)
    ask.records.logins.turn_off_totp(ask.principal.person_id, ask.principal.person_id, "own")
    return "/me"


def _confirm(ask: Ask, form: Posted) -> None:
    try:
        ask.records.logins.confirm_password(ask.principal.person_id, form.fields.get("old", [""])[-1])
    except NotAuthenticatedError as error:
        raise RefusedError(*error.problems) from None


def _end_session(ask: Ask, form: Posted) -> str:
    ask.records.logins.log_out_everywhere(
        ask.principal.person_id, keep=ask.caller.visit.session_id if ask.caller.visit else ""
    )
    return "/me?done=sessions"


def _issue(ask: Ask, form: Posted) -> Response:
    ask.require("token.issue")
    days, label = form.whole("days"), form.needed("label")
    form.check()
    person_id = ask.principal.person_id
    wanted = [a for a in form.all("actions") if ask.may(a)]
    with ask.records.database.change(person_id, "token.issue", f"person:{person_id}") as change:
        token = issue_token(change, person_id, label, wanted, change.at + timedelta(days=min(days, TOKEN_DAYS[-1])))
    return show_account(ask, fresh_token=token)


def _revoke(ask: Ask, form: Posted) -> str:
    person_id = ask.principal.person_id
    with ask.records.database.change(person_id, "token.revoke", f"person:{person_id}") as change:
        found = change.session.get(ApiToken, form.text("id"))
        if found is None or found.person_id != person_id:
            raise RefusedError(Problem("no_record", "token", field="id", value=form.text("id")[:40]))
        revoke_token(change, found.id)
    return "/me"


def _log_out(ask: Ask, form: Posted) -> Response:
    ask.records.logins.log_out(ask.request.cookies.get(COOKIE, ""))
    answer = RedirectResponse(localised("/", ask.language), 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer
