"""byteme templates, byteme datasets."""

from __future__ import annotations

from pathlib import Path

import click

from client import Template
from client.cli.session import connect
from client.cli.show import as_json, progress, size, table
from client.names import printable, safe_path

__all__ = ["datasets", "templates"]

JSON = click.option("--json", "json_", is_flag=True, help="Print JSON.")


@click.command()
@click.argument("name", required=False)
@click.option(
    "--output-dir", type=click.Path(file_okay=False, path_type=Path), help="Copy NAME's files to this folder."
)
@JSON
def templates(name: str | None, output_dir: Path | None, json_: bool) -> None:
    """List ML templates; with NAME show one, or copy its files to a folder to start from."""
    if output_dir is not None and name is None:
        raise click.UsageError("name the template to copy.")
    with connect() as client:
        found = [client.template(name)] if name else client.templates()
    if output_dir is not None:
        return _copy(found[0], output_dir)
    if json_:
        return as_json(found[0].raw if name else [template.raw for template in found])
    return _describe(found[0]) if name else table(("NAME", "TITLE", "TAGS"), [_row(t) for t in found])


@click.group(invoke_without_command=True)
@JSON
@click.pass_context
def datasets(ctx: click.Context, json_: bool) -> None:
    """List your datasets; add and remove them."""
    if ctx.invoked_subcommand:
        return None
    with connect() as client:
        found = list(client.datasets())
    if json_:
        return as_json([dataset.raw for dataset in found])
    return table(("ID", "NAME", "SIZE", "SHA256"), [(d.id, d.name, size(d.bytes), d.sha256[:12]) for d in found])


@datasets.command()
@click.argument("name")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@JSON
def add(name: str, path: Path, json_: bool) -> None:
    """Upload the file at PATH as the dataset NAME; prints its id. What is there already is not sent again."""
    with connect() as client, progress() as started:
        dataset = client.upload_dataset(name, path, started(name, path.stat().st_size))
    if json_:
        return as_json(dataset.raw)
    return click.echo(dataset.id)


@datasets.command()
@click.argument("dataset_id", metavar="ID")
def remove(dataset_id: str) -> None:
    """Delete a dataset."""
    with connect() as client:
        client.delete_dataset(dataset_id)


def _copy(template: Template, folder: Path) -> None:
    for name in template.files:
        target = safe_path(folder, name)
        if target.exists():
            raise click.ClickException(f"{target} exists; nothing of yours is overwritten")
    for name, text in template.files.items():
        target = safe_path(folder, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
        click.echo(target)


def _describe(template: Template) -> None:
    click.echo(f"{printable(template.title)}\n{printable(template.summary)}\n")
    for name in template.files:
        click.echo(f"  {printable(name)}{' (runs)' if name == template.entrypoint else ''}")
    name = printable(template.name)
    click.echo(f"\nbyteme templates {name} --output-dir {name}; byteme run {name} --follow")


def _row(template: Template) -> tuple[str, str, str]:
    return template.name, template.title, ", ".join(template.tags)
