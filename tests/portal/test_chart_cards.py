"""Every chart of a run as a card of the API: one specification, and its forms agree with it."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tanlu.charts import Card
from tanlu.charts.tokens import DARK, LIGHT
from tanlu.portal.service import CHARTS

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
