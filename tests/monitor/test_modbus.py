"""Modbus TCP against the library's own server; numbers by hand."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.client.mixin import ModbusClientMixin
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice
from tests.monitor.listening import held, ledger_of

from tanlu.core.errors import DataError
from tanlu.monitor import modbus
from tanlu.monitor.intake import Intake
from tanlu.monitor.modbus import MOST_REGISTERS, ModbusDevice, Register, number_of, read_map, spans
from tanlu.monitor.polling import Beat
from tanlu.monitor.refusal import Refusal

HEAD = "host,port,unit,table,address,type,order,meter,factor\n"


@pytest.mark.parametrize(
    ("words", "kind", "order", "number"),
    [
        # 123.45 as a float of 4 bytes is 42 F6 E6 66
        ((0x42F6, 0xE666), "f32", "ABCD", pytest.approx(123.45)),
        ((0xE666, 0x42F6), "f32", "CDAB", pytest.approx(123.45)),
        ((0xF642, 0x66E6), "f32", "BADC", pytest.approx(123.45)),
        ((0x66E6, 0xF642), "f32", "DCBA", pytest.approx(123.45)),
        ((0x0001, 0x0002), "u32", "ABCD", 65_538),
        ((0x0001, 0x0002), "u32", "CDAB", 131_073),
        ((0xFFFF,), "i16", "ABCD", -1),
        ((0xFEFF,), "u16", "BADC", 0xFFFE),
        ((0, 0, 0, 1), "u64", "ABCD", 1),
        ((1, 0, 0, 0), "u64", "CDAB", 1),
        ((0x405E, 0xDCCC, 0xCCCC, 0xCCCD), "f64", "ABCD", 123.45),
    ],
)
def test_numbers_are_read_in_all_orders(words: Sequence[int], kind: str, order: str, number: float) -> None:
    assert number_of(words, kind, order) == number


@given(st.integers(-(2**31), 2**31 - 1))
def test_numbers_agree_with_the_library(number: int) -> None:
    for order, words in (("ABCD", "big"), ("CDAB", "little")):
        registers = ModbusClientMixin.convert_to_registers(
            number,
            ModbusClientMixin.DATATYPE.INT32,
            word_order=words,  # type: ignore[arg-type]
        )
        assert number_of(registers, "i32", order) == number


def test_a_float_that_is_no_number_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        number_of((0x7FC0, 0), "f32", "ABCD")
    assert refused.value.reason == "modbus_no_number"


@given(st.lists(st.integers(0, 1000), min_size=1, unique=True))
def test_groups_hold_every_register_once_and_are_not_too_long(addresses: list[int]) -> None:
    registers = [Register(a, "u32", "ABCD", 1, 1.0) for a in sorted(addresses)]
    groups = spans(registers)
    assert [r for group in groups for r in group] == registers
    assert all(group[-1].end - group[0].address <= MOST_REGISTERS for group in groups)


def test_registers_are_polled_stored_and_scaled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pulse counter 1,234,567 of 0.01 kWh is 12,345.67 kWh; a float in words turned round.

    A register that does not exist costs only itself.
    """
    monkeypatch.setattr(modbus, "TIMEOUT_SECONDS", 1.0)
    with ledger_of(tmp_path, ("m1", "m2", "m3", "m4"), step=1) as ledger:
        blocks = [
            SimData(10, values=1_234_567, datatype=DataType.UINT32),
            SimData(14, values=[0xE666, 0x42F6], datatype=DataType.REGISTERS),
            SimData(300, values=[7], datatype=DataType.REGISTERS),
        ]

        async def run() -> None:
            server = ModbusTcpServer(SimDevice(id=3, simdata=blocks), address=("127.0.0.1", 0))
            serving = asyncio.create_task(server.serve_forever())
            while not server.transport:
                await asyncio.sleep(0.005)
            port = server.transport.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
            path = tmp_path / "modbus.csv"
            path.write_text(
                HEAD + f"127.0.0.1,{port},3,holding,10,u32,,m1,0.01\n127.0.0.1,{port},3,holding,14,f32,CDAB,m2,\n"
                f"127.0.0.1,{port},3,holding,300,u16,ABCD,m3,\n127.0.0.1,{port},3,holding,900,u16,,m4,\n",
                encoding="utf-8",
            )
            ((host, port), blocks_of) = next(iter(read_map(path, ledger.registry).items()))
            async with Intake(ledger) as intake:
                device = ModbusDevice(intake, host, port, blocks_of)
                stamp = int(time.time())
                # twice: after the refusal of the registers between them, the points are asked for apart
                assert await device.poller.poll(Beat(stamp, 1)) == 3
                device.start()
                while len(held(ledger)) < 6:
                    await asyncio.sleep(0.05)
                await server.shutdown()
                serving.cancel()
                assert await device.poller.poll(Beat(stamp, 1)) == 0
                await device.stop()
            values = {meter: value for (meter, _), (value, _) in held(ledger).items()}
            assert values == {"m1": 1_234_567, "m2": 12_345, "m3": 700}

        asyncio.run(run())
        reasons = [json.loads(line)["reason"] for line in ledger.aside.path.read_text(encoding="utf-8").splitlines()]
        assert {"modbus_refused", "no_connection"} <= set(reasons)


def test_all_faults_of_a_map_are_told_together(tmp_path: Path) -> None:
    with ledger_of(tmp_path) as ledger:
        path = tmp_path / "modbus.csv"
        path.write_text(
            HEAD
            + "h,502,1,holding,65535,u32,,m1,\nh,502,1,coil,1,u16,,m2,\nh,502,256,input,1,u16,ABDC,m2,\nh,502,1,input,1,u16,,mx,\n",
            encoding="utf-8",
        )
        with pytest.raises(DataError) as error:
            read_map(path, ledger.registry)
        assert sorted((p.row, p.field) for p in error.value.problems) == [
            (2, "address"), (3, "table"), (4, "order"), (4, "unit"), (5, "meter"),
        ]  # fmt: skip
