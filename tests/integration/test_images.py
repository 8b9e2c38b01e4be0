"""Images as operators and tenants meet them over HTTP; no registry is asked here."""

import pytest

from server.db import image_moves
from server.db.image_models import ImagePull, RegistryImage
from server.domain.image import Examined

A, B = ("sha256:" + letter * 64 for letter in "ab")


def test_an_image_shows_for_every_alias_that_means_it_or_did(platform, admin):
    platform.image_on_hosts(A, "default")
    platform.image_on_hosts(B, "default")
    items = admin.get("/images").json["items"]
    shown = [(item["alias"], item["digest"], item["active"], item["previous"]) for item in items]
    assert shown == [("default", B, True, False), ("default", A, False, True)]
    assert items[0]["ref"] == "registry.example:5000/team/sandbox:1"
    (host,) = items[0]["hosts"]
    assert (host["host"], host["state"]) == (platform.settings.this_host, "ready")


def test_an_image_without_an_alias_shows_too(platform, admin):
    platform.image_on_hosts(A)
    shown = [(item["alias"], item["digest"]) for item in admin.get("/images").json["items"]]
    assert shown == [("default", "sha256:" + "a" * 64), (None, A)]


def test_a_pull_is_asked_for_and_waits_for_a_host_to_take_it(platform, admin):
    answer = admin.post("/images/pulls", {"ref": "team/sandbox:2", "alias": "gpu"})
    assert answer.status_code == 202
    assert (answer.json["state"], answer.json["alias"], answer.json["hosts"]) == ("resolving", "gpu", [])
    assert admin.get(f"/images/pulls/{answer.json['id']}").json == answer.json
    assert admin.get("/images/pulls").json["items"] == [answer.json]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "ref"),
        ({"ref": "Sandbox:1"}, "ref"),
        ({"ref": "sandbox"}, "ref"),
        ({"ref": "a:1", "alias": "../x"}, "alias"),
        ({"ref": "a:1", "quorum": 0}, "quorum"),
        ({"ref": "a:1", "quorum": "50"}, "quorum"),
        ({"ref": "a:1", "fail_on": ["BAD"]}, "fail_on"),
        ({"ref": "a:1", "deadline_s": 1}, "deadline_s"),
        ({"ref": "a:1", "signature": "off"}, "signature"),
    ],
)
def test_what_is_wrong_with_a_pull_is_told_by_its_field(admin, body, field):
    answer = admin.post("/images/pulls", body)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)
    assert admin.get("/images/pulls").json["items"] == []


def test_a_request_makes_the_policy_stricter_and_never_weaker(make_platform, tmp_path):
    platform = make_platform(image_fail_on=["CRITICAL"], image_signature="warn", image_key="key.pem")
    admin = platform.tenant(role="admin")
    policies = []
    for body in ({}, {"fail_on": ["HIGH"], "require_signature": True}, {"fail_on": [], "require_signature": False}):
        pull_id = admin.post("/images/pulls", {"ref": "a:1", **body}).json["id"]
        with platform.services.db.transaction() as session:
            policy = session.get_one(ImagePull, pull_id).policy
        policies.append((policy["fail_on"], policy["signature"]))
    assert policies == [(["CRITICAL"], "warn"), (["CRITICAL", "HIGH"], "require"), (["CRITICAL"], "warn")]


@pytest.mark.parametrize(
    "image",
    [A, "team/sandbox:1", "registry.example:5000/team/sandbox:1", f"team/sandbox@{A}"],
    ids=["digest", "tag", "host", "by digest"],
)
def test_an_image_is_activated_by_any_of_its_names(platform, admin, image):
    platform.image_on_hosts(A)
    answer = admin.post("/images/aliases/course/activate", {"image": image})
    assert (answer.status_code, answer.json["state"], answer.json["digest"]) == (202, "pulling", A)


def test_what_nobody_has_can_not_be_activated(platform, admin):
    assert admin.post("/images/aliases/course/activate", {"image": A}).status_code == 404
    assert admin.post("/images/aliases/No/activate", {"image": A}).status_code == 422


