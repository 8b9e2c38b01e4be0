"""Tries to stand in the supervisor's place, and to listen where the next one will.

ends: succeeded
"""

import socket

from hostile import EVENTS, attempt, dial

attempt("its address", socket.socket(socket.AF_UNIX).bind, EVENTS)
dial().close()
