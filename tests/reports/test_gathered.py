"""Assumptions of one name share a row: expected rows are written by hand."""

from __future__ import annotations

from tanlu.core.lineage import Node
from tanlu.reports.gathered import Gathered, gathered


def node(name: str, zh: str, en: str, value: float | None, unit: str = "1", note: str = "") -> Node:
    return Node(name, "assumption", zh, en, value, unit, "D", note, note)


def tell(value: float, unit: str) -> str:
    return f"{value:g}"


def test_members_with_one_value_are_told_once_and_names_may_have_commas() -> None:
    nodes = [
        node("parameter:ratio:farms", "用电量：农业", "electricity: agriculture", 0.4),
        node(
            "parameter:ratio:refining",
            "用电量：炼油、石化和炼焦",
            "electricity: refining, petrochemicals and coking",
            0.8,
        ),
        node("parameter:ratio:mines", "用电量：煤炭开采", "electricity: coal mining", 0.8),
    ]
    (zh,) = gathered(nodes, "zh", tell)
    assert zh == Gathered("用电量", "1", "农业：0.4；炼油、石化和炼焦\u00a0/ 煤炭开采：0.8")
    (en,) = gathered(nodes, "en", tell)
    assert en.values == "agriculture: 0.4; refining, petrochemicals and coking\u00a0/ coal mining: 0.8"


def test_years_stand_in_brackets_behind_their_values() -> None:
    nodes = [
        node("effect:price:2024", "碳价（2024 年）", "price of carbon (2024)", 95, "CNY/t"),
        node("effect:price:2060", "碳价（2060 年）", "price of carbon (2060)", 600, "CNY/t"),
        node("growth:high:gdp:2030", "增速：高增长、2030 年", "growth: high growth, 2030", 0.05, "1/yr"),
        node("growth:high:gdp:2060", "增速：高增长、2060 年", "growth: high growth, 2060", 0.03, "1/yr"),
    ]
    assert gathered(nodes, "zh", tell) == (
        Gathered("碳价", "CNY/t", "95（2024\u00a0年），600（2060\u00a0年）"),
        Gathered("增速：高增长", "1/yr", "0.05（2030\u00a0年），0.03（2060\u00a0年）"),
    )
    assert [row.values for row in gathered(nodes, "en", tell)] == [
        "95\u00a0(2024), 600\u00a0(2060)",
        "0.05\u00a0(2030), 0.03\u00a0(2060)",
    ]


def test_many_numbers_of_two_parts_are_parted_by_the_first_of_them() -> None:
    nodes = [
        node(
            f"effect:factor:boiler{n}|{fuel}|{gas}",
            f"因子（锅炉{n}、{fuel}、{gas}）",
            f"factor (boiler {n}, {fuel}, {gas})",
            value,
        )
        for n in range(7)
        for fuel, gas, value in (("coal", "CH4", 10), ("coal", "N2O", 1.5), ("coke", "CH4", 10), ("coke", "N2O", 1.5))
    ]
    rows = gathered(nodes, "en", tell)
    assert [row.name for row in rows] == [f"factor: boiler {n}" for n in range(7)]
    assert {row.values for row in rows} == {"coal\u00a0/ coke: CH4\u00a010, N2O\u00a01.5"}


def test_a_value_of_many_members_stands_first() -> None:
    nodes = [node(f"parameter:floor:s{n}", f"下限：部门{n}", f"floor: sector {n}", 0.45) for n in range(4)]
    (row,) = gathered(nodes, "en", tell)
    assert row.values == "0.45 (the same for 4: sector 0\u00a0/ sector 1\u00a0/ sector 2\u00a0/ sector 3)"


def test_a_value_that_all_of_many_members_share_is_told_without_the_long_list() -> None:
    nodes = [node(f"parameter:floor:s{n}", f"下限：部门{n}", f"floor: sector {n}", 0.45) for n in range(9)]
    (row,) = gathered(nodes, "en", tell)
    assert row.values == "0.45 (the same for all 9, from sector 0 to sector 8)"


def test_what_has_no_number_is_told_by_its_note_and_a_mere_collection_is_left_out() -> None:
    nodes = [
        node("assumption:share:steel", "份额：钢铁", "share: steel", None, "", "电力 14 %"),
        node("growth:high", "高增长", "high growth", None, ""),
        node("effect:life", "寿命（基年=1）", "life (base year = 1)", 30, "yr"),
    ]
    assert gathered(nodes, "zh", tell) == (
        Gathered("份额：钢铁", "", "电力 14 %"),
        Gathered("寿命（基年=1）", "yr", "30"),
    )
