"""Files of readings – CSV, Excel, Parquet in long form – as blocks of Arrow columns, in constant memory.

A CSV file is cut into blocks at ends of lines. A block whose values are all numbers is converted in one go; a block in which one is not is
read again as text, so that only the faulty rows are lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tanlu.core.errors import DataError, Notice, Problem
from tanlu.monitor.reading_words import LEDGER_TIME, REQUIRED, column_of
from tanlu.monitor.workbook import SUFFIXES, workbook_rows

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK_BYTES: Final = 8 * 2**20
_CHUNK: Final = 2**20
"""Bytes that are converted at a time: what stays in the cache is converted twice as fast."""
SHEET_ROWS: Final = 50_000
"""Rows of a workbook that make a block."""
DELIMITERS: Final = ",;\t|"
PARQUET: Final = (".parquet", ".pq")
_PARQUET_ROWS: Final = 500_000


@dataclass(slots=True)
class Block:
    """Rows of a file: columns by name (``meter``, ``time``, ``value``, and perhaps ``quality``, ``known_at``).

    ``line`` is the line of the first row; ``skipped`` holds (place among the lines of the block, text) of lines that are no rows of the
    table; ``whole`` says that time and value are whole numbers of the ledger already; ``done`` is the share of the file that is read.
    """

    columns: dict[str, Any]
    rows: int
    line: int
    whole: bool = False
    skipped: list[tuple[int, str]] = field(default_factory=list)
    done: float = 1.0


@dataclass(slots=True)
class ReadingsFile:
    """A file of readings.

    Parameters
    ----------
    path : Path
    notices : list of Notice
        Filled while it is read.
    """

    path: Path
    notices: list[Notice] = field(default_factory=list)
    _plain_times: bool = True

    def digest(self) -> bytes:
        """Return the SHA-256 of the content.

        Raises
        ------
        DataError
            If the file is not there or cannot be read.
        """
        try:
            with self.path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").digest()
        except OSError as error:
            code = "missing_file" if isinstance(error, FileNotFoundError) else "ledger_io"
            raise DataError([Problem(code, str(self.path), value=error.strerror or "")]) from None

    def blocks(self) -> Iterator[Block]:
        """Yield the rows in blocks.

        Raises
        ------
        DataError
            If the file is not a table of readings at all.
        """
        suffix = self.path.suffix.lower()
        if suffix in PARQUET:
            yield from self._parquet_blocks()
        elif suffix in SUFFIXES:
            yield from self._sheet_blocks()
        else:
            yield from self._csv_blocks()

    def _header(self, cells: Sequence[str]) -> dict[str, int]:
        """Return the place of each column; columns that mean nothing here are told and left out."""
        places: dict[str, int] = {}
        others = []
        for at, cell in enumerate(cells):
            name = column_of(cell)
            if name is None:
                if cell.strip():
                    others.append(cell.strip())
            elif name in places:
                raise DataError([Problem("double_column", self.path.name, 1, cell.strip())])
            else:
                places[name] = at
        missing = [name for name in REQUIRED if name not in places]
        if missing:
            found = ", ".join(c.strip() for c in cells)
            raise DataError(
                [Problem("readings_column", self.path.name, 1, name, details={"found": found}) for name in missing]
            )
        if others:
            self.notices.append(Notice("readings_columns_unused", self.path.name, {"columns": ", ".join(others)}))
        return places

    def _csv_blocks(self) -> Iterator[Block]:
        size = max(self.path.stat().st_size, 1)
        with self.path.open("rb") as file:
            first = file.readline()
            if not first.strip():
                raise DataError([Problem("empty_file", self.path.name)])
            text = self._utf8(first, 1).decode("utf-8-sig")
            delimiter = max(DELIMITERS, key=text.count)
            names = [cell.strip().strip('"') for cell in text.rstrip("\r\n").split(delimiter)]
            places = self._header(names)
            line, rest = 2, b""
            while content := file.read(BLOCK_BYTES):
                cut = content.rfind(b"\n") + 1
                if not cut:
                    rest += content
                    continue
                part, rest = rest + content[:cut], content[cut:]
                block = self._csv_block(part, places, len(names), delimiter, line, file.tell() / size)
                yield block
                line += block.rows + len(block.skipped)
            if rest.strip():
                yield self._csv_block(rest, places, len(names), delimiter, line, 1.0)

    def _utf8(self, content: bytes, line: int) -> bytes:
        """Return text as UTF-8; what is not, is taken for GB 18030 and told."""
        if content.isascii():
            return content
        try:
            content.decode("utf-8")
            return content
        except UnicodeDecodeError as error:
            start = error.start
        try:
            fresh = content.decode("gb18030").encode()
        except UnicodeDecodeError:
            at = line + content.count(b"\n", 0, start)
            value = content[start : start + 4].hex(" ")
            raise DataError([Problem("encoding", self.path.name, at, value=value)]) from None
        if not any(n.code == "gb18030" for n in self.notices):
            self.notices.append(Notice("gb18030", self.path.name))
        return fresh

    def _csv_block(
        self, content: bytes, places: dict[str, int], width: int, delimiter: str, line: int, done: float
    ) -> Block:
        import pyarrow as pa

        buffer = pa.py_buffer(self._utf8(content, line))
        words = pa.dictionary(pa.int32(), pa.string())
        # a moment in ISO 8601 and a number cost least; what is not gets read as text, the moments of later blocks too
        for time, value in ((pa.timestamp("s"), pa.float64()), (words, pa.float64()), (words, pa.string())):
            if time == words or self._plain_times:
                try:
                    table, skipped = _convert(buffer, places, width, delimiter, time, value)
                    break
                except pa.ArrowInvalid:
                    self._plain_times = False
        columns = {name: table.column(name).combine_chunks() for name in places}
        return Block(columns, table.num_rows, line, skipped=skipped, done=done)

    def _sheet_blocks(self) -> Iterator[Block]:
        places: dict[str, int] = {}
        title, first, waiting = "", 0, list[list[str]]()
        for sheet, number, cells in workbook_rows(self.path):
            if sheet != title:
                if waiting:
                    yield _text_block(waiting, places, first)
                # only the first sheet is read: a second one is most often notes or a pivot table
                if title:
                    self.notices.append(Notice("readings_sheets_unused", self.path.name, {"sheet": title}))
                    return
                title, places, first = sheet, self._header(cells), number + 1
                continue
            # rows without anything are not told by the stream
            waiting += [[""] * len(cells)] * (number - first - len(waiting))
            waiting.append(cells)
            if len(waiting) >= SHEET_ROWS:
                yield _text_block(waiting, places, first)
                first, waiting = number + 1, []
        if waiting:
            yield _text_block(waiting, places, first)
        if not title:
            raise DataError([Problem("empty_file", self.path.name)])

    def _parquet_blocks(self) -> Iterator[Block]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(self.path) as parquet:
                names = parquet.schema_arrow.names
                places = self._header(names)
                chosen = [names[at] for at in places.values()]
                whole = names[places["time"]] == LEDGER_TIME and pa.types.is_integer(
                    parquet.schema_arrow.field(names[places["value"]]).type
                )
                line, total = 1, max(parquet.metadata.num_rows, 1)
                for batch in parquet.iter_batches(_PARQUET_ROWS, columns=chosen, use_threads=False):
                    columns = {name: batch.column(names[at]) for name, at in places.items()}
                    yield Block(columns, batch.num_rows, line, whole, done=(line + batch.num_rows) / total)
                    line += batch.num_rows
        except (OSError, pa.ArrowException) as error:
            reason = str(error).splitlines()[0]
            raise DataError([Problem("readings_not_parquet", self.path.name, details={"reason": reason})]) from None


def _convert(
    buffer: pa.Buffer, places: dict[str, int], width: int, delimiter: str, time: pa.DataType, value: pa.DataType
) -> tuple[pa.Table, list[tuple[int, str]]]:
    """Return the columns of a block of CSV text and the lines that are no rows of the table."""
    import pyarrow as pa
    from pyarrow import csv

    words = pa.dictionary(pa.int32(), pa.string())
    types = dict.fromkeys(places, words) | {"meter": pa.string(), "time": time, "value": value}
    skipped: list[tuple[int, str]] = []

    def skip(row: Any) -> str:
        skipped.append((row.number - 1, row.text))
        return "skip"

    named = {at: name for name, at in places.items()}
    table = csv.read_csv(
        pa.BufferReader(buffer),
        read_options=csv.ReadOptions(
            use_threads=False, block_size=_CHUNK, column_names=[named.get(i, f"#{i}") for i in range(width)]
        ),
        parse_options=csv.ParseOptions(delimiter=delimiter, ignore_empty_lines=False, invalid_row_handler=skip),
        convert_options=csv.ConvertOptions(
            column_types=types, include_columns=list(places), null_values=["", "NULL", "null", "-", "--", "—"]
        ),
    )
    return table, skipped


def _text_block(rows: Sequence[Sequence[str]], places: dict[str, int], line: int) -> Block:
    import pyarrow as pa

    def column(name: str, at: int) -> Any:
        cells = pa.array([row[at] if at < len(row) else "" for row in rows], pa.string())
        return cells if name == "value" else cells.dictionary_encode()

    return Block({name: column(name, at) for name, at in places.items()}, len(rows), line)
