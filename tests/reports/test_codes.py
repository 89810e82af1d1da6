"""Codes of factors and methods: a column of their own in a workbook, whole and small below the name on paper."""

from __future__ import annotations

import io
import re
from pathlib import Path

import docx
from typer.testing import CliRunner

from tanlu.charts.base import Cell, Chart, Column, layered
from tanlu.cli import app
from tanlu.reports.account_contents import account
from tanlu.reports.document import Document, Paragraph, Picture, Run, Table
from tanlu.reports.office import render
from tanlu.reports.page import page

CODE = "cn-enterprise-2013.carbon_content.bituminous_coal"
TABLE = Table(
    "t", "T", (Column("a", "A"), Column("b", "B")), ((Cell(f"Coal\n{CODE}"), Cell(f"see {CODE}, low-carbon.")),)
)
MADE = Document("d", "en", "D", "", "", (TABLE,))


def test_paper_has_the_code_below_the_name_and_a_workbook_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "works"
    ask = ["account", "compute", "docs/examples/cement-works.csv", "--set", "cn-enterprise", "--out", str(folder)]
    assert CliRunner().invoke(app, ask).exit_code == 0
    content = account(folder, "en")
    for name, first in (("factors", "factor"), ("methods", "method")):
        table = content.tables[name]()
        assert [c.key for c in table.columns[:2]] == [first, "code"]
        assert [c.key for c in table.printed.columns].count("code") == 0
        codes = [str(row[1].value) for row in table.rows]
        assert [str(row[0].value).splitlines()[1:] for row in table.printed.rows] == [[code] for code in codes]
        assert all(re.fullmatch(r"[a-z0-9_.-]+", code) for code in codes)


def test_a_code_on_a_page_is_broken_after_its_dots_only() -> None:
    text = page(MADE)
    assert f'Coal<br><span class="code">{CODE}</span>' in text
    assert f'see <span class="unit">{CODE.replace(".", ".<wbr>")}</span>, low-carbon.' in text
    assert re.search(r"\.unit, \.code \{ white-space: nowrap; \}", text)


def test_a_code_in_a_word_file_is_small_and_has_room() -> None:
    sheet = docx.Document(io.BytesIO(render(MADE, "docx"))).tables[0]
    name, code = sheet.cell(1, 0).paragraphs[0].runs
    assert (name.text, code.text) == ("Coal", f"\n{CODE}")
    assert code.font.size is not None and name.font.size is not None and code.font.size < name.font.size
    # small letters are half as wide as the type is high, a tenth more in a wide face
    assert sheet.columns[0].width > 0.55 * code.font.size * len(CODE)


def test_ranges_dated_figures_and_numbers_of_documents_stay_on_one_line() -> None:
    told = "5–95% of 2021–2031, −0.5–1.2, 10–−4; CETS-AG-03.01-V01-2024, low-carbon, 2022-2030; −1.5 (2030), 2（2060\u00a0年）"
    text = page(Document("d", "en", "D", "", "", (Paragraph((Run(told),)),)))
    kept = re.findall(r'<span class="unit">(.*?)</span>', text)
    assert kept == [
        "5–95%",
        "2021–2031,",
        "0.5–1.2,",
        "10–−4",
        "CETS-AG-03.01-V01-2024",
        "−1.5 (2030)",
        "2（2060\u00a0年）",
    ]
    assert f"<p>{told}</p>" == re.sub("</?span[^>]*>", "", text[text.index("<p>") : text.index("</p>") + 4])


def test_paper_makes_a_picture_lower_but_not_its_list() -> None:
    plain, listed = (
        Chart("c", "zh", "", "", "", layered([], height=400, listed=n), (), (), (), "modelled") for n in (0, 10)
    )
    # entries of 16 px keep their height
    assert Picture(plain).printed["height"] == 288 and Picture(listed).printed["height"] == 160 + round(240 * 0.72)
