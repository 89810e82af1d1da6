"""Masses on the terminal are in the unit of the reader's language."""

from __future__ import annotations

import pytest

from tanlu.commands.tonnes import tonnes, tonnes_unit


@pytest.mark.parametrize(
    ("value", "places", "signed", "zh", "en"),
    [
        (44.87, 1, False, "4,487", "44.9"),
        (-12.0, 1, True, "\u22121,200", "\u221212.0"),
        (9.43, 1, True, "+943", "+9.4"),
        (0.134, 3, False, "13.4", "0.134"),
        (-0.0004, 1, True, "0", "0.0"),
        (0.0, 1, True, "0", "0.0"),
        (4121.45, 0, False, "412,145", "4,121"),
    ],
)
def test_one_megatonne_is_a_hundred_times_ten_thousand_tonnes(
    value: float, places: int, signed: bool, zh: str, en: str
) -> None:
    """1 Mt = 10^6 t = 100 万吨; nothing has no sign."""
    assert tonnes(value, "zh", places, signed=signed) == zh
    assert tonnes(value, "en", places, signed=signed) == en


def test_the_unit_stands_beside_it() -> None:
    assert (tonnes_unit("zh"), tonnes_unit("en")) == ("万吨", "Mt")
