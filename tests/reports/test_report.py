"""The report: one file, both languages, nothing from elsewhere, every part there."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tanlu.charts import Results
from tanlu.core.messages import LANGUAGES
from tanlu.reports import write_report
from tanlu.reports.html import assumptions, grade_shares, inventory_lines


@pytest.fixture(scope="module")
def html(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def part(html: str, language: str) -> str:
    """The part of one language."""
    start = html.index(f'<article class="part part-{language}"')
    return html[start : html.index("</article>", start)]


def test_it_is_one_file_that_asks_for_nothing(html: str) -> None:
    assert "<script" not in html and "<link" not in html and "@import" not in html
    assert not re.findall(r'(?:src|xlink:href|href)="(?!#)[^"]*"', html)
    assert not re.findall(r"url\((?!#)", html)


def test_each_part_is_marked_with_its_language(html: str) -> None:
    assert '<html lang="zh-CN">' in html
    assert 'class="part part-zh" lang="zh-CN"' in html and 'class="part part-en" lang="en"' in html
    shown = re.sub(r"<[^>]+>", " ", part(html, "en"))
    assert not re.search(r"[\u4e00-\u9fff]", shown.replace("合成出版者", ""))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_part_holds_summary_charts_and_tables(html: str, results: Results, language: str) -> None:
    own = part(html, language)
    assert all(line in own for line in results.summary["lines"][language])
    assert own.count("<svg") == 4
    assert own.count("<h2") == 9
    assert all(t.target in own for t in results.scoreboard)
    assert results.manifest.data_hash in own
    assert "NE" in own and "—" in own


def test_ids_are_unique_in_the_file(html: str) -> None:
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_inventory_lines_show_the_last_five_years_and_notation_keys(results: Results) -> None:
    years, lines = inventory_lines(results, "en")
    assert years == (2020, 2021, 2022, 2023, 2024)
    by = {(line.category, line.gas): line for line in lines}
    assert by[("2.B.1", "CO₂")].cells == ("NE",) * 5
    assert by[("1.A.1.a", "CO₂")].cells[-1] == "70,000"


def test_grade_shares_are_by_weight_and_add_up_to_one(results: Results) -> None:
    """Two rows of the last year, 300 kt of grade A and -100 kt of grade D: three quarters and one quarter by absolute weight."""
    one, two, *_ = [r for r in results.inventory if r.year == 2024 and r.gas == "CO2" and r.value is not None]
    grade = {g.value: g for g in type(one.grade)}
    rows = (replace(one, value=300.0, grade=grade["A"]), replace(two, value=-100.0, grade=grade["D"]))
    shares = dict(grade_shares(replace(results, inventory=rows)))
    assert shares == {"A": 0.75, "B": 0.0, "C": 0.0, "D": 0.25}


def test_assumptions_are_the_inputs_of_grade_d(results: Results) -> None:
    assert [n.id for n in assumptions(results)] == ["lever:L01"]


def test_the_same_run_gives_the_same_report_in_place_of_the_old_one_and_leaves_nothing_behind(
    html: str, results: Results, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")
    write_report(results, path)
    assert path.read_text(encoding="utf-8") == html
    assert html.startswith("<!doctype html>")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
