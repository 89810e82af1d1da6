"""Words of files of readings: headings of columns, and what files call the quality of a reading."""

from __future__ import annotations

from typing import Final

from tanlu.monitor.schema import HJ212_FLAGS, Quality

COLUMNS: Final = {
    "meter": ("meter", "meter_id", "id", "表号", "表计", "表计编号", "计量点", "计量点编号", "点号", "设备编号"),
    "time": ("time", "ts", "timestamp", "datetime", "date", "时间", "采集时间", "抄表时间", "数据时间", "日期时间", "日期"),
    "value": ("value", "reading", "读数", "数值", "值", "示数", "表底", "表码"),
    "quality": ("quality", "status", "flag", "状态", "质量", "质量码", "数据状态", "标志"),
    "known_at": ("known_at", "获知时间"),
}  # fmt: skip
"""Headings (lower case) of each column of a file of readings; the last two may be absent."""
REQUIRED: Final = ("meter", "time", "value")
LEDGER_TIME: Final = "ts"
"""Heading of seconds since 1970 UTC in files whose values are the whole numbers of the ledger already."""

QUALITY_WORDS: Final[dict[str, Quality]] = {
    "": Quality.GOOD,
    **{str(int(q)): q for q in Quality},
    **{q.name.lower(): q for q in Quality},
    **{flag.lower(): q for flag, q in HJ212_FLAGS.items()},
    "正常": Quality.GOOD, "良好": Quality.GOOD, "有效": Quality.GOOD, "手工": Quality.MANUAL, "手工录入": Quality.MANUAL,
    "人工": Quality.MANUAL, "估计": Quality.ESTIMATED, "估算": Quality.ESTIMATED, "维护": Quality.MAINTENANCE,
    "校准": Quality.CALIBRATION, "标定": Quality.CALIBRATION, "故障": Quality.FAULT, "超量程": Quality.OVER_RANGE,
    "超限": Quality.OVER_RANGE, "通讯中断": Quality.NO_CONTACT, "通信中断": Quality.NO_CONTACT, "离线": Quality.NO_CONTACT,
    "停运": Quality.STOPPED, "停产": Quality.STOPPED, "停炉": Quality.STOPPED, "作废": Quality.REFUSED,
}  # fmt: skip
"""Quality of the words that files use, in lower case."""


def column_of(heading: str) -> str | None:
    """Return which column a heading names, or None."""
    plain = heading.strip().strip("\ufeff").lower()
    return next((name for name, words in COLUMNS.items() if plain in words), None)
