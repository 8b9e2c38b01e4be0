"""What a tenant may use: refused by name, never cut down in silence."""

from dataclasses import asdict, fields
from datetime import UTC, datetime

import pytest

from server.domain.errors import FieldError, Invalid, TooMany
from server.domain.quota import (
    DayUse,
    Quota,
    Room,
    artifact_room,
    check_day,
    check_limits,
    choose_limits,
    may_start,
)
from server.domain.run import Limits


def refused(error: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [problem.field for problem in error.value.fields]


def test_without_a_wish_the_defaults_apply() -> None:
    assert choose_limits({}, Quota()) == Limits()


def test_a_wish_within_the_quota_is_granted_as_it_is() -> None:
    assert choose_limits({"cpus": 2.0, "memory_mb": 8192}, Quota()) == Limits(cpus=2.0, memory_mb=8192)


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_a_wish_above_the_quota_is_refused_and_named(name: str) -> None:
    above = getattr(Quota(), name) + 1
    with pytest.raises(Invalid, match=rf"limits\.{name}: {above:g} is above your quota of") as error:
        choose_limits({name: above}, Quota())
    assert refused(error) == [f"limits.{name}"]


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_exactly_the_quota_is_granted(name: str) -> None:
    ceiling = getattr(Quota(), name)
    assert getattr(choose_limits({name: ceiling}, Quota()), name) == ceiling


def test_every_limit_above_the_quota_is_named_at_once() -> None:
    with pytest.raises(Invalid) as error:
        check_limits(Limits(cpus=64, memory_mb=1 << 20, gpus=1), Quota())
    assert refused(error) == ["limits.cpus", "limits.memory_mb", "limits.gpus"]


def test_a_quota_below_the_defaults_lowers_them_but_refuses_a_wish() -> None:
    small = Quota().with_overrides({"memory_mb": 256, "cpus": 0.5})
    assert choose_limits({}, small) == Limits(memory_mb=256, cpus=0.5)
    with pytest.raises(Invalid, match=r"limits\.memory_mb"):
        choose_limits({"memory_mb": 1024}, small)


def test_overrides_change_what_they_name_and_nothing_else() -> None:
    changed = Quota().with_overrides({"parallel_runs": 2})
    assert asdict(changed) == asdict(Quota()) | {"parallel_runs": 2}


def test_overrides_keep_the_kind_of_number() -> None:
    changed = Quota().with_overrides({"cpus": 4, "memory_mb": 2048.0})
    assert (type(changed.cpus), type(changed.memory_mb)) == (float, int)


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        ({"memory": 1}, ["quota.memory"]),
        ({"memory_mb": -1}, ["quota.memory_mb"]),
        ({"memory_mb": "1024"}, ["quota.memory_mb"]),
        ({"memory_mb": True}, ["quota.memory_mb"]),
        ({"memory_mb": None}, ["quota.memory_mb"]),
        ({"memory_mb": float("inf")}, ["quota.memory_mb"]),
        ({"memory_mb": float("nan")}, ["quota.memory_mb"]),
        ({"egress": "example.org"}, ["quota.egress"]),
        ({"egress": ["http://example.org"]}, ["quota.egress"]),
        ({"egress": 1}, ["quota.egress"]),
        ({"memory_mb": ["example.org"]}, ["quota.memory_mb"]),
        ({"nothing": 1, "cpus": -1}, ["quota.nothing", "quota.cpus"]),
    ],
)
def test_a_bad_override_is_refused_by_name(overrides: dict[str, object], named: list[str]) -> None:
    with pytest.raises(Invalid) as error:
        Quota().with_overrides(overrides)
    assert refused(error) == named


def test_nobody_reaches_the_network_unless_an_operator_says_what() -> None:
    assert Quota().egress == ()
    assert Quota().with_overrides({"egress": ["example.org", "huggingface"]}).egress == ("example.org", "huggingface")


