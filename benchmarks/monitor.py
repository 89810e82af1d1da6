"""Readings to hourly facts to emissions, against pandas, Polars and plain DuckDB SQL on the same files in the same run.

    python benchmarks/monitor.py [--meters 3360] [--days 31] [--peers pandas,polars,duckdb] [--write]

33,600 meters and 31 days of quarters of an hour are 100 million readings. The peers read the ledger's files, take differences, sum them by
enterprise, carrier and hour, and multiply by a factor; they write nothing. Tanlu does that with gaps spread over their hours, and writes
the facts of meters, enterprises and regions durably. Sums must be equal. Then one late correction until the new total of the province is
told, and drill-downs over a year of 20,000 enterprises.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from sections import Time, machine, timed, versions, write

HEADING = "## Monitoring"
START = "2024-07-01"
FACTORS = {"electricity": 0.5, "raw_coal": 2000.0}
CARRIER = {1: "electricity", 10: "raw_coal"}
TOLERANCE = 1e-9


def build(folder: Path, meters: int, days: int) -> None:
    """A ledger of registers: gaps 0.5 %, bad readings 0.2 %, some roll-overs."""
    from tanlu.core.province import load_province, province_folder
    from tanlu.monitor.batch import Batch
    from tanlu.monitor.ledger import Ledger
    from tanlu.monitor.registry import Meter, Unit
    from tanlu.monitor.schema import MeterKind, UnitKind, day_number

    rng = np.random.default_rng(7)
    regions = load_province(province_folder("hunan")).regions
    towns = [r for r in regions if "/" in r]
    works = [
        Unit(f"e{i}", 0, UnitKind.ENTERPRISE, towns[i % len(towns)], f"厂{i}", f"Works {i}", towns[i % len(towns)])
        for i in range(meters // 4 + 1)
    ]
    rows = [
        Meter(f"m{i}", 0, f"e{i // 4}", "raw_coal" if i % 4 == 3 else "electricity", MeterKind.REGISTER, 900,
              decimals=2, roll=100_000.0, rating=2000.0)
        for i in range(meters)
    ]  # fmt: skip
    with Ledger.create(folder / "ledger", "hunan", regions.values()) as ledger:
        registry = ledger.register(works, rows)
        numbers = np.array([registry.meters[f"m{i}"].number for i in range(meters)], np.int32)
        value = rng.integers(0, 10**7, meters)
        first = day_number(START)
        for day in range(days):
            grown = value[:, None] + np.cumsum(rng.integers(100, 900, (meters, 96)), 1)
            value = grown[:, -1]
            stamps = (first + day) * 86_400 - 28_800 + 900 * np.arange(1, 97)
            keep = rng.random((meters, 96)) > 0.005
            bad = np.where(rng.random((meters, 96)) < 0.002, 5, 0).astype(np.int8)
            meter, ts = np.repeat(numbers, 96).reshape(meters, 96), np.broadcast_to(stamps, (meters, 96))
            ledger.append(Batch("benchmark", meter[keep], ts[keep], grown[keep] % 10**7, bad[keep], str(day)))
            ledger.flush()


def book() -> Any:
    """The two factors, so that peers can use the same."""
    from tanlu.monitor.factors import FactorBook, Rate

    rates = [Rate(n, "CO2", FACTORS[name], "scope_1", 0, 10**6, (name,), "D") for n, name in CARRIER.items()]
    return FactorBook("benchmark", "hunan", tuple(rates))


def ours(ledger: Any, engine: str) -> float:
    """Make all facts and return kg CO2 of the province."""
    from tanlu.monitor.emissions import emissions
    from tanlu.monitor.facts import Facts
    from tanlu.monitor.rollup import rollup

    rollup(ledger, engine)
    days = ledger.days()
    return total(emissions(Facts(ledger), "hunan", days[0], days[-1], by=("month",), factors=book()))


def total(told: Any) -> float:
    """kg CO2 of what the two carriers emitted; library rates of other gases are left out."""
    return sum(row.kg for row in told.rows if row.gas == "CO2" and set(row.factors) <= set(FACTORS))


def files_of(ledger: Any) -> list[str]:
    """The files of readings that count, in the order of days."""
    return [str(path) for day in ledger.days() for path in ledger.day_files(day).paths]


def with_pandas(files: list[str], places: Any) -> float:
    """The same with pandas."""
    import pandas as pd

    columns = ["meter", "ts", "value", "quality"]
    frame = pd.concat([pd.read_parquet(f, columns=columns) for f in files], ignore_index=True)
    frame = frame[frame["quality"] <= 2].sort_values(["meter", "ts"], kind="stable")
    used = frame.groupby("meter", sort=False)["value"].diff()
    frame["used"] = used.where(~(used < 0), used + 10**7) / 100
    frame["hour"] = (frame["ts"] - 1) // 3600
    hours = frame.groupby(["meter", "hour"], sort=False)["used"].sum().reset_index().merge(places, on="meter")
    sums = hours.groupby(["enterprise", "carrier", "hour", "factor"], sort=False)["used"].sum().reset_index()
    return float((sums["used"] * sums["factor"]).sum())


def with_polars(files: list[str], places: Any) -> float:
    """The same with Polars, streaming."""
    import polars as pl

    used = pl.col("value").diff().over("meter")
    plan = (
        pl.scan_parquet(files).select("meter", "ts", "value", "quality").filter(pl.col("quality") <= 2)
        .with_columns(used=used).with_columns(used=pl.when(pl.col("used") < 0).then(pl.col("used") + 10**7).otherwise(pl.col("used")) / 100)
        .group_by("meter", hour=(pl.col("ts") - 1) // 3600).agg(pl.col("used").sum())
        .join(pl.from_pandas(places).lazy().with_columns(pl.col("meter").cast(pl.Int32)), on="meter")
        .group_by("enterprise", "carrier", "hour", "factor").agg(pl.col("used").sum())
        .select((pl.col("used") * pl.col("factor")).sum())
    )  # fmt: skip
    return float(plan.collect(engine="streaming").item())


def with_duckdb(files: list[str], places: Any) -> float:
    """The same with one query of plain DuckDB."""
    import duckdb

    with duckdb.connect(config={"temp_directory": tempfile.gettempdir()}) as con:
        con.register("places", places)
        row = con.execute(f"""
