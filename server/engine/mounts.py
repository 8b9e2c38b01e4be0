"""The capped storage of a run: made by the host, bound into the container, readable after its exit.

    NAME/disk.img     the run's disk, a sparse file with an ext4 file system: bytes and inodes are hard limits
    NAME/disk/        that file system mounted: workspace/, outputs/, tmp/   (nosuid, nodev)
    NAME/control/     a small tmpfs of its own, where the supervisor writes its stream: a full disk can't silence a run

`outputs` is a mount of its own with nosymfollow: a program can't swap it for a link, and no link in it leads anywhere.
Where loop devices are not to be had, the disk is a tmpfs; then it counts as the run's memory.
"""

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from server.domain.errors import EngineError
from server.engine.convert import Mounted
from server.engine.loopdev import BIND, NOATIME, NODEV, NOSUID, NOSYMFOLLOW, REMOUNT, mount, mount_image, unmount

CONTROL_BYTES = 32 << 20
TEMPLATES = ".templates"
MAX_TEMPLATES = 32  # sizes kept ready
_MIB = 1 << 20
_BYTES_PER_INODE = 8192
_SAFE = NOSUID | NODEV
_FULL = 0.98  # a program that writes in pieces leaves less than a piece free

Kind = Literal["disk", "memory"]


@dataclass(frozen=True, slots=True)
class DiskUse:
    """Bytes used, and whether bytes or inodes are (as good as) used up."""

    bytes: int
    full: bool


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

    def make(self, name: str, uid: int, disk_mb: int) -> Mounted:
        """Fresh storage for the sandbox `name`, owned by `uid`. Raises EngineError, and then leaves nothing behind."""
        self.remove(name)
        try:
            return self._make(name, uid, disk_mb, self.kind)
        except (OSError, subprocess.SubprocessError) as error:
            self.remove(name)
            raise EngineError(f"The run's storage could not be made: {_said(error)}") from error

    def find(self, name: str) -> Mounted:
        """The storage that `make` made, perhaps in an earlier life of the server."""
        disk = self._root / name / "disk"
        return Mounted(disk / "workspace", disk / "outputs", disk / "tmp", self._root / name / "control")

    def names(self) -> list[str]:
        if not self._root.is_dir():
            return []
        return sorted(path.name for path in self._root.iterdir() if path.name != TEMPLATES)

    def use(self, name: str) -> DiskUse:
        """What is used of the run's disk; zeros when it is not there."""
        disk = self._root / name / "disk"
        with suppress(OSError):
            fs = os.statvfs(disk / "workspace")
            used, free = (fs.f_blocks - fs.f_bfree) * fs.f_frsize, fs.f_bavail * fs.f_frsize
            if os.stat(disk).st_dev != os.stat(self._root).st_dev:
                return DiskUse(used, free < (1 - _FULL) * fs.f_blocks * fs.f_frsize or fs.f_favail == 0)
        return DiskUse(0, full=False)

    def remove(self, name: str) -> None:
        """Unmounts (lazily if busy) and deletes; nothing happens when it is gone already. Never raises."""
        folder = self._root / name
        for path in (folder / "disk" / "outputs", folder / "disk", folder / "control"):
            while unmount(path):
                pass
        if not _is_mounted_below(folder):  # never delete through a mount that would not go
            shutil.rmtree(folder, ignore_errors=True)

    def _make(self, name: str, uid: int, disk_mb: int, kind: Kind) -> Mounted:
        folder = self._root / name
        disk, control = folder / "disk", folder / "control"
        for path in (disk, control):
            path.mkdir(parents=True, mode=0o700)
        if kind == "disk":
            _copy_sparse(self._template(disk_mb), folder / "disk.img")
            mount_image(folder / "disk.img", disk, "ext4", _SAFE | NOATIME, "nobarrier")
        else:
            inodes = max(1024, disk_mb * _MIB // _BYTES_PER_INODE)
            mount("tmpfs", disk, "tmpfs", _SAFE, f"size={disk_mb}m,nr_inodes={inodes},mode=0711")
        options = f"size={CONTROL_BYTES},nr_inodes=64,mode=0700,uid={uid},gid={uid}"
        mount("tmpfs", control, "tmpfs", _SAFE, options)
        shutil.rmtree(disk / "lost+found", ignore_errors=True)
        disk.chmod(0o711)
        mounted = self.find(name)
        for path in (mounted.workspace, mounted.outputs, mounted.tmp):
            path.mkdir()
            os.chown(path, uid, uid)
        for mountpoint in ("outputs", "data"):  # so that the engine need not make them, as root
            (mounted.workspace / mountpoint).mkdir()
            os.chown(mounted.workspace / mountpoint, uid, uid)
        mount(str(mounted.outputs), mounted.outputs, "", BIND)
        mount("", mounted.outputs, "", REMOUNT | BIND | _SAFE | NOSYMFOLLOW)
        return mounted

    def _template(self, disk_mb: int) -> Path:
        """An empty file system of that size, made once: a copy of it costs a few hundred kilobytes, not a mkfs."""
        path = self._root / TEMPLATES / f"{disk_mb}.img"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
            _make_image(part, disk_mb * _MIB)
            part.rename(path)
            for old in sorted(path.parent.iterdir(), key=lambda p: p.stat().st_mtime)[:-MAX_TEMPLATES]:
                old.unlink()
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
            self._make(name, 65534, 16, kind)
            yield
        finally:
            self.remove(name)


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


def _is_mounted_below(folder: Path) -> bool:
    prefix = os.fsencode(folder)
    with open("/proc/self/mountinfo", "rb") as mounts:
        return any(line.split(b" ")[4].startswith(prefix + b"/") for line in mounts)


def _said(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return str(error.stderr, "utf-8", "replace").strip()[-300:]
    return str(error)
