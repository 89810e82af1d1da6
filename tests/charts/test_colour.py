"""Colours can be read and told apart."""

from __future__ import annotations

import itertools

import pytest

from tanlu.charts import tokens
from tanlu.charts.colour import VISIONS, Vision, contrast, distance, lab, linear_rgb
from tanlu.charts.theme import stylesheet, themed
from tanlu.charts.tokens import DARK, LIGHT, Theme

every_theme = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
every_vision = pytest.mark.parametrize("vision", VISIONS)


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


@every_theme
def test_every_text_can_be_read_on_what_it_stands_on(theme: Theme) -> None:
    """WCAG 2.1, 1.4.3, level AA: 4.5 to 1."""
    assert {n: p for n, p in tokens.text_pairs(theme).items() if contrast(*p) < 4.5} == {}


@every_theme
def test_every_mark_without_a_word_can_be_seen(theme: Theme) -> None:
    """WCAG 2.1, 1.4.11, level AA: 3 to 1."""
    assert {n: p for n, p in tokens.mark_pairs(theme).items() if contrast(*p) < 3} == {}


@every_theme
def test_a_word_on_a_sector_fill_can_be_read(theme: Theme) -> None:
    assert all(contrast(theme.on(fill), fill) >= 4.5 for fill in theme.sector_fills.values())


@every_theme
@every_vision
def test_neighbours_in_the_stack_differ_in_every_vision(theme: Theme, vision: Vision) -> None:
    fills = list(theme.sector_fills.values())
    for one, two in [*itertools.pairwise(fills), (fills[0], theme.land_fill)]:
        assert distance(one, two, vision) >= 20, (one, two)


@every_theme
@every_vision
def test_any_two_bands_of_an_energy_system_differ_in_every_vision(theme: Theme, vision: Vision) -> None:
    fills = [*theme.technology_fills, theme.other_fill, theme.unserved_fill]
    assert min(distance(one, two, vision) for one, two in itertools.combinations(fills, 2)) >= 20


@every_theme
@every_vision
def test_steps_of_the_ramp_differ_in_every_vision_and_move_away_from_the_card(theme: Theme, vision: Vision) -> None:
    assert min(distance(one, two, vision) for one, two in itertools.pairwise(theme.ramp)) >= 8
    away = [contrast(fill, theme.card) for fill in theme.ramp]
    assert away == sorted(away)


@every_theme
def test_lines_have_a_dash_each(theme: Theme) -> None:
    assert len(set(tokens.DASHES)) == len(tokens.DASHES) == len(theme.lines)


def test_a_colour_has_one_twin() -> None:
    """What is one colour in the light theme is one in the dark theme too, so that a specification can be turned by its colours alone."""
    light, dark = tokens.colours(LIGHT), tokens.colours(DARK)
    hidden = {role.replace("_", "-") for role in tokens.PAGE_ONLY}
    pairs = {(light[name].upper(), dark[name]) for name in light if name not in hidden}
    assert len(pairs) == len({one for one, _ in pairs})


def test_a_specification_is_turned_by_its_colours_and_nothing_else() -> None:
    spec = {
        "mark": {"color": LIGHT.ink},
        "data": [{"fill": LIGHT.sector_fills["cement"], "ink": "#FFFFFF", "name": "#1F2933 x"}],
        "n": 3,
    }
    dark = themed(spec, "dark")
    fill = DARK.sector_fills["cement"]
    assert dark == {
        "mark": {"color": DARK.ink},
        "data": [{"fill": fill, "ink": DARK.on(fill), "name": "#1F2933 x"}],
        "n": 3,
    }
    assert themed(spec, "light") == spec
    with pytest.raises(KeyError):
        themed(spec, "sepia")


def test_linear_rgb_of_the_ends_is_zero_and_one() -> None:
    assert linear_rgb("#000000") == (0, 0, 0)
    assert linear_rgb("#FFFFFF") == pytest.approx((1, 1, 1))


def test_the_stylesheet_holds_every_token_of_both_themes_and_is_light_on_paper() -> None:
    css = stylesheet()
    for theme in (LIGHT, DARK):
        assert all(f"--{name}:{colour};" in css for name, colour in tokens.colours(theme).items())
    light, *dark = css.split("@media screen")
    assert f"--page:{LIGHT.page};" in light and len(dark) == 2
    assert all(f"--page:{DARK.page};" in part for part in dark)
