"""How numbers are written for a reader: units that Chinese and English readers expect, and as many digits as carry meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from tanlu.charts.records import TargetRecord
from tanlu.core.units import unit_label

MINUS: Final = "\u2212"
WHOLE: Final = ("year", "count")
"""Units in which whole numbers are shown."""
_EDGE: Final = re.compile(
    r"(?<=[\u4e00-\u9fff])(?=[\u2212<>+]?[0-9A-Za-z])|(?<=[0-9A-Za-z%\u2080-\u2089])(?=[\u4e00-\u9fff])"
)
"""Place where a Chinese character meets a Latin one."""
_DATE: Final = re.compile(r"(?<=\d) (?=[月日时])|(?<=月) (?=\d)")
_PERCENT: Final = re.compile(r"(?<=\d)[ \u00a0](?=%)")
"""Space before a percent sign."""
_WIDE: Final = re.compile(r"(?<=[）》]) (?=\S)")
"""Space after a mark that brings its own."""
_SUPERSCRIPT: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUBSCRIPT: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_PERFLUORINATED: Final = re.compile(r"(?<![A-Za-z0-9])C[0-9]{0,2}F[0-9]{1,2}(?![A-Za-z0-9])")
"""CF4, C2F6 and on; whatever holds hydrogen or chlorine as well has a number of refrigerants."""
_POWER: Final = re.compile(r"10\^(-?\d+)")
_EQUIVALENT: Final = re.compile(r"^(.* CO2e) (AR\d)$")
"""Mass of equivalents with the report of the IPCC that the warming potentials are of."""
_METRES: Final = re.compile(r"(?<![A-Za-z0-9_.])(N?m|km)([23])(?![A-Za-z0-9_.])")
"""Square and cubic metres; not a part of a name or a code."""
_DISPLAY: Final[dict[str, dict[str, tuple[float, str]]]] = {
    "kt": {"zh": (0.1, "万吨"), "en": (0.001, "Mt")},
    "kt of a gas": {"zh": (0.1, "万吨"), "en": (1.0, "kt")},
    "Mt CO2/yr": {"zh": (100.0, "万吨"), "en": (1.0, "Mt")},
    "Mt CO2": {"zh": (100.0, "万吨"), "en": (1.0, "Mt")},
    "kt CO2": {"zh": (0.1, "万吨 CO₂"), "en": (1.0, "kt CO₂")},
    "kt CO2e": {"zh": (0.1, "万吨 CO₂e"), "en": (0.001, "Mt CO₂e")},
    "Mt": {"zh": (100.0, "万吨"), "en": (1.0, "Mt")},
    "Mtce": {"zh": (100.0, "万吨标准煤"), "en": (1.0, "Mtce")},
    "10^4 t": {"zh": (1.0, "万吨"), "en": (0.01, "Mt")},
    "10^4 tce": {"zh": (1.0, "万吨标准煤"), "en": (0.01, "Mtce")},
    "10^8 kWh": {"zh": (1.0, "亿千瓦时"), "en": (0.1, "TWh")},
    "10^8 CNY": {"zh": (1.0, "亿元"), "en": (0.1, "bn CNY")},
    "10^4 persons": {"zh": (1.0, "万人"), "en": (0.01, "m people")},
    "GWh": {"zh": (0.01, "亿千瓦时"), "en": (0.001, "TWh")},
    "year": {"zh": (1.0, "年"), "en": (1.0, "")},
    "1": {"zh": (1.0, ""), "en": (1.0, "")},
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A number as text, and the unit it is in."""

    text: str
    unit: str

    def __str__(self) -> str:
        """Return number and unit."""
        return f"{self.text}{gap(self.unit)}{self.unit}"


def gap(unit: str) -> str:
    """Return what stands between a figure and its unit: a space that no line breaks at, and nothing before a percent sign."""
    return "" if not unit or unit.startswith("%") else "\u00a0"


