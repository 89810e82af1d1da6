"""An account as tables: by gas, by category, what quality control found, fallbacks, results, and what to measure next."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from tanlu.accounts.files.sectoral_table import category_name, order_of
from tanlu.accounts.files.template_content import input_label
from tanlu.accounts.rulebook.findings import Finding
from tanlu.accounts.rulebook.result import Result, Results
from tanlu.accounts.uncertainty.estimates import cause_kinds, percent, sum_lines
from tanlu.accounts.uncertainty.measure_next import measure_next
from tanlu.core.gases import GWP_SETS
from tanlu.core.inventory import combine, interval
from tanlu.core.library import load_library
from tanlu.core.messages import LANGUAGES
from tanlu.portal.accounts.store import Account, default_gwp, missing_gases
from tanlu.portal.accounts.years import YearLine, chosen_year, of_year, year_lines, years_of
from tanlu.portal.library.factors import factor_name
from tanlu.portal.service import NotFoundError

LEADING_WHOLE: Final = re.compile(r"^-?\d{4,}(?=[.\s]|$)")
MEASURES: Final = 8
"""Measurements that are proposed."""


@dataclass(frozen=True, slots=True)
class GasLine:
    """Mass of a gas [t] and its equivalent [t CO2e], memo items left out."""

    gas: str
    mass: float
    unit: str
    gwp: float | None
    co2e: float
    co2e_unit: str


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """A category and gas with its equivalent [t CO2e], 95 % interval, and uncertainty through data and factors [%]."""

    category: str
    name_zh: str
    name_en: str
    gas: str
    mass: float
    co2e: float
    low: float
    high: float
    unit: str
    activity: float
    factor: float
    combined: float
    share_of_variance: float
    memo: bool

    def name(self, language: str) -> str:
        """Return the name of the category."""
        return self.name_zh if language == "zh" else self.name_en


@dataclass(frozen=True, slots=True)
class ResultLine:
    """A result with its equivalent [t CO2e]."""

    record: str
    place: str
    period: str
    category: str
    gas: str
    value: float
    unit: str
    low: float
    high: float
    co2e: float | None
    grade: str
    method: str
    factors: str
    id: str


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding of quality control in both languages."""

    severity: str
    code: str
    record: str
    place: str
    period: str
    method: str
    input: str
    value: str
    message_zh: str
    message_en: str

    def message(self, language: str) -> str:
        """Return the finding as one sentence."""
        return self.message_zh if language == "zh" else self.message_en


@dataclass(frozen=True, slots=True)
class FallbackLine:
    """A factor that a person should confirm, and why it was taken."""

    record: str
    input: str
    factor: str
    value: float
    unit: str
    set: str
    region: str
    year: int | None
    reasons: str


@dataclass(frozen=True, slots=True)
class NextLine:
    """A measurement that narrows the total."""

    effort_zh: str
    effort_en: str
    cause: str
    cause_zh: str
    cause_en: str
    record: str
    half_width: float
    new_half_width: float
    reduction: float

    def effort(self, language: str) -> str:
        """Return the name of the effort."""
        return self.effort_zh if language == "zh" else self.effort_en

    def name(self, language: str) -> str:
        """Return the name of the datum or factor."""
        return self.cause_zh if language == "zh" else self.cause_en


@dataclass(frozen=True, slots=True)
class GwpChoice:
    """A GWP set as a choice: the gases for which it has no value make it impossible."""

    name: str
    missing: tuple[str, ...]


def gwp_choices(results: Results) -> list[GwpChoice]:
    """Return all GWP sets for the gases of results."""
    return [GwpChoice(name, tuple(missing_gases(results, name))) for name in GWP_SETS]


def chosen_gwp(results: Results, asked: str) -> str:
    """Return the GWP set of an address: the one of the rule, or the first that serves, where none is asked for.

    Raises
    ------
    NotFoundError
        If the set is unknown or has no value for a gas of the results.
    """
    if not asked:
        return default_gwp(results)
    if asked not in GWP_SETS:
        raise NotFoundError("portal.missing.gwp", asked)
    missing = missing_gases(results, asked)
    if missing:
        raise NotFoundError("portal.missing.gwp_gas", f"{asked}: {', '.join(missing)}")
    return asked


