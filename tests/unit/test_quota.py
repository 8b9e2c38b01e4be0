"""What a tenant may use: refused by name, never cut down in silence."""

from dataclasses import asdict, fields

import pytest

from server.domain.errors import Invalid
from server.domain.quota import Quota, check_limits, choose_limits
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


@pytest.mark.parametrize("name", ["cpus", "memory_mb", "disk_mb", "pids", "timeout_s"])
def test_no_quota_of_zero_becomes_a_run_without_a_limit(name: str) -> None:
    with pytest.raises(Invalid, match="or more") as error:
        Quota().with_overrides({name: 0})
    assert refused(error) == [f"quota.{name}"]


def test_every_limit_has_a_quota() -> None:
    assert {field.name for field in fields(Limits)} <= {field.name for field in fields(Quota)}
