"""`tanlu run` and `tanlu serve`: the main job and the portal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from socket import SO_REUSEADDR, SOL_SOCKET, socket
from typing import TYPE_CHECKING, Annotated

import typer

from tanlu.commands.common import (
    AsJson,
    Language,
    ProvinceName,
    check_language,
    default_language,
    default_province,
    default_workspace,
    fail,
)

if TYPE_CHECKING:
    from tanlu.job.energy_step import EnergyStudy


def run(
    province: ProvinceName = default_province(),
    out: Annotated[
        Path | None, typer.Option(help="工作区。Workspace; default ./tanlu-<province>.", file_okay=False)
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="随机种子。Seed of the draws.")] = 7,
    draws: Annotated[int, typer.Option(min=64, max=65536, help="抽样数，2 的幂。Draws, a power of two.")] = 2048,
    energy: Annotated[
        str,
        typer.Option(
            help="能源系统：one-node 合为一个节点、all-nodes 全部节点、none 不算。Energy system of the province."
        ),
    ] = "one-node",
    certify: Annotated[
        bool,
        typer.Option(
            "--certify",
            help="能源系统逐小时校核，得到成本上界。Run the capacities hour by hour: the cost is bounded from above too.",
        ),
    ] = False,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """计算清单、路径、目标、能源系统并写出报告。Inventory → pathways → targets → energy system → report.

    例 Example: tanlu run --province hunan --out ./tanlu-hunan --seed 7 --energy none
    """
    check_language(language)
    from tanlu.core.errors import DataError, Problem
    from tanlu.core.messages import translate
    from tanlu.job import run_main_job
    from tanlu.job.energy_step import MODES
    from tanlu.job.progress import progress_bar

    if draws & (draws - 1):
        raise typer.BadParameter(f"{draws}: 2^n", param_hint="--draws")
    mode = next((known for known in MODES if known == energy), None)
    if mode is None:
        raise typer.BadParameter(f"{energy!r}: {', '.join(MODES)}", param_hint="--energy")
    try:
        with progress_bar(language, quiet=as_json) as advance:
            result = run_main_job(province, out, seed, draws, advance, mode, certify)
    except DataError as error:
        fail(error, language, as_json)
    except OSError as error:
        place = str(error.filename or out or "")
        fail(DataError([Problem("cannot_write", place, value=error.strerror or str(error))]), language, as_json)
    except KeyboardInterrupt:
        print(translate("cli.interrupted", language), file=sys.stderr)
        raise typer.Exit(130) from None
    if as_json:
        json.dump(result.as_record(), sys.stdout, ensure_ascii=False, indent=1)
        print()
        return
    for notice in result.notices:
        print(notice.text(language), file=sys.stderr)
    print("\n".join(result.summary.lines[language]))
    if result.energy is not None:
        print(_energy_line(result.energy, language))
    print(translate("cli.where", language, workspace=result.workspace), file=sys.stderr)


def _energy_line(study: EnergyStudy, language: str) -> str:
    """Return what the energy system costs, in one line."""
    from tanlu.core.messages import translate

    brief, labels = study.brief(), study.result.system.labels
    name = labels[0 if language == "zh" else 1] or brief["system"]
    years = f"{brief['periods'][0]}–{brief['periods'][-1]}"
    cost = f"{brief['objective'] / (100 if language == 'zh' else 1000):,.0f}"
    words = {"name": name, "years": years, "cost": cost, "segments": brief["segments"], "nodes": brief["nodes"]}
    if brief["gap"] is None:
        return translate("cli.energy", language, **words)
    return translate("cli.energy_certified", language, **words, gap=f"{100 * brief['gap']:.1f}")


def serve(
    folder: Annotated[Path, typer.Argument(help="工作区。Workspace.", file_okay=False)] = default_workspace(),
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口。Port.")] = 8350,
    host: Annotated[
        str, typer.Option(help="监听地址，默认只限本机。Address; this machine only by default.")
    ] = "127.0.0.1",
    workers: Annotated[int, typer.Option(min=1, max=64, help="进程数。Processes that serve it together.")] = 1,
    province: ProvinceName = default_province(),
    language: Language = default_language(),
) -> None:
    """打开门户和 API；新工作区会建立数据库。Serve the portal and the API; a fresh workspace gets its database.

    例 Example: tanlu serve ./tanlu-hunan --workers 2
    """
    check_language(language)
    from tanlu.core.errors import DataError, Problem
    from tanlu.core.messages import translate
    from tanlu.workspace import CONFIG, Workspace, open_records

    try:
        if not (folder / CONFIG).exists() and (not folder.exists() or not any(folder.iterdir())):
            # a fresh workspace has pages too: calls, registries and the login of the first administrator
            Workspace.create(folder, province)
        Workspace.open(folder)
        open_records(folder).close()
        if not _free(host, port):
            raise DataError([Problem("port_in_use", f"{host}:{port}", field="port", value=str(port))])
    except DataError as error:
        fail(error, language, False)
    from tanlu.portal.serving import serve as listen

    print(translate("cli.opening", language), flush=True)
    address = translate("cli.portal", language, url=f"http://{host}:{port}/")
    listen(folder, host, port, workers, lambda: print(address, flush=True))


def _free(host: str, port: int) -> bool:
    with socket() as probe:
        probe.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
