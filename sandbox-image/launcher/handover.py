"""From the job to the program's first line."""

import _frozen_importlib_external as external
import builtins
import os
import posix
import resource
import sys

from greenlet import greenlet

from launcher import ending, native

WORKSPACE = "/workspace"


def become(payload, warm, modules, finders):
    """Runs the job's program as `python3 ARGV` would, and ends as it would. Never returns."""
    argv, variables, largest_file = parse(payload)
    try:
        confine(largest_file)
        source, path = locate(argv[0])
        code = compiled(source, path) if is_suited(warm, variables, path) else None
        if code is None:
            restart(argv, variables)
        undress(modules, finders)
        dress(argv, variables, path, warm)
    except BaseException as error:
        os.write(2, f"The program could not be started: {error}\n".encode())
        os._exit(126)
    ending.end(run(code))


def parse(payload):
    """Arguments, environment and the size of the largest file: the frame `>HHdQ` and strings, see zygote.py."""
    argc, envc = int.from_bytes(payload[:2], "big"), int.from_bytes(payload[2:4], "big")
    strings = payload[20:].split(b"\0")
    variables = dict(entry.split(b"=", 1) for entry in strings[argc : argc + envc])
    return [os.fsdecode(arg) for arg in strings[:argc]], variables, int.from_bytes(payload[12:20], "big")


def confine(largest_file):
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")  # under memory pressure the program dies first, so that the supervisor can tell
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    os.chdir(WORKSPACE)


def locate(entry_point):
    """The program's source, if it is a text file that can be read, and its absolute path."""
    path = os.path.join(WORKSPACE, entry_point)
    try:
        with open(path, "rb") as file:
            return file.read(), path
    except OSError:
        return None, path


def is_suited(warm, variables, path):
    return warm is None or warm.suits(variables, os.path.dirname(path))


def compiled(source, path):
    """The program's code; None for what the interpreter itself should complain about, or knows how to run."""
    if source is None or path.endswith(".pyc") or b"\0" in source:
        return None
    stderr, sys.stderr = sys.stderr, Notepad()
    try:
        code = compile(source, path, "exec", dont_inherit=True)
        warnings = sys.stderr.text
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return None
    finally:
        sys.stderr = stderr
    if warnings:
        stderr.write(warnings)
    return code


class Notepad:
    """A file that remembers what is written to it."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text


def restart(argv, variables):
    """A fresh interpreter takes our place. Never returns."""
    from _signal import SIG_DFL, SIGPIPE, SIGXFSZ, signal

    for number in (SIGPIPE, SIGXFSZ):
        signal(number, SIG_DFL)
    os.execve(sys.executable, [sys.executable, *argv], variables)


def dress(argv, variables, path, warm):
    """Makes the interpreter look as if it had been started with `argv` and `variables`."""
    if warm:
        set_environment(variables)
        warm.set_threads(variables)
    sys.argv = argv
    sys.orig_argv = [sys.executable, *argv]
    sys.path_importer_cache[path] = sys.path_importer_cache.pop(f"{sys.path[0]}/launch.py", None)
    sys.path[0] = os.path.dirname(path)
    sys.modules["__main__"] = main_module(path)


def undress(modules, finders):
    """Takes away what the launcher itself has imported."""
    for cache, fresh in ((sys.modules, modules), (sys.path_importer_cache, finders)):
        for name in [name for name in cache if name not in fresh]:
            del cache[name]


def set_environment(variables):
    """No variables but these (bytes to bytes): the interpreter's and C's."""
    for name in [name for name in os.environ if os.fsencode(name) not in variables]:
        del os.environ[name]
    os.environ._data.clear()  # their order is the new one's
    for name, value in variables.items():
        os.environb[name] = value
    posix.environ.clear()
    posix.environ.update(variables)


def main_module(path):
    """The module __main__ as it is when a program begins."""
    module = type(sys)("__main__")
    module.__loader__ = external.SourceFileLoader("__main__", path)
    module.__annotations__ = {}
    module.__builtins__ = builtins
    module.__file__ = path
    module.__cached__ = None
    return module


def run(code):
    """Runs the program; the exception that it ended with, or None, and its trace function.

    In a greenlet of its own: so no frame of ours is beneath the program's first.
    """
    native.forget_calls()
    error = None
    try:
        greenlet(exec).switch(code, vars(sys.modules["__main__"]))
    except BaseException as raised:
        error = raised
    trace = sys.gettrace()
    sys.settrace(None)
    sys.setprofile(None)
    return [error, trace]
