"""The registry: columns for engines, and tables whose faults are all told at once."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook, load_workbook
from tests.monitor.ledger_fixture import NOW, REGIONS, Clock, new_ledger
from typer.testing import CliRunner

from tanlu.cli import app
from tanlu.core.errors import DataError
from tanlu.monitor.ledger import Ledger
from tanlu.monitor.registering import region_units
from tanlu.monitor.registry import Meter, Registry, Unit
from tanlu.monitor.registry_tables import read_registry
from tanlu.monitor.schema import MeterKind, UnitKind

TODAY = date(2024, 9, 1)
UNITS = """id,kind,parent,zh,en
park,park,land/town,园,Park
mill,enterprise,park,厂,Mill
kiln,device,mill,窑,Kiln
"""
METERS = """id,unit,carrier,kind,step,ratio,measure,decimals,roll,parent,rating,position,valid_from,valid_to
gate,mill,electricity,register,15min,80,,2,1000000,,5000,feed,,2024-07-31
gate2,mill,electricity,累计,900,80,,3,1000000,,5000,feed,2024-08-01,
fans,kiln,electricity,rate,1min,,MW,1,,gate,800,,,
gas,kiln,natural_gas,interval,1h,,10^3 Nm3,0,,,,,,
"""


def empty() -> Registry:
    return Registry(region_units(REGIONS), [])


def written(folder: Path, units: str = UNITS, meters: str = METERS) -> list[Path]:
    paths = [folder / "units.csv", folder / "meters.csv"]
    for path, text in zip(paths, (units, meters), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def faults(
    folder: Path, units: str = UNITS, meters: str = METERS, known: Registry | None = None
) -> set[tuple[int | None, str, str]]:
    with pytest.raises(DataError) as error:
        read_registry(written(folder, units, meters), known or empty(), TODAY)
    assert all(p.text("zh") and p.text("en") for p in error.value.problems)
    return {(p.row, p.field, p.code) for p in error.value.problems}


def test_tables_become_units_and_meters_with_amounts_in_the_unit_of_the_carrier(tmp_path: Path) -> None:
    found = read_registry(written(tmp_path), empty(), TODAY)
    kiln = next(u for u in found.units if u.id == "kiln")
    assert (kiln.kind, kiln.parent, kiln.region) == (UnitKind.DEVICE, "mill", "land/town")
    meters = {m.id: m for m in found.meters}
    assert meters["gate2"].kind is MeterKind.REGISTER and meters["gate2"].step == 900
    assert meters["fans"].ratio == pytest.approx(1000), "1 MW is 1000 kWh in an hour"
    assert meters["gas"].ratio == pytest.approx(1000)
    assert meters["gate"].valid_to == meters["gate2"].valid_from, "a date ends with its last second, in civil time"
    assert meters["gate"].factor == pytest.approx(0.8), "ratio 80, two decimals"


def test_columns_follow_the_numbers_and_lead_to_the_enterprise(tmp_path: Path) -> None:
    with new_ledger(tmp_path / "ledger", meters=0) as ledger:
        found = read_registry(written(tmp_path), ledger.registry, TODAY)
        registry = ledger.register(found.units, found.meters)
    columns = registry.columns()
    number = {name: m.number for name, m in registry.meters.items()}
    assert registry.units_by_number[columns["unit"][number["fans"]]].id == "mill"
    assert registry.units_by_number[columns["owner"][number["fans"]]].id == "kiln"
    assert columns["roll"][number["gate"]] == 100_000_000 and columns["roll"][number["gas"]] == -1
    assert (
        columns["position"][number["gate"]]
        == columns["position"][number["gate2"]]
        != columns["position"][number["gas"]]
    )
    assert columns["parent"][number["fans"]] == number["gate"]
    assert columns["unit"][0] == -1 and np.isnan(columns["rating"][number["gas"]])
    assert [u.id for u in registry.ancestors("kiln")] == ["mill", "park", "land/town", "land"]
    assert [u.id for u in registry.enterprises("land")] == ["plant1", "mill"]
    assert [u.id for u in registry.enterprises("mill")] == ["mill"]
    assert [m.id for m in registry.meters_of("kiln")] == ["fans", "gas"]
    assert list(registry.carriers) == ["electricity", "natural_gas"]


def test_every_fault_of_the_units_is_told_at_once(tmp_path: Path) -> None:
    units = """id,kind,parent,zh,en,region,valid_from,valid_to
