"""A small synthetic run folder, so that charts, reports and pages can be tested without a real run.

All figures are smooth made-up functions of the year; names say "synthetic". The shape is that of a real run: 20 inventory years,
13 sectors, 9 scenarios to 2060, 73 targets, 14 prefectures, a lineage graph five levels deep.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tanlu.charts.records import KeyCategoryRecord, MeasureRecord, UncertaintyRecord
from tanlu.charts.sectors import SECTOR_VARIABLES
from tanlu.core.lineage import Lineage, Node

YEARS = range(2005, 2025)
HORIZON = range(2005, 2061)
SECTORS = {
    "power": (70_000.0, "1.A.1.a"), "energy_industry": (6_000.0, "1.A.1.b"), "steel": (52_000.0, "1.A.2.a"),
    "cement": (61_000.0, "2.A.1"), "nonferrous": (7_500.0, "1.A.2.b"), "chemicals": (17_000.0, "1.A.2.c"),
    "other_industry": (21_000.0, "1.A.2.m"), "transport": (33_000.0, "1.A.3.b"), "residential": (9_000.0, "1.A.4.b"),
    "services": (7_000.0, "1.A.4.a"), "agriculture": (4_000.0, "1.A.4.c"), "land": (-48_000.0, "3.B.1"),
    "waste": (600.0, "4.C"),
}  # fmt: skip
OTHER_GASES = (
    ("1.B.1", "CH4", 620.0, "A"), ("3.C.7", "CH4", 900.0, "B"), ("3.A.1", "CH4", 310.0, "A"),
    ("3.C.4", "N2O", 48.0, "C"), ("4.A", "CH4", 350.0, "B"),
)  # fmt: skip
WORLDS = {"frozen": 0.002, "current": -0.018, "plan": -0.036}
GROWTHS = {"low": -0.006, "mid": 0.0, "high": 0.006}
STATUSES = ("not_measured", "no_number", "on_track", "at_risk", "off_track", "external", "met")
PREFECTURES = (
    ("zhangjiajie", "张家界", 0, 1), ("changde", "常德", 1, 1), ("yueyang", "岳阳", 2, 1), ("xiangxi", "湘西", 0, 2),
    ("yiyang", "益阳", 1, 2), ("changsha", "长沙", 2, 2), ("huaihua", "怀化", 0, 3), ("loudi", "娄底", 1, 3),
    ("xiangtan", "湘潭", 2, 3), ("zhuzhou", "株洲", 3, 3), ("shaoyang", "邵阳", 1, 4), ("hengyang", "衡阳", 2, 4),
    ("yongzhou", "永州", 1, 5), ("chenzhou", "郴州", 2, 5),
)  # fmt: skip
REGION = "synthetic"


def level(sector: str, year: int) -> float:
    """Emissions of a sector in an inventory year [kt]: a saturating rise from two thirds of the level of 2024."""
    return SECTORS[sector][0] * (2 / 3 + (year - 2005) / 57)


def projected(sector: str, year: int, world: str, growth: str) -> float:
    """Emissions of a sector in a scenario year [Mt]: a hump after 2024, then a decline."""
    if year <= 2024:
        return level(sector, year) / 1000
    t = year - 2024
    return (
        level(sector, 2024) / 1000 * math.exp(0.012 * t * math.exp(-t / 8) * 3 + (WORLDS[world] + GROWTHS[growth]) * t)
    )


def write_results(folder: Path, run_id: str = "20260101T000000Z-synthetic") -> Path:
    """Write the folder of a synthetic run below ``folder/results`` and return it."""
    run = folder / "results" / run_id
    run.mkdir(parents=True)
    for name, content in _files().items():
        (run / name).write_bytes(content)
    _write_json(run / "manifest.json", {
        "run_id": run_id, "created": "2026-01-01T00:00:00Z", "province": REGION, "seed": 7, "code_version": "0.1.0", "data_hash": "0" * 64,
        "factor_set": "synthetic", "gwp": "AR5", "python": "3.11.2", "packages": {"numpy": "2.4.6"},
        "steps": [{"name": "inventory", "wall_seconds": 0.5, "cpu_seconds": 0.4}],
    })  # fmt: skip
    latest = folder / "results" / "latest"
    if not latest.exists():
        latest.symlink_to(run_id)
    return run


@cache
def _files() -> dict[str, bytes]:
    """Return the files of a run by name, but for its manifest; they are made once, as many tests write a run of their own."""
    graph = Lineage()
    with TemporaryDirectory() as folder:
        run = Path(folder)
        _grounds(graph)
        _inventory(run, graph)
        _energy(run, graph)
        _totals(run, graph)
        _pathways(run, graph)
        _targets(run, graph)
        _side_tables(run, graph)
        _uncertainty(run, graph)
        _prefecture_inventory(run, graph)
        _documents(run, graph)
        return {path.name: path.read_bytes() for path in run.iterdir()}


def _csv(path: Path, header: str, rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header.split(","))
        for row in rows:
            writer.writerow(["" if v is None else repr(round(v, 6)) if isinstance(v, float) else v for v in row])


def _grounds(graph: Lineage) -> None:
    for key, grade in (("yearbook", "A"), ("paper", "B"), ("tracker", "C"), ("assumption", "D")):
        graph.add(
            Node(
                f"source:{key}",
                "source",
                f"合成来源 {key}",
                f"Synthetic source {key}",
                grade=grade,
                url="https://example.org/",
            )
        )
    graph.add(
        Node(
            "factor:synthetic",
            "factor",
            "合成排放因子",
            "Synthetic emission factor",
            2.5,
            "t CO2/t",
            "B",
            parents=("source:paper",),
        )
    )
    graph.add(
        Node(
            "method:synthetic",
            "method",
            "合成方法，第 1 条",
            "Synthetic method, clause 1",
            note_zh="活动水平 × 因子",
            note_en="activity × factor",
            parents=("source:yearbook",),
        )
    )
    graph.add(
        Node("lever:L01", "assumption", "合成杠杆", "Synthetic lever", 0.5, "1", "D", parents=("source:assumption",))
    )
    for year in YEARS:
        graph.add(
            Node(
                f"fact:{REGION}:Output:{year}",
                "fact",
                f"产量，{year}",
                f"Output, {year}",
                1000.0 + year,
                "10^4 t",
                "A",
                parents=("source:yearbook",),
            )
        )


def _result(
    graph: Lineage, node_id: str, zh: str, en: str, value: float | None, unit: str, grade: str, parents: tuple[str, ...]
) -> str:
    graph.add(Node(node_id, "result", zh, en, value, unit, grade, parents=parents))
    return node_id


def _inventory(run: Path, graph: Lineage) -> None:
    rows: list[Sequence[Any]] = []
    for year in YEARS:
        status = "calculated" if year <= 2015 else "estimated"
        items = [
            (category, "CO2", level(name, year), "B" if name != "land" else "C")
            for name, (_, category) in SECTORS.items()
        ]
        items += [
            (category, gas, value * (0.9 + (year - 2005) / 190), grade) for category, gas, value, grade in OTHER_GASES
        ]
        for category, gas, value, grade in items:
            key = f"inventory:{REGION}:{year}:{category}:{gas}"
            parents = (f"fact:{REGION}:Output:{year}", "factor:synthetic", "method:synthetic")
            _result(
                graph,
                key,
                f"{category} {gas}，{year}",
                f"{category} {gas}, {year}",
                round(value, 6),
                "kt",
                grade,
                parents,
            )
            half = abs(value) * (0.05 if status == "calculated" else 0.1)
            rows.append(
                (REGION, year, category, gas, value, "kt", value - half, value + half, status, grade, "synthetic", key)
            )
        for category, gas, note in (
            ("2.B.1", "CO2", "NE"),
            ("4.D", "CH4", "NE"),
            ("1.C", "CO2", "NO"),
            ("2.F", "HFC-23", "NE"),
        ):
            key = f"inventory:{REGION}:{year}:{category}:{gas}"
            graph.add(
                Node(
                    key,
                    "result",
                    f"{category} {gas}，{year}",
                    f"{category} {gas}, {year}",
                    note_zh="没有活动水平",
                    note_en="no activity data",
                    parents=("method:synthetic",),
                )
            )
            rows.append((REGION, year, category, gas, None, "kt", None, None, note, "C", "", key))
    _csv(run / "inventory.csv", "region,year,category,gas,value,unit,low,high,status,grade,method,id", rows)


def _energy(run: Path, graph: Lineage) -> None:
    rows = []
    for year in YEARS:
        for sector, (_, category) in SECTORS.items():
            if sector in ("land", "waste"):
                continue
            for fuel, share in (("coal", 0.6), ("oil", 0.25), ("natural_gas", 0.15), ("electricity", None)):
                key = f"energy:{year}:{sector}:{category}:{fuel}"
                co2 = level(sector, year) * share if share else None
                energy = co2 / 90 if co2 else 40.0
                _result(
                    graph,
                    key,
                    f"{fuel}，{year}",
                    f"{fuel}, {year}",
                    round(energy, 6),
                    "PJ",
                    "B",
                    (f"fact:{REGION}:Output:{year}",),
                )
                rows.append((REGION, year, sector, category, fuel, energy, "PJ", co2, "kt", "estimated", "B", key))
    _csv(run / "energy.csv", "region,year,sector,category,fuel,energy,energy_unit,co2,co2_unit,status,grade,id", rows)


def _totals(run: Path, graph: Lineage) -> None:
    sectors, totals = [], []
    for year in YEARS:
        for sector, (_, category) in SECTORS.items():
            value, key = level(sector, year), f"sector:{REGION}:{year}:{sector}:CO2"
            parents = (f"inventory:{REGION}:{year}:{category}:CO2",)
            _result(graph, key, f"{sector}，{year}", f"{sector}, {year}", round(value, 6), "kt", "B", parents)
            half = abs(value) * 0.08
            sectors.append((REGION, year, sector, "CO2", value, "kt", value - half, value + half, key))
        co2 = sum(level(s, year) for s in SECTORS if s != "land")
        parents = tuple(f"sector:{REGION}:{year}:{s}:CO2" for s in SECTORS if s != "land")
        for scope, value in (
            ("co2", co2),
            ("energy_co2", co2 * 0.8),
            ("ghg_AR5", co2 * 1.2),
            ("ghg_AR6", co2 * 1.21),
            ("land", level("land", year)),
            ("imports", 14_000.0 + 200 * (year - 2005)),
        ):
            key = f"total:{REGION}:{year}:{scope}"
            _result(graph, key, f"{scope} 合计，{year}", f"Total {scope}, {year}", round(value, 6), "kt", "B", parents)
            half = abs(value) * 0.06
            totals.append((REGION, year, scope, value, "kt", value - half, value + half, key))
    _csv(run / "sectors.csv", "region,year,sector,gas,value,unit,low,high,id", sectors)
    _csv(run / "totals.csv", "region,year,scope,value,unit,low,high,id", totals)


def _pathways(run: Path, graph: Lineage) -> None:
    wide, fan, peaks = [], [], []
    for world in WORLDS:
        for growth in GROWTHS:
            scenario = f"{world}-{growth}"
            head = ("Tanlu synthetic", scenario, "China|Synthetic")
            total = {y: sum(projected(s, y, world, growth) for s in SECTORS if s != "land") for y in HORIZON}
            net = {y: total[y] + projected("land", y, world, growth) for y in HORIZON}
            for sector, variables in SECTOR_VARIABLES.items():
                for variable in variables:
                    wide.append(
                        (
                            *head,
                            variable,
                            "Mt CO2/yr",
                            *(projected(sector, y, world, growth) / len(variables) for y in HORIZON),
                        )
                    )
            for variable, series in (("Emissions|CO2", total), ("Emissions|CO2|Net", net)):
                wide.append((*head, variable, "Mt CO2/yr", *series.values()))
                for year, value in series.items():
                    key = f"pathway:{scenario}:{variable}:{year}"
                    _result(
                        graph,
                        key,
                        f"{scenario}，{year}",
                        f"{scenario}, {year}",
                        round(value, 6),
                        "Mt CO2/yr",
                        "D",
                        (f"total:{REGION}:2024:co2", "lever:L01"),
                    )
                    w = 0.0 if year <= 2024 else 0.012 * math.sqrt(year - 2024)
                    fan.append(
                        (
                            scenario,
                            variable,
                            "Mt CO2/yr",
                            year,
                            *(value * (1 + k * w) for k in (-3.0, -1.2, 0.0, 1.2, 3.0)),
                            key,
                        )
                    )
            year = max(total, key=lambda y: total[y])
            test = "none" if world == "frozen" else "plateau" if growth == "high" else "confirmed"
            shown = None if test == "none" else year
            key = f"peak:{scenario}"
            _result(
                graph,
                key,
                f"{scenario} 达峰",
                f"Peak of {scenario}",
                shown,
                "year",
                "D",
                (f"pathway:{scenario}:Emissions|CO2:{year}",),
            )
            probability = {"frozen": 0.02, "current": 0.55, "plan": 0.93}[world]
            low, high = (None, None) if shown is None else (year - 2, year + 4)
            peaks.append(
                (
                    scenario,
                    world,
                    growth,
                    shown,
                    low,
                    high,
                    total[year],
                    total[year] * 0.95,
                    total[year] * 1.07,
                    "Mt CO2/yr",
                    probability,
                    0.011,
                    test,
                    key,
                )
            )
    _csv(run / "pathways.csv", "Model,Scenario,Region,Variable,Unit," + ",".join(map(str, HORIZON)), wide)
    _csv(run / "fan.csv", "scenario,variable,unit,year,p05,p25,p50,p75,p95,id", fan)
    _csv(
        run / "peaks.csv",
        "scenario,world,growth,peak_year,peak_year_low,peak_year_high,level,level_low,level_high,unit,probability,stderr,test,id",
        peaks,
    )
    _csv(run / "levers.csv", "id,name_zh,name_en,action,unit,minimum,default,maximum,frozen,current,plan,grade,source",
         [("L01", "合成杠杆", "Synthetic lever", "A01", "1", 0.0, 0.2, 1.0, 0.2, 0.35, 0.6, "D", "assumption")])  # fmt: skip


def _targets(run: Path, graph: Lineage) -> None:
    rows = []
    for n in range(1, 74):
        key, status = f"target:TG{n:02}", STATUSES[n % 2 if n > 14 else n % len(STATUSES)]
        graph.add(
            Node(
                f"plan:A{n % 10 + 1:02}",
                "fact",
                f"行动 {n % 10 + 1}",
                f"Action {n % 10 + 1}",
                grade="A",
                parents=("source:yearbook",),
            )
            if f"plan:A{n % 10 + 1:02}" not in graph.nodes
            else graph.nodes[f"plan:A{n % 10 + 1:02}"]
        )
        measured = status in ("on_track", "at_risk", "off_track", "met")
        _result(
            graph,
            key,
            f"合成目标 {n}",
            f"Synthetic target {n}",
            40.0 + n if measured else None,
            "%",
            "C",
            (f"total:{REGION}:2024:co2", f"plan:A{n % 10 + 1:02}"),
        )
        probability = {"on_track": 0.9, "at_risk": 0.45, "off_track": 0.08}.get(status)
        rows.append(
            (
                f"TG{n:02}",
                f"合成目标 {n}",
                f"Synthetic target {n}",
                2025 if n % 10 == 2 else 2030,
                "≥ 50" if measured else "",
                40.0 + n if measured else None,
                "%" if measured else "",
                2024 if measured else "",
                status,
                probability,
                0.01 if probability else None,
                "",
                key,
            )
        )
    _csv(
        run / "scoreboard.csv",
        "target,name_zh,name_en,deadline,required,value,unit,as_of,status,probability,stderr,reason,id",
        rows,
    )


def _side_tables(run: Path, graph: Lineage) -> None:
    intensity, recon, tiles = [], [], []
    for year in range(2021, 2025):
        for basis, factor in (("official", 1.15), ("physical", 0.8)):
            key = f"intensity:{basis}:{year}"
            _result(
                graph,
                key,
                f"能耗强度 {basis}，{year}",
                f"Energy intensity {basis}, {year}",
                -3.0 * factor,
                "%",
                "A",
                (f"fact:{REGION}:Output:{year}",),
            )
            intensity.append(
                (year, basis, -3.0 * factor, -3.0 * factor * (year - 2020), -2.8 * (year - 2020), "calculated", "", key)
            )
    for year in (2010, 2012, 2015):
        for dimension, item, value in (
            ("total", "all", 240_000.0),
            ("sector", "steel", 40_000.0),
            ("fuel", "coal", 170_000.0),
        ):
            key = f"recon:{year}:{dimension}:{item}"
            _result(
                graph,
                key,
                f"对账 {item}，{year}",
                f"Reconciliation {item}, {year}",
                value,
                "kt",
                "B",
                ("factor:synthetic",),
            )
            recon.append((year, dimension, item, value, value * 0.97, value * 0.03, "kt", "", key))
    for i, (slug, zh, x, y) in enumerate(PREFECTURES):
        for indicator, unit, base in (("energy_use", "10^4 tce", 900.0), ("forest_cover", "%", 48.0)):
            region, value = f"{REGION}/{slug}", None if i == 13 and indicator == "energy_use" else base * (1 + i / 10)
            key = f"prefecture:{region}:{indicator}:2023"
            _result(graph, key, f"{zh} {indicator}", f"{slug} {indicator}", value, unit, "C", ("source:tracker",))
            tiles.append((region, zh, slug.title(), x, y, indicator, 2023, value, unit, "C", key))
    _csv(
        run / "intensity.csv",
        "year,basis,change_percent,cumulative_percent,required_percent,status,note_code,id",
        intensity,
    )
    _csv(run / "reconciliation.csv", "year,dimension,item,tanlu,reference,difference,unit,explanation,id", recon)
    _csv(run / "prefectures.csv", "region,zh,en,tile_x,tile_y,indicator,year,value,unit,grade,id", tiles)


def _uncertainty(run: Path, graph: Lineage) -> None:
    """Made-up half-widths: 10 % and more with every category; only the first three have a base year."""
    for name in ("approach-1", "key-categories", "measure-next"):
        graph.add(
            Node(f"method:{name}", "method", f"合成方法 {name}", f"Synthetic method {name}", parents=("source:paper",))
        )
    table, keys, measures = [], [], []
    items = [(category, level(name, 2024)) for name, (_, category) in SECTORS.items()]
    for scope in ("without_land", "with_land"):
        chosen = [(c, v) for c, v in items if scope == "with_land" or c != "3.B.1"]
        for i, (category, value) in enumerate([*chosen, ("total", sum(v for _, v in chosen))]):
            last, key = category == "total", f"uncertainty:{REGION}:2024:{scope}:{category}"
            parents = () if last else (f"inventory:{REGION}:2024:{category}:CO2",)
            _result(
                graph,
                key,
                f"{category} 不确定性",
                f"Uncertainty of {category}",
                10.0 + i,
                "%",
                "D",
                (*parents, "method:approach-1"),
            )
            moved = (0.1, 0.2, 0.3, 0.4, 0.25) if i < 3 else (None,) * 5
            table.append((
                REGION, scope, 2005, 2024, category, "CO2e" if last else "CO2", value / 2 if i < 3 or last else None, value, "kt CO2e",
                None if last else 6.0, None if last else 8.0, 10.0 + i, 1.0 + i, *moved, 100.0 if last else None, 9.5 if last else None,
                "AR5", key,
            ))  # fmt: skip
        for name in ("L1", "T1", "L2", "T2"):
            for i, (category, value) in enumerate(chosen):
                key = f"key:{REGION}:2024:{name}:{scope}:{category}"
                parents = (f"inventory:{REGION}:2024:{category}:CO2", "method:key-categories")
                _result(graph, key, f"{name} {category}", f"{name} {category}", 0.5, "1", "D", parents)
                keys.append((
                    REGION, name, scope, 2005, 2024, i + 1, category, "CO2", value / 2 if name[0] == "T" else None, value, "kt CO2e",
                    0.5 - i / 100, 1 / len(chosen), (i + 1) / len(chosen), "yes" if i < 9 else "no", "AR5", key,
                ))  # fmt: skip
    for i in range(24):
        key = f"measure:{REGION}:2024:metering:{i}"
        _result(
            graph,
            key,
            f"测量 {i}",
            f"Measurement {i}",
            30.0 - i,
            "%",
            "D",
            ("method:measure-next", f"inventory:{REGION}:2024:2.A.1:CO2"),
        )
        measures.append((
            REGION, 2024, "metering", "计量", "metering", 3, "activity", f"activity:{i}", f"数据 {i}", f"datum {i}", "", "", 20.0, 2.0,
            1000.0, 700.0 + 10 * i, "kt CO2e", 30.0 - i, "D", "AR5", key,
        ))  # fmt: skip
    _csv(run / "uncertainty.csv", ",".join(f.name for f in fields(UncertaintyRecord)), table)
    _csv(run / "key_categories.csv", ",".join(f.name for f in fields(KeyCategoryRecord)), keys)
    _csv(run / "measure_next.csv", ",".join(f.name for f in fields(MeasureRecord)), measures)


def _prefecture_inventory(run: Path, graph: Lineage) -> None:
    """Power of two prefectures by a proxy (a tenth and a fifth of the province), and what is left."""
    graph.add(
        Node("method:prefecture-allocation", "method", "合成分摊", "Synthetic division", parents=("source:paper",))
    )
    rows = []
    for year in YEARS:
        for region, share, status in (
            ("changsha", 0.1, "allocated"),
            ("yueyang", 0.2, "allocated"),
            ("unallocated", 0.7, "unallocated"),
        ):
            key, value = f"prefecture:{REGION}/{region}:{year}:1.A.1.a:CO2", share * level("power", year)
            parents = (f"inventory:{REGION}:{year}:1.A.1.a:CO2", "method:prefecture-allocation")
            _result(graph, key, f"{region} {year}", f"{region} {year}", round(value, 6), "kt", "D", parents)
            proxy = "capacity" if status == "allocated" else ""
            rows.append(
                (
                    f"{REGION}/{region}",
                    year,
                    "1.A.1.a",
                    "CO2",
                    value,
                    "kt",
                    value / 2,
                    value * 2,
                    status,
                    proxy,
                    "D",
                    key,
                )
            )
    _csv(run / "prefectures_inventory.csv", "region,year,category,gas,value,unit,low,high,status,proxy,grade,id", rows)


def _documents(run: Path, graph: Lineage) -> None:
    sources = [n for n in graph.nodes.values() if n.kind == "source"]
    feeds = {
        n.id: sum(1 for m in graph.nodes.values() if m.kind == "result" and n.id in {x.id for _, x in graph.walk(m.id)})
        for n in sources
    }
    _csv(
        run / "sources.csv",
        "id,title_zh,title_en,publisher_zh,publisher_en,url,grade,note_zh,note_en,feeds",
        [
            (
                n.id.removeprefix("source:"),
                n.zh,
                n.en,
                "合成发布者",
                "Synthetic publisher",
                n.url,
                n.grade,
                "",
                "",
                feeds[n.id],
            )
            for n in sources
        ],
    )
    lines = {
        "zh": [f"合成摘要第 {i} 行。" for i in range(1, 13)],
        "en": [f"Synthetic summary, line {i}." for i in range(1, 13)],
    }
    _write_json(run / "summary.json", {"lines": lines, "figures": {}})
    _write_json(run / "lineage.json", {"nodes": graph.as_records()})


def _write_json(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
