"""Storage of runs, where nothing can be mounted."""

from pathlib import Path

import pytest

from server.domain.errors import EngineError
from server.engine import mounts
from server.engine.mounts import Size, Storage


@pytest.mark.parametrize("kind", ["auto", "disk", "memory"])
def test_where_no_hard_limit_can_be_had_no_storage_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(mounts, "mount", refused)
    monkeypatch.setattr(mounts, "mount_image", refused)
    storage = Storage(tmp_path / "sandboxes", kind)
    with pytest.raises(EngineError, match="No storage for runs can be mounted"):
        storage.make("run", 20000, Size(16, 8))
    assert storage.names() == []
