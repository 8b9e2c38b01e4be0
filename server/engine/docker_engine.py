"""The Engine over Docker's API. The only room that imports docker."""

import json
import logging
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker
import gevent
import requests
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from gevent.lock import BoundedSemaphore

from server.domain.errors import EngineAway, EngineError, ImageError
from server.domain.gpus import NO_GPUS, Gpus, gpus_of
from server.domain.image import DEFAULT_ALIAS, PROTOCOL
from server.domain.ports import Catalogue, Image, Sandbox, SandboxSpec
from server.domain.quota import choose_limits
from server.domain.run import Limits
from server.engine import cgroup, convert
from server.engine.convert import LABEL, Host, Mounted, create_arguments, host_arguments, shm_mb
from server.engine.docker_sandbox import DockerSandbox, Origin
from server.engine.egress import Egress
from server.engine.gpus import GpuPool
from server.engine.leftovers import Leftover, Leftovers
from server.engine.measured import MeasuredClient
from server.engine.mounts import Size, Storage
from server.engine.uids import UidPool
from server.settings import Settings
from server.turns import beside_the_loop

log = logging.getLogger(__name__)

CALL_S = 60  # no call may last longer
STARTS_AT_ONCE = 4  # more make each slower
_ENDED = ("exited", "dead")
_SECCOMP = Path(__file__).resolve().parents[2] / "sandbox-image" / "seccomp.json"


