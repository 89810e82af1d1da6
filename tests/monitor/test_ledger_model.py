"""Any sequence of batches, corrections, repetitions, files, flushes, compactions and reopenings equals a list of what was said when."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.monitor.ledger_fixture import DAY_START, JULY_1, NOW, Clock, new_ledger

from tanlu.monitor.batch import Batch
from tanlu.monitor.bulk import AT_STAMP, Bulk
from tanlu.monitor.ledger import Ledger

METERS, SLOTS = 3, 4
STEP = 12 * 3600
"""Two stamps a day, so that four of them touch two days and a border between them."""
Row = tuple[int, int, int]
rows = st.lists(st.tuples(st.integers(1, METERS), st.integers(1, SLOTS), st.integers(0, 2)), min_size=1, max_size=5)
known = st.one_of(st.none(), st.integers(0, 3 * SLOTS).map(lambda n: (DAY_START + n * STEP // 3) * 1_000_000 + 7))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("append"), rows, known),
        st.tuples(st.just("bulk"), rows, st.one_of(known, st.just(AT_STAMP))),
        st.tuples(st.sampled_from(["again", "flush", "compact", "reopen"]), st.just([]), st.none()),
    ),
    min_size=1,
    max_size=9,
)


@dataclass
class Model:
    """What was said of each key: (known at, order of saying, value)."""

    said: dict[tuple[int, int], list[tuple[int, int, int]]] = field(default_factory=dict)
    count: int = 0
    begins: int | None = None

    def say(self, told: Sequence[Row], known_at: int | None, moment: int, *, only_news: bool) -> None:
        if self.begins is None:
            self.begins = moment
        steps: dict[tuple[int, int, int], int] = {}
        for meter, slot, value in told:
            stamp = (DAY_START + slot * STEP) * 1_000_000
            at = {None: moment, AT_STAMP: stamp}.get(known_at, known_at)
            assert at is not None
            rank = steps[meter, slot, at] = steps.get((meter, slot, at), -1) + 1
            self.count += 1
            entry = (at + rank, self.count, value)
            key = (meter, slot)
            before = [e for e in sorted(self.said.get(key, [])) if e < entry]
            if only_news and before and before[-1][2] == value:
                continue
            self.said.setdefault(key, []).append(entry)

    def values(self, known_at: int | None) -> dict[tuple[int, int], int]:
        found = {}
        for (meter, slot), entries in self.said.items():
            versions = sorted(entries)
            counted = [e for e in versions if known_at is None or e[0] <= known_at]
            early = known_at is not None and self.begins is not None and known_at < self.begins
            if not counted and early and (DAY_START + slot * STEP) * 1_000_000 <= (known_at or 0):
                counted = versions[:1]
            if counted:
                found[meter, slot] = counted[-1][2]
        return found


def values(ledger: Ledger, known_at: int | None) -> dict[tuple[int, int], int]:
    table = ledger.readings(JULY_1 - 1, JULY_1 + 3, known_at=known_at)
    slots = ((table.column("ts").to_numpy() - DAY_START) // STEP).tolist()
    keys = list(zip(table.column("meter").to_pylist(), slots, strict=True))
    assert len(set(keys)) == len(keys)
    return dict(zip(keys, table.column("value").to_pylist(), strict=True))


def columns(told: Sequence[Row]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    meter, slot, value = np.array(told, np.int64).T
    return meter.astype(np.int32), DAY_START + slot * STEP, value, np.zeros(len(told), np.int8)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_the_ledger_equals_a_list_of_what_was_said_for_every_moment(
    sequence: list[tuple[str, list[Row], int | None]],
) -> None:
    clock, model = Clock(), Model()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger"
        ledger = new_ledger(path, METERS, clock)
        last: Batch | None = None
        for number, (step, told, known_at) in enumerate(sequence):
            if step == "append":
                last = Batch("model", *columns(told), id=str(number), known_at=known_at)
                receipt = ledger.append(last)
                recorded = receipt.known_at if known_at is None else clock.now
                model.say(told, known_at, recorded, only_news=False)
            elif step == "bulk":
                bulk = Bulk(ledger, "file", number.to_bytes(16, "big"), known_at=known_at)
                bulk.add(columns(told))
                bulk.commit()
                # known_at of a bulk is sorted into the same key in the order of the file
                model.say(told, known_at, clock.now, only_news=True)
            elif step == "again" and last is not None:
                assert ledger.append(last).duplicate
            elif step == "flush":
                ledger.flush()
            elif step == "compact":
                ledger.compact()
            elif step == "reopen":
                ledger.close()
                ledger = Ledger.open(path, clock=clock)
        moments = {at for entries in model.said.values() for at, _, _ in entries}
        asked = sorted(
            {m + d for m in moments for d in (-1, 0)} | {NOW, DAY_START * 1_000_000, (DAY_START + 2 * STEP) * 1_000_000}
        )
        for moment in [None, *asked]:
            assert values(ledger, moment) == model.values(moment), moment
        ledger.close()
