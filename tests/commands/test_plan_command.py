"""What a user sees of ``tanlu plan``."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tanlu.commands.plan import app

HUNAN = Path(__file__).parents[2] / "src" / "tanlu" / "provinces" / "hunan"


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result.output


def test_check_prints_counts_and_gaps_in_both_languages() -> None:
    chinese, english = run("check"), run("check", "--lang", "en")
    assert "512 条技术" in chinese and "73 项目标" in chinese and "没有省内模型项的技术 20 条" in chinese
    assert "512 technology rows" in english and "20 technologies without a model term" in english
    assert json.loads(run("check", "--json"))["technologies"] == 512


def test_technologies_of_action_2_that_abate_process_co2_are_listed() -> None:
    found = json.loads(
        run("list", "technologies", "--action", "A02", "--abates", "process_co2", "--distinct", "--json")
    )
    assert {"T02-033", "T02-K09"} <= {t["id"] for t in found}
    assert all("process_co2" in t["abates"] and t["action"] == "A02" for t in found)
    assert "工业废渣原料或混合材" in run("list", "technologies", "--action", "A02", "--abates", "process_co2")


def test_targets_due_2025_are_listed() -> None:
    text = run("list", "targets", "--due", "2025", "--lang", "en")
    assert "TG02" in text and "-14 %" in text and "TG12" not in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("systems", "--target", "TG02", "--tier", "loop_backbone"), ("SYS106", "闭环主干")),
        (("mechanisms", "--kind", "fund"), ("基金",)),
        (("actions",), ("A10", "D01-3 先进储能技术")),
    ],
)
def test_other_lists_are_printed_with_chinese_words(arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    text = run("list", *arguments)
    assert all(word in text for word in words)


def test_show_names_what_a_record_points_at() -> None:
    text = run("show", "SYS106", "--lang", "en")
    assert "TG02 energy intensity of GDP down 14% by 2025" in text
    assert json.loads(run("show", "T01-K02", "--json"))["hook"] == "storage:portfolio"


def test_an_unknown_word_or_id_is_answered_with_the_known_ones() -> None:
    assert "low, zero, negative, enabling" in run("list", "technologies", "--role", "green", code=2)
    assert "TG69" in run("show", "TG99", code=2)


def test_a_broken_folder_ends_with_every_problem_and_code_2(tmp_path: Path) -> None:
    shutil.copytree(HUNAN / "plan", tmp_path / "plan")
    shutil.copy(HUNAN / "province.yaml", tmp_path)
    targets = tmp_path / "plan" / "targets.yaml"
    text = targets.read_text(encoding="utf-8").replace("deadline: 2025", "deadline: soon", 1)
    targets.write_text(text.replace("operator: increase", "operator: up", 1), encoding="utf-8")
    problems = json.loads(run("check", "--province", str(tmp_path), "--json", "--lang", "en", code=2))["problems"]
    assert {p["field"] for p in problems} == {"TG02.deadline", "TG05.operator"}
    assert all(p["row"] and p["mend"] for p in problems)
