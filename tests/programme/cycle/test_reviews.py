"""Review and decision: no conflicted pair meets, draws can be checked, marks that lie apart are reviewed again, two officers decide."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import select
from tests.programme.cycle.conftest import DEADLINE, World, same
from tests.programme.cycle.test_calls import codes

from tanlu.programme import draw as draws
from tanlu.programme.cycle import (
    Application,
    Call,
    Draw,
    DrawSecret,
    Project,
    ReviewScore,
    ReviewTask,
    applying,
    assigning,
    calls,
    deciding,
    experts,
    notices,
    reviewing,
)
from tanlu.records import ConflictError, NotPermittedError, Principal, RefusedError, Term, history, is_workday, verify
from tanlu.records.workdays import Calendar


def closed_call(world: World, count: int = 3, **other: object) -> tuple[Call, list[Application]]:
    call = world.open_call(**other)
    found = [world.formal(world.apply(call, number % 4)) for number in range(count)]
    world.now = DEADLINE + timedelta(days=8)
    calls.move_call(world.records, world.officer, call.id, "close")
    return call, found


def met(world: World, call: Call) -> set[tuple[str, str]]:
    with world.records.database.read() as session:
        rows = session.execute(select(ReviewTask).where(ReviewTask.call_id == call.id, ReviewTask.state == "assigned"))
        return {(t.application_id, t.expert_id) for t in rows.scalars()}


def test_a_draw_can_be_repeated_by_anybody_from_what_was_published(world: World) -> None:
    call, _ = closed_call(world)
    pool = world.pool()
    committed = assigning.commit_draw(world.records, world.officer, call.id)
    assert (committed.seed, committed.pool) == (None, sorted(pool))
    drawn = assigning.draw(world.records, world.officer, committed.id)
    assert drawn.seed is not None and drawn.result is not None
    promised = draws.DrawCommitment(committed.seed_hash, committed.pool_hash)
    assert draws.verify(promised, drawn.seed, drawn.pool)
    panels = drawn.result["panels"]
    assert {(a, e) for a, panel in panels.items() for e in panel} == met(world, call)
    assert all(len(panel) == 3 for panel in panels.values())
    assert sum(drawn.result["loads"].values()) == 9
    with world.records.database.read() as session:
        assert session.get(DrawSecret, committed.id) is None
    with pytest.raises(RefusedError) as error:
        assigning.draw(world.records, world.officer, committed.id)
    assert codes(error) == {("draw_made", "id")}


def test_drawing_again_needs_a_reason_and_another_officer(desk: World) -> None:
    call, _ = closed_call(desk)
    desk.pool()
    first = assigning.commit_draw(desk.records, desk.officer, call.id)
    assigning.draw(desk.records, desk.officer, first.id)
    with pytest.raises(NotPermittedError):
        assigning.commit_draw(desk.records, desk.officer, call.id, reason="漏专家")
    with pytest.raises(RefusedError) as error:
        assigning.commit_draw(desk.records, desk.second, call.id)
    assert codes(error) == {("reason_needed", "reason")}
    again = assigning.commit_draw(desk.records, desk.second, call.id, reason="漏专家")
    assert met(desk, call) == set()
    assigning.draw(desk.records, desk.second, again.id)
    assert len(met(desk, call)) == 9
    desk.write_all(call, (80, 80, 80))
    with pytest.raises(RefusedError) as error:
        assigning.commit_draw(desk.records, desk.third, call.id, reason="又一次")
    assert codes(error) == {("review_written", "call")}


def test_a_draw_whose_pool_has_changed_is_refused(desk: World) -> None:
    call, _ = closed_call(desk)
    pool = desk.pool()
    found = assigning.commit_draw(desk.records, desk.officer, call.id)
    experts.enrol(desk.records, desk.officer, pool[0], "hunan", [], active=False)
    with pytest.raises(RefusedError) as error:
        assigning.draw(desk.records, desk.officer, found.id)
    assert codes(error) == {("pool_changed", "pool")}


def test_conflicts_of_every_kind_keep_pairs_apart(desk: World) -> None:
    """Every member of the consortium counts; a daughter of the lead's group and a co-author of three years ago, the day included."""
    group = desk.unit("集团")
    partner, sister = desk.unit("甲", parent=group), desk.unit("乙", parent=group)
    call = desk.open_call()
    pool = desk.pool(14)
    wanted = desk.form(partners=[partner], excluded=[pool[6]])
    application = applying.submit(desk.records, desk.unit0, call.id, wanted, key="")
    desk.formal(application)
    desk.now = DEADLINE + timedelta(days=8)
    today = date(2025, 4, 8)
    calls.move_call(desk.records, desk.officer, call.id, "close")
    own = desk.person("own", sister, role="expert")
    experts.enrol(desk.records, desk.officer, own, "elsewhere", ["T01-K01"])
    note, officer = experts.note_tie, desk.officer
    note(desk.records, desk.expert0, pool[0], "kin", application.pi_id)
    note(desk.records, officer, pool[1], "cowork", application.pi_id, date(today.year - 3, today.month, today.day))
    note(desk.records, officer, pool[2], "cowork", application.pi_id, date(today.year - 3, today.month, today.day - 1))
    note(desk.records, officer, pool[3], "interest", partner)
    experts.pin_conflict(desk.records, officer, application.id, pool[4], "主管部门")
    with desk.records.database.read() as session:
        found = experts.pool_of(session, call, [session.get_one(Application, application.id)], today)
    assert found.excluded() == {(application.id, e) for e in (own, pool[0], pool[1], pool[3], pool[4], pool[6])}
    with pytest.raises(NotPermittedError):
        note(desk.records, desk.expert0, pool[1], "kin", application.pi_id)
    with pytest.raises(RefusedError) as error:
        experts.decide_hint(desk.records, officer, application.id, own, "same_unit", "无妨", excludes=False)
    assert codes(error) == {("conflict_hard", "kind")}
    # two of a group are one unit on a panel
    assert found.units[own] == group


