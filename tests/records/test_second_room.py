"""The contract: a room above brings its own tables and migrations, and writes through the same door."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError

from tanlu.records import Database, EvidenceStore
from tanlu.records.backup import copy_database
from tanlu.records.log import SigningKey
from tanlu.records.publication import LogFolder
from tanlu.records.refusals import RefusedError
from tanlu.records.schema import NewerSchemaError, current
from tanlu.records.verification import verify

MODULE = """
from decimal import Decimal
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship
from tanlu.records import Base, Fen, Id, Line, new_id


class Award(Base):
    __tablename__ = "second_award"
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    title: Mapped[Line]
    amount: Mapped[Decimal] = mapped_column(Fen())
    parts: Mapped[list["Part"]] = relationship(back_populates="award")
    remarks: Mapped[list["Remark"]] = relationship(back_populates="award")


class Part(Base):
    __tablename__ = "second_part"
    award_id: Mapped[str] = mapped_column(ForeignKey("second_award.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    note: Mapped[Line] = mapped_column(default="")
    award: Mapped[Award] = relationship(back_populates="parts")


class Remark(Base):
    __tablename__ = "second_remark"
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    award_id: Mapped[str | None] = mapped_column(ForeignKey("second_award.id"))
    award: Mapped[Award | None] = relationship(back_populates="remarks")
"""
MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.create_table("second_award", sa.Column("id", sa.String(32), primary_key=True), sa.Column("title", sa.String(400)),
                    sa.Column("amount", sa.BigInteger()), sa.Column("row_salt", sa.LargeBinary(16), nullable=False))
    op.create_table("second_part", sa.Column("award_id", sa.String(32), sa.ForeignKey("second_award.id"), primary_key=True),
                    sa.Column("number", sa.Integer(), primary_key=True), sa.Column("note", sa.String(400)),
                    sa.Column("row_salt", sa.LargeBinary(16), nullable=False))
    op.create_table("second_remark", sa.Column("id", sa.String(32), primary_key=True),
                    sa.Column("award_id", sa.String(32), sa.ForeignKey("second_award.id")),
                    sa.Column("row_salt", sa.LargeBinary(16), nullable=False))
"""
LATER = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.create_index("ix_second_award_title", "second_award", ["title"])
"""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """A package with two tables; its classes stay mapped for the rest of the test process, as those of a real room do."""
    folder = tmp_path_factory.mktemp("rooms")
    versions = folder / "second_room" / "migrations" / "versions"
    versions.mkdir(parents=True)
    (folder / "second_room" / "__init__.py").write_text(MODULE, encoding="utf-8")
    (versions / "v0001_awards.py").write_text(MIGRATION, encoding="utf-8")
    sys.path.insert(0, str(folder))
    yield importlib.import_module("second_room")
    sys.path.remove(str(folder))


ROOMS = ("tanlu.records", "second_room")


def test_rows_of_another_room_are_sealed_and_checked(url: str, room: ModuleType, tmp_path: Path) -> None:
    Database.open(url).close()
    database = Database.open(url, rooms=ROOMS)
    log = LogFolder(tmp_path / "log", database, SigningKey.generate(database.origin()))
    with database.change("li", "award.make", "award:1") as change:
        award = room.Award(title="示范", amount=Decimal("1234.56"))
        award.parts = [room.Part(number=1), room.Part(number=2)]
        change.session.add(award)
    with database.change("li", "award.change", "award:1") as change:
        found = change.session.execute(select(room.Part).where(room.Part.number == 2)).scalar_one()
        found.note = "二"
    with database.change("li", "award.add", "award:2") as change:
        change.session.add(room.Award(title="又一", amount=Decimal(0), remarks=[room.Remark()]))
    by_amount = select(room.Award).order_by(room.Award.amount.desc())
    with database.change("li", "award.move", "award:1") as change:
        first, second = change.session.execute(by_amount).scalars()
        # the foreign key of the remark is written through the relationship alone
        first.remarks.append(second.remarks[0])
    with database.change("li", "award.drop", "award:1") as change:
        dropped = change.session.execute(by_amount).scalars().all()[0]
        dropped.remarks.clear()
    log.publish()

    def faults() -> list[str]:
        evidence = EvidenceStore(tmp_path / "evidence")
        return [f.record for f in verify(log.folder, log.key.verifier, database, evidence).faults]

    assert faults() == []
    copy_database(database, f"sqlite:///{tmp_path / 'copy.db'}", ROOMS)
    copy = Database.open_copy(tmp_path / "copy.db", rooms=ROOMS)
    assert verify(log.folder, log.key.verifier, copy).sound
    copy.close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE second_part SET note = 'x' WHERE number = 1"))
        connection.execute(text("UPDATE second_award SET amount = 1 WHERE title = '示范'"))
    assert [f.partition(" ")[0] for f in faults()] == ["second_award", "second_part"]
    assert faults()[1].endswith(",1]")
    engine.dispose()
    database.close()


def test_a_database_without_the_tables_of_a_room_is_checked_too(
    sqlite: Database, room: ModuleType, tmp_path: Path
) -> None:
    with sqlite.change("system", "a.b", "c"):
        pass
    assert verify(tmp_path / "log", None, sqlite).sound


def test_each_room_is_upgraded_from_its_own_version(sqlite: Database, room: ModuleType) -> None:
    url = sqlite.url.render_as_string()
    Database.open(url, rooms=ROOMS).close()
    later = Path(room.__file__ or "").parent / "migrations" / "versions" / "v0002_index.py"
    later.write_text(LATER, encoding="utf-8")
    try:
        with pytest.raises(RefusedError) as error:
            Database.open_copy(Path(sqlite.url.database or ""), rooms=ROOMS)
        assert error.value.problems[0].code == "schema_older"
        Database.open(url, rooms=ROOMS).close()
        with sqlite.connection() as connection:
            assert (current(connection, "second_room"), current(connection, "tanlu.records")) == ("0002", "0002")
    finally:
        later.unlink()
    with pytest.raises(NewerSchemaError):
        Database.open(url, rooms=ROOMS)


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(url: str, room: ModuleType) -> None:
    Database.open(url, rooms=ROOMS).close()
    broken = Path(room.__file__ or "").parent / "migrations" / "versions" / "v0002_broken.py"
    broken.write_text(
        LATER.replace('"second_award", ["title"]', '"second_award", ["title"])\n    op.drop_table("none"'),
        encoding="utf-8",
    )
    try:
        with pytest.raises(DBAPIError):
            Database.open(url, rooms=ROOMS)
    finally:
        broken.unlink()
    engine = create_engine(url)
    with engine.connect() as connection:
        assert current(connection, "second_room") == "0001"
        names = connection.dialect.get_indexes(connection, "second_award")
    assert names == []
    engine.dispose()
