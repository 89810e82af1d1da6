"""Four levels of ambition: they climb from the frozen world to the end of the range, and say in both languages what they mean."""

from __future__ import annotations

import dataclasses

import pytest

from tanlu.core.messages import LANGUAGES
from tanlu.pathways import Lever, load_model
from tanlu.pathways.ambition import ambition_levels, level_text

LEVERS = load_model().data.every


@pytest.mark.parametrize("lever", LEVERS, ids=lambda lever: str(lever.id))
def test_levels_are_worlds_and_the_end_of_the_range_on_the_side_of_the_plan(lever: Lever) -> None:
    levels = ambition_levels(lever)
    assert [x.number for x in levels] == [1, 2, 3, 4]
    assert [x.value for x in levels[:3]] == [lever.worlds[w] for w in ("frozen", "current", "plan")]
    assert levels[3].value in (lever.minimum, lever.maximum)
    assert (levels[3].value - levels[2].value) * (levels[2].value - levels[0].value) >= 0
    for level in levels:
        texts = {level_text(lever, level, lambda v: f"<{v:g}>", language) for language in LANGUAGES}
        assert len(texts) == 2 and all(
            f"<{abs(level.value) if lever.op == 'add' else level.value:g}>" in t for t in texts
        )
        assert all(x.number < level.number and x.value == level.value for x in levels if x.number == level.same_as)


def test_a_lever_that_falls_ends_at_its_minimum_and_one_that_stays_points_where_policy_does() -> None:
    lever = next(x for x in LEVERS if x.op == "set")
    middle = (lever.minimum + lever.maximum) / 2
    low = (lever.minimum + middle) / 2
    falling = dataclasses.replace(lever, worlds={"frozen": middle, "current": middle, "plan": low})
    assert [x.value for x in ambition_levels(falling)] == [middle, middle, low, lever.minimum]
    assert [x.same_as for x in ambition_levels(falling)] == [0, 1, 0, 0]
    back = dataclasses.replace(lever, worlds={"frozen": middle, "current": low, "plan": middle})
    assert ambition_levels(back)[3].value == lever.minimum