class DockerEngine:
    """Sandboxes on the Docker engine of this host; `state_dir` is where their storage is mounted, and `catalogue` knows
    the images of a registry."""

    def __init__(self, settings: Settings, state_dir: Path, catalogue: Catalogue | None = None) -> None:
        self._settings, self._catalogue = settings, catalogue
        self.owner = str(settings.data_dir.resolve())
        self.storage = Storage(state_dir, settings.storage)
        self.uids = UidPool(*settings.sandbox_uids)
        self.leftovers = Leftovers(self._is_removed)
        self.gpus = GpuPool(self._gpus)
        self._starts = BoundedSemaphore(STARTS_AT_ONCE)
        self._seccomp = json.dumps(json.loads(_SECCOMP.read_text()))
        self._client: docker.APIClient | None = None
        self._group: str | None = None  # None: not known yet
        self._life = secrets.token_hex(8)
        self.egress = Egress(settings, state_dir.parent / "egress", self.owner, lambda: self.api, translated)
        self.waiting_limits = choose_limits({}, settings.quota)

    @property
    def log_source(self) -> str:
        return self._settings.log_source

    @property
    def api(self) -> docker.APIClient:
        """The SDK's low-level client: the high-level one inspects every container that it lists."""
        if self._client is None:
            self._client = MeasuredClient(
                base_url=self._settings.docker_host, timeout=CALL_S, max_pool_size=256, version="1.41"
            )
        return self._client

    def open(self, spec: SandboxSpec) -> Sandbox:
        uid = self.uids.take()
        try:
            gpus = self.gpus.take(spec.name, spec.limits.gpus)
            mounted = self._made(spec, uid)
            self.storage.give(spec.name, spec.data)
            sink = "file" if self.log_source == "file" else "stdout"
            runtime = self._settings.sandbox_runtime
            with translated(), self._starts:
                host = Host(
                    self.owner, self._life, runtime, uid, self._seccomp, sink, mounted,
                    group=self._group_of_all(), gpus=gpus,
                )  # fmt: skip
                return self._started(spec, host)
        except BaseException as error:
            self._discard(Leftover(spec.name, spec.name, uid), may_exist=isinstance(error, EngineError))
            raise

    def start(self) -> None:
        """The proxy is made ready, where there is to be one."""
        self.egress.start()

    def find(self, *, lost: bool = False) -> list[Sandbox]:
        listed, left = self._listed(), self.leftovers.storages()
        found: list[Sandbox] = [self._found(item) for name, item in listed.items() if name not in left]
        return found + [self._lost(name) for name in self._with_job() - set(listed) - left] if lost else found

    def resolve(self, alias: str | None) -> Image:
        if self._catalogue and (image := self._catalogue.active(alias or DEFAULT_ALIAS)):
            return image
        if alias not in {None, DEFAULT_ALIAS}:
            raise ImageError(f"There is no image {alias!r} on this server.")
        ref = self._settings.sandbox_image
        try:
            with translated():
                found = self.api.inspect_image(ref)
        except ImageError:
            raise ImageError(f"The sandbox image {ref} is not on this host; `make image` builds it.") from None
        if (found["Config"].get("Labels") or {}).get("byteme.protocol") != PROTOCOL:
            raise ImageError(f"The image {ref} is not a sandbox image of this version.")
        return Image(DEFAULT_ALIAS, ref, found["Id"])

    def prepare(self, image: Image, timeout_s: float) -> bool:
        """There is nothing to make ready: each run has its sandbox made."""
        return True

    def refresh(self) -> None:
        pass  # what an alias means is looked up each time

    def check(self) -> dict[str, Any]:
        with translated():
            info = self.api.info()
        runtimes = sorted(info["Runtimes"])
        if self._settings.sandbox_runtime not in runtimes:
            raise EngineError(
                f"The engine has no runtime {self._settings.sandbox_runtime} (it has {', '.join(runtimes)})."
            )
        return {
            "version": info["ServerVersion"],
            "storage_driver": info["Driver"],
            "cgroup_version": info.get("CgroupVersion", "1"),
            "runtime": self._settings.sandbox_runtime,
            "runtimes": runtimes,
            "cpus": info["NCPU"],
            "memory_bytes": info["MemTotal"],
            "storage": self.storage.kind,
            "egress": self.egress.check(),
            "gpus": len(self._gpus_of(info).ids),
        }

    def sweep(self) -> list[str]:
        """Removes storage whose container is gone and was never given its job; the names of what was removed. Not while
        a sandbox is opened: its storage is there before its container."""
        used = set(self._listed()) | self.leftovers.storages() | self._with_job()
        strays = [name for name in self.storage.names() if name not in used]
        for name in strays:
            self.storage.remove(name)
        return strays

    def close(self) -> None:
        self.egress.close()
        if self._client is not None:
            self._client.close()

    def limit(self, container_id: str, limits: Limits) -> None:
        """Gives a container other limits, at once. Raises EngineError when they can't be."""
        runtime = self._settings.sandbox_runtime
        try:
            limited = cgroup.limit(
                container_id, limits.memory_mb << 20, limits.cpus, convert.pids_limit(limits, runtime)
            )
        except OSError as error:
            raise EngineError(f"A sandbox could not be given its run's limits: {error.strerror}") from error
        if not limited:
            self._tell_limits(container_id, limits)

    def name(self, container_id: str, spec: SandboxSpec) -> None:
        """Tells the engine what the kernel has been told already: for whoever looks at containers. Never raises."""
        try:
            with translated():
                self.api.rename(container_id, spec.name)
            if spec.limits != self.waiting_limits:
                self._tell_limits(container_id, spec.limits)
        except EngineError as error:  # it has ended, or its runtime knows no update (gVisor)
            log.debug("the engine was not told whose a sandbox is: %s", error.message)

    def free(self, leftover: Leftover) -> None:
        """Of a container that is gone: its storage is removed, its uid another's."""
        gevent.get_hub().threadpool.apply(self.storage.remove, (leftover.storage,))
        self.uids.give_back(leftover.uid)
        self.gpus.give_back(leftover.storage)

    def _gpus(self) -> Gpus:
        with translated():
            return self._gpus_of(self.api.info())

    def _gpus_of(self, info: Mapping[str, Any]) -> Gpus:
        """None under gVisor, which has a way of its own to GPUs that nobody has tried here."""
        return gpus_of(info, os.listdir("/dev")) if self._settings.sandbox_runtime == "runc" else NO_GPUS

    def _tell_limits(self, container_id: str, limits: Limits) -> None:
        body = convert.update_arguments(limits, self._settings.sandbox_runtime)
        with translated():
            self.api._raise_for_status(
                self.api._post_json(self.api._url("/containers/{0}/update", container_id), data=body)
            )

    def _size(self, spec: SandboxSpec) -> Size:
        capacity = 0 if spec.run_id else self._settings.quota.disk_mb
        return Size(spec.limits.disk_mb, shm_mb(spec.limits), capacity)

    def _made(self, spec: SandboxSpec, uid: int) -> Mounted:
        """Its storage, made beside the event loop: mounting takes milliseconds, and many where disks are flooded."""
        size = self._size(spec)
        self.storage.prepare(size)  # here: it may start a process, which a native thread can't under gevent
        arguments = (self.storage.make, spec.name, uid, size)
        made = beside_the_loop(_tried, *arguments)
        if isinstance(made, EngineError):
            raise made
        return made

    def _started(self, spec: SandboxSpec, host: Host) -> DockerSandbox:
        container_id = self._create(spec, host)
        origin = Origin(host.uid, spec.run_id, spec.attempt, warm=not spec.run_id, egress=spec.egress)
        sandbox = DockerSandbox(self, container_id, spec.name, origin)
        try:
            sandbox.connect()
            self.api.start(container_id)
        except BaseException:
            sandbox.let_go()  # who asked for it removes it
            raise
        sandbox.watch()
        return sandbox

    def _group_of_all(self) -> str:
        """The group that sandboxes are put into, all together; empty where they are not: by the systemd driver each is
        beside the host's services, with a share of its own."""
        if self._group is None:
            priority = self._settings.sandbox_cpu
            may_be = priority in cgroup.GROUPS and self.api.info().get("CgroupDriver") == "cgroupfs"
            self._group = cgroup.make_group(priority) if may_be else ""
        return self._group

    def _create(self, spec: SandboxSpec, host: Host) -> str:
        config = self.api.create_host_config(**host_arguments(spec, host))
        arguments = create_arguments(spec, host)
        try:
            return str(self.api.create_container(host_config=config, **arguments)["Id"])
        except APIError as error:
            if error.status_code != requests.codes.conflict:
                raise
            self.api.remove_container(spec.name, force=True, v=True)  # of a create whose answer never came
            return str(self.api.create_container(host_config=config, **arguments)["Id"])

    def _listed(self) -> dict[str, Mapping[str, Any]]:
        """Our containers as the engine lists them, by the names of their storage."""
        with translated():
            listed = self.api.containers(all=True, filters={"label": f"{LABEL}.owner={self.owner}"})
        return {item["Labels"][f"{LABEL}.storage"]: item for item in listed if not _is_going(item)}

    def _with_job(self) -> set[str]:
        """The storage of sandboxes that were given their job."""
        return {name for name in self.storage.names() if self.storage.recorded(name).get("started_s")}

    def _lost(self, name: str) -> DockerSandbox:
        """One whose container is gone; nothing of the engine's has the name that stands for its id."""
        origin = Origin(**self.storage.recorded(name))
        self.uids.claim(origin.uid)
        return DockerSandbox(self, name, name, origin, has_ended=True)

    def _found(self, item: Mapping[str, Any]) -> DockerSandbox:
        labels = item["Labels"]
        name = labels[f"{LABEL}.storage"]
        origin = Origin(
            int(labels[f"{LABEL}.uid"]), labels[f"{LABEL}.run"], int(labels[f"{LABEL}.attempt"]),
            warm=not labels[f"{LABEL}.run"], egress=tuple(labels.get(f"{LABEL}.egress", "").split()),
        )  # fmt: skip
        origin = replace(origin, **self.storage.recorded(name))
        sandbox = DockerSandbox(self, item["Id"], name, origin, has_ended=item["State"] in _ENDED)
        if labels.get(f"{LABEL}.life") != self._life:  # ours are in the pool already, or given back by now
            self.uids.claim(sandbox.uid)
            self.gpus.claim(name, tuple(labels.get(f"{LABEL}.gpus", "").split()))
        return sandbox

    def _discard(self, leftover: Leftover, *, may_exist: bool) -> None:
        """After an open that failed. An engine whose answer did not come may have made the container all the same."""
        if may_exist and not self._is_removed(leftover):
            self.leftovers.add(leftover)
        elif not may_exist:
            self.free(leftover)

    def _is_removed(self, leftover: Leftover) -> bool:
        """Removes a container, then frees what it had; False while the engine does not do so."""
        try:
            self.api.remove_container(leftover.container, force=True, v=True)
        except NotFound:
            pass
        except (APIError, DockerException, requests.RequestException, OSError):
            return False
        self.free(leftover)
        return True


def _tried(make: Callable[..., Mounted], *arguments: object) -> Mounted | EngineError:
    """What it makes, or why not: gevent would print what a native thread raises."""
    try:
        return make(*arguments)
    except EngineError as error:
        return error


def _is_going(item: Mapping[str, Any]) -> bool:
    """Is the engine removing it, or did it so and forget to take it off its list."""
    return bool(item["State"] == "removing")


@contextmanager
def translated() -> Iterator[None]:
    """The SDK's and its transport's errors as ours."""
    try:
        yield
    except ImageNotFound as error:
        raise ImageError("The sandbox image is not on this host.") from error
    except APIError as error:
        if isinstance(error, NotFound) and "No such image" in str(error):
            raise ImageError("The sandbox image is not on this host.") from error
        raise EngineError(f"The container engine failed: {str(error)[:300]}") from error
    except (DockerException, requests.RequestException, OSError) as error:
        raise EngineAway(f"The container engine does not answer: {str(error)[:300]}") from error
