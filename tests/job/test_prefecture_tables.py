"""The table of prefectures of a run: its columns, its sums, and the chain behind every number."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

import pytest

from tanlu.core.lineage import Lineage

COLUMNS = "region,year,category,gas,value,unit,low,high,status,proxy,grade,id"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_prefectures_and_the_rest_add_up_to_the_inventory_of_the_run(run_folder: Path) -> None:
    file = run_folder / "prefectures_inventory.csv"
    assert file.read_text(encoding="utf-8").split("\n", 1)[0] == COLUMNS
    sums: dict[tuple[str, str, str], float] = defaultdict(float)
    for r in rows(file):
        sums[r["year"], r["category"], r["gas"]] += float(r["value"])
        assert float(r["low"]) <= float(r["value"]) <= float(r["high"])
        assert r["status"] in ("allocated", "unallocated", "memo") and (r["proxy"] != "") == (
            r["status"] == "allocated"
        )
    whole = {
        (r["year"], r["category"], r["gas"]): float(r["value"])
        for r in rows(run_folder / "inventory.csv")
        if r["value"]
    }
    # six decimals a cell, fifteen cells a sum
    assert sums == pytest.approx(whole, abs=2e-5)


def test_every_number_leads_to_the_province_and_to_sources(run_folder: Path) -> None:
    lineage = Lineage.from_records(json.loads((run_folder / "lineage.json").read_text(encoding="utf-8"))["nodes"])
    found = rows(run_folder / "prefectures_inventory.csv")
    assert {r["id"] for r in found} <= lineage.nodes.keys()
    number = next(r for r in found if r["status"] == "allocated" and r["category"] == "1.A.4.b")
    below = {n.kind for _, n in lineage.walk(number["id"])}
    assert {"result", "method", "assumption", "fact", "source"} <= below
