"""What a template's card says of it is so."""

from pathlib import Path

import pytest

from server.services.templates import Templates

FOLDER = Path(__file__).resolve().parents[2] / "templates"
TEMPLATES = Templates(FOLDER).all()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template["name"])
def test_a_card_says_how_long_it_takes_what_it_needs_and_what_it_leaves(template):
    assert template["expected_seconds"] > 0
    assert template["data"]
    assert template["yields"]
    program = template["files"][template["entrypoint"]]
    assert [name for name in template["yields"] if f'"{name}"' not in program] == []


def test_a_template_that_says_none_of_it_is_still_one(tmp_path):
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "template.yaml").write_text("title: Bare\nsummary: No more than that.\n")
    (tmp_path / "bare" / "main.py").write_text("")
    (bare,) = Templates(tmp_path).all()
    assert (bare["expected_seconds"], bare["data"], bare["yields"]) == (None, "", [])
