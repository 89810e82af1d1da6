"""What the report on an account calls places, words of choices, factors, methods and sources: in words, with what identifies them."""

from __future__ import annotations

from functools import cache
from typing import Final

from tanlu.accounts.rulebook.method import methods
from tanlu.accounts.rulebook.method_sets import method_sets
from tanlu.accounts.rulebook.near_names import method_label
from tanlu.charts.format import capital
from tanlu.core.errors import DataError
from tanlu.core.factors import Factor
from tanlu.core.library import Library, load_library
from tanlu.core.province import province_folder
from tanlu.core.punctuation import PUNCTUATION
from tanlu.core.schema import REGIONS
from tanlu.core.tables import read_table

WHOLE: Final = "|"
"""A sign that no id has: the label of the whole is asked for."""


def identified(name: str, code: str, language: str) -> str:
    """Return a name with the code that identifies what is named in brackets; the code alone stands for itself."""
    return name if name == code else f"{name}{PUNCTUATION[language].bracketed(code)}"


@cache
def _regions(area: str) -> dict[str, dict[str, str]]:
    """Return the names of the regions of a province by path; none of one that does not ship with the program."""
    try:
        folder = province_folder(area)
    except DataError:
        return {}
    rows = read_table(folder / REGIONS.file, REGIONS.columns, key=REGIONS.key, root=folder).rows
    return {str(r["id"]): {"zh": str(r["zh"]), "en": str(r["en"])} for r in rows}


def place_name(place: str, language: str) -> str:
    """Return a place in words, widest first; a part that the program does not know is called as it is written.

    Examples
    --------
    >>> place_name("hunan/changsha/works-1", "en")
    'Hunan, Changsha, works-1'
    """
    library = load_library()
    parts = library.slug(place).split("/")
    known = _regions(parts[0]) if parts[0] in library.areas else {}
    named = []
    for n, part in enumerate(parts, start=1):
        names = known.get("/".join(parts[:n]))
        area = library.areas.get(part) if n == 1 else None
        named.append(names[language] if names else part if area is None else area.zh if language == "zh" else area.en)
    # Chinese names of places follow each other without a sign; a name in Latin letters needs a space before it
    return (
        ", ".join(named)
        if language == "en"
        else "".join(f" {p}" if n and p[:1].isascii() else p for n, p in enumerate(named))
    )


def source_title(source: str, library: Library, language: str) -> str:
    """Return the title of a source of the library; what a user wrote as the source stays."""
    known = library.sources.get(source)
    return source if known is None else known.title_zh if language == "zh" else known.title_en


def factor_title(factor: Factor, library: Library, language: str) -> str:
    """Return what a factor measures, in words."""
    words = [
        text
        for text in (library.label(factor.subject, language), library.label(factor.parameter, language, WHOLE))
        if text
    ]
    return capital(PUNCTUATION[language].colon.join(words)) or factor.id


def method_title(method: str, language: str) -> str:
    """Return the name of a method."""
    return capital(method_label(methods()[method], language))


def method_set_title(method_set: str, language: str) -> str:
    """Return the name of a set of methods, with its id."""
    known = method_sets().get(method_set)
    name = method_set if known is None else known.zh if language == "zh" else known.en
    return identified(name, method_set, language)


def gwp_title(gwp: str, language: str) -> str:
    """Return where the warming potentials come from: the name of the rule that fixes them, or the report of the IPCC as it is cited."""
    return identified(load_library().label(gwp, language, WHOLE), gwp, language)


def datum_text(value: str, library: Library, language: str) -> str:
    """Return a datum: a number as printed, the word of a choice by its name."""
    return value if value[:1] in "+-−.0123456789" else capital(library.label(value, language))
