"""A writer that is killed at any moment loses nothing that it acknowledged, and nothing counts twice."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
from tests.monitor.crashing import Acknowledge, killed, rounds
from tests.monitor.ledger_fixture import DAY_START, JULY_1, new_ledger

from tanlu.monitor.batch import Batch
from tanlu.monitor.ingest import ingest_file
from tanlu.monitor.ledger import Ledger
from tanlu.monitor.readings_files import read_rows
from tanlu.monitor.verifying import verify

GROUP = 3
NEW, CORRECTED = 12, 4
FILE_ROWS = 30
SLOTS = 96 * 3
"""Three days of quarters of an hour."""
Key = tuple[int, int]


def rows_of(number: int) -> dict[Key, int]:
    """Return readings of a step: new keys of meters 1 to 3 and corrections of earlier ones, all values its number."""
    fresh = [divmod(number * NEW + i, SLOTS) for i in range(NEW)]
    keys = [(1 + block % 3, slot) for block, slot in fresh]
    earlier = [divmod(max(number - 5 - i, 0) * NEW, SLOTS) for i in range(CORRECTED)]
    keys += [(1 + block % 3, slot) for block, slot in earlier]
    return dict.fromkeys(keys, number)


def batch_of(number: int) -> Batch:
    keys = np.array(list(rows_of(number)), np.int64)
    values = np.full(len(keys), number)
    return Batch("crash", keys[:, 0].astype(np.int32), DAY_START + 900 * (1 + keys[:, 1]), values, id=str(number))


def write_file(folder: Path, number: int) -> Path:
    path = folder / f"{number}.csv"
    slots = [(number * FILE_ROWS + i) % SLOTS for i in range(FILE_ROWS)]
    lines = [f"m4,{DAY_START + 900 * (1 + slot)},{number / 100:.2f}" for slot in slots]
    path.write_text("meter,time,value\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def work(folder: Path, number: int, seed: int, acknowledge: Acknowledge) -> None:
    """Append, flush, compact and ingest until killed; tell each step that has returned."""
    chance = random.Random(seed)
    with Ledger.open(folder / "ledger") as ledger:
        acknowledge(["open", number])
        while number < 3000:
            ledger.append_many([batch_of(number + i) for i in range(GROUP)])
            number += GROUP
            acknowledge(["rows", number])
            step = chance.random()
            if step < 0.3:
                ledger.flush()
            elif step < 0.5:
                ledger.compact()
            elif step < 0.7:
                ingest_file(ledger, write_file(folder, number))
                acknowledge(["file", number])


def expected(until: int) -> dict[Key, int]:
    known: dict[Key, int] = {}
    for number in range(until):
        known |= rows_of(number)
    return known


def test_no_acknowledged_reading_is_lost_and_none_counts_twice(tmp_path: Path) -> None:
    with new_ledger(tmp_path / "ledger") as ledger:
        # what this process has loaded its children need not load
        ingest_file(ledger, write_file(tmp_path, 0))
    chance = random.Random(11)
    number, files = 0, set[int]()
    for seed in range(rounds()):
        start = number
        told = killed(
            lambda acknowledge, n=start, s=seed: work(tmp_path, n, s, acknowledge),
            chance.uniform(0.01, 0.2),
            tmp_path / "log",
        )
        number = max([number, *(n for kind, n in told if kind == "rows")])
        files |= {n for kind, n in told if kind == "file"}
        with Ledger.open(tmp_path / "ledger") as ledger:
            table = ledger.readings(JULY_1, JULY_1 + 3)
            columns = [table.column(name).to_pylist() for name in ("meter", "ts", "value")]
            found = {(m, (ts - DAY_START) // 900 - 1): v for m, ts, v in zip(*columns, strict=True)}
            assert len(found) == table.num_rows, "a key counts twice"
            own = {key: value for key, value in found.items() if key[0] < 4}
            least, most = expected(number), expected(number + GROUP)
            assert least.keys() <= own.keys() <= most.keys()
            assert all(v == least.get(key) or number <= v < number + GROUP for key, v in own.items())
            assert verify(ledger) == []
            raw = [read_rows(ledger.path / "readings", f) for f in ledger.catalog.files(JULY_1, JULY_1 + 3)]
            marks = [k for r in raw for k in zip(r.meter.tolist(), r.ts.tolist(), r.batch.tolist(), strict=True)]
            assert len(marks) == len(set(marks)), "a reading stands twice"
            sources = {b.source for b in ledger.catalog.batches()}
            assert {f"{n}.csv" for n in files} <= sources
    assert number > 0 and files
