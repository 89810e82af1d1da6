"""Exchange with PyPSA: the same system costs the same there, and comes back the same. PyPSA is the oracle, with HiGHS.

Systems stand side by side in few networks, apart from each other, and are compared one by one: building a network costs PyPSA seconds.
What it has answered for a network of the same numbers is kept (`pypsa_answers`).
"""

from __future__ import annotations

import logging
import warnings
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np
import pytest
from tests.energy.pypsa_answers import answer
from tests.energy.random_systems import random_system

from tanlu.core.errors import DataError
from tanlu.energy.certificate import solve
from tanlu.energy.components import (
    Carrier,
    Contract,
    Converter,
    Demand,
    Line,
    Node,
    Reservoir,
    Source,
    Store,
)
from tanlu.energy.interop.network import Network
from tanlu.energy.interop.network_csv import write_csv_folder
from tanlu.energy.interop.network_netcdf import write_netcdf
from tanlu.energy.interop.pypsa import read_pypsa, write_pypsa
from tanlu.energy.interop.pypsa_export import to_pypsa
from tanlu.energy.interop.pypsa_import import from_pypsa
from tanlu.energy.policies import NonFossilShare
from tanlu.energy.system import System
from tanlu.energy.timegrid import period_weights

if TYPE_CHECKING:
    import pypsa

CLEAN = (
    "battery", "standing_loss", "initial", "ramps", "varying_efficiency", "varying_fuel", "must_run", "tariff", "cascade",
    "elastic", "fleet",
    "contract", "line", "heat", "synthesis",
)  # fmt: skip


def mappable(seed: int, hours: int, features: frozenset[str]) -> System:
    """Return a random system of parts that PyPSA has."""
    system = random_system(seed, features, hours)
    parts = []
    for c in system.components:
        if isinstance(c, Converter) and c.extraction:
            c = replace(c, extraction="")
        elif isinstance(c, Reservoir):
            c = replace(c, minimum_release=0.0, delay=0)
        elif isinstance(c, Contract | Line) or (isinstance(c, Store) and c.initial is not None):
            c = replace(c, expandable=False)
        parts.append(c)
    return system.with_changes(components=parts)


def some_features(seed: int) -> frozenset[str]:
    """Return a few of the features that map."""
    rng = np.random.default_rng(seed)
    return frozenset(rng.choice(CLEAN, size=int(rng.integers(1, 7)), replace=False).tolist())


def cost(system: System) -> float:
    """Return the least cost [CNY]."""
    return solve(system, system.grid(), None, solver="highs-simplex", tolerance=1e-9).objective * 1e6


def merged(networks: list[Network]) -> Network:
    """Return networks side by side, names told apart by a number."""
    result = Network("all", networks[0].snapshots, networks[0].weightings, networks[0].periods)
    for at, network in enumerate(networks):
        for kind, parts in network.static.items():
            for name, row in parts.items():
                told = {k: f"{at}|{v}" if k.startswith("bus") or k == "carrier" else v for k, v in row.items()}
                result.static.setdefault(kind, {})[f"{at}|{name}"] = told
        for kind, table in network.series.items():
            for attribute, columns in table.items():
                target = result.series.setdefault(kind, {}).setdefault(attribute, {})
                target.update({f"{at}|{name}": values for name, values in columns.items()})
    return result


