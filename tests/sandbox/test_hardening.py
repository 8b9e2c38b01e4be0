"""What every container is made of, as the engine itself tells it, and what a program finds when it tries."""

import json

import docker
import pytest

from tests.server_process import ServerProcess, finished, output, run_program, submit
from tests.waiting import eventually

UP = "print('up', flush=True)\nimport time; time.sleep(600)"
# (what is tried, the code that tries it); each must end in an OSError, or the container is weaker than promised
REFUSED = {
    "write to the image": "open('/opt/x', 'w')",
    "write to the root": "open('/x', 'w')",
    "become root": "os.setuid(0)",
    "change the root": "os.chroot('/tmp')",
    "a new user namespace": "check(272, 0x10000000)",
    "mount": "check(165, b'none', b'/tmp', b'tmpfs', 0, 0)",
    "io_uring": "check(425, 1, ctypes.create_string_buffer(256))",
    "bpf": "check(321, 0, 0, 0)",
    "ptrace": "check(101, 0, 0, 0, 0)",
    "userfaultfd": "check(323, 0)",
    "keyctl": "check(250, 0, -3, 0)",
    "a vsock to the hypervisor": "socket.socket(40, socket.SOCK_STREAM)",
    "the kernel's crypto sockets": "socket.socket(38, socket.SOCK_SEQPACKET)",
    "a raw socket": "socket.socket(socket.AF_INET, socket.SOCK_RAW)",
    "the metadata service": "socket.create_connection(('169.254.169.254', 80), 2)",
    "the bridge's gateway": "socket.create_connection(('172.17.0.1', 80), 2)",
    "a name": "socket.getaddrinfo('example.com', 80)",
    "the supervisor's memory": "open('/proc/1/mem', 'rb')",
    "the supervisor's environment": "open('/proc/1/environ').read()",
    "a device": "os.mknod('/tmp/d', 0o600 | stat.S_IFCHR, os.makedev(1, 5))",
    "the outputs swapped for a link": "os.rename('/workspace/outputs', '/workspace/o')",
    "a link followed in the outputs": "os.symlink('/etc/passwd', 'outputs/l') or open('outputs/l')",
    "a terabyte of nothing": "os.truncate(os.open('/workspace/t', os.O_CREAT | os.O_RDWR), 1 << 40)",
    "a better priority": "os.nice(-5)",
}
PRELUDE = """
import ctypes, os, socket, stat
libc = ctypes.CDLL(None, use_errno=True)
def check(number, *arguments):
    if libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]) == -1:
        raise OSError(ctypes.get_errno(), '')
"""


@pytest.fixture(scope="module")
def container(server: ServerProcess) -> dict[str, object]:
    """The engine's description of a live container of a tenant's run."""
    tenant = server.tenant()
    run_id = submit(tenant, UP, limits={"memory_mb": 256, "cpus": 0.5, "pids": 77})
    eventually(lambda: output(tenant, run_id) == b"up\n", "the program to run")
    api = docker.APIClient(timeout=30)
    found = api.inspect_container(next(name for name in server.containers() if run_id in name))
    api.close()
    tenant.cancel(run_id)
    finished(tenant, run_id)
    return found


def test_the_container_has_no_privilege_no_network_and_hard_limits(container: dict[str, dict]) -> None:
    host, config = container["HostConfig"], container["Config"]
    assert (host["NetworkMode"], host["ReadonlyRootfs"], host["Privileged"]) == ("none", True, False)
    assert (host["CapDrop"], host["CapAdd"], host["Devices"]) == (["ALL"], None, None)
    assert (host["IpcMode"], host["PidMode"], host["UsernsMode"]) == ("private", "", "")
    assert (host["Memory"], host["MemorySwap"], host["PidsLimit"]) == (256 << 20, 256 << 20, 77)
    assert (host["NanoCpus"], host["OomKillDisable"]) == (500_000_000, False)
    assert host["LogConfig"]["Type"] == "none"
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert any(
        json.loads(o[8:])["defaultAction"] == "SCMP_ACT_ERRNO" for o in host["SecurityOpt"] if o[:8] == "seccomp="
    )
    uid, gid = config["User"].split(":")
    assert 20000 <= int(uid) == int(gid) <= 20511
    mounted = {"/workspace", "/workspace/outputs", "/workspace/data", "/tmp", "/dev/shm", "/run/byteme"}
    assert {bind.split(":")[1] for bind in host["Binds"]} == mounted


def test_the_container_passes_what_applies_of_the_cis_benchmark(container: dict[str, dict]) -> None:
    """Section 5; what the test above looks at is left out here. See docs/security.md."""
    host, config = container["HostConfig"], container["Config"]
    assert (host["PortBindings"] or {}, host["PublishAllPorts"], config.get("ExposedPorts") or {}) == ({}, False, {})
    assert (host["UTSMode"], host["RestartPolicy"]["Name"]) == ("", "no")
    assert host["CgroupParent"] in {"", "/byteme"}, "the engine's own, or that of all sandboxes"
    assert host["CpuShares"] > 0
    assert {limit["Name"]: limit["Hard"] for limit in host["Ulimits"]}["core"] == 0
    assert host["VolumesFrom"] is None
    for mount in container["Mounts"]:
        assert mount["Propagation"] in {"", "private", "rprivate", "slave", "rslave"}
        assert "docker.sock" not in mount["Source"]
        assert "/sandboxes/" in mount["Source"], "nothing of the host but the run's own storage"


def test_the_environment_of_the_container_holds_no_secret(container: dict[str, dict]) -> None:
    names = {entry.partition("=")[0] for entry in container["Config"]["Env"]}
    assert not any(word in name for name in names for word in ("TOKEN", "SECRET", "PASSWORD", "KEY", "URL"))


def test_what_a_program_must_not_do_is_refused(server: ServerProcess) -> None:
    attempts = "\n".join(
        f"try:\n {code}\n print({'DONE: ' + what!r})\nexcept OSError as e: print('refused')"
        for what, code in REFUSED.items()
    )
    tenant = server.tenant()
    run = run_program(tenant, PRELUDE + attempts)
    said = output(tenant, run["id"]).decode()
    assert "DONE" not in said
    assert said.count("refused") == len(REFUSED), said


def test_what_machine_learning_needs_works(server: ServerProcess) -> None:
    code = """
import getpass, os, pwd, tempfile
import torch
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score
if __name__ == "__main__":
    print(getpass.getuser(), pwd.getpwuid(os.getuid()).pw_dir, tempfile.mkdtemp()[:5])
    print(sum(len(b[0]) for b in DataLoader(TensorDataset(torch.randn(200, 3, 32, 32)), batch_size=50, num_workers=2)))
    X, y = make_classification(300, 8, random_state=0)
    print(cross_val_score(RandomForestClassifier(5, random_state=0), X, y, cv=2, n_jobs=2).mean() > 0.7)
    print(torch.get_num_threads(), os.environ["OMP_NUM_THREADS"])
"""
    tenant = server.tenant()
    run = run_program(tenant, code, limits={"cpus": 1, "memory_mb": 1024})
    assert run["state"] == "succeeded", output(tenant, run["id"]).decode()
    assert output(tenant, run["id"]).decode().splitlines() == ["sandbox /workspace /tmp/", "200", "True", "1 1"]
