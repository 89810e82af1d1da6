"""Pages that are made once a second: for whom, for how long, and what ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from tanlu.portal.platform.page_cache import LARGEST, LINGER, PAGES, SECONDS, PageCache

HTML = [(b"content-type", b"text/html; charset=utf-8")]


class Portal:
    """Answers with the number of the answer, behind a cache; its clock and its run are set by the test."""

    def __init__(self) -> None:
        self.made, self.now, self.run = 0, 100.0, "a"
        self.headers, self.status, self.size = list(HTML), 200, 0
        self.hold: Callable[[], Awaitable[object]] | None = None
        self.cache = PageCache(self.answer, lambda: self.run, clock=lambda: self.now)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.made += 1
        number = self.made
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        if self.hold is not None:
            await self.hold()
        await send({"type": "http.response.body", "body": b"%d" % number + b" " * self.size, "more_body": True})
        await send({"type": "http.response.body", "body": b".", "more_body": False})

    async def ask(self, path: str = "/", method: str = "GET", query: bytes = b"", **headers: str) -> str:
        """Return the body of an answer."""
        sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        scope: dict[str, Any] = {
            "type": "http", "method": method, "path": path, "query_string": query, "headers": sent
        }  # fmt: skip
        parts: list[bytes] = []

        async def receive() -> Message:
            return {"type": "http.request"}

        async def send(message: Message) -> None:
            parts.append(message.get("body", b""))

        await self.cache(scope, receive, send)
        return b"".join(parts).decode().replace(" ", "")


def played(scene: Callable[[Portal], Awaitable[None]]) -> None:
    """Play a scene in a thread of its own: where a browser is open, this one has a loop that runs."""

    async def play() -> None:
        await scene(Portal())

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, play()).result(60)


def test_a_page_is_made_once_a_second() -> None:
    async def scene(portal: Portal) -> None:
        assert [await portal.ask() for _ in range(3)] == ["1."] * 3
        portal.now += 0.99
        assert await portal.ask() == "1."
        portal.now += SECONDS + LINGER
        assert await portal.ask() == "2."

    played(scene)


def test_a_page_that_is_asked_for_often_is_sent_while_it_is_made_anew() -> None:
    async def scene(portal: Portal) -> None:
        goes_on = asyncio.Event()
        assert await portal.ask() == "1."
        portal.now, portal.hold = portal.now + 1.01, goes_on.wait
        assert [await portal.ask() for _ in range(3)] == ["1."] * 3
        goes_on.set()
        while portal.cache._renewing:
            await asyncio.sleep(0)
        assert await portal.ask() == "2."
        assert portal.made == 2

    played(scene)


def test_what_goes_wrong_while_a_page_is_made_anew_is_met_by_who_waits_for_it() -> None:
    async def scene(portal: Portal) -> None:
        async def fail() -> None:
            raise OSError

        assert await portal.ask() == "1."
        portal.now, portal.hold = portal.now + 1.01, fail
        assert await portal.ask() == "1."
        while portal.cache._renewing:
            await asyncio.sleep(0)
        portal.now += LINGER
        with pytest.raises(OSError):
            await portal.ask()

    played(scene)


def test_other_addresses_hosts_themes_and_packings_are_other_pages() -> None:
    async def scene(portal: Portal) -> None:
        asked = [
            {}, {"path": "/en"}, {"query": b"run=a"}, {"host": "other"}, {"accept_encoding": "gzip"}, {"cookie": "tanlu_theme=dark"},
        ]  # fmt: skip
        first = [await portal.ask(**how) for how in asked]  # type: ignore[arg-type]
        assert len(set(first)) == len(asked)
        assert [await portal.ask(**how) for how in asked] == first  # type: ignore[arg-type]
        assert await portal.ask(cookie="tanlu-form=x; tanlu_theme=dark") == first[-1]

    played(scene)


@pytest.mark.parametrize(
    "how",
    [
        {"cookie": "tanlu-session=x"}, {"cookie": "tanlu_theme=dark; other=1"}, {"authorization": "Bearer x"}, {"range": "bytes=0-"},
        {"path": "/api/v1/runs"}, {"method": "HEAD"},
    ],
)  # fmt: skip
def test_who_is_known_and_what_is_no_page_is_answered_each_time(how: dict[str, str]) -> None:
    async def scene(portal: Portal) -> None:
        assert [await portal.ask(**how) for _ in range(2)] == ["1.", "2."]  # type: ignore[arg-type]

    played(scene)


@pytest.mark.parametrize(
    "change",
    [
        {"headers": [*HTML, (b"set-cookie", b"tanlu-form=x")]}, {"headers": [*HTML, (b"cache-control", b"no-store")]},
        {"headers": [*HTML, (b"cache-control", b"private, no-cache")]}, {"headers": [(b"content-type", b"text/event-stream")]},
        {"status": 404}, {"size": LARGEST},
    ],
)  # fmt: skip
def test_an_answer_that_is_of_one_visitor_or_no_whole_page_is_not_kept(change: dict[str, Any]) -> None:
    async def scene(portal: Portal) -> None:
        vars(portal).update(change)
        assert [await portal.ask() for _ in range(2)] == ["1.", "2."]

    played(scene)


def test_something_sent_and_another_run_end_what_is_kept() -> None:
    async def scene(portal: Portal) -> None:
        assert await portal.ask() == "1."
        await portal.ask("/account", "POST")
        assert await portal.ask() == "3."
        portal.run = "b"
        assert await portal.ask() == "4."

    played(scene)


def test_what_was_being_made_when_something_was_sent_is_not_kept() -> None:
    async def scene(portal: Portal) -> None:
        goes_on = asyncio.Event()
        portal.hold = goes_on.wait
        asking = asyncio.create_task(portal.ask())
        await asyncio.sleep(0)
        portal.hold = None
        await portal.ask("/account", "POST")
        goes_on.set()
        assert (await asking, await portal.ask()) == ("1.", "3.")

    played(scene)


def test_visitors_who_ask_at_once_share_a_page_and_a_stream_holds_nobody_up() -> None:
    async def scene(portal: Portal) -> None:
        goes_on = asyncio.Event()
        portal.hold = goes_on.wait
        asking = [asyncio.create_task(portal.ask()) for _ in range(20)]
        await asyncio.sleep(0)
        goes_on.set()
        assert await asyncio.gather(*asking) == ["1."] * 20
        never = asyncio.Event()
        portal.hold, portal.headers = never.wait, [(b"content-type", b"text/event-stream")]
        streams = [asyncio.create_task(portal.ask("/stream")) for _ in range(3)]
        while portal.made < 4:
            await asyncio.sleep(0)
        for stream in streams:
            stream.cancel()
        await asyncio.gather(*streams, return_exceptions=True)
        portal.hold, portal.headers = None, list(HTML)
        assert await portal.ask("/stream") == "5."

    played(scene)


def test_a_page_that_fails_is_made_by_the_next_who_asks() -> None:
    async def scene(portal: Portal) -> None:
        async def fail() -> None:
            raise OSError

        portal.hold = fail
        with pytest.raises(OSError):
            await portal.ask()
        portal.hold = None
        assert await portal.ask() == "2."

    played(scene)


def test_the_number_of_pages_is_bounded() -> None:
    async def scene(portal: Portal) -> None:
        for number in range(PAGES + 1):
            await portal.ask(f"/{number}")
        assert await portal.ask(f"/{PAGES}") == f"{PAGES + 1}."
        assert await portal.ask("/0") == f"{PAGES + 2}."

    played(scene)
