"""An account of several years, one year at a time: a sum over years is the total of no inventory."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tanlu.accounts.files.yearly_totals import yearly_totals
from tanlu.accounts.rulebook.result import Results
from tanlu.portal.accounts.store import Account
from tanlu.portal.service import NotFoundError


@dataclass(frozen=True, slots=True)
class YearLine:
    """What a year adds up to [t CO2e], memo items left out unless the rule counts them; None where it has no land use."""

    year: int
    co2e: float
    low: float
    high: float
    co2e_without_land: float | None
    unit: str


def years_of(results: Results) -> list[int]:
    """Return the years of results, the earliest first; months belong to their year."""
    return sorted({int(r.period[:4]) for r in results})


def chosen_year(results: Results, asked: str) -> int:
    """Return the year of an address: the last where none is asked for.

    Raises
    ------
    NotFoundError
        If the results do not have that year.
    """
    years = years_of(results)
    if not asked and years:
        return years[-1]
    if asked not in map(str, years):
        raise NotFoundError("portal.missing.year", asked)
    return int(asked)


def of_year(account: Account, year: int) -> Account:
    """Return the part of an account that belongs to a year, with what quality control says of it or of no year."""
    results, prefix = account.results, str(year)
    part = replace(
        results,
        results=tuple(r for r in results if r.period.startswith(prefix)),
        findings=tuple(f for f in results.findings if not f.period or f.period.startswith(prefix)),
        matches={key: found for key, found in results.matches.items() if key[3].startswith(prefix)},
    )
    return replace(
        account, results=part, activities=tuple(a for a in account.activities if a.period.startswith(prefix))
    )


def year_lines(results: Results, gwp: str) -> list[YearLine]:
    """Return the total of each year, the earliest first."""
    return [
        YearLine(y.year, *y.total, None if y.without_land is None else y.without_land.value, "t CO2e")
        for y in yearly_totals(results, gwp)
    ]
