"""The front end's types are what its generator makes of the API's description, which test_openapi.py holds to the server."""

import json
import shlex
import subprocess
from pathlib import Path

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"


def test_the_front_ends_types_are_made_of_the_kept_description(tmp_path: Path) -> None:
    script = json.loads((FRONTEND / "package.json").read_text())["scripts"]["types"]
    tool, *arguments = shlex.split(script)
    made = tmp_path / "schema.d.ts"
    arguments[arguments.index("-o") + 1] = str(made)
    command = [str(FRONTEND / "node_modules" / ".bin" / tool), *arguments]
    subprocess.run(command, cwd=FRONTEND, check=True, capture_output=True)
    assert made.read_text() == (FRONTEND / "src" / "api" / "schema.d.ts").read_text(), "make openapi"
