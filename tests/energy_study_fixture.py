"""A small synthetic study of an energy system in a run folder: made-up smooth figures in the shape of a real study.

Three periods, two of them with hours, fourteen prefectures and one pooled node, reservoirs and contracts that are drawn together,
a store, cars and electrolysis as uses. Supply equals use in every hour.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from tests.results_fixture import PREFECTURES, REGION

PERIODS = (2030, 2040, 2060)
HOURLY = (2030, 2060)
HOURS = 8760
TECHNOLOGIES = (
    ("pv", "光伏", "Photovoltaics"), ("wind", "风电", "Wind power"), ("river", "径流水电", "Run of river"),
    ("coal", "煤电", "Coal power"),
    ("gas", "气电", "Gas power"), ("biomass", "生物质", "Biomass power"), ("nuclear", "核电", "Nuclear power"),
    ("dam1", "甲水库", "Dam one"),
    ("dam2", "乙水库", "Dam two"), ("line1", "一号直流", "Import one"), ("line2", "二号直流", "Import two"), ("battery", "电池", "Battery"),
    ("load", "用电", "Load"), ("ev", "电动汽车", "Electric cars"), ("electrolysis", "电解制氢", "Electrolysis"),
    ("hydrogen_use", "用氢", "Hydrogen use"), ("waste", "垃圾发电", "Waste power"),
    ("smr", "小型堆", "Small reactor"), ("own", "自备", "Own generation"), ("ac", "交流线路", "AC line"),
)  # fmt: skip
SIZES = {
    "pv": (20_000, 60_000, 150_000), "wind": (12_000, 25_000, 50_000), "river": (9_000,) * 3, "coal": (24_000, 18_000, 4_000),
    "gas": (3_000, 5_000, 6_000), "biomass": (1_200, 1_500, 1_800), "nuclear": (0, 4_000, 8_000), "dam1": (1_200,) * 3, "dam2": (900,) * 3,
    "line1": (8_000,) * 3, "line2": (8_000,) * 3, "battery": (4_000, 20_000, 60_000), "waste": (700,) * 3, "smr": (0, 600, 1_200),
    "own": (1_500, 1_200, 1_000),
}  # fmt: skip
QUANTITY = {
    "dam1": "release",
    "dam2": "release",
    "line1": "delivery",
    "line2": "delivery",
    "coal": "activity",
    "gas": "activity",
    "battery": "discharge",
}
NODES = tuple(name for name, *_ in PREFECTURES)
LINES = (
    ("changsha", "xiangtan"),
    ("changsha", "zhuzhou"),
    ("changsha", "yueyang"),
    ("changsha", "yiyang"),
    ("hengyang", "chenzhou"),
    ("loudi", "shaoyang"),
)
EMISSIONS = {2030: 95e6, 2040: 60e6, 2060: 5e6}


@cache
def dispatch(period: int) -> dict[str, np.ndarray[Any, Any]]:
    """Hours of a period by column [MW]; what is left after sun, wind and rivers is coal, and what is over charges and makes hydrogen."""
    size = {t: float(s[PERIODS.index(period)]) for t, s in SIZES.items()}
    hour = np.arange(HOURS)
    day, clock = hour // 24, hour % 24
    season = 1 + 0.18 * np.cos(2 * np.pi * (day - 200) / 365) + 0.08 * np.cos(4 * np.pi * day / 365)
    load = 33_000 * season * (1 + 0.16 * np.sin(2 * np.pi * (clock - 9) / 24)) * (1 + (period - 2030) * 0.018)
    rng = np.random.default_rng(period)
    wet = np.repeat(rng.uniform(0.45, 1.0, 365), 24)
    made = {
        "pv": size["pv"] * np.clip(np.sin(np.pi * (clock - 6) / 12), 0, None) * 0.75 * wet,
        "wind": size["wind"] * np.clip(0.28 + 0.25 * np.sin(day / 3.1) + 0.08 * np.sin(hour / 7), 0.02, 1),
        "river": size["river"] * np.clip(0.45 - 0.3 * np.cos(2 * np.pi * (day + 20) / 365), 0.05, 1),
        "nuclear": np.full(HOURS, size["nuclear"] * 0.88), "smr": np.full(HOURS, size["smr"] * 0.9),
        "line1": np.full(HOURS, size["line1"] * 0.6), "line2": size["line2"] * (0.45 + 0.15 * np.sin(2 * np.pi * (clock - 12) / 24)),
        "waste": np.full(HOURS, 450.0), "biomass": np.full(HOURS, 600.0), "own": np.full(HOURS, 700.0),
        "dam1": 500 + 400 * np.sin(2 * np.pi * (clock - 12) / 24) ** 2, "dam2": np.full(HOURS, 300.0),
    }  # fmt: skip
    cars = (period - 2025) * 90.0 * (1 + 0.5 * np.cos(2 * np.pi * (clock - 2) / 24))
    rest = load + cars - sum(made.values())
    discharge = np.clip(rest, 0, size["battery"] * 0.5)
    rest = rest - discharge
    coal = np.clip(rest, 0, size["coal"])
    gas = np.clip(rest - coal, 0, size["gas"])
    missing = np.clip(rest - coal - gas, 0, None)
    over = np.clip(-rest, 0, None)
    charge = np.minimum(over, size["battery"])
    return {
        **made, "coal": coal, "gas": gas, "battery": discharge, "battery.charge": -charge, "ev": -cars, "electrolysis": -(over - charge),
        "load.unserved": missing, "load": -load,
    }  # fmt: skip


def prices(period: int) -> np.ndarray[Any, Any]:
    """Price by hour: nothing where electricity is left over, coal else, gas or more where it is short [CNY/MWh]."""
    own = dispatch(period)
    price = np.where(
        own["electrolysis"] < 0, 0.0, np.where(own["battery.charge"] < 0, 120.0, 330.0 + own["coal"] / 200)
    )
    price = np.where(own["gas"] > 0, 720.0, price)
    return np.where(own["load.unserved"] > 0.5, 15_000.0, price)


def _csv(path: Path, header: str, rows: Iterable[Sequence[Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(["" if v is None else f"{v:.6g}" if isinstance(v, float) else v for v in row] for row in rows)


def write_study(run: Path) -> Path:
    """Write the folder of a study into a run folder and return it."""
    folder = run / "energy"
    for name, content in _files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@cache
def _files() -> dict[str, bytes]:
    """Return the files of a study by path; they are made once, as several tests write a study of their own."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        _write(folder)
        return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def _write(folder: Path) -> None:
    hours = {p: dispatch(p) for p in PERIODS}
    _capacities(folder)
    _balance(folder, hours)
    _small(folder, hours)
    for period in HOURLY:
        names = list(hours[period])
        table = np.round(np.column_stack([np.arange(HOURS), *hours[period].values()]), 2)
        path = folder / "dispatch" / f"{period}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savetxt(path, table, delimiter=",", fmt="%.7g", header=",".join(["hour", *names]), comments="")
        price = prices(period)
        spread = np.linspace(0.92, 1.08, len(NODES))[None, :] * price[:, None]
        path = folder / "prices" / f"{period}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        table = np.column_stack([np.arange(HOURS), spread])
        np.savetxt(path, table, delimiter=",", fmt="%.6g", header=",".join(["hour", *NODES]), comments="")
    (folder / "summary.json").write_text(json.dumps(SUMMARY, ensure_ascii=False), encoding="utf-8")


