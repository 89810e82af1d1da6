"""Rows that are filled into a pattern are those that a loop of the template makes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from tanlu.portal.filling import APART, filled

MACRO = (
    '{% macro line(number, name, state) %}<tr title="{{ name }}"><td>{{ number }}</td><th>100 % {{ name }}</th>'
    "<td>{{ state }}</td></tr>{% endmacro %}"
    "{% macro mark(state) %}<b>{{ state[0] }}</b>{% endmacro %}"
)
LOOP = MACRO + "{% for number, name, state in rows %}{{ line(number, name, mark(state)) }}{% endfor %}"
FILLED = MACRO + "{{ filled(line, rows, {2: mark}) }}"
PAGES = Environment(autoescape=True)
TEXTS = st.text(st.one_of(st.sampled_from("<>&\"'%s{}" + APART + "\ue000\ue001 "), st.characters(codec="utf-8")))


@given(st.lists(st.tuples(st.integers(), TEXTS, st.tuples(TEXTS)), max_size=6))
def test_filled_rows_are_those_of_a_loop(rows: list[tuple[int, str, tuple[str]]]) -> None:
    wanted = PAGES.from_string(LOOP).render(rows=rows)
    assert PAGES.from_string(FILLED).render(rows=rows, filled=filled) == wanted


def test_a_macro_makes_each_value_once() -> None:
    seen: list[str] = []

    def mark(value: str) -> str:
        seen.append(value)
        return f"<i>{value}</i>"

    made = filled(lambda name, state: f"<p>{name}{state}</p>", [("a", "x"), ("b", "y"), ("c", "x")], {1: mark})
    assert made == "<p>a<i>x</i></p><p>b<i>y</i></p><p>c<i>x</i></p>"
    assert seen == ["x", "y"]
