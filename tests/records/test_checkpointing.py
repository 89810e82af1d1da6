"""Checkpoints that are signed while a portal runs: only when the log has grown, a last one at the end, and a fork is told."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tanlu.core.errors import DataError
from tanlu.records import Records, register_person
from tanlu.records.checkpointing import EVERY, CheckpointTimer, publish_grown
from tanlu.records.log.tree import Frontier
from tanlu.records.place import read_settings


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    (tmp_path / "tanlu.toml").write_text('province = "hunan"\n[records]\ncheckpoint_seconds = 60\n', encoding="utf-8")
    opened = Records.open(tmp_path)
    yield opened
    opened.close()


def write(records: Records) -> None:
    with records.database.change("system", "person.register", "person") as change:
        register_person(change, zh="某人")


def test_a_checkpoint_is_signed_when_the_log_has_grown(records: Records) -> None:
    assert publish_grown(records.log) is None, "nothing is recorded yet"
    write(records)
    made = publish_grown(records.log)
    assert made is not None
    assert made.size == 1
    assert publish_grown(records.log) is None


def test_the_timer_looks_again_and_again_and_once_more_at_the_end(records: Records) -> None:
    seen = []

    def wait(seconds: float) -> bool:
        checkpoint = records.log.checkpoint()
        seen.append((seconds, checkpoint.size if checkpoint else 0))
        write(records)
        return len(seen) == 3

    CheckpointTimer(records.log, 60, wait).run()
    last = records.log.checkpoint()
    assert seen == [(60, 0), (60, 1), (60, 2)]
    assert last is not None
    assert last.size == 3


def test_a_thread_that_is_stopped_signs_what_came_last(records: Records) -> None:
    timer = CheckpointTimer(records.log, 3600)
    timer.start()
    write(records)
    timer.stop()
    last = records.log.checkpoint()
    assert last is not None
    assert last.size == 1


def test_a_database_that_was_cut_is_told_and_nothing_is_signed(
    records: Records, caplog: pytest.LogCaptureFixture
) -> None:
    write(records)
    write(records)
    publish_grown(records.log)
    before = records.log.checkpoint_text()
    short = Frontier()
    short.append(bytes(32))
    records.database.size = lambda: short.size  # type: ignore[method-assign]
    records.database.frontier = lambda: short  # type: ignore[method-assign]
    with caplog.at_level(logging.ERROR, "tanlu.records"):
        CheckpointTimer(records.log, 60, lambda seconds: True).run()
    assert "checkpoint" in caplog.text
    assert records.log.checkpoint_text() == before


def test_the_time_between_two_stands_in_the_configuration(records: Records, tmp_path: Path) -> None:
    assert records.settings.checkpoint_seconds == 60
    assert EVERY == 600
    (tmp_path / "tanlu.toml").write_text(
        'province = "hunan"\n[records]\ncheckpoint_seconds = "often"\n', encoding="utf-8"
    )
    with pytest.raises(DataError, match="checkpoint_seconds"):
        read_settings(tmp_path)
