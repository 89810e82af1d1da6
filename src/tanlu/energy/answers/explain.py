"""Why a system has no plan, in the user's words: what is short, where, when and how much, and which rules stand against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from tanlu.core.messages import translate
from tanlu.energy.model import KILO
from tanlu.energy.problem import Block, Floats, LinearProblem
from tanlu.energy.solvers.infeasible import Conflict, Shortfall, irreducible_rows, shortfall
from tanlu.energy.system import Programme


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an explanation.

    Parameters
    ----------
    code : str
        The catalogue holds ``energy.explain.<code>``.
    values : mapping
        Fields of the sentence; ``…_zh`` and ``…_en`` are taken in the reader's language.
    """

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """Return the sentence."""
        values = {k: v for k, v in self.values.items() if not k.endswith(("_zh", "_en"))}
        own = {k[:-3]: v for k, v in self.values.items() if k.endswith(f"_{language}")}
        return translate(f"energy.explain.{self.code}", language, **values, **own)

    def as_record(self, language: str) -> dict[str, object]:
        """Return the sentence as plain data."""
        return {"code": self.code, "text": self.text(language), **self.values}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why there is no plan.

    Parameters
    ----------
    short : tuple of Statement
        What is missing when every rule is kept: by place, carrier and period, with hours and amounts.
    given_up : tuple of Statement
        By how much each rule would have to give for every load to be met.
    conflict : tuple of Statement
        A smallest set of equations, limits and rules that no plan keeps together.
    """

    short: tuple[Statement, ...]
    given_up: tuple[Statement, ...]
    conflict: tuple[Statement, ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All sentences in the order in which they are read."""
        return (*self.short, *self.given_up, *self.conflict)

    def text(self, language: str) -> str:
        """Return the explanation, one sentence a line."""
        return "\n".join(statement.text(language) for statement in self.statements)


def explain(programme: Programme, *, time_limit: float = 60.0) -> Explanation:
    """Explain why a programme has no plan.

    Two elastic runs tell what is missing: one lets balances fall short and keeps every rule, the other meets every load and lets rules
    give. HiGHS then reduces the contradiction to a smallest set.

    Parameters
    ----------
    programme : Programme
        One that has no solution.
    time_limit : float
        For each of the three runs [s].
    """
    problem = programme.problem
    balances = [problem.row_blocks[f"{node}.{carrier}.balance"] for node, carrier in programme.model.balances]
    rules = [b for b in problem.rows if _is_rule(programme, b)]
    short = _elastic(problem, balances, time_limit)
    loose = _elastic(problem, rules, time_limit) if rules else None
    conflict = irreducible_rows(problem, time_limit)
    return Explanation(
        _short(programme, balances, short),
        _given_up(programme, rules, loose) if loose is not None else (),
        _conflict(programme, conflict) if conflict is not None else (),
    )


def _is_rule(programme: Programme, block: Block) -> bool:
    """Tell whether a block of rows is a rule over a period or all periods: of a policy, a yearly limit, a sum."""
    return "step" not in block.axes and not block.name.endswith((".stock", ".content.end", ".end", ".target"))


def _elastic(problem: LinearProblem, blocks: list[Block], time_limit: float) -> Shortfall:
    """Return by how much the rows of blocks must be missed when all else is kept."""
    rows = np.concatenate([block.index.ravel() for block in blocks])
    scale = np.maximum(
        np.abs(np.where(np.isfinite(problem.row_lower), problem.row_lower, problem.row_upper))[rows], 1.0
    )
    weights = 1.0 / scale if len(rows) < 1000 else 1.0
    return shortfall(problem, rows, weights, time_limit=time_limit)


