"""Operators over facts: fill, balance, factor join, compare.

Tables and their columns
------------------------
``hours`` of *fill*: ``meter, hour, quantity, valid`` (1 or 0), ``quarter``, one row for each hour in which the meter is valid. ``hours`` of
*shape*: ``meter, hour, quantity, day, place`` (hour of the day, 24 more on weekends), ``even, measured`` (1 or 0); its ``meters``:
``meter, ceiling`` (largest amount of an hour, 0 where it is not known). ``kin``: ``meter, parent, accuracy`` [%].
``factors``: ``carrier, gas, kg, first_day, last_day, known_from, known_to``.
"""

from __future__ import annotations

from typing import Final

from tanlu.monitor.fill import GOOD, LONG, SHORT, TIERS
from tanlu.monitor.meter_table import MAXIMUM, NEIGHBOURS
from tanlu.monitor.operators.dialects import Dialect
from tanlu.monitor.schema import HOUR
from tanlu.monitor.silence import BEFORE, EVEN, LIKE_DAYS, LONGEST, SHORTEST

_FRAME: Final = "PARTITION BY meter ORDER BY hour ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"


def fill(d: Dialect, hours: str = "hours", meters: str = "meters") -> str:
    """Return the level of each hour that is filled: ``meter, hour, level``; the rules are told in `tanlu.monitor.fill`.

    Within a gap the number of valid hours so far stays the same: together with the meter it is the name of the gap.
    """
    ranked = (
        f"SELECT meter, hour, quantity, valid, quarter, {d.bigint(f'SUM(valid) OVER ({_FRAME})')} AS k FROM {hours}"
    )
    inside = f"""
SELECT r.meter AS meter, r.hour AS hour, r.quantity AS quantity, r.valid AS valid, r.quarter AS quarter, r.k AS k
FROM ({ranked}) r JOIN (SELECT meter, {d.bigint("SUM(valid)")} AS total FROM {hours} GROUP BY meter) t ON t.meter = r.meter
WHERE r.k > 0 AND (r.k < t.total OR r.valid = 1)"""
    gaps = """
SELECT meter, k, MIN(quarter) AS quarter, COUNT(*) AS length FROM inside WHERE valid = 0 GROUP BY meter, k"""
    shares = f"SELECT meter, quarter, AVG({d.double('valid')}) AS share FROM inside GROUP BY meter, quarter"
    tier = f"CASE WHEN s.share < {GOOD} THEN {TIERS[2]} WHEN g.length <= {SHORT} THEN {TIERS[0]} ELSE {TIERS[1]} END"
    sized = f"""
SELECT g.meter AS meter, g.k AS k, g.length AS length, m.fill AS rule, {tier} AS tier
FROM gaps g JOIN shares s ON s.meter = g.meter AND s.quarter = g.quarter JOIN {meters} m ON m.meter = g.meter"""
    levels = f"""
SELECT g.meter AS meter, g.k AS k,
       CASE WHEN g.rule = {MAXIMUM} THEN MAX(CASE WHEN v.k <= g.k AND v.k > g.k - g.tier THEN v.quantity END)
            WHEN g.rule = {NEIGHBOURS} AND g.length <= {SHORT} THEN AVG(CASE WHEN v.k >= g.k THEN v.quantity END)
            WHEN g.rule = {NEIGHBOURS} AND g.length <= {LONG}
            THEN AVG(CASE WHEN v.k <= g.k AND v.k > g.k - {TIERS[1]} THEN v.quantity END) END AS level
FROM sized g JOIN (SELECT meter, k, quantity FROM inside WHERE valid = 1) v
  ON v.meter = g.meter AND v.k <= g.k + 1 AND v.k > g.k - {TIERS[2]}
GROUP BY g.meter, g.k, g.rule, g.length, g.tier"""
    return f"""WITH inside AS ({inside}), gaps AS ({gaps}), shares AS ({shares}), sized AS ({sized}), levels AS ({levels})
SELECT i.meter AS meter, i.hour AS hour, l.level AS level
FROM inside i JOIN levels l ON l.meter = i.meter AND l.k = i.k
WHERE i.valid = 0 AND l.level IS NOT NULL"""


