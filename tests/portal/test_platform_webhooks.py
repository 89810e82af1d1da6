"""Webhooks: a real receiver on this machine gets signed messages, again until it has them; addresses inside the house are refused."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from tests.results_fixture import write_results
from typer.testing import CliRunner

from tanlu.cli import app as commands
from tanlu.core.errors import DataError
from tanlu.portal.monitor.service import Monitoring
from tanlu.portal.platform.settings import WebhookSettings, read_api_settings, read_webhook_settings
from tanlu.portal.platform.webhooks.events import collect
from tanlu.portal.platform.webhooks.messenger import Messenger, send_due
from tanlu.portal.platform.webhooks.outbox import DELAYS, Outbox
from tanlu.portal.platform.webhooks.receivers import ReceiverError, allowed, post, url_problems
from tanlu.portal.platform.webhooks.registering import register, send_test
from tanlu.portal.platform.webhooks.signature import signature
from tanlu.portal.service import Workspace

LOCAL = WebhookSettings(allow_local=True)
SETTINGS = 'province = "hunan"\n[webhooks]\nallow_local = true\n'


@dataclass
class Receiver:
    """What a server of this machine was sent, and what it answers."""

    url: str
    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(found.answers.pop(0) if found.answers else 204)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Receiver(f"http://127.0.0.1:{server.server_port}/hook?from=tanlu")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tanlu.toml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


class Clock:
    """Seconds since 1970 that the test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def test_the_signature_is_that_of_the_specification() -> None:
    """Test vector of the reference libraries of Standard Webhooks (github.com/standard-webhooks/standard-webhooks, libraries)."""
    found = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_message_arrives_signed_once_and_stands_in_the_log(folder: Path, receiver: Receiver) -> None:
    outbox, clock = Outbox(folder), Clock()
    hook, secret = outbox.register(receiver.url, ["monitor.alert"], "", "x", clock())
    assert outbox.tell("monitor.alert", "a", {"type": "monitor.alert", "data": {"zh": "用电"}}, clock())
    assert outbox.tell("monitor.alert", "a", {"type": "monitor.alert"}, clock()) == ""
    assert outbox.tell("target.danger", "b", {"type": "target.danger"}, clock())
    assert send_due(outbox, LOCAL, clock) == {"sent": 1, "waiting": 0, "failed": 0}
    assert send_due(outbox, LOCAL, clock) == {"sent": 0, "waiting": 0, "failed": 0}
    ((headers, body),) = receiver.got
    assert json.loads(body)["data"] == {"zh": "用电"}
    assert headers["webhook-signature"] == signature(secret, headers["webhook-id"], int(clock()), body)
    assert headers["webhook-timestamp"] == str(int(clock()))
    (attempt,) = outbox.attempts(hook.id)
    assert (attempt.status, attempt.state, attempt.attempts, attempt.error) == (204, "sent", 1, "")


def test_a_message_is_sent_again_after_the_delays_and_then_given_up(folder: Path, receiver: Receiver) -> None:
    """Standard Webhooks 1.0: at once, 5 s, 5 min, 30 min, 2, 5, 10, 14, 20, 24 h; the id stays, the time is that of the attempt."""
    outbox, clock = Outbox(folder), Clock()
    hook, _ = outbox.register(receiver.url, ["test"], "", "x", clock())
    send_test(outbox, hook.id)
    clock.now = 2_000_000_000.0
    receiver.answers = [500, 302, 404] + [503] * 20
    for delay in DELAYS:
        clock.now += delay - 0.5
        assert delay == 0 or send_due(outbox, LOCAL, clock) == {"sent": 0, "waiting": 0, "failed": 0}
        clock.now += 0.5
        send_due(outbox, LOCAL, clock)
    assert len(receiver.got) == len(DELAYS) == 10
    assert len({h["webhook-id"] for h, _ in receiver.got}) == 1
    assert len({h["webhook-signature"] for h, _ in receiver.got}) == 10
    assert (outbox.waiting(), outbox.attempts(hook.id)[0].state) == (0, "failed")


