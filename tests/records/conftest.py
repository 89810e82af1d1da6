"""What the tests of the room share."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out ``fsync`` in this process: it guards against a loss of power, which no test can cause."""
    monkeypatch.setattr(os, "fsync", lambda file: None)
