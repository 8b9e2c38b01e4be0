"""The end of a program, as Py_RunMain and Py_FinalizeEx make it, but without taking the libraries apart.

What the program could see of it happens in the same order: the exception's report, threads joined, atexit callbacks,
destructors of the program's own objects, output flushed. The rest is left to the kernel.
"""

import _io
import _signal as signal
import _thread
import atexit
import gc
import os
import sys
from _weakref import ref

from greenlet import greenlet

from launcher import native

OURS = os.path.dirname(__file__)
FLUSH_FAILED = 120


def end(outcome):
    """Never returns. `outcome` is the exception that the program ended with, or None, and its trace function.

    It is a list, and emptied: nobody else may hold on to the exception, and with it to the program's objects.
    """
    error, call.trace = outcome
    outcome.clear()
    flush(aloud=False)
    interrupted = type(error) is KeyboardInterrupt
    code = report(error)
    del error
    run_callbacks()
    flushed = flush(aloud=True)
    forget()
    flush(aloud=False)
    native.flush_files()
    if not flushed:
        code = FLUSH_FAILED
    if interrupted:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    os._exit(code & 0xFF)


def call(function, *args):
    """Calls something of the program's with no frame of ours beneath it, and in the sight of its trace function."""
    alone = greenlet(function)
    sys.settrace(call.trace)
    try:
        return alone.switch(*args)
    finally:
        sys.settrace(None)


# the exception's report


def report(error):
    """Says what an exception has to say; the exit code."""
    if isinstance(error, SystemExit):
        return exit_code(error)
    code = show(error) if error is not None else 0
    namespace = vars(sys.modules.get("__main__") or sys)
    for name in ("__file__", "__cached__"):
        namespace.pop(name, None)
    return code


def exit_code(error):
    code = error.code
    if code is None:
        return 0
    if isinstance(code, int):
        return int(code) if -(1 << 63) <= code < 1 << 63 else -1
    try:
        write_error(f"{code}\n")
    except Exception:
        write_error("\n")
    return 1


def show(error):
    """As PyErr_Print does it: by sys.excepthook, whatever that is worth; the exit code."""
    error = error.with_traceback(program_part(error.__traceback__))
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__
    hook = getattr(sys, "excepthook", None)
    if hook is None:
        write_error("sys.excepthook is missing\n")
        display(error)
        return 1
    try:
        call(hook, type(error), error, error.__traceback__)
    except SystemExit as leaving:
        return exit_code(leaving)
    except BaseException as second:
        write_error("Error in sys.excepthook:\n")
        display(second.with_traceback(program_part(second.__traceback__)))
        write_error("\nOriginal exception was:\n")
        display(error)
    return 1


def display(error):
    sys.__excepthook__(type(error), error, error.__traceback__)


def program_part(traceback):
    """A traceback without the frames of ours at its beginning."""
    while traceback is not None and traceback.tb_frame.f_code.co_filename.startswith(OURS):
        traceback = traceback.tb_next
    return traceback


def write_error(text):
    if sys.stderr is not None:
        sys.stderr.write(text)


class Unraisable:
    """What sys.unraisablehook is told."""

    err_msg = None

    def __init__(self, error, thing):
        self.exc_type, self.exc_value, self.exc_traceback = type(error), error, error.__traceback__
        self.object = thing


def unraisable(error, thing):
    """As PyErr_WriteUnraisable; the interpreter's own hook takes only what the interpreter has made."""
    error = error.with_traceback(program_part(error.__traceback__))
    if sys.unraisablehook is not sys.__unraisablehook__:
        call(sys.unraisablehook, Unraisable(error, thing))
        return
    error.__suppress_context__ = True
    write_error(f"Exception ignored in: {thing!r}\n")
    display(error)


# threads, callbacks, files


def run_callbacks():
    """Threads are waited for, but for daemons; then come the callbacks of atexit, the last one first."""
    threading = sys.modules.get("threading")
    if threading is not None:
        try:
            call(threading._shutdown)
        except BaseException as error:
            unraisable(error, threading)
    call(atexit._run_exitfuncs)


def flush(aloud):
    """False when there was something to say about it."""
    done = True
    for name in ("stdout", "stderr"):
        file = getattr(sys, name, None)
        try:
            if file is not None and not getattr(file, "closed", False):
                file.flush()
        except BaseException as error:
            done = False
            if aloud and name == "stdout":
                unraisable(error, file)
    return done


# what the program leaves

libraries = {}  # modules that are not the program's: kept to the end
DELETED = (
    "path", "argv", "ps1", "ps2", "last_type", "last_value", "last_traceback", "path_hooks", "path_importer_cache",
    "meta_path", "__interactivehook__",
)  # fmt: skip


def forget():
    """Destroys the program's modules and all that only they know, as finalize_modules does."""
    silence_daemons()
    restore_signals()
    if gc.isenabled():
        call(gc.collect)
    own = [name for name, module in sys.modules.items() if is_programs(name, module)]
    libraries.update((name, module) for name, module in sys.modules.items() if name not in own)
    call(vars(sys).update, dict.fromkeys(DELETED))
    call(vars(sys).update, {name: getattr(sys, f"__{name}__") for name in ("stdin", "stdout", "stderr")})
    left = release(own)
    call(gc.collect)
    for module in filter(None, (reference() for reference in reversed(left))):
        clear(vars(module))
    close_files(own)


def silence_daemons():
    """Threads that go on have no say any longer: things will be missing that they use."""
    if "threading" in sys.modules:
        sys.modules["threading"].excepthook = lambda _: None


def restore_signals():
    for number in range(1, signal.NSIG):
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)


def is_programs(name, module):
    """Is it from a file of the program's? What is in the image is not."""
    file = getattr(module, "__file__", None)
    return name == "__main__" or (isinstance(file, str) and not file.startswith(IMAGE))


IMAGE = (sys.prefix, sys.base_prefix, OURS, os.path.join(os.path.dirname(OURS), "lib"))


def release(own):
    """Takes the modules away; weak references to those that something still holds."""
    left = [ref(sys.modules[name]) for name in own if isinstance(sys.modules[name], type(sys))]
    call(sys.modules.update, dict.fromkeys(own))
    sys.modules.clear()
    return left


def clear(namespace):
    """As _PyModule_ClearDict: private names first."""
    for private in (True, False):
        names = [name for name in namespace if name != "__builtins__" and is_private(name) == private]
        call(namespace.update, dict.fromkeys(names))


def is_private(name):
    return isinstance(name, str) and name.startswith("_") and name[1:2] != "_"


def close_files(own):
    """No byte that the program wrote is lost because a library, or a thread, holds on to its file."""
    threads = _thread._count()  # what they hold is not destroyed
    for thing in gc.get_objects():
        if not threads and type(thing) is dict and "__builtins__" in thing and thing.get("__name__") in own:
            clear(thing)
        elif issubclass(type(thing), _io._IOBase):  # `isinstance` would ask the thing itself
            try:
                thing.flush()
            except Exception:
                pass
