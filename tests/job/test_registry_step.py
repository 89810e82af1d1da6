"""Registries of a workspace count towards the targets of a run: what was verified, with what was reported beside it."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tanlu.assessment.indicators import load_indicators
from tanlu.assessment.scoreboard import scoreboard
from tanlu.core.province import province_folder
from tanlu.job.loading import Folder
from tanlu.job.registry_step import FILE, RegistryCounts, registry_counts, write_counts
from tanlu.plan import load_plan
from tanlu.programme.registries import Kind
from tanlu.programme.registry.checking import check
from tanlu.programme.registry.reporting import Recognition, report
from tanlu.records import grant_role, load_principal, register_organisation, register_person
from tanlu.workspace import Workspace, open_records

SINCE = date(2024, 3, 1)


@pytest.fixture(scope="module")
def folder() -> Folder:
    """What the step reads of a loaded province."""
    place = province_folder("hunan")
    plan = load_plan(place)
    found = SimpleNamespace(province=SimpleNamespace(id="hunan"), plan=plan, indicators=load_indicators(place, plan))
    return cast(Folder, found)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two laboratories were reported and one of them verified; a young talent was only reported."""
    path = tmp_path_factory.mktemp("counts") / "work"
    Workspace.create(path, "hunan")
    records = open_records(path)
    with records.database.change("system", "test.people", "test") as change:
        people = [register_person(change, zh=name).id for name in ("甲", "乙", "青年")]
        for person in people[:2]:
            grant_role(change, person, "province_officer", valid_from=SINCE, region="hunan")
        units = [
            register_organisation(
                change, zh=name, kind="institute", region="hunan/changsha", uscc=None, valid_from=SINCE
            ).id
            for name in ("一", "二")
        ]
    with records.database.read() as session:
        one, two = (load_principal(session, p, SINCE) for p in people[:2])
    proof = [(records.evidence.put([b"%PDF-1.4 certificate"]), "certificate.pdf")]
    first = Recognition(Kind.KEY_LABORATORY, units[0], "hunan/changsha", SINCE)
    made = report(records, one, first, proof)
    check(records, two, made.id, "verify")
    report(records, one, replace(first, subject=units[1]), proof)
    report(
        records,
        one,
        Recognition(Kind.YOUNG_TALENT, people[2], "hunan/changsha", SINCE, organisation_id=units[0]),
        proof,
    )
    records.close()
    return path


@pytest.fixture(scope="module")
def counts(workspace: Path, folder: Folder) -> RegistryCounts:
    return registry_counts(workspace, folder)


def scores(folder: Folder, counts: RegistryCounts) -> dict[str, Any]:
    return {s.target: s for s in scoreboard(folder.plan, folder.indicators, counts.measures, {})}


def test_what_was_verified_is_the_value_of_the_target(folder: Folder, counts: RegistryCounts) -> None:
    """TG39 wants ten laboratories and centres by its deadline: one of two is verified."""
    found = scores(folder, counts)["TG39"]
    assert (found.value, found.required) == (1.0, 10.0)
    assert found.status in ("at_risk", "off_track", "on_track")
    (node,) = counts.nodes
    assert found.parents == (node.id,), "the number opens to the registry"
    assert (node.value, node.grade) == (1.0, "D")


def test_what_was_only_reported_is_not_measured_and_not_zero(
    folder: Folder, counts: RegistryCounts, tmp_path: Path
) -> None:
    found = scores(folder, counts)["TG43"]
    assert (found.value, found.status) == (None, "not_measured")
    write_counts(tmp_path, counts)
    rows = {r["target"]: r for r in csv.DictReader((tmp_path / FILE).open(encoding="utf-8"))}
    assert (rows["TG43"]["reported"], rows["TG43"]["verified"]) == ("1", "0")
    assert (rows["TG39"]["reported"], rows["TG39"]["verified"]) == ("2", "1")
    assert len(counts.known["root"]) == 64


def test_a_workspace_without_accounts_or_entries_has_no_counts(folder: Folder, tmp_path: Path) -> None:
    Workspace.create(tmp_path / "bare", "hunan")
    assert registry_counts(tmp_path / "bare", folder) == RegistryCounts()
    assert not (tmp_path / "bare" / "records.db").exists()
    Workspace.create(tmp_path / "fresh", "hunan")
    open_records(tmp_path / "fresh").close()
    assert registry_counts(tmp_path / "fresh", folder) == RegistryCounts()
    assert scores(folder, RegistryCounts())["TG39"].status == "not_measured"
