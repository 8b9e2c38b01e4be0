"""What the Docker SDK is told for the proxy's container: pure, and golden-tested like `convert`."""

import hashlib
import ipaddress
import json
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

OWNER = "byteme.egress.owner"  # not the label of sandboxes: what looks for runs does not find it
CONTROL = "/run/egress"
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Proxy:
    """What the proxy is made from. `folder` is the host's, where its control socket will be; `never` holds addresses
    that nobody reaches (the host's own), `excepted` networks that are reached though they are not public."""

    owner: str
    image: str
    network: str
    folder: str
    resolvers: tuple[str, ...]
    excepted: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"byteme-egress-{mark(self.owner)}"


def mark(owner: str) -> str:
    """Short, and different for every data folder."""
    return hashlib.sha256(owner.encode()).hexdigest()[:12]


def create_arguments(proxy: Proxy) -> dict[str, Any]:
    config = {"resolvers": proxy.resolvers, "excepted": proxy.excepted, "never": proxy.never}
    return {
        "image": proxy.image,
        "name": proxy.name,
        "command": [json.dumps(config)],
        "hostname": "egress",
        "user": "0:0",  # to set its firewall; then it becomes two others
        "labels": {OWNER: proxy.owner},
        "detach": True,
        "stdin_open": False,
        "tty": False,
    }


def host_arguments(proxy: Proxy) -> dict[str, Any]:
    return {
        "cap_drop": ["ALL"],
        "cap_add": ["NET_ADMIN", "SETUID", "SETGID"],  # all gone once the firewall is set
        "privileged": False,
        "security_opt": ["no-new-privileges:true"],
        "read_only": True,
        "network_mode": proxy.network,
        "ipc_mode": "private",
        "binds": [f"{proxy.folder}:{CONTROL}:rw"],
        "tmpfs": {"/run/squid": "rw,nosuid,nodev,noexec,size=16m,mode=0711", "/tmp": "rw,nosuid,nodev,noexec,size=16m"},
        "mem_limit": 512 * _MIB,
        "memswap_limit": 512 * _MIB,
        "nano_cpus": 1_000_000_000,
        "pids_limit": 64,
        "ulimits": [{"Name": "nofile", "Soft": 16384, "Hard": 16384}, {"Name": "core", "Soft": 0, "Hard": 0}],
        "log_config": {"Type": "json-file", "Config": {"max-size": "1m", "max-file": "2"}},
        "restart_policy": {"Name": "no"},  # the server's part: it knows whether there is still need for it
        "auto_remove": False,
        "init": False,
    }


def resolvers(*files: str) -> tuple[str, ...]:
    """Addresses of resolvers in the first of these texts (resolv.conf(5)) that names any but this machine itself."""
    for text in files:
        words = (line.split() for line in text.splitlines())
        found = [address[1] for address in words if len(address) > 1 and address[0] == "nameserver"]
        if usable := tuple(address for address in found if _is_elsewhere(address)):
            return usable
    return ()


def host_addresses(fib_trie: str, if_inet6: str) -> tuple[str, ...]:
    """This host's own addresses, of /proc/net/fib_trie and /proc/net/if_inet6; without those of the loopback."""
    lines = [line.split() for line in fib_trie.splitlines()]
    four = {before[-1] for before, line in pairwise(lines) if line[:3] == ["/32", "host", "LOCAL"]}
    six = {str(ipaddress.IPv6Address(int(line.split()[0], 16))) for line in if_inet6.splitlines()}
    return tuple(sorted(filter(_is_elsewhere, four | six)))


def _is_elsewhere(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
        return not (found.is_loopback or found.is_link_local)
    except ValueError:
        return False
