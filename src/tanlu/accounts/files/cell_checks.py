"""What a person writes into a cell: periods, numbers and errors, and the mend for each spelling that is not taken.

Each check returns the cleaned text and, when something is wrong, the code and the details of the problem. Nothing is mended silently:
a comma may be a decimal point to the one who wrote it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Final, NamedTuple

PERIOD: Final = re.compile(r"(?:19|20|21)\d\d(?:-(?:0[1-9]|1[0-2]))?")
DATE: Final = re.compile(
    r"((?:19|20|21)\d\d)(?:\s*[年./-]\s*(\d{1,2})?)?(?:\s*[月./-]\s*(?:\d{1,2})?\s*日?)?(?:[ T].*)?"
)
COMPACT_DATE: Final = re.compile(r"((?:19|20|21)\d\d)(\d\d)(?:\d\d)?")
SERIAL: Final = re.compile(r"[2-6]\d{4}")
"""Number of days under which a spreadsheet keeps a date (1954–2091)."""
GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:([, '])\d{3})(?:\1\d{3})*(?:\.\d+)?")
NUMERIC: Final = re.compile(r"(?=.*\d)[\d.,'_\s+eE%–-]+")
EXCEL_ERRORS: Final = frozenset(
    {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!", "#GETTING_DATA"}
)


class Checked(NamedTuple):
    """A cleaned text, and what is wrong with it (empty code when nothing is)."""

    text: str
    code: str = ""
    details: tuple[tuple[str, str], ...] = ()


def check_text(text: str) -> Checked:
    """Clean a text; the error of a formula is none."""
    clean = text.strip()
    return Checked(clean, "formula_error") if clean in EXCEL_ERRORS else Checked(clean)


def check_period(text: str) -> Checked:
    """Check a period: ``2024`` or ``2024-05``."""
    clean = text.strip()
    if PERIOD.fullmatch(clean):
        return Checked(clean)
    if not clean:
        return Checked(clean, "empty")
    if clean in EXCEL_ERRORS:
        return Checked(clean, "formula_error")
    suggestion = _period_of(unicodedata.normalize("NFKC", clean))
    if suggestion is None:
        return Checked(clean, "not_a_period")
    return Checked(clean, "date_as_text", (("suggestion", suggestion),))


def _period_of(text: str) -> str | None:
    """Return the period that a date means."""
    if PERIOD.fullmatch(text):
        return text
    if SERIAL.fullmatch(text):
        from datetime import date, timedelta

        # a spreadsheet counts days from the last day of 1899, with a 29 February 1900 that never was
        return f"{date(1899, 12, 30) + timedelta(days=int(text)):%Y-%m}"
    found = COMPACT_DATE.fullmatch(text) or DATE.fullmatch(text)
    if found is None:
        return None
    year, month = found.group(1), found.group(2)
    if month is None:
        return year
    return f"{year}-{int(month):02}" if 1 <= int(month) <= 12 else None


def check_value(text: str) -> Checked:
    """Check a number or a word: a number in a spelling that a program does not read is a problem, a word is left to the method."""
    clean = text.strip()
    if not clean:
        return Checked(clean, "empty")
    if clean in EXCEL_ERRORS:
        return Checked(clean, "formula_error")
    number = _number(clean)
    if number is not None:
        return Checked(clean) if math.isfinite(number) else Checked(clean, "not_finite")
    plain = unicodedata.normalize("NFKC", clean).replace("−", "-").replace("\u00a0", " ")
    if not NUMERIC.fullmatch(plain) and _number(plain) is None:
        return Checked(clean)
    mended = re.sub(r"[, ']", "", plain) if GROUPED.fullmatch(plain) else plain
    if _number(mended) is None:
        return Checked(clean, "not_a_number")
    return Checked(clean, "number_as_text", (("suggestion", mended),))


def _number(text: str) -> float | None:
    """Return the number that a text of plain digits is."""
    # float() alone would also take full-width digits and 1_000
    if not text.isascii() or "_" in text:
        return None
    try:
        return float(text)
    except ValueError:
        return None


def check_uncertainty(text: str) -> Checked:
    """Check a percentage that may be empty."""
    return check_value(text) if text.strip() else Checked("")
