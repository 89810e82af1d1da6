"""The form of an application, step by step: each step is saved, faults of a step are told at once, and the form can be taken up later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.portal.programme.drafting import add_files, faults_of, files_of_draft, hand_in, require_open
from tanlu.portal.programme.naming import APART, labels_of, naming_desks, read_named
from tanlu.portal.programme.view import bound, names, plain, technologies
from tanlu.portal.session.desks import Ask, Desk, money
from tanlu.portal.session.forms import Posted
from tanlu.portal.session.wording import wording
from tanlu.programme.cycle import ApplicationDraft, Call
from tanlu.programme.cycle.acting import find
from tanlu.programme.cycle.applying import begin_draft, find_draft, save_step
from tanlu.programme.cycle.calls import terms_of
from tanlu.programme.cycle.eligibility import largest_indirect
from tanlu.programme.cycle.forms import BUDGET_CODES, STEPS, form_from
from tanlu.records import Affiliation, RefusedError, local_day

REVIEW: Final = "check"
"""The last page of the form: everything at a glance, and handing in."""
TRL: Final = tuple(range(1, 12))
EXCLUDABLE: Final = 3
"""Fields for experts to exclude; how many may be named is checked by the rules."""
LABELS: Final = {
    "zh": "portal.field.zh", "summary": "portal.apply.summary", "months": "portal.application.months", "lead_id": "portal.project.lead",
    "pi_id": "portal.application.pi", "budget": "portal.apply.step.budget", "technologies": "portal.apply.step.technologies",
}  # fmt: skip
"""What fields of the form are called on its steps."""


def wizard_desks() -> list[Desk]:
    """Return this page."""
    acts = {"begin": _begin, "save": _save, "attach": _attach, "detach": _detach, "submit": _submit}
    return [Desk("/programme/apply", show_wizard, acts, right="application.write"), *naming_desks()]


def show_wizard(ask: Ask) -> Response:
    """A step of the form; without a form, the units for which one can be begun."""
    if not ask.query("draft"):
        return _show_begin(ask)
    draft = find_draft(ask.records, ask.principal, ask.query("draft"))
    step = ask.query("step") if ask.query("step") in (*STEPS, REVIEW) else STEPS[0]
    with ask.records.database.read() as session:
        call = find(session, Call, draft.call_id)
        terms = terms_of(session, call)
        people = _colleagues(session, draft.organisation_id)
        team = draft.steps.get("team", {})
        units = {draft.organisation_id, *map(str, team.get("partners", ()))}
        known = names(session, ask, units, people | {str(team.get("pi_id", ""))})
        excluded = set(map(str, team.get("excluded", ())))
        labels = labels_of(session, ask, set(map(str, team.get("partners", ()))), excluded) if step == "team" else {}
        ceiling = _ceiling(session, ask, draft)
    faults, outcomes = faults_of(ask.records, ask.principal, draft)
    begun, faulty = _begun(draft), {_step_of(p) for p in faults}
    # the rules look at promises only when the form can be read
    needed = faulty | ({"targets"} if any(t.hard for t in terms.targets) else set())
    known_technologies = technologies(ask)
    return ask.page(
        "programme_apply.html", draft=draft, step=step, steps=(*STEPS, REVIEW), call=call, terms=terms, known=known,
        colleagues=sorted(people),
        here=draft.steps.get(step, {}),
        faults=[_said(ask, p) for p in faults if step in (REVIEW, _step_of(p)) and _step_of(p) in {*begun, REVIEW}],
        faulty=faulty, missing=[s for s in STEPS if s in needed - begun], outcomes=outcomes,
        budget_codes=BUDGET_CODES, ceiling=ceiling, trl=TRL,
        technology_names={k: known_technologies.get(k, k) for k in terms.technologies}, done=begun, plain=plain, bound=bound,
        labels=labels, apart=APART, excludable=EXCLUDABLE,
    )  # fmt: skip


def _begun(draft: ApplicationDraft) -> set[str]:
    """Return the steps that were saved; the unit that leads stands in its step before anybody opened that."""
    return {step for step, content in draft.steps.items() if set(content) != {"lead_id"}}


def _show_begin(ask: Ask) -> Response:
    units = sorted({unit for grant in ask.principal.grants if grant.role == "unit" for unit in grant.units})
    with ask.records.database.read() as session:
        calls = list(session.execute(select(Call).where(Call.state == "published").order_by(Call.number)).scalars())
        known = names(session, ask, set(units))
    return ask.page("programme_apply_begin.html", units=units, known=known, calls=calls, chosen=ask.query("call"))


def _colleagues(session: Session, organisation_id: str) -> set[str]:
    """Return the people of a unit."""
    statement = select(Affiliation.person_id).where(
        Affiliation.organisation_id == organisation_id, Affiliation.valid_to.is_(None)
    )
    return set(session.execute(statement).scalars())


def _ceiling(session: Session, ask: Ask, draft: ApplicationDraft) -> str:
    """Return the largest indirect cost for the budget as it stands [yuan], empty before there is one that can be read."""
    try:
        form = form_from({**_BLANK, "budget": draft.steps.get("budget", {})})
    except RefusedError:
        return ""
    return money(largest_indirect(session, dict(form.budget), local_day(ask.records.database.clock())))


_BLANK: Final[Mapping[str, Any]] = {
    "basics": {"zh": "-", "en": "-", "summary": "-", "months": 1},
    "team": {"lead_id": "-", "pi_id": "-"},
    "technologies": {"-": ["1", "1"]},
}
"""A form in which only the budget can be wrong."""


def _step_of(problem: Problem) -> str:
    """Return the step of the form in which a fault stands."""
    first = problem.field.partition(".")[0]
    fields = {"zh": "basics", "en": "basics", "summary": "basics", "months": "basics", "lead_id": "team", "pi_id": "team",
              "partners": "team", "people": "team", "excluded": "team"}  # fmt: skip
    return fields.get(first, first if first in STEPS else REVIEW)


def _said(ask: Ask, problem: Problem) -> str:
    """Return what a fault says; what is missing is called as on its step."""
    label = LABELS.get(problem.field)
    if problem.code == "empty" and label:
        step = ask.text(f"portal.apply.step.{_step_of(problem)}")
        return ask.text("portal.apply.empty", step=step, field=ask.text(label))
    return wording(problem, ask.language, "/programme/apply")


def _begin(ask: Ask, form: Posted) -> str:
    unit, call_id = form.needed("organisation_id"), form.needed("call_id")
    form.check()
    draft = begin_draft(ask.records, ask.principal, call_id, unit)
    return f"/programme/apply?draft={draft.id}&step={STEPS[0]}"


def _save(ask: Ask, form: Posted) -> str:
    """Save a step and go on to the next; what is wrong in it is told on the step itself."""
    draft_id, step = ask.query("draft"), ask.query("step") or STEPS[0]
    reader = _READERS.get(step)
    if reader is None:
        raise RefusedError(
            Problem(
                "unknown_choice",
                "application",
                field="step",
                value=step,
                details={"refers_to": "steps", "some": ", ".join(_READERS)},
            )
        )
    version = form.whole("version")
    form.check()
    content = reader(form)
    if step == "team":
        content = read_named(ask, content)
    draft = save_step(ask.records, ask.principal, draft_id, step, content, version)
    faulty = {_step_of(p) for p in faults_of(ask.records, ask.principal, draft)[0]}
    following = step if step in faulty and form.text("go") != "leave" else (*STEPS, REVIEW)[STEPS.index(step) + 1]
    return f"/programme/apply?draft={draft_id}&step={following}&saved={step}"


def _basics(form: Posted) -> dict[str, Any]:
    return {name: form.text(name) for name in ("zh", "en", "summary", "months")}


def _team(form: Posted) -> dict[str, Any]:
    return {
        "pi_id": form.text("pi_id"), "people": form.all("people"), "partners": _lines(form, "partners"),
        "excluded": _lines(form, "excluded"),
    }  # fmt: skip


def _lines(form: Posted, name: str) -> list[str]:
    """Return what was typed into the fields of a name, without those that stayed empty."""
    return [text for text in (" ".join(line.split()) for line in form.all(name)) if text]


def _technologies(form: Posted) -> dict[str, Any]:
    return {key: [form.text(f"start.{key}"), form.text(f"end.{key}")] for key in form.all("technology")}


def _targets(form: Posted) -> dict[str, Any]:
    return {name.partition(".")[2]: form.text(name) for name in form.fields if name.startswith("promised.")}


def _budget(form: Posted) -> dict[str, Any]:
    def amount(name: str) -> str:
        return form.text(name).replace(",", "") or "0"

    return {code: [amount(f"grant.{code}"), amount(f"own.{code}")] for code in BUDGET_CODES}


def _declarations(form: Posted) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if form.text("asks_gate"):
        found["accepts_gate"] = form.text("accepts_gate") == "yes"
    if "holding_percent" in form.fields:
        percent = form.text("holding_percent") or "0"
        found["holding_percent"] = int(percent) if percent.isdecimal() else percent
    for name in form.fields:
        if name.startswith("fact."):
            value = form.text(name)
            found[name.partition(".")[2]] = int(value) if value.lstrip("-").isdecimal() else value
    return found


_READERS: Final[Mapping[str, Callable[[Posted], dict[str, Any]]]] = {
    "basics": _basics, "team": _team, "technologies": _technologies, "targets": _targets, "budget": _budget,
    "declarations": _declarations,
}  # fmt: skip


def _attach(ask: Ask, form: Posted) -> str:
    """Take files into the store and note them in the form; they count when it is handed in."""
    draft = find_draft(ask.records, ask.principal, ask.query("draft"))
    require_open(draft)
    stored = form.store(ask.records.evidence)
    if not stored:
        raise RefusedError(Problem("upload_none", "–"))
    version = form.whole("version")
    form.check()
    add_files(ask.records, ask.principal, draft, stored, version)
    return f"/programme/apply?draft={draft.id}&step=attachments&saved=attachments"


def _detach(ask: Ask, form: Posted) -> str:
    draft = find_draft(ask.records, ask.principal, ask.query("draft"))
    kept = [f for n, f in enumerate(files_of_draft(draft)) if str(n) != form.text("number")]
    version = form.whole("version")
    form.check()
    save_step(ask.records, ask.principal, draft.id, "attachments", {"files": kept}, version)
    return f"/programme/apply?draft={draft.id}&step=attachments"


def _submit(ask: Ask, form: Posted) -> str:
    draft = find_draft(ask.records, ask.principal, ask.query("draft"))
    if draft.application_id is not None:
        # the form was sent twice: the first one counts
        return f"/programme/application?handed_in=1&id={draft.application_id}"
    made = hand_in(ask.records, ask.principal, draft)
    return f"/programme/application?handed_in=1&id={made.id}"
