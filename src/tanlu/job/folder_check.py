"""What a province folder covers and where its gaps are."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from tanlu.accounts import Inventory
from tanlu.core.errors import Notice
from tanlu.core.province import Province
from tanlu.job.inventory_step import make_inventory
from tanlu.job.loading import load_folder
from tanlu.pathways import baseline_from_inventory


@dataclass(frozen=True, slots=True)
class CategoryCoverage:
    """The years in which a category and gas have a number, and why the others have none."""

    category: str
    gas: str
    years: tuple[int, ...]
    reason_zh: str
    reason_en: str

    def years_text(self) -> str:
        """Return the years as ranges, for example ``2005–2014, 2020``."""
        ranges: list[list[int]] = []
        for year in self.years:
            if ranges and year == ranges[-1][1] + 1:
                ranges[-1][1] = year
            else:
                ranges.append([year, year])
        return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in ranges) or "–"

    def reason(self, language: str) -> str:
        """Return why years are missing."""
        return self.reason_zh if language == "zh" else self.reason_en


@dataclass(frozen=True, slots=True)
class FolderReport:
    """Counts, grades, coverage and notices of a province folder that is free of problems."""

    province: str
    data_hash: str
    facts: int
    variables: int
    factors: int
    sources: int
    grades: dict[str, int]
    coverage: tuple[CategoryCoverage, ...]
    unused_sources: tuple[str, ...]
    unlabelled: tuple[str, ...]
    notices: tuple[Notice, ...]

    def as_record(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return asdict(self)


def coverage(inventory: Inventory) -> list[CategoryCoverage]:
    """Return the coverage of every category and gas of an inventory."""
    found: dict[tuple[str, str], list[int]] = {}
    reasons: dict[tuple[str, str], tuple[str, str]] = {}
    for row in inventory.rows:
        years = found.setdefault((row.category, row.gas), [])
        if row.value is not None:
            years.append(row.year)
        elif row.note_zh:
            reasons[row.category, row.gas] = (row.note_zh, row.note_en)
    return [
        CategoryCoverage(category, gas, tuple(years), *reasons.get((category, gas), ("", "")))
        for (category, gas), years in sorted(found.items())
    ]


def check_folder(name: str) -> FolderReport:
    """Check a province folder as a whole.

    Parameters
    ----------
    name : str
        Name of a province that ships with the package, or path of a folder.

    Raises
    ------
    DataError
        With every problem of every file.
    """
    folder = load_folder(name)
    province: Province = folder.province
    _, inventory = make_inventory(province)
    # pathways need some series of the province, which only they know
    baseline_from_inventory(inventory, province, folder.pathways.parameters)
    used = (
        {f.source for f in province.facts.values()}
        | {f.source for f in (province.factors[n] for n in province.own_factors)}
        | folder.used_sources
        | {str(province.settings["plan_source"])}
    )
    return FolderReport(
        province=province.id,
        data_hash=province.data_hash,
        facts=len(province.facts),
        variables=len(province.variables()),
        factors=len(province.own_factors),
        sources=len(province.own_sources),
        grades=dict(sorted(Counter(f.grade.value for f in province.facts.values()).items())),
        coverage=tuple(coverage(inventory)),
        unused_sources=tuple(sorted(province.own_sources - used)),
        unlabelled=tuple(province.unlabelled()),
        notices=province.notices,
    )
