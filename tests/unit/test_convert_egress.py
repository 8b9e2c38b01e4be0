"""What the engine is told for the proxy: the whole of it kept as a golden file, and the promises one by one.

After a wanted change: UPDATE_GOLDEN=1 pytest tests/unit/test_convert_egress.py, then read the difference.
"""

import json
import os
from dataclasses import replace
from pathlib import Path

from server.engine.convert import LABEL
from server.engine.convert_egress import Proxy, create_arguments, host_addresses, host_arguments, resolvers

GOLDEN = Path(__file__).parent / "golden" / "convert-egress-proxy.json"
PROXY = Proxy(
    "/srv/byteme", "byteme/egress:latest", "byteme-egress-0a1b", "/srv/byteme/egress", ("10.0.0.2",), ("10.7.0.0/16",),
    ("203.0.113.9",),
)  # fmt: skip
TRIE = """Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 127.0.0.0/8 2 0 2
           |-- 127.0.0.1
              /32 host LOCAL
     +-- 203.0.113.0/24 2 0 2
           |-- 203.0.113.9
              /32 host LOCAL
           |-- 203.0.113.255
              /32 link BROADCAST
"""
INET6 = """00000000000000000000000000000001 01 80 10 80       lo
20010db8000000000000000000000009 02 40 00 80     eth0
"""


def test_the_engine_is_told_exactly_what_the_golden_file_says() -> None:
    told = {"create": create_arguments(PROXY), "host": host_arguments(PROXY)}
    text = json.dumps(told, indent=2, sort_keys=True) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text)
    assert GOLDEN.read_text() == text


def test_what_looks_for_runs_does_not_find_it() -> None:
    assert f"{LABEL}.owner" not in create_arguments(PROXY)["labels"]


def test_it_can_not_be_written_gains_nothing_and_publishes_nothing() -> None:
    host = host_arguments(PROXY)
    assert (host["read_only"], host["privileged"], host["cap_drop"]) == (True, False, ["ALL"])
    assert set(host["cap_add"]) == {"NET_ADMIN", "SETUID", "SETGID"}
    assert "no-new-privileges:true" in host["security_opt"]
    assert not {"port_bindings", "devices", "pid_mode", "userns_mode", "links", "extra_hosts"} & set(host)
    assert host["binds"] == ["/srv/byteme/egress:/run/egress:rw"]


def test_every_data_folder_has_a_proxy_of_its_own() -> None:
    assert PROXY.name != replace(PROXY, owner="/srv/other").name


def test_the_hosts_own_addresses_are_known_but_for_the_loopback() -> None:
    assert host_addresses(TRIE, INET6) == ("2001:db8::9", "203.0.113.9")


def test_a_resolver_on_the_hosts_loopback_is_none_for_the_proxy() -> None:
    stub, real = "nameserver 127.0.0.53\n", "# upstream\nnameserver 10.0.0.2\nnameserver 10.0.0.3\nsearch example.org\n"
    assert resolvers(stub, real) == ("10.0.0.2", "10.0.0.3")
    assert resolvers("nameserver 10.0.0.9\n", real) == ("10.0.0.9",)
    assert resolvers(stub, "nameserver fe80::1%eth0\nnameserver\n", "") == ()
