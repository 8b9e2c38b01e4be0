"""Output whose every byte can be checked."""

from array import array


def pattern(start, size):
    """Bytes [start, start + size) of an endless sequence of 64-bit numbers, each telling which it is."""
    first, last = start // 8, (start + size + 7) // 8
    return array("Q", range(first, last)).tobytes()[start - first * 8 :][:size]
