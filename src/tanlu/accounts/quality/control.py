"""Quality control: every check over the results, as one log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tanlu.accounts.quality.factors import Shelf, check_factors, check_given, check_sets
from tanlu.accounts.quality.overlaps import alternative_methods, nested_places, purchased_of_members
from tanlu.accounts.quality.records import record_views
from tanlu.accounts.quality.results import (
    TotalKey,
    jumps,
    members_against_whole,
    parts_against_totals,
    peer_intensity,
    reference_against_sectors,
)
from tanlu.accounts.rulebook.findings import Finding
from tanlu.accounts.rulebook.result import Results
from tanlu.core.library import Library, load_library

__all__ = ["check_factors", "quality_control"]

ORDER: Final = {"warning": 0, "review": 1, "note": 2}


def quality_control(
    results: Results,
    *,
    others: Sequence[Results] = (),
    totals: Mapping[TotalKey, float] | None = None,
    reference: Mapping[str, float] | None = None,
    members: Results | None = None,
    gwp: str = "rule",
    library: Library | None = None,
) -> tuple[Finding, ...]:
    """Return the quality-control log of results: what the computation found and what the checks find, warnings first.

    Parameters
    ----------
    results : Results
    others : sequence of Results
        The same inventory in other years, for jumps.
    totals : mapping, optional
        Given totals [t] by (category, gas or ``CO2e``, year), see `parts_against_totals`.
    reference : mapping, optional
        CO2 of fuels by the reference approach [t] by year, where no record computes it.
    members : Results, optional
        Results of enterprises or prefectures, to hold against this inventory.
    gwp : str
        For totals in CO2e.
    library : Library, optional
        The library that ships with the package if not given.

    Notes
    -----
    General and category-specific checks of IPCC 2006 vol. 1 ch. 6 (tables 6.1 and sec. 6.7). A finding is a question, not an error.
    """
    shelves = load_library() if library is None else library
    shelf = Shelf(shelves)
    found = [
        *results.findings,
        *check_given(record_views(results, shelves), shelf),
        *check_factors(results.factors.values(), shelves),
        *check_sets(results.factors.values(), shelf),
        *jumps((results, *others)),
        *(parts_against_totals(results, totals, gwp) if totals else ()),
        *reference_against_sectors(results, reference),
        *(members_against_whole(results, members) if members is not None else ()),
        *peer_intensity(results),
        *alternative_methods(results),
        *nested_places(results),
        *purchased_of_members(results),
    ]
    return tuple(sorted(found, key=lambda f: ORDER[f.severity]))
