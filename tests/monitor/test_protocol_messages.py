"""The words of what listeners refuse."""

from __future__ import annotations

import re
from pathlib import Path

from tests.sharing import read_yaml

from tanlu.core.messages import catalogue
from tanlu.monitor import tending


def test_every_reason_of_a_refusal_has_its_words_and_no_words_are_left_over() -> None:
    source = Path(tending.__file__).parent
    text = "\n".join(path.read_text(encoding="utf-8") for path in source.rglob("*.py"))
    used = set(re.findall(r'Refusal\(\s*"([a-z0-9_]+)"', text))
    assert used == {key.removeprefix("aside.") for key in catalogue() if key.startswith("aside.")}
    problems = {key for key in re.findall(r'"(monitor_[a-z0-9_]+)"', text) if f"problem.{key}" in catalogue()}
    own = read_yaml(source.parent / "messages" / "monitor_protocols.yaml")
    assert {f"problem.{key}" for key in problems} >= {key for key in own if key.startswith("problem.")}