def test_a_quota_of_zero_is_a_quota() -> None:
    assert Quota().with_overrides({"queued_runs": 0}).queued_runs == 0


@pytest.mark.parametrize("name", ["cpus", "memory_mb", "disk_mb", "pids", "timeout_s", "weight"])
def test_no_quota_of_zero_becomes_a_run_without_a_limit(name: str) -> None:
    with pytest.raises(Invalid, match="or more") as error:
        Quota().with_overrides({name: 0})
    assert refused(error) == [f"quota.{name}"]


def test_every_limit_has_a_quota() -> None:
    assert {field.name for field in fields(Limits)} <= {field.name for field in fields(Quota)}


@pytest.mark.parametrize(
    ("quota", "disk_mb", "stored_mb", "room"),
    [
        (Quota(artifact_mb=3), 10, 0, Room(3 << 20, "artifact limit of 3 MB")),
        (Quota(artifact_mb=30), 10, 0, Room(10 << 20, "disk limit of 10 MB")),
        (Quota(storage_mb=30), 100, 28, Room(2 << 20, "storage quota of 30 MB")),
        (Quota(storage_mb=30), 100, 31, Room(0, "storage quota of 30 MB")),
    ],
)
def test_artifacts_have_the_least_room_of_quota_disk_and_storage(
    quota: Quota, disk_mb: int, stored_mb: int, room: Room
) -> None:
    assert artifact_room(quota, Limits(disk_mb=disk_mb), stored_mb << 20) == room


EVENING = datetime(2026, 1, 31, 23, 59, 30, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("use", "said"),
    [
        (DayUse(runs=10), "You have submitted 10 runs today"),
        (DayUse(runs=11, cpu_s=700), "You have submitted 10 runs today"),
        (DayUse(runs=9, cpu_s=600.0), "Your runs have used 600 CPU-seconds today"),
    ],
)
def test_a_day_that_is_used_up_is_refused_until_it_ends(use: DayUse, said: str) -> None:
    with pytest.raises(TooMany, match=said) as error:
        check_day(use, Quota(runs_per_day=10, cpu_s_per_day=600), EVENING)
    assert error.value.message.endswith("the next day begins at 2026-02-01T00:00:00.000Z.")
    assert error.value.retry_after_s == 30  # 29.5 seconds, rounded up: who comes then is not too early


def test_what_is_left_of_a_day_may_be_used() -> None:
    check_day(DayUse(runs=9, cpu_s=599.9), Quota(runs_per_day=10, cpu_s_per_day=600), EVENING)


@pytest.mark.parametrize(
    ("running", "cpu_s", "may"), [(1, 0.0, True), (2, 0.0, False), (1, 10.0, False), (0, 9.9, True)]
)
def test_a_queued_run_starts_within_what_runs_at_once_and_in_a_day(running: int, cpu_s: float, may: bool) -> None:
    assert may_start(Quota(parallel_runs=2, cpu_s_per_day=10), running, cpu_s) is may


def test_a_run_is_given_no_more_gpus_than_its_host_has() -> None:
    assert choose_limits({"gpus": 2}, Quota(gpus=4), host_gpus=2).gpus == 2
    with pytest.raises(Invalid) as error:
        choose_limits({"gpus": 3}, Quota(gpus=4), host_gpus=2)
    assert error.value.fields == (FieldError("limits.gpus", "must be at most 2: the host has no more GPUs"),)
    with pytest.raises(Invalid) as error:
        choose_limits({"gpus": 1}, Quota(gpus=4))
    assert error.value.fields == (FieldError("limits.gpus", "must be 0: the host has no GPUs for runs"),)


def test_a_gpu_above_the_quota_is_refused_for_the_quota_whatever_the_host_has() -> None:
    with pytest.raises(Invalid) as error:
        choose_limits({"gpus": 1}, Quota(), host_gpus=8)
    assert error.value.fields == (FieldError("limits.gpus", "1 is above your quota of 0"),)
