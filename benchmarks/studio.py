"""How long a hand on a slider of the studio waits until the charts are redrawn, in a headless Chromium on this machine.

    python benchmarks/studio.py [--drags 100] [--write]

The portal runs in a process of its own, as it does in use. A drag moves the slider by some steps; the time runs from the input event
to the frame after the last chart on the screen has its new picture. There is no peer to run beside it: the figure is set against
100 ms, below which an answer feels instant (Nielsen 1993, Usability Engineering, chapter 5).
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
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from sections import machine, versions, write

HEADING = "## Studio"
LIMIT = 100.0
LEVERS = ("solar_capacity", "wind_capacity", "industry_efficiency", "passenger_electric")
BROWSER = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
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
def portal() -> Iterator[tuple[str, int]]:
    """A portal over an empty workspace in a process of its own, warm."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = (
        "import sys, uvicorn; from pathlib import Path; from tanlu.portal import create_app; "
        "uvicorn.run(create_app(Path(sys.argv[1])), host='127.0.0.1', port=int(sys.argv[2]), log_level='warning')"
    )
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen([sys.executable, "-c", program, folder, str(port)])
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


def cpu_seconds(root: int) -> float:
    """Return the CPU time of a process and all that it started [s]."""
    parents, spent = dict[int, int](), dict[int, int]()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(entry.name)], spent[int(entry.name)] = int(fields[1]), int(fields[11]) + int(fields[12])
    total = 0
    for process, ticks in spent.items():
        above = process
        while above != root and above in parents:
            above = parents[above]
        total += ticks if above == root else 0
    return total / os.sysconf("SC_CLK_TCK")


def measure(drags: int) -> tuple[np.ndarray, int, float, float]:
    """Return milliseconds of each drag to the redrawn charts, how many are on the screen, CPU a drag of server and browser [ms]."""
    from playwright.sync_api import sync_playwright

    chosen = next((p for p in BROWSER if Path(p).exists()), None)
    if chosen is None:
        raise SystemExit("no Chromium found; on Debian: apt-get install -y chromium")
    with portal() as (address, server), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chosen, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{address}/en/studio")
        page.evaluate("document.querySelectorAll('.action').forEach(d => { d.open = true; })")
        page.wait_for_function(
            "() => [...document.querySelectorAll('[data-chart]')].slice(0, 4).every(f => f.dataset.drawn)",
            timeout=120_000,
        )
        page.wait_for_function("() => document.getElementById('studio').dataset.rested", timeout=120_000)
        times: list[float] = []
        spent = (0.0, 0.0)
        for drag in range(drags + 10):
            if drag == 10:
                spent = cpu_seconds(server), cpu_seconds(os.getpid()) - cpu_seconds(server)
            lever = f"lever-{LEVERS[drag // 10 % len(LEVERS)]}"
            low, high = (float(page.get_attribute(f"#{lever}", end)) for end in ("min", "max"))
            value = low + (high - low) * (0.15 + 0.07 * (drag % 10) + 0.003 * (drag // 40))
            times.append(page.evaluate(PROBE, [lever, value]))
        ours = cpu_seconds(server) - spent[0]
        theirs = cpu_seconds(os.getpid()) - cpu_seconds(server) - spent[1]
        count = page.evaluate(COUNT)
        browser.close()
    return np.array(times[10:]), int(count), 1e3 * ours / drags, 1e3 * theirs / drags


def main() -> None:
    """Measure, print, and write the section on request."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drags", type=int, default=100)
    parser.add_argument("--write", action="store_true", help="write the section of RESULTS.md")
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    times, charts, server, browser = measure(arguments.drags)
    p50, p95, most = (float(np.percentile(times, q)) for q in (50, 95, 100))
    lines = [
        HEADING, "",
        f"From the input event of a slider to the frame with the new charts ({charts} on the screen), {arguments.drags} drags of "
        f"{len(LEVERS)} levers, headless Chromium at 1440 × 900; server and browser share the machine. "
        f"Load before the run: {load:.1f}.", "",
        "| | ms |", "| --- | ---: |", f"| median | {p50:.0f} |", f"| 95 % | {p95:.0f} |", f"| longest | {most:.0f} |",
        f"| limit | {LIMIT:.0f} |", f"| CPU of the server a drag, draws included | {server:.0f} |",
        f"| CPU of browser and driver a drag | {browser:.0f} |", "",
        f"{machine()}; {versions('numpy', 'fastapi', 'vl-convert-python', 'playwright')}", "",
    ]  # fmt: skip
    print("\n".join(lines))
    if arguments.write:
        write(HEADING, "\n".join(lines))


if __name__ == "__main__":
    main()
