"""A process that reads tables holds no more libraries than it needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from tanlu.core import memory
memory.spare_libraries()
import numpy
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs
assert len(pa.array(numpy.arange(3))) == 3
pq.write_table(pa.table({"a": [1, 2, 1], "b": [1.0, 2.0, 3.0]}), sys.argv[1])
table = pq.ParquetFile(sys.argv[1]).read()
sums = table.group_by("a").aggregate([("b", "sum")])
assert sorted(zip(sums["a"].to_pylist(), sums["b_sum"].to_pylist())) == [(1, 4.0), (2, 2.0)]
assert memory.UNUSED.isdisjoint(sys.modules)
"""


def test_tables_are_read_and_summed_without_what_arrow_loads_unasked(tmp_path: Path) -> None:
    """In a process of its own: what is loaded once stays loaded."""
    subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path / "table.parquet")], check=True)
