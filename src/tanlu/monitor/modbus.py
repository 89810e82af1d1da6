"""Modbus TCP: registers of devices, asked at the beats of their meters.

The map says for each meter where its number stands and how: table, address (from 0, as on the wire), type and order of bytes. ``ABCD``
is the order of the standard (MODBUS Application Protocol V1.1b3, 4.2: the high byte first) with the high word first; ``CDAB`` has the
words, ``BADC`` the bytes in each word, and ``DCBA`` both turned round. Registers that stand close together are read at once.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tanlu.core.tables import Column
from tanlu.monitor.point_map import PointMap, scale_of
from tanlu.monitor.polling import Beat, Poller, Reading
from tanlu.monitor.refusal import Refusal
from tanlu.monitor.schema import Quality

if TYPE_CHECKING:
    from tanlu.monitor.intake import Intake
    from tanlu.monitor.registry import Registry

PROTOCOL: Final = "modbus"
TYPES: Final = {"u16": "H", "i16": "h", "u32": "I", "i32": "i", "u64": "Q", "i64": "q", "f32": "f", "f64": "d"}
ORDERS: Final = ("ABCD", "CDAB", "BADC", "DCBA")
MOST_REGISTERS: Final = 125
"""Registers of one question (MODBUS Application Protocol V1.1b3, 6.3)."""
GAP: Final = 8
"""Registers between two points that are read along rather than asked around."""
TIMEOUT_SECONDS: Final = 3.0
RETRIES: Final = 2
COLUMNS: Final = (
    Column("host", note="name or address of the device or gateway"),
    Column("port", kind="integer", minimum=1, maximum=65_535, note="502 as a rule"),
    Column("unit", kind="integer", minimum=0, maximum=255, note="number of the device on its line"),
    Column("table", kind="choice", choices=("holding", "input"), note="holding registers (03) or input registers (04)"),
    Column("address", kind="integer", minimum=0, maximum=65_535, note="first register, from 0"),
    Column("type", kind="choice", choices=tuple(TYPES), note="how the number is written"),
    Column("order", kind="choice", choices=ORDERS, required=False, note="order of bytes; ABCD if empty"),
)


@dataclass(frozen=True, slots=True)
class Register:
    """Where the number of a meter stands."""

    address: int
    kind: str
    order: str
    meter: int
    scale: float

    @property
    def size(self) -> int:
        """Number of registers."""
        return struct.calcsize(">" + TYPES[self.kind]) // 2

    @property
    def end(self) -> int:
        """Address after the last register."""
        return self.address + self.size


@dataclass(frozen=True, slots=True)
class Block:
    """Registers of one unit and table that are asked for at one beat."""

    unit: int
    table: str
    step: int
    registers: tuple[Register, ...]


def read_map(path: Path, registry: Registry) -> dict[tuple[str, int], list[Block]]:
    """Read the map of registers.

    Returns
    -------
    dict
        By host and port, what is to be asked.

    Raises
    ------
    DataError
        With everything that is wrong: unknown meters, addresses beyond the last register.
    """
    found = PointMap(path, COLUMNS, ("host", "port", "unit", "table", "address"), registry)
    blocks: dict[tuple[str, int, int, str, int], list[Register]] = {}
    for line, row, meter in found.rows:
        address, unit, port = (int(str(row[name])) for name in ("address", "unit", "port"))
        register = Register(address, str(row["type"]), str(row["order"] or "ABCD"), meter.number, scale_of(row, meter))
        if register.end > 65_536:
            found.problem("monitor_modbus_end", line, "address", address, size=register.size)
        blocks.setdefault((str(row["host"]), port, unit, str(row["table"]), meter.step), []).append(register)
    found.raise_problems()
    devices: dict[tuple[str, int], list[Block]] = {}
    for (host, port, unit, table, step), registers in sorted(blocks.items()):
        ordered = tuple(sorted(registers, key=lambda r: r.address))
        devices.setdefault((host, port), []).append(Block(unit, table, step, ordered))
    return devices


def spans(registers: Sequence[Register], gap: int = GAP) -> list[list[Register]]:
    """Return registers in groups that are read with one question each; ``registers`` are sorted by address."""
    groups: list[list[Register]] = []
    end = 0
    for register in registers:
        if groups and register.address <= end + gap and register.end - groups[-1][0].address <= MOST_REGISTERS:
            groups[-1].append(register)
        else:
            groups.append([register])
            end = 0
        end = max(end, register.end)
    return groups


def number_of(words: Sequence[int], kind: str, order: str) -> int | float:
    """Return the number that registers hold.

    Parameters
    ----------
    words : sequence of int
        Registers, 0–65535 each, in the order of their addresses.
    kind : str
        One of `TYPES`.
    order : str
        One of `ORDERS`.

    Raises
    ------
    Refusal
        If it is a float that is no number.
    """
    turned = list(reversed(words)) if order in ("CDAB", "DCBA") else list(words)
    endian = "<" if order in ("BADC", "DCBA") else ">"
    data = struct.pack(f"{endian}{len(turned)}H", *turned)
    number: int | float = struct.unpack(">" + TYPES[kind], data)[0]
    if not math.isfinite(number):
        raise Refusal("modbus_no_number", value=" ".join(f"{word:04X}" for word in words))
    return number


class ModbusDevice:
    """One host: a device, or a gateway to a line of them.

    Parameters
    ----------
    intake : Intake
    host, port
    blocks : sequence of Block
    """

    def __init__(self, intake: Intake, host: str, port: int, blocks: Sequence[Block]) -> None:
        self._intake = intake
        self._host = host
        self._port = port
        self._blocks = blocks
        self._groups = {block: spans(block.registers) for block in blocks}
        self._client: Any = None
        self.poller = Poller(intake, PROTOCOL, f"{host}:{port}", [block.step for block in blocks], self._ask)

    def start(self) -> None:
        """Begin to ask."""
        self.poller.start()

    async def stop(self) -> None:
        """End."""
        await self.poller.stop()
        if self._client is not None:
            self._client.close()

    async def _ask(self, beat: Beat) -> list[Reading]:
        from pymodbus.exceptions import ModbusException

        readings: list[Reading] = []
        try:
            if not await self._connect():
                raise ConnectionError(f"{self._host}:{self._port}")
            for block in self._blocks:
                if block.step == beat.step:
                    readings += await self._ask_block(block, beat)
        except (ModbusException, OSError) as error:
            # what came before counts
            refusal = Refusal("no_connection", why=str(error))
            self._intake.refuse(PROTOCOL, f"{self._host}:{self._port}", refusal)
        return readings

    async def _connect(self) -> bool:
        from pymodbus.client import AsyncModbusTcpClient

        if self._client is None:
            self._client = AsyncModbusTcpClient(
                self._host, port=self._port, timeout=TIMEOUT_SECONDS, retries=RETRIES, reconnect_delay=0
            )
        return bool(self._client.connected or await self._client.connect())

    async def _ask_block(self, block: Block, beat: Beat) -> list[Reading]:
        readings: list[Reading] = []
        groups = []
        for group in self._groups[block]:
            words = await self._read(block, group)
            if words is None and len(spans(group, 0)) > 1:
                # the device has no registers between the points: ask around them from here on
                narrow = spans(group, 0)
                groups += narrow
                for part in narrow:
                    readings += self._decode(part, await self._read(block, part), beat)
                continue
            groups.append(group)
            readings += self._decode(group, words, beat)
        self._groups[block] = groups
        return readings

    async def _read(self, block: Block, group: Sequence[Register]) -> list[int] | None:
        """Return the registers of a group, None if the device refuses the question."""
        first, count = group[0].address, max(r.end for r in group) - group[0].address
        read = self._client.read_holding_registers if block.table == "holding" else self._client.read_input_registers
        answer = await read(first, count=count, device_id=block.unit)
        if answer.isError() or len(answer.registers) < count:
            refusal = Refusal("modbus_refused", unit=block.unit, first=first, count=count, answer=str(answer))
            self._intake.refuse(PROTOCOL, f"{self._host}:{self._port}", refusal)
            return None
        return list(answer.registers)

    def _decode(self, group: Sequence[Register], words: list[int] | None, beat: Beat) -> list[Reading]:
        if words is None:
            return []
        stamp, first = beat.stamp_now(), group[0].address
        readings = []
        for register in group:
            own = words[register.address - first : register.end - first]
            try:
                number = number_of(own, register.kind, register.order)
            except Refusal as refusal:
                self._intake.refuse(PROTOCOL, f"{self._host}:{self._port}", refusal)
                continue
            readings.append((register.meter, stamp, round(number * register.scale), int(Quality.GOOD)))
        return readings
