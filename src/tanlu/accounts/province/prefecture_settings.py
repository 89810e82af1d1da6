"""How the inventory of a province is divided among its prefectures: settings read from ``accounts/prefectures.yaml`` and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tanlu.accounts.province.shape import check_entry
from tanlu.core.errors import DataError, Problem
from tanlu.core.messages import catalogue
from tanlu.core.province import Province, read_yaml
from tanlu.core.units import conversion_factor

FILE: Final = "accounts/prefectures.yaml"
_TOP: Final = {"proxies": "mapping!", "allocations": "list!", "reference": "text"}
_PROXY: Final = {
    "zh": "text!", "en": "text!", "variable": "text!", "unit": "text!", "error": "amount!", "drift": "amount", "total": "text",
    "absent": "text",
}  # fmt: skip
_ALLOCATION: Final = {"categories": "some texts!", "proxies": "some texts!", "gases": "texts"}


@dataclass(frozen=True, slots=True)
class Proxy:
    """What a quantity of the province is divided by.

    Parameters
    ----------
    name, zh, en : str
    variable, unit : str
        Facts of the prefectures.
    error : float
        Relative standard uncertainty of a share in the year of the facts (assumption).
    drift : float
        What is added to it, in squares, for every year between the facts and the inventory [1/yr] (assumption).
    total : str
        Variable of the province that the fact of a prefecture is a part of: each prefecture with a fact has its own share then. Without
        it the facts of all prefectures divide what is left.
    absent : str
        ``zero`` where the source lists everything there is, so that a prefecture without a fact has none; empty otherwise.
    """

    name: str
    zh: str
    en: str
    variable: str
    unit: str
    error: float
    drift: float = 0.0
    total: str = ""
    absent: str = ""

    def label(self, language: str) -> str:
        """Return the name in the given language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Allocation:
    """Categories, and the proxies that divide them; own shares are taken first, the last proxy divides the rest."""

    categories: tuple[str, ...]
    proxies: tuple[str, ...]
    gases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrefectureSettings:
    """Settings of the division; ``reference`` is the variable of an outside CO2 total by prefecture."""

    proxies: Mapping[str, Proxy] = field(default_factory=dict)
    allocations: tuple[Allocation, ...] = ()
    reference: str = ""

    def chain(self, category: str, gas: str) -> tuple[Proxy, ...]:
        """Return the proxies of a category and gas, none where nothing is set."""
        for a in self.allocations:
            if category in a.categories and (not a.gases or gas in a.gases):
                return tuple(self.proxies[p] for p in a.proxies)
        return ()


def prefectures_of(province: Province) -> list[str]:
    """Return the ids of the prefectures of a province, in the order of ``regions.csv``."""
    return [r.id for r in province.regions.values() if r.parent == province.id]


def load_prefecture_settings(province: Province) -> PrefectureSettings:
    """Read and check the settings of the division; empty if the province has none.

    Raises
    ------
    DataError
        With every problem of the file.
    """
    path = province.folder / Path(FILE)
    if not path.is_file():
        return PrefectureSettings()
    problems: list[Problem] = []
    data = read_yaml(path, province.folder, problems)
    if problems or not _check_shape(data, problems):
        raise DataError(problems)
    settings = _settings(data)
    _check_proxies(settings, province, problems)
    _check_allocations(settings, problems)
    if settings.reference and not _years(province, settings.reference):
        problems.append(Problem("missing_series", FILE, field="reference", value=settings.reference))
    if problems:
        raise DataError(problems)
    return settings


def _check_shape(data: Any, problems: list[Problem]) -> bool:
    """Keys and kinds at every level; all entries are looked at."""
    sound = check_entry(data, _TOP, "", FILE, problems)
    if not sound:
        return False
    for name, entry in data["proxies"].items():
        sound &= check_entry(entry, _PROXY, f"proxies.{name}", FILE, problems)
    for number, entry in enumerate(data["allocations"], 1):
        sound &= check_entry(entry, _ALLOCATION, f"allocations.#{number}", FILE, problems)
    return sound


def _settings(data: dict[str, Any]) -> PrefectureSettings:
    proxies = {n: Proxy(n, **p) for n, p in data["proxies"].items()}
    allocations = tuple(Allocation(**{k: tuple(v) for k, v in a.items()}) for a in data["allocations"])
    return PrefectureSettings(proxies, allocations, data.get("reference", ""))


def _years(province: Province, variable: str) -> dict[str, set[int]]:
    """Return the years with a fact of a variable, by prefecture."""
    regions = set(prefectures_of(province))
    found: dict[str, set[int]] = {}
    for name, region, year in province.facts:
        if name == variable and region in regions:
            found.setdefault(region, set()).add(year)
    return found


def _check_proxies(settings: PrefectureSettings, province: Province, problems: list[Problem]) -> None:
    """A proxy has facts in the right unit; one that divides the rest has them for all prefectures in one year."""
    for proxy in settings.proxies.values():
        where = f"proxies.{proxy.name}"
        _check_names([proxy.absent] if proxy.absent else (), ("zero",), f"{where}.absent", problems)
        years = _years(province, proxy.variable)
        if not years:
            problems.append(Problem("missing_series", FILE, field=f"{where}.variable", value=proxy.variable))
            continue
        found = next(f.unit for (v, r, _), f in province.facts.items() if v == proxy.variable and r in years)
        _check_unit(found, proxy.unit, where, problems)
        if proxy.total:
            total = next((f for (v, r, _), f in province.facts.items() if v == proxy.total and r == province.id), None)
            if total is None:
                problems.append(Problem("missing_series", FILE, field=f"{where}.total", value=proxy.total))
            else:
                _check_unit(total.unit, proxy.unit, where, problems)
        elif not proxy.absent:
            regions = prefectures_of(province)
            if not set.intersection(*(years.get(r, set()) for r in regions)):
                details = {"count": len(years), "of": len(regions)}
                problems.append(Problem("proxy_not_for_all", FILE, field=where, value=proxy.variable, details=details))


def _check_unit(found: str, wanted: str, where: str, problems: list[Problem]) -> None:
    try:
        conversion_factor(found, wanted)
    except ValueError:
        problems.append(Problem("wrong_unit", FILE, field=f"{where}.unit", value=found, details={"wanted": wanted}))


def _check_allocations(settings: PrefectureSettings, problems: list[Problem]) -> None:
    """Categories and proxies exist; nothing is divided twice; only the last proxy divides the rest."""
    categories = [k.partition(".")[2] for k in catalogue() if k.startswith("category.")]
    seen: set[tuple[str, str]] = set()
    for number, allocation in enumerate(settings.allocations, 1):
        where = f"allocations.#{number}"
        _check_names(allocation.proxies, settings.proxies, f"{where}.proxies", problems)
        _check_names(allocation.categories, categories, f"{where}.categories", problems)
        known = [settings.proxies[p] for p in allocation.proxies if p in settings.proxies]
        for proxy in known[:-1]:
            if not proxy.total:
                problems.append(Problem("proxy_takes_all", FILE, field=f"{where}.proxies", value=proxy.name))
        for category in allocation.categories:
            for gas in allocation.gases or ("",):
                if (category, gas) in seen or (category, "") in seen:
                    problems.append(Problem("listed_twice", FILE, field=where, value=f"{category} {gas}".strip()))
                seen.add((category, gas))


def _check_names(names: Iterable[str], known: Iterable[str], where: str, problems: list[Problem]) -> None:
    words = list(known)
    for name in names:
        if name not in words:
            details = {"refers_to": where, "some": ", ".join(words[:6])}
            problems.append(Problem("unknown_choice", FILE, field=where, value=name, details=details))
