"""The arrows between the rooms of the house, read from the source: imports go down only."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Which of our own modules each room may import; the longest prefix of a module's name is its room.
ROOMS: dict[str, set[str]] = {
    "server.domain": {"server.domain"},
    "server.settings": {"server.domain"},
    "server.telemetry": set(),
    "server.turns": set(),
    "server.db": {"server.db", "server.domain", "server.settings", "server.telemetry"},
    "server.preview": {"server.preview"},
    "server.services": {
        "server.services", "server.preview", "server.db", "server.domain", "server.settings", "server.telemetry",
        "server.turns",
    },
    "server.worker": {
        "server.worker", "server.services", "server.db", "server.domain", "server.settings", "server.telemetry",
        "server.turns", "server.tracing",
    },
    "server.web": {
        "server.web", "server.services", "server.preview.options", "server.db", "server.domain", "server.folder",
        "server.settings", "server.telemetry", "server.turns",
    },
    # the implementations of the ports
    "server.engine": {"server.engine", "server.domain", "server.settings", "server.telemetry", "server.turns"},
    "server.stores": {"server.stores", "server.domain", "server.settings", "server.telemetry"},
    "server.dispatch": {"server.dispatch", "server.domain", "server.settings", "server.telemetry"},
    "server.web.events": {"server.domain", "server.settings", "server.telemetry"},
    # the top: what puts the rooms together, and what starts it
    "server.wiring": {
        "server.dispatch", "server.stores", "server.engine", "server.worker", "server.web.events", "server.services",
        "server.db", "server.domain", "server.settings", "server.telemetry", "server.tracing",
    },
    "server.app": {"server.web", "server.domain", "server.settings", "server.telemetry"},
    "server.doctor": {"server.domain", "server.settings", "server.telemetry"},
    "server.patience": set(),
    "server.tracing": set(),
    "server.folder": {"server.domain"},
    "server.backup": {"server.backup", "server.db", "server.domain", "server.folder", "server.settings"},
    "server.serve": {
        "server.app", "server.patience", "server.wiring", "server.db", "server.domain", "server.folder", "server.settings",
        "server.telemetry",
    },
    "server.cli": {
        "server.app", "server.backup", "server.doctor", "server.wiring", "server.db", "server.domain", "server.settings",
        "server.telemetry",
    },
    "server.__main__": {"server.serve"},
    "server.sync": {
        "server.folder", "server.wiring", "server.db", "server.domain", "server.settings", "server.telemetry",
    },
    "server": set(),
    "client": {"client"},
    "zygote": set(),
    "sbom": set(),
    "launch": {"launcher"},
    "launcher": {"launcher"},
    "byteme": {"byteme"},
    "byteme_caches": set(),
}  # fmt: skip

IMPLEMENTATIONS = ("server.engine", "server.stores", "server.dispatch", "server.web.events")

# (importer, imported): why it may, against the tables above.
EXCEPTIONS = {
    ("server.web.watch", "server.web.events"): "a watch waits for the hub's bell, which the Events port does not have",
    ("server.app", "server.wiring"): "only the type of what it is given; nothing is imported at run time",
    ("server.doctor", "server.wiring"): "only the type of what it is given; nothing is imported at run time",
}

# Which rooms alone may import a library.
LIBRARIES = {
    "flask": ("server.web", "server.app"),
    "apiflask": ("server.web", "server.app"),
    "flask_socketio": ("server.web", "server.app"),
    "flask_limiter": ("server.web",),
    "socketio": ("server.web",),
    "werkzeug": ("server.web", "server.app"),
    "docker": ("server.engine",),
    "celery": ("server.dispatch",),
    "redis": ("server.stores",),
    "boto3": ("server.stores", "server.engine.images"),
    "alembic": ("server.db",),
    "opentelemetry": ("server.tracing",),
}

UNPACKERS = {"extractall", "extract", "unpack_archive"}


@dataclass(frozen=True)
class Import:
    """`import module`, or `from module import name`; `types_only` under TYPE_CHECKING."""

    module: str
    name: str | None
    types_only: bool

    @property
    def target(self) -> str:
        """The module that is meant: a name imported from a package may be a module of it."""
        full = f"{self.module}.{self.name}"
        return full if full in MODULES else self.module


@dataclass(frozen=True)
class Module:
    name: str
    tree: ast.Module

    @property
    def room(self) -> str:
        fitting = [room for room in ROOMS if _within(self.name, room)]
        assert fitting, f"{self.name} is in no room: give it one in ROOMS"
        return max(fitting, key=len)

    def imports(self) -> list[Import]:
        return list(_imports(self.tree, types_only=False))


def parse(name: str, source: str) -> Module:
    return Module(name, ast.parse(source))


def _within(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")


def _imports(node: ast.AST, *, types_only: bool) -> Iterator[Import]:
    """Every import below `node`, late ones too."""
    for child in ast.iter_child_nodes(node):
        inside = types_only or (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test))
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, None, inside) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports are absolute"
            yield from (Import(str(child.module), alias.name, inside) for alias in child.names)
        else:
            yield from _imports(child, types_only=inside)


def _load() -> dict[str, Module]:
    found = {}
    for top, prefix in (("server", ROOT), ("client", ROOT), ("sandbox-image", ROOT / "sandbox-image")):
        for path in sorted((ROOT / top).rglob("*.py")):
            name = ".".join(path.relative_to(prefix).with_suffix("").parts).removesuffix(".__init__")
            found[name] = parse(name, path.read_text())
    return found


MODULES = _load()


def forbidden_arrows(module: Module) -> set[tuple[str, str]]:
    targets = {item.target for item in module.imports() if item.target in MODULES}
    found = {(module.name, target) for target in targets if not _allowed(module, target, ROOMS[module.room])}
    return found - EXCEPTIONS.keys()


def _allowed(module: Module, target: str, allowed: set[str]) -> bool:
    implementation = next((room for room in IMPLEMENTATIONS if _within(target, room)), None)
    if implementation and not _within(module.name, implementation):
        return implementation in allowed
    return any(_within(target, room) for room in allowed)


def forbidden_libraries(module: Module) -> set[tuple[str, str]]:
    names = {item.target.partition(".")[0] for item in module.imports()}
    return {
        (module.name, name)
        for name, rooms in LIBRARIES.items()
        if name in names and not any(_within(module.name, room) for room in rooms)
    }


def readers_of_the_environment(module: Module) -> bool:
    uses = {(node.value.id, node.attr) for node in ast.walk(module.tree) if _is_plain_attribute(node)}
    named = {(item.module, item.name) for item in module.imports()}
    return bool({("os", "environ"), ("os", "getenv")} & (uses | named))


def _is_plain_attribute(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)


def unpackers(module: Module) -> set[str]:
    attributes = {node.attr for node in ast.walk(module.tree) if isinstance(node, ast.Attribute)}
    names = {item.name for item in module.imports()}
    return UNPACKERS & (attributes | names)


def cycle(graph: dict[str, set[str]]) -> list[str] | None:
    """The names along one cycle of `graph`, if there is any."""
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str] | None:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return None
        for target in sorted(graph.get(name, ())):
            if found := visit(target, [*path, name]):
                return found
        done.add(name)
        return None

    return next((found for name in sorted(graph) if (found := visit(name, []))), None)


@pytest.mark.parametrize("name", sorted(MODULES))
def test_imports_go_down_only(name: str) -> None:
    assert not forbidden_arrows(MODULES[name])


@pytest.mark.parametrize("name", sorted(MODULES))
def test_each_library_stays_in_its_room(name: str) -> None:
    assert not forbidden_libraries(MODULES[name])


def test_the_domain_needs_nothing_but_the_standard_library() -> None:
    foreign = {
        (name, item.target)
        for name, module in MODULES.items()
        if _within(name, "server.domain")
        for item in module.imports()
        if item.target.partition(".")[0] not in {*sys.stdlib_module_names, "server"}
    }
    assert not foreign


def test_what_looks_into_tenants_files_needs_nothing_but_the_standard_library() -> None:
    names = [name for name in MODULES if _within(name, "server.preview")]
    tops = {item.target.partition(".")[0] for name in names for item in MODULES[name].imports()}
    assert names
    assert tops <= {*sys.stdlib_module_names, "server"}


def test_the_supervisor_starts_on_the_standard_library_alone() -> None:
    tops = {item.target.partition(".")[0] for item in MODULES["zygote"].imports()}
    assert tops <= set(sys.stdlib_module_names)


def test_the_settings_are_the_only_reader_of_the_environment() -> None:
    readers = {name for name, module in MODULES.items() if readers_of_the_environment(module)}
    assert {name for name in readers if _within(name, "server")} == {"server.settings"}


def test_no_archive_of_a_tenant_is_ever_unpacked() -> None:
    assert not {(name, found) for name, module in MODULES.items() for found in unpackers(module)}


def test_there_is_no_import_cycle() -> None:
    graph = {
        name: {item.target for item in module.imports() if not item.types_only and item.target in MODULES}
        for name, module in MODULES.items()
    }
    assert cycle(graph) is None


def test_every_exception_is_still_needed() -> None:
    """A table of exceptions that nobody uses hides the next one."""
    arrows = {(name, item.target) for name, module in MODULES.items() for item in module.imports()}
    assert EXCEPTIONS.keys() <= arrows


# The checks themselves see what they are for.


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("server.domain.run", "from server.db import moves"),
        ("server.services.runs", "import server.web.runs"),
        ("server.services.runs", "from server.stores.logs_file import FileLogStore"),
        ("server.worker.execute", "def f():\n    from server.engine.docker_engine import DockerEngine"),
        ("server.engine.convert", "from server.db.models import Run"),
        ("server.web.runs", "from server.web.events import EventHub"),
        ("server.stores.logs_file", "from server.engine import convert"),
        ("client.api", "from server.settings import load"),
    ],
)
def test_a_forbidden_arrow_is_seen(name: str, source: str) -> None:
    assert forbidden_arrows(parse(name, source))


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("server.services.runs", "from flask import request"),
        ("server.worker.execute", "import docker.errors"),
        ("server.web.runs", "import celery"),
        ("server.wiring", "import boto3"),
    ],
)
def test_a_library_outside_its_room_is_seen(name: str, source: str) -> None:
    assert forbidden_libraries(parse(name, source))


@pytest.mark.parametrize(
    "source", ["import os\nos.environ['HOME']", "import os\nos.getenv('X')", "from os import environ"]
)
def test_a_reader_of_the_environment_is_seen(source: str) -> None:
    assert readers_of_the_environment(parse("server.web.runs", source))


@pytest.mark.parametrize("source", ["tar.extractall('x')", "from shutil import unpack_archive", "z.extract('x')"])
def test_an_unpacker_is_seen(source: str) -> None:
    assert unpackers(parse("server.web.archive", source))


def test_a_cycle_is_seen() -> None:
    assert cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == ["a", "b", "c", "a"]
    assert cycle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) is None
