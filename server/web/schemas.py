"""The shapes of requests and answers. Unknown fields are refused."""

import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from server.db.run_filter import RunFilter
from server.domain.policy import Scope
from server.domain.redact import MAX_BYTES, MAX_SECRETS, MIN_BYTES
from server.domain.run import DatasetMount, Network, Reason, RunSpec, State
from server.web.text import FilePath, Id, Integer, Moment, Number, Text, check_tree, storable

ENV_BYTES = 64 << 10
MAX_TAG = 50
ARGS_BYTES = 128 << 10  # they stand in every answer about a run
_TICKET_PATH = (
    r"^/api/v1/((runs/[0-9a-f]{32}|shared/[A-Za-z0-9_-]{43})/(output|artifacts\.zip|artifacts/[^?#]+)"
    r"|datasets/[0-9a-f]{32}/content)$"
)
_EMAIL = r"^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)*$"
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HELLO = {"main.py": "print('hello')\n"}
_VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]{0,127}$"


class Body(BaseModel):
    """What a request may hold: nothing but the fields named."""

    model_config = ConfigDict(extra="forbid")


def _example(**body: Any) -> ConfigDict:
    """A body with a value to begin with, for the API's description."""
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [body]})


def wrong_with_variable(name: str) -> str | None:
    """What keeps `name` from being that of an environment variable of a program's."""
    if not _ENV_NAME.fullmatch(name):
        return f"{name[:80]!r} is not a name of an environment variable"
    return f"{name}: names that begin with BYTEME_ are the platform's own" if name.startswith("BYTEME_") else None


def _env(env: dict[str, str]) -> dict[str, str]:
    for name in env:
        if wrong := wrong_with_variable(name):
            raise ValueError(wrong)
    if sum(len(name.encode()) + len(value.encode()) + 2 for name, value in env.items()) > ENV_BYTES:
        raise ValueError(f"is larger than {ENV_BYTES >> 10} KiB in all")
    return env


def _args(args: list[str]) -> list[str]:
    if sum(len(arg.encode()) + 1 for arg in args) > ARGS_BYTES:
        raise ValueError(f"are longer than {ARGS_BYTES >> 10} KiB in all")
    return args


def _mount_name(name: str) -> str:
    if name in {".", ".."}:
        raise ValueError("must be a folder's name")
    return name


Files = Annotated[dict[FilePath, Text], Field(min_length=1, max_length=2000), AfterValidator(check_tree)]
MountName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,128}$"), AfterValidator(_mount_name)]
EnvName = Annotated[str, Field(json_schema_extra={"pattern": f"^{_ENV_NAME.pattern}$"})]  # `_env` says it better
Alias = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}$")]


class LimitsRequest(Body):
    """What a run may use; what is not given takes its default, or your quota where that is less. Sizes in MiB."""

    cpus: Annotated[Number, Field(ge=0.1, le=1024)] | None = None
    memory_mb: Annotated[Integer, Field(ge=64, le=1 << 30)] | None = None
    disk_mb: Annotated[Integer, Field(ge=16, le=1 << 30)] | None = None
    pids: Annotated[Integer, Field(ge=16, le=1 << 22)] | None = None
    timeout_s: Annotated[Integer, Field(ge=1, le=1 << 30)] | None = None
    gpus: Annotated[Integer, Field(ge=0, le=1024)] | None = None


class DatasetRequest(Body):
    """A dataset, and the name of the folder below /workspace/data where the program finds it."""

    id: Id
    name: MountName


def distinct_names(datasets: list[DatasetRequest]) -> list[DatasetRequest]:
    if len({dataset.name for dataset in datasets}) < len(datasets):
        raise ValueError("two have the same name")
    return datasets


