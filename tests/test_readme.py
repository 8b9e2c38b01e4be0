"""The README tells the truth about the settings; `UPDATE_README=1 pytest tests/test_readme.py` writes the table."""

import os
import re
from pathlib import Path

from pydantic_core import PydanticUndefined

from server.domain.quota import Quota
from server.settings import PREFIX, Settings

README = Path(__file__).resolve().parent.parent / "README.md"
BLOCK = re.compile(r"(<!-- settings: [^\n]*-->\n)(.*?)(<!-- end of settings -->)", re.DOTALL)
DEFAULTS = {
    "run_slots": "cores, at least 2",
    "quota": "{}",
    "egress_presets": "{}",
    "secret_key": "",
    "admin_password": "",
}


def table() -> str:
    rows = ["| setting | default | what it is |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        value = field.default if field.default is not PydanticUndefined else ""
        plain = ",".join(map(str, value)) if isinstance(value, list) else f"{value}"
        default = DEFAULTS.get(name, "" if isinstance(value, Quota) else plain)
        rows.append(f"| `{PREFIX}{name.upper()}` | {f'`{default}`' if default else ''} | {field.description} |")
    return "\n".join(rows) + "\n"


def test_the_settings_table_is_what_the_code_says() -> None:
    text = README.read_text()
    if os.environ.get("UPDATE_README"):
        text = BLOCK.sub(lambda m: m[1] + table() + m[3], text)
        README.write_text(text)
    found = BLOCK.search(text)
    assert found is not None
    assert found[2] == table()
