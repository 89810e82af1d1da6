"""What was refused, kept aside with its reason: lines of JSON in files of bounded size, the oldest removed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

from tanlu.monitor.durable import told

FILE_BYTES: Final = 8 * 2**20
FILES: Final = 8
_LINES: Final = 1000


class Aside:
    """The folder of refused rows and frames.

    Parameters
    ----------
    folder : Path
    file_bytes, files : int
        Size at which a file is closed, and how many closed files are kept.
    """

    def __init__(self, folder: Path, file_bytes: int = FILE_BYTES, files: int = FILES) -> None:
        self.folder = folder
        self.file_bytes = file_bytes
        self.files = files

    @property
    def path(self) -> Path:
        """The file that is written to."""
        return self.folder / "refused.jsonl"

    def put(self, records: Iterable[Mapping[str, object]]) -> None:
        """Add records; each says at least ``source`` and ``reason``. Not synchronised: what is refused is not acknowledged.

        Raises
        ------
        DataError
            If the disk is full or refuses.
        """
        with told(self.path):
            self.folder.mkdir(exist_ok=True)
            waiting = iter(records)
            while part := list(islice(waiting, _LINES)):
                with self.path.open("a", encoding="utf-8") as file:
                    file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in part)
                if self.path.stat().st_size > self.file_bytes:
                    self._rotate()

    def _rotate(self) -> None:
        closed = self.closed()
        number = int(closed[-1].stem.partition("-")[2]) + 1 if closed else 1
        self.path.rename(self.folder / f"refused-{number:06d}.jsonl")
        for path in self.closed()[: -self.files]:
            path.unlink()

    def closed(self) -> list[Path]:
        """Return the files that are full, oldest first."""
        return sorted(self.folder.glob("refused-*.jsonl"))
