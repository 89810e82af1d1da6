"""Scenario files and links: what is written is read again, and what is wrong is told with everything else that is wrong."""

from __future__ import annotations

import csv
import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from tanlu import __version__
from tanlu.cli import app
from tanlu.core.errors import DataError
from tanlu.core.messages import LANGUAGES, translate
from tanlu.core.province import Province, province_folder
from tanlu.pathways import Baseline, PathwayData, load_pathways, run
from tanlu.pathways.dimensions import GROWTH_CASES, LAST_YEAR, WORLDS
from tanlu.pathways.scenario_files import (
    ScenarioFile,
    Setting,
    data_hash,
    differences,
    differing_parts,
    migrated,
    read_folder,
    read_scenario,
    write_scenario,
)
from tanlu.pathways.scenario_link import decode, encode, lever_code
from tanlu.pathways.simulation import Model, simulate_file

DATA = load_pathways(province_folder("hunan"))
HASH = "levers:00000001 parameters:00000002 growth:00000003 inventory:00000004"
FIRST = min(lever.schedule.start for lever in DATA.levers)


@st.composite
def chosen(draw: st.DrawFn) -> Setting:
    """A world, a growth case, and any levers on their steps or between, with any sound schedules."""
    levers = {}
    for lever in draw(st.lists(st.sampled_from(DATA.levers), max_size=8, unique_by=lambda x: x.id)):
        steps = int((lever.maximum - lever.minimum) / lever.step)
        on_step = st.integers(0, steps).map(lambda n, x=lever: min(x.maximum, round(x.minimum + n * x.step, 9)))
        between = st.floats(lever.minimum, lever.maximum).map(lambda v: round(v, 9))
        levers[lever.id] = min(max(draw(on_step | between), lever.minimum), lever.maximum)
    spans = {}
    for lever in draw(st.lists(st.sampled_from(DATA.levers), max_size=3, unique_by=lambda x: x.id)):
        start = draw(st.integers(FIRST, LAST_YEAR - 1))
        spans[lever.id] = (start, draw(st.integers(start + 1, LAST_YEAR)))
    return Setting(draw(st.sampled_from(WORLDS)), draw(st.sampled_from(GROWTH_CASES)), levers, spans)


def codes(error: DataError) -> list[str]:
    return [p.code for p in error.problems]


def written(folder: Path, content: object, name: str = "mine.yaml") -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


@settings(max_examples=60)
@given(chosen())
def test_a_link_gives_back_the_setting(setting: Setting) -> None:
    link = encode(setting, DATA, HASH)
    found = decode(link, DATA, HASH)
    assert found.setting == setting.changed(DATA) and found.same_data and not found.problems
    assert re.fullmatch(r"[A-Za-z0-9._-]+", link), "a link needs no escapes in an address"
    assert encode(found.setting, DATA, HASH) == link, "one setting has one link"


@settings(max_examples=60)
@given(chosen(), st.integers(min_value=0), st.integers(1, 255))
def test_a_link_with_a_changed_character_is_not_half_read(setting: Setting, place: int, step: int) -> None:
    """CRC-16 of a CRC-32 misses one change in 65,536; a change that only swaps unused bits of the last character is the same link."""
    link = encode(setting, DATA, HASH)
    place = len("1.plan.mid.") + place % (len(link) - len("1.plan.mid."))
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    if link[place] not in alphabet:
        return
    other = alphabet[(alphabet.index(link[place]) + step) % 64]
    try:
        found = decode(link[:place] + other + link[place + 1 :], DATA, HASH)
    except DataError as error:
        assert set(codes(error)) <= {"link_damaged", "unknown_world", "unknown_growth"}
    else:
        assert found.setting == setting.changed(DATA)


def test_a_link_of_few_levers_is_short_and_of_all_levers_fits_an_address() -> None:
    few = {lever.id: lever.maximum for lever in DATA.levers[:5]}
    assert len(encode(Setting("current", "mid", few), DATA, HASH)) <= 70
    every = {lever.id: lever.maximum for lever in DATA.levers}
    assert len(encode(Setting("frozen", "mid", every), DATA, HASH)) <= 12 * len(every)


def test_no_two_levers_share_a_code() -> None:
    assert len({lever_code(lever.id) for lever in DATA.levers}) == len(DATA.levers)


