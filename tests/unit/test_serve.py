"""The server's own socket."""

import os
import socket
import subprocess
import sys

from server.serve import _listen
from server.settings import Settings


def test_an_answers_last_packet_waits_for_no_acknowledgement(tmp_path):
    """Else every request over a connection that is kept costs 40 ms: headers and body are sent one after the other."""
    with _listen(Settings(data_dir=tmp_path, port=0), app=None) as server:
        assert server.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


PRIORITIES = """
import os, subprocess, sys, threading
from server.serve import go_first
if sys.argv[1:] == ["one"]:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
print(go_first())
look = "import os; print(os.sched_getscheduler(0), flush=True)"
exec(look)
thread = threading.Thread(target=exec, args=(look,))
thread.start()
thread.join()
subprocess.run([sys.executable, "-c", look], check=True)
"""


def priorities(*arguments):
    """Whether a process goes first, and how it, a thread and a child of it are scheduled."""
    command = [sys.executable, "-c", PRIORITIES, *arguments]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    goes, own, *others = said.split()
    return goes == "True", int(own) & ~os.SCHED_RESET_ON_FORK, [int(other) for other in others]


def test_the_loop_goes_first_and_what_it_begins_is_as_all_others():
    """Where the kernel says no, nothing changes."""
    goes, own, others = priorities()
    assert own == (os.SCHED_RR if goes else os.SCHED_OTHER)
    assert others == [os.SCHED_OTHER, os.SCHED_OTHER]


def test_the_only_cpu_is_shared():
    assert priorities("one") == (False, os.SCHED_OTHER, [os.SCHED_OTHER, os.SCHED_OTHER])
