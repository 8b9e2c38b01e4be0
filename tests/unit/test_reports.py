"""What a program reports is taken for what it is, and nothing in it is believed."""

import json

import pytest

from server.domain.reports import MAX_HEADER, Display, Metric, parse_report


def record(body=b"", **header):
    return json.dumps(header).encode() + b"\n" + body


@pytest.mark.parametrize(
    ("given", "report"),
    [
        (record(type="metric", name="loss", value=0.5, step=3, time=1.5), Metric("loss", 0.5, 3, 1.5)),
        (record(type="metric", name="n", value=2), Metric("n", 2.0, None, None)),
        (record(type="metric", name="n", value="NaN", step=None), Metric("n", None, None, None)),
        (b'{"type":"metric","name":"n","value":NaN}\n', Metric("n", None, None, None)),
        (b'{"type":"metric","name":"n","value":1e999}\n', Metric("n", None, None, None)),
        (record(type="metric", name="n", value=True, step=True), Metric("n", None, None, None)),
        (record(type="metric", name="n", value=10**400, step=2**60), Metric("n", None, None, None)),
        (record(b"\x00\n\xff", type="display", media_type="image/png"), Display("image/png", b"\x00\n\xff")),
        (record(type="display", media_type="text/plain"), Display("text/plain", b"")),
    ],
)
def test_a_report_is_read(given, report):
    assert parse_report(given) == report


@pytest.mark.parametrize(
    "given",
    [
        b"", b"\n", b"{}", b"[]\n", b"null\n", b"{\n", b"\xff\n", b"[" * 100_000, record(type="other"),
        record(type="metric"), record(type="metric", name=""), record(type="metric", name=5),
        record(type="metric", name="x" * 201), record(type="metric", name="\ud800"), record(type="display"),
        record(type="display", media_type=["image/png"]), record(type="display", media_type="x" * 101),
    ],
)  # fmt: skip
def test_nonsense_is_no_report(given):
    assert parse_report(given) is None


def test_a_header_that_would_be_dear_to_read_is_not_read():
    fields = {"type": "metric", "name": "loss", "value": 1}
    room = MAX_HEADER - len(json.dumps(fields | {"extra": ""}))
    assert parse_report(record(**fields, extra="x" * room)) == Metric("loss", 1.0, None, None)
    assert parse_report(record(**fields, extra="x" * (room + 1))) is None