def gas_lines(results: Results, gwp: str) -> list[GasLine]:
    """Return the masses by gas, CO2 first, the sum last."""
    weights, totals = results.gwp(gwp), results.totals(gwp)
    order = sorted((g for g in totals if g != "CO2e"), key=lambda g: (g != "CO2", g != "CH4", g != "N2O", g))
    lines = [GasLine(g, totals[g], "t", weights[g], totals[g] * weights[g], "t CO2e") for g in order]
    return [*lines, GasLine("CO2e", totals["CO2e"], "t CO2e", None, totals["CO2e"], "t CO2e")]


def category_lines(results: Results, gwp: str) -> list[CategoryLine]:
    """Return categories and gases in the order of the guideline's table, memo items after them."""
    kinds = cause_kinds(results)
    found: list[CategoryLine] = []
    for memo in (False, True):
        lines = sum_lines(results, gwp=gwp, kinds=kinds, memo=memo)
        masses: dict[tuple[str, ...], float] = {}
        for r in results:
            if results.in_total(r) != memo:
                masses[r.category, r.gas] = masses.get((r.category, r.gas), 0.0) + r.value
        variances = {key: sum(e * e for e in line.by_cause.values()) for key, line in lines.items()}
        whole = sum(variances.values())
        for key in sorted(lines, key=lambda k: (order_of(k[0]), k[1])):
            line = lines[key]
            spread = variances[key] ** 0.5
            low, high = interval(line.value, spread / abs(line.value)) if line.value else (0.0, 0.0)
            names = [category_name(key[0], lang) or key[0] for lang in LANGUAGES]
            activity, factor = (percent(line.spread(kinds, k), line.value) for k in ("activity", "factor"))
            found.append(
                CategoryLine(
                    key[0], names[0], names[1], key[1], masses[key], line.value, low, high, "t CO2e", activity, factor, line.half_width(),
                    100 * variances[key] / whole if whole else 0.0, memo,
                )
            )  # fmt: skip
    return found


def result_lines(results: Results, gwp: str) -> list[ResultLine]:
    """Return every result in the order of the records."""
    weights = results.gwp(gwp).values
    return [
        ResultLine(
            r.record, r.place, r.period, r.category, r.gas, r.value, r.unit, r.low, r.high,
            r.value if r.gas == "CO2e" else r.value * weights[r.gas] if r.gas in weights else None, r.grade, r.method,
            " ".join(r.factors), r.id,
        )
        for r in results
    ]  # fmt: skip


def finding_lines(found: Sequence[Finding]) -> list[FindingLine]:
    """Return the log of quality control."""
    return [FindingLine(**f.as_row()) for f in found]


def fallback_lines(results: Results) -> list[FallbackLine]:
    """Return the factors that should be confirmed."""
    return [
        FallbackLine(
            record, name, m.factor.id, m.factor.value, m.factor.unit, m.factor.set, m.factor.region, m.factor.valid_to,
            " ".join(m.reasons),
        )
        for record, name, m in results.fallbacks
    ]  # fmt: skip


def next_lines(results: Results, gwp: str) -> list[NextLine]:
    """Return the measurements that narrow the total most, for each datum and factor the best one."""
    found: list[NextLine] = []
    seen: set[str] = set()
    proposals = measure_next(results, gwp=gwp, top=len(results.causes) or 1)
    for p in sorted(proposals, key=lambda p: (p.new_width, p.effort.rank, p.cause, p.record)):
        if p.cause in seen:
            continue
        seen.add(p.cause)
        zh, en = (_cause(p.cause, results, lang) for lang in LANGUAGES)
        found.append(
            NextLine(
                p.effort.zh, p.effort.en, p.cause, zh, en, p.record, p.half_width, p.effort.half_width, p.reduction
            )
        )  # fmt: skip
    return found[:MEASURES]


