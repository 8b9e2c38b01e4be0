"""A registry and an AWS of the tests' own, on loopback, and small sandbox images to put into it.

moto's ECR is the control plane (tokens, scan findings, keys), a real registry server holds the layers. The registry
takes the password that moto gives out.
"""

import base64
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import boto3
import docker
import gevent
import requests
from botocore.config import Config
from gevent.server import StreamServer

from tests.faults.private_engine import PrivateEngine, _base_image
from tests.server_process import free_port
from tests.waiting import eventually

PROGRAM = Path(__file__).resolve().parents[2] / ".setup" / "docker-registry" / "usr" / "bin" / "docker-registry"
ACCOUNT, REGION = "123456789012", "eu-central-1"
USER, PASSWORD = "AWS", f"{ACCOUNT}-auth-token"  # as moto has it
# bcrypt of PASSWORD, at the least cost: a registry checks it with every request
HTPASSWD = "AWS:$2y$04$3ndmD5Y6QH2RdeqXOkGnfOESpvrHbVF.wBhyaXQbJSaHPZEUruXHe\n"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
SMOKE = "total = 0\nfor n in range(10): total += n\nassert total == 45\nprint('trained')\n"


class Program(ABC):
    """A server in a process of its own; `with` stops it."""

    def __init__(self, folder: Path, name: str, probe: str) -> None:
        self._log, self._probe, self._name = folder / f"{name}.log", probe, name
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """Its program and arguments."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=log, start_new_session=True)
        eventually(self._answers, f"{self._name} to answer", 60)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._log.read_text()[-2000:]
        with suppress(requests.RequestException):
            return requests.get(self._probe, timeout=5).status_code < 500
        return False


class Aws(Program):
    """moto, as a server."""

    def __init__(self, folder: Path) -> None:
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        super().__init__(folder, "moto", f"{self.url}/moto-api/")
        self.environment = {
            "AWS_ENDPOINT_URL": self.url, "AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true",
        }  # fmt: skip

    def command(self) -> list[str]:
        return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self._port)]

    def client(self, service: str) -> Any:
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test",
            config=Config(retries={"max_attempts": 1}),
        )  # fmt: skip


class Registry(Program):
    """Debian's registry server, with a password and a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.blobs = folder / "registry" / "docker" / "registry" / "v2" / "blobs" / "sha256"
        self._config = folder / "registry.yml"
        (folder / "htpasswd").write_text(HTPASSWD)
        config = {
            "version": "0.1", "log": {"level": "warn"},
            "storage": {"filesystem": {"rootdirectory": str(folder / "registry")}, "delete": {"enabled": True}},
            "http": {"addr": self.host},
            "auth": {"htpasswd": {"realm": "tests", "path": str(folder / "htpasswd")}},
        }  # fmt: skip
        self._config.write_text(json.dumps(config))
        super().__init__(folder, "registry", f"http://{self.host}/")

    def command(self) -> list[str]:
        return [str(PROGRAM), "serve", str(self._config)]

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        answer = requests.request(method, f"http://{self.host}/v2/{path}", auth=(USER, PASSWORD), timeout=30, **options)
        answer.raise_for_status()
        return answer

    def manifest(self, repository: str, selector: str) -> tuple[bytes, str]:
        """The bytes and the digest of a manifest."""
        answer = self.call("GET", f"{repository}/manifests/{selector}", headers={"Accept": MANIFEST})
        return answer.content, answer.headers["Docker-Content-Digest"]

    def put_blob(self, repository: str, data: bytes, digest: str) -> None:
        where = self.call("POST", f"{repository}/blobs/uploads/").headers["Location"]
        mark = "&" if "?" in where else "?"
        answer = requests.put(f"{where}{mark}digest={digest}", data=data, auth=(USER, PASSWORD), timeout=30)
        answer.raise_for_status()

    def blob_file(self, digest: str) -> Path:
        """Where the bytes of a blob lie."""
        number = digest.removeprefix("sha256:")
        return self.blobs / number[:2] / number / "data"


class Relay:
    """Stands between engines and a registry: it can be slow, silent, or gone."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._server = StreamServer(("127.0.0.1", 0), self._serve)
        self._server.start()
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.passed = 0  # bytes of answers
        self.most: int | None = None  # of these; what is over it waits
        self._open: list[socket.socket] = []
        self._is_gone = False

    def cut(self) -> None:
        """Breaks off whatever is under way, and takes nothing new until `mend`."""
        self._is_gone = True
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self._is_gone, self.most = False, None

    def stop(self) -> None:
        self.cut()
        self._server.stop()

    def _serve(self, client: socket.socket, _address: object) -> None:
        if self._is_gone:
            client.close()
            return
        with closing(socket.create_connection(("127.0.0.1", self._port))) as registry:
            self._open += [client, registry]
            gevent.joinall(
                [gevent.spawn(self._pass, client, registry, 0), gevent.spawn(self._pass, registry, client, 1)]
            )

    def _pass(self, source: socket.socket, target: socket.socket, weight: int) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                while weight and self.most is not None and self.passed >= self.most and not self._is_gone:
                    gevent.sleep(0.05)
                self.passed += weight * len(data)
                target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class EmptyEngine(PrivateEngine):
    """Another host's engine, which has no image at all. `tmpfs_mb` bounds its disk."""

    def __init__(self, tmpfs_mb: int | None = None) -> None:
        super().__init__()
        if tmpfs_mb:
            (self.folder / "data").mkdir()
            command = ["mount", "-t", "tmpfs", "-o", f"size={tmpfs_mb}m", "tmpfs", str(self.folder / "data")]
            subprocess.run(command, check=True)

    def __enter__(self) -> Self:
        self._make_bridge()
        self.start()
        return self


