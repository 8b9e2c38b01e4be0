"""Taking files out of a folder that a hostile program filled, and storing them within the caps."""

import errno
import hashlib
import os
import resource
import socket
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from server.domain.ports import Member, Skipped, StoredObject
from server.domain.quota import Quota, artifact_room
from server.domain.run import Limits
from server.engine import collect as collecting
from server.engine.collect import MAX_DEPTH, PIECE, members
from server.stores import artifacts_local
from server.stores.artifacts_local import LocalArtifactStore
from server.stores.hashing import INLINE
from server.worker.collect import BATCH, MAX_PATH, MAX_SKIPPED, SMALL, Collected, collect

SECRET = b"the host's own"


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_bytes(SECRET)
    folder = tmp_path / "outputs"
    folder.mkdir()
    return folder


def found(folder: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    """The files with their bytes, and what was left out with the reason."""
    files, skipped = {}, {}
    for item in members(folder):
        if isinstance(item, Member):
            files[item.path] = b"".join(item.data)
        else:
            skipped[item.path] = item.why
    return files, skipped


def write(path: Path, data: bytes = b"x") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


# what is taken out


def test_files_of_all_depths_come_out_in_order_of_name(outputs: Path) -> None:
    for name in ("b.txt", "a/2", "a/1", "a/deep/er/3", "c"):
        write(outputs / name, name.encode())
    files, skipped = found(outputs)
    assert list(files) == ["a/1", "a/2", "a/deep/er/3", "b.txt", "c"]
    assert all(data == name.encode() for name, data in files.items())
    assert skipped == {}


def test_an_empty_folder_and_an_empty_file_are_fine(outputs: Path) -> None:
    assert found(outputs) == ({}, {})
    (outputs / "empty").mkdir()
    write(outputs / "nothing", b"")
    assert found(outputs) == ({"nothing": b""}, {})


def test_a_large_file_comes_in_pieces_and_whole(outputs: Path) -> None:
    data = os.urandom(2 * PIECE + 17)
    write(outputs / "large", data)
    member = next(items := members_held(outputs))
    pieces = list(member.data)
    assert max(map(len, pieces)) <= PIECE
    assert b"".join(pieces) == data
    items.close()


@pytest.mark.parametrize(
    ("target", "is_folder"),
    [("../outside/secret", False), ("/etc/passwd", False), ("../outside", True), ("/", True), ("nowhere", False)],
)
def test_no_symbolic_link_is_followed(outputs: Path, target: str, is_folder: bool) -> None:
    (outputs / "link").symlink_to(target, target_is_directory=is_folder)
    write(outputs / "real")
    files, skipped = found(outputs)
    assert files == {"real": b"x"}
    assert skipped == {"link": "a symbolic link, not a regular file"}


def test_an_outputs_folder_that_is_a_link_gives_nothing(outputs: Path, tmp_path: Path) -> None:
    (tmp_path / "swapped").symlink_to(tmp_path / "outside")
    files, skipped = found(tmp_path / "swapped")
    assert files == {}
    assert "can't be read" in skipped[""]


def test_pipes_sockets_and_devices_are_left_out_and_nothing_waits(outputs: Path) -> None:
    os.mkfifo(outputs / "pipe")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(outputs / "socket"))
    listener.close()
    os.mknod(outputs / "zero", 0o20666, os.makedev(1, 5))
    files, skipped = found(outputs)
    assert files == {}
    assert skipped == {
        "pipe": "a named pipe, not a regular file",
        "socket": "a socket, not a regular file",
        "zero": "a device, not a regular file",
    }


def test_a_file_that_turns_into_a_pipe_at_the_last_moment_gives_nothing(outputs: Path) -> None:
    write(outputs / "file", b"harmless")
    member = next(items := members_held(outputs))
    (outputs / "file").unlink()
    os.mkfifo(outputs / "file")
    assert b"".join(member.data) == b""
    items.close()


def test_a_file_that_turns_into_a_link_at_the_last_moment_is_not_followed(outputs: Path) -> None:
    write(outputs / "file", b"harmless")
    member = next(items := members_held(outputs))
    (outputs / "file").unlink()
    (outputs / "file").symlink_to("../outside/secret")
    with pytest.raises(OSError, match="symbolic") as error:
        b"".join(member.data)
    assert error.value.errno == errno.ELOOP
    items.close()


def members_held(folder: Path) -> Generator[Member, None, None]:
    """Members as `members` gives them, while it waits for us to read each."""
    for item in members(folder):
        assert isinstance(item, Member)
        yield item


def test_folders_nested_without_end_are_cut_off_and_said(outputs: Path) -> None:
    deep = outputs
    for _ in range(MAX_DEPTH + 5):
        deep /= "d"
        deep.mkdir()
        write(deep / "f")
    files, skipped = found(outputs)
    assert len(files) == MAX_DEPTH - 1
    assert list(skipped.values()) == [f"deeper than {MAX_DEPTH} folders"]