def test_what_is_short_is_told_with_the_applications(desk: World) -> None:
    call, found = closed_call(desk, 2)
    pool = desk.pool(4)
    for expert in pool[:2]:
        experts.pin_conflict(desk.records, desk.officer, found[0].id, expert, "主管")
    draw = assigning.commit_draw(desk.records, desk.officer, call.id)
    with pytest.raises(RefusedError) as error:
        assigning.draw(desk.records, desk.officer, draw.id, cap=1)
    (problem,) = error.value.problems
    assert (problem.code, problem.value) == ("shortage_proposal", found[0].number)
    assert (problem.details["needed"], problem.details["available"]) == (3, 2)


def test_an_expert_writes_the_own_review_once_and_nobody_else(desk: World) -> None:
    call, _ = closed_call(desk, 1)
    desk.pool()
    assigning.draw(desk.records, desk.officer, assigning.commit_draw(desk.records, desk.officer, call.id).id)
    task, application = desk.tasks(call)[0]
    names = {p.person_id: n for n, p in desk.people.items()}
    expert = desk.reload(names[task.expert_id])
    other = next(p for n, p in desk.people.items() if n.startswith("expert") and p.person_id != task.expert_id)
    for who in (other, desk.officer, Principal()):
        with pytest.raises(NotPermittedError):
            reviewing.write_review(desk.records, who, task.id, same(80), "好")
    with pytest.raises(RefusedError) as error:
        reviewing.write_review(desk.records, expert, task.id, same(80) | {"route": 101}, "好")
    assert codes(error) == {("marks_wrong", "marks")}
    assert reviewing.write_review(desk.records, expert, task.id, same(80), "好").total == Decimal(80)
    with pytest.raises(ConflictError):
        reviewing.write_review(desk.records, expert, task.id, same(90), "更好")
    with pytest.raises(ConflictError):
        experts.declare_conflict(desk.records, expert, application.id, "同学")