def _cause(cause: str, results: Results, language: str) -> str:
    """Return a datum as its record and input, a factor by its name."""
    datum = results.activities.get(cause)
    if datum is not None:
        return f"{input_label(datum.input, language)} ({datum.record or datum.file})"
    factor = results.factors.get(cause.removeprefix("factor:"))
    return cause if factor is None else factor_name(factor, language, load_library())


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """The head of an account of a year: total [t CO2e] with its 95 % interval, and how much there is of everything."""

    key: str
    method_set: str
    gwp: str
    gwp_source: str
    years: tuple[int, ...]
    co2e: float
    low: float
    high: float
    half_width: float
    unit: str
    memo: float
    records: int
    rows: int
    results: int
    findings: int
    fallbacks: int
    identical: bool | None


def summary_of(account: Account, gwp: str) -> AccountSummary:
    """Return the head of an account under a GWP set."""
    results = account.results
    value, low, high = results.total(gwp)
    memo = combine((x.co2e, {}) for x in category_lines(results, gwp) if x.memo)[0]
    weights = results.gwp(gwp)
    return AccountSummary(
        account.key, results.method_set.id, weights.id, weights.source, tuple(years_of(results)), value, low, high,
        100 * (high - low) / 2 / abs(value) if value else 0.0, "t CO2e", memo, len({r.record for r in results}),
        len(account.activities), len(results), len(results.findings), len(results.fallbacks),
        None if account.checked is None else not account.checked.differences,
    )  # fmt: skip


TABLES: Final = ("years", "gases", "categories", "qc", "fallbacks", "next", "results")
SUMS: Final = ("gases", "categories", "next")
"""Tables that add results up, which is done for one year."""
CLASSES: Final[Mapping[str, type[Any]]] = {
    "years": YearLine,
    "gases": GasLine, "categories": CategoryLine, "qc": FindingLine, "fallbacks": FallbackLine, "next": NextLine, "results": ResultLine,
}  # fmt: skip


def table(account: Account, name: str, gwp: str, year: str = "") -> list[Any]:
    """Return a table of an account, of a year: where none is given of the last, or of all if nothing is added up in it.

    Raises
    ------
    NotFoundError
        If there is no table of that name, or no such year.
    """
    results = account.results
    if name != "years" and (year or name in SUMS):
        results = of_year(account, chosen_year(results, year)).results
    match name:
        case "years":
            return year_lines(results, gwp)
        case "gases":
            return gas_lines(results, gwp)
        case "categories":
            return category_lines(results, gwp)
        case "qc":
            return finding_lines(results.findings)
        case "fallbacks":
            return fallback_lines(results)
        case "next":
            return next_lines(results, gwp)
        case "results":
            return result_lines(results, gwp)
        case _:
            raise NotFoundError("portal.missing.table", name)


def columns(name: str) -> list[str]:
    """Return the columns of a table."""
    return [f.name for f in fields(CLASSES[name])]


def as_record(account: Account, gwp: str, year: str = "") -> dict[str, Any]:
    """Return a year of an account as plain data (the last where none is given), and the totals of all; results have their own table."""
    chosen = chosen_year(account.results, year)
    shown = of_year(account, chosen)
    parts = {name: table(shown, name, gwp) for name in TABLES if name not in ("results", "years")}
    parts["by_year"] = year_lines(account.results, gwp)
    head = {**asdict(summary_of(shown, gwp)), "year": chosen, "years": years_of(account.results)}
    return {**head, **{name: [asdict(x) for x in lines] for name, lines in parts.items()}}


def result_of(account: Account, result_id: str) -> Result:
    """Return a result of an account.

    Raises
    ------
    NotFoundError
        If there is none of that id.
    """
    found = account.results.by_id.get(result_id)
    if found is None:
        raise NotFoundError("portal.missing.number", result_id)
    return found


def input_name(name: str, language: str) -> str:
    """Return the name of an input."""
    return input_label(name, language)


def grouped(text: str) -> str:
    """Return text with the whole part of its leading number in groups of three, every other digit as it was.

    Examples
    --------
    >>> grouped("162000.25 t"), grouped("2024"), grouped("0.02618")
    ('162,000.25 t', '2,024', '0.02618')
    """
    return LEADING_WHOLE.sub(lambda found: f"{int(found[0]):,}", text)
