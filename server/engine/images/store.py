"""The ImageStore over Docker: pulls by digest, with the engine's events; verifies, names, removes.

The SDK's high-level pull is of no use: it passes over errors that come in the stream, and then gives what an old tag
still names. Every call has a deadline: an engine that is stuck with one container may never answer a removal.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import docker
import requests
from docker.errors import APIError, DockerException, ImageNotFound, NotFound

from server.domain.errors import PullFailed
from server.domain.image import PROTOCOL, Manifest, Platform, Progress, Why, local_tag
from server.domain.ports import LocalImage
from server.engine.images.http import Credentials
from server.engine.images.registry import Access, within
from server.settings import Settings

CALL_S = 30.0
REMOVE_S = 60.0
STALL_S = 120.0  # between two events of a pull
_REFUSED = ("unauthorized", "no basic auth credentials", "authentication required", "access denied", "denied:")
_AWAY = (
    "dial tcp", "connection refused", "connection reset", "no such host", "timeout", "eof", "broken pipe",
    "server misbehaving", "bad gateway", "service unavailable", "too many requests", "tls:",
)  # fmt: skip
_CORRUPT = ("verification failed", "checksum", "gzip: invalid", "archive/tar", "invalid digest", "unexpected size")
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


class DockerImages:
    """The images of the engine at `BYTEME_DOCKER_HOST`."""

    def __init__(self, settings: Settings, access: Access) -> None:
        self._url, self._access = settings.docker_host, access
        self._facts: Mapping[str, Any] = {}

    def platform(self) -> Platform:
        facts = self._info()
        machine = str(facts["Architecture"])
        return Platform(str(facts["OSType"]), _MACHINES.get(machine, machine))

    def free_bytes(self) -> int | None:
        root = Path(self._info()["DockerRootDir"])
        return shutil.disk_usage(root).free if root.is_dir() else None

    def pull(self, manifest: Manifest, told: Callable[[float], None], deadline_s: float) -> None:
        with within(deadline_s, "The pull"):
            self._access.once_more(manifest.reference.host, lambda login: self._pull(manifest, told, login))

    def verify(self, manifest: Manifest) -> LocalImage:
        with within(CALL_S, "Verifying the image"), self._api() as api, translated():
            found = api.inspect_image(_by_digest(manifest))
            if found["Id"] not in {manifest.config_digest, manifest.digest}:
                raise PullFailed(
                    Why.DIGEST, f"The engine has {found['Id'][:19]}, which is not what the manifest names."
                )
            if (found["Config"].get("Labels") or {}).get("byteme.protocol") != PROTOCOL:
                raise PullFailed(Why.POLICY, "It is not a sandbox image of this version.")
            repository, tag = local_tag(manifest.reference.repository, manifest.digest)
            api.tag(found["Id"], repository, tag, force=True)
            return LocalImage(found["Id"], f"{repository}:{tag}")

    def remove(self, manifest: Manifest) -> bool:
        names = (_by_digest(manifest), ":".join(local_tag(manifest.reference.repository, manifest.digest)))
        with within(REMOVE_S, "Removing the image"), self._api(REMOVE_S) as api:
            gone = [_removed(api, name) for name in names]
        return all(gone)

    def _pull(self, manifest: Manifest, told: Callable[[float], None], login: Credentials | None) -> None:
        progress, reference = Progress(manifest.layers), manifest.reference
        auth = {"username": login[0], "password": login[1]} if login else {}
        with self._api(STALL_S) as api, translated():
            events = api.pull(
                f"{reference.host}/{reference.repository}", tag=manifest.digest, stream=True, decode=True,
                auth_config=auth,
            )  # fmt: skip
            with closing(events):  # which cancels it, when we have had enough
                for event in events:
                    if "error" in event:
                        raise _failure(str(event["error"]))
                    progress.feed(event)
                    told(progress.fraction)

    def _info(self) -> Mapping[str, Any]:
        """What the engine says of itself; its disk and its platform do not change."""
        if not self._facts:
            with within(CALL_S, "Asking the engine"), self._api() as api, translated():
                self._facts = api.info()
        return self._facts

    @contextmanager
    def _api(self, timeout_s: float = CALL_S) -> Iterator[docker.APIClient]:
        """A connection of its own: a pull keeps one for minutes, and a stuck one is dropped."""
        api = docker.APIClient(base_url=self._url, timeout=timeout_s, version="1.41")
        try:
            yield api
        finally:
            api.close()


def _by_digest(manifest: Manifest) -> str:
    return f"{manifest.reference.host}/{manifest.reference.repository}@{manifest.digest}"


def _removed(api: docker.APIClient, name: str) -> bool:
    """False when a container has it; what is not there is removed."""
    try:
        with translated():
            api.remove_image(name)
    except PullFailed as error:
        if error.why == Why.NOT_FOUND:
            return True
        if isinstance(error.__cause__, APIError) and error.__cause__.status_code == requests.codes.conflict:
            return False
        raise
    return True


@contextmanager
def translated() -> Iterator[None]:
    """The SDK's and its transport's errors as ours."""
    try:
        yield
    except ImageNotFound as error:
        raise PullFailed(Why.NOT_FOUND, "The engine does not have the image (any more).") from error
    except APIError as error:
        why = Why.NOT_FOUND if isinstance(error, NotFound) else None
        raise _failure(str(error.explanation or error), why) from error
    except (DockerException, requests.RequestException, OSError) as error:
        raise PullFailed(Why.ERROR, f"The container engine does not answer: {str(error)[:300]}") from error


def _failure(text: str, why: Why | None = None) -> PullFailed:
    """Of an error in the engine's words: only they tell a refusal from a registry that is away."""
    return PullFailed(why or why_of(text), f"The engine could not pull it: {text[:300]}")


def why_of(text: str) -> Why:
    said = text.lower()
    for why, words in (
        (Why.DISK, ("no space left", "disk quota")),
        (Why.DIGEST, _CORRUPT),
        (Why.AUTH, _REFUSED),
        (Why.NOT_FOUND, ("not found", "manifest unknown")),
        (Why.UNREACHABLE, _AWAY),
    ):
        if any(word in said for word in words):
            return why
    return Why.ERROR
