"""Intake of readings: packets of HJ 212 and batches over HTTP, from the wire to what is durable, against what one would write first.

    python benchmarks/monitor_ingest.py [--quick] [--write]

Codecs are timed in this process. Listeners run as `tanlu monitor listen`, a process of its own, and its CPU seconds count; the sender is
not counted. Peers in the same run do less: for packets, the check sum of annex A of HJ 212 as it is described, bit by bit, and nothing
else; for batches over HTTP, FastAPI with a pydantic model of a reading, which checks the batch and stores nothing.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sections import best, machine, versions, write
from tanlu.monitor import hj212
from tanlu.monitor.journal import ROW_BYTES
from tanlu.monitor.ledger import JOURNAL_BYTES, Ledger
from tanlu.monitor.readings_document import CSV, JSON, LINES, DocumentReader
from tanlu.monitor.refusal import Refusal
from tanlu.monitor.registry import Meter, Unit
from tanlu.monitor.schema import MeterKind, UnitKind
from tanlu.workspace import Workspace

HEADING = "## Monitoring: intake"
METERS = 33_600
DEVICES = 1_000
NOW = int(time.time())
START = NOW // 86_400 * 86_400 - 30 * 86_400
COMMAND = "2011"


@dataclass
class Line:
    """A line of the table: what, per CPU second, and what it is compared with."""

    what: str
    per_second: float
    unit: str
    peer: str = ""
    ratio: float | None = None

    def text(self) -> str:
        ratio = "" if self.ratio is None else f"{self.ratio:.2g}"
        return f"| {self.what} | {self.per_second:,.0f} {self.unit} | {self.peer} | {ratio} |"


def crc_by_the_letter(data: bytes) -> int:
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ byte
        for _ in range(8):
            fell_out = register & 1
            register >>= 1
            if fell_out:
                register ^= 0xA001
    return register


def packet(number: int, codes: int, fields: tuple[str, ...], flag: int = 5) -> bytes:
    minute = number // DEVICES
    civil = time.strftime("%Y%m%d%H%M%S", time.gmtime(START + 8 * 3600 + 60 * minute))
    values = {name: f"{number % 977 + k / 4:.2f}" for k, name in enumerate(fields)}
    data = {f"a{21000 + code}": values | {"Flag": "N"} for code in range(codes)}
    mn = f"HN{number % DEVICES:06d}"
    return hj212.encode(
        hj212.Frame(
            COMMAND, mn, f"{civil}{number % 1000:03d}", "31", "123456", flag, params=(("DataTime", civil),), data=data
        )
    )


def codecs(quick: bool) -> list[Line]:
    """Time the codec on packets of a minute (5 codes) and of an hour with minimum, mean, maximum and sum (10 codes)."""
    count = 2_000 if quick else 20_000
    lines = []
    for name, codes, fields in (
        ("real-time, 5 values", 5, ("Rtd",)),
        ("hourly, 40 values", 10, ("Cou", "Min", "Avg", "Max")),
    ):
        packets = [packet(n, codes, fields) for n in range(count // 10)] * 10
        stream = b"".join(packets)

        def read(stream: bytes = stream) -> int:
            reader, found = hj212.FrameReader(), 0
            for start in range(0, len(stream), 65_536):
                found += sum(not isinstance(f, Refusal) for _, f in reader.uploads(stream[start : start + 65_536]))
            return found

        assert read() == count
        seconds = best(read, 3)
        peer = best(lambda packets=packets[: count // 20]: [crc_by_the_letter(p[6:-6]) for p in packets], 2) * 20  # type: ignore[misc]
        size = len(packets[0])
        lines.append(
            Line(
                f"HJ 212 codec, {name}, {size} B",
                count / seconds,
                "packets",
                f"annex A bit by bit, check sum only: {count / peer:,.0f} packets",
                peer / seconds,
            )
        )
    return lines


def workspace(folder: Path) -> Path:
    """Return a workspace with 33,600 meters, of which 5,000 are the values of 1,000 devices."""
    from tanlu.core.regions import Region

    Workspace.create(folder, "p")
    regions = [Region("p", "", "省", "Province"), Region("p/c", "p", "市", "City")]
    with Ledger.create(folder / "ledger", "p", regions) as ledger:
        plant = Unit("plant", 0, UnitKind.ENTERPRISE, "p/c", "厂", "Plant", "p/c")
        rows = [Meter(f"HN-{n:06d}", 0, "plant", "electricity", MeterKind.REGISTER, 60) for n in range(METERS)]
        ledger.register([plant], rows)
    lines = [f"HN{n // 5:06d},a{21000 + n % 5},rtd,Rtd,,,HN-{n:06d}," for n in range(5 * DEVICES)]
    header = "mn,code,command,field,label,password,meter,factor"
    (folder / "map.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return folder


def readings(count: int, seed: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(START + 900 * (seed + 1)))
    meters = chance.sample(range(METERS), count)
    return [{"meter": f"HN-{m:06d}", "time": stamp, "value": round(chance.random() * 1e5, 2)} for m in meters]


def bodies(kind: str, count: int, size: int) -> list[bytes]:
    """Return documents of a kind."""
    made = []
    for seed in range(count):
        rows = readings(size, seed)
        if kind == "rows":
            text = json.dumps({"batch": str(seed), "readings": rows})
        elif kind == "columns":
            text = json.dumps({"batch": str(seed)} | {name: [r[name] for r in rows] for name in rows[0]})
        elif kind == "lines":
            text = "\n".join(map(json.dumps, rows))
        else:
            text = "meter,time,value\n" + "\n".join(f"{r['meter']},{r['time']},{r['value']}" for r in rows)
        made.append(text.encode())
    return made


KINDS = {"rows": JSON, "columns": JSON, "lines": LINES, "csv": CSV}


def documents(folder: Path, quick: bool) -> list[Line]:
    """Time the reading of documents of 10,000 readings."""
    size, lines = 10_000, []
    with Ledger.open(folder / "ledger", read_only=True) as ledger:
        reader = DocumentReader(ledger.registry)
    for kind, content in KINDS.items():
        (body,) = bodies(kind, 1, size)
        seconds = best(lambda body=body, content=content: reader.read(body, content, "x", NOW), 3 if quick else 10)  # type: ignore[misc]
        lines.append(Line(f"document, {kind}, {len(body) // size} B a reading", size / seconds, "readings"))
    return lines


def cpu_of(pid: int) -> float:
    """Return the CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class Listening:
    """A listener that runs: its process and ports."""

    process: subprocess.Popen[str]
    ports: dict[str, int]

    def cpu(self) -> float:
        """Return the CPU seconds that it has used."""
        return cpu_of(self.process.pid)

    def end(self) -> float:
        """Let it write what waits into files of readings and end; return all CPU seconds that it has used."""
        self.process.terminate()
        _, status, used = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return used.ru_utime + used.ru_stime


