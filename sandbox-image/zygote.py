"""PID 1 of every sandbox: waits for one job, becomes its supervisor, and leaves with its exit code.

It starts the program (through launch.py, and when a profile is named, at once: the launcher imports its libraries and
waits for the job), frames all it says into one append-only stream, passes input on, reaps orphans, and at the end
of the program kills whatever is left of it, so that both streams end. It holds no secret: it runs as the program's own
user, and what the program could forge is only its own output; the exit code that counts is the engine's.

From the host (standard input): frames of `>cI` (kind, length) and the payload.
    J  the job: `>HHdQ` (arguments, environment entries, stdin grace in seconds or NaN, largest file in bytes), then
       that many strings, NUL between them; the first argument is the entry point. A second job is ignored.
    I  bytes for the program's standard input      E  end of its standard input
    K  kill the program now                        B  the host has all it wants: go
To the host (the stream): frames of `>2sBxQI` (magic, kind, time in ns, length) and the payload.
    1 stdout   2 stderr   3 event (JSON header, newline, body)   4 exit: the code, as text
    5 ready: the profile's libraries are imported (JSON: profile, seconds, cpu_s); without a profile it is never sent
The stream is the file /run/byteme/stream (argument `file`; a full file system makes us wait for the host to free some),
or our standard output (argument `stdout`).

Only modules that are built in or start fast are imported: this is on the way of every run.
"""

import _socket
import ctypes
import errno
import fcntl
import os
import select
import signal
import struct
import sys
import time

FRAME = struct.Struct(">2sBxQI")
COMMAND = struct.Struct(">cI")
JOB = struct.Struct(">HHdQ")
EVENT = struct.Struct(">II")
MAGIC = b"\xb7M"
STDOUT, STDERR, EVENTS, EXIT, READY = 1, 2, 3, 4, 5
PIECE = 1 << 18
PIPE_BYTES = 1 << 20
MAX_EVENT = 4 << 20
MAX_EVENT_PEERS = 1024  # each process that reports holds one, and one more while it shows something
DISPLAY = b'"display"'
MAX_INPUT_BACKLOG = 1 << 20
DRAIN_S = 2.0
RELEASE_S = 2.0
F_SETPIPE_SZ = 1031
STREAM = "/run/byteme/stream"
EVENTS_ADDRESS = "\0byteme-events"
LAUNCHER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "launch.py")
NOT_THE_PROGRAMS = (b"HOSTNAME",)  # set by the engine for every container
LAUNCHER_DIED, KILLED, TERMINATED = 124, 137, 143
SIGNALFD_INFO = struct.Struct("=12xI112x")  # struct signalfd_siginfo, of which only the sender's pid matters here