def test_marks_that_lie_apart_need_a_further_review_before_the_close(desk: World) -> None:
    call, (application,) = closed_call(desk, 1)
    desk.pool()
    assigning.draw(desk.records, desk.officer, assigning.commit_draw(desk.records, desk.officer, call.id).id)
    names = {p.person_id: n for n, p in desk.people.items()}
    declined, *others = desk.tasks(call)
    experts.declare_conflict(desk.records, desk.reload(names[declined[0].expert_id]), application.id, "同学")
    desk_tasks = [t for t, _ in others]
    for task, value in zip(desk_tasks, (90, 64), strict=True):
        reviewing.write_review(desk.records, desk.reload(names[task.expert_id]), task.id, same(value), "意见")
    with pytest.raises(RefusedError) as error:
        reviewing.close_review(desk.records, desk.officer, call.id)
    assert codes(error) == {("marks_apart", "application")}
    extra = reviewing.order_further_review(desk.records, desk.officer, application.id)
    assert extra.extra and extra.expert_id not in {t.expert_id for t, _ in [declined, *others]}
    with pytest.raises(RefusedError) as error:
        reviewing.close_review(desk.records, desk.officer, call.id)
    assert codes(error) == {("reviews_missing", "application")}
    reviewing.write_review(desk.records, desk.reload(names[extra.expert_id]), extra.id, same(74), "意见")
    (score,) = reviewing.close_review(desk.records, desk.officer, call.id)
    # three reviews: the plain mean of 90, 64 and 74
    assert (score.score, Fraction(score.exact), score.spread) == (Decimal(76), Fraction(76), Decimal(26))


def test_panels_are_odd_of_several_units_and_compared_by_z(desk: World) -> None:
    call, found = closed_call(desk, 4)
    pool = desk.pool(12)
    first, second = [a.id for a in found[:2]], [a.id for a in found[2:]]
    with pytest.raises(RefusedError) as error:
        reviewing.set_panel(desk.records, desk.officer, call.id, "甲", first, pool[:4])
    assert codes(error) == {("panel_size", "experts")}
    experts.pin_conflict(desk.records, desk.officer, first[0], pool[0], "主管")
    with pytest.raises(RefusedError) as error:
        reviewing.set_panel(desk.records, desk.officer, call.id, "甲", first, pool[:5])
    assert codes(error) == {("pair_conflict", "expert")}
    reviewing.set_panel(desk.records, desk.officer, call.id, "甲", first, pool[1:6])
    reviewing.set_panel(desk.records, desk.officer, call.id, "乙", second, pool[6:11])
    # the first panel is strict, the second is not; by z the best of each are equal and the tie goes by marks, then by number
    desk.write_all(call, (60, 50, 90, 80))
    scores = reviewing.close_review(desk.records, desk.officer, call.id)
    with desk.records.database.read() as session:
        number = {s.application_id: session.get_one(Application, s.application_id).number[-1] for s in scores}
    assert [(number[s.application_id], s.z) for s in scores] == [("3", 1), ("1", 1), ("4", -1), ("2", -1)]


def test_the_line_follows_rank_threshold_and_pot(world: World) -> None:
    """Each asks for 360,000 of 800,000: two are funded, the third waits, the fourth is under the threshold of 60."""
    call = world.reviewed(4, (70, 59, 90, 80), pot=Decimal(800_000))
    with world.records.database.read() as session:
        found = {p.application.number[-1]: (p.rank, p.verdict) for p in deciding.propose(session, call)}
    assert found == {"3": (1, "fund"), "4": (2, "fund"), "1": (3, "wait"), "2": (4, "decline")}
    batch = deciding.make_batch(world.records, world.officer, call.id)
    with pytest.raises(RefusedError) as error:
        deciding.make_batch(world.records, world.officer, call.id)
    assert codes(error) == {("nothing_to_decide", "call")}
    with pytest.raises(ConflictError):
        deciding.approve_batch(world.records, world.second, batch.id)
    deciding.lock_batch(world.records, world.officer, batch.id)
    with pytest.raises(NotPermittedError):
        deciding.approve_batch(world.records, world.officer, batch.id)
    deciding.approve_batch(world.records, world.second, batch.id)
    with pytest.raises(ConflictError):
        deciding.approve_batch(world.records, world.third, batch.id)
    assert world.states(call) == ["waiting", "declined", "proposed", "proposed"]


