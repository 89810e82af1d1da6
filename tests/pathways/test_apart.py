"""The model in a process of its own says what it says here; without that process it is computed here."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tanlu.core.errors import DataError
from tanlu.pathways import apart
from tanlu.pathways.apart import ADDRESS, Apart, Asked, GoneError, RemoteModel, model_of, wedges_of
from tanlu.pathways.scenario_files import Setting
from tanlu.pathways.simulation import first_province, load_model

DRAWS, SEED = 64, 3


@pytest.fixture(scope="module")
def remote() -> Iterator[RemoteModel]:
    beside = Apart()
    found = model_of(first_province())
    assert isinstance(found, RemoteModel)
    yield found
    beside.end()
    assert ADDRESS not in os.environ


def setting() -> Setting:
    model = load_model()
    return Setting(next(iter(model.data.worlds)), model.data.growth[0].case)


def test_what_another_process_computes_is_what_is_computed_here(remote: RemoteModel) -> None:
    here, wanted = load_model(), setting()
    run, mine = remote.central(wanted), here.central(wanted)
    assert np.array_equal(run.total, mine.total)
    (one, paths), (two, own) = remote.scenario(wanted, DRAWS, SEED), here.scenario(wanted, DRAWS, SEED)
    assert one.chance == two.chance
    for name, values in own.items():
        # the last digits follow where arrays lie in memory
        np.testing.assert_allclose(paths[name], values, rtol=1e-12)
    effects, expected = remote.effects(wanted, run), here.effects(wanted, mine)
    assert expected is not None and np.array_equal(effects.masses, expected.masses)
    found, also = wedges_of(remote, wanted), wedges_of(here, wanted)
    assert all(np.array_equal(found.values[k], also.values[k]) for k in also.values)


def test_what_is_wrong_is_told_as_here(remote: RemoteModel) -> None:
    wrong = Setting("no such world", setting().growth)
    with pytest.raises(DataError) as here:
        load_model().central(wrong)
    with pytest.raises(DataError) as there:
        remote.central(wrong)
    assert here.value.problems == there.value.problems


def test_what_comes_back_is_unpacked_without_the_compiler() -> None:
    """A process that serves pages would hold 120 MB of compiler to read the draws of another."""
    assert b"tanlu.pathways.kernel" not in pickle.dumps(load_model().scenario(setting(), DRAWS, SEED))


def test_who_does_not_know_the_key_is_refused(remote: RemoteModel) -> None:
    assert remote.asked is not None
    with pytest.raises(GoneError):
        Asked(remote.asked.address, b"another").ask(remote.name, "central", setting())
    assert remote.central(setting()) is not None


def test_without_the_process_it_is_computed_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(apart, "PATIENCE", 0.0)
    monkeypatch.setenv(ADDRESS, f"00 {tmp_path / 'nobody'}")
    alone = model_of(first_province())
    assert isinstance(alone, RemoteModel)
    assert np.array_equal(alone.central(setting()).total, load_model().central(setting()).total)


def test_the_process_ends_with_the_program_that_started_it(tmp_path: Path) -> None:
    address = tmp_path / "socket"
    process = subprocess.Popen([sys.executable, "-m", "tanlu.pathways.apart", str(address)], stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(b"00\n")
    process.stdin.flush()
    while not address.exists():
        time.sleep(0.05)
    process.stdin.close()
    assert process.wait(20) == 0
