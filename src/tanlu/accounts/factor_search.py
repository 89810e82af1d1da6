"""Searching the factor library by words, year, place and set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tanlu.core.factors import Factor
from tanlu.core.library import Library
from tanlu.core.messages import LANGUAGES


def search_factors(
    library: Library, query: str = "", *, year: int | None = None, region: str = "", factor_sets: Sequence[str] = ()
) -> list[Factor]:
    """Return the factors whose texts hold every word of a query, sorted by id.

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
    return [
        factor
        for _, factor in sorted(library.factors.items())
        if (not factor_sets or factor.set in factor_sets)
        and (year is None or factor.holds_in(year))
        and (not region or factor.region in areas)
        and all(word in factor_text(library, factor) for word in words)
    ]


def factor_text(library: Library, factor: Factor) -> str:
    """Return all texts of a factor in both languages, in lower case."""
    source = library.sources.get(factor.source)
    titles = [source.title_zh, source.title_en] if source else []
    area = library.areas.get(factor.region)
    names = [area.zh, area.en] if area else []
    labels = [factor_name(library, factor, lang) for lang in LANGUAGES]
    return " ".join([factor.id, factor.gas, factor.region, factor.locator, *labels, *titles, *names]).lower()


def factor_name(library: Library, factor: Factor, language: str) -> str:
    """Return set, parameter and subject of a factor in words."""
    joint = "：" if language == "zh" else ": "
    texts = [library.label(text, language) for text in (factor.parameter, factor.subject)]
    return f"{library.label(factor.set, language)}{joint}{' '.join(texts)}"


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
