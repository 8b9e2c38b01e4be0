"""What may be reached: names by a tenant's list, addresses by what they are. Pure; the standard library only.

Both are said twice. squid asks for every request whether the name is allowed, and only then resolves it; and it refuses
addresses that are not public. The firewall of the proxy's own network namespace refuses those addresses again, whatever
squid has decided: a name that resolves to one thing when it is checked and to another when it is used comes no further.
"""

import ipaddress
import re

RELAY_UID, SQUID_UID = 64000, 13
SQUID_PORT = 3128
PLAIN_PORT, TLS_PORT = 80, 443
MAX_NAME = 253
MAX_PLAIN_BODY_KB = 256  # squid 5.7 at times breaks off a body that fills its buffer (512); TLS does not pass by there

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
# Not even an operator's exception opens these: this machine, the link (with the metadata services), groups.
NEVER = (
    "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32", "168.63.129.16/32",
    "::/128", "::1/128", "fe80::/10", "fec0::/10", "ff00::/8", "fd00:ec2::254/128", "fd20:ce::254/128",
    "100.100.100.200/32", "192.0.0.192/32",
)  # fmt: skip
# Private, shared, reserved, for documentation, and what carries an IPv4 address inside an IPv6 one.
NOT_PUBLIC = (
    "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
    "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16",
    "fc00::/7",
)  # fmt: skip


def is_name(host):
    """Is it a plain DNS name: lower-case labels, at least two, and nothing that could be read as an address."""
    labels = host.split(".")
    plain = len(host) <= MAX_NAME and len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)
    return plain and not labels[-1][0].isdigit()


def is_allowed(host, domains):
    """Is `host` on the list: as it stands there, or, for an entry with a leading dot, it or anything below it."""
    return is_name(host) and any(
        host == entry.removeprefix(".") or (entry.startswith(".") and host.endswith(entry)) for entry in domains
    )


def forbidden(excepted=(), never=()):
    """The networks that nobody reaches: what is not public but for `excepted`, and always NEVER and `never`."""
    left = [ipaddress.ip_network(network) for network in NOT_PUBLIC]
    for exception in map(ipaddress.ip_network, excepted):
        left = [piece for network in left for piece in without(network, exception)]
    left += [ipaddress.ip_network(network) for network in (*NEVER, *never)]
    return [
        network
        for version in (4, 6)
        for network in ipaddress.collapse_addresses(each for each in left if each.version == version)
    ]


def without(network, exception):
    """What is left of `network` when `exception` is taken out."""
    if network.version != exception.version or not network.overlaps(exception):
        return [network]
    return [] if network.subnet_of(exception) else list(network.address_exclude(exception))


def squid_conf(config, helper):
    """squid's settings. `config`: resolvers, excepted, never; `helper` is the command that says who may reach what."""
    addresses = "\n".join(f"acl forbidden dst {network}" for network in forbidden(config["excepted"], config["never"]))
    return _SQUID.format(
        port=SQUID_PORT, plain=PLAIN_PORT, tls=TLS_PORT, helper=helper, addresses=addresses,
        resolvers=" ".join(config["resolvers"]), body=MAX_PLAIN_BODY_KB,
    )  # fmt: skip


def firewall(config):
    """The rules (nft) of the proxy's network namespace. Nothing comes in; out go squid's questions to the resolvers and
    its connections to what is public."""
    networks = forbidden(config["excepted"], config["never"])
    resolvers = [ipaddress.ip_address(address) for address in config["resolvers"]]
    asks = [f"{_family(one)} daddr {one} meta skuid {SQUID_UID} meta l4proto {{ tcp, udp }} th dport 53 accept"
            for one in resolvers]  # fmt: skip
    refusals = [f"{_family(one)} daddr {one} reject" for one in networks]
    return _FIREWALL.format(
        port=SQUID_PORT, plain=PLAIN_PORT, tls=TLS_PORT, relay=RELAY_UID, squid=SQUID_UID,
        asks="\n        ".join(asks), refusals="\n        ".join(refusals),
    )  # fmt: skip


def _family(thing):
    return "ip" if thing.version == 4 else "ip6"


_SQUID = """\
http_port 127.0.0.1:{port} require-proxy-header
acl relay src 127.0.0.1/32
proxy_protocol_access allow relay
proxy_protocol_access deny all

external_acl_type list ttl=0 negative_ttl=0 cache=0 grace=0 concurrency=64 children-max=1 children-startup=1 \
ipv4 %>a %DST %PORT {helper}
acl allowed external list
acl plain_port port {plain}
acl tls_port port {tls}
acl plain_protocol proto HTTP
{addresses}
http_access deny manager
http_access deny CONNECT !tls_port
http_access deny !CONNECT !plain_port
http_access deny !CONNECT !plain_protocol
http_access deny !allowed
http_access deny forbidden
http_access allow all

dns_nameservers {resolvers}
hosts_file none
dns_defnames off
dns_timeout 10 seconds
connect_timeout 20 seconds
check_hostnames on
allow_underscore off
cache deny all
cache_mem 0 MB
memory_pools off
client_db off
server_persistent_connections off
collapsed_forwarding off
request_body_max_size {body} KB
via off
forwarded_for delete
url_rewrite_extras "%>a"
store_id_extras "%>a"
httpd_suppress_version_string on
visible_hostname egress
max_filedescriptors 8192
pinger_enable off
access_log none
cache_log stdio:/dev/stderr
cache_store_log none
netdb_filename none
pid_filename none
coredump_dir /run/squid
shutdown_lifetime 0 seconds
"""

_FIREWALL = """\
table inet egress {{
    chain input {{
        type filter hook input priority 0; policy drop;
        ct state established,related accept
        iifname "lo" accept
    }}
    chain forward {{
        type filter hook forward priority 0; policy drop;
    }}
    chain output {{
        type filter hook output priority 0; policy drop;
        ct state established,related accept
        oifname "lo" ip daddr 127.0.0.1 tcp dport {port} meta skuid {{ {relay}, 0 }} accept
        oifname "lo" ip daddr 127.0.0.1 tcp dport 1024-65535 meta skuid {squid} accept
        oifname "lo" reject
        {asks}
        {refusals}
        ip6 daddr != 2000::/3 reject
        meta skuid {squid} tcp dport {{ {plain}, {tls} }} accept
        reject
    }}
}}
"""
