"""The proxy's rules: names by the list, addresses by what they are; squid and the firewall are told the same.

After a wanted change: UPDATE_GOLDEN=1 pytest tests/unit/test_egress_rules.py, then read the difference.
"""

import importlib.util
import ipaddress
import os
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).parent / "golden"
CONFIG = {"resolvers": ["10.0.0.2", "2001:4860::53"], "excepted": ["10.7.0.0/16"], "never": ["203.0.113.9", "2600::9"]}


def _load() -> Any:
    path = Path(__file__).parents[2] / "egress-image" / "rules.py"
    spec = importlib.util.spec_from_file_location("egress_rules", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


rules = _load()


FORBIDDEN = rules.forbidden()


def is_forbidden(address: str, **config: Any) -> bool:
    return is_forbidden_by(rules.forbidden(**config), address)


def is_forbidden_by(networks: list[Any], address: str) -> bool:
    one = ipaddress.ip_address(address)
    return any(one in network for network in networks if network.version == one.version)


# names


def test_a_name_is_allowed_as_it_stands_on_the_list() -> None:
    assert rules.is_allowed("example.org", ["example.net", "example.org"])


@pytest.mark.parametrize(
    "host", ["a.example.org", "example.org.net", "xexample.org", "example.or", "org", "", "example.org."]
)
def test_no_other_name_is(host: str) -> None:
    assert not rules.is_allowed(host, ["example.org"])


def test_a_leading_dot_means_itself_and_all_below() -> None:
    assert all(rules.is_allowed(host, [".example.org"]) for host in ("example.org", "a.example.org", "a.b.example.org"))
    assert not any(
        rules.is_allowed(host, [".example.org"]) for host in ("xexample.org", "org", ".example.org", "a..example.org")
    )


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "1.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "::1", "1.2.3.4.5"]
)
def test_an_address_is_no_name_whatever_the_list_says(host: str) -> None:
    assert not rules.is_allowed(host, [host, f".{host}"])


def test_an_empty_list_allows_nothing() -> None:
    assert not rules.is_allowed("example.org", [])


# addresses

PRIVATE = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.255", "169.254.169.254",
    "169.254.170.2", "168.63.129.16", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:a9fe:a9fe::1",
    "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fd20:ce::254", "fe80::1", "fec0::1", "ff02::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_is_forbidden(address: str) -> None:
    assert is_forbidden(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "192.0.1.1", "2606:4700::1111", "2a00::1"]
)
def test_what_is_public_is_not(address: str) -> None:
    assert not is_forbidden(address)


def test_nothing_that_python_calls_special_is_left_open() -> None:
    """A sample over all of IPv4: the first address of every /16."""
    samples = (ipaddress.IPv4Address(block << 16) for block in range(1 << 16))
    special = [str(address) for address in samples if not address.is_global or address.is_multicast]
    assert len(special) > 5000
    assert [address for address in special if not is_forbidden_by(FORBIDDEN, address)] == []


def test_an_exception_opens_a_network_and_nothing_beside_it() -> None:
    assert not is_forbidden("10.7.255.255", excepted=["10.7.0.0/16"])
    assert is_forbidden("10.6.255.255", excepted=["10.7.0.0/16"])
    assert is_forbidden("10.8.0.0", excepted=["10.7.0.0/16"])
    assert not is_forbidden("fd12::1", excepted=["fd12::/16"])


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "127.0.0.1", "100.100.100.200", "fd00:ec2::254", "203.0.113.9", "10.9.9.9"]
)
def test_no_exception_opens_the_metadata_services_this_machine_or_the_host(address: str) -> None:
    excepted = ["0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"]
    assert is_forbidden(address, excepted=excepted, never=["203.0.113.9", "10.9.9.9"])


# what squid and the firewall are told


@pytest.mark.parametrize(
    ("name", "text"),
    [("squid.conf", rules.squid_conf(CONFIG, "/opt/egress/ask.py")), ("egress.nft", rules.firewall(CONFIG))],
    ids=["squid", "firewall"],
)
def test_squid_and_the_firewall_are_told_exactly_what_the_golden_file_says(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text)
    assert path.read_text() == text


def test_both_forbid_the_same_networks() -> None:
    networks = [str(network) for network in rules.forbidden(CONFIG["excepted"], CONFIG["never"])]
    squid, firewall = rules.squid_conf(CONFIG, "x"), rules.firewall(CONFIG)
    assert all(f"acl forbidden dst {network}\n" in squid for network in networks)
    assert all(f"daddr {network} reject" in firewall for network in networks)


def test_squid_asks_for_the_list_before_it_resolves_a_name() -> None:
    lines = [line for line in rules.squid_conf(CONFIG, "x").splitlines() if line.startswith("http_access")]
    assert lines.index("http_access deny !allowed") < lines.index("http_access deny forbidden")
    assert lines[-2:] == ["http_access deny forbidden", "http_access allow all"]
    assert sum(line.startswith("http_access allow") for line in lines) == 1
