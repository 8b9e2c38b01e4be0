"""The command group: our own commands, and those that other packages plug in (entry points "byteme.commands")."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["main"]

PLUGINS = "byteme.commands"

# name: (module, one line of help)
COMMANDS = {
    "login": ("client.cli.account", "Sign in to a server and remember it."),
    "logout": ("client.cli.account", "Sign out: the stored tokens are dead from then on."),
    "run": ("client.cli.run", "Run a program, as if it ran here."),
    "runs": ("client.cli.runs", "List your runs, newest first."),
    "status": ("client.cli.runs", "Show one run."),
    "logs": ("client.cli.runs", "Print a run's output."),
    "record": ("client.cli.runs", "Print all about a run as one JSON document."),
    "rerun": ("client.cli.runs", "Run the same again."),
    "cancel": ("client.cli.runs", "End a run."),
    "artifacts": ("client.cli.runs", "List a run's artifacts, or download them."),
    "templates": ("client.cli.library", "List ML templates, show one, or copy it to a folder."),
    "datasets": ("client.cli.library", "List, add and remove datasets."),
    "secrets": ("client.cli.secrets", "Set, list and delete secrets, for programs' environments."),
    "images": ("client.cli.images", "Pull sandbox images onto the hosts and switch to them (for operators)."),
    "hosts": ("client.cli.images", "List the hosts that execute runs (for operators)."),
    "keys": ("client.cli.keys", "Make, list and revoke API keys, for programs."),
}


class LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *sorted(_plugins())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS:
            command: click.Command = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name)
            return command
        plugin = _plugins().get(cmd_name)
        return _load(plugin) if plugin else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])
        plugins = sorted(_plugins())
        if plugins:
            with formatter.section("For operators, on the server's machine"):
                formatter.write_text(", ".join(plugins))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            sys.exit(130)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the flush at exit would fail again
            sys.exit(141)  # whoever read our output has had enough
        except Exception as error:
            raise _explained(error, ctx.invoked_subcommand) from error


class RunFailure(click.ClickException):
    """An error of `byteme run` itself, told from those of the user's program by its exit code."""

    exit_code = 125


def _explained(error: Exception, command: str | None) -> Exception:
    """The error as a person should see it; usage errors and defects stay what they are."""
    from client.cli.session import explanation

    is_told = isinstance(error, click.ClickException) and command != "run"
    if isinstance(error, click.UsageError) or is_told:
        return error
    text = error.message if isinstance(error, click.ClickException) else explanation(error)
    if text is None:
        return error
    return RunFailure(text) if command == "run" else click.ClickException(text)


def _plugins() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=PLUGINS) if point.name not in COMMANDS}


def _load(plugin: EntryPoint) -> click.Command:
    try:
        command = plugin.load()
    except ImportError as error:
        raise click.ClickException(f"`byteme {plugin.name}` needs the server's packages ({error})") from error
    if not isinstance(command, click.Command):
        raise click.ClickException(f"the entry point {plugin.value} is not a command")
    return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="byteme", message="%(prog)s %(version)s")
def main() -> None:
    """Run machine-learning programs in a sandbox, from the terminal.

    The server and who you are come from `byteme login`, or from BYTEME_URL and BYTEME_TOKEN (an API key, say).
    """
