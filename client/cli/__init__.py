"""The `byteme` command. Commands are imported when they are used, so that `byteme --help` is instant."""

from client.cli.group import main

__all__ = ["main"]
