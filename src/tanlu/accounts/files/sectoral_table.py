"""The sectoral table of the guidelines: categories × gases with intervals, notation keys where there is no number.

Layout: IPCC 2006 vol. 1 ch. 8, annex 8A.2, tables A and B. Masses of CO2, CH4 and N2O in t, fluorinated gases in t CO2-equivalent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from tanlu.accounts.province.notation import EXPECTED
from tanlu.accounts.rulebook.method import methods
from tanlu.accounts.rulebook.result import MEMO, Result, Results
from tanlu.core.inventory import combine
from tanlu.core.messages import catalogue

NUMBERS: Final[Mapping[str, int]] = {
    "1.A": 5, "1.B": 3, "1.C": 3, "2.A": 5, "2.B": 10, "2.C": 7, "2.D": 4, "2.E": 5, "2.F": 6, "2.G": 4, "2.H": 3, "3.A": 2,
    "3.B": 6, "3.C": 8, "3.D": 2, "4.A": 3, "4.C": 2, "4.D": 2,
}  # fmt: skip
"""Categories of the third level of the guideline's table, by that of the second."""
SECTORS: Final[Mapping[str, str]] = {"1": "ABC", "2": "ABCDEFGH", "3": "ABCD", "4": "ABCDE", "5": "AB"}
MASSES: Final = ("CO2", "CH4", "N2O")
GROUPS: Final = ("HFCs", "PFCs", "SF6", "NF3")
LAND: Final = "3.B"
NE: Final = "NE"
NA: Final = "NA"
Number = tuple[float, float, float]
"""Value, low, high."""


def group_of(gas: str) -> str:
    """Return the column of a gas."""
    if gas.startswith("HFC"):
        return "HFCs"
    return gas if gas in (*MASSES, *GROUPS, "CO2e") else "PFCs"


@cache
def table_codes() -> tuple[str, ...]:
    """Return the categories of the guideline's table in its order."""
    codes: list[str] = []
    for sector, letters in SECTORS.items():
        codes.append(sector)
        for letter in letters:
            second = f"{sector}.{letter}"
            codes += [second, *(f"{second}.{n}" for n in range(1, NUMBERS.get(second, 0) + 1))]
    return tuple(codes)


@cache
def known_pairs() -> frozenset[tuple[str, str]]:
    """Return (category, column) that a method gives or an inventory expects: an empty cell there says NE, elsewhere NA."""
    pairs = {(category, group_of(gas)) for category, gas, *_ in EXPECTED}
    for method in methods().values():
        for output in method.outputs:
            for category in output.categories.values() if output.by else (output.category,):
                pairs.add((category, group_of(output.gas)))
    return frozenset(pairs)


def category_name(code: str, language: str) -> str:
    """Return the name of a category; empty where the catalogue has none."""
    for key in (f"sectoral.{code}", f"category.{code}"):
        if key in catalogue():
            return catalogue()[key][language]
    return ""


def order_of(code: str) -> tuple[tuple[int, object], ...]:
    """Return the key under which categories are sorted: numbers as numbers."""
    return tuple((0, int(part)) if part.isdecimal() else (1, part) for part in code.split("."))


def lies_in(category: str, code: str) -> bool:
    """Return whether a category is a code or lies below it."""
    return category == code or category.startswith(code + ".")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table.

    Parameters
    ----------
    code : str
        Category, or ``total``, ``total_without_land``, or a memo category.
    masses : mapping
        By gas [t] its value with interval, or a notation key.
    groups : mapping
        By column of fluorinated gases [t CO2e] the same.
    sum : Number or str
        All gases [t CO2e].
    """

    code: str
    masses: Mapping[str, Number | str]
    groups: Mapping[str, Number | str]
    sum: Number | str


def sectoral_lines(
    results: Results, rows: Sequence[Result], gwp: str = "rule", notation: Mapping[tuple[str, str], str] | None = None
) -> list[Line]:
    """Return the lines of the table for some of the results, usually those of a year.

    Parameters
    ----------
    results : Results
        For the GWP set.
    rows : sequence of Result
    gwp : str
    notation : mapping, optional
        Notation keys by (category, gas or group) that are known better, such as IE and NO.
    """
    inside = [r for r in rows if not r.is_memo]
    codes = sorted({*table_codes(), *(r.category for r in inside)}, key=order_of)
    keys = notation or {}
    found: dict[str, list[Result]] = {code: [] for code in codes}
    for r in inside:
        parts = r.category.split(".")
        for n in range(1, len(parts) + 1):
            found.get(".".join(parts[:n]), []).append(r)
    lines = [_line(results, code, found[code], gwp, keys) for code in codes]
    lines.append(_line(results, "total", [r for r in rows if results.in_total(r)], gwp, keys))
    without = [r for r in rows if results.in_total(r) and not lies_in(r.category, LAND)]
    lines.append(_line(results, "total_without_land", without, gwp, keys))
    for memo in sorted({r.category for r in rows if r.is_memo}):
        lines.append(_line(results, memo, [r for r in rows if r.category == memo], gwp, keys))
    return lines


def _line(
    results: Results, code: str, rows: list[Result], gwp: str, notation: Mapping[tuple[str, str], str]
) -> Line:  # fmt: skip
    by_group: dict[str, list[Result]] = {}
    for r in rows:
        by_group.setdefault(group_of(r.gas), []).append(r)

    def key(group: str) -> str:
        found = notation.get((code, group))
        if found is not None:
            return found
        known = code.startswith(("total", MEMO)) or any(
            g == group and (lies_in(c, code) or lies_in(code, c)) for c, g in known_pairs()
        )
        return NE if known and not code.startswith(MEMO) else NA

    masses: dict[str, Number | str] = {}
    for gas in MASSES:
        given = by_group.get(gas)
        masses[gas] = combine((r.value, dict(r.errors)) for r in given) if given else key(gas)
    groups: dict[str, Number | str] = {
        g: results.total(gwp, by_group[g]) if g in by_group else key(g) for g in GROUPS
    }  # fmt: skip
    empty = {*masses.values(), *groups.values()} if not rows else set()
    return Line(code, masses, groups, results.total(gwp, rows) if rows else (NE if NE in empty else NA))