SUMMARY: dict[str, Any] = {
    "system": "synthetic-14", "labels": {"zh": "合成能源系统", "en": "Synthetic energy system"}, "nodes": 15, "periods": list(PERIODS),
    "segments": 288, "solver": "structured", "objective": 1_510_000.0, "lower": 1_500_000.0, "upper": 1_518_000.0, "gap": 0.012,
    "currency": "CNY", "price_year": 2023, "discount_rate": 0.06, "seconds": {"build": 1.2, "solve": 48.0}, "peak_memory_MB": 810,
    "hash": "0" * 64, "version": "0.1.0", "uncertified": [], "assumptions": {"A": 2, "B": 3, "C": 2, "D": 5}, "scenario": "plan",
    "link": {"demand": "pathway"},
}  # fmt: skip


def _capacities(folder: Path) -> None:
    rows: list[Sequence[Any]] = []
    for technology, sizes in SIZES.items():
        places = {
            "dam1": ("huaihua",),
            "dam2": ("yiyang",),
            "line1": ("xiangtan",),
            "line2": ("hengyang",),
            "nuclear": ("yiyang",),
            "smr": ("yueyang",),
        }
        nodes = places.get(technology, NODES)
        for p, period in enumerate(PERIODS):
            before = sizes[p - 1] if p else sizes[p]
            for n, node in enumerate(nodes):
                share = 2 * (n + 1) / (len(nodes) * (len(nodes) + 1))
                name = f"{node}.{technology}"
                rows.append(
                    (name, technology, node, "power", period, sizes[p] * share, max(sizes[p] - before, 0) * share, "MW")
                )
                if technology == "battery":
                    rows.append((name, technology, node, "energy", period, 4.0 * sizes[p] * share, 0.0, "MWh"))
    for a, b in LINES:
        rows += [
            (f"{a}-{b}", "ac", a, "power", period, 4000.0 + 500 * i, 500.0, "MW") for i, period in enumerate(PERIODS)
        ]
    _csv(folder / "capacities.csv", "component,technology,node,kind,period,capacity,built,unit", rows)
    _csv(folder / "lines.csv", "line,from,to", [(f"{a}-{b}", a, b) for a, b in LINES])


