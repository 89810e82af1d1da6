"""What the office that runs the portal says to the public: who publishes, under which licence, and where to write."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from tanlu.core.errors import DataError, Problem
from tanlu.workspace import CONFIG

SECTION: Final = "public"
_MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_WEB: Final = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class PublicSettings:
    """The section ``[public]`` of ``tanlu.toml``; every key may be left out.

    Parameters
    ----------
    publisher_zh, publisher_en : str
        Name of the office.
    feedback : str
        E-mail address or web address for questions and corrections.
    licence : str
        Short name of the licence of the data sets, such as ``CC-BY-4.0``.
    licence_url : str
        Address of its text.
    """

    publisher_zh: str = ""
    publisher_en: str = ""
    feedback: str = ""
    licence: str = ""
    licence_url: str = ""

    def publisher(self, language: str) -> str:
        """Return the name of the office in a language; the other one stands in."""
        first, second = (
            (self.publisher_en, self.publisher_zh) if language == "en" else (self.publisher_zh, self.publisher_en)
        )
        return first or second

    @property
    def feedback_address(self) -> str:
        """What a link to the feedback leads to; empty without one."""
        return f"mailto:{self.feedback}" if _MAIL.fullmatch(self.feedback) else self.feedback


def read_public_settings(folder: Path) -> PublicSettings:
    """Read what the configuration of a workspace says to the public.

    Raises
    ------
    DataError
        With every key that is unknown, no text, or no address.
    """
    path = folder / CONFIG
    if not path.is_file():
        return PublicSettings()
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8")).get(SECTION, {})
    except tomllib.TOMLDecodeError as error:
        raise DataError([Problem("not_toml", CONFIG, details={"reason": str(error)})]) from None
    if not isinstance(written, dict):
        raise DataError([Problem("missing_key", CONFIG, field=SECTION)])
    allowed = [f.name for f in fields(PublicSettings)]
    problems = [
        Problem("unknown_key", CONFIG, field=f"{SECTION}.{key}", details={"allowed": ", ".join(allowed)})
        for key in written.keys() - set(allowed)
    ]
    for key, value in written.items():
        if key in allowed and (not isinstance(value, str) or not _is_address(key, value)):
            problems.append(Problem("public_setting", CONFIG, field=f"{SECTION}.{key}", value=str(value)[:80]))
    if problems:
        raise DataError(problems)
    return PublicSettings(**written)


def _is_address(key: str, value: str) -> bool:
    """Tell whether a value that should be an address is one."""
    if not value or key not in ("feedback", "licence_url"):
        return True
    return bool(_WEB.fullmatch(value) or (key == "feedback" and _MAIL.fullmatch(value)))
