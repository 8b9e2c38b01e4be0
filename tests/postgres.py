"""A PostgreSQL server of the tests' own: in a temporary folder, on a Unix socket, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

import psycopg


def binary(name):
    """The newest installed one; PostgreSQL's server programs are not on the PATH under Debian."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    path = str(found[-1]) if found else shutil.which(name)
    assert path, f"{name} is missing: install postgresql"
    return path


class Cluster:
    """Started when made; `create` gives the URL of a new, empty database."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="byteme-pg-"))
        self.user = "postgres" if os.getuid() == 0 else None  # the server refuses to run as root
        if self.user:
            shutil.chown(self.folder, self.user)
        self.data = self.folder / "data"
        self._run("initdb", "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C", "-D", self.data)
        self.start()

    def start(self):
        options = f"-k {self.folder} -h '' -F -c full_page_writes=off -c max_connections=200"
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "-o", options, "start")

    def create(self):
        name = f"t{uuid.uuid4().hex}"
        with psycopg.connect(f"postgresql://postgres@/postgres?host={self.folder}", autocommit=True) as connection:
            connection.execute(f'create database "{name}"')
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def halt(self):
        """As a crash leaves it; `start` brings it back."""
        self._run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")

    def stop(self):
        self.halt()
        shutil.rmtree(self.folder)

    def _run(self, name, *arguments):
        done = subprocess.run(
            [binary(name), *map(str, arguments)], check=False, user=self.user, cwd=self.folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