class Shelf:
    """Images made for the tests, in the registry and in ECR, and nowhere else."""

    def __init__(self, aws: Aws, registry: Registry) -> None:
        self.aws, self.registry = aws, registry
        self.api = docker.APIClient(timeout=120, version="1.41")
        self.base = os.environ.get("BYTEME_TEST_BASE_IMAGE") or _base_image()
        self._layers: set[str] = set()

    def put(self, repository: str, tag: str, *, files: Mapping[str, bytes] | None = None, labels: str = "") -> str:
        """Builds an image (the base with a few files), pushes it; the digest of its manifest."""
        name = f"{self.registry.host}/{repository}"
        dockerfile = (
            f"FROM {self.base}\n{labels}\nLABEL byteme.test={tag}\nCOPY --chown=19999 files/ /opt/byteme/test/\n"
        )
        for line in self.api.build(
            fileobj=_context(dockerfile, {"tag": tag.encode(), **(files or {})}), custom_context=True, rm=True,
            tag=f"{name}:{tag}", decode=True,
        ):  # fmt: skip
            assert "error" not in line, line
        for event in self.api.push(
            name, tag, stream=True, decode=True, auth_config={"username": USER, "password": PASSWORD}
        ):
            assert "error" not in event, event
        self.api.remove_image(f"{name}:{tag}")
        return self.enter(repository, tag)

    def enter(self, repository: str, tag: str) -> str:
        """Has moto's ECR know what the registry has."""
        data, digest = self.registry.manifest(repository, tag)
        ecr = self.aws.client("ecr")
        with suppress(ecr.exceptions.RepositoryAlreadyExistsException):
            ecr.create_repository(repositoryName=repository)
        ecr.put_image(
            repositoryName=repository, imageTag=tag, imageManifest=data.decode(), imageManifestMediaType=MANIFEST,
            imageDigest=digest,
        )  # fmt: skip
        return digest

    def last_layer(self, repository: str, selector: str) -> str:
        """The digest of the layer that holds an image's own files."""
        data, _ = self.registry.manifest(repository, selector)
        return str(json.loads(data)["layers"][-1]["digest"])

    def sign(self, repository: str, digest: str, signed: str, sign: Any) -> None:
        """Puts a signature beside an image, over the digest `signed`, as cosign does."""
        payload = json.dumps(
            {
                "critical": {
                    "identity": {"docker-reference": ""}, "image": {"docker-manifest-digest": signed},
                    "type": "cosign container image signature",
                },
                "optional": None,
            }
        ).encode()  # fmt: skip
        from server.engine.images.http import digest_of

        self.registry.put_blob(repository, payload, digest_of(payload))
        self.registry.put_blob(repository, b"{}", digest_of(b"{}"))
        kind = "application/vnd.oci.image.manifest.v1+json"
        annotations = {"dev.cosignproject.cosign/signature": base64.b64encode(sign(payload)).decode()}
        layer = {
            "mediaType": "application/vnd.dev.cosign.simplesigning.v1+json", "size": len(payload),
            "digest": digest_of(payload), "annotations": annotations,
        }  # fmt: skip
        config = {"mediaType": "application/vnd.oci.image.config.v1+json", "size": 2, "digest": digest_of(b"{}")}
        manifest = {"schemaVersion": 2, "mediaType": kind, "config": config, "layers": [layer]}
        self.registry.call(
            "PUT", f"{repository}/manifests/{digest.replace(':', '-')}.sig", data=json.dumps(manifest),
            headers={"Content-Type": kind},
        )  # fmt: skip

    def clean_up(self, *apis: docker.APIClient) -> None:
        """Takes what came from the registry off engines that other people use too."""
        for api in (self.api, *apis):
            for image in api.images(all=False):
                names = [*(image["RepoTags"] or []), *(image["RepoDigests"] or [])]
                for name in names:
                    if name.startswith((f"{self.registry.host}/", "byteme.local/tests/")):
                        with suppress(docker.errors.APIError):
                            api.remove_image(name, force=True)
        self.api.close()


def _context(dockerfile: str, files: Mapping[str, bytes]) -> io.BytesIO:
    """A build's context, the same bytes for the same files."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for name, data in {"Dockerfile": dockerfile.encode(), **{f"files/{n}": d for n, d in files.items()}}.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o644
            tar.addfile(info, io.BytesIO(data))
    file.seek(0)
    return file


@contextmanager
def shelf() -> Iterator[Shelf]:
    """A registry, an AWS and what is in them, for as long as it is used."""
    with tempfile.TemporaryDirectory(prefix="byteme-registry-") as name:
        folder = Path(name)
        with Aws(folder) as aws, Registry(folder) as registry:
            shelf = Shelf(aws, registry)
            try:
                yield shelf
            finally:
                shelf.clean_up()
