"""Emissions of a small estate whose every figure can be worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.monitor.ledger_fixture import DAY_START, JULY_1, NOW, Clock
from typer.testing import CliRunner

from tanlu.cli import app
from tanlu.core.errors import DataError
from tanlu.core.regions import Region
from tanlu.monitor.batch import Batch
from tanlu.monitor.carriers import carriers
from tanlu.monitor.emissions import emissions
from tanlu.monitor.engines.choice import open_engine
from tanlu.monitor.factors import FactorBook, Rate, factor_book, read_own
from tanlu.monitor.facts import Facts
from tanlu.monitor.ledger import Ledger
from tanlu.monitor.registry import Meter, Unit
from tanlu.monitor.rollup import refresh, rollup
from tanlu.monitor.schema import HOUR, MeterKind, UnitKind, day_number
from tanlu.workspace import Workspace

REGIONS = (Region("hunan", "", "湖南省", "Hunan"), Region("hunan/changsha", "hunan", "长沙市", "Changsha"))
UNITS = [
    Unit("works", 0, UnitKind.ENTERPRISE, "hunan/changsha", "厂", "Works", "hunan/changsha"),
    Unit("mill", 0, UnitKind.ENTERPRISE, "hunan/changsha", "坊", "Mill", "hunan/changsha"),
    Unit("boiler", 0, UnitKind.DEVICE, "works", "炉", "Boiler", "hunan/changsha"),
]
METERS = [
    Meter("grid", 0, "works", "electricity", MeterKind.REGISTER, 3600, ratio=100.0, decimals=0),
    Meter("part", 0, "works", "electricity", MeterKind.REGISTER, 3600, decimals=0, counted=False, parent="grid"),
    Meter("solar", 0, "works", "electricity", MeterKind.INTERVAL, 3600, decimals=0, sign=-1),
    Meter("coal", 0, "boiler", "raw_coal", MeterKind.INTERVAL, 3600, decimals=0),
    Meter("stack", 0, "boiler", "stack_co2", MeterKind.RATE, 3600, decimals=0),
    Meter("gas", 0, "works", "natural_gas", MeterKind.INTERVAL, 3600, decimals=0),
    Meter("straw", 0, "mill", "biomass", MeterKind.INTERVAL, 3600, decimals=0),
    Meter("output", 0, "works", "clinker", MeterKind.INTERVAL, 3600, decimals=0),
]
GAS_CO2 = 389.31e-4 * 15.3e-3 * 0.99 * 44 / 12 * 1000
"""kg CO2 of 1 Nm3 of natural gas: 389.31 GJ/10^4 Nm3, 15.3 kg C/GJ, 99 % oxidised (NDRC guidelines for enterprises, annex)."""
COAL_HEAT = 23.204
"""GJ/t of bituminous coal, same annex."""
GRID = 0.4976
"""kg CO2/kWh of the province in 2023 (announcement of the ministry), the latest before 2024."""


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """Day 1: 24 hours of everything, the last coal of the day estimated by its sender."""
    folder = tmp_path_factory.mktemp("estate")
    Workspace.create(folder, "hunan")
    ledger = Ledger.create(folder / "ledger", "hunan", REGIONS, Clock())
    ledger.register(UNITS, METERS)
    amounts = {"grid": 5, "part": 200, "solar": 20, "coal": 2, "stack": 3000, "gas": 100, "straw": 1, "output": 50}
    rows = []
    for name, amount in amounts.items():
        register = name in ("grid", "part")
        for h in range(25 if register else 24):
            value = 1000 + h * amount if register else amount
            quality = 2 if name == "gas" and h == 23 else 0
            rows.append((name, DAY_START + (h + (0 if register else 1)) * HOUR, value, quality))
    ledger.append(batch(rows))
    rollup(ledger, open_engine("kernel"))
    yield ledger
    ledger.close()


def batch(rows: list[tuple[str, int, int, int]], name: str = "") -> Batch:
    meter, ts, value, quality = zip(*rows, strict=True)
    return Batch("test", list(meter), np.array(ts), np.array(value), np.array(quality, np.int8), name)


def test_each_gas_is_what_was_counted_by_hand(estate: Ledger) -> None:
    """Power: (500 − 20) kWh an hour; coal only for CH4 and N2O, the stack measured its CO2; CO2 of straw apart."""
    told = emissions(Facts(estate), "works", "2024-07-01", "2024-07-01")
    assert told.kg("purchased") == pytest.approx({"CO2": 24 * 480 * GRID})
    coal, gas = 48 * COAL_HEAT, 2400 * 389.31e-4
    direct = told.kg("scope_1")
    assert direct["CO2"] == pytest.approx(24 * 3000 + 2400 * GAS_CO2)
    assert direct["CH4"] == pytest.approx(coal * 10e-3 + gas * 1e-3)
    assert direct["N2O"] == pytest.approx(coal * 1.5e-3 + gas * 0.1e-3)
    mill = emissions(Facts(estate), "mill", "2024-07-01", "2024-07-01")
    assert mill.kg("biogenic") == pytest.approx({"CO2": 24 * 11.6 * 27.3 * 44 / 12})
    assert "CO2" not in mill.kg()
    assert told.co2e("scope_1") == pytest.approx(direct["CO2"] + 28 * direct["CH4"] + 265 * direct["N2O"])


def test_methane_and_nitrous_oxide_of_a_fuel_depend_on_where_it_is_burnt(tmp_path: Path) -> None:
    """kg/TJ of the 2006 IPCC Guidelines, vol. 2, ch. 2: coal in power plants 1 and 1.5, in industry 10 and 1.5, in offices 10 and 1.5;
    natural gas in power plants 1 and 0.1, in industry 1 and 0.1, in offices 5 and 0.1 (tables 2.2, 2.3, 2.4). CO2 is the same."""
    sectors = {"plant": "power", "factory": "other_industry", "office": "services"}
    units = [Unit(n, 0, UnitKind.ENTERPRISE, "hunan/changsha", n, n, "hunan/changsha", s) for n, s in sectors.items()]
    fuels = {"coal": "raw_coal", "gas": "natural_gas"}
    meters = [
        Meter(f"{n}-{f}", 0, n, carrier, MeterKind.INTERVAL, 3600, decimals=0)
        for n in sectors
        for f, carrier in fuels.items()
    ]
    with Ledger.create(tmp_path / "ledger", "hunan", REGIONS, Clock()) as ledger:
        ledger.register(units, meters)
        ledger.append(batch([(m.id, DAY_START + (h + 1) * HOUR, 100, 0) for m in meters for h in range(24)]))
        rollup(ledger, open_engine("kernel"))
        facts = Facts(ledger)
        told = {n: emissions(facts, n, JULY_1, JULY_1).kg("scope_1") for n in sectors}
        whole = emissions(facts, "hunan", JULY_1, JULY_1)
    coal, gas = 2400 * COAL_HEAT * 1e-3, 2400 * 389.31e-7
    assert [told[n]["CH4"] for n in sectors] == pytest.approx([coal + gas, 10 * coal + gas, 10 * coal + 5 * gas])
    assert [told[n]["N2O"] for n in sectors] == pytest.approx([1.5 * coal + 0.1 * gas] * 3)
    assert told["plant"]["CO2"] == pytest.approx(told["office"]["CO2"])
    assert whole.kg() == pytest.approx({g: sum(told[n][g] for n in sectors) for g in ("CO2", "CH4", "N2O")})


def test_parts_add_up_to_the_top_with_their_shares(estate: Ledger) -> None:
    facts = Facts(estate)
    top = emissions(facts, "hunan", JULY_1, JULY_1)
    parts = emissions(facts, "hunan", JULY_1, JULY_1, by=("unit", "carrier", "day"), level="enterprise")
    assert {r.unit for r in parts.rows} == {"works", "mill"}
    assert parts.kg() == pytest.approx(top.kg())
    gas = next(r for r in top.rows if r.carrier == "natural_gas" and r.gas == "CO2")
    assert gas.estimated == pytest.approx(gas.kg / 24)
    assert top.shares["measured"] + top.shares["estimated"] == pytest.approx(1)
    assert top.shares["missing"] == 0


def test_a_device_answers_for_its_own_meters(estate: Ledger) -> None:
    told = emissions(Facts(estate), "boiler", JULY_1, JULY_1)
    assert told.kg()["CO2"] == pytest.approx(24 * 3000)
    assert {r.carrier for r in told.rows} == {"raw_coal", "stack_co2"}


def test_every_figure_names_what_it_rests_on(estate: Ledger) -> None:
    told = emissions(Facts(estate), "works", JULY_1, JULY_1)
    record = told.as_record()
    assert "cn-grid.co2_factor.hunan.2023" in record["factors"]
    assert record["definition"].startswith("1-")
    assert record["factor_version"]
    assert record["generation"] == 1
    assert all(r.factors and r.grade for r in told.rows)


def test_factors_of_an_enterprise_go_before_the_library_from_the_day_they_were_recorded(
    estate: Ledger, tmp_path: Path
) -> None:
    """A measured 2.0 kg/Nm3 of one enterprise, recorded in August: July as known in July does not know it."""
    file = tmp_path / "factors.csv"
    file.write_text(
        "carrier,gas,unit,kg,valid_from,valid_to,recorded_at,source,grade\n"
        "natural_gas,CO2,works,2.0,2024-07-01,,2024-08-01,lab report,C\n"
    )
    book = factor_book("hunan", file)
    for where in ("works", "hunan"):
        told = emissions(Facts(estate), where, JULY_1, JULY_1, factors=book)
        assert told.kg("scope_1")["CO2"] == pytest.approx(24 * 3000 + 2400 * 2.0)
        assert "factors.csv:2" in told.as_record()["factors"]
    before = NOW - 45 * 86_400 * 1_000_000
    assert book.rates(30, JULY_1, "works", before)["CO2", "scope_1"].kg == pytest.approx(GAS_CO2)
    assert book.version() != book.version(before)


def test_a_factor_that_changes_in_the_month_serves_its_own_days(estate: Ledger) -> None:
    number = carriers()["natural_gas"].number
    own = (
        Rate(number, "CO2", 1.0, "scope_1", JULY_1, JULY_1, ("a",), "C"),
        Rate(number, "CO2", 9.0, "scope_1", JULY_1 + 1, JULY_1 + 5, ("b",), "C"),
    )
    book = FactorBook("cn-enterprise-2013", "hunan", own)
    told = emissions(Facts(estate), "works", JULY_1, JULY_1 + 3, factors=book)
    assert told.kg("scope_1")["CO2"] == pytest.approx(24 * 3000 + 2400 * 1.0)
    assert book.edges(JULY_1, JULY_1 + 3) == [JULY_1, JULY_1 + 1]


def test_wrong_own_factors_are_told_all_at_once(tmp_path: Path) -> None:
    file = tmp_path / "factors.csv"
    file.write_text(
        "carrier,gas,unit,kg,valid_from,valid_to,recorded_at,source,grade\n"
        "coal?,CO2,,2.0,2024-07-01,,2024-08-01,x,C\nnatural_gas,CO2,,2.0,July,,2024-08-01,x,C\n"
    )
    with pytest.raises(DataError) as told:
        read_own(file)
    assert [(p.row, p.field) for p in told.value.problems] == [(2, "carrier"), (3, "valid_from")]


def test_the_past_is_told_as_it_was_known(tmp_path: Path) -> None:
    """A correction of September leaves what was known in August as it was, for readings and for sums above them."""
    ledger = Ledger.create(tmp_path / "ledger", "hunan", REGIONS, Clock())
    ledger.register(UNITS, METERS)
    ledger.append(batch([("gas", DAY_START + h * HOUR, 100, 0) for h in range(1, 25)], "first"))
    rollup(ledger, open_engine("kernel"))
    known = ledger.now()
    ledger.append(batch([("gas", DAY_START + 2 * HOUR, 400, 0)], "correction"))
    refresh(ledger, open_engine("kernel"))
    now = emissions(Facts(ledger), "hunan", JULY_1, JULY_1).kg("scope_1")["CO2"]
    past = emissions(Facts(ledger, known), "hunan", JULY_1, JULY_1).kg("scope_1")["CO2"]
    assert now == pytest.approx(2700 * GAS_CO2)
    assert past == pytest.approx(2400 * GAS_CO2)
    hours = Facts(ledger, known).unit_hours("hunan", DAY_START + HOUR, DAY_START + 2 * HOUR)
    assert [q for q in hours.column("quantity").to_pylist() if q is not None] == [100.0]
    ledger.close()


def test_the_command_tells_the_total(estate: Ledger) -> None:
    workspace = str(estate.path.parent)
    done = CliRunner().invoke(
        app, ["monitor", "total", "--region", "hunan", "--month", "2024-07", "--workspace", workspace, "--json"]
    )
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["kg"]["purchased"]["CO2"] == pytest.approx(24 * 480 * GRID)
    assert told["gwp"] == "AR5"
    bought = [row["kg"] for row in told["rows"] if (row["scope"], row["gas"]) == ("purchased", "CO2")]
    assert sum(bought) == pytest.approx(24 * 480 * GRID)
    wrong = CliRunner().invoke(
        app, ["monitor", "total", "--region", "nowhere", "--month", "July", "--gwp", "AR9", "--workspace", workspace]
    )
    assert wrong.exit_code == 2
    assert "nowhere" in wrong.output
    assert "AR9" in wrong.output


def test_hours_of_the_region_add_up_to_its_day(estate: Ledger) -> None:
    facts = Facts(estate)
    hours = facts.unit_hours("hunan", DAY_START, DAY_START + 24 * HOUR)
    days = facts.unit_days("hunan", "2024-07-01", "2024-07-01")
    by_carrier: dict[int, float] = {}
    for row in hours.to_pylist():
        by_carrier[row["carrier"]] = by_carrier.get(row["carrier"], 0.0) + (row["quantity"] or 0.0)
    assert by_carrier == pytest.approx({r["carrier"]: r["quantity"] for r in days.to_pylist()})
    assert day_number("2024-07-01") == JULY_1


def test_the_roll_up_command_works_beside_a_process_that_receives_readings(estate: Ledger) -> None:
    """The fixture holds the lock of the writer; nothing is late, so nothing changes."""
    workspace = str(estate.path.parent)
    done = CliRunner().invoke(app, ["monitor", "rollup", "--workspace", workspace, "--late", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["days"], told["touched"], told["generation"]) == (0, 0, 0)
    assert told["kg"]["CO2"] == pytest.approx(24 * 480 * GRID + 24 * 3000 + 2400 * GAS_CO2)
    wrong = CliRunner().invoke(app, ["monitor", "rollup", "--workspace", workspace, "--engine", "abacus"])
    assert wrong.exit_code == 2
    assert "abacus" in wrong.output
