"""Sites: cases solved by hand, another programme of the same site, invariants of every example, and what is said of wrong files."""

from __future__ import annotations

import csv
import datetime
import json
import re
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog
from typer.testing import CliRunner

from tanlu.cli import app
from tanlu.core.errors import DataError
from tanlu.core.library import load_library
from tanlu.energy.operation import PerfectForecast
from tanlu.energy.site import (
    Battery,
    Boiler,
    Chp,
    Flexible,
    Grid,
    HeatPump,
    Renewable,
    Site,
    Tariff,
    Vehicles,
    read_site,
    replay,
    schedule,
    shipped_sites,
    size,
)
from tanlu.energy.timegrid import annuity
from tanlu.energy.weather.air import heat_pump_cop

DAY = datetime.date(2025, 1, 2)
HOURS = 8760


def constant(power: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.full(HOURS, power)


def daily(values: list[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.tile(np.array(values, float), 365)


def two_prices(low: float, high: float, first_high: int = 12, **charges: float) -> Tariff:
    hours = (("low",) * first_high + ("high",) * (24 - first_high),) * 12
    return Tariff(name="two", hours=hours, prices={"low": low, "high": high}, **charges)


def test_a_battery_buys_low_and_serves_high() -> None:
    """2 MWh are filled with 2/0.9 MWh at 300 and give 2·0.9 MWh at 900: 14,400 − 1,620 + 666.67 CNY."""
    site = Site(
        name="arbitrage",
        tariff=two_prices(300, 900),
        needs={"electricity": constant(1.0)},
        battery=Battery(power=1.0, energy=2.0, efficiency=0.81),
    )
    found = schedule(site, DAY)
    assert float(found.costs_unscheduled.total) == pytest.approx(14_400)
    assert float(found.costs.total) == pytest.approx(14_400 - 1_620 + 2_000 / 3, abs=0.01)
    assert [(a.series, a.start >= 12) for a in found.actions][-1] == ("battery_discharge", True)


def test_wear_above_the_spread_leaves_the_battery_alone() -> None:
    """1.8 MWh at 900 less 2.22 MWh at 300 leaves 529.6 CNY/MWh of discharge: wear of 530 is too much, of 529 it is not."""
    for wear, used in ((530.0, False), (529.0, True)):
        site = Site(
            name="wear",
            tariff=two_prices(300, 900),
            needs={"electricity": constant(1.0)},
            battery=Battery(power=1.0, energy=2.0, efficiency=0.81, wear=wear),
        )
        assert bool(schedule(site, DAY).scheduled["battery_discharge"].any()) is used


def test_a_peak_is_shaved_until_charging_makes_another() -> None:
    """x MWh for the hour of 3 MW are charged in the 12 hours before: 1 + x/12 = 3 − x, x = 24/13, peak 15/13 MW."""
    need = [1.0] * 12 + [3.0] + [1.0] * 11
    site = Site(
        name="peak",
        tariff=Tariff.flat(500.0, demand_charge=10_000.0),
        needs={"electricity": daily(need)},
        battery=Battery(power=5.0, energy=4.0),
    )
    found = schedule(site, DAY)
    assert found.indicators.peak == pytest.approx(15 / 13)
    assert float(found.costs.demand) == pytest.approx(10_000 * 15 / 13, abs=0.01)
    assert float(found.costs_unscheduled.demand) == pytest.approx(30_000)


def test_a_peak_that_the_month_has_seen_costs_nothing_more() -> None:
    site = Site(
        name="peak",
        tariff=two_prices(300, 900, demand_charge=50_000.0),
        needs={"electricity": constant(1.0)},
        battery=Battery(power=2.0, energy=4.0),
    )
    seen, alone = schedule(site, DAY, peak_so_far=3.0), schedule(site, DAY)
    assert float(seen.costs.demand) == 0
    assert float(seen.costs.energy) == pytest.approx(12 * 300 + 12 * 900 - 4 * 600)
    # 4 MWh at low price save 2,400 CNY but charging them in 12 hours raises the peak by 1/3 MW, 16,667 CNY
    assert alone.indicators.peak == pytest.approx(1.0)


def test_vehicles_charge_in_the_cheap_hours_before_they_leave() -> None:
    """10 vehicles of 20 kWh at 10 kW need two hours: without a schedule 8–10 at 600, with one 12–14 at 300 CNY/MWh."""
    hours = (("high",) * 12 + ("low",) * 2 + ("high",) * 10,) * 12
    site = Site(
        name="vehicles",
        tariff=Tariff(name="noon", hours=hours, prices={"low": 300.0, "high": 600.0}),
        needs={"electricity": constant(1.0)},
        vehicles=(Vehicles(number=10, energy_per_day=0.02, arrival=8, departure=18, charger=0.01),),
    )
    found = schedule(site, DAY)
    assert np.flatnonzero(found.scheduled["vehicles"]).tolist() == [12, 13]
    assert np.flatnonzero(found.unscheduled["vehicles"]).tolist() == [8, 9]
    assert found.scheduled["vehicles"].sum() == pytest.approx(0.2)
    assert float(found.costs_unscheduled.total - found.costs.total) == pytest.approx(0.2 * 300)


def test_vehicles_that_drive_nothing_cost_nothing() -> None:
    site = Site(name="parked", tariff=Tariff.flat(500.0), needs={"electricity": constant(1.0)})
    parked = Vehicles(number=10, energy_per_day=0.0, arrival=8, departure=18, charger=0.01)
    with np.errstate(invalid="raise", divide="raise"):
        found = schedule(replace(site, vehicles=(parked,)), DAY)
    assert found.scheduled["vehicles"].sum() == pytest.approx(0.0)
    assert found.costs.total == schedule(site, DAY).costs.total


def test_vehicles_over_night_are_full_in_the_morning() -> None:
    """They arrive at 19 and leave at 7, with 0.1 MWh for each of 10 at 20 kW: five hours, of which the cheapest are 0–6."""
    site = Site(
        name="night",
        tariff=two_prices(200, 800, first_high=6),
        needs={"electricity": constant(1.0)},
        vehicles=(Vehicles(number=10, energy_per_day=0.1, arrival=19, departure=7, charger=0.02, battery=0.1),),
    )
    run = replay(site, DAY, 2, PerfectForecast()).scheduled.dispatch
    second = run["vehicles"][19:31]  # the night between the two days
    assert second.sum() == pytest.approx(1.0)
    assert second[:5].sum() == pytest.approx(0.0)
    assert run["vehicles_unserved"].sum() == pytest.approx(0.0)


def chp_site(price: float, carbon: float = 0.0) -> Site:
    """Return a site with heat and power for 2.5 MWh of gas at 200 CNY, or grid and boiler for the price and 200 CNY."""
    return Site(
        name="chp",
        tariff=Tariff.flat(price, gas=200.0, carbon=carbon),
        needs={"electricity": constant(5.0), "heat": constant(2.0)},
        grid=Grid(emission_factor=0.5),
        chp=Chp(capacity=3.0, electric_efficiency=0.4, heat_efficiency=0.4),
        gas_boiler=Boiler(capacity=2.0),
        gas_emission_factor=0.2,
    )


@pytest.mark.parametrize(("price", "power"), [(290.0, 0.0), (400.0, 2.0), (600.0, 3.0)])
def test_heat_and_power_stand_still_follow_heat_or_run_in_full(price: float, power: float) -> None:
    """500 CNY make a MWh of each: too dear against 290 + 200, worth it with its heat against 400 + 200, and even without against 600."""
    found = schedule(chp_site(price), DAY).scheduled
    assert found["chp"] == pytest.approx(np.full(24, power))
    assert found["gas_boiler"] == pytest.approx(np.full(24, max(2.0 - power, 0.0)))


@pytest.mark.parametrize(("carbon", "power"), [(40.0, 0.0), (60.0, 2.0)])
def test_a_carbon_price_turns_from_the_grid_to_heat_and_power(carbon: float, power: float) -> None:
    """490 CNY and 0.7 t against 500 CNY and 0.5 t: they are equal at 50 CNY/t."""
    found = schedule(chp_site(290.0, carbon), DAY)
    assert found.scheduled["chp"] == pytest.approx(np.full(24, power))
    tonnes = 24 * (0.5 * (5 - power) + 0.2 * 2.5 * power + 0.2 * (2 - power))
    assert found.indicators.emissions == pytest.approx(tonnes)
    assert float(found.costs.carbon) == pytest.approx(carbon * tonnes, abs=0.01)


def test_extracted_heat_costs_electricity() -> None:
    """Heat of 1 MW at a loss of 0.2 leaves 1.8 of the 2 MW that dear electricity keeps running."""
    site = replace(
        chp_site(900.0),
        needs={"electricity": constant(5.0), "heat": constant(1.0)},
        chp=Chp(capacity=2.0, extraction=True, electric_efficiency=0.4, extraction_loss=0.2, extraction_ratio=1.0),
        gas_boiler=None,
    )
    found = schedule(site, DAY).scheduled
    assert found["chp"] == pytest.approx(np.full(24, 1.8))
    assert found["gas"].sum() == pytest.approx(24 * 2.0 / 0.4)


def test_load_that_can_move_leaves_the_dear_hours() -> None:
    """A tenth of 1 MW within 4 h: 0.2 MWh begin owed half way, so 0.2 MWh can be put off or taken sooner over the change of price."""
    site = Site(
        name="flexible",
        tariff=two_prices(300, 900),
        needs={"electricity": constant(1.0)},
        flexible=Flexible(share=0.1, window=4.0),
    )
    found = schedule(site, DAY)
    # what is taken sooner comes from half full to full before noon, is used after, and the store ends half full again
    assert float(found.costs_unscheduled.total - found.costs.total) == pytest.approx(0.2 * (900 - 300))


@pytest.mark.parametrize("seed", range(4))
def test_another_programme_of_the_same_site_costs_the_same(seed: int) -> None:
    """Sun, battery, heat pump, boiler, sale and a charge for the peak, written out for `scipy.optimize.linprog`."""
    random = np.random.default_rng(seed)
    need, heat, sun = random.uniform(1, 4, 24), random.uniform(0, 3, 24), np.clip(random.normal(0.3, 0.4, 24), 0, 1)
    air, price = random.uniform(-2, 12, 24), random.uniform(200, 1200, 24)
    names = [f"h{hour}" for hour in range(24)]
    tariff = Tariff(
        name="random", hours=(tuple(names),) * 12, prices=dict(zip(names, price.tolist(), strict=True)),
        demand_charge=2_000.0, feed_in=350.0, gas=300.0,
    )  # fmt: skip
    site = Site(
        name="random", tariff=tariff, needs={"electricity": daily(list(need)), "heat": daily(list(heat))},
        profiles={"pv": daily(list(sun)), "temperature": daily(list(air))}, grid=Grid(sale=1.0),
        pv=Renewable(capacity=6.0), battery=Battery(power=1.5, energy=4.0, efficiency=0.81, wear=20.0),
        heat_pump=HeatPump(capacity=1.5, supply_temperature=45.0), gas_boiler=Boiler(capacity=3.0, efficiency=0.9),
    )  # fmt: skip
    sale = np.minimum(350.0, price - 1.0)
    buy, sell, pv, charge, discharge, content, pump, boiler = (slice(24 * k, 24 * k + 24) for k in range(8))
    cost = np.zeros(24 * 8 + 1)
    cost[buy], cost[sell], cost[discharge], cost[boiler], cost[-1] = price, -sale, 20.0, 300 / 0.9, 2_000.0
    unit, balance = np.eye(24), np.zeros((72, 193))
    balance[:24, buy], balance[:24, sell], balance[:24, pv], balance[:24, charge] = unit, -unit, unit, -unit
    balance[:24, discharge], balance[:24, pump] = unit, -np.diag(1 / heat_pump_cop(air, 45.0))
    balance[24:48, content], balance[24:48, charge] = unit - np.eye(24, k=-1), -0.9 * unit
    balance[24:48, discharge] = unit / 0.9
    above = np.zeros((48, 193))
    above[:24, buy], above[:24, -1] = unit, -1.0
    above[24:, pump], above[24:, boiler] = -unit, -unit
    upper = np.full(193, np.inf)
    upper[buy], upper[sell], upper[pv], upper[charge], upper[discharge] = 1e4, 1.0, 6.0 * sun, 1.5, 1.5
    upper[content], upper[pump], upper[boiler] = 4.0, 1.5, 3.0
    other = linprog(
        cost, A_ub=above, b_ub=np.concatenate([np.zeros(24), -heat]), A_eq=balance[:48],
        b_eq=np.concatenate([need, np.zeros(24)]), bounds=list(zip(np.zeros(193), upper, strict=True)),
    )  # fmt: skip
    found = schedule(site, DAY)
    assert float(found.costs.total) == pytest.approx(other.fun, rel=1e-6)
    assert np.abs(found.scheduled.imbalance("electricity")).max() < 1e-7


def test_a_replay_lies_between_rule_and_foresight_and_obeys_every_hour() -> None:
    random = np.random.default_rng(3)
    sun = np.clip(np.sin(np.arange(HOURS) % 24 / 24 * 2 * np.pi - np.pi / 2), 0, 1) * random.uniform(0.2, 1, HOURS)
    site = Site(
        name="replay",
        tariff=two_prices(300, 900, first_high=8, feed_in=200.0),
        needs={"electricity": random.uniform(0.8, 1.2, HOURS)},
        profiles={"pv": sun},
        grid=Grid(sale=2.0),
        pv=Renewable(capacity=2.0),
        battery=Battery(power=1.0, energy=3.0, efficiency=0.9),
        flexible=Flexible(share=0.1, window=4.0),
    )
    run = replay(site, DAY, 2, seed=1)
    assert run.residual < 1e-8
    assert run.foresight.costs.total <= run.scheduled.costs.total < run.unscheduled.costs.total
    known = replay(site, DAY, 2, PerfectForecast()).scheduled
    assert known.costs.total <= run.scheduled.costs.total
    for case in run.cases:
        assert np.abs(case.dispatch.imbalance("electricity")).max() < 1e-7


def test_sun_is_built_as_long_as_all_of_it_is_used() -> None:
    """Half a MW of each MW at every hour saves 500 CNY/MWh: 2 MW cover the need of 1 MW, and nothing can be sold."""
    site = Site(
        name="size",
        tariff=Tariff.flat(500.0),
        needs={"electricity": constant(1.0)},
        profiles={"pv": constant(0.5)},
        pv=Renewable(capacity=0.0, largest=10.0, investment=5e6, fixed_om=1e4, lifetime=25.0),
    )
    found = size(site, hours=24)
    (one,) = found.built
    assert (one.device, one.power) == ("pv", pytest.approx(2.0))
    assert float(found.investment) == pytest.approx(1e7)
    saving = HOURS * 500 - 2e4
    assert float(found.saving) == pytest.approx(saving)
    assert found.payback == pytest.approx(1e7 / saving)
    value = (saving - 1e7 * annuity(0.06, 25.0)) / annuity(0.06, 20.0)
    assert float(found.net_present_value) == pytest.approx(value, abs=1.0)
    assert size(site, {"pv": 1.5}, hours=24).built[0].power == pytest.approx(1.5)


def test_what_does_not_pay_is_not_built() -> None:
    """A battery of 2 h moves 2 MWh a day over 100 CNY/MWh: 73,000 CNY a year against 200,000 CNY."""
    site = Site(
        name="dear",
        tariff=two_prices(400, 500),
        needs={"electricity": constant(1.0)},
        battery=Battery(power=0.0, energy=0.0, largest=5.0, investment=1e5, energy_investment=1e6, lifetime=12.0),
    )
    found = size(site, hours=24)
    assert found.built == () and found.payback is None and float(found.saving) == 0


@pytest.mark.parametrize("name", sorted(shipped_sites()))
def test_an_example_balances_every_hour_and_a_schedule_never_costs_more(name: str) -> None:
    site = read_site(name)
    for day in (datetime.date(2025, 1, 14), datetime.date(2025, 7, 19)):
        found = schedule(site, day)
        assert found.costs.total <= found.costs_unscheduled.total
        assert float(found.costs.unserved) == 0 and float(found.costs_unscheduled.unserved) == 0
        for dispatch in (found.scheduled, found.unscheduled):
            assert np.abs(dispatch.imbalance("electricity")).max() < 1e-6
            for use in ("heat", "cooling"):
                assert dispatch.imbalance(use).min() > -1e-6
    assert all(number.source and number.grade for number in site.numbers)


def write(folder: Path, **changes: object) -> Path:
    """Write a site of one line a key and return its file."""
    lines: dict[str, object] = {
        "id": "mine", "province": "hunan", "node": "changsha", "loads": "[{type: office, electricity: 2 GWh}]",
    }  # fmt: skip
    lines |= changes
    text = "".join(f"{key}: {value}\n" for key, value in lines.items() if value is not None)
    file = folder / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_units_are_taken_as_written_and_yearly_amounts_are_kept(tmp_path: Path) -> None:
    site = read_site(
        write(
            tmp_path, loads="[{type: homes, electricity: 200 万千瓦时, heat: 500 MWh}]", battery="{power: 500 kW, energy: 1 MWh}",
            gas_boiler="{capacity: 1 MW}", prices="{flat: 0.7 元/千瓦时, carbon: 60 CNY/t}",
        )
    )  # fmt: skip
    assert site.needs["electricity"].sum() == pytest.approx(2000) and site.needs["heat"].sum() == pytest.approx(500)
    assert site.battery is not None and site.battery.power == pytest.approx(0.5)
    assert site.tariff.prices["flat"] == pytest.approx(700) and site.tariff.carbon == 60
    assert site.grid.emission_factor == pytest.approx(0.4976)  # MEE, Hunan 2023


def test_own_profiles_take_the_place_of_shapes(tmp_path: Path) -> None:
    rows = "".join(f"{hour},{1 + hour % 2},0.5\n" for hour in range(HOURS))
    (tmp_path / "own.csv").write_text("hour,electricity,pv\n" + rows, encoding="utf-8")
    site = read_site(write(tmp_path, loads="[]", profiles="own.csv", pv="{capacity: 1 MW}"))
    assert site.needs["electricity"].sum() == HOURS * 1.5 and site.profiles["pv"].mean() == 0.5


def test_everything_wrong_with_a_site_is_told_at_once(tmp_path: Path) -> None:
    file = write(
        tmp_path, tarif="x", tariff="nowhere", node="atlantis", battery="{power: 4, energy: 2 GW}",
        loads="[{type: ofice, electricity: 2 GWh}]", vehicles="[{number: 5, energy_per_day: 90 kWh, arrival: 8}]",
        heat_pump="{capacity: 1 MW, supply_temperature: 200 degC}",
    )  # fmt: skip
    with pytest.raises(DataError) as caught:
        read_site(file)
    found = {(p.code, p.field) for p in caught.value.problems}
    assert found == {
        ("energy_unknown", "tarif"),
        ("energy_unknown", "tariff"),
        ("energy_unknown", "node"),
        ("energy_unknown", "loads.0.type"),
        ("energy_no_unit", "battery.power"),
        ("wrong_unit", "battery.energy"),
        ("energy_missing", "vehicles.0.departure"),
        ("energy_out_of_range", "heat_pump.supply_temperature"),
    }
    for problem in caught.value.problems:
        assert problem.row
        assert "→" in problem.text("zh") and "→" in problem.text("en")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"loads": "[{type: office, electricity: 2 GWh, heat: 1 GWh}]"}, "site_supply"),
        ({"loads": "[{type: mall, electricity: 2 GWh}]", "flexible": "{share: 0.4, window: 4 h}"}, "site_flexible"),
        ({"vehicles": "{number: 3, energy_per_day: 90 kWh, arrival: 8, departure: 10}"}, "site_vehicles"),
        ({"vehicles": "{number: 3, energy_per_day: 70 kWh, arrival: 6, departure: 20}"}, "site_vehicle_battery"),
        ({"battery": "{power: 5 MW, energy: 5 MWh, wear: 60 CNY/kWh}"}, "site_unusual"),
        ({"profiles": "none.csv"}, "site_no_profiles"),
        ({"year": "next"}, "not_a_year"),
        ({"province": "nowhere"}, "energy_no_system"),
    ],
)
def test_what_cannot_be_is_told(tmp_path: Path, changes: dict[str, str], code: str) -> None:
    with pytest.raises(DataError) as caught:
        read_site(write(tmp_path, **changes))
    assert code in {p.code for p in caught.value.problems}


