"""Which libraries a program will want: a hint from its imports, read without running or parsing it.

Any program runs right with any profile; the wrong one costs time and memory, nothing else.
"""

import re
from collections.abc import Mapping

BARE, DATA, TORCH, FULL = "bare", "data", "torch", "full"
PROFILES = (BARE, DATA, TORCH, FULL)

MAX_SCANNED = 1 << 18  # characters of source
_IMPORT = re.compile(r"^[ \t]*(?:import|from)[ \t]+(\w[\w., \t]*)", re.MULTILINE)
_NAME = re.compile(r"(?:^|,)\s*(\w+)")
_TORCH = frozenset({"torch", "safetensors"})
_DATA = frozenset({"numpy", "pandas", "sklearn", "scipy", "joblib", "matplotlib", "seaborn", "skl2onnx"})


def profile_for(files: Mapping[str, str]) -> str:
    """The least profile that has what the Python files among `files` (path to text) import."""
    imported: set[str] = set()
    left = MAX_SCANNED
    for path, text in files.items():
        if path.endswith(".py") and left > 0:
            for names in _IMPORT.findall(text[:left]):
                imported.update(_NAME.findall(names))
            left -= len(text)
    wants_torch, wants_data = not imported.isdisjoint(_TORCH), not imported.isdisjoint(_DATA)
    return {(False, False): BARE, (False, True): DATA, (True, False): TORCH, (True, True): FULL}[
        wants_torch, wants_data
    ]


def has_all_of(profile: str, wanted: str) -> bool:
    """Does a sandbox with `profile` have everything imported that `wanted` names."""
    return profile in (FULL, wanted) or wanted == BARE
