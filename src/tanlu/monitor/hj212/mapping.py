"""Which meters a device of HJ 212 is, and the readings of a packet.

Stamps: the ledger wants the end of an interval. The standard's examples stamp statistics with their beginning (annex C: the ten minutes
from 08:40 are sent at 08:50:00.001 with DataTime 08:40:00), so the length of the interval is added; real-time values keep theirs.
Loggers that do otherwise are met: the map may say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.core.tables import Column
from tanlu.monitor.batch import Batch
from tanlu.monitor.hj212.frame import DAYS, GOOD, HOURS, MINUTES, REAL_TIME, Frame, is_number
from tanlu.monitor.point_map import PointMap, scale_of
from tanlu.monitor.refusal import Refusal
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, HJ212_FLAGS, HOUR, Quality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tanlu.monitor.hj212.shapes import Upload
    from tanlu.monitor.registry import Registry

FLAGS: Final[Mapping[str, int]] = {flag: int(quality) for flag, quality in HJ212_FLAGS.items()} | {
    "P": int(Quality.FAULT),
    "0": int(Quality.CALIBRATION),
    "2": int(Quality.FAULT),
    "3": int(Quality.GOOD),
}
"""Flags of both forms: HJ/T 212-2005 has P (no power) for sources, and digits (calibrating, abnormal, normal) for stations of air."""
COMMANDS: Final = {"rtd": REAL_TIME, "minute": MINUTES, "hour": HOURS, "day": DAYS}
_FIELDS: Final = ("Rtd", "Avg", "Cou", "Min", "Max", "ZsRtd", "ZsAvg", "ZsCou", "ZsMin", "ZsMax")
COLUMNS: Final = (
    Column("mn", note="number of the device"),
    Column("code", note="code of the pollutant or quantity"),
    Column(
        "command",
        kind="choice",
        choices=tuple(COMMANDS),
        note="which uploads count: rtd 2011, minute 2051, hour 2061, day 2031",
    ),
    Column("field", kind="choice", choices=_FIELDS, note="which value of it"),
    Column(
        "label",
        kind="choice",
        choices=("start", "end"),
        required=False,
        note="what DataTime is; start for statistics if empty",
    ),
    Column("password", required=False, note="PW that the device must send; any if empty"),
)


@dataclass(frozen=True, slots=True)
class Point:
    """A value of a device: code, field, meter, scale to whole numbers, and seconds from DataTime to the end of the interval."""

    code: str
    field: str
    meter: int
    scale: float
    shift: int


@dataclass(frozen=True)
class Channel:
    """The points of a device in one kind of upload, and the seconds between uploads."""

    points: tuple[Point, ...]
    step: int

    @cached_property
    def meters(self) -> NDArray[np.int32]:
        """Meters of the points."""
        return np.array([point.meter for point in self.points], np.int32)

    @cached_property
    def shifts(self) -> tuple[int, ...]:
        """Shifts of the points [s]."""
        return tuple(point.shift for point in self.points)

    def stamps(self, when: str) -> NDArray[np.int64]:
        """Return the stamps of the points of an upload whose time of data is ``when``; they cannot be written to."""
        return _stamps(self.shifts, when)

    @cached_property
    def good(self) -> NDArray[np.int8]:
        """Quality of the points where all of them are good."""
        return np.zeros(len(self.points), np.int8)


@dataclass(frozen=True)
class DeviceMap:
    """The devices that may send.

    Parameters
    ----------
    channels : mapping
        By device and command.
    passwords : mapping
        By device, where one is asked for.
    devices : frozenset of str
    """

    channels: Mapping[tuple[str, str], Channel]
    passwords: Mapping[str, str]
    devices: frozenset[str]


def read_map(path: Path, registry: Registry) -> DeviceMap:
    """Read the map of devices.

    Raises
    ------
    DataError
        With everything that is wrong with it: unknown meters, meters named twice, two passwords or steps of one device.
    """
    found = PointMap(path, COLUMNS, ("mn", "code", "command", "field"), registry)
    points: dict[tuple[str, str], list[Point]] = {}
    steps: dict[tuple[str, str], tuple[int, int]] = {}
    passwords: dict[str, tuple[str, int]] = {}
    for line, row, meter in found.rows:
        mn, command, password = str(row["mn"]), COMMANDS[str(row["command"])], str(row["password"])
        step = {HOURS: HOUR, DAYS: DAY}.get(command, meter.step)
        if step != meter.step:
            found.problem("monitor_map_step", line, "command", row["command"], step=meter.step, wanted=step)
        known_step, first = steps.setdefault((mn, command), (step, line))
        if known_step != step:
            found.problem("monitor_map_steps", line, "meter", meter.id, step=step, first=first, wanted=known_step)
        known, first = passwords.setdefault(mn, (password, line))
        if password != known:
            found.problem("monitor_map_password", line, "password", password, first=first)
        starts = row["label"] == "start" or (not row["label"] and command != REAL_TIME)
        shift = step if starts else 0
        points.setdefault((mn, command), []).append(
            Point(str(row["code"]), str(row["field"]), meter.number, scale_of(row, meter), shift)
        )
    found.raise_problems()
    channels = {key: Channel(tuple(those), steps[key][0]) for key, those in points.items()}
    return DeviceMap(
        channels, {mn: word for mn, (word, _) in passwords.items() if word}, frozenset(mn for mn, _ in points)
    )


@lru_cache(maxsize=8192)
def stamp_of(civil: str) -> int:
    """Return the stamp (UTC seconds) of a time of the standard, ``yyyyMMddHHmmss`` in China's civil time."""
    iso = f"{civil[:4]}-{civil[4:6]}-{civil[6:8]}T{civil[8:10]}:{civil[10:12]}:{civil[12:14]}"
    return int(np.datetime64(iso, "s").astype(np.int64)) - CIVIL_OFFSET


