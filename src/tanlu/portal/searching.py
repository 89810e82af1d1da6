"""Search over everything that the portal shows: pages, prefectures, plan, projects, scenarios, levers, methods, terms, sources."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from tanlu.accounts.files.template_content import method_text
from tanlu.accounts.rulebook.method import methods
from tanlu.charts.emissions import scenario_name
from tanlu.charts.results import Results
from tanlu.core.messages import LANGUAGES, catalogue, translate
from tanlu.portal.plan.records import KINDS, plan_of, records_of
from tanlu.portal.public.glossary import glossary

ORDER: Final = ("page", "prefecture", *KINDS, "project", "scenario", "lever", "term", "method", "source")
"""Kinds of what is found, in the order in which equals stand."""
MOST_WORDS: Final = 8
_START_OF_WORD: Final = r"(?<![a-z0-9])"
_ID, _WHOLE, _START, _NAME, _TEXT = 100.0, 40.0, 12.0, 6.0, 1.0
"""What it counts that the query is the id, the whole name, the start of the name; that a word stands in the name, in the text."""


_TITLES: Final = {"/me": "portal.me.title", "/login": "portal.login.title"}
"""Names of pages that the navigation does not show."""
_FIELD: Final = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that can be found.

    Parameters
    ----------
    kind : str
        One of `ORDER`.
    id, zh, en : str
    text : str
        Further words under which it is found, in both languages.
    path, query : str
        Page of the portal, and what its address asks for.
    group : str
        Of a page: its group in the navigation.
    also : frozenset of str
        Words that are as good as its name, in normal form.
    """

    kind: str
    id: str
    zh: str
    en: str
    text: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    group: str = ""
    also: frozenset[str] = frozenset()

    def name(self, language: str) -> str:
        """Return the name in the given language."""
        return self.zh if language == "zh" else self.en


def normal(text: str) -> str:
    """Return text as it is compared: full and half width, large and small letters, and indices of gases are the same."""
    return unicodedata.normalize("NFKC", text).casefold()


def find(entries: Iterable[Entry], query: str) -> list[Entry]:
    """Return the entries that hold every word of a query in id, names or text, the best first.

    Words are what spaces part. Latin words are looked for at the start of words and, if nothing has them, inside them; a Chinese query of
    one word as it stands and, if nothing has it, by its pairs of characters.
    """
    words = normal(query).split()[:MOST_WORDS]
    if not words:
        return []
    entries = list(entries)
    found = _ranked(entries, words, at_start=True) or _ranked(entries, words)
    if not found and len(words) == 1 and len(words[0]) > 2 and words[0][0] >= "\u2e80":
        pairs = [words[0][i : i + 2] for i in range(len(words[0]) - 1)]
        found = _ranked(entries, pairs[:MOST_WORDS])
    return found


def _ranked(entries: Iterable[Entry], words: list[str], *, at_start: bool = False) -> list[Entry]:
    sought = [
        re.compile((_START_OF_WORD if at_start and word[0].isascii() else "") + re.escape(word)) for word in words
    ]
    whole = " ".join(words)
    scored = [(score, e) for e in entries if (score := _score(e, whole, sought)) > 0]
    scored.sort(key=lambda pair: (-pair[0], ORDER.index(pair[1].kind), len(pair[1].zh), pair[1].id))
    return [e for _, e in scored]


def _score(entry: Entry, whole: str, sought: list[re.Pattern[str]]) -> float:
    names = [normal(entry.zh), normal(entry.en)]
    text = normal(entry.text)
    score = _ID if normal(entry.id) == whole else 0.0
    score += _WHOLE if whole in names else _START if any(n.startswith(whole) for n in names) else 0.0
    for word in sought:
        if any(word.search(n) for n in names) or any(word.fullmatch(known) for known in entry.also):
            score += _NAME
        elif word.search(text) or word.search(normal(entry.id)):
            score += _TEXT
        else:
            return 0.0
    return score


def _message(key: str) -> dict[str, str]:
    return catalogue().get(key, dict.fromkeys(LANGUAGES, ""))


@lru_cache(maxsize=8)
def page_entries(pages: tuple[str, ...], group_of: Callable[[str], str]) -> tuple[Entry, ...]:
    """Return pages, found by their names, their first paragraph and further words."""
    made = []
    for page in pages:
        key = page.strip("/") or "overview"
        name, lead = _message(_TITLES.get(page, f"portal.nav.{key}")), _message(f"portal.{key}.lead")
        also = _message(f"portal.search.also.{key}")
        text = _FIELD.sub("", " ".join((*lead.values(), *also.values())))
        words = frozenset(normal(" ".join(also.values())).split())
        made.append(Entry("page", page, name["zh"], name["en"], text, page, group=group_of(page), also=words))
    return tuple(made)


@lru_cache(maxsize=4)
def plan_entries(province: str) -> tuple[Entry, ...]:
    """Return the records of a province's plan."""
    plan = plan_of(province)
    return tuple(
        Entry(kind, r.id, r.zh, r.en, getattr(r, "note", ""), "/plan", (("id", r.id),))
        for kind in KINDS
        for r in records_of(plan, kind)
    )


@lru_cache(maxsize=1)
def method_entries() -> tuple[Entry, ...]:
    """Return the methods of the rulebooks."""
    return tuple(
        Entry(
            "method",
            m.id,
            method_text(m, "name", "zh"),
            method_text(m, "name", "en"),
            f"{m.topic} {m.formula} {m.clause}",
            "/method",
            (("id", m.id),),
        )
        for m in methods().values()
    )


@lru_cache(maxsize=1)
def term_entries() -> tuple[Entry, ...]:
    """Return the terms of the glossary."""
    return tuple(
        Entry("term", t.id, t.zh, t.en, " ".join((*t.forms("zh"), *t.forms("en"), t.text_zh, t.text_en)), "/glossary", (("q", t.zh),))
        for t in glossary().values()
    )  # fmt: skip


def run_entries(results: Results) -> Iterator[Entry]:
    """Yield prefectures, scenarios, levers and sources of a run."""
    for region, (zh, en) in {r.region: (r.zh, r.en) for r in results.prefectures}.items():
        yield Entry("prefecture", region, zh, en, "", "/reports", (("region", region),))
    for name in results.scenarios:
        yield Entry(
            "scenario",
            name,
            scenario_name(name, "zh"),
            scenario_name(name, "en"),
            "",
            "/scenarios",
            (("scenario", name),),
        )
    for lever in results.levers:
        key = lever.id if lever.id in results.lineage.nodes else f"lever:{lever.id}"
        yield Entry("lever", lever.id, lever.name_zh, lever.name_en, lever.action, "/number", (("id", key),))
    for s in results.sources:
        text = f"{s.publisher_zh} {s.publisher_en} {s.note_zh} {s.note_en}"
        yield Entry("source", s.id, s.title_zh, s.title_en, text, "/number", (("id", f"source:{s.id}"),))


def kind_name(kind: str, language: str) -> str:
    """Return the name of a kind."""
    return translate(f"portal.search.kind.{kind}", language)