def test_names_that_are_no_text_are_shown_in_escapes_and_their_bytes_kept(outputs: Path) -> None:
    write(Path(os.fsdecode(os.fsencode(outputs) + b"/caf\xe9")), b"latin")
    write(outputs / "日本\n語", b"utf-8")
    files, _ = found(outputs)
    assert files == {"caf\\xe9": b"latin", "日本\n語": b"utf-8"}


def test_unreadable_modes_and_set_uid_bits_are_no_obstacle_and_not_kept(outputs: Path) -> None:
    write(outputs / "locked" / "f", b"mine")
    (outputs / "locked" / "f").chmod(0o6000)
    (outputs / "locked").chmod(0)
    files, skipped = found(outputs)
    assert (files, skipped) == ({"locked/f": b"mine"}, {})


def test_a_hard_link_is_a_file_like_any_other(outputs: Path) -> None:
    write(outputs / "a", b"same")
    (outputs / "b").hardlink_to(outputs / "a")
    assert found(outputs)[0] == {"a": b"same", "b": b"same"}


def test_a_sparse_file_says_its_full_size_before_any_byte_is_read(outputs: Path) -> None:
    write(outputs / "sparse", b"")
    os.truncate(outputs / "sparse", 1 << 40)
    member = next(items := members_held(outputs))
    assert member.size == 1 << 40
    assert len(next(member.data)) == PIECE
    items.close()


def test_a_file_that_grows_while_it_is_read_is_taken_at_its_first_size(outputs: Path) -> None:
    write(outputs / "log", b"before")
    member = next(items := members_held(outputs))
    write(outputs / "log", b"before and after")
    assert b"".join(member.data) == b"before"
    items.close()


def test_no_descriptor_is_left_open(outputs: Path) -> None:
    for n in range(20):
        write(outputs / f"{n}/f")
    found(outputs)
    for item in members(outputs):  # passed over, not read
        assert item.path
    assert held_below(outputs) == []


def test_no_more_names_are_looked_at_than_there_is_memory_for(outputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "MAX_NAMES", 10)
    write(outputs / "a")
    for n in range(50):
        os.link(outputs / "a", outputs / f"link{n}")
    files, skipped = found(outputs)
    assert len(files) == 10
    assert skipped == {"": "there are more than 10 names; the rest was not looked at"}


def test_more_folders_than_descriptors_lose_no_file(outputs: Path) -> None:
    for n in range(300):
        (outputs / f"{n:03}").mkdir()
    write(outputs / "z" / "model", b"weights")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 100, before[1]))
    try:
        assert found(outputs) == ({"z/model": b"weights"}, {})
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def held_below(folder: Path) -> list[str]:
    """What of `folder` this process has open."""
    links = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
    return [target for link in links if os.path.lexists(link) and (target := os.readlink(link)).startswith(str(folder))]


# what is stored


@pytest.fixture
def store(tmp_path: Path) -> LocalArtifactStore:
    return LocalArtifactStore(tmp_path / "store")


def made_up(*items: tuple[str, bytes] | Skipped) -> Iterator[Member | Skipped]:
    for item in items:
        yield item if isinstance(item, Skipped) else Member(item[0], len(item[1]), iter([item[1]]))


def collected(items: Iterator[Member | Skipped], store: LocalArtifactStore, quota: Quota) -> Collected:
    return collect(items, store, "run", quota.artifact_count, lambda: artifact_room(quota, Limits(), 0))


def test_what_is_stored_has_its_digest_its_type_and_a_key_of_ours(store: LocalArtifactStore) -> None:
    result = collected(made_up(("../../etc/x.json", b"{}"), ("m.bin", b"\x00")), store, Quota())
    first, second = result.items
    assert first.stored == StoredObject(2, hashlib.sha256(b"{}").hexdigest())
    assert (first.path, first.key, first.media_type) == ("../../etc/x.json", "run/0", "application/json")
    assert (second.key, second.media_type) == ("run/1", "application/octet-stream")
    assert b"".join(store.open("run/0")) == b"{}"


def test_a_file_over_the_cap_is_left_out_by_name_and_smaller_ones_are_still_taken(store: LocalArtifactStore) -> None:
    megabyte = b"x" * (1 << 20)
    result = collected(made_up(("a", megabyte), ("b", megabyte + b"y"), ("c", megabyte)), store, Quota(artifact_mb=2))
    assert [item.path for item in result.items] == ["a", "c"]
    assert [(item.path, item.why) for item in result.skipped] == [
        ("b", "1048577 bytes, over the artifact limit of 2 MB"),
    ]
    assert result.over_limit == "Artifact limit of 2 MB reached."


def test_files_over_the_count_are_left_out_unread(store: LocalArtifactStore) -> None:
    def explosive() -> Iterator[bytes]:
        raise AssertionError("read")
        yield b""

    items = [Member("a", 1, iter([b"x"])), Member("b", 1, explosive())]
    result = collected(iter(items), store, Quota(artifact_count=1))
    assert [item.path for item in result.items] == ["a"]
    assert result.over_limit == "Artifact limit of 1 files reached."
    assert result.skipped == [Skipped("b", "over the limit of 1 files")]


