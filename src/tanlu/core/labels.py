"""Names of variables, parameters and subjects in the language of the reader, composed from the labels of their parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

JOINT: Final = {"zh": "·", "en": " | "}
"""What stands between the labels of two parts."""


@dataclass(frozen=True, slots=True)
class Label:
    """The two names of a part."""

    part: str
    zh: str
    en: str
    note: str = ""

    def text(self, language: str) -> str:
        """Return the name in the given language."""
        return self.zh if language == "zh" else self.en


def compose(labels: Mapping[str, Label], text: str, language: str, separator: str = "|") -> str:
    """Return the label of a text whose parts are joined by a separator; a part without a label stands for itself.

    A text that has a label as a whole keeps it: names of standards hold separators (``gb-t-32151.22-2024``).
    """
    if text in labels:
        return labels[text].text(language)
    parts = text.split(separator)
    return JOINT[language].join(labels[p].text(language) if p in labels else p for p in parts)