def test_a_link_outlives_new_levers_and_tells_those_that_are_gone() -> None:
    one, two = DATA.levers[0], DATA.levers[1]
    setting = Setting("current", "mid", {one.id: one.maximum, two.id: two.maximum})
    link = encode(setting, DATA, HASH)
    fewer = dataclasses.replace(DATA, levers=DATA.levers[1:])
    found = decode(link, fewer, HASH)
    assert dict(found.setting.levers) == {two.id: two.maximum} and [p.code for p in found.problems] == ["link_lever"]
    older = encode(Setting("current", "mid", {two.id: two.maximum}), fewer, HASH)
    assert decode(older, DATA, HASH).setting.levers == {two.id: two.maximum}
    assert not decode(older, DATA, HASH + "x").same_data


@pytest.mark.parametrize(
    "link", ["", "plan-mid", "1.plan.mid", "1.plan.mid.", "1.plan.mid.AAAA", "1.plan.mid.*", "1.plan.mid." + "A" * 5000]
)
def test_what_is_no_link_is_told(link: str) -> None:
    with pytest.raises(DataError) as caught:
        decode(link, DATA, HASH)
    assert codes(caught.value) == ["link_damaged"]


def test_a_link_of_a_later_format_and_of_another_world_is_told() -> None:
    link = encode(Setting("plan", "mid"), DATA, HASH)
    with pytest.raises(DataError) as caught:
        decode("2" + link[1:], DATA, HASH)
    assert codes(caught.value) == ["link_format"]


@settings(max_examples=15)
@given(chosen())
def test_a_file_gives_back_the_scenario(setting: Setting) -> None:
    import tempfile

    file = ScenarioFile(
        "我的 scenario-1", setting.changed(DATA), 11, __version__, HASH, "作者", "2026-01-01", "a: b # c"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = write_scenario(Path(folder), file, DATA)
        assert read_scenario(path, DATA, HASH) == file
        assert [p.name for p in Path(folder).iterdir()] == ["我的 scenario-1.yaml"]


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    lever = DATA.levers[0]
    path = written(
        tmp_path,
        {
            "name": "x", "base": "dream", "growth": "fast", "levers": {lever.id: 1e9, "no_such_lever": 1},
            "schedules": {lever.id: {"start": 2040, "full": 2030}}, "model_version": "0.0.1",
            "data_hash": "levers:ffffffff growth:00000003",
        },
    )  # fmt: skip
    with pytest.raises(DataError) as caught:
        read_scenario(path, DATA, HASH)
    assert sorted(codes(caught.value)) == sorted(
        [
            "unknown_world",
            "unknown_growth",
            "lever_range",
            "lever_unknown",
            "scenario_schedule",
            "scenario_version",
            "scenario_data",
        ]
    )
    for problem in caught.value.problems:
        assert problem.file == "mine.yaml"
        assert all(problem.text(language) for language in LANGUAGES)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"name": "x", "base": "plan"}, "missing_key"),
        ({"name": "x", "base": "plan", "growth": "mid", "lever": {}}, "unknown_key"),
        ({"name": "../x", "base": "plan", "growth": "mid"}, "scenario_name"),
        ({"name": "x", "base": "plan", "growth": "mid", "levers": [1]}, "scenario_mapping"),
        ({"name": "x", "base": "plan", "growth": "mid", "levers": {"a": "many"}}, "not_a_number"),
        ({"name": "x", "base": "plan", "growth": "mid", "levers": {"a": float("nan")}}, "not_a_number"),
        ({"name": "x", "base": "plan", "growth": "mid", "seed": -1}, "below_minimum"),
        ({"name": "", "base": "plan", "growth": "mid"}, "empty"),
        ({"name": "x", "base": "plan", "growth": "mid", "schedules": {"a": {"start": 2030}}}, "missing_key"),
        ([], "missing_key"),
    ],
)  # fmt: skip
def test_a_file_of_the_wrong_form_is_told(tmp_path: Path, content: object, code: str) -> None:
    with pytest.raises(DataError) as caught:
        read_scenario(written(tmp_path, content), DATA)
    assert code in codes(caught.value)


