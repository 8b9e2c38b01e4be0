"""The capped storage of a run: made by the host, bound into the container, readable after its exit.

    NAME/disk.img     the run's disk, a sparse file with an ext4 file system: bytes and inodes are hard limits
    NAME/disk/        that file system mounted: workspace/, outputs/, data/, tmp/   (nosuid, nodev)
    NAME/control/     a small tmpfs of its own, where the supervisor writes its stream: a full disk can't silence a run
    NAME/shm/         the run's /dev/shm, a tmpfs
    NAME/run.json     whose it is, for one that was made before its run was known

`outputs` is a mount of its own with nosymfollow: a program can't swap it for a link, and no link in it leads anywhere.
`data` is one whose mounts reach the container: datasets are bound below it once the run is known.
Where loop devices are not to be had, the disk is a tmpfs; then it counts as the run's memory.

A sandbox that waits has a disk as large as any tenant's run may ask for; a ballast file, out of the container's sight,
takes up what its run may not have.
"""

import errno
import json
import logging
import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from server.domain.errors import EngineError
from server.engine.convert import Mounted
from server.engine.forgotten import end_forgotten
from server.engine.loopdev import (
    BIND,
    NOATIME,
    NODEV,
    NOEXEC,
    NOSUID,
    NOSYMFOLLOW,
    PRIVATE,
    RDONLY,
    REMOUNT,
    SHARED,
    mount,
    mount_image,
    unmount,
)

log = logging.getLogger(__name__)

CONTROL_BYTES = 32 << 20
TEMPLATES = ".templates"
MAX_TEMPLATES = 32  # sizes kept ready
_MIB = 1 << 20
_BYTES_PER_INODE = 8192
_SAFE = NOSUID | NODEV
_BALLAST = "ballast"
_OVERHEAD = 0.02  # of a file system goes to its own tables
_ESCAPED = re.compile(rb"\\(\d{3})")
_FULL = 0.98  # a program that writes in pieces leaves less than a piece free,
_PIECE = 2 * _MIB  # and the kernel takes none that it has no room for as a whole

Kind = Literal["disk", "memory"]


@dataclass(frozen=True, slots=True)
class DiskUse:
    """Bytes used, and whether bytes or inodes are (as good as) used up."""

    bytes: int
    full: bool


@dataclass(frozen=True, slots=True)
class Size:
    """MiB of disk and of /dev/shm. `capacity_mb` is what the disk could be made to hold later, if more."""

    disk_mb: int
    shm_mb: int
    capacity_mb: int = 0


