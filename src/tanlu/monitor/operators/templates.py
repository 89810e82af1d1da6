"""Readings to hourly facts as SQL: clean, difference, spread, hourly sums, resample to whole hours, roll-up.

Tables and their columns
------------------------
``readings``: `tanlu.monitor.schema.readings_schema`. ``meters``: `tanlu.monitor.meter_table.MeterTable`, one row a meter.
``hours``: ``hour``, first seconds of the hours wanted. ``numbers``: ``n`` = 0, 1, 2 … as many as a span may cover hours.

All instants and amounts before their scale are whole numbers, so that nothing depends on how an engine rounds. Two readings of one meter
and stamp are ordered by when they became known, then by batch; no other order is relied on.

Rules
-----
- *clean*: of each (meter, stamp) the reading known last; quality good, manual or estimated; inside the validity of the meter; registers
  not negative and below their roll value; amounts and rates not above what the rating allows. A stack that is declared stopped emits
  nothing.
- *difference*: a register counts from the usable reading before. A fall is a roll-over if the amount through the roll value is possible by
  the rating (without a rating: if it is at most a tenth of the roll value), otherwise a reset, of which only what was counted since zero
  is taken, as estimated, and only if the rating is known and allows it. What the rating does not allow is lost, never guessed.
- *spread*: an amount lies evenly between its two stamps. A register that was silent for more than one and a half steps across an hour has
  an exact total and an estimated shape. Intervals that overlap count once.
- *resample*: slots are the whole multiples of the step; an hour of a meter whose gaps are filled that has 45 of its 60 minutes is completed
  at its own level (HJ 75-2017: an hour is valid from 45 minutes on).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tanlu.monitor.operators.dialects import Dialect
from tanlu.monitor.schema import HOUR, USABLE, Quality

REGISTER: Final = 0
"""Kind in the table of meters: a counter."""
DIRECT: Final = 1
"""Kind in the table of meters: the value is the amount of a step, after its scale."""
FOREVER: Final = 9_000_000_000_000_000
"""A moment of knowledge after all others [µs]."""
ORDER: Final = "PARTITION BY meter ORDER BY ts"


def clean(d: Dialect, readings: str = "readings", meters: str = "meters", known_at: int = FOREVER) -> str:
    """Return the usable reading of each (meter, ts): ``meter, ts, value, doubt``."""
    return f"""
SELECT r.meter AS meter, r.ts AS ts,
       CASE WHEN r.quality = {int(Quality.STOPPED)} THEN 0 ELSE r.value END AS value,
       CASE WHEN r.quality = {int(Quality.ESTIMATED)} THEN 1 ELSE 0 END AS doubt
FROM (SELECT meter, ts, value, quality,
             ROW_NUMBER() OVER (PARTITION BY meter, ts ORDER BY known_at DESC, batch DESC) AS place
      FROM {readings} WHERE known_at <= {known_at}) r
JOIN {meters} m ON m.meter = r.meter
WHERE r.place = 1 AND {_usable()}"""


def clean_plain(d: Dialect, readings: str = "readings", meters: str = "meters", also: Sequence[str] = ()) -> str:
    """Return the same for readings of which no two share meter and stamp and all are known: nothing has to be ordered.

    ``also`` are further columns, told of ``r`` (the reading) and ``m`` (its meter).
    """
    more = "".join(f", {column}" for column in also)
    return f"""
SELECT r.meter AS meter, r.ts AS ts,
       CASE WHEN r.quality = {int(Quality.STOPPED)} THEN 0 ELSE r.value END AS value,
       CASE WHEN r.quality = {int(Quality.ESTIMATED)} THEN 1 ELSE 0 END AS doubt{more}
FROM {readings} r JOIN {meters} m ON m.meter = r.meter
WHERE {_usable()}"""


def _usable() -> str:
    return f"""(r.quality <= {USABLE} OR (r.quality = {int(Quality.STOPPED)} AND m.kind = {DIRECT}))
  AND r.ts <= m.valid_to AND (r.ts > m.valid_from OR (r.ts = m.valid_from AND m.kind = {REGISTER}))
  AND (m.kind = {DIRECT} OR (r.value >= 0 AND (m.roll = 0 OR r.value < m.roll)))
  AND (m.kind = {REGISTER} OR m.most = 0 OR r.quality = {int(Quality.STOPPED)}
       OR (r.value <= m.most AND r.value >= -m.most))"""


def difference(d: Dialect, cleaned: str = "cleaned", meters: str = "meters") -> str:
    """Return what each usable reading tells: ``meter, start_ts, end_ts, whole, amount, doubt``.

    The amount before scale belongs to ``whole`` seconds, of which those after ``start_ts`` count.
    """
    spans = f"""
