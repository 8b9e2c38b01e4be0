"""What the security model points to is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text()
PATHS = sorted(set(re.findall(r"`([\w.-]+(?:/[\w.-]+)*/?(?:\.py|\.json|/|Dockerfile))`", PAGE)))


@pytest.mark.parametrize("path", PATHS)
def test_a_path_in_the_security_model_leads_somewhere(path: str) -> None:
    assert any((folder / path).exists() for folder in (ROOT, ROOT / "server")), path


def test_the_page_points_to_many() -> None:
    assert len(PATHS) > 30
