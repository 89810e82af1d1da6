"""The page of webhooks, for administrators: who is told, what came of the last messages, add, try and remove a receiver."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

from fastapi import Response

from tanlu.core.errors import Problem
from tanlu.portal.platform.settings import read_webhook_settings
from tanlu.portal.platform.webhooks.managing import RIGHT, Receivers
from tanlu.portal.platform.webhooks.outbox import KINDS, AttemptRecord, Hook
from tanlu.portal.platform.webhooks.receivers import LONGEST, url_problems
from tanlu.portal.records.view import people_names
from tanlu.portal.session.desks import Act, Ask, Desk
from tanlu.portal.session.forms import Posted

PATH: Final = "/admin/webhooks"
MOST_ATTEMPTS: Final = 10
"""Attempts a receiver on the page; the API has the others."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """A receiver as it stands on the page, with its last attempts."""

    hook: Hook
    since: datetime
    attempts: list[tuple[datetime, AttemptRecord]]


def webhook_desk(receivers: Receivers) -> Desk:
    """Return the page."""
    acts: dict[str, Act] = {
        "add": partial(_add, receivers), "test": partial(_test, receivers), "remove": partial(_remove, receivers),
    }  # fmt: skip
    return Desk(PATH, partial(show_webhooks, receivers), acts, right=RIGHT)


def show_webhooks(receivers: Receivers, ask: Ask, made: Hook | None = None, secret: str = "") -> Response:
    """Receivers, the present ones first; ``secret`` is that of the one that was just made, which can be read only now."""
    hooks = receivers.outbox.hooks(all=True)
    shown = [
        _Shown(
            h,
            _moment(h.created_at),
            [(_moment(a.at), a) for a in receivers.outbox.attempts(h.id, MOST_ATTEMPTS, ask.language)],
        )
        for h in hooks
    ]
    with ask.records.database.read() as session:
        people = people_names(session, {h.created_by for h in hooks}, ask.language)
    return ask.page(
        "webhooks.html", present=[s for s in shown if s.hook.state == "active"], gone=[s for s in shown if s.hook.state != "active"],
        people=people, kinds=KINDS[:-1], longest=LONGEST, made=made, secret=secret,
    )  # fmt: skip


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _add(receivers: Receivers, ask: Ask, form: Posted) -> Response:
    ask.require(RIGHT)
    url, kinds = form.needed("url"), form.all("kinds")
    if url:
        form.problems += url_problems(url, read_webhook_settings(receivers.outbox.folder))
    if not kinds:
        form.problems.append(Problem("empty", "form", field="kinds"))
    form.check()
    made, secret = receivers.add(ask.records, ask.principal, url, kinds, form.text("label")[:200])
    return show_webhooks(receivers, ask, made, secret)


def _test(receivers: Receivers, ask: Ask, form: Posted) -> str:
    receivers.try_out(ask.records, ask.principal, form.text("id"))
    return f"{PATH}?done=test"


def _remove(receivers: Receivers, ask: Ask, form: Posted) -> str:
    receivers.remove(ask.records, ask.principal, form.text("id"))
    return f"{PATH}?done=removed"
