"""The parts that meet the engine and AWS by themselves: the usual smoke program, a key of KMS, an engine that hangs."""

import os
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from server.domain.errors import PullFailed
from server.domain.image import Manifest, Platform, Policy, Reference, Why, parse_reference
from server.domain.ports import LocalImage
from server.domain.run import Limits
from server.engine.docker_engine import DockerEngine
from server.engine.images import store
from server.engine.images.ecr import Ecr
from server.engine.images.registry import Access, OciRegistry
from server.engine.images.store import DockerImages
from server.settings import load
from server.wiring import SMOKE
from server.worker.smoke import Smoke
from tests.images.rig import Shelf

LINUX = Platform("linux", "amd64")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DockerEngine]:
    image = os.environ.get("BYTEME_SANDBOX_IMAGE", "byteme/sandbox:latest")
    environ = {"BYTEME_DATA_DIR": str(tmp_path), "BYTEME_SANDBOX_UIDS": "20480,20511", "BYTEME_SANDBOX_IMAGE": image}
    engine = DockerEngine(load(environ, dotenv=None), tmp_path / "sandboxes")
    yield engine
    engine.close()


def test_the_usual_smoke_program_trains_a_model_in_a_sandbox_like_any(engine: DockerEngine) -> None:
    built = engine.resolve(None)
    Smoke(engine, SMOKE.read_text(), Limits()).try_out(LocalImage(built.digest, built.ref), None)
    assert engine.find() == []


def test_a_program_that_is_never_done_is_given_up(engine: DockerEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.worker.smoke.SMOKE_S", 3.0)
    built = engine.resolve(None)
    with pytest.raises(PullFailed) as error:
        Smoke(engine, "while True: pass", Limits()).try_out(LocalImage(built.digest, built.ref), None)
    assert error.value.why == Why.SMOKE
    assert engine.find() == []


def test_a_signature_by_a_key_of_kms_is_checked(stock: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in stock.aws.environment.items():
        monkeypatch.setenv(name, value)
    kms = stock.aws.client("kms")
    key_id = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    settings = load(
        {
            "BYTEME_REGISTRY": "ecr", "BYTEME_ECR_REGISTRY_HOST": stock.registry.host,
            "BYTEME_IMAGE_SIGNATURE": "require", "BYTEME_IMAGE_KEY": f"awskms:///{key_id}",
        },
        dotenv=None,
    )  # fmt: skip
    ecr = Ecr()
    registry = OciRegistry(settings, Access(settings, ecr), ecr, lambda: LINUX)
    manifest = registry.resolve(parse_reference("tests/sandbox:one"))
    with pytest.raises(PullFailed, match="not signed"):
        registry.examine(manifest, Policy(signature="require"))
    assert "WARNING: It is not signed" in " ".join(registry.examine(manifest, Policy(signature="warn")).told)

    def sign(payload: bytes) -> bytes:
        answer = kms.sign(KeyId=key_id, Message=payload, MessageType="RAW", SigningAlgorithm="ECDSA_SHA_256")
        return bytes(answer["Signature"])

    stock.sign("tests/sandbox", manifest.digest, manifest.digest, sign)
    found = registry.examine(manifest, Policy(signature="require"))
    assert (f"signature: of {manifest.digest[:19]}, by our key" in found.told, found.signed) == (True, True)


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[DockerImages]:
    """The images of an engine that takes calls and never answers."""
    path = str(tmp_path / "sock")
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(path)
        listener.listen(16)
        settings = load({"BYTEME_DOCKER_HOST": f"unix://{path}"}, dotenv=None)
        yield DockerImages(settings, Access(settings, Ecr()))


def test_an_engine_that_never_answers_is_waited_for_so_long(
    silent: DockerImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "CALL_S", 0.3)
    monkeypatch.setattr(store, "REMOVE_S", 0.3)
    digest = "sha256:" + "a" * 64
    reference = Reference("127.0.0.1:1", "tests/sandbox", digest=digest)
    manifest = Manifest(reference, digest, digest, digest, {}, LINUX)
    for call in (
        silent.free_bytes,
        silent.platform,
        lambda: silent.verify(manifest),
        lambda: silent.remove(replace(manifest)),
        lambda: silent.pull(manifest, lambda _: None, 0.3),
    ):
        with pytest.raises(PullFailed) as error:
            call()
        assert error.value.why in {Why.DEADLINE, Why.ERROR}
