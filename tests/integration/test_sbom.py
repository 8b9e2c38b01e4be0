"""The list of what the sandbox image holds is true, complete, and of the form that it says."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.server_process import ROOT

IMAGE = os.environ.get("BYTEME_SANDBOX_IMAGE", "byteme/sandbox:latest")
CHECKERS = ROOT / ".setup" / "checkers" / "bin" / "python3"
VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
print(JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read()))
"""


def within(program: str, *arguments: str) -> str:
    """What a program of the image prints."""
    command = ["docker", "run", "--rm", "--network=none", "--entrypoint", program, IMAGE, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


@pytest.fixture(scope="module")
def text() -> str:
    label = ["docker", "image", "inspect", "--format", '{{index .Config.Labels "byteme.sbom"}}', IMAGE]
    path = subprocess.run(label, check=True, capture_output=True, text=True, timeout=30).stdout.strip()
    return within("cat", path)


def listed(text: str, kind: str) -> dict[str, str]:
    components: list[dict[str, Any]] = json.loads(text)["components"]
    return {part["name"]: part["version"] for part in components if part["purl"].startswith(f"pkg:{kind}/")}


def test_it_is_a_cyclonedx_document(text: str) -> None:
    """By the validator of those who made the format, strictly."""
    done = subprocess.run(
        [CHECKERS, "-c", VALIDATE], input=text, check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "None"


def test_every_python_package_is_on_it_and_no_other(text: str) -> None:
    """Asked of pip, which is in the image."""
    found = json.loads(within("python3", "-m", "pip", "list", "--format=json", "--disable-pip-version-check"))
    assert listed(text, "pypi") == {part["name"].lower().replace("_", "-"): part["version"] for part in found}


def test_every_package_of_the_distribution_is_on_it_and_no_other(text: str) -> None:
    """Read from dpkg's own records."""
    records = within("cat", "/var/lib/dpkg/status").split("\n\n")
    fields = [dict(line.split(": ", 1) for line in record.splitlines() if ": " in line) for record in records if record]
    installed = {part["Package"]: part["Version"] for part in fields if part["Status"] == "install ok installed"}
    assert len(installed) > 50
    assert listed(text, "deb/debian") == installed


def test_each_thing_is_listed_once(text: str) -> None:
    names = [part["bom-ref"] for part in json.loads(text)["components"]]
    assert len(set(names)) == len(names)


def test_it_lies_beside_the_image_as_well(text: str) -> None:
    beside: Path = ROOT / ".setup" / "sbom" / "latest.cdx.json"
    assert beside.read_text() == text
