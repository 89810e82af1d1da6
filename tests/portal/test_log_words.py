"""The log, the rights and the rule book speak in words: each action, right and test has a name in both languages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

from tanlu.core.messages import LANGUAGES, catalogue
from tanlu.records.predicates import TESTS

SOURCE = Path(__file__).parents[2] / "src" / "tanlu"
ACTION = re.compile(r"[a-z]+\.[a-z_]+")
OBJECT = {
    "decision-batch": "decision",
    "change-request": "change",
    "registry-version": "registry",
    "score-run": "score",
    "rule-pack": "rules",
}


def written_actions() -> set[str]:
    """Actions that calls of ``database.change(actor, action, …)`` name."""
    return {
        text.value
        for file in SOURCE.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "change"
        for text in ast.walk(call.args[1] if len(call.args) > 1 else ast.Constant(None))
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and ACTION.fullmatch(text.value)
    }


def steps_of_workflows() -> set[str]:
    """``object.step`` of every workflow: what a step is called in the log."""
    found = set()
    for file in SOURCE.rglob("data/workflows/*.yaml"):
        kind = OBJECT.get(file.stem, file.stem)
        steps = yaml.safe_load(file.read_text(encoding="utf-8"))["transitions"]
        found |= {f"{kind}.{step['id']}" for step in steps}
    return found


def test_every_action_of_the_log_has_words() -> None:
    actions = written_actions() | steps_of_workflows()
    assert len(actions) > 100
    assert sorted(a for a in actions if f"log.action.{a}" not in catalogue()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_test_of_a_rule_has_words(language: str) -> None:
    assert [t for t in TESTS if not catalogue()[f"portal.rules.test.{t}"][language]] == []


def test_every_right_of_the_permission_tables_has_words() -> None:
    tables = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in SOURCE.rglob("permissions.yaml")]
    rights = {right for table in tables for right in table}
    assert len(rights) > 70
    assert sorted(r for r in rights if f"right.{r}" not in catalogue()) == []
