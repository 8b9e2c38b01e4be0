"""Every template, as a newcomer meets it: listed by the server, run as it is, its artifacts downloaded and put to use.

What must be there is said by the template itself: `verify ARTIFACTS OUTPUT` runs in the sandbox image, where the
libraries are.
"""

import os
import subprocess
import uuid
from pathlib import Path

import pytest
import yaml

from client import Artifact, Client, Figure, Metric, Output, StateChange, run_request
from tests.server_process import ServerProcess

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
NAMES = sorted(path.parent.name for path in TEMPLATES.glob("*/template.yaml"))


@pytest.fixture
def tenant(server: ServerProcess) -> Client:
    return server.tenant()


def download(tenant: Client, run_id: str, artifacts: list[Artifact], folder: Path) -> None:
    folder.mkdir()
    for artifact in artifacts:
        tenant.download(run_id, artifact, folder)


def verify(name: str, folder: Path) -> None:
    """Run the template's own check on folder/artifacts and folder/output; fails with what it says."""
    container = f"byteme-verify-{uuid.uuid4().hex[:12]}"
    image = os.environ.get("BYTEME_SANDBOX_IMAGE", "byteme/sandbox:latest")
    argv = [
        "docker", "run", "--rm", "--name", container, "--network=none", "--read-only", "--tmpfs=/tmp", "--user=0",
        f"--volume={TEMPLATES / name / 'verify'}:/verify:ro", f"--volume={folder}:/downloaded:ro",
        "--entrypoint=python3", image, "/verify", "/downloaded/artifacts", "/downloaded/output",
    ]  # fmt: skip
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
    finally:
        subprocess.run(["docker", "rm", "--force", container], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.fail(done.stdout + done.stderr, pytrace=False)


@pytest.mark.parametrize("name", NAMES)
def test_a_template_runs_as_it_is_and_leaves_what_it_says(name: str, tenant: Client, tmp_path: Path) -> None:
    template = tenant.template(name)
    with tenant.launch(run_request(template.files, entrypoint=template.entrypoint)) as live:
        events = list(live)
    said = b"".join(e.data for e in events if isinstance(e, Output) and e.stream == "stdout")
    warned = b"".join(e.data for e in events if isinstance(e, Output) and e.stream == "stderr")
    end = events[-1]
    assert isinstance(end, StateChange)
    assert (end.run.state, end.run.reason) == ("succeeded", None), (said + warned).decode()

    assert b"Warning" not in warned, warned.decode()
    assert any(isinstance(event, Metric) for event in events)
    artifacts = tenant.artifacts(live.run_id)
    manifest = yaml.safe_load((TEMPLATES / name / "template.yaml").read_text())
    assert set(manifest["yields"]) <= {artifact.path for artifact in artifacts}
    download(tenant, live.run_id, artifacts, tmp_path / "artifacts")
    (tmp_path / "output").write_bytes(said)
    verify(name, tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_a_template_describes_itself(name: str) -> None:
    manifest = yaml.safe_load((TEMPLATES / name / "template.yaml").read_text())

    assert set(manifest) == {"title", "summary", "tags", "entrypoint", "expected_seconds", "data", "yields"}
    assert (TEMPLATES / name / manifest["entrypoint"]).is_file()
    assert (TEMPLATES / name / "README.md").read_text().startswith(f"# {manifest['title']}\n")


def test_figures_reach_the_browser_as_they_are_shown(tenant: Client) -> None:
    template = tenant.template("hello")
    with tenant.launch(run_request(template.files, entrypoint=template.entrypoint)) as live:
        (figure,) = [event for event in live if isinstance(event, Figure)]

    assert figure.media_type == "image/png"
    assert bytes(figure.data).startswith(b"\x89PNG")
