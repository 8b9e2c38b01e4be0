"""The rules about images: references, policies, progress, quorum, aliases, what a prune leaves."""

from dataclasses import replace
from pathlib import Path

import pytest

from server.domain.errors import Conflict, Invalid, PullFailed
from server.domain.image import (
    BUILT,
    ECR_HOST,
    Alias,
    Examined,
    Findings,
    HostState,
    Manifest,
    OnHost,
    Platform,
    Policy,
    Progress,
    Reference,
    Why,
    check_allowed,
    check_disk,
    check_findings,
    check_manifest,
    is_ecr_host,
    judge,
    keeps,
    local_tag,
    objection,
    parse_reference,
    pause_s,
)

DIGEST = "sha256:" + "a" * 64
LINUX = Platform("linux", "amd64")
MANIFEST = Manifest(
    Reference("", "team/sandbox", "1"), DIGEST, DIGEST, DIGEST, {"sha256:" + "1" * 64: 3 << 20}, LINUX,
    {"byteme.protocol": "2"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("team/sandbox:1.2", ("", "team/sandbox", "1.2", "")),
        (f"sandbox@{DIGEST}", ("", "sandbox", "", DIGEST)),
        (f"sandbox:1@{DIGEST}", ("", "sandbox", "1", DIGEST)),
        ("registry.example:5000/a/b-c/d_e:v1", ("registry.example:5000", "a/b-c/d_e", "v1", "")),
        ("localhost/a:1", ("localhost", "a", "1", "")),
        ("127.0.0.1:5000/a:1", ("127.0.0.1:5000", "a", "1", "")),
    ],
)
def test_a_reference_is_taken_apart(text: str, parts: tuple[str, ...]) -> None:
    reference = parse_reference(text)
    assert (reference.host, reference.repository, reference.tag, reference.digest) == parts
    assert str(reference) == text


@pytest.mark.parametrize(
    "text",
    ["", "sandbox", "Team/sandbox:1", "sandbox:", "sandbox@", "sandbox@sha256:12", f"sandbox@sha512:{'a' * 64}", "a//b:1",
     "../etc:1", "a b:1", "a:1:2", "evil.example:99999999/a:1", "user@host.example/a:1", "http://host.example/a:1",
     "a/" * 150 + "a:1", "sandbox:" + "t" * 129, "-a:1", "a\n:1"],
)  # fmt: skip
def test_what_is_no_reference_names_its_field(text: str) -> None:
    with pytest.raises(Invalid) as error:
        parse_reference(text)
    assert error.value.fields[0].field == "ref"


def test_amazons_registries_are_known_by_their_hosts() -> None:
    assert is_ecr_host("123456789012.dkr.ecr.eu-central-1.amazonaws.com")
    assert is_ecr_host("123456789012.dkr-ecr.eu-central-1.on.aws")
    assert not is_ecr_host("123456789012.dkr.ecr.eu-central-1.amazonaws.com.evil.example")
    assert not is_ecr_host("evil.example")


def test_the_local_name_tells_the_content() -> None:
    assert local_tag("team/sandbox", DIGEST) == ("byteme.local/team/sandbox", "sha-aaaaaaaaaaaa")


@pytest.mark.parametrize(
    ("manifest", "policy", "said"),
    [
        (replace(MANIFEST, platform=Platform("linux", "arm64")), Policy(), "linux/arm64"),
        (replace(MANIFEST, labels={}), Policy(), "not a sandbox image"),
        (replace(MANIFEST, labels={"byteme.protocol": "1"}), Policy(), "not a sandbox image"),
        (MANIFEST, Policy(max_mb=2), "more than the 2 MiB"),
    ],
)
def test_what_is_unfit_is_refused(manifest: Manifest, policy: Policy, said: str) -> None:
    with pytest.raises(PullFailed, match=said) as error:
        check_manifest(manifest, policy, LINUX, "2")
    assert error.value.why == Why.POLICY
    check_manifest(MANIFEST, Policy(max_mb=3), LINUX, "2")


@pytest.mark.parametrize("state", ["none", "running", "failed"])
def test_what_was_not_scanned_is_not_taken_for_clean(state: str) -> None:
    with pytest.raises(PullFailed):
        check_findings(Findings(state), ["CRITICAL"])


def test_findings_count_by_severity() -> None:
    found = Findings("complete", {"HIGH": 2, "LOW": 9})
    assert check_findings(found, ["CRITICAL"]) == "scan: HIGH: 2, LOW: 9"
    with pytest.raises(PullFailed, match="HIGH: 2"):
        check_findings(found, ["CRITICAL", "HIGH"])
    assert check_findings(Findings("complete", {"HIGH": 0}), ["HIGH"])


FACTS = Examined([], signed=True, findings={"HIGH": 2, "CRITICAL": 0})


@pytest.mark.parametrize(
    ("found", "policy", "said"),
    [
        (FACTS, Policy(max_mb=2), "more than the 2 MiB"),
        (Examined([]), Policy(signature="require"), "It is not kept whether it was signed"),
        (replace(FACTS, signed=False), Policy(signature="require"), "not signed by our key"),
        (Examined([]), Policy(fail_on=("LOW",)), "It is not kept what its scan had found"),
        (FACTS, Policy(fail_on=("CRITICAL", "HIGH")), "found HIGH, which is not accepted"),
    ],
)
def test_what_was_found_before_is_held_against_a_policy_that_became_stricter(
    found: Examined, policy: Policy, said: str
) -> None:
    assert said in str(objection(found, 3 << 20, policy))
    assert objection(FACTS, 3 << 20, Policy(fail_on=("CRITICAL",), signature="require", max_mb=3)) is None
    assert objection(Examined([]), 3 << 20, Policy()) is None