def test_a_name_that_is_taken_writes_nothing(tmp_path: Path) -> None:
    one = ScenarioFile("Mine", Setting("plan", "mid"))
    write_scenario(tmp_path, one, DATA)
    before = (tmp_path / "Mine.yaml").read_bytes()
    for name in ("Mine", "mine"):
        with pytest.raises(DataError) as caught:
            write_scenario(tmp_path, dataclasses.replace(one, name=name, setting=Setting("frozen", "mid")), DATA)
        assert codes(caught.value) == ["scenario_exists"]
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"Mine.yaml": before}


def test_an_unsound_setting_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        write_scenario(tmp_path, ScenarioFile("x", Setting("plan", "mid", {DATA.levers[0].id: -1e9})), DATA)
    assert list(tmp_path.iterdir()) == []


def test_two_files_of_one_name_are_told(tmp_path: Path) -> None:
    for file in ("a.yaml", "b.yaml"):
        written(tmp_path, {"name": "Same", "base": "plan", "growth": "mid"}, file)
    found, problems = read_folder(tmp_path, DATA)
    assert list(found) == ["Same"] and [(p.code, p.file, p.details["other"]) for p in problems] == [
        ("scenario_repeated", "b.yaml", "a.yaml")
    ]


def test_migration_takes_over_what_it_can_and_tells_the_rest() -> None:
    lever = DATA.levers[0]
    setting = Setting("plan", "mid", {lever.id: lever.maximum * 10 + 1, "gone": 3.0}, {lever.id: (2050, 2040)})
    old = ScenarioFile("old", setting, 3, "0.0.1", "levers:ffffffff")
    fresh, notices = migrated(old, DATA, HASH)
    assert fresh.setting.levers == {lever.id: lever.maximum} and fresh.setting.schedules == {}
    assert (fresh.name, fresh.seed, fresh.model_version, fresh.data_hash) == ("old", 3, __version__, HASH)
    assert sorted(n.code for n in notices) == ["scenario_lever_gone", "scenario_lever_moved", "scenario_schedule_gone"]
    assert all(n.text(language) for n in notices for language in LANGUAGES)
    assert differences(fresh, HASH, "old.yaml") == []


def test_the_hash_of_the_data_says_which_part_has_changed() -> None:
    history = [300.0, 310.0]
    whole = data_hash(DATA, history)
    moved = dataclasses.replace(DATA, levers=(dataclasses.replace(DATA.levers[0], maximum=1e6), *DATA.levers[1:]))
    assert differing_parts(whole, data_hash(moved, history)) == ["levers"]
    assert differing_parts(whole, data_hash(DATA, [300.0, 311.0])) == ["inventory"]
    gases = dataclasses.replace(DATA, side=(dataclasses.replace(DATA.levers[0], id="methane"),))
    assert differing_parts(whole, data_hash(gases, history)) == ["levers"], "levers of other gases count"
    noted = dataclasses.replace(
        DATA, levers=(dataclasses.replace(DATA.levers[0], note_en="said otherwise"), *DATA.levers[1:])
    )
    assert data_hash(noted, history) == whole, "words do not change numbers"
    assert differing_parts("something else", whole) == ["all"]


def test_the_schedule_of_a_lever_moves_when_it_acts(province: Province, data: PathwayData, baseline: Baseline) -> None:
    """Wind that comes ten years later leaves the years before as they would be without it, and ends where it ended."""
    model = Model(province, data, baseline)
    lever = next(x for x in data.levers if x.parameter == "capacity.wind")
    late = (lever.schedule.start + 10, lever.schedule.full + 10)
    results = {
        name: model.central(setting).capacity[0, :, 0]
        for name, setting in {
            "as it is": Setting("plan", "mid"), "late": Setting("plan", "mid", {}, {lever.id: late}),
            "still": Setting("plan", "mid", {lever.id: float(baseline.capacity["wind"][baseline.base_year])}),
        }.items()
    }  # fmt: skip
    before = np.arange(baseline.base_year, LAST_YEAR + 1) <= late[0]
    assert results["late"][before] == pytest.approx(results["still"][before], rel=0.02)
    assert (results["late"] <= results["as it is"] + 1e-9).all() and (results["late"] < results["as it is"] - 1).any()


def test_the_reference_setting_is_the_reference_run(province: Province, data: PathwayData, baseline: Baseline) -> None:
    model = Model(province, data, baseline)
    setting = Setting("current", "mid")
    assert np.array_equal(model.central(setting).total, run(model.parameters(setting)).total)


