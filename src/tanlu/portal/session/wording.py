"""What a refused form says: its fields are called as on the page, not as programs call them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tanlu.core.errors import Problem
from tanlu.core.messages import catalogue, translate
from tanlu.core.punctuation import PUNCTUATION

SHARED: Final = "field"
"""Labels that several pages share."""
LABELS: Final[Mapping[str, tuple[str, ...]]] = {
    "/programme/call/edit": ("call", "target"), "/programme/apply": ("application", "apply", "project"),
    "/programme/application": ("application",), "/programme/project": ("project", "change", "decide"),
    "/programme/review": ("review",), "/programme/assign": ("assign", "conflict"), "/programme/decisions": ("decide",),
    "/programme/choice": ("choice",), "/programme/race": ("race", "decide"), "/programme/dispatch": ("dispatch", "task"),
    "/programme/experts": ("expert", "organisation", "conflict"), "/programme/notices": ("notice",),
    "/registry": ("registry", "organisation"), "/registry/entry": ("registry", "organisation"),
    "/assessment/filings": ("filing", "registry", "project", "organisation"),
    "/assessment/investments": ("investment", "organisation", "project"), "/assessment/scores": ("score",),
    "/admin/people": ("people", "organisation"), "/admin/organisations": ("organisation",), "/admin/rule": ("rules",),
    "/admin/webhooks": ("webhooks",), "/me": ("me", "login"),
}  # fmt: skip
"""Where the labels of the fields of a page stand in the catalogue."""
NAMED_INSIDE: Final = frozenset({"guard_fails", "no_record"})
"""Faults that name what they are about themselves."""


def wording(problem: Problem, language: str, page: str = "") -> str:
    """Return what a fault says to somebody at a page; that of a row of a file keeps its place there.

    Parameters
    ----------
    problem : Problem
    language : str
    page : str
        Path of the page with the form.
    """
    if problem.code == "token_lacks":
        named = right_name(problem.field, language) + PUNCTUATION[language].bracketed(problem.field)
        return f"{translate('problem.token_lacks', language, field=named)} → {translate('mend.token_lacks', language)}"
    if problem.row is not None or "." in problem.file:
        return problem.text(language)
    record = problem.as_record(language)
    said = f"{record['problem']} → {record['mend']}"
    if not problem.field or problem.code in NAMED_INSIDE:
        return said
    label = _label(problem.field, language, page)
    return f"{label}{translate('plan.colon', language)}{said}" if label else problem.text(language)


def _label(field: str, language: str, page: str) -> str:
    """Return what a page calls a field; empty if it has no label of that name."""
    known = catalogue()
    for room in (*LABELS.get(page, ()), SHARED):
        found = known.get(f"portal.{room}.{field}")
        if found is not None and "{" not in found[language]:
            return found[language]
    return ""


def right_name(action: str, language: str) -> str:
    """Return what a right allows, in words; an action of an older or a newer version speaks for itself."""
    found = catalogue().get(f"right.{action}")
    return found[language] if found else action
