"""What is drawn as one band: technologies of their own colour, reservoirs and contracts together, and all others as one.

The choice is made once for a study, so that a colour means the same in all its charts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from tanlu.charts import tokens
from tanlu.charts.energy_results import CARRIER, EnergyResults, Floats, Hourly
from tanlu.core.messages import catalogue, translate

FILLS: Final = tokens.TECHNOLOGY_FILLS
"""Fills in the order of the technologies of a study; any two stay apart under colour-vision deficiency."""
OTHER_FILL: Final = tokens.OTHER_FILL
UNSERVED_FILL: Final = tokens.UNSERVED_FILL
OTHER: Final = "other"
OTHER_USE: Final = "other_use"
LOAD: Final = "load"
GROUPED: Final = {"release": "reservoirs", "delivery": "contracts"}
"""Quantities of a balance whose technologies are one band, and the name of that band."""
_SHORTFALL: Final = frozenset({"unserved", "unserved_driving"})
_PASSING: Final = frozenset({"forward", "backward", "surplus", *_SHORTFALL})
_MOST_USES: Final = 3
_NOTHING: Final = 0.01
"""Power that is the tolerance of a solver [MW]."""


@dataclass(frozen=True)
class Bands:
    """The bands of a study.

    Parameters
    ----------
    of : mapping
        Technology that supplies or uses electricity to its band.
    supply : tuple of str
        Bands of supply, the steadiest first, `OTHER` last.
    uses : tuple of str
        Bands of use apart from the load, the largest first, `OTHER_USE` last.
    fills : mapping
        Colour of each band.
    """

    of: Mapping[str, str]
    supply: tuple[str, ...]
    uses: tuple[str, ...]
    fills: Mapping[str, str]


def technology_name(study: EnergyResults, technology: str, language: str) -> str:
    """Return the name of a technology, carrier or band; a name that the study does not know is shown as it is."""
    _, apart, carrier = technology.partition("carrier:")
    entry = catalogue().get(f"charts.energy.band.{carrier or technology}")
    known = None if apart else study.names.get(technology)
    if known is not None:
        return known.name(language)
    return entry[language] if entry else carrier or technology


def quantity_name(study: EnergyResults, column: str, language: str) -> str:
    """Return the name of a column of the dispatch: a technology, or ``technology.quantity``."""
    technology, _, quantity = column.partition(".")
    name = technology_name(study, technology, language)
    if not quantity:
        return name
    entry = catalogue().get(f"charts.energy.quantity.{quantity}")
    return translate("charts.energy.of", language, technology=name, quantity=entry[language] if entry else quantity)


def electric(study: EnergyResults) -> tuple[str, ...]:
    """Return the technologies that supply electricity, in the order of the study; lines between nodes are not among them."""
    sums: dict[str, list[float]] = {}
    for row in study.balance:
        if row.carrier == CARRIER and row.quantity not in _PASSING:
            sums.setdefault(row.technology, []).append(row.energy)
    found = {t for t, amounts in sums.items() if max(amounts) > 0.0 or min(amounts) >= 0.0}
    return tuple(t for t in _ordered(study, found) if t != LOAD)


def bands(study: EnergyResults) -> Bands:
    """Return the bands of a study."""
    suppliers = electric(study)
    group = _groups(study)
    of = {t: group.get(t, t) for t in suppliers}
    weights = _weights(study, of)
    used = _uses(study)
    uses = sorted(used, key=lambda t: -used[t])[:_MOST_USES]
    own = sorted(weights, key=lambda b: -weights[b])[: len(FILLS) - len([u for u in uses if u not in weights])]
    kept = {*own, *uses}
    order = [b for b in dict.fromkeys([*of.values(), *_ordered(study, set(uses))]) if b in kept]
    fills = {b: FILLS[i % len(FILLS)] for i, b in enumerate(order)}
    fills |= {OTHER: OTHER_FILL, OTHER_USE: OTHER_FILL, "unserved": UNSERVED_FILL}
    final = {t: b if b in kept else OTHER for t, b in of.items()}
    supply = _by_steadiness(study, final, [b for b in order if b in own])
    if OTHER in final.values():
        supply = (*supply, OTHER)
    return Bands(final, supply, (*uses, OTHER_USE), fills)


def _ordered(study: EnergyResults, names: set[str]) -> list[str]:
    rank = {t.technology: i for i, t in enumerate(study.technologies)}
    return sorted(names, key=lambda t: (rank.get(t, len(rank)), t))


def _groups(study: EnergyResults) -> dict[str, str]:
    """Return the band of technologies that are drawn together, where there is more than one of the kind."""
    found: dict[str, set[str]] = {}
    for row in study.balance:
        if row.quantity in GROUPED and row.carrier == CARRIER:
            found.setdefault(GROUPED[row.quantity], set()).add(row.technology)
    return {t: band for band, members in found.items() if len(members) > 1 for t in members}


def _weights(study: EnergyResults, of: Mapping[str, str]) -> dict[str, float]:
    """Return for each band its largest share of energy or capacity in any period."""
    weights = dict.fromkeys(of.values(), 0.0)
    for period in study.periods:
        energy = dict.fromkeys(weights, 0.0)
        power = dict.fromkeys(weights, 0.0)
        for row in study.balance:
            if row.period == period and row.carrier == CARRIER and row.energy > 0 and row.technology in of:
                energy[of[row.technology]] += row.energy
        for own in study.capacities:
            if own.period == period and own.kind == "power" and own.technology in of:
                power[of[own.technology]] += own.capacity
        for sums in (energy, power):
            total = sum(sums.values()) or 1.0
            weights = {b: max(w, sums[b] / total) for b, w in weights.items()}
    return weights


def _uses(study: EnergyResults) -> dict[str, float]:
    """Return what technologies other than the load take in the period in which they take most [MWh]."""
    sums: dict[tuple[str, int], float] = {}
    for row in study.balance:
        if row.carrier == CARRIER and row.energy < 0 and row.technology != LOAD and row.quantity not in _PASSING:
            key = row.technology, row.period
            sums[key] = sums.get(key, 0.0) - row.energy
    most: dict[str, float] = {}
    for (technology, _), amount in sums.items():
        most[technology] = max(most.get(technology, 0.0), amount)
    return most


def _by_steadiness(study: EnergyResults, of: Mapping[str, str], order: list[str]) -> tuple[str, ...]:
    """Return the bands with the steadiest output first, so that a stack stands on what hardly moves."""
    if not study.hourly_periods:
        return tuple(order)
    sums = supply_by_band(study.dispatch(study.hourly_periods[-1]), of)
    spread = {}
    for band in order:
        series = sums.get(band)
        mean = float(series.mean()) if series is not None else 0.0
        spread[band] = float(series.std()) / mean if series is not None and mean > 0 else np.inf
    return tuple(sorted(order, key=lambda b: (spread[b], order.index(b))))


def supply_by_band(hourly: Hourly, of: Mapping[str, str]) -> dict[str, Floats]:
    """Return the supply of each band by hour [MW]; load that is not met is a band of its own."""
    sums: dict[str, Floats] = {}
    for name, values in zip(hourly.names, hourly.values, strict=True):
        technology, _, quantity = name.partition(".")
        band = "unserved" if quantity in _SHORTFALL else of.get(technology, OTHER)
        positive = np.maximum(values, 0.0)
        if name != LOAD and positive.max(initial=0.0) > _NOTHING:
            sums[band] = sums.get(band, np.zeros(hourly.hours)) + positive
    return sums


def use_by_band(hourly: Hourly, uses: Iterable[str]) -> dict[str, Floats]:
    """Return what technologies other than the load take by hour [MW], as positive numbers."""
    known, sums = set(uses), dict[str, Floats]()
    for name, values in zip(hourly.names, hourly.values, strict=True):
        technology = name.partition(".")[0]
        taken = np.maximum(-values, 0.0)
        if technology != LOAD and taken.max(initial=0.0) > _NOTHING:
            band = technology if technology in known else OTHER_USE
            sums[band] = sums.get(band, np.zeros(hourly.hours)) + taken
    return sums