@lru_cache(maxsize=1024)
def _stamps(shifts: tuple[int, ...], when: str) -> NDArray[np.int64]:
    # many devices tell the same minute
    found = np.array(shifts, np.int64) + stamp_of(when)
    found.flags.writeable = False
    return found


def civil_of(stamp: int) -> str:
    """Return a stamp (UTC seconds) as the standard writes it."""
    text = str(np.datetime64(stamp + CIVIL_OFFSET, "s"))
    return text.replace("-", "").replace("T", "").replace(":", "")


def readings_of(frame: Frame, channel: Channel, data_time: str) -> tuple[Batch, list[Refusal], set[str]]:
    """Return the readings of an upload.

    Parameters
    ----------
    frame : Frame
    channel : Channel
        Of its device and command.
    data_time : str
        Time of the data: that of the packet, or of the first packet of a split message.

    Returns
    -------
    batch : Batch
        Source ``hj212:<MN>``; its name is command and DataTime, so that an upload sent again is known as such.
    refused : list of Refusal
        Values with an unknown flag, and codes without the field that the map wants.
    unmapped : set of str
        Codes that stand in no map.
    """

    base = stamp_of(data_time)
    part = f"/{frame.pno}" if frame.pnum else ""
    source, name = f"hj212:{frame.mn}", f"{frame.cn} {data_time}{part}"
    if (values := _all_good(frame, channel)) is not None:
        return Batch(source, channel.meters, channel.stamps(data_time), values, None, name), [], set()
    rows: list[tuple[int, int, int, int]] = []
    refused: list[Refusal] = []
    unmapped = set(frame.data)
    for point in channel.points:
        found = frame.data.get(point.code)
        if found is None:
            continue
        unmapped.discard(point.code)
        value = found.get(point.field)
        if value is None:
            refused.append(Refusal("hj212_no_field", code=point.code, field=point.field))
            continue
        quality = FLAGS.get(found.get("Flag", GOOD))
        if quality is None:
            refused.append(Refusal("hj212_flag", code=point.code, value=found["Flag"]))
            continue
        number = float(value) if is_number(value) else 0.0
        rows.append((point.meter, base + point.shift, round(number * point.scale), quality))
    columns = np.array(rows, np.int64).reshape(-1, 4)
    batch = Batch(
        source,
        columns[:, 0].astype(np.int32),
        columns[:, 1],
        columns[:, 2],
        columns[:, 3].astype(np.int8),
        name,
    )
    return batch, refused, unmapped


@dataclass(frozen=True, eq=False, slots=True)
class Route:
    """From uploads of one form and device straight to readings: which of their numbers the points are, and the scales of the points."""

    channel: Channel
    source: str
    picks: tuple[int, ...]
    scales: tuple[float, ...]

    def readings(self, upload: Upload) -> Batch:
        """Return the readings of an upload, as `readings_of` does."""
        values, when = upload.values, upload.data_time
        whole = [round(float(values[at]) * scale) for at, scale in zip(self.picks, self.scales, strict=True)]
        channel = self.channel
        name = f"{upload.shape.cn} {when}"
        return Batch(self.source, channel.meters, channel.stamps(when), np.array(whole, np.int64), channel.good, name)


def route_of(upload: Upload, channel: Channel) -> Route | None:
    """Return the route of the uploads of a device; None if a point is lacking in their form, or a code has no point."""
    fields = {field: at for at, field in enumerate(upload.shape.fields)}
    wanted = [(point.code, point.field) for point in channel.points]
    codes = {code for code, _ in fields}
    if codes != {code for code, _ in wanted} or len(codes) != len(wanted) or not fields.keys() >= set(wanted):
        return None
    picks = tuple(fields[field] for field in wanted)
    return Route(channel, f"hj212:{upload.mn}", picks, tuple(point.scale for point in channel.points))


def _all_good(frame: Frame, channel: Channel) -> NDArray[np.int64] | None:
    """Return the values of an upload that holds a good number for each point and nothing else, which is usual; else None."""
    data, points = frame.data, channel.points
    if len(data) != len(points):
        return None
    try:
        found = [data[point.code] for point in points]
        if any(values.get("Flag", GOOD) != GOOD for values in found):
            return None
        numbers = [values[point.field] for values, point in zip(found, points, strict=True)]
    except KeyError:
        return None
    if not all(map(is_number, numbers)):
        return None
    whole = [round(float(text) * point.scale) for text, point in zip(numbers, points, strict=True)]
    return np.array(whole, np.int64)
