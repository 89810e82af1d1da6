"""The glossary: terms in both languages with definition and source, and how they are marked on a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml
from markupsafe import Markup, escape

from tanlu.core.messages import translate

FILE: Final = "glossary.yaml"
MOST_MARKED: Final = 8
"""Terms marked on one page: more would make every sentence a row of buttons."""
OPENING: Final = re.compile(r"[（“《〔(]+\Z")
CLOSING: Final = re.compile(r"[）”》〕，。；：、？！),.;:?!]+")
"""Signs before and after a term that stay on its line: beside a button, browsers break a line where they would not beside a word."""


@dataclass(frozen=True, slots=True)
class Term:
    """A term.

    Parameters
    ----------
    id : str
        Anchor on the page of the glossary.
    zh, en : str
        The term.
    text_zh, text_en : str
        Definition, in words of our own.
    source_zh, source_en : str
        Document and clause that the definition follows.
    forms_zh, forms_en : tuple of str
        Further words under which it stands in texts.
    """

    id: str
    zh: str
    en: str
    text_zh: str
    text_en: str
    source_zh: str
    source_en: str
    forms_zh: tuple[str, ...] = ()
    forms_en: tuple[str, ...] = ()

    def name(self, language: str) -> str:
        """Return the term in a language."""
        return self.zh if language == "zh" else self.en

    def text(self, language: str) -> str:
        """Return the definition in a language."""
        return self.text_zh if language == "zh" else self.text_en

    def source(self, language: str) -> str:
        """Return the source in a language."""
        return self.source_zh if language == "zh" else self.source_en

    def forms(self, language: str) -> tuple[str, ...]:
        """Return the words that stand for the term in texts of a language."""
        return (self.name(language), *(self.forms_zh if language == "zh" else self.forms_en))


@cache
def glossary() -> Mapping[str, Term]:
    """Return all terms by id, in the order of the file."""
    text = (files("tanlu.portal.public") / FILE).read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    made = [_term(row) for row in rows]
    return {term.id: term for term in made}


def _term(row: dict[str, Any]) -> Term:
    values: dict[str, Any] = {k: tuple(v) if k.startswith("forms") else v for k, v in row.items()}
    return Term(**values)


def search(words: str, language: str) -> list[Term]:
    """Return the terms that hold every word in either language, those whose name begins with the query first."""
    parts = words.casefold().split()

    def rank(term: Term) -> tuple[int, bytes]:
        names = [form.casefold() for x in ("zh", "en") for form in term.forms(x)]
        whole = " ".join(parts)
        place = 0 if whole in names else 1 if any(n.startswith(whole) for n in names) else 2
        return (place if parts else 0, _in_order(term.name(language)))

    def holds(term: Term) -> bool:
        hay = " ".join((*term.forms("zh"), *term.forms("en"), term.text_zh, term.text_en)).casefold()
        return all(part in hay for part in parts)

    return sorted(filter(holds, glossary().values()), key=rank)


def _in_order(name: str) -> bytes:
    """Return the key by which names stand in alphabetical order; GB 2312 has its common characters in the order of pinyin."""
    return name.casefold().encode("gb18030")


@cache
def _pattern(language: str) -> re.Pattern[str]:
    """Return the expression that finds words of the glossary in a text, the longest first."""
    words = sorted(_ids(language), key=lambda w: (-len(w), w))
    joined = "|".join(map(re.escape, words))
    return re.compile(joined if language == "zh" else rf"(?<![\w-])(?:{joined})(?![\w-])", re.IGNORECASE)


@cache
def _ids(language: str) -> dict[str, str]:
    return {form.casefold(): term.id for term in glossary().values() for form in term.forms(language)}


class TermMarker:
    """Marks the terms of one page: the first time that a term stands there, it opens to its definition.

    Parameters
    ----------
    language : str
        Language of the page.
    address : str
        Page of the glossary in that language.
    """

    def __init__(self, language: str, address: str) -> None:
        self.language, self.address = language, address
        self._seen: set[str] = set()

    def term(self, name: str, text: str = "") -> Markup:
        """Return a term by its id, as `text` or under its own name.

        Raises
        ------
        KeyError
            If the glossary has no such term: a fault of the template.
        """
        term = glossary()[name]
        shown = text or term.name(self.language)
        if name in self._seen or len(self._seen) >= MOST_MARKED:
            return escape(shown)
        self._seen.add(name)
        return self._marked(term, shown)

    def text(self, text: str) -> Markup:
        """Return plain text with the terms in it that have not been marked on this page yet."""
        parts, end = [], 0
        for match in _pattern(self.language).finditer(text):
            term = glossary()[_ids(self.language)[match.group().casefold()]]
            if term.id in self._seen or len(self._seen) >= MOST_MARKED:
                continue
            self._seen.add(term.id)
            opening, closing = OPENING.search(text, end, match.start()), CLOSING.match(text, match.end())
            start = opening.start() if opening else match.start()
            marked = self._marked(term, match.group())
            if opening or closing:
                before, after = text[start : match.start()], closing.group() if closing else ""
                marked = Markup('<span class="one">{}{}{}</span>').format(before, marked, after)
            parts += [escape(text[end:start]), marked]
            end = closing.end() if closing else match.end()
        return Markup("").join([*parts, escape(text[end:])])

    def _marked(self, term: Term, shown: str) -> Markup:
        """Return a word as a button that opens its definition; the browser does it, no script is needed."""
        more = f"{self.address}#{term.id}"
        return Markup(
            '<dfn class="term"><button type="button" popovertarget="term-{id}">{shown}</button></dfn>'
            '<span class="term-note" id="term-{id}" popover><strong>{name}</strong> {text} <a href="{more}">{link}</a></span>'
        ).format(
            id=term.id, shown=shown, name=term.name(self.language), text=term.text(self.language), more=more,
            link=translate("portal.glossary.more", self.language),
        )  # fmt: skip
