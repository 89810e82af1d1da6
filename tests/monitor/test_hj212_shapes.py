"""Uploads of a known form say what the rules find in them, and nothing passes that the rules refuse."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tanlu.monitor import hj212
from tanlu.monitor.batch import Batch
from tanlu.monitor.hj212.frame import packet_of
from tanlu.monitor.hj212.mapping import Channel, Point, readings_of, route_of
from tanlu.monitor.hj212.shapes import Shapes, Upload
from tanlu.monitor.refusal import Refusal

numbers = st.from_regex(r"-?[0-9]{1,6}(\.[0-9]{0,4})?", fullmatch=True)
oddities = st.sampled_from(["", "nan", "1..2", "1e5", "-", "+3", "1.123456789", "123456789012345", "1&&2"])
names = st.sampled_from(["Rtd", "Avg", "Cou", "ZsRtd", "Min"])
item = st.tuples(st.sampled_from(["a21026", "a34013", "a05001", "w01018"]), names)
items = st.lists(item, min_size=1, max_size=5)
heads = st.fixed_dictionaries(
    {
        "qn": st.sampled_from(["20240701001500123", "20240701003000456", "20241301003000456", "20240701001500"]),
        "cn": st.sampled_from(["2011", "2051", "2061"]),
        "pw": st.sampled_from(["123456", "", "ab", "A B", "x&&y", "##1"]),
        "mn": st.sampled_from(["DEV1", "010000A8900016F000169DC0"]),
        "flag": st.sampled_from(["5", "4", "1", "9", "7"]),
        "time": st.sampled_from(["20240701001500", "20240701003000", "20240231000000"]),
    }
)
flags = st.sampled_from(["N", "N", "N", "N", "D", "", None])
separators = st.sampled_from([";", ";", ",", ";;"])


@st.composite
def packets(draw: st.DrawFn) -> bytes:
    """A packet that is sound, or damaged in one of many ways; check sum and length are mostly right."""
    head, parts = draw(heads), []
    for code, name in draw(items):
        value = draw(st.one_of(numbers, numbers, numbers, numbers, oddities))
        parts.append(f"{code}-{name}={value}")
        if (flag := draw(flags)) is not None:
            parts.append(f"{code}-Flag={flag}")
    text = draw(separators).join([f"DataTime={head['time']}", *parts])
    packet = packet_of(
        f"QN={head['qn']};ST=31;CN={head['cn']};PW={head['pw']};MN={head['mn']};Flag={head['flag']};CP=&&{text}&&"
    )
    at = draw(st.none() | st.none() | st.integers(2, len(packet) - 1))
    return packet if at is None else packet[:at] + bytes([packet[at] ^ 1]) + packet[at + 1 :]


@settings(max_examples=60)
@given(st.lists(packets(), min_size=1, max_size=4), st.integers(1, 400))
def test_uploads_of_known_forms_are_those_of_the_rules(sent: list[bytes], size: int) -> None:
    """Each packet comes twice, so that its form is known, in pieces of any size: the two readers say the same, in the same order."""
    stream = b"".join(sent + sent)
    quick, rules = hj212.FrameReader(), hj212.FrameReader()
    found, expected = [], []
    for start in range(0, len(stream), size):
        found += list(quick.uploads(stream[start : start + size]))
        expected += list(rules.feed(stream[start : start + size]))
    assert [raw for raw, _ in found] == [raw for raw, _ in expected]
    for (_, one), (_, other) in zip(found, expected, strict=True):
        if isinstance(one, Upload):
            assert isinstance(other, hj212.Frame)
            assert_says(one, other)
        elif isinstance(one, Refusal):
            assert isinstance(other, Refusal)
            assert (one.reason, one.details) == (other.reason, other.details)
        else:
            assert one == other
    assert quick.waiting == rules.waiting


def assert_says(upload: Upload, frame: hj212.Frame) -> None:
    assert upload.frame() == frame
    assert (upload.cn, upload.mn, upload.qn, upload.st, upload.pw) == (frame.cn, frame.mn, frame.qn, frame.st, frame.pw)
    assert (upload.flag, upload.form, upload.wants_answer) == (frame.flag, frame.form, frame.wants_answer)
    assert frame.params == (("DataTime", upload.data_time),)
    for (code, field), value in zip(upload.shape.fields, upload.values, strict=True):
        assert frame.data[code][field] == value.decode()


@given(st.lists(numbers, min_size=2, max_size=2), st.sampled_from([("a05001", "a21026"), ("a05001", "a34013")]))
def test_a_route_gives_the_readings_of_the_rules(values: list[str], wanted: tuple[str, str]) -> None:
    """Where a point has no number in the form, or a code no point, there is no route."""
    first = packet_of(
        "QN=20240701001500123;ST=31;CN=2011;PW=1;MN=D;Flag=5;CP=&&DataTime=20240701001500;"
        f"a21026-Rtd={values[0]},a21026-Flag=N;a05001-Rtd={values[1]},a05001-Flag=N&&"
    )
    shapes = Shapes()
    frame = hj212.parse(first)
    shapes.learn(first, frame)
    read = shapes.read(bytearray(first), 0)
    assert read is not None
    channel = Channel(tuple(Point(code, "Rtd", n + 1, 100.0, 60 * n) for n, code in enumerate(wanted)), 60)
    route = route_of(read[2], channel)
    if wanted[1] != "a21026":
        assert route is None
        return
    assert route is not None
    expected, refused, unmapped = readings_of(frame, channel, frame.param("DataTime"))
    assert (refused, unmapped) == ([], set())
    assert_same(route.readings(read[2]), expected)


def assert_same(a: Batch, b: Batch) -> None:
    assert (a.source, a.id, a.known_at) == (b.source, b.id, b.known_at)
    assert list(a.meter) == list(b.meter)
    assert a.ts.tolist() == b.ts.tolist()
    assert a.value.tolist() == b.value.tolist()
    assert a.quality is None or not a.quality.any()


def test_a_form_is_known_from_the_second_packet_on() -> None:
    packet = packet_of(
        "QN=20240701001500123;ST=31;CN=2011;PW=1;MN=D;Flag=5;CP=&&DataTime=20240701001500;a21026-Rtd=1.5&&"
    )
    reader = hj212.FrameReader()
    kinds = [type(found) for _, found in reader.uploads(packet + packet + packet.replace(b"MN=D", b"MN=E"))]
    assert kinds == [hj212.Frame, Upload, Refusal], (
        "the third packet has another number, but the check sum of the first"
    )
