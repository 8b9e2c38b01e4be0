"""Lists of runs hold the last of what each reported."""

import json

import pytest

from server.domain.ports import Stream
from server.engine.fake import Script
from server.worker import metrics
from tests.unit.worker_bench import Bench


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.close()


def metric(name, value, step):
    return (Stream.EVENT, json.dumps({"type": "metric", "name": name, "value": value, "step": step}).encode() + b"\n")


def test_an_ended_run_tells_the_last_value_of_each_metric(bench):
    said = [metric("loss", 1.0, 0), metric("accuracy", 0.5, 0), (Stream.EVENT, b"no report"), metric("loss", 0.25, 7)]
    run = bench.execute(Script(said))
    assert run["metrics"] == [
        {"name": "loss", "step": 7, "value": 0.25},
        {"name": "accuracy", "step": 0, "value": 0.5},
    ]


def test_a_run_that_reports_nothing_has_no_metrics(bench):
    assert bench.execute(Script([(Stream.STDOUT, b"loss 1\n")]))["metrics"] == []


def test_more_than_can_be_read_at_once_is_not_told(bench, monkeypatch):
    monkeypatch.setattr(metrics, "MOST_BYTES", 100)
    run = bench.execute(Script([metric("loss", 1.0, step) for step in range(10)]))
    assert (run["state"], run["metrics"]) == ("succeeded", [])


def test_of_many_metrics_the_first_are_told(bench, monkeypatch):
    monkeypatch.setattr(metrics, "MOST", 2)
    run = bench.execute(Script([metric(f"m{number}", 1.0, 0) for number in range(5)]))
    assert [one["name"] for one in run["metrics"]] == ["m0", "m1"]
