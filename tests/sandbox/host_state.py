"""What programs could change on their host, as two looks at it show."""

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from tests.server_process import ServerProcess

# Settings that are counts or change by themselves; all others are an operator's.
_COUNTS = re.compile(
    r"fs/(dentry-state|file-nr|inode-nr|inode-state|aio-nr|quota/.*|binfmt_misc/.*)|kernel/(ns_last_pid|random/.*|pty/nr)"
    r"|kernel/sched_domain/.*|net/netfilter/nf_conntrack_count|net/.*/flush|net/.*/stat_refresh|vm/stat_refresh"
    r"|net/ipv[46]/(conf|neigh)/(veth|bm-).*"  # another sandbox's, if somebody gives them a network; other tests' engines'
)


@dataclass(frozen=True)
class HostState:
    """The parts that no run may change. Equal before and after, once the last sandbox is gone."""

    processes: frozenset[str]  # of the users that sandboxes run as
    containers: frozenset[str]
    mounts: frozenset[str]
    storage: frozenset[str]  # what sandboxes have on the host's disk
    loop_devices: frozenset[str]
    interfaces: frozenset[str]
    firewall: str
    shared_memory: frozenset[str]
    system_v: frozenset[str]
    key_users: frozenset[str]
    settings: dict[str, str]
    identity: tuple[str, ...]
    engine: str

    def changes(self, later: "HostState") -> dict[str, object]:
        """What differs, by part."""
        pairs = {field.name: (getattr(self, field.name), getattr(later, field.name)) for field in fields(self)}
        return {name: _difference(*pair) for name, pair in pairs.items() if pair[0] != pair[1]}


def host_state(servers: list[ServerProcess], uids: range) -> HostState:
    """The host now. Containers, mounts and storage are those of `servers`; users are `uids`.

    A host has more mounts and processes than these: what other servers' sandboxes and the engine itself have is theirs.
    """
    return HostState(
        processes=frozenset(_processes(uids)),
        containers=frozenset(name for server in servers for name in server.containers()),
        mounts=frozenset(_mounts(servers)),
        storage=frozenset(_storage(servers)),
        loop_devices=frozenset(_loop_devices(servers)),
        interfaces=frozenset(
            p.name for p in Path("/sys/class/net").iterdir() if not p.name.startswith(("veth", "bm-"))
        ),
        firewall=_firewall(),
        shared_memory=frozenset(_shared_memory()),
        system_v=frozenset(line for kind in ("msg", "sem", "shm") for line in _owners(f"/proc/sysvipc/{kind}")),
        key_users=frozenset(_key_users(uids)),
        settings=dict(_settings()),
        identity=(socket.gethostname(), *(Path(p).read_text() for p in ("/etc/passwd", "/etc/hosts", "/etc/shadow"))),
        engine=Path("/var/run/docker.pid").read_text() if Path("/var/run/docker.pid").exists() else "",
    )


def _processes(uids: range) -> Iterator[str]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.stat().st_uid in uids or _real_uid(folder) in uids:
                yield f"{folder.name}: {(folder / 'cmdline').read_bytes()!r}"
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile


def _real_uid(process: Path) -> int:
    """By its status: the folder of a process that hides itself belongs to root."""
    return int(re.search(r"^Uid:\s+(\d+)", (process / "status").read_text(), re.MULTILINE)[1])  # type: ignore[index]


def _mounts(servers: list[ServerProcess]) -> Iterator[str]:
    """All of the host's, but for the engine's own and those of servers that are not ours."""
    ours = [str(server.data_dir.resolve()) for server in servers]
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        point = line.split()[4]
        others = point.startswith(("/var/lib/docker", "/run/docker", "/var/run/docker")) or "/sandboxes/" in point
        if not others or point.startswith(tuple(ours)):
            yield point


def _storage(servers: list[ServerProcess]) -> Iterator[str]:
    """Empty file systems are kept ready for later runs."""
    for server in servers:
        yield from (str(path) for path in server.data_dir.glob("sandboxes/*") if path.name != ".templates")


def _loop_devices(servers: list[ServerProcess]) -> Iterator[str]:
    for path in Path("/sys/block").glob("loop*/loop/backing_file"):
        try:
            backing = path.read_text().strip()
        except OSError:
            continue  # let go meanwhile
        if any(backing.startswith(str(server.data_dir.resolve())) for server in servers):
            yield f"{path.parts[3]}: {backing}"


def _firewall() -> str:
    """Its rules without their counters."""
    if shutil.which("iptables-save") is None:
        return "no iptables here"
    said = subprocess.run(["iptables-save"], capture_output=True, text=True, check=False).stdout
    return "\n".join(re.sub(r"\[\d+:\d+\]", "", line) for line in said.splitlines() if not line.startswith("#"))


def _shared_memory() -> Iterator[str]:
    """But for that of the database that other tests use."""
    for folder in ("/dev/shm", "/dev/mqueue"):
        yield from (str(path) for path in Path(folder).glob("*") if not path.name.startswith("PostgreSQL."))


def _owners(path: str) -> Iterator[str]:
    """What there is and whose it is; who used it last, and when, changes with every look of the tests' own database."""
    if not Path(path).exists():
        return
    header, *lines = (line.split() for line in Path(path).read_text().splitlines())
    for line in lines:
        facts = dict(zip(header, line, strict=True))
        yield f"{path}: {[(name, facts[name]) for name in ('key', header[1], 'perms', 'uid', 'cuid')]}"


def _key_users(uids: range) -> Iterator[str]:
    path = Path("/proc/key-users")
    for line in path.read_text().splitlines() if path.exists() else ():
        if int(line.split(":")[0]) in uids:
            yield line


def _settings() -> Iterator[tuple[str, str]]:
    """Every kernel setting that can be read."""
    root = Path("/proc/sys")
    for path in root.rglob("*"):
        name = str(path.relative_to(root))
        if path.is_file() and not _COUNTS.fullmatch(name):
            try:
                yield name, path.read_text(errors="replace")
            except OSError:
                continue


def _difference(before: object, after: object) -> object:
    if isinstance(before, frozenset) and isinstance(after, frozenset):
        return {"new": sorted(after - before), "gone": sorted(before - after)}
    if isinstance(before, dict) and isinstance(after, dict):
        return {k: (before.get(k), after.get(k)) for k in before.keys() | after.keys() if before.get(k) != after.get(k)}
    return (before, after)
