"""byteme keys: what programs sign in with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from client import ApiKey
from client.cli.session import connect
from client.cli.show import as_json, table
from client.cli.values import DURATION
from client.names import printable

__all__ = ["keys"]

JSON = click.option("--json", "json_", is_flag=True, help="Print JSON.")


@click.group()
def keys() -> None:
    """Make, list and revoke API keys, with which programs sign in (BYTEME_TOKEN)."""


@keys.command()
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, help="What it may do, as runs:write; repeatable.")
@click.option("--expires", type=DURATION, help="After seconds, or 12h, 90d [never].")
@JSON
def create(name: str, scopes: tuple[str, ...], expires: int | None, json_: bool) -> None:
    """Make an API key, and print it: it is not shown again.

    Scopes: runs, projects, datasets, secrets, each with :read or :write (which may read, too), and admin for operators.
    """
    until = datetime.now(UTC) + timedelta(seconds=expires) if expires else None
    with connect() as client:
        made = client.create_key(name, scopes, until)
    if json_:
        return as_json(made.raw)
    click.echo(f"Key {made.id}; keep what follows, it is not shown again.", err=True)
    return click.echo(printable(made.key))


@keys.command("list")
@JSON
def list_(json_: bool) -> None:
    """List your API keys, newest first."""
    with connect() as client:
        found = list(client.keys())
    if json_:
        return as_json([key.raw for key in found])
    return table(("ID", "NAME", "SCOPES", "CREATED", "EXPIRES", "LAST USED"), [_row(key) for key in found])


@keys.command()
@click.argument("key_id", metavar="ID")
@JSON
def revoke(key_id: str, json_: bool) -> None:
    """Revoke an API key: from then on it opens nothing."""
    with connect() as client:
        client.revoke_key(key_id)
    if json_:
        return as_json({"id": key_id, "revoked": True})
    return click.echo(f"Revoked {printable(key_id)}.", err=True)


def _row(key: ApiKey) -> tuple[object, ...]:
    return key.id, key.name, " ".join(key.scopes), key.created_at, key.expires_at, key.last_used_at
