"""The two C functions that we need, without the time that it takes to import ctypes."""

import _ctypes
import sys

_PYTHON_API, _CDECL, _INT_BYTES = 4, 1, 4
_PROCESS = _ctypes.dlopen(None, 0)


class _Pointer(_ctypes._SimpleCData):
    _type_ = "P"


class _Int(_ctypes._SimpleCData):
    _type_ = "i"


class _Function(_ctypes.CFuncPtr):
    _flags_ = _CDECL
    _restype_ = _Int


class _PythonFunction(_ctypes.CFuncPtr):
    _flags_ = _CDECL | _PYTHON_API
    _restype_ = _Pointer


_get_thread = _PythonFunction(_ctypes.dlsym(_PROCESS, "PyThreadState_Get"))
_flush = _Function(_ctypes.dlsym(_PROCESS, "fflush"))


def flush_files():
    """Writes out what C code has printed so far."""
    _flush(None)


def forget_calls():
    """Lets the interpreter think that no call is under way, so that the next may nest as deeply as in a new one.

    What counts are two numbers at the beginning of CPython 3.11's thread state: after three pointers and two integers,
    the calls that may still follow, and the limit. If it looks otherwise nothing is changed.
    """
    remaining = _get_thread() + 3 * 8 + 2 * 4
    left, limit = _Int.from_address(remaining), _Int.from_address(remaining + _INT_BYTES)
    if sys.version_info[:2] == (3, 11) and limit.value == sys.getrecursionlimit():
        left.value = limit.value + 1  # that of the function which runs the program counts as well
