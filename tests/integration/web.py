"""What the tests of the REST side hold on to: a platform whose worker they play themselves, and its tenants."""

import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from server.app import create_app
from server.db import image_moves, moves
from server.db.image_models import ImagePull
from server.db.migrate import upgrade
from server.db.models import Artifact, User
from server.domain.errors import EngineError, ImageError
from server.domain.ids import make_id
from server.domain.image import Alias, Examined, HostState, Manifest, PullState, Reference
from server.domain.image import Platform as ImagePlatform
from server.domain.policy import Role
from server.domain.ports import Chunk, Image, Stream
from server.domain.run import Ending, State
from server.settings import Settings
from server.wiring import build

PASSWORD = "correct horse battery staple"
API = "/api/v1"


class Clock:
    """Time stands still unless the test moves it."""

    def __init__(self):
        self.now = datetime.now(UTC)

    def __call__(self):
        return self.now

    def advance(self, seconds):
        self.now += timedelta(seconds=seconds)


class Engine:
    """An engine that answers questions; no run is executed in these tests."""

    def __init__(self):
        self.up = True
        self.gpus = 0
        self.image = Image("default", "byteme/sandbox:latest", "sha256:" + "a" * 64)

    def check(self):
        if not self.up:
            raise EngineError("The container engine does not answer.")
        return {"name": "host-1", "version": "20.10", "gpus": self.gpus}

    def resolve(self, alias):
        if self.image is None:
            raise ImageError
        return self.image

    def refresh(self):
        pass

    def find(self):
        return []

    def close(self):
        pass


class Tenant:
    """An account that is signed in, and its requests."""

    def __init__(self, platform, email, role=Role.USER):
        self.platform = platform
        self.email = email
        self.id = platform.services.accounts.create(email, PASSWORD, role)["id"]
        self.sign_in()

    def sign_in(self):
        tokens = self.platform.services.accounts.login(self.email, PASSWORD)
        self.access, self.refresh = tokens["access_token"], tokens["refresh_token"]

    @property
    def actor(self):
        return self.platform.services.accounts.authenticate(self.access)[0]

    def call(self, method, path, **options):
        headers = {"Authorization": f"Bearer {self.access}", **options.pop("headers", {})}
        return self.platform.http.open(API + path, method=method, headers=headers, **options)

    def get(self, path, **options):
        return self.call("GET", path, **options)

    def post(self, path, json=None, **options):
        return self.call("POST", path, json=json, **options)

    def submit(self, **request):
        self.platform.clock.advance(0.001)  # ids sort by milliseconds
        response = self.post("/runs", {"files": {"main.py": "print(1)"}, **request})
        assert response.status_code == 201, response.text
        return response.json["id"]

    def ticket(self, path):
        response = self.post("/tickets", {"path": API + path})
        assert response.status_code == 201, response.text
        return response.json["url"]


class Platform:
    """The whole server but for its workers; `end` and the like play those."""

    def __init__(self, folder, **settings):
        self.clock = Clock()
        self.engine = Engine()
        self.settings = Settings(data_dir=folder / "data", **{"rate_limits": "off", "warm_pool_size": 0, **settings})
        self.services = build(self.settings, engine=self.engine, clock=self.clock)
        upgrade(self.services.db)
        self.app, self.socketio = create_app(self.services, dist=folder / "dist")
        self.http = self.app.test_client()

    def tenant(self, email=None, role=Role.USER):
        return Tenant(self, email or f"{uuid.uuid4().hex}@example.org", role)

    def image_on_hosts(self, digest, alias=None, host=None, examined=None):
        """An image that was pulled, as the host's agent would have left it, and what the alias means; the pull's id."""
        now, host = self.clock(), host or self.settings.this_host
        pull_id = make_id(int(now.timestamp() * 1000))
        with self.services.db.transaction() as session:
            image_moves.beat(session, host, now, slots=1, facts={}, free_bytes=1 << 40)
            pull = ImagePull(
                id=pull_id, ref="team/sandbox:1", alias=alias or "", activate=True, dry_run=False, quorum=100, policy={},
                deadline_s=60, actor_id="", driver=host, state=PullState.ACTIVE, message="", digest=digest, checks=[],
                created_at=now, changed_at=now,
            )  # fmt: skip
            reference = Reference("registry.example:5000", "team/sandbox", "1", digest)
            platform = ImagePlatform("linux", "amd64")
            manifest = Manifest(reference, digest, digest, "sha256:" + "c" * 64, {"sha256:" + "1" * 64: 7}, platform)
            session.add(pull)
            image_moves.want(session, manifest, examined or Examined(["size: 0.0 MiB compressed"]), pull, now)
            image_moves.note(
                session, host, digest, now, state=HostState.READY, engine_id="sha256:" + "c" * 64, verified_at=now,
                ref=f"byteme.local/team/sandbox:sha-{digest[7:19]}",
            )  # fmt: skip
            if alias is not None and (before := image_moves.alias_of(session, alias)) is None:
                image_moves.switch(session, None, Alias(alias, "sha256:" + "e" * 64, digest), now, "")
            elif alias is not None:
                image_moves.switch(session, before, before.switched(digest), now, "")
        return pull_id

    def set_quota(self, tenant, **quota):
        with self.services.db.transaction() as session:
            session.get_one(User, tenant.id).quota = quota

    def begin(self, run_id):
        """Claims until this run is running."""
        lease = None
        while lease is None or lease.run_id != run_id:
            with self.services.db.transaction() as session:
                lease = moves.claim(session, "worker", self.clock(), 30, self.settings.quota)
        with self.services.db.transaction() as session:
            moves.move(session, lease, State.RUNNING, self.clock(), started_at=self.clock())
        return lease

    def say(self, run_id, data, stream=Stream.STDOUT):
        self.services.logs.append(run_id, [Chunk(stream, data)])

    def end(self, lease, state=State.SUCCEEDED, **values):
        with self.services.db.transaction() as session:
            moves.move(session, lease, State.COLLECTING, self.clock())
            moves.finish(session, lease, Ending(state, "Finished.", exit_code=0), self.clock(), **values)

    def ended_run(self, tenant, output=b"", artifacts=None):
        """A run that has ended, with what it wrote and left."""
        run_id = tenant.submit()
        lease = self.begin(run_id)
        if output:
            self.say(run_id, output)
        for number, (path, (data, media_type)) in enumerate((artifacts or {}).items()):
            self._leave(run_id, number, path, data, media_type)
        self.end(lease, output_bytes=len(output), artifact_count=len(artifacts or {}))
        self.services.logs.seal(run_id)
        return run_id

    def close(self):
        self.services.db.close()

    def _leave(self, run_id, number, path, data, media_type):
        key = f"{run_id}/{number}"
        stored = self.services.artifacts.put(key, iter([data]))
        assert stored.sha256 == hashlib.sha256(data).hexdigest()
        row = Artifact(
            id=make_id(number), run_id=run_id, path=path, bytes=stored.bytes, sha256=stored.sha256,
            media_type=media_type, store_key=key, created_at=self.clock(),
        )  # fmt: skip
        with self.services.db.transaction() as session:
            session.add(row)


def encoded(path):
    return quote(path, safe="")
