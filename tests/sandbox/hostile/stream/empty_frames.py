"""Frames without content, as fast as they can be written.

ends: timeout
request: {limits: {timeout_s: 4}}
"""

from hostile import STREAM, frame

block = frame(1, b"") * 10_000
with open(STREAM, "ab", buffering=0) as stream:
    while True:
        stream.write(block)
