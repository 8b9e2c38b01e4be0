"""A host's agent, over an engine and a store in memory: what it begins, when it tries again, and what it waits for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import gevent
import pytest
from gevent.event import Event

from server.db import image_moves
from server.db.image_models import HostImage, ImageAlias, ImagePull, RegistryImage
from server.db.migrate import upgrade
from server.db.session import Database
from server.domain.errors import ImageError, NotFound, PullFailed
from server.domain.image import Examined, Manifest, Platform, Policy, Reference, Why
from server.domain.policy import Actor, Role
from server.domain.ports import LocalImage, Sandbox, SandboxSpec, Stream
from server.domain.run import Exit, Limits
from server.engine.fake import FakeEngine, Script
from server.services.images import ActiveImages, Images, PullRequest
from server.settings import Settings
from server.worker import images as agents
from server.worker import pulls as driving
from server.worker.images import ImageAgent, ImageTools
from server.worker.pulls import PullDriver
from server.worker.smoke import Smoke
from tests.waiting import eventually

ROOT = Actor("0" * 32, "root@example.org", Role.ADMIN, "session")
LINUX = Platform("linux", "amd64")
ENGINE_ID = "sha256:" + "c" * 64


def digest(letter: str) -> str:
    return "sha256:" + letter * 64


@dataclass
class Store:
    """An engine's images, which fails as it is told."""

    has: set[str] = field(default_factory=set)
    errors: list[PullFailed] = field(default_factory=list)
    pulls: list[str] = field(default_factory=list)
    free: int = 1 << 40
    used: bool = False
    gate: Event | None = None  # a pull waits for it
    stuck: set[str] = field(default_factory=set)  # removals that never end
    removal: Event | None = None  # a removal waits for it
    at_once: int = 0
    most_at_once: int = 0

    def free_bytes(self) -> int:
        return self.free

    def pull(self, manifest: Manifest, told: Callable[[float], None], deadline_s: float) -> None:
        self.pulls.append(manifest.digest)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            told(0.5)
            if self.gate is not None:
                self.gate.wait()
            if self.errors:
                raise self.errors.pop(0)
        finally:
            self.at_once -= 1
        self.has.add(manifest.digest)

    def verify(self, manifest: Manifest) -> LocalImage:
        if manifest.digest not in self.has:
            raise PullFailed(Why.NOT_FOUND, "gone")
        return LocalImage(ENGINE_ID, f"byteme.local/team/sandbox:{manifest.digest[7:19]}")

    def remove(self, manifest: Manifest) -> bool:
        if manifest.digest in self.stuck:
            Event().wait()
        if self.removal is not None:
            self.removal.wait()
        if not self.used:
            self.has.discard(manifest.digest)
        return not self.used


@dataclass
class Library:
    """A registry with an image per tag, a letter."""

    errors: list[Exception] = field(default_factory=list)
    asked: int = 0

    def platform(self) -> Platform:
        return LINUX

    def resolve(self, reference: Reference) -> Manifest:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        name = digest(reference.tag)
        return Manifest(reference, name, name, ENGINE_ID, {digest("1"): 7}, LINUX)

    def examine(self, manifest: Manifest, policy: Policy) -> Examined:
        return Examined(["size: small"])


