"""What the host's cgroup files say of a container, of both versions."""

from pathlib import Path

import pytest

from server.engine import cgroup
from server.engine.cgroup import Sample, file_bytes, sample

ID = "0123abcd"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(cgroup, "_ROOT", tmp_path)
    return tmp_path


def write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def write_v1(root: Path, place: str) -> None:
    write(
        root / "memory" / place,
        memory__usage_in_bytes="1000\n",
        memory__max_usage_in_bytes="2000\n",
        memory__stat="cache 700\ninactive_file 1\ntotal_cache 700\ntotal_inactive_file 200\ntotal_active_file 300\n",
        memory__oom_control="oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
    )
    write(root / "cpuacct" / place, cpuacct__usage="2500000000\n")


def write_v2(root: Path, place: str) -> None:
    write(root, cgroup__controllers="cpu memory pids\n")
    write(
        root / place,
        memory__current="1000\n",
        memory__peak="2000\n",
        memory__stat="anon 500\nfile 700\nshmem 200\ninactive_file 200\nactive_file 300\n",
        memory__events="low 0\nhigh 0\nmax 9\noom 4\noom_kill 3\n",
        cpu__stat="usage_usec 2500000\nuser_usec 1\n",
    )


@pytest.mark.parametrize("place", [f"byteme/{ID}", f"docker/{ID}", f"system.slice/docker-{ID}.scope"])
@pytest.mark.parametrize("write_files", [write_v1, write_v2])
def test_use_and_kills_are_read_whatever_the_version_and_the_driver(root: Path, place: str, write_files) -> None:
    write_files(root, place)
    assert sample(ID) == Sample(cpu_s=2.5, memory_bytes=1000, peak_memory_bytes=2000, oom_kills=3)


@pytest.mark.parametrize("write_files", [write_v1, write_v2])
def test_pages_of_files_are_told_apart(root: Path, write_files) -> None:
    assert file_bytes(ID) == 0
    write_files(root, f"docker/{ID}")
    assert file_bytes(ID) == 500


def test_a_kernel_that_keeps_no_peak_tells_the_present_use(root: Path) -> None:
    write_v2(root, f"docker/{ID}")
    (root / "docker" / ID / "memory.peak").unlink()
    assert sample(ID).peak_memory_bytes == 1000


@pytest.mark.parametrize("write_files", [write_v1, write_v2])
def test_a_container_that_has_ended_used_nothing(root: Path, write_files) -> None:
    write_files(root, "docker/another")
    assert sample(ID) == Sample()


def test_a_file_that_makes_no_sense_is_no_reason_to_fail(root: Path) -> None:
    write_v2(root, f"docker/{ID}")
    (root / "docker" / ID / "memory.current").write_text("max\n")
    assert sample(ID) == Sample()


def test_a_host_without_cgroup_files_says_nothing(root: Path) -> None:
    assert sample(ID) == Sample()


@pytest.mark.parametrize(
    ("priority", "name", "file", "value"),
    [("low", "byteme", "cpu.shares", "128"), ("idle", "byteme-idle", "cpu.idle", "1")],
)
def test_all_sandboxes_together_are_given_little_weight_or_what_is_left(
    root: Path, priority: str, name: str, file: str, value: str
) -> None:
    write(root / "cpu" / name, cpu__idle="0\n", cpu__shares="1024\n")
    assert cgroup.make_group(priority) == name
    assert (root / "cpu" / name / file).read_text() == value


def test_with_cgroup_v2_the_weight_is_converted(root: Path) -> None:
    write(root, cgroup__controllers="cpu memory pids\n")
    write(root / "byteme", cpu__weight="100\n")
    assert cgroup.make_group("low") == "byteme"
    assert (root / "byteme" / "cpu.weight").read_text() == "5"


def test_where_the_kernel_knows_no_such_group_none_is_left(root: Path) -> None:
    assert cgroup.make_group("idle") == ""
    (root / "cpu").mkdir()
    assert cgroup.make_group("idle") == ""
    assert list((root / "cpu").iterdir()) == []
