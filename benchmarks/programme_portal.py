"""List pages of 10,000 projects through the portal, under an open load of 50 requests a second, on SQLite and on PostgreSQL.

    python benchmarks/programme_portal.py [--projects 10000] [--rate 50] [--seconds 30] [--workers 2] [--postgresql URL] [--write]

``tanlu serve`` runs as a process of its own; one asyncio client sends requests at their times whether or not earlier ones were answered,
so that waiting in a queue counts (an open loop: Schroeder, Wierman, Harchol-Balter, NSDI 2006). Pages and API, signed in and public.
No peer: the bar is p95 of 150 ms. Beside the latency, which asks for an
idle machine, the CPU time of the server a request is told, measured one by one.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from programme_lists import fill
from sections import cpu_seconds, machine, settle, versions, write
from tanlu.records import Records, grant_role, issue_token, register_person, set_password
from tanlu.workspace import Workspace, open_records

HEADING = "## Programme: list pages through the portal"
BAR_MS = 150
SINCE = date(2020, 1, 1)
PASSWORD = "a long way to carbon neutrality"
PAGES = (
    ("officer", "/programme/projects?page={page}"),
    ("officer", "/programme/projects?state=running&colour=red"),
    ("officer", "/programme/projects?q=99"),
    ("officer", "/api/v1/programme/projects?page={page}&size=50"),
    ("officer", "/api/v1/programme/projects?region=p/c05&state=contracting"),
    ("public", "/en/programme/projects?page={page}"),
    ("public", "/api/v1/programme/projects?action=A03&page={small}"),
)
"""Who asks for what; ``page`` is one of the first 200, ``small`` one of the first 10."""
SAME = 5
"""Times that an address is asked for in a row when CPU time is measured; the clock of the kernel ticks 100 times a second."""


def people(records: Records) -> tuple[str, str]:
    """Let an officer in; return the cookie of a session and a token."""
    with records.database.change("system", "bench.officer", "bench") as change:
        person = register_person(change, zh="处长").id
        grant_role(change, person, "province_officer", valid_from=SINCE, region="p")
        set_password(change, person, "officer", PASSWORD)
        token = issue_token(change, person, "bench", ["project.read"], change.at + timedelta(days=30))
    visit = records.logins.log_in("officer", PASSWORD)
    return str(visit.token), token


def schedule(rate: int, seconds: int) -> list[tuple[float, str, str]]:
    """Return when who asks for which address: Poisson arrivals with a fixed seed."""
    chosen, at, found = random.Random(3), 0.0, []
    while at < seconds:
        who, path = PAGES[len(found) % len(PAGES)]
        found.append((at, who, path.format(page=1 + chosen.randrange(200), small=1 + chosen.randrange(10))))
        at += chosen.expovariate(rate)
    return found


async def load(
    address: str, wanted: list[tuple[float, str, str]], cookie: str, token: str
) -> list[tuple[str, float, int]]:
    """Send every request at its time and return address, latency [ms] and status of each."""
    import httpx

    limits = httpx.Limits(max_connections=400, max_keepalive_connections=400)
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=60) as client:
        began = time.perf_counter()

        async def one(at: float, who: str, path: str) -> tuple[str, float, int]:
            headers = {}
            if who == "officer":
                api = path.startswith("/api/")
                headers = {"authorization": f"Bearer {token}"} if api else {"cookie": f"tanlu-session={cookie}"}
            await asyncio.sleep(max(0.0, at - (time.perf_counter() - began)))
            try:
                status = (await client.get(path, headers=headers)).status_code
            except httpx.HTTPError as error:
                status = 0
                print(f"{path}: {error!r}")
            # from the moment at which it was due, not at which the client found time to send it
            return path.partition("?")[0], (time.perf_counter() - began - at) * 1000, status

        return list(await asyncio.gather(*(one(*request) for request in wanted)))


async def one_by_one(
    address: str, wanted: list[tuple[float, str, str]], cookie: str, token: str, process: int
) -> dict[str, float]:
    """Send requests one after the other and return the CPU time of the server a request, by page [ms]."""
    import httpx

    spent: dict[str, list[float]] = {}
    async with httpx.AsyncClient(base_url=address, timeout=120) as client:
        for _, who, path in wanted:
            headers = (
                {} if who == "public" else {"cookie": f"tanlu-session={cookie}", "authorization": f"Bearer {token}"}
            )
            headers.pop("authorization" if not path.startswith("/api/") else "cookie", None)
            before = cpu_seconds(process)
            for _ in range(SAME):
                (await client.get(path, headers=headers)).raise_for_status()
            spent.setdefault(path.partition("?")[0], []).append((cpu_seconds(process) - before) * 1000 / SAME)
    return {page: sum(times) / len(times) for page, times in sorted(spent.items())}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def measure(
    folder: Path, url: str, given: argparse.Namespace, told: Callable[[str], None]
) -> tuple[list[tuple[str, float, int]], dict[str, float]]:
    """Fill a workspace, serve it, load it; return the answers and the CPU time of the server a request by page [ms]."""
    Workspace.create(folder, "hunan")
    if url:
        with (folder / "tanlu.toml").open("a", encoding="utf-8") as file:
            file.write(f'\n[records]\ndatabase = "{url}"\n')
    records = open_records(folder)
    told("fill")
    fill(records.database, given.projects)
    cookie, token = people(records)
    records.close()
    port = free_port()
    command = [str(Path(sys.executable).parent / "tanlu"), "serve", str(folder), "--port", str(port)]
    command += ["--workers", str(given.workers)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        for line in server.stdout:
            if f":{port}/" in line:
                break
        address = f"http://127.0.0.1:{port}"
        told("settle")
        settle(server.pid)
        told("warm")
        asyncio.run(load(address, schedule(5, 3), cookie, token))
        told("one by one")
        cpu = asyncio.run(one_by_one(address, schedule(50, 1)[: 2 * len(PAGES)], cookie, token, server.pid))
        told("load")
        answers = (
            asyncio.run(load(address, schedule(given.rate, given.seconds), cookie, token)) if given.seconds else []
        )
        return answers, cpu
    finally:
        server.terminate()
        server.wait(30)


def table(name: str, answers: list[tuple[str, float, int]], cpu: dict[str, float], rate: int) -> str:
    """Return what was measured as a table."""
    mean = sum(cpu.values()) / len(cpu)
    failed = sum(status != 200 for _, _, status in answers)
    said = f"{mean:.1f} ms of CPU time of the server a request, that is {mean * rate / 1000:.2f} of a core at {rate} a second"
    lines = [
        "| page | CPU [ms] | requests | median [ms] | p95 [ms] | p99 [ms] |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for page in (*cpu, "all"):
        times = sorted(ms for path, ms, _ in answers if page in (path, "all")) or [float("nan")]
        at = [times[min(len(times) - 1, int(len(times) * q))] for q in (0.5, 0.95, 0.99)]
        lines.append(
            f"| {page} | {cpu.get(page, mean):.1f} | {len(times)} | " + " | ".join(f"{t:.0f}" for t in at) + " |"
        )
    return f"\n{name}: {said}; {failed} not answered with 200.\n\n" + "\n".join(lines) + "\n"


def main() -> None:
    """Measure and print; with ``--write`` into RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=10_000)
    parser.add_argument("--rate", type=int, default=50, help="requests a second")
    parser.add_argument("--workers", type=int, default=2, help="processes of the portal")
    parser.add_argument("--seconds", type=int, default=30, help="0: CPU time only")
    parser.add_argument("--postgresql", default="", help="address of an empty database")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    told = [
        f"{HEADING}\n\n{machine()}; {versions('fastapi', 'sqlalchemy', 'psycopg')}. {given.projects} projects, 50 to 100 a page, open load "
        f"of {given.rate} requests a second on {given.workers} processes for {given.seconds} s (Poisson). Bar: p95 ≤ {BAR_MS} ms.\n"
    ]
    with tempfile.TemporaryDirectory() as place:
        for name, url in (("SQLite", ""), ("PostgreSQL", given.postgresql)):
            if name == "SQLite" or url:
                answers, cpu = measure(Path(place) / name, url, given, lambda step, name=name: print(f"{name}: {step}"))
                told.append(table(name, answers, cpu, given.rate))
    section = "\n".join(told)
    print(section)
    if given.write:
        write(HEADING, section)


if __name__ == "__main__":
    main()
