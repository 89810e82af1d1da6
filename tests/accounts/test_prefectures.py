"""The province divided among its prefectures: everything adds up, what is divided says so, nothing negative is hidden."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tanlu.accounts import Inventory, Status, build_inventory
from tanlu.accounts.province.prefecture_lineage import add_prefectures
from tanlu.accounts.province.prefecture_settings import FILE, load_prefecture_settings
from tanlu.accounts.province.prefecture_view import find_prefecture, prefecture_view
from tanlu.accounts.province.prefectures import (
    PrefectureRow,
    compare_outside,
    own_parts,
    prefecture_rows,
    prefecture_total,
)
from tanlu.accounts.rulebook.result import Result
from tanlu.core.errors import DataError
from tanlu.core.gases import gwp_set
from tanlu.core.inventory import combine
from tanlu.core.lineage import Lineage, Node
from tanlu.core.province import Province, load_province

TESTLAND = Path(__file__).parents[1] / "provinces" / "testland"
SOURCE = "testland-assumption"
PEOPLE = {"upper": 1, "middle": 3, "lower": 6}
SETTINGS: dict[str, Any] = {
    "proxies": {
        "people": {
            "zh": "人口",
            "en": "people",
            "variable": "Population|All",
            "unit": "10^4 persons",
            "error": 0.3,
            "drift": 0.1,
        },
        "part": {
            "zh": "产值",
            "en": "value added",
            "variable": "Value|All",
            "unit": "10^8 CNY",
            "error": 0.2,
            "total": "Value|All",
        },
        "plants": {
            "zh": "电厂",
            "en": "plants",
            "variable": "Capacity|Plants",
            "unit": "MW",
            "error": 0.1,
            "absent": "zero",
        },
    },
    "allocations": [
        {"categories": ["1.A.4.b"], "proxies": ["people"]},
        {"categories": ["1.A.2"], "proxies": ["part", "people"]},
        {"categories": ["1.A.4.a"], "proxies": ["part"]},
        {"categories": ["1.A.1.a"], "proxies": ["plants"]},
    ],
}


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Province]:
    """Return a function that makes the invented province with facts of its prefectures and settings of the division."""

    def make(own_value: float = 30, settings: dict[str, Any] | None = None) -> Province:
        folder = tmp_path / "testland"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(TESTLAND, folder)
        facts = [("Population|All", f"testland/{n}", 2014, v, "10^4 persons") for n, v in PEOPLE.items()]
        facts += [
            ("Value|All", "testland", 2014, 100, "10^8 CNY"),
            ("Capacity|Plants", "testland/lower", 2014, 600, "MW"),
        ]
        facts += [("Value|All", "testland/upper", 2014, own_value, "10^8 CNY")]
        with (folder / "statistics.csv").open("a", encoding="utf-8") as file:
            for variable, region, year, value, unit in facts:
                file.write(f"{variable},{region},{year},{value},{unit},{SOURCE},D,2026-01-01,,\n")
        (folder / FILE).write_text(yaml.safe_dump(settings or SETTINGS, allow_unicode=True), encoding="utf-8")
        return load_province(folder)

    return make


def parts(rows: list[PrefectureRow], category: str, year: int, gas: str = "CO2") -> dict[str, float]:
    return {r.region.rpartition("/")[2]: r.value for r in rows if (r.category, r.year, r.gas) == (category, year, gas)}


def whole(inventory: Inventory, category: str, year: int) -> float:
    (value,) = [r.value for r in inventory.rows if (r.category, r.year, r.gas) == (category, year, "CO2")]
    assert value
    return value


def test_a_proxy_divides_by_hand(made: Callable[..., Province]) -> None:
    """People 1 : 3 : 6; value added of one prefecture 30 of 100, the rest 3 : 6; plants in one prefecture only."""
    province = made()
    inventory = build_inventory(province)
    rows = prefecture_rows(province, inventory)
    homes = whole(inventory, "1.A.4.b", 2014)
    assert parts(rows, "1.A.4.b", 2014) == pytest.approx(
        {"upper": 0.1 * homes, "middle": 0.3 * homes, "lower": 0.6 * homes, "unallocated": 0}
    )
    works = whole(inventory, "1.A.2", 2014)
    assert parts(rows, "1.A.2", 2014) == pytest.approx(
        {"upper": 0.3 * works, "middle": 0.7 / 3 * works, "lower": 1.4 / 3 * works, "unallocated": 0}
    )
    services = whole(inventory, "1.A.4.a", 2014)
    assert parts(rows, "1.A.4.a", 2014) == pytest.approx({"upper": 0.3 * services, "unallocated": 0.7 * services})
    power = whole(inventory, "1.A.1.a", 2014)
    assert parts(rows, "1.A.1.a", 2014) == pytest.approx({"upper": 0, "middle": 0, "lower": power, "unallocated": 0})
    assert parts(rows, "1.A.4.c", 2014) == {"unallocated": whole(inventory, "1.A.4.c", 2014)}


def test_divided_values_are_marked_and_wider(made: Callable[..., Province]) -> None:
    province = made()
    inventory = build_inventory(province)
    rows = prefecture_rows(province, inventory)
    own = {(r.year, r.category, r.gas): r for r in inventory.rows}
    divided = [r for r in rows if r.status == "allocated" and r.value]
    assert divided
    for r in divided:
        assert (r.grade, r.proxy != "", r.proxy_year) == ("D", True, 2014)
        of_province = own[r.year, r.category, r.gas]
        # one prefecture alone has everything of the power plants
        if r.category != "1.A.1.a":
            assert (r.high - r.low) / r.value > (of_province.high - of_province.low) / of_province.value  # type: ignore[operator]
    near, far = (
        next(r for r in rows if (r.category, r.year, r.region) == ("1.A.4.b", y, "testland/upper"))
        for y in (2014, 2024)
    )
    # 30 % in the year of the facts; ten years away √(30² + (10 · 10)²) = 104.4 %; times 1 − 0.1 for the own share
    assert near.errors["proxy:people:testland/upper"] == pytest.approx(0.3 * 0.9)
    assert far.errors["proxy:people:testland/upper"] == pytest.approx((0.3**2 + 1.0**2) ** 0.5 * 0.9)


def test_a_remainder_of_the_wrong_sign_is_shown(made: Callable[..., Province]) -> None:
    """A prefecture with 130 of 100 leaves −30 %: nothing is divided, nothing is cut."""
    province = made(own_value=130)
    inventory = build_inventory(province)
    rows = prefecture_rows(province, inventory)
    works = whole(inventory, "1.A.2", 2014)
    assert parts(rows, "1.A.2", 2014) == pytest.approx({"upper": 1.3 * works, "unallocated": -0.3 * works})
    over = {(r.category, r.year) for r in rows if r.over}
    assert over == {(c, y) for c in ("1.A.2", "1.A.4.a") for y in inventory.years}


def test_own_results_stand_before_proxies(made: Callable[..., Province]) -> None:
    """Twice 500 t of a park and a works are 1 kt of the prefecture; memo items and other places do not count."""
    province = made()
    inventory = build_inventory(province)

    def result(place: str, value: float, category: str = "1.A.4.b") -> Result:
        return Result(
            "r", place, "2014", category, "CO2", value, "t", value, value, "m", (), (), "B", (), f"result:{place}:{category}"
        )  # fmt: skip

    results = [
        result("testland/upper/park/works", 500), result("testland/upper/park", 500), result("testland/upper", 9e9, "memo.purchased"),
        result("testland", 7e9),
    ]  # fmt: skip
    own = own_parts(results, list(province.regions))
    rows = prefecture_rows(province, inventory, own)
    homes = whole(inventory, "1.A.4.b", 2014)
    assert parts(rows, "1.A.4.b", 2014) == pytest.approx(
        {"upper": 1, "middle": (homes - 1) / 3, "lower": (homes - 1) * 2 / 3, "unallocated": 0}
    )
    (first,) = [r for r in rows if r.region == "testland/upper" and r.category == "1.A.4.b" and r.year == 2014]
    assert (first.status, first.grade, first.proxy) == ("calculated", "B", "")
    assert first.parents == ("result:testland/upper/park/works:1.A.4.b", "result:testland/upper/park:1.A.4.b")


def test_faults_of_the_settings_are_told_together(made: Callable[..., Province]) -> None:
    settings = {
        "proxies": {
            "people": {**SETTINGS["proxies"]["people"], "unit": "t"},
            "part": {**SETTINGS["proxies"]["part"], "total": "Value|None"},
            "some": {**SETTINGS["proxies"]["part"], "total": ""},
            "plants": {**SETTINGS["proxies"]["plants"], "absent": "nothing"},
            "none": {**SETTINGS["proxies"]["people"], "variable": "People"},
        },
        "allocations": [
            {"categories": ["1.A.4.b"], "proxies": ["people", "part"]},
            {"categories": ["1.A.4.b", "9.Z"], "proxies": ["cattle"]},
        ],
        "reference": "CO2",
    }
    del settings["proxies"]["some"]["total"]  # type: ignore[index]
    with pytest.raises(DataError) as caught:
        load_prefecture_settings(made(settings=settings))
    assert {(p.code, p.field, p.value) for p in caught.value.problems} == {
        ("wrong_unit", "proxies.people.unit", "10^4 persons"),
        ("missing_series", "proxies.part.total", "Value|None"),
        ("proxy_not_for_all", "proxies.some", "Value|All"),
        ("unknown_choice", "proxies.plants.absent", "nothing"),
        ("missing_series", "proxies.none.variable", "People"),
        ("proxy_takes_all", "allocations.#1.proxies", "people"),
        ("listed_twice", "allocations.#2", "1.A.4.b"),
        ("unknown_choice", "allocations.#2.categories", "9.Z"),
        ("unknown_choice", "allocations.#2.proxies", "cattle"),
        ("missing_series", "reference", "CO2"),
    }
    assert all(p.text("zh") and p.text("en") for p in caught.value.problems)


def test_keys_and_kinds_are_checked(made: Callable[..., Province]) -> None:
    settings = {"proxies": {"people": {"zh": "人口", "error": -1}}, "allocations": [{"proxies": []}], "extra": 1}
    with pytest.raises(DataError) as caught:
        load_prefecture_settings(made(settings=settings))
    assert {(p.code, p.field) for p in caught.value.problems} == {("unknown_key", "extra")}
    del settings["extra"]
    with pytest.raises(DataError) as caught:
        load_prefecture_settings(made(settings=settings))
    codes = {p.code for p in caught.value.problems}
    assert {"missing_key", "below_minimum", "empty"} <= codes


def test_a_province_without_settings_leaves_everything_unallocated() -> None:
    province = load_province(TESTLAND)
    inventory = build_inventory(province)
    rows = prefecture_rows(province, inventory)
    assert {r.region for r in rows} == {"testland/unallocated"}
    assert len(rows) == sum(r.value is not None for r in inventory.rows)
    assert compare_outside(province, rows) == []


@pytest.fixture(scope="module")
def rows(province: Province, inventory: Inventory) -> list[PrefectureRow]:
    return prefecture_rows(province, inventory)


def test_prefectures_and_the_rest_add_up_to_the_province(inventory: Inventory, rows: list[PrefectureRow]) -> None:
    sums: dict[tuple[int, str, str], float] = defaultdict(float)
    for r in rows:
        sums[r.year, r.category, r.gas] += r.value
    known = {(r.year, r.category, r.gas): r.value for r in inventory.rows if r.value is not None}
    assert sums == pytest.approx(known, rel=1e-12, abs=1e-9)


def test_added_up_again_the_interval_is_that_of_the_province(inventory: Inventory, rows: list[PrefectureRow]) -> None:
    groups: dict[tuple[int, str, str], list[PrefectureRow]] = defaultdict(list)
    for r in rows:
        groups[r.year, r.category, r.gas].append(r)
    tried = 0
    for row in inventory.rows:
        members = groups[row.year, row.category, row.gas]
        if row.value is None or len(members) < 3:
            continue
        _, low, high = combine(((m.value, m.errors) for m in members), row.signed)
        assert (low, high) == pytest.approx((row.low, row.high), rel=1e-9)
        tried += 1
    assert tried > 100


def test_the_division_holds_no_category_that_nothing_tells_of(rows: list[PrefectureRow]) -> None:
    """Steel, cement, coal mines and purchased power have no proxy and stay whole."""
    for category in ("1.A.2.a", "2.A.1", "1.B.1.a", "3.A.1", "memo.imports"):
        assert {r.region.rpartition("/")[2] for r in rows if r.category == category} == {"unallocated"}
    assert {r.status for r in rows if r.category == "memo.imports"} == {Status.MEMO.value}
    assert not any(r.over for r in rows)


def test_no_prefecture_has_more_than_the_outside_inventory(province: Province, rows: list[PrefectureRow]) -> None:
    """CEADs holds the categories that are not divided here, so that it must be higher everywhere."""
    found = compare_outside(province, rows)
    assert len(found) == 118 and {c.year for c in found} == set(range(2005, 2016))
    assert all(c.difference < 0 for c in found)
    assert all({"1.A.2.a", "2.A.1"} <= set(c.missing) for c in found)


def test_every_row_leads_to_facts_and_sources(
    province: Province, inventory: Inventory, rows: list[PrefectureRow]
) -> None:
    from tanlu.accounts.province.lineage import complete_parents

    lineage = Lineage(Node(r.id, "result", "", "") for r in inventory.rows)
    add_prefectures(lineage, rows, province)
    complete_parents(lineage, province)
    assert lineage.missing() == []
    share = next(r for r in rows if (r.region, r.year, r.category) == ("hunan/changsha", 2022, "1.A.3"))
    nodes = {n.id for _, n in lineage.walk(share.id)}
    assert {
        "fact:hunan/changsha:GDP|Current Prices:2022",
        "assumption:proxy:gdp",
        "source:prefecture-communiques",
    } <= nodes
    other = next(r for r in rows if (r.region, r.year, r.category) == ("hunan/loudi", 2022, "1.A.4.b"))
    nodes = {n.id for _, n in lineage.walk(other.id)}
    assert {f"fact:{r}:Population|Resident (year-end):2021" for r in province.regions if "/" in r} <= nodes


@pytest.mark.parametrize("name", ["hunan/changsha", "changsha", "Changsha", "长沙市", "长沙"])
def test_a_prefecture_is_found_by_any_of_its_names(province: Province, name: str) -> None:
    assert find_prefecture(province, name) == "hunan/changsha"


@pytest.mark.parametrize("name", ["", "长", "hunan", "武汉"])
def test_other_names_are_answered(province: Province, name: str) -> None:
    with pytest.raises(DataError) as caught:
        find_prefecture(province, name)
    assert caught.value.problems[0].code == "unknown_prefecture"


def test_the_view_has_the_total_of_its_rows(
    province: Province, inventory: Inventory, rows: list[PrefectureRow]
) -> None:
    view = prefecture_view(province, inventory, "yueyang", 2022, "AR6")
    weights = gwp_set("AR6")
    by_hand = sum(r.value * weights[r.gas] for r in view.rows if r.sector != "land")
    assert view.total[0] == pytest.approx(by_hand)
    assert view.total == pytest.approx(prefecture_total(rows, "hunan/yueyang", 2022, weights))
    everything = inventory.total(2022, weights)[0]
    assert view.as_record("en")["share_of_province"] == pytest.approx(by_hand / everything)
    assert all("CJK" not in t for t in view.notes("en")) and len(view.lines("zh")) == len(view.rows)


def test_removals_are_divided_with_their_sign(rows: list[PrefectureRow]) -> None:
    forest = [r for r in rows if r.category == "3.B.1.a" and r.status == "allocated"]
    assert forest and all(r.value < 0 and r.low <= r.value <= r.high < 0 for r in forest)


def test_an_inventory_without_numbers_gives_no_rows(province: Province, inventory: Inventory) -> None:
    empty = replace(inventory, rows=tuple(r for r in inventory.rows if r.value is None))
    assert prefecture_rows(province, empty) == []
