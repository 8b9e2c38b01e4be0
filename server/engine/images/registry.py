"""The Registry: from a reference to a manifest that was checked, and from there to whether the image is fit."""

import re
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import gevent

from server.domain.errors import PullFailed
from server.domain.image import (
    PROTOCOL,
    Examined,
    Findings,
    Manifest,
    Platform,
    Policy,
    Reference,
    Why,
    check_findings,
    check_manifest,
    is_ecr_host,
)
from server.engine.images.ecr import Ecr
from server.engine.images.http import Credentials, RegistryHttp, digest_of, parse_object
from server.engine.images.signature import Key, check_signature, load_key
from server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

RESOLVE_S = 90.0
ECR = "ecr"
KMS = "awskms:///"
_SIZE = range(1 << 40)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")

Answer = TypeVar("Answer")


@contextmanager
def within(seconds: float, what: str) -> "Iterator[None]":
    """Raises PullFailed when what it holds lasts longer."""
    with gevent.Timeout(seconds, PullFailed(Why.DEADLINE, f"{what} took more than {seconds:g} s.")):
        yield


class Access:
    """Which registry a reference means, and who we are there."""

    def __init__(self, settings: Settings, ecr: Ecr) -> None:
        self._settings, self._ecr = settings, ecr

    def is_ecr(self, host: str) -> bool:
        own = self._settings.ecr_registry_host
        return is_ecr_host(host) or bool(own and host == own) or (not host and self._settings.registry == ECR)

    def located(self, reference: Reference) -> Reference:
        """With its registry's host. Raises PullFailed for one that the settings do not allow."""
        configured = self._settings.registry
        if self.is_ecr(reference.host):
            if configured not in {"", ECR}:
                raise PullFailed(Why.POLICY, f"Images come from {configured} here (BYTEME_REGISTRY).")
            host = self._settings.ecr_registry_host or reference.host or self._ecr.login()[0]
            return replace(reference, host=host)
        if not (reference.host or configured):
            raise PullFailed(Why.POLICY, f"{reference} names no registry, and BYTEME_REGISTRY is not set.")
        if configured and reference.host not in {"", configured}:
            raise PullFailed(Why.POLICY, f"Images come from {configured} here (BYTEME_REGISTRY).")
        return replace(reference, host=reference.host or configured)

    def credentials(self, host: str, *, fresh: bool = False) -> Credentials | None:
        """User and password for a registry; None where there are none, which many take."""
        if self.is_ecr(host):
            return self._ecr.login(fresh=fresh)[1]
        password = self._settings.registry_password
        if host == self._settings.registry and self._settings.registry_user and password:
            return self._settings.registry_user, password.get_secret_value()
        return None

    def once_more(self, host: str, ask: Callable[[Credentials | None], Answer]) -> Answer:
        """What `ask` comes to with our credentials; with fresh ones, where those are given out and were refused."""
        try:
            return ask(self.credentials(host))
        except PullFailed as error:
            if error.why != Why.AUTH or not self.is_ecr(host):
                raise
        return ask(self.credentials(host, fresh=True))


class OciRegistry:
    """A Registry. `platform` says what the host's engine runs."""

    def __init__(self, settings: Settings, access: Access, ecr: Ecr, platform: Callable[[], Platform]) -> None:
        self._settings, self._access, self._ecr, self._platform = settings, access, ecr, platform

    def platform(self) -> Platform:
        return self._platform()

    def resolve(self, reference: Reference) -> Manifest:
        with within(RESOLVE_S, "Asking the registry"):
            located, platform = self._access.located(reference), self._platform()
            return self._access.once_more(
                located.host,
                lambda login: _resolve(RegistryHttp(located.host, located.repository, login), located, platform),
            )

    def examine(self, manifest: Manifest, policy: Policy) -> Examined:
        check_manifest(manifest, policy, self._platform(), PROTOCOL)
        told = [f"size: {manifest.bytes / (1 << 20):.1f} MiB compressed", f"platform: {manifest.platform}"]
        signed = found = None
        with within(RESOLVE_S, "Examining the image"):
            if policy.signature != "off":
                signed, line = self._signed(manifest, policy)
                told.append(line)
            if policy.fail_on:
                found = self._scanned(manifest)
                told.append(check_findings(found, policy.fail_on))
        return Examined(told, signed, found.counts if found else None)

    def _signed(self, manifest: Manifest, policy: Policy) -> tuple[bool, str]:
        """Is it signed by our key, and a line on that."""
        reference, key = manifest.reference, self._key()
        try:
            return True, self._access.once_more(
                reference.host,
                lambda login: check_signature(
                    RegistryHttp(reference.host, reference.repository, login), (manifest.top, manifest.digest), key
                ),
            )
        except PullFailed as error:
            if policy.signature == "require" or error.why != Why.POLICY:
                raise
            return False, f"signature: WARNING: {error.message}"

    def _scanned(self, manifest: Manifest) -> Findings:
        if not self._access.is_ecr(manifest.reference.host):
            raise PullFailed(
                Why.POLICY, f"{manifest.reference.host} tells no scan findings, and they are to be checked."
            )
        return self._ecr.findings(manifest.reference.repository, manifest.digest)

    def _key(self) -> Key:
        where = self._settings.image_key
        if not where:
            raise PullFailed(Why.ERROR, "Signatures are to be checked, and BYTEME_IMAGE_KEY names no key.")
        if where.startswith(KMS):
            return load_key(self._ecr.public_key(where.removeprefix(KMS)))
        try:
            return load_key(Path(where).read_bytes())
        except OSError as error:
            raise PullFailed(Why.ERROR, f"{where} (BYTEME_IMAGE_KEY) can't be read: {error.strerror}.") from None


def _resolve(registry: RegistryHttp, reference: Reference, platform: Platform) -> Manifest:
    data = registry.manifest(reference.selector)
    top = digest = digest_of(data)
    document = parse_object(data)
    if isinstance(document.get("manifests"), list):
        digest = _chosen(document["manifests"], platform)
        document = parse_object(registry.manifest(digest))
    config_digest, layers = _parts(document)
    config = parse_object(registry.blob(config_digest))
    return Manifest(
        replace(reference, digest=digest), digest, top, config_digest, layers,
        Platform(str(config.get("os")), str(config.get("architecture"))), _labels(config),
    )  # fmt: skip


def _chosen(manifests: list[Any], platform: Platform) -> str:
    for item in manifests:
        found = item.get("platform") if isinstance(item, dict) else None
        if not isinstance(found, dict):
            continue
        if (found.get("os"), found.get("architecture")) == (platform.os, platform.architecture):
            return _digest(item.get("digest"))
    raise PullFailed(Why.POLICY, f"There is no image for {platform} among those of this name.")


def _parts(document: Mapping[str, Any]) -> tuple[str, dict[str, int]]:
    try:
        layers = {_digest(layer["digest"]): int(layer["size"]) for layer in document["layers"]}
        config = _digest(document["config"]["digest"])
    except (KeyError, TypeError, ValueError):
        raise PullFailed(Why.POLICY, "The manifest is of a kind that is not supported.") from None
    if any(size not in _SIZE for size in layers.values()):
        raise PullFailed(Why.POLICY, "The manifest tells a size that can't be.")
    return config, layers


def _digest(value: object) -> str:
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        raise PullFailed(Why.POLICY, "The manifest names something by another digest than SHA-256.")
    return value


def _labels(config: Mapping[str, Any]) -> dict[str, str]:
    inner = config.get("config")
    labels = inner.get("Labels") if isinstance(inner, dict) else None
    return {str(key): str(value) for key, value in labels.items()} if isinstance(labels, dict) else {}
