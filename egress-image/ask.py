"""squid's helper: passes its questions to the relay and the answers back. Ends with either; then squid says no."""

import os
import socket
import sys
import threading

ADDRESS = "\0byteme-egress-list"


def pump(source, sink):
    """Until the end of `source`."""
    while data := os.read(source, 1 << 16):
        while data:
            data = data[os.write(sink, data) :]
    os._exit(0)


def main():
    relay = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    relay.connect(ADDRESS)
    threading.Thread(target=pump, args=(relay.fileno(), 1), daemon=True).start()
    pump(0, relay.fileno())


if __name__ == "__main__":
    sys.exit(main())
