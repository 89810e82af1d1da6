"""REST API of webhooks, for administrators: register, list, try, read the log, remove. Each change stands in the log of the records."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from tanlu.portal.platform.listing import Asked, listed
from tanlu.portal.platform.webhooks.events import moment
from tanlu.portal.platform.webhooks.managing import RIGHT, Receivers
from tanlu.portal.platform.webhooks.outbox import KINDS, AttemptRecord, Hook
from tanlu.portal.platform.webhooks.receivers import LONGEST
from tanlu.portal.session.records_api import Kept, Who, needs, records_api
from tanlu.portal.session.shapes import Body, Row


class WebhookSent(Body):
    """A receiver that is to be registered."""

    url: Annotated[str, Field(max_length=LONGEST, description="https address.", examples=["https://example.org/tanlu"])]
    kinds: list[str] = Field(
        list(KINDS[:-1]), max_length=10, description=f"Kinds of messages: {', '.join(KINDS[:-1])}."
    )
    label: Annotated[str, Field(max_length=200)] = ""


class WebhookRow(Row):
    """A receiver."""

    id: str
    url: str
    kinds: list[str]
    label: str
    created_at: str
    created_by: str
    state: str


class WebhookMade(WebhookRow):
    """A receiver with its secret, which is shown this once."""

    secret: str


class TestSent(Row):
    """The message that was put into the outbox."""

    message: str


def webhook_router(receivers: Receivers) -> APIRouter:
    """Return the routes."""
    router = records_api("webhooks")
    _add_changes(router, receivers)
    _add_reading(router, receivers)
    return router


def _add_changes(router: APIRouter, receivers: Receivers) -> None:
    @router.post("/webhooks", status_code=201, **needs(RIGHT, secret=True))
    def add(sent: WebhookSent, who: Who, records: Kept) -> WebhookMade:
        """Register a receiver: an https address, or 127.0.0.1 if the settings allow it. The answer holds the secret, this once."""
        hook, secret = receivers.add(records, who, sent.url, sent.kinds, sent.label)
        return WebhookMade(**_row(hook), secret=secret)

    @router.delete("/webhooks/{hook_id}", status_code=204, **needs(RIGHT))
    def remove(hook_id: str, who: Who, records: Kept) -> Response:
        """Send nothing more to a receiver."""
        receivers.remove(records, who, hook_id)
        return Response(status_code=204)

    @router.post("/webhooks/{hook_id}/test", status_code=202, **needs(RIGHT))
    def test(hook_id: str, who: Who, records: Kept) -> TestSent:
        """Put a test message into the outbox; its attempt stands in the log within seconds."""
        return TestSent(message=receivers.try_out(records, who, hook_id))


def _add_reading(router: APIRouter, receivers: Receivers) -> None:
    outbox = receivers.outbox

    @router.get("/webhooks", **_with(needs(RIGHT), listed(WebhookRow)))
    def hooks(who: Who, records: Kept, asked: Asked) -> Any:
        """Receivers."""
        records.rights.require(who, RIGHT)
        return asked.answer([WebhookRow(**_row(h)) for h in outbox.hooks()], WebhookRow, name="webhooks")

    @router.get("/webhooks/{hook_id}/deliveries", **_with(needs(RIGHT), listed(AttemptRecord)))
    def deliveries(hook_id: str, who: Who, records: Kept, asked: Asked) -> Any:
        """The log of a receiver: each attempt, the youngest first, with the state of its message."""
        records.rights.require(who, RIGHT)
        if hook_id not in {h.id for h in outbox.hooks(all=True)}:
            receivers.find(hook_id)
        return asked.answer(outbox.attempts(hook_id), AttemptRecord, name="deliveries")


def _with(needed: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    return {**described, "openapi_extra": {**described["openapi_extra"], **needed["openapi_extra"]}}


def _row(hook: Hook) -> dict[str, Any]:
    return {
        "id": hook.id, "url": hook.url, "kinds": list(hook.kinds), "label": hook.label, "created_at": moment(hook.created_at),
        "created_by": hook.created_by, "state": hook.state,
    }  # fmt: skip
