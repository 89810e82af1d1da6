"""Searching methods by words: those that are called so come first, those whose rule mentions them last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final
from unicodedata import normalize

from tanlu.accounts.files.sectoral_table import category_name
from tanlu.accounts.files.template_content import input_label, method_text
from tanlu.accounts.rulebook.method import Method, methods
from tanlu.accounts.rulebook.method_sets import MethodSet
from tanlu.accounts.rulebook.near_names import named
from tanlu.core.errors import DataError, Problem
from tanlu.core.messages import LANGUAGES, catalogue

MOST: Final = 8
"""Methods that are named in an answer."""


def search_methods(query: str, among: Iterable[Method]) -> list[Method]:
    """Return the methods that hold every word of a query, best first.

    Parameters
    ----------
    query : str
        Words of either language.
    among : iterable of Method

    Notes
    -----
    Each word counts by the nearest text in which it stands: the topic or name begins with it, the topic, id or name has it, the names
    of inputs, categories and gases, rule and limits, the other texts. Indices written small (SF₆) are read as digits.
    """
    words = normalize("NFKC", query).lower().split()
    ranked = []
    for method in among:
        texts = _texts(method)
        ranks = [
            next((n for n, part in enumerate(texts) if any(_stands(word, t, n) for t in part)), None) for word in words
        ]
        if None not in ranks:
            ranked.append((sum(r for r in ranks if r is not None), method.topic, method.id, method))
    return [method for *_, method in sorted(ranked, key=lambda r: r[:3])]


def _stands(word: str, text: str, rank: int) -> bool:
    return text.startswith(word) if rank == 0 else word in text


def _texts(method: Method) -> list[list[str]]:
    """Return the texts of a method in small letters, in the order in which they count."""
    names = [method_text(method, "name", language) for language in LANGUAGES]
    called = [method.topic, method.id, *names]
    inputs = [
        t for i in method.inputs for t in (i.name, *i.options, *(input_label(i.name, lang) for lang in LANGUAGES))
    ]
    codes = {c for o in method.outputs for c in (o.category, *(o.categories.values() if o.by else ())) if c}
    categories = [t for c in sorted(codes) for t in (c, *_category_names(c))]
    gases = [t for g in sorted({o.gas for o in method.outputs}) for t in (g, *_gas_names(g))]
    rules = [method_text(method, part, language) for part in ("rule", "limits") for language in LANGUAGES]
    rest = [method.formula, method.clause, method.source, *method.sets, str(method.tier)]
    parts: list[Sequence[str]] = [called, called, [*inputs, *categories, *gases], rules, rest]
    return [[text.lower() for text in part] for part in parts]


@cache
def _category_names(code: str) -> tuple[str, ...]:
    """Return the names of a category and of those above it in both languages."""
    parts = code.split(".")
    above = (".".join(parts[:n]) for n in range(2, len(parts) + 1))
    return tuple(name for c in above for language in LANGUAGES if (name := category_name(c, language)))


@cache
def _gas_names(gas: str) -> tuple[str, ...]:
    """Return the names of a gas and of its family in both languages."""
    hydro, per = gas.startswith("HFC"), gas.startswith(("CF", "C2F", "C3F", "C4F", "C5F", "C6F", "c-C"))
    families = [f for f, holds in (("HFC", hydro), ("PFC", per)) if holds]
    fluorinated = ["fluorinated"] if families or gas in ("SF6", "NF3") else []
    texts = [catalogue().get(f"gas_name.{g}", {}) for g in (gas, *families, *fluorinated)]
    return (*families, *(name for text in texts for name in text.values()))


def find_method(name: str, method_set: MethodSet) -> Method:
    """Return the method of a topic, id or name in a set, or the only one whose name has the word.

    Raises
    ------
    DataError
        If the set has none or several of that name; near names are told.
    """
    found = method_set.find(name)
    if found is not None:
        return found
    if any(name in (m.id, m.topic) for m in methods().values()):
        raise DataError([Problem("method_not_in_set", "METHOD", value=name, details={"set": method_set.id})])
    word = name.strip().lower()
    called = [m for m in method_set.methods.values() if word and any(word in text for text in _texts(m)[1])]
    if len(called) == 1:
        return called[0]
    some = [m.topic for m in search_methods(name, called or method_set.methods.values())] or method_set.near(name)
    some = some[:MOST]
    shown = named(some, lambda topic, language: method_text(method_set.methods[topic], "name", language))
    code = "several_methods" if called else "method_not_found" if some else "method_unlike_any"
    raise DataError([Problem(code, "METHOD", value=name, details={"set": method_set.id, **shown})])
