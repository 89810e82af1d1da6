"""Letters: which events write to whom, each once, as files or over a real SMTP server, and what happens when it is down."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select
from tests.programme.cycle.conftest import DEADLINE, HOME, World

from tanlu.core.errors import DataError
from tanlu.programme.cycle import Project, ReviewTask, assigning, calls
from tanlu.programme.outbox import Letter
from tanlu.programme.outbox.sending import FORGOTTEN, collect, deliver
from tanlu.programme.outbox.settings import MailSettings, read_mail_settings
from tanlu.records.people import add_contact


def letters(world: World) -> list[tuple[str, str]]:
    """Return kind and person of every letter."""
    names = {p.person_id: name for name, p in world.people.items()}
    with world.records.database.read() as session:
        rows = session.execute(select(Letter).order_by(Letter.created_at, Letter.kind)).scalars()
        return [(x.kind, names.get(x.person_id, x.person_id)) for x in rows]


def reach(world: World, *names: str) -> None:
    with world.records.database.change("system", "test.contact", "test") as change:
        for name in names:
            add_contact(change, world.people[name].person_id, "email", f"{name.replace('/', '-')}@example.org")


class Inbox:
    """A mail server on this machine that keeps what it gets, or refuses."""

    def __init__(self) -> None:
        self.got: list[Any] = []
        self.answer = "250 OK"

    async def handle_DATA(  # noqa: N802 - the name that the server calls
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        if self.answer.startswith("250"):
            self.got.append(
                (envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default))
            )
        return self.answer


@contextmanager
def mail_server() -> Iterator[tuple[Inbox, MailSettings]]:
    inbox = Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield inbox, MailSettings("smtp", "plan@example.org", "https://plan.example", "127.0.0.1", port, "none")
    finally:
        controller.stop()


def test_a_call_and_its_applications_write_to_those_whom_they_concern_and_once(desk: World) -> None:
    call = desk.open_call()
    assert collect(desk.records) == 6, "four units and two bureaus"
    assert collect(desk.records) == 0
    before = letters(desk)
    desk.apply(call, 0)
    collect(desk.records)
    fresh = set(letters(desk)) - set(before)
    assert fresh == {
        ("application_received", "unit0"),
        ("application_received", "pi1"),
        ("recommend", f"bureau_{HOME}"),
    }
    desk.wait(days=30)
    desk.open_call(zh="第二个", deadline=desk.now + timedelta(days=40), recommend_until=None)
    desk.wait(days=8)
    assert collect(desk.records) == 0, "what happened more than a week ago is no news"


def test_reviews_decisions_and_milestones_write_when_given_due_and_late(contracted: tuple[World, Project]) -> None:
    """The project was decided just before; its milestone m1 is due 30 days after the start, so it is called to mind from day 16 on."""
    desk, project = contracted
    desk.running(project)
    collect(desk.records)
    assert not [kind for kind, _ in letters(desk) if kind.startswith("milestone")]
    desk.wait(days=20)
    collect(desk.records)
    due = {who for kind, who in letters(desk) if kind == "milestone_due"}
    assert "unit0" in due
    assert "officer" not in due
    desk.wait(days=20)
    collect(desk.records)
    late = {who for kind, who in letters(desk) if kind == "milestone_overdue"}
    assert late >= {"unit0", "officer", "second"}
    written = len(letters(desk))
    desk.wait(days=1)
    assert collect(desk.records) == 0
    assert len(letters(desk)) == written, "a reminder is written once for its date"


def test_an_expert_hears_of_a_review_and_of_its_due_date(desk: World) -> None:
    call = desk.open_call()
    desk.formal(desk.apply(call, 0))
    desk.now = DEADLINE + timedelta(days=8)
    calls.move_call(desk.records, desk.officer, call.id, "close")
    desk.pool(5)
    assigning.draw(desk.records, desk.officer, assigning.commit_draw(desk.records, desk.officer, call.id).id)
    collect(desk.records)
    with desk.records.database.read() as session:
        tasks = list(session.execute(select(ReviewTask).where(ReviewTask.state == "assigned")).scalars())
    assert len([k for k, _ in letters(desk) if k == "review_assigned"]) == len(tasks) > 0
    desk.wait(days=(tasks[0].due - desk.now.date()).days - 2)
    collect(desk.records)
    desk.wait(days=10)
    collect(desk.records)
    kinds = [k for k, _ in letters(desk)]
    assert kinds.count("review_due") == kinds.count("review_overdue") == len(tasks)


def test_letters_are_files_by_default_and_people_without_an_address_are_told_apart(desk: World) -> None:
    reach(desk, "unit0")
    desk.open_call(zh="含\n换行的题目")
    collect(desk.records)
    assert deliver(desk.records) == {"waiting": 0, "sending": 0, "sent": 1, "failed": 0, "no_address": 5}
    (file,) = Path(desk.records.folder, "outbox").rglob("*.eml")
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert message["To"] == "unit0@example.org"
    assert "含 换行的题目" in message["Subject"]
    body = message.get_content()
    assert body.index("已发布") < body.index("is open until"), "Chinese first"


def test_smtp_sends_each_letter_once_and_tries_again_what_was_refused(desk: World) -> None:
    reach(desk, "unit0", "unit1")
    desk.open_call()
    collect(desk.records)
    with mail_server() as (inbox, settings):
        inbox.answer = "451 later"
        assert deliver(desk.records, settings)["waiting"] == 2
        inbox.answer = "250 OK"
        assert deliver(desk.records, settings)["sent"] == 2
        deliver(desk.records, settings)
    assert sorted(to for to, _ in inbox.got) == [["unit0@example.org"], ["unit1@example.org"]]
    assert all("https://plan.example/programme/call?id=" in m.get_content() for _, m in inbox.got)


def test_a_server_that_is_down_loses_nothing_and_a_dead_sender_is_replaced(desk: World) -> None:
    reach(desk, "unit0")
    desk.open_call()
    collect(desk.records)
    nobody = MailSettings("smtp", "plan@example.org", "", "127.0.0.1", 1, "none")
    assert deliver(desk.records, nobody)["waiting"] == 1
    with desk.records.database.working() as session:
        row = session.execute(select(Letter).where(Letter.state == "waiting")).scalar_one()
        assert "refused" in row.fault
        row.state, row.tried_at = "sending", desk.records.database.clock()
    assert deliver(desk.records)["sending"] == 1, "somebody else has it in hand"
    desk.now += FORGOTTEN + timedelta(seconds=1)
    assert deliver(desk.records)["sent"] == 1


def test_every_fault_of_the_settings_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "tanlu.toml").write_text(
        'province = "hunan"\n[mail]\ntransport = "smtp"\nsecurity = "ssl3"\nsender = "x"\nport = 0\nhots = "a"\n',
        "utf-8",
    )
    with pytest.raises(DataError) as error:
        read_mail_settings(tmp_path)
    found = {(p.code, p.field) for p in error.value.problems}
    assert found == {
        ("unknown_key", "mail.hots"), ("mail_security", "mail.security"), ("mail_address", "mail.sender"),
        ("not_an_integer", "mail.port"), ("missing_key", "mail.host"),
    }  # fmt: skip
