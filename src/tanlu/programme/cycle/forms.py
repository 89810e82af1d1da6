"""The form of an application as plain data, and reading it from what was saved step by step, with every fault at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

from tanlu.core.errors import Problem
from tanlu.records import RefusedError

STEPS: Final = ("basics", "team", "technologies", "targets", "budget", "declarations", "attachments")
"""Steps of the wizard, in order."""
BUDGET_CODES: Final = ("equipment", "business", "labour", "indirect")
"""设备费, 业务费, 劳务费, 间接费用 (国办发〔2021〕32号)."""
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class ApplicationForm:
    """What an applicant hands in.

    Parameters
    ----------
    lead_id, partners, pi_id, people
        Ids of organisations and people.
    zh, en, summary : str
    months : int
    budget : mapping of str to (Decimal, Decimal)
        Line → (paid by the grant, paid by the consortium) [yuan].
    technologies : mapping of str to (Decimal, Decimal)
        Technology of the plan → readiness at start and end (IEA scale).
    targets : mapping of str to Decimal
        Target of the call → what is promised.
    facts : mapping
        Declarations that rules look at (``holding_percent``, ``accepts_gate`` and those of the gates of the call).
    excluded : sequence of str
        Experts whom the applicant wishes to exclude.
    """

    lead_id: str
    pi_id: str
    zh: str
    en: str
    summary: str
    months: int
    budget: Mapping[str, tuple[Decimal, Decimal]]
    technologies: Mapping[str, tuple[Decimal, Decimal]]
    targets: Mapping[str, Decimal] = field(default_factory=dict)
    partners: Sequence[str] = ()
    people: Sequence[str] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    excluded: Sequence[str] = ()

    @property
    def asked(self) -> Decimal:
        """Money asked for [yuan]."""
        return sum((grant for grant, _ in self.budget.values()), Decimal(0))

    def problems(self) -> list[Problem]:
        """Return what is wrong with the form by itself."""
        found = [
            Problem("empty", "application", field=name)
            for name, text in (
                ("lead_id", self.lead_id),
                ("pi_id", self.pi_id),
                ("zh", self.zh),
                ("summary", self.summary),
            )
            if not text.strip()
        ]
        if self.months < 1:
            found.append(Problem("not_positive", "application", field="months", value=str(self.months)))
        for code, parts in self.budget.items():
            if code not in BUDGET_CODES:
                details = {"refers_to": "budget", "some": ", ".join(BUDGET_CODES)}
                found.append(Problem("unknown_choice", "application", field="budget", value=code, details=details))
            found += [
                Problem("not_an_amount", "application", field=f"budget.{code}", value=str(part))
                for part in parts
                if part < 0 or part != part.quantize(Decimal("0.01"))
            ]
        if self.asked <= 0:
            found.append(Problem("empty", "application", field="budget"))
        if not self.technologies:
            found.append(Problem("empty", "application", field="technologies"))
        for technology, (start, end) in self.technologies.items():
            if not 1 <= start <= end <= 11:
                found.append(
                    Problem("trl_range", "application", field=f"technologies.{technology}", value=f"{start}–{end}")
                )
        return found


def form_from(steps: Mapping[str, Any]) -> ApplicationForm:
    """Return the form of what was saved, texts as they were typed.

    Parameters
    ----------
    steps : mapping
        ``basics`` {zh, en, summary, months}, ``team`` {lead_id, partners, pi_id, people, excluded}, ``technologies`` {id: [start, end]},
        ``targets`` {code: value}, ``budget`` {code: [grant, own]}, ``declarations`` {fact: value}.

    Raises
    ------
    RefusedError
        With every value that cannot be read and everything that `ApplicationForm.problems` finds.
    """
    problems: list[Problem] = []
    basics, team = _mapping(steps, "basics", problems), _mapping(steps, "team", problems)
    form = ApplicationForm(
        lead_id=str(team.get("lead_id") or ""),
        pi_id=str(team.get("pi_id") or ""),
        zh=str(basics.get("zh") or ""),
        en=str(basics.get("en") or ""),
        summary=str(basics.get("summary") or ""),
        months=_read(basics.get("months"), int, 0, "months", problems),
        budget={k: _pair(v, f"budget.{k}", problems) for k, v in _mapping(steps, "budget", problems).items()},
        technologies={
            k: _pair(v, f"technologies.{k}", problems) for k, v in _mapping(steps, "technologies", problems).items()
        },
        targets={
            k: _read(v, _decimal, Decimal(0), f"targets.{k}", problems)
            for k, v in _mapping(steps, "targets", problems).items()
        },
        partners=tuple(map(str, team.get("partners") or ())),
        people=tuple(map(str, team.get("people") or ())),
        facts=_mapping(steps, "declarations", problems),
        excluded=tuple(map(str, team.get("excluded") or ())),
    )
    told = {p.field for p in problems}
    problems += [p for p in form.problems() if p.field not in told]
    if problems:
        raise RefusedError(*problems)
    return form


def _mapping(steps: Mapping[str, Any], name: str, problems: list[Problem]) -> dict[str, Any]:
    found = steps.get(name) or {}
    if not isinstance(found, dict):
        problems.append(Problem("not_key_values", "application", field=name, value=str(found)[:40]))
        return {}
    return found


def _decimal(text: str) -> Decimal:
    found = Decimal(text)
    if not found.is_finite():
        raise ValueError(text)
    return found


def _read(value: object, read: Callable[[str], Value], instead: Value, name: str, problems: list[Problem]) -> Value:
    text = str(value if value is not None else "").strip()
    if not text:
        problems.append(Problem("empty", "application", field=name))
        return instead
    try:
        return read(text)
    except (ValueError, InvalidOperation):
        problems.append(Problem("not_a_number", "application", field=name, value=text[:40]))
        return instead


def _pair(value: object, name: str, problems: list[Problem]) -> tuple[Decimal, Decimal]:
    parts = list(value) if isinstance(value, list | tuple) else [value]
    parts += ["0"] * (2 - len(parts))
    first, second = (_read(part, _decimal, Decimal(0), name, problems) for part in parts[:2])
    return first, second
