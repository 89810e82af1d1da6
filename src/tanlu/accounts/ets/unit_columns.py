"""Columns of the table of units by kind of plan, and the words that they take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Final

from tanlu.accounts.ets.checks import COOLING, SECTORS
from tanlu.accounts.ets.records import (
    CONVENTIONAL_COAL,
    FLUIDISED_BED,
    GAS,
    UNCONVENTIONAL_COAL,
    IndustrialUnit,
    PowerUnit,
)

REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "power": ("id", "fuel", "capacity", "emissions"),
    "industry": ("id", "sector", "emissions", "output"),
}
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "power": tuple(f.name for f in fields(PowerUnit)),
    "industry": tuple(f.name for f in fields(IndustrialUnit)),
}
"""Columns of the table by kind of plan."""
WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "fuel": (*CONVENTIONAL_COAL, *UNCONVENTIONAL_COAL, *GAS), "technology": (FLUIDISED_BED,), "cooling": COOLING, "sector": SECTORS,
}  # fmt: skip
"""Columns that hold one of some words, or its Chinese or English name."""
TEXTS: Final = ("id", "special", *WORDS)
"""Columns that hold no number."""
