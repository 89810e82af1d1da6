"""Every chart of a run as a card of the API: one specification, and its forms agree with it."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from typing import Any, Final

import docx
import openpyxl
import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader

from tanlu.charts import Card, Chart
from tanlu.charts.base import Cell, Column
from tanlu.charts.energy_base import LongChart
from tanlu.charts.tokens import DARK, LIGHT
from tanlu.portal.chart_files import ChartFiles
from tanlu.portal.service import CHARTS
from tanlu.portal.uploads import RefusedError

DESCRIBED: Final = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
every_chart = pytest.mark.parametrize("name", CHARTS)


def asked(client: TestClient, name: str, form: str = "json", **given: str) -> Any:
    return client.get(f"/api/v1/charts/{name}.{form}", params=given)


@every_chart
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_card_says_its_finding_and_its_parameters_lead_back_to_it(
    client: TestClient, name: str, language: str
) -> None:
    answer = asked(client, name, lang=language)
    card = Card.read(answer.json())
    assert card.chart.name == name and card.chart.title and card.chart.summary and card.chart.citation
    again = asked(client, name, lang=language, **card.chart.parameters)
    assert again.json() == answer.json()


@every_chart
def test_the_table_of_a_card_is_its_csv(client: TestClient, name: str) -> None:
    chart = Card.read(asked(client, name, lang="en").json()).chart
    rows = list(csv.reader(io.StringIO(asked(client, name, "csv", lang="en").content.decode("utf-8-sig"))))
    assert len(rows) == 1 + len(chart.rows)
    for row, cells in zip(rows[1:], chart.rows, strict=True):
        for text, cell in zip(row[:-1], cells, strict=True):
            if isinstance(cell.value, float):
                # a file has ten digits
                assert float(text) == pytest.approx(cell.value, rel=1e-9)
            else:
                assert text == ("" if cell.value is None else str(cell.value))


@every_chart
def test_a_picture_has_ink_its_title_and_the_colours_of_its_theme(client: TestClient, name: str) -> None:
    """Drawn once, in the dark theme: more than marks of axes, and no ground of the light theme."""
    chart = Card.read(asked(client, name).json()).chart
    if not chart.rows:
        pytest.skip("the synthetic run has nothing for it")
    svg = asked(client, name, "svg", theme="dark").text
    assert svg.count("<path") + svg.count("<text") > 15
    assert chart.title[:6] in re.sub(r"<[^>]+>", "", svg)
    assert DARK.card.lower() in svg.lower() and LIGHT.muted.lower() not in svg.lower()


def test_a_theme_that_is_none_is_refused(client: TestClient) -> None:
    assert asked(client, "fan", theme="sepia").status_code == 422


def test_every_chart_of_the_api_comes_in_both_themes(client: TestClient) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    charts = {p: o["get"] for p, o in paths.items() if "/charts/" in p}
    assert len(charts) > 5
    assert [p for p, asked in charts.items() if "theme" not in {q["name"] for q in asked["parameters"]}] == []
    factor = client.get("/api/v1/factors", params={"limit": 1}).json()[0]["id"]
    dark = client.get("/api/v1/charts/factor.json", params={"id": factor, "theme": "dark"}).text
    assert DARK.card in dark and LIGHT.muted not in dark


def test_a_chart_leaves_as_a_document_with_its_words_and_its_figures(client: TestClient) -> None:
    """Opened by the libraries of their formats: each has the finding, and the figures of the table as they stand in the card."""
    chart = Card.read(asked(client, "fan", lang="en").json()).chart
    year, first = str(chart.rows[0][0].value), chart.rows[0][1].value
    assert isinstance(first, float)
    files = {form: asked(client, "fan", form, lang="en") for form in ("pdf", "docx", "xlsx")}
    for form, answer in files.items():
        assert answer.status_code == 200
        assert answer.headers["content-disposition"] == f'attachment; filename="fan.{form}"'
        assert asked(client, "fan", form, lang="en").content == answer.content, "made once, and the same again"
    paper = PdfReader(io.BytesIO(files["pdf"].content))
    text = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
    assert " ".join(chart.title.split()) in text and year in text
    assert paper.trailer["/Root"]["/MarkInfo"]["/Marked"], "a screen reader can read it"
    written = docx.Document(io.BytesIO(files["docx"].content))
    assert chart.title in "\n".join(p.text for p in written.paragraphs)
    assert len(written.tables[0].rows) == 1 + len(chart.rows) and written.tables[0].rows[1].cells[0].text == year
    assert [p.get("descr") for p in written.element.iter(DESCRIBED)] == [chart.summary]
    cells = [row for sheet in openpyxl.load_workbook(io.BytesIO(files["xlsx"].content)) for row in sheet.values]
    row = next(r for r in cells if str(r[0]) == year)
    assert row[1] == pytest.approx(first)


def test_a_chart_whose_csv_holds_every_hour_leaves_as_a_document_of_its_table() -> None:
    """Documents are made in another process, where the hours do not go."""
    columns, rows = (Column("day", "Day"), Column("load", "Load", "MW")), ((Cell("1"), Cell(3.0)),)
    hours = LongChart(
        "year", "en", "Load", "MW", "One day.", {}, columns, rows, (), "modelled", full=lambda: (columns, [("1", 3.0)])
    )
    picture = {"mark": "bar", "data": {"values": [{"x": 1}]}, "encoding": {"x": {"field": "x", "type": "quantitative"}}}
    made = ChartFiles().content(replace(hours, spec=picture), "xlsx", "light", "198.51.100.1")
    cells = [row[:2] for sheet in openpyxl.load_workbook(io.BytesIO(made)) for row in sheet.values]
    assert (1, 3.0) in cells


def test_documents_of_charts_are_limited_by_address_and_pictures_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tanlu.portal.chart_files.document_file", lambda chart, form: b"document")
    monkeypatch.setattr("tanlu.portal.chart_files.to_svg", lambda spec: "<svg/>")
    files = ChartFiles()
    charts = [Chart(f"c{n}", "en", "t", "s", "u", {}, (), (), (), "calculated") for n in range(200)]
    with pytest.raises(RefusedError) as refused:
        for chart in charts:
            files.content(chart, "docx", "light", "198.51.100.1")
    assert refused.value.status == 429
    assert files.content(charts[0], "docx", "light", "198.51.100.2") == b"document"
    for chart in charts:
        assert files.content(chart, "svg", "light", "198.51.100.1") == b"<svg/>"
