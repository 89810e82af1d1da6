"""``tanlu account prefecture`` and ``tanlu account compare``: both languages, JSON, answers to bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tanlu.commands.account import app


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_prefecture_prints_rows_total_and_what_is_missing_in_both_languages() -> None:
    chinese = invoke("prefecture", "长沙", "--year", "2015", "--lang", "zh")
    english = invoke("prefecture", "changsha", "--year", "2015", "--lang", "en")
    assert chinese.exit_code == english.exit_code == 0
    assert "长沙市" in chinese.output and "未分摊" in chinese.output and "外部清单" in chinese.output
    assert (
        "Changsha" in english.output and "no prefecture has" in english.output and "outside inventory" in english.output
    )


def test_prefecture_as_json_has_intervals_and_proxies() -> None:
    found = json.loads(invoke("prefecture", "loudi", "--year", "2022", "--gwp", "AR6", "--json").output)
    assert found["region"] == "hunan/loudi" and found["gwp"] == "AR6"
    total = found["total"]
    assert total["low"] < total["value"] < total["high"]
    assert {r["status"] for r in found["rows"]} == {"allocated"}
    assert all(r["proxy"] and r["low"] <= r["value"] <= r["high"] and r["grade"] == "D" for r in found["rows"])
    assert "1.A.2.a" in {r["category"] for r in found["unallocated"]}
    assert found["outside"] is None


@pytest.mark.parametrize(
    "arguments",
    [
        ("none",),
        ("changsha", "--year", "1900"),
        ("changsha", "--gwp", "AR9"),
        ("changsha", "--gwp", "cn-province-2025"),
        ("changsha", "--lang", "fr"),
    ],
)
def test_bad_requests_for_a_prefecture_are_answered(arguments: tuple[str, ...]) -> None:
    done = invoke("prefecture", *arguments)
    assert done.exit_code == 2 and "Traceback" not in done.output


def test_compare_tells_totals_and_counts_in_both_languages(workspace: Path) -> None:
    chinese = invoke("compare", str(workspace), str(workspace), "--lang", "zh")
    english = invoke("compare", str(workspace), str(workspace), "--lang", "en", "--gwp", "AR6")
    assert chinese.exit_code == english.exit_code == 0
    assert "0 行变化" in chinese.output and "0 of" in english.output


def test_compare_as_json(workspace: Path) -> None:
    found = json.loads(invoke("compare", str(workspace), str(workspace), "--json").output)
    assert found["changed"] == 0 and found["difference"] == 0 and len(found["years"]) == 20


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_what_cannot_be_compared_is_answered(tmp_path: Path, more: tuple[str, ...]) -> None:
    done = invoke("compare", str(tmp_path), str(tmp_path), "--lang", "en", *more)
    assert done.exit_code == 2 and "no inventory to compare" in done.output


def test_an_unknown_gwp_set_is_answered(workspace: Path) -> None:
    done = invoke("compare", str(workspace), str(workspace), "--gwp", "AR9", "--lang", "en")
    assert done.exit_code == 2 and "AR9" in done.output
