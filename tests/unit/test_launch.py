"""What the launcher in a sandbox promises, without a sandbox: on an interpreter of this host, with modules of its own."""

import json
import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

IMAGE = Path(__file__).parents[2] / "sandbox-image"
# Imports the modules that are named, hides them, and leaves `stash` and `recorder` to what follows.
HIDE = """
import sys
visible = set(sys.modules)
sys.path[:0] = [{image!r}, {folder!r}]
from launcher import recording
with recording.Recorder() as recorder:
    from launcher import hiding
    for name in {names!r}:
        __import__(name)
stash = hiding.Stash(recorder, visible)
del sys.path[0]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where modules are looked for."""
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("from . import one\nvalue = 1\n")
    (tmp_path / "package" / "one.py").write_text("import leaf, os\nos.environ.setdefault('MARK', 'set')\n")
    (tmp_path / "package" / "two.py").write_text(
        "import warnings, package.one\nwarnings.simplefilter('always', ImportWarning)\n"
    )
    (tmp_path / "leaf.py").write_text("import sys\nsys.modules['leaf_alias'] = sys\n")
    return tmp_path


def after_hiding(folder: Path, names: list[str], code: str) -> Any:
    """What `code`, which prints JSON, says in an interpreter that has imported and hidden the modules."""
    program = HIDE.format(image=str(IMAGE), folder=str(folder), names=names) + "import json\n" + code
    environ = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False, env=environ
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_what_is_hidden_can_not_be_seen(folder: Path) -> None:
    code = "print(json.dumps([sorted(set(sys.modules) & {'package', 'package.one', 'leaf', 'leaf_alias'}), type(sys.meta_path).__name__]))"
    assert after_hiding(folder, ["package.two"], code) == [[], "list"]


def test_an_import_gives_the_same_module_back_with_all_that_it_imports(folder: Path) -> None:
    code = """
held = stash.modules["package"], stash.modules["leaf"]
import package
mine = [name for name in sys.modules if name.startswith(("package", "leaf"))]
print(json.dumps([package is held[0], sys.modules["leaf"] is held[1], mine, sorted(set(vars(package)) & {"one", "two"})]))
"""
    order = ["leaf_alias", "leaf", "package.one", "package"]
    assert after_hiding(folder, ["package.two"], code) == [True, True, order, ["one"]]


def test_what_imports_change_elsewhere_is_undone_and_done_again(folder: Path) -> None:
    code = """
import os, _warnings
def marks(): return [os.environ.get("MARK"), [f[2].__name__ for f in _warnings.filters].count("ImportWarning")]
seen = [marks()]
import package; seen.append(marks())
import package.two; seen.append(marks())
print(json.dumps(seen))
"""
    assert after_hiding(folder, ["package.two"], code) == [[None, 1], ["set", 1], ["set", 2]]


def test_an_environment_variable_of_the_job_is_not_overwritten_by_an_import(folder: Path) -> None:
    code = "import os\nos.environ['MARK'] = 'mine'\nimport package\nprint(json.dumps(os.environ['MARK']))"
    assert after_hiding(folder, ["package"], code) == "mine"


def test_specs_and_loaders_are_the_modules_own(folder: Path) -> None:
    code = """
import importlib.util, package.two as two
spec = importlib.util.find_spec("leaf")
print(json.dumps([type(two.__spec__).__name__, type(two.__loader__).__name__, two.__spec__.name, spec.origin.endswith("leaf.py")]))
"""
    assert after_hiding(folder, ["package.two"], code) == ["ModuleSpec", "SourceFileLoader", "package.two", True]


def test_a_module_earlier_on_the_path_comes_first(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "leaf.py").write_text("x = 'other'")
    code = f"sys.path.insert(0, {str(other)!r})\nimport leaf\nprint(json.dumps(leaf.x))"
    assert after_hiding(folder, ["leaf"], code) == "other"


def test_a_module_can_be_reloaded_and_imported_anew(folder: Path) -> None:
    code = """
import importlib, leaf
same = importlib.reload(leaf) is leaf
del sys.modules["leaf"]
import leaf as again
print(json.dumps([same, again is leaf]))
"""
    assert after_hiding(folder, ["leaf"], code) == [True, False]


def test_an_import_that_failed_fails_again_and_brings_what_it_brought(folder: Path) -> None:
    (folder / "broken.py").write_text("import leaf\nimport missing\n")
    (folder / "careful.py").write_text("try:\n    import broken\nexcept ImportError:\n    pass\n")
    code = """
import careful
seen = "leaf" in sys.modules, "broken" in sys.modules
try: import broken
except ImportError as error: print(json.dumps([seen, error.name]))
"""
    assert after_hiding(folder, ["careful"], code) == [[True, False], "missing"]


def test_many_threads_may_import_at_once(folder: Path) -> None:
    code = """
import threading
found = []
def load(): found.append(__import__("package.two").two)
threads = [threading.Thread(target=load) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(json.dumps([len(found), len(set(map(id, found)))]))
"""
    assert after_hiding(folder, ["package.two"], code) == [8, 1]


