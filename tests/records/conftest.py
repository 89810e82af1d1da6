"""What the tests of the room share: a fresh database of each kind, SQLite and a real PostgreSQL."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tanlu.records import database as database_module
from tanlu.records import passwords
from tanlu.records.database import Database

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
NUMBER = count(1)
ORIGIN = "log.example/records"


@pytest.fixture(autouse=True, scope="module")
def no_waiting_for_the_disk() -> Iterator[None]:
    """Leave out ``fsync`` in this process: it guards against a loss of power, which no test can cause."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: None)
        patch.setattr(database_module, "SYNCHRONOUS", "OFF")
        yield


@pytest.fixture(autouse=True, scope="module")
def quick_hashes() -> Iterator[None]:
    """Hash passwords with little memory: hundreds of logins are tried, and the parameters in use are tested apart."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "MEMORY_KIB", 64)
        patch.setattr(passwords, "PASSES", 1)
        passwords._hasher.cache_clear()
        passwords._nobody.cache_clear()
        yield
    passwords._hasher.cache_clear()
    passwords._nobody.cache_clear()


class Server:
    """A PostgreSQL server of the distribution in a folder of its own, reached by a Unix socket only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.binaries = BINARIES[-1]
        # a server refuses to run as root
        self.prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.prefix:
            account = pwd.getpwnam("postgres")
            os.chown(folder, account.pw_uid, account.pw_gid)
        self.admin = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")

    def start(self) -> None:
        """Make the data folder, start the server and make the template of fresh databases."""
        data, quick = self.folder / "data", "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        self.run("initdb", *f"-D {data} -U tanlu -A trust -E UTF8 --no-sync --locale=C".split())
        options = f"-k {self.folder} -c listen_addresses='' {quick} -c shared_buffers=16MB"
        self.run("pg_ctl", *f"-D {data} -w -l {self.folder}/server.log -o".split(), options, "start")
        with self.admin.connect() as connection:
            connection.execute(text("CREATE DATABASE template_records"))
        Database.open(self.url("template_records"), origin=ORIGIN).close()

    def run(self, program: str, *arguments: str) -> None:
        """Run a program of the distribution."""
        command = [*self.prefix, str(self.binaries / program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=60, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stdout + done.stderr

    def url(self, name: str) -> str:
        """Return the address of a database."""
        return f"postgresql+psycopg://tanlu@/{name}?host={self.folder}"

    def fresh(self, template: str = "template_records") -> str:
        """Make a database from a template and return its address."""
        name = f"records_{next(NUMBER)}"
        with self.admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        return self.url(name)

    def stop(self) -> None:
        """End the server."""
        self.admin.dispose()
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A running PostgreSQL of this test process."""
    if not BINARIES:
        pytest.skip("no PostgreSQL under /usr/lib/postgresql; on Debian: apt-get install -y postgresql")
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="tanlu-pg-", dir=memory if os.access(memory, os.W_OK) else None))
    server = Server(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with an empty schema."""
    path = tmp_path_factory.mktemp("template") / "records.db"
    Database.open(f"sqlite:///{path}", origin=ORIGIN).close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a fresh database, once SQLite and once PostgreSQL."""
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        return server.fresh()
    shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "records.db")
    return f"sqlite:///{tmp_path / 'records.db'}"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A fresh database, once SQLite and once PostgreSQL."""
    opened = Database.open(url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh SQLite database, for what does not depend on the kind."""
    shutil.copy(sqlite_template, tmp_path / "records.db")
    opened = Database.open(f"sqlite:///{tmp_path / 'records.db'}")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def sqlite_session_database(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A SQLite database that the examples of properties share; they add to it and do not count what is there."""
    path = tmp_path_factory.mktemp("shared") / "records.db"
    shutil.copy(sqlite_template, path)
    opened = Database.open(f"sqlite:///{path}")
    yield opened
    opened.close()
