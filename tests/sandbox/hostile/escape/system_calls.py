"""Each system call that could change the host or the sandbox, with arguments that would be harmless.

ends: succeeded
"""

import ctypes
import struct
import time

from hostile import denied

room = ctypes.create_string_buffer(256)
now = ctypes.create_string_buffer(struct.pack("qq", int(time.time()), 0))
CALLS = {
    "mount": (165, b"none", b"/tmp", b"tmpfs", 0, 0),
    "umount2": (166, b"/proc/acpi", 2),
    "pivot_root": (155, b"/tmp", b"/tmp"),
    "chroot": (161, b"/tmp"),
    "unshare, users": (272, 0x10000000),
    "unshare, mounts": (272, 0x20000),
    "unshare, processes": (272, 0x20000000),
    "unshare, network": (272, 0x40000000),
    "unshare, cgroups": (272, 0x02000000),
    "clone, users": (56, 0x10000000 | 17, 0, 0, 0, 0),
    "clone3": (435, room, 88),
    "setns": (308, 0, 0),
    "bpf": (321, 0, room, 48),
    "perf_event_open": (298, room, 0, -1, -1, 0),
    "userfaultfd": (323, 0),
    "io_uring_setup": (425, 1, room),
    "keyctl": (250, 0, -3, 0),
    "init_module": (175, room, 0, b""),
    "finit_module": (313, -1, b"", 0),
    "delete_module": (176, b"no_such_module", 2048),
    "kexec_load": (246, 0, 0, 0, 0),
    "kexec_file_load": (320, -1, -1, 0, b"", 0),
    "reboot": (169, 0xFEE1DEAD, 672274793, 0, 0),
    "swapon": (167, b"/nonexistent", 0),
    "swapoff": (168, b"/nonexistent"),
    "acct": (163, b"/nonexistent"),
    "syslog": (103, 2, room, 64),
    "sethostname": (170, b"owned", 5),
    "setdomainname": (171, b"owned", 5),
    "iopl": (172, 3),
    "ioperm": (173, 0x80, 1, 1),
    "name_to_handle_at": (303, -100, b"/", room, room, 0),
    "open_by_handle_at": (304, 3, room, 0),
    "quotactl": (179, 0x800002, b"/dev/vda", 0, 0),
    "fanotify_init": (300, 0, 0),
    "lookup_dcookie": (212, 0, 0, 0),
    "settimeofday": (164, now, 0),
    "clock_settime": (227, 0, now),
    "adjtimex": (159, ctypes.create_string_buffer(struct.pack("I", 1) + bytes(252))),
    "fsopen": (430, b"tmpfs", 0),
    "open_tree": (428, -100, b"/", 1),
    "move_mount": (429, -1, b"", -1, b"", 4),
    "mount_setattr": (442, -100, b"/", 0, room, 32),
    "vhangup": (153,),
    "nfsservctl": (180, 0, 0, 0),
    "uselib": (134, b"/nonexistent"),
    "ustat": (136, 0, room),
    "move_pages": (279, 1, 0, 0, 0, 0, 0),
    "kcmp": (312, 1, 1, 0, 0, 0),
    "process_madvise": (440, -1, 0, 0, 0, 0),
    "pidfd_getfd": (438, -1, 0, 0),
    "process_vm_readv": (310, 1, 0, 0, 0, 0, 0),
    "process_vm_writev": (311, 1, 0, 0, 0, 0, 0),
    "ptrace": (101, 16, 1, 0, 0),
    "personality": (135, 0x0400000),
    "modify_ldt": (154, 0, room, 64),
    "vmsplice": (278, -1, 0, 0, 0),
    "mknod, a device": (133, b"/tmp/device", 0o20600, 0x105),
    "mknod, a pipe": (133, b"/tmp/pipe", 0o10600, 0),
    "landlock": (444, 0, 0, 1),
    "seccomp": (317, 0, 0, 0),
}
for name, (number, *arguments) in CALLS.items():
    denied(name, number, *arguments)