def _short(programme: Programme, balances: list[Block], found: Shortfall) -> tuple[Statement, ...]:
    """Return what is missing, the largest first."""
    if not found.solution.found:
        return ()
    grid, sentences, at = programme.grid, [], 0
    for (node, carrier), block in zip(programme.model.balances, balances, strict=True):
        for sign, values in (("short", found.below), ("too_much", found.above)):
            missing = values[at : at + block.size].reshape(block.shape) / KILO
            for period, amounts in enumerate(missing):
                if amounts.max(initial=0.0) > 1e-3:
                    sentences.append(_amount(programme, sign, node, carrier, grid.years[period], amounts))
        at += block.size
    sentences.sort(key=lambda pair: -pair[0])
    return tuple(sentence for _, sentence in sentences)


def _amount(
    programme: Programme, code: str, node: str, carrier: str, year: int, amounts: Floats
) -> tuple[float, Statement]:
    """Return how much is missing at a node, and the sentence that says so."""
    grid = programme.grid
    worst = int(np.argmax(amounts))
    energy = float(amounts @ grid.annual_hours)
    unit = next((c.unit for c in programme.system.carriers if c.name == carrier), "MWh")
    values: dict[str, object] = {
        **_named("node", node, programme),
        **_named("carrier", carrier, programme),
        "year": year,
        "hours": round(float(grid.annual_hours[amounts > 1e-3].sum())),
        "energy": f"{energy:,.0f} {unit}",
        "power": f"{amounts[worst]:,.1f} {'MW' if unit == 'MWh' else 't/h'}",
        "when": moment(int(grid.starts[worst])),
    }
    return energy, Statement(code, values)


def moment(hour: int) -> str:
    """Return an hour of the weather year as month, day and hour."""
    return (datetime(2023, 1, 1) + timedelta(hours=hour)).strftime("%m-%d %H:00")


def _named(field_name: str, name: str, programme: Programme) -> dict[str, object]:
    """Return the Chinese and English names of a node or carrier."""
    system = programme.system
    labels = {node.name: node.labels for node in system.nodes} | {c.name: c.labels for c in system.carriers}
    zh, en = labels.get(name, ("", ""))
    return {f"{field_name}_zh": zh or name, f"{field_name}_en": en or name}


def _given_up(programme: Programme, rules: list[Block], found: Shortfall) -> tuple[Statement, ...]:
    """Return by how much rules would have to give."""
    if not found.solution.found:
        return (Statement("rules_alone"),) if rules else ()
    sentences, at = [], 0
    for block in rules:
        for period in range(block.size):
            below, above = float(found.below[at + period]), float(found.above[at + period])
            if max(below, above) > 1e-6:
                years = programme.grid.years
                year = (
                    str(years[period])
                    if block.size == len(years) and "period" in block.axes
                    else f"{years[0]}–{years[-1]}"
                )
                amount = max(below, above)
                sentences.append(
                    Statement("rule_gives", {"rule": block.name, "year": year, "amount": f"{amount:,.4g} {block.unit}"})
                )
        at += block.size
    return tuple(sentences)


def _conflict(programme: Programme, conflict: Conflict) -> tuple[Statement, ...]:
    """Return the members of a smallest contradiction by name, with the period and hours that they stand for."""
    sentences = []
    for code, find, index in (
        ("of_row", programme.problem.row, conflict.rows),
        ("of_column", programme.problem.column, conflict.columns),
    ):
        seen: dict[str, list[tuple[int, ...]]] = {}
        for i in index.tolist():
            block, place = find(i)
            seen.setdefault(block.name, []).append(place)
        for name, places in seen.items():
            sentences.append(
                Statement(code, {"name": name, "count": len(places), "where": _where(programme, places[0])})
            )
    return tuple(sentences)


def _where(programme: Programme, place: tuple[int, ...]) -> str:
    """Return period and hour of a place in a block."""
    grid = programme.grid
    year = str(grid.years[place[0]]) if place and place[0] < grid.periods else ""
    hour = moment(int(grid.starts[place[1]])) if len(place) > 1 and place[1] < grid.steps else ""
    return f"{year} {hour}".strip()