def _balance(folder: Path, hours: dict[int, dict[str, np.ndarray[Any, Any]]]) -> None:
    rows: list[Sequence[Any]] = []
    flows: list[Sequence[Any]] = []
    for period, own in hours.items():
        for column, series in own.items():
            technology, _, quantity = column.partition(".")
            said = quantity or ("load" if technology == "load" else QUANTITY.get(technology, "production"))
            amount = float(series.sum())
            for node, part in (("changsha", 0.6), ("hengyang", 0.4)):
                rows.append((f"{node}.{technology}", technology, said, node, "electricity", period, amount * part))
            if technology not in ("battery",) and abs(amount) > 1:
                flows.append(
                    (period, technology, "electricity", amount)
                    if amount > 0
                    else (period, "electricity", technology, -amount)
                )
        hydrogen = 0.7 * -float(own["electrolysis"].sum())
        rows.append(("hunan.electrolysis", "electrolysis", "activity", "pool", "hydrogen", period, hydrogen))
        rows.append(("pool.use", "hydrogen_use", "load", "pool", "hydrogen", period, -hydrogen))
        fuel = float(own["coal"].sum()) / 0.42
        flows += [
            (period, "coal_fuel", "coal", fuel),
            (period, "coal", "loss", fuel * 0.58),
            (period, "electrolysis", "hydrogen", hydrogen),
        ]
        flows += [
            (period, "hydrogen", "hydrogen_use", hydrogen),
            (period, "electrolysis", "loss", hydrogen * 0.3 / 0.7),
        ]
    _csv(folder / "balance.csv", "component,technology,quantity,node,carrier,period,energy", rows)
    _csv(folder / "sankey.csv", "period,from,to,energy_MWh", flows)


