"""The sandbox image for NVIDIA's GPUs is the one for the CPU with another PyTorch: same Dockerfile, same wishes."""

import re
from pathlib import Path

IMAGE = Path(__file__).resolve().parents[2] / "sandbox-image"
REQUIREMENTS = IMAGE / "requirements"
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)={2,3}([^\s\\]+)", re.MULTILINE)
ACCELERATOR = re.compile(r"nvidia-|cuda-|triton$")


def pinned(name: str) -> dict[str, str]:
    return dict(PINNED.findall((REQUIREMENTS / name).read_text()))


def wished(name: str) -> list[str]:
    lines = [line.partition("#")[0].strip() for line in (REQUIREMENTS / name).read_text().splitlines()]
    return [line for line in lines if line]


def test_both_wish_for_the_same_but_for_the_build_of_torch() -> None:
    cpu, cuda = wished("ml.in"), wished("ml-cuda.in")
    assert set(cpu) ^ set(cuda) == {"torch==2.13.0", "torch===2.13.0"}


def test_the_locks_have_the_same_torch_and_only_one_has_what_a_gpu_needs() -> None:
    cpu, cuda = pinned("ml.lock"), pinned("ml-cuda.lock")
    assert cpu["torch"] == cuda["torch"] + "+cpu"
    assert not {name for name in cpu if ACCELERATOR.match(name)}
    assert {"nvidia-cublas", "nvidia-cudnn-cu13", "triton"} <= cuda.keys()
    assert cpu.keys() == {name for name in cuda if not ACCELERATOR.match(name)}


def test_everything_in_the_locks_has_a_hash() -> None:
    for name in ("ml.lock", "ml-cuda.lock"):
        blocks = re.split(PINNED, (REQUIREMENTS / name).read_text())[3::3]
        assert all("--hash=sha256:" in block for block in blocks), name


def test_the_variant_is_an_argument_of_the_one_dockerfile() -> None:
    text = (IMAGE / "Dockerfile").read_text()
    assert "ARG ML_LOCK=ml.lock" in text
    assert "COPY requirements/${ML_LOCK} /requirements/ml.lock" in text
    assert "cuda" not in {word for line in text.splitlines() if line.startswith("FROM") for word in line.split()}
