"""A demonstration fleet on disk: tables of units and meters, readings and late readings by day, and the truth."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.core.errors import DataError, Problem
from tanlu.monitor.fleet.forms import Forms
from tanlu.monitor.fleet.incidents import STACK_TAMPERING, TAMPERING, Incident, IncidentKind
from tanlu.monitor.fleet.readings import Rows, simulate_days
from tanlu.monitor.fleet.sites import SITE_COLUMNS, TEMPERATURE_COLUMNS, site_rows, temperature_rows
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, Quality, UnitKind, day_name

if TYPE_CHECKING:
    import pyarrow as pa

    from tanlu.monitor.fleet.design import Fleet

MANIFEST: Final = "demonstration.json"
UNIT_COLUMNS: Final = ("id", "kind", "parent", "zh", "en", "region", "sector", "valid_from", "valid_to")
METER_COLUMNS: Final = (
    "id", "unit", "carrier", "kind", "step", "ratio", "decimals", "roll", "parent", "sign", "counted", "accuracy", "rating",
    "calibrated_on", "calibration_months", "position", "valid_from", "valid_to",
)  # fmt: skip
TRUTH_COLUMNS: Final = ("kind", "is_tampering", "unit", "meter", "start", "end", "value")
_ROW_GROUP: Final = 1_000_000


def write_fleet(fleet: Fleet, folder: Path, *, progress: Callable[[int, int], None] | None = None) -> dict[str, Any]:
    """Write a fleet.

    Parameters
    ----------
    fleet : Fleet
    folder : Path
        Empty or not there. Gets ``units.csv``, ``meters.csv``, ``sites.csv``, ``temperature.csv``, ``readings/``, ``late/``, ``forms/`` (of
        whole months), ``truth.csv``, ``demonstration.json``, all at once when everything is written.
    progress : callable, optional
        Called with days done and days in all.

    Returns
    -------
    dict
        What stands in ``demonstration.json``.

    Raises
    ------
    DataError
        If the folder holds something, or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError([Problem("folder_in_use", str(folder), value=str(folder))])
    staging = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        told = _write(fleet, staging, progress)
        staging.replace(folder)
    except OSError as error:
        raise DataError([Problem("fleet_unwritten", str(folder), details={"reason": str(error)})]) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return told