def test_what_waits_survives_a_stop_and_a_second_process_does_not_send_it_too(folder: Path, receiver: Receiver) -> None:
    clock = Clock()
    hook, _ = Outbox(folder).register(receiver.url, ["test"], "", "x", clock())
    Outbox(folder).tell("test", "one", {}, clock(), only=hook.id)
    held = Outbox(folder).take(clock())
    assert [d.hook.id for d in held] == [hook.id]
    assert Outbox(folder).take(clock()) == []
    clock.now += 61
    assert send_due(Outbox(folder), LOCAL, clock)["sent"] == 1


def test_a_receiver_that_is_busy_says_when_and_one_that_is_gone_is_left_alone(folder: Path, receiver: Receiver) -> None:
    outbox, clock = Outbox(folder), Clock()
    hook, _ = outbox.register(receiver.url, ["test"], "", "x", clock())
    outbox.tell("test", "one", {}, clock())
    receiver.answers, receiver.headers = [429, 410], {"retry-after": "90"}
    assert send_due(outbox, LOCAL, clock)["waiting"] == 1
    clock.now += 89
    assert send_due(outbox, LOCAL, clock)["waiting"] == 0
    clock.now += 2
    assert send_due(outbox, LOCAL, clock)["failed"] == 1
    assert outbox.hooks() == []
    with pytest.raises(DataError):
        outbox.find(hook.id)


def test_the_secret_is_not_readable_in_the_file(folder: Path, receiver: Receiver) -> None:
    outbox = Outbox(folder)
    _, secret = outbox.register(receiver.url, ["test"], "", "x", 0.0)
    stored = b"".join(p.read_bytes() for p in folder.glob("webhooks.db*"))
    assert secret.encode() not in stored and secret.removeprefix("whsec_").encode() not in stored
    assert outbox.path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("url", "code"),
    [("ftp://example.org/", "webhook_url"), ("https://", "webhook_url"), ("https://exa mple.org", "webhook_url"), ("x", "webhook_url"),
     ("https://例子.cn/", "webhook_url"), ("https://example.org:99999/", "webhook_url"), ("https://a:b@example.org/", "webhook_url_parts"),
     ("https://example.org/#x", "webhook_url_parts"), ("http://example.org/", "webhook_url_plain"),
     ("http://127.0.0.1/", "webhook_url_plain"),
     ("https://10.1.2.3/", "webhook_url_inside"), ("https://169.254.169.254/latest", "webhook_url_inside"),
     ("https://[::1]/", "webhook_url_inside"), ("https://[::ffff:10.0.0.1]/", "webhook_url_inside"),
     ("https://0.0.0.0/", "webhook_url_inside"),
     ("https://example.org/" + "a" * 500, "webhook_url")],
)  # fmt: skip
def test_an_address_that_may_not_be_used_is_refused(url: str, code: str) -> None:
    assert [p.code for p in url_problems(url, WebhookSettings())] == [code]


def test_settings_open_this_machine_and_networks_of_the_house() -> None:
    assert url_problems("http://127.0.0.1:8080/x", LOCAL) == []
    assert url_problems("http://example.org/x", LOCAL) != []
    house = WebhookSettings(allow_private=(ip_network("10.20.0.0/16"),))
    assert url_problems("https://10.20.3.4/", house) == []
    assert url_problems("https://10.21.3.4/", house) != []


@pytest.mark.parametrize(
    ("address", "may"),
    [("8.8.8.8", True), ("2606:4700:4700::1111", True), ("192.168.0.1", False), ("172.16.0.1", False), ("100.64.0.1", False),
     ("fe80::1", False), ("fc00::1", False), ("224.0.0.1", False), ("255.255.255.255", False), ("64:ff9b::a00:1", False),
     ("2002:a00:1::", False), ("::ffff:8.8.8.8", True), ("::ffff:127.0.0.1", False), ("::", False)],
)  # fmt: skip
def test_addresses_that_carry_another_are_judged_by_it(address: str, may: bool) -> None:
    """RFC 1918, 6598, 4193, 4291 (mapped), 3056 (6to4: 0a00:0001 is 10.0.0.1), 6052 (NAT64)."""
    assert allowed(ip_address(address), WebhookSettings()) is may


