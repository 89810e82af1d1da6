"""Columns of the registry's tables, and the Chinese headings under which they may stand."""

from __future__ import annotations

from typing import Final

from tanlu.core.tables import Column
from tanlu.monitor.schema import MeterKind, UnitKind

DECLARED: Final = (UnitKind.DEVICE, UnitKind.ENTERPRISE, UnitKind.PARK, UnitKind.COUNTY)
"""Kinds of units that files declare; prefectures and the province are the regions of the province folder."""
YES: Final = ("1", "yes", "true", "TRUE", "是")
NO: Final = ("0", "no", "false", "FALSE", "否")
KIND_WORDS: Final = {
    "设备": UnitKind.DEVICE,
    "企业": UnitKind.ENTERPRISE,
    "园区": UnitKind.PARK,
    "县": UnitKind.COUNTY,
    "县区": UnitKind.COUNTY,
}
METER_KIND_WORDS: Final = {
    "累计": MeterKind.REGISTER,
    "表底": MeterKind.REGISTER,
    "区间": MeterKind.INTERVAL,
    "时段": MeterKind.INTERVAL,
    "瞬时": MeterKind.RATE,
    "功率": MeterKind.RATE,
}

UNIT_COLUMNS: Final = (
    Column("id"),
    Column("kind", "choice", choices=(*DECLARED, *KIND_WORDS), refers_to="kind"),
    Column("parent", required=False),
    Column("zh"),
    Column("en"),
    Column("region", required=False),
    Column("sector", required=False),
    Column("uscc", required=False),
    Column("valid_from", required=False),
    Column("valid_to", required=False),
)
METER_COLUMNS: Final = (
    Column("id"),
    Column("unit"),
    Column("carrier"),
    Column("kind", "choice", choices=(*MeterKind, *METER_KIND_WORDS), refers_to="kind"),
    Column("step"),
    Column("ratio", "number", required=False),
    Column("measure", "unit", required=False),
    Column("decimals", "integer", required=False, minimum=0, maximum=9),
    Column("roll", "number", required=False),
    Column("parent", required=False),
    Column("sign", "choice", required=False, choices=("1", "-1", "+1"), refers_to="1, -1"),
    Column("counted", "choice", required=False, choices=(*YES, *NO), refers_to="yes, no"),
    Column("accuracy", "number", required=False, minimum=0, maximum=100),
    Column("rating", "number", required=False, minimum=0),
    Column("calibrated_on", required=False),
    Column("calibration_months", "integer", required=False, minimum=1, maximum=240),
    Column("position", required=False),
    Column("valid_from", required=False),
    Column("valid_to", required=False),
)
TABLES: Final = {"units": UNIT_COLUMNS, "meters": METER_COLUMNS}
HEADINGS: Final = {
    "units": {
        "编号": "id", "单位编号": "id", "类型": "kind", "级别": "kind", "上级": "parent", "上级编号": "parent", "名称": "zh",
        "中文名称": "zh", "英文名称": "en", "地区": "region", "所在地区": "region", "行业": "sector",
        "统一社会信用代码": "uscc", "信用代码": "uscc", "启用日期": "valid_from",
        "停用日期": "valid_to",
    },
    "meters": {
        "编号": "id", "表号": "id", "表计编号": "id", "所属单位": "unit", "单位编号": "unit", "介质": "carrier", "能源品种": "carrier",
        "类型": "kind", "采集间隔": "step", "倍率": "ratio", "计量单位": "measure", "小数位": "decimals",
        "翻转值": "roll", "满度值": "roll",
        "上级表": "parent",
        "方向": "sign", "计入": "counted", "准确度等级": "accuracy", "额定值": "rating", "检定日期": "calibrated_on",
        "检定周期": "calibration_months", "安装位置": "position", "启用日期": "valid_from", "停用日期": "valid_to",
    },
}  # fmt: skip
"""Chinese headings of each table."""
