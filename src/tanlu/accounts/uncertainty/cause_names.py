"""Names of the causes of error of an inventory, as a reader knows them."""

from __future__ import annotations

from tanlu.accounts.province.spec import Settings
from tanlu.core.messages import catalogue, translate
from tanlu.core.province import Province
from tanlu.core.punctuation import PUNCTUATION


def cause_name(cause: str, province: Province, settings: Settings, language: str) -> str:
    """Return the name of a cause of error.

    Parameters
    ----------
    cause : str
        ``kind:name``, as the rows of an inventory have it.
    province : Province
        For the names of series and factors.
    settings : Settings
        For the names of drivers and branches.
    language : {"zh", "en"}
    """
    kind, _, name = cause.partition(":")
    shown = {
        "factor": lambda: _factor(name, province, language),
        "allocation": lambda: _category(name, language),
        "driver": lambda: _driver(name, settings, language),
        "split": lambda: _branch(name, settings, language),
    }.get(kind, lambda: province.label(name, language))()
    key = f"uncertainty_cause.{kind}"
    return translate(key, language, name=shown) if key in catalogue() else shown


def _category(code: str, language: str) -> str:
    entry = catalogue().get(f"category.{code}")
    return f"{code} {entry[language]}" if entry else code


def _factor(name: str, province: Province, language: str) -> str:
    """Return the name of a factor of the library, of a fuel, of a gas from a category, or of a role."""
    if name in province.factors:
        factor = province.factors[name]
        joint = PUNCTUATION[language].colon
        return joint.join((province.label(factor.subject, language, "."), province.label(factor.parameter, language)))
    gas, _, category = name.partition(":")
    if category:
        return f"{gas}{PUNCTUATION[language].comma}{_category(category, language)}"
    entry = catalogue().get(f"fuel.{name}")
    return entry[language] if entry else province.label(name, language)


def _driver(name: str, settings: Settings, language: str) -> str:
    driver = settings.drivers.get(name)
    return name if driver is None else str(getattr(driver, language))


def _branch(name: str, settings: Settings, language: str) -> str:
    branch_name = name.rpartition(":")[2]
    branches = (b for split in settings.splits.values() for b in split.branches)
    return next((str(getattr(b, language)) for b in branches if b.name == branch_name), branch_name)
