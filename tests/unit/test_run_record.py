"""What a run's record says of seeds and of differences."""

import pytest

from server.domain.record import image_difference, last_values, reported_seeds
from server.domain.reports import Metric


def metric(name, value, step=0):
    return Metric(name, value, step, None)


@pytest.mark.parametrize(
    ("args", "env", "metrics", "seeds"),
    [
        ([], {}, [], {}),
        (["--lr", "1"], {"DEBUG": "1"}, [metric("loss", 1.0)], {}),
        (["--seed", "7"], {}, [], {"seed": "7"}),
        (["--random-seed=8", "x"], {}, [], {"random-seed": "8"}),
        (["--seed"], {}, [], {"seed": ""}),
        ([], {"PYTHONHASHSEED": "0"}, [], {"PYTHONHASHSEED": "0"}),
        ([], {}, [metric("torch_seed", 42.0)], {"torch_seed": "42"}),
        ([], {}, [metric("seed", None)], {}),
    ],
)
def test_a_seed_is_known_where_the_run_tells_it(args, env, metrics, seeds):
    assert reported_seeds(args, env, last_values(metrics)) == seeds


def test_a_program_that_reports_under_names_without_end_is_told_by_the_first():
    last = last_values((metric(f"m{number % 70}", float(number), number) for number in range(140)), most=50)
    assert {name: point.step for name, point in last.items()} == {f"m{number}": 70 + number for number in range(50)}


def test_of_each_metric_the_last_value_counts():
    last = last_values([metric("loss", 1.0, 0), metric("acc", 0.1, 0), metric("loss", 0.5, 1)])
    assert {name: (point.step, point.value) for name, point in last.items()} == {"loss": (1, 0.5), "acc": (0, 0.1)}


@pytest.mark.parametrize(
    ("recorded", "present", "count"), [(None, "a", 0), ("a", "a", 0), ("a", "b", 1), ("a", None, 1)]
)
def test_another_image_is_told(recorded, present, count):
    assert len(image_difference(recorded, present)) == count
