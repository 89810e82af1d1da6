"""The outbox for administrators: which letters were written, what became of them, and what they say."""

from __future__ import annotations

import logging
from threading import Event, Thread
from typing import Final

from fastapi import Response
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from tanlu.core.errors import DataError
from tanlu.portal.programme.view import page_number
from tanlu.portal.records.view import people_names
from tanlu.portal.session.desks import Ask, Desk
from tanlu.portal.session.forms import Posted
from tanlu.portal.session.identity import Identity
from tanlu.programme.cycle.acting import find
from tanlu.programme.outbox.sending import STATES, collect, deliver, texts_of
from tanlu.programme.outbox.settings import read_mail_settings
from tanlu.programme.outbox.tables import Letter

LOG: Final = logging.getLogger(__name__)
PAGE: Final = 100
PAUSE: Final = 60
"""Seconds between two rounds."""


class Courier:
    """Writes and sends letters while the portal runs; what it cannot do now it tries again after a while."""

    def __init__(self, identity: Identity) -> None:
        self._identity, self._ended = identity, Event()
        self._thread = Thread(target=self._work, name="courier", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """Send nothing more."""
        self._ended.set()

    def _work(self) -> None:
        while not self._ended.wait(PAUSE):
            if not self._identity.present:
                continue
            try:
                collect(self._identity.records)
                deliver(self._identity.records)
            except (DataError, SQLAlchemyError, OSError) as error:
                LOG.warning("no letters were sent: %s", error)


def outbox_desks() -> list[Desk]:
    """Return this page."""
    return [Desk("/admin/mail", show_outbox, {"send": _send}, right="mail.read")]


def show_outbox(ask: Ask) -> Response:
    """Show letters, newest first, and one of them whole."""
    state, kind = ask.query("state"), ask.query("kind")
    settings = read_mail_settings(ask.records.folder)
    with ask.records.database.read() as session:
        counted = session.execute(select(Letter.state, func.count()).group_by(Letter.state))
        counts = {row[0]: row[1] for row in counted}
        kinds = list(session.execute(select(Letter.kind).distinct().order_by(Letter.kind)).scalars())
        where = [Letter.state == state] if state in STATES else []
        where += [Letter.kind == kind] if kind else []
        total = session.execute(select(func.count()).select_from(Letter).where(*where)).scalar_one()
        statement = select(Letter).where(*where).order_by(Letter.created_at.desc(), Letter.id)
        found = list(session.execute(statement.offset((page_number(ask) - 1) * PAGE).limit(PAGE)).scalars())
        letter = find(session, Letter, ask.query("id")) if ask.query("id") else None
        people = {x.person_id for x in found} | ({letter.person_id} if letter else set())
        known = people_names(session, people, ask.language)
    return ask.page(
        "outbox.html", found=found, letter=letter, texts=texts_of(letter, settings.portal) if letter else {}, known=known, counts=counts,
        kinds=kinds, kind=kind, state=state, states=STATES, settings=settings, total=total, page=page_number(ask),
        pages=max(1, -(-total // PAGE)), sending=ask.may("mail.send"),
    )  # fmt: skip


def _send(ask: Ask, form: Posted) -> str:
    ask.require("mail.send")
    collect(ask.records)
    deliver(ask.records)
    return "/admin/mail"
