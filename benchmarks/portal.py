"""What the portal costs who opens it and who runs it, beside the same overview written in NiceGUI.

    python benchmarks/portal.py WORKSPACE [--seconds 10] [--clients 300] [--login NAME] [--write]

Each server is a process of its own, as in use. A page is opened cold: a fresh profile of Chromium, nothing cached; counted are the bytes
that come over the wire and the time until the first chart has marks. Then GETs arrive at a steady 50 a second, whatever the answers take
(an open loop, so that a slow server cannot slow its own load), and many listeners hold a live stream. Bars of the portal: 550 kB a page,
first chart in 1.5 s, p95 of 150 ms, 250 MB a worker, 300 live clients. Elapsed times on a machine that does other work are upper bounds;
CPU time of the server is not touched by it. The peer has an environment of its own, `.venv/peers/nicegui`.
In a workspace where people sign in, the live clients and the pages of the ledger need `--login`; the password is asked for, or read from
TANLU_PASSWORD.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from sections import below, cpu_seconds, machine, settle, versions, write

HEADING = "## Portal"
ROOT = Path(__file__).resolve().parent.parent
PEER = ROOT / ".venv" / "peers" / "nicegui" / "bin" / "python"
PAGES = ("/", "/public", "/public/data", "/glossary", "/inventory", "/scenarios", "/targets", "/sources", "/studio")
LIVE = "/api/v1/monitor/stream"
LIVE_PAGES = ("/monitor", "/monitor/unit", "/monitor/quality")
"""Pages that read the ledger, asked for as well while the live clients listen."""
RATE = 50
OWN_RATE = 15
"""GETs a second of somebody who has signed in, whose pages are made for each request."""
BARS = {"transfer": 550, "first chart": 1.5, "p95": 150, "memory": 250}
BROWSER = (
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/usr/bin/chromium-headless-shell",
)
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
]
WATCH = """() => { const look = () => { const found = document.querySelector('.plot svg path[d], canvas');
    if (found && found.getBoundingClientRect().width > 100) window.firstChart = performance.now(); else requestAnimationFrame(look); };
    look(); }"""
"""Notes when the first chart has marks (SVG) or its canvas has a size."""


@dataclass
class Served:
    """A server and what was measured on it."""

    name: str
    address: str
    process: int
    start: float
    idle: float
    pages: list[tuple[str, float, int, float | None]] = field(default_factory=list)
    """Page, transfer [kB], requests, first chart [s]."""
    load: dict[str, float] = field(default_factory=dict)
    live: dict[str, float] = field(default_factory=dict)


def resident(process: int) -> float:
    """Return the resident memory of a process [MB]."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


