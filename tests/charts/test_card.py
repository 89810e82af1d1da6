"""A chart card is one specification: page, pictures, table, notebook and file say the same."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.charts.test_chart_specs import MAKERS

from tanlu.charts import Card, Chart, Results, reconciliation_chart, uncertainty_chart, wedges_chart
from tanlu.charts.base import Cell, Column
from tanlu.charts.card import FORMS, MIME
from tanlu.core.errors import DataError
from tanlu.core.lineage import Node
from tanlu.core.messages import LANGUAGES

ALL = MAKERS | {"uncertainty": uncertainty_chart, "reconciliation": reconciliation_chart, "wedges": wedges_chart}
every_language = pytest.mark.parametrize("language", LANGUAGES)


def small() -> Chart:
    """A chart that is drawn quickly."""
    spec: dict[str, Any] = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json", "width": 200, "height": 80, "mark": "bar",
        "data": {"values": [{"x": "a", "y": 1}, {"x": "b", "y": 2}]}, "usermeta": {"tip": {"data": "x"}},
        "encoding": {"x": {"field": "x"}, "y": {"field": "y", "type": "quantitative"}},
    }  # fmt: skip
    columns = (Column("x", "Name"), Column("y", "Value <kt>", "kt"))
    rows = ((Cell("a"), Cell(1.0, "n:1")), (Cell("b"), Cell(None)), (Cell("c"), Cell(3.0, unit="Mt")))
    source = Node("source:s", "source", "年鉴", "Yearbook", grade="A")
    return Chart(
        "small", "en", "B is larger", "kt", "B has 2, A has 1.", spec, columns, rows, ("n:1",), "reported", (source,)
    )


@pytest.mark.parametrize("name", ALL)
@every_language
def test_the_specification_of_a_card_holds_all_that_the_chart_says(results: Results, name: str, language: str) -> None:
    """Round trip through JSON: what is read is the chart, but for the chains of its sources, which are not part of it."""
    chart = ALL[name](results, language)
    told = json.loads(json.dumps(chart.card))
    again = Card.read(told).chart
    for part in (
        "name",
        "language",
        "title",
        "subtitle",
        "summary",
        "columns",
        "rows",
        "ids",
        "status",
        "note",
        "parameters",
    ):
        assert getattr(again, part) == getattr(chart, part), part
    assert again.spec == json.loads(json.dumps(chart.spec))
    assert again.as_csv() == chart.as_csv()
    assert again.summary and again.title in again.citation and again.sources_line in again.citation
    assert [n.label(language) for n in again.sources] == [n.label(language) for n in chart.sources]


@pytest.mark.parametrize("name", [n for n in ALL if n not in ("scoreboard", "prefectures")])
def test_every_row_that_is_drawn_stands_in_the_table(results: Results, name: str) -> None:
    """Years or names of the drawn rows are among the first cells of the table, as numbers or as part of a name."""
    chart = ALL[name](results, "en")
    told = {str(row[0].value) for row in chart.rows}
    spec = json.loads(json.dumps(chart.spec))
    rows = [r for layer in [spec, *spec["layer"]] for r in layer.get("data", {}).get("values", []) if "year" in r]
    assert {str(int(r["year"])) for r in rows} <= told or not rows or not any(t.isdecimal() for t in told)


def test_a_notebook_is_given_specification_picture_and_words() -> None:
    bundle = small()._repr_mimebundle_()
    assert bundle[MIME] == small().with_title
    html = str(bundle["text/html"])
    assert "<svg" in html and "Value &lt;kt&gt; [kt]" in html and html.count("<tr>") == 4
    assert "—" in html, "a missing value is a dash"
    assert bundle["text/plain"] == "B is larger\nB has 2, A has 1."


@pytest.mark.parametrize("form", FORMS)
def test_a_card_is_saved_in_every_form(tmp_path: Path, form: str) -> None:
    path = Card(small(), "dark").save(tmp_path / f"card{form}")
    content = path.read_bytes()
    assert list(tmp_path.iterdir()) == [path]
    match form:
        case ".png":
            assert content.startswith(b"\x89PNG")
        case ".pdf":
            assert content.startswith(b"%PDF")
        case ".json":
            assert Card.read(json.loads(content)).chart.rows == small().rows
        case ".csv":
            assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[1] == ["a", "1.0", "n:1"]
        case _:
            assert re.search(r"<svg[^>]*>", content.decode()) and b"B is larger" in content


def test_a_form_that_is_none_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(DataError) as refused:
        Card(small()).save(tmp_path / "card.gif")
    assert refused.value.problems[0].text("en").startswith(str(tmp_path))
    assert ".svg" in refused.value.problems[0].text("en")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("spec", [{}, {"usermeta": 3}, {"usermeta": {"card": {"language": "fr"}}}])
def test_what_is_no_card_is_refused_with_all_that_is_missing(spec: dict[str, Any]) -> None:
    with pytest.raises(DataError) as refused:
        Card.read(spec)
    count = 6 if "card" in (spec.get("usermeta") or {} if isinstance(spec.get("usermeta"), dict) else {}) else 1
    assert len(refused.value.problems) == count