def command(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["pathway", *map(str, arguments)])
    return done.exit_code, done.stdout


def test_a_scenario_file_is_run_and_written_as_iamc_tables(tmp_path: Path) -> None:
    lever = DATA.levers[0]
    content = {"name": "第一", "base": "plan", "growth": "mid", "levers": {lever.id: lever.maximum}}
    path, out = written(tmp_path, content), tmp_path / "out"
    exit_code, text = command("simulate", "--scenario", path, "--draws", 16, "--seed", 3, "--json", "--out", out)
    assert exit_code == 0
    found = json.loads(text)
    peak = found["peak"]
    assert (
        peak["level"]["p05"] <= peak["level"]["median"] <= peak["level"]["p95"]
        and 0 <= peak["probability_by_2030"] <= 1
    )
    assert found["draws"] == 16 and found["seed"] == 3 and found["cpu_seconds"] > 0
    with (out / "pathways.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {r["Scenario"] for r in rows} == {"第一"}
    total = next(r for r in rows if r["Variable"] == "Emissions|CO2")
    assert float(total["2030"]) == pytest.approx(found["series"]["co2"]["2030"], abs=1e-5)
    again = yaml.safe_load((out / "scenario.yaml").read_text(encoding="utf-8"))
    assert (
        again["levers"] == {lever.id: lever.maximum} and again["data_hash"] == found["data_hash"] and again["seed"] == 3
    )
    assert {p.name for p in out.iterdir()} == {
        "pathways.csv", "fan.csv", "scenario.yaml", "scenario.xlsx", "summary.json", "definitions",
    }  # fmt: skip
    book = openpyxl.load_workbook(out / "scenario.xlsx", read_only=True)
    names = [translate(f"portal.studio.sheet.{key}", "zh") for key in ("scenario", "levers", "series", "fan")]
    assert book.sheetnames == names
    table = list(book[names[2]].iter_rows(values_only=True))
    assert [r[3] for r in table[1:]] == [r["Variable"] for r in rows]
    variables = yaml.safe_load((out / "definitions" / "variable" / "variables.yaml").read_text(encoding="utf-8"))
    assert {(name, v["unit"]) for entry in variables for name, v in entry.items()} == {
        (r["Variable"], r["Unit"]) for r in rows
    }
    regions = yaml.safe_load((out / "definitions" / "region" / "regions.yaml").read_text(encoding="utf-8"))
    assert {name for group in regions for names in group.values() for name in names} == {r["Region"] for r in rows}
    exit_code, text = command("simulate", "--scenario", out / "scenario.yaml", "--out", out, "--json")
    assert exit_code == 2 and [p["value"] for p in json.loads(text)["problems"]] == [str(out)]
    exit_code, text = command("compare", "plan-mid", out / "scenario.yaml", "--draws", 16, "--json")
    assert exit_code == 0
    compared = json.loads(text)
    assert [x["lever"] for x in compared["levers"]] == [lever.id]
    assert {d["variable"] for d in compared["differences"]} == {"co2", "net_co2"}
    for d in compared["differences"]:
        assert d["p05"] <= d["p50"] <= d["p95"]


def test_a_scenario_that_is_not_there_and_two_of_one_name_are_told(tmp_path: Path) -> None:
    assert command("simulate", "--scenario", "nothing", "--workspace", tmp_path, "--json")[0] == 2
    exit_code, text = command("compare", "plan-mid", "plan-mid", "--draws", 16, "--json")
    assert exit_code == 2 and len(json.loads(text)["problems"]) == 1


def test_a_simulation_is_a_table_for_pandas_and_for_notebooks(
    province: Province, data: PathwayData, baseline: Baseline
) -> None:
    found = simulate_file(ScenarioFile("<mine>", Setting("plan", "mid")), Model(province, data, baseline), 16)
    frame = found.to_pandas()
    total = frame[(frame.variable == "Emissions|CO2") & (frame.year == LAST_YEAR)]
    assert total.value.item() == pytest.approx(float(found.scenario.central.total[0, -1]), abs=1e-5)
    assert frame.value.notna().all()
    assert "&lt;mine&gt;" in found._repr_html_() and "<mine>" not in found._repr_html_()