def test_a_rollback_goes_where_it_came_from(platform, admin):
    assert admin.post("/images/aliases/default/rollback").status_code == 409
    assert admin.post("/images/aliases/course/rollback").status_code == 404
    platform.image_on_hosts(A, "default")
    platform.image_on_hosts(B, "default")
    assert admin.post("/images/aliases/default/rollback").json == {
        "alias": "default", "digest": A, "previous": B, "version": 3, "warning": None,
    }  # fmt: skip


UNSIGNED = Examined([], signed=False)
SIGNED = Examined([], signed=True)


@pytest.fixture
def strict(make_platform):
    """A platform whose policy became stricter than that under which the first image was pulled."""
    platform = make_platform(image_signature="require", image_key="key.pem")
    platform.image_on_hosts(A, "default", examined=UNSIGNED)
    platform.image_on_hosts(B, "default", examined=SIGNED)
    return platform


def test_what_is_against_the_policy_by_now_is_not_activated(strict):
    admin = strict.tenant(role="admin")
    answer = admin.post("/images/aliases/course/activate", {"image": A})
    assert answer.status_code == 202
    assert (answer.json["state"], answer.json["why"]) == ("failed", "policy")
    assert "not signed by our key when it was pulled" in answer.json["message"]
    assert admin.get(f"/images/pulls/{answer.json['id']}").json == answer.json
    assert {item["alias"] for item in admin.get("/images").json["items"]} == {"default"}
    allowed = admin.post("/images/aliases/course/activate", {"image": B}).json
    assert (allowed["state"], allowed["why"]) == ("pulling", None)


def test_what_was_found_stays_known_where_nobody_looks_again(strict):
    strict.image_on_hosts(A, examined=SIGNED)
    strict.image_on_hosts(A, examined=Examined([]))
    admin = strict.tenant(role="admin")
    assert admin.post("/images/aliases/course/activate", {"image": A}).json["state"] == "pulling"


def test_a_rollback_is_not_held_up_by_the_policy_but_says_and_writes_it_down(strict):
    admin = strict.tenant(role="admin")
    switched = admin.post("/images/aliases/default/rollback").json
    assert switched["digest"] == A
    assert "against the policy by now. It was not signed by our key" in switched["warning"]
    (written,) = admin.get("/audit?verb=image.rollback").json["items"]
    assert "not signed" in written["detail"]["against_policy"]


def test_a_rollback_to_what_no_host_has_any_more_is_refused(platform, admin):
    platform.image_on_hosts(A, "default")
    platform.image_on_hosts(B, "default")
    with platform.services.db.transaction() as session:
        session.get_one(RegistryImage, A).wanted = False
    answer = admin.post("/images/aliases/default/rollback")
    assert answer.status_code == 409
    assert admin.get("/images").json["items"][0]["digest"] == B


def test_tenants_name_the_images_that_their_quota_lists(platform, admin, alice):
    request = {"files": {"main.py": ""}, "image": "course"}
    assert alice.post("/runs", request).status_code == 201
    platform.set_quota(alice, images=["gpu"])
    answer = alice.post("/runs", request)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "image")
    assert alice.post("/runs", {**request, "image": "gpu"}).status_code == 201
    assert alice.post("/runs", {**request, "image": "default"}).status_code == 201
    for wrong in ([1], "gpu", ["Not An Alias"], 5):
        answer = admin.call("PATCH", f"/users/{alice.id}", json={"quota": {"images": wrong}})
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "quota.images"), wrong


def test_hosts_know_of_each_other(platform, admin):
    with platform.services.db.transaction() as session:
        image_moves.beat(session, "other", platform.clock(), slots=3, facts={"version": "1"}, free_bytes=None)
    own, other = admin.get("/hosts").json["items"]
    assert own["name"] == platform.settings.this_host
    assert other == {"name": "other", "state": "ready", "slots": 3, "running_runs": 0, "facts": {"version": "1"}}
    platform.clock.advance(61)
    assert admin.get("/hosts").json["items"][1]["state"] == "unreachable"


def test_a_verification_is_asked_of_every_host(platform, admin):
    platform.image_on_hosts(A)
    platform.clock.advance(1)
    asked = admin.post("/images/verify").json["requested_at"]
    host = admin.get("/images").json["items"][-1]["hosts"][0]
    assert host["verified_at"] < asked
