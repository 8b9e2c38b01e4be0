"""Sandbox images of a registry: what a reference names, which are fit to be used, how far a pull is, when an alias may
switch. Rules only; nobody is asked and nothing is fetched.

A reference is resolved once, to the digest of a manifest; from then on only the digest counts. An alias is what runs
ask for; it points to one digest, and remembers the one before it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from server.domain.errors import Conflict, Invalid, PullFailed

DEFAULT_ALIAS = "default"
PROTOCOL = "2"  # of sandbox images, their label byteme.protocol
BUILT = ""  # the digest that stands for the image which was built on the host (BYTEME_SANDBOX_IMAGE)
ANY = "*"  # in a quota: every alias
LOCAL = "byteme.local"  # the registry of our own tags, which is none
SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED")
DISK_FACTOR = 3  # an image unpacked takes about twice what it does compressed, and while it is pulled that as well

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?")
ECR_HOST = re.compile(r"[0-9]{12}\.dkr[.-]ecr(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|on\.aws)")
ALIAS = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


class Why(StrEnum):
    """Why an image is not ready. The command line's exit code follows from it."""

    ERROR = "error"
    AUTH = "auth"  # the registry does not accept who we are, or we are not allowed
    NOT_FOUND = "not_found"
    UNREACHABLE = "unreachable"
    POLICY = "policy"  # unsigned, vulnerable, too large, of another platform, not a sandbox image
    DIGEST = "digest"  # the bytes are not those that the digest names
    DISK = "disk"
    SMOKE = "smoke"
    DEADLINE = "deadline"
    PARTIAL = "partial"  # some hosts have it, too few
    SUPERSEDED = "superseded"  # somebody decided otherwise meanwhile


# Of these no further attempt within the same pull would be worth its time.
HOPELESS = frozenset({Why.AUTH, Why.NOT_FOUND, Why.POLICY, Why.DIGEST, Why.DISK, Why.SMOKE, Why.DEADLINE})


class HostState(StrEnum):
    """Of one image on one host."""

    PULLING = "pulling"
    VERIFYING = "verifying"
    SMOKE = "smoke"
    READY = "ready"
    FAILED = "failed"


class PullState(StrEnum):
    """Of what an operator asked for."""

    RESOLVING = "resolving"
    PULLING = "pulling"
    WARMING = "warming"
    ACTIVE = "active"
    READY = "ready"  # on the hosts; no alias was to be switched
    PLANNED = "planned"  # a dry run's end
    FAILED = "failed"


OVER = frozenset({PullState.ACTIVE, PullState.READY, PullState.PLANNED, PullState.FAILED})


@dataclass(frozen=True, slots=True)
class Reference:
    """An image in a registry. `host` is empty for the registry that the settings name; of tag and digest one is set,
    or both: then the digest counts."""

    host: str
    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def selector(self) -> str:
        """What to ask the registry for."""
        return self.digest or self.tag

    def __str__(self) -> str:
        name = f"{self.host}/{self.repository}" if self.host else self.repository
        return name + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


@dataclass(frozen=True, slots=True)
class Platform:
    os: str
    architecture: str

    def __str__(self) -> str:
        return f"{self.os}/{self.architecture}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a reference came to: `digest` is of the manifest for our platform, `top` of what the reference itself names
    (a list of manifests, or the same). `layers` are compressed sizes by digest, in bytes."""

    reference: Reference
    digest: str
    top: str
    config_digest: str
    layers: Mapping[str, int]
    platform: Platform
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        return sum(self.layers.values())


@dataclass(frozen=True, slots=True)
class Policy:
    """What an image must pass. `fail_on` are severities of scan findings; `max_mb` bounds the compressed size, MiB."""

    fail_on: tuple[str, ...] = ()
    signature: str = "off"  # or warn, or require
    max_mb: int = 8192


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found out about an image before it was pulled: `told` a line each; `signed` by our key or not, and
    `findings` of its scan, counted by severity. None: nobody looked, for no policy asked for it."""

    told: Sequence[str]
    signed: bool | None = None
    findings: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What a scan found: counts by severity. `state` is complete, none, running or failed."""

    state: str
    counts: Mapping[str, int] = field(default_factory=dict)


def parse_reference(text: str) -> Reference:
    """Raises Invalid, naming `ref`. Nothing is guessed: a tag or a digest must be there."""
    name, at, digest = text.partition("@")
    first, slash, rest = name.partition("/")
    has_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    host, path = (first, rest) if has_host else ("", name)
    repository, _, tag = path.partition(":")
    if host and not _HOST.fullmatch(host):
        raise Invalid.of("ref", f"{host[:80]!r} is not a registry's host")
    if not _REPOSITORY.fullmatch(repository) or len(repository) > 200:
        raise Invalid.of("ref", f"{repository[:80]!r} is not a repository's name")
    if (":" in path and not _TAG.fullmatch(tag)) or (at and not _DIGEST.fullmatch(digest)):
        raise Invalid.of("ref", "is not of the form REPOSITORY:TAG or REPOSITORY@sha256:…")
    if not tag and not digest:
        raise Invalid.of("ref", "names no tag and no digest: say which image is meant")
    return Reference(host, repository, tag, digest)


def is_digest(text: str) -> bool:
    return bool(_DIGEST.fullmatch(text))


def is_ecr_host(host: str) -> bool:
    return bool(ECR_HOST.fullmatch(host))


def local_tag(repository: str, digest: str) -> tuple[str, str]:
    """Repository and tag of the name under which an image is kept: without one, a prune of the engine's takes it."""
    return f"{LOCAL}/{repository}", f"sha-{digest.removeprefix('sha256:')[:12]}"


