"""Operators' commands, which join the one `byteme` command."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
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


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--base", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="an earlier backup; what has not changed since is linked to it, not copied",
)  # fmt: skip
def backup(folder: Path, base: Path | None) -> None:
    """Save database, outputs, artifacts and datasets into FOLDER, which must be new; the server may run meanwhile."""
    from server.backup.save import save
    from server.db.session import Database

    settings = _settings()
    with _told():
        saved = save(settings, Database(settings.database), folder, datetime.now(UTC), base=base, said=_say)
    made = saved.manifest
    click.echo(f"{len(made.files)} files, {made.bytes >> 20} MB are in {folder}; {saved.linked} of them linked.")
    for what in saved.lost:
        click.echo(f"not as it was stored: {what}", err=True)
    sys.exit(1 if saved.lost else 0)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def restore(folder: Path) -> None:
    """Put the backup in FOLDER back, into a data folder (and database) that is empty; no server may run there."""
    from server.backup.restore import restore as put_back
    from server.db.session import Database

    settings = _settings()
    with _told():
        made = put_back(settings, Database(settings.database), folder, _say)
    click.echo(f"{len(made.files)} files of {made.made_at} are back and checked in {settings.data_dir.resolve()}.")


def _say(what: str) -> None:
    click.echo(f"{what} ...", err=True)


@contextmanager
def _told() -> Iterator[None]:
    """Errors that are the operator's to put right, as one line."""
    try:
        yield
    except BytemeError as error:
        raise click.ClickException(error.message) from None
    except OSError as error:
        raise click.ClickException(f"{error.strerror}: {error.filename}") from None