class Storage:
    """Makes and removes the storage of sandboxes below `root`. Needs CAP_SYS_ADMIN."""

    def __init__(self, root: Path, kind: Literal["auto", "disk", "memory"]) -> None:
        self._root = root.resolve()
        self._wanted = kind
        self._kind: Kind | None = None

    @property
    def kind(self) -> Kind:
        """What is in force: the setting, or for `auto` what a trial shows to work, disk before memory."""
        if self._kind is None:
            self._kind = self._choose()
        return self._kind

    def make(self, name: str, uid: int, size: Size) -> Mounted:
        """Fresh storage for the sandbox `name`, owned by `uid`. Raises EngineError, and then leaves nothing behind."""
        self.prepare(size)
        self.remove(name)
        try:
            return self._make(name, uid, size, self.kind)
        except (OSError, subprocess.SubprocessError) as error:
            self.remove(name)
            raise EngineError(f"The run's storage could not be made: {_said(error)}") from error

    def prepare(self, size: Size) -> None:
        """Makes an empty file system of that size to copy, unless there is one. Raises EngineError."""
        try:
            if self.kind == "disk":
                self._template(max(size.disk_mb, size.capacity_mb))
        except (OSError, subprocess.SubprocessError) as error:
            raise EngineError(f"The run's storage could not be made: {_said(error)}") from error

    def resize(self, name: str, size: Size) -> None:
        """Gives unused storage another size, at most the capacity it was made with. Raises EngineError."""
        folder = self._root / name
        try:
            mount("", folder / "shm", "", REMOUNT | _SAFE | NOEXEC, f"size={size.shm_mb}m")
            if _is_tmpfs(folder / "disk"):
                mount("", folder / "disk", "", REMOUNT | _SAFE, _tmpfs_options(size.disk_mb))
            else:
                _weigh_down(folder / "disk", size.disk_mb)
        except OSError as error:
            raise EngineError(f"The run's storage could not be sized: {_said(error)}") from error

    def give(self, name: str, data: Mapping[str, str]) -> None:
        """Shows datasets (name to the host's file or folder) read-only in the sandbox. Raises EngineError."""
        folder = self._root / name
        try:
            for number, (shown, path) in enumerate(sorted(data.items())):
                _show(Path(path), folder / f"stage-{number}", folder / "disk" / "data" / shown)
        except OSError as error:
            raise EngineError(f"A dataset could not be given to the run: {_said(error)}") from error

    def record(self, name: str, facts: Mapping[str, Any]) -> None:
        """Keeps `facts` of a sandbox beside its storage, over a crash of ours. Raises EngineError."""
        path = self._root / name / "run.json"
        try:
            part = path.with_suffix(".part")
            part.write_text(json.dumps(facts))
            part.rename(path)
        except OSError as error:
            raise EngineError(f"Whose a sandbox is could not be noted: {_said(error)}") from error

    def recorded(self, name: str) -> dict[str, Any]:
        """What `record` was told; empty if nothing was."""
        with suppress(OSError, ValueError):
            return dict(json.loads((self._root / name / "run.json").read_text()))
        return {}

    def find(self, name: str) -> Mounted:
        """The storage that `make` made, perhaps in an earlier life of the server."""
        folder = self._root / name
        disk = folder / "disk"
        return Mounted(
            disk / "workspace", disk / "outputs", disk / "data", disk / "tmp", folder / "control", folder / "shm"
        )

    def names(self) -> list[str]:
        if not self._root.is_dir():
            return []
        return sorted(path.name for path in self._root.iterdir() if path.name != TEMPLATES)

    def use(self, name: str) -> DiskUse:
        """What is used of the run's disk; zeros when it is not there."""
        disk = self._root / name / "disk"
        with suppress(OSError):
            fs, ballast = os.statvfs(disk / "workspace"), _ballast_bytes(disk)
            used, free = (fs.f_blocks - fs.f_bfree) * fs.f_frsize - ballast, fs.f_bavail * fs.f_frsize
            if os.stat(disk).st_dev != os.stat(self._root).st_dev:
                size = fs.f_blocks * fs.f_frsize - ballast
                return DiskUse(max(0, used), free < max(_PIECE, (1 - _FULL) * size) or fs.f_favail == 0)
        return DiskUse(0, full=False)

    def remove(self, name: str) -> None:
        """Unmounts (lazily if busy) and deletes; nothing happens when it is gone already. Never raises."""
        folder = self._root / name
        uid = _owner(folder / "disk" / "workspace")
        for path in reversed(_mounted_below(folder)):
            unmount(path)
        if killed := end_forgotten(folder / "disk.img", uid):
            log.warning("processes that the engine had forgotten kept a run's disk; killed: %s", killed)
        if not _mounted_below(folder):  # never delete through a mount that would not go
            shutil.rmtree(folder, ignore_errors=True)

    def _make(self, name: str, uid: int, size: Size, kind: Kind) -> Mounted:
        folder = self._root / name
        mounted = self.find(name)
        disk = folder / "disk"
        for path in (disk, mounted.control, mounted.shm):
            path.mkdir(parents=True, mode=0o700)
        if kind == "disk":
            _copy_sparse(self._template(max(size.disk_mb, size.capacity_mb)), folder / "disk.img")
            mount_image(folder / "disk.img", disk, "ext4", _SAFE | NOATIME, "nobarrier")
            shutil.rmtree(disk / "lost+found", ignore_errors=True)
            if size.capacity_mb > size.disk_mb:
                _weigh_down(disk, size.disk_mb)
        else:
            mount("tmpfs", disk, "tmpfs", _SAFE, f"{_tmpfs_options(size.disk_mb)},mode=0711")
        options = f"size={CONTROL_BYTES},nr_inodes=64,mode=0700,uid={uid},gid={uid}"
        mount("tmpfs", mounted.control, "tmpfs", _SAFE, options)
        mount("tmpfs", mounted.shm, "tmpfs", _SAFE | NOEXEC, f"size={size.shm_mb}m,mode=1777")
        disk.chmod(0o711)
        for path in (mounted.workspace, mounted.outputs, mounted.data, mounted.tmp):
            path.mkdir()
            os.chown(path, uid, uid)
        for mountpoint in ("outputs", "data"):  # so that the engine need not make them, as root
            (mounted.workspace / mountpoint).mkdir()
            os.chown(mounted.workspace / mountpoint, uid, uid)
        mount(str(mounted.outputs), mounted.outputs, "", BIND)
        mount("", mounted.outputs, "", REMOUNT | BIND | _SAFE | NOSYMFOLLOW)
        mount(str(mounted.data), mounted.data, "", BIND)
        mount("", mounted.data, "", SHARED)
        return mounted

    def _template(self, disk_mb: int) -> Path:
        """An empty file system of that size, made once: a copy of it costs a few hundred kilobytes, not a mkfs."""
        path = self._root / TEMPLATES / f"{disk_mb}.img"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
            _make_image(part, disk_mb * _MIB)
            part.rename(path)
            for old in sorted(path.parent.glob("*.img"), key=lambda p: p.stat().st_mtime)[:-MAX_TEMPLATES]:
                old.unlink(missing_ok=True)
        os.utime(path)  # the last to go: it is about to be copied
        return path

    def _choose(self) -> Kind:
        kinds: tuple[Kind, ...] = ("disk", "memory") if self._wanted == "auto" else (self._wanted,)
        for kind in kinds:
            with suppress(OSError, subprocess.SubprocessError), self._trial(kind):
                return kind
        raise EngineError(
            f"No storage for runs can be mounted below {self._root} (tried: {', '.join(kinds)}). The server "
            "needs root, and for a disk a free loop device and mkfs.ext4."
        )

    @contextmanager
    def _trial(self, kind: Kind) -> Iterator[None]:
        name = f".trial-{os.getpid()}"
        self.remove(name)
        try:
            self._make(name, 65534, Size(16, 8), kind)
            yield
        finally:
            self.remove(name)