def check_alias(alias: str) -> None:
    """Raises Invalid, naming `alias`."""
    if not ALIAS.fullmatch(alias):
        raise Invalid.of("alias", "must be small letters, digits, dots, dashes or underscores, 63 at most")


def check_allowed(alias: str | None, allowed: Sequence[str]) -> None:
    """Raises Invalid, naming `image`, unless a tenant may use the alias. The default one is everybody's."""
    if alias in {None, DEFAULT_ALIAS} or ANY in allowed or alias in allowed:
        return
    others = ", ".join(sorted({DEFAULT_ALIAS, *allowed}))
    raise Invalid.of("image", f"{alias!r} is not among the images that you may use ({others})")


def objection_to_images(value: object) -> str | None:
    """What is wrong with a quota's list of aliases."""
    if not isinstance(value, list | tuple):
        return "must be a list of images' aliases, or of '*'"
    wrong = next((alias for alias in value if alias != ANY and not ALIAS.fullmatch(str(alias))), None)
    return None if wrong is None else f"{str(wrong)[:80]!r} is not an image's alias"


# what must be passed


def check_manifest(manifest: Manifest, policy: Policy, platform: Platform, protocol: str) -> None:
    """Raises PullFailed unless it is a sandbox image of this version, for this platform and not too large."""
    if manifest.platform != platform:
        raise PullFailed(Why.POLICY, f"It is for {manifest.platform}; the hosts are {platform}.")
    if manifest.labels.get("byteme.protocol") != protocol:
        raise PullFailed(Why.POLICY, "It is not a sandbox image of this version (its label byteme.protocol).")
    if manifest.bytes > policy.max_mb << 20:
        size = manifest.bytes / (1 << 20)
        raise PullFailed(Why.POLICY, f"It has {size:.0f} MiB, more than the {policy.max_mb} MiB allowed.")


def check_findings(findings: Findings, fail_on: Sequence[str]) -> str:
    """One line on what a scan found. Raises PullFailed when that is among `fail_on`, or nobody knows."""
    if findings.state != "complete":
        states = {"none": "was not scanned", "running": "is still being scanned", "failed": "could not be scanned"}
        raise PullFailed(Why.POLICY, f"It {states[findings.state]}, and what a scan finds is to be checked.")
    told = ", ".join(
        f"{severity}: {findings.counts[severity]}" for severity in SEVERITIES if severity in findings.counts
    )
    if any(findings.counts.get(severity) for severity in fail_on):
        raise PullFailed(Why.POLICY, f"The scan found {told}; {', '.join(fail_on)} is not accepted.")
    return f"scan: {told or 'nothing found'}"


def objection(found: Examined, bytes_: int, policy: Policy) -> str | None:
    """Why an image that hosts have does not pass a policy, by what was found before it was pulled; None: it does."""
    if bytes_ > policy.max_mb << 20:
        return f"It has {bytes_ / (1 << 20):.0f} MiB, more than the {policy.max_mb} MiB allowed by now."
    if policy.signature == "require" and not found.signed:
        if found.signed is None:
            return "It is not kept whether it was signed when it was pulled, and it has to be by now."
        return "It was not signed by our key when it was pulled, and it has to be by now."
    if policy.fail_on and found.findings is None:
        return "It is not kept what its scan had found when it was pulled, and that counts by now."
    if bad := [severity for severity in policy.fail_on if (found.findings or {}).get(severity)]:
        return f"Its scan found {', '.join(bad)}, which is not accepted by now."
    return None


