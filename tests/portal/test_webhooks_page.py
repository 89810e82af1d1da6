"""The page of webhooks: an administrator adds, tries and removes a receiver; others neither see nor change any."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.portal.office import Office, open_office
from tests.portal.test_platform_webhooks import LOCAL, Receiver, receiver

from tanlu.portal.platform.webhooks.messenger import send_due
from tanlu.portal.platform.webhooks.outbox import Outbox
from tanlu.records.entries import LogEntry

__all__ = ["receiver"]
PAGE = "/admin/webhooks"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = open_office(tmp_path / "work")
    with (tmp_path / "work" / "tanlu.toml").open("a", encoding="utf-8") as file:
        file.write("\n[webhooks]\nallow_local = true\n")
    yield made
    made.records.close()


def test_an_administrator_adds_tries_and_removes_a_receiver(office: Office, receiver: Receiver, tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "work")
    made = office.send(
        "admin", f"/en{PAGE}", "add", url=receiver.url, kinds=["monitor.alert", "target.danger"], label="Desk <1>"
    )
    assert made.status_code == 200
    assert made.headers["cache-control"] == "no-store"
    (hook,) = outbox.hooks()
    assert (hook.url, hook.kinds, hook.label) == (receiver.url, ("monitor.alert", "target.danger"), "Desk <1>")
    assert "Desk &lt;1&gt;" in made.text and "Desk <1>" not in made.text
    assert len(set(re.findall(r"whsec_[A-Za-z0-9+/=]+", made.text))) == 1
    later = office.client("admin").get(f"/en{PAGE}").text
    assert "whsec_" not in later and "Nothing has been sent yet" in later and "alerts of monitoring" in later
    assert office.send("admin", PAGE, "test", id=hook.id).headers["location"] == f"{PAGE}?done=test"
    assert send_due(outbox, LOCAL)["sent"] == 1
    assert "已送达" in office.client("admin").get(PAGE).text
    assert office.send("admin", PAGE, "remove", id=hook.id).status_code == 303
    assert outbox.hooks() == []
    assert office.send("admin", PAGE, "remove", id=hook.id).status_code == 404
    with office.records.database.read() as session:
        actions = session.execute(select(LogEntry.action).where(LogEntry.action.startswith("webhook."))).scalars()
        assert list(actions) == ["webhook.add", "webhook.remove"]


def test_all_that_is_wrong_with_a_form_is_said_at_once_and_what_was_typed_stays(office: Office, tmp_path: Path) -> None:
    answer = office.send("admin", f"/en{PAGE}", "add", url="http://example.org/x", label="Kept words")
    assert answer.status_code == 422
    said = re.search(r'id="problems-said".*?</div>', answer.text, re.S)
    assert said and "is not encrypted" in said[0] and "kinds" in said[0]
    assert 'value="http://example.org/x"' in answer.text and 'value="Kept words"' in answer.text
    assert "whsec_" not in answer.text
    inside = office.send("admin", PAGE, "add", url="https://10.0.0.1/", kinds=["monitor.alert"])
    assert inside.status_code == 422 and "在内网或本机" in inside.text
    unknown = office.send("admin", PAGE, "add", url="https://example.org/", kinds=["all"])
    assert unknown.status_code == 422
    assert Outbox(tmp_path / "work").hooks() == []


@pytest.mark.parametrize("who", ["officer", "auditor", "unit"])
def test_receivers_are_neither_seen_nor_changed_by_others(office: Office, tmp_path: Path, who: str) -> None:
    office.send("admin", PAGE, "add", url="https://example.org/secret-path", kinds=["monitor.alert"])
    (hook,) = Outbox(tmp_path / "work").hooks()
    page = office.client(who).get(PAGE)
    assert page.status_code == 403 and "secret-path" not in page.text
    for act, fields in (
        ("remove", {"id": hook.id}),
        ("test", {"id": hook.id}),
        ("add", {"url": "https://example.org/", "kinds": "test"}),
    ):
        assert office.send(who, PAGE, act, **fields).status_code == 403
    assert Outbox(tmp_path / "work").hooks() == [hook]
    assert PAGE not in office.client(who).get("/me").text
    assert PAGE in office.client("admin").get("/me").text


def test_a_form_of_another_page_changes_nothing(office: Office, tmp_path: Path) -> None:
    client, data = office.client("admin"), {"act": "add", "url": "https://example.org/", "kinds": "monitor.alert"}
    empty = {"nothing": ("", b"")}
    for forged in ("", "0" * 64):
        assert client.post(PAGE, data={**data, "form_token": forged}, files=empty).status_code == 403
    assert office.client().post(PAGE, data=data, files=empty).status_code == 401
    assert Outbox(tmp_path / "work").hooks() == []