def test_a_batch_gives_no_more_than_the_pot_and_says_why_it_departs(desk: World) -> None:
    call = desk.reviewed(2, (70, 90), pot=Decimal(500_000))
    with desk.records.database.read() as session:
        first, second = (p.application.id for p in deciding.propose(session, call))
    fund = ("fund", Decimal(300_000), "减额")
    with pytest.raises(RefusedError) as error:
        deciding.make_batch(desk.records, desk.officer, call.id, overrides={first: fund, second: fund})
    assert codes(error) == {("pot_exceeded", "amount")}
    with pytest.raises(RefusedError) as error:
        deciding.make_batch(desk.records, desk.officer, call.id, overrides={first: ("fund", Decimal(360_001), " ")})
    assert {code for code, _ in codes(error)} == {"reason_needed", "grant_range"}
    half = ("fund", Decimal(250_000), "减额")
    batch = deciding.make_batch(desk.records, desk.officer, call.id, overrides={first: half, second: half})
    with desk.records.database.read() as session:
        assert deciding.spoken_for(session, call) == Decimal(500_000)
        assert [i.verdict for i in deciding.items_of(session, batch.id)] == ["fund", "fund"]


def test_the_owner_chooses_among_those_whom_the_experts_let_pass(desk: World) -> None:
    owner = desk.units[3]
    call = desk.reviewed(3, (90, 80, 50), kind="challenge", owner_id=owner, pot=Decimal(400_000))
    with desk.records.database.read() as session:
        rows = session.execute(select(Application).where(Application.call_id == call.id).order_by(Application.number))
        first, second, third = rows.scalars()
        assert {p.verdict for p in deciding.propose(session, call)} == {"decline"}
    with pytest.raises(NotPermittedError):
        deciding.choose(desk.records, desk.unit0, call.id, [second.id], "更合用")
    with pytest.raises(RefusedError) as error:
        deciding.choose(desk.records, desk.unit3, call.id, [third.id], "便宜")
    assert codes(error) == {("not_passed", "applications")}
    deciding.choose(desk.records, desk.unit3, call.id, [second.id, first.id], "更合用")
    with desk.records.database.read() as session:
        verdicts = {p.application.id: p.verdict for p in deciding.propose(session, call)}
    assert verdicts == {second.id: "fund", first.id: "wait", third.id: "decline"}


