"""Imports a profile's libraries before the job comes, and says afterwards whether they suit it."""

import os
import sys
import time

from launcher import hiding, recording

PROFILES = os.path.join(os.path.dirname(os.path.dirname(__file__)), "preload")

# Read by C code when it is loaded (or by the interpreter when it starts); what Python code looks at is recorded.
READ_AT_START = (
    "PYTHON", "LD_", "GLIBC_", "MALLOC_", "LC_", "LANG", "TZ", "OMP_", "KMP_", "GOMP_", "GOTO_", "OPENBLAS_", "MKL_",
    "BLIS_", "NPY_", "NUMPY_", "TORCH_", "PYTORCH_", "ATEN_", "CUDA_", "ONEDNN_", "DNNL_", "CPUINFO_",
    "TQDM_",
)  # fmt: skip
# Can be changed later, in whatever is loaded, if all say the same.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
THREAD_SETTERS = (
    "omp_set_num_threads", "openblas_set_num_threads", "openblas_set_num_threads64_", "scipy_openblas_set_num_threads",
    "scipy_openblas_set_num_threads64_",
)  # fmt: skip


class Warm:
    """An interpreter that has imported a profile's libraries and does not show it."""

    def __init__(self, profile, modules):
        began, cpu = time.monotonic(), time.process_time()
        self._environment = dict(os.environ._data)
        with recording.Recorder() as recorder:
            for name in ("launcher.handover", "ctypes", *names(profile)):
                load(name)
            import gc

            self.become = sys.modules["launcher.handover"].become
            self._thread_setters = list(thread_setters())
        self._seen = {os.fsencode(name) for name in recorder.variables}
        self._names = {name for name in recorder.tried if "." not in name}
        self.stash = hiding.Stash(recorder, modules)
        gc.collect()
        gc.freeze()
        took, used = time.monotonic() - began, time.process_time() - cpu
        self.report = f'{{"profile":"{profile}","seconds":{took:.3f},"cpu_s":{used:.3f}}}'.encode()

    def suits(self, variables, folder):
        """Would the same have been imported in the environment `variables`, by a program in `folder`?"""
        return not any(map(self._matters, self._changed(variables))) and not self._is_shadowed(folder)

    def _changed(self, variables):
        """Environment variables that are not as they were; those for threads only if that can't be made up for."""
        changed = {name for name, _ in variables.items() ^ self._environment.items()}
        return changed.difference(map(os.fsencode, THREADS)) if threads_wanted(variables) else changed

    def _matters(self, variable):
        return variable in self._seen or os.fsdecode(variable).startswith(READ_AT_START)

    def _is_shadowed(self, folder):
        """Is there a module that would have been imported instead of one that was, or of one that was missing?"""
        suspects = {entry.partition(".")[0] for entry in os.listdir(folder)} & self._names
        find = sys.modules["_frozen_importlib_external"].PathFinder.find_spec
        specs = [find(name, [folder]) for name in suspects]
        return any(spec is not None and spec.loader is not None for spec in specs)

    def set_threads(self, variables):
        """Makes libraries use as many threads as the variables say."""
        wanted = threads_wanted(variables)
        if wanted and wanted != threads_wanted(self._environment):
            for setter in self._thread_setters:
                setter(wanted)


def names(profile):
    with open(f"{PROFILES}/{profile}.txt") as file:
        return file.read().split()


def load(name):
    try:
        __import__(name)
    except Exception:
        pass  # an image without it


def threads_wanted(variables):
    """The one number that all variables for threads name; None if they don't, or leave it open."""
    values = {variables.get(os.fsencode(name), b"") for name in THREADS}
    value = values.pop()
    return int(value) if not values and value.isdigit() and int(value) > 0 else None


def thread_setters():
    """Functions that set the number of threads of what is loaded."""
    import ctypes

    with open("/proc/self/maps") as file:
        paths = {line.split(maxsplit=5)[5].strip() for line in file if ".so" in line}
    for path in sorted(path for path in paths if "openblas" in path or "omp" in path):
        library = ctypes.CDLL(path)
        yield from (getattr(library, name) for name in THREAD_SETTERS if hasattr(library, name))
    if "torch" in sys.modules:
        yield sys.modules["torch"].set_num_threads
