"""`tanlu assessment` on a demonstration: what it prints is what is kept; the demonstration is marked, sound and played by two people."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select
from tests.registry.conftest import PERMISSIONS, ROOMS
from typer.testing import CliRunner, Result

from tanlu.assessment.filing import AssessmentFiling, AssessmentInvestment, ScoreRun
from tanlu.cli import app
from tanlu.programme.registry import RegistryEntry, RegistryVersion
from tanlu.records import Records, local_day
from tanlu.records.database import now
from tanlu.records.verification import verify

YEAR = str(local_day(now()).year - 1)


@pytest.fixture(scope="module")
def folder(demonstrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the demonstration that the commands may write into."""
    return Path(shutil.copytree(demonstrated, tmp_path_factory.mktemp("commands") / "workspace"))


def run(folder: Path, *arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(app, ["assessment", *arguments, "--out", str(folder)])
    assert done.exit_code == code, done.output
    return done


def data(folder: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    return dict(json.loads(run(folder, *arguments, "--json", code=code).stdout))


def test_the_demonstration_is_marked_sound_and_nobody_checked_the_own(demonstrated: Path) -> None:
    records = Records.open(demonstrated, rooms=ROOMS, permissions=PERMISSIONS)
    with records.database.read() as session:
        for table in (RegistryEntry, AssessmentFiling, AssessmentInvestment, ScoreRun):
            rows = session.execute(select(table)).scalars().all()
            assert rows and all(row.demonstration for row in rows)
        checked = [
            *session.execute(select(AssessmentFiling)).scalars(),
            *session.execute(select(AssessmentInvestment)).scalars(),
        ]
        assert all(row.checked_by != row.filed_by for row in checked)
        assert "returned" in {row.state for row in checked}
        versions = session.execute(select(RegistryVersion)).scalars().all()
        assert {v.event for v in versions} == {"recognised", "renewed", "moved", "lapsed"}
    assert verify(records.log.folder, records.log.key.verifier, records.database, records.evidence).sound
    records.close()


def test_a_score_tells_rank_or_what_is_missing_and_is_frozen_and_computed_anew(folder: Path) -> None:
    found = data(folder, "score", "--year", YEAR)
    assert len(found["cities"]) == 14 and found["demonstration"] and not found["supposed"]
    assert found["scheme"]["grade"] == "D" and found["scheme"]["status"] == "unverified"
    unranked = [c for c in found["cities"] if c["rank"] is None]
    assert unranked and all(c["missing"] and c["score"] is None for c in unranked)
    assert all(c["missing"] == [] and c["score"] for c in found["cities"] if c["rank"])
    records = Records.open(folder, rooms=ROOMS, permissions=PERMISSIONS)
    with records.database.read() as session:
        kept = session.execute(select(ScoreRun)).scalar_one()
        run_id, state, officer, checker = kept.id, kept.state, kept.made_by, kept.published_by or ""
    records.close()
    assert state == "published"
    assert data(folder, "recompute", run_id)["same"] is True
    frozen = data(folder, "score", "--year", YEAR, "--freeze", "--by", checker)
    assert frozen["run"]["sha256"] == frozen["sha256"]
    assert data(folder, "publish", frozen["run"]["id"], "--by", checker, code=2)["problems"]
    assert data(folder, "publish", frozen["run"]["id"], "--by", officer)["state"] == "published"
    run(folder, "score", "--year", YEAR, "--freeze", code=2)
    assert "SHA-256" in run(folder, "score", "--year", YEAR).stdout


def test_a_what_if_run_says_so_and_writes_nothing(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "supposed.csv"
    file.write_text("region,indicator,value\nhunan/changsha,plan_tasks,0\n", encoding="utf-8")
    found = data(folder, "score", "--year", YEAR, "--what-if", str(file))
    city = next(c for c in found["cities"] if c["city"] == "hunan/changsha")
    assert found["supposed"] and city["indicators"]["plan_tasks"]["progress"] == "0.0000"
    file.write_text("region,indicator,value\nhunan/changsha,happiness,0\n", encoding="utf-8")
    assert data(folder, "score", "--year", YEAR, "--what-if", str(file), code=2)["problems"][0]["field"] == "indicator"


def test_targets_and_status_tell_what_is_known(folder: Path) -> None:
    found = {t["target"]: t for t in data(folder, "targets")["targets"]}
    firms = found["TG52"]
    assert len(found) == 6 and firms["reported"] >= firms["verified"] > 0
    assert sum(p["reported"] for p in firms["prefectures"]) == firms["reported"]
    assert 0 <= firms["probability"] <= 1 and firms["needed_per_year"] > 100 and firms["what_would_change_it"]
    assert found["TG39"]["outlook"] == "insufficient_data"
    energy = found["TG02"]
    assert (
        (energy["demonstration"], energy["grade"]) == (True, "D")
        and energy["verified"] == energy["reported"] < 0
        and energy["verified_year"] in (2024, 2025)
    )
    status = data(folder, "status", "--year", YEAR)
    assert [len(c["states"]) for c in status["cities"]] == [13] * 14
    late = [c["overdue"] for c in status["cities"] if "plan_tasks" in c["missing"]]
    assert late == [True] * (14 - 2), "two of three prefectures that take part have filed it"
    assert set(status["investments"]) == {"filed", "verified"}
    for language in ("zh", "en"):
        assert (
            run(folder, "targets", "--lang", language).stdout
            and run(folder, "status", "--year", YEAR, "--lang", language).stdout
        )


def test_the_table_goes_out_as_a_workbook_and_filings_come_in(folder: Path, tmp_path: Path) -> None:
    for language in ("zh", "en"):
        file = tmp_path / f"{language}.xlsx"
        run(folder, "export", str(file), "--year", YEAR, "--lang", language)
        book = openpyxl.load_workbook(io.BytesIO(file.read_bytes()))
        assert [sheet.max_row for sheet in book][:2] == [15, 14 * 13 + 1] and len(book.worksheets) == 4
    records = Records.open(folder, rooms=ROOMS, permissions=PERMISSIONS)
    with records.database.read() as session:
        who = session.execute(select(ScoreRun.made_by)).scalars().first() or ""
    records.close()
    firms = data(folder, "export-registry", str(tmp_path / "r.xlsx"), "--by", who, "--kind", "green_high_tech_firm")
    assert (
        firms["entries"] == 13
        and data(folder, "export-registry", str(tmp_path / "r.csv"), "--by", who)["entries"] == 20
    )
    assert data(folder, "export-registry", str(tmp_path / "x"), "--by", who, "--kind", "star", code=2)["problems"]
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(f"region,indicator,year,value\nhunan/changsha,plan_tasks,{YEAR},x\n", encoding="utf-8")
    assert data(folder, "import", str(wrong), "--by", "nobody", code=2)["problems"][0]["field"] == "--by"
    assert data(folder, "score", "--year", "2022", code=2)["problems"][0]["field"] == "year"
