"""Operators' commands, which join the one `byteme` command."""

import json
import os
import sys
from collections.abc import Callable
from typing import Any

import click

from server.domain.errors import BytemeError
from server.settings import Settings, load


def _settings() -> Settings:
    try:
        return load()
    except BytemeError as error:
        raise click.ClickException(error.message) from None


def _services() -> Any:
    from server.wiring import build

    return build(_settings())


@click.command()
def serve() -> None:
    """Start the server; it brings its database up to date first."""
    _settings()
    os.execv(sys.executable, [sys.executable, "-m", "server"])  # noqa: S606  # a process that gevent has to itself


@click.command()
def migrate() -> None:
    """Bring the database up to this version."""
    from server.db.migrate import upgrade

    upgrade(_services().db)
    click.echo("The database is up to date.")


@click.command()
def openapi() -> None:
    """Print the API's OpenAPI document."""
    from server.app import openapi_document

    click.echo(json.dumps(openapi_document(), indent=1))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="one JSON object")
def doctor(as_json: bool) -> None:
    """Check engine, runtime, image, storage, database and disk; exits with 1 when something is wrong."""
    from server.doctor import examine

    findings = examine(_services())
    if as_json:
        click.echo(json.dumps({finding.name: {"ok": finding.ok, "said": finding.said} for finding in findings}))
    for finding in [] if as_json else findings:
        mark = click.style("ok ", fg="green") if finding.ok else click.style("BAD", fg="red", bold=True)
        click.echo(f"{mark} {finding.name:<10} {finding.said}")
    sys.exit(0 if all(finding.ok for finding in findings) else 1)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="one JSON object a line")
def users(as_json: bool) -> None:
    """List the accounts."""
    from sqlalchemy import select

    from server.db.models import User

    with _services().db.transaction() as session:
        rows = session.scalars(select(User).order_by(User.created_at)).all()
    show: Callable[[User], str] = _user_json if as_json else _user_line
    for user in rows:
        click.echo(show(user))


def _user_json(user: Any) -> str:
    fields = {"id": user.id, "email": user.email, "role": user.role, "disabled": user.disabled_at is not None}
    return json.dumps(fields | {"created_at": user.created_at.isoformat()})


def _user_line(user: Any) -> str:
    state = "disabled" if user.disabled_at else "active"
    return f"{user.email:<40} {user.role:<6} {state:<9} {user.created_at:%Y-%m-%d %H:%M}"
