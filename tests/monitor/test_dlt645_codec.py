"""Frames of DL/T 645 against published vectors.

The vectors with address 000000000001 and 123456789012 stand in the tests of RuleGo (package dlt645) and of a document of golden frames;
that of 1997 with 93.64 kWh in the handbook of a programmable controller; those of meters 398192000337, 010003635927 and 000014359743 are
notes of answers of real meters in public programs.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.monitor import dlt645
from tanlu.monitor.dlt645.frame import LONGEST
from tanlu.monitor.refusal import Refusal

ENERGY = "00010000"
ANSWERS = [
    ("68 01 00 00 00 00 00 68 91 08 33 33 34 33 AB 89 67 45 17 16", 2007, "000000000001", ENERGY, "123456.78"),
    ("68 12 90 78 56 34 12 68 91 08 33 33 34 33 AB 89 67 45 CC 16", 2007, "123456789012", ENERGY, "123456.78"),
    ("68 37 03 00 92 81 39 68 91 08 33 33 34 33 37 33 33 33 8C 16", 2007, "398192000337", ENERGY, "0.04"),
    ("FE FE FE FE 68 67 48 60 10 00 00 68 91 08 33 33 34 33 33 33 33 33 21 16", 2007, "000010604867", ENERGY, "0.00"),
    ("68 07 05 06 00 00 00 68 81 06 43 C3 97 C6 33 33 32 16", 1997, "000000060507", "9010", "93.64"),
    ("FE FE FE FE 68 27 59 63 03 00 01 68 81 06 43 C3 AC 59 47 33 C3 16", 1997, "010003635927", "9010", "1426.79"),
    ("68 43 97 35 14 00 00 68 81 06 43 C3 7B 96 57 33 1B 16", 1997, "000014359743", "9010", "2463.48"),
]
QUESTIONS = [
    ("68 01 00 00 00 00 00 68 11 04 33 33 34 33 B3 16", 2007, "000000000001", ENERGY),
    ("68 12 90 78 56 34 12 68 11 04 33 34 34 35 6B 16", 2007, "123456789012", "02010100"),
    ("68 16 00 00 00 15 20 68 11 04 33 33 34 33 FD 16", 2007, "201500000016", ENERGY),
    ("68 12 90 78 56 34 12 68 01 02 43 C3 8F 16", 1997, "123456789012", "9010"),
    ("68 27 59 63 03 00 01 68 01 02 43 C3 C0 16", 1997, "010003635927", "9010"),
]


@pytest.mark.parametrize(("wire", "edition", "address", "identifier", "value"), ANSWERS)
def test_published_answers_are_read(wire: str, edition: int, address: str, identifier: str, value: str) -> None:
    frame = dlt645.parse(bytes.fromhex(wire))
    item = dlt645.item_of(identifier, edition)
    assert item is not None
    assert frame.address == address
    assert dlt645.decimal_value(dlt645.answer(frame, identifier, edition), item) == Decimal(value)
    lead = wire.count("FE")
    assert dlt645.encode(frame, lead=lead) == bytes.fromhex(wire)


@pytest.mark.parametrize(("wire", "edition", "address", "identifier"), QUESTIONS)
def test_published_questions_are_written(wire: str, edition: int, address: str, identifier: str) -> None:
    assert dlt645.encode(dlt645.request(address, identifier, edition), lead=0) == bytes.fromhex(wire)


@pytest.mark.parametrize(
    ("data", "identifier", "value"),
    [("052200", "02010100", None), ("0522", "02010100", "220.5"), ("001500", "02020100", "1.500"),
     ("001580", "02020100", "-1.500"), ("341285", "02030000", "-5.1234"), ("0050", "02800002", "50.00")],
)  # fmt: skip
def test_values_have_the_decimals_and_signs_of_the_tables(data: str, identifier: str, value: str | None) -> None:
    """Currents and power with sign: cases of RuleGo's tests; 220.5 V is 05 22 with two bytes and one decimal."""
    item = dlt645.item_of(identifier)
    assert item is not None
    found = dlt645.decimal_value(bytes.fromhex(data), item)
    assert found == Decimal(value or "220.5")


def test_a_meter_that_cannot_answer_says_so() -> None:
    frame = dlt645.parse(bytes.fromhex("68 12 90 78 56 34 12 68 D1 01 39 91 16"))
    assert frame.refused
    with pytest.raises(Refusal, match="06") as refused:
        dlt645.answer(frame, ENERGY)
    assert refused.value.reason == "dlt645_refused"


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        ("68 01 00 00 00 00 00 68 91 08 33 33 34 33 AB 89 67 45 18 16", "dlt645_sum"),
        ("68 01 00 00 00 00 00 68 91 07 33 33 34 33 AB 89 67 45 17 16", "dlt645_length"),
        ("68 01 00 00 00 00 00 67 91 08 33 33 34 33 AB 89 67 45 17 16", "dlt645_marks"),
        ("68 01 00 00 00 00 00 68 91 08 33 33 34 33 AB 89 67 45 17 17", "dlt645_marks"),
        ("68 0B 00 00 00 00 00 68 11 04 33 33 34 33 BD 16", "dlt645_address"),
        ("68", "dlt645_marks"),
    ],
)
def test_damage_is_named(wire: str, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        dlt645.parse(bytes.fromhex(wire))
    assert refused.value.reason == reason


def test_an_answer_to_another_question_is_refused() -> None:
    frame = dlt645.parse(bytes.fromhex(ANSWERS[0][0]))
    with pytest.raises(Refusal) as refused:
        dlt645.answer(frame, "00020000")
    assert refused.value.reason == "dlt645_identifier"
    with pytest.raises(Refusal) as refused:
        dlt645.answer(frame, "9010", 1997)
    assert refused.value.reason == "dlt645_control"


def test_bytes_that_are_no_digits_are_no_value() -> None:
    item = dlt645.item_of(ENERGY)
    assert item is not None
    with pytest.raises(Refusal) as refused:
        dlt645.decimal_value(bytes.fromhex("FFFFFFFF"), item)
    assert refused.value.reason == "dlt645_digits"


addresses = st.from_regex(r"[0-9]{12}", fullmatch=True)
frames = st.builds(dlt645.Frame, addresses, st.integers(0, 255), st.binary(max_size=LONGEST))


@given(frames, st.integers(0, 4))
def test_what_is_written_is_read_again(frame: dlt645.Frame, lead: int) -> None:
    assert dlt645.parse(dlt645.encode(frame, lead=lead)) == frame


@given(st.lists(frames, min_size=1, max_size=4), st.binary(max_size=9), st.integers(1, 30))
def test_a_line_with_noise_gives_all_frames(sent: list[dlt645.Frame], noise: bytes, size: int) -> None:
    noise = noise.replace(b"\x68", b"")
    stream = b"".join(noise + dlt645.encode(frame) for frame in sent)
    reader, found = dlt645.FrameReader(), []
    for start in range(0, len(stream), size):
        found += reader.feed(stream[start : start + size])
    assert [x for x in found if isinstance(x, dlt645.Frame)] == sent
