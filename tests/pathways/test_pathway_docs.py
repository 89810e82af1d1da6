"""The documentation repeats the declared parameters exactly."""

from __future__ import annotations

from pathlib import Path

from tanlu.pathways.parameters import parameter_table

PAGE = Path(__file__).parents[2] / "docs" / "methods" / "pathway-engine.md"


def test_parameters_of_the_page_are_those_of_the_program() -> None:
    """Mend with: python tools/pathway_parameters.py"""
    text = PAGE.read_text(encoding="utf-8")
    table = text.split("<!-- parameters:begin -->\n")[1].split("<!-- parameters:end -->")[0]
    assert table == parameter_table()
