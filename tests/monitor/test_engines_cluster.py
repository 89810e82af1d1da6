"""Engines of their own: Spark on this machine's Java and a PostgreSQL of the distribution answer the cases and give the same facts.

Spark starts once, in the one process that runs this file. It answers the cases in each run of the tests; its facts of a fleet, which cost a
minute of two cores, are compared with the environment variable TANLU_SPARK set; only then does it make machine code of its queries, which
costs more than it saves where each is asked once of a handful of rows.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from tests.monitor.test_conformance import DAYS, FIRST, assert_equal, facts_of, fleet

from tanlu.monitor.conformance import accept
from tanlu.monitor.engines.choice import open_engine
from tanlu.monitor.engines.postgresql import connect, read_source, store_results

SPARING = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
}
BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Return the address of a PostgreSQL server in a folder of its own, reached by a Unix socket."""
    folder = Path(tempfile.mkdtemp(prefix="tanlu-pg-"))
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if prefix:
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
    data, log = str(folder / "data"), str(folder / "server.log")

    def run(program: str, *options: str) -> None:
        subprocess.run([*prefix, str(BINARIES[-1] / program), *options], check=True, capture_output=True, cwd=folder)

    run("initdb", "-D", data, "-U", "tanlu", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C")
    settings = f"-k {folder} -c listen_addresses='' -c fsync=off -c shared_buffers=16MB"
    run("pg_ctl", "-D", data, "-w", "-l", log, "-o", settings, "start")
    yield f"postgresql://tanlu@/postgres?host={folder}"
    run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    shutil.rmtree(folder, ignore_errors=True)


def same_as_the_kernel(name: str) -> None:
    engine = accept(open_engine(name))
    meters, readings = fleet(3)
    days, _ = facts_of(engine, meters, readings)
    facts = pa.concat_tables([d.meters for d in days]).sort_by([("meter", "ascending"), ("hour", "ascending")])
    assert_equal(facts, open_engine("kernel").window(readings, meters, FIRST, FIRST + DAYS - 1))
    engine.close()  # type: ignore[attr-defined]


@pytest.mark.thorough
def test_spark_answers_every_case_and_makes_the_facts_of_the_kernel(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if "TANLU_SPARK" in os.environ:
        same_as_the_kernel("local[2]")
    else:
        settings = "".join(f"{name} {value}\n" for name, value in SPARING.items())
        (tmp_path / "spark-defaults.conf").write_text(settings, encoding="utf-8")
        monkeypatch.setenv("SPARK_CONF_DIR", str(tmp_path))
        accept(open_engine("local[2]")).close()  # type: ignore[attr-defined]


def test_postgresql_answers_every_case_and_makes_the_facts_of_the_kernel(server: str) -> None:
    same_as_the_kernel(server)


def test_postgresql_is_a_source_of_readings_and_a_store_of_results(server: str) -> None:
    with connect(server) as connection:
        connection.execute("CREATE TABLE telemetry (meter INTEGER, ts BIGINT, value BIGINT, quality SMALLINT)")
        connection.execute("INSERT INTO telemetry SELECT 7, 900 * n, 10 * n, 0 FROM generate_series(1, 5) n")
    pieces = list(read_source(server, "SELECT meter, ts, value, quality FROM telemetry ORDER BY ts"))
    assert pa.concat_tables(pieces).column("value").to_pylist() == [10, 20, 30, 40, 50]
    rows = pa.table({"unit": pa.array([1, 2], pa.int32()), "kg": [1.5, None]})
    assert store_results(server, "tanlu_totals", rows) == 2
    assert store_results(server, "tanlu_totals", rows.slice(0, 1)) == 1
    with connect(server) as connection:
        assert connection.execute("SELECT unit, kg FROM tanlu_totals").fetchall() == [(1, 1.5)]
    with pytest.raises(ValueError, match="plain"):
        store_results(server, "a; DROP TABLE b", rows)
