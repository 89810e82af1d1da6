"""Policies: what they name exists, and what they ask can be met at all."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from tanlu.energy.checks.inspector import Inspector
from tanlu.energy.checks.wording import figure
from tanlu.energy.components import Component, Converter, Demand, Emission, Expandable, Source
from tanlu.energy.policies import CapacityTarget, EmissionLimit, EnergyLimit, Policy, ReserveMargin
from tanlu.energy.problem import Floats
from tanlu.energy.timegrid import HOURS_PER_YEAR

_MARGIN: Final = 1e-9


def check_rules(inspector: Inspector) -> None:
    """Check every policy that holds."""
    for policy in inspector.system.policies:
        _check_names(inspector, policy)
        if not policy.active:
            continue
        if isinstance(policy, CapacityTarget | EnergyLimit):
            _check_order(inspector, policy)
        if isinstance(policy, CapacityTarget):
            _check_target(inspector, policy)
        if isinstance(policy, ReserveMargin):
            _check_reserve(inspector, policy)
        if isinstance(policy, EmissionLimit):
            _check_cap(inspector, policy)


def _check_names(inspector: Inspector, policy: Policy) -> None:
    """Carriers, technologies and nodes that a policy names exist."""
    system = inspector.system
    technologies = sorted({component.kind for component in system.components})
    named = [*getattr(policy, "technologies", ()), *getattr(policy, "credits", {})]
    parameter = "credits" if hasattr(policy, "credits") else "technologies"
    for technology in named:
        if technology not in technologies:
            inspector.unknown("technology", policy.name, parameter, technology, technologies)
    for node in getattr(policy, "nodes", ()):
        if node not in {n.name for n in system.nodes}:
            inspector.unknown("node", policy.name, "nodes", node, [n.name for n in system.nodes])
    carrier = getattr(policy, "carrier", "")
    if carrier and carrier not in {c.name for c in system.carriers}:
        inspector.unknown("carrier", policy.name, "carrier", carrier, [c.name for c in system.carriers])
    if isinstance(policy, CapacityTarget) and not policy.technologies:
        inspector.tell("energy_missing", policy.name, "technologies", "technologies")


def _check_order(inspector: Inspector, policy: CapacityTarget | EnergyLimit) -> None:
    least, most = inspector.by_period(policy.least), inspector.by_period(policy.most)
    wrong = np.flatnonzero(least > most)
    if len(wrong):
        p = int(wrong[0])
        values = {"limit": figure(most[p]), "year": inspector.years[p]}
        inspector.tell("energy_least_above_most", policy.name, "least", figure(least[p]), **values)


def _check_target(inspector: Inspector, policy: CapacityTarget) -> None:
    """What a plan wants can stand, and what stands already is not more than it wants."""
    counted = [
        c
        for c in inspector.system.components
        if isinstance(c, Expandable)
        and c.kind in policy.technologies
        and (not policy.nodes or getattr(c, "node", "") in policy.nodes)
    ]
    if not counted:
        return
    most = np.sum([inspector.most(c) for c in counted], axis=0)
    stands = np.sum([np.maximum(c.standing(inspector.years), _least(inspector, c)) for c in counted], axis=0)
    for code, wanted, can in (
        ("energy_target_out_of_reach", inspector.by_period(policy.least), most),
        ("energy_target_below_standing", -inspector.by_period(policy.most), -stands),
    ):
        wrong = np.flatnonzero(wanted > can + _MARGIN * np.abs(can))
        if len(wrong):
            p = int(wrong[0])
            parameter = "least" if code == "energy_target_out_of_reach" else "most"
            values = {"limit": figure(abs(can[p])), "year": inspector.years[p]}
            inspector.tell(code, policy.name, parameter, figure(abs(wanted[p])), **values)


def _least(inspector: Inspector, component: Expandable) -> Floats:
    return inspector.by_period(component.minimum)


def _check_reserve(inspector: Inspector, policy: ReserveMargin) -> None:
    """Firm capacity can reach the peak with its margin."""
    peak = np.zeros((len(inspector.years), inspector.system.hours))
    for component in inspector.system.components:
        if isinstance(component, Demand) and component.carrier == policy.carrier:
            mean = inspector.by_period(component.annual) / HOURS_PER_YEAR
            peak += mean[:, None] * inspector.hourly(component.profile)
    need = (1.0 + inspector.by_period(policy.margin)) * peak.max(axis=1)
    firm = np.zeros(len(need))
    for component in inspector.system.components:
        firm += policy.credits.get(component.kind, 0.0) * inspector.most(component)
    wrong = np.flatnonzero(need > firm * (1 + _MARGIN))
    if len(wrong):
        p = int(wrong[0])
        values = {"need": figure(need[p]), "firm": figure(firm[p]), "year": inspector.years[p]}
        inspector.tell(
            "energy_reserve_short", policy.name, "margin", figure(inspector.by_period(policy.margin)[p]), **values
        )


def _check_cap(inspector: Inspector, policy: EmissionLimit) -> None:
    """A cap is not below what is emitted whatever is done, where nothing can take CO2 back."""
    system = inspector.system
    if any(_removes(inspector, component) for component in system.components):
        return
    fixed = np.zeros(len(inspector.years))
    for component in system.components:
        if isinstance(component, Emission):
            fixed += inspector.by_period(component.amount)
    cap = inspector.by_period(policy.cap)
    wrong = np.flatnonzero(fixed > cap + _MARGIN * np.abs(cap))
    if len(wrong):
        p = int(wrong[0])
        values = {"fixed": figure(fixed[p]), "year": inspector.years[p]}
        inspector.tell("energy_cap_below_process", policy.name, "cap", figure(cap[p]), **values)
    years = (
        np.append(np.diff(inspector.years), np.diff(inspector.years)[-1:]) if len(inspector.years) > 1 else np.ones(1)
    )
    total = float(fixed @ years)
    if math.isfinite(policy.budget) and total > policy.budget:
        values = {"fixed": figure(total)}
        inspector.tell("energy_budget_below_process", policy.name, "budget", figure(policy.budget), **values)


def _removes(inspector: Inspector, component: Component) -> bool:
    """Tell whether a component can take CO2 out of the account."""
    if isinstance(component, Source):
        return bool(np.any(inspector.by_period(component.emission_factor) < 0))
    if not isinstance(component, Converter):
        return False
    biogenic = {c.name for c in inspector.system.carriers if c.biogenic}
    negative = {
        c.name for c in inspector.system.carriers if c.market and np.any(inspector.by_period(c.emission_factor) < 0)
    }
    captures = component.capture > 0 and bool(biogenic & component.inputs.keys())
    takes = bool(np.any(inspector.by_period(component.process_emission) < 0)) or bool(
        negative & component.inputs.keys()
    )
    return captures or takes