def _small(folder: Path, hours: dict[int, dict[str, np.ndarray[Any, Any]]]) -> None:
    _csv(
        folder / "emissions.csv",
        "component,technology,period,emission_t",
        [(f"changsha.{t}", t, p, EMISSIONS[p] * s) for p in PERIODS for t, s in (("coal", 0.9), ("gas", 0.1))],
    )
    _csv(
        folder / "carbon_price.csv",
        "period,price_CNY_t",
        [(p, v) for p, v in zip(PERIODS, (0.0, 310.0, 1250.0), strict=True)],
    )
    costs = {
        "coal": (0, 40, 520),
        "pv": (210, 60, 0),
        "wind": (160, 50, 0),
        "battery": (150, 30, 0),
        "nuclear": (90, 25, 20),
        "line1": (0, 0, 70),
        "gas": (20, 5, 45),
    }
    kinds = ("capital", "fixed", "operation")
    _csv(
        folder / "costs.csv", "component,technology,kind,cost_MCNY",
        [
            *((f"changsha.{t}", t, k, 1000.0 * v) for t, own in costs.items() for k, v in zip(kinds, own, strict=True) if v),
            ("", "", "standing", 35_000.0),
        ],
    )  # fmt: skip
    lost = {2030: 0.03, 2040: 0.06, 2060: 0.09}
    _csv(
        folder / "curtailment.csv", "component,technology,node,period,available_MWh,curtailed_MWh,share",
        [
            (f"{n}.{t}", t, n, p, 1e6 * (i + 1), 1e6 * (i + 1) * lost[p], lost[p])
            for p in PERIODS for t in ("pv", "wind") for i, n in enumerate(NODES)
        ],
    )  # fmt: skip
    adequacy, stress = [], []
    for period, own in hours.items():
        load, missing = -own["load"], own["load.unserved"]
        peak = float(load.max())
        short = float(missing.sum())
        adequacy.append(
            (period, peak, short, short / float(load.sum()), float((missing > 1e-3).sum()), peak * 1.16, 0.16)
        )
        rest = (load - own["pv"] - own["wind"] - own["river"])[: 52 * 168].reshape(52, 168)
        lack = missing[: 52 * 168].reshape(52, 168)
        stress += [
            (period, w + 1, float(rest[w].max()), float(rest[w].mean()), float(lack[w].sum()))
            for w in np.argsort(-rest.max(axis=1))
        ]
    _csv(folder / "adequacy.csv", "period,peak_MW,unserved_MWh,unserved_share,unserved_hours,firm_MW,margin", adequacy)
    _csv(folder / "stress.csv", "period,week,residual_peak_MW,residual_mean_MW,unserved_MWh", stress)
    _csv(
        folder / "comparison.csv", "period,quantity,item,unit,pathway,system,difference,why",
        [
            row
            for p in PERIODS
            for row in (
                (p, "demand", "electricity", "TWh", 300.0, 310.0, 10.0, "coupled"),
                (p, "emissions", "power", "Mt CO2", 80.0, EMISSIONS[p] / 1e6, EMISSIONS[p] / 1e6 - 80.0, "follows_coal"),
                (p, "cost", "electricity", "CNY/MWh", None, 320.0, None, "no_cost"),
            )
        ],
    )  # fmt: skip
    nodes = [
        (n, f"{REGION}/{n}", zh, n.capitalize(), 26.0 + 0.3 * i, 110.0 + 0.2 * i)
        for i, (n, zh, *_) in enumerate(PREFECTURES)
    ]
    _csv(
        folder / "nodes.csv",
        "node,region,zh,en,latitude,longitude",
        [*nodes, ("pool", REGION, "合并节点", "Pooled node", None, None)],
    )
    _csv(folder / "technologies.csv", "technology,zh,en,colour-order", [(*t, i) for i, t in enumerate(TECHNOLOGIES)])
    parameters = [
        ("pv", "investment", 2030, 2200, "CNY/kW", "paper", "B", ""), ("pv", "lifetime", None, 25, "a", "yearbook", "A", ""),
        ("wind", "investment", 2030, 4800, "CNY/kW", "paper", "B", ""), ("coal", "efficiency", None, 0.42, "1", "yearbook", "A", ""),
        ("battery", "investment", 2030, 900, "CNY/kW", "assumption", "D", "synthetic"),
        ("gas", "price", 2030, 260, "CNY/MWh", "tracker", "C", ""),
        ("system", "discount_rate", None, 0.06, "1", "assumption", "D", "synthetic"),
    ]  # fmt: skip
    _csv(folder / "sources.csv", "component,parameter,year,value,unit,source,grade,note", parameters)
