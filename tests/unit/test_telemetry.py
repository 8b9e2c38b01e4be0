"""Logs are JSON, tell whose they are, and never tell a secret."""

import io
import json
import logging
import threading

import pytest

from server import telemetry

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


def line_of(log):
    """What `log(logger)` writes, parsed."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(telemetry.JsonFormatter())
    logger = logging.Logger("byteme.test")
    logger.addHandler(handler)
    log(logger)
    (text,) = stream.getvalue().splitlines()
    return json.loads(text)


def test_a_line_is_one_json_object():
    line = line_of(lambda logger: logger.warning("two\nlines %s", "é", extra={"ms": 1.5}))
    assert line["message"] == "two\nlines é"
    assert line["level"] == "warning"
    assert line["logger"] == "byteme.test"
    assert line["ms"] == 1.5
    assert line["time"].endswith("+00:00")


def test_an_exception_is_told_with_its_traceback():
    def fail(logger):
        try:
            raise ValueError(f"bad {JWT}")
        except ValueError:
            logger.exception("failed")

    line = line_of(fail)
    assert "ValueError: bad [redacted]" in line["exception"]
    assert "Traceback" in line["exception"]


@pytest.mark.parametrize(
    "text",
    [
        f"Bearer {JWT}",
        f"GET /api/v1/runs/1/output?ticket={JWT}&x=1",
        "GET /x?ticket=abc.def",
        "postgresql://byteme:hunter2@db/byteme",
        "password=hunter2 for you",
    ],
)
def test_secrets_in_a_message_are_not_written(text):
    line = line_of(lambda logger: logger.info(text))
    for secret in (JWT, "hunter2", "abc.def"):
        assert secret not in line["message"]
    assert "[redacted]" in line["message"]


def test_secrets_in_a_field_are_not_written():
    line = line_of(lambda logger: logger.info("x", extra={"access_token": "a", "new_password": "b", "bytes": 3}))
    assert line["access_token"] == line["new_password"] == "[redacted]"
    assert line["bytes"] == 3


def test_what_json_does_not_know_is_written_all_the_same():
    assert "object" in line_of(lambda logger: logger.info("x", extra={"thing": object()}))["thing"]


def test_bound_fields_stand_in_every_line_of_their_context_only():
    with telemetry.bound(request_id="r1"), telemetry.bound(run_id="7", user_id=None):
        inside = line_of(lambda logger: logger.info("x"))
    outside = line_of(lambda logger: logger.info("x"))
    assert (inside["request_id"], inside["run_id"]) == ("r1", "7")
    assert "user_id" not in inside
    assert "request_id" not in outside


def test_bound_fields_are_not_seen_by_others():
    seen = []
    with telemetry.bound(run_id="7"):
        thread = threading.Thread(target=lambda: seen.append(telemetry.bound_fields()))
        thread.start()
        thread.join()
    assert seen == [{}]


def test_an_alias_has_one_image_at_a_time() -> None:
    telemetry.note_image("t", "byteme/sandbox:1", "sha256:1")
    telemetry.note_image("t", "byteme/sandbox:1", "sha256:1")
    telemetry.note_image("t", "byteme/sandbox:2", "sha256:2")
    shown = [sample.labels for sample in telemetry.IMAGE.collect()[0].samples if sample.labels["alias"] == "t"]
    assert shown == [{"alias": "t", "ref": "byteme/sandbox:2", "digest": "sha256:2"}]
