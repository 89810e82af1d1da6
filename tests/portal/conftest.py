"""The synthetic run behind a test client, and behind a real server with a real browser."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient
from tests.portal.browsing import Visit, context

from tanlu.portal import create_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext


@pytest.fixture(scope="session")
def client(synthetic: Path) -> TestClient:
    """The portal in this process."""
    return TestClient(create_app(synthetic))


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


@pytest.fixture(scope="module")
def desk_context(browser: Browser) -> Iterator[BrowserContext]:
    with context(browser, 1440, 900) as made:
        yield made


@pytest.fixture(scope="module")
def phone_context(browser: Browser) -> Iterator[BrowserContext]:
    with context(browser, 390, 844) as made:
        yield made


@pytest.fixture
def desk(desk_context: BrowserContext, address: str) -> Iterator[Visit]:
    """A tab of a desk screen."""
    visit = Visit(desk_context, address)
    yield visit
    visit.tab.close()


@pytest.fixture
def phone(phone_context: BrowserContext, address: str) -> Iterator[Visit]:
    """A tab of a telephone."""
    visit = Visit(phone_context, address)
    yield visit
    visit.tab.close()
