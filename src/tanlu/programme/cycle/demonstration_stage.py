"""The stage of the demonstration year: records, cast, chance, and a clock that the acts set."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from tanlu.programme.cycle.demonstration_people import Cast
from tanlu.records import Records, Stored

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
Progress = Callable[[str, int], None]


@dataclass
class Stage:
    """What every act needs: the records, who plays, chance, the simulated moment, and the technologies of the plan by action."""

    records: Records
    cast: Cast
    chosen: random.Random
    year: int
    topics: dict[str, list[tuple[str, str, str]]]
    progress: Progress
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    forms: dict[str, int] = field(default_factory=dict)

    def on(self, month: int, day: int, hour: int = 9, *, year: int = 0) -> None:
        """Set the clock."""
        self.now = datetime(year or self.year, month, day, hour, tzinfo=SHANGHAI).astimezone(UTC)

    def read(self, statement: Any) -> list[Any]:
        """Return the rows of a query."""
        with self.records.database.read() as session:
            return list(session.execute(statement).scalars())

    def proof(self, text: str) -> tuple[Stored, str]:
        """Return a file as evidence."""
        content = f"演示,demonstration\n内容,{text}\n".encode()
        return self.records.evidence.put([content]), "demonstration.csv"


@contextmanager
def simulated(
    records: Records,
    chosen: random.Random,
    year: int,
    topics: dict[str, list[tuple[str, str, str]]],
    progress: Progress,
) -> Iterator[Stage]:
    """Let the database take its time from the stage, one second more with each look."""
    stage = Stage(records, Cast(records), chosen, year, topics, progress)
    real = records.database.clock

    def clock() -> datetime:
        stage.now += timedelta(seconds=1)
        return stage.now

    records.database.clock = clock
    try:
        yield stage
    finally:
        records.database.clock = real
