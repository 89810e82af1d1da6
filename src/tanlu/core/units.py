"""Units at the border: a closed vocabulary with exact factors, in the notations that Chinese statistics use.

A unit is ``[power of ten] atom [substance]`` joined by ``/``, for example ``10^4 t``, ``万吨``, ``亿千瓦时``, ``t CO2/t``,
``GJ/t``. What is divided by may stand in brackets: ``CNY/(t/h)``, ``元/(千瓦·年)``. Inside the program numbers are plain
floats in the unit that the docstring states; this module is used where they come in and go out.

Sources of factors: SI; GB/T 2589-2020 (1 kgce = 29,307.6 kJ, which is 7,000 kcal of 4.1868 kJ); flat glass, 1 weight case = 50 kg;
1 mu = 1/15 ha; 1 btu = 1055.05585262 J (International Table).
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Final

from tanlu.core.messages import catalogue
from tanlu.core.punctuation import PUNCTUATION

KJ_PER_KGCE: Final = Fraction("29307.6")
"""Heat of one kilogram of coal equivalent [kJ], GB/T 2589-2020."""

_ATOMS: Final[dict[str, tuple[str, Fraction]]] = {
    # mass, base tonne
    "g": ("mass", Fraction(1, 10**6)),
    "mg": ("mass", Fraction(1, 10**9)),
    "kg": ("mass", Fraction(1, 1000)),
    "t": ("mass", Fraction(1)),
    "吨": ("mass", Fraction(1)),
    "公斤": ("mass", Fraction(1, 1000)),
    "千克": ("mass", Fraction(1, 1000)),
    "kt": ("mass", Fraction(1000)),
    "Gg": ("mass", Fraction(1000)),
    "Mt": ("mass", Fraction(10**6)),
    "Gt": ("mass", Fraction(10**9)),
    "weight cases": ("mass", Fraction(1, 20)),
    "重量箱": ("mass", Fraction(1, 20)),
    # energy, base gigajoule
    "kJ": ("energy", Fraction(1, 10**6)),
    "MJ": ("energy", Fraction(1, 1000)),
    "兆焦": ("energy", Fraction(1, 1000)),
    "GJ": ("energy", Fraction(1)),
    "吉焦": ("energy", Fraction(1)),
    "TJ": ("energy", Fraction(1000)),
    "太焦": ("energy", Fraction(1000)),
    "PJ": ("energy", Fraction(10**6)),
    "kWh": ("energy", Fraction(36, 10**4)),
    "千瓦时": ("energy", Fraction(36, 10**4)),
    "度": ("energy", Fraction(36, 10**4)),
    "MWh": ("energy", Fraction(36, 10)),
    "兆瓦时": ("energy", Fraction(36, 10)),
    "GWh": ("energy", Fraction(3600)),
    "吉瓦时": ("energy", Fraction(3600)),
    "TWh": ("energy", Fraction(3_600_000)),
    "kgce": ("energy", KJ_PER_KGCE / 10**6),
    "tce": ("energy", KJ_PER_KGCE / 1000),
    "吨标准煤": ("energy", KJ_PER_KGCE / 1000),
    "吨标煤": ("energy", KJ_PER_KGCE / 1000),
    "ktce": ("energy", KJ_PER_KGCE),
    "Mtce": ("energy", KJ_PER_KGCE * 1000),
    "btu": ("energy", Fraction("1055.05585262") / 10**9),
    "MMBtu": ("energy", Fraction("1055.05585262") / 1000),
    # power, base megawatt
    "kW": ("power", Fraction(1, 1000)),
    "千瓦": ("power", Fraction(1, 1000)),
    "MW": ("power", Fraction(1)),
    "兆瓦": ("power", Fraction(1)),
    "GW": ("power", Fraction(1000)),
    "吉瓦": ("power", Fraction(1000)),
    # area, base hectare
    "m2": ("area", Fraction(1, 10**4)),
    "平方米": ("area", Fraction(1, 10**4)),
    "mu": ("area", Fraction(1, 15)),
    "亩": ("area", Fraction(1, 15)),
    "ha": ("area", Fraction(1)),
    "公顷": ("area", Fraction(1)),
    "km2": ("area", Fraction(100)),
    # others
    "m3": ("volume", Fraction(1)),
    "立方米": ("volume", Fraction(1)),
    "Nm3": ("normal volume", Fraction(1)),
    "标准立方米": ("normal volume", Fraction(1)),
    "标立方米": ("normal volume", Fraction(1)),
    "km": ("length", Fraction(1)),
    "公里": ("length", Fraction(1)),
    "千米": ("length", Fraction(1)),
    "CNY": ("money", Fraction(1)),
    "元": ("money", Fraction(1)),
    "persons": ("people", Fraction(1)),
    "person": ("people", Fraction(1)),
    "人": ("people", Fraction(1)),
    "head": ("animals", Fraction(1)),
    "头": ("animals", Fraction(1)),
    "只": ("animals", Fraction(1)),
    "羽": ("animals", Fraction(1)),
    "vehicles": ("vehicles", Fraction(1)),
    "辆": ("vehicles", Fraction(1)),
    "count": ("count", Fraction(1)),
    "个": ("count", Fraction(1)),
    "h": ("time", Fraction(1, 8760)),
    "小时": ("time", Fraction(1, 8760)),
    "min": ("time", Fraction(1, 525_600)),
    "d": ("time", Fraction(1, 365)),
    "天": ("time", Fraction(1, 365)),
    "month": ("time", Fraction(1, 12)),
    "月": ("time", Fraction(1, 12)),
    "yr": ("time", Fraction(1)),
    "a": ("time", Fraction(1)),
    "年": ("time", Fraction(1)),
    "year": ("calendar year", Fraction(1)),
    "season": ("season", Fraction(1)),
    "mol": ("amount of substance", Fraction(1)),
    "degree": ("angle", Fraction(1)),
    "mV": ("voltage", Fraction(1, 1000)),
    "degC": ("temperature", Fraction(1)),
    "℃": ("temperature", Fraction(1)),
    "1": ("", Fraction(1)),
    "%": ("", Fraction(1, 100)),
}
SUBSTANCES: Final = (
    "CO2e", "CO2", "CH4", "N2O", "SF6", "CF4", "C2F6", "HFC-23", "NF3", "HFC-32", "HFC-125", "HFC-134a", "HFC-143a",
    "HFC-152a", "HFC-227ea", "C3F8", "c-C4F8", "C4F10", "C6F14", "C", "N", "d.m.",
)  # fmt: skip
_PREFIXES: Final = {"万": Fraction(10**4), "亿": Fraction(10**8), "百万": Fraction(10**6), "千": Fraction(1000)}
_BARE: Final = {"zh": {"1"}, "en": {"1", "year", "count"}}
"""Units that a reader of the language expects not to be written."""
_POWER: Final = re.compile(r"^10\^(\d{1,2}) ")


class UnknownUnitError(ValueError):
    """A unit outside the vocabulary; ``suggestions`` holds the nearest known ones."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.suggestions = difflib.get_close_matches(text, list(_ATOMS), n=3, cutoff=0.5)
        super().__init__(f"unknown unit {text!r}")


