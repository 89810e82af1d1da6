"""Several processes serve one workspace: one socket, one secret of forms, and each duty done by one of them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from socket import create_connection, socket
from threading import Timer

import httpx
import pytest

from tanlu.portal.platform import duties
from tanlu.portal.platform.duties import Duties
from tanlu.portal.platform.page_cache import ChangeMark


def test_one_has_the_duties_and_another_takes_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duties, "PAUSE", 0.01)
    done: list[str] = []
    first, second = (
        Duties(tmp_path / "cache" / "lock", [lambda n=name: done.append(f"{n} begins")], [lambda n=name: done.append(f"{n} ends")])
        for name in "ab"
    )  # fmt: skip
    first.start()
    second.start()
    assert (first.held, second.held, done) == (True, False, ["a begins"])
    first.stop()
    assert second._waiting is not None
    second._waiting.join(10)
    second.stop()
    assert done == ["a begins", "a ends", "b begins", "b ends"]


def test_who_cannot_write_does_what_is_to_be_done_and_who_never_began_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done: list[str] = []
    alone = Duties(tmp_path / "file" / "lock", [lambda: done.append("begins")], [lambda: done.append("ends")])
    alone.start()
    alone.stop()
    assert done == ["begins", "ends"]
    holder = Duties(tmp_path / "lock", [], [])
    holder.start()
    waiting = Duties(tmp_path / "lock", [], [lambda: done.append("never")])
    waiting.start()
    waiting.stop()
    holder.stop()
    assert done == ["begins", "ends"]


def test_a_change_in_one_process_is_seen_by_the_others(tmp_path: Path) -> None:
    mine, other = ChangeMark(tmp_path / "cache" / "changed"), ChangeMark(tmp_path / "cache" / "changed")
    before = other.stamp()
    mine.move()
    assert other.stamp() != before


@pytest.mark.thorough
def test_two_processes_serve_together_and_end_together(tmp_path: Path) -> None:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tanlu", "serve", str(tmp_path / "w"), "--port", str(port), "--workers", "2"]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    # a server that says nothing ends the test and does not hold up all others
    patience = Timer(180, program.kill)
    patience.start()
    try:
        assert program.stdout is not None
        assert any(f":{port}/" in line for line in program.stdout)
        processes: dict[int, str] = {}
        deadline = time.monotonic() + 120
        # the kernel chooses who answers a connection: ask until both have
        while len(processes) < 2 and time.monotonic() < deadline:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                page = client.get("/account")
                token = re.search(r'name="form_token" value="([0-9a-f]{64})"', page.text)
                assert token is not None
                nonce = page.headers["set-cookie"].partition("=")[2].partition(";")[0]
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                # whichever answers takes the form of whichever made it
                files = {"form_token": (None, token[1]), "what": (None, "example")}
                sent = client.post("/account", files=files, headers={"cookie": f"tanlu-form={nonce}"})
                assert sent.status_code != 403
            processes = children(program.pid)
        # whoever never finishes what they ask for, as an open live page does, holds nobody up
        with create_connection(("127.0.0.1", port)) as unfinished:
            unfinished.sendall(
                b"POST /account HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\n"
            )
            time.sleep(0.2)
            os.kill(program.pid, signal.SIGTERM)
            assert program.wait(60) is not None
        assert not any(Path(f"/proc/{p}").exists() for p in processes)
    finally:
        patience.cancel()
        program.kill()
        program.wait()


def children(parent: int) -> dict[int, str]:
    """Return the processes that serve below one."""
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    told = {int(p): Path(f"/proc/{p}/cmdline").read_text() for p in listed}
    return {p: text for p, text in told.items() if "spawn_main" in text}
