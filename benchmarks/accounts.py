"""Speed of accounts by the rulebook against pandas programs, a plain Monte Carlo loop and bonsai_ipcc, in one run.

    python benchmarks/accounts.py [--rows 100000] [--write]

Each part checks that the implementations agree before it reports, and stops if they do not. What the peers leave out is said in the table.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from account_rows import METHOD_SET, write_rows
from peers import account_bonsai, account_draws, account_pandas
from peers.account_draws import Category, Part
from sections import Time, best, machine, peak_memory, timed, versions, write
from tanlu.accounts import build_inventory
from tanlu.accounts.files.activity_file import read_activities
from tanlu.accounts.files.export import write_results
from tanlu.accounts.methods.enteric import enteric_by_head
from tanlu.accounts.methods.landfill import landfill_decay_ch4
from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.computation import compute
from tanlu.accounts.rulebook.method import Input, methods
from tanlu.accounts.rulebook.result import Results
from tanlu.accounts.uncertainty.monte_carlo import monte_carlo
from tanlu.core.collector import collector_paused
from tanlu.core.factors import Factor
from tanlu.core.province import load_province, province_folder
from tanlu.core.units import IncompatibleUnitsError, conversion_factor
from tanlu.land import forest_rows

HEADING = "## Accounts by the rulebook"
AGREEMENT = 1e-9
RECORDS_BY_ROW = 1_000
"""Records of the row-by-row program; all of them would take minutes."""
CATEGORIES, DRAWS, SEED = 400, 10_000, 7
Row = tuple[str, float, str, str]
"""Implementation, seconds, ratio to ours, remark."""


def agree(what: str, gap: float, within: float = AGREEMENT) -> str:
    """Return the difference as text.

    Raises
    ------
    SystemExit
        If it is too large.
    """
    if not gap <= within:
        raise SystemExit(f"{what}: the implementations differ by {gap:.2g}")
    return f"{what} {gap:.0e}"


def largest_gap(ours: Mapping[str, float], theirs: Mapping[str, float]) -> float:
    """Return the largest relative difference, infinite if the names differ."""
    if ours.keys() != theirs.keys():
        return float("inf")
    return account_draws.largest_gap(ours, theirs)


def totals(results: Results, records: set[str] | None = None) -> dict[str, float]:
    """Return the mass of each gas [t], memo items as ``memo``, of all records or of some."""
    found: dict[str, float] = {}
    for r in results:
        if records is None or r.record in records:
            gas = "memo" if r.is_memo else r.gas
            found[gas] = found.get(gas, 0.0) + r.value
    return found


def factor_table(results: Results, activities: list[Activity]) -> pd.DataFrame:
    """Return the factors that a computation used, by method, words, province, period and input, in the units of the methods."""
    words = {(a.record, a.input): a.value for a in activities}
    declared = methods()
    table: dict[tuple[str, ...], float] = {}
    for r in results:
        method = declared[r.method]
        needed = account_pandas.SUBJECTS.get(method.topic, [])
        key = (method.topic, "|".join(words[r.record, n] for n in needed), r.place.split("/")[0], r.period)
        for wanted in method.inputs:
            match = results.match(r, wanted.name)
            if match is not None:
                table[(*key, wanted.name)] = _in_unit(match.factor, wanted)
    columns = [*account_pandas.KEY, "input", "value"]
    return pd.DataFrame([(*key, value) for key, value in table.items()], columns=columns)


def _in_unit(factor: Factor, wanted: Input) -> float:
    """Return the value of a factor in the first unit of an input that fits."""
    for unit in (u or "1" for u in wanted.units):
        try:
            return factor.value * conversion_factor(factor.unit, unit)
        except IncompatibleUnitsError:
            continue
    raise ValueError(f"{factor.id} does not fit {wanted.name}")


def ours_from_file(path: Path, out: Path) -> tuple[list[Activity], Results, list[Time]]:
    """Read, compute and write with lineage, as the command does; return the time of each part."""
    with collector_paused():
        activities, reading = timed(lambda: read_activities([path]))
        results, computing = timed(lambda: compute(activities, METHOD_SET))
        _, writing = timed(lambda: write_results(results, activities, out, inputs=[path]))
    return activities, results, [reading, computing, writing]


def measure_rows(count: int, folder: Path) -> list[str]:
    """Return the lines about many rows of mixed methods."""
    path = folder / "rows.csv"
    write_rows(path, count)
    small = folder / "small.csv"
    write_rows(small, 500)
    ours_from_file(small, folder / "small")
    activities, results, first = ours_from_file(path, folder / "out")
    factors, sums = factor_table(results, activities), totals(results)
    counts = (len(activities), len({a.record for a in activities}), len(results), len({r.method for r in results}))
    read = pd.read_csv(path, dtype=str, keep_default_na=False)
    chosen = read[read["record"].isin(set(read["record"].unique()[:RECORDS_BY_ROW]))]
    own = totals(results, set(chosen["record"]))
    del activities, results
    gc.collect()
    again = ours_from_file(path, folder / "out")[2]
    memory = peak_memory()
    gc.collect()
    parts = [min(pair) for pair in zip(first, again, strict=True)]
    whole = Time(sum(t.wall for t in parts), sum(t.cpu for t in parts))
    column_sums, by_column = timed(lambda: account_pandas.by_column(path, factors, folder / "column.csv"))
    row_sums, by_row = timed(lambda: account_pandas.by_row(chosen, factors, folder / "row.csv"))
    said = [
        agree("whole columns", largest_gap(sums, column_sums)),
        agree("row by row", largest_gap(own, row_sums)),
    ]
    each, row_each = whole.cpu / counts[0], by_row.cpu / len(chosen)
    lines = [
        "### Activity rows of mixed methods",
        "",
        f"{counts[0]:,} rows, {counts[1]:,} records, {counts[3]} methods, six provinces, ten years, 5,000 enterprises; "
        f"{counts[2]:,} results with interval, factors and data. The better of two runs; library and methods are loaded before. "
        f"Largest memory {memory:,.0f} MB, before the peers run.",
        f"Largest relative difference of the totals by gas: {', '.join(said)}.",
        "",
        "| implementation | rows | elapsed | CPU | CPU a row | ratio | remark |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, part in zip(("reading CSV", "computing", "writing, with hashes"), parts, strict=True):
        lines.append(f"| – {name} | {counts[0]:,} | {part.wall:.2f} s | {part.cpu:.2f} s | | | |")
    lines += [
        _row_line("ours, whole", counts[0], whole, each, each, "checks, intervals, lineage, quality log"),
        _row_line(
            "pandas, whole columns", counts[0], by_column, by_column.cpu / counts[0], each,
            "pivot and merge; factors ready; no checks, intervals or lineage",
        ),
        _row_line(
            "pandas, row by row", len(chosen), by_row, row_each, each,
            f"the first {RECORDS_BY_ROW:,} records only, file already read; else as above",
        ),
    ]  # fmt: skip
    return lines


def _row_line(name: str, rows: int, took: Time, each: float, ours: float, remark: str) -> str:
    start = f"| {name} | {rows:,} | {took.wall:.2f} s | {took.cpu:.2f} s"
    return f"{start} | {1e6 * each:,.0f} µs | {each / ours:,.2f} | {remark} |"


def measure_inventory(name: str) -> list[str]:
    """Return the lines about the inventory of a province."""
    folder = province_folder(name)
    province, loading = timed(lambda: load_province(folder))
    forest = forest_rows(province)
    build_inventory(province, forest)
    inventory, once = timed(lambda: build_inventory(province, forest))
    years = len({r.year for r in inventory.rows})
    return [
        "### Inventory of a province",
        "",
        f"{name}: {years} years, {len(inventory.rows):,} rows, {len(inventory.energy):,} amounts of energy; no peer does this work. "
        f"Building {once.wall:.2f} s elapsed, {once.cpu:.2f} s CPU (second run); reading the data {loading.wall:.2f} s before.",
    ]


def fuel_rows(count: int) -> list[Activity]:
    """Return records of burnt fuels that share the factors of six fuels."""
    random = np.random.default_rng(SEED)
    fuels = ("anthracite", "bituminous_coal", "coke", "diesel", "fuel_oil", "gasoline")
    rows = []
    for n in range(count):
        record, place = f"r{n:03}", f"hunan/enterprise-{n:03}"
        amount = f"{random.uniform(1e3, 1e5):.1f}"
        said = (("fuel", fuels[n % len(fuels)], ""), ("sector", "industry_other", ""), ("fuel_amount", amount, "t"))
        rows += [Activity(record, place, "2022", "fuel-combustion", *datum, "report", "A", 5.0) for datum in said]
    return rows


def categories_of(results: Results) -> list[Category]:
    """Return what the plain loop needs: the parts of each product with cause and relative error."""
    errors = results.relative_errors
    found = []
    for r in results:
        wanted = methods()[r.method].by_name
        own = next(a for a in map(results.activities.__getitem__, r.activities) if a.input == "fuel_amount")
        parts = [Part(own.id, float(own.value), errors[own.id])]
        for name in ("net_calorific_value", "carbon_content", "oxidation_factor"):
            match = results.match(r, name)
            assert match is not None
            value, cause = _in_unit(match.factor, wanted[name]), f"factor:{match.factor.id}"
            reach = 1 / value - 1 if name == "oxidation_factor" else math.inf
            parts.append(Part(cause, value, errors[cause], reach))
        found.append(Category(r.record, parts))
    return found


def measure_draws() -> list[str]:
    """Return the lines about Monte Carlo."""
    results = compute(fuel_rows(CATEGORIES), METHOD_SET)
    categories = categories_of(results)
    ours = monte_carlo(results, draws=DRAWS, seed=SEED, by=("record",))
    shared, total = account_draws.half_widths(categories, DRAWS, SEED, shared=True)
    _, alone = account_draws.half_widths(categories, DRAWS, SEED, shared=False)
    half = (ours.total.high - ours.total.low) / 2
    widths = {row.key[0]: (row.high - row.low) / 2 for row in ours.rows}
    values = {c.name: 44 / 12 * float(np.prod([part.value for part in c.parts])) for c in categories}
    said = agree("values", largest_gap({r.key[0]: r.value for r in ours.rows}, values))
    # two percentiles of 10,000 draws: a standard error of about 2 % of the half-width each
    widest = agree("half-widths with shared factors", largest_gap(widths, shared), 0.12)
    agree("half-width of the total with shared factors", abs(total / half - 1), 0.12)
    seconds = best(lambda: monte_carlo(results, draws=DRAWS, seed=SEED, by=("record",)), 3)
    peers = [
        (
            word,
            best(lambda flag=flag: account_draws.half_widths(categories, DRAWS, SEED, shared=flag), 2),
            width,
            remark,
        )
        for word, flag, width, remark in (
            ("numpy loop, each its own draws", False, alone, "factors are not shared: the total is too certain"),
            ("numpy loop, shared draws", True, total, "a dictionary of causes; half-widths only"),
        )
    ]
    lines = [
        "### Monte Carlo",
        "",
        f"{DRAWS:,} draws over {CATEGORIES} categories of burnt fuels that share the factors of six fuels. "
        f"Largest relative difference: {said}, {widest} (sampling).",
        "",
        "| implementation | CPU | ratio | half-width of the total | remark |",
        "|---|---|---|---|---|",
        f"| ours | {seconds:.2f} s | 1.00 | {100 * half / ours.total.value:.2f} % | "
        "any method; mean, median, deviation, percentiles and their errors |",
    ]
    for word, took, width, remark in peers:
        share = 100 * width / ours.total.value
        lines.append(f"| {word} | {took:.2f} s | {took / seconds:.2f} | {share:.2f} % | {remark} |")
    return lines


def landfill_rows(values: Mapping[str, float]) -> list[Activity]:
    """Return a landfill with the parameters that bonsai_ipcc took."""
    head = ("landfill", "cn", str(account_bonsai.LAST), "landfill")
    words = {"waste_component": "food_waste", "landfill_site": "managed_anaerobic", "landfill_cover": "uncovered",
             "climate_zone": "boreal_temperate_wet"}  # fmt: skip
    numbers = {"degradable_organic_carbon": "doc", "degradable_fraction": "doc_f", "methane_correction_factor": "mcf",
               "methane_fraction": "f", "methane_oxidation": "ox"}  # fmt: skip
    rows = [Activity(*head, name, word) for name, word in words.items()]
    rows += [Activity(*head, name, repr(values[theirs]), "1") for name, theirs in numbers.items()]
    rows.append(Activity(*head, "decay_rate", repr(values["k"]), "1/yr"))
    years = range(account_bonsai.FIRST, account_bonsai.LAST + 1)
    waste = repr(1000 * account_bonsai.WASTE)
    return rows + [Activity("landfill", "cn", str(y), "landfill", "waste_landfilled", waste, "t") for y in years]


def measure_bonsai() -> list[str]:
    """Return the lines about bonsai_ipcc."""
    theirs = _in_own_program("-m", "peers.account_bonsai", python=_python_of_bonsai())
    loading = _in_own_program("-c", LOADING)
    waste, factor = theirs["landfill"], theirs["enteric"]["factor"]
    head = ("herd", "cn", str(account_bonsai.LAST), "enteric-fermentation")
    herd = [
        Activity(*head, "animal", "dairy_cattle"),
        Activity(*head, "heads", repr(account_bonsai.HEADS), "head"),
        Activity(*head, "enteric_factor", repr(factor), "kg CH4/head/yr"),
    ]
    dump = landfill_rows(waste)
    masses = np.full(account_bonsai.LAST - account_bonsai.FIRST + 1, 1000 * account_bonsai.WASTE)
    parameters = [waste[n] for n in ("doc", "doc_f", "mcf", "f", "ox", "k")]
    calls = {
        "enteric": (
            lambda: float(enteric_by_head(account_bonsai.HEADS, factor)),
            lambda: compute(herd, "ipcc-2019").results[-1].value,
        ),
        "landfill": (
            lambda: float(landfill_decay_ch4(masses, *parameters, 6.0, 0.0, 0.0)[-1]),
            lambda: compute(dump, "ipcc-2019").results[-1].value,
        ),
    }
    names = {"enteric": "enteric fermentation, tier 1", "landfill": f"landfill decay, {masses.size} years"}
    lines = [
        "### bonsai_ipcc",
        "",
        f"Loading takes bonsai_ipcc {theirs['loading']:.2f} s CPU and {theirs['megabytes']:.0f} MB, and us {loading['loading']:.2f} s "
        f"and {loading['megabytes']:.0f} MB (methods and library), each in a program of its own. It then reads parameters from tables "
        "and keeps every step; our record is checked, with interval and lineage. Parameters are the ones it took. "
        f"It has an environment of its own ({theirs['versions']}): it takes positions for labels, which pandas 3 refuses.",
        "",
        "| work | bonsai_ipcc | our function | our record | ratio to our record | largest relative difference |",
        "|---|---|---|---|---|---|",
    ]
    for key, (function, record) in calls.items():
        gap = max(abs(call() / theirs[key]["ch4"] - 1) for call in (function, record))
        agree(key, gap)
        slow, quick, whole = theirs["seconds"][key], best(function, 20), best(record, 10)
        cells = (names[key], _ms(slow), _ms(quick), _ms(whole), f"{slow / whole:,.1f}", f"{gap:.0e}")
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _ms(seconds: float) -> str:
    return f"{1e3 * seconds:.3f} ms"


LOADING = """
import json, time
start = time.process_time()
from tanlu.accounts.rulebook.computation import compute
from tanlu.accounts.rulebook.method import methods
from tanlu.core.library import load_library
methods(), load_library()
loading = time.process_time() - start
from sections import peak_memory
print(json.dumps({"loading": loading, "megabytes": peak_memory()}))
"""


def _python_of_bonsai() -> Path:
    """Return the interpreter of the environment in which bonsai_ipcc runs.

    Raises
    ------
    SystemExit
        If it has not been made.
    """
    python = Path(sys.prefix) / "peers" / "bonsai_ipcc" / "bin" / "python"
    if not python.is_file():
        raise SystemExit(f"{python} is missing: `make bench` makes it")
    return python


def _in_own_program(*arguments: str, python: Path | str = sys.executable) -> dict[str, Any]:
    """Return what a program prints as JSON."""
    folder = Path(__file__).parent
    done = subprocess.run([python, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def main() -> None:
    """Measure, print and, when asked, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--province", default="hunan")
    parser.add_argument("--write", action="store_true", help="write the section of benchmarks/RESULTS.md")
    arguments = parser.parse_args()
    _python_of_bonsai()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        parts = [measure_rows(arguments.rows, Path(folder))]
    parts += [measure_inventory(arguments.province), measure_draws(), measure_bonsai()]
    head = (
        f"`python benchmarks/accounts.py`; {machine()}; {versions('numpy', 'pandas')}. "
        f"Load of the machine by other programs at the start {load:.1f}: elapsed times are longer by it, and CPU times somewhat."
    )
    section = "\n\n".join([HEADING, head, *("\n".join(lines) for lines in parts)]) + "\n"
    print(section)
    if arguments.write:
        write(HEADING, section)


if __name__ == "__main__":
    main()
