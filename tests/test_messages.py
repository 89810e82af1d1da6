"""The message catalogue: both languages, the same fields, and a mend for every problem."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
import yaml

from tanlu.core.messages import LANGUAGES, catalogue, translate

SOURCE = Path(__file__).parents[1] / "src" / "tanlu"
FILES = sorted((SOURCE / "messages").glob("*.yaml"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_message_has_exactly_both_languages_and_text_in_each() -> None:
    faulty = [
        k for k, m in catalogue().items() if set(m) != set(LANGUAGES) or not all(str(v).strip() for v in m.values())
    ]
    assert faulty == []


def test_both_languages_have_the_same_fields() -> None:
    faulty = {k: m for k, m in catalogue().items() if fields(m["zh"]) != fields(m["en"])}
    assert faulty == {}


def test_no_field_is_nameless() -> None:
    assert [
        k for k, m in catalogue().items() if any(not f or f.isdigit() for f in fields(m["zh"]) | fields(m["en"]))
    ] == []


def test_english_texts_hold_no_chinese_words() -> None:
    """A Chinese word may stand in an English text only where the same word stands in the Chinese one (a name).

    The switch of the language names the other language in that language.
    """
    words = re.compile(r"[\u4e00-\u9fff]+")
    faulty = [k for k, m in catalogue().items() if any(run not in m["zh"] for run in words.findall(m["en"]))]
    assert faulty == ["portal.other_language"]


def test_every_problem_has_a_mend_and_every_mend_a_problem() -> None:
    problems = {k.partition(".")[2] for k in catalogue() if k.startswith("problem.")}
    mends = {k.partition(".")[2] for k in catalogue() if k.startswith("mend.")}
    assert problems == mends and problems


def test_every_method_has_a_name_and_a_rule() -> None:
    keys = {tuple(k.split(".")[1:]) for k in catalogue() if k.startswith("method.")}
    slugs = {k[0] for k in keys}
    assert {(s, part) for s in slugs for part in ("name", "rule")} <= keys


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_no_key_is_written_twice_in_a_file(file: Path) -> None:
    """The YAML reader keeps the last of two equal keys silently; the tree of the text shows both."""
    tree = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    keys = [key.value for key, _ in tree.value]
    assert sorted(k for k in set(keys) if keys.count(k) > 1) == []


def test_a_message_is_filled_in() -> None:
    assert translate("problem.empty", "en", field="year") == "'year' is empty"
    assert CHINESE.search(translate("problem.empty", "zh", field="year"))


def test_a_missing_field_is_an_error_not_a_gap() -> None:
    with pytest.raises(KeyError):
        translate("problem.empty", "en")


def test_marks_between_the_parts_of_a_list_come_from_one_place() -> None:
    choice = re.compile(r"""["'][，、：；（][）"']? ?["']?.{0,12} if \w*lang""")
    texts = (f for kind in ("*.py", "*.html") for f in SOURCE.rglob(kind))
    assert not [str(f) for f in texts if choice.search(f.read_text(encoding="utf-8"))]
    assert choice.search('"，" if language == "zh" else ", "') and choice.search('("（", "）") if language == "zh"')


@pytest.mark.parametrize(
    ("count", "said"), [(1, "1 row"), ("1", "1 row"), (0, "0 rows"), (21, "21 rows"), ("1,001", "1,001 rows")]
)
def test_one_is_singular(count: object, said: str) -> None:
    assert translate("portal.inventory.rows", "en", count=count) == said


def test_words_for_one_and_for_many_are_well_formed() -> None:
    """``str.format`` would fail on a choice of words that the catalogue does not know as one."""
    for key, texts in catalogue().items():
        for name, spec in (
            (n, s) for text in texts.values() for _, n, s, _ in Formatter().parse(text) if s and "|" in s
        ):
            one, many = spec.split("|")
            assert one and many and name, key