class Supervisor:
    """One job from its arrival to its exit code."""

    def __init__(self, sink, profile):
        self.sink = sink
        self.profile = profile
        self.poll = select.epoll()
        self.handlers = {}
        self.commands = b""
        self.host_gone = False
        self.job = None
        self.channel = None  # to the launcher, until it has its job
        self.ready = False
        self.pid = 0
        self.status = None
        self.killed = False
        self.terminated = False
        self.terminations = -1  # where SIGTERM is read
        self.released = False
        self.outputs = {}
        self.peers = {}
        self.stdin = None
        self.backlog = b""
        self.close_stdin = False
        self.heard = 0.0  # when the program last said something
        self.stdin_deadline = None

    def run(self):
        self.watch_children()
        self.watch(0, self.on_command)
        if self.profile:
            self.launch({name: value for name, value in os.environb.items() if name not in NOT_THE_PROGRAMS})
        if not self.prepared():
            return KILLED if self.killed else LAUNCHER_DIED
        self.hand_over()
        while self.status is None:
            self.step(self.stdin_timeout())
            self.close_idle_stdin()
        self.hear()
        self.kill_all()
        self.drain()
        if self.terminated:  # without a last word: neither the program nor our host brought this about
            return TERMINATED
        self.frame(EXIT, str(self.code()).encode())
        self.await_release()
        return self.code()

    def prepared(self):
        """Waits for the job and for a launcher that takes it. False when we are killed before that, or it dies."""
        while self.job is None and self.is_going():
            self.step(None)
        if self.job is not None and not self.profile:
            self.launch(environment(self.job))
            self.ready = True
        while not self.ready and self.is_going():
            self.step(None)
        return self.is_going()

    def is_going(self):
        return not self.killed and self.status is None

    def code(self):
        return 128 - self.status if self.status < 0 else self.status

    # the loop

    def watch(self, fd, handler, events=select.EPOLLIN):
        self.handlers[fd] = handler
        self.poll.register(fd, events)

    def unwatch(self, fd):
        if self.handlers.pop(fd, None):
            self.poll.unregister(fd)

    def step(self, timeout):
        """Waits for something to happen, at most `timeout` seconds, and deals with it."""
        for fd, _ in self.poll.poll(timeout):
            handler = self.handlers.get(fd)
            if handler:
                handler(fd)

    # commands from the host

    def on_command(self, fd):
        data = self.read(fd)
        if not data:
            self.host_gone = data == b""
            if self.host_gone:
                self.unwatch(fd)
            return
        self.commands += data
        while len(self.commands) >= COMMAND.size:
            kind, length = COMMAND.unpack_from(self.commands)
            end = COMMAND.size + length
            if len(self.commands) < end:
                return
            payload, self.commands = self.commands[COMMAND.size : end], self.commands[end:]
            self.obey(kind, payload)

    def obey(self, kind, payload):
        if kind == b"J" and self.job is None:
            self.take(payload)
        elif kind == b"I" and not self.close_stdin:
            self.stdin_deadline = None
            self.backlog += payload
            self.feed()
            if len(self.backlog) > MAX_INPUT_BACKLOG:  # whoever types waits; to be heard, the host can still kill us
                self.unwatch(0)
        elif kind == b"E":
            self.stdin_deadline, self.close_stdin = None, True
            self.feed()
        elif kind == b"K":
            self.killed = True
            self.kill_all()
        elif kind == b"B":
            self.released = True

    # the program

    def take(self, job):
        self.job = job
        grace = JOB.unpack_from(job)[2]
        self.stdin_deadline = None if grace != grace else time.monotonic() + grace  # NaN: no deadline

    def launch(self, env):
        """Starts the launcher, with the program's standard streams and a socket for the job."""
        self.listen()
        in_read, in_write = os.pipe()
        pipes = {kind: os.pipe() for kind in (STDOUT, STDERR)}
        for _, write in pipes.values():
            fcntl.fcntl(write, F_SETPIPE_SZ, PIPE_BYTES)
        self.channel, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_STREAM)
        self.pid = os.fork()
        if self.pid == 0:
            become_launcher(self.profile, env, (in_read, pipes[STDOUT][1], pipes[STDERR][1], theirs.fileno()))
        theirs.close()
        os.close(in_read)
        os.set_blocking(in_write, False)
        self.stdin = in_write
        for kind, (read, write) in pipes.items():
            os.close(write)
            os.set_blocking(read, False)
            self.outputs[read] = kind
            self.watch(read, self.on_output)
        if self.profile:
            self.watch(self.channel.fileno(), self.on_ready)
        self.feed()

    def on_ready(self, fd):
        self.unwatch(fd)
        if report := self.read(fd):
            self.ready = True
            self.frame(READY, report)

    def hand_over(self):
        """Gives the launcher the job. It reads to the end; if it is gone, its exit code says so."""
        try:
            self.channel.sendall(self.job)
        except OSError:
            pass
        self.channel.close()

    def on_output(self, fd):
        """Says whether there was any."""
        data = self.read(fd)
        if data:
            self.frame(self.outputs[fd], data)
            self.heard = time.monotonic()
        elif data == b"":
            self.unwatch(fd)
            os.close(fd)
            del self.outputs[fd]
        return bool(data)

    def catch_up(self):
        """Frames what has been printed so far; of a program that goes on printing, no more than its pipes can hold."""
        for fd in list(self.outputs):
            for _ in range(PIPE_BYTES // PIECE):
                if not self.on_output(fd):
                    break

    def watch_children(self):
        read, write = os.pipe()
        for fd in (read, write):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.watch(read, self.on_signal)
        self.terminations = open_signals(signal.SIGTERM)
        self.watch(self.terminations, self.on_terminate)

    def on_terminate(self, fd):
        """The engine wants us gone, as when it stops. Who has a pid here is our program, which may not end us."""
        data = self.read(fd)
        if data and SIGNALFD_INFO.unpack_from(data)[0] == 0:
            self.terminated = self.status is None
            self.killed = self.released = True
            self.kill_all()

    def on_signal(self, fd):
        self.read(fd)
        self.reap()

    def reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self.pid:
                self.status = os.waitstatus_to_exitcode(status)

    def kill_all(self):
        """As PID 1: everything in the container but ourselves."""
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def drain(self):
        """Reads what the dead left in the pipes. They may still be dying, so to the end of both, but not for ever.

        Only silence counts: the host may take its time to make room for what is there.
        """
        self.heard = time.monotonic()
        while (self.outputs or self.peers) and time.monotonic() - self.heard < DRAIN_S:
            self.step(0.05)
            self.kill_all()

    def await_release(self):
        deadline = time.monotonic() + RELEASE_S
        while not self.released and time.monotonic() < deadline and 0 in self.handlers:
            self.step(max(0.0, deadline - time.monotonic()))

    # its standard input

    def feed(self):
        if self.stdin is None:
            return
        try:
            while self.backlog:
                self.backlog = self.backlog[os.write(self.stdin, self.backlog) :]
        except BlockingIOError:
            if self.stdin not in self.handlers:
                self.watch(self.stdin, lambda fd: self.feed(), select.EPOLLOUT)
            return
        except BrokenPipeError:
            self.backlog, self.close_stdin = b"", True
        self.unwatch(self.stdin)
        self.hear()
        if self.close_stdin:
            os.close(self.stdin)
            self.stdin = None

    def hear(self):
        """Takes commands again, if we had stopped for a program that does not read."""
        if 0 not in self.handlers and not self.host_gone:
            self.watch(0, self.on_command)

    def stdin_timeout(self):
        return None if self.stdin_deadline is None else max(0.0, self.stdin_deadline - time.monotonic())

    def close_idle_stdin(self):
        if self.stdin_deadline is not None and time.monotonic() >= self.stdin_deadline:
            self.obey(b"E", b"")

    # events of the byteme module

    def listen(self):
        listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM | _socket.SOCK_NONBLOCK | _socket.SOCK_CLOEXEC)
        listener.bind(EVENTS_ADDRESS)
        listener.listen(16)
        self.listener = listener
        self.watch(listener.fileno(), self.on_peer)

    def on_peer(self, _=None):
        """While as many are connected as may be, the next ones wait, unheard, for one of them to go."""
        try:
            fd, _ = self.listener._accept()
        except OSError:
            return
        os.set_blocking(fd, False)
        self.peers[fd] = b""
        self.watch(fd, self.on_event)
        if len(self.peers) >= MAX_EVENT_PEERS:
            self.unwatch(self.listener.fileno())

    def forget(self, fd):
        self.unwatch(fd)
        os.close(fd)
        del self.peers[fd]
        if self.listener.fileno() not in self.handlers:
            self.watch(self.listener.fileno(), self.on_peer)
            self.on_peer()  # now: at the end of the program we only stay while somebody is connected

    def on_event(self, fd):
        """A display stands behind what was printed before it, and before what is once its connection is closed."""
        data = self.read(fd)
        if data is None:
            return
        buffer = self.peers[fd] + data
        while len(buffer) >= EVENT.size:
            header, body = EVENT.unpack_from(buffer)
            if header + body > MAX_EVENT:
                data = b""
                break
            end = EVENT.size + header + body
            if len(buffer) < end:
                break
            split = EVENT.size + header
            head = buffer[EVENT.size : split]
            if DISPLAY in head:  # not for metrics: each of them would cut the output in two
                self.catch_up()
            self.frame(EVENTS, head + b"\n" + buffer[split:end])
            self.heard = time.monotonic()
            buffer = buffer[end:]
        self.peers[fd] = buffer
        if not data:
            self.forget(fd)

    # plumbing

    def read(self, fd):
        """What is there; b"" at the end, None when there is nothing yet."""
        try:
            return os.read(fd, PIECE)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def frame(self, kind, payload):
        """Puts a frame into the stream; while there is no room, commands are still obeyed."""
        data = memoryview(FRAME.pack(MAGIC, kind, time.time_ns(), len(payload)) + payload)
        while data:
            try:
                data = data[os.write(self.sink, data) :]
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EAGAIN):
                    raise
                if 0 in self.handlers and select.select([0], [], [], 0.002)[0]:
                    self.on_command(0)
                elif 0 not in self.handlers:
                    time.sleep(0.002)
                self.on_terminate(self.terminations)