@lru_cache(maxsize=512)
def scale(unit: str, language: str) -> tuple[float, str]:
    """Return the factor to the unit in which values of ``unit`` are shown in a language, and that unit."""
    mass, gwp = _EQUIVALENT.match(unit), ""
    if mass is not None and mass[1] in _DISPLAY:
        unit, gwp = mass[1], f"\uff08{mass[2]}\uff09" if language == "zh" else f" ({mass[2]})"
    factor, shown = _DISPLAY.get(unit, {}).get(language, (1.0, subscript(unit_label(unit, language))))
    return factor, shown + gwp


def subscript(text: str) -> str:
    """Return text with the indices of gas formulas as subscript, powers of ten and of metres as superscript characters."""
    for plain, fine in (
        ("CO2", "CO₂"),
        ("CH4", "CH₄"),
        ("N2O", "N₂O"),
        ("SF6", "SF₆"),
        ("NF3", "NF₃"),
        ("SO2", "SO₂"),
    ):
        text = text.replace(plain, fine)
    text = _PERFLUORINATED.sub(lambda found: found[0].translate(_SUBSCRIPT), text)
    if "10^" in text:
        text = _POWER.sub(lambda found: "10" + found[1].translate(_SUPERSCRIPT), text)
    return _METRES.sub(lambda found: found[1] + found[2].translate(_SUPERSCRIPT), text)


def spaced(text: str) -> str:
    """Return text with a space between Chinese characters and numbers or Latin words; 2月9日 and 45% stay close."""
    return _DATE.sub("", _EDGE.sub(" ", _WIDE.sub("", _PERCENT.sub("", text))))


def capital(text: str) -> str:
    """Return text with its first letter large, for names that stand alone; Chinese text is as before."""
    return text[:1].upper() + text[1:]


def digits(value: float) -> str:
    """Return a number with thousands separators, a true minus sign and about three significant digits."""
    size = abs(value)
    if 0 < size < 0.0005:
        return "<0.001" if value > 0 else f">{MINUS}0.001"
    places = 0 if size >= 100 or value == 0 else 1 if size >= 10 else 2 if size >= 1 else 3
    text = f"{value:,.{places}f}"
    return text.replace("-", MINUS) if float(text.replace(",", "")) else text.replace("-", "")


def show(value: float | str | None, unit: str, language: str) -> Shown:
    """Return a value in the unit that readers of the language expect; a missing value is a dash, never zero."""
    factor, shown_unit = scale(unit, language)
    if value is None or value == "":
        return Shown("—", "")
    if isinstance(value, str):
        return Shown(subscript(value), shown_unit)
    if unit == "year":
        return Shown(f"{value:.0f}", shown_unit)
    if unit == "count" and float(value).is_integer():
        return Shown(f"{value:,.0f}".replace("-", MINUS), shown_unit)
    return Shown(digits(value * factor), shown_unit)


def small(value: float) -> str:
    """Return a probability that may be far below one with two digits, as a multiple of a power of ten where it is that small."""
    text = f"{value:.2g}"
    mantissa, e, power = text.partition("e")
    return f"{mantissa}×10{power.lstrip('+').replace('-0', '-').translate(_SUPERSCRIPT)}" if e else text


def exactly(value: float) -> str:
    """Return a number with all its digits, without those that floating point adds."""
    text = f"{value:,.7g}"
    if "e" in text:
        return f"{value:,.0f}".replace("-", MINUS) if abs(value) > 1 else small(value)
    return text.replace("-", MINUS)


def percent(probability: float | None, stderr: float | None = None) -> str:
    """Return a probability (0 to 1) in percent, with its standard error where there is one; the ends are told as bounds."""
    if probability is None:
        return "—"
    if probability < 0.005:
        return "<1%"
    if probability > 0.995:
        return ">99%"
    text = f"{probability * 100:.0f}%"
    return f"{text}\u00a0±{stderr * 100:.1f}" if stderr else text


def show_required(target: TargetRecord, language: str) -> str:
    """Return what a target requires, with its unit if it is a number."""
    try:
        number = float(target.required)
    except ValueError:
        return subscript(target.required) or "—"
    return str(show(number, target.unit, language))
