"""Office documents: the template decides, every format holds the same figures, and the same results give the same bytes."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import docx
import openpyxl
import pypdf
import pytest
from docx.oxml.ns import qn
from openpyxl.utils import range_boundaries
from typer.testing import CliRunner

from tanlu.charts import Results
from tanlu.charts.base import Cell, Chart, Column
from tanlu.charts.emissions import scenario_name
from tanlu.cli import app
from tanlu.core.errors import DataError
from tanlu.reports import contents
from tanlu.reports.composing import Content, compose
from tanlu.reports.document import Bullets, Document, Heading, Paragraph, Picture, Run, Table, plain
from tanlu.reports.office import FORMATS, KINDS, document, render, template_text
from tanlu.reports.tables import headings
from tanlu.reports.twin import twin
from tanlu.reports.widths import MARGIN, folded, shares

TABLE = Table(
    "firms", "企业", (Column("name", "名称"), Column("mass", "排放", "kt"), Column("own", "数值")),
    ((Cell("=1+1"), Cell(1234.5), Cell(20.0, "", "%")), (Cell("某厂"), Cell(None), Cell(3.0, "", "10^8 kWh"))),
)  # fmt: skip


def content(words: dict[str, object] | None = None) -> Content:
    return Content("annual", "zh", "标题", "2026-01-01T00:00:00Z", "run-1", words or {}, {}, {"firms": lambda: TABLE})


@pytest.fixture(scope="module")
def brief(results: Results) -> Document:
    """A short document with a chart of the synthetic run, a table and every kind of text."""
    own = replace(contents.scoreboard(results, "zh"), tables={"firms": lambda: TABLE})
    return compose('# {{ title }}\n\n- 一\n- **二**\n\n{{ chart("scoreboard") }}\n{{ table("firms") }}\n\n1. 完\n', own)


def test_a_template_becomes_blocks_in_its_order() -> None:
    text = '# 甲 {{ name }}\n\n一行\n又一行 [网](https://example.org)。\n\n{{ table("firms") }}\n\n1. *斜*\n2. `码`\n'
    made = compose(text, content({"name": "a_b*c|d"}))
    assert made.blocks == (
        Heading(1, (Run("甲 a_b*c|d"),)),
        Paragraph((Run("一行"), Run("又一行 "), Run("网", "", "https://example.org"), Run("。"))),
        TABLE,
        Bullets(((Run("斜", "em"),), (Run("码", "code"),)), True),
    )


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        ("{{ chart('sky') }}", "report_chart", 1),
        ("a\n{{ table('sky') }}", "report_table", 2),
        ("one\n\n{% for x in %}", "report_template", 3),
        ("one\n\n{{ nobody }}", "report_template", 3),
        ("{% for n in (1, 2) %}\n- x\n{% endfor %}\n\n> quoted\n", "report_markdown", 5),
        ("{{ ''.__class__.__mro__ }}", "report_template", 1),
    ],
)
def test_a_faulty_template_is_refused_with_its_place(text: str, code: str, row: int | None) -> None:
    with pytest.raises(DataError) as told:
        compose(text, content(), "our.md")
    (problem,) = told.value.problems
    assert (problem.code, problem.file, problem.row) == (code, "our.md", row)
    assert problem.text("zh") and problem.text("en")


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_results_give_the_same_bytes(brief: Document, form: str) -> None:
    assert render(brief, form) == render(brief, form)


@pytest.mark.thorough
@pytest.mark.parametrize(("form", "language"), [("pdf", "zh"), ("docx", "en")])
def test_each_report_is_the_same_bytes_however_often_it_is_made(results: Results, form: str, language: str) -> None:
    """Of every kind but the annual one, whose charts are those of the others: from the results to the file, twice.

    Pages and Word hold all pictures; that a document is the same file in every format is tested above.
    """
    region = results.prefectures[0].region

    def made() -> list[bytes]:
        briefs = (
            contents.prefecture(results, language, region),
            contents.scoreboard(results, language),
            contents.scenarios(results, language, ()),
        )
        return [render(document(one), form) for one in briefs]

    assert made() == made()


def test_the_pdf_is_tagged_and_can_be_read_aloud(brief: Document) -> None:
    reader = pypdf.PdfReader(io.BytesIO(render(brief, "pdf")))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "zh-CN" and root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    text = "".join(page.extract_text() for page in reader.pages)
    assert brief.title in text and "企业" in text and "20.0%" in text
    alternatives = [o["/Alt"] for o in _objects(reader) if "/Alt" in o]
    (picture,) = brief.pictures()
    assert picture.chart.summary in alternatives


def _objects(reader: pypdf.PdfReader) -> list[pypdf.generic.DictionaryObject]:
    found = (reader.get_object(n) for n in range(1, len(reader.xref_objStm) + sum(map(len, reader.xref.values())) + 1))
    return [o for o in found if isinstance(o, pypdf.generic.DictionaryObject)]


@pytest.mark.parametrize("lines", range(27, 32))
def test_the_caption_of_a_table_never_stands_alone_at_the_foot_of_a_page(lines: int) -> None:
    """Some of these numbers of lines leave room for the caption and not for the first row (29 and 30 with the fonts of Debian)."""
    rows = tuple((Cell(f"row {n}"), Cell("x")) for n in range(40))
    table = Table("t", "The caption", (Column("a", "A"), Column("b", "B")), rows)
    filling = tuple(Paragraph((Run("line"),)) for _ in range(lines))
    made = Document("annual", "en", "T", "2026-01-01T00:00:00Z", "run-1", (*filling, table))
    pages = [p.extract_text() for p in pypdf.PdfReader(io.BytesIO(render(made, "pdf"))).pages]
    (at,) = (n for n, text in enumerate(pages) if "The caption" in text)
    assert "row 0" in pages[at]


def test_the_word_file_has_headings_tables_and_alternative_texts(brief: Document) -> None:
    made = docx.Document(io.BytesIO(render(brief, "docx")))
    assert [p.text for p in made.paragraphs if p.style.name == "Title"] == [brief.title]
    assert [p.text for p in made.paragraphs if p.style.name == "List Bullet"] == ["一", "二"]
    (table,) = made.tables
    assert [c.text for c in table.rows[0].cells] == ["名称", "排放（万吨）", "数值"]
    # 1,234.5 kt are 123.45 in units of ten thousand tonnes; three digits are shown, a missing value is no zero
    assert [[c.text for c in row.cells] for row in table.rows[1:]] == [
        ["=1+1", "123", "20.0%"],
        ["某厂", "—", "3.00\u00a0亿千瓦时"],
    ]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    (picture,) = brief.pictures()
    assert [p.get("descr") for p in made.element.body.iter(qn("wp:docPr"))] == [picture.chart.summary]


def test_the_word_file_of_an_office_lends_its_letterhead_and_not_its_text(brief: Document, tmp_path: Path) -> None:
    own = docx.Document()
    own.sections[0].header.paragraphs[0].text = "某省科技厅"
    own.add_paragraph("旧文")
    own.save(str(tmp_path / "head.docx"))
    made = docx.Document(io.BytesIO(render(brief, "docx", tmp_path / "head.docx")))
    assert made.sections[0].header.paragraphs[0].text == "某省科技厅"
    assert "旧文" not in [p.text for p in made.paragraphs]
    (tmp_path / "none.docx").write_text("no zip", encoding="utf-8")
    with pytest.raises(DataError, match=r"none\.docx"):
        render(brief, "docx", tmp_path / "none.docx")


def test_the_workbook_holds_numbers_with_units_and_no_formula(brief: Document) -> None:
    data = render(brief, "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book["企业"]
    # 1,234.5 kt are 123.45 in units of ten thousand tonnes
    rows = [[c.value for c in row] for row in sheet.iter_rows(min_row=2)]
    assert rows == [["名称", "排放 [万吨]", "数值", "单位"], ["=1+1", 123.45, 20, "%"], ["某厂", None, 3, "亿千瓦时"]]
    assert sheet["A3"].data_type == "s" and sheet.freeze_panes == "B3"
    assert (sheet["B3"].number_format, sheet["C3"].number_format) == ("#,##0.0", "#,##0")
    setup = sheet.page_setup
    assert (setup.orientation, setup.paperSize, setup.fitToHeight) == ("landscape", 9, 0), "as wide as A4"
    (picture,) = brief.pictures()
    (charted,) = (s for s in book if len(s._images) == 1)
    assert [r[0].value for r in charted.iter_rows(min_row=1, max_row=1)] == [picture.chart.title]
    assert charted.title.startswith("图 1 · ") and len(charted.title) <= 31
    links = [c.hyperlink.location for row in book["报告"].iter_rows() for c in row if c.hyperlink]
    assert links == [f"'{charted.title}'!A1", "'企业'!A1"], "the first sheet leads to the others"
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert not [n for n in package.namelist() if b"<f>" in package.read(n) and n.endswith(".xml")]


def test_years_and_amounts_are_numbers_in_a_workbook_and_codes_stay_text() -> None:
    columns = (Column("year", "年份"), Column("code", "编号"), Column("value", "数值"), Column("reason", "说明"))
    rows = (("2024", "007", "16.2", "1, 2"), ("2025", "12", "烟煤", "4"))
    table = Table("t", "表", columns, tuple(tuple(map(Cell, row)) for row in rows))
    made = Document("annual", "zh", "题", "2026-01-01T00:00:00Z", "run-1", (table,))
    sheet = openpyxl.load_workbook(io.BytesIO(render(made, "xlsx")))["表"]
    assert [[c.value for c in row] for row in sheet.iter_rows(min_row=3)] == [
        [2024, "007", 16.2, "1, 2"],
        [2025, "12", "烟煤", "4"],
    ]
    assert sheet["A3"].number_format == "General", "a year has no thousands separator"


def test_a_column_of_units_says_those_of_the_figures_beside_it() -> None:
    """1,024 ten thousands of persons are 10.24 million; a figure that is text keeps its unit."""
    columns = tuple(Column(k, k) for k in ("name", "value", "unit"))
    rows = (
        (Cell("a"), Cell(1024.0, "", "10^4 persons"), Cell("10^4 persons")),
        (Cell("b"), Cell("7800"), Cell("10^4 persons")),
    )
    made = Document("annual", "en", "T", "2026-01-01T00:00:00Z", "run-1", (Table("t", "Rows", columns, rows),))
    sheet = openpyxl.load_workbook(io.BytesIO(render(made, "xlsx")))["Rows"]
    found = [[c.value for c in row] for row in sheet.iter_rows(min_row=3)]
    assert found == [["a", 10.24, "m people"], ["b", 7800, "10^4 persons"]]


def test_levers_that_are_shares_are_told_in_percent_as_on_the_page(results: Results) -> None:
    lever = replace(results.levers[0], unit="1", minimum=0.05, maximum=1.0, worlds={"plan": 0.951})
    table = contents.tables.levers(replace(results, levers=(lever, replace(lever, unit="GW", maximum=2.0))), "zh")
    assert [[c.value for c in row[2:6]] for row in table.rows] == [["%", 5, 100, 95.1], ["万千瓦", 5, 200, 95.1]]


def test_a_unit_that_many_columns_share_is_told_once(brief: Document) -> None:
    columns = (Column("c", "类别"), *(Column(str(y), str(y), "kt") for y in range(2020, 2024)))
    table = Table("t", "清单", columns, ((Cell("1.A"), *(Cell(10.0 * n) for n in range(4))),))
    made = replace(brief, blocks=(table,))
    assert "<caption>清单（万吨）</caption>" in render(made, "html").decode()
    (word,) = docx.Document(io.BytesIO(render(made, "docx"))).tables
    assert [c.text for c in word.rows[0].cells] == ["类别", "2020", "2021", "2022", "2023"]
    sheet = openpyxl.load_workbook(io.BytesIO(render(made, "xlsx")))["清单"]
    # 30 kt are 3 in units of ten thousand tonnes
    assert [[c.value for c in row] for row in sheet.iter_rows(min_row=2)] == [
        ["单位：万吨", None, None, None, None],
        ["类别", "2020", "2021", "2022", "2023"],
        ["1.A", 0, 1, 2, 3],
    ]
    first = Column("share", "占比", "%")
    named = ("数据表，万吨 CO₂e（AR5）", ("占比（%）", "2020", "2021", "2022", "2023"))
    mass = tuple(replace(c, unit="kt CO2e AR5") for c in columns[1:])
    assert headings(replace(table, caption="数据表", columns=(first, *mass)), "zh") == named


def test_the_word_file_speaks_its_language_and_keeps_a_picture_with_its_words(brief: Document) -> None:
    """Without a language programs draw the characters of another region; Latin words said to be Chinese are broken anywhere.

    A font of the theme would go before the one that is named.
    """
    made = docx.Document(io.BytesIO(render(brief, "docx")))
    styles = made.styles.element
    spoken = {(s.get(qn("w:val")), s.get(qn("w:eastAsia"))) for s in styles.iter(qn("w:lang"))}
    assert spoken == {("en-US", "zh-CN")}
    assert not [k for fonts in styles.iter(qn("w:rFonts")) for k in fonts.attrib if k.endswith("Theme")]
    pictured = [p for p in made.paragraphs if list(p._p.iter(qn("wp:docPr")))]
    assert [p.paragraph_format.keep_with_next for p in pictured] == [True]


def test_a_small_table_of_a_word_file_stays_whole_and_short_words_on_one_line(brief: Document) -> None:
    columns = (Column("n", "Name"), Column("s", "Status"), Column("r", "Reason"))
    table = Table(
        "t", "T", columns, tuple(tuple(map(Cell, ("a name", "○ Not measured", "why " * 60))) for _ in range(3))
    )
    (made,) = docx.Document(io.BytesIO(render(replace(brief, blocks=(table,)), "docx"))).tables
    kept = [row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in made.rows]
    assert kept == [True, True, True, None], "every row stays with the next"
    # "○ Not measured" has 14 characters, of 1.8 mm each at this size
    assert made.rows[1].cells[1].width.cm > 14 * 0.18
    assert sum(cell.width.cm for cell in made.rows[0].cells) == pytest.approx(16.0, abs=0.01)


def test_headings_of_narrow_columns_break_before_years_and_units_and_in_no_word() -> None:
    assert folded("煤电装机，2018–2023 年（MW）", 16) == "煤电装机，\n2018–2023 年\n（MW）"
    assert folded("Coal power, 2023 (MW)", 40) == "Coal power, 2023 (MW)"
    texts = [["Month", *["Photovoltaics"] * 6], ["Jan", *["1"] * 6]]
    # bold letters are a tenth wider
    assert min(shares(texts, [False, *[True] * 6], "en")[1:]) >= 1.1 * len("Photovoltaics")


def test_no_word_of_a_narrow_column_is_broken_and_broad_letters_count_for_more() -> None:
    names = ["Electrification of buildings and of what is in them", "Power saving", "Hydrogen freight"]
    heads = ["Lever", "Action", "Unit", "Minimum", "Maximum", "Frozen 2020", "Current policy", "Plan", "Grade"]
    texts = [heads, *([name, "A03", "GW", "16.373", "100", "100", "94", "−1.6", "D"] for name in names)]
    right = [False] * 3 + [True] * 5 + [False]
    wide = shares(texts, right, "en")
    assert wide[0] >= MARGIN + len("Electrification")
    # three broad letters are as wide as half as many more
    assert min(wide[3:5]) >= MARGIN + 1.1 * (len("Minimum") + 3 / 2)


def test_a_chart_with_more_columns_than_paper_has_room_for_has_its_table_in_parts() -> None:
    """Each figure stands once, each part begins with the names of the rows; what would fill sheets is for the workbook."""
    hours = tuple(Column(f"h{n}", f"{n}:00", "MW") for n in range(24))
    rows = tuple((Cell(month), *(Cell(1000.0 * m + n) for n in range(24))) for m, month in enumerate(("Jan", "Feb")))
    chart = Chart("heat", "en", "T", "S", "U", {}, (Column("month", "Month"), *hours), rows, (), "modelled")
    parts = [block for block in twin(chart) if isinstance(block, Table)]
    assert len(parts) > 1 and [p.columns[0].label for p in parts] == ["Month"] * len(parts)
    assert [c.key for p in parts for c in p.columns[1:]] == [c.key for c in hours]
    assert [cell.value for p in parts for cell in p.rows[1][1:]] == [1000.0 + n for n in range(24)]
    (told,) = twin(replace(chart, rows=rows * 100))
    assert isinstance(told, Paragraph) and "200 rows" in plain(told.runs)


def test_tables_of_a_chinese_report_part_characters_and_figures() -> None:
    table = Table("t", "2024年清单", (Column("c", "2030年前"),), ((Cell("用CO₂因子"),),), ("见第3条",))
    text = "# {{ title }}\n\n等级为D的数。\n\n{{ table('t') }}\n"
    heading, paragraph, made = compose(
        text, replace(content(), title="清单到2024年", tables={"t": lambda: table})
    ).blocks
    assert isinstance(heading, Heading) and plain(heading.runs) == "清单到 2024 年"
    assert isinstance(paragraph, Paragraph) and plain(paragraph.runs) == "等级为 D 的数。"
    assert made == Table("t", "2024 年清单", (Column("c", "2030 年前"),), ((Cell("用 CO₂ 因子"),),), ("见第 3 条",))


def test_a_page_asks_for_nothing_and_escapes_what_it_shows(brief: Document) -> None:
    text = render(replace(brief, title="<b>&"), "html").decode()
    assert "<title>&lt;b&gt;&amp;</title>" in text and "<script" not in text
    assert not re.findall(r'(?:src|href)="(?!data:)', text)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_report_of_a_run_can_be_made_from_its_template(results: Results, language: str) -> None:
    region = results.prefectures[0].region.rpartition("/")[2]
    made = [
        document(contents.annual(results, language)),
        document(contents.scoreboard(results, language)),
        document(contents.scenarios(results, language)),
        document(contents.prefecture(results, language, region)),
    ]
    for each in made:
        first = each.blocks[0]
        assert isinstance(first, Heading) and plain(first.runs) == each.title
        assert len(list(each.pictures())) >= 1 and len(list(each.tables())) >= 2
        if language == "en":
            shown = [plain(b.runs) for b in each.blocks if isinstance(b, Heading | Paragraph)]
            assert not re.search(r"[\u4e00-\u9fff]", " ".join(shown))


def test_tables_say_what_the_run_says(results: Results) -> None:
    made = document(contents.annual(results, "en"))
    targets = [t for t in made.tables() if t.name in ("targets", "unmeasured")]
    assert sum(len(t.rows) for t in targets) == len(results.scoreboard)
    peaks = next(t for t in made.tables() if t.name == "peaks")
    assert [row[2].value for row in peaks.rows] == [str(p.peak_year or "—") for p in results.peaks]
    assert [p.chart.name for p in made.blocks if isinstance(p, Picture)].count("fan") == 1


def test_assumptions_share_rows_on_paper_and_have_one_each_in_a_workbook(results: Results) -> None:
    made = contents.tables.assumptions(results, "en")
    assumed = [
        n for n in results.lineage.nodes.values() if n.grade == "D" and n.kind in ("fact", "factor", "assumption")
    ]
    numbers = [n for n in assumed if n.value is not None]
    assert sum(row[1].value is not None for row in made.rows) == len(numbers)
    assert all(row[1].value is not None or row[2].value for row in made.rows), "no row says nothing"
    assert len(made.printed.rows) <= len(made.rows)
    page = render(document(contents.annual(results, "en")), "html").decode()
    assert page.count('<table class="assumptions') == 1


def test_totals_of_a_comparison_come_before_the_items_of_its_last_year(results: Results) -> None:
    whole = [row[1].value == "Total" for row in contents.tables.reconciliation(results, "en").rows]
    assert whole[0] and whole == sorted(whole, reverse=True)


def test_sheets_of_one_kind_are_told_apart_by_their_scenario(results: Results) -> None:
    names = list(results.scenarios)[:2]
    made = openpyxl.load_workbook(io.BytesIO(render(document(contents.scenarios(results, "zh", names)), "xlsx")))
    shown = [scenario_name(n, "zh") for n in names]
    assert [s.title for s in made if s.title.partition(" · ")[2] in shown] == [
        f"图 {n} · {name}" for n, name in enumerate(shown, 2)
    ]
    for sheet in made:
        for image in sheet._images:
            last = range_boundaries(sheet.print_area.rpartition("!")[2].replace("$", ""))[2]
            # the anchor counts columns from zero
            assert image.anchor.to.col < last, f"the picture of {sheet.title} is printed whole"


def test_reasons_of_a_comparison_are_numbers_that_its_notes_explain(results: Results) -> None:
    made = contents.tables.reconciliation(results, "en")
    numbers = {n for row in made.rows for n in str(row[-1].value).split(", ") if n}
    assert numbers == {note[1 : note.index("]")] for note in made.notes}


def test_only_a_peak_in_the_years_of_the_inventory_is_told_as_one_of_the_inventory(results: Results) -> None:
    names = list(results.scenarios)
    told = contents.scenarios(results, "zh", names).words["peaks"]
    for name, sentence in zip(names, told, strict=True):
        peak = results.peak(name)
        year = peak.peak_year if peak else None
        assert sentence.startswith("清单") == (year is not None and year <= results.years[-1])


def test_a_brief_tells_the_sources_of_its_own_figures_only(results: Results) -> None:
    brief = contents.prefecture(results, "zh", "changsha")
    shown = {i for draw in brief.charts.values() for i in draw().ids}
    shown |= {c.id for name in ("indicators", "emissions") for row in brief.tables[name]().rows for c in row if c.id}
    waiting, reached = list(shown), set(shown)
    while waiting:
        node = results.lineage.nodes.get(waiting.pop())
        fresh = set(node.parents if node else ()) - reached
        reached |= fresh
        waiting += fresh
    titles = {s.title("zh") for s in results.sources if f"source:{s.id}" in reached}
    assert {str(row[0].value) for row in brief.tables["sources"]().rows} == titles


def test_unknown_scenarios_and_prefectures_are_refused_with_those_that_exist(results: Results) -> None:
    with pytest.raises(DataError) as told:
        contents.scenarios(results, "zh", ("heaven", "hell"))
    assert [p.value for p in told.value.problems] == ["heaven", "hell"]
    with pytest.raises(DataError, match="atlantis"):
        contents.prefecture(results, "zh", "atlantis")


def test_the_command_writes_once_and_says_what_is_wrong(tmp_path: Path, results: Results) -> None:
    folder = tmp_path / "works"
    run = CliRunner()
    source = "docs/examples/cement-works.csv"
    run.invoke(app, ["account", "compute", source, "--set", "cn-enterprise", "--out", str(folder), "--lang", "en"])
    target = tmp_path / "works.html"
    ask = ["report", "account", str(folder), "--file", str(target), "--lang", "en"]
    done = run.invoke(app, [*ask, "--json"])
    assert done.exit_code == 0 and json.loads(done.stdout)["file"] == str(target)
    # the published total of the example, as `tanlu account compute` prints it
    text = target.read_text(encoding="utf-8")
    assert "1,014,035" in text
    # the guidelines give 26.18 t C/TJ for bituminous coal; a factor is told as it was published
    told = ("Hunan, Changsha, works-1 (hunan/changsha/works-1)", "Bituminous coal", "0.02618\u00a0t C/GJ")
    assert [t for t in told if t not in text] == []
    again = run.invoke(app, ask)
    assert again.exit_code == 2 and "--force" in again.stderr
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    (folder / "results.csv").write_text((folder / "results.csv").read_text(encoding="utf-8").replace("2024", "2023", 1))
    assert run.invoke(app, [*ask, "--force"]).exit_code == 2
    assert run.invoke(app, ["report", "template", "annual", "--lang", "en"]).stdout == template_text("annual", "en")
    assert KINDS == ("annual", "prefecture", "targets", "scenarios", "account")


def test_a_sheet_has_a_name_without_colon_and_wide_spaces() -> None:
    made = Table("t", "Population: 27,940\u00a0people", (Column("a", "A"),), ((Cell("x"),),))
    book = openpyxl.load_workbook(io.BytesIO(render(Document("d", "en", "D", "", "", (made,)), "xlsx")))
    assert book.sheetnames == ["Report", "Population, 27,940 people"]
