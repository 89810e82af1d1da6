"""What meters of DL/T 645 are asked: data identifiers, their bytes, decimals and units, and values in packed decimals.

Source: DL/T 645-2007, annex A (codes of energy and of variables); DL/T 645-1997, annex A.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from tanlu.monitor.dlt645.frame import READ, Frame
from tanlu.monitor.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Item:
    """How the value of a data identifier is written.

    Parameters
    ----------
    pattern : str
        Identifier in hexadecimal, highest byte first; ``x`` stands for any digit.
    size, decimals : int
        Bytes of packed decimals, and how many digits stand after the point.
    signed : bool
        Whether the highest bit is the sign.
    unit : str
    zh, en : str
    """

    pattern: str
    size: int
    decimals: int
    signed: bool
    unit: str
    zh: str
    en: str

    def matches(self, identifier: str) -> bool:
        """Return whether an identifier is of this kind."""
        return len(identifier) == len(self.pattern) and all(
            a in ("x", b) for a, b in zip(self.pattern, identifier, strict=True)
        )


ITEMS: Final = {
    2007: (
        Item("0000xxxx", 4, 2, True, "kWh", "组合有功电能", "combined active energy"),
        Item("0001xxxx", 4, 2, False, "kWh", "正向有功电能", "active energy drawn"),
        Item("0002xxxx", 4, 2, False, "kWh", "反向有功电能", "active energy delivered"),
        Item("0003xxxx", 4, 2, True, "kvarh", "组合无功 1 电能", "combined reactive energy 1"),
        Item("0004xxxx", 4, 2, True, "kvarh", "组合无功 2 电能", "combined reactive energy 2"),
        Item("000xxxxx", 4, 2, False, "kvarh", "分象限无功或视在电能", "reactive energy by quadrant, or apparent"),
        Item("0201xx00", 2, 1, False, "V", "电压", "voltage"),
        Item("0202xx00", 3, 3, True, "A", "电流", "current"),
        Item("0203xx00", 3, 4, True, "kW", "有功功率", "active power"),
        Item("0204xx00", 3, 4, True, "kvar", "无功功率", "reactive power"),
        Item("0205xx00", 3, 4, True, "kVA", "视在功率", "apparent power"),
        Item("0206xx00", 2, 3, True, "1", "功率因数", "power factor"),
        Item("02800001", 3, 3, True, "A", "零线电流", "current of the neutral"),
        Item("02800002", 2, 2, False, "Hz", "频率", "frequency"),
    ),
    1997: (
        Item("901x", 4, 2, False, "kWh", "正向有功电能", "active energy drawn"),
        Item("902x", 4, 2, False, "kWh", "反向有功电能", "active energy delivered"),
        Item("911x", 4, 2, False, "kvarh", "正向无功电能", "reactive energy drawn"),
        Item("912x", 4, 2, False, "kvarh", "反向无功电能", "reactive energy delivered"),
        Item("b61x", 2, 0, False, "V", "电压", "voltage"),
        Item("b62x", 2, 2, False, "A", "电流", "current"),
        Item("b63x", 3, 4, False, "kW", "瞬时有功功率", "active power"),
        Item("b64x", 2, 2, False, "kvar", "瞬时无功功率", "reactive power"),
        Item("b65x", 2, 3, False, "1", "功率因数", "power factor"),
    ),
}
"""By edition; the first pattern that matches counts. Where a meter writes a quantity otherwise, say so in the map."""


def item_of(identifier: str, edition: int = 2007) -> Item | None:
    """Return how the value of a data identifier is written, None where the tables do not say."""
    return next((item for item in ITEMS[edition] if item.matches(identifier.lower())), None)


def request(address: str, identifier: str, edition: int = 2007) -> Frame:
    """Return the frame that asks a meter for a data identifier.

    Raises
    ------
    ValueError
        If the identifier has not four bytes (2007) or two (1997).
    """
    data = bytes.fromhex(identifier)
    if len(data) != {2007: 4, 1997: 2}[edition]:
        raise ValueError(f"identifier {identifier!r} of edition {edition}")
    return Frame(address, READ[edition], data[::-1])


def answer(frame: Frame, identifier: str, edition: int = 2007) -> bytes:
    """Return the data with which a meter answers, without the identifier; lowest byte first.

    Raises
    ------
    Refusal
        If the frame is no answer to this question, or the meter says that it cannot.
    """
    if frame.control & 0x1F != READ[edition] & 0x1F or not frame.from_meter:
        raise Refusal("dlt645_control", value=f"{frame.control:02X}")
    if frame.refused:
        bits = frame.data[0] if frame.data else 0
        raise Refusal("dlt645_refused", value=f"{bits:02X}")
    asked = bytes.fromhex(identifier)[::-1]
    if frame.data[: len(asked)] != asked:
        raise Refusal("dlt645_identifier", told=frame.data[: len(asked)][::-1].hex(), asked=identifier)
    return frame.data[len(asked) :]


def decimal_value(data: bytes, item: Item) -> Decimal:
    """Return the value of packed decimals.

    Parameters
    ----------
    data : bytes
        Lowest byte first; the highest bit of the last byte is the sign where the item is signed.
    item : Item

    Raises
    ------
    Refusal
        If there are too few bytes, or digits above nine (some meters answer FFH for "no value").

    Source: DL/T 645-2007, annex A, note on signs; DL/T 645-1997, annex A.
    """
    if len(data) < item.size:
        raise Refusal("dlt645_length", told=item.size, found=len(data))
    digits = bytearray(data[: item.size][::-1])
    sign = 1
    if item.signed and digits[0] & 0x80:
        sign = -1
        digits[0] &= 0x7F
    text = digits.hex()
    if not text.isdecimal():
        raise Refusal("dlt645_digits", value=text)
    return sign * Decimal(text).scaleb(-item.decimals)
