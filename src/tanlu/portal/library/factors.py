"""Questions to the factor library: search, one factor with its history, and which methods take it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Final

from tanlu.accounts.rulebook.method import Input, Method, methods
from tanlu.accounts.rulebook.method_sets import MethodSet, method_sets
from tanlu.accounts.rulebook.resolver import Resolver
from tanlu.charts.base import Chart
from tanlu.charts.factor_history import FactorPoint, factor_chart
from tanlu.charts.format import capital
from tanlu.core.factors import EVIDENCE, Factor
from tanlu.core.library import Library, load_library
from tanlu.core.messages import LANGUAGES
from tanlu.core.punctuation import PUNCTUATION
from tanlu.core.units import IncompatibleUnitsError, conversion_factor
from tanlu.portal.service import NotFoundError

STATUSES: Final = ("in_use", "draft", "superseded")
WHOLE_NAME: Final = "|"
"""Separator that does not occur: the name of a set or parameter is one part."""
SUBSCRIPTS: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


@dataclass(frozen=True, slots=True)
class FactorQuery:
    """Filters of the library; an empty text or None means everything."""

    q: str = ""
    set: str = ""
    parameter: str = ""
    region: str = ""
    year: int | None = None
    gas: str = ""
    grade: str = ""
    evidence: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class FactorLine:
    """A factor of the library as a row of a table, with the names of its set and its quantity in both languages."""

    id: str
    set: str
    set_zh: str
    set_en: str
    name_zh: str
    name_en: str
    parameter: str
    subject: str
    gas: str
    value: float
    unit: str
    low: float | None
    high: float | None
    valid_from: int | None
    valid_to: int | None
    region: str
    grade: str
    evidence: str
    status: str
    source: str
    locator: str
    note_zh: str
    note_en: str
    hash: str

    def name(self, language: str) -> str:
        """Return the name of the quantity."""
        return self.name_zh if language == "zh" else self.name_en

    def set_name(self, language: str) -> str:
        """Return the name of the set."""
        return self.set_zh if language == "zh" else self.set_en

    def note(self, language: str) -> str:
        """Return the note."""
        return self.note_zh if language == "zh" else self.note_en

    @property
    def years(self) -> str:
        """Validity as ``2020–2022``, ``2020–``; empty when it is open on both sides."""
        if self.valid_from is None and self.valid_to is None:
            return ""
        if self.valid_from == self.valid_to:
            return str(self.valid_from)
        return f"{self.valid_from or ''}–{self.valid_to or ''}"


COLUMNS: Final = tuple(f.name for f in fields(FactorLine))


@dataclass(frozen=True, slots=True)
class FactorUse:
    """A method that takes a factor: as a value of its own rule, or only as a fallback."""

    method_set: str
    method: str
    topic: str
    input: str
    fallback: bool


def factor_name(factor: Factor, language: str, library: Library) -> str:
    """Return what a factor measures: subject, parameter and gas."""
    subject = library.label(factor.subject, language)
    joint = PUNCTUATION[language]
    parameter = library.label(factor.parameter, language, WHOLE_NAME)
    gas = joint.bracketed(factor.gas) if factor.gas and factor.gas not in parameter else ""
    return capital(f"{subject}{joint.colon}{parameter}{gas}")


def region_name(region: str, language: str, library: Library) -> str:
    """Return the name of an area; the id where the library has none."""
    area = library.areas.get(region)
    return region if area is None else (area.zh if language == "zh" else area.en)


def line_of(factor: Factor, library: Library) -> FactorLine:
    """Return a factor as a row."""
    set_zh, set_en = (library.label(factor.set, lang, WHOLE_NAME) for lang in LANGUAGES)
    name_zh, name_en = (factor_name(factor, lang, library) for lang in LANGUAGES)
    return FactorLine(
        factor.id, factor.set, set_zh, set_en, name_zh, name_en, factor.parameter, factor.subject, factor.gas, factor.value, factor.unit,
        factor.low, factor.high, factor.valid_from, factor.valid_to, factor.region, factor.grade.value, factor.evidence, factor.status,
        factor.source, factor.locator, factor.note_zh, factor.note_en, factor.hash,
    )  # fmt: skip


@lru_cache(maxsize=1)
def _shelf() -> dict[str, tuple[FactorLine, str, str]]:
    """Return for each factor its row, the words of its names, and all the words that a search looks through."""
    library = load_library()
    found = {}
    for factor in library.factors.values():
        line = line_of(factor, library)
        source = library.sources[factor.source]
        names = f"{line.name_zh} {line.name_en} {factor.subject} {factor.parameter}"
        regions = (region_name(factor.region, lang, library) for lang in LANGUAGES)
        texts = (
            line.id, names, line.set_zh, line.set_en, factor.source, source.title_zh, source.title_en, source.publisher_zh,
            source.publisher_en, factor.locator, line.note_zh, line.note_en, factor.gas, factor.region, *regions,
        )  # fmt: skip
        found[factor.id] = (line, plain(names), plain(" ".join(texts)))
    return found


def plain(text: str) -> str:
    """Return text as it is compared: folded case, plain digits, underscores as blanks."""
    return text.casefold().translate(SUBSCRIPTS).replace("_", " ")


def query_of(given: Mapping[str, str]) -> FactorQuery:
    """Return the query of an address.

    Raises
    ------
    NotFoundError
        If the year is not a number.
    """
    year = given.get("year", "")
    if year and not (year.isdecimal() and len(year) == 4):
        raise NotFoundError("portal.missing.year", year)
    texts = {name: given.get(name, "") for name in FactorQuery.__slots__ if name != "year"}
    return FactorQuery(**texts, year=int(year) if year else None)


def search(query: FactorQuery) -> list[FactorLine]:
    """Return the factors that pass the filters; those whose names hold all words come first, then by set and quantity."""
    words = plain(query.q).split()
    exact = query.q.strip()
    found: list[tuple[tuple[object, ...], FactorLine]] = []
    for line, names, texts in _shelf().values():
        if _passes(line, query) and all(w in texts for w in words):
            rank = 0 if line.id == exact else 1 if all(w in names for w in words) else 2
            found.append(((rank, line.parameter, line.subject, line.set, line.region, line.valid_from or 0), line))
    return [line for _, line in sorted(found, key=lambda pair: pair[0])]


def _passes(line: FactorLine, query: FactorQuery) -> bool:
    for name in ("set", "parameter", "region", "gas", "grade", "evidence"):
        wanted = getattr(query, name)
        if wanted and getattr(line, name) != wanted:
            return False
    if query.status and (line.status or "in_use") != query.status:
        return False
    year = query.year
    return year is None or (line.valid_from or year) <= year <= (line.valid_to or year)


def options() -> dict[str, list[str]]:
    """Return the values that each filter can take."""
    lines = [line for line, _, _ in _shelf().values()]
    return {
        "set": sorted({x.set for x in lines}),
        "parameter": sorted({x.parameter for x in lines}),
        "region": sorted({x.region for x in lines if x.region}),
        "gas": sorted({x.gas for x in lines if x.gas}, key=lambda g: (g != "CO2", g)),
        "grade": sorted({x.grade for x in lines}),
        "evidence": [e for e in EVIDENCE if any(x.evidence == e for x in lines)],
        "status": [s for s in STATUSES if any((x.status or "in_use") == s for x in lines)],
    }


def find_factor(factor_id: str) -> Factor:
    """Return a factor.

    Raises
    ------
    NotFoundError
        If the library has none of that id.
    """
    found = load_library().factors.get(factor_id)
    if found is None:
        raise NotFoundError("portal.missing.factor", factor_id)
    return found


def _names_of(factor: Factor, library: Library) -> set[str]:
    """Return the subjects that a factor may stand for: its own and those whose name in its set is that."""
    back: dict[str, list[str]] = {}
    for (name, subject), alias in library.aliases.items():
        if name == factor.set:
            back.setdefault(alias, []).append(subject)
    names = {factor.subject, *back.get(factor.subject, ())}
    parts = [[p, *back.get(p, ())] for p in factor.subject.split(".")]
    return names | {".".join(combination) for combination in itertools.product(*parts)}


def history(factor: Factor) -> list[Factor]:
    """Return the factors of the same quantity, subject and gas in all sets and years: first those of the same region."""
    library = load_library()
    names = _names_of(factor, library)
    found = [
        f for f in library.factors.values()
        if f.parameter == factor.parameter and f.gas == factor.gas and not names.isdisjoint(_names_of(f, library))
    ]  # fmt: skip
    return sorted(found, key=lambda f: (f.region != factor.region, f.region, f.set, f.valid_from or 0, f.id))


def history_chart(factor: Factor, language: str) -> Chart:
    """Return the history of a factor as dots: its own region, other regions only where it names none."""
    library = load_library()
    points: list[FactorPoint] = []
    for other in history(factor):
        if factor.region and other.region not in (factor.region, ""):
            continue
        ratio = _ratio(other.unit, factor.unit)
        if ratio is None:
            continue
        line = line_of(other, library)
        region = region_name(other.region, language, library)
        name = " ".join(t for t in (line.set_name(language), line.years, region) if t)
        low, high = (None if v is None else v * ratio for v in (other.low, other.high))
        points.append(
            FactorPoint(other.id, _apart(name, other, points), other.value * ratio, low, high, other.id == factor.id)
        )
    return factor_chart(factor.id, factor_name(factor, language, library), factor.unit, points, language)


def _apart(name: str, factor: Factor, points: Sequence[FactorPoint]) -> str:
    """Return a name that no other point has."""
    return f"{name} [{factor.id}]" if any(p.name == name for p in points) else name


def _ratio(unit: str, wanted: str) -> float | None:
    try:
        return conversion_factor(unit, wanted)
    except IncompatibleUnitsError:
        return None


def uses(factor: Factor) -> list[FactorUse]:
    """Return the methods whose inputs look this factor up, by method set."""
    library = load_library()
    found: list[FactorUse] = []
    for method_set in method_sets().values():
        if factor.set not in (*method_set.factor_sets, *method_set.fallback):
            continue
        resolver = Resolver(library, method_set)
        fallback = factor.set not in method_set.factor_sets
        for method in method_set.methods.values():
            for wanted in _matching(method, factor, resolver):
                found.append(FactorUse(method_set.id, method.id, method.topic, wanted.name, fallback))
    return found


def _matching(method: Method, factor: Factor, resolver: Resolver) -> Iterable[Input]:
    for wanted in method.inputs:
        if wanted.kind != "factor" or wanted.parameter != factor.parameter or wanted.gas != factor.gas:
            continue
        fits = any(_ratio(factor.unit, unit or "1") is not None for unit in wanted.units or ("1",))
        words = [method.by_name[c].options for c in wanted.choices_in_subject]
        for combination in itertools.product(*words) if fits else ():
            subject = wanted.subject.format(**dict(zip(wanted.choices_in_subject, combination, strict=True)))
            if resolver.renamed(factor.set, subject) == factor.subject:
                yield wanted
                break


def set_of(name: str) -> MethodSet:
    """Return a method set.

    Raises
    ------
    NotFoundError
        If there is none of that name.
    """
    found = method_sets().get(name)
    if found is None:
        raise NotFoundError("portal.missing.set", name)
    return found


def method_of(name: str) -> Method:
    """Return a method by id.

    Raises
    ------
    NotFoundError
        If there is none of that id.
    """
    found = methods().get(name)
    if found is None:
        raise NotFoundError("portal.missing.account_method", name)
    return found
