"""The energy step of the main job: demands of the pathway, a study in the folder of the run, and both models side by side."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from tanlu.cli import app
from tanlu.core.errors import DataError, Notice
from tanlu.core.messages import catalogue
from tanlu.job import RunResult, energy_step, run_main_job
from tanlu.job.energy_compare import read_generators
from tanlu.job.energy_step import read_study, solve_study
from tanlu.job.main import _energy

TESTS = Path(__file__).parents[1]
VALLEY = TESTS / "energy" / "systems" / "valley"
DEMANDS = "technology,sector,carrier,factor,constant,source,grade,note_zh,note_en\nload,all,electricity,0.001,,,D,,\n"
GENERATORS = "technology,generator,note_zh,note_en\npv,solar,,\nhydro,hydro,,\ncoal_plant,coal,,\ncapture_plant,coal,,\nbattery,storage,,\n"


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def province(invented_province: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented province with the valley as its energy system."""
    folder = Path(shutil.copytree(invented_province, tmp_path_factory.mktemp("province") / "testland"))
    shutil.copytree(VALLEY, folder / "energy")
    (folder / "energy" / "link").mkdir()
    (folder / "energy" / "link" / "demands.csv").write_text(DEMANDS, encoding="utf-8")
    (folder / "energy" / "link" / "generators.csv").write_text(GENERATORS, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def steps() -> list[str]:
    return []


@pytest.fixture(scope="module")
def found(province: Path, steps: list[str], tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    return run_main_job(str(province), tmp_path_factory.mktemp("out") / "w", 7, 64, steps.append, "one-node")


@pytest.fixture(scope="module")
def study(found: RunResult) -> Path:
    return found.workspace / "results" / found.run_id / "energy"


def test_the_step_stands_in_progress_manifest_and_answer(found: RunResult, steps: list[str]) -> None:
    names = ["data", "inventory", "pathways", "assessment", "energy", "results", "report"]
    assert steps == names == [step.name for step in found.manifest.steps]
    assert found.as_record()["energy"]["demand"] == "pathways" and found.as_record()["energy"]["nodes"] == 1


def test_the_study_meets_the_demand_of_the_reference_pathway(found: RunResult, study: Path) -> None:
    """A thousandth of the final electricity of the pathway [PJ], in MWh: 1e6/3.6 MWh a PJ."""
    pathways = table(study.parent / "pathways.csv")
    final = next(r for r in pathways if r["Scenario"] == "current-mid" and r["Variable"] == "Final Energy|Electricity")
    for year in ("2025", "2030"):
        asked = -sum(
            float(r["energy"]) for r in table(study / "balance.csv") if r["quantity"] == "load" and r["period"] == year
        )
        assert asked == pytest.approx(0.001 * float(final[year]) * 1e6 / 3.6, rel=1e-5)
    summary = json.loads((study / "summary.json").read_text(encoding="utf-8"))
    assert summary["scenario"] == "current-mid" and summary["link"]["demand"] == "pathways"


def test_both_models_stand_side_by_side_with_the_reason_of_every_difference(study: Path) -> None:
    rows = table(study / "comparison.csv")
    assert {r["period"] for r in rows} == {"2025", "2030"}
    assert {r["quantity"] for r in rows} == {
        "generation", "capacity", "demand", "curtailment", "emissions", "emission_factor", "cost",
    }  # fmt: skip
    assert all(f"energy.compare.{r['why']}" in catalogue() for r in rows)
    for row in rows:
        if row["pathway"] and row["system"]:
            assert float(row["difference"]) == pytest.approx(float(row["system"]) - float(row["pathway"]), abs=2e-6)
    pathways = {r["Variable"]: r for r in table(study.parent / "pathways.csv") if r["Scenario"] == "current-mid"}
    solar = next(r for r in rows if (r["period"], r["quantity"], r["item"]) == ("2030", "generation", "solar"))
    assert float(solar["pathway"]) == pytest.approx(
        float(pathways["Secondary Energy|Electricity|Solar"]["2030"]), abs=1e-6
    )
    made = {r["technology"]: 0.0 for r in table(study / "balance.csv") if r["period"] == "2030"}
    for r in table(study / "balance.csv"):
        if r["period"] == "2030" and r["carrier"] == "electricity":
            made[r["technology"]] += float(r["energy"])
    assert float(solar["system"]) == pytest.approx(made["pv"] / 1e6, abs=1e-6)


def test_a_province_without_a_system_goes_on_and_says_so(invented_province: Path) -> None:
    folder: Any = SimpleNamespace(province=SimpleNamespace(folder=invented_province, id="testland"))
    nothing: Any = None
    assert read_study(invented_province) is None
    study, notices = _energy(folder, None, nothing, ("one-node", False), nothing, nothing)
    assert study is None and [n.code for n in notices] == ["energy_no_folder"] and "testland" in notices[0].text("en")


def test_faults_of_the_system_are_told_before_anything_is_written(province: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(province, tmp_path / "testland"))
    text = (folder / "energy" / "system.yaml").read_text(encoding="utf-8")
    (folder / "energy" / "system.yaml").write_text(text.replace("[town, mill]", "[town, mil]", 1), encoding="utf-8")
    with pytest.raises(DataError):
        run_main_job(str(folder), tmp_path / "w", 7, 64, lambda step: None, "one-node")
    assert not (tmp_path / "w").exists()


def test_a_system_without_a_plan_is_a_notice(province: Path, found: RunResult, tmp_path: Path) -> None:
    """One target wants 20 MW of sun in 2030, another allows 15."""
    folder = Path(shutil.copytree(province, tmp_path / "testland")) / "energy"
    rule = "  - {type: capacity_target, name: no_sun, technologies: [pv], most: 15 MW}\n  - {type: reserve_margin"
    text = (folder / "system.yaml").read_text(encoding="utf-8")
    (folder / "system.yaml").write_text(text.replace("  - {type: reserve_margin", rule, 1), encoding="utf-8")
    (folder / "link" / "demands.csv").unlink()
    system = read_study(folder.parent)
    assert system is not None
    central = SimpleNamespace(years=[2025], final=[None])
    answer = solve_study(system, folder, SimpleNamespace(name="any", central=central), "one-node")  # type: ignore[arg-type]
    assert isinstance(answer, Notice) and answer.code == "energy_no_plan" and "infeasible" in answer.text("en")


def test_a_certified_study_is_bounded_from_both_sides(
    province: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(province, tmp_path / "testland")) / "energy"
    (folder / "link" / "demands.csv").unlink()
    monkeypatch.setitem(energy_step.SEGMENTS, "one-node", 6)
    system = read_study(folder.parent)
    assert system is not None
    scenario: Any = SimpleNamespace(name="any", central=SimpleNamespace(years=[2025], final=[None]))
    open_above, certified = (solve_study(system, folder, scenario, "one-node", certify) for certify in (False, True))
    assert not isinstance(open_above, Notice) and not isinstance(certified, Notice)
    assert (open_above.brief()["upper"], open_above.brief()["gap"]) == (None, None)
    brief = certified.brief()
    assert 0 < brief["lower"] <= brief["upper"] and brief["gap"] == pytest.approx(1 - brief["lower"] / brief["upper"])


def test_generators_that_the_pathways_do_not_know_are_told(province: Path, tmp_path: Path) -> None:
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "generators.csv").write_text(GENERATORS.replace("pv,solar", "pv,sun"), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_generators(tmp_path)
    assert [(p.row, p.field, p.value) for p in caught.value.problems] == [(2, "generator", "sun")]


def optimise(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["pathway", "optimise", *arguments])


def test_a_scenario_can_be_optimised_by_itself_with_the_numbers_of_the_run(
    province: Path, study: Path, tmp_path: Path
) -> None:
    """The central run and the system are the same as in the run, so that both tables are."""
    out = tmp_path / "out"
    done = optimise("--province", str(province), "--scenario", "current-mid", "--json", "--out", str(out))
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["energy"]["demand"] == "pathways" and answer["scenario"] == "current-mid"
    frozen = {(int(r["period"]), r["quantity"], r["item"]): r for r in table(study / "comparison.csv")}
    assert len(answer["comparison"]) == len(frozen)
    for row in answer["comparison"]:
        same = frozen[row["period"], row["quantity"], row["item"]]
        for own, other in (("fast", "pathway"), ("optimised", "system")):
            assert (row[own] is None) == (same[other] == "")
            if row[own] is not None:
                assert row[own] == pytest.approx(float(same[other]), abs=2e-6)
    assert (out / "energy" / "comparison.csv").read_bytes() == (study / "comparison.csv").read_bytes()


def test_a_province_without_a_system_cannot_be_optimised(invented_province: Path, tmp_path: Path) -> None:
    done = optimise("--province", str(invented_province), "--out", str(tmp_path / "out"), "--json")
    assert done.exit_code == 2 and "energy/system.yaml" in json.loads(done.stdout)["problems"][0]["mend"]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("language", "word"), [("zh", "装机 光伏"), ("en", "capacity solar")])
def test_the_gap_is_printed_in_words_with_the_reasons(province: Path, language: str, word: str) -> None:
    done = optimise("--province", str(province), "--lang", language)
    assert done.exit_code == 0 and word in done.stdout
    assert catalogue()["energy.compare.hourly"][language][:10] in done.stdout