def test_the_tariff_has_its_hours_by_month() -> None:
    tariff = read_site("example-building").tariff
    assert [tariff.hours[3][hour] for hour in (0, 6, 7, 11, 13, 14, 18, 22, 23)] == [
        "valley", "valley", "flat", "peak", "peak", "flat", "peak", "peak", "valley",
    ]  # fmt: skip
    assert {tariff.hours[6][hour] for hour in range(18, 22)} == {"sharp"}
    assert tariff.purchase()[0] == tariff.prices["valley"] and len(tariff.purchase()) == HOURS


def test_the_command_prints_a_schedule_and_refuses_a_day_of_another_year() -> None:
    run = CliRunner().invoke(
        app, ["energy", "schedule", "example-building", "--day", "2025-07-16", "--replay", "1", "--json"]
    )
    answer = json.loads(run.stdout)
    assert run.exit_code == 0 and len(answer["price_CNY_MWh"]) == 24
    assert set(answer["replay"]) >= {"scheduled", "unscheduled", "foresight"}
    assert float(answer["scheduled"]["costs"]["total"]) < float(answer["unscheduled"]["costs"]["total"])
    wrong = CliRunner().invoke(app, ["energy", "schedule", "example-building", "--day", "2024-07-16"])
    assert wrong.exit_code == 2


