"""The shape of ``accounts/inventory.yaml``: which keys each entry may and must have, and what kind of value stands under each."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from tanlu.core.errors import Problem
from tanlu.core.province import check_keys

Keys = Mapping[str, str]

_OUTPUT: Final = {
    "category": "text!", "gas": "text!", "sector": "text!", "method": "text!", "factors": "ids!", "activity_error": "amount!",
    "variable": "text", "driver": "text", "scale": "ids", "intervals": "names", "taken_from": "text", "note_zh": "text", "note_en": "text",
}  # fmt: skip
KEYS: Final[Mapping[str, Keys]] = {
    "fuels": {"columns": "texts!", "subject": "text", "mix": "names", "error": "amount"},
    "drivers": {
        "variables": "series", "growth": "text", "elasticity": "number", "fallback": "number", "volatility": "amount!",
        "own_volatility": "amount!", "zh": "text!", "en": "text!",
    },
    "cells": {
        "row": "text!", "error": "amount!", "sign": "integer", "less": "text", "sector": "text", "category": "text", "driver": "text",
        "split": "text", "fuels": "texts",
    },
    "splits": {"variable": "text", "error": "amount!", "branches": "mapping!"},
    "branches": {
        "sector": "text!", "category": "text!", "driver": "text!", "shares": "numbers!", "zh": "text!", "en": "text!",
    },
    "electricity": {"total": "text!", "error": "amount!", "year_of_reports": "integer", "reports": "reports"},
    "combustion_gases": {"category": "text!", "gas": "text!", "error": "amount!", "factors": "names!"},
    "outputs": _OUTPUT,
    "imports": {"use": "text!", "generation": "some texts!", "grid": "text!", "also": "texts", "by_hours": "list"},
    "by_hours": {"variable": "text!", "capacity": "text!", "hours": "text!"},
}  # fmt: skip
"""Kind of value by section and key; ``!`` marks keys that may not be left out."""
SECTIONS: Final[Keys] = {
    "complete_balances": "integers", "fuels": "mapping", "drivers": "mapping", "cells": "list", "splits": "mapping",
    "electricity": "mapping", "combustion_gases": "list", "outputs": "list", "imports": "mapping",
}  # fmt: skip
"""Kind of each section; every one may be left out."""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_amount(value: object) -> bool:
    return isinstance(value, int | float) and _is_number(value) and value >= 0


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _all_text(value: object) -> bool:
    return isinstance(value, list) and all(_is_text(v) for v in value)


def _is_series(value: object) -> bool:
    return (
        isinstance(value, list) and len(value) == 3 and _all_text(value[:2]) and _is_amount(value[2]) and value[2] > 0
    )


def _is_report(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and _is_text(value[0]) and _all_text(value[1])


def _is_ids(value: object) -> bool:
    return _is_text(value) or (_all_text(value) and bool(value))


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


Test = Callable[[object], bool]
_OF_MAPPING: Final[Mapping[str, Test]] = {"names": _is_text, "ids": _is_ids, "numbers": _is_amount}
_OF_LIST: Final[Mapping[str, Test]] = {
    "series": _is_series, "reports": _is_report, "texts": _is_text, "some texts": _is_text, "integers": _is_whole,
}  # fmt: skip
_SINGLE: Final[Mapping[str, tuple[Test, str]]] = {
    "number": (_is_number, "not_a_number"), "amount": (_is_amount, "not_a_number"),
    "integer": (_is_whole, "not_an_integer"), "text": (_is_text, "not_a_text"),
}  # fmt: skip


def _fault(kind: str, value: object) -> str:
    """Return the code of what is wrong with a value of a kind; empty if nothing is."""
    if kind == "amount" and _is_number(value):
        return "" if _is_amount(value) else "below_minimum"
    if kind in _SINGLE:
        test, code = _SINGLE[kind]
        return "" if test(value) else code
    if kind == "mapping" or kind in _OF_MAPPING:
        if not isinstance(value, dict):
            return "not_a_mapping"
        of = _OF_MAPPING.get(kind)
        return "" if all(_is_text(k) and (of is None or of(v)) for k, v in value.items()) else "wrong_entry"
    if not isinstance(value, list):
        return "not_a_list"
    item = _OF_LIST.get(kind)
    if kind == "some texts" and not value:
        return "empty"
    return "" if item is None or all(item(v) for v in value) else "wrong_entry"


def check_entry(entry: object, keys: Keys, label: str, file: str, problems: list[Problem]) -> bool:
    """Check keys and kinds of one mapping; return whether it is sound.

    Parameters
    ----------
    entry : object
    keys : mapping
        Kind by key, with ``!`` where it is required.
    label : str
        Name of the entry in problems.
    file : str
    problems : list of Problem
        What is wrong is appended.
    """
    before = len(problems)
    if not isinstance(entry, dict):
        problems.append(Problem("not_a_mapping", file, field=label, value="" if entry is None else str(entry)[:40]))
        return False
    check_keys(entry, keys, [k for k, kind in keys.items() if kind.endswith("!")], file, problems)
    for key in (k for k in keys if k in entry):
        code = _fault(keys[key].rstrip("!"), entry[key])
        if code:
            where, details = f"{label}.{key}" if label else key, {"minimum": "0"} if code == "below_minimum" else {}
            problems.append(Problem(code, file, field=where, value=str(entry[key])[:40], details=details))
    return len(problems) == before


def _entries(section: str, content: Any) -> Iterator[tuple[str, str, object]]:
    """Yield (kind of entry, label, entry) of everything in a section whose own kind is right."""
    if SECTIONS[section] == "list":
        for number, entry in enumerate(content, 1):
            name = entry.get("row") or entry.get("category") if isinstance(entry, dict) else None
            yield section, f"{section}.{name or f'#{number}'}", entry
    elif section in ("electricity", "imports"):
        yield section, section, content
        hours = content.get("by_hours")
        for number, entry in enumerate(hours if isinstance(hours, list) else (), 1):
            yield "by_hours", f"imports.by_hours.#{number}", entry
    elif section in KEYS:
        for name, entry in content.items():
            yield section, f"{section}.{name}", entry
            branches = entry.get("branches") if isinstance(entry, dict) and section == "splits" else None
            for branch, found in branches.items() if isinstance(branches, dict) else ():
                yield "branches", f"{section}.{name}.{branch}", found


def check_shape(data: object, file: str, problems: list[Problem]) -> bool:
    """Check keys and kinds at every level; return whether the data can be turned into settings."""
    sound = check_entry(data, SECTIONS, "", file, problems)
    if not isinstance(data, dict):
        return False
    for section, kind in SECTIONS.items():
        # every entry is checked, so that all problems are found
        if section in KEYS and section in data and not _fault(kind, data[section]):
            for of, label, entry in _entries(section, data[section]):
                sound &= check_entry(entry, KEYS[of], label, file, problems)
    return sound
