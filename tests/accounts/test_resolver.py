"""Which factor is taken, and why."""

from __future__ import annotations

import pytest
from tests.accounts.rulebook import library, made_factor, rules

from tanlu.accounts.rulebook.method import factor
from tanlu.accounts.rulebook.resolver import Match, Resolver
from tanlu.core.factors import Factor

GRID = factor("grid", "t CO2/MWh", subject="power")


def find(place: str, year: int, *factors: Factor, aliases: dict[tuple[str, str], str] | None = None) -> Match | None:
    found = Resolver(library(*factors, aliases=aliases), rules()).find([GRID], 0, {}, place, year)
    return found[0] if found else None


def grid(value: float, region: str, year: int, factor_set: str = "own", **more: str) -> Factor:
    return made_factor(factor_set, "grid", "power", value, "t CO2/MWh", region=region, year=year, last=year, **more)


FIRST, SECOND, MIDDLE = grid(0.5, "first", 2022), grid(0.6, "second", 2022), grid(0.55, "middle", 2022)


@pytest.mark.parametrize(
    ("place", "year", "value", "reasons"),
    [
        ("first", 2022, 0.5, ("exact",)),
        ("first/city/park", 2022, 0.5, ("exact",)),
        ("first", 2024, 0.5, ("older_year",)),
        ("second/city", 2022, 0.6, ("exact",)),
    ],
)
def test_the_factor_of_the_place(place: str, year: int, value: float, reasons: tuple[str, ...]) -> None:
    match = find(place, year, FIRST, SECOND, MIDDLE)
    assert match is not None and (match.factor.value, match.reasons) == (value, reasons)


def test_a_province_without_its_own_factor_takes_the_wider_area_and_says_so() -> None:
    match = find("first", 2022, SECOND, MIDDLE)
    assert match is not None and (match.factor.value, match.reasons, match.is_fallback) == (
        0.55,
        ("wider_region",),
        True,
    )


def test_a_factor_for_the_whole_country_is_no_substitute_where_there_are_no_others() -> None:
    match = find("first", 2022, grid(0.57, "cn", 2022))
    assert match is not None and match.reasons == ("exact",) and not match.is_fallback


def test_the_factor_of_another_province_is_never_taken() -> None:
    assert find("first", 2022, SECOND) is None


def test_a_later_factor_is_never_taken() -> None:
    assert find("first", 2021, FIRST) is None


def test_of_older_years_the_latest() -> None:
    match = find("first", 2024, FIRST, grid(0.48, "first", 2023))
    assert match is not None and match.factor.value == 0.48


def test_the_place_comes_before_the_year() -> None:
    match = find("first", 2023, FIRST, grid(0.54, "middle", 2023))
    assert match is not None and (match.factor.value, match.reasons) == (0.5, ("older_year",))


def test_another_set_is_the_last_resort_and_listed() -> None:
    match = find("first", 2022, grid(0.7, "first", 2022, "other"))
    assert match is not None and match.reasons == ("other_set",) and match.is_fallback


def test_a_set_outside_the_rulebook_is_not_looked_at() -> None:
    assert find("first", 2022, grid(0.7, "first", 2022, "stranger")) is None


def test_another_name_in_the_set_is_found_and_is_no_fallback() -> None:
    named = made_factor("own", "grid", "electricity", 0.5, "t CO2/MWh")
    match = find("first", 2022, named, aliases={("own", "power"): "electricity"})
    assert match is not None and match.reasons == ("renamed",) and not match.is_fallback


def test_a_draft_is_listed() -> None:
    match = find("first", 2022, grid(0.5, "first", 2022, status="draft"))
    assert match is not None and "draft" in match.reasons and match.is_fallback


def test_a_factor_in_another_kind_of_unit_does_not_serve() -> None:
    assert find("first", 2022, made_factor("own", "grid", "power", 0.5, "t CO2/GJ")) is not None
    assert find("first", 2022, made_factor("own", "grid", "power", 0.5, "t CO2/t")) is None


def test_another_name_of_a_whole_subject_comes_before_those_of_its_parts() -> None:
    wanted = factor("grid", "t CO2/MWh", subject="power.night")
    shelf = library(
        made_factor("own", "grid", "dark", 0.4, "t CO2/MWh"), made_factor("own", "grid", "electricity.night", 0.5, "t CO2/MWh"),
        aliases={("own", "power.night"): "dark", ("own", "power"): "electricity"},
    )  # fmt: skip
    found = Resolver(shelf, rules()).find([wanted], 0, {}, "first", 2022)
    assert found is not None and found[0].factor.value == 0.4


def test_a_factor_of_an_area_around_the_place_comes_before_one_that_names_none() -> None:
    match = find("first", 2022, made_factor("own", "grid", "power", 0.9, "t CO2/MWh"), grid(0.57, "cn", 2022))
    assert match is not None and match.factor.value == 0.57


def test_a_superseded_factor_is_named_as_such_but_not_listed() -> None:
    match = find("first", 2022, grid(0.5, "first", 2022, status="superseded"))
    assert match is not None and match.reasons == ("superseded",) and not match.is_fallback


def test_the_year_and_the_unit_are_part_of_what_is_kept() -> None:
    resolver = Resolver(library(FIRST, grid(0.4, "first", 2023)), rules())
    asked = [resolver.find([GRID], 0, {}, "first", year) for year in (2022, 2023)]
    assert [m[0].factor.value for m in asked if m] == [0.5, 0.4]