def _different(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise ValueError("one is named twice")
    return names


def _secret(value: str) -> str:
    """Long enough to be told from other text, short enough to be looked for."""
    if len(value.strip().encode()) < MIN_BYTES or len(value.encode()) > MAX_BYTES:
        raise ValueError(f"must have {MIN_BYTES} to {MAX_BYTES} bytes, spaces around it aside")
    return value


class RunRequest(Body):
    """A program to run. `files` or `project` is required; with both, the files are run as that project's."""

    model_config = _example(files=_HELLO)

    project: Id | None = Field(None, description="whose files to run")
    files: Files | None = Field(None, description="path to text", validate_default=True)
    entrypoint: FilePath | None = Field(None, description="default: the project's, else main.py")
    args: Annotated[list[Annotated[Text, Field(max_length=32768)]], Field(max_length=256), AfterValidator(_args)] = []
    env: Annotated[dict[EnvName, Text], AfterValidator(_env)] = {}
    datasets: Annotated[list[DatasetRequest], Field(max_length=64), AfterValidator(distinct_names)] = []
    limits: LimitsRequest = Field(default_factory=LimitsRequest)
    secrets: Annotated[
        list[Annotated[str, Field(pattern=_VARIABLE)]],
        Field(max_length=MAX_SECRETS, description="names of yours that the program finds in its environment"),
        AfterValidator(_different),
    ] = []
    network: Annotated[Network, Field(description="egress: by a proxy, to the domains in your quota")] = Network.NONE
    image: Alias | None = None

    @field_validator("files")
    @classmethod
    def _something_to_run(cls, files: Files | None, info: ValidationInfo) -> Files | None:
        if files is None and info.data.get("project") is None:
            raise ValueError("give files, or a project that has them")
        return files

    @field_validator("secrets")
    @classmethod
    def _set_once(cls, secrets: list[str], info: ValidationInfo) -> list[str]:
        if twice := sorted(set(secrets) & set(info.data.get("env", {}))):
            raise ValueError(f"{twice[0]} is set in env as well")
        return secrets

    def to_spec(self) -> RunSpec:
        """The request in the domain's terms."""
        return RunSpec(
            files=self.files or {},
            entrypoint=self.entrypoint,
            args=tuple(self.args),
            env=self.env,
            datasets=tuple(DatasetMount(d.id, d.name) for d in self.datasets),
            limits=self.limits.model_dump(exclude_none=True),
            network=self.network,
            image=self.image,
            project=self.project,
            secrets=tuple(self.secrets),
        )


class Credentials(Body):
    """What an account is entered with."""

    email: Annotated[Text, Field(max_length=320)]
    password: Annotated[str, Field(max_length=1024, json_schema_extra={"format": "password"})]


class Registration(Credentials):
    """A new account."""

    model_config = _example(email="ada@example.com", password="correct horse battery")  # noqa: S106

    email: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=254, pattern=_EMAIL), AfterValidator(storable)
    ]
    password: Annotated[str, Field(min_length=8, max_length=1024, json_schema_extra={"format": "password"})]


class PasswordChange(Body):
    current_password: Annotated[str, Field(max_length=1024, json_schema_extra={"format": "password"})]
    new_password: Annotated[str, Field(min_length=8, max_length=1024, json_schema_extra={"format": "password"})]


class TicketRequest(Body):
    """The path of a download, percent-encoded, as in its GET request."""

    model_config = _example(path=f"/api/v1/runs/{'0' * 32}/output")

    path: Annotated[str, Field(max_length=4096, pattern=_TICKET_PATH), AfterValidator(storable)]


class KeyRequest(Body):
    """An API key; without `expires_at` it lasts until it is revoked."""

    name: Annotated[Text, Field(min_length=1, max_length=200)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))]
    expires_at: AwareDatetime | None = None


class SecretRequest(Body):
    """A secret's value: 8 to 4096 bytes."""

    value: Annotated[Text, AfterValidator(_secret), Field(json_schema_extra={"format": "password"})]


class ProjectRequest(Body):
    model_config = _example(name="First steps", files=_HELLO)

    name: Annotated[Text, Field(min_length=1, max_length=200)]
    entrypoint: FilePath = "main.py"
    files: Files


class ProjectChange(Body):
    """What is not given stays as it is."""

    name: Annotated[Text, Field(min_length=1, max_length=200)] = ""
    entrypoint: FilePath = ""
    files: Files = {}


class PageQuery(BaseModel):
    """How a list is read: page by page."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[Id | None, Field(description="`next` of the page before")] = None


class RunsQuery(PageQuery):
    state: State | None = None
    reason: Annotated[Reason | None, Field(description="of failed runs")] = None
    project: Id | None = None
    tag: Annotated[Text | None, Field(max_length=MAX_TAG)] = None
    starred: bool | None = None
    text: Annotated[Text | None, Field(max_length=200, description="a part of the entry point, the id or the note")] = (
        None
    )
    since: Annotated[Moment | None, Field(description="made then or later")] = None

    def wanted(self) -> RunFilter:
        """Which runs are asked for."""
        return RunFilter(**self.model_dump(exclude={"limit", "cursor"}))


class MetricsQuery(BaseModel):
    cursor: Annotated[str | None, Field(pattern=r"^[0-9]{1,18}$", description="`next` of the page before")] = None


class SubmitHeaders(BaseModel):
    idempotency_key: Annotated[
        str | None, Field(pattern=r"^[!-~]{1,255}$", description="a repeat with the same key answers the first run")
    ] = None


class ChangeHeaders(BaseModel):
    if_match: Annotated[
        str | None, Field(pattern=r'^("?[0-9]{1,18}"?|\*)$', description="the version that you have read")
    ] = None

    @property
    def version(self) -> int | None:
        return None if self.if_match in {None, "*"} else int(str(self.if_match).strip('"'))