SELECT meter, ts, value, doubt, {d.before("ts", ORDER)} AS ts0, {d.before("value", ORDER)} AS value0,
       {d.before("doubt", ORDER)} AS doubt0
FROM {cleaned}"""
    passed = f"(s.ts - s.ts0) * 2 > m.step * 3 AND s.ts0 - s.ts0 % {HOUR} <> s.ts - 1 - (s.ts - 1) % {HOUR}"
    rolled = "s.value - s.value0 + m.roll"
    counted = f"""
SELECT s.meter AS meter,
       CASE WHEN m.kind = {DIRECT} THEN CASE WHEN s.ts0 IS NULL OR s.ts0 <= s.ts - m.step THEN s.ts - m.step ELSE s.ts0 END
            ELSE s.ts0 END AS start_ts,
       s.ts AS end_ts,
       CASE WHEN m.kind = {DIRECT} THEN m.step ELSE s.ts - s.ts0 END AS whole,
       CASE WHEN m.kind = {DIRECT} THEN s.value
            WHEN s.value >= s.value0 THEN
                 CASE WHEN m.most = 0 OR (s.value - s.value0) * {HOUR} <= m.most * (s.ts - s.ts0) THEN s.value - s.value0 END
            WHEN m.roll > 0 AND m.most > 0 AND ({rolled}) * {HOUR} <= m.most * (s.ts - s.ts0) THEN {rolled}
            WHEN m.roll > 0 AND m.most = 0 AND ({rolled}) * 10 <= m.roll THEN {rolled}
            WHEN m.most > 0 AND s.value * {HOUR} <= m.most * (s.ts - s.ts0) THEN s.value
       END AS amount,
       CASE WHEN s.doubt = 1 THEN 1
            WHEN m.kind = {DIRECT} THEN 0
            WHEN s.doubt0 = 1 THEN 1
            WHEN {passed} THEN 1
            WHEN s.value >= s.value0 THEN 0
            WHEN m.roll > 0 AND m.most > 0 AND ({rolled}) * {HOUR} <= m.most * (s.ts - s.ts0) THEN 0
            WHEN m.roll > 0 AND m.most = 0 AND ({rolled}) * 10 <= m.roll THEN 0
            ELSE 1 END AS doubt
FROM ({spans}) s JOIN {meters} m ON m.meter = s.meter
WHERE m.kind = {DIRECT} OR s.ts0 IS NOT NULL"""
    return f"SELECT meter, start_ts, end_ts, whole, amount, doubt FROM ({counted}) c WHERE amount IS NOT NULL"


def spread(d: Dialect, spans: str = "spans", numbers: str = "numbers") -> str:
    """Return the parts of spans by hour: ``meter, hour, lo, hi, whole, amount, doubt``; lo and hi are seconds inside the hour."""
    first = f"start_ts - start_ts % {HOUR}"
    last = f"end_ts - 1 - (end_ts - 1) % {HOUR}"
    return f"""
SELECT meter, {first} AS hour, start_ts AS lo, end_ts AS hi, whole, amount, doubt
FROM {spans} WHERE {first} = {last}
UNION ALL
SELECT s.meter AS meter, s.hour AS hour,
       CASE WHEN s.start_ts > s.hour THEN s.start_ts ELSE s.hour END AS lo,
       CASE WHEN s.end_ts < s.hour + {HOUR} THEN s.end_ts ELSE s.hour + {HOUR} END AS hi,
       s.whole AS whole, s.amount AS amount, s.doubt AS doubt
FROM (SELECT w.meter AS meter, w.start_ts AS start_ts, w.end_ts AS end_ts, w.whole AS whole, w.amount AS amount, w.doubt AS doubt,
             w.start_ts - w.start_ts % {HOUR} + k.n * {HOUR} AS hour
      FROM (SELECT meter, start_ts, end_ts, whole, amount, doubt FROM {spans} WHERE {first} <> {last}) w
      JOIN (SELECT n FROM {numbers} WHERE n * {HOUR} <= (SELECT MAX({last} - ({first})) FROM {spans})) k
        ON k.n * {HOUR} < w.end_ts - (w.start_ts - w.start_ts % {HOUR})) s"""


def hourly(d: Dialect, parts: str = "parts", meters: str = "meters") -> str:
    """Return sums by meter and hour: ``meter, hour, quantity, estimated, n_good, n_estimated``, quantities after scale."""
    share = f"{d.double('p.amount')} * m.scale * {d.double('p.hi - p.lo')} / {d.double('p.whole')}"
    slots = f"{d.div('p.hi', 'm.step')} - {d.div('p.lo', 'm.step')}"
    return f"""
