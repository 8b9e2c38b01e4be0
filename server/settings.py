"""The frozen settings, and the only reader of the environment.

Every setting is an environment variable (or a line of `.env`) with the prefix BYTEME_. An unknown or invalid one stops
the start with one line that names it.
"""

import ipaddress
import json
import os
import re
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, model_validator

from server.domain.egress import PRESETS, unknown_preset, with_presets
from server.domain.errors import BytemeError, Invalid
from server.domain.image import SEVERITIES
from server.domain.quota import Quota

PREFIX = "BYTEME_"
MIN_SECRET = 32  # characters
# The command line's own, which may stand in the same environment.
CLIENT_SETTINGS = frozenset({"URL", "TOKEN"})


class BadSetting(BytemeError):
    """A setting is unknown or invalid."""

    code = "setting"


def _object(text: str, example: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ValueError(f"must be a JSON object such as {example} ({error})") from None
    if not isinstance(value, dict):
        raise ValueError("must be a JSON object")
    return value


def _quota(value: object) -> Quota:
    if isinstance(value, Quota):
        return value
    try:
        return Quota().with_overrides(_object(str(value), '{"memory_mb": 4096}'))
    except Invalid as error:
        raise ValueError(error.message) from None


def _list(value: object) -> object:
    return [part for part in re.split(r"[,\s]+", value) if part] if isinstance(value, str) else value


def _severities(value: object) -> object:
    parts = _list(value)
    for part in parts if isinstance(parts, list) else []:
        if part not in SEVERITIES:
            raise ValueError(f"{part!r} is no severity ({', '.join(SEVERITIES)})")
    return parts


def _presets(value: object) -> object:
    """The presets that come with ByteMe, and the operator's."""
    if not isinstance(value, str):
        return value
    try:
        return with_presets(_object(value, '{"mirror": ["mirror.example.org"]}'))
    except Invalid as error:
        raise ValueError(error.message) from None


def _each(kind: Callable[[str], object]) -> Callable[[object], object]:
    """A validator for lists: every part is what `kind` takes."""

    def validate(value: object) -> object:
        parts = _list(value)
        for part in parts if isinstance(parts, list) else []:
            kind(str(part))
        return parts

    return validate


def _exception(text: str) -> None:
    """A network that runs may reach though it is not public; the link and this machine are none."""
    network = ipaddress.ip_network(text)
    if network.prefixlen == 0 or network.is_link_local or network.is_loopback or network.is_multicast:
        raise ValueError(f"{text}: neither everything nor the link, the machine itself or groups can be opened")


class Settings(BaseModel):
    """What an operator may set; each field is BYTEME_ and its name in capitals."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    data_dir: Path = Field(Path(".byteme"), description="where database, outputs, artifacts and datasets live")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in the data folder")
    artifact_url: str = Field("", description="where artifacts live; empty: a folder in the data folder")
    broker_url: str = Field("", description="empty: runs are executed by the server's own process")
    secret_key: SecretStr | None = Field(
        None,
        description="signs tokens, seals secrets; 32 characters or more; absent: made once and kept in the data folder",
    )
    registration: Literal["open", "closed"] = Field("open", description="may anybody create an account")
    admin_email: str = Field("", description="operator's account, made at start if absent")
    admin_password: SecretStr | None = Field(None, description="password of that account")
    rate_limits: Literal["on", "off"] = Field("on", description="off only while bound to loopback")
    access_token_s: int = Field(900, ge=5, le=86400, description="life of an access token, seconds")
    refresh_token_s: int = Field(30 * 86400, ge=60, description="life of a refresh token, seconds")
    session_days: float = Field(30.0, gt=0, le=36500, description="longest life of a session, however used, days")
    allowed_origins: Annotated[list[str], BeforeValidator(_list)] = Field(
        [], description="other origins whose pages may connect, comma-separated"
    )
    trusted_proxies: int = Field(0, ge=0, le=5, description="reverse proxies in front whose X-Forwarded-* count")
    max_body_mb: int = Field(32, ge=1, le=1024, description="largest request body but uploads, MiB")
    max_dataset_mb: int = Field(5120, ge=1, description="largest dataset, MiB")
    upload_days: float = Field(7.0, gt=0, le=365, description="how long an upload may take, pauses and all, days")

    run_slots: int = Field(
        default_factory=lambda: max(2, os.cpu_count() or 2), ge=1, le=1024, description="runs executed at once"
    )
    quota: Annotated[Quota, BeforeValidator(_quota)] = Field(
        Quota(), description="every tenant's quota, JSON object of what differs from the defaults"
    )
    lease_s: float = Field(
        30.0, ge=2, le=600, description="how long a run stays a worker's without a sign of life, seconds"
    )

    docker_host: str = Field("unix:///var/run/docker.sock", description="where the container engine listens")
    sandbox_image: str = Field("byteme/sandbox:latest", description="image of a run that names none")
    host_name: str = Field(
        "", pattern=r"^[A-Za-z0-9._-]{0,200}$", description="what this host is called; empty: what the system calls it"
    )
    registry: str = Field(
        "", description="where images are pulled from: ecr, or HOST[:PORT]; empty: where a reference says, anonymously"
    )
    registry_user: str = Field("", description="user at that registry (not of ECR, whose tokens boto3 gets)")
    registry_password: SecretStr | None = Field(None, description="password of that user")
    ecr_registry_host: str = Field(
        "", description="pull ECR's images from this host instead: private DNS, or a pull-through cache"
    )
    image_pulls: int = Field(2, ge=1, le=16, description="images pulled at once by a host")
    image_deadline_s: int = Field(900, ge=10, le=86400, description="longest that a pull may take, seconds")
    image_max_mb: int = Field(8192, ge=1, description="largest image, compressed, MiB")
    image_fail_on: Annotated[list[str], BeforeValidator(_severities)] = Field(
        [], description="severities of ECR's scan findings with which no image is used, as CRITICAL,HIGH"
    )
    image_signature: Literal["off", "warn", "require"] = Field(
        "off", description="must images be signed (cosign) by the key that BYTEME_IMAGE_KEY names"
    )
    image_key: str = Field("", description="public key for that: a PEM file, or awskms:///KEY-ID")
    sandbox_runtime: Literal["runc", "runsc"] = Field("runc", description="container runtime; runsc is gVisor")
    sandbox_cpu: Literal["low", "idle", "equal"] = Field(
        "low",
        description="how programs stand against all else on this host when the CPU is short; low: all together weigh "
        "an eighth of one process; idle: they get what nobody else wants; equal: as the engine has it",
    )
    server_cpu: Literal["first", "equal"] = Field(
        "first",
        description="how this server stands against all else on this host when the CPU is short; first: it has it at "
        "once (real-time, where the kernel allows that and there are two CPUs or more); equal: as any other process",
    )
    warm_pool_size: int = Field(
        4, ge=0, le=256, description="sandboxes kept ready, their libraries imported; 0: every run starts cold"
    )
    warm_memory_mb: int = Field(2048, ge=16, description="most memory of the sandboxes kept ready, MiB")
    warm_min_free_memory_mb: int = Field(
        1024, ge=0, description="no sandbox is made ready while the host has less memory available, MiB"
    )
    warm_max_age_s: float = Field(
        3600.0, ge=10, description="age at which a sandbox that waits is replaced, seconds (a fifth more or less)"
    )
    log_source: Literal["file", "attach"] = Field(
        "file", description="file: engine shares our file system; attach: over its API"
    )
    storage: Literal["auto", "disk", "memory"] = Field(
        "auto", description="a run's storage: disk (loop-mounted ext4), memory (tmpfs), auto: what works, disk first"
    )
    sandbox_uids: Annotated[list[int], BeforeValidator(_list)] = Field(
        [20000, 20511], description="first and last uid of the sandboxes' users"
    )

    egress: Literal["on", "off"] = Field(
        "off", description="may runs reach the network, by a proxy, as far as their owner's quota `egress` lists it"
    )
    egress_image: str = Field("byteme/egress:latest", description="image of that proxy; `make egress-image` builds it")
    egress_presets: Annotated[dict[str, tuple[str, ...]], BeforeValidator(_presets)] = Field(
        dict(PRESETS), description="names for sets of domains, JSON object of lists, beside `huggingface`"
    )
    egress_dns: Annotated[list[str], BeforeValidator(_each(ipaddress.ip_address))] = Field(
        [], description="addresses of the resolvers that the proxy asks; empty: this host's"
    )
    egress_networks: Annotated[list[str], BeforeValidator(_each(_exception))] = Field(
        [], description="networks that may be reached though they are not public (a mirror's), comma-separated"
    )
    egress_bridge: str = Field("", description="Docker network that the proxy is in; empty: one of its own is made")

    retention_days: float = Field(30.0, gt=0, description="age at which ended runs, their outputs and artifacts expire")
    min_free_disk_mb: int = Field(1024, ge=0, description="below this no run starts, MiB free in the data folder")
    expire_below_mb: int = Field(
        2048,
        ge=0,
        description="below this ended runs expire early, the oldest first, MiB free in the data folder; 0: never",
    )
    expire_early_days: float = Field(7.0, ge=0, description="age from which an ended run may expire early")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="least level logged")
    otlp_endpoint: str = Field(
        "", description="OpenTelemetry collector that the traces of runs are sent to, `http://host:4318`; empty: nobody"
    )
    shutdown_grace_s: float = Field(
        10.0, ge=0, le=3600, description="how long a stop waits for what is under way, seconds"
    )

    @model_validator(mode="after")
    def _legal_mix(self) -> "Settings":
        if self.rate_limits == "off" and not _is_loopback(self.host):
            raise ValueError("BYTEME_RATE_LIMITS=off is allowed only while BYTEME_HOST is a loopback address")
        if bool(self.admin_email) != bool(self.admin_password):
            raise ValueError("BYTEME_ADMIN_EMAIL and BYTEME_ADMIN_PASSWORD go together")
        if self.secret_key and len(self.secret_key.get_secret_value()) < MIN_SECRET:
            raise ValueError(f"BYTEME_SECRET_KEY must have {MIN_SECRET} characters or more")
        if self.broker_url:
            raise ValueError(
                "BYTEME_BROKER_URL: this version executes runs in the server's own process; leave it unset"
            )
        if self.artifact_url and not self.artifact_url.startswith("file://"):
            raise ValueError(
                "BYTEME_ARTIFACT_URL: this version stores artifacts in a folder; use file:///path or unset it"
            )
        if self.otlp_endpoint and not self.otlp_endpoint.startswith(("http://", "https://")):
            raise ValueError("BYTEME_OTLP_ENDPOINT must be an http:// or https:// URL, such as http://collector:4318")
        if self.egress == "on" and self.sandbox_runtime != "runc":
            raise ValueError("BYTEME_EGRESS=on needs BYTEME_SANDBOX_RUNTIME=runc: the proxy does not reach into gVisor")
        if preset := unknown_preset(self.quota.egress, self.egress_presets):
            raise ValueError(f"BYTEME_QUOTA: egress: there is no preset {preset!r} (BYTEME_EGRESS_PRESETS)")
        if self.image_signature != "off" and not self.image_key:
            raise ValueError("BYTEME_IMAGE_SIGNATURE needs the key: BYTEME_IMAGE_KEY")
        if bool(self.registry_user) != bool(self.registry_password):
            raise ValueError("BYTEME_REGISTRY_USER and BYTEME_REGISTRY_PASSWORD go together")
        if self.registry_user and self.registry in {"", "ecr"}:
            raise ValueError("BYTEME_REGISTRY_USER needs BYTEME_REGISTRY=HOST[:PORT], the registry it is for")
        if len(self.sandbox_uids) != 2 or not 1000 <= self.sandbox_uids[0] <= self.sandbox_uids[1] < 2**31:
            raise ValueError("BYTEME_SANDBOX_UIDS must be two numbers, the first and the last uid, 1000 or more")
        return self

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'byteme.db'}"

    @property
    def this_host(self) -> str:
        """What this host is called, among others that share the database."""
        return self.host_name or socket.gethostname()

    @property
    def artifact_dir(self) -> Path:
        return Path(self.artifact_url.removeprefix("file://")) if self.artifact_url else self.data_dir / "artifacts"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def load(environ: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env")) -> Settings:
    """The settings in force: the environment over `.env` over the defaults. Raises BadSetting."""
    source = {**_read_dotenv(dotenv), **(os.environ if environ is None else environ)}
    values: dict[str, Any] = {}
    for key, value in source.items():
        name = key.removeprefix(PREFIX)
        if key.startswith(PREFIX) and name not in CLIENT_SETTINGS and value != "":
            if name.lower() not in Settings.model_fields:
                raise BadSetting(f"{key}: there is no such setting")
            values[name.lower()] = value
    try:
        return Settings(**values)
    except ValidationError as error:
        raise BadSetting(_one_line(error)) from None


def _one_line(error: ValidationError) -> str:
    first = error.errors()[0]
    message = first["msg"].removeprefix("Value error, ")
    return f"{PREFIX}{str(first['loc'][0]).upper()}: {message}" if first["loc"] else message


def _read_dotenv(path: Path | None) -> dict[str, str]:
    if path is None or not path.is_file():
        return {}
    values = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        text = line.strip().removeprefix("export ")
        if not text or text.startswith("#"):
            continue
        key, equals, value = text.partition("=")
        if not equals:
            raise BadSetting(f"{path}:{number}: not of the form NAME=value")
        values[key.strip()] = value.strip().strip("'\"")
    return values
