"""Names of inputs as users may write them: the id, or the Chinese or English name."""

from __future__ import annotations

from functools import cache

from tanlu.accounts.rulebook.method import Method
from tanlu.core.messages import LANGUAGES, catalogue


@cache
def _by_text() -> dict[str, tuple[str, ...]]:
    """Chinese or English name → ids; inputs of different methods may share a name."""
    words: dict[str, tuple[str, ...]] = {}
    for key, texts in catalogue().items():
        if key.startswith("input."):
            for text in {texts[lang] for lang in LANGUAGES}:
                words[text] = (*words.get(text, ()), key.removeprefix("input."))
    return words


def input_id(method: Method, text: str) -> str:
    """Return the id of an input that a user wrote as id, or by its Chinese or English name; other texts stay."""
    if text in method.by_name:
        return text
    named = _by_text().get(text, (text,))
    return next((name for name in named if name in method.by_name), named[0])


def input_label(name: str, language: str) -> str:
    """Return what an input is called; one without an entry is called by its id."""
    return catalogue().get(f"input.{name}", {}).get(language, name)
