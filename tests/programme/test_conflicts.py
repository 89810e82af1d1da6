"""Conflicts of interest: every kind with its evidence, periods to the day."""

from __future__ import annotations

from datetime import date

import pytest

from tanlu.programme.conflicts import (
    Affiliation,
    Conflict,
    ConflictKind,
    Expert,
    Proposal,
    Tie,
    UnitTree,
    find_conflicts,
    years_before,
)

TODAY = date(2026, 6, 1)
TREE = UnitTree(
    {"lab": "university", "school": "university", "university": "province", "institute": "province"}, ["province"]
)
SINCE = date(2010, 1, 1)


def kinds(expert: Expert, **proposal: object) -> set[ConflictKind]:
    values = {"people": ("applicant",), "units": ("lab",), **proposal}
    return {c.kind for c in find_conflicts([Proposal("p", **values)], [expert], TREE, TODAY)}  # type: ignore[arg-type]


def test_units_under_the_same_body_conflict_and_say_which() -> None:
    expert = Expert("e", "Li", (Affiliation("school", SINCE),))
    (found,) = find_conflicts([Proposal("p", ("a",), ("lab",))], [expert], TREE, TODAY)
    assert (found.kind, found.evidence, found.hard) == (ConflictKind.SAME_UNIT, "school ~ lab", True)


def test_units_that_only_share_the_provincial_government_do_not_conflict() -> None:
    assert kinds(Expert("e", "Li", (Affiliation("institute", SINCE),))) == set()


@pytest.mark.parametrize(("left", "conflict"), [(date(2024, 6, 1), True), (date(2024, 5, 31), False)])
def test_a_left_unit_counts_for_two_years_to_the_day(left: date, conflict: bool) -> None:
    assert bool(kinds(Expert("e", "Li", (Affiliation("lab", SINCE, left),)))) is conflict


@pytest.mark.parametrize(("last", "conflict"), [(date(2023, 6, 1), True), (date(2023, 5, 31), False)])
def test_co_work_counts_for_three_years_inclusive(last: date, conflict: bool) -> None:
    expert = Expert("e", "Li", ties=(Tie(ConflictKind.COWORK, "applicant", last),))
    assert bool(kinds(expert)) is conflict


def test_kin_and_advisers_count_however_long_ago() -> None:
    expert = Expert("e", "Li", ties=(Tie(ConflictKind.ADVISER, "applicant", date(1999, 7, 1)),))
    assert kinds(expert) == {ConflictKind.ADVISER}


def test_the_consortium_and_the_owner_of_the_challenge_count_too() -> None:
    expert = Expert("e", "Li", ties=(Tie(ConflictKind.INTEREST, "firm"),))
    assert kinds(expert, units=("lab", "firm")) == {ConflictKind.INTEREST}
    assert kinds(expert, owner="firm") == {ConflictKind.INTEREST}


def test_an_expert_who_applies_does_not_judge_the_own_proposal() -> None:
    assert kinds(Expert("applicant", "Li")) == {ConflictKind.DECLARED}


def test_equal_names_and_regions_are_hints_only() -> None:
    expert = Expert("e", "Li Ming", region="west")
    found = find_conflicts(
        [Proposal("p", ("a",), ("lab",), names={"a": "Li Ming"}, region="west")], [expert], TREE, TODAY
    )
    assert {c.kind for c in found} == {ConflictKind.SIMILAR_NAME, ConflictKind.SAME_REGION}
    assert not any(c.hard for c in found)


def test_more_excluded_experts_than_allowed_are_refused() -> None:
    with pytest.raises(ValueError, match="4 experts; 3"):
        kinds(Expert("e", "Li"), excluded=("e", "f", "g", "h"))
    assert kinds(Expert("e", "Li"), excluded=("e",)) == {ConflictKind.NAMED}


def test_what_was_pinned_stays_as_it_was_set() -> None:
    pinned = Conflict("p", "e", ConflictKind.SAME_UNIT, "set by an officer", pinned=True)
    expert = Expert("e", "Li", (Affiliation("lab", SINCE),))
    assert find_conflicts([Proposal("p", ("a",), ("lab",))], [expert], TREE, TODAY, declared=[pinned]) == [pinned]


def test_a_unit_above_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="above itself"):
        UnitTree({"a": "b", "b": "a"})


def test_years_are_counted_back_from_a_leap_day() -> None:
    assert years_before(date(2024, 2, 29), 1) == date(2023, 2, 28)
