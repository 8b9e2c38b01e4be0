"""byteme login, byteme logout."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

import click

from client import ByteMeError, NotSignedIn
from client.cli.credentials import FileVault, default_path
from client.cli.session import DEFAULT_URL, client_for
from client.names import printable

__all__ = ["login", "logout"]


@click.command()
@click.argument("url", required=False)
@click.option("--email", help="Asked for if not given.")
@click.option("--password", help="Asked for if not given, which keeps it out of the list of processes.")
@click.option("--register", is_flag=True, help="Make the account first.")
def login(url: str | None, email: str | None, password: str | None, register: bool) -> None:
    """Sign in to the server at URL and remember it.

    The sign-in is kept in ~/.config/byteme/credentials.json (XDG_CONFIG_HOME is respected), for your eyes only.
    """
    vault = FileVault(default_path(), _server(url))
    with client_for(vault.url, vault=vault) as client:
        email = email or click.prompt("Email", err=True)
        password = password or _ask_password(confirm=register)
        if register:
            client.register(email, password)
        try:
            user = client.login(email, password)
        except NotSignedIn as error:
            raise click.ClickException(printable(str(error))) from error
    click.echo(f"Signed in to {vault.url} as {printable(user.email or email)}.", err=True)


@click.command()
def logout() -> None:
    """Sign out: the stored tokens are dead from then on, here and on the server."""
    stored = FileVault.stored(default_path())
    if stored is None:
        click.echo("Not signed in.", err=True)
        return
    # A server that cannot be reached, or has forgotten us, must not keep anybody signed in here.
    with suppress(ByteMeError), client_for(stored.url, vault=stored) as client:
        client.logout()
    stored.forget()
    click.echo(f"Signed out of {stored.url}.", err=True)


def _ask_password(confirm: bool) -> str:
    # Without a terminal it is read from stdin like any other answer, so that a script can pipe it in.
    watched = sys.stdin.isatty()
    password: str = click.prompt("Password", hide_input=watched, confirmation_prompt=confirm and watched, err=True)
    return password


def _server(url: str | None) -> str:
    stored = FileVault.stored(default_path())
    chosen = url or os.environ.get("BYTEME_URL") or (stored.url if stored else None)
    return (chosen or click.prompt("Server", default=DEFAULT_URL, err=True)).rstrip("/")
