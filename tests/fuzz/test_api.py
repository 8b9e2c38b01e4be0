"""The API, sent what its own description allows, and what it does not: by schemathesis, with a fixed seed.

No answer may be a failure of the server's, have a status, a type or a shape that the description does not name, or give
somebody what needs a token without one. What is refused with 422 although its shape is right is no finding: some rules
(a quota, an entry point among the files, the present password) are told in words.
"""

import os
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.server_process import ADMIN_EMAIL, ADMIN_PASSWORD, TERMINAL, ServerProcess
from tests.waiting import eventually

TOOL = Path(__file__).resolve().parents[2] / ".setup" / "checkers" / "bin" / "schemathesis"
SEED = "20261125"
EXAMPLES = "12"  # of each operation, beside the edges of every field, which are always tried
PASSWORD = "correct horse battery staple"
LEAVES_MUCH = """
import byteme
print("something to download")
byteme.log(step=1, loss=0.5)
open("outputs/model.bin", "wb").write(bytes(range(256)))
"""
# Most requests are about what there is; what is deleted, and the session that is ended, are there for that alone.
CONFIGURATION = """
[checks]
positive_data_acceptance.enabled = false
ensure_resource_availability.enabled = false  # what is deleted is not what was just made
negative_data_rejection.expected-statuses = ["400", "401", "403", "404", "405", "409", "412", "413", "422", "429"]

[dictionaries]
run = {{ values = ["{things.run}"] }}
project = {{ values = ["{things.project}"] }}
dataset = {{ values = ["{things.dataset}"] }}
upload = {{ values = ["{things.upload}"] }}
user = {{ values = ["{things.user}"] }}
template = {{ values = ["hello"] }}
artifact = {{ values = ["model.bin"] }}

[parameters]
"path.run_id" = {{ dictionary = "run", probability = 0.8 }}
"path.project_id" = {{ dictionary = "project", probability = 0.8 }}
"path.dataset_id" = {{ dictionary = "dataset", probability = 0.8 }}
"path.upload_id" = {{ dictionary = "upload", probability = 0.8 }}
"path.user_id" = {{ dictionary = "user", probability = 0.8 }}
"path.name" = {{ dictionary = "template", probability = 0.8 }}
"path.path" = {{ dictionary = "artifact", probability = 0.8 }}

[[operations]]
include-operation-id = "create_dataset"
checks.negative_data_rejection.enabled = false  # null in a form is the text "null"

[[operations]]
include-operation-id = "sign_out_everywhere_account"
enabled = false  # it ends the session that asks

[[operations]]
include-operation-id = "delete_run"
parameters = {{ run_id = "{doomed.run}" }}

[[operations]]
include-operation-id = "delete_project"
parameters = {{ project_id = "{doomed.project}" }}

[[operations]]
include-operation-id = "delete_dataset"
parameters = {{ dataset_id = "{doomed.dataset}" }}

[[operations]]
include-operation-id = "append_upload"
checks.negative_data_rejection.enabled = false  # any bytes are bytes

[[operations]]
include-operation-id = "delete_upload"
parameters = {{ upload_id = "{doomed.upload}" }}
"""
# The media type of tus's bytes is new to the tool.
HOOKS = """
import schemathesis
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
"""
WITH_TOKEN = """
[headers]
Authorization = "Bearer {token}"

[[operations]]
include-operation-id = "logout_account"
headers = {{ Authorization = "Bearer {spare}" }}
"""


@dataclass(frozen=True)
class Things:
    """What there is to be asked for, by id."""

    run: str
    project: str
    dataset: str
    upload: str
    user: str


