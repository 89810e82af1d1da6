"""The plan for readers: its records as lines of a table, and everything about one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from tanlu.charts.format import capital, show, subscript
from tanlu.core.errors import DataError
from tanlu.core.messages import catalogue, translate
from tanlu.core.province import province_folder
from tanlu.core.punctuation import PUNCTUATION
from tanlu.pathways.technologies import Assessment
from tanlu.pathways.technology_file import load_technologies
from tanlu.plan import Action, Mechanism, Named, Placed, Plan, System, Target, Technology, load_plan
from tanlu.portal.service import NotFoundError

KINDS: Final = ("technologies", "targets", "systems", "mechanisms", "actions")
Record = Action | Technology | Target | Mechanism | System


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A record of the plan: what it is called in both languages, where it stands, and the ids of its action."""

    kind: str
    id: str
    zh: str
    en: str
    action: str
    word: str
    section: str

    def name(self, language: str) -> str:
        """Return the name in the given language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact about a record; ``ids`` are the records of the plan that it names."""

    label: str
    text: str = ""
    ids: tuple[str, ...] = ()


@cache
def plan_of(province: str) -> Plan:
    """Return the plan of a province, read once.

    Raises
    ------
    NotFoundError
        If the data of the province are not on this machine.
    """
    try:
        return load_plan(province_folder(province))
    except DataError as error:
        if any(p.code == "no_province" for p in error.problems):
            raise NotFoundError("portal.missing.plan", province) from error
        raise


@cache
def _assessments(province: str) -> Any:
    return load_technologies(province_folder(province))


def records_of(plan: Plan, kind: str) -> Sequence[Record]:
    """Return the records of a kind in the order of the plan.

    Raises
    ------
    NotFoundError
        If there is no such kind.
    """
    groups: dict[str, Sequence[Record]] = {
        "technologies": list(plan.technologies_by_id.values()), "targets": list(plan.targets_by_id.values()),
        "systems": list(plan.systems_by_id.values()), "mechanisms": list(plan.mechanisms_by_id.values()),
        "actions": list(plan.actions_by_id.values()),
    }  # fmt: skip
    if kind not in groups:
        raise NotFoundError("portal.missing.plan_kind", kind)
    return groups[kind]


def line_of(record: Record, language: str) -> PlanLine:
    """Return a record as a line."""
    kind = kind_of(record)
    actions = record.actions if isinstance(record, System) else (getattr(record, "action", ""),)
    word = _characteristic(record, language)
    return PlanLine(
        kind, record.id, record.zh, record.en, " ".join(a for a in actions if a), word, record.section(language)
    )


def _characteristic(record: Record, language: str) -> str:
    """Return the one word that tells records of a kind apart."""
    match record:
        case Technology():
            return _word("level", record.level, language)
        case Target():
            return " · ".join(t for t in (_required(record, language), str(record.deadline)) if t)
        case System():
            return _word("layer", record.layer, language)
        case Mechanism():
            return _word("mechanism", record.kind, language)
        case Action():
            return ""


def kind_of(record: Record) -> str:
    """Return the kind of a record."""
    kinds = {
        Action: "actions",
        Technology: "technologies",
        Target: "targets",
        Mechanism: "mechanisms",
        System: "systems",
    }
    return kinds[type(record)]


def lines(province: str, kind: str, language: str, words: str = "", action: str = "") -> list[PlanLine]:
    """Return the records of a kind whose id or name, in either language, holds all words.

    Raises
    ------
    NotFoundError
        If there is no such kind.
    """
    sought = words.casefold().split()
    found = [line_of(r, language) for r in records_of(plan_of(province), kind)]
    return [
        line
        for line in found
        if (not action or action in (*line.action.split(), line.id))
        and all(w in f"{line.id} {line.zh} {line.en}".casefold() for w in sought)
    ]


def belonging(province: str, record: Record, language: str) -> list[tuple[str, int]]:
    """Return how many records of each other kind belong to an action; nothing for a record that is none."""
    if not isinstance(record, Action):
        return []
    counted = [(kind, len(lines(province, kind, language, action=record.id))) for kind in KINDS if kind != "actions"]
    return [(kind, count) for kind, count in counted if count]


def find(province: str, record_id: str) -> Record:
    """Return a record of the plan.

    Raises
    ------
    NotFoundError
        If the plan has no such record.
    """
    plan = plan_of(province)
    if record_id not in plan:
        raise NotFoundError("portal.missing.plan_record", record_id)
    found = plan[record_id]
    if not isinstance(found, Record):
        raise NotFoundError("portal.missing.plan_record", record_id)
    return found


