"""An operator's images on one host, with a real registry, ECR's answers, a real engine and real runs."""

import json
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import docker
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from client import Client
from tests.faults.private_engine import IMAGE
from tests.images.rig import Relay, Shelf
from tests.server_process import ServerProcess, finished, output, run_program, submit
from tests.waiting import eventually

Cli = Callable[..., subprocess.CompletedProcess[str]]
FAILING = "import sys\nprint('no gpu here', file=sys.stderr)\nsys.exit(9)\n"
MARK = "print(open('/opt/byteme/test/tag').read())"  # which of the images is it


@pytest.fixture(scope="module")
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def relay(stock: Shelf) -> Iterator[Relay]:
    relay = Relay(stock.registry.port)
    yield relay
    relay.stop()


@pytest.fixture(scope="module")
def server(
    stock: Shelf, relay: Relay, key: ec.EllipticCurvePrivateKey, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("host")
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (folder / "key.pem").write_bytes(public)
    settings = {
        "BYTEME_SANDBOX_IMAGE": IMAGE, "BYTEME_REGISTRY": "ecr", "BYTEME_ECR_REGISTRY_HOST": relay.host,
        "BYTEME_WARM_POOL_SIZE": "2", "BYTEME_IMAGE_KEY": str(folder / "key.pem"), "BYTEME_HOST_NAME": "host-1",
    }  # fmt: skip
    with ServerProcess(folder, **settings, **stock.aws.environment) as process:
        yield process
    api = process.engine()
    for image in api.images():
        for name in [*(image["RepoTags"] or []), *(image["RepoDigests"] or [])]:
            if name.startswith((relay.host, "byteme.local/tests/")):
                api.remove_image(name, force=True)
    api.close()


@pytest.fixture(scope="module")
def tenant(server: ServerProcess) -> Client:
    return server.tenant()


@pytest.fixture(scope="module")
def byteme(server: ServerProcess, operate: Callable[[ServerProcess], Cli]) -> Cli:
    return operate(server)


def listed(byteme: Cli) -> list[dict[str, Any]]:
    done = byteme("images", "list", "--json")
    assert done.returncode == 0, done.stderr
    items: list[dict[str, Any]] = json.loads(done.stdout)
    return items


def active(byteme: Cli, alias: str = "default") -> str:
    return next(item["digest"] for item in listed(byteme) if item["active"] and item["alias"] == alias)


def last_object(done: subprocess.CompletedProcess[str]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def one(byteme: Cli, stock: Shelf, smoke: Path) -> str:
    """The digest of the first image, which is active."""
    done = byteme("images", "pull", "tests/sandbox:one", "--smoke", smoke)
    assert done.returncode == 0, done.stderr
    return stock.registry.manifest("tests/sandbox", "one")[1]


@pytest.fixture
def still(byteme: Cli, one: str) -> Iterator[None]:
    """What runs start on does not change."""
    before = active(byteme)
    yield
    assert active(byteme) == before


def test_a_run_tells_the_digest_that_it_ran_on(server: ServerProcess, tenant: Client, one: str) -> None:
    run = run_program(tenant, MARK)
    assert (run["image"]["alias"], run["image"]["digest"]) == (None, one)
    api = server.engine()
    assert one in str(api.inspect_image(run["image"]["ref"])["RepoDigests"])
    dangling = [image["Id"] for image in api.images(filters={"dangling": True})]
    assert api.inspect_image(run["image"]["ref"])["Id"] not in dangling  # which a prune of the engine's would remove
    api.close()
    assert run["host"] == "host-1"


def test_runs_keep_starting_during_a_pull_and_the_first_after_the_switch_is_warm(
    server: ServerProcess, tenant: Client, byteme: Cli, stock: Shelf, one: str, smoke: Path
) -> None:
    new = stock.put("tests/sandbox", "switch")
    server.await_warm("full", "bare")
    done: list[subprocess.CompletedProcess[str]] = []
    pull = threading.Thread(
        target=lambda: done.append(byteme("images", "pull", "tests/sandbox:switch", "--smoke", smoke))
    )
    pull.start()
    runs = []
    while not done:
        runs.append(run_program(tenant, MARK))
    pull.join()
    assert done[0].returncode == 0, done[0].stderr
    assert len(runs) > 2
    runs.append(run_program(tenant, MARK))
    assert runs[-1]["image"]["digest"] == new
    assert next(run for run in runs if run["image"]["digest"] == new)["warm"]
    assert {run["state"] for run in runs} == {"succeeded"}
    assert runs[0]["image"]["digest"] == one
    by_image = {one: b"one\n", new: b"switch\n"}  # each ran on what it says
    assert all(output(tenant, run["id"]) == by_image[run["image"]["digest"]] for run in runs)


def test_a_run_that_goes_on_over_a_switch_keeps_its_image(
    tenant: Client, byteme: Cli, stock: Shelf, one: str, smoke: Path
) -> None:
    before = active(byteme)
    run_id = submit(tenant, f"import sys\nsys.stdin.read()\n{MARK}")
    live = tenant.live(run_id)
    eventually(lambda: tenant.run(run_id).state == "running", "it to run")
    assert byteme("images", "pull", "tests/sandbox:two", "--smoke", smoke).returncode == 0
    assert active(byteme) != before
    live.close()
    run = finished(tenant, run_id)
    assert (run["state"], run["image"]["digest"]) == ("succeeded", before)


def test_a_rollback_is_one_command_and_pulls_nothing(tenant: Client, byteme: Cli, relay: Relay, one: str) -> None:
    now, passed = active(byteme), relay.passed
    before = next(item["digest"] for item in listed(byteme) if item["previous"] and item["digest"])
    assert byteme("images", "rollback").returncode == 0
    assert active(byteme) == before
    assert run_program(tenant, MARK)["image"]["digest"] == before
    assert byteme("images", "use", "default", now).returncode == 0
    assert active(byteme) == now
    assert relay.passed == passed


def test_an_absent_tag_is_not_found(byteme: Cli, still: None) -> None:
    done = byteme("images", "pull", "tests/sandbox:nowhere")
    assert done.returncode == 4
    assert "has no nowhere" in done.stderr


def test_an_absent_digest_and_an_absent_repository_are_not_found(byteme: Cli, still: None) -> None:
    assert byteme("images", "pull", f"tests/sandbox@sha256:{'0' * 64}").returncode == 4
    assert byteme("images", "pull", "tests/nothing:1").returncode == 4
    assert byteme("images", "use", "default", "tests/sandbox:never-pulled").returncode == 4
    assert byteme("images", "rollback", "nobody").returncode == 4


def test_what_is_no_reference_is_told_by_its_field(byteme: Cli, still: None) -> None:
    done = byteme("images", "pull", "tests/sandbox")
    assert done.returncode == 1
    assert "names no tag" in done.stderr


def test_another_registry_than_that_of_the_settings_is_against_the_policy(byteme: Cli, still: None) -> None:
    done = byteme("images", "pull", "registry.example.org/tests/sandbox:one")
    assert done.returncode == 5, done.stderr


def test_a_corrupt_layer_never_becomes_active(byteme: Cli, stock: Shelf, still: None, smoke: Path) -> None:
    stock.put("tests/sandbox", "corrupt", files={"data": bytes(range(256)) * 4096})
    blob = stock.registry.blob_file(stock.last_layer("tests/sandbox", "corrupt"))
    data = bytearray(blob.read_bytes())
    data[len(data) // 2] ^= 0xFF
    blob.write_bytes(bytes(data))
    done = byteme("images", "pull", "tests/sandbox:corrupt", "--smoke", smoke, "--json")
    assert (done.returncode, last_object(done)["why"]) == (5, "digest"), done.stdout


def test_a_manifest_with_other_bytes_is_refused(byteme: Cli, stock: Shelf, still: None) -> None:
    digest = stock.put("tests/sandbox", "forged")
    file = stock.registry.blob_file(digest)
    file.write_bytes(file.read_bytes().replace(b'"schemaVersion": 2', b'"schemaVersion":  2'))
    done = byteme("images", "pull", f"tests/sandbox@{digest}", "--json")
    assert done.returncode == 5, done.stdout
    assert last_object(done)["why"] == "digest"


def test_a_failing_smoke_run_says_why_and_never_becomes_active(
    byteme: Cli, stock: Shelf, tmp_path: Path, still: None
) -> None:
    stock.put("tests/sandbox", "broken")
    program = tmp_path / "failing.py"
    program.write_text(FAILING)
    done = byteme("images", "pull", "tests/sandbox:broken", "--smoke", program)
    assert done.returncode == 7
    assert "exit code 9: no gpu here" in done.stderr


def test_the_usual_smoke_program_needs_the_libraries(byteme: Cli, stock: Shelf, still: None) -> None:
    stock.put("tests/sandbox", "bare")
    done = byteme("images", "pull", "tests/sandbox:bare")
    assert done.returncode == 7
    assert "No module named" in done.stderr


def test_an_image_that_is_none_of_ours_is_refused(byteme: Cli, stock: Shelf, still: None) -> None:
    stock.put("tests/sandbox", "foreign", labels='LABEL byteme.protocol="1"')
    done = byteme("images", "pull", "tests/sandbox:foreign")
    assert done.returncode == 5
    assert "byteme.protocol" in done.stderr


def test_only_the_right_signature_of_this_very_image_opens_the_way(
    byteme: Cli, stock: Shelf, key: ec.EllipticCurvePrivateKey, one: str, smoke: Path
) -> None:
    before = active(byteme)
    digest = stock.put("tests/sandbox", "signed")
    pull = ("images", "pull", "tests/sandbox:signed", "--require-signature", "--smoke", smoke)

    def by(key: ec.EllipticCurvePrivateKey) -> Callable[[bytes], bytes]:
        return lambda payload: key.sign(payload, ec.ECDSA(hashes.SHA256()))

    def refused(said: str) -> None:
        done = byteme(*pull)
        assert (done.returncode, active(byteme)) == (5, before), done.stderr
        assert said in done.stderr

    refused("not signed")
    stock.sign("tests/sandbox", digest, digest, by(ec.generate_private_key(ec.SECP256R1())))
    refused("not by our key")
    stock.sign("tests/sandbox", digest, one, by(key))
    refused("of another image")
    stock.sign("tests/sandbox", digest, digest, by(key))
    assert byteme(*pull).returncode == 0
    assert active(byteme) == digest


def test_findings_that_are_not_accepted_keep_an_image_out(byteme: Cli, stock: Shelf, still: None, smoke: Path) -> None:
    digest = stock.put("tests/sandbox", "scanned")
    pull = ("images", "pull", "tests/sandbox:scanned", "--smoke", smoke, "--no-activate", "--fail-on")
    done = byteme(*pull, "CRITICAL")
    assert done.returncode == 5
    assert "was not scanned" in done.stderr
    stock.aws.client("ecr").start_image_scan(repositoryName="tests/sandbox", imageId={"imageDigest": digest})
    done = byteme(*pull, "CRITICAL,HIGH")  # moto finds one of HIGH in everything
    assert done.returncode == 5
    assert "HIGH: 1" in done.stderr
    done = byteme(*pull, "CRITICAL")
    assert done.returncode == 0, done.stderr
    assert "scan: HIGH: 1" in done.stderr


def test_a_dry_run_says_what_would_be_pulled(byteme: Cli, stock: Shelf, still: None) -> None:
    stock.put("tests/sandbox", "dry")
    done = byteme("images", "pull", "tests/sandbox:dry", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "MiB to pull on host-1" in done.stderr
    assert not any(item["ref"].endswith(":dry") for item in listed(byteme))


def test_a_course_has_its_own_image_for_those_who_may_use_it(
    server: ServerProcess, byteme: Cli, stock: Shelf, still: None, smoke: Path
) -> None:
    digest = stock.put("tests/sandbox", "course")
    done = byteme("images", "pull", "tests/sandbox:course", "--alias", "course", "--smoke", smoke)
    assert done.returncode == 0, done.stderr
    run = run_program(server.tenant(), MARK, image="course")
    assert (run["state"], run["image"]["alias"], run["image"]["digest"]) == ("succeeded", "course", digest)


def test_a_registry_that_goes_in_the_middle_and_comes_back_costs_no_second_command(
    byteme: Cli, stock: Shelf, relay: Relay, one: str, smoke: Path
) -> None:
    from random import Random

    digest = stock.put("tests/sandbox", "long", files={"noise": Random(1).randbytes(12 << 20)})
    relay.most = relay.passed + (4 << 20)
    done: list[subprocess.CompletedProcess[str]] = []
    pull = threading.Thread(
        target=lambda: done.append(byteme("images", "pull", "tests/sandbox:long", "--smoke", smoke, "--json"))
    )
    pull.start()
    eventually(lambda: relay.passed >= relay.most, "the pull to be in its middle", 60)  # type: ignore[operator]
    relay.cut()
    relay.mend()
    pull.join()
    assert done[0].returncode == 0, done[0].stdout
    assert last_object(done[0])["digest"] == active(byteme) == digest


def test_a_registry_that_falls_silent_is_given_up_at_the_deadline(
    byteme: Cli, stock: Shelf, relay: Relay, still: None, smoke: Path
) -> None:
    from random import Random

    stock.put("tests/sandbox", "silent", files={"noise": Random(2).randbytes(8 << 20)})
    relay.most = relay.passed + (2 << 20)
    done = byteme("images", "pull", "tests/sandbox:silent", "--smoke", smoke, "--deadline", "10", "--json")
    relay.cut()
    relay.mend()
    assert (done.returncode, last_object(done)["why"]) == (1, "deadline")


def test_a_registry_that_is_away_is_told_from_one_that_refuses(byteme: Cli, relay: Relay, still: None) -> None:
    relay.cut()
    done = byteme("images", "pull", "tests/sandbox:two", "--dry-run", "--json")
    relay.mend()
    assert (done.returncode, last_object(done)["why"]) == (1, "unreachable")


def test_a_prune_leaves_what_is_active_previous_and_in_use(
    server: ServerProcess, tenant: Client, byteme: Cli, one: str
) -> None:
    run_id = submit(tenant, f"import sys\nsys.stdin.read()\n{MARK}", image="course")
    live = tenant.live(run_id)
    eventually(lambda: tenant.run(run_id).state == "running", "it to run")
    done = byteme("images", "prune", "--keep", "0", "--json")
    assert done.returncode == 0, done.stderr
    decided = {item["digest"]: item["kept"] for item in json.loads(done.stdout)}
    gone = {digest for digest, kept in decided.items() if kept is None}
    api = server.engine()

    def left() -> set[str]:
        names = [name for image in api.images() for name in image["RepoDigests"] or []]
        return {name.partition("@")[2] for name in names}

    assert gone
    assert "previous of default" in decided.values()
    eventually(lambda: not gone & left(), "the others to go")
    assert {digest for digest, kept in decided.items() if kept} <= left()
    api.close()
    live.close()
    assert finished(tenant, run_id)["state"] == "succeeded"


def test_an_image_that_somebody_removed_is_pulled_again(server: ServerProcess, byteme: Cli, one: str) -> None:
    digest = active(byteme)
    item = next(item for item in listed(byteme) if item["active"])
    api = server.engine()
    for name in api.inspect_image(item["hosts"][0]["ref"])["RepoTags"]:
        if name.startswith("byteme.local/"):
            api.tag(name, "byteme-test/kept")  # the sandboxes that wait have it in use
            api.remove_image(name, force=True)
    for name in api.inspect_image("byteme-test/kept")["RepoDigests"]:
        api.remove_image(name, force=True)
    byteme("images", "verify")
    eventually(lambda: _is_there(api, item["hosts"][0]["ref"]), "it to be back", 60)
    eventually(lambda: byteme("images", "status").returncode == 0, "the host to be ready", 60)
    assert active(byteme) == digest
    api.remove_image("byteme-test/kept")
    api.close()


def _is_there(api: docker.APIClient, name: str) -> bool:
    try:
        return bool(api.inspect_image(name))
    except docker.errors.ImageNotFound:
        return False
