"""What the charts of an energy system share: their sources, their tables, and axes that name periods, days and hours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from tanlu.charts import tokens
from tanlu.charts.base import Cell, Chart, Column, Spec
from tanlu.charts.energy_results import EnergyResults
from tanlu.charts.energy_series import Bands, bands, technology_name
from tanlu.charts.energy_units import scale, show
from tanlu.charts.format import capital, spaced
from tanlu.core.lineage import Node
from tanlu.core.messages import translate

DAY_MS: Final = 86_400_000
YEAR_START: Final = 978_307_200_000
"""1 January 2001 in ms: a year of 365 days that starts on a Monday."""
_HALF_A_PHONE: Final = 19
"""Letters that fit into half the width of a legend on a phone."""
_LETTER: Final = 6.0
_ENTRY: Final = 30.0
"""Width of a letter of a legend, and what its symbol and its distances take [px]."""
_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTHS: Final = tuple(month for month, length in enumerate(_DAYS, start=1) for _ in range(length))
SEPARATOR: Final = {"stroke": tokens.CARD, "strokeWidth": 0.5}
"""Thin white edge between bands."""


@dataclass(frozen=True)
class Study:
    """A study, and what a run knows besides it.

    Parameters
    ----------
    results : EnergyResults
        The frozen folder.
    titles : mapping
        Names of sources in Chinese and English by id.
    tiles : mapping
        Place of a region on the tile grid of the province, column and row.
    """

    results: EnergyResults
    titles: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    tiles: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @cached_property
    def bands(self) -> Bands:
        """Bands of the study."""
        return bands(self.results)

    @cached_property
    def sources(self) -> tuple[Node, ...]:
        """Sources of the parameters, the best grade first."""
        grades: dict[str, str] = {}
        for p in self.results.parameters:
            if p.source:
                grades[p.source] = max(grades.get(p.source, ""), p.grade)
        nodes = [Node(f"source:{s}", "source", *self.titles.get(s, (s, s)), grade=grade) for s, grade in grades.items()]
        return tuple(sorted(nodes, key=lambda n: (n.grade, n.zh)))

    @cached_property
    def grades(self) -> dict[str, int]:
        """Number of parameters by grade."""
        counts = dict.fromkeys("ABCD", 0)
        for p in self.results.parameters:
            if p.grade in counts:
                counts[p.grade] += 1
        return counts

    def name(self, technology: str, language: str) -> str:
        """Return the name of a technology, carrier or band."""
        return technology_name(self.results, technology, language)

    def within(self, technology: str, language: str) -> str:
        """Return the name of a technology, carrier or band as it stands inside a sentence.

        English names begin small there, unless they begin with the name of a place, more than one of which is joined by a dash.
        """
        name = self.name(technology, language)
        first = name.split(" ")[0]
        places = {word for n in self.results.nodes for word in n.name("en").split(" ")}
        common = first.replace("-", "").isascii() and first[1:].islower() and first not in places
        return name[:1].lower() + name[1:] if common else name

    def node(self, node: str, language: str) -> str:
        """Return the name of a node."""
        known = {n.node: n for n in self.results.nodes}.get(node)
        return known.name(language) if known else node


@dataclass(frozen=True)
class LongChart(Chart):
    """A chart whose CSV has more rows than its table on a page: hours instead of means of days or months."""

    full: Callable[[], tuple[tuple[Column, ...], Iterable[Sequence[float | str]]]] | None = None

    def as_csv(self) -> str:
        """Return the full table."""
        if self.full is None:
            return super().as_csv()
        columns, rows = self.full()
        lines = [",".join(_quoted(f"{c.key} [{c.unit}]" if c.unit else c.key) for c in columns)]
        lines += [",".join(f"{v:.6g}" if isinstance(v, float) else _quoted(str(v)) for v in row) for row in rows]
        return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return f'"{text}"' if "," in text else text


def said(value: float, unit: str, language: str) -> str:
    """Return a number with its unit for a sentence."""
    return str(show(value, unit, language))


def words(key: str, language: str, **fields: object) -> tuple[str, str, str]:
    """Return title, subtitle and summary of a chart."""
    title, subtitle, summary = (
        capital(spaced(translate(f"charts.energy.{key}.{part}", language, **fields)))
        for part in ("title", "subtitle", "summary")
    )
    return title, subtitle, summary


def column(key: str, language: str, unit: str = "") -> Column:
    """Return a column whose label is in the catalogue."""
    return Column(key, translate(f"charts.energy.column.{key}", language), unit)


def band_columns(study: Study, names: Iterable[str], unit: str, language: str) -> tuple[Column, ...]:
    """Return one column a band."""
    return tuple(Column(n, study.name(n, language), unit) for n in names)


def numbers(values: Iterable[float | None]) -> tuple[Cell, ...]:
    """Return cells of numbers."""
    return tuple(Cell(None if v is None else float(v)) for v in values)


def legend(columns_wide: int = 6, names: Sequence[str] = (), **extra: Any) -> Spec:
    """Return a legend below the picture with as many columns as have room for their names, at most two on a telephone."""
    narrow = 1 if any(_breadth(n) > _HALF_A_PHONE for n in names) else 2
    most = max(2, columns_wide)
    middle, wide, widest = (
        _columns(names, room, count) for room, count in ((480, 4 if narrow == 2 else 3), (760, most), (1000, most))
    )
    return {
        "orient": "bottom",
        "columns": {"expr": f"width < 480 ? {narrow} : width < 760 ? {middle} : width < 1000 ? {wide} : {widest}"},
        "labelLimit": {"expr": f"width < 480 ? {116 if narrow == 2 else 260} : 200"},
        **extra,
    }


def _columns(names: Sequence[str], room: float, most: int) -> int:
    """Return how many columns of a legend fit into a width [px], at most so many; each is as wide as its widest entry."""
    for count in range(most, 1, -1):
        columns = [names[i::count] for i in range(count)]
        if sum(_ENTRY + min(200.0, _LETTER * max(map(_breadth, column))) for column in columns if column) <= room:
            return count
    return 1


def _breadth(name: str) -> float:
    """Return the width of a name in a legend in Latin letters; a Chinese character is about two wide."""
    return sum(1.0 if c.isascii() else 1.9 for c in name)


def listed_legend(**extra: Any) -> Spec:
    """Return a legend below bars that have names beside them: one column, which fits the narrowest screen and is known beforehand.

    Columns that depend on the width are counted after the height is shared out, and rows too many would be cut off.
    """
    return {"orient": "bottom", "columns": 1, "labelLimit": 200, **extra}


def colour(names: Sequence[str], fills: Sequence[str], field: str = "name", **extra: Any) -> Spec:
    """Return a colour channel of named series."""
    scale_ = {"domain": list(names), "range": list(fills)}
    return {"field": field, "type": "nominal", "scale": scale_, **{"legend": legend(names=names), **extra}}


def period_axis() -> Spec:
    """Return the horizontal axis of periods, which are far from evenly spaced and so are names."""
    return {
        "field": "period",
        "type": "ordinal",
        "axis": {"title": None, "labelAngle": 0, "grid": False, "ticks": False},
    }


def factor(unit: str, language: str) -> float:
    """Return the factor to the shown unit."""
    return scale(unit, language)[0]


def unit_name(unit: str, language: str) -> str:
    """Return the shown unit."""
    return scale(unit, language)[1]


def date(day: int, language: str) -> str:
    """Return a day of the year, counted from 0, as month and day."""
    day %= 365
    for number, length in enumerate(_DAYS, start=1):
        if day < length:
            return translate(f"charts.energy.date.{number}", language, day=day + 1)
        day -= length
    raise AssertionError(day)


def month_of(day: int) -> int:
    """Return the month (1 to 12) of a day of the year, counted from 0."""
    return _MONTHS[day % 365]


def time_axis(language: str, days: int) -> Spec:
    """Return the axis of time: months over a year, days over weeks, hours over a day or two."""
    form, ticks = "'%-m月%-d日'" if language == "zh" else "'%-d %b'", 8
    if days > 60:
        form, ticks = "'%-m月'" if language == "zh" else "'%b'", 12
    elif days <= 2:
        form, ticks = "'%-H时'" if language == "zh" else "'%H:%M'", 8
    few = "width < 480 ? 4 : " + str(ticks)
    axis = {
        "title": None, "grid": False, "labelExpr": f"utcFormat(datum.value, {form})", "tickCount": {"expr": few},
        "labelFlush": True, "labelOverlap": True,
    }  # fmt: skip
    return {"field": "t", "type": "temporal", "scale": {"type": "utc", "nice": False}, "axis": axis}
