"""Every public result is a table: a data frame with equal columns, and HTML that escapes what it shows."""

from __future__ import annotations

import numpy as np
import pytest

import tanlu.pathways as room
from tanlu.pathways import Baseline, Parameters, PathwayData, peak_test, run
from tanlu.pathways.analysis.sobol import SobolIndices
from tanlu.pathways.effects import Effects
from tanlu.pathways.macc import Curve, Interactions, Optimum
from tanlu.pathways.portfolio.choose import Portfolio
from tanlu.pathways.scenarios import QUANTILES, Fan
from tanlu.pathways.tabular import Tabular, long_table, of_records, table_html

INPUTS = {"FanFunction", "Lever", "LeverFunction", "Model", "Parameters", "PathwayData", "ScenarioFile", "Setting"}
"""Public classes that are not results: what a run is made from."""


def public_results() -> list[type]:
    found = [getattr(room, name) for name in room.__all__ if name not in INPUTS]
    return [x for x in found if isinstance(x, type)] + [Curve, Effects, Interactions, Optimum, Portfolio]


@pytest.mark.parametrize("kind", public_results(), ids=lambda kind: kind.__name__)
def test_every_public_result_is_shown_by_notebooks_and_becomes_a_data_frame(kind: type) -> None:
    assert callable(getattr(kind, "to_pandas", None)) and callable(getattr(kind, "_repr_html_", None))


def test_a_run_as_a_table(parameters: Parameters) -> None:
    """Emitters after capture add up to the total, and what is emitted by kind does too."""
    result = run(parameters)
    table = result.to_pandas()
    for group in ("emissions", "emitted"):
        year = table[(table.group == group) & (table.year == 2030)]
        place = int(np.flatnonzero(result.years == 2030)[0])
        assert year.value.sum() == pytest.approx(result.total[0, place], rel=1e-9)
    assert set(table.columns) == {"draw", "year", "value", "group", "item", "unit"}
    assert "<table>" in result._repr_html_()


def test_results_of_several_shapes_as_tables(baseline: Baseline, data: PathwayData, found: Effects) -> None:
    fan = Fan("x", "Mt", np.array([2030, 2031]), np.arange(2.0 * len(QUANTILES)).reshape(2, -1))
    assert fan.to_pandas().value.tolist() == list(range(2 * len(QUANTILES)))
    test = peak_test(np.arange(2000, 2020), 100.0 - (np.arange(20) - 8.0) ** 2)
    assert dict(test.to_pandas().values)["year"] == 2008
    table = baseline.to_pandas()
    assert table[table.year == baseline.base_year].value.dropna().astype(float).sum() == pytest.approx(
        baseline.total[-1]
    )
    indices = SobolIndices(*(np.ones(3),) * 2, *(np.ones((2, 3)),) * 2, np.ones(()), np.ones(()))
    assert len(indices.to_pandas()) == 6
    assert "10^9 CNY" in found._repr_html_()


def test_a_table_by_hand() -> None:
    """Two by two: the last axis runs fastest; constants are repeated; records may lack a column."""
    table = long_table({"a": ["x", "y"], "b": [1, 2]}, [[1.0, 2.0], [3.0, 4.0]], unit="t")
    assert table == {"a": ["x", "x", "y", "y"], "b": [1, 2, 1, 2], "value": [1.0, 2.0, 3.0, 4.0], "unit": ["t"] * 4}
    assert of_records([{"a": 1}, {"b": 2}]) == {"a": [1, None], "b": [None, 2]}


def test_html_escapes_and_says_how_many_rows_it_leaves_out() -> None:
    shown = table_html({"<a>": ["<b>"] * 20}, "A & B")
    assert "&lt;a&gt;" in shown and "&lt;b&gt;" in shown and "A &amp; B" in shown
    assert "… 8" in shown and "<b>" not in shown


def test_a_result_that_says_nothing_else_shows_its_plain_fields() -> None:
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class Small(Tabular):
        a: int
        b: tuple[str, ...]
        c: np.ndarray

    assert Small(1, ("x", "y"), np.ones(3)).columns() == {"field": ["a", "b"], "value": [1, "x, y"]}
