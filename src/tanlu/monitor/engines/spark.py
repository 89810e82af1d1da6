"""Apache Spark as an engine: the operators' SQL on a cluster that exists, or on the cores of this machine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tanlu.core.errors import DataError, Problem
from tanlu.monitor.engines.cluster import Cluster
from tanlu.monitor.operators.dialects import DIALECTS

if TYPE_CHECKING:
    import pyarrow as pa


class Spark(Cluster):
    """Spark at a master address (``spark://host:port``, ``local[2]``); workers read the Parquet files of the ledger at the same paths.

    Raises
    ------
    DataError
        If the master does not answer, or there is no Java.
    """

    name = "spark"
    dialect = DIALECTS["spark"]

    def __init__(self, master: str) -> None:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession

        # worker and driver speak over the loopback interface where the master is this machine
        if master.startswith("local"):
            os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        builder = SparkSession.builder.master(master).appName("tanlu-monitor")
        settings = {
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.ansi.enabled": "true",
            "spark.sql.execution.arrow.pyspark.enabled": "true",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.sql.shuffle.partitions": "2" if master.startswith("local") else "200",
        }
        for key, value in settings.items():
            builder = builder.config(key, value)
        try:
            self._session: Any = builder.getOrCreate()
        except (PySparkException, Py4JError, OSError, RuntimeError) as error:
            raise DataError(
                [Problem("engine_silent", "--engine", value=master, details={"reason": str(error)[:200]})]
            ) from None
        self._session.sparkContext.setLogLevel("ERROR")

    def load(self, table: str, parts: Sequence[pa.Table | Path], schema: pa.Schema) -> None:
        """Make a view of Arrow tables and Parquet files."""
        files = [str(part) for part in parts if isinstance(part, Path)]
        frames = [self._session.createDataFrame(part) for part in parts if not isinstance(part, Path)]
        if files:
            frames.append(self._session.read.parquet(*files))
        whole = frames[0].select(*schema.names)
        for frame in frames[1:]:
            whole = whole.unionByName(frame.select(*schema.names))
        whole.createOrReplaceTempView(table)

    def keep(self, table: str, query: str) -> None:
        """Keep the answer to a query on the cluster."""
        self._session.catalog.dropTempView(table)
        frame = self._session.sql(query).persist()
        frame.createOrReplaceTempView(table)

    def fetch(self, query: str) -> pa.Table:
        """Return the answer to a query."""
        return self._session.sql(query).toArrow()

    def close(self) -> None:
        """End the session."""
        self._session.stop()