@contextmanager
def quiet() -> Iterator[None]:
    """Keep PyPSA from writing to the log."""
    logging.disable(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    logging.disable(logging.NOTSET)


def optimised(path: Path) -> pypsa.Network:
    """Return a network from disk, solved by PyPSA."""
    import pypsa

    with quiet():
        network = pypsa.Network(str(path))
        optimise(network)
    return network


def optimise(network: pypsa.Network) -> None:
    """Solve a network with PyPSA.

    Prices and voltages are left out: they are not compared, and to find synchronous areas takes most of the time. So is PyPSA's
    check of its data, since a network that it would not like costs something else.
    """
    with (
        patch("pypsa.optimization.optimize.OptimizationAccessor.post_processing"),
        patch("pypsa.Network.consistency_check"),
    ):
        status = network.optimize(
            solver_name="highs", log_to_console=False, include_objective_constant=False,
            multi_investment_periods=bool(len(network.investment_periods)),
            io_api="direct",
            solver_options={"output_flag": False, "primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9},
        )  # fmt: skip
    assert status == ("ok", "optimal"), status


def objective(network: pypsa.Network) -> float:
    """Return what a network costs when PyPSA has solved it."""
    optimise(network)
    return float(network.objective)


def costs_by_part(network: pypsa.Network) -> dict[str, float]:
    """Return the objective of each of the systems that stand side by side, from PyPSA's solution."""
    total: dict[str, float] = defaultdict(float)
    weights = network.snapshot_weightings["objective"]
    for kind, flow, size in (
        ("generators", "p", "p_nom"),
        ("links", "p0", "p_nom"),
        ("storage_units", "p_dispatch", "p_nom"),
        ("stores", "p", "e_nom"),
    ):
        component = network.components[kind]
        static = component.static
        if static.empty:
            continue
        flows = (
            component.dynamic["p" if kind != "storage_units" else flow] if kind != "links" else component.dynamic["p0"]
        )
        price = component.dynamic.get("marginal_cost")
        for name in static.index:
            paid = price[name] if price is not None and name in price else static.at[name, "marginal_cost"]
            spent = float((flows[name] * paid * weights).sum()) if name in flows else 0.0
            if static.at[name, f"{size}_extendable"]:
                spent += float(static.at[name, "capital_cost"] * static.at[name, f"{size}_opt"])
            total[name.split("|")[0]] += spent
    return total


def test_two_hundred_systems_cost_the_same_in_pypsa(tmp_path: Path) -> None:
    systems = [mappable(k, 6, some_features(k)) for k in range(200)]
    exported = [to_pypsa(system) for system in systems]
    assert [e.notices for e in exported] == [()] * len(systems)
    write_csv_folder(merged([e.network for e in exported]), tmp_path / "net")
    found = answer("two hundred", tmp_path / "net", lambda: costs_by_part(optimised(tmp_path / "net")))
    for at, (system, out) in enumerate(zip(systems, exported, strict=True)):
        assert found[str(at)] + out.constant == pytest.approx(cost(system), rel=1e-6), system.name


def with_everything(years: tuple[int, ...] = ()) -> pypsa.Network:
    """Return a network that PyPSA made, with weightings, ramps, sinks, both kinds of storage, inflow, links with three ends and a cap."""
    import pypsa

    rng = np.random.default_rng(5)
    network = pypsa.Network(name="everything")
    network.set_snapshots(range(16))
    if years:
        network.set_investment_periods(years)
        network.investment_period_weightings["years"] = 10.0
        network.investment_period_weightings["objective"] = period_weights(years, 0.05)
    else:
        network.snapshot_weightings.loc[:, :] = 3.0

    def shape(low: float, high: float) -> list[float]:
        return np.tile(rng.uniform(low, high, 16), max(len(years), 1)).tolist()

    for carrier, factor in (("gas", 0.2), ("sun", 0.0), ("hydro", 0.0), ("waste", 0.1)):
        network.add("Carrier", carrier, co2_emissions=factor)
    for bus, carrier in (("north", "AC"), ("south", "AC"), ("heat", "heat")):
        network.add("Bus", bus, carrier=carrier, x=1.0)
    network.add("Load", "load", bus="north", p_set=shape(40, 100))
    network.add("Load", "town", bus="south", p_set=30.0)
    network.add("Load", "warmth", bus="heat", p_set=shape(10, 30))
    network.add(
        "Generator",
        "old",
        bus="north",
        carrier="gas",
        p_nom=120,
        efficiency=0.4,
        marginal_cost=70,
        ramp_limit_up=0.3,
        lifetime=60,
    )
    network.add("Generator", "waste", bus="south", carrier="waste", p_nom=20, p_min_pu=0.4, marginal_cost=shape(5, 90))
    for bus in ("north", "south", "heat"):
        network.add("Generator", f"shed in {bus}", bus=bus, p_nom=200, marginal_cost=3000)
    network.add("Generator", "dump", bus="south", p_nom=500, p_min_pu=-1, p_max_pu=0, marginal_cost=-2)
    for year in years or (0,):
        more = {"build_year": year} if years else {}
        network.add(
            "Generator", f"sun{year}", bus="south", carrier="sun", p_nom_extendable=True, p_max_pu=shape(0, 1), capital_cost=900 - year / 5,
            lifetime=15, p_nom_max=150, **more,
        )  # fmt: skip
        network.add("StorageUnit", f"battery{year}", bus="south", p_nom_extendable=True, max_hours=4, capital_cost=700,
        efficiency_store=0.9,
                    standing_loss=0.01, cyclic_state_of_charge=True, lifetime=25, **more)  # fmt: skip
    network.add("StorageUnit", "lake", bus="north", carrier="hydro", p_nom=30, max_hours=20, p_min_pu=0, efficiency_dispatch=0.9,
                inflow=shape(0, 20), cyclic_state_of_charge=True)  # fmt: skip
    network.add("Line", "line", bus0="north", bus1="south", x=0.1, s_nom=40, s_max_pu=0.7)
    network.add("Link", "dc", bus0="south", bus1="north", p_nom=20, efficiency=0.95, marginal_cost=1.0)
    network.add(
        "Link",
        "chp",
        bus0="north",
        bus1="heat",
        bus2="south",
        efficiency=2.5,
        efficiency2=-0.1,
        p_nom=15,
        marginal_cost=3,
    )
    network.add("Store", "tank", bus="heat", e_nom=60, standing_loss=0.02, e_cyclic=True, e_min_pu=0.1)
    if not years:
        network.add("StorageUnit", "pumped", bus="north", p_nom=10, max_hours=10, p_min_pu=-0.8, efficiency_store=0.85,
        efficiency_dispatch=0.9,
                    inflow=shape(0, 4), state_of_charge_initial=50, standing_loss=0.01)  # fmt: skip
        network.add(
            "StorageUnit", "car", bus="north", p_nom=5, max_hours=3, state_of_charge_initial=9, standing_loss=0.02
        )
        network.add("Link", "both", bus0="north", bus1="heat", p_nom=5, efficiency=0.9, p_min_pu=-0.5)
        network.add("GlobalConstraint", "co2", sense="<=", constant=900.0)
    network.storage_units["cyclic_state_of_charge_per_period"] = True
    network.stores["e_cyclic_per_period"] = True
    return network


@pytest.mark.parametrize("years", [(), (2030, 2040)])
def test_a_network_of_pypsa_costs_the_same_here(years: tuple[int, ...], tmp_path: Path) -> None:
    network = with_everything(years)
    with quiet():
        network.export_to_csv_folder(str(tmp_path / "net"))
        network.export_to_netcdf(str(tmp_path / "net.nc"))
        found = answer(f"everything {years}", tmp_path / "net", lambda: {"all": objective(network)})["all"]
    for name in ("net", "net.nc"):
        read = read_pypsa(tmp_path / name, discount_rate=0.05)
        assert read.notices == ()
        assert cost(read.system) == pytest.approx(found, rel=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_written_comes_back_and_costs_the_same(seed: int, tmp_path: Path) -> None:
    system = mappable(seed, 12, some_features(seed) - {"varying_fuel"} | {"cap"})
    exported = write_pypsa(system, tmp_path / "net")
    assert exported.notices == ()
    read = read_pypsa(tmp_path / "net")
    assert cost(read.system) + exported.constant == pytest.approx(cost(system), rel=1e-6)
    write_pypsa(system, tmp_path / "net.nc")
    again = read_pypsa(tmp_path / "net.nc")
    assert cost(again.system) == pytest.approx(cost(read.system), rel=1e-9)


def test_several_periods_are_written_as_vintages(tmp_path: Path) -> None:
    system = mappable(3, 8, frozenset({"pathway", "battery", "cap"}))
    parts = [replace(c, potential=np.inf) if isinstance(c, Source) else c for c in system.components]
    system = system.with_changes(components=parts)
    exported = write_pypsa(system, tmp_path / "net")
    assert exported.notices == ()
    found = answer("periods", tmp_path / "net", lambda: {"all": float(optimised(tmp_path / "net").objective)})["all"]
    assert found + exported.constant == pytest.approx(cost(system), rel=1e-6)
    read = read_pypsa(tmp_path / "net", discount_rate=system.discount_rate)
    assert cost(read.system) + exported.constant == pytest.approx(cost(system), rel=1e-6)


def test_what_pypsa_cannot_say_is_told() -> None:
    system = System(
        name="told",
        carriers=[Carrier(name="electricity"), Carrier(name="heat"), Carrier(name="co2", unit="t"), Carrier(name="coal", market=True)],
        nodes=[Node(name="a")],
        components=[
            Converter(
                name="chp", node="a", inputs={"coal": 2.0}, outputs={"electricity": 1.0}, extraction="heat", capture=0.9, unit_size=10.0,
                existing=10.0,
            ),
            Demand(name="load", node="a", carrier="electricity", annual=8760.0, shift_share=0.1),
            Reservoir(name="lake", node="a", carrier="electricity", existing=1.0, volume=1.0, annual_inflow=1.0, delay=2,
            minimum_release=0.1),
        ],
        policies=[NonFossilShare(name="share", least=0.3)],
        hours=4,
    )  # fmt: skip
    told = {(n.code, n.details.get("component"), n.details.get("option")) for n in to_pypsa(system).notices}
    option = "energy_export_option"
    assert told == {
        (option, "chp", "capture"), (option, "chp", "extraction"), (option, "chp", "unit_size"), (option, "load", "shift_share"),
        (option, "lake", "delay"), (option, "lake", "minimum_release"), ("energy_export_part", "share", None),
    }  # fmt: skip
    assert all(n.text(language) for n in to_pypsa(system).notices for language in ("zh", "en"))


def small() -> Network:
    """Return a network of one bus."""
    network = Network("small", ["0", "1"], {key: np.ones(2) for key in ("objective", "stores", "generators")})
    network.add("buses", "a", carrier="AC")
    network.add("generators", "g", bus="a", p_nom=10.0, marginal_cost=5.0)
    network.add("loads", "l", bus="a", p_set=np.array([1.0, 2.0]))
    return network


def test_what_a_network_says_beyond_the_system_is_told() -> None:
    network = small()
    network.add("generators", "g", marginal_cost_quadratic=1.0)
    network.add("transformers", "t", bus0="a", bus1="a")
    network.add("global_constraints", "lines", type="transmission_volume_expansion_limit", sense="<=", constant=1.0)
    network.add("buses", "b", carrier="AC")
    for name, ends in (("x", ("a", "b")), ("y", ("a", "b"))):
        network.add("lines", name, bus0=ends[0], bus1=ends[1], s_nom=1.0)
    codes = sorted(n.code for n in from_pypsa(network).notices)
    assert codes == [
        "energy_import_attribute", "energy_import_constraint", "energy_import_list", "energy_import_voltages", "energy_import_voltages",
    ]  # fmt: skip


def test_faults_of_the_tables_come_all_at_once(tmp_path: Path) -> None:
    write_csv_folder(small(), tmp_path / "net")
    (tmp_path / "net" / "generators.csv").write_text("name,bus,p_nom\ng,a,many\nh,a,x\n", encoding="utf-8")
    (tmp_path / "net" / "loads-p_set.csv").write_text("snapshot,l\n0,1\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_pypsa(tmp_path / "net")
    assert [(p.code, p.file, p.row) for p in caught.value.problems] == [
        ("network_not_number", "generators.csv", 2), ("network_not_number", "generators.csv", 3),
        ("network_series_length", "loads-p_set.csv", None),
    ]  # fmt: skip


def test_a_component_at_a_bus_that_is_not_there_is_named() -> None:
    network = small()
    network.add("links", "l", bus0="a", bus1="nowhere")
    network.add("loads", "k", bus="neither")
    with pytest.raises(DataError) as caught:
        from_pypsa(network)
    assert {(p.file, p.field, p.value) for p in caught.value.problems} == {
        ("links.csv", "bus1", "nowhere"),
        ("loads.csv", "bus", "neither"),
    }


def test_what_is_no_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "net.nc").write_text("nothing", encoding="utf-8")
    for name, code in (
        ("empty", "network_no_snapshots"),
        ("net.nc", "network_unreadable"),
        ("missing", "network_missing"),
    ):
        with pytest.raises(DataError) as caught:
            read_pypsa(tmp_path / name)
        assert [p.code for p in caught.value.problems] == [code]


def test_netcdf_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tanlu.energy.interop.network_netcdf.find_spec", lambda _: None)
    with pytest.raises(DataError) as caught:
        write_netcdf(small(), tmp_path / "net.nc")
    assert "tanlu[netcdf]" in caught.value.problems[0].text("en")
