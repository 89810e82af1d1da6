"""The scheme of the assessment: what ships can be applied, what is wrong is told at once, and plain data give the same scheme again."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from tanlu.assessment.filing.scheme import scheme_from
from tanlu.assessment.filing.scheme_file import read_scheme, scheme_for
from tanlu.core.errors import DataError
from tanlu.core.province import province_folder
from tanlu.plan import load_plan
from tanlu.programme.registry.places import prefectures_of
from tanlu.records.log.canonical import canonical

FOLDER = province_folder("hunan")
FILE = FOLDER / "assessment" / "city_scores" / "2023.yaml"
CITIES = prefectures_of("hunan")


def read(folder: Path, *changes: tuple[str, str]) -> list[str]:
    """Return ``code field`` of every problem of the shipped scheme with some words replaced."""
    text = FILE.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "assessment" / "city_scores" / "2023.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    shutil.copy(FOLDER / "statistics.csv", folder)
    try:
        read_scheme(path, folder, CITIES)
    except DataError as error:
        return sorted(f"{p.code} {p.field.rpartition('.')[2]}" for p in error.problems)
    return []


def test_the_shipped_scheme_covers_every_action_and_says_that_it_is_assumed() -> None:
    scheme, plan = scheme_for("hunan", 2025), load_plan(FOLDER)
    assert {a.id for a in plan.actions()} | {"plan"} == {i.action for i in scheme.indicators}
    assert {i.target for i in scheme.indicators} <= set(plan.targets_by_id)
    assert (scheme.status, scheme.grade, sum(i.weight for i in scheme.indicators)) == ("unverified", "D", 100)
    assert [i.id for i in scheme.indicators if i.floor is not None] == ["investment"]
    for indicator in scheme.indicators:
        # each share is rounded to six decimals of a percent
        assert not indicator.shares or abs(sum(indicator.shares.values()) - 100) < Decimal("1e-5")
        assert not indicator.shares or set(indicator.shares) == set(CITIES)


def test_plain_data_give_the_same_scheme_again() -> None:
    scheme = scheme_for("hunan", 2025)
    again = scheme_from(json.loads(canonical(scheme.content)))
    assert again == scheme and again.sha256 == scheme.sha256


def test_all_that_is_wrong_with_a_scheme_is_told_at_once(tmp_path: Path) -> None:
    assert read(tmp_path) == []
    wrong = read(
        tmp_path,
        ("- id: plan_tasks", "- id: investment"),
        ("filing_due: 03-31", "filing_due: 03-32"),
        ("capped_grade: fair", "capped_grade: superb"),
        ("from: 80}", "from: 95}"),
        ("innovation_team, young_talent", "star"),
        ("unit: 10^4 CNY", "unit: gold"),
        ("baseline: 60, due: 2025", "baseline: 100, due: 2025"),
        ("direction: down", "direction: up"),
        ("weight: 20", "weight: 0"),
        ("Share|Provincial GDP (model), year: 2015", "Share|Provincial GDP (model), year: 1999"),
    )
    assert sorted(set(wrong)) == [
        "below_minimum weight", "name_twice id", "not_a_date filing_due", "scheme_direction direction", "scheme_grades from",
        "scheme_path path", "scheme_share allot", "unknown_choice capped_grade", "unknown_choice kinds", "unknown_unit unit",
    ]  # fmt: skip


def test_keys_that_are_missing_or_unknown_are_told_at_once(tmp_path: Path) -> None:
    wrong = read(
        tmp_path, ("status: unverified\n", ""), ("capped_grade: fair", "capped: fair"), ("weight: 20", "weight: much")
    )
    assert wrong == ["missing_key capped_grade", "missing_key status", "not_a_number weight", "unknown_key capped"]


def test_a_year_without_a_scheme_is_told() -> None:
    with pytest.raises(DataError) as error:
        scheme_for("hunan", 2022)
    assert [(p.code, p.value) for p in error.value.problems] == [("no_scheme", "2022")]
