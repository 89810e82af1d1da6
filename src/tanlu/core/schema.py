"""The schema of a province folder: which tables it holds and what stands in each column.

The same declarations check a folder (`tanlu.core.province`) and make the data dictionary of the documentation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tanlu.core.tables import Column


@dataclass(frozen=True, slots=True)
class TableSchema:
    """A CSV file of a province folder: its columns, its key and one line on what it is for."""

    file: str
    purpose: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]


SOURCES: Final = TableSchema(
    "sources.csv",
    "Every document, table or page in which a number was read",
    (
        Column("id", note="short name used in the other tables"),
        Column("title_zh", note="document and table, in Chinese"),
        Column("title_en", note="document and table, in English"),
        Column("publisher_zh", required=False, note="who issued it, in Chinese"),
        Column("publisher_en", required=False, note="who issued it, in English"),
        Column("url", required=False, note="address, where there is one"),
        Column("grade", "grade", note="A official, B peer-reviewed, C other, D assumption"),
        Column("note_zh", required=False, note="conditions of use, doubts, in Chinese"),
        Column("note_en", required=False, note="the same in English"),
    ),
    ("id",),
)
REGIONS: Final = TableSchema(
    "regions.csv",
    "The province and its prefectures",
    (
        Column("id", note="pinyin slug; of a prefecture: province/prefecture"),
        Column("parent", required=False, note="id of the region above; empty for the province"),
        Column("zh", note="Chinese name"),
        Column("en", note="English name"),
        Column("tile_x", "integer", False, 0, 40, note="column in the schematic tile grid"),
        Column("tile_y", "integer", False, 0, 40, note="row in the schematic tile grid"),
        Column("latitude", "number", False, -90, 90, note="of the seat [degree]"),
        Column("longitude", "number", False, -180, 180, note="of the seat [degree]"),
    ),
    ("id",),
)
STATISTICS: Final = TableSchema(
    "statistics.csv",
    "Facts: statistics, balances and measurements, one number a row, never changed",
    (
        Column("variable", note="hierarchical name, parts joined by |"),
        Column("region", note="id in regions.csv"),
        Column("year", "year", note="calendar year"),
        Column("value", "number", note="in the unit of the row"),
        Column("unit", "unit", note="as published"),
        Column("source", note="id in sources.csv"),
        Column("grade", "grade", note="of this number; not better than its source"),
        Column("recorded", note="ISO date on which the fact entered the folder"),
        Column("note_zh", required=False, note="definition, table, derivation, in Chinese"),
        Column("note_en", required=False, note="the same in English"),
    ),
    ("variable", "region", "year"),
)
FACTORS: Final = TableSchema(
    "factors.csv",
    "Emission factors and parameters, dated and sourced; a set is used whole",
    (
        Column("id", note="set.parameter.subject"),
        Column("set", note="the set it belongs to"),
        Column("parameter", note="carbon content, oxidation factor, emission factor, …"),
        Column("subject", note="fuel, product, animal, …"),
        Column("gas", required=False, note="gas of an emission factor"),
        Column("value", "number", note="in the unit of the row"),
        Column("unit", "unit", note="for example t C/GJ"),
        Column("low", "number", False, note="lower end of the 95 % interval"),
        Column("high", "number", False, note="upper end of the 95 % interval"),
        Column("valid_from", "year", False, note="first year of use; empty when open"),
        Column("valid_to", "year", False, note="last year of use; empty when open"),
        Column("source", note="id in sources.csv"),
        Column("locator", required=False, note="number of the table, clause or database entry, without words"),
        Column("grade", "grade", note="of this number"),
        Column("note_zh", required=False, note="limits of use, in Chinese"),
        Column("note_en", required=False, note="the same in English"),
    ),
    ("id",),
)
LABELS: Final = TableSchema(
    "labels.csv",
    "Names, in both languages, of the parts of variables and of the sets, parameters and subjects of factors",
    (
        Column(
            "part", note="what stands between two | of a variable; set or parameter; part of a subject between dots"
        ),
        Column("zh", note="Chinese name"),
        Column("en", note="English name"),
        Column("note", required=False, note="for those who keep the table"),
    ),
    ("part",),
)
TABLES: Final = (SOURCES, REGIONS, STATISTICS, FACTORS, LABELS)

NON_NEGATIVE: Final = (
    "Production|",
    "Sown Area|",
    "Population|",
    "Livestock|",
    "Capacity|",
    "Stock|",
    "Forest|",
    "Secondary Energy|",
)
"""Variables (by the start of their name) that cannot be negative."""
