"""How faults of an energy system are worded: names that are near, what a name stands for, figures, and the hour of the year."""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Iterable

import numpy as np

from tanlu.core.messages import LANGUAGES, translate
from tanlu.energy.timegrid import HOURS_PER_YEAR


def nearest(value: str, known: Iterable[str]) -> dict[str, object]:
    """Return the fields of a message that suggests a name: the nearest known one, or some that are known."""
    names = list(dict.fromkeys(str(name) for name in known))
    close = difflib.get_close_matches(value, names, n=3, cutoff=0.6)
    return {"suggestions": ", ".join(close or names[:12]) or "–"}


def kind_of(kind: str) -> dict[str, object]:
    """Return the fields of a message that say what a name stands for, in both languages."""
    return {f"kind_{language}": translate(f"energy.kind.{kind}", language) for language in LANGUAGES}


def figure(number: float) -> str:
    """Return a number with six significant digits, all written out: officials read 3500000, not 3.5e+06."""
    return np.format_float_positional(number, precision=6, unique=False, fractional=False, trim="-")


def exactly(number: float) -> str:
    """Return a number as it was given, all written out."""
    return np.format_float_positional(number, trim="-")


def moment(hour: int, hours: int = HOURS_PER_YEAR) -> str:
    """Return an hour of the year as month, day and time; of a shorter span as its number."""
    if hours != HOURS_PER_YEAR:
        return str(hour)
    start = datetime.datetime(2001, 1, 1) + datetime.timedelta(hours=int(hour))
    return f"{start:%m-%d %H}:00"
