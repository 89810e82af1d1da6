"""Assumptions of one name in one row: numbers that differ by sector or year are read side by side, and a report stays a report."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tanlu.core.lineage import Node
from tanlu.core.messages import translate
from tanlu.core.punctuation import PUNCTUATION

_MOST: Final = 24
"""Numbers of one row; those of more are parted by their first member, a sector or a kind of equipment."""
_FEW: Final = 3
"""Members up to which a value that all share stands behind them."""
_PLACE: Final = re.compile(r"[:|]")
_BETWEEN: Final = "\u00a0/ "
"""Stands between members that share a value, and never at the start of a line; their names have commas of their own."""
_MANY: Final = 8
"""Members above which a value that all share is told with the first and the last of them: the list is long and always the same."""
_YEAR: Final = {"zh": re.compile(r"(?:(.*)、)?(\d{4} 年)"), "en": re.compile(r"(?:(.*), )?(\d{4})")}


@dataclass(frozen=True, slots=True)
class Gathered:
    """A row: what is assumed, its unit as stored, and the values with what they are of."""

    name: str
    unit: str
    values: str


@dataclass(frozen=True, slots=True)
class _Number:
    """A number of a group: the parts of what its id names without the year, the same in words, and the number as told."""

    parts: tuple[str, ...]
    member: str
    told: str


def gathered(nodes: Iterable[Node], language: str, tell: Callable[[float, str], str]) -> tuple[Gathered, ...]:
    """Return one row a name and unit, in the order of the nodes; an assumption without a number is told by its note.

    Parameters
    ----------
    nodes : iterable of Node
        Assumptions. One without number and note only collects others and is left out.
    language : {"zh", "en"}
    tell : callable
        Writes a number of a unit, without the unit.
    """
    groups: dict[tuple[str, ...], list[tuple[Node, _Number]]] = {}
    for node in nodes:
        kind, _, rest = node.id.partition(":")
        name, _, place = rest.partition(":")
        if node.value is None:
            if note := node.note(language):
                groups[node.id,] = [(node, _Number((), "", note))]
            continue
        told = node.value if isinstance(node.value, str) else tell(node.value, node.unit)
        title, member = _parted(node.label(language), language)
        number = _Number(tuple(p for p in _PLACE.split(place) if not p.isdigit()), member, told)
        groups.setdefault((kind, name, title, node.unit), []).append((node, number))
    rows: list[Gathered] = []
    for key, found in groups.items():
        node, number = found[0]
        if len(found) == 1:
            rows.append(Gathered(node.label(language), node.unit, number.told))
        else:
            rows += _rows(key[2], node.unit, [n for _, n in found], language)
    return tuple(rows)


def _parted(label: str, language: str) -> tuple[str, str]:
    """Return what is assumed, and of which member of a set: behind a colon or in the last brackets."""
    title, colon, member = label.partition(PUNCTUATION[language].colon)
    if colon:
        return title, member
    if label.endswith((")", "）")):
        title, _, member = label.rpartition(PUNCTUATION[language].left)
        return title, member[:-1]
    return label, ""


def _rows(title: str, unit: str, numbers: Sequence[_Number], language: str) -> list[Gathered]:
    if len(numbers) <= _MOST:
        return [_row(title, unit, numbers, language)]
    parts: dict[str, list[_Number]] = {}
    for number in numbers:
        parts.setdefault(number.parts[0], []).append(number)
    return [_row(title, unit, own, language) for own in parts.values()]


def _row(title: str, unit: str, numbers: Sequence[_Number], language: str) -> Gathered:
    """Return a row; what all members have in common, as a kind of equipment, goes to its name."""
    joint = PUNCTUATION[language]
    first = numbers[0].member.split(joint.listing)
    same = 0
    while same < len(first) - 1 and all(
        n.member.split(joint.listing)[: same + 1] == first[: same + 1] for n in numbers
    ):
        same += 1
    common = joint.listing.join(first[:same])
    cut = len(common) + len(joint.listing) if common else 0
    name = f"{title}{joint.colon}{common}" if common else title
    deep = len(numbers[0].parts) - same > 1
    return Gathered(name, unit, _values([(n.member[cut:], n.told) for n in numbers], deep, language))


def _values(told: Sequence[tuple[str, str]], deep: bool, language: str) -> str:
    """Return values with what they are of: years in brackets behind each, members with the same values once.

    ``deep`` says that members have two parts, as a fuel and a gas: the second stands before its value.
    """
    joint = PUNCTUATION[language]
    series: dict[str, list[str]] = {}
    for member, value in told:
        head, text = member, value
        if year := _YEAR[language].fullmatch(member):
            head, text = year[1] or "", value + joint.bracketed(_close(year[2])).replace(" ", "\u00a0", 1)
        elif deep:
            head, _, part = member.rpartition(joint.listing)
            text = f"{_close(part)}\u00a0{value}"
        series.setdefault(head, []).append(text)
    heads: dict[str, list[str]] = {}
    for head, texts in series.items():
        heads.setdefault(joint.comma.join(texts), []).append(head)
    if len(heads) == 1 and len(told) > _FEW:
        ((text, names),) = heads.items()
        if len(names) == len(told) > _MANY:
            return translate(
                "reports.gathered.all", language, value=text, count=len(names), first=names[0], last=names[-1]
            )
        if len(names) == len(told):
            return translate(
                "reports.gathered.same", language, value=text, count=len(names), members=_BETWEEN.join(names)
            )
    return joint.semicolon.join(
        f"{_BETWEEN.join(names)}{joint.colon}{text}" if names != [""] else text for text, names in heads.items()
    )


def _close(text: str) -> str:
    """Return a text that no line breaks."""
    return text.replace(" ", "\u00a0")
