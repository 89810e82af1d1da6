"""Colours can be read and told apart."""

from __future__ import annotations

import itertools

import pytest

from tanlu.charts import tokens
from tanlu.charts.colour import VISIONS, Vision, contrast, distance, lab, linear_rgb

TEXTS = [tokens.INK, tokens.MUTED, tokens.ACCENT, tokens.FOCUS]


def test_black_on_white_has_the_largest_contrast() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)


def test_contrast_of_mid_grey_agrees_with_the_published_example() -> None:
    """#777777 on white is the well-known near miss of level AA: 4.48."""
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_lab_of_pure_red_agrees_with_published_values() -> None:
    """sRGB red is L* 53.24, a* 80.09, b* 67.20 under D65 (B. Lindbloom's calculator)."""
    assert lab("#FF0000") == pytest.approx((53.24, 80.09, 67.20), abs=0.02)


def test_red_and_green_of_equal_lightness_come_closer_without_green_cones() -> None:
    assert distance("#C86400", "#649600", "deuteranopia") < 0.5 * distance("#C86400", "#649600")


@pytest.mark.parametrize("vision", VISIONS)
def test_white_stays_white_in_every_vision(vision: Vision) -> None:
    lightness, a, b = lab("#FFFFFF", vision)
    assert lightness == pytest.approx(100, abs=0.1)
    assert abs(a) < 0.5 and abs(b) < 0.5


@pytest.mark.parametrize("colour", TEXTS)
def test_text_is_readable_on_cards(colour: str) -> None:
    assert contrast(colour, tokens.CARD) >= 4.5


@pytest.mark.parametrize("colour", [tokens.INK, tokens.MUTED, tokens.ACCENT])
def test_text_is_readable_on_the_page(colour: str) -> None:
    assert contrast(colour, tokens.PAGE) >= 4.5


@pytest.mark.parametrize("status", tokens.STATUS)
def test_white_text_is_readable_on_a_status(status: str) -> None:
    assert contrast(tokens.STATUS[status], "#FFFFFF") >= 4.5


def test_text_on_each_step_of_the_ramp_is_readable() -> None:
    for step, fill in enumerate(tokens.RAMP):
        assert contrast(fill, tokens.CARD if step >= tokens.RAMP_FLIP else tokens.INK) >= 4.5


@pytest.mark.parametrize("vision", VISIONS)
def test_neighbours_in_the_stack_differ_in_every_vision(vision: Vision) -> None:
    fills = list(tokens.SECTOR_FILLS.values())
    for one, two in [*itertools.pairwise(fills), (fills[0], tokens.LAND_FILL)]:
        assert distance(one, two, vision) >= 20, (one, two)


def test_lines_differ_by_dash_and_are_visible_on_white() -> None:
    assert len(set(tokens.DASHES)) == len(tokens.LINES)
    assert all(contrast(colour, tokens.CARD) >= 3 for colour in tokens.LINES)


def test_linear_rgb_of_the_ends_is_zero_and_one() -> None:
    assert linear_rgb("#000000") == (0, 0, 0)
    assert linear_rgb("#FFFFFF") == pytest.approx((1, 1, 1))


def test_custom_properties_hold_every_status() -> None:
    css = tokens.css_variables()
    assert all(f"--status-{name}:{colour};" in css for name, colour in tokens.STATUS.items())
