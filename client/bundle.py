"""A program's source files, collected from disk."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from client.errors import BundleError

__all__ = ["MAX_BYTES", "collect", "default_entrypoint"]

# A run's source travels in one request; data belongs into datasets.
MAX_BYTES = 16 * 1024 * 1024

# The sandbox's own: datasets appear in one, artifacts are taken from the other.
DATA, OUTPUTS = "data", "outputs"

# What lies in a working copy but is no part of the program. `.env` because it holds secrets.
SKIPPED = (
    ".git", ".hg", ".svn", "__pycache__", "*.pyc", "*.egg-info", ".venv", "venv", "node_modules", ".tox", ".nox",
    ".mypy_cache", ".pytest_cache", ".ruff_cache", ".ipynb_checkpoints", ".idea", ".vscode", ".DS_Store", ".env",
)  # fmt: skip


def collect(path: Path, exclude: Sequence[str] = ()) -> dict[str, str]:
    """{relative path with /: text} of a file or of the text files below a folder, in order of name.

    `exclude` are shell patterns matched against a name or a relative path. Raises BundleError naming the file that is
    not UTF-8 text, or the limit that is exceeded.
    """
    if path.is_file():
        files = {path.name: _text(path, path.name)}
    elif path.is_dir():
        files = {name: _text(path / name, name) for name in _walk(path, (*SKIPPED, *exclude)) if _is_source(name)}
    else:
        raise BundleError(f"{path} is neither a file nor a folder")
    return _within_limit(files)


def default_entrypoint(files: Sequence[str]) -> str:
    """The file to run when none is named: main.py, or the only Python file. Raises BundleError if that is not clear."""
    if "main.py" in files:
        return "main.py"
    programs = [name for name in files if name.endswith(".py")]
    if len(programs) != 1:
        raise BundleError(f"name the file to run with --entrypoint ({', '.join(programs[:5]) or 'no .py file here'})")
    return programs[0]


def _walk(root: Path, skip: Sequence[str]) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        here = Path(folder).relative_to(root)
        folders[:] = sorted(name for name in folders if not _skipped(here / name, skip))
        yield from ((here / name).as_posix() for name in sorted(names) if not _skipped(here / name, skip))


def _is_source(name: str) -> bool:
    top = name.partition("/")[0]
    if top == DATA:
        raise BundleError(
            f"{name}: in the sandbox {DATA} holds the datasets; send data with --data, or --exclude {DATA}"
        )
    return top != OUTPUTS


def _skipped(path: Path, patterns: Sequence[str]) -> bool:
    return any(fnmatch(path.name, pattern) or fnmatch(path.as_posix(), pattern) for pattern in patterns)


def _text(path: Path, name: str) -> str:
    if not path.is_file():
        raise BundleError(f"{name}: not a regular file (--exclude it)")
    if path.stat().st_size > MAX_BYTES:
        raise BundleError(f"{name}: larger than {MAX_BYTES >> 20} MiB; send it as a dataset: --data NAME={path}")
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError:
        text = "\0"
    except OSError as error:
        raise BundleError(f"{name}: {error.strerror}") from error
    if "\0" in text:
        raise BundleError(f"{name}: not UTF-8 text; send it as a dataset (--data NAME={path}) or --exclude it")
    return text


def _within_limit(files: dict[str, str]) -> dict[str, str]:
    total = sum(len(text.encode()) for text in files.values())
    if not files:
        raise BundleError("there is no file to send")
    if total > MAX_BYTES:
        largest = max(files, key=lambda name: len(files[name]))
        raise BundleError(
            f"the files have {total / 2**20:.1f} MiB, the limit is {MAX_BYTES >> 20} MiB; the largest is {largest}: "
            "--exclude what the program does not need, send data with --data"
        )
    return files
