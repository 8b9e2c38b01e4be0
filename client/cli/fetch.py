"""Artifacts of a run to a folder, with progress."""

from __future__ import annotations

from pathlib import Path

import click

from client import Client, IntegrityError, UnsafeName
from client.cli.show import progress
from client.names import safe_path

__all__ = ["download_all"]


def download_all(client: Client, run_id: str, folder: Path) -> bool:
    """Fetch and verify every artifact; False, after saying so, if one was refused or did not verify."""
    folder.mkdir(parents=True, exist_ok=True)
    complete = True
    with progress() as started:
        for artifact in client.artifacts(run_id):
            try:
                safe_path(folder, artifact.path)
                client.download(run_id, artifact, folder, started(artifact.path, artifact.bytes))
            except (UnsafeName, IntegrityError) as error:
                click.echo(f"Error: {error}", err=True)
                complete = False
    return complete
