"""Which server, as whom; and what to tell a person when it does not work."""

from __future__ import annotations

import os

import click

from client import ApiError, ByteMeError, Client, NotSignedIn
from client.cli.credentials import FileVault, default_path
from client.names import printable

__all__ = ["DEFAULT_URL", "connect", "explanation"]

DEFAULT_URL = "http://127.0.0.1:8000"


def connect() -> Client:
    """A client from BYTEME_URL and BYTEME_TOKEN, or from the stored sign-in.

    Raises click.ClickException if there is no sign-in for the server, or BYTEME_URL is not a URL.
    """
    stored = FileVault.stored(default_path())
    url = (os.environ.get("BYTEME_URL") or (stored.url if stored else DEFAULT_URL)).rstrip("/")
    token = os.environ.get("BYTEME_TOKEN", "").strip()
    if token:
        return client_for(url, token=token)
    if stored is None or stored.url != url:
        raise click.ClickException(f"Not signed in to {url}: run `byteme login` (or set BYTEME_TOKEN).")
    return client_for(url, vault=stored)


def client_for(url: str, *, token: str = "", vault: FileVault | None = None) -> Client:
    try:
        return Client(url, token, vault=vault)
    except ValueError as error:
        raise click.ClickException(str(error)) from error


def explanation(error: Exception) -> str | None:
    """What to print for an error of the client; None for one that is a defect and deserves its traceback."""
    if isinstance(error, NotSignedIn):
        return _sign_in_again(error)
    if isinstance(error, ApiError):
        return _printable_lines(str(error))
    return _printable_lines(str(error)) if isinstance(error, (ByteMeError, OSError)) else None


def _sign_in_again(error: NotSignedIn) -> str:
    if os.environ.get("BYTEME_TOKEN"):
        return "The server does not accept BYTEME_TOKEN (any more): get a new one, or unset it and run `byteme login`."
    return "Your sign-in has expired: run `byteme login`."


def _printable_lines(text: str) -> str:
    return "\n".join(printable(line) for line in text.split("\n"))