class Rig:
    """A host, its agent, and an operator."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.now = datetime.now(UTC)
        self.settings = Settings(data_dir=folder, host_name="here", **settings)
        self.db = Database(f"sqlite:///{folder}/test.db")
        upgrade(self.db)
        self.engine, self.store, self.library = FakeEngine(Script()), Store(), Library()
        self.engine.others.add(ENGINE_ID)
        smoke = Smoke(self.engine, "print('trained')", Limits())
        driver = PullDriver(self.db, lambda: self.now, self.library, self.engine)
        tools = ImageTools(self.settings, self.db, lambda: self.now, self.engine, self.store, smoke, "here")
        self.agent = ImageAgent(tools, driver)
        self.images = Images(self.db, self.settings, lambda: self.now, self.engine, self.agent.wake)
        self.catalogue = ActiveImages(self.db, "here")

    def pull(self, tag: str, **options: Any) -> str:
        self.now += timedelta(milliseconds=2)
        return str(self.images.pull(ROOT, PullRequest(f"team/sandbox:{tag}", **options))["id"])

    def get(self, pull_id: str) -> dict[str, Any]:
        return self.images.get_pull(ROOT, pull_id)

    def ended(self, pull_id: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            pull = self.get(pull_id)
            return pull if pull["state"] in {"active", "ready", "planned", "failed"} else None

        return eventually(look, "the pull to end")

    def done(self, tag: str, **options: Any) -> dict[str, Any]:
        return self.ended(self.pull(tag, **options))

    def row(self, tag: str) -> HostImage:
        with self.db.transaction() as session:
            return session.get_one(HostImage, ("here", digest(tag)))

    def alias(self, name: str = "default") -> tuple[str, str | None]:
        with self.db.transaction() as session:
            row = session.get_one(ImageAlias, name)
            return row.digest, row.previous

    def other_host(self, name: str = "there") -> None:
        with self.db.transaction() as session:
            image_moves.beat(session, name, self.now, slots=1, facts={}, free_bytes=None)

    def on_other_host(self, tag: str, state: str, why: str | None = None, host: str = "there") -> None:
        with self.db.transaction() as session:
            image_moves.note(session, host, digest(tag), self.now, state=state, why=why, message="told")


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agents, "LOOK_S", 0.01)
    monkeypatch.setattr(agents, "BEAT_S", 0.01)
    monkeypatch.setattr(driving, "pause_s", lambda attempts: 0.002)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Rig]]:
    made: list[Rig] = []

    def make(**settings: Any) -> Rig:
        made.append(Rig(tmp_path, **settings))
        made[-1].agent.start()
        return made[-1]

    yield make
    for rig in made:
        rig.agent.close()
        rig.db.close()


@pytest.fixture
def rig(make: Callable[..., Rig]) -> Rig:
    return make()


def test_an_image_is_pulled_tried_out_and_what_runs_start_on(rig: Rig) -> None:
    assert rig.catalogue.active("default") is None
    pull = rig.done("a")
    assert (pull["state"], pull["digest"], pull["checks"]) == ("active", digest("a"), ["size: small"])
    assert [host["state"] for host in pull["hosts"]] == ["ready"]
    image = rig.catalogue.active("default")
    assert image is not None
    assert (image.digest, image.engine_id) == (digest("a"), ENGINE_ID)
    assert rig.alias() == (digest("a"), "")
    (smoke,) = rig.engine.opened
    assert smoke.spec.image == ENGINE_ID
    assert smoke.files == {"main.py": b"print('trained')"}
    assert smoke.destroyed


def test_a_failing_program_keeps_the_image_from_being_used(rig: Rig) -> None:
    rig.engine.script = Script([(Stream.STDERR, b"first\nModuleNotFoundError: torch\n")], ends=Exit(1))
    pull = rig.done("a")
    assert (pull["state"], pull["why"]) == ("failed", "smoke")
    assert "ModuleNotFoundError: torch" in pull["message"]
    assert rig.catalogue.active("default") is None
    assert rig.row("a").retry_at is None


def test_an_image_may_bring_the_program_that_it_is_tried_with(rig: Rig) -> None:
    rig.done("a", smoke="print('mine')")
    assert rig.engine.opened[0].files == {"main.py": b"print('mine')"}


def test_what_passes_is_tried_again_after_a_pause(rig: Rig) -> None:
    rig.store.errors = [PullFailed(Why.UNREACHABLE, "away")] * 2
    pull_id = rig.pull("a")
    eventually(lambda: any(h["state"] == "failed" for h in rig.get(pull_id)["hosts"]), "the first attempt")
    assert rig.row("a").retry_at == rig.now + timedelta(seconds=2)
    rig.now += timedelta(seconds=3)
    eventually(lambda: len(rig.store.pulls) == 2 and rig.row("a").state == "failed", "the second")
    assert rig.row("a").retry_at == rig.now + timedelta(seconds=4)
    rig.now += timedelta(seconds=5)
    assert rig.ended(pull_id)["state"] == "active"
    assert rig.row("a").attempts == 3


@pytest.mark.parametrize("why", [Why.AUTH, Why.NOT_FOUND, Why.DIGEST, Why.DISK])
def test_what_does_not_pass_fails_the_pull_with_its_reason(rig: Rig, why: Why) -> None:
    rig.store.errors = [PullFailed(why, "told why")]
    pull = rig.done("a")
    assert (pull["state"], pull["why"]) == ("failed", why)
    assert "told why" in pull["message"]
    assert len(rig.store.pulls) == 1


def test_an_image_that_failed_is_tried_again_when_it_is_asked_for_again(rig: Rig) -> None:
    rig.store.errors = [PullFailed(Why.DIGEST, "corrupt")]
    assert rig.done("a")["state"] == "failed"
    assert rig.done("a")["state"] == "active"


def test_a_pull_ends_with_its_deadline(rig: Rig) -> None:
    rig.store.gate = Event()
    pull_id = rig.pull("a", deadline_s=10)
    eventually(lambda: rig.get(pull_id)["state"] == "pulling", "it to begin")
    rig.now += timedelta(seconds=10) + driving.GRACE
    assert rig.ended(pull_id)["why"] == "deadline"
    rig.store.gate.set()


def test_too_little_room_is_seen_before_anything_is_pulled(rig: Rig) -> None:
    rig.store.free = 20
    assert rig.done("a")["why"] == "disk"
    assert rig.store.pulls == []


def test_a_registry_that_does_not_answer_is_asked_three_times(rig: Rig) -> None:
    rig.library.errors = [PullFailed(Why.UNREACHABLE, "away")] * 3
    assert rig.done("a")["why"] == "unreachable"
    assert rig.library.asked == 3
    rig.library.errors = [PullFailed(Why.AUTH, "no")]
    assert rig.done("a")["why"] == "auth"
    assert rig.library.asked == 4


def test_a_registry_that_answers_nonsense_fails_the_pull_and_is_not_asked_for_ever(rig: Rig) -> None:
    rig.library.errors = [TypeError("'NoneType' object is not iterable")]
    assert rig.done("a")["why"] == "error"
    assert rig.library.asked == 1


def test_a_dry_run_changes_nothing(rig: Rig) -> None:
    pull = rig.done("a", dry_run=True)
    assert (pull["state"], pull["digest"]) == ("planned", digest("a"))
    assert rig.store.pulls == []
    with rig.db.transaction() as session:
        assert session.get(RegistryImage, digest("a")) is None


def test_a_host_has_no_more_pulls_at_once_than_it_may(make: Callable[..., Rig]) -> None:
    rig = make(image_pulls=2)
    rig.store.gate = Event()
    pulls = [rig.pull(tag, activate=False) for tag in "abcd"]
    eventually(lambda: len(rig.store.pulls) == 2, "two to begin")
    eventually(lambda: all(rig.get(pull)["state"] == "pulling" for pull in pulls), "all to be wanted")
    assert rig.store.at_once == 2
    rig.store.gate.set()
    assert [rig.ended(pull)["state"] for pull in pulls] == ["ready"] * 4
    assert rig.store.most_at_once == 2


def test_the_switch_waits_for_the_other_hosts(rig: Rig) -> None:
    rig.other_host()
    pull_id = rig.pull("a")
    eventually(lambda: any(host["state"] == "ready" for host in rig.get(pull_id)["hosts"]), "this host to be ready")
    assert {host["host"]: host["state"] for host in rig.get(pull_id)["hosts"]}["there"] == "waiting"
    assert rig.get(pull_id)["state"] == "pulling"
    rig.on_other_host("a", "ready")
    rig.now += driving.WARM
    assert rig.ended(pull_id)["state"] == "active" or rig.get(pull_id)["state"] == "active"


def test_hosts_of_which_some_fail_are_partial(rig: Rig) -> None:
    rig.other_host()
    pull_id = rig.pull("a")
    eventually(lambda: any(host["state"] == "ready" for host in rig.get(pull_id)["hosts"]), "this host to be ready")
    rig.on_other_host("a", "failed", "disk")
    assert (rig.ended(pull_id)["state"], rig.get(pull_id)["why"]) == ("failed", "partial")
    assert rig.catalogue.active("default") is None


def test_the_pool_is_filled_before_the_switch(rig: Rig) -> None:
    seen: list[Any] = []
    rig.engine.prepare = lambda image, timeout_s: (
        seen.append((image.engine_id, rig.catalogue.active("default"))) or True
    )  # type: ignore[method-assign, func-returns-value]
    assert rig.done("a")["state"] == "active"
    assert seen == [(ENGINE_ID, None)]
    rig.done("b", alias="course")
    assert len(seen) == 1  # which has no pool


def test_of_two_switches_at_once_the_second_is_told(rig: Rig) -> None:
    rig.done("b", activate=False)
    gate = Event()
    rig.engine.prepare = lambda image, timeout_s: gate.wait()  # type: ignore[method-assign]
    slow = rig.pull("a")
    eventually(lambda: rig.get(slow)["state"] == "warming", "it to wait for the pool")
    with rig.db.transaction() as session:
        before = image_moves.alias_of(session, "default")
        assert before is not None
        image_moves.switch(session, before, before.switched(digest("b")), rig.now, ROOT.id)
    gate.set()
    assert (rig.ended(slow)["state"], rig.get(slow)["why"]) == ("failed", "superseded")
    assert rig.alias() == (digest("b"), "")


def test_a_rollback_is_at_once_and_can_be_undone(rig: Rig) -> None:
    rig.done("a")
    rig.done("b")
    assert rig.images.rollback(ROOT, "default")["digest"] == digest("a")
    image = rig.catalogue.active("default")
    assert image is not None
    assert image.digest == digest("a")
    assert rig.images.rollback(ROOT, "default")["digest"] == digest("b")


def test_a_rollback_from_the_first_image_goes_to_what_was_built(rig: Rig) -> None:
    rig.done("a")
    assert rig.images.rollback(ROOT, "default")["digest"] == ""
    assert rig.catalogue.active("default") is None
    with pytest.raises(NotFound):
        rig.images.rollback(ROOT, "nowhere")


def test_a_host_that_lacks_the_active_image_takes_no_runs_on_it(rig: Rig) -> None:
    rig.done("a")
    with rig.db.transaction() as session:
        assert image_moves.lacking(session, "here") == frozenset()
        assert image_moves.lacking(session, "elsewhere") == {"default"}
    with pytest.raises(ImageError):
        ActiveImages(rig.db, "elsewhere").active("default")


def test_an_image_that_somebody_removed_comes_back(rig: Rig) -> None:
    rig.done("a")
    rig.store.has.clear()
    rig.now += timedelta(seconds=1)
    rig.images.verify(ROOT)
    eventually(lambda: len(rig.store.pulls) == 2 and rig.row("a").state == "ready", "it to come back")


def test_a_pull_that_a_crash_broke_off_is_taken_up(make: Callable[..., Rig], tmp_path: Path) -> None:
    rig = make()
    rig.store.gate = Event()
    pull_id = rig.pull("a")
    eventually(lambda: rig.store.pulls, "the pull to begin")
    rig.agent.close()
    again = Rig(tmp_path)
    again.now = rig.now
    again.agent.start()
    assert again.ended(pull_id)["state"] == "active"
    again.agent.close()


def test_a_prune_spares_what_is_needed(rig: Rig) -> None:
    for tag in "abcde":
        rig.done(tag)
    decided = {item["digest"][7]: item["kept"] for item in rig.images.prune(ROOT, keep=1, dry_run=True)}
    assert decided == {"a": None, "b": None, "c": "recent", "d": "previous of default", "e": "active: default"}
    assert len(rig.store.has) == 5
    rig.images.prune(ROOT, keep=1, dry_run=False)
    eventually(lambda: rig.store.has == {digest(tag) for tag in "cde"}, "the others to go")
    assert {item["digest"][7] for item in rig.images.images(ROOT) if item["digest"]} == {"c", "d", "e"}


def test_an_image_is_not_pulled_while_it_is_being_removed(rig: Rig) -> None:
    rig.done("a", activate=False)
    rig.store.removal = Event()
    rig.images.prune(ROOT, keep=0, dry_run=False)
    pull_id = rig.pull("a", activate=False)
    eventually(lambda: rig.get(pull_id)["state"] == "pulling", "it to be wanted again")
    rig.done("b", activate=False)  # so the agent has looked since
    assert rig.store.pulls == [digest("a"), digest("b")]
    rig.store.removal.set()
    assert rig.ended(pull_id)["state"] == "ready"
    assert rig.store.has == {digest("a"), digest("b")}
    assert rig.store.pulls.count(digest("a")) == 2


def test_a_sandbox_that_is_being_made_when_the_agent_closes_is_not_left_behind(rig: Rig) -> None:
    opening, may_go_on, open_ = Event(), Event(), rig.engine.open

    def slow(spec: SandboxSpec) -> Sandbox:
        opening.set()
        may_go_on.wait()
        return open_(spec)

    rig.engine.open = slow  # type: ignore[method-assign]
    rig.pull("a")
    opening.wait()
    closing = gevent.spawn(rig.agent.close)
    gevent.sleep(0)  # so that it has broken the pull off
    may_go_on.set()
    closing.join()
    (sandbox,) = rig.engine.opened
    assert sandbox.destroyed
    assert not rig.engine.live
    assert sandbox.files == {}  # nothing was tried on it any more


def test_an_image_in_use_stays_until_it_is_free(rig: Rig) -> None:
    for tag in "abc":
        rig.done(tag)
    rig.store.used = True
    rig.images.prune(ROOT, keep=0, dry_run=False)
    eventually(lambda: rig.row("a").message, "the attempt")
    assert digest("a") in rig.store.has
    rig.store.used = False
    rig.now += timedelta(minutes=2)
    eventually(lambda: digest("a") not in rig.store.has, "it to go")


def test_a_removal_that_is_stuck_holds_up_nothing_else(rig: Rig) -> None:
    for tag in "abcd":
        rig.done(tag)
    rig.store.stuck = {digest("a")}
    rig.images.prune(ROOT, keep=0, dry_run=False)
    eventually(lambda: digest("b") not in rig.store.has, "the other prune")
    assert digest("a") in rig.store.has
    assert rig.done("e")["state"] == "active"


def test_no_transaction_is_held_while_a_registry_or_an_engine_is_waited_for(rig: Rig) -> None:
    rig.store.gate = Event()
    pull_id = rig.pull("a")
    eventually(lambda: rig.store.pulls, "the pull to begin")
    with gevent.Timeout(5):
        assert rig.get(pull_id)["state"] == "pulling"
        assert rig.images.images(ROOT)
    rig.store.gate.set()
    assert rig.ended(pull_id)["state"] == "active"


def test_a_pull_whose_host_is_lost_is_driven_by_another(rig: Rig) -> None:
    pull_id = rig.pull("a")
    with rig.db.transaction() as session:
        session.get_one(ImagePull, pull_id).driver = "gone"
    assert rig.ended(pull_id)["state"] == "active"


def test_a_pruned_image_that_is_asked_for_again_is_not_taken_for_ready(rig: Rig) -> None:
    for tag in "abc":
        rig.done(tag)
    rig.store.used = True  # its names go, and a container keeps the rest of it
    rig.images.prune(ROOT, keep=0, dry_run=False)
    eventually(lambda: rig.row("a").message, "the attempt to remove it")
    rig.store.has.discard(digest("a"))
    rig.store.gate = Event()
    pull_id = rig.pull("a")
    eventually(lambda: rig.store.pulls.count(digest("a")) == 2, "it to be pulled again")
    assert rig.get(pull_id)["state"] == "pulling"
    rig.store.gate.set()
    assert rig.ended(pull_id)["state"] == "active"
