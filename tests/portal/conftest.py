"""The synthetic run behind a test client, and behind a real server with a real browser."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient
from tests.portal.browsing import Visit, context
from tests.records.conftest import no_waiting_for_the_disk, postgresql, quick_hashes

from tanlu.portal import create_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["no_waiting_for_the_disk", "postgresql", "quick_hashes"]


@pytest.fixture(scope="session")
def client(synthetic: Path) -> TestClient:
    """The portal in this process."""
    return TestClient(create_app(synthetic))


@pytest.fixture(scope="session")
def status(client: TestClient) -> Callable[[str], int]:
    """The status of an address of that portal, asked for once: pages share most of their links.

    A visitor of its own: among the links is the one that changes the theme, which is kept.
    """
    visitor = TestClient(client.app)
    return cache(lambda path: visitor.get(path).status_code)


@pytest.fixture(scope="session")
def address(synthetic: Path) -> Iterator[str]:
    """Address of one server for the session, on a free port of this machine."""
    with serving(synthetic) as found:
        yield found


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A server of a workspace on a free port of this machine, by its address."""
    import uvicorn

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(folder), host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    # the first start packs the script of the charts; a server that has failed is not waited for
    deadline = time.monotonic() + 180
    while not server.started and thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert server.started, "the portal did not start"
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def desk_tab(browser: Browser, address: str) -> Iterator[Visit]:
    """One tab for all tests: a window of its own costs Chromium more than the page in it."""
    with context(browser, 1440, 900) as made:
        yield Visit(made, address)


@pytest.fixture(scope="session")
def phone_tab(browser: Browser, address: str) -> Iterator[Visit]:
    with context(browser, 390, 844) as made:
        yield Visit(made, address)


@pytest.fixture
def desk(desk_tab: Visit) -> Visit:
    """An empty tab of a desk screen."""
    desk_tab.begin()
    return desk_tab


@pytest.fixture
def phone(phone_tab: Visit) -> Visit:
    """An empty tab of a telephone."""
    phone_tab.begin()
    return phone_tab
