"""What the parts of monitoring agree on: stamps, days, qualities, and the columns of readings and facts.

Time is whole seconds since 1970-01-01 UTC. A stamp is the **end** of the interval it closes; a register stands at its stamp. Days are days
of the civil time of the province, which is a fixed offset from UTC: `day_of` is integer arithmetic, so that every engine agrees. Readings
are whole numbers: the value as the meter showed it × 10^decimals of the meter, so that nothing is rounded on the way.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

HOUR: Final = 3600
DAY: Final = 86_400
CIVIL_OFFSET: Final = 8 * HOUR
"""China has one civil time, UTC+8, without summer time since 1992; stamps before 1992-01-01 are refused."""
FIRST_STAMP: Final = 694_195_200
"""1991-12-31 16:00 UTC, the first second of 1992 in civil time."""


class Quality(IntEnum):
    """What is known of a single reading. The first three count as data; the letters are those of HJ 212-2017, table 10."""

    GOOD = 0
    """Measured (N)."""
    MANUAL = 1
    """Set by hand at the instrument or typed (S)."""
    ESTIMATED = 2
    """Estimated by the sender."""
    MAINTENANCE = 3
    """Instrument under maintenance (M)."""
    CALIBRATION = 4
    """Instrument being calibrated (C)."""
    FAULT = 5
    """Instrument faulty (D)."""
    OVER_RANGE = 6
    """Outside the measuring range (T)."""
    NO_CONTACT = 7
    """No communication with the instrument (B)."""
    STOPPED = 8
    """Source declared as stopped (F)."""
    REFUSED = 9
    """Kept, but found impossible at intake or withdrawn by a correction."""


USABLE: Final = int(Quality.ESTIMATED)
"""Readings of this quality or better are data; the others say only that there was none."""
HJ212_FLAGS: Final = {
    "N": Quality.GOOD,
    "S": Quality.MANUAL,
    "M": Quality.MAINTENANCE,
    "C": Quality.CALIBRATION,
    "D": Quality.FAULT,
    "T": Quality.OVER_RANGE,
    "B": Quality.NO_CONTACT,
    "F": Quality.STOPPED,
}


class MeterKind(StrEnum):
    """How the value of a meter is to be read."""

    REGISTER = "register"
    """A counter that only rises until it rolls over or is reset; amounts are differences."""
    INTERVAL = "interval"
    """The amount of the interval that the stamp closes."""
    RATE = "rate"
    """A rate per hour at the stamp (power in kW, flow in m3/h, mass flow in kg/h); amounts are rate × time."""


class UnitKind(StrEnum):
    """Levels of the hierarchy, lowest first."""

    DEVICE = "device"
    ENTERPRISE = "enterprise"
    PARK = "park"
    COUNTY = "county"
    PREFECTURE = "prefecture"
    PROVINCE = "province"


def day_of(stamp: np.ndarray | int) -> np.ndarray | int:
    """Return the number of the civil day in which the interval that ends at a stamp lies.

    An interval that ends at midnight belongs to the day before.
    """
    return (stamp + CIVIL_OFFSET - 1) // DAY


def hour_of(stamp: np.ndarray | int) -> np.ndarray | int:
    """Return the first second (UTC) of the hour in which the interval that ends at a stamp lies."""
    return (stamp - 1) // HOUR * HOUR


def day_name(day: int) -> str:
    """Return the date of a day number as YYYY-MM-DD, as it stands in folder names."""
    return str(np.datetime64(day, "D"))


def day_number(name: str) -> int:
    """Return the number of the day of a date written YYYY-MM-DD.

    Raises
    ------
    ValueError
        If the text is not a date.
    """
    return int(np.datetime64(name, "D").astype(np.int64))


def readings_schema() -> pa.Schema:
    """Return the columns of a ledger file.

    ``meter`` is the number that the catalogue gave to the meter, ``known_at`` microseconds since 1970 UTC, ``batch`` the number of
    the batch that brought the row. Rows are sorted by meter, stamp, known_at, batch; no column is ever null.
    """
    import pyarrow as pa

    fields = {
        "meter": pa.int32(),
        "ts": pa.int64(),
        "value": pa.int64(),
        "quality": pa.int8(),
        "known_at": pa.int64(),
        "batch": pa.int32(),
    }
    return pa.schema([pa.field(name, kind, nullable=False) for name, kind in fields.items()])


def meter_hours_schema() -> pa.Schema:
    """Return the columns of the hourly facts of meters.

    ``hour`` is the first second of the hour (UTC); ``quantity`` is in the unit of the meter's carrier after its ratio, null where
    nothing is known, ``estimated`` the part of it that was filled or estimated; the counts are slots of the meter's step: measured,
    estimated or filled, and missing.
    """
    import pyarrow as pa

    return pa.schema(
        [
            pa.field("meter", pa.int32(), nullable=False),
            pa.field("hour", pa.int64(), nullable=False),
            pa.field("quantity", pa.float64()),
            pa.field("estimated", pa.float64(), nullable=False),
            pa.field("n_good", pa.int16(), nullable=False),
            pa.field("n_estimated", pa.int16(), nullable=False),
            pa.field("n_missing", pa.int16(), nullable=False),
        ]
    )


def unit_hours_schema() -> pa.Schema:
    """Return the columns of the hourly facts of enterprises: the same by unit and carrier, meters that are not counted left out.

    ``stack`` says which gases of a fuel are measured at a stack: 1 CO2, 2 CH4, 4 N2O, and their sums; eight times the place of where it is
    burnt in `tanlu.monitor.meter_table.BURNT_IN` is added.
    """
    import pyarrow as pa

    return pa.schema(
        [
            pa.field("unit", pa.int32(), nullable=False),
            pa.field("carrier", pa.int16(), nullable=False),
            pa.field("stack", pa.int8(), nullable=False),
            pa.field("hour", pa.int64(), nullable=False),
            pa.field("quantity", pa.float64()),
            pa.field("estimated", pa.float64(), nullable=False),
            pa.field("n_good", pa.int32(), nullable=False),
            pa.field("n_estimated", pa.int32(), nullable=False),
            pa.field("n_missing", pa.int32(), nullable=False),
        ]
    )
