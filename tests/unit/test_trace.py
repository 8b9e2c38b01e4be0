"""Spans: counted from the run's creation, whole when a step fails, silent about what was not seen."""

from datetime import UTC, datetime, timedelta
from time import perf_counter

import pytest

from server.domain.trace import Trace

CREATED = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_span_tells_when_it_began_after_the_runs_creation_and_how_long_it_took() -> None:
    trace = Trace(CREATED, CREATED + timedelta(seconds=2))
    now = perf_counter()
    trace.add("open", now + 1, now + 1.5)
    (span,) = trace.spans
    assert span["step"] == "open"
    assert span["at_ms"] == pytest.approx(3000, abs=500)
    assert span["ms"] == 500


def test_a_step_that_fails_has_its_span_all_the_same() -> None:
    trace = Trace(CREATED, CREATED)
    with pytest.raises(KeyError), trace.step("open"):
        raise KeyError
    assert [span["step"] for span in trace.spans] == ["open"]


def test_a_step_after_the_last_one_begins_where_that_ended() -> None:
    trace = Trace(CREATED, CREATED + timedelta(seconds=5), [{"step": "submit", "at_ms": 0.0, "ms": 4.0}])
    trace.since_last("queue")
    queue = trace.spans[-1]
    assert queue["at_ms"] == pytest.approx(4.0, abs=0.02)
    assert queue["at_ms"] + queue["ms"] == pytest.approx(5000, abs=500)


def test_clocks_that_disagree_make_no_span_of_negative_length() -> None:
    trace = Trace(CREATED, CREATED - timedelta(seconds=5), [{"step": "submit", "at_ms": 0.0, "ms": 4.0}])
    trace.since_last("queue")
    assert trace.spans[-1]["ms"] == 0


def test_a_span_that_has_not_ended_is_shown_and_not_kept() -> None:
    trace = Trace(CREATED, CREATED)
    assert [span["step"] for span in trace.spans_and("finish", perf_counter())] == ["finish"]
    assert trace.spans == []


def test_spans_known_already_are_kept_and_not_changed_in_place() -> None:
    known = [{"step": "submit", "at_ms": 0.0, "ms": 1.0}]
    trace = Trace(CREATED, CREATED, known)
    trace.add("recover", perf_counter())
    assert [span["step"] for span in trace.spans] == ["submit", "recover"]
    assert len(known) == 1
