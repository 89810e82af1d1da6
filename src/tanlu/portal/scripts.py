"""The chart library for browsers, taken out of the installed chart package: built once, kept by version, served compressed."""

from __future__ import annotations

import gzip
import hashlib
import subprocess
import sys
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Final

from tanlu.core.kept import kept

SNIPPET: Final = "window.tanluCharts={embed:vegaEmbed};"
BUNDLE: Final = "import sys, vl_convert; sys.stdout.buffer.write(vl_convert.javascript_bundle(sys.argv[1]).encode())"
"""Builds the script in a process of its own: the engine that does it would stay in the memory of a portal."""


class ChartScript:
    """The script that puts the chart library on a page.

    Parameters
    ----------
    folder : Path
        Where it is kept. If the folder cannot be written, it lives in memory.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = Lock()

    @cached_property
    def name(self) -> str:
        """Name of the file, different for every version of the library and of the snippet."""
        digest = hashlib.sha256(f"{version('vl-convert-python')} {SNIPPET}".encode()).hexdigest()[:16]
        return f"charts-{digest}.js"

    def content(self) -> bytes:
        """Return the script."""
        return gzip.decompress(self.compressed())

    def compressed(self) -> bytes:
        """Return the script compressed with gzip; the first call of a version builds it."""
        with self._lock:
            return self._compressed

    @cached_property
    def _compressed(self) -> bytes:
        path = self.folder / f"{self.name}.gz"
        if path.is_file():
            return path.read_bytes()
        # it takes two seconds, and is the same for every workspace of the user
        built = kept("chart-script", [self.name], _built)
        part = path.with_suffix(".part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(built)
            part.replace(path)
        except OSError:
            return built
        return built


def _built() -> bytes:
    made = subprocess.run([sys.executable, "-c", BUNDLE, SNIPPET], check=True, stdout=subprocess.PIPE).stdout
    return gzip.compress(made, 9, mtime=0)
