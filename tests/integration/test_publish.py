"""An image is pushed by what it was built from, its digest is told, and no credential stays behind."""

import base64
import io
import json
import os
import secrets
import socket
import subprocess
import tarfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.server_process import ROOT, free_port
from tests.waiting import eventually

PROGRAM = ROOT / ".setup" / "docker-registry" / "usr" / "bin" / "docker-registry"
STAMP = "0123456789abcdef" * 4
SECRET = "secret"
HASH = "$2b$04$PdTjGh3JE32DuYtEp6epOuoi6R0CfEPmhCz2vkHUWQ/.p7TVtS4ue"  # bcrypt of it, all that the registry takes


@dataclass
class Registry:
    address: str
    storage: Path

    def manifest_digest(self, repository: str, tag: str, authorization: str = "") -> str:
        """What the registry itself says that a tag is."""
        accept = "application/vnd.docker.distribution.manifest.v2+json"
        headers = {"Accept": accept} | ({"Authorization": authorization} if authorization else {})
        request = urllib.request.Request(f"http://{self.address}/v2/{repository}/manifests/{tag}", headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(answer.headers["Docker-Content-Digest"])


def serve(folder: Path, auth: dict[str, object]) -> Iterator[Registry]:
    assert PROGRAM.exists(), "the registry is missing: scripts/test_setup.sh gets it"
    address = f"127.0.0.1:{free_port()}"
    config = {
        "version": 0.1,
        "log": {"level": "error", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(folder / "storage")}},
        "http": {"addr": address},
    } | auth
    (folder / "config.yml").write_text(json.dumps(config))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([PROGRAM, "serve", folder / "config.yml"], stdout=log, stderr=log)
    try:
        eventually(lambda: _listens(address), "the registry to listen", 30)
        yield Registry(address, folder / "storage")
    finally:
        process.terminate()
        process.wait(20)


def _listens(address: str) -> bool:
    host, _, port = address.partition(":")
    with socket.socket() as peer:
        return peer.connect_ex((host, int(port))) == 0


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    yield from serve(tmp_path, {})


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Registry]:
    """One that takes nothing from strangers."""
    users = tmp_path / "htpasswd"
    users.write_text(f"ann:{HASH}\nAWS:{HASH}\n")
    yield from serve(tmp_path, {"auth": {"htpasswd": {"realm": "test", "path": str(users)}}})


@pytest.fixture
def image() -> Iterator[str]:
    """A tiny one, with the stamp of a build."""
    name = f"byteme/publish-test:{secrets.token_hex(6)}"
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        content = secrets.token_bytes(64)
        member = tarfile.TarInfo("hello")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    command = ["docker", "import", "--change", f"LABEL byteme.stamp={STAMP}", "-", name]
    subprocess.run(command, input=data.getvalue(), check=True, capture_output=True)
    yield name
    subprocess.run(["docker", "rmi", "-f", name], check=False, capture_output=True)


def publish(tmp_path: Path, target: str, image: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The script, with a home and a temporary folder of its own to leave things in."""
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir(exist_ok=True)
    temporary.mkdir(exist_ok=True)
    kept = os.environ | {"HOME": str(home), "TMPDIR": str(temporary)} | environment
    command = [ROOT / "scripts" / "publish_image.sh", target, image]
    done = subprocess.run(command, env=kept, check=False, capture_output=True, text=True, timeout=120)
    subprocess.run(["docker", "rmi", f"{target}:sha-{STAMP[:12]}"], check=False, capture_output=True)
    assert [path for folder in (home, temporary) for path in folder.rglob("*")] == [], "something was left behind"
    return done


def test_an_image_is_tagged_by_what_it_was_built_from_and_its_digest_is_told(
    registry: Registry, image: str, tmp_path: Path
) -> None:
    target = f"{registry.address}/byteme/sandbox"
    done = publish(tmp_path, target, image)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"{target}@{registry.manifest_digest('byteme/sandbox', 'sha-0123456789ab')}"


def test_the_same_image_published_again_is_the_same_digest(registry: Registry, image: str, tmp_path: Path) -> None:
    target = f"{registry.address}/byteme/sandbox"
    assert publish(tmp_path, target, image).stdout == publish(tmp_path, target, image).stdout != ""


def test_a_name_and_a_password_are_used_and_not_kept(guarded: Registry, image: str, tmp_path: Path) -> None:
    target = f"{guarded.address}/byteme/sandbox"
    done = publish(tmp_path, target, image, REGISTRY_USER="ann", REGISTRY_PASSWORD=SECRET)
    assert done.returncode == 0, done.stderr
    basic = "Basic " + base64.b64encode(f"ann:{SECRET}".encode()).decode()
    assert done.stdout.strip().endswith(guarded.manifest_digest("byteme/sandbox", "sha-0123456789ab", basic))


def test_a_wrong_password_and_none_are_refused_with_nothing_pushed(
    guarded: Registry, image: str, tmp_path: Path
) -> None:
    target = f"{guarded.address}/byteme/sandbox"
    wrong = publish(tmp_path, target, image, REGISTRY_USER="ann", REGISTRY_PASSWORD="wrong")
    assert wrong.returncode == 1
    assert "refused us" in wrong.stderr
    assert "wrong" not in wrong.stdout
    none = publish(tmp_path, target, image)
    assert none.returncode == 1
    assert not list(guarded.storage.rglob("sha-*"))


def test_what_was_not_built_by_us_is_not_published(registry: Registry, tmp_path: Path) -> None:
    done = publish(tmp_path, f"{registry.address}/x", "byteme/base:bookworm-that-is-not-there")
    assert done.returncode == 1
    assert "there is no image" in done.stderr


def test_a_token_for_ecr_is_asked_of_aws_for_the_registrys_region(image: str, tmp_path: Path) -> None:
    """As far as the registry's name allows: it is Amazon's, so the login itself fails here, naming the registry."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "aws").write_text('#!/bin/sh\necho "$@" > "$(dirname "$0")/asked"\necho token\n')
    (programs / "docker").write_text(
        '#!/bin/sh\ncase "$1" in login) cat > "$(dirname "$0")/given"; echo "$@" >> "$(dirname "$0")/given"; exit 1;; esac\n'
        f'exec {subprocess.check_output(["which", "docker"], text=True).strip()} "$@"\n'
    )
    for program in programs.iterdir():
        program.chmod(0o755)
    host = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
    done = publish(tmp_path, f"{host}/byteme/sandbox", image, PATH=f"{programs}:{os.environ['PATH']}")
    assert done.returncode == 1
    assert f"{host} refused us" in done.stderr
    assert (programs / "asked").read_text() == "ecr get-login-password --region eu-central-1\n"
    assert (programs / "given").read_text() == f"token\nlogin --username AWS --password-stdin {host}\n"
