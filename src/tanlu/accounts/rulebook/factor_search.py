"""Searching the factor library by words, year, place and set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from tanlu.core.factors import Factor
from tanlu.core.library import Library
from tanlu.core.messages import LANGUAGES, catalogue, translate

SELDOM: Final = 3
"""Rank of a factor in whose names a word does not stand at all, but in its source or id."""


def search_factors(
    library: Library, query: str = "", *, year: int | None = None, region: str = "", factor_sets: Sequence[str] = ()
) -> list[Factor]:
    """Return the factors whose texts hold every word of a query, those that are called so first, then by id.

    Parameters
    ----------
    library : Library
    query : str
        Words of either language: of id, set, parameter, subject, gas, region, source.
    year : int, optional
        Only factors valid in the year.
    region : str
        Only factors that hold there: of the place itself and of the wider areas in which it lies.
    factor_sets : sequence of str
        Only factors of these sets.
    """
    words = query.lower().split()
    areas = set(library.chain(region)) if region else set()
    found = [
        factor
        for factor in library.factors.values()
        if (not factor_sets or factor.set in factor_sets)
        and (year is None or factor.holds_in(year))
        and (not region or factor.region in areas)
        and all(word in factor_text(library, factor) for word in words)
    ]
    return sorted(found, key=lambda f: (_rank(library, f, words), f.id))


def _rank(library: Library, factor: Factor, words: Sequence[str]) -> int:
    """Return how far a factor is from some words: 0 for a word that is a name of its parameter or subject, more where it is part of one."""
    names = {library.label(t, lang).lower() for t in (factor.parameter, factor.subject) for lang in LANGUAGES}
    names |= {*_other_names(factor).split(" | "), factor.parameter, factor.subject} - {""}
    ranks = (0 if word in names else 1 if any(word in name for name in names) else SELDOM for word in words)
    return sum(ranks)


def _other_names(factor: Factor) -> str:
    """Return further names of a parameter in both languages, parted by a bar."""
    entry = catalogue().get(f"also_called.{factor.parameter}", {})
    return " | ".join(entry.values()).lower()


class Nearest(NamedTuple):
    """What there is of one kind of factor when none holds for a year and place.

    Parameters
    ----------
    name_zh, name_en, gas : str
    years : tuple of str
        Years for which there are factors that hold in the place.
    areas : tuple of str
        Areas for which there are factors at all.
    taken : Factor or None
        The one that a computation takes: nearest area, then the latest before the year; None where it finds none.
    """

    name_zh: str
    name_en: str
    gas: str
    years: tuple[str, ...]
    areas: tuple[str, ...]
    taken: Factor | None


def nearest_factors(
    library: Library, query: str, *, year: int | None = None, region: str = "", factor_sets: Sequence[str] = ()
) -> list[Nearest]:
    """Return what there is for some words in other years and areas, the kinds with a factor that a computation takes first.

    Parameters
    ----------
    library, query, year, region, factor_sets
        As of `search_factors`.
    """
    kinds: dict[tuple[str, str, str, str], list[Factor]] = {}
    for f in search_factors(library, query, factor_sets=factor_sets):
        kinds.setdefault((f.set, f.parameter, f.subject, f.gas), []).append(f)
    around = {area: at for at, area in enumerate((*library.chain(region), ""))} if region else {}
    found = [_nearest(library, factors, around, year) for factors in kinds.values()]
    return sorted(found, key=lambda n: n.taken is None)


def _nearest(library: Library, factors: Sequence[Factor], around: Mapping[str, int], year: int | None) -> Nearest:
    inside = [f for f in factors if not around or f.region in around]
    earlier = [f for f in inside if year is None or (f.valid_from or year) <= year]
    order = {f.id: (around.get(f.region, 0), -(f.valid_to or year or 0), f.status != "", f.id) for f in earlier}
    taken = min(earlier, key=lambda f: order[f.id], default=None)
    first = factors[0]
    years = dict.fromkeys(years_text(f.valid_from, f.valid_to) for f in sorted(inside, key=lambda f: f.valid_from or 0))
    regions = sorted({f.region for f in factors if f.region}, key=lambda r: (around.get(r, len(around)), r))
    zh, en = (factor_name(library, first, language) for language in LANGUAGES)
    return Nearest(zh, en, first.gas, tuple(y for y in years if y), tuple(regions), taken)


def years_text(first: int | None, last: int | None) -> str:
    """Return years as text: one year once, an open end open, nothing where the value is of no year."""
    if first == last:
        return "" if first is None else str(first)
    return f"{first or ''}–{last or ''}"


def factor_text(library: Library, factor: Factor) -> str:
    """Return all texts of a factor in both languages, in lower case."""
    source = library.sources.get(factor.source)
    titles = [source.title_zh, source.title_en] if source else []
    area = library.areas.get(factor.region)
    names = [area.zh, area.en] if area else []
    labels = [factor_name(library, factor, lang) for lang in LANGUAGES]
    words = [factor.id, factor.gas, factor.region, factor.locator, *labels, *titles, *names, _other_names(factor)]
    return " ".join(words).lower()


def factor_name(library: Library, factor: Factor, language: str) -> str:
    """Return set (with its id), parameter and subject of a factor in words."""
    texts = " ".join(library.label(text, language) for text in (factor.parameter, factor.subject))
    label = library.label(factor.set, language)
    return translate("account_library.factor_name", language, label=label, set=factor.set, texts=texts)


def factor_record(library: Library, factor: Factor) -> dict[str, Any]:
    """Return a factor with the title of its source as plain data."""
    source = library.sources.get(factor.source)
    return {
        "id": factor.id, "name_zh": factor_name(library, factor, "zh"), "name_en": factor_name(library, factor, "en"),
        "set": factor.set, "parameter": factor.parameter, "subject": factor.subject, "gas": factor.gas,
        "value": factor.value, "unit": factor.unit, "low": factor.low, "high": factor.high, "region": factor.region,
        "valid_from": factor.valid_from, "valid_to": factor.valid_to, "grade": factor.grade.value,
        "evidence": factor.evidence, "status": factor.status, "source": factor.source,
        "source_zh": source.title_zh if source else "", "source_en": source.title_en if source else "",
        "locator": factor.locator, "note_zh": factor.note_zh, "note_en": factor.note_en, "hash": factor.hash,
    }  # fmt: skip
