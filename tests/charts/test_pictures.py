"""A picture for a file holds everything that it draws."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from tanlu.charts import Chart, Results, inventory_chart, sectors_chart, wedges_chart
from tanlu.charts.base import wrapped
from tanlu.charts.render import to_svg

_MOVED = re.compile(r"translate\((-?[\d.]+),(-?[\d.]+)\)")


def places(element: ElementTree.Element, left: float = 0.0, above: float = 0.0) -> list[tuple[str, float, float]]:
    """Return each text of a picture with how far right and down it begins."""
    moved = _MOVED.search(element.get("transform", ""))
    x, y = (left + float(moved.group(1)), above + float(moved.group(2))) if moved else (left, above)
    words = "".join(element.itertext()).strip() if element.tag.endswith("text") else ""
    return [(words, x, y)] * bool(words) + [place for child in element for place in places(child, x, y)]


CHARTS: list[Callable[[Results, str], Chart]] = [
    sectors_chart,
    wedges_chart,
    lambda results, language: inventory_chart(results, language, results.inventory, results.manifest.gwp, "sector"),
]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [680, 880])
@pytest.mark.parametrize("chart", CHARTS)
def test_no_line_of_a_legend_is_below_the_picture(
    results: Results, chart: Callable[[Results, str], Chart], width: int, language: str
) -> None:
    picture = ElementTree.fromstring(to_svg(chart(results, language).with_title, width))
    assert max(y for _, _, y in places(picture)) <= float(picture.get("viewBox", "").split()[3])


def test_no_line_ends_with_an_opening_bracket() -> None:
    assert wrapped("钢铁行业（指南）", 10) == ["钢铁行业", "（指南）"]


@pytest.mark.parametrize("chart", CHARTS)
def test_a_title_makes_a_picture_higher_and_its_plot_no_lower(
    results: Results, chart: Callable[[Results, str], Chart]
) -> None:
    made = chart(results, "en")
    spans = []
    for spec in (made.spec, made.with_title):
        found = places(ElementTree.fromstring(to_svg(spec, 880)))
        # numbers of the axis of amounts, which are no years
        amounts = [y for text, _, y in found if re.fullmatch(r"\d{1,3}", text)]
        spans.append(max(amounts) - min(amounts))
    assert spans[0] == pytest.approx(spans[1], abs=3)


def test_what_must_be_printed_below_a_chart_leaves_the_page_with_it(results: Results) -> None:
    made = replace(sectors_chart(results, "en"), note="Tiles, no map")
    assert any("Tiles, no map" in text for text, _, _ in places(ElementTree.fromstring(to_svg(made.with_title, 880))))
