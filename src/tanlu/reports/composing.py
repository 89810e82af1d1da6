"""From a template that an office can edit to a document.

A template is Markdown with places to fill in: ``{{ province }}`` for a word, ``{{ chart("sectors") }}`` for a chart,
``{{ table("targets") }}`` for a table, ``{% for line in summary %}- {{ line }}{% endfor %}`` for what repeats. It runs in a sandbox: it
sees what the report gives it and nothing of the program.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from traceback import walk_tb
from typing import TYPE_CHECKING, Any, Final

from tanlu.charts.base import Chart
from tanlu.charts.format import spaced
from tanlu.core.errors import DataError, Problem
from tanlu.reports.document import Block, Bullets, Document, Emphasis, Heading, Paragraph, Picture, Run, Table

if TYPE_CHECKING:
    from markdown_it.token import Token

_MARK: Final = re.compile("^\ue000(\\d+)\ue001$")
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|!~])")
_DEEPEST: Final = 4
_TEMPLATE: Final = "<template>"
"""How Jinja calls a template that is no file."""


@dataclass(frozen=True)
class Content:
    """What a report offers to its template.

    Parameters
    ----------
    name, language, title, made, origin
        As of the `Document`.
    words : mapping
        Values and lists of texts, by the name under which a template uses them.
    charts, tables : mapping
        Functions that make a chart or a table when a template asks for it, by name.
    """

    name: str
    language: str
    title: str
    made: str
    origin: str
    words: Mapping[str, Any]
    charts: Mapping[str, Callable[[], Chart]]
    tables: Mapping[str, Callable[[], Table]]


class _Placed(str):
    """Text that stands for a block and is not escaped."""

    __slots__ = ()


@dataclass
class _Blocks:
    """Blocks that a template has asked for; each leaves a mark in the Markdown that is put back when it has been read."""

    content: Content
    found: list[Block] = field(default_factory=list)

    def _place(self, block: Block) -> _Placed:
        self.found.append(block)
        return _Placed(f"\n\n\ue000{len(self.found) - 1}\ue001\n\n")

    def chart(self, name: str) -> _Placed:
        made = self.content.charts.get(name)
        if made is None:
            raise _unknown("report_chart", name, self.content.charts)
        return self._place(Picture(made()))

    def table(self, name: str) -> _Placed:
        made = self.content.tables.get(name)
        if made is None:
            raise _unknown("report_table", name, self.content.tables)
        return self._place(_spaced(made()) if self.content.language == "zh" else made())


def _spaced(table: Table) -> Table:
    """Return a Chinese table with a space between characters and figures or Latin words, as in the sentences around it."""
    columns = tuple(replace(column, label=spaced(column.label)) for column in table.columns)
    rows = tuple(
        tuple(replace(c, value=spaced(c.value)) if isinstance(c.value, str) else c for c in row) for row in table.rows
    )
    paper = table.paper and _spaced(table.paper)
    notes = tuple(map(spaced, table.notes))
    return Table(table.name, spaced(table.caption), columns, rows, notes, paper)


def _unknown(code: str, name: str, known: Mapping[str, object]) -> DataError:
    return DataError([Problem(code, "", value=name, details={"known": ", ".join(sorted(known))})])


def _escaped(value: object) -> str:
    """Return a value as Markdown that shows it as it is: a name with an underscore is no emphasis."""
    return value if isinstance(value, _Placed) else _SPECIAL.sub(r"\\\1", str(value))


def compose(template: str, content: Content, file: str = "") -> Document:
    """Return the document that a template makes of a report's content.

    Parameters
    ----------
    template : str
        Markdown with places to fill in.
    content : Content
    file : str
        Name of the template, for messages.

    Raises
    ------
    DataError
        If the template cannot be read, asks for something that the report does not have, or uses Markdown that documents do not know.
    """
    from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        undefined=StrictUndefined, finalize=_escaped, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    blocks = _Blocks(content)
    offered = {**content.words, "title": content.title, "chart": blocks.chart, "table": blocks.table}
    try:
        text = environment.from_string(template).render(offered)
    except TemplateSyntaxError as error:
        raise DataError([Problem("report_template", file, error.lineno, details={"reason": str(error)})]) from error
    except TemplateError as error:
        raise DataError([Problem("report_template", file, _line_of(error), details={"reason": str(error)})]) from error
    except DataError as error:
        line = _line_of(error)
        raise DataError([replace(p, file=file, row=p.row or line) for p in error.problems]) from error
    read = _read(text, template.splitlines(), blocks.found, file, content.language)
    title = _told(content.title, content.language)
    return Document(content.name, content.language, title, content.made, content.origin, read)


def _line_of(error: Exception) -> int | None:
    """Return the line of the template in which it failed; Jinja rewrites the traceback so that it tells lines of the template."""
    lines = [line for frame, line in walk_tb(error.__traceback__) if frame.f_code.co_filename == _TEMPLATE]
    return lines[-1] if lines else None


def _told(text: str, language: str) -> str:
    return spaced(text) if language == "zh" else text


def _read(text: str, template: list[str], found: list[Block], file: str, language: str) -> tuple[Block, ...]:
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").parse(text)
    filled = text.splitlines()
    blocks: list[Block] = []
    problems: list[Problem] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.type == "heading_open":
            blocks.append(Heading(min(int(token.tag[1]), _DEEPEST), _runs(tokens[at + 1], language)))
        elif token.type == "paragraph_open":
            mark = _MARK.match(tokens[at + 1].content)
            blocks.append(found[int(mark[1])] if mark else Paragraph(_runs(tokens[at + 1], language)))
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            end = _end_of(tokens, at)
            items = tuple(_runs(t, language) for t in tokens[at:end] if t.type == "inline")
            blocks.append(Bullets(items, token.type == "ordered_list_open"))
            at = end
        else:
            written = filled[token.map[0]] if token.map else ""
            # lines move where something is filled in
            line = template.index(written) + 1 if written in template else None
            problems.append(Problem("report_markdown", file, line, value=written.strip() or token.type))
        at = _end_of(tokens, at) + 1 if token.nesting == 1 and at < len(tokens) and tokens[at] is token else at + 1
    if problems:
        raise DataError(problems)
    return tuple(blocks)


def _end_of(tokens: list[Token], start: int) -> int:
    """Return the place of the token that closes the one at ``start``."""
    depth = 0
    for at in range(start, len(tokens)):
        depth += tokens[at].nesting
        if depth == 0:
            return at
    return len(tokens) - 1


_TYPES: Final[dict[str, Emphasis]] = {"strong_open": "strong", "em_open": "em"}


def _runs(inline: Token, language: str) -> tuple[Run, ...]:
    """Return the pieces of a line; a break in the template is a space, or nothing between Chinese characters."""
    runs: list[Run] = []
    emphasis: Emphasis = ""
    link = ""
    for token in inline.children or ():
        if token.type in _TYPES:
            emphasis = _TYPES[token.type]
        elif token.type in ("strong_close", "em_close"):
            emphasis = ""
        elif token.type == "link_open":
            link = str(token.attrGet("href") or "")
        elif token.type == "link_close":
            link = ""
        elif token.type == "code_inline":
            runs.append(Run(token.content, "code", link))
        elif token.type in ("softbreak", "hardbreak"):
            ends_wide = bool(runs) and runs[-1].text[-1:] >= "\u2e80"
            runs.append(Run("" if ends_wide else " "))
        elif token.content:
            runs.append(Run(_told(token.content, language), emphasis, link))
    return tuple(run for run in runs if run.text)