class IncompatibleUnitsError(ValueError):
    """Two units that do not measure the same thing."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A parsed unit: exact factor to the base units, and what it measures."""

    factor: Fraction
    dimension: tuple[tuple[str, int], ...]
    substance: str = ""


def _atom(text: str) -> tuple[Fraction, str, str]:
    factor, rest, substance = Fraction(1), text.strip(), ""
    if power := _POWER.match(rest):
        factor, rest = Fraction(10 ** int(power.group(1))), rest[power.end() :]
    for prefix, multiplier in _PREFIXES.items():
        if rest.startswith(prefix) and rest not in _ATOMS:
            factor, rest = factor * multiplier, rest[len(prefix) :]
            break
    if rest not in _ATOMS and " " in rest:
        head, _, tail = rest.rpartition(" ")
        if tail in SUBSTANCES:
            rest, substance = head, tail
    if rest not in _ATOMS:
        raise UnknownUnitError(text)
    dimension, scale = _ATOMS[rest]
    return factor * scale, dimension, substance


def _parts(text: str) -> list[str]:
    """Split a unit at every stroke that stands outside brackets."""
    if "(" not in text:
        return text.split("/")
    parts, depth = [""], 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if sign == "/" and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def _product(text: str) -> tuple[Fraction, tuple[tuple[str, int], ...], str]:
    """Return factor, dimension and substance of a part between strokes: an atom, or a unit or product in brackets."""
    if not (text.startswith("(") and text.endswith(")")):
        scale, dimension, named = _atom(text)
        return scale, ((dimension, 1),) if dimension else (), named
    factor, powers, substances = Fraction(1), dict[str, int](), ""
    for inner in text[1:-1].split("·"):
        unit = parse_unit(inner)
        factor *= unit.factor
        substances += unit.substance
        for dimension, power in unit.dimension:
            powers[dimension] = powers.get(dimension, 0) + power
    return factor, tuple(powers.items()), substances