@contextmanager
def listening(folder: Path) -> Iterator[Listening]:
    """Run the listener."""
    arguments = [
        "--hj212",
        "0",
        "--hj212-map",
        str(folder / "map.csv"),
        "--http",
        "0",
        "--no-requests",
        "--refresh",
        "0",
        "--json",
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "tanlu", "monitor", "listen", "--workspace", str(folder), *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield Listening(process, json.loads(process.stdout.readline())["ports"])
    finally:
        if process.returncode is None:
            process.terminate()
            process.wait(60)


def post(port: int, sent: Iterable[bytes], kind: str, name: str = "") -> list[float]:
    """Post documents one after the other, each when the one before it is answered; return how long each took to be answered [s]."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    waited = []
    for number, body in enumerate(sent):
        began = time.perf_counter()
        connection.request("POST", f"/readings?batch={name}{number}", body, {"content-type": kind})
        answer = connection.getresponse()
        text = answer.read()
        waited.append(time.perf_counter() - began)
        assert answer.status == 200, text[:500]
    connection.close()
    return waited


def over_http(folder: Path, quick: bool) -> list[Line]:
    """Send batches of 10,000 readings; the CPU seconds of the listener, until they are in files of readings."""
    size, count, lines = 10_000, 20 if quick else 100, []
    peer = fastapi_peer(bodies("rows", count // 5, size)) / (count // 5 * size)
    for kind in ("rows", "columns", "csv"):
        with tempfile.TemporaryDirectory() as fresh:
            made = workspace(Path(fresh) / "ws")
            sent = bodies(kind, count, size)
            with listening(made) as listener:
                before = listener.cpu()
                post(listener.ports["http"], sent, KINDS[kind])
                acknowledged = listener.cpu() - before
                total = count * size
                name = f"HTTP, batches of {size:,}, {kind}"
                told = f"FastAPI and pydantic, rows, checked only: {1 / peer:,.0f} readings"
                ratio = peer * total / acknowledged
                lines.append(Line(f"{name}, durable and acknowledged", total / acknowledged, "readings", told, ratio))
                lines.append(Line(f"{name}, and in files of readings", total / (listener.end() - before), "readings"))
                assert not list((made / "ledger" / "journal").glob("*.jnl"))
    return lines


def _serve(listening: socket.socket) -> None:
    import uvicorn

    from peers.readings_app import app

    uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listening])


def fastapi_peer(sent: list[bytes]) -> float:
    """Return the CPU seconds of a FastAPI server for documents."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        free.listen()
        process = multiprocessing.get_context("fork").Process(target=_serve, args=(free,))
        process.start()
        port = free.getsockname()[1]
    try:
        post(port, sent[:1], JSON)
        before = cpu_of(process.pid or 0)
        post(port, sent, JSON)
        return cpu_of(process.pid or 0) - before
    finally:
        process.terminate()
        process.join()


def over_hj212(folder: Path, quick: bool) -> list[Line]:
    """Send packets of five values on one connection, without waiting for each answer."""
    count = 5_000 if quick else 30_000
    stream = b"".join(packet(n, 5, ("Rtd",)) for n in range(count))
    with listening(folder) as listener:
        before = listener.cpu()
        with socket.create_connection(("127.0.0.1", listener.ports["hj212"])) as connection:
            connection.setblocking(False)
            frames, answered, sent = hj212.FrameReader(), 0, 0
            while answered < count:
                if sent < len(stream):
                    with suppressed():
                        sent += connection.send(stream[sent : sent + 262_144])
                with suppressed():
                    answered += sum(isinstance(f, hj212.Frame) for _, f in frames.feed(connection.recv(262_144)))
        used = listener.cpu() - before
        ended = listener.end() - before
    name = "HJ 212 over TCP, 5 values"
    return [
        Line(f"{name}, durable and acknowledged", count / used, "packets"),
        Line(f"{name}, and in files of readings", count / ended, "packets"),
    ]


def acknowledgements() -> str:
    """Tell how long small batches wait for their answer while large ones come in and the journal is turned into files of readings."""
    size, small = 10_000, 10
    count = JOURNAL_BYTES // (size * ROW_BYTES) * 5 // 4
    with tempfile.TemporaryDirectory() as fresh:
        made = workspace(Path(fresh) / "ws")
        large = bodies("csv", 10, size)
        waited: list[float] = []
        with listening(made) as listener:
            port = listener.ports["http"]
            sender = threading.Thread(target=post, args=(port, (large[n % 10] for n in range(count)), CSV, "large"))
            sender.start()
            for number, body in enumerate(bodies("rows", 10_000, small)):
                if not sender.is_alive():
                    break
                waited += post(port, [body], JSON, f"small{number}-")
                time.sleep(0.005)
            sender.join()
            files = len(list((made / "ledger" / "readings").rglob("*.parquet")))
    assert files, "the journal was not turned into files while batches came in"
    waited.sort()
    median, late = (1000 * waited[int(part * len(waited))] for part in (0.5, 0.99))
    return (
        f"{len(waited):,} batches of {small} readings while {count * size:,} others come in and the journal is turned into files: "
        f"acknowledged after {median:.0f} ms (median), {late:.0f} ms (99 of 100), {1000 * waited[-1]:.0f} ms (slowest; target 2,000 ms)."
    )


@contextmanager
def suppressed() -> Iterator[None]:
    try:
        yield
    except BlockingIOError:
        time.sleep(0.0005)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer packets and batches")
    parser.add_argument("--write", action="store_true", help="write the section of RESULTS.md")
    wanted = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        made = workspace(Path(folder) / "ws")
        parts: list[Callable[[], list[Line]]] = [
            lambda: codecs(wanted.quick),
            lambda: documents(made, wanted.quick),
            lambda: over_http(made, wanted.quick),
            lambda: over_hj212(made, wanted.quick),
        ]
        lines: list[Line] = []
        for part in parts:
            found = part()
            print(*(line.text() for line in found), sep="\n", flush=True)
            lines += found
    told = acknowledgements()
    print(told)
    section = "\n".join(
        [
            HEADING,
            "",
            f"`python benchmarks/monitor_ingest.py{' --quick' if wanted.quick else ''}`; {machine()}; "
            f"{versions('numpy', 'pyarrow', 'uvicorn', 'fastapi', 'pydantic')}. "
            f"Load of the machine by other programs at the start {load:.1f}.",
            "",
            "Per CPU second of the listener; of this program for codecs and documents. "
            f"{METERS:,} meters are registered, {DEVICES:,} devices.",
            "",
            "| what | per CPU second | peer, same run | ratio |",
            "|---|---|---|---|",
            *(line.text() for line in lines),
            "",
            told,
            "",
        ]
    )
    if wanted.write:
        write(HEADING, section)


if __name__ == "__main__":
    main()