WITH used AS (SELECT meter, ts, value - LAG(value) OVER (PARTITION BY meter ORDER BY ts) AS used
              FROM read_parquet({files}) WHERE quality <= 2),
hours AS (SELECT meter, (ts - 1) // 3600 AS hour, SUM(CASE WHEN used < 0 THEN used + 10000000 ELSE used END) / 100.0 AS used
          FROM used GROUP BY ALL),
units AS (SELECT enterprise, carrier, hour, factor, SUM(used) AS used FROM hours JOIN places USING (meter) GROUP BY ALL)
SELECT SUM(used * factor) FROM units""").fetchall()[0]
    return float(row[0])


def places_of(ledger: Any) -> Any:
    """Enterprise, carrier and factor of each meter."""
    import pandas as pd

    meters = ledger.registry.meters.values()
    rows = [(m.number, m.unit, m.carrier, FACTORS[m.carrier]) for m in meters]
    return pd.DataFrame(rows, columns=["meter", "enterprise", "carrier", "factor"])


def alone(folder: Path, name: str) -> tuple[float, Time, float]:
    """Run one contestant in a process of its own: sum, time, peak memory [MB]."""
    done = subprocess.run(
        [sys.executable, __file__, "--run", name, "--folder", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{name}: {done.stderr[-2000:]}")
    kg, wall, cpu, peak = (float(x) for x in done.stdout.split()[-4:])
    return kg, Time(wall, cpu), peak


def run_one(folder: Path, name: str) -> None:
    """Be a contestant; imports and compilation stay outside the clock."""
    from sections import peak_memory
    from tanlu.monitor.engines.choice import engine_of
    from tanlu.monitor.ledger import Ledger

    peers: dict[str, Callable[[list[str], Any], float]] = {
        "pandas": with_pandas, "polars": with_polars, "duckdb": with_duckdb,
    }  # fmt: skip
    with Ledger.open(folder / "ledger", read_only=True) as ledger:
        if name in peers:
            files, places = files_of(ledger), places_of(ledger)
            kg, time = timed(lambda: peers[name](files, places))
        else:
            engine = name.removeprefix("tanlu-")
            engine_of(engine)
            _ = ledger.registry.columns()
            kg, time = timed(lambda: ours(ledger, engine))
    print(repr(kg), time.wall, time.cpu, peak_memory())


def late_correction(folder: Path) -> tuple[Time, bool]:
    """One reading of the middle of the month is corrected; time until the new total of the province is told, and whether it is right."""
    from tanlu.monitor.batch import Batch
    from tanlu.monitor.emissions import emissions
    from tanlu.monitor.engines.choice import engine_of
    from tanlu.monitor.facts import Facts
    from tanlu.monitor.ledger import Ledger
    from tanlu.monitor.rollup import refresh

    factors = book()
    with Ledger.open(folder / "ledger") as ledger:
        engine_of("kernel")
        days = ledger.days()
        number = ledger.registry.meters["m4"].number
        last = ledger.readings(days[-1], days[-1], [number]).to_pylist()[-1]
        before = total(emissions(Facts(ledger), "hunan", days[0], days[-1], by=("month",), factors=factors))
        # the last reading of a register raised by 7.00: the total rises by 7 kWh
        batch = Batch(
            "late", np.array([number], np.int32), np.array([last["ts"]]), np.array([(last["value"] + 700) % 10**7])
        )

        def correct() -> float:
            ledger.append(batch)
            refresh(ledger, "kernel")
            return total(emissions(Facts(ledger), "hunan", days[0], days[-1], by=("month",), factors=factors))

        after, time = timed(correct)
    return time, abs(after - before - 7 * FACTORS["electricity"]) < TOLERANCE * abs(before)


def year_of_facts(folder: Path, enterprises: int, meters: int = 0) -> Any:
    """A ledger whose daily facts of a year are made up: enterprises in 122 counties, three carriers each, and so many meters."""
    from tanlu.core.province import load_province, province_folder
    from tanlu.monitor.fact_files import UNIT_DAY, FactFiles, next_month
    from tanlu.monitor.ledger import Ledger
    from tanlu.monitor.levels import COUNTS, Sums, tree_of
    from tanlu.monitor.registry import Meter, Unit
    from tanlu.monitor.schema import MeterKind, UnitKind, day_number

    regions = load_province(province_folder("hunan")).regions
    towns = [r for r in regions if "/" in r]
    counties = [
        Unit(f"c{i}", 0, UnitKind.COUNTY, towns[i % len(towns)], f"县{i}", f"County {i}", towns[i % len(towns)])
        for i in range(122)
    ]
    works = [
        Unit(f"e{i}", 0, UnitKind.ENTERPRISE, f"c{i % 122}", f"厂{i}", f"Works {i}", counties[i % 122].region)
        for i in range(enterprises)
    ]
    ledger = Ledger.create(folder / "ledger", "hunan", regions.values())
    carriers = ("electricity", "raw_coal", "natural_gas")
    rows = [
        Meter(f"{w.id}-{i}", 0, w.id, carriers[i % 3], MeterKind.REGISTER, 900) for w in works for i in range(meters)
    ]
    registry = ledger.register([*counties, *works], rows)
    store, tree, rng = FactFiles(ledger), tree_of(registry), np.random.default_rng(1)
    units = np.sort(np.array([registry.units[w.id].number for w in works], np.int32))
    month, files = day_number("2024-01-01"), []
    for _ in range(12):
        days = np.arange(month, next_month(month))
        shape = (len(units), 3, len(days))
        keys = {
            "unit": np.broadcast_to(units[:, None, None], shape).ravel(),
            "carrier": np.broadcast_to(np.array([1, 10, 30], np.int16)[None, :, None], shape).ravel(),
            "stack": np.zeros(np.prod(shape), np.int8),
            "day": np.broadcast_to(days[None, None, :], shape).ravel(),
        }
        amount = rng.random(np.prod(shape))
        counts = dict.fromkeys(COUNTS, np.full(len(amount), 32))
        sums = Sums(
            keys, {"quantity": amount, "estimated": amount / 50, "known": np.ones(len(amount), np.int64), **counts}
        )
        files.append(store.write(UNIT_DAY, month, sums.up(tree).table(tree, sums)))
        month = next_month(month)
    ledger.settle(None, files)
    return ledger


def drill_downs(folder: Path, enterprises: int) -> Iterator[tuple[str, Time]]:
    """Yield questions of a page and the median times of seven answers."""
    from tanlu.monitor.emissions import emissions
    from tanlu.monitor.factors import factor_book
    from tanlu.monitor.facts import Facts

    ledger = year_of_facts(folder, enterprises)
    factors = factor_book("hunan")
    year = ("2024-01-01", "2024-12-31")
    town = next(u.parent for u in ledger.registry.units.values() if u.id == "c0")
    asked: dict[str, tuple[str, tuple[str, str], tuple[str, ...], str | None]] = {
        "province by prefecture, carrier and month, a year": ("hunan", year, ("unit", "carrier", "month"), "prefecture"),
        "prefecture by county, carrier and month, a year": (town, year, ("unit", "carrier", "month"), "county"),
        "county by enterprise and carrier, a year": ("c0", year, ("unit", "carrier"), "enterprise"),
        "enterprise by carrier and day, a year": ("e122", year, ("carrier", "day"), None),
        "county by enterprise, carrier and day, a month": ("c0", ("2024-07-01", "2024-07-31"), ("unit", "carrier", "day"), "enterprise"),
    }  # fmt: skip
    for name, (where, days, by, level) in asked.items():
        times = []
        for _ in range(7):
            facts = Facts(ledger)
            _, time = timed(lambda: emissions(facts, where, *days, by=by, level=level, factors=factors))  # noqa: B023
            times.append(time)
        yield name, Time(*np.median(np.array(times), axis=0).tolist())
    ledger.close()


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--meters", type=int, default=3360)
    parser.add_argument("--days", type=int, default=31)
    parser.add_argument("--enterprises", type=int, default=20_000)
    parser.add_argument("--peers", default="pandas,polars,duckdb")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--run", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        run_one(given.folder, given.run)
        return
    lines = [
        HEADING,
        "",
        f"{machine()}; {versions('tanlu', 'numpy', 'pyarrow', 'duckdb', 'numba', 'pandas', 'polars')}. "
        f"Load of the machine by other programs at the start {os.getloadavg()[0]:.1f}: elapsed times are longer by it.",
        "",
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder, given.meters, given.days)
        from tanlu.monitor.ledger import Ledger

        with Ledger.open(folder / "ledger", read_only=True) as ledger:
            rows = sum(ledger.day_files(day).rows for day in ledger.days())
        lines += [f"{rows:,} readings of {given.meters:,} meters, {given.days} days, every 15 minutes.", ""]
        lines += ["| | million readings/s | a CPU second | CPU s | peak MB | kg CO2 |", "|---|---|---|---|---|---|"]
        sums = []
        for contestant in ("tanlu-kernel", "tanlu-duckdb", *filter(None, given.peers.split(","))):
            kg, time, peak = alone(folder, contestant)
            sums.append(kg)
            rates = f"{rows / time.wall / 1e6:.2f} | {rows / time.cpu / 1e6:.2f}"
            lines.append(f"| {contestant} | {rates} | {time.cpu:.1f} | {peak:.0f} | {kg:.3f} |")
            print(lines[-1], flush=True)
        assert all(abs(kg - sums[0]) <= TOLERANCE * abs(sums[0]) for kg in sums), sums
        time, right = late_correction(folder)
        assert right
        lines += ["", f"One late correction until the province's new total: {time.wall:.2f} s ({time.cpu:.2f} s CPU)."]
        print(lines[-1], flush=True)
    with tempfile.TemporaryDirectory() as name:
        lines += ["", f"Drill-down over daily sums of {given.enterprises:,} enterprises, median of seven:", ""]
        for question, time in drill_downs(Path(name), given.enterprises):
            lines.append(f"- {question}: {time.wall * 1000:.0f} ms ({time.cpu * 1000:.0f} ms CPU)")
            print(lines[-1], flush=True)
    text = "\n".join(lines) + "\n"
    print(text)
    if given.write:
        write(HEADING, text)


if __name__ == "__main__":
    main()