SELECT q.meter AS meter, q.hour AS hour, SUM(q.quantity) AS quantity,
       SUM(CASE WHEN q.doubt = 1 THEN q.quantity ELSE 0.0 END) AS estimated,
       {d.bigint("SUM(CASE WHEN q.doubt = 1 THEN 0 ELSE q.slots END)")} AS n_good,
       {d.bigint("SUM(CASE WHEN q.doubt = 1 THEN q.slots ELSE 0 END)")} AS n_estimated
FROM (SELECT p.meter AS meter, p.hour AS hour, p.doubt AS doubt, {share} AS quantity, {slots} AS slots
      FROM {parts} p JOIN {meters} m ON m.meter = p.meter) q
GROUP BY q.meter, q.hour"""


def grid(d: Dialect, meters: str = "meters", hours: str = "hours") -> str:
    """Return the hours in which each meter is valid, and the slots that are due in them: ``meter, hour, fill, expected``."""
    low = "CASE WHEN m.valid_from > h.hour THEN m.valid_from ELSE h.hour END"
    high = f"CASE WHEN m.valid_to < h.hour + {HOUR} THEN m.valid_to ELSE h.hour + {HOUR} END"
    return f"""
SELECT m.meter AS meter, h.hour AS hour, m.fill AS fill, {d.div(high, "m.step")} - {d.div(low, "m.step")} AS expected
FROM {meters} m CROSS JOIN {hours} h
WHERE m.valid_from < h.hour + {HOUR} AND m.valid_to > h.hour"""


def resample(d: Dialect, sums: str = "sums", due: str | None = None) -> str:
    """Return the hourly facts of all meters that are valid in an hour: `tanlu.monitor.schema.meter_hours_schema`.

    ``due`` is a table of what `grid` returns, where there is one.
    """
    due = f"({grid(d)})" if due is None else due
    known = f"""
SELECT g.meter AS meter, g.hour AS hour, g.fill AS fill, g.expected AS expected, s.quantity AS quantity,
       CASE WHEN s.quantity IS NULL THEN 0.0 ELSE s.estimated END AS estimated,
       CASE WHEN s.quantity IS NULL THEN 0 ELSE s.n_good END AS n_good,
       CASE WHEN s.quantity IS NULL THEN 0 ELSE s.n_estimated END AS n_estimated
FROM {due} g LEFT JOIN {sums} s ON s.meter = g.meter AND s.hour = g.hour"""
    valid = "fill > 0 AND n_good + n_estimated < expected AND (n_good + n_estimated) * 4 >= expected * 3"
    more = f"quantity * {d.double('expected - n_good - n_estimated')} / {d.double('n_good + n_estimated')}"
    return f"""
SELECT meter, hour,
       CASE WHEN {valid} THEN quantity + {more} ELSE quantity END AS quantity,
       CASE WHEN {valid} THEN estimated + {more} ELSE estimated END AS estimated,
       {d.bigint("n_good")} AS n_good,
       {d.bigint(f"CASE WHEN {valid} THEN expected - n_good ELSE n_estimated END")} AS n_estimated,
       {d.bigint(f"CASE WHEN {valid} OR n_good + n_estimated > expected THEN 0 ELSE expected - n_good - n_estimated END")}
           AS n_missing
FROM ({known}) k"""


def roll_up(d: Dialect, facts: str = "facts", places: str = "places") -> str:
    """Return facts by the units of ``places`` (``meter, unit, carrier, stack``): `tanlu.monitor.schema.unit_hours_schema`.

    Hours in which no reading was due and none told anything are left out.
    """
    return f"""
SELECT p.unit AS unit, p.carrier AS carrier, p.stack AS stack, f.hour AS hour, SUM(f.quantity) AS quantity,
       SUM(f.estimated) AS estimated, {d.bigint("SUM(f.n_good)")} AS n_good,
       {d.bigint("SUM(f.n_estimated)")} AS n_estimated, {d.bigint("SUM(f.n_missing)")} AS n_missing
FROM {facts} f JOIN {places} p ON p.meter = f.meter
GROUP BY p.unit, p.carrier, p.stack, f.hour
HAVING COUNT(f.quantity) > 0 OR SUM(f.n_good) + SUM(f.n_estimated) + SUM(f.n_missing) > 0"""


def meter_hours(d: Dialect, known_at: int | None = FOREVER, readings: str = "readings") -> str:
    """Return the whole chain from readings to the hourly facts of meters, in order of meter and hour."""
    cleaned = clean_plain(d, readings) if known_at is None else clean(d, readings, known_at=known_at)
    return f"""WITH cleaned AS ({cleaned}),
spans AS ({difference(d)}),
parts AS ({spread(d)}),
sums AS ({hourly(d)})
SELECT meter, hour, quantity, estimated, n_good, n_estimated, n_missing FROM ({resample(d)}) done ORDER BY meter, hour"""