class Somebody:
    """An account of the fuzzed server, and what belongs to it."""

    def __init__(self, server: ServerProcess, email: str, password: str) -> None:
        self._http = httpx.Client(base_url=f"{server.url}/api/v1", timeout=60)
        self._credentials = {"email": email, "password": password}
        self.token, self.spare = self._sign_in(), self._sign_in()
        self._http.headers["Authorization"] = f"Bearer {self.token}"

    def make_things(self) -> Things:
        files = {"main.py": LEAVES_MUCH}
        run = self._post("/runs", json={"files": files})
        eventually(lambda: self._http.get(f"/runs/{run}").json()["state"] in TERMINAL, "the run to end", 120)
        project = self._post("/projects", json={"name": "fuzzed", "files": files})
        dataset = self._post("/datasets", files={"file": ("train.csv", b"a,b\n1,2\n")})
        tus = {"Tus-Resumable": "1.0.0", "Upload-Length": "1000000", "Upload-Metadata": "name YS5jc3Y="}
        upload = self._post("/uploads", headers=tus)
        return Things(run, project, dataset, upload, self._http.get("/me").json()["id"])

    def _sign_in(self) -> str:
        return str(self._http.post("/auth/login", json=self._credentials).raise_for_status().json()["access_token"])

    def _post(self, path: str, **options: object) -> str:
        return str(self._http.post(path, **options).raise_for_status().json()["id"])  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server with one slot, which executes what of it is a program after all."""
    with ServerProcess(tmp_path_factory.mktemp("fuzzed"), BYTEME_RUN_SLOTS="1") as process:
        yield process


@pytest.fixture
def tenant(fuzzed: ServerProcess) -> Somebody:
    """A new one: an operator who tries everything disables accounts too."""
    credentials = {"email": f"{secrets.token_hex(6)}@example.com", "password": PASSWORD}
    httpx.post(f"{fuzzed.url}/api/v1/auth/register", json=credentials).raise_for_status()
    return Somebody(fuzzed, **credentials)


def fuzz(server: ServerProcess, folder: Path, configuration: str, *options: str) -> None:
    """Fails with schemathesis's own report."""
    assert TOOL.exists(), "scripts/checkers.sh installs it"
    file = folder / "schemathesis.toml"
    file.write_text(configuration)
    (folder / "fuzz_hooks.py").write_text(HOOKS)
    command = [
        str(TOOL), "--config-file", str(file), "run", f"{server.url}/api/v1/openapi.json", "--seed", SEED,
        "--generation-database", "none", "--max-examples", EXAMPLES, "--no-shrink", "--warnings", "off", *options,
    ]  # fmt: skip
    hooks = {"SCHEMATHESIS_HOOKS": "fuzz_hooks", "PYTHONPATH": str(folder)}
    environment = {**os.environ, **hooks, "NO_COLOR": "1", "PYTHONWARNINGS": "default"}
    ended = subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout[-20_000:] + ended.stderr[-5000:]
    assert [line for line in server.log.read_text().splitlines() if '"level": "error"' in line] == []


def test_a_tenant_is_told_nothing_but_what_is_described(
    fuzzed: ServerProcess, tenant: Somebody, tmp_path: Path
) -> None:
    things = CONFIGURATION.format(things=tenant.make_things(), doomed=tenant.make_things())
    who = WITH_TOKEN.format(token=tenant.token, spare=tenant.spare)
    fuzz(fuzzed, tmp_path, who + things, "--phases", "examples,coverage,fuzzing,stateful")


def test_an_operator_is_told_nothing_but_what_is_described(
    fuzzed: ServerProcess, tenant: Somebody, tmp_path: Path
) -> None:
    operator = Somebody(fuzzed, ADMIN_EMAIL, ADMIN_PASSWORD)
    things = CONFIGURATION.format(things=tenant.make_things(), doomed=operator.make_things())
    who = WITH_TOKEN.format(token=operator.token, spare=operator.spare)
    fuzz(fuzzed, tmp_path, who + things, "--phases", "coverage,fuzzing")


def test_nobody_is_told_nothing_but_what_is_described(fuzzed: ServerProcess, tenant: Somebody, tmp_path: Path) -> None:
    things = CONFIGURATION.format(things=tenant.make_things(), doomed=tenant.make_things())
    fuzz(fuzzed, tmp_path, things, "--phases", "coverage")
