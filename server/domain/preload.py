"""Which libraries a program will want: a hint from its imports, read without running or parsing it.

Any program runs right with any profile; the wrong one costs time and memory, nothing else.
"""

import re
from collections.abc import Mapping

BARE, DATA, TORCH, FULL = "bare", "data", "torch", "full"
PROFILES = (BARE, DATA, TORCH, FULL)

LEAST_MEMORY_MB = 512  # of a run that is given a sandbox with libraries; FULL alone holds about 250 MiB
MAX_SCANNED = 1 << 18  # characters of source
_IMPORT = re.compile(r"^[ \t]*(?:import[ \t]+(\w[\w., \t]*)|from[ \t]+(\w+))", re.MULTILINE)
_NAME = re.compile(r"(?:^|,)\s*(\w+)")
_TORCH = frozenset({"torch", "safetensors"})
_DATA = frozenset({"numpy", "pandas", "sklearn", "scipy", "joblib", "matplotlib", "seaborn", "skl2onnx"})


def profile_for(files: Mapping[str, str]) -> str:
    """The least profile that has what the Python files among `files` (path to text) import."""
    imported: set[str] = set()
    left = MAX_SCANNED
    for path, text in files.items():
        if path.endswith(".py") and left > 0:
            for names, package in _IMPORT.findall(text[:left]):
                imported.update(_NAME.findall(names or package))
            left -= len(text)
    wants_torch, wants_data = not imported.isdisjoint(_TORCH), not imported.isdisjoint(_DATA)
    return {(False, False): BARE, (False, True): DATA, (True, False): TORCH, (True, True): FULL}[
        wants_torch, wants_data
    ]


def profile_for_run(files: Mapping[str, str], memory_mb: int) -> str:
    """`profile_for`, but none where the preloaded libraries would take half of the run's memory from it."""
    return profile_for(files) if memory_mb >= LEAST_MEMORY_MB else BARE


def has_all_of(profile: str, wanted: str) -> bool:
    """Does a sandbox with `profile` have everything imported that `wanted` names."""
    return profile in (FULL, wanted) or wanted == BARE
