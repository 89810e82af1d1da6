"""The message catalogue: every text that a user sees, in Chinese and English side by side.

One YAML file a room under ``tanlu/messages``; an entry is ``key: {zh: …, en: …}`` with ``str.format`` fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from tanlu.core.hashing import hash_folder
from tanlu.core.kept import kept

LANGUAGES: Final = ("zh", "en")
_NUMBER: Final = re.compile(r"\{(\w+):([^{}|]*)\|([^{}|]*)\}")
"""Words for one and for many."""
HTML_LANG: Final = {"zh": "zh-CN", "en": "en"}


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return the whole catalogue, keyed by message key, then language.

    Raises
    ------
    ValueError
        If two files define the same key.
    """
    folder = Path(str(files("tanlu.messages")))
    return kept("messages", [hash_folder(folder)], lambda: read_catalogue(folder))


def read_catalogue(folder: Path) -> dict[str, dict[str, str]]:
    """Return the catalogue of a folder of YAML files.

    Raises
    ------
    ValueError
        If two files define the same key.
    """
    import yaml

    merged: dict[str, dict[str, str]] = {}
    for entry in sorted(folder.glob("*.yaml")):
        part = yaml.load(entry.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        double = merged.keys() & part.keys()
        if double:
            raise ValueError(f"message keys defined twice: {sorted(double)}")
        merged.update(part)
    return merged


def translate(key: str, language: str, **values: object) -> str:
    """Return the message of a key with its fields filled in.

    ``{count:row|rows}`` is the first word where the field is one, the second otherwise.

    Parameters
    ----------
    key : str
        Key of the catalogue.
    language : {"zh", "en"}
    **values
        Fields of the message.

    Raises
    ------
    KeyError
        If the key or the language is unknown: a missing text is a fault of the program, never shown as a bare key.
    """
    text = catalogue()[key][language]
    if "|" in text:
        text = _NUMBER.sub(lambda found: found[2] if str(values[found[1]]) == "1" else found[3], text)
    return text.format(**values)


def in_language(details: Mapping[str, object], language: str) -> dict[str, object]:
    """Return fields of a message of which some come in two languages: ``reason_zh`` and ``reason_en`` become ``reason``."""
    endings = tuple(f"_{lang}" for lang in LANGUAGES)
    fields = {k: v for k, v in details.items() if not k.endswith(endings)}
    return fields | {k.removesuffix(f"_{language}"): v for k, v in details.items() if k.endswith(f"_{language}")}
