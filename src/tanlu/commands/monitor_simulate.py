"""``tanlu monitor simulate``: a demonstration fleet of meters, seeded, with faults and tampering whose truth is known."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from tanlu.commands.common import (
    AsJson,
    Language,
    ProvinceName,
    check_language,
    default_language,
    default_province,
    fail,
)

_SECONDS = {"": 1, "s": 1, "min": 60, "h": 3600}


def register(app: typer.Typer) -> None:
    """Add the command to the commands of monitoring."""
    app.command("simulate")(simulate)


def simulate(
    out: Annotated[Path, typer.Option("--out", help="空文件夹。Folder, empty or not there.")],
    meters: Annotated[int, typer.Option(min=1, help="计量点数。Positions of meters.")] = 33_600,
    days: Annotated[int, typer.Option(min=1, max=366, help="天数。Days.")] = 31,
    step: Annotated[str, typer.Option(help="间隔，如 15min。Interval, for example 15min.")] = "15min",
    seed: Annotated[int, typer.Option(min=0, help="随机种子。Seed.")] = 7,
    start: Annotated[str, typer.Option(help="首日。First day, for example 2024-07-01.")] = "2024-07-01",
    tampering: Annotated[
        float, typer.Option(min=0, max=1, help="有烟道企业中作弊的比例。Share of enterprises with stacks that tamper.")
    ] = 0.03,
    province: ProvinceName = default_province(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """生成演示计量器具与读数（虚构，带标记），含故障、迟到和作弊及其真相。Make a demonstration fleet with its truth.

    例 Example: tanlu monitor simulate --meters 3360 --days 31 --seed 7 --out demonstration
    """
    from tanlu.core.errors import DataError

    check_language(language)
    try:
        made = _make(province, out, language, meters, days, _seconds(step), seed, _day(start), tampering)
    except DataError as error:
        fail(error, language, as_json)
    if as_json:
        json.dump({**made, "folder": str(out)}, sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        from tanlu.core.messages import translate

        print(translate("monitor.simulate.done", language, folder=out, **made))


def _make(
    province: str, out: Path, language: str, meters: int, days: int, step: int, seed: int, start: str, tampering: float
) -> dict[str, Any]:
    from rich.console import Console
    from rich.progress import Progress

    from tanlu.core.messages import translate
    from tanlu.core.province import load_province, province_folder
    from tanlu.monitor.fleet import design_fleet, read_surroundings, write_fleet

    around = read_surroundings(load_province(province_folder(province)))
    fleet = design_fleet(around, meters=meters, days=days, step=step, seed=seed, start=start, tampering=tampering)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(translate("monitor.simulate.working", language), total=days)
        return write_fleet(fleet, out, progress=lambda done, _: progress.update(task, completed=done))


def _seconds(text: str) -> int:
    from tanlu.core.errors import DataError, Problem

    match = re.fullmatch(r"(\d{1,5})\s*(s|min|h|)", text.strip())
    seconds = int(match[1]) * _SECONDS[match[2]] if match else 0
    if not seconds or 3600 % seconds:
        raise DataError([Problem("fleet_step", "--step", field="step", value=text)])
    return seconds


def _day(text: str) -> str:
    import datetime

    from tanlu.core.errors import DataError, Problem

    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        day = datetime.date.min
    if day.year < 1992:
        raise DataError([Problem("fleet_day", "--start", field="start", value=text)])
    return day.isoformat()
