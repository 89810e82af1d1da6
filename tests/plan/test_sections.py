"""Sections of the plan are named in the language of the reader."""

from __future__ import annotations

import re

import pytest

from tanlu.core.province import province_folder
from tanlu.plan import load_plan
from tanlu.plan.sections import numeral, section_text


@pytest.mark.parametrize(
    ("source", "zh", "en"),
    [
        ("Title, L3", "标题，第3行", "Title, line 3"),
        ("I(3) Goals, L29", "一（三）主要目标，第29行", "I(3) Goals, line 29"),
        ("Action 10, L217", "行动十，第217行", "Action 10, line 217"),
        ("Box 1, L53; Action 1, L35", "专栏1，第53行；行动一，第35行", "Box 1, line 53; Action 1, line 35"),
        ("Safeguard 3, L241", "保障措施（三），第241行", "Safeguard 3, line 241"),
    ],
)
def test_a_section_is_named_in_both_languages(source: str, zh: str, en: str) -> None:
    assert (section_text(source, "zh"), section_text(source, "en")) == (zh, en)


@pytest.mark.parametrize("source", ["Annex 4, L2", "page 7", "Box 1"])
def test_a_section_in_another_notation_stands_as_it_is(source: str) -> None:
    assert section_text(source, "zh") == section_text(source, "en") == source


def test_every_section_of_the_shipped_plan_has_a_chinese_name() -> None:
    plan = load_plan(province_folder("hunan"))
    records = (*plan.technologies(), *plan.targets(), *plan.mechanisms(), *plan.systems(), *plan.actions())
    assert not [r.id for r in records if re.search("[A-Za-z]", r.section("zh"))]
    assert not [r.id for r in records if re.search("[\u3000-\u9fff\uff00-\uffef]", r.section("en"))]


@pytest.mark.parametrize(("number", "text"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (99, "九十九")])
def test_numbers_in_chinese_numerals(number: int, text: str) -> None:
    assert numeral(number) == text


@pytest.mark.parametrize("number", [0, 100])
def test_a_numeral_out_of_range_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match=str(number)):
        numeral(number)
