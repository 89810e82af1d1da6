"""Which file of the province folder holds which numbers, and what the table of sectors says."""

from __future__ import annotations

from typing import Final

from tanlu.core.tables import Column
from tanlu.pathways.assumptions import Assumption
from tanlu.pathways.coeffects import declared as coeffects
from tanlu.pathways.costs import declared as costs
from tanlu.pathways.noncarbon import declared as noncarbon

FOLDER: Final = "effects"
SETS: Final = noncarbon.SETS | costs.SETS | coeffects.SETS
FILES: Final[dict[str, tuple[Assumption, ...]]] = {
    "noncarbon.csv": noncarbon.DECLARED,
    "costs.csv": costs.DECLARED,
    "coeffects.csv": coeffects.DECLARED,
}
KINDS: Final = (*coeffects.BURNERS, "none")
SECTOR_COLUMNS: Final = (
    Column("sector", note="id of an emitter of the pathway model"),
    Column("actor", "choice", choices=costs.ACTORS, note="who bears its costs"),
    Column("equipment", "choice", choices=KINDS, note="class of its equipment"),
    Column(
        "drives",
        "choice",
        required=False,
        choices=("caprolactam",),
        note="source of other gases that follows its services",
    ),
)
