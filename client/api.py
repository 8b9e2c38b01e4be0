"""The ByteMe client: what a program, a notebook or the `byteme` command says to a server."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from client import bundle
from client.connection import Connection
from client.download import Progress, fetch, read_output, sha256_of
from client.errors import NotSignedIn
from client.http import Http, checked_url
from client.images import Images
from client.live import Event, LiveRun
from client.models import ApiKey, Artifact, Dataset, Run, Secret, Template, Tokens, User
from client.names import safe_path
from client.tokens import BearerAuth, MemoryVault, TokenKeeper, Vault

__all__ = ["Client", "run_request"]


def run_request(
    files: Mapping[str, str] | str | Path,
    *,
    entrypoint: str | None = None,
    args: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    datasets: Sequence[Dataset] = (),
    secrets: Sequence[str] = (),
    limits: Mapping[str, float] | None = None,
    network: str | None = None,
    image: str | None = None,
    exclude: Sequence[str] = (),
) -> dict[str, Any]:
    """The body of a submission. `files` is {path: text}, or a file or folder to collect; `secrets` are names.

    What is None is left to the server. Raises BundleError for local files that cannot be sent.
    """
    if not isinstance(files, Mapping):
        files = bundle.collect(Path(files), exclude)
    request = {
        "files": dict(files),
        "entrypoint": entrypoint or bundle.default_entrypoint(list(files)),
        "args": list(args),
        "env": dict(env or {}),
        "datasets": [{"id": dataset.id, "name": dataset.name} for dataset in datasets],
        "secrets": list(secrets),
        "limits": dict(limits or {}),
        "network": network,
        "image": image,
    }
    return {name: value for name, value in request.items() if value}


class Client:
    """A user of one server. Thread-safe; close it, or use it in a `with` statement.

    Calls raise ApiError (see `errors`) for what the server refuses, and ConnectionFailed when it cannot be reached.
    Tokens are renewed as needed; `vault` keeps them somewhere else than in memory.
    """

    def __init__(
        self, url: str, token: str = "", *, refresh_token: str = "", vault: Vault | None = None, timeout: float = 60.0
    ) -> None:
        self.url = checked_url(url)
        self._http = Http(self.url, timeout)
        self._tokens = TokenKeeper(vault or MemoryVault(Tokens(token, refresh_token)), self._exchange)
        self._http.sign(BearerAuth(self._tokens))
        self.images = Images(self._http)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    # accounts

    def register(self, email: str, password: str) -> User:
        return User.from_json(self._post("/auth/register", {"email": email, "password": password}, auth=None)["user"])

    def login(self, email: str, password: str) -> User:
        answer = self._post("/auth/login", {"email": email, "password": password}, auth=None)
        self._tokens.replace(Tokens(answer["access_token"], answer["refresh_token"]))
        return User.from_json(answer["user"])

    def logout(self) -> None:
        """Both tokens are dead afterwards."""
        self._http.call("POST", "/auth/logout")
        self._tokens.replace(Tokens(""))

    def me(self) -> User:
        return User.from_json(self._http.call("GET", "/me"))

    def keys(self) -> Iterator[ApiKey]:
        """Your API keys, newest first, without what to send."""
        return (ApiKey.from_json(item) for item in self._http.items("/keys"))

    def create_key(self, name: str, scopes: Sequence[str], expires_at: datetime | None = None) -> ApiKey:
        """A new API key; keep its `key`, which is not shown again. `expires_at` says of which time zone it is."""
        body = {"name": name, "scopes": list(scopes), "expires_at": expires_at.isoformat() if expires_at else None}
        return ApiKey.from_json(self._post("/keys", body))

    def revoke_key(self, key_id: str) -> None:
        """From then on it opens nothing."""
        self._http.call("DELETE", f"/keys/{quote(key_id, safe='')}")

    # secrets

    def secrets(self) -> list[Secret]:
        """Your secrets by name, without their values."""
        return [Secret.from_json(item) for item in self._http.items("/secrets")]

    def set_secret(self, name: str, value: str) -> Secret:
        """A run that names it finds `value` in its environment; nobody reads it again."""
        return Secret.from_json(self._http.call("PUT", _secret(name), json={"value": value}))

    def delete_secret(self, name: str) -> None:
        self._http.call("DELETE", _secret(name))

    # runs

    def submit(self, request: Mapping[str, Any], idempotency_key: str | None = None) -> Run:
        """Queue a run (see `run_request`). Repeated with the same key it answers the first run."""
        headers = {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}
        return Run.from_json(self._http.call("POST", "/runs", json=request, headers=headers))

    def run(self, run_id: str) -> Run:
        return Run.from_json(self._http.call("GET", _run(run_id)))

    def runs(
        self, state: str | None = None, project: str | None = None, limit: int | None = None, **wanted: str | None
    ) -> Iterator[Run]:
        """Own runs, newest first; all of them unless `limit` is given. `wanted` are the list's other filters: `reason`,
        `tag`, `starred` ("true" or "false"), `text`, `since`."""
        items = self._http.items("/runs", state=state, project=project, **wanted)
        return (Run.from_json(item) for item in islice(items, limit))

    def record(self, run_id: str) -> dict[str, Any]:
        """All about a run in one document: what ran, on what, and what came of it."""
        record: dict[str, Any] = self._http.call("GET", f"{_run(run_id)}/record")
        return record

    def rerun(self, run_id: str) -> Run:
        """The same again: code, parameters, data, limits and image."""
        record = self.record(run_id)
        request = record["request"]
        mounts = [{"id": mount["id"], "name": mount["name"]} for mount in request["datasets"]]
        return self.submit({**request, "datasets": mounts, "image": record["image"]["alias"]})

    def cancel(self, run_id: str) -> Run:
        """Ask for the run's end. Raises Conflict if it has ended."""
        return Run.from_json(self._http.call("POST", f"{_run(run_id)}/cancel"))

    def output(self, run_id: str, start: int = 0) -> Iterator[bytes]:
        """Both streams in order of arrival, from byte `start` to the present end."""
        return read_output(self._http, f"{_run(run_id)}/output", start)

    # live

    def launch(self, request: Mapping[str, Any]) -> LiveRun:
        """Submit a run and follow it from its first byte; its standard input stays open until it is closed."""
        connection = self._dial()
        try:
            run = Run.from_json(connection.call("run:submit", request)["run"])
        except BaseException:
            connection.close()
            raise
        return LiveRun(self._dial, self._tokens.renew, run.id, submitted=(connection, run))

    def live(self, run_id: str, offset: int = 0) -> LiveRun:
        """Follow a run from byte `offset` of its output."""
        return LiveRun(self._dial, self._tokens.renew, run_id, offset)

    def follow(self, run_id: str, offset: int = 0) -> Iterator[Event]:
        """The events of a run from byte `offset` of its output to its terminal state, over any lost connection."""
        with self.live(run_id, offset) as live:
            yield from live

    def send_input(self, run_id: str, data: bytes | None) -> None:
        """Feed the standard input of a run; None closes it."""
        with self.live(run_id) as live:
            live.send_input(data)

    # artifacts

    def artifacts(self, run_id: str) -> list[Artifact]:
        return [Artifact.from_json(item) for item in self._http.items(f"{_run(run_id)}/artifacts")]

    def download(
        self, run_id: str, artifact: Artifact, folder: str | Path, progress: Progress = lambda _: None
    ) -> Path:
        """Fetch an artifact into `folder`, resuming an earlier attempt, and return its path.

        Raises UnsafeName, IntegrityError, ConnectionFailed.
        """
        target = safe_path(Path(folder), artifact.path)
        url = f"{_run(run_id)}/artifacts/{quote(artifact.path, errors='surrogateescape')}"
        fetch(self._http, url, artifact, target, progress)
        return target

    # datasets and templates

    def datasets(self) -> Iterator[Dataset]:
        return (Dataset.from_json(item) for item in self._http.items("/datasets"))

    def upload_dataset(self, name: str, path: str | Path, progress: Progress = lambda _: None) -> Dataset:
        """Make the file at `path` a dataset; one of this name and content that is there already is used as it is."""
        digest = sha256_of(Path(path))
        for dataset in self.datasets():
            if (dataset.name, dataset.sha256) == (name, digest):
                return dataset
        with _Watched(Path(path), progress) as file:
            answer = self._http.call("POST", "/datasets", data={"name": name}, files={"file": (name, file)})
        return Dataset.from_json(answer)

    def delete_dataset(self, dataset_id: str) -> None:
        self._http.call("DELETE", f"/datasets/{quote(dataset_id, safe='')}")

    def templates(self) -> list[Template]:
        return [Template.from_json(item) for item in self._http.items("/templates")]

    def template(self, name: str) -> Template:
        return Template.from_json(self._http.call("GET", f"/templates/{quote(name, safe='')}"))

    # the rest

    def _post(self, path: str, body: Mapping[str, Any], **options: Any) -> Any:
        return self._http.call("POST", path, json=body, **options)

    def _exchange(self, refresh_token: str) -> Tokens:
        headers = {"Authorization": f"Bearer {refresh_token}"}
        answer = self._http.call("POST", "/auth/refresh", headers=headers, auth=None)
        return Tokens(answer["access_token"], answer["refresh_token"])

    def _dial(self) -> Connection:
        token = self._tokens.access
        try:
            return Connection(self.url, token)
        except NotSignedIn:
            return Connection(self.url, self._tokens.renew(token))


class _Watched:
    """A file that tells how far it has been read."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self._file = path.open("rb")
        self._progress = progress

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._progress(self._file.tell())
        return data


def _secret(name: str) -> str:
    return f"/secrets/{quote(name, safe='')}"


def _run(run_id: str) -> str:
    return f"/runs/{quote(run_id, safe='')}"
