"""The page of a unit over a year of hourly facts of 20,000 enterprises, on every level, made anew each time.

    python benchmarks/monitor_pages.py [--enterprises 20000] [--hours 366] [--folder DIR] [--write]

The ledger is that of the drill-downs of `monitor.py`, with three meters an enterprise, and hourly facts of the last days of the year, as
many as ``--hours`` says. The page is asked for as a browser asks: query, charts, tables, HTML in this process, the facts read by one beside
it, as when a portal is served. Before each answer all that was made before is forgotten, but for registry, factors, and what the operating
system keeps of files; the process beside has another span to read each time. CPU time is that of both. With ``--folder`` the ledger
is kept, and made only where it is not there.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from monitor import year_of_facts
from sections import Time, cpu_seconds, machine, timed, versions, write

HEADING = "## Monitoring: pages"
LAST = "2024-12-31"
SPANS = {"a year": "2024-01-{:02}", "a month": "2024-12-{:02}"}
"""First days of the spans; each page begins on another one, so that no answer is kept from before."""
BAR_MS = 200


def hours_of_year(ledger: Any, days: int) -> None:
    """Write the hourly facts of the last days of the year, and of the regions above."""
    import pyarrow as pa

    from tanlu.monitor.engines.base import hours_of
    from tanlu.monitor.fact_files import REGION_HOUR, UNIT_HOUR, FactFiles
    from tanlu.monitor.levels import tree_of
    from tanlu.monitor.region_hours import region_hours
    from tanlu.monitor.schema import UnitKind, day_number, unit_hours_schema

    registry, store, rng = ledger.registry, FactFiles(ledger), np.random.default_rng(2)
    tree, last = tree_of(registry), day_number(LAST)
    units = np.sort([u.number for u in registry.units.values() if u.kind is UnitKind.ENTERPRISE])
    shape = (len(units), 3, 24)
    files = []
    for day in range(last - days + 1, last + 1):
        amount = rng.random(np.prod(shape))
        columns: list[Any] = [
            np.broadcast_to(units[:, None, None], shape).ravel(),
            np.broadcast_to(np.array([1, 10, 30])[None, :, None], shape).ravel(),
            np.zeros(amount.size),
            np.broadcast_to(hours_of(day, day)[None, None, :], shape).ravel(),
            amount, amount / 50, *(np.full(amount.size, n) for n in (3, 1, 0)),
        ]  # fmt: skip
        schema = unit_hours_schema()
        table = pa.table(
            {f.name: pa.array(c).cast(f.type) for f, c in zip(schema, columns, strict=True)}, schema=schema
        )
        files += [store.write(UNIT_HOUR, day, table), store.write(REGION_HOUR, day, region_hours(table, tree, day))]
    ledger.settle(None, files)


def readings_of_last_day(ledger: Any) -> None:
    """One reading of each meter, so that the last day of the year is the last day of the ledger."""
    from tanlu.monitor.batch import Batch
    from tanlu.monitor.schema import CIVIL_OFFSET, DAY, day_number

    numbers = np.array(sorted(ledger.registry.meters_by_number), np.int32)
    stamp = (day_number(LAST) + 1) * DAY - CIVIL_OFFSET - 900
    ledger.append(Batch("benchmark", numbers, np.full(len(numbers), stamp), np.full(len(numbers), 100)))
    ledger.flush()


def build(folder: Path, enterprises: int, days: int) -> None:
    """Make the workspace."""
    ledger = year_of_facts(folder, enterprises, meters=3)
    readings_of_last_day(ledger)
    hours_of_year(ledger, days)
    ledger.close()


def pages(folder: Path) -> Iterator[tuple[str, list[Time]]]:
    """Yield the kinds of pages with their times, every page another unit where there are several, each page forgotten before."""
    from fastapi.testclient import TestClient

    from tanlu.core.companion import Companion
    from tanlu.portal import create_app
    from tanlu.portal.monitor.service import Monitoring

    made: list[Any] = []
    start = Monitoring.__init__

    def noted(self: Any, *given: Any) -> None:
        start(self, *given)
        made.append(self)

    Monitoring.__init__ = noted  # type: ignore[method-assign]
    client = TestClient(create_app(folder, Companion()))
    units = made[0].registry.units.values()
    towns = [u.id for u in units if u.kind == "prefecture"]
    asked = {
        "enterprise": [f"e{i * 997 + 3}" for i in range(7)],
        "county": [f"c{i * 13}" for i in range(7)],
        "prefecture": towns[:7],
        "province": ["hunan"] * 7,
    }
    for span, begin in SPANS.items():
        for level, names in asked.items():
            times = []
            for place, name in enumerate([names[0], *names]):
                given = {"id": name, "from": begin.format(place + 1), "to": LAST}
                for monitoring in made:
                    monitoring.kept(("", 0), int)
                    monitoring._made.clear()
                before = cpu_seconds(os.getpid())
                answer, time = timed(lambda: client.get("/monitor/unit", params=given))  # noqa: B023
                assert answer.status_code == 200, answer.text
                times.append(Time(time.wall, cpu_seconds(os.getpid()) - before))
            # the first one also finds what holds for all pages until the registry changes
            yield f"{level}, {span}", times[1:]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--enterprises", type=int, default=20_000)
    parser.add_argument("--hours", type=int, default=366, help="days of hourly facts")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    lines = [
        HEADING,
        "",
        f"`python benchmarks/monitor_pages.py --hours {given.hours}`; {machine()}; {versions('tanlu', 'numpy', 'pyarrow', 'fastapi')}. "
        f"Load of the machine by other programs at the start {os.getloadavg()[0]:.1f}: elapsed times are longer by it.",
        "",
        f"Page of a unit, made anew: {given.enterprises:,} enterprises with three meters each, daily facts of a year, hourly "
        f"ones of its last {given.hours} days. Median and slowest of seven pages; the bar is {BAR_MS} ms.",
        "",
        "| page | median [ms] | slowest [ms] | CPU, median [ms] | CPU, slowest [ms] |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = given.folder or Path(name)
        if not (folder / "ledger" / "catalog.db").is_file():
            folder.mkdir(parents=True, exist_ok=True)
            build(folder, given.enterprises, given.hours)
        for page, times in pages(folder):
            table = np.array(times) * 1000
            cells = (f"{x:.0f}" for pair in zip(np.median(table, axis=0), table.max(axis=0), strict=True) for x in pair)
            lines.append(f"| {page} | {' | '.join(cells)} |")
            print(lines[-1], flush=True)
    text = "\n".join(lines) + "\n"
    if given.write:
        write(HEADING, text)


if __name__ == "__main__":
    main()