def _show(source: Path, stage: Path, target: Path) -> None:
    """Binds `source` at `target` for the container to see. Made read-only beside it first: a mount that is changed
    after it has reached the container stays writable there."""
    for point in (stage, target):
        if source.is_dir():
            point.mkdir()
        else:
            point.touch(mode=0o444)
    mount(str(source), stage, "", BIND)
    mount("", stage, "", PRIVATE)
    mount("", stage, "", REMOUNT | BIND | RDONLY | _SAFE | NOEXEC)
    mount(str(stage), target, "", BIND)


def _weigh_down(disk: Path, free_mb: int) -> None:
    """Makes room for `free_mb` on an unused file system, no more and no less, by a ballast file of the right size."""
    fd = os.open(disk / _BALLAST, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fs = os.fstatvfs(fd)
        size = os.fstat(fd).st_size + fs.f_bavail * fs.f_frsize - free_mb * _MIB
        if size < -_OVERHEAD * free_mb * _MIB:
            raise OSError(errno.ENOSPC, f"its disk can't hold {free_mb} MB")
        if size < os.fstat(fd).st_size:
            os.ftruncate(fd, max(0, size))
        elif size > 0:
            os.posix_fallocate(fd, 0, size)
    finally:
        os.close(fd)


def _ballast_bytes(disk: Path) -> int:
    try:
        return os.stat(disk / _BALLAST).st_blocks * 512
    except FileNotFoundError:
        return 0


def _tmpfs_options(size_mb: int) -> str:
    return f"size={size_mb}m,nr_inodes={max(1024, size_mb * _MIB // _BYTES_PER_INODE)}"


def _make_image(image: Path, size: int) -> None:
    """An ext4 of `size` bytes in a sparse file. No journal: it lives no longer than its run."""
    with image.open("xb") as file:
        file.truncate(size + size // 32 + 4 * _MIB)  # room for the file system's own tables
    features = "^has_journal,^resize_inode,^huge_file,sparse_super2"
    extended = "lazy_itable_init=1,nodiscard,assume_storage_prezeroed=1,root_owner=0:0"
    inodes = str(max(1024, size // _BYTES_PER_INODE))
    command = [
        "mkfs.ext4",
        "-q",
        "-F",
        "-m",
        "0",
        "-b",
        "4096",
        "-O",
        features,
        "-E",
        extended,
        "-N",
        inodes,
        str(image),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def _copy_sparse(source: Path, target: Path) -> None:
    """A copy with the same holes."""
    with source.open("rb", buffering=0) as old, target.open("xb", buffering=0) as new:
        size, end = os.fstat(old.fileno()).st_size, 0
        while True:
            try:
                start = os.lseek(old.fileno(), end, os.SEEK_DATA)
            except OSError:  # nothing but a hole to the end
                break
            end = os.lseek(old.fileno(), start, os.SEEK_HOLE)
            os.lseek(old.fileno(), start, os.SEEK_SET)
            new.seek(start)
            os.sendfile(new.fileno(), old.fileno(), None, end - start)
        new.truncate(size)


def _mounts() -> Iterator[tuple[Path, bytes]]:
    """Where something is mounted and the kind of file system, in the order of mounting (proc_pid_mountinfo(5))."""
    with open("/proc/self/mountinfo", "rb") as lines:
        for line in lines:
            fields, _, rest = line.partition(b" - ")
            point = _ESCAPED.sub(lambda code: bytes([int(code[1], 8)]), fields.split(b" ")[4])
            yield Path(os.fsdecode(point)), rest.split(b" ", 1)[0]


def _mounted_below(folder: Path) -> list[Path]:
    return [point for point, _ in _mounts() if folder in point.parents]


def _is_tmpfs(path: Path) -> bool:
    return dict(_mounts()).get(path) == b"tmpfs"


def _owner(path: Path) -> int:
    """0 when it is not there."""
    try:
        return os.stat(path).st_uid
    except OSError:
        return 0


def _said(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return str(error.stderr, "utf-8", "replace").strip()[-300:]
    return str(error)