def test_every_number_of_the_tables_names_a_source_that_is_listed() -> None:
    folder = shipped_sites()["example-park"].parent
    listed = set(load_library().sources)
    for file in (folder / "sources.csv", folder.parent / "sources.csv", folder.parents[1] / "sources.csv"):
        listed |= {row["id"] for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())}
    for name in ("tariff_hours", "tariff_prices", "devices", "load_shapes"):
        rows = csv.DictReader((folder / f"{name}.csv").read_text(encoding="utf-8").splitlines())
        assert {row["source"] for row in rows} <= listed


GUIDES = Path(__file__).parents[2] / "docs" / "guides"
SHELL = re.compile(r"(?ms)^```sh\n(.*?)^```(.*?)^```text\n(.*?)^```")


@pytest.mark.parametrize("guide", ["energy-site.md", "energy-site.zh-CN.md"])
def test_the_guide_shows_what_its_commands_print(guide: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (GUIDES / guide).read_text(encoding="utf-8")
    (yaml,) = re.findall(r"(?ms)^```yaml\n(.*?)^```", text)
    (tmp_path / "my-site.yaml").write_text(yaml, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TANLU_LANG", "zh")
    blocks = SHELL.findall(text)
    assert len(blocks) == 2
    for command, _, shown in blocks:
        done = CliRunner().invoke(app, shlex.split(command)[1:])
        assert done.exit_code == 0, done.output
        printed = [line.strip() for line in done.output.splitlines()]
        assert [line for line in shown.splitlines() if line.strip() not in printed] == []
