"""The portal holds what it needs: not every run that was ever asked for, and no page that was sent."""

from __future__ import annotations

import gc
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Lock

import pytest
from fastapi.testclient import TestClient
from jinja2.runtime import Context

from tanlu.core.collector import collector_paused
from tanlu.portal import create_app
from tanlu.portal.app import THREADS
from tanlu.portal.service import runs as held


def test_only_the_runs_asked_for_last_are_held(
    synthetic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("a", "b")
    for name in names:
        shutil.copytree(synthetic / "results" / "latest", tmp_path / "results" / name)
    monkeypatch.setattr(held, "RUNS_KEPT", 1)
    runs = held.Workspace(tmp_path)
    first = runs.results("a")
    assert runs.results("a") is first
    runs.results("b")
    assert runs.results("a") is not first


@pytest.mark.parametrize("page", ["/uncertainty", "/docs"])
def test_what_a_page_with_macros_of_its_own_was_made_of_is_free_without_the_collector(
    synthetic: Path, page: str
) -> None:
    """The macros of a template and what they see hold each other."""
    with collector_paused():
        answer = TestClient(create_app(synthetic)).get(page)
        assert answer.status_code == 200
        held = [c for c in gc.get_objects() if isinstance(c, Context) and c.name == f"{page[1:]}.html" and c.parent]
    assert held == []


def test_no_more_pages_are_made_at_once_than_there_is_room_for(synthetic: Path) -> None:
    app, at_once, most, lock, room = create_app(synthetic), 0, 0, Lock(), Barrier(THREADS, timeout=60)

    @app.get("/slow/{number}")
    def slow(number: int) -> int:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        # none goes on before as many are here as there is room for
        room.wait()
        with lock:
            at_once -= 1
        return number

    visitors = 3 * THREADS
    with TestClient(app) as client, ThreadPoolExecutor(visitors) as asking:
        answers = list(asking.map(lambda number: client.get(f"/slow/{number}").json(), range(visitors)))
    assert answers == list(range(visitors))
    assert most == THREADS
