"""OPC UA against the library's own server."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import time
from pathlib import Path

import pytest
from tests.monitor.listening import held, ledger_of

from tanlu.core.errors import DataError
from tanlu.monitor.intake import Intake
from tanlu.monitor.opcua import OpcUaServer, read_map
from tanlu.monitor.polling import Beat

HEAD = "url,node,meter,factor\n"


def test_nodes_are_read_with_their_state(tmp_path: Path) -> None:
    """Good 12.5 t/h is stored, uncertain 3 is an estimate, and bad is none; a server that is gone is told."""
    asyncua = pytest.importorskip("asyncua")
    ua = asyncua.ua
    with ledger_of(tmp_path, ("m1", "m2", "m3", "m4")) as ledger:

        async def run() -> None:
            server = asyncua.Server()
            await server.init()
            server.set_endpoint("opc.tcp://127.0.0.1:0/plant")
            space = await server.register_namespace("plant")
            names = ("good", "uncertain", "bad", "text")
            nodes = {
                name: await server.nodes.objects.add_variable(ua.NodeId(name, space), name, value)
                for name, value in zip(names, (12.5, 3.0, 1.0, "x"), strict=True)
            }
            for name, code in (("uncertain", ua.StatusCodes.Uncertain), ("bad", ua.StatusCodes.BadSensorFailure)):
                await nodes[name].write_value(ua.DataValue(ua.Variant(3.0), StatusCode=ua.StatusCode(code)))
            await server.start()
            port = server.bserver._server.sockets[0].getsockname()[1]
            path = tmp_path / "opcua.csv"
            url = f"opc.tcp://127.0.0.1:{port}/plant"
            path.write_text(
                HEAD
                + "".join(f"{url},ns={space};s={n},m{i},{1000 if i == 1 else ''}\n" for i, n in enumerate(names, 1)),
                encoding="utf-8",
            )
            ((address, points),) = read_map(path, ledger.registry).items()
            async with Intake(ledger) as intake:
                client = OpcUaServer(intake, address, points)
                beat = Beat(int(time.time()) // 900 * 900, 900)
                assert await client.poller.poll(beat) == 2
                await server.stop()
                assert await client.poller.poll(beat) == 0
                await client.stop()

        asyncio.run(run())
        assert {m: v for (m, _), v in held(ledger).items()} == {"m1": (1_250_000, 0), "m2": (300, 2)}
        reasons = [json.loads(x)["reason"] for x in ledger.aside.path.read_text(encoding="utf-8").splitlines()]
        assert reasons == ["opcua_no_number", "opcua_no_number", "no_connection"]


def test_all_faults_of_a_map_are_told_together(tmp_path: Path) -> None:
    pytest.importorskip("asyncua")
    with ledger_of(tmp_path) as ledger:
        path = tmp_path / "opcua.csv"
        path.write_text(
            HEAD + "http://h,ns=2;s=a,m1,\nopc.tcp://h,boiler,m2,\nopc.tcp://h,ns=2;i=7,mx,\n", encoding="utf-8"
        )
        with pytest.raises(DataError) as error:
            read_map(path, ledger.registry)
        assert sorted((p.row, p.code) for p in error.value.problems) == [
            (2, "monitor_opcua_url"), (3, "monitor_opcua_node"), (4, "monitor_map_meter"),
        ]  # fmt: skip


def test_without_the_extra_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with ledger_of(tmp_path) as ledger, pytest.raises(DataError, match=r"tanlu\[opcua\]"):
        read_map(tmp_path / "opcua.csv", ledger.registry)