def test_a_disk_needs_room_for_what_is_unpacked() -> None:
    check_disk(100, 300)
    with pytest.raises(PullFailed) as error:
        check_disk(100, 299)
    assert error.value.why == Why.DISK


def test_progress_is_weighted_by_size_and_counts_unpacking() -> None:
    big, small = "sha256:" + "b" * 64, "sha256:" + "5" * 64
    progress = Progress({big: 90, small: 10})
    assert progress.fraction == 0
    progress.feed({"id": "5" * 12, "status": "Already exists"})
    assert progress.fraction == pytest.approx(0.1)
    progress.feed({"id": "b" * 12, "status": "Downloading", "progressDetail": {"current": 45, "total": 90}})
    assert progress.fraction == pytest.approx(0.325)
    progress.feed({"id": "b" * 12, "status": "Download complete"})
    assert progress.fraction == pytest.approx(0.55)
    progress.feed({"id": "b" * 12, "status": "Extracting", "progressDetail": {"current": 100, "total": 200}})
    progress.feed({"id": "b" * 12, "status": "Downloading", "progressDetail": {"current": 1, "total": 90}})
    assert progress.fraction == pytest.approx(0.775)
    progress.feed({"id": "b" * 12, "status": "Pull complete"})
    progress.feed({"status": "Digest: sha256:1"})
    progress.feed({"id": "unknown", "status": "Downloading", "progressDetail": None})
    assert progress.fraction == 1


def test_an_image_without_layers_is_there_at_once() -> None:
    assert Progress({}).fraction == 1


def test_pauses_double_up_to_ten_minutes() -> None:
    assert [pause_s(n) for n in (1, 2, 3)] == [2, 4, 8]
    assert pause_s(20) == pause_s(2000) == 600


def ready(host: str) -> OnHost:
    return OnHost(host, HostState.READY)


def failed(host: str, why: Why) -> OnHost:
    return OnHost(host, HostState.FAILED, why, "so it went")


def test_all_hosts_make_a_quorum_of_a_hundred() -> None:
    assert judge([ready("a"), ready("b")], ["a", "b"], 100, is_late=False).reached
    pending = judge([ready("a")], ["a", "b"], 100, is_late=False)
    assert not pending.reached
    assert pending.failed is None


def test_a_quorum_does_not_wait_for_the_rest() -> None:
    assert judge([ready("a")], ["a", "b"], 50, is_late=False).reached
    assert not judge([ready("a")], ["a", "b"], 51, is_late=False).reached


def test_a_host_that_is_lost_counts_neither_way() -> None:
    assert judge([ready("a"), failed("gone", Why.SMOKE)], ["a"], 100, is_late=False).reached
    assert not judge([ready("gone")], ["a"], 100, is_late=False).reached


def test_what_will_not_get_better_fails_at_once_and_the_rest_in_the_end() -> None:
    assert judge([failed("a", Why.SMOKE)], ["a"], 100, is_late=False).failed is Why.SMOKE
    assert judge([failed("a", Why.UNREACHABLE)], ["a"], 100, is_late=False).failed is None
    assert judge([failed("a", Why.UNREACHABLE)], ["a"], 100, is_late=True).failed is Why.UNREACHABLE
    assert judge([], ["a"], 100, is_late=True).failed is Why.DEADLINE


def test_some_hosts_are_not_enough() -> None:
    verdict = judge([ready("a"), failed("b", Why.DISK)], ["a", "b"], 100, is_late=False)
    assert verdict.failed is Why.PARTIAL
    assert "b: so it went" in verdict.message
    assert judge([ready("a"), failed("b", Why.DISK)], ["a", "b"], 50, is_late=False).reached


def test_no_host_is_no_quorum() -> None:
    assert judge([], [], 100, is_late=False) == judge([], ["a"], 100, is_late=False)
    assert judge([], [], 100, is_late=True).failed is Why.DEADLINE


def test_an_alias_remembers_what_it_was() -> None:
    first = Alias("default", BUILT, None, 0).switched("x")
    assert (first.digest, first.previous, first.version) == ("x", BUILT, 1)
    second = first.switched("y")
    assert second.switched("y") == second
    back = second.rolled_back()
    assert (back.digest, back.previous, back.version) == ("x", "y", 3)
    assert back.rolled_back().digest == "y"
    with pytest.raises(Conflict):
        Alias("gpu", "x").rolled_back()


def test_a_prune_keeps_what_is_used_and_the_newest_of_the_rest() -> None:
    decided = keeps(["e", "d", "c", "b", "a"], {"c": "active: default", "a": "previous of default"}, 1)
    assert decided == {"e": "recent", "d": None, "c": "active: default", "b": None, "a": "previous of default"}
    assert keeps(["a"], {}, 0) == {"a": None}


def test_tenants_use_the_default_image_and_those_they_are_given() -> None:
    check_allowed(None, ())
    check_allowed("default", ())
    check_allowed("gpu", ("gpu",))
    check_allowed("anything", ("*",))
    with pytest.raises(Invalid, match="gpu") as error:
        check_allowed("gpu", ("course-1",))
    assert error.value.fields[0].field == "image"


def test_what_publishes_images_knows_the_same_hosts_of_ecr() -> None:
    script = (Path(__file__).parents[2] / "scripts" / "publish_image.sh").read_text()
    pattern = script.partition('"$registry" =~ ^')[2].partition("$ ]]")[0]
    without_region = pattern.replace("([a-z0-9-]+)", "[a-z0-9-]+")
    assert without_region == ECR_HOST.pattern.replace("(?:", "(")
