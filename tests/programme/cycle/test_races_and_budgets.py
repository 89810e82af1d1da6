"""Money of a race over several batches, and what a chief expert may move without asking."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.programme.cycle.conftest import World
from tests.programme.cycle.test_calls import codes

from tanlu.programme.cycle import Project, budgeting, deciding, ledger
from tanlu.records import NotPermittedError, Principal, RefusedError, grant_role, load_principal, local_day

THREE = {"count": 3, "marks": (90, 80, 70)}
RACE = {"kind": "horse_race", "stages": 2, "first_stage_share": Decimal("0.4"), **THREE}


def approved(world: World, call_id: str, only: list[str]) -> list[tuple[str, Decimal]]:
    """Decide on some applications in a batch of their own and return the verdicts."""
    batch = deciding.make_batch(world.records, world.officer, call_id, only=only)
    deciding.lock_batch(world.records, world.officer, batch.id)
    deciding.approve_batch(world.records, world.second, batch.id)
    with world.records.database.read() as session:
        return [(i.verdict, i.amount) for i in deciding.items_of(session, batch.id)]


def chief_of(world: World, project: Project) -> Principal:
    """Let the chief of a project act for its lead."""
    with world.records.database.change("system", "test.role", "test") as change:
        grant_role(change, project.chief_id, "unit", valid_from=local_day(change.at), organisation_id=project.lead_id)
    with world.records.database.read() as session:
        return load_principal(session, project.chief_id, local_day(world.now))


def test_a_second_batch_of_a_race_counts_first_stages_and_the_rest_of_one_winner(desk: World) -> None:
    """Teams of 360,000: 144,000 each in the first stage, 216,000 kept once; 3 × 144,000 + 216,000 = 648,000 fits into 650,000."""
    call = desk.reviewed(pot=Decimal(650_000), **RACE)
    with desk.records.database.read() as session:
        first, *others = [p.application.id for p in deciding.propose(session, call)]
    assert approved(desk, call.id, [first]) == [("fund", Decimal(360_000))]
    with desk.records.database.read() as session:
        assert deciding.spoken_for(session, call) == Decimal(360_000)
    assert approved(desk, call.id, others) == [("fund", Decimal(360_000))] * 2
    with desk.records.database.read() as session:
        assert deciding.spoken_for(session, call) == Decimal(648_000)


def test_a_team_too_many_for_the_pot_waits_whichever_batch_it_comes_in(desk: World) -> None:
    """504,000 hold two teams of 360,000 (2 × 144,000 + 216,000) and no third one."""
    call = desk.reviewed(pot=Decimal(504_000), **RACE)
    with desk.records.database.read() as session:
        ranked = [p.application.id for p in deciding.propose(session, call)]
        together = [p.verdict for p in deciding.propose(session, call)]
    alone = [approved(desk, call.id, [a])[0][0] for a in ranked]
    assert together == alone == ["fund", "fund", "wait"]
    grab = {ranked[2]: ("fund", Decimal(360_000), "想要")}
    with pytest.raises(RefusedError) as error:
        deciding.make_batch(desk.records, desk.officer, call.id, overrides=grab)
    assert codes(error) == {("pot_exceeded", "amount")}


def test_a_chief_moves_between_lines_but_not_equipment_nor_above_the_rule(desk: World) -> None:
    """Of 360,000: equipment 100,000 stays; indirect costs are at most 30 % of the 200,000 of direct costs that are no equipment."""
    (project,) = desk.contracting(kind="chief_expert")
    desk.running(project)
    unit = desk.units.index(project.lead_id)
    chief = chief_of(desk, project)
    move = {"business": Decimal(150_000), "labour": Decimal(50_000)}
    with pytest.raises(RefusedError) as error:
        budgeting.move_budget(desk.records, chief, project.id, move, "改用人工")
    assert codes(error) == {("no_record", "labour")}, "a line that the contract lacks is a formal change"
    with pytest.raises(NotPermittedError):
        budgeting.move_budget(desk.records, desk.people[f"unit{unit}"], project.id, {}, "不是首席")
    with pytest.raises(RefusedError) as error:
        budgeting.move_budget(
            desk.records, chief, project.id, {"equipment": Decimal(90_000), "indirect": Decimal(70_000)}, "多"
        )
    assert codes(error) == {("line_fixed", "equipment"), ("indirect_high", "indirect")}
    wanted = {"business": Decimal(210_000), "indirect": Decimal(50_000)}
    contract = budgeting.move_budget(desk.records, chief, project.id, wanted, "多做试验", key="k")
    assert (
        budgeting.move_budget(desk.records, chief, project.id, wanted, "多做试验", key="k").version == contract.version
    )
    assert contract.version == 2
    assert {k: Decimal(v) for k, v in contract.budget.items()} == {
        "equipment": Decimal(100_000), "business": Decimal(210_000), "indirect": Decimal(50_000),
    }  # fmt: skip
    with desk.records.database.read() as session:
        assert [k.target for k in ledger.kpis_of(session, contract)] == [Decimal(1200)], "targets go with the version"


def test_only_a_chief_expert_project_lets_its_chief_move_money(contracted: tuple[World, Project]) -> None:
    desk, project = contracted
    desk.running(project)
    with pytest.raises(RefusedError) as error:
        budgeting.move_budget(desk.records, chief_of(desk, project), project.id, {"business": Decimal(1)}, "想要")
    assert codes(error) == {("not_chief_project", "kind")}