def name_of(province: str, record_id: str, language: str) -> str:
    """Return id and name of a record."""
    plan = plan_of(province)
    return f"{record_id} {capital(subscript(plan[record_id].name(language)))}" if record_id in plan else record_id


def _word(group: str, value: str, language: str) -> str:
    entry = catalogue().get(f"plan.{group}.{value}")
    return entry[language] if entry else value


_SIGNS: Final = {"<=": "≤", ">=": "≥"}


def _required(target: Target, language: str) -> str:
    return (
        ""
        if target.value is None
        else f"{_SIGNS.get(target.operator, target.operator)} {show(target.value, target.unit, language)}"
    )


def facts(province: str, record: Record, language: str) -> list[Fact]:
    """Return what the plan says about a record, and what this project adds (marked as analysis), in the order of a reader's interest."""
    found = [Fact("source", record.section(language))] if isinstance(record, Placed) else []
    match record:
        case Technology():
            found += _technology(province, record, language)
        case Target():
            found += [
                Fact("action", ids=_one(record.action)), Fact("kind", _word("kind", record.kind, language)),
                Fact("required", _required(record, language)), Fact("deadline", str(record.deadline)),
                Fact("indicator", record.indicator.name(language)), Fact("formula", record.formula),
                Fact("systems", ids=record.systems),
            ]  # fmt: skip
        case System():
            found += [
                Fact("action", ids=record.actions), Fact("layer", _word("layer", record.layer, language)),
                Fact("tier", _word("tier", record.tier, language)), Fact("targets", ids=record.targets),
                Fact("technologies", ids=record.technologies), Fact("mechanisms", ids=record.mechanisms),
                Fact("depends_on", ids=record.depends_on),
            ]  # fmt: skip
        case Mechanism():
            found += [
                Fact("action", ids=_one(record.action)), Fact("kind", _word("mechanism", record.kind, language)),
                Fact("systems", ids=record.systems),
            ]  # fmt: skip
        case Action():
            found += [
                Fact("thrust", record.thrust.name(language)),
                Fact("focus", PUNCTUATION[language].semicolon.join(_names(record.focus, language))),
                Fact("targets", ids=tuple(a.target for a in record.aims if a.target)),
            ]
    return [f for f in found if f.text or f.ids]


def _one(record_id: str) -> tuple[str, ...]:
    return (record_id,) if record_id else ()


def _names(items: Sequence[Named], language: str) -> list[str]:
    return [item.name(language) for item in items]


def _technology(province: str, record: Technology, language: str) -> list[Fact]:
    judged: Assessment = _assessments(province).of(record.id)
    found = [
        Fact("action", ids=_one(record.action)), Fact("level", _word("level", record.level, language)),
        Fact("role", _word("role", record.carbon_role, language)),
        Fact("abates", PUNCTUATION[language].semicolon.join(_word("stream", s, language) for s in record.abates)),
        Fact("same_as", ids=_one(record.same_as)), Fact("systems", ids=record.systems),
    ]  # fmt: skip
    if judged.reason:
        refers = PUNCTUATION[language].semicolon.join(name_of(province, r, language) for r in judged.refers)
        found.append(Fact("no_lever", capital(translate(f"pathways.reason.{judged.reason}", language, refers=refers))))
    if judged.trl is not None:
        grade = translate(f"charts.grade.{judged.grade.value}", language)
        span = PUNCTUATION[language].bracketed(f"{judged.trl_low:g}–{judged.trl_high:g}")
        found.append(Fact("trl", f"{judged.trl:g}{span} · {grade}"))
    if judged.earliest is not None:
        found.append(Fact("earliest", str(judged.earliest)))
    return found


def levers_of(province: str, record: Record, language: str) -> list[tuple[str, str, float]]:
    """Return the levers that a technology moves or enables: id, what it does to which, and the share of the lever's range."""
    if not isinstance(record, Technology):
        return []
    found = _assessments(province)
    judged: Assessment = found.of(record.id)
    return [
        (
            link.lever,
            translate(
                "portal.plan.lever",
                language,
                name=found.levers[link.lever].name(language),
                relation=translate(f"pathways.relation.{link.relation}", language),
            ),
            link.size,
        )
        for link in judged.links
    ]