def _write(fleet: Fleet, folder: Path, progress: Callable[[int, int], None] | None) -> dict[str, Any]:
    for part in ("readings", "late", "forms"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    forms = Forms(fleet)
    measuring = [*fleet.meters, *_second_meters(fleet)]
    meters = [*measuring, *forms.meters()]
    # province and prefectures are units of every ledger
    invented = [u for u in fleet.units if u["kind"] not in (UnitKind.PROVINCE, UnitKind.PREFECTURE)]
    _write_table(folder / "units.csv", UNIT_COLUMNS, invented)
    _write_table(folder / "meters.csv", METER_COLUMNS, meters)
    _write_table(folder / "truth.csv", TRUTH_COLUMNS, _truth(fleet))
    ids = [m["id"] for m in meters]
    _write_table(folder / "sites.csv", SITE_COLUMNS, site_rows(fleet))
    rows = late_rows = 0
    temperatures: list[float] = []
    for number, day in enumerate(simulate_days(fleet)):
        name = f"day={day_name(day.day)}-demonstration.parquet"
        rows += _write_rows(folder / "readings" / name, ids, [(None, day.rows)])
        temperatures.append(day.temperature)
        month = forms.add(day.day, day.rates)
        if month is not None:
            form_rows = Rows(
                len(measuring) + np.arange(len(month.value), dtype=np.int32),
                np.full(len(month.value), month.ts),
                month.value,
                np.full(len(month.value), Quality.MANUAL, dtype=np.int8),
            )
            path = folder / "forms" / f"month={month.month}-demonstration.parquet"
            late_rows += _write_rows(path, ids, [(month.known_at, form_rows)])
        late = [((arrived + 1) * DAY - CIVIL_OFFSET, part) for arrived, part in sorted(day.late.items()) if len(part)]
        if late:
            late_rows += _write_rows(folder / "late" / name, ids, late)
        if progress:
            progress(number + 1, fleet.days)
    _write_table(folder / "temperature.csv", TEMPERATURE_COLUMNS, temperature_rows(fleet, temperatures))
    manifest = {
        "demonstration": True,
        "zh": "演示数据：企业、计量器具与读数均为虚构",
        "en": "Demonstration: enterprises, meters and readings are invented",
        "seed": fleet.seed, "start": day_name(fleet.start), "days": fleet.days, "step": fleet.step,
        "units": len(invented), "meters": len(measuring), "forms": len(meters) - len(measuring), "rows": rows, "late_rows": late_rows,
        "tampering": sum(i.kind in TAMPERING for i in fleet.incidents),
    }  # fmt: skip
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return manifest


def _second_meters(fleet: Fleet) -> Iterator[dict[str, Any]]:
    """Yield the meters that take over a position; the validity of the first one ends where that of the second begins."""
    for incident in fleet.incidents:
        if incident.kind is IncidentKind.SWAP:
            first = fleet.meters[incident.target]
            at = _stamp(fleet, incident.start)
            first["valid_to"] = _iso(at)
            yield {**first, "id": f"{first['id']}-b", "valid_from": _iso(at + 1), "valid_to": ""}


def _stamp(fleet: Fleet, slot: int) -> int:
    """Return the beginning of a slot, which is the stamp of the reading before it."""
    return fleet.start * DAY - CIVIL_OFFSET + slot * fleet.step


def _iso(stamp: int) -> str:
    return datetime.fromtimestamp(stamp, UTC).isoformat().replace("+00:00", "Z")


def _truth(fleet: Fleet) -> Iterator[dict[str, Any]]:
    for incident in fleet.incidents:
        unit, meter = _where(fleet, incident)
        yield {
            "kind": incident.kind.value, "is_tampering": incident.kind in TAMPERING, "unit": unit, "meter": meter,
            "start": _iso(_stamp(fleet, incident.start)), "end": _iso(_stamp(fleet, incident.end)),
            "value": f"{incident.value:.6g}",
        }  # fmt: skip


def _where(fleet: Fleet, incident: Incident) -> tuple[str, str]:
    if incident.kind is IncidentKind.STOP:
        meter = int(np.flatnonzero(fleet.activity == incident.target)[0])
        return str(fleet.meters[meter]["unit"]), ""
    if incident.kind in STACK_TAMPERING:
        meter = int(fleet.stacks[incident.target, 0])
    else:
        meter = incident.target
    return str(fleet.meters[meter]["unit"]), str(fleet.meters[meter]["id"])


def _write_table(path: Path, columns: Sequence[str], rows: Sequence[dict[str, Any]] | Iterator[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        table.writeheader()
        table.writerows({k: int(v) if isinstance(v, bool) else v for k, v in row.items()} for row in rows)


def _schema(*, late: bool) -> pa.Schema:
    import pyarrow as pa

    fields = [
        pa.field("meter", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("ts", pa.int64(), nullable=False),
        pa.field("value", pa.int64(), nullable=False),
        pa.field("quality", pa.int8(), nullable=False),
    ]
    if late:
        fields.append(pa.field("known_at", pa.int64(), nullable=False))
    return pa.schema(fields, metadata={"demonstration": "true"})


def _write_rows(path: Path, ids: list[str], parts: Sequence[tuple[int | None, Rows]]) -> int:
    """Write rows in long form: meter by name, stamp [s], value as a whole number, quality; late ones with when they became known [µs]."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _schema(late=parts[0][0] is not None)
    names = pa.array(ids, pa.string())
    options = {
        "compression": "zstd", "use_dictionary": ["meter"], "write_statistics": True, "store_schema": True,
        "column_encoding": {k: "DELTA_BINARY_PACKED" for k in schema.names if k in ("ts", "value", "known_at")},
    }  # fmt: skip
    count = 0
    with pq.ParquetWriter(path, schema, **options) as writer:
        for known_at, rows in parts:
            columns: list[pa.Array] = [
                pa.DictionaryArray.from_arrays(pa.array(rows.meter), names),
                pa.array(rows.ts),
                pa.array(rows.value),
                pa.array(rows.quality),
            ]
            if known_at is not None:
                columns.append(pa.array(np.full(len(rows), known_at * 1_000_000, dtype=np.int64)))
            writer.write_table(pa.Table.from_arrays(columns, schema=schema), row_group_size=_ROW_GROUP)
            count += len(rows)
    return count