@contextmanager
def serving(name: str, command: list[str]) -> Iterator[Served]:
    """Start a server on a free port (the last argument of its command) and wait for its first answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.perf_counter()
    server = subprocess.Popen([*command, str(port)], stdout=subprocess.DEVNULL)
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if server.poll() is not None:
                    raise SystemExit(f"{name} did not start") from None
                time.sleep(0.05)
        asyncio.run(_get(f"http://127.0.0.1:{port}/"))
        yield Served(name, f"http://127.0.0.1:{port}", server.pid, time.perf_counter() - began, resident(server.pid))
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
            print(f"{name} did not end when told to")


def session_of(workspace: Path, login: str) -> str:
    """Sign somebody in; return the head of a request that says so."""
    from tanlu.workspace import open_records

    records = open_records(workspace)
    try:
        visit = records.logins.log_in(
            login, os.environ.get("TANLU_PASSWORD") or getpass.getpass(f"Password of {login}: ")
        )
    finally:
        records.close()
    if visit.token is None:
        raise SystemExit(f"{login} cannot sign in with that password alone")
    return f"Cookie: tanlu-session={visit.token}\r\n"


async def _get(address: str, session: str = "") -> tuple[int, int]:
    """Return status and size of an answer [byte]."""
    parts = urlsplit(address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    head = f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept-Encoding: gzip\r\n{session}Connection: close\r\n\r\n"
    writer.write(head.encode())
    data = await reader.read(-1)
    writer.close()
    return int(data.split(b" ", 2)[1]), len(data)


async def steady(
    address: str, paths: tuple[str, ...], seconds: int, session: str = "", rate: int = RATE
) -> list[float]:
    """Ask for pages in turn at a steady rate; return how long each answer took from when it was due [ms]."""
    loop, begun, times = asyncio.get_running_loop(), time.perf_counter() + 0.1, list[float]()

    async def one(number: int) -> None:
        due = begun + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        status, _ = await _get(address + paths[number % len(paths)], session)
        if status != 200:
            raise SystemExit(f"{paths[number % len(paths)]} answers {status}")
        times.append((time.perf_counter() - due) * 1000)

    await asyncio.gather(*(loop.create_task(one(n)) for n in range(rate * seconds)))
    return sorted(times)


async def listen(address: str, clients: int, seconds: float, session: str) -> tuple[int, int]:
    """Hold live streams open; return how many were sent an event, and how many still stood at the end."""
    parts = urlsplit(address)

    async def one() -> tuple[bool, bool]:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(
            f"GET {LIVE} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: text/event-stream\r\n{session}\r\n".encode()
        )
        said, end = b"", time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            try:
                part = await asyncio.wait_for(reader.read(65536), left)
            except TimeoutError:
                break
            if not part:
                return b"event: live" in said, False
            said += part
        writer.close()
        return b"event: live" in said, True

    found = await asyncio.gather(*(one() for _ in range(clients)))
    return sum(told for told, _ in found), sum(stood for _, stood in found)


async def _listen_while_pages_are_served(
    address: str, pages: tuple[str, ...], clients: int, seconds: int, session: str
) -> tuple[int, int]:
    listening = asyncio.create_task(listen(address, clients, seconds + 5, session))
    await asyncio.sleep(3)
    await steady(address, pages, seconds, session)
    return await listening


async def _cpu_of_listening(served: Served, clients: int, seconds: int, session: str) -> float:
    """Return the CPU time that listeners take once they are there [s a second]."""
    listening = asyncio.create_task(listen(served.address, clients, seconds + 8, session))
    await asyncio.sleep(5)
    before = cpu_seconds(served.process)
    await asyncio.sleep(seconds)
    spent = cpu_seconds(served.process) - before
    await listening
    return spent / seconds


def open_cold(served: Served, pages: tuple[str, ...]) -> None:
    """Open each page in a fresh profile of a browser."""
    from playwright.sync_api import sync_playwright

    chosen = next((p for p in BROWSER if Path(p).exists()), None)
    if chosen is None:
        raise SystemExit("no Chromium found; on Debian: apt-get install -y chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chosen, args=FLAGS)
        for page in pages:
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            tab = context.new_page()
            sizes: list[float] = []
            inside: Any = context.new_cdp_session(tab)
            inside.send("Network.enable")
            inside.on("Network.loadingFinished", lambda e, into=sizes: into.append(e["encodedDataLength"]))
            tab.add_init_script(f"({WATCH})()")
            tab.goto(served.address + page, wait_until="load", timeout=120_000)
            tab.wait_for_timeout(1500)
            if tab.locator("[data-chart], canvas").count():
                tab.locator("[data-chart], canvas").first.scroll_into_view_if_needed()
                tab.wait_for_function("() => window.firstChart", timeout=120_000)
            first = tab.evaluate("window.firstChart ?? null")
            served.pages.append((page, sum(sizes) / 1000, len(sizes), None if first is None else first / 1000))
            context.close()
        browser.close()


def measure(served: Served, pages: tuple[str, ...], seconds: int, clients: int, session: str = "") -> None:
    """Take all measures of a server: the pages as the public sees them, what is live as whoever has signed in."""
    settle(served.process)
    open_cold(served, pages)
    asyncio.run(steady(served.address, pages, 1))
    before = cpu_seconds(served.process)
    times = asyncio.run(steady(served.address, pages, seconds))
    served.load = {
        "p50": median(times), "p95": times[int(len(times) * 0.95)], "cpu": (cpu_seconds(served.process) - before) * 1000 / len(times),
        "memory": resident(served.process), "beside": sum(resident(child) for child in below(served.process)),
    }  # fmt: skip
    if clients:
        shut = [page for page in LIVE_PAGES if asyncio.run(_get(served.address + page, session))[0] != 200]
        if shut:
            print(f"nothing live is measured: {', '.join(shut)} open to people with the right to them only (--login)")
            return
        asyncio.run(steady(served.address, pages, 1, session, OWN_RATE))
        before = cpu_seconds(served.process)
        own = asyncio.run(steady(served.address, pages, seconds, session, OWN_RATE))
        spent = (cpu_seconds(served.process) - before) * 1000 / len(own)
        told, stood = asyncio.run(_listen_while_pages_are_served(served.address, pages, clients, seconds, session))
        served.live = {"told": told, "stood": stood, "memory": resident(served.process)}
        served.live |= {"own p50": median(own), "own p95": own[int(len(own) * 0.95)], "own cpu": spent}
        served.live["cpu"] = 100 * asyncio.run(_cpu_of_listening(served, clients, seconds, session))
        asyncio.run(_listen_while_pages_are_served(served.address, (*pages, *LIVE_PAGES), clients, seconds, session))
        served.live["with ledger"] = resident(served.process)


def section(own: Served, peer: Served | None, clients: int, load: float) -> str:
    """Return the measures as text."""
    lines = [HEADING, "", f"`python benchmarks/portal.py`; {machine()}; {versions('fastapi', 'vl-convert-python')}."]
    lines += [
        f"Load of the machine by other programs at the start {load:.1f}: elapsed times are upper bounds.", "",
        "Pages opened cold, nothing cached; the script of the charts is most of it and is kept for a year.", "",
        "| page | over the wire | requests | first chart |", "| --- | ---: | ---: | ---: |",
    ]  # fmt: skip
    for name, kilobytes, count, first in own.pages:
        lines.append(f"| {name} | {kilobytes:.0f} kB | {count} | {'–' if first is None else f'{first:.2f} s'} |")
    lines += ["", "| | Tanlu | NiceGUI | ratio | bar |", "| --- | ---: | ---: | ---: | ---: |"]

    def row(label: str, unit: str, bar: str, mine: float, other: float | None, places: int = 0) -> None:
        told = "–" if other is None else f"{other:.{places}f} {unit}"
        ratio = "–" if other is None else f"{other / mine:.1f}"
        lines.append(f"| {label} | {mine:.{places}f} {unit} | {told} | {ratio} | {bar} |")

    row("start to the first answer", "s", "", own.start, peer and peer.start, 1)
    row("overview, cold: over the wire", "kB", "550", own.pages[0][1], peer and peer.pages[0][1])
    row("overview, cold: first chart", "s", "1.5", own.pages[0][3] or 0, peer and peer.pages[0][3], 2)
    row(f"GET at {RATE}/s, p50", "ms", "", own.load["p50"], peer and peer.load["p50"])
    row(f"GET at {RATE}/s, p95", "ms", "150", own.load["p95"], peer and peer.load["p95"])
    row("CPU of the server a GET", "ms", "", own.load["cpu"], peer and peer.load["cpu"], 1)
    row("memory, idle", "MB", "", own.idle, peer and peer.idle)
    row("memory after the load", "MB", "250", own.load["memory"], peer and peer.load["memory"])
    if own.load["beside"]:
        lines += [
            "",
            f"Beside it the model of the studio, once however many processes serve, and who reads the ledger: {own.load['beside']:.0f} MB "
            "together.",
        ]
    lines += ["", f"The GETs go in turn to {', '.join(PAGES)} of ours, and to the overview of NiceGUI, its only page."]
    if own.live:
        lines.append(
            f"Pages of whoever has signed in are made for each request: at {OWN_RATE}/s p50 {own.live['own p50']:.0f} ms, "
            f"p95 {own.live['own p95']:.0f} ms, {own.live['own cpu']:.0f} ms of CPU a GET."
        )
        lines.append(
            f"{clients} live clients, while these pages are served at {RATE}/s to whoever has signed in: "
            f"{own.live['told']:.0f} were sent the state, {own.live['stood']:.0f} stood to the end; "
            f"memory of the worker {own.live['memory']:.0f} MB (bar 250), and "
            f"{own.live['with ledger']:.0f} MB once it has served {', '.join(LIVE_PAGES)} too, whose facts a process beside it reads. "
            f"The clients alone take {own.live['cpu']:.0f} % of a core."
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print, and write the section on request."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "workspace", type=Path, help="a workspace with a run; with a ledger of readings for the live clients"
    )
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--clients", type=int, default=300)
    parser.add_argument("--login", help="who listens and opens the pages of the ledger")
    parser.add_argument("--write", action="store_true", help="write the section of RESULTS.md")
    asked = parser.parse_args()
    load, run = os.getloadavg()[0], (asked.workspace / "results" / "latest").resolve()
    clients = asked.clients if (asked.workspace / "ledger" / "catalog.db").is_file() else 0
    command = [sys.executable, "-m", "tanlu", "serve", str(asked.workspace), "--port"]
    session = session_of(asked.workspace, asked.login) if asked.login else ""
    with serving("Tanlu", command) as own:
        measure(own, PAGES, asked.seconds, clients, session)
    peer = None
    if PEER.is_file():
        with serving(
            "NiceGUI", [str(PEER), str(Path(__file__).parent / "peers" / "portal_nicegui.py"), str(run)]
        ) as peer:
            measure(peer, ("/",), asked.seconds, 0)
    else:
        print(f"no peer: {PEER} is missing (python -m venv .venv/peers/nicegui, pip install nicegui)")
    text = section(own, peer, clients, load)
    print(text)
    if asked.write:
        write(HEADING, text)


if __name__ == "__main__":
    main()