def test_a_name_that_leads_inside_is_not_reached_and_the_address_that_was_checked_is_used(receiver: Receiver) -> None:
    with pytest.raises(ReceiverError) as refused:
        post("https://example.org/", b"{}", {}, WebhookSettings(), lambda host, port: ["8.8.8.8", "10.0.0.1"])
    assert refused.value.problem.code == "webhook_url_inside"
    port = receiver.url.split(":")[2].split("/")[0]
    asked: list[str] = []

    def lookup(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    assert post(f"http://localhost:{port}/", b"{}", {}, LOCAL, lookup).status == 204
    assert asked == ["localhost"]
    assert receiver.got[0][0]["host"] == f"localhost:{port}"


def test_a_receiver_that_is_not_there_is_told_in_the_log(folder: Path) -> None:
    outbox, clock = Outbox(folder), Clock()
    hook, _ = outbox.register("http://127.0.0.1:9/", ["test"], "", "x", clock())
    outbox.tell("test", "one", {}, clock())
    assert send_due(outbox, LOCAL, clock)["waiting"] == 1
    (attempt,) = outbox.attempts(hook.id)
    assert attempt.status is None and attempt.error == "http://127.0.0.1:9/ refused the connection"
    assert outbox.attempts(hook.id, language="zh")[0].error == "http://127.0.0.1:9/ 拒绝连接"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (TimeoutError("timed out"), "没有在时限内答复"),
        (socket.gaierror(-2, "Name or service not known"), "查不到"),
        (ssl.SSLCertVerificationError("self-signed certificate"), "证书不受信任"),
        (OSError(113, "No route to host"), "没能送到"),
    ],
)
def test_what_kept_a_message_is_told_in_the_language_of_the_page(folder: Path, fault: OSError, said: str) -> None:
    outbox, clock = Outbox(folder), Clock()
    hook, _ = outbox.register("https://receiver.example/", ["test"], "", "x", clock())
    outbox.tell("test", "one", {}, clock())

    def lookup(host: str, port: int) -> list[str]:
        raise fault

    send_due(outbox, LOCAL, clock, lookup)
    assert said in outbox.attempts(hook.id, language="zh")[0].error


def change_status(run: Path, target: str, status: str) -> None:
    import csv

    path = run / "scoreboard.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["status"] = status if row["target"] == target else row["status"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_a_target_that_comes_into_danger_and_an_alert_are_told_once(folder: Path, receiver: Receiver) -> None:
    from tanlu.monitor.alerts import Alert, raise_alerts
    from tanlu.monitor.ledger import Ledger

    change_status(write_results(folder, "20260101T000000Z-a"), "TG01", "on_track")
    ledger = Ledger.create(folder / "ledger", "hunan")
    old = Alert("day", "日电量", "electricity", "high", "hunan", "2024-07-01", 2.0, 1.0, "MWh")
    raise_alerts(ledger.catalog, [old])
    runs, monitoring, outbox = Workspace(folder), Monitoring(folder), Outbox(folder)
    register(outbox, runs, monitoring, receiver.url, ["monitor.alert", "target.danger"], "", "x")
    messenger = Messenger(folder, runs, monitoring)
    assert messenger.make_pass(look=True)["sent"] == 0
    raise_alerts(
        ledger.catalog, [Alert("day", "日电量", "electricity", "high", "hunan", "2024-07-02", 3.0, 1.0, "MWh")]
    )
    (folder / "results" / "latest").unlink()
    change_status(write_results(folder, "20260201T000000Z-b"), "TG01", "off_track")
    assert messenger.make_pass(look=True)["sent"] == 2
    assert collect(outbox, runs, monitoring, 0.0) == []
    told = {json.loads(b)["type"]: json.loads(b)["data"] for _, b in receiver.got}
    assert (told["monitor.alert"]["period"], told["monitor.alert"]["zh"]) == ("2024-07-02", "日电量")
    found = told["target.danger"]
    assert (found["target"], found["status"], found["status_before"]) == ("TG01", "off_track", "on_track")


