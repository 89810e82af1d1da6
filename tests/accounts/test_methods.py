"""The registry of methods: every method is named, explained and sourced, and finds what its set promises."""

from __future__ import annotations

import inspect
import itertools
from dataclasses import replace

import numpy as np
import pytest

from tanlu.accounts.files.sectoral_table import category_name
from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.computation import compute
from tanlu.accounts.rulebook.method import Method, methods
from tanlu.accounts.rulebook.method_sets import method_sets
from tanlu.core.errors import DataError
from tanlu.core.gases import GASES
from tanlu.core.library import load_library
from tanlu.core.messages import catalogue
from tanlu.core.units import parse_unit

METHODS = methods()


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_named_explained_and_sourced(name: str) -> None:
    method, words = METHODS[name], catalogue()
    assert {f"method.{name}.{part}" for part in ("name", "rule", "limits")} <= words.keys()
    assert {f"input.{i.name}" for i in method.inputs} <= words.keys()
    assert method.source in load_library().sources and method.clause and method.formula
    doc = inspect.getdoc(method.function) or ""
    assert doc.startswith("Return") and "[t" in doc, "the docstring gives purpose and unit"
    assert set(method.sets) <= set(method_sets())


@pytest.mark.parametrize("name", METHODS)
def test_choices_have_labels_and_lead_to_categories(name: str) -> None:
    labels = load_library().labels
    for wanted in METHODS[name].inputs:
        if wanted.kind == "choice":
            parts = {part for option in wanted.options for part in option.split(".")}
            assert parts <= labels.keys(), parts - labels.keys()
            assert len(set(wanted.options)) == len(wanted.options) and (
                not wanted.word or wanted.word in wanted.options
            )
    for output in METHODS[name].outputs:
        assert output.gas in (*GASES, "CO2e") and parse_unit(output.unit) == parse_unit("t")
        for category in output.categories.values() if output.by else (output.category,):
            assert category_name(category, "zh") and category_name(category, "en"), category
        if output.by:
            assert set(METHODS[name].by_name[output.by].options) <= output.categories.keys()
        else:
            assert output.category


@pytest.mark.parametrize("name", METHODS)
def test_inputs_have_units_and_sound_ranges(name: str) -> None:
    for wanted in METHODS[name].inputs:
        if wanted.kind == "choice":
            continue
        assert wanted.units and all(u is None or parse_unit(u) for u in wanted.units)
        assert wanted.low is None or wanted.high is None or wanted.low <= wanted.high
        if wanted.default is not None:
            assert (wanted.low is None or wanted.low <= wanted.default) and (
                wanted.high is None or wanted.default <= wanted.high
            )
        assert set(wanted.choices_in_subject) <= {i.name for i in METHODS[name].inputs if i.kind == "choice"}


def test_two_methods_of_a_topic_never_share_a_set() -> None:
    for rules in method_sets().values():
        assert all(topic == m.topic for topic, m in rules.methods.items())


def test_an_input_means_the_same_in_every_method() -> None:
    """The same name is the same kind of thing, measured in units that convert into each other."""
    kinds: dict[str, set[str]] = {}
    for method in METHODS.values():
        for wanted in method.inputs:
            kinds.setdefault(wanted.name, set()).add(wanted.kind)
    assert [n for n, k in kinds.items() if "choice" in k and len(k) > 1] == []


def test_the_incomplete_set_refuses_to_compute() -> None:
    incomplete = [s for s in method_sets().values() if s.status == "incomplete"]
    assert incomplete and all(not s.methods and s.limits_zh and s.limits_en for s in incomplete)
    for rules in incomplete:
        with pytest.raises(DataError) as caught:
            compute([Activity("a", "cn", "2024", "landfill", "waste", "1", "t")], rules.id)
        (problem,) = caught.value.problems
        assert problem.code == "incomplete_set"
        assert rules.limits_zh in problem.text("zh") and rules.limits_en in problem.text("en")


def test_an_unknown_set_names_the_known_ones() -> None:
    with pytest.raises(DataError) as caught:
        compute([], "ipcc-2005")
    assert "ipcc-2006" in caught.value.problems[0].text("en")


def arguments(method: Method, value: float = 1.0) -> dict[str, object]:
    """Return plausible arguments by name: the middle of the range, or a value."""
    found: dict[str, object] = {}
    for wanted in method.inputs:
        if wanted.kind == "choice":
            found[wanted.name] = np.array(wanted.word or wanted.options[0])
            continue
        low, high = wanted.low, wanted.high
        middle = (low + high) / 2 if low is not None and high is not None else max(value, low or 0.0)
        found[wanted.name] = np.full(3, middle) if wanted.series else middle
    return found


@pytest.mark.parametrize("name", METHODS)
def test_a_function_broadcasts_over_draws(name: str) -> None:
    """An array of draws gives what each draw gives alone."""
    method = METHODS[name]
    base = arguments(method)
    first = next(i for i in method.inputs if i.kind == "activity" and not i.series) if not method.is_series else None
    if first is None:
        draws = {
            k: np.stack([np.asarray(v)] * 2) if getattr(method.by_name[k], "series", False) else v
            for k, v in base.items()
        }
        for whole, alone in zip(method.evaluate(draws), method.evaluate(base), strict=True):
            assert np.asarray(whole)[0] == pytest.approx(np.asarray(alone))
        return
    amounts = np.array([0.5, 1.0, 2.0]) * float(base[first.name])  # type: ignore[arg-type]
    together = method.evaluate({**base, first.name: amounts})
    for number, amount in enumerate(amounts):
        for whole, alone in zip(together, method.evaluate({**base, first.name: amount}), strict=True):
            assert np.broadcast_to(whole, amounts.shape)[number] == pytest.approx(float(np.asarray(alone)), rel=1e-12)


@pytest.mark.parametrize("name", METHODS)
def test_a_method_that_rounds_takes_exact_fractions(name: str) -> None:
    from tanlu.accounts.rulebook.exact import exact_outputs

    method = METHODS[name]
    if method.rounding is None:
        assert method.rounding is None
        return
    from fractions import Fraction

    exact: dict[str, object] = {}
    for key, value in arguments(method).items():
        if method.by_name[key].kind == "choice":
            exact[key] = np.array([value])
        else:
            column = np.empty(1, dtype=object)
            column[0] = Fraction(repr(float(value)))  # type: ignore[arg-type]
            exact[key] = column
    plain = method.evaluate(arguments(method))
    unrounded = exact_outputs(method, exact, replace(method.rounding, inputs={}, result=None))  # type: ignore[arg-type]
    for a, b in itertools.zip_longest(unrounded, plain):
        assert float(a[0]) == pytest.approx(float(np.asarray(b).ravel()[0]), rel=1e-12)
