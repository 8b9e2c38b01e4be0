"""byteme secrets: values that programs are given and nobody reads again."""

from __future__ import annotations

import sys

import click

from client.cli.session import connect
from client.cli.show import as_json, table
from client.names import printable

__all__ = ["secrets"]

JSON = click.option("--json", "json_", is_flag=True, help="Print JSON.")
NAME = click.argument("name")


@click.group()
def secrets() -> None:
    """Set, list and delete secrets. `byteme run --secret NAME` gives one to a program, in its environment."""


@secrets.command("set")
@NAME
@JSON
def set_(name: str, json_: bool) -> None:
    """Set a secret, to what is typed or comes on stdin (less the line break at its end).

    It is never an argument, which would stand in the list of processes and the shell's history.
    """
    value = _ask(name) if sys.stdin.isatty() else sys.stdin.read().removesuffix("\n").removesuffix("\r")
    with connect() as client:
        secret = client.set_secret(name, value)
    return as_json(secret.raw) if json_ else click.echo(f"Set {printable(name)}.", err=True)


@secrets.command("list")
@JSON
def list_(json_: bool) -> None:
    """List your secrets by name; their values are never shown."""
    with connect() as client:
        found = client.secrets()
    if json_:
        return as_json([secret.raw for secret in found])
    return table(("NAME", "UPDATED"), [(secret.name, secret.updated_at) for secret in found])


@secrets.command()
@NAME
@JSON
def delete(name: str, json_: bool) -> None:
    """Delete a secret; programs that were given it keep it."""
    with connect() as client:
        client.delete_secret(name)
    return as_json({"name": name, "deleted": True}) if json_ else click.echo(f"Deleted {printable(name)}.", err=True)


def _ask(name: str) -> str:
    value: str = click.prompt(name, hide_input=True, err=True)
    return value
