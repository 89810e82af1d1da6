"""What the pages of energy show of buildings and plants: one unit with its charts, and all of them in a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.charts import Chart
from tanlu.charts.format import capital
from tanlu.charts.monitor_energy import baseline_chart, heat_chart, number, typical_chart
from tanlu.core.messages import translate
from tanlu.core.units import unit_label
from tanlu.monitor.baseline import LEAST_PERIODS
from tanlu.monitor.carriers import carriers
from tanlu.monitor.energy_sites import Site, kept_sites, kept_temperatures, temperatures_of
from tanlu.monitor.energy_use import EnergyUse, Intensity
from tanlu.monitor.registry import Unit
from tanlu.monitor.schema import day_name, day_number
from tanlu.portal.monitor.reads import intensities_in, sums_of_enterprises, use_of_unit
from tanlu.portal.monitor.service import LONGEST_DAYS, Monitoring, Span
from tanlu.portal.monitor.sources import chart_sources
from tanlu.portal.monitor.view import carriers_of
from tanlu.portal.service import NotFoundError

if TYPE_CHECKING:
    from tanlu.monitor.energy_sites import Temperatures

PARAMETERS: Final = ("id", "from", "to", "carrier", "base_from", "base_to")
LONGEST_HEAT: Final = 100
"""Days of which every hour is drawn."""
CARRIER: Final = "electricity"


@dataclass(frozen=True, slots=True)
class EnergyLine:
    """Use of a unit in some days [unit of the carrier], and by area or output; None where not registered or not to be shown."""

    id: str
    name_zh: str
    name_en: str
    region: str
    use: str
    total: float
    intensity: float | None
    per: str
    percentile: float | None
    peers: int | None
    known: float
    estimated: float


@dataclass(frozen=True)
class Asked:
    """What a page or answer is asked for: unit, carrier, days, days of the baseline."""

    unit: Unit
    carrier: str
    span: Span
    base: tuple[int, int] | None
    carriers: tuple[str, ...]
    given: Mapping[str, str]


def asked_of(m: Monitoring, given: Mapping[str, str]) -> Asked:
    """Return what is asked for.

    The baseline by default is the year before the first day shown; where fewer than 12 days lie there, the first half of the days shown.

    Raises
    ------
    NotFoundError
        If unit, carrier or days do not exist.
    """
    unit = m.unit(given.get("id", ""))
    span = m.span(given.get("from", ""), given.get("to", ""))
    known = tuple(c for c in carriers_of(m, unit.id, span) if carriers()[c].kind in ("electricity", "heat", "fuel"))
    carrier = given.get("carrier") or (CARRIER if CARRIER in known or not known else known[0])
    if carrier not in carriers():
        raise NotFoundError("portal.missing.unit", carrier)
    kept = {k: given[k] for k in PARAMETERS if given.get(k)}
    return Asked(unit, carrier, span, _base(m, span, given), known, {**kept, "id": unit.id})


def _base(m: Monitoring, span: Span, given: Mapping[str, str]) -> tuple[int, int] | None:
    first, last = given.get("base_from", ""), given.get("base_to", "")
    if first or last:
        try:
            base = (day_number(first), day_number(last))
        except ValueError:
            raise NotFoundError("portal.missing.day", f"{first} – {last}") from None
        if not base[0] <= base[1] <= base[0] + LONGEST_DAYS:
            raise NotFoundError("portal.missing.day", f"{first} – {last}")
        return base
    start = max(min(m.ledger().days(), default=span.first), span.first - 365)
    if span.first - start >= LEAST_PERIODS:
        return start, span.first - 1
    half = span.first + (span.last - span.first + 1) // 2
    return (span.first, half) if half - span.first + 1 >= LEAST_PERIODS else None


def use_of(m: Monitoring, asked: Asked) -> EnergyUse:
    """Return the use of a unit, made once."""
    site = sites(m).get(asked.unit.id)
    product = site.product if site else ""
    found = temperatures_of(_temperatures(m), m.registry, asked.unit.id)
    version = (product, len(found.days) if found else 0)
    key = ("energy", asked.unit.id, asked.carrier, asked.span, asked.base, version)
    given = (asked.unit.id, asked.carrier, asked.span, asked.base, found, product)
    return m.kept(key, lambda: m.read(use_of_unit, *given))


def one_record(m: Monitoring, given: Mapping[str, str]) -> dict[str, Any]:
    """Return what is told of one unit as plain data.

    Raises
    ------
    NotFoundError
        If unit, carrier or days do not exist.
    """
    asked = asked_of(m, given)
    one = intensities_of(m, asked.carrier, asked.span).get(asked.unit.id)
    told = one and {k: getattr(one, k) for k in ("value", "per", "amount", "percentile", "median", "peers", "known")}
    return {**use_of(m, asked).as_record(), "intensity": told}


def sites(m: Monitoring) -> dict[str, Site]:
    """Return what is registered of buildings and plants."""
    return kept_sites(m.ledger().catalog)


def _temperatures(m: Monitoring) -> dict[str, Temperatures]:
    return kept_temperatures(m.ledger().catalog)


def intensities_of(m: Monitoring, carrier: str, span: Span) -> dict[str, Intensity]:
    """Return the intensities of all registered sites of the province, made once; peers are those of the whole province."""
    known = sites(m)
    key = ("intensity", carrier, span, tuple(sorted(known.values(), key=lambda s: s.unit)))
    return m.kept(key, lambda: m.read(intensities_in, carrier, span, known))


def energy_lines(m: Monitoring, where: str, carrier: str, span: Span, use: str = "") -> list[EnergyLine]:
    """Return the enterprises of a region that use a carrier, the largest first.

    Raises
    ------
    NotFoundError
        If there is no such carrier.
    """
    if carrier not in carriers():
        raise NotFoundError("portal.missing.unit", carrier)
    registry, known, found = m.registry, sites(m), intensities_of(m, carrier, span)
    chosen = carriers()[carrier].number
    sums = m.kept(("energy", where, chosen, span), lambda: m.read(sums_of_enterprises, where, chosen, span))
    lines = []
    for unit_number, (total, estimated, good, guessed, missing) in sums.items():
        unit = registry.units_by_number[unit_number]
        site, one = known.get(unit.id), found.get(unit.id)
        if use and (site is None or site.use != use):
            continue
        due = good + guessed + missing
        lines.append(
            EnergyLine(
                unit.id, unit.zh, unit.en, unit.region, site.use if site else "", total, one.value if one else None, one.per if one else "",
                one.percentile if one else None, one.peers if one else None, (good + guessed) / due if due else 0.0,
                estimated / total if total else 0.0,
            )
        )  # fmt: skip
    return sorted(lines, key=lambda line: (-line.total, line.id))


def chart(m: Monitoring, name: str, language: str, given: Mapping[str, str]) -> Chart:
    """Return a chart by name: ``energy-heat``, ``energy-typical``, ``energy-baseline``.

    Raises
    ------
    NotFoundError
        If there is no such chart, or what it is asked of does not exist.
    """
    asked = asked_of(m, given)
    found = {c.name: c for c in charts(m, asked, language)}
    if f"monitor-{name}" not in found:
        raise NotFoundError("portal.missing.chart", name)
    return found[f"monitor-{name}"]


def charts(m: Monitoring, asked: Asked, language: str) -> list[Chart]:
    """Return the charts of a unit; that of the baseline only where there is one."""
    made, carrier = use_of(m, asked), carriers()[asked.carrier]
    what = capital(translate("portal.monitor.energy.use_of", language, carrier=carrier.name(language)))
    unit = unit_label(carrier.unit, language)
    first, last = made.hours.first, made.hours.last
    shown = min(last - first + 1, LONGEST_HEAT)
    days = [day_name(d) for d in range(last - shown + 1, last + 1)]
    values = _plain(made.hours.values[-24 * shown :])
    estimated = (made.hours.estimated[-24 * shown :] > 0).tolist()
    found = [heat_chart(days, values, estimated, what, unit, language, asked.given)]
    if made.curve is not None:
        work, rest = _plain(made.curve.workday), _plain(made.curve.rest_day)
        found.append(typical_chart(work, rest, what, unit, language, asked.given))
    c = made.comparison
    if c is not None:
        told = {
            "is_less": c.savings.value >= 0, "saved": number(abs(c.savings.value)), "low": number(c.savings.low),
            "high": number(c.savings.high),
            "driver": translate(f"portal.monitor.energy.driver.{c.driver}", language),
            "first": day_name(c.base_first), "last": day_name(c.base_last),
            "cv": f"{100 * c.model.cv_rmse:.1f}", "nmbe": f"{abs(100 * c.model.nmbe):.1f}", "n": c.model.n,
        }  # fmt: skip
        days = [day_name(d) for d in range(first, last + 1)]
        found.append(
            baseline_chart(days, _plain(made.hours.by_day), _plain(c.expected), told, what, unit, language, asked.given)
        )
    sources = chart_sources(m, "energy", {**asked.given, "carrier": asked.carrier})
    return [replace(c, sources=sources) for c in found]


def _plain(values: np.ndarray) -> list[float | None]:
    return [None if v != v else v for v in values.tolist()]
