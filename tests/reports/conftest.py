"""The report of the synthetic run, written once for all test processes."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.sharing import made_once

from tanlu.charts import Results
from tanlu.reports import write_report


@pytest.fixture(scope="session")
def file(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file; do not change it."""

    def write(folder: Path) -> None:
        folder.mkdir()
        write_report(results, folder / "report.html")

    return made_once(tmp_path_factory, "report", write) / "report.html"
