"""The hint that a program's imports give: right for how people write them, harmless where it is wrong."""

import pytest

from server.domain.preload import (
    BARE,
    DATA,
    FULL,
    LEAST_MEMORY_MB,
    MAX_SCANNED,
    PROFILES,
    TORCH,
    has_all_of,
    profile_for,
    profile_for_run,
)


@pytest.mark.parametrize(
    ("program", "profile"),
    [
        ("", BARE),
        ("print('hello')", BARE),
        ("import json, os\nfrom pathlib import Path", BARE),
        ("import torch", TORCH),
        ("import torch.nn as nn", TORCH),
        ("from torch.utils.data import DataLoader", TORCH),
        ("import json,torch", TORCH),
        ("import pandas as pd", DATA),
        ("from sklearn.ensemble import RandomForestClassifier", DATA),
        ("import matplotlib.pyplot as plt", DATA),
        ("import numpy as np, torch", FULL),
        ("import torch, pandas, sklearn", FULL),
        ("import pandas\nimport torch", FULL),
        ("import pandas\r\nimport torch\r\n", FULL),
        ("def main():\n    import torch\n\tfrom pandas import DataFrame", FULL),
    ],
)
def test_the_hint_is_the_least_profile_with_what_is_imported(program: str, profile: str) -> None:
    assert profile_for({"main.py": program}) == profile


@pytest.mark.parametrize(
    "program",
    [
        "# import torch",
        "print('import torch')",
        "important = torch = 1",
        "import torchless\nfrom torch_like import thing",
        "from mine import torch, pandas",  # names in a module, not modules
        "import mine.torch",
        "from .torch import net",
        "from . import torch",
        "import mine as torch",
    ],
)
def test_what_only_looks_like_an_import_of_a_library_is_none(program: str) -> None:
    assert profile_for({"main.py": program}) == BARE


@pytest.mark.parametrize(
    "program", ['"""\nimport torch\n"""', "import (", "import", "from", "\0import torch", "import é"]
)
def test_text_that_is_no_import_or_no_python_gives_some_profile(program: str) -> None:
    assert profile_for({"main.py": program}) in PROFILES


def test_all_python_files_count_and_no_others() -> None:
    assert profile_for({"main.py": "import net", "net.py": "import torch", "data/x.py": "import pandas"}) == FULL
    assert profile_for({"main.py": "print(1)", "notes.md": "import torch", "torch": "import torch"}) == BARE


def test_only_so_much_of_a_large_program_is_read() -> None:
    filler = "x = 1\n" * (MAX_SCANNED // 6)
    assert profile_for({"main.py": "import torch\n" + filler}) == TORCH
    assert profile_for({"main.py": filler + "\nimport torch"}) == BARE
    assert profile_for({"a.py": filler + "      ", "b.py": "import torch"}) == BARE


def test_a_run_with_little_memory_is_given_no_libraries_that_it_may_not_use() -> None:
    program = {"main.py": "import torch"}
    assert profile_for_run(program, LEAST_MEMORY_MB - 1) == BARE
    assert profile_for_run(program, LEAST_MEMORY_MB) == TORCH


def test_a_profile_has_all_of_itself_and_of_the_lesser_ones() -> None:
    assert all(has_all_of(profile, profile) and has_all_of(profile, BARE) for profile in PROFILES)
    assert has_all_of(FULL, TORCH)
    assert has_all_of(FULL, DATA)
    assert not has_all_of(DATA, TORCH)
    assert not has_all_of(TORCH, FULL)
    assert not has_all_of(BARE, DATA)
