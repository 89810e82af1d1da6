"""What flows into every node flows out of it, at every hour: counted again from the parts and their parameters, without the programme.

The second count reads the flows of a solved system by name and knows the equations of the components from their documentation only. It
also counts CO2 and cost again, and follows every content from hour to hour.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.energy.random_systems import FEATURES, random_system

from tanlu.energy.certificate import EnergyResult, solve
from tanlu.energy.components import Contract, Converter, Demand, Fleet, Line, Reservoir, Sequestration, Source, Store
from tanlu.energy.parameters import Hourly, at_years
from tanlu.energy.policies import EmissionLimit
from tanlu.energy.problem import Floats
from tanlu.energy.system import System

KILO = 1e-3


class Recount:
    """Flows of a solved system [MW or t/h], (P, H), and what they add up to."""

    def __init__(self, result: EnergyResult) -> None:
        self.system: System = result.system
        self.problem = result.programme.problem
        self.primal = result.solution.primal
        self.grid = result.programme.grid
        self.years = self.grid.years
        self.net: dict[tuple[str, str], Floats] = defaultdict(lambda: np.zeros(self.grid.shape))
        self.emitted = np.zeros(self.grid.periods)
        self.running = np.zeros(self.grid.periods)
        self.contents: list[tuple[str, Floats]] = []
        for component in self.system.components:
            getattr(self, f"_{type(component).__name__.lower()}")(component)

    def flow(self, name: str) -> Floats:
        """Return a block of columns, zero where there is none."""
        if name not in self.problem.column_blocks:
            return np.zeros(self.grid.shape)
        return self.problem.values(self.primal, name) * 1e3

    def hourly(self, value: Hourly) -> Floats:
        """Return a value at every hour."""
        return np.asarray(self.system.profiles[value] if isinstance(value, str) else np.full(self.grid.hours, value))

    def by_year(self, value: object) -> Floats:
        """Return a value in every period, (P, 1)."""
        return at_years(value, self.years)[:, None]  # type: ignore[arg-type]

    def year(self, flow: Floats) -> Floats:
        """Return the sum over the year, (P,)."""
        return flow.sum(axis=1) * self.grid.repetitions

    def pay(self, flow: Floats, price: object) -> None:
        """Add a cost [CNY/a]."""
        self.running += self.year(flow * price)

    def _source(self, c: Source) -> None:
        taken = self.flow(f"{c.name}.production")
        self.net[c.node, c.carrier] += taken
        self.pay(taken, self.by_year(c.variable_om) + self.hourly(c.tariff))
        self.emitted += self.year(taken * self.by_year(c.emission_factor))

    def _converter(self, c: Converter) -> None:
        activity, heat = self.flow(f"{c.name}.activity"), self.flow(f"{c.name}.extraction")
        carriers = {carrier.name: carrier for carrier in self.system.carriers}
        self.pay(activity, self.by_year(c.variable_om))
        made, counted = activity * self.by_year(c.process_emission), activity * self.by_year(c.process_emission)
        for name, amount in c.outputs.items():
            self.net[c.node, name] += activity * self.hourly(amount)
        for name, amount in c.inputs.items():
            used = activity * self.hourly(amount) / self.by_year(c.efficiency)
            if carriers[name].market:
                self.pay(used, self.by_year(carriers[name].price))
                carbon = used * self.by_year(carriers[name].emission_factor)
                made = made + carbon
                counted = counted + (0.0 if carriers[name].biogenic else carbon)
            else:
                self.net[c.node, name] -= used
        if c.extraction:
            self.net[c.node, c.extraction] += heat
            self.net[c.node, next(iter(c.outputs))] -= c.extraction_loss * heat
        self.net[c.node, c.captured_carrier] += c.capture * made
        self.emitted += self.year(counted - c.capture * made)

    def _store(self, c: Store) -> None:
        charge, discharge = self.flow(f"{c.name}.charge"), self.flow(f"{c.name}.discharge")
        content = self.flow(f"{c.name}.content")
        self.net[c.node, c.carrier] += discharge - charge
        self.pay(discharge, self.by_year(c.variable_om))
        energy = self.flow(f"{c.name}.energy.capacity" if c.hours is None else f"{c.name}.capacity")[:, None]
        before = np.roll(content, 1, axis=1)
        if c.initial is not None:
            before[:, 0] = c.initial * energy[:, 0] * (c.hours or 1.0)
            assert np.all(content[:, -1] >= before[:, 0] - 1e-4)
        change = c.charge_efficiency * charge - discharge / c.discharge_efficiency
        self.contents.append((c.name, content - before * (1 - c.standing_loss) - change))

    def _reservoir(self, c: Reservoir) -> None:
        release, spill = self.flow(f"{c.name}.release"), self.flow(f"{c.name}.spill")
        content = self.flow(f"{c.name}.content")
        self.net[c.node, c.carrier] += release
        arriving = self.by_year(c.annual_inflow) / 8760 * self.hourly(c.inflow)
        for above in self.system.components:
            if isinstance(above, Reservoir) and above.downstream == c.name:
                sent = self.flow(f"{above.name}.release") + self.flow(f"{above.name}.spill")
                late = np.roll(sent, above.delay, axis=1)
                if above.initial is not None:
                    late[:, : above.delay] = 0.0
                arriving = arriving + above.downstream_ratio * late
        before = np.roll(content, 1, axis=1)
        if c.initial is not None:
            before[:, 0] = c.initial * c.volume
        self.contents.append((c.name, content - before - arriving + release + spill))
        assert np.all(release + spill >= c.minimum_release * self.by_year(c.annual_inflow) / 8760 - 1e-5)

    def _line(self, c: Line) -> None:
        forward, backward = self.flow(f"{c.name}.forward"), self.flow(f"{c.name}.backward")
        self.net[c.from_node, c.carrier] += (1 - c.loss) * backward - forward
        self.net[c.to_node, c.carrier] += (1 - c.loss) * forward - backward
        self.pay(forward + backward, self.by_year(c.variable_om))

    def _demand(self, c: Demand) -> None:
        load = self.by_year(c.annual) / 8760 * self.hourly(c.profile)
        unserved = self.flow(f"{c.name}.unserved")
        given_up = [self.flow(f"{c.name}.given_up_{step}") for step in range(1, len(c.elasticity) + 1)]
        away, made_up = self.flow(f"{c.name}.moved_away"), self.flow(f"{c.name}.made_up")
        less = unserved + sum(given_up, np.zeros(self.grid.shape)) + away
        assert np.all(less <= load + 1e-5)
        self.net[c.node, c.carrier] -= load - less + made_up
        self.pay(unserved, self.by_year(c.value_of_lost_load))
        for flow, (_, price) in zip(given_up, c.elasticity, strict=True):
            self.pay(flow, price)
        self.pay(away, c.shift_cost)
        for start in range(0, self.grid.hours, c.shift_window):
            window = slice(start, start + c.shift_window)
            assert away[:, window].sum(axis=1) == pytest.approx(made_up[:, window].sum(axis=1), abs=1e-4)

    def _fleet(self, c: Fleet) -> None:
        need = self.by_year(c.vehicles) * self.by_year(c.annual_driving) / 8760
        charge, back = self.flow(f"{c.name}.charge"), self.flow(f"{c.name}.give_back")
        content, missing = self.flow(f"{c.name}.content"), self.flow(f"{c.name}.unserved_driving")
        fixed = (1 - c.managed) * need / c.efficiency * self.hourly(c.unmanaged_profile)
        self.net[c.node, c.carrier] += back - charge - fixed
        driven = c.managed * need * self.hourly(c.driving) - missing
        self.contents.append(
            (c.name, content - np.roll(content, 1, axis=1) - c.efficiency * charge + back / c.efficiency + driven)
        )
        held = c.managed * self.by_year(c.vehicles) * self.by_year(c.battery)
        assert np.all(content >= self.hourly(c.minimum_content) * held - 1e-4)
        self.pay(back, c.v2g_cost)
        self.pay(missing, c.value_of_driving)

    def _contract(self, c: Contract) -> None:
        taken = self.flow(f"{c.name}.delivery")
        self.net[c.node, c.carrier] += taken
        self.pay(taken, self.by_year(c.price))
        self.emitted += self.year(taken * self.by_year(c.emission_factor)) * c.counted

    def _sequestration(self, c: Sequestration) -> None:
        injected = self.flow(f"{c.name}.injection")
        self.net[c.node, c.carrier] -= injected
        self.pay(injected, self.by_year(c.variable_om))


@settings(max_examples=20)
@given(
    seed=st.integers(0, 2**32 - 1),
    features=st.frozensets(st.sampled_from(FEATURES), min_size=1, max_size=9),
    hours=st.sampled_from((6, 24)),
)
def test_every_node_hour_content_cost_and_tonne_of_co2_is_accounted_for(
    seed: int, features: frozenset[str], hours: int
) -> None:
    system = random_system(seed, features, hours)
    result = solve(system, system.grid(), None, solver="highs-simplex", tolerance=1e-9)
    count = Recount(result)
    surplus = {carrier.name for carrier in system.carriers if carrier.surplus}
    for (node, carrier), net in count.net.items():
        let_go = count.flow(f"{node}.{carrier}.surplus") if carrier in surplus else 0.0
        assert net == pytest.approx(let_go, abs=1e-4), (node, carrier)
    for name, error in count.contents:
        assert error == pytest.approx(0.0, abs=1e-4), name
    price = np.zeros(len(count.years))
    for policy in system.policies:
        if isinstance(policy, EmissionLimit):
            price = count.by_year(policy.price)[:, 0]
            stated = count.problem.values(count.primal, f"{policy.name}.emissions") * 1e3
            assert stated == pytest.approx(count.emitted, rel=1e-6, abs=1.0)
    running = float(count.grid.weights @ (count.running + price * count.emitted)) / 1e6
    assert running + capital(result) == pytest.approx(result.objective, rel=1e-7, abs=1e-6)


def capital(result: EnergyResult) -> float:
    """Return annuities and fixed cost of all capacity, counted from the parameters [million CNY]."""
    system, problem, primal = result.system, result.programme.problem, result.solution.primal
    years, weights = result.programme.grid.years, result.programme.grid.weights
    total = 0.0
    for c in system.components:
        for suffix, cost, upkeep in (
            ("", "investment", "fixed_om"),
            (".energy", "energy_investment", "energy_fixed_om"),
        ):
            if not hasattr(c, cost) or (suffix and c.hours is not None):  # type: ignore[attr-defined]
                continue
            standing = c.standing(years) if not suffix else c.energy_standing(years)  # type: ignore[attr-defined]
            built = np.zeros(len(years))
            if c.expandable:  # type: ignore[attr-defined]
                built = problem.values(primal, f"{c.name}{suffix}.build") * 1e3
            rate, life = system.discount_rate, c.lifetime  # type: ignore[attr-defined]
            annuity = rate / (1 - (1 + rate) ** -life)
            for p, year in enumerate(years):
                stands = [v for v, built_in in enumerate(years) if built_in <= year < built_in + life]
                paid = sum(annuity * at_years(getattr(c, cost), years)[v] * built[v] for v in stands)
                size = standing[p] + sum(built[v] for v in stands)
                total += weights[p] * (paid + at_years(getattr(c, upkeep), years)[p] * size) / 1e6
    return total
