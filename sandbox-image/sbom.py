"""Says what is in the image it runs in: a CycloneDX 1.6 document on standard output, the same for the same content.

The distribution's packages are those that dpkg knows, Python's those whose metadata is in the virtual environment.
"""

import importlib.metadata
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

_FIELDS = "${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\n"
_LICENSE = re.compile(r"[\w .:+/()-]{1,100}")


def document(name: str) -> dict[str, Any]:
    """The document for an image called `name`."""
    components = sorted([*debian(), *python(), interpreter()], key=lambda part: str(part["purl"]))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "container", "name": name, "bom-ref": "image"}},
        "components": components,
        "dependencies": [{"ref": "image", "dependsOn": [part["bom-ref"] for part in components]}],
    }


def debian() -> Iterator[dict[str, Any]]:
    """The installed packages of the distribution."""
    release = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    system, version_id = (release.get(key, "").strip('"') for key in ("ID", "VERSION_ID"))
    listed = subprocess.run(["dpkg-query", "-W", f"-f={_FIELDS}"], check=True, capture_output=True, text=True).stdout
    for status, name, version, architecture in (line.split("\t") for line in listed.splitlines()):
        if status == "installed":
            where = f"arch={architecture}&distro={system}-{version_id}"
            yield _part(name, version, f"pkg:deb/{system}/{quote(name)}@{quote(version, safe='')}?{where}")


def python() -> Iterator[dict[str, Any]]:
    """The distributions that `import` finds."""
    for found in importlib.metadata.distributions():
        name = re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower()
        part = _part(name, found.version, f"pkg:pypi/{name}@{quote(found.version, safe='')}")
        expression = found.metadata.get("License-Expression")
        if expression and _LICENSE.fullmatch(expression):
            part["licenses"] = [{"expression": expression}]
        yield part


def interpreter() -> dict[str, Any]:
    version = ".".join(map(str, sys.version_info[:3]))
    return _part("python", version, f"pkg:generic/python@{version}")


def _part(name: str, version: str, purl: str) -> dict[str, Any]:
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}


if __name__ == "__main__":
    json.dump(document(sys.argv[1]), sys.stdout, indent=1)
