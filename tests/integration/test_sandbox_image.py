"""What the sandbox image promises to the programs that run in it, seen from inside a locked-down container."""

import json
import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

IMAGE = os.environ.get("BYTEME_SANDBOX_IMAGE", "byteme/sandbox:latest")
LOCK = Path(__file__).parents[2] / "sandbox-image" / "requirements" / "ml.lock"
UID = 20317
LOCKED_DOWN = (
    "--network=none --read-only --cap-drop=ALL --security-opt=no-new-privileges --pids-limit=128 "
    "--memory=1g --memory-swap=1g --tmpfs=/tmp:size=64m "
    f"--tmpfs=/workspace/outputs:size=16m,uid={UID} --user={UID}:{UID} --entrypoint=python3"
).split()


@pytest.fixture
def name() -> Iterator[str]:
    name = f"byteme-test-{uuid.uuid4()}"
    yield name
    subprocess.run(["docker", "rm", "--force", name], capture_output=True, check=False)


@pytest.fixture
def python(name: str) -> Any:
    """Runs a program in the image, with every warning an error, and gives what it printed."""

    def run(program: str) -> str:
        argv = ["docker", "run", "--rm", "--name", name, *LOCKED_DOWN, IMAGE, "-W", "error", "-c", program]
        finished = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
        assert (finished.returncode, finished.stderr) == (0, "")
        return finished.stdout

    return run


def label(key: str) -> str:
    inspect = ["docker", "image", "inspect", "--format", f'{{{{index .Config.Labels "{key}"}}}}', IMAGE]
    return subprocess.run(inspect, capture_output=True, text=True, timeout=30, check=True).stdout.strip()


def test_every_library_is_there_in_the_version_that_was_locked(python: Any) -> None:
    locked = dict(line.split(" ")[0].split("==") for line in LOCK.read_text().splitlines() if "==" in line)

    installed = json.loads(
        python(
            "import json; from importlib.metadata import distributions;"
            "print(json.dumps({d.name.lower().replace('_', '-'): d.version for d in distributions()}))"
        )
    )

    assert {name: installed.get(name) for name in locked} == locked


def test_no_accelerator_libraries_weigh_it_down(python: Any) -> None:
    assert python("import torch; print(torch.version.cuda)") == "None\n"


def test_the_libraries_import_without_a_warning(python: Any) -> None:
    names = "sklearn, pandas, numpy, matplotlib.pyplot, joblib, tqdm, safetensors.numpy, onnx, onnxruntime, byteme"
    assert python(f"import {names}; print('fine')") == "fine\n"


def test_a_first_plot_looks_for_no_fonts_and_leaves_nothing_in_the_workspace(python: Any) -> None:
    program = """
import logging, os
logging.basicConfig(level=logging.INFO)  # matplotlib says so, on standard error, when it lists the fonts anew
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.show()
print(plt.get_backend(), plt.get_fignums(), sorted(os.listdir("/workspace")))
"""
    assert python(program) == "module://byteme.mpl [] ['data', 'outputs']\n"


def test_every_uid_of_the_pool_has_a_name(python: Any) -> None:
    program = """
import getpass, os, pwd
assert all(pwd.getpwuid(uid).pw_name == f"run{uid}" for uid in range(20000, 20512))
print(getpass.getuser(), os.path.expanduser("~"))
"""
    assert python(program) == f"run{UID} /workspace\n"


def test_nothing_in_it_can_be_changed_or_run_with_more_rights(python: Any) -> None:
    program = """
import os, stat
found = []
for root in ("/bin", "/etc", "/home", "/lib", "/opt", "/sbin", "/srv", "/usr", "/var", "/run", "/workspace"):
    for folder, folders, files in os.walk(root):
        for path in [folder] + [os.path.join(folder, file) for file in files]:
            mode = os.lstat(path).st_mode
            if not stat.S_ISLNK(mode) and (mode & 0o6000 and stat.S_ISREG(mode) or mode & 0o002 and not mode & 0o1000):
                found.append(path)
print(found)
"""
    assert python(program) == "[]\n"


def test_all_its_python_is_compiled(python: Any) -> None:
    program = """
import importlib.util, os, sysconfig
paths = [sysconfig.get_path(name) for name in ("stdlib", "purelib")] + ["/opt/byteme/lib"]
for module in ("os.py", "json/__init__.py", "torch/__init__.py", "pandas/core/frame.py", "byteme/events.py"):
    path = next(os.path.join(folder, module) for folder in paths if os.path.exists(os.path.join(folder, module)))
    assert os.path.exists(importlib.util.cache_from_source(path)), path
print("compiled")
"""
    assert python(program) == "compiled\n"


def test_it_runs_unprivileged_even_if_nobody_says_so() -> None:
    inspect = ["docker", "image", "inspect", "--format", "{{.Config.User}}", IMAGE]
    assert subprocess.run(inspect, capture_output=True, text=True, timeout=30, check=True).stdout == "19999:19999\n"


def test_its_labels_say_what_it_speaks_and_what_it_was_made_from() -> None:
    assert label("byteme.protocol") == "2"
    assert len(label("byteme.stamp")) == 64
    assert label("byteme.base")
