"""No node of a run mixes languages: a reader of Chinese meets no English phrase, a reader of English no Chinese."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

HAN = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
ADDRESS = re.compile(r"[\w-]+(?:[./][\w-]+)+", re.ASCII)
WORD = re.compile(r"[A-Z][\w-]*[a-z]{2,}[\w-]*|[A-Za-z]*[a-z]{2,}[\w-]*", re.ASCII)
NAMES = {
    "CCUS", "CEADs", "GCAM-China", "Guan", "Hao", "Kendall", "Mann", "McDonald", "OpenAMEE", "OpenClimate", "Protocol",
    "PyPSA-China-PIK", "Rutovitz", "Schrattenholzer", "Sen", "Shan", "Shapley", "Sobol", "Stage", "Zhu", "atm", "bonsai_ipcc",
    "chinatracker", "kg", "kgce", "kt", "mrremind", "pega", "technology-data",
}  # fmt: skip
"""Proper names and symbols that have no Chinese form."""


@pytest.fixture(scope="module")
def nodes(run_folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((run_folder / "lineage.json").read_text(encoding="utf-8"))["nodes"]
    return found


def test_chinese_labels_and_notes_hold_chinese_words_only(nodes: list[dict[str, Any]]) -> None:
    faulty = []
    for node in nodes:
        for text in (node["zh"], node.get("note_zh", "")):
            words = set(WORD.findall(ADDRESS.sub("", text))) - NAMES
            if words or (re.search("[A-Za-z]{2}", text) and not HAN.search(text) and text not in NAMES):
                faulty.append((node["id"], text, sorted(words)))
    assert faulty == []


def test_english_labels_and_notes_hold_no_chinese(nodes: list[dict[str, Any]]) -> None:
    assert [(n["id"], text) for n in nodes for text in (n["en"], n.get("note_en", "")) if HAN.search(text)] == []


def test_a_note_is_there_in_both_languages_or_in_none(nodes: list[dict[str, Any]]) -> None:
    assert [n["id"] for n in nodes if bool(n.get("note_zh")) != bool(n.get("note_en"))] == []