def test_a_sparse_terabyte_costs_nothing(outputs: Path, store: LocalArtifactStore) -> None:
    write(outputs / "sparse", b"")
    os.truncate(outputs / "sparse", 1 << 40)
    result = collected(members(outputs), store, Quota(artifact_mb=1))
    assert result.items == []
    assert result.over_limit


def test_files_that_look_larger_than_their_disk_are_taken_up_to_its_size(
    outputs: Path, store: LocalArtifactStore
) -> None:
    """Copied out, holes would be bytes, and each name of a file a file."""
    write(outputs / "hole")
    os.truncate(outputs / "hole", 2 << 20)
    for number in range(3):
        os.link(outputs / "hole", outputs / f"link-{number}")
    room = artifact_room(Quota(), Limits(disk_mb=5), 0)
    result = collect(members(outputs), store, "run", 100, lambda: room)
    assert [item.path for item in result.items] == ["hole", "link-0"]
    assert result.over_limit == "Disk limit of 5 MB reached."


def test_two_names_that_read_the_same_are_not_mixed_up(store: LocalArtifactStore) -> None:
    result = collected(made_up(("caf\\xe9", b"1"), ("caf\\xe9", b"2")), store, Quota())
    assert [item.path for item in result.items] == ["caf\\xe9"]
    assert result.skipped == [Skipped("caf\\xe9", "another file has the same name as text")]


def test_a_path_without_end_is_left_out(store: LocalArtifactStore) -> None:
    result = collected(made_up(("é" * MAX_PATH, b"1")), store, Quota())
    assert result.items == []
    assert "longer than" in result.skipped[0].why


def test_a_thousand_links_are_told_of_in_a_few_lines(store: LocalArtifactStore) -> None:
    result = collected(made_up(*(Skipped(str(n), "a symbolic link") for n in range(1000))), store, Quota())
    assert len(result.skipped) == MAX_SKIPPED + 1
    assert result.skipped[-1] == Skipped("", "and 900 more")


def test_what_was_left_out_for_its_kind_does_not_fail_a_run(store: LocalArtifactStore) -> None:
    assert collected(made_up(Skipped("link", "a symbolic link")), store, Quota()).over_limit is None


@pytest.mark.parametrize("size", [0, 1, SMALL, SMALL + 1, INLINE, INLINE + 1, 3 * INLINE + 7])
def test_a_file_of_any_size_is_stored_whole_and_has_its_digest(
    outputs: Path, store: LocalArtifactStore, size: int
) -> None:
    data = os.urandom(size)
    write(outputs / "file", data)
    (item,) = collected(members(outputs), store, Quota()).items
    assert item.stored == StoredObject(size, hashlib.sha256(data).hexdigest())
    assert b"".join(store.open(item.key)) == data


def test_small_and_large_files_keep_their_order_and_their_keys(outputs: Path, store: LocalArtifactStore) -> None:
    sizes = [5, SMALL + 1, 7, 9, SMALL + 2, 1, *([3] * 2 * BATCH)]
    for number, size in enumerate(sizes):
        write(outputs / f"{number:04}", bytes([number % 256]) * size)
    items = collected(members(outputs), store, Quota()).items
    assert [item.path for item in items] == [f"{number:04}" for number in range(len(sizes))]
    assert [item.stored.bytes for item in items] == sizes
    for number, item in enumerate(items):
        assert b"".join(store.open(item.key)) == bytes([number % 256]) * sizes[number]


# the store itself


def test_what_can_not_be_stored_leaves_nothing_behind(store: LocalArtifactStore, tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"x"
        raise OSError(errno.EIO, "read error")

    with pytest.raises(OSError, match="read error"):
        store.put("run/0", broken())
    assert list((tmp_path / "store" / "run").iterdir()) == []


def test_what_is_told_of_as_stored_was_synced_under_its_name(
    store: LocalArtifactStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(artifacts_local.os, "fsync", lambda fd: synced.append(os.readlink(f"/proc/self/fd/{fd}")))
    store.put("run/0", iter([b"x"]))
    assert synced == [str(tmp_path / "store" / "run" / "0")]


def test_what_can_not_be_made_durable_is_not_there(
    store: LocalArtifactStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_fd: int) -> None:
        raise OSError(errno.EIO, "disk error")

    monkeypatch.setattr(artifacts_local.os, "fsync", refuse)
    with pytest.raises(OSError, match="disk error"):
        store.put("run/0", iter([b"x"]))
    assert list((tmp_path / "store" / "run").iterdir()) == []


def test_trouble_of_the_host_is_no_reason_to_leave_a_file_out(outputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(outputs / "model")

    def used_up(*_arguments: object, **_options: object) -> int:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(os, "stat", used_up)
    with pytest.raises(OSError, match="Too many open files"):
        list(members(outputs))