def test_settings_that_cannot_be_used_are_told_all_at_once(tmp_path: Path) -> None:
    text = '[webhooks]\nallow_local = 1\nallow_private = ["10.0.0.1/8", "x"]\nmore = 2\n[api]\nburst = 0\nrate_per_minute = "x"\n'
    (tmp_path / "tanlu.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as hooks:
        read_webhook_settings(tmp_path)
    assert sorted(p.code for p in hooks.value.problems) == [
        "not_a_network",
        "not_a_network",
        "not_true_or_false",
        "unknown_key",
    ]
    with pytest.raises(DataError) as api:
        read_api_settings(tmp_path)
    assert [p.field for p in api.value.problems] == ["api.rate_per_minute", "api.burst"]


def test_commands_register_try_and_remove(folder: Path, receiver: Receiver) -> None:
    def run(*words: str, code: int = 0) -> Any:
        found = CliRunner().invoke(commands, ["webhook", *words, "--out", str(folder), "--json"])
        assert found.exit_code == code, found.output
        return json.loads(found.stdout)

    assert run("list") == []
    made = run("add", receiver.url, "--kind", "monitor.alert")
    assert made["secret"].startswith("whsec_")
    assert run("send", "--test", made["id"]) == {"sent": 1, "waiting": 0, "failed": 0}
    assert json.loads(receiver.got[0][1])["type"] == "test"
    assert [r["status"] for r in run("log", made["id"])] == [204]
    assert run("add", "https://10.0.0.1/", code=2)["problems"][0]["field"] == "url"
    assert run("add", receiver.url, "--kind", "x", code=2)["problems"][0]["field"] == "kinds"
    run("remove", made["id"])
    assert run("list") == []
    assert run("remove", made["id"], code=2)["problems"][0]["value"] == made["id"]


def test_an_administrator_registers_through_the_api_and_it_stands_in_the_log(
    tmp_path: Path, receiver: Receiver
) -> None:
    from datetime import timedelta

    from tests.portal.office import open_office

    from tanlu.records import issue_token

    office = open_office(tmp_path / "work")
    with (tmp_path / "work" / "tanlu.toml").open("a", encoding="utf-8") as file:
        file.write("\n[webhooks]\nallow_local = true\n")
    heads = {}
    for who in ("admin", "officer"):
        with office.records.database.change("system", "test.token", "test") as change:
            text = issue_token(change, office.people[who], "x", ["webhook.manage"], change.at + timedelta(days=1))
        heads[who] = {"authorization": f"Bearer {text}"}
    client, sent = office.client(), {"url": receiver.url, "kinds": ["monitor.alert"]}
    answers = [client.post("/api/v1/webhooks", json=sent, headers=h).status_code for h in ({}, heads["officer"])]
    assert answers == [401, 403]
    made = client.post("/api/v1/webhooks", json=sent, headers=heads["admin"])
    assert (made.status_code, made.json()["secret"][:6]) == (201, "whsec_")
    (row,) = client.get("/api/v1/webhooks", headers=heads["admin"]).json()
    assert "secret" not in row
    inside = client.post("/api/v1/webhooks", json={"url": "https://10.0.0.1/"}, headers=heads["admin"])
    assert (inside.status_code, inside.json()["detail"][0]["field"]) == (422, "url")
    assert client.post(f"/api/v1/webhooks/{row['id']}/test", headers=heads["admin"]).status_code == 202
    assert send_due(Outbox(tmp_path / "work"), LOCAL)["sent"] == 1
    log = client.get(f"/api/v1/webhooks/{row['id']}/deliveries", headers=heads["admin"]).json()
    assert [(a["kind"], a["status"], a["state"]) for a in log] == [("test", 204, "sent")]
    statuses = [client.delete(f"/api/v1/webhooks/{row['id']}", headers=heads["admin"]).status_code for _ in range(2)]
    assert statuses == [204, 404]
    with office.records.database.read() as session:
        from sqlalchemy import select

        from tanlu.records.entries import LogEntry

        actions = session.execute(select(LogEntry.action).where(LogEntry.action.startswith("webhook."))).scalars()
        assert list(actions) == ["webhook.add", "webhook.remove"]
    office.records.close()
