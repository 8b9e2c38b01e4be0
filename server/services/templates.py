"""Templates: programs to start from, one folder each."""

from pathlib import Path
from typing import Any

import yaml

from server.domain.errors import NotFound

_MANIFEST = "template.yaml"
_NOT_FILES = frozenset({_MANIFEST, "README.md", "verify"})


class Templates:
    """Those below `folder` that have a template.yaml with title and summary, and perhaps tags, entrypoint,
    expected_seconds, data (what it needs) and yields (what it leaves)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> list[dict[str, Any]]:
        """All of them, by name."""
        return [_load(path.parent) for path in sorted(self._folder.glob(f"*/{_MANIFEST}"))]

    def get(self, name: str) -> dict[str, Any]:
        """Raises NotFound."""
        found = next((template for template in self.all() if template["name"] == name), None)
        if found is None:
            raise NotFound
        return found


def _load(folder: Path) -> dict[str, Any]:
    manifest = yaml.safe_load((folder / _MANIFEST).read_text(encoding="utf-8"))
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    relative = ((path, path.relative_to(folder).as_posix()) for path in paths)
    return {
        "name": folder.name,
        "title": manifest["title"],
        "summary": manifest["summary"],
        "tags": manifest.get("tags", []),
        "entrypoint": manifest.get("entrypoint", "main.py"),
        "expected_seconds": manifest.get("expected_seconds"),
        "data": manifest.get("data", ""),
        "yields": manifest.get("yields", []),
        "files": {name: path.read_text(encoding="utf-8") for path, name in relative if name not in _NOT_FILES},
    }
