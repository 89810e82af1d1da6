"""Publications of the account, kept with the moment of their knowledge; triangles of revisions and what they say of the band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from tanlu.monitor.desk import Desk, Item, Workflow, now_us

if TYPE_CHECKING:
    from tanlu.monitor.catalog import Catalog
    from tanlu.monitor.nowcast.proxies import Statistic

LEAST_REVISIONS: Final = 8
"""Periods with a revision below which history says nothing of the band."""
_NO_STEPS: Final = Workflow("published", {}, {})


def publication_desk(catalog: Catalog) -> Desk:
    """Return where publications are kept."""
    return Desk(catalog, "publication", _NO_STEPS)


def publish(catalog: Catalog, region: str, period: str, record: Mapping[str, Any], at: int | None = None) -> str | None:
    """Keep what is said of a period (YYYY-MM or YYYY-MM-DD); return its id, or None where the same was said last time."""
    moment = now_us() if at is None else at
    desk = publication_desk(catalog)
    before = [
        i for i in desk.items() if i.at <= moment and i.record["region"] == region and i.record["period"] == period
    ]
    if before and before[-1].record["account"] == dict(record):
        return None
    name = f"{region}:{period}:{moment}"
    desk.add({name: {"region": region, "period": period, "account": dict(record)}}, moment)
    return name


@dataclass(frozen=True)
class Triangle:
    """What was said of each period at each publication day.

    Parameters
    ----------
    periods, vintages : tuple of str
        Periods, and days of publication (UTC).
    values : array, shape (periods, vintages)
        Total as then known [kt]; nan before the first publication of a period.
    """

    periods: tuple[str, ...]
    vintages: tuple[str, ...]
    values: NDArray[np.float64]


def triangle(items: Sequence[Item], region: str, sector: str = "total") -> Triangle:
    """Lay publications out by period and vintage; the last of a day counts, and what was said stands until it is revised.

    Parameters
    ----------
    items : sequence of Item
        As `publication_desk` keeps them, oldest first.
    region : str
    sector : str
        A sector, or ``total``.
    """
    mine = [i for i in items if i.record["region"] == region and len(i.record["period"]) == 7]
    periods = sorted({i.record["period"] for i in mine})
    vintages = sorted({_day(i.at) for i in mine})
    values = np.full((len(periods), len(vintages)), np.nan)
    for item in mine:
        account = item.record["account"]
        found = account["total"] if sector == "total" else account["sectors"].get(sector)
        if found is not None:
            values[periods.index(item.record["period"]), vintages.index(_day(item.at)) :] = found["value"]
    return Triangle(tuple(periods), tuple(vintages), values)


def revision_error(table: Triangle) -> float:
    """Return the root mean square of the logarithm of last over first publication, over periods that were revised.

    0 where fewer than `LEAST_REVISIONS` periods were revised.
    """
    moved = []
    for row in table.values:
        known = row[np.isfinite(row)]
        if len(known) > 1 and known[0] > 0 and known[-1] > 0 and known[-1] != known[0]:
            moved.append(float(np.log(known[-1] / known[0])))
    return float(np.sqrt(np.mean(np.square(moved)))) if len(moved) >= LEAST_REVISIONS else 0.0


def add_statistics(catalog: Catalog, statistics: Sequence[Statistic]) -> list[str]:
    """Keep monthly statistics that arrived; the same figure of the same publication is kept once."""
    records = {
        f"{s.variable}:{s.month}:{s.published.isoformat()}": {
            "variable": s.variable, "month": s.month, "months": s.months, "value": s.value, "unit": s.unit,
            "published": s.published.isoformat(), "source": s.source,
        }
        for s in statistics
    }  # fmt: skip
    return Desk(catalog, "statistic", _NO_STEPS).add(records)


def kept_statistics(catalog: Catalog) -> list[Statistic]:
    """Return the monthly statistics that arrived in this ledger."""
    import datetime as dt

    from tanlu.monitor.nowcast.proxies import Statistic

    records = [dict(i.record) for i in Desk(catalog, "statistic", _NO_STEPS).items()]
    return [Statistic(**{**r, "published": dt.date.fromisoformat(r["published"])}) for r in records]


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment / 1e6, UTC).date().isoformat()
