"""Questions to the catalogue of methods: sets, methods of a set by sector, one method with its inputs and templates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from tanlu.accounts.files.template import template_csv, template_workbook
from tanlu.accounts.files.template_content import MethodContent, method_text
from tanlu.accounts.files.template_layout import units_of
from tanlu.accounts.rulebook.method import Input, Method
from tanlu.accounts.rulebook.method_sets import MethodSet, method_sets
from tanlu.accounts.rulebook.resolver import Match
from tanlu.core.library import load_library
from tanlu.core.messages import LANGUAGES
from tanlu.portal.library.factors import set_of
from tanlu.portal.service import NotFoundError

SECTORS: Final = ("1", "2", "3", "4", "5", "memo")
"""Sectors of the guideline's table, and what stands outside it."""
SECTOR_COLUMNS: Final = (
    "method_set", "sector", "id", "topic", "name_zh", "name_en", "tier", "gases", "categories", "source", "clause", "formula", "version",
    "hash",
)  # fmt: skip
MOST_METHODS: Final = 60
"""Methods in one template."""


@dataclass(frozen=True, slots=True)
class SetLine:
    """A method set with the number of its methods; an incomplete one refuses to compute."""

    id: str
    zh: str
    en: str
    scope: str
    status: str
    gwp: str
    methods: int
    factor_sets: str
    fallback: str
    limits_zh: str
    limits_en: str

    def name(self, language: str) -> str:
        """Return the title."""
        return self.zh if language == "zh" else self.en

    def limits(self, language: str) -> str:
        """Return what a user must know before trusting it."""
        return self.limits_zh if language == "zh" else self.limits_en

    @property
    def refuses(self) -> bool:
        """Whether it cannot be computed with."""
        return self.status == "incomplete"


@dataclass(frozen=True, slots=True)
class MethodLine:
    """A method of a set as a row."""

    method_set: str
    sector: str
    id: str
    topic: str
    name_zh: str
    name_en: str
    tier: str
    gases: str
    categories: str
    source: str
    clause: str
    formula: str
    version: str
    hash: str

    def name(self, language: str) -> str:
        """Return the name."""
        return self.name_zh if language == "zh" else self.name_en


@dataclass(frozen=True, slots=True)
class InputLine:
    """An input of a method: units, plausible range, and where the value comes from if the user gives none."""

    input: Input
    units: tuple[str, ...]
    match: Match | None


def set_lines() -> list[SetLine]:
    """Return all method sets."""
    return [
        SetLine(
            s.id, s.zh, s.en, s.scope, s.status, s.gwp, len(s.methods), " ".join(s.factor_sets), " ".join(s.fallback), s.limits_zh,
            s.limits_en,
        )
        for s in method_sets().values()
    ]  # fmt: skip


def categories_of(method: Method) -> list[str]:
    """Return the categories that a method gives, in the order of its outputs."""
    found = (c for o in method.outputs for c in (o.categories.values() if o.by else (o.category,)))
    return list(dict.fromkeys(found))


def sector_of(method: Method) -> str:
    """Return the sector of the first category of a method."""
    first = categories_of(method)[0].partition(".")[0]
    return first if first in SECTORS else "memo"


def method_lines(method_set: str) -> list[MethodLine]:
    """Return the methods of a set by sector.

    Raises
    ------
    NotFoundError
        If there is no such set.
    """
    rules = set_of(method_set)
    lines = [_line(rules, m) for m in rules.methods.values()]
    return sorted(lines, key=lambda x: (SECTORS.index(x.sector), x.categories, x.topic))


def _line(rules: MethodSet, m: Method) -> MethodLine:
    names = [method_text(m, "name", lang) for lang in LANGUAGES]
    gases = " ".join(dict.fromkeys(o.gas for o in m.outputs))
    return MethodLine(
        rules.id, sector_of(m), m.id, m.topic, names[0], names[1], m.tier, gases, " ".join(categories_of(m)), m.source, m.clause,
        m.formula, m.version, m.hash,
    )  # fmt: skip


def content_of(method: Method, method_set: MethodSet) -> MethodContent:
    """Return what templates and pages say of a method in a set, for this year and no place in particular."""
    return MethodContent(method, method_set, load_library(), datetime.now(UTC).year)


def input_lines(method: Method, method_set: MethodSet) -> list[InputLine]:
    """Return the inputs of a method in the order of its declaration, with the factor that would be taken in the example."""
    defaults = content_of(method, method_set).defaults
    return [InputLine(i, () if i.kind == "choice" else tuple(units_of(i)), defaults.get(i.name)) for i in method.inputs]


def template(method_set: str, names: tuple[str, ...], form: str) -> bytes:
    """Return a template for methods of a set: a workbook with a sheet for each, or a CSV table of the first.

    Parameters
    ----------
    method_set : str
    names : tuple of str
        Topics or ids; all methods of the set if empty.
    form : {"xlsx", "csv"}

    Raises
    ------
    NotFoundError
        If the set or a method is unknown, or the set is incomplete.
    """
    rules = set_of(method_set)
    if rules.status == "incomplete":
        raise NotFoundError("portal.missing.complete_set", method_set)
    found = [rules.find(n) for n in names] if names else list(rules.methods.values())
    for name, method in zip(names, found, strict=False):
        if method is None:
            raise NotFoundError("portal.missing.account_method", name)
    return _template(rules.id, tuple(m.id for m in found if m is not None)[:MOST_METHODS], form)


@lru_cache(maxsize=32)
def _template(method_set: str, ids: tuple[str, ...], form: str) -> bytes:
    rules = set_of(method_set)
    contents = [content_of(m, rules) for m in (rules.find(i) for i in ids) if m is not None]
    if form == "xlsx":
        return template_workbook(contents)
    return ("\ufeff" + template_csv(contents[0])).encode()
