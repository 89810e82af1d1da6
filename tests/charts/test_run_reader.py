"""A run folder is read typed, and every fault of it is told at once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.results_fixture import REGION, SECTORS, level

from tanlu.charts.results import Results
from tanlu.core.errors import DataError


@pytest.fixture
def folder(synthetic: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(synthetic / "results" / "latest", tmp_path / "run"))


def codes(error: pytest.ExceptionInfo[DataError]) -> set[tuple[str, str, str]]:
    return {(p.code, p.file, p.field) for p in error.value.problems}


def test_a_value_comes_back_as_written_and_a_notation_key_has_none(results: Results) -> None:
    by = {r.id: r for r in results.inventory}
    assert by[f"inventory:{REGION}:2014:1.A.2.a:CO2"].value == pytest.approx(level("steel", 2014), abs=1e-6)
    missing = by[f"inventory:{REGION}:2014:2.B.1:CO2"]
    assert (missing.value, missing.low, missing.status) == (None, None, "NE")


def test_the_shape_of_the_run_is_kept(results: Results) -> None:
    assert len(results.scoreboard) == 73
    assert len(results.scenarios) == 9
    assert len({p.region for p in results.prefectures}) == 14
    assert results.years == tuple(range(2005, 2025))
    assert results.reference == "current-mid"
    assert results.levers[0].worlds == {"frozen": 0.2, "current": 0.35, "plan": 0.6}


def test_the_last_total_is_that_of_the_last_year(results: Results) -> None:
    total = results.total("co2")
    assert total is not None
    assert total.year == 2024
    assert total.value == pytest.approx(sum(level(s, 2024) for s in SECTORS if s != "land"), abs=1e-3)
    assert results.total("co2", 1999) is None


def test_the_sources_of_a_number_are_those_at_the_ends_of_its_chain(results: Results) -> None:
    chain = {node.id for _, node in results.lineage.walk("peak:plan-mid") if node.kind == "source"}
    assert {node.id for node in results.sources_of(["peak:plan-mid"])} == chain
    assert [node.id for node in results.sources_of([f"fact:{REGION}:Output:2014"])] == ["source:yearbook"]


def test_the_chain_is_at_least_four_deep(results: Results) -> None:
    assert max(depth for depth, _ in results.lineage.walk("peak:current-mid")) >= 4


def test_all_faults_of_all_files_are_told_together(folder: Path) -> None:
    (folder / "peaks.csv").unlink()
    totals = (folder / "totals.csv").read_text(encoding="utf-8")
    (folder / "totals.csv").write_text(totals.replace("scope", "scop", 1), encoding="utf-8")
    lines = (folder / "sectors.csv").read_text(encoding="utf-8").splitlines()
    cells = lines[1].split(",")
    cells[4] = "many"
    (folder / "sectors.csv").write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]), encoding="utf-8")
    (folder / "summary.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError) as error:
        Results.load(folder)
    assert {
        ("missing_file", "peaks.csv", ""),
        ("missing_column", "totals.csv", "scope"),
        ("unknown_column", "totals.csv", "scop"),
        ("not_a_number", "sectors.csv", "value"),
        ("not_json", "summary.json", ""),
    } <= codes(error)


def test_an_id_without_a_node_is_a_fault(folder: Path) -> None:
    text = json.loads((folder / "lineage.json").read_text(encoding="utf-8"))
    text["nodes"] = [n for n in text["nodes"] if n["id"] != "target:TG05"]
    (folder / "lineage.json").write_text(json.dumps(text), encoding="utf-8")
    with pytest.raises(DataError) as error:
        Results.load(folder)
    assert [(p.code, p.file, p.row, p.value) for p in error.value.problems] == [
        ("no_lineage", "scoreboard.csv", 6, "target:TG05")
    ]


@pytest.mark.parametrize("key", ["run_id", "packages", "steps"])
def test_a_manifest_without_a_key_is_a_fault(folder: Path, key: str) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    del manifest[key]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(DataError) as error:
        Results.load(folder)
    assert ("missing_key", "manifest.json", key) in codes(error)


def test_an_empty_folder_names_every_file(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        Results.load(tmp_path)
    missing = {p.file for p in error.value.problems if p.code == "missing_file"}
    assert {"inventory.csv", "pathways.csv", "levers.csv", "lineage.json", "manifest.json", "summary.json"} <= missing
    assert all(p.text(language) for p in error.value.problems for language in ("zh", "en"))