def environment(job):
    """The environment that a job names: bytes to bytes."""
    argc, envc = JOB.unpack_from(job)[:2]
    entries = job[JOB.size :].split(b"\0")[argc : argc + envc]
    return dict(entry.split(b"=", 1) for entry in entries)


def become_launcher(profile, env, fds):
    """In the child: turns into the launcher, with `fds` as its first files. Never returns."""
    try:
        os.setsid()
        for target, fd in enumerate(fds):
            os.dup2(fd, target)
            os.set_inheritable(target, True)
        os.closerange(len(fds), 256)
        for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        os.chdir("/workspace")
        os.execve(sys.executable, [sys.executable, LAUNCHER, profile], env)
    except BaseException as error:
        os.write(2, f"The program could not be started: {error}\n".encode())
    finally:
        os._exit(126)


def open_sink(kind):
    if kind == "stdout":
        os.set_blocking(1, False)
        return 1
    return os.open(STREAM, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)


def open_signals(number):
    """A file from which signals of that number are read, each with its sender, in place of being delivered."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    mask = (1 << (number - 1)).to_bytes(128, "little")
    return ctypes.CDLL(None).signalfd(-1, mask, os.O_NONBLOCK | os.O_CLOEXEC)


def forbid_inspection():
    """Processes of our user may not read or write our memory (prctl PR_SET_DUMPABLE)."""
    ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)


def main():
    try:
        sink = open_sink(sys.argv[1] if len(sys.argv) > 1 else "file")
    except FileExistsError:
        return 125  # this sandbox has served already
    forbid_inspection()
    os.set_blocking(0, False)
    return Supervisor(sink, sys.argv[2] if len(sys.argv) > 2 else "").run()


if __name__ == "__main__":
    os._exit(main())
