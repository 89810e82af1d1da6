"""Notation keys: what cannot be estimated says so and why."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.records import InventoryRow, Status
from tanlu.core.provenance import Grade
from tanlu.core.province import Province

NOT_ESTIMATED: Final = (
    ("1.A", "CH4", "energy_industry", "ne_no_factor"),
    ("1.A", "N2O", "energy_industry", "ne_no_factor"),
    ("1.B.2", "CH4", "energy_industry", "ne_no_activity"),
    ("2.A.2", "CO2", "cement", "ne_no_output"),
    ("2.A.4", "CO2", "cement", "ne_no_output"),
    ("2.B.1", "CO2", "chemicals", "ne_no_output"),
    ("2.B.2", "N2O", "chemicals", "ne_no_output"),
    ("2.B.4", "N2O", "chemicals", "ne_no_output"),
    ("2.B.8", "CO2", "chemicals", "ne_no_output"),
    ("2.C.2", "CO2", "other_industry", "ne_no_output"),
    ("2.C.3", "CO2", "nonferrous", "ne_no_output"),
    ("2.D", "CO2", "other_industry", "ne_no_activity"),
    ("2.E", "CF4", "other_industry", "ne_no_activity"),
    ("2.F", "HFC-23", "other_industry", "ne_no_activity"),
    ("2.G", "SF6", "power", "ne_no_activity"),
    ("3.B.2", "CO2", "land", "ne_no_activity"),
    ("3.C.1", "CH4", "agriculture", "ne_no_activity"),
    ("3.C.4", "N2O", "agriculture", "ne_no_activity"),
    ("3.C.5", "N2O", "agriculture", "ne_no_activity"),
    ("4.A", "CH4", "waste", "ne_no_activity"),
    ("4.B", "CH4", "waste", "ne_no_activity"),
    ("4.C", "CO2", "waste", "ne_no_activity"),
    ("4.D", "CH4", "waste", "ne_no_activity"),
    ("4.D", "N2O", "waste", "ne_no_activity"),
)
"""Categories (code, gas, sector, reason) for which a province folder has no table yet: they say NE, never 0."""

REASONS: Final[dict[str, tuple[str, str]]] = {
    "ne_no_factor": (
        "除能源工业外各行业燃烧的甲烷和氧化亚氮缺少已核对的因子",
        "no verified factor of combustion methane and nitrous oxide outside the energy industries",
    ),
    "ne_no_activity": ("没有找到公开的活动数据", "no published activity data were found"),
    "ne_no_output": ("没有公开的产品产量", "no published output of the product"),
    "ne_year": ("该年没有活动数据，也没有可用的驱动量", "no activity data in this year and no driver to fill it"),
    "partial_rice": ("仅早稻；中稻和晚稻没有面积数据", "early rice only; no areas of middle and late rice were found"),
    "partial_pigs": ("仅生猪；牛羊禽没有存栏数据", "pigs only; no stocks of cattle, goats and poultry were found"),
    "reductant": (
        "已扣除记在 2.C.5 和 2.C.6 的还原剂碳",
        "less the carbon of reducing agents that is reported in 2.C.5 and 2.C.6",
    ),
    "import_upper": (
        "用电量减省内公布发电量：含未统计的屋顶光伏和小水电，是净调入的上限",
        "use less published generation: rooftop solar and small hydro that are not published are in it, an upper bound",
    ),
}


def inventory_years(province: Province) -> list[int]:
    """Return the years of the inventory."""
    return list(range(int(province.settings["first_year"]), int(province.settings["last_year"]) + 1))


def notation_row(
    province: Province, year: int, category: str, gas: str, sector: str, reason: str, method: str = "none"
) -> InventoryRow:
    """Return a row that says NE and why."""
    zh, en = REASONS[reason]
    return InventoryRow(
        province.id, year, category, gas, sector, None, Status.NE, Grade.D, method, note_zh=zh, note_en=en
    )
