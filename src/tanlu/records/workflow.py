"""Workflows as data, and the one engine that moves records through them.

A workflow is a YAML file: states and transitions with labels in two languages; a transition names the right that it needs, guards (tests of
`tanlu.records.predicates` on facts of the record), and the earlier transitions that another person must have made (four eyes).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from tanlu.core.errors import DataError, Problem
from tanlu.core.province import read_yaml
from tanlu.records.base import new_id
from tanlu.records.changes import Change
from tanlu.records.four_eyes import WorkflowStep, require_second_person, steps_of
from tanlu.records.predicates import TESTS, Facts, evaluate, parameter_fault
from tanlu.records.refusals import ConflictError, RefusedError
from tanlu.records.roles import Principal, Rights, Target

TRANSITION_KEYS: Final = {"id", "from", "to", "zh", "en", "right", "guards", "four_eyes", "reason"}
GUARD_KEYS: Final = {"zh", "en", "test"}


class Stateful(Protocol):
    """A record that a workflow moves."""

    state: Any


@dataclass(frozen=True, slots=True)
class State:
    """A state; nothing leads out of a final one."""

    id: str
    zh: str
    en: str
    final: bool = False


@dataclass(frozen=True, slots=True)
class Guard:
    """A test that must hold before a transition."""

    zh: str
    en: str
    test: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Transition:
    """A way from states to a state."""

    id: str
    sources: tuple[str, ...]
    to: str
    zh: str
    en: str
    right: str
    guards: tuple[Guard, ...] = ()
    four_eyes: tuple[str, ...] = ()
    reason: bool = False


@dataclass(frozen=True, slots=True)
class Workflow:
    """States and transitions, checked; see `load_workflow`."""

    id: str
    zh: str
    en: str
    initial: str
    states: dict[str, State]
    transitions: dict[str, Transition]

    def available(self, state: str, principal: Principal, rights: Rights, target: Target) -> list[Transition]:
        """Return the transitions that lead out of a state and that a person has the right to make."""
        return [
            t for t in self.transitions.values() if state in t.sources and rights.allows(principal, t.right, target)
        ]


def advance(
    change: Change,
    workflow: Workflow,
    record: Stateful,
    subject: str,
    transition_id: str,
    *,
    principal: Principal,
    rights: Rights,
    target: Target,
    facts: Facts | None = None,
    reason: str = "",
) -> WorkflowStep:
    """Move a record through a transition, within a change.

    Raises
    ------
    ConflictError
        If the record is in another state: somebody was faster.
    NotPermittedError
        If the person lacks the right, or has made the step that another person must confirm.
    RefusedError
        With every guard that does not hold, and a reason that is missing.
    """
    transition = workflow.transitions.get(transition_id)
    if transition is None:
        details = {"refers_to": workflow.id, "some": ", ".join(workflow.transitions)}
        raise RefusedError(
            Problem("unknown_choice", workflow.id, field="transition", value=transition_id, details=details)
        )
    rights.require(principal, transition.right, target)
    if record.state not in transition.sources:
        # a record may carry a state of an earlier edition of the workflow
        state = workflow.states.get(record.state) or State(record.state, record.state, record.state)
        details = {"state_zh": state.zh, "state_en": state.en, "step_zh": transition.zh, "step_en": transition.en}
        raise ConflictError(Problem("state_moved", workflow.id, value=subject, details=details))
    require_second_person(change.session, workflow.id, subject, transition.four_eyes, change.actor)
    problems = failing_guards(transition, facts or {}, workflow.id)
    if transition.reason and not reason.strip():
        problems.append(Problem("reason_needed", workflow.id, field="reason"))
    if problems:
        raise RefusedError(*problems)
    step = WorkflowStep(
        id=new_id(),
        workflow=workflow.id,
        subject=subject,
        number=len(steps_of(change.session, workflow.id, subject)) + 1,
        transition=transition.id,
        from_state=record.state,
        to_state=transition.to,
        actor=change.actor,
        at=change.at,
        reason=reason.strip(),
    )
    record.state = transition.to
    change.session.add(step)
    change.session.flush()
    return step


def failing_guards(transition: Transition, facts: Facts, file: str) -> list[Problem]:
    """Return a problem for every guard that does not hold, with the value seen."""
    problems = []
    for guard in transition.guards:
        result, seen, _ = evaluate(guard.test, guard.parameters, facts)
        if result != "pass":
            details = {"guard_zh": guard.zh, "guard_en": guard.en}
            problems.append(
                Problem(
                    "guard_fails",
                    file,
                    field=str(guard.parameters.get("field", "")),
                    value=seen or "-",
                    details=details,
                )
            )
    return problems


def load_workflow(path: Path, rights: Rights) -> Workflow:
    """Read a workflow.

    Raises
    ------
    DataError
        With every fault: labels in one language, unknown states, rights, tests or transitions, states that cannot be reached or left.
    """
    problems: list[Problem] = []
    content = read_yaml(path, path.parent, problems)
    if not isinstance(content, dict):
        raise DataError(problems or [Problem("not_key_values", path.name, value=str(content)[:40])])
    file = path.name
    for key in ("id", "zh", "en", "initial", "states", "transitions"):
        if not content.get(key):
            problems.append(Problem("missing_key", file, field=key))
    if problems:
        raise DataError(problems)
    states = _read_states(content["states"], file, problems)
    transitions = _read_transitions(content["transitions"], file, problems)
    problems += _graph_problems(str(content["initial"]), states, transitions, file)
    problems += _right_problems(transitions, rights.table, file)
    if problems:
        raise DataError(problems)
    by_id = {t.id: t for t in transitions}
    return Workflow(str(content["id"]), str(content["zh"]), str(content["en"]), str(content["initial"]), states, by_id)


def _labels(item: Any, file: str, place: str, problems: list[Problem]) -> tuple[str, str]:
    found = tuple(str(item.get(key) or "") if isinstance(item, dict) else "" for key in ("zh", "en"))
    problems += [
        Problem("missing_key", file, field=f"{place}.{key}")
        for key, text in zip(("zh", "en"), found, strict=True)
        if not text
    ]
    return found[0], found[1]


def _read_states(written: object, file: str, problems: list[Problem]) -> dict[str, State]:
    if not isinstance(written, dict):
        problems.append(Problem("not_key_values", file, field="states", value=str(written)[:40]))
        return {}
    states = {}
    for name, item in written.items():
        zh, en = _labels(item, file, f"states.{name}", problems)
        states[str(name)] = State(str(name), zh, en, bool(isinstance(item, dict) and item.get("final")))
    return states


def _read_transitions(written: object, file: str, problems: list[Problem]) -> list[Transition]:
    found = []
    for number, item in enumerate(written if isinstance(written, list) else [], 1):
        place = f"transitions[{number}]"
        if not isinstance(item, dict):
            problems.append(Problem("not_key_values", file, field=place, value=str(item)[:40]))
            continue
        for key in ("id", "from", "to", "right"):
            if not item.get(key):
                problems.append(Problem("missing_key", file, field=f"{place}.{key}"))
        for key in item.keys() - TRANSITION_KEYS:
            allowed = ", ".join(sorted(TRANSITION_KEYS))
            problems.append(Problem("unknown_key", file, field=f"{place}.{key}", details={"allowed": allowed}))
        zh, en = _labels(item, file, place, problems)
        sources = item.get("from") or []
        guards = [_read_guard(g, file, f"{place}.guards", problems) for g in item.get("guards") or []]
        found.append(
            Transition(
                str(item.get("id") or ""),
                tuple(map(str, sources)) if isinstance(sources, list) else (str(sources),),
                str(item.get("to") or ""),
                zh,
                en,
                str(item.get("right") or ""),
                tuple(g for g in guards if g is not None),
                tuple(map(str, item.get("four_eyes") or ())),
                bool(item.get("reason")),
            )
        )
    return found


def _read_guard(item: object, file: str, place: str, problems: list[Problem]) -> Guard | None:
    zh, en = _labels(item, file, place, problems)
    test = str(item.get("test") or "") if isinstance(item, dict) else ""
    if not isinstance(item, dict) or test not in TESTS:
        details = {"refers_to": "tests", "some": ", ".join(TESTS)}
        problems.append(Problem("unknown_choice", file, field=f"{place}.test", value=test, details=details))
        return None
    parameters = {str(k): v for k, v in item.items() if k not in GUARD_KEYS}
    problems += [Problem("missing_key", file, field=f"{place}.{k}") for k in TESTS[test].needs if k not in parameters]
    reason = parameter_fault(test, parameters)
    if reason:
        problems.append(Problem("rule_limit", file, field=place, value=str(parameters), details={"reason": reason}))
    return Guard(zh, en, test, parameters)


def _graph_problems(initial: str, states: dict[str, State], transitions: list[Transition], file: str) -> list[Problem]:
    """Return what is wrong with the graph: unknown names, names twice, states that cannot be reached or left."""
    problems = []
    known = ", ".join(states)
    ids = [t.id for t in transitions]
    for name in sorted({i for i in ids if ids.count(i) > 1}):
        problems.append(Problem("name_twice", file, field="transitions.id", value=name))
    ends = [("initial", initial), *((f"{t.id}.from", s) for t in transitions for s in t.sources)]
    for field, state in [*ends, *((f"{t.id}.to", t.to) for t in transitions)]:
        if state not in states:
            details = {"refers_to": "states", "some": known}
            problems.append(Problem("unknown_choice", file, field=field, value=state, details=details))
    for transition in transitions:
        for earlier in transition.four_eyes:
            if earlier not in ids:
                details = {"refers_to": "transitions", "some": ", ".join(ids)}
                problems.append(
                    Problem("unknown_choice", file, field=f"{transition.id}.four_eyes", value=earlier, details=details)
                )
    reached = _reached(initial, transitions)
    left = {s for t in transitions for s in t.sources}
    for name, found in states.items():
        if name not in reached:
            problems.append(Problem("state_unreachable", file, field="states", value=name))
        if found.final and name in left:
            problems.append(Problem("state_final_left", file, field="states", value=name))
        if not found.final and name not in left:
            problems.append(Problem("state_dead_end", file, field="states", value=name))
    return problems


def _reached(initial: str, transitions: Iterable[Transition]) -> set[str]:
    ways = list(transitions)
    reached, waiting = {initial}, [initial]
    while waiting:
        state = waiting.pop()
        fresh = {t.to for t in ways if state in t.sources} - reached
        reached |= fresh
        waiting += fresh
    return reached


def _right_problems(transitions: list[Transition], known: Collection[str], file: str) -> list[Problem]:
    details = {"refers_to": "permissions.yaml", "some": ", ".join(sorted(known)[:6])}
    return [
        Problem("unknown_choice", file, field=f"{t.id}.right", value=t.right, details=details)
        for t in transitions
        if t.right and t.right not in known
    ]