def shape(d: Dialect, hours: str = "hours", meters: str = "meters") -> str:
    """Return the amounts of the hours of a counter's silence: ``meter, hour, level``; the rule is told in `tanlu.monitor.silence`.

    Hours of a silence that keeps its even spread are left out.
    """
    same = f"ABS(t.quantity - b.quantity) <= {EVEN} * ABS(t.quantity)"
    begins = f"""
SELECT t.meter AS meter, t.hour AS hour, t.quantity AS quantity, t.day AS day, t.place AS place, t.even AS even,
       CASE WHEN t.even = 0 THEN 0 WHEN b.even = 1 AND {same} THEN 0 ELSE 1 END AS begin_here
FROM {hours} t LEFT JOIN (SELECT meter, hour + {HOUR} AS next_hour, quantity, even FROM {hours}) b
  ON b.meter = t.meter AND b.next_hour = t.hour"""
    inside = f"""
SELECT meter, hour, quantity, day, place, {d.bigint(f"SUM(begin_here) OVER ({_FRAME})")} AS k, even FROM ({begins}) b"""
    silences = f"""
SELECT meter, k, MIN(day) AS first_day, COUNT(*) AS length, SUM(quantity) AS total FROM inside WHERE even = 1
GROUP BY meter, k HAVING COUNT(*) >= {SHORTEST} AND COUNT(*) <= {LONGEST}"""
    likes = f"""
SELECT i.meter AS meter, i.k AS k, i.hour AS hour, AVG(h.quantity) AS mean
FROM inside i JOIN silences s ON s.meter = i.meter AND s.k = i.k JOIN {hours} h ON h.meter = i.meter AND h.place = i.place
WHERE i.even = 1 AND h.measured = 1 AND h.day >= s.first_day - {BEFORE} AND h.day < s.first_day
GROUP BY i.meter, i.k, i.hour HAVING COUNT(*) >= {LIKE_DAYS}"""
    weights = """
SELECT meter, k, COUNT(*) AS members, SUM(mean) AS whole, MIN(mean) AS least, MAX(mean) AS largest FROM likes GROUP BY meter, k"""
    level = "s.total * l.mean / w.whole"
    most = "s.total * CASE WHEN w.whole > 0 THEN w.largest ELSE w.least END / w.whole"
    return f"""WITH inside AS ({inside}), silences AS ({silences}), likes AS ({likes}), weights AS ({weights})
SELECT l.meter AS meter, l.hour AS hour, {level} AS level
FROM likes l JOIN silences s ON s.meter = l.meter AND s.k = l.k JOIN weights w ON w.meter = l.meter AND w.k = l.k
JOIN {meters} m ON m.meter = l.meter
WHERE w.members = s.length AND w.whole <> 0 AND w.least * w.whole >= 0 AND w.largest * w.whole >= 0
  AND (m.ceiling = 0 OR ABS({most}) <= m.ceiling)"""


def balance(d: Dialect, facts: str = "facts", kin: str = "kin") -> str:
    """Return what a meter and the meters below it say of an hour: ``meter, hour, quantity, below, residual, allowed``.

    ``allowed`` is the sum of what the accuracy classes allow, in the worst case. Hours in which any of them says nothing are left out.
    """
    below = f"""
SELECT k.parent AS parent, f.hour AS hour, SUM(f.quantity) AS quantity,
       SUM(CASE WHEN f.quantity < 0 THEN -f.quantity ELSE f.quantity END * k.accuracy) AS doubt,
       COUNT(f.quantity) AS known
FROM {facts} f JOIN {kin} k ON k.meter = f.meter WHERE k.parent >= 0 GROUP BY k.parent, f.hour"""
    sizes = f"SELECT parent, COUNT(*) AS members FROM {kin} WHERE parent >= 0 GROUP BY parent"
    own = "CASE WHEN f.quantity < 0 THEN -f.quantity ELSE f.quantity END"
    return f"""
SELECT f.meter AS meter, f.hour AS hour, f.quantity AS quantity, b.quantity AS below, f.quantity - b.quantity AS residual,
       ({own} * k.accuracy + b.doubt) / {d.double("100")} AS allowed
FROM {facts} f JOIN ({below}) b ON b.parent = f.meter AND b.hour = f.hour
JOIN ({sizes}) s ON s.parent = f.meter
JOIN {kin} k ON k.meter = f.meter
WHERE f.quantity IS NOT NULL AND b.known = s.members"""


def factor_join(d: Dialect, facts: str = "facts", factors: str = "factors", known_at: int = 0) -> str:
    """Return masses of gas by unit, carrier, gas and day: ``unit, carrier, gas, day, kg, estimated``.

    A factor serves on the days of its validity if it was known at the moment asked about.
    """
    return f"""
SELECT f.unit AS unit, f.carrier AS carrier, e.gas AS gas, f.day AS day, SUM(f.quantity * e.kg) AS kg, SUM(f.estimated * e.kg) AS estimated
FROM {facts} f JOIN {factors} e
  ON e.carrier = f.carrier AND f.day >= e.first_day AND f.day <= e.last_day
 AND e.known_from <= {known_at} AND e.known_to > {known_at}
GROUP BY f.unit, f.carrier, e.gas, f.day"""


def compare(d: Dialect, before: str = "before", after: str = "after") -> str:
    """Return two versions or periods side by side: ``unit, carrier, was, became, difference``; what one of them lacks is unknown there."""
    both = f"""
SELECT unit, carrier, quantity AS was, {d.nothing} AS became FROM {before}
UNION ALL SELECT unit, carrier, {d.nothing} AS was, quantity AS became FROM {after}"""
    return f"""
SELECT unit, carrier, SUM(was) AS was, SUM(became) AS became, SUM(became) - SUM(was) AS difference
FROM ({both}) b GROUP BY unit, carrier"""