def test_callbacks_for_the_end_come_with_the_module_that_registered_them(folder: Path) -> None:
    (folder / "tidy.py").write_text("import atexit\natexit.register(print, 'tidied')\n")
    silent = after_hiding(folder, ["tidy"], "print(json.dumps(1))")
    assert silent == 1
    code = "import atexit\nbefore = atexit._ncallbacks()\nimport tidy\nafter = atexit._ncallbacks()\natexit._clear()\nprint(json.dumps([before, after]))"
    assert after_hiding(folder, ["tidy"], code) == [0, 1]


def test_variables_that_imports_look_at_are_known(folder: Path) -> None:
    (folder / "curious.py").write_text(
        "import os\nos.getenv('A'), os.environ.get('B'), 'C' in os.environ\nfor key, value in os.environ.items(): pass\n"
    )
    assert after_hiding(folder, ["curious"], "print(json.dumps(sorted(recorder.variables)))") == ["A", "B", "C"]


# what a job changes

CHANGES = """
import json, sys
sys.path.insert(0, {image!r})
from launcher import preload
warm = object.__new__(preload.Warm)
warm._environment = {before!r}
warm._seen, warm._names = {{b"SEEN"}}, {{"random", "numpy"}}
print(json.dumps([warm.suits({after!r}, {folder!r}), preload.threads_wanted({after!r})]))
"""
ONE = dict.fromkeys((b"OMP_NUM_THREADS", b"OPENBLAS_NUM_THREADS", b"MKL_NUM_THREADS"), b"1")


def suits(folder: Path, **changes: str) -> list[Any]:
    after = ONE | {name.encode(): value.encode() for name, value in changes.items()}
    program = CHANGES.format(image=str(IMAGE), before=ONE, after=after, folder=str(folder))
    return json.loads(
        subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=60).stdout
    )


@pytest.mark.parametrize("name", ["FOO", "BYTEME_CPUS", "LOKY_MAX_CPU_COUNT", "COLUMNS", "MY_PYTHON"])
def test_a_variable_that_no_import_reads_keeps_the_sandbox_warm(tmp_path: Path, name: str) -> None:
    assert suits(tmp_path, **{name: "x"}) == [True, 1]


@pytest.mark.parametrize(
    "name", ["SEEN", "PYTHONHASHSEED", "PYTHONPATH", "LD_PRELOAD", "GLIBC_TUNABLES", "MALLOC_ARENA_MAX", "LC_ALL", "LANG", "TZ",
             "KMP_AFFINITY", "OMP_DYNAMIC", "GOMP_CPU_AFFINITY", "TORCH_LOGS", "PYTORCH_JIT", "OPENBLAS_CORETYPE", "MKL_CBWR", "NPY_DISABLE_CPU_FEATURES"],
)  # fmt: skip
def test_a_variable_that_is_read_only_at_the_start_asks_for_a_fresh_interpreter(tmp_path: Path, name: str) -> None:
    assert suits(tmp_path, **{name: "x"})[0] is False


def test_another_number_of_threads_can_be_given_to_what_is_loaded(tmp_path: Path) -> None:
    every = {"OMP_NUM_THREADS": "4", "OPENBLAS_NUM_THREADS": "4", "MKL_NUM_THREADS": "4"}
    assert suits(tmp_path, **every) == [True, 4]


@pytest.mark.parametrize("value", ["4", "many", "0", "2,1", ""])
def test_numbers_of_threads_that_disagree_or_say_nothing_ask_for_a_fresh_interpreter(
    tmp_path: Path, value: str
) -> None:
    assert suits(tmp_path, OMP_NUM_THREADS=value) == [False, None]


def test_a_module_of_the_programs_with_the_name_of_one_that_is_loaded_asks_for_a_fresh_interpreter(
    tmp_path: Path,
) -> None:
    (tmp_path / "random.py").touch()
    assert suits(tmp_path)[0] is False


def test_a_package_with_such_a_name_does_too_but_not_a_mere_folder(tmp_path: Path) -> None:
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / "data.txt").touch()
    assert suits(tmp_path)[0] is True
    (tmp_path / "numpy" / "__init__.py").touch()
    assert suits(tmp_path)[0] is False


# the job


def test_a_job_is_read_as_it_was_sent() -> None:
    strings = ["src/main.py", "ü", "", "HOME=/workspace", "EMPTY=", "A=b=c"]
    payload = struct.pack(">HHdQ", 3, 3, float("nan"), 1 << 33) + "\0".join(strings).encode()
    program = f"import sys; sys.path.insert(0, {str(IMAGE)!r}); from launcher import handover; print(handover.parse({payload!r}))"
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", program], capture_output=True, check=True, timeout=60)
    expected = (["src/main.py", "ü", ""], {b"HOME": b"/workspace", b"EMPTY": b"", b"A": b"b=c"}, 1 << 33)
    assert done.stdout.decode().strip() == str(expected)
