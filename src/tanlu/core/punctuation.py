"""The marks that stand between the parts of a sentence, in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Punctuation:
    """The marks of a language, each with the spaces that belong to it.

    Chinese marks are of full width and bring their own space (GB/T 15834—2011); the members of a list are parted by ``、``.
    """

    comma: str
    listing: str
    colon: str
    semicolon: str
    left: str
    right: str

    def bracketed(self, text: str) -> str:
        """Return a text in brackets, to stand behind a name."""
        return f"{self.left}{text}{self.right}"

    def phrases(self, *texts: str) -> str:
        """Return texts one after the other with semicolons between; an empty one is left out."""
        return self.semicolon.join(filter(None, texts))


PUNCTUATION: Final = {
    "zh": Punctuation("，", "、", "：", "；", "（", "）"),
    "en": Punctuation(", ", ", ", ": ", "; ", " (", ")"),
}
