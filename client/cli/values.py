"""What options accept besides plain text."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import click

__all__ = ["DATA", "DURATION", "ENV", "MEGABYTES"]

_UNITS_MB = {"": 1.0, "k": 1 / 1024, "m": 1.0, "g": 1024.0, "t": 1024.0 * 1024}
_UNITS_S = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


class Megabytes(click.ParamType[int]):
    """Binary megabytes: 512, 512m, 1.5g."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)([kmgt]?)(?:i?b)?", str(value).strip().lower())
        size = float(found[1]) * _UNITS_MB[found[2]] if found else 0
        if size < 1:
            self.fail(f"{value!r} is not a size: say 512 (MB), 512m or 2g", param, ctx)
        return round(size)


class Duration(click.ParamType[int]):
    """Seconds: 90, 90s, 10m, 1h30m."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).strip().lower()
        if not re.fullmatch(r"\d+|(\d+[smhd])+", text):
            self.fail(f"{value!r} is not a duration: say 90 (seconds), 10m or 1h30m", param, ctx)
        return sum(int(number) * _UNITS_S[unit] for number, unit in re.findall(r"(\d+)([smhd]?)", text))


class Environment(click.ParamType[tuple[str, str]]):
    """K=V, or K alone for the value it has here."""

    name = "K=V"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        name, given, text = str(value).partition("=")
        if not name:
            self.fail(f"{value!r} has no name: say NAME=VALUE", param, ctx)
        if not given and name not in os.environ:
            self.fail(f"{name} is not set here: say {name}=VALUE", param, ctx)
        return name, text if given else os.environ[name]


class Data(click.ParamType[tuple[str, Path]]):
    """NAME=PATH of a file that exists."""

    name = "NAME=PATH"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Path]:
        name, _, path = str(value).partition("=")
        if not name or "/" in name or not path:
            self.fail(f"{value!r}: say NAME=PATH; the program finds it as $BYTEME_INPUT_DIR/NAME", param, ctx)
        if not Path(path).is_file():
            self.fail(f"{path} is not a file (pack a folder into an archive first)", param, ctx)
        return name, Path(path)


DATA, DURATION, ENV, MEGABYTES = Data(), Duration(), Environment(), Megabytes()
