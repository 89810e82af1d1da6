"""The open data sets: the tables of a frozen run, each with its data dictionary.

A data set is a file of the run and the record class of its rows, so the dictionary lists the columns that the file has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from tanlu.charts import records
from tanlu.charts.results import Results
from tanlu.core.messages import catalogue, translate
from tanlu.portal.service import NotFoundError

THEMES: Final = ("emissions", "pathways", "targets", "quality")
_KINDS: Final = {"str": "text", "int": "integer", "float": "number", "Grade": "grade"}
_IAMC: Final = ("Model", "Scenario", "Region", "Variable", "Unit")


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its name, what it holds (``text``, ``integer``, ``number`` or ``grade``), and whether cells may be empty."""

    name: str
    kind: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class DataSet:
    """An open data set.

    Parameters
    ----------
    id : str
        Also the stem of its file in the run.
    theme : str
        One of `THEMES`.
    record : type
        Record class of its rows.
    """

    id: str
    theme: str
    record: type[Any]

    def path(self, results: Results) -> Path:
        """Return the file of a run that holds it."""
        return results.folder / f"{self.id}.csv"

    def title(self, language: str) -> str:
        """Return its title."""
        return translate(f"dataset.{self.id}.title", language)

    def text(self, language: str) -> str:
        """Return what it holds, in a sentence or two."""
        return translate(f"dataset.{self.id}.text", language)


DATASETS: Final[Mapping[str, DataSet]] = {
    d.id: d
    for d in (
        DataSet("totals", "emissions", records.TotalRecord),
        DataSet("sectors", "emissions", records.SectorRecord),
        DataSet("inventory", "emissions", records.InventoryRecord),
        DataSet("energy", "emissions", records.EnergyRecord),
        DataSet("prefectures", "emissions", records.PrefectureRecord),
        DataSet("prefectures_inventory", "emissions", records.PrefectureInventoryRecord),
        DataSet("peaks", "pathways", records.PeakRecord),
        DataSet("pathways", "pathways", records.Pathway),
        DataSet("fan", "pathways", records.FanRecord),
        DataSet("levers", "pathways", records.LeverRecord),
        DataSet("wedges", "pathways", records.WedgeRecord),
        DataSet("scoreboard", "targets", records.TargetRecord),
        DataSet("intensity", "targets", records.IntensityRecord),
        DataSet("reconciliation", "quality", records.ReconciliationRecord),
        DataSet("uncertainty", "quality", records.UncertaintyRecord),
        DataSet("key_categories", "quality", records.KeyCategoryRecord),
        DataSet("measure_next", "quality", records.MeasureRecord),
        DataSet("sources", "quality", records.SourceRecord),
    )
}


def dataset(results: Results, name: str) -> DataSet:
    """Return a data set that a run has.

    Raises
    ------
    NotFoundError
        If there is none of that name, or the run is of a version that did not write it.
    """
    found = DATASETS.get(name)
    if found is None or not found.path(results).is_file():
        raise NotFoundError("portal.missing.dataset", name)
    return found


def available(results: Results) -> list[DataSet]:
    """Return the data sets of a run by theme."""
    return [d for theme in THEMES for d in DATASETS.values() if d.theme == theme and d.path(results).is_file()]


def fields_of(found: DataSet, header: list[str]) -> list[Field]:
    """Return the columns of a file by its header; years and worlds that stand as columns of their own are numbers."""
    declared = {f.name: f for f in declared_fields(found)}
    return [declared.get(name, Field(name, "number", optional=True)) for name in header]


def declared_fields(found: DataSet) -> list[Field]:
    """Return the columns that every file of a data set has."""
    if found.record is records.Pathway:
        return [Field(name, "text") for name in _IAMC]
    return [_field(f.name, str(f.type)) for f in fields(found.record) if not str(f.type).startswith("dict")]


def _field(name: str, annotation: str) -> Field:
    plain = annotation.removesuffix(" | None")
    return Field(name, _KINDS[plain], optional=plain != annotation)


def meaning(found: DataSet, name: str, language: str) -> str:
    """Return what a column means: in this data set, or in all."""
    special = "year_column" if name.isdigit() else name
    for key in (f"dataset.{found.id}.column.{special}", f"dataset.column.{special}"):
        if key in catalogue():
            return translate(key, language)
    if found.id == "levers":
        return translate("dataset.levers.world", language, name=name)
    raise KeyError(f"no text for column {name} of {found.id}")
