"""The plan of a demonstration fleet: enterprises of trades in places, their meters, and how each meter sees its plant."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.monitor.fleet.incidents import Incident, draw_incidents
from tanlu.monitor.fleet.trades import Trade, load_trades
from tanlu.monitor.schema import DAY, MeterKind, UnitKind

if TYPE_CHECKING:
    from tanlu.monitor.fleet.surroundings import Surroundings

MARK: Final = "demo"
"""First part of every id of a demonstration fleet."""
CO2_DENSITY: Final = 44.0095 / 22.414
"""Kilograms of CO2 in a cubic metre at 0 °C and 101.325 kPa."""
_RATIOS: Final = np.array(
    [1, 10, 20, 40, 80, 100, 200, 400, 1000, 2000, 4000, 10_000, 20_000, 40_000, 100_000, 200_000]
)
_REST: Final = 0.02
"""Share of the main meter that no sub-meter sees."""
_HOT: Final = 2.5
"""What follows the weather on the hottest hours, relative to an ordinary hot day: 37 °C, as in `tanlu.monitor.fleet.loads`."""
_RESERVE: Final = 1.3
"""Rating over the highest load that is planned for; grade D."""
_COUNTIES: Final = 4
_PARK_SHARE: Final = 0.4


@dataclass
class Fleet:
    """A fleet as arrays by position of a meter; positions of one enterprise stand together, the main meter before its sub-meters.

    ``base`` is the true amount per hour at full load in the unit of the carrier, ``gain`` the standing relative error, ``noise`` the
    standard deviation of the passing error, ``activity`` the row of load that the meter follows, ``weather`` the share that follows the
    weather.
    ``stacks`` has one row a stack: positions of CO2 mass, CO2 fraction, O2, flow, fuel, product (−1: none).
    """

    seed: int
    start: int
    days: int
    step: int
    surroundings: Surroundings
    units: list[dict[str, Any]] = field(default_factory=list)
    meters: list[dict[str, Any]] = field(default_factory=list)
    base: np.ndarray = field(default_factory=lambda: np.empty(0))
    gain: np.ndarray = field(default_factory=lambda: np.empty(0))
    noise: np.ndarray = field(default_factory=lambda: np.empty(0))
    weather: np.ndarray = field(default_factory=lambda: np.empty(0))
    activity: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    mains: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    sub_starts: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    sub_counts: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    stacks: np.ndarray = field(default_factory=lambda: np.empty((0, 6), dtype=np.int64))
    stack_enterprise: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    stack_base: np.ndarray = field(default_factory=lambda: np.empty(0))
    activity_trade: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    activity_parent: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    incidents: tuple[Incident, ...] = ()

    @property
    def size(self) -> int:
        """Number of positions."""
        return len(self.base)

    @property
    def slots(self) -> int:
        """Slots of a day."""
        return DAY // self.step

    @property
    def is_register(self) -> np.ndarray:
        """Which positions are counters."""
        return np.array([m["kind"] == MeterKind.REGISTER for m in self.meters])

    @property
    def is_energy(self) -> np.ndarray:
        """Which positions are meters of electricity or fuel, main meters and sub-meters alike."""
        return np.array([not m["carrier"].startswith("stack_") for m in self.meters])

    @property
    def furnaces(self) -> np.ndarray:
        """Rows of activity of single furnaces."""
        return np.flatnonzero(self.activity_parent >= 0)


def design_fleet(
    surroundings: Surroundings,
    *,
    meters: int,
    days: int,
    step: int = 900,
    seed: int = 0,
    start: str = "2024-07-01",
    tampering: float = 0.03,
    incidents: bool = True,
    trades: frozenset[str] | None = None,
) -> Fleet:
    """Design a fleet.

    Parameters
    ----------
    surroundings : Surroundings
    meters : int
        Positions of meters, at least 1; a swap adds a second meter to its position.
    days, step : int
        Length [d] and interval of the readings [s]; the step divides a day.
    seed : int
        Equal seeds give equal fleets.
    start : str
        First day, YYYY-MM-DD.
    tampering : float
        Share of the enterprises with stacks that tamper.
    incidents : bool
        Whether anything happens at all; without, every reading is honest and comes in time.
    trades : set of str, optional
        Trades of the fleet; all where nothing is said. The size of enterprises then is that of their own scale.

    Raises
    ------
    ValueError
        If a number is out of range or the step does not divide a day.
    """
    if meters < 1 or days < 1 or step < 1 or DAY % step or not 0 <= tampering <= 1:
        raise ValueError("meters and days are at least 1, the step divides a day, the share lies between 0 and 1")
    first = int(np.datetime64(start, "D").astype(int))
    fleet = Fleet(seed, first, days, step, surroundings)
    build = _Builder(fleet, np.random.default_rng([seed, 1]), meters, trades)
    build.places()
    build.enterprises()
    build.finish()
    if incidents:
        fleet.incidents = draw_incidents(fleet, tampering)
    return fleet


class _Builder:
    """Fills the lists of a fleet, then turns them into arrays."""

    def __init__(self, fleet: Fleet, rng: np.random.Generator, meters: int, trades: frozenset[str] | None) -> None:
        self.fleet, self.rng, self.wanted = fleet, rng, meters
        self.trades = tuple(t for t in load_trades().trades if trades is None or t.id in trades)
        self.emissions = fleet.surroundings.emissions if trades is None else {}
        self.columns: dict[str, list[float]] = {k: [] for k in ("base", "gain", "noise", "weather", "activity")}
        self.mains: list[int] = []
        self.subs: list[tuple[int, int]] = []
        self.stacks: list[tuple[int, ...]] = []
        self.owners: list[int] = []
        self.stack_base: list[float] = []
        self.loads: list[tuple[int, int]] = []
        self.homes: list[str] = []
        self.first_day = datetime.date.fromisoformat(str(np.datetime64(fleet.start, "D")))

    def places(self) -> None:
        """Lay out province, prefectures, and in each four counties and two parks that are invented and say so."""
        around = self.fleet.surroundings
        top, zh, en = around.province
        self._unit(top, "", UnitKind.PROVINCE, zh, en, top)
        for region, region_zh, region_en in around.regions:
            self._unit(region, top, UnitKind.PREFECTURE, region_zh, region_en, region)
            slug = region.rpartition("/")[2]
            for number in range(1, _COUNTIES + 1):
                county = f"{MARK}-{slug}-county-{number}"
                self._unit(
                    county,
                    region,
                    UnitKind.COUNTY,
                    f"演示县{number}（{region_zh}）",
                    f"Demonstration county {number} ({region_en})",
                    region,
                )
                self.homes.append(county)
                if number <= 2:
                    park = f"{MARK}-{slug}-park-{number}"
                    self._unit(
                        park,
                        county,
                        UnitKind.PARK,
                        f"演示园区{number}（{region_zh}）",
                        f"Demonstration park {number} ({region_en})",
                        region,
                    )
        self.region_of = {unit["id"]: unit["region"] for unit in self.fleet.units}

    def enterprises(self) -> None:
        """Add enterprises of the trades until the number of meters is reached; the last one is cut to fit."""
        trades = self.trades
        order = self._order(trades)
        sizes, every = self._sizes(trades, order), load_trades().trades
        for number, (trade, size) in enumerate(zip(order, sizes, strict=True)):
            left = self.wanted - len(self.fleet.meters)
            self._enterprise(number, trades[trade], every.index(trades[trade]), size, left)

    def _order(self, trades: tuple[Trade, ...]) -> list[int]:
        """Return the trade of each enterprise: one of each that fits, then by their shares."""
        each = [t.meters for t in trades]
        order, used = [], 0
        for trade, count in enumerate(each):
            if used + count <= self.wanted:
                order.append(trade)
                used += count
        shares = np.array([t.share for t in trades])
        while used < self.wanted:
            trade = int(self.rng.choice(len(trades), p=shares / shares.sum()))
            if used + each[trade] > self.wanted:
                trade = len(trades) - 1
            order.append(trade)
            used += each[trade]
        return order

    def _sizes(self, trades: tuple[Trade, ...], order: list[int]) -> np.ndarray:
        """Return t CO2 an hour at full load of each enterprise, such that a trade emits its coverage of the inventory in a year."""
        spread = np.array([trades[t].spread for t in order])
        sizes = np.exp(spread * self.rng.standard_normal(len(order)))
        grown = min(1.0, self.wanted / load_trades().full_size)
        trade_of = np.array(order)
        for number, trade in enumerate(trades):
            mine = trade_of == number
            total = self.emissions.get(trade.id)
            if total is None:
                sizes[mine] *= trade.scale
            elif mine.any():
                hours = 8760 * (5 + 2 * trade.weekend) / 7
                sizes[mine] *= total * 1e3 * trade.coverage * grown / (hours * sizes[mine].sum())
        return sizes

    def _enterprise(self, number: int, trade: Trade, trade_index: int, size: float, left: int) -> None:
        home = self.homes[int(self.rng.integers(len(self.homes)))]
        if self.rng.random() < _PARK_SHARE and home.endswith(("county-1", "county-2")):
            home = home.replace("county", "park")
        region = self.region_of[home]
        name = f"{MARK}-e{number:05d}"
        self._unit(
            name,
            home,
            UnitKind.ENTERPRISE,
            f"演示{trade.zh}{number:05d}",
            f"Demonstration {trade.en} {number:05d}",
            region,
            trade.id,
        )
        row = len(self.loads)
        self.loads.append((trade_index, -1))
        self._electricity(name, trade, size, row, min(trade.subs, left - 1))
        if left <= trade.subs + 1:
            return
        if not trade.devices:
            self._fuel(name, name, trade, size, row)
            return
        for device in range(1, trade.devices + 1):
            self._furnace(name, device, trade, trade_index, size / trade.devices, row, region)

    def _electricity(self, unit: str, trade: Trade, size: float, row: int, subs: int) -> None:
        base, first = size * trade.electricity, len(self.fleet.meters)
        fit: dict[str, Any] = {
            "unit": unit,
            "carrier": "electricity",
            "activity": row,
            "noise": 0.02,
            "weather": trade.weather,
        }
        # the row of the main meter holds what no sub-meter sees until they are added
        rest = base * _REST if subs else base
        # meters are chosen for the highest load: readings far above a rating are refused as impossible
        highest = max(trade.shape) * (1 - trade.weather + trade.weather * _HOT) * _RESERVE
        self.mains.append(first)
        self._meter(
            f"{unit}-main", base=rest, rating=base * max(1.6, highest), accuracy=0.5, zh="总表", en="main meter", **fit
        )
        shares = self.rng.dirichlet(np.full(subs, 3.0)) if subs else np.empty(0)
        names = load_trades().sub_names
        kind = MeterKind.INTERVAL if self.rng.random() < 0.2 else MeterKind.REGISTER
        for number, share in enumerate(shares):
            zh, en = names[number % len(names)]
            part = max(base * (1 - _REST) * share, 1e-3)
            self._meter(
                f"{unit}-sub{number + 1}",
                base=part, rating=part * max(2.0, highest), accuracy=1.0, zh=zh, en=en, kind=kind, parent=f"{unit}-main", counted=False,
                **(fit | {"noise": 0.05}),
            )  # fmt: skip
        self.subs.append((first + 1, subs))

    def _fuel(self, name: str, unit: str, trade: Trade, size: float, row: int) -> None:
        carrier, _, factor = trade.fuel
        self._meter(f"{name}-fuel", unit=unit, carrier=carrier, base=size / factor, rating=size / factor * 1.6, accuracy=1.0,
                    activity=row, noise=0.02, zh="燃料", en="fuel")  # fmt: skip

    def _furnace(
        self, name: str, device: int, trade: Trade, trade_index: int, size: float, row: int, region: str
    ) -> None:
        unit = f"{name}-f{device}"
        self._unit(unit, name, UnitKind.DEVICE, f"{device}号炉", f"furnace {device}", region, trade.id)
        own = len(self.loads)
        self.loads.append((trade_index, row))
        at = len(self.fleet.meters)
        self._fuel(unit, unit, trade, size, own)
        if trade.product:
            carrier, _, amount = trade.product
            self._meter(f"{unit}-product", unit=unit, carrier=carrier, base=size * amount, rating=size * amount * 1.6, accuracy=0.5,
                        activity=own, noise=0.01, zh="产品", en="product")  # fmt: skip
        first = len(self.fleet.meters)
        flow = size * 1e3 / (CO2_DENSITY * 0.13)
        for carrier, base, rating, accuracy, decimals, zh, en in (
            ("stack_co2", size * 1e3, size * 1.8e3, 5.0, 1, "烟气CO2", "stack CO2"),
            ("stack_co2_fraction", 13.0, 30.0, 2.5, 2, "CO2浓度", "CO2 fraction"),
            ("stack_o2", 6.0, 21.0, 2.5, 2, "O2浓度", "O2 fraction"),
            ("stack_flow", flow, flow * 1.8, 5.0, 0, "烟气流量", "stack flow"),
        ):
            self._meter(f"{unit}-{carrier.replace('_', '-')}", unit=unit, carrier=carrier, base=base, rating=rating, accuracy=accuracy,
                        activity=own, noise=0.02, kind=MeterKind.RATE, decimals=decimals, counted=carrier == "stack_co2",
                        zh=zh, en=en)  # fmt: skip
        self.stacks.append((first, first + 1, first + 2, first + 3, at, at + 1 if trade.product else -1))
        self.owners.append(len(self.mains) - 1)
        self.stack_base.append(size * 1e3)

    def _meter(
        self, name: str, *, unit: str, carrier: str, base: float, rating: float, accuracy: float, activity: int, noise: float,
        zh: str, en: str, weather: float = 0.0, kind: MeterKind = MeterKind.REGISTER, parent: str = "", counted: bool = True,
        decimals: int | None = None,
    ) -> None:  # fmt: skip
        """Add a meter; its error is within its class, its last calibration within the cycle but for one in a hundred."""
        ratio = 1
        if carrier == "electricity":
            ratio = int(_RATIOS[min(int(np.searchsorted(_RATIOS, rating / 5)), len(_RATIOS) - 1)])
        digits = 6
        while kind is MeterKind.REGISTER and rating / ratio * 24 * 20 > 10**digits:
            digits += 1
        months = 24 if carrier == "electricity" else 12
        age = self.rng.uniform(0, 0.95) * months if self.rng.random() > 0.01 else months * self.rng.uniform(1.05, 1.6)
        calibrated = self.first_day - datetime.timedelta(days=int(age * 30.4))
        self.fleet.meters.append({
            "id": name, "unit": unit, "carrier": carrier, "kind": kind.value, "step": self.fleet.step, "ratio": ratio,
            "decimals": 2 if decimals is None else decimals, "roll": 10**digits if kind is MeterKind.REGISTER else "",
            "parent": parent, "sign": 1, "counted": counted, "accuracy": accuracy, "rating": float(f"{rating:.4g}"),
            "calibrated_on": calibrated.isoformat(), "calibration_months": months, "valid_from": "", "valid_to": "",
            "position": name, "zh": f"演示{zh}", "en": f"Demonstration {en}",
        })  # fmt: skip
        stack = carrier.startswith("stack_")
        gain = float(np.clip(self.rng.normal(0, accuracy / 300), -accuracy / 100, accuracy / 100)) if not stack else 0.0
        for key, value in (
            ("base", base),
            ("gain", gain),
            ("noise", noise),
            ("weather", weather),
            ("activity", activity),
        ):
            self.columns[key].append(value)

    def _unit(self, name: str, parent: str, kind: UnitKind, zh: str, en: str, region: str, sector: str = "") -> None:
        self.fleet.units.append({
            "id": name, "parent": parent, "kind": kind.value, "zh": zh, "en": en, "region": region, "sector": sector,
            "valid_from": "", "valid_to": "",
        })  # fmt: skip

    def finish(self) -> None:
        """Turn the lists into arrays."""
        fleet = self.fleet
        for key in ("base", "gain", "noise", "weather"):
            setattr(fleet, key, np.array(self.columns[key]))
        fleet.activity = np.array(self.columns["activity"], dtype=np.int32)
        fleet.mains = np.array(self.mains, dtype=np.int64)
        fleet.sub_starts = np.array([s for s, _ in self.subs], dtype=np.int64)
        fleet.sub_counts = np.array([c for _, c in self.subs], dtype=np.int64)
        fleet.stacks = np.array(self.stacks, dtype=np.int64).reshape(-1, 6)
        fleet.stack_enterprise = np.array(self.owners, dtype=np.int64)
        fleet.stack_base = np.array(self.stack_base)
        fleet.activity_trade = np.array([t for t, _ in self.loads], dtype=np.int32)
        fleet.activity_parent = np.array([p for _, p in self.loads], dtype=np.int32)
