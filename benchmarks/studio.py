"""How long a hand on a slider of the studio waits until the charts are redrawn, in a headless Chromium on this machine.

    python benchmarks/studio.py [--drags 100] [--against SRC] [--write]

The portal runs in a process of its own, as it does in use. A drag moves the slider by some steps; the time runs from the input event
to the frame after the last chart on the screen has its new picture. There is no peer to run beside it: the figure is set against
100 ms, below which an answer feels instant (Nielsen 1993, Usability Engineering, chapter 5). Another version of the package, by the
folder of its sources, can be its peer: both are open at once and are dragged in turn, so that they have the same machine. On a machine
that does other work, the CPU time of the page says more than the clock.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from sections import machine, versions, write

HEADING = "## Studio"
LIMIT = 100.0
WORK = {
    "TaskDuration": "CPU of the page's thread a drag", "ScriptDuration": "of it in scripts", "LayoutDuration": "of it in layout",
    "RecalcStyleDuration": "of it in styles",
}  # fmt: skip
"""Measures of the browser, on the clock of the thread."""
LEVERS = ("solar_capacity", "wind_capacity", "industry_efficiency", "passenger_electric")
BROWSER = (
    "/usr/bin/chromium-headless-shell",
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
)
FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-dev-shm-usage",
]  # fmt: skip
PROBE = """async ([id, value]) => {
    const range = document.getElementById(id), root = document.getElementById('studio');
    const before = root.dataset.at, begun = performance.now();
    range.value = String(value);
    range.dispatchEvent(new Event('input', { bubbles: true }));
    while (root.dataset.at === before) await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return performance.now() - begun;
}"""
"""Moves a slider and waits for the frame in which the page says that all charts on the screen are of the new setting."""

COUNT = """() => [...document.querySelectorAll('[data-chart]')].map(f => f.getBoundingClientRect())
    .filter(box => box.top < innerHeight && box.bottom > 0).length"""


@contextmanager
def portal(source: Path | None = None) -> Iterator[tuple[str, int]]:
    """A portal over an empty workspace in a process of its own, warm; from another folder of sources on request."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = (
        "import sys, uvicorn; from pathlib import Path; from tanlu.portal import create_app; "
        "uvicorn.run(create_app(Path(sys.argv[1])), host='127.0.0.1', port=int(sys.argv[2]), log_level='warning')"
    )
    with tempfile.TemporaryDirectory() as folder:
        paths = {} if source is None else {"PYTHONPATH": str(source)}
        server = subprocess.Popen([sys.executable, "-c", program, folder, str(port)], env={**os.environ, **paths})
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(600):
                try:
                    urllib.request.urlopen(f"{address}/en/studio", timeout=120).read()
                    break
                except OSError:
                    time.sleep(0.2)
            yield address, server.pid
        finally:
            server.terminate()
            server.wait()


def cpu_seconds(process: int) -> float:
    """Return the CPU time of a process [s]."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Tried:
    """A studio in a browser of its own: its drags and what they took."""

    def __init__(self, playwright: Any, browser: str, address: str, server: int) -> None:
        self.server, self.times = server, list[float]()
        made = playwright.chromium.launch(executable_path=browser, args=FLAGS)
        self.page = made.new_page(viewport={"width": 1440, "height": 900})
        self.page.goto(f"{address}/en/studio")
        self.page.evaluate("document.querySelectorAll('.action').forEach(d => { d.open = true; })")
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('[data-chart]')].slice(0, 4).every(f => f.dataset.drawn)",
            timeout=120_000,
        )
        self.page.wait_for_function("() => document.getElementById('studio').dataset.rested", timeout=120_000)
        self.ends = {x: [float(self.page.get_attribute(f"#lever-{x}", end)) for end in ("min", "max")] for x in LEVERS}
        self.inside = self.page.context.new_cdp_session(self.page)
        self.inside.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.spent = np.zeros(len(WORK) + 1)

    def work(self) -> np.ndarray:
        """Return CPU time until now [ms]: of the page's thread by `WORK`, of the server."""
        found = {m["name"]: m["value"] for m in self.inside.send("Performance.getMetrics")["metrics"]}
        return 1e3 * np.array([*(found[name] for name in WORK), cpu_seconds(self.server)])

    def drag(self, block: int, count: bool) -> None:
        """Drag a lever ten times."""
        lever, before = LEVERS[block % len(LEVERS)], self.work()
        low, high = self.ends[lever]
        for step in range(10):
            value = low + (high - low) * (0.15 + 0.07 * step + 0.003 * (block // len(LEVERS)))
            took = self.page.evaluate(PROBE, [f"lever-{lever}", value])
            if count:
                self.times.append(took)
        if count:
            self.spent += self.work() - before


def measure(drags: int, sources: list[Path | None]) -> tuple[list[Tried], int]:
    """Drag levers of one or more versions in turn; return what each took, and how many charts are on the screen."""
    from playwright.sync_api import sync_playwright

    chosen = next((p for p in BROWSER if Path(p).exists()), None)
    if chosen is None:
        raise SystemExit("no Chromium found; on Debian: apt-get install -y chromium")
    with ExitStack() as stack:
        served = [stack.enter_context(portal(source)) for source in sources]
        playwright = stack.enter_context(sync_playwright())
        tried = [Tried(playwright, chosen, *place) for place in served]
        for block in range(drags // 10 + 1):
            for one in tried:
                one.drag(block, block > 0)
        return tried, int(tried[0].page.evaluate(COUNT))


def main() -> None:
    """Measure, print, and write the section on request."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drags", type=int, default=100)
    parser.add_argument("--against", type=Path, help="folder of the sources of another version, to be dragged in turn")
    parser.add_argument("--write", action="store_true", help="write the section of RESULTS.md")
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    names = ["ms"] if arguments.against is None else ["this version, ms", "other version, ms"]
    tried, charts = measure(arguments.drags, [None, arguments.against][: len(names)])
    rows: dict[str, list[float]] = {
        **{label: [float(np.percentile(one.times, q)) for one in tried] for label, q in (("median", 50), ("95 %", 95), ("longest", 100))},
        "limit": [LIMIT] * len(tried),
    }  # fmt: skip
    for i, label in enumerate((*WORK.values(), "CPU of the server a drag, draws included")):
        rows[label] = [float(one.spent[i]) / len(one.times) for one in tried]
    lines = [
        HEADING, "",
        f"From the input event of a slider to the frame with the new charts ({charts} on the screen), {arguments.drags} drags of "
        f"{len(LEVERS)} levers, headless Chromium at 1440 × 900; server and browser share the machine. "
        f"Load before the run: {load:.1f}.", "",
        "| | " + " | ".join(names) + " |", "| --- |" + " ---: |" * len(names),
        *("| " + " | ".join([label, *(f"{v:.0f}" for v in values)]) + " |" for label, values in rows.items()), "",
        f"{machine()}; {versions('numpy', 'fastapi', 'vl-convert-python', 'playwright')}", "",
    ]  # fmt: skip
    print("\n".join(lines))
    if arguments.write:
        write(HEADING, "\n".join(lines))


if __name__ == "__main__":
    main()
