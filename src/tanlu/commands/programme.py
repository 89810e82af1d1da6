"""`tanlu programme`: where the programme stands, who would judge what, what its projects are worth, and the demonstration year."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import (
    AsJson,
    Language,
    check_language,
    default_language,
    default_workspace,
    fail,
    opened_records,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tanlu.programme.cycle import Call
    from tanlu.records import Principal, Records

app = typer.Typer(
    help="科技计划：征集、评审、项目与组合。Innovation programme: calls, review, projects and portfolio.",
    no_args_is_help=True,
)
Workspace = Annotated[Path, typer.Option("--out", help="工作区。Workspace.", file_okay=False)]


def _print(content: dict[str, Any], as_json: bool, lines: list[str]) -> None:
    if as_json:
        json.dump(content, sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        print("\n".join(lines))


@app.command()
def status(
    out: Workspace = default_workspace(), as_json: AsJson = False, language: Language = default_language()
) -> None:
    """征集、申报、项目、经费与逾期一览。Calls, applications, projects, money and what is overdue.

    例 Example: tanlu programme status --json
    """
    with opened_records(out, language, as_json) as records:
        from tanlu.core.messages import translate
        from tanlu.programme.cycle.lists import board
        from tanlu.programme.cycle.rulebook import workflow
        from tanlu.records import local_day

        with records.database.read() as session:
            found = board(session, records.settings.province, local_day(records.database.clock()))
    content = found.as_record()
    lines = []
    for name, graph in (("calls", "call"), ("applications", "application"), ("projects", "project")):
        states = workflow(graph).states
        told = [f"{getattr(states[s], language) if s in states else s} {n}" for s, n in sorted(content[name].items())]
        lines.append(translate(f"programme.status_{name}", language, states=", ".join(told) or "-"))
    money = {name: f"{Decimal(content[name]):,.2f}" for name in ("granted", "paid", "spent", "returned")}
    lines.append(translate("programme.status_money", language, **money))
    late = {name: content[name] for name in ("overdue_milestones", "overdue_tasks", "open_objections", "open_changes")}
    lines.append(translate("programme.status_open", language, **late))
    _print(content, as_json, lines)


@app.command()
def signals(
    out: Workspace = default_workspace(), as_json: AsJson = False, language: Language = default_language()
) -> None:
    """重算全部在研项目的跟踪信号，供每天定时运行。Compute the signals of all running projects; to be run once a day.

    例 Example: tanlu programme signals --out ./tanlu-hunan
    """
    with opened_records(out, language, as_json) as records:
        from tanlu.core.messages import translate
        from tanlu.programme.cycle import Project
        from tanlu.programme.cycle.running import refresh_signals

        changed = refresh_signals(records)
        with records.database.read() as session:
            numbers = {i: session.get_one(Project, i).number for i in changed}
    content = {numbers[i]: colour.name.lower() for i, colour in changed.items()}
    lines = [translate("programme.signals", language, count=len(content))]
    lines += [f"  {n} {translate(f'programme.colour.{colour}', language)}" for n, colour in sorted(content.items())]
    _print({"changed": content}, as_json, lines)


@app.command()
def mail(
    out: Workspace = default_workspace(), as_json: AsJson = False, language: Language = default_language()
) -> None:
    """写出并发出到期的通知邮件，供定时运行。Write and send the letters that are due; to be run every few minutes.

    例 Example: tanlu programme mail --out ./tanlu-hunan
    """
    with opened_records(out, language, as_json) as records:
        from tanlu.core.messages import translate
        from tanlu.programme.outbox.sending import collect, deliver

        written = collect(records)
        content = {"written": written, **deliver(records)}
    _print(content, as_json, [translate("programme.mailed", language, **content)])


@app.command()
def assign(
    call: Annotated[str, typer.Option("--call", help="征集编号或标识。Number or id of the call.")],
    seed: Annotated[int, typer.Option("--seed", help="随机种子。Seed.", min=0)],
    cap: Annotated[
        float | None, typer.Option("--cap", min=0.01, max=1, help="配对概率上限。Largest probability of a pair.")
    ] = None,
    officer: Annotated[
        str,
        typer.Option(
            "--officer", help="以此登录名正式抽取；不给则只试算。Carry it out as this login; otherwise only computed."
        ),
    ] = "",
    reason: Annotated[str, typer.Option("--reason", help="重抽理由。Reason of a further draw.")] = "",
    out: Workspace = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """为申报分配评审专家：目标值、工作量、回避与不可行原因。Give experts to applications: objective, loads, conflicts, reasons.

    例 Example: tanlu programme assign --call 2026-001 --seed 7 --json
    """
    from tanlu.records import RefusedError

    reasons: list[dict[str, object]] = []
    with opened_records(out, language, as_json) as records:
        from tanlu.core.messages import translate
        from tanlu.programme.cycle.assigning import plan_assignment
        from tanlu.records import local_day

        text = f"tanlu-seed-{seed:016d}"
        with records.database.read() as session:
            found = _call(session, call)
            try:
                plan = plan_assignment(session, found, text, local_day(records.database.clock()), cap=cap)
                content = plan.as_record()
            except RefusedError as error:
                reasons = [p.as_record(language) for p in error.problems]
                content = {"objective": None, "loads": {}, "conflicts": [], "panels": {}, "reasons": reasons}
        draw_id = None if reasons or not officer else _draw(records, officer, found.id, text, cap, reason)
    content |= {"call": found.number, "seed": seed, "draw": draw_id}
    if reasons:
        lines = [translate("programme.assign_infeasible", language, call=found.number)]
        lines += [f"  {r['problem']}" for r in reasons]
    else:
        loads = content["loads"].values()
        told = {"objective": content["objective"], "worst": content["worst"], "experts": len(loads), "most": max(loads)}
        conflicts = len(content["conflicts"])
        lines = [translate("programme.assigned", language, call=found.number, conflicts=conflicts, **told)]
        if draw_id:
            lines.append(translate("programme.drawn", language, draw=draw_id))
    _print(content, as_json, lines)
    if reasons:
        raise typer.Exit(1)


def _call(session: Session, wanted: str) -> Call:
    from sqlalchemy import or_, select

    from tanlu.programme.cycle import Call
    from tanlu.programme.cycle.acting import refuse

    found = session.execute(select(Call).where(or_(Call.id == wanted, Call.number == wanted))).scalar_one_or_none()
    if found is None:
        raise refuse("no_record", "call", "call", wanted)
    return found


def _draw(records: Records, login: str, call_id: str, seed: str, cap: float | None, reason: str) -> str:
    """Commit to the seed and carry the draw out, as the person of a login."""
    from tanlu.programme.cycle.assigning import commit_draw, draw

    principal = _principal(records, login)
    committed = commit_draw(records, principal, call_id, seed=seed, reason=reason)
    return draw(records, principal, committed.id, cap=cap).id


def _principal(records: Records, login: str) -> Principal:
    from sqlalchemy import select

    from tanlu.programme.cycle.acting import refuse
    from tanlu.records import Credential, load_principal, local_day
    from tanlu.records.login import login_name

    with records.database.read() as session:
        statement = select(Credential.person_id).where(Credential.login == login_name(login))
        person = session.execute(statement).scalar_one_or_none()
        if person is None:
            raise refuse("no_record", "login", "officer", login)
        return load_principal(session, person, local_day(records.database.clock()))


@app.command()
def portfolio(
    top: Annotated[int, typer.Option("--top", min=1, help="无人攻关的技术线条数。Uncovered lines to tell.")] = 10,
    growth: Annotated[str, typer.Option("--growth", help="low, mid, high")] = "mid",
    out: Workspace = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """项目组合：按行动的经费与预期减排，无项目的高价值技术，下次征集建议。Money and expected abatement; what nobody works on.

    例 Example: tanlu programme portfolio --top 5 --json
    """
    with opened_records(out, language, as_json) as records:
        from tanlu.commands.tonnes import tonnes
        from tanlu.core.messages import translate
        from tanlu.pathways.simulation import load_model
        from tanlu.pathways.technology_file import load_technologies
        from tanlu.programme.cycle.portfolio import lines as held
        from tanlu.programme.cycle.portfolio import portfolio as compute
        from tanlu.records import local_day

        model = load_model(records.settings.province)
        known = load_technologies(model.province.folder, model.data)
        with records.database.read() as session:
            year = local_day(records.database.clock()).year
            content = compute(held(session), model, known, year=year, top=top, growth=growth)
    lines = [
        translate(
            "programme.portfolio_action", language, action=a["action"], projects=a["projects"], granted=a["granted"],
            early=tonnes(a["expected_mt"]["2030"], language, 3), late=tonnes(a["expected_mt"]["2060"], language, 3),
        )
        for a in content["actions"]
    ]  # fmt: skip
    lines += [
        translate(
            "programme.portfolio_open", language, name=u["name"][language], id=u["technology"], action=u["action"],
            late=tonnes(u["expected_mt"]["2060"], language, 3),
        )
        for u in content["uncovered"]
    ]  # fmt: skip
    _print(content, as_json, lines)


@app.command()
def demo(
    seed: Annotated[int, typer.Option("--seed", help="随机种子。Seed.")] = 7,
    password: Annotated[
        str,
        typer.Option(
            "--password",
            envvar="TANLU_DEMO_PASSWORD",
            help="所有演示登录的口令；不给则各自随机。One password for all logins.",
        ),
    ] = "",
    out: Workspace = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """填入标明的演示年：从征集到验收，登录与口令只显示一次。Fill a marked demonstration year; logins and passwords are printed once.

    例 Example: tanlu programme demo --seed 7 --out ./demo
    """
    check_language(language)
    from rich.console import Console
    from rich.progress import Progress, TextColumn, TimeElapsedColumn

    from tanlu.commands.programme_demo import play
    from tanlu.core.errors import DataError
    from tanlu.core.messages import translate
    from tanlu.workspace import CONFIG
    from tanlu.workspace import Workspace as Folder

    try:
        if not (out / CONFIG).exists():
            from tanlu.commands.common import default_province

            Folder.create(out, default_province())
    except DataError as error:
        fail(error, language, as_json)
    columns = (TextColumn("{task.description}"), TextColumn("{task.completed}"), TimeElapsedColumn())
    bar = Progress(*columns, transient=True, console=Console(stderr=True), disable=as_json)
    with opened_records(out, language, as_json) as records, bar:
        task = bar.add_task("", total=None)

        def told(act: str, count: int) -> None:
            bar.update(task, description=translate(f"programme.act_{act}", language), completed=count)

        content = play(records, seed, password, told)
    lines = [
        translate(
            "programme.demo_done",
            language,
            **{k: content[k] for k in ("year", "calls", "applications", "projects", "entries")},
        )
    ]
    lines += [f"  {login}  {word}" for login, word in content["passwords"].items()]
    _print(content, as_json, lines)