def test_a_notice_runs_for_working_days_and_waits_for_its_objections(desk: World) -> None:
    """Published on Wednesday 30 April 2025; 1 to 5 May is a holiday, so five working days end on Monday 12 May.

    6, 7, 8, 9 and 12 May are worked; Sunday 27 April was made up before.
    """
    call, batch = desk.decided()
    desk.now = desk.now.replace(month=4, day=30, hour=10)
    notice = notices.publish_notice(desk.records, desk.officer, batch.id)
    assert (notice.first, notice.last) == (date(2025, 4, 30), date(2025, 5, 12))
    assert is_workday(notice.last)
    with desk.records.database.read() as session:
        rows = session.execute(select(Application).where(Application.call_id == call.id).order_by(Application.number))
        first, *_ = rows.scalars()
    objection = notices.raise_objection(desk.records, Principal(), notice.id, first.id, "成果有争议")
    desk.now = desk.now.replace(month=5, day=12, hour=23, minute=59, second=59)
    with pytest.raises(RefusedError) as error:
        notices.close_notice(desk.records, desk.officer, notice.id)
    assert codes(error) == {("deadline_ahead", "last")}
    notices.raise_objection(desk.records, desk.unit3, notice.id, first.id, "末秒")
    desk.wait(seconds=1)
    with pytest.raises(RefusedError) as error:
        notices.raise_objection(desk.records, desk.unit3, notice.id, first.id, "迟了")
    assert codes(error) == {("deadline_passed", "last")}
    with pytest.raises(RefusedError) as error:
        notices.close_notice(desk.records, desk.officer, notice.id)
    assert codes(error) == {("objections_open", "objections")}
    notices.answer_objection(desk.records, desk.officer, objection.id, "查实", upheld=True)
    with desk.records.database.read() as session:
        (late,) = session.execute(select(notices.Objection).where(notices.Objection.state == "open")).scalars()
    notices.answer_objection(desk.records, desk.officer, late.id, "已处理", upheld=False)
    projects = notices.close_notice(desk.records, desk.second, notice.id)
    assert desk.states(call) == ["declined", "approved", "approved"]
    assert [p.state for p in projects] == ["contracting", "contracting"]
    with desk.records.database.read() as session:
        assert session.get_one(Call, call.id).state == "done"
        assert {p.grant for p in session.execute(select(Project)).scalars()} == {Decimal(360_000)}
        assert {s.rank for s in session.execute(select(ReviewScore)).scalars()} == {1, 2, 3}
        assert session.execute(select(Draw)).scalar_one().seed
    desk.records.log.publish()
    assert verify(desk.records.log.folder, desk.records.log.key.verifier, desk.records.database).sound


def test_a_notice_into_a_year_without_a_calendar_is_provisional_until_the_year_is_known(
    desk: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Published on Tuesday 29 December 2026: by weekends 30, 31 December, 1, 4, 5 January; with 1 to 3 January off, 6 January."""
    shipped = Calendar(frozenset({2025, 2026}), {})
    monkeypatch.setattr("tanlu.records.workdays.calendar", lambda: shipped)
    _, batch = desk.decided()
    desk.now = desk.now.replace(year=2026, month=12, day=29, hour=10)
    notice = notices.publish_notice(desk.records, desk.officer, batch.id)
    assert notice.last == date(2027, 1, 5)
    with desk.records.database.read() as session:
        assert notices.term_of(desk.records, session, notice) == Term(date(2027, 1, 5), (2027,))
        entry = history(session, f"notice:{notice.id}")[-1].content()
    assert entry is not None and entry["details"]["provisional_years"] == [2027]
    desk.now = desk.now.replace(year=2027, month=1, day=6, hour=9)
    with pytest.raises(RefusedError) as error:
        notices.close_notice(desk.records, desk.officer, notice.id)
    assert codes(error) == {("notice_provisional", "last")}
    table = desk.records.folder / "workdays.csv"
    table.write_text(
        "first,last,kind,zh,en,source,url\n2027-01-01,2027-01-03,holiday,元旦,New Year,x,\n", encoding="utf-8"
    )
    try:
        with pytest.raises(RefusedError) as error:
            notices.close_notice(desk.records, desk.officer, notice.id)
        assert codes(error) == {("deadline_ahead", "last")}, "the sixth is the last day by the calendar of the year"
        with desk.records.database.read() as session:
            (first, _), *_ = notices.funded(session, batch.id)
        objection = notices.raise_objection(desk.records, desk.unit3, notice.id, first.id, "补算出来的一天")
        notices.answer_objection(desk.records, desk.officer, objection.id, "已处理", upheld=False)
        desk.now = desk.now.replace(day=7)
        assert notices.close_notice(desk.records, desk.officer, notice.id)
    finally:
        table.unlink()
    with desk.records.database.read() as session:
        assert session.get_one(notices.Notice, notice.id).last == date(2027, 1, 6)
