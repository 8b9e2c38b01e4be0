"""`network: egress` for real: a proxy, and an internet of our own for it to reach. No packet leaves this machine.

The internet is one container in a network for documentation (RFC 5737) that a setting opens: a resolver, and a site that
answers to every name.
"""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import docker
import httpx
import pytest

from client import Client
from server.engine.convert_egress import OWNER
from tests.server_process import ADMIN_EMAIL, ADMIN_PASSWORD, ServerProcess, finished, output, run_program, submit
from tests.waiting import eventually

SUBNETS = [f"{net}.{start}/26" for net in ("198.51.100", "203.0.113") for start in (0, 64, 128, 192)]
PRELUDE = """
import http.client, json, os, socket, ssl, struct, time, urllib.request
trusting = ssl.create_default_context()
trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
def get(url, data=None):
    try:
        with urllib.request.urlopen(url, data, timeout=30, context=trusting) as answer:
            return answer.read().decode()
    except OSError as error:
        return f"refused: {error}"
def raw(text):
    '''Says `text` to the proxy as it stands; the first line of the answer.'''
    try:
        with socket.create_connection(("127.0.0.1", 3128), 30) as proxy:
            proxy.sendall(text.encode("latin-1"))
            return proxy.makefile("rb").readline().decode().strip()
    except OSError as error:
        return f"refused: {error}"
"""


class Internet:
    """A network with one container in it: what is asked and served there can be read."""

    def __init__(self) -> None:
        self.api = docker.APIClient(timeout=60)
        self.network, self.subnet = self._make_network()
        base, _, last = self.subnet.partition("/")[0].rpartition(".")
        self.gateway, self.address = (f"{base}.{int(last) + host}" for host in (1, 10))
        names = {
            "mirror.example": [self.address],
            "sub.mirror.example": [self.address],
            "other.example": [self.address],
            "private.example": ["10.1.2.3"],
            "metadata.example": ["169.254.169.254"],
            "loopback.example": ["127.0.0.1"],
            "host.example": [self.gateway],
            "both.example": [[self.address, self.gateway]],
            "rebinding.example": [self.address, self.gateway],
        }
        self.container = self._start(names)
        eventually(lambda: "up" in self.said(), "the internet to be up", 60)

    def _make_network(self) -> tuple[str, str]:
        for subnet in SUBNETS:
            pool = docker.types.IPAMPool(subnet=subnet, gateway=f"{subnet.rpartition('.')[0]}.{_first(subnet) + 1}")
            config = docker.types.IPAMConfig(pool_configs=[pool])
            name = f"byteme-test-internet-{os.getpid()}-{_first(subnet)}"
            with suppress(docker.errors.APIError):  # another session of tests has this one
                self.api.create_network(name, driver="bridge", ipam=config)
                return name, subnet
        raise AssertionError("no network for documentation is free on this host")

    def _start(self, names: dict[str, list[Any]]) -> str:
        script = Path(__file__).with_name("internet.py")
        made = self.api.create_container(
            os.environ.get("BYTEME_SANDBOX_IMAGE", "byteme/sandbox:latest"),
            entrypoint=["python3", "-u", "/internet.py"], command=[json.dumps(names)], user="0:0",
            host_config=self.api.create_host_config(binds=[f"{script}:/internet.py:ro"]),
            networking_config=self.api.create_networking_config(
                {self.network: self.api.create_endpoint_config(ipv4_address=self.address)}
            ),
        )  # fmt: skip
        self.api.start(made["Id"])
        return str(made["Id"])

    def said(self) -> list[str]:
        return str(self.api.logs(self.container), "utf-8", "replace").splitlines()

    def close(self) -> None:
        self.api.remove_container(self.container, force=True, v=True)
        self.api.remove_network(self.network)
        self.api.close()


def _first(subnet: str) -> int:
    return int(subnet.partition("/")[0].rpartition(".")[2])


@pytest.fixture(scope="module")
def internet() -> Iterator[Internet]:
    internet = Internet()
    yield internet
    internet.close()


