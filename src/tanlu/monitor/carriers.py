"""What meters measure: energy, fuels, gas in a stack, water, products; ``library/carriers.csv``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from tanlu.core.errors import DataError
from tanlu.core.schema import TableSchema
from tanlu.core.tables import Column, read_table

KINDS: Final = ("electricity", "heat", "fuel", "emission", "water", "product", "reference")
CARRIERS: Final = TableSchema(
    "carriers.csv",
    "What meters measure, in which unit, and under which name the factor library knows it",
    (
        Column("number", "integer", minimum=1, maximum=9999, note="stands in facts; never changes"),
        Column("id", note="slug"),
        Column("zh", note="Chinese name"),
        Column("en", note="English name"),
        Column("unit", "unit", note="unit of amounts"),
        Column("kind", "choice", choices=KINDS, note="what it is"),
        Column("subject", required=False, note="subject in the factor library; of an emission its gas"),
        Column("biogenic", "choice", required=False, choices=("1",), note="1 where the carbon is biogenic"),
        Column("heat", "number", required=False, minimum=0, note="heat of the unit [GJ], where the unit is no heat"),
        Column("source", required=False, note="source of the heat"),
        Column("grade", "grade", required=False, note="A official, B peer-reviewed, C other, D assumption"),
        Column("note_zh", required=False, note="note, in Chinese"),
        Column("note_en", required=False, note="the same in English"),
    ),
    ("id",),
)


@dataclass(frozen=True, slots=True)
class Carrier:
    """What a meter measures.

    Parameters
    ----------
    number : int
        Number that stands in facts.
    id, zh, en : str
    unit : str
        Unit of amounts.
    kind : str
        One of `KINDS`.
    subject : str
        Subject in the factor library; of an emission its gas.
    biogenic : bool
        Whether the carbon is biogenic.
    heat : float or None
        Heat of the unit [GJ], where the unit itself is no heat.
    source, grade, note_zh, note_en : str
        Of the heat.
    """

    number: int
    id: str
    zh: str
    en: str
    unit: str
    kind: str
    subject: str
    biogenic: bool
    heat: float | None
    source: str
    grade: str
    note_zh: str
    note_en: str

    def name(self, language: str) -> str:
        """Return the name in a language."""
        return self.zh if language == "zh" else self.en


def _carrier(row: dict[str, Any]) -> Carrier:
    grade = row["grade"].value if row["grade"] else ""
    text = {k: row[k] or "" for k in ("subject", "source", "note_zh", "note_en")}
    return Carrier(**{**row, **text, "grade": grade, "biogenic": row["biogenic"] == "1"})


@cache
def carriers() -> dict[str, Carrier]:
    """Return all carriers by id.

    Raises
    ------
    DataError
        With every problem of the table.
    """
    folder = Path(str(files("tanlu.library")))
    table = read_table(folder / CARRIERS.file, CARRIERS.columns, key=CARRIERS.key, root=folder)
    if table.problems:
        raise DataError(table.problems)
    return {str(row["id"]): _carrier(row) for row in table.rows}


@cache
def carriers_by_number() -> dict[int, Carrier]:
    """Return all carriers by number."""
    return {carrier.number: carrier for carrier in carriers().values()}
