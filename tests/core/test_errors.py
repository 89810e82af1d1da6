"""Problems and notices in both languages, and the exception that carries them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tanlu.core.errors import DataError, Notice, Problem
from tanlu.core.messages import catalogue, translate


def test_a_problem_says_place_fault_and_mend_in_both_languages() -> None:
    problem = Problem("below_minimum", "a.csv", 12, "area", "-3", {"minimum": "0"})
    assert problem.text("en") == "a.csv:12 [area]: -3 is below the minimum 0 → check value, sign and unit"
    assert problem.text("zh") == "a.csv:12 [area]: -3 小于允许的最小值 0 → 核对数值、符号和单位"
    assert problem.text() == problem.text("zh")


def test_a_record_has_the_same_words() -> None:
    problem = Problem("duplicate", "a.csv", 5, "key", "x", {"first": 2})
    record = problem.as_record("en")
    assert (record["file"], record["row"], record["field"], record["value"]) == ("a.csv", 5, "key", "x")
    assert problem.text("en").endswith(f"{record['problem']} → {record['mend']}")


def test_an_error_carries_every_problem_and_prints_them() -> None:
    problems = [Problem("missing_file", "a.csv"), Problem("empty", "b.csv", 3, "year")]
    error = DataError(iter(problems))
    assert error.problems == tuple(problems)
    assert str(error).splitlines() == [p.text("en") for p in problems]


def test_a_notice_is_one_line_in_both_languages() -> None:
    notice = Notice("gb18030", "a.csv")
    assert notice.text("en").startswith("a.csv: ") and "GB 18030" in notice.text("zh")


def test_an_unknown_code_is_a_fault_of_the_program() -> None:
    with pytest.raises(KeyError):
        Problem("no_such_problem", "a.csv").text("en")
    with pytest.raises(KeyError):
        translate("problem.empty", "fr", field="x")


def test_every_code_in_the_program_has_its_texts() -> None:
    """Codes are read from the source: ``Problem("code"``, ``Notice("code"`` and the reader's ``report("code"``."""
    root = Path(__file__).parents[2] / "src" / "tanlu"
    text = "\n".join(p.read_text(encoding="utf-8") for p in root.rglob("*.py"))
    reader = (root / "core" / "tables.py").read_text(encoding="utf-8")
    problems = set(re.findall(r"""Problem\(\s*["']([a-z_0-9]+)["']""", text))
    problems |= set(re.findall(r"""report\(\s*["']([a-z_0-9]+)["']""", reader))
    notices = set(re.findall(r"""Notice\(\s*["']([a-z_0-9]+)["']""", text))
    assert {"not_a_number", "duplicate", "missing_file"} <= problems and "gb18030" in notices
    wanted = {f"{kind}.{code}" for code in problems for kind in ("problem", "mend")} | {f"notice.{c}" for c in notices}
    assert sorted(wanted - catalogue().keys()) == []
