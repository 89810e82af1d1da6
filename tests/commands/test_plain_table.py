"""Texts on the terminal: lines break where readers of both languages expect it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tanlu.commands.plain_table import wrapped


def test_chinese_breaks_after_any_character_but_not_before_a_full_stop() -> None:
    assert wrapped("– 能源系统按成本决定。", 12) == ["– 能源系统按", "成本决定。"]
    assert wrapped("能源系统。", 8) == ["能源系统。"]


def test_words_and_numbers_stay_whole() -> None:
    assert wrapped("in 2014 12.5 Mt", 8) == ["in 2014", "12.5 Mt"]
    assert wrapped("共2014年", 6) == ["共2014", "年"]


@given(st.text(alphabet="ab 能源12，。", max_size=60), st.integers(4, 20))
def test_nothing_is_lost_and_lines_fit_but_for_long_words(text: str, room: int) -> None:
    lines = wrapped(text, room)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        longest = max((cell_len(word) for word in line.split()), default=0)
        assert cell_len(line.rstrip("，。 ")) <= max(room, longest)
