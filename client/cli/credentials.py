"""The sign-in on disk: one server and one pair of tokens, readable by its owner only."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from client.models import Tokens

__all__ = ["FileVault", "default_path"]

LOCK_WAIT_S = 30.0


def default_path() -> Path:
    """$XDG_CONFIG_HOME/byteme/credentials.json, ~/.config by default."""
    config = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(config).expanduser() / "byteme" / "credentials.json"


@dataclass(frozen=True)
class FileVault:
    """Tokens for the server at `url`, in a JSON file with mode 0600."""

    path: Path
    url: str

    @classmethod
    def stored(cls, path: Path) -> FileVault | None:
        """The vault of the server signed in to last; None if there is none (or the file is not ours)."""
        url = _read(path).get("url")
        return cls(path, url) if url else None

    @contextmanager
    def locked(self) -> Iterator[None]:
        # Two commands may find the same token expired; a refresh token spent twice would sign both out.
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.path.with_suffix(".lock").open("a") as file:
            _acquire(file, self.path)
            yield

    def load(self) -> Tokens:
        stored = _read(self.path)
        if stored.get("url") != self.url:
            return Tokens("")
        return Tokens(stored.get("access_token", ""), stored.get("refresh_token", ""))

    def save(self, tokens: Tokens) -> None:
        """Replaces the file as a whole, so a crash leaves the old pair or the new one."""
        content = {"url": self.url, "access_token": tokens.access, "refresh_token": tokens.refresh}
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=self.path.parent, delete=False) as file:  # made with mode 0600
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(self.path)

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)


def _acquire(file: TextIO, path: Path) -> None:
    """Takes the lock, which closing the file gives back. Raises TimeoutError if another command keeps it."""
    for _ in range(int(LOCK_WAIT_S / 0.05)):
        with suppress(BlockingIOError):
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        time.sleep(0.05)
    raise TimeoutError(f"another byteme command holds {path} for more than {LOCK_WAIT_S:g} s")


def _read(path: Path) -> dict[str, str]:
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
