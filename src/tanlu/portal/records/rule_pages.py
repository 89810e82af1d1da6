"""The rule book: every pack in force with its source and whether somebody has compared it, and new versions approved by a second person."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import yaml
from fastapi import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.core.messages import translate
from tanlu.core.units import unit_label
from tanlu.portal.records.rulebook import in_force, known_packs, require_known
from tanlu.portal.records.view import people_names
from tanlu.portal.session.desks import Act, Ask, Desk
from tanlu.portal.session.forms import Posted
from tanlu.records import RefusedError, RulePack, RulePackVersion, local_day, pack_on
from tanlu.records.rulemaking import draft_rules, move_rules, revise_rules, rule_workflow
from tanlu.records.rules import Predicate, versions_of

LONGEST: Final = 100_000


def rule_desks() -> list[Desk]:
    """Return these pages."""
    acts: dict[str, Act] = {"draft": _draft, "revise": _revise, "move": _move}
    return [
        Desk("/admin/rules", show_rules, public=True),
        Desk("/admin/rule", show_rule, acts, public=True),
    ]


def show_rules(ask: Ask) -> Response:
    """Every pack in force today, and versions that wait for somebody."""
    with ask.records.database.read() as session:
        packs = in_force(session, ask.records)
        waiting: dict[str, list[RulePackVersion]] = {}
        if ask.may("rules.edit"):
            statement = select(RulePackVersion).where(RulePackVersion.state.in_(("draft", "submitted")))
            for version in session.execute(statement.order_by(RulePackVersion.version)).scalars():
                waiting.setdefault(version.pack, []).append(version)
    return ask.page(
        "records_rules.html", packs=packs, waiting=waiting, unverified=sum(p.status != "verified" for p in packs)
    )


def show_rule(ask: Ask) -> Response:
    """A pack in force with its conditions, its versions, and the form of a new one."""
    pack_id, day = ask.query("id"), local_day(ask.records.database.clock())
    if pack_id not in known_packs():
        raise RefusedError(Problem("no_record", "rules", field="id", value=pack_id[:40]))
    with ask.records.database.read() as session:
        pack = pack_on(session, known_packs(), pack_id, day)
        versions = versions_of(session, pack_id) if ask.may("rules.edit") or ask.may("log.read") else []
        opened = _opened(session, ask, pack_id)
        names = people_names(session, {v.created_by for v in versions}, ask.language)
    graph = rule_workflow()
    steps = {
        v.id: [s for s in graph.transitions.values() if v.state in s.sources and ask.may(s.right)] for v in versions
    }
    return ask.page(
        "records_rule.html", pack=pack, versions=versions, names=names, steps=steps, graph=graph, opened=opened,
        written=_written(opened.content if opened else pack.content()), tests=_tests(pack, ask.language),
    )  # fmt: skip


def _opened(session: Session, ask: Ask, pack_id: str) -> RulePackVersion | None:
    """Return the draft that is being written, None for a new version."""
    found = (
        session.get(RulePackVersion, ask.query("version")) if ask.query("version") and ask.may("rules.edit") else None
    )
    return found if found is not None and found.pack == pack_id and found.state == "draft" else None


def _written(content: dict[str, Any]) -> str:
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)


def _tests(pack: RulePack, language: str) -> list[tuple[Any, str, str]]:
    """Return each condition with its test in words, and the facts that it looks at by their names in the file."""
    return [(p, _told(p, language), _facts(p.parameters)) for p in pack.predicates]


def _told(condition: Predicate, language: str) -> str:
    """Return the test of a condition in words; what a share is of has a unit, the share itself has none."""
    parameters = condition.parameters
    if condition.test.startswith("ratio") and "value" in parameters:
        told = {"value": _share(parameters["value"])}
    else:
        told = {"value": _limit(parameters.get("value", ""), condition.unit, language)}
    between = translate("plan.separator", language)
    steps = parameters.get("tiers", parameters.get("steps", ()))
    told["values"] = between.join(str(v) for v in parameters.get("values", ()))
    told["steps"] = between.join(_step(s, condition.unit, language) for s in steps)
    return translate(f"portal.rules.test.{condition.test}", language, **told)


def _step(step: Mapping[str, Any], unit: str, language: str) -> str:
    """Return a share and the size up to which it holds."""
    share = _share(step["value"])
    if "up_to" not in step:
        return translate("portal.rules.step_above", language, share=share)
    return translate("portal.rules.step", language, share=share, limit=_limit(step["up_to"], unit, language))


def _limit(value: object, unit: str, language: str) -> str:
    """Return a number with separators of thousands and its unit, anything else as it is written."""
    if not isinstance(value, int | float):
        return str(value)
    shown = f"{Decimal(str(value)):,f}"
    return f"{shown}%" if unit == "%" else f"{shown} {unit_label(unit, language)}".rstrip()


def _share(value: object) -> str:
    return f"{(100 * Decimal(str(value))).normalize():f}%"


def _facts(parameters: Mapping[str, Any]) -> str:
    """Return the names of the facts that a test looks at."""
    if "numerator" in parameters:
        ratio = f"{parameters['numerator']} / {parameters['denominator']}"
        return f"{ratio}, {parameters['by']}" if "by" in parameters else ratio
    return ", ".join(str(parameters[key]) for key in ("field", "base") if key in parameters)


def _content(form: Posted) -> dict[str, Any]:
    """Return the pack that was typed."""
    text = form.needed("content")
    form.check()
    if len(text) > LONGEST:
        details = {"longest": LONGEST, "length": len(text)}
        raise RefusedError(Problem("too_long", "rules", field="content", value=text[:20], details=details))
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = f"{getattr(error, 'problem', '') or 'YAML'} ({mark.line + 1})" if mark else "YAML"
        raise RefusedError(Problem("rules_text", "rules", field="content", details={"reason": reason})) from None
    if not isinstance(found, dict):
        raise RefusedError(Problem("not_key_values", "rules", field="content", value=text[:40]))
    return found


def _there(ask: Ask) -> str:
    return f"/admin/rule?id={ask.query('id')}"


def _draft(ask: Ask, form: Posted) -> str:
    content = _content(form)
    require_known(ask.records, ask.principal, content)
    draft_rules(ask.records.database, ask.records.rights, ask.principal, content)
    return f"/admin/rule?id={content['id']}"


def _revise(ask: Ask, form: Posted) -> str:
    revise_rules(ask.records.database, ask.records.rights, ask.principal, form.needed("version"), _content(form))
    return _there(ask)


def _move(ask: Ask, form: Posted) -> str:
    version, step = form.needed("version"), form.needed("step")
    form.check()
    move_rules(ask.records.database, ask.records.rights, ask.principal, version, step, reason=form.text("reason"))
    return _there(ask)
