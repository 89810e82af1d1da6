"""What supplies a carrier over a year, and what takes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tanlu.charts import tokens
from tanlu.charts.base import Cell, Chart, amount_axis, layered, values
from tanlu.charts.energy_base import (
    SEPARATOR,
    Study,
    band_columns,
    colour,
    column,
    factor,
    numbers,
    period_axis,
    said,
    unit_name,
    words,
)
from tanlu.charts.energy_results import CARRIER
from tanlu.charts.energy_series import FILLS, LOAD, OTHER_FILL
from tanlu.core.messages import translate

_MOST: Final = 11
_LINES: Final = frozenset({"forward", "backward"})


def carriers(study: Study) -> tuple[str, ...]:
    """Return the carriers with a balance, electricity first."""
    found = dict.fromkeys(r.carrier for r in study.results.balance)
    return tuple(sorted(found, key=lambda c: (c != CARRIER, c)))


def carrier_unit(carrier: str) -> str:
    """Return the unit in which a carrier is counted: captured CO2 by mass, all others as energy."""
    return "t" if carrier == "co2" else "MWh"


def balance_sums(study: Study, carrier: str) -> dict[str, dict[int, float]]:
    """Return what each technology supplies (positive) and takes (negative) of a carrier by period; the two are kept apart."""
    sums: dict[str, dict[int, float]] = {}
    for r in study.results.balance:
        if r.carrier != carrier or r.quantity in _LINES:
            continue
        key = r.technology if r.energy >= 0 else "-" + r.technology
        own = sums.setdefault(key, dict.fromkeys(study.results.periods, 0.0))
        own[r.period] = own.get(r.period, 0.0) + r.energy
    return {k: v for k, v in sums.items() if any(abs(x) > 1e-6 for x in v.values())}


def balance_chart(study: Study, language: str, carrier: str = CARRIER) -> Chart:
    """Return supply (up) and use (down) of a carrier by period."""
    sums = balance_sums(study, carrier)
    unit_key, periods = carrier_unit(carrier), study.results.periods
    unit = factor(unit_key, language)
    size = {k: max(abs(v) for v in own.values()) for k, own in sums.items()}
    named = sorted({k.removeprefix("-") for k in sums}, key=lambda t: -max(size.get(t, 0.0), size.get("-" + t, 0.0)))
    kept = named[:_MOST]
    fills = _fills(study, kept)
    other = translate("charts.energy.band.other", language)
    data = []
    for key, own in sums.items():
        technology = key.removeprefix("-")
        name, rank = (
            (study.name(technology, language), kept.index(technology)) if technology in kept else (other, _MOST)
        )
        data += [{"period": str(p), "name": name, "rank": rank, "value": own[p] * unit} for p in periods if own[p]]
    domain = [study.name(t, language) for t in kept] + ([other] if len(named) > len(kept) else [])
    bars = {
        "mark": {"type": "bar", **SEPARATOR},
        "encoding": {
            "x": period_axis(), "y": {"field": "value", "aggregate": "sum", **amount_axis()}, "order": {"field": "rank"},
            "color": colour(domain, [*fills, OTHER_FILL][: len(domain)]),
            "tooltip": [
                {"field": "period", "title": translate("charts.energy.column.period", language)}, {"field": "name", "title": " "},
                {"field": "value", "aggregate": "sum", "format": ",.1f", "title": unit_name(unit_key, language)},
            ],
        },
    }  # fmt: skip
    zero = {"mark": {"type": "rule", "color": tokens.MUTED}, "encoding": {"y": {"datum": 0}}}
    keys = [*(t for t in named if t in sums), *("-" + t for t in named if "-" + t in sums)]
    columns = (
        column("period", language),
        *(
            c if not c.key.startswith("-") else type(c)(
                c.key, translate("charts.energy.dispatch.use", language, technology=study.name(c.key[1:], language)), c.unit
            )
            for c in band_columns(study, keys, unit_key, language)
        ),
    )  # fmt: skip
    rows = tuple((Cell(str(p)), *numbers(sums[k][p] for k in keys)) for p in periods)
    spec = layered([bars, zero], height=400, data=values(data, "balance"))
    return Chart(
        "energy-balance", language, *_balance_words(study, sums, carrier, language), spec,
        columns, rows, (), "modelled", study.sources, parameters={"carrier": carrier},
    )  # fmt: skip


def _fills(study: Study, names: Sequence[str]) -> list[str]:
    """Return the colour of each technology: that of its band where it has one of its own, else one that is still free."""
    own = {t: study.bands.fills[t] for t in names if t in study.bands.fills} | {LOAD: tokens.MUTED}
    free = [f for f in FILLS if f not in own.values()]
    return [own[t] if t in own else free.pop(0) if free else OTHER_FILL for t in names]


def _balance_words(
    study: Study, sums: Mapping[str, Mapping[int, float]], carrier: str, language: str
) -> tuple[str, str, str]:
    last = study.results.periods[-1]
    supply = {k: v[last] for k, v in sums.items() if not k.startswith("-") and v[last] > 0}
    use = {k[1:]: -v[last] for k, v in sums.items() if k.startswith("-") and v[last] < 0}
    name, unit = study.within(carrier, language), carrier_unit(carrier)
    if not supply or not use:
        return words("balance_none", language, carrier=name, unit=unit_name(unit, language))
    top, taker = max(supply, key=lambda k: supply[k]), max(use, key=lambda k: use[k])
    return words(
        "balance", language, carrier=name, year=last, total=said(sum(supply.values()), unit, language), top=study.within(top, language),
        share=f"{100 * supply[top] / sum(supply.values()):.0f}", taker=study.within(taker, language),
        part=f"{100 * use[taker] / sum(use.values()):.0f}", unit=unit_name(unit, language),
    )  # fmt: skip