def check_disk(bytes_: int, free_bytes: int) -> None:
    """Raises PullFailed unless there is room for an image of so many bytes, compressed."""
    if free_bytes < DISK_FACTOR * bytes_:
        needed, free = DISK_FACTOR * bytes_ / (1 << 20), free_bytes / (1 << 20)
        raise PullFailed(Why.DISK, f"{free:.0f} MiB are free on the engine's disk; {needed:.0f} MiB are needed.")


# how far


class Progress:
    """How far a pull is, of an image whose compressed layers have these sizes (bytes by digest).

    Half of it is the download, half the unpacking, which takes longer.
    """

    def __init__(self, layers: Mapping[str, int]) -> None:
        self._sizes = {digest.removeprefix("sha256:")[:12]: size for digest, size in layers.items()}
        self._loaded = dict.fromkeys(self._sizes, 0.0)
        self._unpacked = dict.fromkeys(self._sizes, 0.0)

    def feed(self, event: Mapping[str, Any]) -> None:
        """An event of the engine's."""
        layer, status = event.get("id"), event.get("status")
        if layer not in self._sizes:
            return
        detail = event.get("progressDetail") or {}
        part = min(1.0, detail.get("current", 0) / total) if (total := detail.get("total", 0)) else 0.0
        if status == "Downloading":
            self._loaded[layer] = max(self._loaded[layer], part)
        elif status in {"Verifying Checksum", "Download complete"}:
            self._loaded[layer] = 1.0
        elif status == "Extracting":
            self._loaded[layer], self._unpacked[layer] = 1.0, max(self._unpacked[layer], part)
        elif status in {"Pull complete", "Already exists"}:
            self._loaded[layer] = self._unpacked[layer] = 1.0

    @property
    def fraction(self) -> float:
        """From 0 to 1."""
        total = 2 * sum(self._sizes.values())
        done = sum(size * (self._loaded[layer] + self._unpacked[layer]) for layer, size in self._sizes.items())
        return done / total if total else 1.0


def pause_s(attempts: int) -> float:
    """Seconds until the next attempt after so many that failed: 2, 4, 8, up to ten minutes."""
    return min(600.0, 2.0 ** min(attempts, 16))


# when


@dataclass(frozen=True, slots=True)
class OnHost:
    """An image on a host, as far as a pull goes by it."""

    host: str
    state: HostState
    why: Why | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of a pull: go on (neither), enough hosts are ready, or it has failed and why."""

    reached: bool = False
    failed: Why | None = None
    message: str = ""


def judge(found: Iterable[OnHost], live: Iterable[str], quorum: int, *, is_late: bool) -> Verdict:
    """Of a pull to the hosts that are `live`, of which `quorum` per cent must be ready."""
    hosts = set(live)
    known = {one.host: one for one in found if one.host in hosts}
    ready = [one for one in known.values() if one.state is HostState.READY]
    failed = [one for one in known.values() if one.state is HostState.FAILED and (is_late or one.why in HOPELESS)]
    if hosts and len(ready) * 100 >= quorum * len(hosts):
        return Verdict(reached=True, message=_tell(failed))
    if not is_late and (not hosts or (len(hosts) - len(failed)) * 100 >= quorum * len(hosts)):
        return Verdict()
    if ready:
        return Verdict(
            failed=Why.PARTIAL, message=f"{len(ready)} of {len(hosts)} hosts have it. {_tell(failed)}".strip()
        )
    if failed:
        return Verdict(failed=failed[0].why or Why.ERROR, message=_tell(failed))
    return Verdict(failed=Why.DEADLINE, message="No host had it in time." if hosts else "No host is there.")


def _tell(failed: Sequence[OnHost]) -> str:
    return " ".join(f"{one.host}: {one.message}" for one in sorted(failed, key=lambda one: one.host))


@dataclass(frozen=True, slots=True)
class Alias:
    """What an alias points to, and what it did before; `version` counts its switches."""

    name: str
    digest: str
    previous: str | None = None
    version: int = 1

    def switched(self, digest: str) -> "Alias":
        """To another digest; the present one is kept as the previous."""
        if digest == self.digest:
            return self
        return replace(self, digest=digest, previous=self.digest, version=self.version + 1)

    def rolled_back(self) -> "Alias":
        """To the one before; doing so twice changes nothing. Raises Conflict when there is none."""
        if self.previous is None:
            raise Conflict(f"{self.name} has had no other image, so there is none to go back to.")
        return self.switched(self.previous)


def keeps(images: Sequence[str], used: Mapping[str, str], keep: int) -> dict[str, str | None]:
    """For each image (digests, the newest first) why it is kept, or None: it may go. `used` says why one must stay; of
    the others the `keep` newest do."""
    spare = [digest for digest in images if digest not in used]
    recent = set(spare[:keep])
    return {digest: used.get(digest) or ("recent" if digest in recent else None) for digest in images}
