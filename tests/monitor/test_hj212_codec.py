"""Packets of HJ 212 against published examples, damage and fragments.

Published packets: the example of the standard (HJ 212-2017, annex A: check sum 1C80), which many projects test with, in lower case in
``HJT212FormatValidatorTest.java``; there also an upload of the 2005 form. The answer with check sum C241 is that of the standard's
annex C as a Java library (``T212Mapper``) writes it, and in its tests stand the upload of a station of air of annex C (c0c1, with the
standard's own misprint "LA-td") and one from the field (C181); the other answer (0140) and the record of a start (47C0) are from tests of
public programs in Python and Go.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.monitor import hj212
from tanlu.monitor.hj212.crc import crc16
from tanlu.monitor.hj212.frame import ACKNOWLEDGE
from tanlu.monitor.refusal import Refusal

EXAMPLE = b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&1C80\r\n"
UPLOAD_2005 = (
    b"##0178ST=32;CN=2011;PW=123456;MN=0873HHMZWSLH02;CP=&&DataTime=20160103133030;060-Rtd=3.0943,060-Flag=N;"
    b"011-Rtd=18.0412,011-Flag=N;001-Rtd=8.2137,001-Flag=N;B01-Rtd=10.9890,B01-Flag=N&&a9c1\r\n"
)
PUBLISHED = (
    EXAMPLE,
    EXAMPLE.replace(b"1C80", b"1c80"),
    UPLOAD_2005,
    b"##0087QN=20160801085000001;ST=91;CN=9014;PW=123456;MN=010000A8900016F000169DC0;Flag=4;CP=&&&&C241",
    b"##0075QN=20260706103512345;ST=91;CN=9014;PW=123456;MN=A110000_0001;Flag=8;CP=&&&&0140\r\n",
    b"##0131QN=20200428011552615;ST=31;CN=2081;PW=;MN=MYHJ00000000000080011128;Flag=4;"
    b"CP=&&DataTime=20200428011552;RestartTime=20200425120954&&47C0",
    b"##0453QN=20160801085000001;ST=22;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=7;CP=&&DataTime=20160801084000;"
    b"a21005-Rtd=1.1,a21005-Flag=N;a21004-Rtd=112,a21004-Flag=N;a21026-Rtd=58,a21026-Flag=N;LA-td=50.1,LA-Flag=N;"
    b"a34004-Rtd=207,a34004-Flag=N;a34002-Rtd=295,a34002-Flag=N;a01001-Rtd=12.6,a01001-Flag=N;a01002-Rtd=32,a01002-Flag=N;"
    b"a01006-Rtd=101.02,a01006-Flag=N;a01007-Rtd=2.1,a01007-Flag=N;a01008-Rtd=120,a01008-Flag=N;"
    b"a34001-Rtd=217,a34001-Flag=N;&&c0c1\r\n",
    b"##0285QN=20190925181031464;ST=22;CN=2061;PW=BF470F88957588DE902D1A52;MN=Z13401000010301;Flag=5;"
    b"CP=&&DataTime=20190924220000;a34006-Avg=2.69700,a34006-Flag=N;a34007-Avg=7.96600,a34007-Flag=N;"
    b"a34048-Avg=3.30600,a34048-Flag=N;a34047-Avg=7.35700,a34047-Flag=N;a34049-Avg=10.66300,a34049-Flag=N&&C181\r\n",
)


def by_the_letter(data: bytes) -> int:
    """The algorithm as annex A describes it, bit by bit."""
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ byte
        for _ in range(8):
            fell_out = register & 1
            register >>= 1
            if fell_out:
                register ^= 0xA001
    return register


def packet(segment: bytes) -> bytes:
    return b"##%04d%b%04X\r\n" % (len(segment), segment, by_the_letter(segment))


@given(st.binary(max_size=300))
def test_the_check_sum_is_that_of_the_bitwise_rule(data: bytes) -> None:
    assert crc16(data) == by_the_letter(data)


@given(st.binary(min_size=10, max_size=80), st.data())
def test_bytes_eight_apart_change_places_unseen(data: bytes, draw: st.DataObject) -> None:
    """Why the check sum alone is not trusted."""
    first = draw.draw(st.integers(0, len(data) - 10))
    swapped = bytearray(data)
    swapped[first], swapped[first + 8] = swapped[first + 8], swapped[first]
    assert crc16(bytes(swapped)) == crc16(data)


@pytest.mark.parametrize("raw", PUBLISHED)
def test_published_packets_are_read(raw: bytes) -> None:
    hj212.parse(raw)
    hj212.parse(raw.decode())


def test_the_example_of_the_standard_says_what_it_says() -> None:
    frame = hj212.parse(EXAMPLE)
    assert (frame.qn, frame.st, frame.cn, frame.pw) == ("20160801085857223", "32", "1062", "100000")
    assert frame.mn == "010000A8900016F000169DC0"
    assert frame.param("RtdInterval") == "30"
    assert frame.form == 2017
    assert frame.wants_answer
    assert hj212.encode(frame) == EXAMPLE


def test_an_upload_of_the_older_form_says_what_it_says() -> None:
    frame = hj212.parse(UPLOAD_2005)
    assert (frame.form, frame.qn, frame.flag, frame.wants_answer) == (2005, "", None, False)
    assert frame.param("DataTime") == "20160103133030"
    assert frame.data["011"] == {"Rtd": "18.0412", "Flag": "N"}
    assert list(frame.data) == ["060", "011", "001", "B01"]


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        (b"ST=32;CN=2011;MN=A1;CP=&&DataTime=20160103133030;060-Rtd=1", "hj212_no_parameters"),
        (b"ST=32;CN=2011;MN=A1;CP=&&a=1&&;b=2&&", "hj212_no_parameters"),
        (b"ST=32;CN=2013;MN=A1;CP=&&&&", "hj212_command"),
        (b"ST=32;MN=A1;CP=&&&&", "hj212_command"),
        (b"ST=3;CN=2011;MN=A1;CP=&&&&", "hj212_field"),
        (b"ST=32;ST=32;CN=2011;MN=A1;CP=&&&&", "hj212_field"),
        (b"XX=32;CN=2011;MN=A1;CP=&&&&", "hj212_field"),
        (b"CN=2011;MN=A1;PNUM=2;PNO=3;CP=&&&&", "hj212_field"),
        (b"QN=20161301085857223;CN=2011;MN=A1;CP=&&&&", "hj212_time"),
        (b"CN=2011;MN=A1;CP=&&DataTime=20230229000000&&", "hj212_time"),
        (b"CN=2011;MN=A1;CP=&&DataTime=2023022&&", "hj212_time"),
        (b"CN=2011;MN=A1;CP=&&a34013-Rtd=1..2&&", "hj212_number"),
        (b"CN=2011;MN=A1;CP=&&a34013-Rtd=&&", "hj212_number"),
        (b"CN=2011;MN=A1;CP=&&a34013-Rtd=nan&&", "hj212_number"),
        (b"CN=2011;MN=A1;CP=&&DataTime=20160103133030;a34013-Rtd=1.x,a34013-Flag=N&&", "hj212_number"),
        (b"CN=2011;MN=A1;CP=&&a34013-R.d=1&&", "hj212_parameter"),
        (b"CN=2011;MN=A1;CP=&&a34013-=1&&", "hj212_parameter"),
        (b"CN=2011;MN=A1;CP=&&a34013-Rtd&&", "hj212_parameter"),
        (b"CN=2011;MN=A1;CP=&&a34013-Rtd=1,a34013-Rtd=2&&", "hj212_twice"),
        ("CN=2011;MN=厂;CP=&&&&".encode(), "hj212_not_ascii"),
    ],
)
def test_a_good_check_sum_does_not_save_a_wrong_segment(segment: bytes, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        hj212.parse(packet(segment))
    assert refused.value.reason == reason
    assert refused.value.text("zh") != refused.value.text("en")


def test_a_faulty_instrument_may_have_no_number() -> None:
    frame = hj212.parse(packet(b"CN=2011;MN=A1;CP=&&DataTime=20160103133030;a34013-Rtd=NaN,a34013-Flag=D&&"))
    assert frame.data["a34013"] == {"Rtd": "NaN", "Flag": "D"}


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"#!0101" + EXAMPLE[6:], "hj212_header"),
        (b"##01O1" + EXAMPLE[6:], "hj212_header"),
        (b"##0102" + EXAMPLE[6:], "hj212_length"),
        (EXAMPLE.replace(b"100000", b"100001"), "hj212_crc"),
        (b"", "hj212_header"),
        (b"##0000", "hj212_header"),
    ],
)
def test_damage_is_named(raw: bytes, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        hj212.parse(raw)
    assert refused.value.reason == reason


codes = st.from_regex(r"[aw][0-9]{5}", fullmatch=True)
numbers = st.decimals(-99999, 99999, places=3, allow_nan=False).map(str)
frames = st.builds(
    hj212.Frame,
    cn=st.sampled_from(["2011", "2051", "2061", "2031"]),
    mn=st.from_regex(r"[A-Z0-9]{24}", fullmatch=True),
    qn=st.just("20240701001500123"),
    st=st.sampled_from(["31", "32"]),
    pw=st.just("123456"),
    flag=st.sampled_from([None, 0, 1, 4, 5]),
    params=st.just((("DataTime", "20240701000000"),)),
    data=st.dictionaries(
        codes, st.fixed_dictionaries({"Rtd": numbers, "Flag": st.sampled_from("NFMSDCTB")}), max_size=6
    ),
)


@given(frames)
def test_what_is_written_is_read_again(frame: hj212.Frame) -> None:
    assert hj212.parse(hj212.encode(frame)) == frame


@given(
    st.lists(frames, min_size=1, max_size=5),
    st.lists(st.integers(1, 40), min_size=1, max_size=6),
    st.binary(max_size=20),
)
def test_fragments_and_garbage_change_nothing(sent: list[hj212.Frame], sizes: list[int], garbage: bytes) -> None:
    """However the bytes are cut, and whatever stands between packets, all of them arrive, in order."""
    garbage = garbage.replace(b"#", b"")
    stream = garbage.join(hj212.encode(frame) for frame in sent) + b"\r\n"
    reader = hj212.FrameReader()
    read = []
    position = turn = 0
    while position < len(stream):
        size = sizes[turn % len(sizes)]
        read += [found for _, found in reader.feed(stream[position : position + size])]
        position, turn = position + size, turn + 1
    assert [found for found in read if isinstance(found, hj212.Frame)] == sent


def test_packets_without_line_end_are_told_apart_by_the_next_header() -> None:
    bare = EXAMPLE.removesuffix(b"\r\n")
    reader = hj212.FrameReader()
    found = [frame for _, frame in reader.feed(bare + bare + EXAMPLE)]
    assert found == [hj212.parse(EXAMPLE)] * 3


@pytest.mark.parametrize("told", [b"0001", b"0099", b"0103", b"9999", b"01x1"])
def test_a_damaged_length_costs_one_packet(told: bytes) -> None:
    reader = hj212.FrameReader()
    found = [x for _, x in reader.feed(EXAMPLE[:2] + told + EXAMPLE[6:] + EXAMPLE + EXAMPLE)]
    assert [x for x in found if isinstance(x, hj212.Frame)] == [hj212.parse(EXAMPLE)] * 2
    assert reader.waiting == 0


def test_one_in_a_hundred_damaged_packets_costs_only_itself() -> None:
    """Of 2,000 packets 20 have a byte changed or lost: all others arrive, and no changed number is taken for a good one.

    A changed byte is always seen, since a step of the check sum maps different bytes to different states.
    """
    random.seed(7)
    stream, good = bytearray(), []
    for number in range(2000):
        raw = hj212.encode(
            hj212.Frame("2011", f"MN{number:06d}", "20240701001500123", "31", "123456", ACKNOWLEDGE | 4,
                        params=(("DataTime", "20240701001500"),), data={"a05001": {"Rtd": f"{number}.5", "Flag": "N"}})
        )  # fmt: skip
        if number % 100 == 50:
            damaged = bytearray(raw)
            place = random.randrange(2, len(raw) - 2)
            if number % 200 == 50:
                del damaged[place]
            else:
                damaged[place] = damaged[place] ^ 0x15
            stream += damaged
        else:
            stream += raw
            good.append(f"MN{number:06d}")
    reader, read = hj212.FrameReader(), []
    for start in range(0, len(stream), 1460):
        read += [x for _, x in reader.feed(bytes(stream[start : start + 1460]))]
    assert [x.mn for x in read if isinstance(x, hj212.Frame)] == good
    assert sum(isinstance(x, Refusal) for x in read) >= 20
