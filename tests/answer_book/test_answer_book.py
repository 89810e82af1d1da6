"""Published worked examples, computed by the methods and factors of the rulebook they were printed for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.answer_book.book import KEYS, OPTIONAL, answers, cases

CASES = cases()


@pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])
def test_a_published_example_comes_out_as_printed(case: dict[str, Any]) -> None:
    for answer in answers(case):
        assert answer.holds, f"{case['id']}: {answer}"


def test_the_book_has_at_least_sixty_cases_each_with_its_own_name() -> None:
    names = [c["id"] for c in CASES]
    assert len(names) == len(set(names)) and len(names) >= 60


@pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])
def test_a_case_says_where_it_was_printed(case: dict[str, Any]) -> None:
    keys = set(case) - {"file"}
    assert keys >= KEYS and keys <= KEYS | OPTIONAL, keys
    assert case["title"]["zh"] and case["title"]["en"]
    assert case["source"]["document"] and case["source"]["locator"]
    for expected in case["expect"]:
        # a tolerance is the precision of the print, not a way to pass
        assert float(expected["within"]) <= 0.02 * abs(float(expected["value"])) or case.get("note"), expected
