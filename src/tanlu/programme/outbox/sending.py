"""Letters out of the log and out of the house: written once, sent until it works, as files or over SMTP.

A letter is claimed before it is sent, so that two processes do not send it twice. One whose sender died meanwhile is taken up again after
a while; it may then arrive twice, and never not at all.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from tanlu.core.messages import LANGUAGES, translate
from tanlu.programme.outbox.events import TELLING, Message, due_on, from_entry
from tanlu.programme.outbox.settings import MailSettings, read_mail_settings
from tanlu.programme.outbox.tables import Letter, LogPlace
from tanlu.records import LogEntry, Records, local_day, new_id
from tanlu.records.log.tiles import write_file
from tanlu.records.people import contacts_of

FOLDER: Final = "outbox"
PLACE: Final = "log"
OLDEST: Final = timedelta(days=7)
"""Entries of the log that are older when they are read make no letters: they are no news."""
STATES: Final = ("waiting", "sending", "sent", "failed", "no_address")
ATTEMPTS: Final = 8
FORGOTTEN: Final = timedelta(minutes=15)
"""After this a letter that is being sent is sent again."""
TIMEOUT: Final = 20
"""Seconds for a mail server to answer."""
BATCH: Final = 200
Post = Callable[[EmailMessage], None]


def collect(records: Records) -> int:
    """Write the letters that follow from what was committed since the last time, and from what is due today; return how many are new."""
    with records.database.read() as session:
        place = session.get(LogPlace, PLACE)
        first, now = (place.following if place else 0), records.database.clock()
        last = session.execute(select(func.max(LogEntry.sequence))).scalar_one_or_none()
        telling = select(LogEntry).where(
            LogEntry.sequence >= first, LogEntry.at >= now - OLDEST, LogEntry.action.in_(TELLING)
        )
        entries = list(session.execute(telling.order_by(LogEntry.sequence)).scalars())
        messages = [m for e in entries for m in from_entry(session, e)]
        messages += due_on(session, local_day(now))
        wanted = {m.key: m for m in messages}
        known = _known(session, list(wanted))
    fresh = [m for key, m in wanted.items() if key not in known]
    following = first if last is None else last + 1
    if not fresh and following == first:
        return 0
    with records.database.working() as session:
        # another process may have been faster
        known = _known(session, [m.key for m in fresh])
        written = [m for m in fresh if m.key not in known]
        session.add_all(_letter(m, now) for m in written)
        place = session.get(LogPlace, PLACE) or LogPlace(id=PLACE, following=0)
        place.following = max(place.following, following)
        session.add(place)
    return len(written)


def _known(session: Session, keys: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(keys), 500):
        part = select(Letter.key).where(Letter.key.in_(keys[start : start + 500]))
        found |= set(session.execute(part).scalars())
    return found


def _letter(message: Message, at: datetime) -> Letter:
    return Letter(
        id=new_id(), key=message.key, kind=message.kind, person_id=message.person_id, path=message.path, content=dict(message.content),
        state="waiting", attempts=0, fault="", created_at=at,
    )  # fmt: skip


def texts_of(letter: Letter, portal: str = "") -> Mapping[str, tuple[str, str]]:
    """Return subject and text of a letter in each language."""
    found = {}
    for language in LANGUAGES:
        values = {**letter.content, "title": letter.content.get(language, "")}
        subject = translate(f"mail.{letter.kind}.subject", language, **values)
        text = translate(f"mail.{letter.kind}.text", language, **values)
        address = portal + ("" if language == "zh" else "/en") + letter.path
        found[language] = " ".join(subject.split()), translate("mail.frame", language, text=text, address=address)
    return found


def email_of(letter: Letter, address: str, settings: MailSettings) -> EmailMessage:
    """Return a letter as an e-mail, Chinese first, English below."""
    texts = texts_of(letter, settings.portal)
    found = EmailMessage(policy=SMTP)
    found["From"], found["To"] = settings.sender, address
    found["Subject"] = " / ".join(texts[language][0] for language in LANGUAGES)
    found["Date"] = letter.created_at.astimezone(UTC)
    found["Message-ID"] = f"<{letter.id}@{settings.sender.rpartition('@')[2]}>"
    found["Auto-Submitted"] = "auto-generated"
    found.set_content("\n\n---\n\n".join(texts[language][1] for language in LANGUAGES), cte="base64")
    return found


def deliver(records: Records, settings: MailSettings | None = None) -> dict[str, int]:
    """Send what waits, and return how many letters are in each state.

    Raises
    ------
    DataError
        If the settings cannot be used.
    """
    chosen = settings or read_mail_settings(records.folder)
    claimed = _claim(records)
    if claimed:
        with _transport(records.folder, chosen) as post:
            for letter_id in claimed:
                _send(records, letter_id, chosen, post)
    with records.database.read() as session:
        counted = session.execute(select(Letter.state, func.count()).group_by(Letter.state)).all()
    return dict.fromkeys(STATES, 0) | {row[0]: row[1] for row in counted}


def _claim(records: Records) -> list[str]:
    """Mark letters that wait, or whose sender died, as being sent by this process."""
    now = records.database.clock()
    with records.database.working() as session:
        ready = or_(
            Letter.state == "waiting",
            (Letter.state == "sending") & (Letter.tried_at < now - FORGOTTEN),
        )
        ids = list(session.execute(select(Letter.id).where(ready).order_by(Letter.created_at).limit(BATCH)).scalars())
        session.execute(update(Letter).where(Letter.id.in_(ids)).values(state="sending", tried_at=now))
    return ids


def _send(records: Records, letter_id: str, settings: MailSettings, post: Post) -> None:
    with records.database.read() as session:
        letter = session.get_one(Letter, letter_id)
        addresses = contacts_of(session, letter.person_id, "email")
    state, fault = "sent", ""
    if not addresses:
        state = "no_address"
    else:
        try:
            post(email_of(letter, addresses[0], settings))
        except (OSError, smtplib.SMTPException, ValueError) as error:
            fault = f"{type(error).__name__}: {error}"[:500]
            state = "failed" if letter.attempts + 1 >= ATTEMPTS else "waiting"
    now = records.database.clock()
    values: dict[str, Any] = {"state": state, "fault": fault, "attempts": letter.attempts + 1}
    with records.database.working() as session:
        if state == "sent":
            values["sent_at"] = now
        session.execute(update(Letter).where(Letter.id == letter_id).values(**values))


@contextmanager
def _transport(folder: Path, settings: MailSettings) -> Iterator[Post]:
    """Give what takes a letter away; a mail server that cannot be reached fails each letter, not the whole."""
    if settings.transport == "files":
        yield lambda message: _file(folder / FOLDER, message)
        return
    server: list[smtplib.SMTP] = []

    def post(message: EmailMessage) -> None:
        if not server:
            server.append(_connect(settings))
        try:
            server[0].send_message(message)
        except smtplib.SMTPServerDisconnected:
            server.clear()
            raise

    try:
        yield post
    finally:
        for open_one in server:
            open_one.close()


def _connect(settings: MailSettings) -> smtplib.SMTP:
    secure = ssl.create_default_context()
    if settings.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(settings.host, settings.port, timeout=TIMEOUT, context=secure)
    else:
        server = smtplib.SMTP(settings.host, settings.port, timeout=TIMEOUT)
    try:
        if settings.security == "starttls":
            server.starttls(context=secure)
        if settings.user:
            server.login(settings.user, settings.password)
    except (OSError, smtplib.SMTPException):
        server.close()
        raise
    return server


def _file(folder: Path, message: EmailMessage) -> None:
    """Write a letter as ``outbox/<day>/<id>.eml``, whole or not at all."""
    day = message["Date"].datetime.date().isoformat()
    name = str(message["Message-ID"]).strip("<>").partition("@")[0]
    (folder / day).mkdir(parents=True, exist_ok=True)
    write_file(folder / day / f"{name}.eml", message.as_bytes())
