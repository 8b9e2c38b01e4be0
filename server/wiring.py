"""The composition root: the one file that names implementations."""

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from server.db.session import Database
from server.dispatch.local import LocalDispatcher
from server.domain.errors import Conflict
from server.domain.ports import ArtifactStore, Engine, LogStore
from server.domain.quota import choose_limits
from server.engine.docker_engine import DockerEngine
from server.engine.images.ecr import Ecr
from server.engine.images.registry import Access, OciRegistry
from server.engine.images.store import DockerImages
from server.engine.warm import PoolSettings, WarmEngine
from server.services.accounts import Accounts
from server.services.board import Board
from server.services.datasets import Datasets
from server.services.history import History
from server.services.images import ActiveImages, Images
from server.services.keys import ApiKeys
from server.services.notices import Notices
from server.services.operators import Operators
from server.services.previews import Previews
from server.services.projects import Projects
from server.services.records import Records
from server.services.runs import Runs
from server.services.secrets import Secrets
from server.services.shares import Shares
from server.services.templates import Templates
from server.services.trail import Trail
from server.services.uploads import Uploads
from server.settings import MIN_SECRET, Settings
from server.stores.artifacts_local import LocalArtifactStore
from server.stores.logs_file import FileLogStore
from server.tracing import Tracing, tracing
from server.web.events import EventHub
from server.worker.execute import Tools
from server.worker.executor import Executor
from server.worker.expiry import Expiry
from server.worker.images import ImageAgent, ImageTools
from server.worker.pulls import PullDriver
from server.worker.smoke import Smoke
from server.worker.sweep import Sweeper

ROOT = Path(__file__).resolve().parent.parent
SMOKE = ROOT / "templates" / "pytorch-mlp" / "main.py"  # what a new image must be able to do


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the web and the workers are given; nothing looks anything up elsewhere."""

    settings: Settings
    clock: Callable[[], datetime]
    db: Database
    engine: Engine
    logs: LogStore
    artifacts: ArtifactStore
    events: EventHub
    dispatcher: LocalDispatcher
    executor: Executor
    sweeper: Sweeper
    expiry: Expiry
    accounts: Accounts
    keys: ApiKeys
    secrets: Secrets
    runs: Runs
    history: History
    records: Records
    shares: Shares
    projects: Projects
    datasets: Datasets
    uploads: Uploads
    previews: Previews
    templates: Templates
    operators: Operators
    tracing: Tracing
    images: Images
    image_agent: ImageAgent
    trail: Trail
    board: Board
    notices: Notices


def build(settings: Settings, *, engine: Engine | None = None, clock: Callable[[], datetime] = utc_now) -> Services:
    """Wires one process. Nothing is started and no thread or greenlet is made; `engine` takes the place of Docker's."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    db = Database(settings.database)
    logs = FileLogStore(settings.data_dir / "logs")
    artifacts = LocalArtifactStore(settings.artifact_dir)
    host = settings.this_host
    sandboxes = engine or DockerEngine(settings, settings.data_dir / "sandboxes", ActiveImages(db, host))
    engine = sandboxes
    if settings.warm_pool_size:
        engine = WarmEngine(engine, _pool(settings), lambda: executor.is_pressed())  # noqa: PLW0108  # made of it below
    events = EventHub()
    datasets = Datasets(db, settings, clock)
    uploads = Uploads(db, settings, clock, datasets)
    key = signing_key(settings)
    vault = Secrets(db, settings, clock, key)
    traces = tracing(settings.otlp_endpoint, version("byteme"))
    tools = Tools(settings, db, engine, logs, artifacts, events, datasets, vault, clock, traces, worker=host)
    executor = Executor(tools)
    dispatcher = LocalDispatcher(executor, slots=settings.run_slots)
    expiry = Expiry(settings, db, logs, artifacts, uploads, clock)
    sweeper = Sweeper(settings, db, engine, executor, expiry, clock, dispatcher.wake)
    projects = Projects(db, clock)
    templates = Templates(ROOT / "templates")
    keys = ApiKeys(db, settings, clock)
    accounts = Accounts(db, settings, clock, key, keys)
    runs = Runs(
        db, settings, clock, dispatcher, logs, artifacts, events, projects, datasets, vault,
        lambda: int(engine.check().get("gpus", 0)),
    )  # fmt: skip
    agent = image_agent(settings, db, engine, sandboxes, clock)
    images = Images(db, settings, clock, engine, agent.wake)
    history, shares = History(db, clock, runs), Shares(db, clock)
    records = Records(db, clock, engine, runs, projects, datasets)
    operators = Operators(db, settings, clock, engine, host)
    board, notices = Board(db, settings, clock), Notices(db, clock, dispatcher)
    return Services(
        settings, clock, db, engine, logs, artifacts, events, dispatcher, executor, sweeper, expiry, accounts, keys,
        vault, runs, history, records, shares, projects, datasets, uploads, Previews(datasets), templates, operators,
        traces, images, agent, Trail(db), board, notices,
    )  # fmt: skip


def image_agent(
    settings: Settings, db: Database, engine: Engine, sandboxes: Engine, clock: Callable[[], datetime]
) -> ImageAgent:
    """This host's agent for images; `sandboxes` is the engine without its pool, on which new images are tried out."""
    ecr = Ecr()
    access = Access(settings, ecr)
    store = DockerImages(settings, access)
    registry = OciRegistry(settings, access, ecr, store.platform)
    smoke = Smoke(sandboxes, SMOKE.read_text(), choose_limits({}, settings.quota))
    tools = ImageTools(settings, db, clock, engine, store, smoke, settings.this_host)
    return ImageAgent(tools, PullDriver(db, clock, registry, engine))


def _pool(settings: Settings) -> PoolSettings:
    return PoolSettings(
        settings.warm_pool_size, settings.warm_memory_mb, settings.warm_min_free_memory_mb, settings.warm_max_age_s,
        settings.quota.disk_mb, choose_limits({}, settings.quota),
    )  # fmt: skip


def signing_key(settings: Settings) -> str:
    """The key that signs tokens, and that the one for secrets is derived from: the setting, or one made once and kept,
    readable by us alone, in the data folder."""
    if settings.secret_key:
        return settings.secret_key.get_secret_value()
    path = settings.data_dir / "secret_key"
    if not path.exists():
        _write_secret(path, secrets.token_hex(32))
    key = path.read_text().strip()
    if len(key) < MIN_SECRET:
        raise Conflict(f"{path} holds no key: put back what was in it, or delete it, which signs everybody out.")
    return key


def _write_secret(path: Path, secret: str) -> None:
    """All of it or nothing, whatever happens meanwhile, and readable by us alone."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    with part.open("w") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
