"""Floor area, use and product of a demonstration fleet; all of it is invented and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.monitor.fleet.trades import load_trades
from tanlu.monitor.schema import UnitKind, day_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tanlu.monitor.fleet.design import Fleet

SITE_COLUMNS: Final = ("unit", "use", "area", "product", "source", "grade")
TEMPERATURE_COLUMNS: Final = ("region", "date", "temperature", "source", "grade")
SOURCE: Final = "演示 / demonstration"
_USES: Final = {
    "office": (0.40, 90.0),
    "shop": (0.25, 150.0),
    "school": (0.15, 50.0),
    "hotel": (0.12, 130.0),
    "hospital": (0.08, 140.0),
}
"""Uses of buildings of services: their share, and kWh/m2 a year around which they lie; grade D, set by hand."""
_SPREAD: Final = 0.35
"""Standard deviation of the logarithm of the intensity among buildings of one use; grade D."""


def site_rows(fleet: Fleet) -> Iterator[dict[str, Any]]:
    """Yield use and area of buildings of services, and the product of plants that have a meter for it."""
    rng = np.random.default_rng([fleet.seed, 9])
    names, shares = list(_USES), np.array([share for share, _ in _USES.values()])
    products = {m["unit"].rpartition("-f")[0]: m["carrier"] for m in fleet.meters if m["id"].endswith("-product")}
    enterprises = [u for u in fleet.units if u["kind"] == UnitKind.ENTERPRISE]
    trades = {t.id: t for t in load_trades().trades}
    for unit, main, subs in zip(enterprises, fleet.mains, fleet.sub_counts, strict=True):
        trade = trades[unit["sector"]]
        row = {"unit": unit["id"], "use": "plant", "area": "", "product": "", "source": SOURCE, "grade": "D"}
        if unit["id"] in products:
            yield {**row, "product": products[unit["id"]]}
        elif trade.id == "services":
            use = names[int(rng.choice(len(names), p=shares))]
            load = float(fleet.base[main : main + 1 + subs].sum()) * (5 + 2 * trade.weekend) / 7
            year = 8760 * load * (1 - trade.weather * 0.5)
            area = year / (_USES[use][1] * np.exp(_SPREAD * rng.standard_normal()))
            yield {**row, "use": use, "area": max(round(area, -1), 10)}


def temperature_rows(fleet: Fleet, temperatures: Sequence[float]) -> Iterator[dict[str, Any]]:
    """Yield the mean temperature of each day, one for the whole province."""
    for number, value in enumerate(temperatures):
        yield {
            "region": fleet.surroundings.province[0], "date": day_name(fleet.start + number), "temperature": f"{value:.1f}",
            "source": SOURCE, "grade": "D",
        }  # fmt: skip
