"""A program on an image that nobody runs on yet: in a sandbox like any run's, made by the same engine."""

import secrets
from dataclasses import dataclass

import gevent

from server.domain.errors import BytemeError, PullFailed
from server.domain.image import Why
from server.domain.ports import Engine, Job, LocalImage, Sandbox, SandboxSpec, Stream
from server.domain.run import Limits

SMOKE_S = 100.0  # less than after which the sweep takes it for forgotten
_SAID = 2000  # bytes of its output that are kept, the last ones


@dataclass(frozen=True, slots=True)
class Smoke:
    """How images are tried: `program` unless they come with one of their own."""

    engine: Engine
    program: str
    limits: Limits

    def try_out(self, image: LocalImage, own: str | None) -> None:
        """Raises PullFailed unless the program succeeds on the image."""
        program = self.program if own is None else own
        number = secrets.token_hex(16)
        spec = SandboxSpec(f"smoke-{number}", number, 1, image.id, self.limits)
        opening = gevent.spawn(_tried, self.engine, spec)  # which has a time limit of its own
        try:
            _to_its_end(opening)
            sandbox = opening.get()
            if isinstance(sandbox, BytemeError):
                raise sandbox
            with gevent.Timeout(SMOKE_S, PullFailed(Why.SMOKE, f"The smoke program took more than {SMOKE_S:g} s.")):
                _judge(sandbox, program, self.limits)
        except PullFailed:
            raise
        except BytemeError as error:
            raise PullFailed(Why.SMOKE, f"The smoke program could not be run: {error.message}") from error
        finally:
            if opening.successful() and not isinstance(opening.value, BytemeError):
                _to_its_end(gevent.spawn(opening.value.destroy))


def _tried(engine: Engine, spec: SandboxSpec) -> Sandbox | BytemeError:
    """A sandbox, or why there is none."""
    try:
        return engine.open(spec)
    except BytemeError as error:
        return error


def _to_its_end(work: gevent.Greenlet) -> None:
    """Waits for `work`, also when whoever waits is broken off meanwhile: it would leave a container behind."""
    try:
        work.join()
    except gevent.GreenletExit:
        work.join()
        raise


def _judge(sandbox: Sandbox, program: str, limits: Limits) -> None:
    sandbox.put({"main.py": program.encode()})
    sandbox.start(Job(("main.py",), limits=limits, stdin_grace_s=0))
    said = b""
    for batch in sandbox.output(0):
        said += b"".join(chunk.data for chunk in batch if chunk.stream in {Stream.STDOUT, Stream.STDERR})
        said = said[-_SAID:]
        if batch:
            sandbox.release(batch[-1].mark)
    exit_ = sandbox.wait(SMOKE_S)
    if exit_.code != 0 or exit_.oom:
        last = said.decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
        raise PullFailed(Why.SMOKE, f"The smoke program failed with exit code {exit_.code}: {last[0][:300]}")
