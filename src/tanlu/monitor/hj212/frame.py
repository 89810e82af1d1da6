"""Frames of HJ 212: ``##`` + length + data segment + check sum + CR LF.

Source: HJ 212-2017, clause 6 (structure of a packet, of its data segment and of its fields; codes) with the examples of annex C, and
HJ/T 212-2005, clause 6, for the older form, in which uploads may have no QN, the flag has no version bits, and answers name the answered
packet inside their parameters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from tanlu.monitor.hj212.crc import crc16
from tanlu.monitor.refusal import Refusal

MARK: Final = b"##"
END: Final = b"\r\n"
LONGEST: Final = 9999
"""Four digits of length. HJ 212-2017 asks for at most 1,024 bytes in a data segment; longer ones are met and taken."""
ACKNOWLEDGE, SPLIT = 1, 2
VERSION_BITS: Final = 0b1111_1100
"""Bits of the flag that HJ 212-2017 uses for the version: 1 in the published text, 0 in HJ/T 212-2005."""

RESPONSE, RESULT, NOTED, DATA_NOTED = "9011", "9012", "9013", "9014"
REAL_TIME, DAYS, MINUTES, HOURS = "2011", "2031", "2051", "2061"
DATA_COMMANDS: Final = frozenset({REAL_TIME, DAYS, MINUTES, HOURS})
GOOD: Final = "N"
"""Flag of a measured value."""
SYSTEM: Final = "91"
"""ST of what the two ends tell each other about packets."""

_COMMANDS: Final = (
    "1000 1001 1011 1012 1013 1021 1022 1031 1032 1041 1042 1061 1062 1063 1064 1072 "
    "2011 2012 2021 2022 2031 2041 2051 2061 2071 2072 2081 "
    "3011 3012 3013 3014 3015 3016 3017 3018 3019 3020 3021 9011 9012 9013 9014"
)
COMMANDS: Final = frozenset(_COMMANDS.split())
"""Commands of both forms."""
_NUMERIC: Final = frozenset(["Rtd", "Min", "Avg", "Max", "Cou", "ZsRtd", "ZsMin", "ZsAvg", "ZsMax", "ZsCou"])
"""Fields of ``code-field`` that hold measured numbers; ZsCou is in no text but met in uploads."""

_NUMBER: Final = re.compile(r"-?\d{1,14}(?:\.\d{0,8})?", re.ASCII)
_USUAL: Final = re.compile(
    r"(?:[A-Za-z0-9]{1,10}+-(?:(?:Zs)?+(?:Rtd|Avg|Cou|M(?:ax|in))=-?+\d{1,14}+(?:\.\d{0,8}+)?+|Flag=[A-Za-z0-9])[;,])*+",
    re.ASCII,
)
"""Data as they usually are: numbers and flags, nothing else. A whole message is checked at once, quicker than value by value."""
_HEAD: Final = re.compile(
    r"(?:QN=(\d{14}(?:\d{3})?);)?ST=(\d{2});CN=(\d{4});(?:PW=([!-:<-~]{0,64});)?MN=([A-Za-z0-9_-]{1,27});(?:Flag=(\d{1,3});)?",
    re.ASCII,
)
"""The fields of a packet that is not split, in their usual order."""
_ITEMS: Final = re.compile(r"([^-]+)-([^=]+)=([^;,]+)[;,]")
_KEY: Final = re.compile(r"[A-Za-z0-9]{1,10}-[A-Za-z][A-Za-z0-9]{0,15}", re.ASCII)
_FORMATS: Final = {
    "QN": re.compile(r"\d{14}(?:\d{3})?", re.ASCII),
    "ST": re.compile(r"\d{2}", re.ASCII),
    "CN": re.compile(r"\d{4}", re.ASCII),
    "PW": re.compile(r"[!-:<-~]{0,64}", re.ASCII),
    "MN": re.compile(r"[A-Za-z0-9_-]{1,27}", re.ASCII),
    "Flag": re.compile(r"\d{1,3}", re.ASCII),
    "PNUM": re.compile(r"\d{1,4}", re.ASCII),
    "PNO": re.compile(r"\d{1,4}", re.ASCII),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """What a packet says.

    Parameters
    ----------
    cn : str
        Command, four digits.
    mn : str
        Number of the device; empty in some answers of the 2005 form.
    qn : str
        Time of the request, ``yyyyMMddHHmmsszzz``; empty in uploads of the 2005 form.
    st, pw : str
        Code of the system, and password.
    flag : int, optional
        None where the packet has none (2005).
    pnum, pno : int
        Number of packets into which the message is split, and which of them this is, from 1; 0 where it is not split.
    params : tuple of (str, str)
        Parameters of the message in their order, such as ``("DataTime", "20160801084000")``.
    data : mapping of str to mapping
        By code of pollutant, then field: ``data["a34013"]["Rtd"]``. Values are as they were sent.
    """

    cn: str
    mn: str = ""
    qn: str = ""
    st: str = SYSTEM
    pw: str = ""
    flag: int | None = None
    pnum: int = 0
    pno: int = 0
    params: tuple[tuple[str, str], ...] = ()
    data: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def param(self, name: str) -> str:
        """Return the first parameter of a name, empty if there is none."""
        return next((value for key, value in self.params if key == name), "")

    @property
    def form(self) -> int:
        """The standard whose form the packet has: 2017, or 2005 where the flag has no version."""
        return 2017 if self.flag is not None and self.flag & VERSION_BITS else 2005

    @property
    def wants_answer(self) -> bool:
        """Whether the sender asks for an acknowledgement (bit A of the flag)."""
        return bool(self.flag is not None and self.flag & ACKNOWLEDGE)


def parse(packet: bytes | str) -> Frame:
    """Return what a packet says.

    The check sum lets about one damaged packet in 256 pass (`crc16`), so length, structure, codes and ranges are checked too.

    Parameters
    ----------
    packet : bytes or str
        One packet from ``##`` to the check sum; the CR LF at its end may be missing. Check sums in lower case are taken.

    Returns
    -------
    Frame

    Raises
    ------
    Refusal
        With what is wrong: header, length, check sum, a field, a command, a key, a number of a good value, a time.

    Source: HJ 212-2017, clause 6.
    """
    raw = packet.encode("latin-1", "replace") if isinstance(packet, str) else packet
    raw = raw.removesuffix(END)
    if raw[:2] != MARK or not raw[2:6].isdigit() or len(raw) < 10:
        raise Refusal("hj212_header", value=raw[:6].decode("latin-1"))
    segment, check = raw[6:-4], raw[-4:]
    if int(raw[2:6]) != len(segment):
        raise Refusal("hj212_length", told=int(raw[2:6]), found=len(segment))
    computed = crc16(segment)
    if check.upper() != b"%04X" % computed:
        raise Refusal("hj212_crc", told=check.decode("latin-1"), computed=f"{computed:04X}")
    return parse_segment(segment)


def parse_segment(segment: bytes) -> Frame:
    """Return what a data segment says, without header, length and check sum; see `parse`."""
    try:
        text = segment.decode("ascii")
    except UnicodeDecodeError:
        raise Refusal("hj212_not_ascii") from None
    head, opened, rest = text.partition("CP=&&")
    if not opened or not rest.endswith("&&") or "&&" in rest[:-2]:
        raise Refusal("hj212_no_parameters")
    usual = _HEAD.fullmatch(head)
    if usual is not None:
        qn, st, cn, pw, mn, flag = usual.groups(default="")
        pnum = pno = 0
    else:
        fields = _fields(head)
        qn, st, cn, pw, mn, flag = (fields.get(name, "") for name in ("QN", "ST", "CN", "PW", "MN", "Flag"))
        pnum, pno = int(fields.get("PNUM", 0)), int(fields.get("PNO", 0))
    if cn not in COMMANDS:
        raise Refusal("hj212_command", value=cn)
    if pno > pnum:
        raise Refusal("hj212_field", field="PNO", value=f"{pno}/{pnum}")
    params, data = _parameters(rest[:-2])
    if qn:
        check_time(qn[:14], "QN")
    return Frame(cn, mn, qn, st, pw, int(flag) if flag else None, pnum, pno, params, data)


def _fields(head: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for part in head.split(";"):
        if not part:
            continue
        name, equals, value = part.partition("=")
        name, value = name.strip(), value.strip()
        if not equals or name in fields or name not in _FORMATS or not _FORMATS[name].fullmatch(value):
            raise Refusal("hj212_field", field=name, value=value)
        fields[name] = value
    return fields


def _parameters(text: str) -> tuple[tuple[tuple[str, str], ...], dict[str, dict[str, str]]]:
    """Split the message into parameters and the data of pollutants."""
    params: list[tuple[str, str]] = []
    data: dict[str, dict[str, str]] = {}
    first, _, rest = text.partition(";")
    if first.startswith("DataTime=") and _USUAL.fullmatch(items := rest + ";"):
        check_time(first[9:23], "DataTime")
        for code, name, value in _ITEMS.findall(items):
            found = data.get(code)
            if found is None:
                data[code] = {name: value}
            elif name not in found:
                found[name] = value
            else:
                _note(data, code, name, value)
        return (("DataTime", first[9:]),), data
    for part in text.replace(",", ";").split(";"):
        if not part:
            continue
        key, equals, value = part.partition("=")
        if not equals:
            raise Refusal("hj212_parameter", value=part)
        code, hyphen, name = key.partition("-")
        if not hyphen:
            if key.endswith("Time") and key not in ("OverTime", "WarnTime", "CTime", "ReportTime"):
                check_time(value[:14], key)
            params.append((key, value))
            continue
        if not _KEY.fullmatch(key):
            raise Refusal("hj212_parameter", value=part)
        _note(data, code, name, value)
    for code, found in data.items():
        for name in found.keys() & _NUMERIC:
            # an instrument that says that it is faulty may have no number to tell
            if found.get("Flag", GOOD) == GOOD and not is_number(found[name]):
                raise Refusal("hj212_number", code=f"{code}-{name}", value=found[name])
    return tuple(params), data


def is_number(text: str) -> bool:
    """Return whether a value is a number as the standard writes it."""
    return _NUMBER.fullmatch(text) is not None


def _note(data: dict[str, dict[str, str]], code: str, name: str, value: str) -> None:
    found = data.get(code)
    if found is None:
        data[code] = {name: value}
    elif found.setdefault(name, value) != value:
        raise Refusal("hj212_twice", code=f"{code}-{name}", first=found[name], second=value)


_PARTS_OF_TIME: Final = ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14))
_known_times: dict[str, None] = {}


def check_time(text: str, name: str) -> None:
    """Refuse a time that does not exist; ``text`` is yyyyMMddHHmmss."""
    if text in _known_times:
        return
    try:
        if len(text) != 14 or not text.isdigit():
            raise ValueError(text)
        datetime(*(int(text[i:j]) for i, j in _PARTS_OF_TIME))  # type: ignore[arg-type]
    except ValueError:
        raise Refusal("hj212_time", field=name, value=text) from None
    if len(_known_times) > 4096:
        _known_times.clear()
    _known_times[text] = None


def encode(frame: Frame) -> bytes:
    """Return the packet of a frame, with CR LF; the check sum is in capitals.

    Raises
    ------
    ValueError
        If the data segment is longer than four digits can say.

    Source: HJ 212-2017, clause 6 and annex C, for the order of the fields.
    """
    fields = [
        ("QN", frame.qn),
        ("ST", frame.st),
        ("CN", frame.cn),
        ("PW", frame.pw),
        ("MN", frame.mn),
        ("Flag", "" if frame.flag is None else str(frame.flag)),
        ("PNUM", str(frame.pnum) if frame.pnum else ""),
        ("PNO", str(frame.pno) if frame.pnum else ""),
    ]
    head = "".join(f"{name}={value};" for name, value in fields if value)
    message: list[str] = []
    for key, value in frame.params:
        # the standard joins the two ends of a span with a comma
        span = key == "EndTime" and message and message[-1].startswith("BeginTime=")
        if span:
            message[-1] += f",{key}={value}"
        else:
            message.append(f"{key}={value}")
    message += [
        ",".join(f"{code}-{name}={value}" for name, value in found.items()) for code, found in frame.data.items()
    ]
    return packet_of(f"{head}CP=&&{';'.join(message)}&&")


def packet_of(text: str) -> bytes:
    """Return the packet of a data segment.

    Raises
    ------
    ValueError
        If it is longer than four digits can say.
    """
    segment = text.encode("ascii")
    if len(segment) > LONGEST:
        raise ValueError(f"a data segment of {len(segment)} bytes")
    return b"##%04d%b%04X\r\n" % (len(segment), segment, crc16(segment))
