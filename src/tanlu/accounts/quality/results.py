"""Quality control of results: jumps, sums of parts, reference approach, members, intensity among peers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tanlu.accounts.quality.records import named_rows
from tanlu.accounts.rulebook.findings import Finding
from tanlu.accounts.rulebook.result import Block, Result, Results
from tanlu.core.gases import GwpSet
from tanlu.core.messages import LANGUAGES, translate

SIGMAS: Final = 3.0
FEWEST_CHANGES: Final = 5
"""Year-to-year changes below which their scatter is not known."""
CHANGE_FLOOR: Final = 0.01
"""Smallest standard deviation of relative changes that is believed."""
MAD_TO_SIGMA: Final = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""
SUM_TOLERANCE: Final = 0.005
REFERENCE_TOLERANCE: Final = 0.05
"""Difference of reference and sectoral approach that is to be explained (IPCC 2006 vol. 2 ch. 6)."""
MEMBERS_TOLERANCE: Final = 0.02
FEWEST_PEERS: Final = 8
FENCE: Final = 1.5
"""Interquartile ranges outside the quartiles (Tukey)."""
FENCE_FLOOR: Final = 0.05
"""Smallest distance of the fence from the median, relative."""
REFERENCE: Final = "memo.reference_approach"
SECTORAL: Final = "1.A"
TotalKey = tuple[str, str, str]
"""Category (empty for everything), gas or ``CO2e``, year."""


def jumps(several: Iterable[Results]) -> list[Finding]:
    """Tell of years in which a series changes by more than three robust standard deviations of its yearly changes.

    Notes
    -----
    The change is ``2(b − a)/(|a| + |b|)``, which exists for removals and for zero; the standard deviation is 1.4826 times the median
    absolute deviation from the median change. A year that two of the results have is taken from the first.
    """
    series: dict[tuple[str, str, str, str], dict[int, float]] = {}
    for results in several:
        for key, sums in _by_year(results).items():
            series[key] = sums | series.get(key, {})
    findings: list[Finding] = []
    for (place, category, gas, method), years in series.items():
        steps = [(y, years[y - 1], years[y]) for y in sorted(years) if y - 1 in years]
        if len(steps) < FEWEST_CHANGES:
            continue
        changes = np.array([2 * (b - a) / (abs(a) + abs(b)) if a or b else 0.0 for _, a, b in steps])
        middle = float(np.median(changes))
        sigma = max(CHANGE_FLOOR, MAD_TO_SIGMA * float(np.median(np.abs(changes - middle))))
        for (year, before, after), change in zip(steps, changes.tolist(), strict=True):
            if abs(change - middle) > SIGMAS * sigma:
                details = {
                    "category": category, "gas": gas, "before": f"{before:.6g}", "sigmas": f"{abs(change - middle) / sigma:.1f}",
                }  # fmt: skip
                findings.append(
                    Finding("jump", "review", "", place, str(year), method, "", f"{after:.6g}", tuple(details.items()))
                )
    return findings


def _by_year(results: Results) -> dict[tuple[str, str, str, str], dict[int, float]]:
    """Return masses by (place, category, gas, method) and year; records of single months are left out."""
    series: dict[tuple[str, str, str, str], dict[int, float]] = {}
    for r in results:
        if len(r.period) == 4:
            years = series.setdefault((r.place, r.category, r.gas, r.method), {})
            years[int(r.period)] = years.get(int(r.period), 0.0) + r.value
    return series


def _sums(rows: Iterable[Result], weights: GwpSet | None = None) -> dict[TotalKey, float]:
    """Return masses by category, gas and year, or with weights their sum as CO2e."""
    sums: dict[TotalKey, float] = {}
    for r in rows:
        weight = 1.0 if weights is None or r.gas == "CO2e" else weights[r.gas]
        key = (r.category, r.gas if weights is None else "CO2e", r.period[:4])
        sums[key] = sums.get(key, 0.0) + r.value * weight
    return sums


def parts_against_totals(
    results: Results, totals: Mapping[TotalKey, float], gwp: str = "rule", tolerance: float = SUM_TOLERANCE
) -> list[Finding]:
    """Compare sums of results with totals that the user was given.

    Parameters
    ----------
    results : Results
    totals : mapping
        Mass [t] or CO2-equivalent [t CO2e] by (category or empty, gas or ``CO2e``, year); a category stands for everything below it.
    gwp : str
        For totals in CO2e.
    tolerance : float
        Relative difference that is let pass.
    """
    counted = [r for r in results if results.in_total(r)]
    sums = _sums(counted)
    if any(gas == "CO2e" for _, gas, _ in totals):
        sums |= _sums(counted, results.gwp(gwp))
    findings: list[Finding] = []
    for (category, gas, year), given in totals.items():
        found = sum(v for (c, g, y), v in sums.items() if g == gas and y == year and _below(c, category))
        if abs(found - given) > tolerance * abs(given):
            whole = {f"category_{lang}": category or translate("total.total", lang) for lang in LANGUAGES}
            said = (*whole.items(), ("gas", gas), ("total", f"{given:.6g}"), ("difference", f"{found - given:.4g}"))
            findings.append(Finding("sum_of_parts", "warning", "", "", year, "", "", f"{found:.6g}", said))
    return findings


def reference_against_sectors(results: Results, reference: Mapping[str, float] | None = None) -> list[Finding]:
    """Compare the CO2 of fuels by the reference approach with that by sectors.

    Parameters
    ----------
    results : Results
        Records of the reference approach stand in the memo category for it.
    reference : mapping, optional
        CO2 by year [t], where it was computed elsewhere.
    """
    fuel: dict[str, float] = {}
    whole = dict(reference or {})
    for r in results:
        if r.gas == "CO2" and _below(r.category, SECTORAL):
            fuel[r.period[:4]] = fuel.get(r.period[:4], 0.0) + r.value
        elif r.gas == "CO2" and r.category == REFERENCE and not reference:
            whole[r.period[:4]] = whole.get(r.period[:4], 0.0) + r.value
    findings: list[Finding] = []
    for year, value in sorted(whole.items()):
        sectors = fuel.get(year, 0.0)
        if sectors and abs(value - sectors) > REFERENCE_TOLERANCE * abs(sectors):
            details = (("sectoral", f"{sectors:.6g}"), ("gap", f"{100 * (value / sectors - 1):+.1f}"))
            findings.append(Finding("reference_gap", "review", "", "", year, "", "", f"{value:.6g}", details))
    return findings


def members_against_whole(results: Results, members: Results) -> list[Finding]:
    """Compare an inventory made from the top with the sum of its members, by category, gas and year.

    Memo items are left out on both sides, also where the rule of the members counts them: what one buys another has emitted.
    """
    whole = _sums(r for r in results if not r.is_memo)
    findings: list[Finding] = []
    for (category, gas, year), value in sorted(_sums(r for r in members if not r.is_memo).items()):
        above = sum(v for (c, g, y), v in whole.items() if g == gas and y == year and _below(c, category))
        details = {"category": category, "gas": gas, "whole": f"{above:.6g}"}
        if abs(value) > (1 + MEMBERS_TOLERANCE) * abs(above):
            code, severity = "members_exceed", "warning"
        else:
            code, severity = "members_cover", "note"
            details["share"] = f"{100 * value / above:.1f}" if above else "0"
        findings.append(Finding(code, severity, "", "", year, "", "", f"{value:.6g}", tuple(details.items())))
    return findings


def peer_intensity(results: Results) -> list[Finding]:
    """Tell of records whose emission per unit of activity lies outside the interquartile fence of records of their kind.

    A kind is the same method, category, gas and choices; the activity is the first that the method requires.
    """
    findings: list[Finding] = []
    words: dict[tuple[str, ...], tuple[tuple[str, str], ...]] = {}
    for block in results.blocks:
        activity = _main_activity(block)
        if activity is None:
            continue
        amounts = block.values[activity]
        for rows in block.rows:
            spread = np.broadcast_to(amounts, rows.shape).ravel()
            groups: dict[tuple[object, ...], list[tuple[Result, float]]] = {}
            for position, amount in zip(rows.ravel().tolist(), spread.tolist(), strict=True):
                r = results.results[position]
                if r.activities not in words:
                    words[r.activities] = _words(r, results, block)
                if amount > 0:
                    groups.setdefault((r.category, r.gas, words[r.activities]), []).append((r, r.value / amount))
            for members in groups.values():
                findings.extend(_outside(members, activity))
    return findings


def _outside(members: list[tuple[Result, float]], activity: str) -> Iterable[Finding]:
    if len(members) < FEWEST_PEERS:
        return
    ratios: NDArray[np.float64] = np.array([ratio for _, ratio in members])
    first, middle, third = np.percentile(ratios, [25, 50, 75]).tolist()
    least = FENCE_FLOOR * abs(middle)
    low = min(first - FENCE * (third - first), middle - least)
    high = max(third + FENCE * (third - first), middle + least)
    for r, ratio in members:
        if not low <= ratio <= high:
            details = {
                "category": r.category, "gas": r.gas, "low": f"{low:.4g}", "high": f"{high:.4g}", "median": f"{middle:.4g}",
                "peers": str(len(members)),
            }  # fmt: skip
            yield Finding(
                "peer_intensity",
                "review",
                r.record,
                r.place,
                r.period,
                r.method,
                activity,
                f"{ratio:.4g}",
                tuple(details.items()),
            )


def _main_activity(block: Block) -> str | None:
    """Return the first activity that a method requires."""
    needed = (i.name for i in block.method.inputs if i.kind == "activity" and i.default is None)
    return next((name for name in needed if name in block.values), None)


def _words(r: Result, results: Results, block: Block) -> tuple[tuple[str, str], ...]:
    """Return the choices that a record makes."""
    rows = named_rows(block.method, (results.activities[a] for a in r.activities))
    return tuple(sorted((name, row.value) for name, row in rows if block.method.by_name[name].kind == "choice"))


def _below(category: str, upper: str) -> bool:
    """Return whether a category is another one or part of it; everything is part of the empty one."""
    return not upper or category == upper or category.startswith(f"{upper}.")
