"""The summary of a run tells masses in the unit of the charts of each language."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from tanlu.core.province import Province
from tanlu.job.summary import _lines

PEAK = {
    "year": 2030,
    "year_low": 2029,
    "year_high": 2031,
    "level": 340.0,
    "probability": 0.5,
    "stderr": 0.0,
    "test": "confirmed",
}
FIGURES: dict[str, Any] = {
    "year": 2024, "co2": {"value": 328.4, "low": 300.0, "high": 350.0, "unit": "Mt CO2"}, "energy_co2": 298.0, "process_co2": None,
    "sectors": [], "imports": {"value": 31.55}, "land": {"value": -40.0, "low": -58.0, "high": -27.0}, "last_balance": None,
    "peaks": {"reference": PEAK, "plan": PEAK}, "peak_hydro": None, "intensity": {"official": None, "physical": None}, "targets": {},
    "quality": {"estimated": 0.0, "assumed": 0.0, "not_estimated": 0},
    "variance_shares": {"co2_deadline": {"grade_d": 0.0}, "net_last": {"grade_d": 0.0}}, "run_id": "r", "seed": 1, "data_hash": "0",
}  # fmt: skip


def lines(language: str, figures: dict[str, Any] = FIGURES) -> str:
    province = cast(Province, SimpleNamespace(settings={"zh": "某省", "en": "Province"}))
    return "\n".join(_lines(province, figures, language))


def test_a_chinese_reader_reads_ten_thousand_tonnes() -> None:
    """1 Mt are 100 万吨: 328.4 Mt are 32,840 万吨, 31.55 Mt 3,155, 40 Mt 4,000 and 340 Mt 34,000."""
    text = lines("zh")
    for figure in (
        "32,840 万吨（95% 区间 30,000–35,000）",
        "能源 29,800",
        "约 3,155 万吨",
        "约 4,000 万吨（2,700–5,800）",
        "34,000 万吨",
    ):
        assert figure in text
    assert "百万吨" not in text


def test_an_english_reader_reads_megatonnes() -> None:
    text = lines("en")
    for figure in (
        "328 Mt CO2",
        "(95% interval 300–350)",
        "energy 298",
        "about 32 Mt CO2",
        "about 40 Mt a year (27–58)",
        "at 340 Mt",
    ):
        assert figure in text


def test_a_fall_has_a_minus_sign() -> None:
    """-0.271 is a fall of 27 %, told with U+2212."""
    fallen = {"year": 2024, "change": -10.2, "required": -11.4, "status": "at_risk", "id": "i"}
    figures = FIGURES | {
        "last_balance": 2014, "since_balance": -0.031, "peak_hydro": {"year": 2023, "deviation": -0.271},
        "intensity": {"official": None, "physical": fallen},
    }  # fmt: skip
    for language in ("zh", "en"):
        text = lines(language, figures)
        assert all(f"\u2212{figure}" in text for figure in ("3", "27", "10.2", "11.4"))
        assert not any(f"-{figure}" in text for figure in ("3%", "3 %", "27", "10.2", "11.4"))
