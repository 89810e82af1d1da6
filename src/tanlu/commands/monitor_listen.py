"""``tanlu monitor listen``: take readings from devices, senders and brokers until it is stopped."""

from __future__ import annotations

import gc
import json
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, default_workspace, fail
from tanlu.commands.monitor_common import WorkspaceFolder, open_ledger

if TYPE_CHECKING:
    from tanlu.monitor.intake import Intake
    from tanlu.monitor.ledger import Ledger
    from tanlu.monitor.listen import Plan

DEVICES = "hj212.csv"
"""Map of devices of a workspace."""
_LINE_SECONDS = 10.0
_STATUS_SECONDS = 1.0


def register(app: typer.Typer) -> None:
    """Add the command to the commands of monitoring."""
    app.command("listen")(listen_command)


def listen_command(
    workspace: WorkspaceFolder = default_workspace(),
    host: Annotated[str, typer.Option("--host", help="监听地址。Address to listen on.")] = "127.0.0.1",
    hj212: Annotated[
        int | None, typer.Option("--hj212", metavar="PORT", min=0, max=65_535, help="HJ 212 端口。Port of HJ 212.")
    ] = None,
    hj212_map: Annotated[
        Path | None, typer.Option("--hj212-map", metavar="FILE", help="设备对照表。Map of devices. [DIR/hj212.csv]")
    ] = None,
    requests: Annotated[
        bool, typer.Option("--requests/--no-requests", help="向设备补取缺失的数据。Ask devices for what is missing.")
    ] = True,
    http: Annotated[
        int | None, typer.Option("--http", metavar="PORT", min=0, max=65_535, help="HTTP 端口。Port of HTTP.")
    ] = None,
    tokens: Annotated[
        Path | None, typer.Option("--http-tokens", metavar="FILE", help="HTTP 令牌表。Tokens of senders.")
    ] = None,
    mqtt: Annotated[
        list[str] | None, typer.Option("--mqtt", metavar="URL", help="MQTT 代理，可多次。Broker; may be repeated.")
    ] = None,
    modbus: Annotated[
        Path | None, typer.Option("--modbus", metavar="FILE", help="Modbus TCP 寄存器表。Map of registers.")
    ] = None,
    dlt645: Annotated[
        Path | None, typer.Option("--dlt645", metavar="FILE", help="DL/T 645 电能表对照表。Map of meters.")
    ] = None,
    opcua: Annotated[Path | None, typer.Option("--opcua", metavar="FILE", help="OPC UA 节点表。Map of nodes.")] = None,
    refresh: Annotated[
        float,
        typer.Option(
            "--refresh", metavar="SECONDS", min=0, help="每隔多少秒更新小时事实，0 为不更新。Facts every … s."
        ),
    ] = 60.0,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """接收读数，直到按 Ctrl-C：HJ 212、HTTP、MQTT、Modbus TCP、DL/T 645、OPC UA。Take readings until stopped.

    例 Example: tanlu monitor listen --workspace tanlu-hunan --hj212 8212 --http 8351 --mqtt mqtt://127.0.0.1
    """
    import asyncio

    from tanlu.core.errors import DataError
    from tanlu.monitor.listen import Settings, plan

    check_language(language)

    devices = hj212_map or workspace / DEVICES
    settings = Settings(host, hj212, devices, http, tokens, tuple(mqtt or ()), modbus, dlt645, opcua, requests, refresh)
    try:
        # a second one that receives must not borrow from the first: it would never give back
        with open_ledger(workspace, borrow=False) as ledger:
            made = plan(settings, ledger.registry)
            tell = _json_lines if as_json else _status_line(language)
            _collect_less()
            last = asyncio.run(_run(ledger, made, tell))
    except DataError as error:
        fail(error, language, as_json)
    except KeyboardInterrupt:
        # before anything listens; afterwards a signal is no exception
        raise typer.Exit(130) from None
    if as_json:
        _print_line("stopped", _totals(last))
    else:
        from tanlu.core.messages import translate

        print(translate("monitor.listen.stopped", language, **_totals(last)), file=sys.stderr)


def _collect_less() -> None:
    """Let the garbage collector look less often: packets and batches make no cycles, and what waits would be walked again and again."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


Tell = Callable[["Intake", Mapping[str, object]], Awaitable[None]]


async def _run(ledger: Ledger, made: Plan, tell: Tell) -> dict[str, object]:
    """Listen until a signal; the status is told meanwhile."""
    import asyncio

    from tanlu.monitor.listen import listen

    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    telling: list[asyncio.Task[None]] = []

    async def ready(intake: Intake, ports: Mapping[str, object]) -> None:
        async def told() -> None:
            await tell(intake, ports)

        telling.append(asyncio.create_task(told()))

    try:
        return await listen(ledger, made, stopped, ready)
    finally:
        for task in telling:
            task.cancel()
        await asyncio.gather(*telling, return_exceptions=True)


def _totals(status: Mapping[str, object]) -> dict[str, object]:
    """Return the sums over all protocols."""
    protocols = status["protocols"]
    assert isinstance(protocols, dict)
    counts = protocols.values()
    return {
        "readings": sum(count["readings"] for count in counts),
        "batches": sum(count["batches"] for count in counts),
        "refused": sum(sum(count["refused"].values()) + count["refused_readings"] for count in counts),
        "duplicates": sum(count["duplicates"] for count in counts),
        "waiting": status["waiting"],
    }


def _print_line(event: str, record: Mapping[str, object]) -> None:
    print(json.dumps({"event": event, "at": int(time.time()), **record}, ensure_ascii=False), flush=True)


async def _json_lines(intake: Intake, ports: Mapping[str, object]) -> None:
    """Print a line of JSON when everything listens, and one every ten seconds."""
    import asyncio

    _print_line("listening", {"ports": dict(ports)})
    while True:
        await asyncio.sleep(_LINE_SECONDS)
        status = intake.status()
        _print_line("status", _totals(status) | {"fault": status["fault"]})


def _status_line(language: str) -> Tell:
    """Return what shows one line that is kept up to date."""

    async def tell(intake: Intake, ports: Mapping[str, object]) -> None:
        import asyncio

        from rich.console import Console

        from tanlu.core.messages import translate

        where = ", ".join(
            f"{name} {' '.join(port) if isinstance(port, list) else port}" for name, port in ports.items()
        )
        console = Console(stderr=True)
        console.print(translate("monitor.listen.listening", language, where=where), markup=False, highlight=False)
        with console.status("") as line:
            while True:
                status = intake.status()
                key = "monitor.listen.fault" if status["fault"] else "monitor.listen.status"
                line.update(translate(key, language, **_totals(status)))
                await asyncio.sleep(_STATUS_SECONDS)

    return tell
