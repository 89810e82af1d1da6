"""Pages with forms are kept alike for everybody, and each visitor gets a token of their own."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from tanlu.portal import create_app
from tanlu.portal.session.forgery import COOKIE, FIELD, STAND_IN
from tanlu.portal.session.form_filling import FormPage

HIDDEN = re.compile(rf'name="{FIELD}" value="([^"]+)"')


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder: Path = tmp_path_factory.mktemp("empty")
    with TestClient(create_app(folder), base_url="http://localhost") as client:
        yield client


@given(st.lists(st.binary(max_size=3000), min_size=1, max_size=5), st.binary(min_size=1, max_size=70))
def test_a_packed_page_is_the_page_with_the_token_for_every_reader_of_gzip(texts: list[bytes], token: bytes) -> None:
    page = FormPage(STAND_IN.encode().join(texts))
    for given_token in (token, token[::-1]):
        wanted = given_token.join(texts)
        assert page.filled(given_token) == wanted
        assert gzip.decompress(page.packed(given_token)) == wanted
        # one member and nothing after it: browsers read no second one
        reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
        assert (reader.decompress(page.packed(given_token)), reader.eof, reader.unused_data) == (wanted, True, b"")


@pytest.mark.parametrize("packing", ["gzip", "identity"])
def test_each_visitor_gets_a_token_of_their_own_on_a_page_that_is_made_once(portal: TestClient, packing: str) -> None:
    portal.cookies.clear()
    answers = []
    for _ in range(2):
        portal.cookies.clear()
        answers.append(portal.get("/account", headers={"accept-encoding": packing}))
    pages = [HIDDEN.findall(a.text) for a in answers]
    assert pages[0] and len({*pages[0], *pages[1]}) == 2
    assert answers[0].text.replace(pages[0][0], "") == answers[1].text.replace(pages[1][0], "")
    for answer in answers:
        assert STAND_IN not in answer.text and "x-tanlu-form" not in answer.headers
        assert answer.headers["cache-control"] == "no-store" and COOKIE in answer.headers["set-cookie"]
        assert "accept-encoding" in answer.headers["vary"].lower()
        assert answer.headers.get("content-encoding", "identity") == packing


def test_who_has_the_cookie_keeps_number_and_token(portal: TestClient) -> None:
    portal.cookies.clear()
    first = HIDDEN.findall(portal.get("/account").text)
    nonce = portal.cookies[COOKIE]
    assert (HIDDEN.findall(portal.get("/account?gwp=AR6").text), portal.cookies[COOKIE]) == (first, nonce)


def test_a_token_of_another_visitor_is_refused(portal: TestClient) -> None:
    portal.cookies.clear()
    other = HIDDEN.findall(portal.get("/account").text)[0]
    portal.cookies.clear()
    own = HIDDEN.findall(portal.get("/account").text)[0]
    files = {"what": (None, "example")}
    assert portal.post("/account", files={**files, FIELD: (None, other)}).status_code == 403
    assert portal.post("/account", files={**files, FIELD: (None, own)}).status_code != 403
    assert portal.post("/account", files={**files, FIELD: (None, STAND_IN)}).status_code == 403
