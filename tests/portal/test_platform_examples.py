"""The examples of the API do against a running server what they say."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from tests.results_fixture import SECTORS, YEARS

ROOT = Path(__file__).parents[2]


def example(path: str) -> dict[str, Any]:
    return runpy.run_path(str(ROOT / path))


def test_lists_are_read_over_all_pages(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = example("examples/python/read_lists.py")
    found["main"](address)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[: len(YEARS)]] == [str(y) for y in YEARS]
    whole = [r["id"] for r in found["rows"](address, "sectors")]
    pages = [r["id"] for r in found["rows"](address, "sectors", limit=7)]
    assert whole == pages and len(whole) >= len(SECTORS) * len(YEARS)


def test_what_is_known_is_not_sent_again(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    example("examples/python/ask_again.py")["main"](address)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("200 ") and second == "304 0 bytes"


def test_a_receiver_knows_genuine_messages() -> None:
    """Test vector of the reference libraries of Standard Webhooks."""
    genuine = example("examples/python/receive_webhooks.py")["genuine"]
    said = (
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    )  # fmt: skip
    assert genuine(*said, b'{"test": 2432232314}', 1614265331.0)
    assert not genuine(*said, b'{"test": 2432232315}', 1614265331.0)
    assert not genuine(*said, b'{"test": 2432232314}', 1614265931.0)


def test_the_workbook_holds_the_totals_and_the_query(address: str, tmp_path: Path) -> None:
    example("tools/excel_example.py")["make"](address, tmp_path / "totals.xlsx")
    book = load_workbook(tmp_path / "totals.xlsx")
    head, *rows = book["totals"].iter_rows(values_only=True)
    year, value = head.index("year"), head.index("value")
    assert [r[year] for r in rows] == list(YEARS)
    assert rows[-1][value] > 0
    text = "\n".join(str(r[0] or "") for r in book["query"].iter_rows(values_only=True))
    assert address in text and "Csv.Document" in text