@cache
def parse_unit(text: str) -> Unit:
    """Parse a unit.

    Raises
    ------
    UnknownUnitError
        If any part is outside the vocabulary.
    """
    factor, powers, substance = Fraction(1), dict[str, int](), ""
    for position, part in enumerate(_parts(text)):
        scale, dimensions, named = _product(part)
        sign = 1 if position == 0 else -1
        factor = factor * scale if sign == 1 else factor / scale
        for dimension, power in dimensions:
            powers[dimension] = powers.get(dimension, 0) + sign * power
        # t CO2/t C is not t CO2/t
        substance += f"/{named}" if position and named else named
    return Unit(factor, tuple(sorted((d, p) for d, p in powers.items() if p)), substance)


def conversion_factor(source: str, target: str) -> float:
    """Return the number by which a value in ``source`` is multiplied to be in ``target``.

    Raises
    ------
    UnknownUnitError
        If a unit is outside the vocabulary.
    IncompatibleUnitsError
        If they measure different things, including different substances (t CO2 against t C).
    """
    a, b = parse_unit(source), parse_unit(target)
    if a.dimension != b.dimension or a.substance != b.substance:
        raise IncompatibleUnitsError(f"{source!r} cannot be expressed in {target!r}")
    return float(a.factor / b.factor)


def convert(value: float, source: str, target: str) -> float:
    """Convert one number; see `conversion_factor` for the errors."""
    return value * conversion_factor(source, target)


def unit_label(unit: str, language: str) -> str:
    """Return a unit as a reader of the language expects it.

    Words are in the language (``10^4 persons`` is 万人, 万人 is ``10^4 persons``), symbols such as ``t CO2/GJ`` stay, and pure numbers
    have none. Several units joined by ``; `` and units outside the vocabulary are allowed: what has no word stays as it is.
    """
    if unit in _BARE[language]:
        return ""
    joint = PUNCTUATION[language].semicolon
    return joint.join(_quotient(one, language) for one in unit.split("; "))


def _quotient(unit: str, language: str) -> str:
    above, *below = unit.split("/")
    # "per person" is of one
    parts = [above, *("person" if part == "persons" else part for part in below)]
    return "/".join(_word(part, language) for part in parts)


def _word(part: str, language: str) -> str:
    if part.startswith("("):
        return f"({_word(part[1:], language)}"
    if part.endswith(")") and "(" not in part:
        return f"{_word(part[:-1], language)})"
    words = catalogue()
    prefix, rest = "", part
    if power := _POWER.match(part):
        prefix, rest = part[: power.end()].strip(), part[power.end() :]
    elif part not in _ATOMS:
        prefix = next((p for p in _PREFIXES if part.startswith(p)), "")
        rest = part[len(prefix) :]
    head, gap, substance = rest.rpartition(" ") if rest.endswith(tuple(f" {s}" for s in SUBSTANCES)) else (rest, "", "")
    known = words.get("unit." + head.replace(" ", "_"))
    if known is None:
        return part
    scale = words[f"unit.{prefix}"][language] if f"unit.{prefix}" in words else prefix
    # Chinese writes 万人 in one word, a power of ten stands apart
    space = " " if scale and scale[-1].isascii() else ""
    return scale + space + known[language] + gap + substance
