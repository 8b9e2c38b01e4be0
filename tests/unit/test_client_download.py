"""Artifacts: resumed, verified, and only then there."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from client_peer import CuttingProxy, Peer, Script, serving

from client import Artifact, Client, IntegrityError, UnsafeName

MODEL = bytes(range(256)) * 8000


@pytest.fixture
def peer() -> Iterator[Peer]:
    with serving() as peer:
        peer.add_run({}).script = Script(
            artifacts={"model.pt": MODEL, "plots/loss curve #1?.png": b"png", "empty": b"", "100%": b"%"}
        )
        yield peer


@pytest.fixture
def client(peer: Peer) -> Iterator[Client]:
    with Client(peer.url, peer.sign_in()["access_token"]) as client:
        yield client


def fetch_all(client: Client, folder: Path) -> dict[str, bytes]:
    for artifact in client.artifacts("run-1"):
        client.download("run-1", artifact, folder)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_artifact_arrives_whole_under_its_own_name(peer, client, tmp_path):
    assert fetch_all(client, tmp_path) == peer.runs["run-1"].script.artifacts


def test_a_cut_download_goes_on_where_it_stopped(peer, tmp_path):
    proxy = CuttingProxy(peer.port, cuts=[10_000, 1_000_000, 500_000])
    with Client(proxy.url, peer.sign_in()["access_token"]) as client:
        assert fetch_all(client, tmp_path)["model.pt"] == MODEL
    proxy.close()
    resumed = [line for line in peer.log if "model.pt bytes=" in line]
    assert len(resumed) >= 1


def test_an_interrupted_command_s_part_is_continued_by_the_next(peer, client, tmp_path):
    artifact = next(a for a in client.artifacts("run-1") if a.path == "model.pt")

    class Stop(Exception):
        pass

    def stop(done: int) -> None:
        if done > 0:
            raise Stop

    with pytest.raises(Stop):
        client.download("run-1", artifact, tmp_path, stop)
    (part,) = tmp_path.iterdir()
    assert part.name.endswith(".part")
    part.write_bytes(MODEL[:123_456])
    assert client.download("run-1", artifact, tmp_path).read_bytes() == MODEL
    assert peer.log[-1].endswith("bytes=123456-")
    assert [path.name for path in tmp_path.iterdir()] == ["model.pt"]


def test_a_part_of_another_version_is_not_continued(peer, client, tmp_path):
    old = next(a for a in client.artifacts("run-1") if a.path == "model.pt")
    peer.runs["run-1"].script.artifacts["model.pt"] = MODEL[::-1]
    # The announced sha256 is the old one's, and so is the part: If-Range makes the server send all of the new one.
    with pytest.raises(IntegrityError):
        client.download("run-1", old, tmp_path)
    new = next(a for a in client.artifacts("run-1") if a.path == "model.pt")
    assert client.download("run-1", new, tmp_path).read_bytes() == MODEL[::-1]


def test_wrong_bytes_never_get_the_file_s_name(peer, client, tmp_path):
    (tmp_path / "model.pt").write_bytes(b"the last good one")
    lie = Artifact("model.pt", len(MODEL), hashlib.sha256(b"other").hexdigest())
    with pytest.raises(IntegrityError, match=r"model\.pt"):
        client.download("run-1", lie, tmp_path)
    assert (tmp_path / "model.pt").read_bytes() == b"the last good one"
    assert [path.name for path in tmp_path.iterdir()] == ["model.pt"]


def test_more_bytes_than_announced_do_not_fill_the_disk(peer, client, tmp_path):
    lie = Artifact("model.pt", 1000, hashlib.sha256(MODEL).hexdigest())
    with pytest.raises(IntegrityError, match="more than the announced"):
        client.download("run-1", lie, tmp_path)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 1000


def test_what_is_there_and_right_is_not_fetched_again(peer, client, tmp_path):
    fetch_all(client, tmp_path)
    requests = len([line for line in peer.log if "/artifacts/" in line])
    seen: list[int] = []
    for artifact in client.artifacts("run-1"):
        client.download("run-1", artifact, tmp_path, seen.append)
    assert len([line for line in peer.log if "/artifacts/" in line]) == requests
    assert len(MODEL) in seen


def test_a_hostile_name_is_refused_before_anything_is_asked_or_written(peer, client, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    for name in ("../evil", "/tmp/evil", "a/../../evil"):
        with pytest.raises(UnsafeName):
            client.download("run-1", Artifact(name, 1, "0" * 64), folder)
    assert list(tmp_path.rglob("*")) == [folder]
    assert not [line for line in peer.log if "evil" in line]


def test_a_part_file_that_is_a_link_is_not_written_through(peer, client, tmp_path):
    artifact = next(a for a in client.artifacts("run-1") if a.path == "100%")
    with pytest.raises(IntegrityError):
        client.download("run-1", Artifact("100%", 1, "0" * 64), tmp_path)
    assert client.download("run-1", artifact, tmp_path).name == "100%"
    victim = tmp_path / "victim"
    victim.write_bytes(b"")
    target = tmp_path / "model.pt"
    artifact = next(a for a in client.artifacts("run-1") if a.path == "model.pt")
    from client.download import _part

    _part(target, artifact).symlink_to(victim)
    with pytest.raises(OSError, match="symbolic links"):
        client.download("run-1", artifact, tmp_path)
    assert victim.read_bytes() == b""
