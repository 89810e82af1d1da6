"""The demonstration year: five calls from draft to acceptance, played through the services with the clock set to the last complete year.

Units, people, marks and amounts come from a seeded generator; nothing of it is a fact about anybody. Everything is named 演示. The log
says at the begin and end, under the real clock, that the times between are simulated.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Select, select

from tanlu.core.province import province_folder
from tanlu.plan import load_plan
from tanlu.programme.cycle import applying, assigning, calls, deciding, experts, formal, notices, reviewing
from tanlu.programme.cycle.acting import refuse
from tanlu.programme.cycle.calls import CallTerms, TargetTerms
from tanlu.programme.cycle.demonstration_people import give_login, let_in
from tanlu.programme.cycle.demonstration_projects import play_projects
from tanlu.programme.cycle.demonstration_stage import SHANGHAI, Progress, Stage, simulated
from tanlu.programme.cycle.forms import ApplicationForm
from tanlu.programme.cycle.tables.applications import Application
from tanlu.programme.cycle.tables.calls import Call
from tanlu.programme.cycle.tables.projects import Project
from tanlu.programme.cycle.tables.review import ReviewTask
from tanlu.records import Records, local_day

CO2: Final = TargetTerms("co2", "年减排量", "yearly abatement", "t CO2", Decimal(0), Decimal(2000))
COST: Final = TargetTerms("cost", "单位减排成本", "abatement cost", "CNY/t", Decimal(900), Decimal(500))
PLAYED: Final[tuple[tuple[str, str, str, int, dict[str, Any]], ...]] = (
    ("guideline", "演示：绿色低碳技术攻关指南", "Demonstration: guideline call", 12, {}),
    ("guideline", "演示：省市联动示范工程", "Demonstration: co-funded by prefectures", 12,
     {"funders": {"province": Decimal("0.6"), "prefecture": Decimal("0.4")}}),
    ("challenge", "演示：揭榜挂帅", "Demonstration: open challenge", 6, {}),
    ("horse_race", "演示：赛马争先", "Demonstration: horse race", 6, {"stages": 2, "first_stage_share": Decimal("0.4")}),
    ("chief_expert", "演示：首席专家负责制", "Demonstration: chief expert", 10, {}),
)  # fmt: skip
"""Kind, titles, number of applications and further terms of each call."""
COUNTS: Final = tuple(count for *_, count, _ in PLAYED)
LATE: Final = (7, 7)
"""Applications of the calls that the year leaves waiting for their draw, and in the hands of the experts."""


@dataclass(frozen=True, slots=True)
class DemonstrationYear:
    """What was played: counts, and the logins with their passwords, which are told once."""

    year: int
    calls: int
    applications: int
    reviews: int
    projects: int
    entries: int
    passwords: dict[str, str]


def demonstrate(
    records: Records,
    seed: int,
    *,
    counts: Sequence[int] = COUNTS,
    password: str = "",
    progress: Progress = lambda step, count: None,
) -> DemonstrationYear:
    """Play the demonstration year.

    Parameters
    ----------
    seed : int
        The same seed gives the same year, up to ids and passwords.
    counts : sequence of int
        Applications of each call.
    password : str, optional
        Password of all logins; a random one each by default.
    progress : callable
        Told each act and what it has made.

    Raises
    ------
    RefusedError
        If the workspace holds a call already.
    """
    with records.database.change("system", "demonstration.begin", "demonstration", details={"seed": seed}) as change:
        if change.session.execute(select(Call.id).limit(1)).first():
            raise refuse("demonstration_calls", "demonstration", "calls", records.settings.province)
        # two months into the next year are played too
        year = (local_day(change.at) - timedelta(days=60)).year - 1
    topics = _topics(records.settings.province)
    chosen = random.Random(seed)
    with simulated(records, chosen, year, topics, progress) as stage:
        stage.on(1, 6)
        stage.cast = let_in(records, chosen, sorted(topics), password)
        progress("people", len(stage.cast.people))
        opened = _open_calls(stage)
        stage.on(1, 20)
        applied = sum(_apply(stage, call, n, counts[n]) for n, call in enumerate(opened))
        stage.on(2, 24)
        _recommend(stage)
        stage.on(3, 3)
        _check(stage, opened)
        reviews = _review(stage, opened)
        projects = _decide(stage, opened)
        play_projects(stage, projects)
        applied += _late_calls(stage)
    _open_for_trying(stage)
    records.database.append("system", "demonstration.end", "demonstration", details={"year": year})
    records.log.publish()
    return DemonstrationYear(
        year,
        len(opened) + len(LATE) + 1,
        applied,
        reviews,
        len(projects),
        records.database.size(),
        stage.cast.passwords,
    )


def _topics(province: str) -> dict[str, list[tuple[str, str, str]]]:
    """Return id and names of the technologies of each action of the plan that act on emissions."""
    plan = load_plan(province_folder(province))
    found: dict[str, list[tuple[str, str, str]]] = {}
    for t in plan.technologies():
        if t.abates and not t.same_as and t.level != "group":
            found.setdefault(t.action, []).append((t.id, t.name("zh"), t.name("en")))
    return {action: group for action, group in found.items() if len(group) >= 6}


def _terms(stage: Stage, number: int, deadline: datetime, year: int) -> tuple[CallTerms, dict[str, str]]:
    """Return the terms of a call of the play, and the action of each of its technologies."""
    kind, zh, en, count, other = PLAYED[number % len(PLAYED)]
    actions = sorted(stage.topics)
    action = actions[number % len(actions)]
    topics = stage.topics[action][:12]
    given: dict[str, Any] = {
        "kind": kind, "year": year, "region": stage.records.settings.province, "zh": zh, "en": en,
        "text_zh": "演示用征集，内容为虚构。", "text_en": "A call for demonstration; its content is invented.",
        "pot": Decimal(700_000 * max(3, count // 2)), "largest_grant": Decimal(2_000_000), "deadline": deadline,
        "recommend_until": deadline + timedelta(days=8), "technologies": [t for t, _, _ in topics],
        "targets": [CO2, COST], "panel_size": 3, "owner_id": stage.cast.owner if kind == "challenge" else None,
    }  # fmt: skip
    return CallTerms(**(given | other)), {t: action for t, _, _ in topics}


def _publish(stage: Stage, terms: CallTerms, known: dict[str, str]) -> Call:
    officer, second = stage.cast.people["officer"], stage.cast.people["second"]
    call = calls.draft_call(stage.records, officer, terms, known=known)
    for who, step in ((officer, "submit"), (second, "approve"), (officer, "publish")):
        call = calls.move_call(stage.records, who, call.id, step)
    return call


def _open_calls(stage: Stage) -> list[Call]:
    stage.on(1, 10)
    deadline = datetime(stage.year, 2, 20, 17, tzinfo=SHANGHAI)
    opened = [_publish(stage, *_terms(stage, n, deadline, stage.year)) for n in range(len(PLAYED))]
    stage.progress("calls", len(opened))
    return opened


def _apply(stage: Stage, call: Call, number: int, count: int) -> int:
    """Hand in applications to a call; in the first call one project is too long and one is taken back."""
    for n in range(count):
        unit = stage.cast.units[(n * 4 + number) % (len(stage.cast.units) - 1)]
        months = 40 if (number, n) == (0, 1) else stage.chosen.choice((12, 18, 24, 36))
        wanted = _form(stage, number, unit, months)
        found = applying.submit(stage.records, stage.cast.of_unit(unit), call.id, wanted, key=f"{call.id}-{n}")
        if (number, n) == (0, 2):
            applying.withdraw(stage.records, stage.cast.of_unit(unit), found.id, "演示：申报人撤回")
    stage.progress("applications", count)
    return count


def _form(stage: Stage, number: int, unit: str, months: int) -> ApplicationForm:
    actions = sorted(stage.topics)
    topics = stage.topics[actions[number % len(actions)]][:12]
    turn = stage.forms[unit] = stage.forms.get(unit, -1) + 1
    technology, zh, en = stage.chosen.choice(topics)
    start = stage.chosen.choice((4, 5, 6))
    direct = Decimal(stage.chosen.randrange(300, 700) * 1000)
    equipment = (direct / 4).quantize(Decimal(1))
    partner = stage.cast.units[(stage.cast.units.index(unit) + 1) % (len(stage.cast.units) - 1)]
    return ApplicationForm(
        lead_id=unit,
        pi_id=stage.cast.team[unit][turn % 6],
        people=stage.cast.team[unit][(turn + 1) % 6 : (turn + 1) % 6 + 1],
        partners=[partner] if turn % 3 == 0 else [],
        zh=f"演示：{zh}",
        en=f"Demonstration: {en}",
        summary="演示用申报，内容为虚构。For demonstration; invented.",
        months=months,
        budget={
            "equipment": (equipment, Decimal(0)),
            "business": (direct - equipment, Decimal(100_000)),
            "indirect": (((direct - equipment) * 3 / 10).quantize(Decimal(1)) - 1, Decimal(0)),
        },
        technologies={technology: (Decimal(start), Decimal(start + 2))},
        targets={
            "co2": Decimal(stage.chosen.randrange(20, 60) * 100),
            "cost": Decimal(stage.chosen.randrange(300, 500)),
        },
        facts={"holding_percent": 0, "accepts_gate": True},
    )


def _recommend(stage: Stage) -> None:
    """Let the bureaus recommend what was handed in, one application excepted."""
    waiting = stage.read(select(Application).where(Application.state == "submitted").order_by(Application.number))
    for n, a in enumerate(waiting):
        bureau = stage.cast.people[f"bureau_{a.region}"]
        if n == 3:
            formal.not_recommend(stage.records, bureau, a.id, "演示：与本地规划不符")
        else:
            formal.recommend(stage.records, bureau, a.id)


def _check(stage: Stage, opened: list[Call]) -> None:
    """Close the calls and check every form."""
    officer = stage.cast.people["officer"]
    for call in opened:
        calls.move_call(stage.records, officer, call.id, "close")
    waiting = stage.read(select(Application).where(Application.state == "recommended").order_by(Application.number))
    for a in waiting:
        formal.check_formally(stage.records, officer, a.id)
    stage.progress("checked", len(waiting))


def _late_calls(stage: Stage) -> int:
    """Leave one call waiting for its draw and one in review, whose first expert gets the login of the experts."""
    following = stage.year + 1
    stage.on(12, 30)
    deadline = datetime(following, 1, 25, 17, tzinfo=SHANGHAI)
    numbers = range(len(PLAYED), len(PLAYED) + len(LATE))
    late = [_publish(stage, *_terms(stage, n, deadline, following)) for n in numbers]
    stage.on(1, 20, year=following)
    total = sum(_apply(stage, call, n, count) for call, n, count in zip(late, numbers, LATE, strict=True))
    stage.on(1, 28, year=following)
    _recommend(stage)
    stage.on(2, 3, year=following)
    _check(stage, late)
    officer = stage.cast.people["officer"]
    assigning.draw(stage.records, officer, assigning.commit_draw(stage.records, officer, late[1].id).id)
    tasks = stage.read(
        select(ReviewTask).where(ReviewTask.call_id == late[1].id).order_by(ReviewTask.due, ReviewTask.id)
    )
    give_login(stage.records, stage.cast, "demo-expert", min(task.expert_id for task in tasks))
    return total


def _review(stage: Stage, opened: list[Call]) -> int:
    """Draw the experts, one call twice; one declares a conflict; where marks lie apart one more expert is asked."""
    people, records = stage.cast.people, stage.records
    stage.on(3, 5)
    for n, call in enumerate(opened):
        found = assigning.commit_draw(records, people["officer"], call.id)
        assigning.draw(records, people["officer"], found.id)
        if n == 0:
            again = assigning.commit_draw(records, people["second"], call.id, reason="演示：专家名单补充后重抽")
            assigning.draw(records, people["second"], again.id)
    stage.on(3, 12)
    tasks: list[ReviewTask] = stage.read(_open_tasks())
    first = tasks[0]
    experts.declare_conflict(records, stage.cast.of_person(first.expert_id), first.application_id, "演示：共同发表论文")
    assigning_officer = people["officer"]
    reviewing.order_further_review(records, assigning_officer, first.application_id)
    level: dict[str, int] = {}
    written = _write_open(stage, level)
    for call in opened:
        with records.database.read() as session:
            apart = [s.application.id for s in reviewing.standings(session, call, local_day(stage.now)) if s.apart]
        for application in apart:
            reviewing.order_further_review(records, assigning_officer, application)
    written += _write_open(stage, level)
    stage.on(3, 26)
    for call in opened:
        reviewing.close_review(records, people["second"], call.id)
    stage.progress("reviews", written)
    return written


def _open_tasks() -> Select[ReviewTask]:
    """Return the query of the reviews to be written, in the order of the applications: ids are random and must not decide marks."""
    return (
        select(ReviewTask)
        .join(Application, Application.id == ReviewTask.application_id)
        .where(ReviewTask.state == "assigned")
        .order_by(Application.number, ReviewTask.id)
    )


def _write_open(stage: Stage, level: dict[str, int]) -> int:
    """Write every open review: around the level of the application, now and then far from it."""
    open_ones = stage.read(_open_tasks())
    racing = set(
        stage.read(select(Application.id).join(Call, Call.id == Application.call_id).where(Call.kind == "horse_race"))
    )
    for task in open_ones:
        # teams of a race are good ones, so that at least two start
        weakest = 78 if task.application_id in racing else 55
        middle = level.setdefault(task.application_id, stage.chosen.randrange(weakest, 92))
        away = -30 if stage.chosen.random() < 0.04 else stage.chosen.randrange(-6, 7)
        marks = {i.id: max(0, min(100, middle + away + stage.chosen.randrange(-3, 4))) for i in calls.RUBRIC}
        expert = stage.cast.of_person(task.expert_id)
        reviewing.write_review(stage.records, expert, task.id, marks, "演示意见：路线可行，指标明确，建议加强示范。")
    return len(open_ones)


def _decide(stage: Stage, opened: list[Call]) -> list[Project]:
    """Let the owner choose, visit the best, decide in batches, give notice, answer an objection, approve."""
    people, records = stage.cast.people, stage.records
    stage.on(3, 28)
    found = []
    for n, call in enumerate(opened):
        scored = stage.read(
            select(Application)
            .where(Application.call_id == call.id, Application.state == "scored")
            .order_by(Application.number)
        )
        if call.kind == "challenge":
            _choose(stage, call)
        if n == 0:
            deciding.shortlist(records, people["officer"], scored[0].id)
            deciding.note_visit(records, people["officer"], scored[0].id, "演示：现场条件与申报一致")
        batch = deciding.make_batch(records, people["officer"], call.id)
        deciding.lock_batch(records, people["officer"], batch.id)
        deciding.approve_batch(records, people["second"], batch.id)
        found.append(batch)
    stage.on(4, 1)
    given = [notices.publish_notice(records, people["officer"], batch.id) for batch in found]
    stage.on(4, 3)
    named = stage.read(select(Application).where(Application.state == "noticed").order_by(Application.number))
    objection = notices.raise_objection(
        records,
        people["unit7"],
        given[0].id,
        next(a.id for a in named if a.call_id == given[0].call_id),
        "演示：成果归属存疑",
    )
    stage.on(4, 8)
    notices.answer_objection(records, people["second"], objection.id, "演示：查明权属清晰，异议不成立", upheld=False)
    stage.on(4, 14)
    projects = [p for notice in given for p in notices.close_notice(records, people["officer"], notice.id)]
    stage.progress("projects", len(projects))
    return projects


def _choose(stage: Stage, call: Call) -> None:
    with stage.records.database.read() as session:
        passed = [p.application.id for p in deciding.propose(session, call) if p.score >= call.threshold]
    if passed:
        owner = stage.cast.of_unit(stage.cast.owner)
        deciding.choose(stage.records, owner, call.id, passed[:3], "演示：与产线条件最相合")


def _open_for_trying(stage: Stage) -> None:
    """Open one more call under the real clock, so that visitors of the demonstration can apply themselves."""
    today = local_day(stage.records.database.clock())
    deadline = datetime.combine(today + timedelta(days=60), datetime.min.time(), SHANGHAI) + timedelta(hours=17)
    terms, known = _terms(stage, len(PLAYED) + len(LATE), deadline, today.year)
    _publish(stage, terms, known)
