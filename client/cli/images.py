"""byteme images, byteme hosts: for operators."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import click

from client import ApiError, Client, NotFound, NotSignedIn
from client.cli.pulling import EXIT, show_pull
from client.cli.session import connect, explanation
from client.cli.show import as_json, size, table
from client.cli.values import DURATION
from client.errors import ByteMeError
from client.names import printable

__all__ = ["hosts", "images"]

JSON = click.option("--json", "json_", is_flag=True, help="Print JSON.")
QUORUM = click.option(
    "--quorum", default=100, show_default=True, type=click.IntRange(1, 100), help="Per cent of the hosts to wait for."
)
VERIFY_S = 120.0


class Failure(click.ClickException):
    """An error whose exit code says of what kind it is."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # of this one error


class Coded(click.Group):
    """Commands that tell errors apart by their exit codes."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ByteMeError, OSError) as error:
            if isinstance(error, BrokenPipeError):
                raise
            raise Failure(explanation(error) or str(error), _code_of(error)) from error


def _code_of(error: Exception) -> int:
    if isinstance(error, NotSignedIn) or (isinstance(error, ApiError) and error.status == 403):
        return EXIT["auth"]
    if isinstance(error, NotFound):
        return EXIT["not_found"]
    return 1


@click.group(cls=Coded)
def images() -> None:
    """Pull sandbox images onto the hosts, and switch runs to them.

    Exit codes: 0 done, 1 error, 2 usage, 3 not allowed (here or at the registry), 4 not found, 5 against the policy
    (signature, findings, size, platform, digest, disk), 6 some hosts have it and some do not, 7 the smoke run failed.
    """


@images.command()
@click.argument("ref")
@click.option("--alias", default="default", show_default=True, help="What runs ask for.")
@click.option("--no-activate", is_flag=True, help="Leave the alias as it is.")
@QUORUM
@click.option("--fail-on", metavar="SEVERITIES", help="Scan findings that are not accepted, as CRITICAL,HIGH.")
@click.option("--require-signature", is_flag=True, help="Refuse it unless it is signed by the server's key.")
@click.option(
    "--smoke", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A Python program that must succeed on it.",
)  # fmt: skip
@click.option("--deadline", type=DURATION, help="Give up after seconds, or 15m.")
@click.option("--dry-run", is_flag=True, help="Resolve and examine it, say what would be pulled.")
@JSON
def pull(ref: str, json_: bool, **options: Any) -> None:
    """Pull the image REF (REPOSITORY:TAG or REPOSITORY@sha256:...) onto every host, try it, switch to it."""
    smoke: Path | None = options["smoke"]
    with connect() as client:
        asked = client.images.pull(
            ref,
            alias=options["alias"],
            activate=not options["no_activate"],
            quorum=options["quorum"],
            fail_on=options["fail_on"].upper().split(",") if options["fail_on"] else None,
            require_signature=options["require_signature"],
            smoke=smoke.read_text() if smoke else None,
            deadline_s=options["deadline"],
            dry_run=options["dry_run"],
        )
        sys.exit(show_pull(client.images.follow(asked), json_=json_))


@images.command()
@click.argument("alias")
@click.argument("image", metavar="REF")
@QUORUM
@JSON
def use(alias: str, image: str, quorum: int, json_: bool) -> None:
    """Switch ALIAS to an image that the hosts have: a digest, or the REF that it was pulled by."""
    with connect() as client:
        sys.exit(show_pull(client.images.follow(client.images.activate(alias, image, quorum)), json_=json_))


@images.command()
@click.argument("image", metavar="REF")
@click.option("--alias", default="default", show_default=True, help="What runs ask for.")
@QUORUM
@JSON
@click.pass_context
def activate(ctx: click.Context, image: str, alias: str, quorum: int, json_: bool) -> None:
    """Switch an alias to an image that the hosts have; the same as `use`."""
    ctx.invoke(use, alias=alias, image=image, quorum=quorum, json_=json_)


@images.command()
@click.argument("alias", default="default")
@JSON
def rollback(alias: str, json_: bool) -> None:
    """Switch ALIAS back to the image before, at once."""
    with connect() as client:
        switched = client.images.rollback(alias)
    if json_:
        return as_json(switched)
    text = f"{switched['alias']} is {switched['digest'] or 'what is built on the hosts'}."
    return click.echo(printable(f"{text} {switched['warning'] or ''}".strip()), err=True)


@images.command("list")
@JSON
def list_(json_: bool) -> None:
    """List the images that runs may use."""
    with connect() as client:
        found = client.images.everything()
    return as_json(found) if json_ else table(_HEAD, map(_row, found))


@images.command()
@click.option("--watch", is_flag=True, help="Go on until interrupted.")
@JSON
def status(watch: bool, json_: bool) -> None:
    """Show each image on each host; exits with 6 unless every host has every active image."""
    with connect() as client:
        found = client.images.everything()
        _show_status(found, json_)
        while watch:
            sleep(1)
            before, found = found, client.images.everything()
            if found != before:
                _show_status(found, json_)
    sys.exit(EXIT["partial"] if _is_partial(found) else 0)


@images.command()
@click.option("--keep", default=3, show_default=True, type=click.IntRange(0, 1000), help="How many unused ones stay.")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@JSON
def prune(keep: int, dry_run: bool, json_: bool) -> None:
    """Remove the images that nobody needs: not the active, previous or used ones, nor the newest of the others."""
    with connect() as client:
        decided = client.images.prune(keep, dry_run=dry_run)
    if json_:
        return as_json(decided)
    return table(("IMAGE", "DIGEST", "KEPT"), [(i["ref"], i["digest"][:19], i["kept"] or "removed") for i in decided])


@images.command()
@JSON
def verify(json_: bool) -> None:
    """Have every host look again at what it has; exits with 6 when one lacks an image."""
    with connect() as client:
        since = client.images.verify()
        found = _await(client, lambda items: all(_is_verified(item, since) for item in items))
    _show_status(found, json_)
    sys.exit(EXIT["partial"] if any(_lacks(host) for item in found for host in item["hosts"]) else 0)


@images.command()
@click.option("--this-host", is_flag=True, required=True, help="The only host that there is to choose.")
@JSON
def sync(this_host: bool, json_: bool) -> None:
    """Pull all that this host should have, before its server starts: for a host that joins.

    Talks to the database and the engine of the server's settings, not to a server.
    """
    if find_spec("server") is None:
        raise click.ClickException("`byteme images sync` needs the server's packages")
    command = [sys.executable, "-m", "server.sync", *(["--json"] if json_ else [])]
    os.execv(sys.executable, command)  # noqa: S606  # a process that gevent has to itself


@click.command()
@JSON
def hosts(json_: bool) -> None:
    """List the hosts that execute runs."""
    with connect() as client:
        found = client.images.hosts()
    if json_:
        return as_json(found)
    head = ("HOST", "STATE", "RUNS", "SLOTS", "ENGINE", "RUNTIME")
    return table(head, [(*_host(host), host["facts"].get("version"), host["facts"].get("runtime")) for host in found])


_HEAD = ("ALIAS", "IMAGE", "DIGEST", "SIZE", "STATE", "HOSTS")


def _host(host: Mapping[str, Any]) -> tuple[object, ...]:
    return host["name"], host["state"], host["running_runs"], host["slots"]


def _row(item: Mapping[str, Any]) -> tuple[object, ...]:
    state = "active" if item["active"] else "previous" if item["previous"] else "pulled"
    ready = sum(host["state"] == "ready" for host in item["hosts"])
    hosts_ = f"{ready}/{len(item['hosts'])}" if item["hosts"] else None
    bytes_ = size(item["bytes"]) if item["bytes"] is not None else None
    return item["alias"], item["ref"], item["digest"][:19], bytes_, state, hosts_


def _show_status(found: list[dict[str, Any]], json_: bool) -> None:
    if json_:
        click.echo(json.dumps(found))
        return
    table(_HEAD, map(_row, found))
    rows = [(item["ref"], *_on_host(host)) for item in found for host in item["hosts"]]
    if rows:
        click.echo()
        table(("IMAGE", "HOST", "STATE", "DONE", "SECONDS", "FREE", "TELLS"), rows)


def _on_host(host: Mapping[str, Any]) -> tuple[object, ...]:
    free = size(host["free_bytes"]) if host["free_bytes"] is not None else None
    return host["host"], host["state"], f"{host['progress']:.0%}", host["seconds"], free, host["message"]


def _lacks(host: Mapping[str, Any]) -> bool:
    return bool(host["state"] != "ready")


def _is_partial(found: Iterable[Mapping[str, Any]]) -> bool:
    return any(_lacks(host) for item in found if item["active"] for host in item["hosts"])


def _is_verified(item: Mapping[str, Any], since: str) -> bool:
    return all(host["state"] == "failed" or (host["verified_at"] or "") >= since for host in item["hosts"])


def _await(client: Client, is_done: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
    until = monotonic() + VERIFY_S
    while not is_done(found := client.images.everything()) and monotonic() < until:
        sleep(0.5)
    return found
