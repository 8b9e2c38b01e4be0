"""Listens under abstract names and on ports, and knocks at those of others.

ends: succeeded
"""

import socket
import time

from hostile import attempt, contained

for _ in range(2):
    attempt("an abstract name", socket.socket(socket.AF_UNIX).connect, "\0hostile")
    attempt("a port", socket.create_connection, ("127.0.0.1", 34567), 1)
mine = socket.socket(socket.AF_UNIX)
mine.bind("\0hostile")
mine.listen()
port = socket.create_server(("0.0.0.0", 34567))
time.sleep(4)
contained("alone")