a,enterprise,nowhere,甲,A,,,
b,device,c,乙,B,,,
c,device,b,丙,C,,,
d,park,a,丁,D,,,
land/town,county,land,戊,E,,,
f,enterprise,,己,F,,,
g,enterprise,land,庚,G,,2024-02-30,
h,enterprise,land,辛,H,,2024-03-01,2024-02-01
i,city,land,壬,I,,,
j,enterprise,land,癸,,,,
"""
    assert faults(tmp_path, units, "id,unit,carrier,kind,step\n") == {
        (2, "parent", "unknown_choice"), (3, "parent", "registry_cycle"), (4, "parent", "registry_cycle"),
        (5, "parent", "registry_level"), (6, "id", "registry_region_id"), (7, "parent", "registry_no_place"),
        (8, "valid_from", "registry_moment"), (9, "valid_to", "registry_dates"), (10, "kind", "unknown_choice"), (11, "en", "empty"),
    }  # fmt: skip


def test_every_fault_of_the_meters_is_told_at_once(tmp_path: Path) -> None:
    meters = """id,unit,carrier,kind,step,ratio,measure,roll,parent,rating,calibrated_on,position,valid_from
a,ghost,electricity,register,15min,,,,,,,,
b,mill,phlogiston,register,15min,,,,,,,,
c,mill,electricity,register,15min,0,,,,,,,
d,mill,electricity,register,15min,,t,,,,,,
e,mill,electricity,register,7min,,,,,,,,
f,mill,electricity,interval,15min,,,1000,,,,,
g,mill,electricity,register,1h,,,1000,,1000,,,
h,mill,electricity,register,15min,,,,w,,,,
i,mill,electricity,register,15min,,,,,,2024-09-02,,
j,mill,electricity,register,15min,,,,k,,,,
k,mill,electricity,register,15min,,,,j,,,,
p,mill,electricity,register,15min,,,,,,,here,
q,mill,electricity,register,15min,,,,,,,here,2024-05-01
w,mill,water,register,15min,,,,,,,,
w,mill,water,register,15min,,,,,,,,
"""
    assert faults(tmp_path, UNITS, meters) == {
        (2, "unit", "registry_no_unit"), (3, "carrier", "unknown_choice"), (4, "ratio", "registry_not_positive"),
        (5, "measure", "wrong_unit"), (6, "step", "registry_step"), (7, "roll", "registry_roll_kind"),
        (8, "roll", "registry_roll_low"), (9, "parent", "registry_parent_carrier"),
        (10, "calibrated_on", "registry_calibration_future"), (11, "parent", "registry_cycle"), (12, "parent", "registry_cycle"),
        (14, "position", "registry_overlap"), (16, "id", "duplicate"),
    }  # fmt: skip


def test_decimals_of_a_registered_meter_stay_because_stored_readings_depend_on_them(tmp_path: Path) -> None:
    known = Registry(
        [*region_units(REGIONS), Unit("mill", 9, UnitKind.ENTERPRISE, "land/town", "厂", "Mill", "land/town")],
        [Meter("gas", 1, "mill", "natural_gas", MeterKind.INTERVAL, 3600, decimals=2)],
    )
    assert (5, "decimals", "registry_decimals_fixed") in faults(tmp_path, known=known)


def test_a_changed_meter_keeps_its_number_and_its_history(tmp_path: Path) -> None:
    clock = Clock()
    with new_ledger(tmp_path / "ledger", meters=1, clock=clock) as ledger:
        before = ledger.registry.meters["m1"]
        moment = clock.now
        ledger.register([], [Meter("m1", 0, "plant1", "electricity", MeterKind.REGISTER, 900, ratio=40.0)])
        assert ledger.registry.meters["m1"].number == before.number
        assert ledger.registry.meters["m1"].ratio == 40.0
        assert ledger.catalog.registry(moment).meters["m1"] == before
        assert ledger.catalog.registry(NOW).meters == {}
    with Ledger.open(tmp_path / "ledger") as ledger:
        assert ledger.registry.meters["m1"].ratio == 40.0


def test_a_workbook_with_chinese_headings_says_the_same_as_csv_files(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "单位"
    book.active.append(["编号", "类型", "上级", "中文名称", "英文名称"])
    book.active.append(["mill", "企业", "land/town", "厂", "Mill"])
    sheet = book.create_sheet("表计")
    sheet.append(["表号", "所属单位", "介质", "类型", "采集间隔", "倍率", "启用日期"])
    sheet.append([7, "mill", "electricity", "累计", "15分钟", 80, date(2024, 7, 1)])
    book.save(tmp_path / "registry.xlsx")
    found = read_registry([tmp_path / "registry.xlsx"], empty(), TODAY)
    text = "id,unit,carrier,kind,step,ratio,valid_from\n7,mill,electricity,register,900,80,2024-07-01\n"
    units = "id,kind,parent,zh,en\nmill,enterprise,land/town,厂,Mill\n"
    same = read_registry(written(tmp_path, units, text), empty(), TODAY)
    assert (found.units, found.meters) == (same.units, same.meters)


def test_the_command_registers_all_or_nothing_and_its_template_can_be_read(tmp_path: Path) -> None:
    runner = CliRunner()

    def run(*arguments: str) -> tuple[int, dict[str, object]]:
        done = runner.invoke(app, ["monitor", "register", *arguments, "--json", "--lang", "en"])
        return done.exit_code, json.loads(done.output)

    template = tmp_path / "empty.xlsx"
    assert run("--template", str(template))[0] == 0
    assert load_workbook(template).sheetnames == ["units", "meters", "fields", "carriers"]
    assert run("--template", str(template))[0] == 2, "what is there is not overwritten"
    units = UNITS.replace("land/town", "testland")
    paths = [str(p) for p in written(tmp_path, units, METERS)]
    broken = [str(p) for p in written(tmp_path / ".", units, METERS)]
    where = ["--workspace", str(tmp_path / "w"), "--province", "hunan"]
    code, told = run(*broken, *where)
    assert code == 2 and len(told["problems"]) >= 1  # type: ignore[arg-type]
    assert not (tmp_path / "w").exists(), "nothing is made for tables with faults"
    written(tmp_path, UNITS.replace("land/town", "hunan"), METERS)
    code, told = run(*paths, "--dry-run", *where)
    assert (code, told["added"], told["meters"]) == (0, 7, 0)
    assert not (tmp_path / "w").exists(), "nor to look at them only"
    code, told = run(*paths, *where)
    assert (code, told["added"], told["meters"]) == (0, 7, 4)
    code, told = run(*paths, *where)
    assert (code, told["added"], told["changed"], told["same"]) == (0, 0, 0, 7)


def test_units_lie_in_the_organisation_of_the_code_that_stands_nearest(tmp_path: Path) -> None:
    head = "id,kind,parent,zh,en,统一社会信用代码\n"
    units = f"{head}park,park,land/town,园,Park,91350100M000100Y43\nmill,enterprise,park,厂,Mill,\nkiln,device,mill,窑,Kiln,\n"
    with new_ledger(tmp_path / "ledger", meters=0) as ledger:
        found = read_registry(written(tmp_path, units), ledger.registry, TODAY)
        registry = ledger.register(found.units, found.meters)
    assert {name: registry.code_of(name) for name in ("kiln", "park", "land/town")} == {
        "kiln": "91350100M000100Y43", "park": "91350100M000100Y43", "land/town": "",
    }  # fmt: skip
    assert [u.id for u in registry.units_of_code("91350100M000100Y43")] == ["park"]
    assert Ledger.open(tmp_path / "ledger", read_only=True).registry.units["park"].uscc == "91350100M000100Y43"


def test_a_code_with_a_wrong_character_is_told_with_its_row(tmp_path: Path) -> None:
    units = "id,kind,parent,zh,en,uscc\nmill,enterprise,land/town,厂,Mill,91350100M000100Y44\n"
    assert faults(tmp_path, units, "id,unit,carrier,kind,step\n") == {(2, "uscc", "uscc_check")}
