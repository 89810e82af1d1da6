"""A roll-up that is killed at any moment leaves the facts as they were before, or as they are after; never between."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
from tests.monitor.crashing import Acknowledge, killed, rounds
from tests.monitor.ledger_fixture import DAY_START, JULY_1, new_ledger

from tanlu.monitor.batch import Batch
from tanlu.monitor.engines.choice import open_engine
from tanlu.monitor.fact_files import METER_HOUR, UNIT_DAY, FactFiles
from tanlu.monitor.facts import Facts
from tanlu.monitor.ledger import Ledger
from tanlu.monitor.rollup import refresh, rollup

HOURS = 48


def batch_of(number: int) -> Batch:
    """Readings of two days of one of four meters, all of them another slope."""
    ts = DAY_START + 3600 * np.arange(1, HOURS + 1)
    return Batch("crash", np.full(HOURS, 1 + number % 4, np.int32), ts, np.arange(HOURS) * (number + 1), id=str(number))


def work(folder: Path, number: int, acknowledge: Acknowledge) -> None:
    """Append and make facts until killed."""
    engine = open_engine("kernel")
    with Ledger.open(folder / "ledger") as ledger:
        acknowledge(["open", number])
        while number < 3000:
            ledger.append(batch_of(number))
            number += 1
            (rollup if number % 3 == 0 else refresh)(ledger, engine)
            acknowledge(["facts", number])


def tables(ledger: Ledger) -> list[pa.Table]:
    store = FactFiles(ledger)
    return [
        pa.concat_tables(
            [t for s in store.stacks(kind, 0, JULY_1 + 40).values() if (t := store.read(kind, s)) is not None]
        )
        for kind in (METER_HOUR, UNIT_DAY)
    ]


def test_a_roll_up_that_is_killed_leaves_whole_facts_and_forgets_no_late_data(tmp_path: Path) -> None:
    """After each kill the facts that are listed can be read whole, and a refresh gives what a full roll-up gives."""
    engine = open_engine("kernel")
    with new_ledger(tmp_path / "ledger") as ledger:
        for number in range(4):
            ledger.append(batch_of(number))
        rollup(ledger, engine)
    chance, number = random.Random(5), 4
    for _ in range(max(rounds() // 4, 1)):
        begin = partial(work, tmp_path, number)
        told = killed(begin, chance.uniform(0.02, 0.25), tmp_path / "told")
        number = max((n for step, n in told if step == "facts"), default=number)
        with Ledger.open(tmp_path / "ledger") as ledger:
            before = tables(ledger)
            assert all(len(t) > 0 for t in before)
            refresh(ledger, engine)
            late = tables(ledger)
            rollup(ledger, engine)
            for a, b in zip(late, tables(ledger), strict=True):
                assert a.num_rows == b.num_rows
                for name in a.schema.names:
                    x, y = a.column(name).to_numpy(), b.column(name).to_numpy()
                    np.testing.assert_allclose(x, y, rtol=1e-12, atol=1e-9, equal_nan=True, err_msg=name)
            assert Facts(ledger).meter_hours(1, DAY_START, DAY_START + 3600).num_rows == 1
        number += 1
