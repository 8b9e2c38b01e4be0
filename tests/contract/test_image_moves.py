"""Switches of aliases and what hosts write of images, on each kind of database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from server.db import image_moves
from server.db.image_models import ImagePull
from server.domain.errors import Outdated
from server.domain.image import Alias, Examined, HostState, Manifest, Platform, PullState, Reference, Why

NOW = datetime(2026, 1, 1, tzinfo=UTC)
A, B = ("sha256:" + letter * 64 for letter in "ab")


def a_pull(pull_id="p"):
    return ImagePull(
        id=pull_id, ref="r:1", alias="default", activate=True, dry_run=False, quorum=100, policy={}, deadline_s=60,
        actor_id="", driver="here", state=PullState.RESOLVING, message="", checks=[], created_at=NOW, changed_at=NOW,
    )  # fmt: skip


def want(session, digest):
    reference = Reference("registry.example", "r", "1", digest)
    manifest = Manifest(reference, digest, digest, digest, {A: 5 << 32}, Platform("linux", "amd64"), {"a": "b"})
    image_moves.want(session, manifest, Examined(["ok"]), a_pull(), NOW)
    return manifest


def test_an_image_is_read_back_as_it_was_resolved(database):
    with database.transaction() as session:
        manifest = want(session, A)
    with database.transaction() as session:
        (row,) = image_moves.wanted_images(session)
        assert image_moves.manifest_of(row) == manifest


def test_of_switches_at_once_one_comes_through(database):
    with database.transaction() as session:
        image_moves.switch(session, None, Alias("default", A, "", 1), NOW, "")
        before = image_moves.alias_of(session, "default")

    def switch(number):
        try:
            with database.transaction() as session:
                image_moves.switch(session, before, before.switched(f"sha256:{number}"), NOW, "")
        except Outdated:
            return None
        return f"sha256:{number}"

    with ThreadPoolExecutor(4) as pool:
        done = [digest for digest in pool.map(switch, range(8)) if digest]
    with database.transaction() as session:
        after = image_moves.alias_of(session, "default")
    assert (done, after.previous, after.version) == ([after.digest], A, 2)


def test_of_first_switches_at_once_one_comes_through(database):
    def switch(number):
        try:
            with database.transaction() as session:
                image_moves.switch(session, None, Alias("course", f"sha256:{number}"), NOW, "")
        except Outdated:
            return None
        return f"sha256:{number}"

    with ThreadPoolExecutor(4) as pool:
        done = [digest for digest in pool.map(switch, range(4)) if digest]
    with database.transaction() as session:
        assert [image_moves.alias_of(session, "course").digest] == done


def test_a_pull_moves_once_from_each_state(database):
    with database.transaction() as session:
        session.add(a_pull())
    with database.transaction() as session:
        (pull,) = image_moves.pulls_under_way(session)
        assert image_moves.move_pull(session, pull, PullState.PULLING, NOW, digest=A)
    with database.transaction() as session:
        assert not image_moves.move_pull(session, a_pull(), PullState.FAILED, NOW, why=Why.AUTH)
        (pull,) = image_moves.pulls_under_way(session)
        assert image_moves.move_pull(session, pull, PullState.ACTIVE, NOW)
    with database.transaction() as session:
        assert image_moves.pulls_under_way(session) == []
        assert session.get_one(ImagePull, "p").finished_at == NOW


def test_a_host_lacks_what_it_is_not_ready_for(database):
    with database.transaction() as session:
        want(session, A)
        image_moves.switch(session, None, Alias("default", A), NOW, "")
        image_moves.switch(session, None, Alias("built", "", A), NOW, "")
        assert image_moves.lacking(session, "here") == {"default"}
        for state in HostState:
            image_moves.note(session, "here", A, NOW, state=state)
            session.flush()
            assert image_moves.lacking(session, "here") == (set() if state is HostState.READY else {"default"})
        assert image_moves.lacking(session, "there") == {"default"}


def test_hosts_are_live_for_a_minute(database):
    with database.transaction() as session:
        for host in ("a", "b"):
            image_moves.beat(session, host, NOW, slots=2, facts={"x": 1}, free_bytes=1 << 40)
        image_moves.beat(session, "b", NOW + timedelta(seconds=50), slots=2, facts={}, free_bytes=None)
    with database.transaction() as session:
        assert image_moves.live_hosts(session, NOW + timedelta(seconds=59)) == ["a", "b"]
        assert image_moves.live_hosts(session, NOW + timedelta(seconds=61)) == ["b"]


def test_what_is_used_says_by_whom(database):
    with database.transaction() as session:
        image_moves.switch(session, None, Alias("default", A, B), NOW, "")
        session.add(a_pull())
        session.flush()
        session.get_one(ImagePull, "p").digest = "sha256:under-way"
    with database.transaction() as session:
        used = image_moves.used_images(session)
    assert used == {A: "active: default", B: "previous of default", "sha256:under-way": "being pulled"}


@pytest.mark.parametrize("state", [HostState.FAILED, HostState.READY])
def test_only_what_failed_begins_anew(database, state):
    with database.transaction() as session:
        want(session, A)
        image_moves.note(session, "here", A, NOW, state=state, why=Why.SMOKE, attempts=4)
    with database.transaction() as session:
        image_moves.begin_anew(session, A)
    with database.transaction() as session:
        (row,) = image_moves.on_hosts(session, A)
    began = state is HostState.FAILED
    assert (row.state, row.attempts) == ((HostState.PULLING, 0) if began else (HostState.READY, 4))


def test_a_host_that_is_gone_for_a_week_is_forgotten(database):
    with database.transaction() as session:
        want(session, A)
        image_moves.beat(session, "gone", NOW, slots=1, facts={}, free_bytes=None)
        image_moves.note(session, "gone", A, NOW, state=HostState.FAILED)
    for days, left in ((6, 1), (8, 0)):
        with database.transaction() as session:
            image_moves.beat(session, "here", NOW + timedelta(days=days), slots=1, facts={}, free_bytes=None)
        with database.transaction() as session:
            assert len(image_moves.on_hosts(session, A)) == left
            assert len(image_moves.live_hosts(session, NOW - timedelta(days=1))) == 1 + left