@pytest.fixture(scope="module")
def settings(internet: Internet) -> dict[str, str]:
    return {
        "BYTEME_EGRESS": "on",
        "BYTEME_EGRESS_BRIDGE": internet.network,
        "BYTEME_EGRESS_DNS": internet.address,
        "BYTEME_EGRESS_NETWORKS": internet.subnet,
        "BYTEME_EGRESS_PRESETS": '{"mirrors": ["mirror.example"]}',
    }


@pytest.fixture(scope="module")
def online(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str]) -> Iterator[ServerProcess]:
    """A server whose tenants may be let out."""
    with ServerProcess(tmp_path_factory.mktemp("online"), **settings) as server:
        yield server


def tenant_of(server: ServerProcess, *egress: str) -> Client:
    """A new tenant who may reach these."""
    tenant = server.tenant()
    allow(server, tenant, *egress)
    return tenant


def allow(server: ServerProcess, tenant: Client, *egress: str) -> None:
    with operator(server) as web:
        web.patch(f"/users/{tenant.me().id}", json={"quota": {"egress": list(egress)}}).raise_for_status()


@contextmanager
def operator(server: ServerProcess) -> Iterator[httpx.Client]:
    """The API, signed in as an operator."""
    account = {"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD}
    with httpx.Client(base_url=f"{server.url}/api/v1", timeout=60) as web:
        token = web.post("/auth/login", json=account).raise_for_status().json()["access_token"]
        web.headers["Authorization"] = f"Bearer {token}"
        yield web


def proxy_state(server: ServerProcess) -> dict[str, str]:
    """What the engine says of its proxy; `byteme doctor` says the same."""
    with operator(server) as web:
        return dict(web.get("/hosts").raise_for_status().json()["items"][0]["facts"]["egress"])


def answers(tenant: Client, code: str, **request: Any) -> Any:
    """What a program with the network prints, as JSON."""
    run = run_program(tenant, PRELUDE + code, **{"network": "egress", **request})
    said = output(tenant, run["id"]).decode()
    assert run["state"] == "succeeded", said
    return json.loads(said)


def proxies(server: ServerProcess) -> list[str]:
    """The server's proxies, in whatever state."""
    with closing(docker.APIClient(timeout=30)) as api:
        listed = api.containers(all=True, filters={"label": f"{OWNER}={server.data_dir.resolve()}"})
    return [item["Id"] for item in listed]


def remove_proxies(server: ServerProcess) -> bool:
    """As a crash would; says whether there was one."""
    found = proxies(server)
    with closing(docker.APIClient(timeout=30)) as api:
        for proxy in found:
            with suppress(docker.errors.APIError):  # the server is at it too
                api.remove_container(proxy, force=True)
    return bool(found)


def inside(server: ServerProcess, user: int, code: str) -> str:
    """What Python says in the proxy's container."""
    (proxy,) = proxies(server)
    command = ["docker", "exec", "-u", str(user), proxy, "python3", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


# what is on the list


def test_what_is_on_the_list_can_be_reached_and_all_of_it_arrives(online: ServerProcess) -> None:
    code = """
print(json.dumps([
    get("http://mirror.example/a"), get("https://mirror.example/b"), get("http://MIRROR.example/"),
    len(get("http://mirror.example/large")), len(get("https://mirror.example/large")),
    get("http://mirror.example/", b"x" * 200_000), get("https://mirror.example/", b"x" * 3_000_000),
]))"""
    hello = "hello from mirror.example"
    assert answers(tenant_of(online, "mirrors"), code) == [
        hello, hello, hello, 8 << 20, 8 << 20, "200000", "3000000",
    ]  # fmt: skip


def test_a_large_body_goes_by_tls_or_is_refused(online: ServerProcess) -> None:
    code = 'print(json.dumps([get("http://mirror.example/", b"x" * 3_000_000)[:7] for _ in range(5)]))'
    assert answers(tenant_of(online, "mirrors"), code) == ["refused"] * 5


def test_a_leading_dot_means_what_is_below_as_well(online: ServerProcess) -> None:
    code = 'print(json.dumps([get("https://mirror.example/"), get("https://sub.mirror.example/")]))'
    said = answers(tenant_of(online, ".mirror.example"), code)
    assert said == ["hello from mirror.example", "hello from sub.mirror.example"]


def test_each_tenant_has_a_list_of_its_own_also_at_the_same_time(online: ServerProcess) -> None:
    code = (
        PRELUDE
        + """
print(json.dumps([(get("http://mirror.example/")[:7], get("http://other.example/")[:7]) for _ in range(10)]))"""
    )
    tenants = [tenant_of(online, "mirror.example"), tenant_of(online, "other.example")]
    runs = [submit(tenant, code, network="egress") for tenant in tenants]
    for tenant, run in zip(tenants, runs, strict=True):
        finished(tenant, run)
    first, second = (json.loads(output(tenant, run)) for tenant, run in zip(tenants, runs, strict=True))
    assert first == [["hello f", "refused"]] * 10
    assert second == [["refused", "hello f"]] * 10


def test_a_sandbox_that_waited_gets_a_way_out_when_its_run_is_known(settings: dict[str, str], tmp_path: Path) -> None:
    with ServerProcess(tmp_path, **settings, BYTEME_WARM_POOL_SIZE="4", BYTEME_WARM_MEMORY_MB="100") as server:
        tenant = tenant_of(server, "mirror.example")
        server.await_warm("bare")
        run = run_program(tenant, PRELUDE + 'print(get("http://mirror.example/"))', network="egress")
        assert (output(tenant, run["id"]), run["warm"]) == (b"hello from mirror.example\n", True)
        server.await_warm("bare")
        other = run_program(tenant, PRELUDE + 'print(get("http://mirror.example/"))')
        assert (b"refused" in output(tenant, other["id"]), other["warm"]) == (True, True)


# what is not

LONG = "a" * 63
REFUSED_URLS = [
    "http://other.example/", "https://other.example/", "http://sub.mirror.example/", "http://mirror.example.other.example/",
    "http://mirror.example:8080/", "https://mirror.example:8443/", "ftp://mirror.example/",
    "http://ADDRESS/", "https://ADDRESS/", "http://GATEWAY/", "http://10.0.0.1/", "http://127.0.0.1/", "http://0.0.0.0/",
    "http://169.254.169.254/latest/meta-data/", "https://169.254.169.254/", "http://metadata.google.internal/",
    "http://instance-data/", "http://[::1]/", "http://[fd00:ec2::254]/", "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:a9fe:a9fe]/", "http://2852039166/", "http://0xa9fea9fe/", "http://0251.0376.0251.0376/",
    "http://169.254.43518/", "http://localhost/", "http://egress/", "http://egress:3128/", "http://127.0.0.1:3128/",
    f"http://{LONG}.{LONG}.{LONG}.other.example/",
]  # fmt: skip
REFUSED_WORDS = [
    "CONNECT mirror.example:80 HTTP/1.1\r\nHost: mirror.example\r\n\r\n",
    "CONNECT mirror.example:22 HTTP/1.1\r\nHost: mirror.example\r\n\r\n",
    "CONNECT other.example:443 HTTP/1.1\r\nHost: mirror.example:443\r\n\r\n",
    "CONNECT mirror.example@other.example:443 HTTP/1.1\r\nHost: mirror.example\r\n\r\n",
    "CONNECT [::ffff:127.0.0.1]:443 HTTP/1.1\r\nHost: mirror.example\r\n\r\n",
    "GET http://mirror.example@other.example/ HTTP/1.1\r\nHost: mirror.example\r\n\r\n",
    "GET http://other.example/ HTTP/1.1\r\nHost: mirror.example\r\n\r\n",
    "GET http://mirror.example%2eother.example/ HTTP/1.1\r\nHost: mirror.example\r\n\r\n",
    "GET http://mirror.example\\.other.example/ HTTP/1.1\r\nHost: mirror.example\r\n\r\n",
    "GET http://mirror_example/ HTTP/1.1\r\nHost: mirror.example\r\n\r\n",
    "GET https://mirror.example/ HTTP/1.1\r\nHost: mirror.example\r\n\r\n",
    "GET cache_object://egress/info HTTP/1.1\r\nHost: egress\r\n\r\n",
    "GET http://egress/squid-internal-mgr/info HTTP/1.1\r\nHost: egress\r\n\r\n",
    "GET /squid-internal-mgr/info HTTP/1.1\r\nHost: egress\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: mirror.example\r\n\r\n",
    "TRACE http://other.example/ HTTP/1.1\r\nHost: mirror.example\r\n\r\n",
    "PROXY TCP4 10.0.0.1 127.0.0.1 1 3128\r\nGET http://other.example/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "PROXY UNKNOWN\r\nGET http://other.example/ HTTP/1.1\r\nHost: a\r\n\r\n",
]


def test_what_is_not_on_the_list_is_refused_before_anybody_is_asked_for_it(
    online: ServerProcess, internet: Internet
) -> None:
    urls = [url.replace("ADDRESS", internet.address).replace("GATEWAY", internet.gateway) for url in REFUSED_URLS]
    before = len(internet.said())
    code = f"print(json.dumps([[get(url) for url in {urls!r}], [raw(words) for words in {REFUSED_WORDS!r}]]))"
    by_url, by_words = answers(tenant_of(online, "mirror.example"), code)
    assert {url: said for url, said in zip(urls, by_url, strict=True) if not said.startswith("refused")} == {}
    answered = {words: said for words, said in zip(REFUSED_WORDS, by_words, strict=True) if said and " 40" not in said}
    assert answered == {}
    assert internet.said()[before:] == []


def test_an_allowed_name_that_leads_elsewhere_leads_nowhere(online: ServerProcess, internet: Internet) -> None:
    names = [f"{name}.example" for name in ("private", "metadata", "loopback", "host", "both", "nothing")]
    code = f"print(json.dumps([get(scheme + name) for name in {names!r} for scheme in ('http://', 'https://')]))"
    said = answers(tenant_of(online, *names), code)
    assert [answer for answer in said if not answer.startswith("refused")] == []


def test_a_name_that_changes_its_address_reaches_nobody_else(online: ServerProcess, internet: Internet) -> None:
    """Rebinding: the first answer is public, the next one is this very host, which listens."""
    with socket.create_server((internet.gateway, 80)) as trap:
        trap.settimeout(0)
        code = 'print(json.dumps([get("http://rebinding.example/") for _ in range(12)]))'
        said = answers(tenant_of(online, "rebinding.example"), code)
        with pytest.raises(BlockingIOError):
            trap.accept()
    assert set(internet.said()) >= {"asked rebinding.example"}
    assert {answer for answer in said if not answer.startswith("refused")} <= {"hello from rebinding.example"}


def test_the_firewall_alone_would_hold(online: ServerProcess, internet: Internet) -> None:
    """As squid's own user, so past everything that squid decides."""
    answers(tenant_of(online, "mirror.example"), 'print(json.dumps(get("http://mirror.example/")))')  # it is there
    tries = [
        (internet.address, 80), (internet.address, 443), (internet.address, 8080), (internet.gateway, 80), ("10.1.2.3", 80),
        ("169.254.169.254", 80), ("172.17.0.1", 80), ("192.168.0.1", 443), ("100.100.100.200", 80), ("127.0.0.1", 80),
    ]  # fmt: skip
    code = f"""
import errno, socket
for place in {tries!r}:
    try:
        socket.create_connection(place, 10).close()
        print("open")
    except OSError as error:
        print(errno.errorcode.get(error.errno))
"""
    with socket.create_server((internet.gateway, 80)):
        said = inside(online, 13, code).split()
    assert said == ["open", "open"] + ["ECONNREFUSED"] * 8
    assert inside(online, 64000, code).split() == ["ECONNREFUSED"] * 10


def test_the_sandbox_itself_has_no_network_and_no_resolver(online: ServerProcess, internet: Internet) -> None:
    code = f"""
def attempt(what):
    try:
        return str(what())
    except OSError as error:
        return "refused"
def ask(address):
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.settimeout(1)
    udp.sendto(bytes.fromhex("abcd01000001000000000000066d6972726f72076578616d706c650000010001"), (address, 53))
    return udp.recv(512)
print(json.dumps([
    sorted(name for _, name in socket.if_nameindex() if open(f"/sys/class/net/{{name}}/operstate").read().strip() == "up"),
    [attempt(lambda: socket.getaddrinfo(name, 80)) for name in ("mirror.example", "metadata.google.internal")],
    [attempt(lambda: ask(address)) for address in ({internet.address!r}, "127.0.0.11", "127.0.0.53", "8.8.8.8")],
    [attempt(lambda: socket.create_connection((address, 80), 2)) for address in
        ({internet.address!r}, {internet.gateway!r}, "169.254.169.254", "172.17.0.1", "127.0.0.1")],
]))"""
    interfaces, names, asked, reached = answers(tenant_of(online, "mirror.example"), code)
    assert interfaces == []
    assert {*names, *asked, *reached} == {"refused"}


def test_two_runs_do_not_meet_behind_the_proxy(online: ServerProcess) -> None:
    tenant = tenant_of(online, "mirror.example", "loopback.example")
    first = submit(
        tenant,
        PRELUDE + """
server = socket.create_server(("0.0.0.0", 80 + 8000))
print("up", flush=True)
server.settimeout(100)
print(server.accept())
""",
        network="egress",
    )  # fmt: skip
    eventually(lambda: output(tenant, first) == b"up\n", "the first run to listen", 60)
    code = """
def meet(port):
    try:
        socket.create_connection(("127.0.0.1", port), 5)
        return "met"
    except OSError:
        return "refused"
print(json.dumps([meet(8080), get("http://127.0.0.1:8080/"), get("http://loopback.example:8080/"),
    raw("CONNECT 127.0.0.1:8080 HTTP/1.1\\r\\n\\r\\n"), raw("CONNECT sandbox:8080 HTTP/1.1\\r\\n\\r\\n")]))"""
    said = answers(tenant, code.replace("\\\\", "\\"))
    tenant.cancel(first)
    finished(tenant, first)
    assert all(answer.startswith(("refused", "HTTP/1.1 403")) for answer in said), said
    assert output(tenant, first) == b"up\n"


def test_a_run_without_the_network_has_no_proxy_either(online: ServerProcess) -> None:
    code = """
proxies = [name for name in os.environ if "proxy" in name.lower()]
os.environ["http_proxy"] = "http://127.0.0.1:3128"
print(json.dumps([proxies, get("http://mirror.example/")]))"""
    assert answers(tenant_of(online, "mirror.example"), code, network="none") == [
        [], "refused: <urlopen error [Errno 111] Connection refused>",
    ]  # fmt: skip


def test_many_connections_of_one_run_leave_room_for_another(online: ServerProcess) -> None:
    greedy, modest = tenant_of(online, "mirror.example"), tenant_of(online, "mirror.example")
    run = submit(
        greedy,
        PRELUDE + """
held = [socket.create_connection(("127.0.0.1", 3128), 30) for _ in range(100)]
print("held", flush=True)
time.sleep(600)
""",
        network="egress",
    )  # fmt: skip
    eventually(lambda: output(greedy, run) == b"held\n", "the connections", 60)
    assert answers(modest, 'print(json.dumps(get("https://mirror.example/")))') == "hello from mirror.example"
    greedy.cancel(run)
    finished(greedy, run)


# when something fails

LOOPS = (
    PRELUDE
    + """
def until(is_so):
    while not is_so(get("http://mirror.example/")):
        time.sleep(0.05)
until(lambda said: said.startswith("hello"))
print("open", flush=True)
until(lambda said: "Connection refused" in said)
print("closed", flush=True)
until(lambda said: said.startswith("hello"))
print("open again", flush=True)
"""
)


def test_without_the_proxy_all_is_closed_and_the_run_goes_on_until_it_is_back(online: ServerProcess) -> None:
    tenant = tenant_of(online, "mirror.example")
    run = submit(tenant, LOOPS, network="egress")
    eventually(lambda: output(tenant, run) == b"open\n", "the way out to open", 60)
    eventually(lambda: remove_proxies(online) and b"closed" in output(tenant, run), "the program to see it closed", 60)
    assert finished(tenant, run)["state"] == "succeeded"
    assert output(tenant, run) == b"open\nclosed\nopen again\n"


def test_a_server_that_dies_closes_the_way_out_and_the_next_one_opens_it_again(
    settings: dict[str, str], tmp_path: Path
) -> None:
    with ServerProcess(tmp_path, **settings) as server:
        tenant = tenant_of(server, "mirror.example")
        run = submit(tenant, LOOPS, network="egress")
        eventually(lambda: output(tenant, run) == b"open\n", "the way out to open", 60)
        control = next(server.data_dir.glob("sandboxes/*/control/stream"))
        server.kill()
        eventually(lambda: b"closed" in control.read_bytes(), "the program to see it closed", 60)
        server.start()
        assert finished(tenant, run)["state"] == "succeeded"
        assert output(tenant, run) == b"open\nclosed\nopen again\n"
        assert len(proxies(server)) == 1
    assert proxies(server) == []


def test_a_proxy_that_can_not_be_had_leaves_the_run_without_a_way_out(settings: dict[str, str], tmp_path: Path) -> None:
    with ServerProcess(tmp_path, **settings | {"BYTEME_EGRESS_IMAGE": "byteme/no-such-image:latest"}) as server:
        code = 'print(json.dumps([get("http://mirror.example/"), os.environ["https_proxy"]]))'
        said = answers(tenant_of(server, "mirror.example"), code)
        state = proxy_state(server)
    assert (state["state"], "make egress-image" in state["said"]) == ("failing", True)
    assert said == ["refused: <urlopen error [Errno 111] Connection refused>", "http://127.0.0.1:3128"]


# the proxy itself


def test_operators_are_told_that_the_proxy_answers(online: ServerProcess, internet: Internet) -> None:
    answers(tenant_of(online, "mirror.example"), 'print(json.dumps(get("http://mirror.example/")))')  # it is there
    state = proxy_state(online)
    assert state["state"] == "ready"
    assert "answers" in state["said"]
    assert internet.address in state["said"]


def test_the_proxy_has_no_privilege_left_and_nobody_listens_outside(online: ServerProcess) -> None:
    answers(tenant_of(online, "mirror.example"), 'print(json.dumps(get("http://mirror.example/")))')  # it is there
    (proxy,) = proxies(online)
    with closing(docker.APIClient(timeout=30)) as api:
        found = api.inspect_container(proxy)
        pids = [int(line[1]) for line in api.top(proxy)["Processes"]]
    host = found["HostConfig"]
    assert (host["ReadonlyRootfs"], host["Privileged"], host["CapDrop"]) == (True, False, ["ALL"])
    assert (found["Config"].get("ExposedPorts"), host["PortBindings"]) == (None, None)
    for pid in pids:
        status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        assert (status["CapEff"], status["CapPrm"], status["CapAmb"]) == ("0" * 16,) * 3, status["Name"]
        assert status["Uid"].split()[0] in {"13", "64000"}
        assert status["NoNewPrivs"] == "1"


def test_a_server_leaves_no_proxy_and_no_network_behind(tmp_path: Path, internet: Internet) -> None:
    with ServerProcess(tmp_path, BYTEME_EGRESS="on", BYTEME_EGRESS_DNS=internet.address) as server:
        eventually(lambda: proxies(server), "the proxy", 60)
        label = {"label": f"{OWNER}={server.data_dir.resolve()}"}
        assert len(internet.api.networks(filters=label)) == 1
        server.stop()
        assert (proxies(server), internet.api.networks(filters=label)) == ([], [])


def test_what_was_asked_for_is_counted_and_logged_with_the_run(online: ServerProcess) -> None:
    before = online.metrics()
    tenant = tenant_of(online, "mirror.example")
    code = PRELUDE + 'print(get("http://mirror.example/")[:5], get("http://denied.example/")[:7])'
    run = run_program(tenant, code, network="egress")
    assert output(tenant, run["id"]) == b"hello refused\n"
    after = online.metrics()
    for result in ("allowed", "denied"):
        name = f'byteme_egress_requests_total{{result="{result}"}}'
        assert after[name] > before[name]
    lines = [json.loads(line) for line in online.log.read_text().splitlines() if "denied.example" in line]
    assert [(line["run_id"], line["host"], line["allowed"]) for line in lines] == [(run["id"], "denied.example", False)]
