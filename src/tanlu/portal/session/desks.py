"""Pages for those who work with the system of record: who may see them, forms that are sent once, and what a refusal says.

A page stands at one address; what can be done on it (its *acts*) is sent to the same address with the name of the act. A refused form
shows the page again with every problem and what was typed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse

from tanlu.charts.format import subscript
from tanlu.core.errors import DataError, Problem
from tanlu.core.messages import translate
from tanlu.core.units import unit_label
from tanlu.portal.addresses import Handler, form_router, page_router
from tanlu.portal.filling import filled
from tanlu.portal.rendering import Renderer, localised
from tanlu.portal.session.forgery import same_origin
from tanlu.portal.session.forms import Posted, posted
from tanlu.portal.session.identity import Caller, Identity, unknown_visitor
from tanlu.portal.session.refusing import Refusals, status_of
from tanlu.portal.session.wording import wording
from tanlu.portal.uploads import RefusedError as UploadRefusedError
from tanlu.records import (
    NotAuthenticatedError,
    Principal,
    Records,
    RefusedError,
    Target,
)

CIVIL: Final = ZoneInfo("Asia/Shanghai")
ASSUMPTION: Final = "tanlu-assumption"
"""Source of what is an assumption of this project."""
ACT: Final = "act"
TOKEN: Final = "form_token"
ONCE: Final = "once"
"""Field with a key of the form: sent twice, it is carried out once."""


@dataclass
class Ask:
    """A request for a page: who, in which language, and what was refused if it follows a form."""

    request: Request
    language: str
    identity: Identity
    renderer: Renderer
    caller: Caller
    problems: list[str] = field(default_factory=list)
    given: Posted = field(default_factory=lambda: Posted({}, ()))
    status: int = 200

    @property
    def records(self) -> Records:
        """The system of record."""
        return self.identity.records

    @property
    def principal(self) -> Principal:
        """Who asks."""
        return self.caller.principal

    def query(self, name: str) -> str:
        """Return a parameter of the address, empty if it is not there."""
        return self.request.query_params.get(name, "")

    def text(self, key: str, **values: object) -> str:
        """Return a text in the language of the page."""
        return translate(key, self.language, **values)

    def may(self, action: str, target: Target | None = None) -> bool:
        """Tell whether the person may do something (to any record, or to one)."""
        return self.identity.present and self.records.rights.allows(self.principal, action, target)

    def require(self, action: str, target: Target | None = None) -> None:
        """Do nothing if the person may do something; see `Rights.require`."""
        self.records.rights.require(self.principal, action, target)

    def name(self, record: Any) -> str:
        """Return the name of a record that has one in both languages."""
        zh, en = getattr(record, "zh", ""), getattr(record, "en", "")
        return str((en or zh) if self.language == "en" else (zh or en))

    def shown_name(self, record: Any) -> str:
        """Return the name of a record as a page or a document shows it, with the indices of formulas."""
        return subscript(self.name(record))

    def source(self, code: str) -> str:
        """Return the source of a rule or number as it is shown."""
        return self.text("portal.source.assumption") if code == ASSUMPTION else code

    def seen(self, value: object, unit: str) -> str:
        """Return the value that a rule has seen, with its unit."""
        words = {"yes": "portal.yes", "no": "portal.no"}
        shown = self.text(words[str(value)]) if value in words else str(value)
        gap = "" if unit == "%" else " "
        return f"{shown}{gap}{subscript(unit_label(unit, self.language))}".strip()

    def page(self, template: str, **context: Any) -> HTMLResponse:
        """Return a page."""
        answer = self.renderer.page(
            self.request, template, self.language, None, ask=self, may=self.may, name=self.shown_name,
            civil=civil, money=money, filled=filled, source=self.source, seen=self.seen,
            link=lambda path: f"{localised(path, self.language)}?id=",
            problems=self.problems, given=self.given, once=secrets.token_urlsafe(12), token=self.caller.form_token, **context,
        )  # fmt: skip
        answer.status_code = self.status
        return answer


Show = Callable[[Ask], Response]
Act = Callable[[Ask, Posted], str | Response]


@dataclass(frozen=True)
class Desk:
    """A page of those who work with the system of record.

    Parameters
    ----------
    path : str
    show : callable
        Makes the page.
    acts : mapping of str to callable
        What can be done on it; each returns the address (path and query, without language) that is shown next.
    right : str
        Action of the table of rights that somebody must have for some record to see the page; empty: everybody who is signed in.
    public : bool
        The public may see it; acts still ask who it is, unless they are in ``open_acts``.
    """

    path: str
    show: Show
    acts: Mapping[str, Act] = field(default_factory=dict)
    right: str = ""
    public: bool = False


class Desks:
    """Routes of such pages, in both languages."""

    def __init__(self, identity: Identity, renderer: Renderer) -> None:
        self.identity, self.renderer = identity, renderer
        self.refusals = Refusals(identity, renderer)
        self.desks: list[Desk] = []

    def add(self, *desks: Desk) -> None:
        """Add pages."""
        self.desks += desks

    def routers(self) -> list[APIRouter]:
        """Return the routes."""
        pages: dict[str, Handler] = {desk.path: partial(self._shown, desk) for desk in self.desks}
        forms = [form_router(desk.path, partial(self._acted, desk)) for desk in self.desks if desk.acts]
        return [page_router(pages), *forms]

    def _ask(self, desk: Desk, request: Request, language: str) -> Ask:
        """Return the request of somebody who may see the page."""
        caller = self.identity.caller(request)
        ask = Ask(request, language, self.identity, self.renderer, caller)
        if not desk.public and not caller.known:
            raise unknown_visitor(request)
        if desk.right and not desk.public:
            ask.require(desk.right)
        return ask

    def _shown(self, desk: Desk, request: Request, language: str) -> Response:
        if not self.identity.present:
            return self.renderer.page(request, "records_none.html", language, None)
        try:
            ask = self._ask(desk, request, language)
            if ask.caller.must_change and desk.path != "/me":
                return RedirectResponse(localised("/me", language) + "?must=1", 303)
            return desk.show(ask)
        except RefusedError as error:
            return self.refusals.page(request, language, error)

    async def _acted(self, desk: Desk, request: Request, language: str) -> Response:
        if not self.identity.present:
            return await run_in_threadpool(self._shown, desk, request, language)
        try:
            # who is nobody sends nothing: the body is read only after this
            caller = await run_in_threadpool(self.identity.caller, request)
            if caller.visit is None:
                raise unknown_visitor(request)
            if not same_origin(request):
                raise NotAuthenticatedError(Problem("csrf", "login"))
            form = await posted(request, self.identity.records.evidence.largest)
        except RefusedError as error:
            return await run_in_threadpool(self.refusals.page, request, language, error)
        except UploadRefusedError as error:
            said = translate(f"portal.refused.{error.what}", language, **error.values)
            return await run_in_threadpool(self._again, desk, request, language, Posted({}, ()), [said], error.status)
        try:
            return await run_in_threadpool(self._carry_out, desk, request, language, form)
        finally:
            form.close()

    def _carry_out(self, desk: Desk, request: Request, language: str, form: Posted) -> Response:
        try:
            ask = self._ask(desk, request, language)
            if ask.caller.visit is not None:
                ask.records.logins.check_csrf(ask.caller.visit.session_id, form.text(TOKEN))
            if ask.caller.must_change and desk.path != "/me":
                return RedirectResponse(localised("/me", language) + "?must=1", 303)
            act = desk.acts.get(form.text(ACT))
            if act is None:
                details = {"refers_to": desk.path, "some": ", ".join(desk.acts)}
                raise RefusedError(
                    Problem("unknown_choice", "form", field=ACT, value=form.text(ACT)[:40], details=details)
                )
            following = act(ask, form)
        except DataError as error:
            if status_of(error) in (401, 404):
                return self.refusals.page(request, language, error)
            told = [wording(p, language, desk.path) for p in error.problems]
            return self._again(desk, request, language, form, told, status_of(error))
        return following if isinstance(following, Response) else RedirectResponse(localised(following, language), 303)

    def _again(
        self, desk: Desk, request: Request, language: str, form: Posted, problems: list[str], status: int
    ) -> Response:
        """Show the page of a refused form, with what was typed."""
        try:
            ask = self._ask(desk, request, language)
            ask.problems, ask.given, ask.status = problems, form, status
            return desk.show(ask)
        except RefusedError as error:
            return self.refusals.page(request, language, error)


def civil(moment: datetime | date | None) -> str:
    """Return a moment in civil time (Asia/Shanghai), or a day."""
    if moment is None:
        return "–"
    if not isinstance(moment, datetime):
        return moment.isoformat()
    at = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return at.astimezone(CIVIL).strftime("%Y-%m-%d %H:%M")


def money(yuan: Decimal | None) -> str:
    """Return an amount [yuan] with separators; without decimals where there are none."""
    if yuan is None:
        return "–"
    return f"{yuan:,.0f}" if yuan == yuan.to_integral_value() else f"{yuan:,.2f}"
