"""No byte of output is lost, repeated or reordered, whatever the program and the clients do."""

import contextlib
import hashlib
import random
import threading

import pytest

from client import ByteMeError, LiveRun, Output, StateChange
from tests.server_process import ServerProcess, finished, output, raw_run, run_program, submit

EXACT = {
    "no_newline": ("import sys; sys.stdout.write('end without newline')", b"end without newline"),
    "binary": ("import sys; sys.stdout.buffer.write(bytes(range(256)) * 16)", bytes(range(256)) * 16),
    "split_utf8": (
        "import sys, time\nfor b in 'héé€😀'.encode():\n sys.stdout.buffer.write(bytes([b])); sys.stdout.buffer.flush(); time.sleep(.01)",
        "héé€😀".encode(),
    ),
    "one_long_line": ("print('x' * 3_000_000, end='')", b"x" * 3_000_000),
    "print_and_die": ("import os; os.write(1, b'last words'); os.kill(os.getpid(), 9)", b"last words"),
    "late_child": (
        "import os, time\nif os.fork() == 0: time.sleep(.3); os.write(1, b'child\\n'); os._exit(0)\nos.wait(); print('end')",
        b"child\nend\n",
    ),
    "pipe_left_full": ("import os\nos.write(1, b'z' * 900_000)\nos._exit(0)", b"z" * 900_000),
}


@pytest.mark.parametrize("case", EXACT)
def test_output_is_byte_exact(server: ServerProcess, case: str) -> None:
    code, expected = EXACT[case]
    tenant = server.tenant()
    run = run_program(tenant, code)
    assert output(tenant, run["id"]) == expected
    assert run["output"] == {"bytes": len(expected), "truncated": False}


def test_a_program_that_prints_and_ends_at_once_is_heard_every_time(server: ServerProcess) -> None:
    tenant = server.tenant()
    runs = [submit(tenant, f"print({n})") for n in range(20)]
    for number, run_id in enumerate(runs):
        finished(tenant, run_id)
        assert output(tenant, run_id) == f"{number}\n".encode()


def test_streams_are_told_apart_and_keep_their_order(server: ServerProcess) -> None:
    code = "import os, time\nfor n in range(20):\n os.write(1 + n % 2, f'{n}\\n'.encode()); time.sleep(.02)"
    with server.tenant().launch({"files": {"main.py": code}}) as live:
        pieces = [event for event in live if isinstance(event, Output)]
    assert b"".join(p.data for p in pieces) == b"".join(b"%d\n" % n for n in range(20))
    assert b"".join(p.data for p in pieces if p.stream == "stderr") == b"".join(b"%d\n" % n for n in range(1, 20, 2))


def test_output_comes_while_the_program_runs_and_the_last_event_is_its_end(server: ServerProcess) -> None:
    code = "print('first', flush=True)\ninput()\nprint('second')"
    with server.tenant().launch({"files": {"main.py": code}}) as live:
        seen = []
        for event in live:
            seen.append(event)
            if isinstance(event, Output) and event.data.startswith(b"first"):
                live.send_input(b"go on\n")
    assert b"".join(e.data for e in seen if isinstance(e, Output)) == b"first\nsecond\n"
    assert isinstance(seen[-1], StateChange)
    assert seen[-1].run.state == "succeeded"


def test_closing_the_input_is_seen_by_the_program(server: ServerProcess) -> None:
    code = "import sys; data = sys.stdin.read(); print(len(data))"
    with server.tenant().launch({"files": {"main.py": code}}) as live:
        said = b""
        for event in live:
            if isinstance(event, StateChange) and event.run.state == "running":
                live.send_input(b"12345")
                live.send_input(None)
            said += event.data if isinstance(event, Output) else b""
    assert said == b"5\n"


def test_input_larger_than_every_buffer_reaches_a_slow_reader_whole(server: ServerProcess) -> None:
    code = "import hashlib, sys, time; time.sleep(2); print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"
    data = random.Random(9).randbytes(5_000_000)
    with server.tenant().launch({"files": {"main.py": code}}) as live:
        said = b""
        for event in live:
            if isinstance(event, StateChange) and event.run.state == "running":
                live.send_input(data)
                live.send_input(None)
            said += event.data if isinstance(event, Output) else b""
    assert said.decode().strip() == hashlib.sha256(data).hexdigest()


def test_a_program_that_never_reads_its_input_can_be_cancelled(server: ServerProcess) -> None:
    tenant = server.tenant()
    with tenant.launch({"files": {"main.py": "import time; time.sleep(600)"}}) as live:
        for event in live:
            if isinstance(event, StateChange) and event.run.state == "running":
                stuffed = threading.Thread(target=stuff, args=(live,))
                stuffed.start()
                tenant.cancel(event.run.id)
    assert event.run.state == "cancelled"
    stuffed.join(30)


def stuff(live: LiveRun) -> None:
    with contextlib.suppress(ByteMeError):
        live.send_input(bytes(8_000_000))


def test_a_run_that_nobody_types_to_reads_end_of_file(server: ServerProcess) -> None:
    tenant = server.tenant()
    run = run_program(tenant, "try: input()\nexcept EOFError: print('eof')")
    assert output(tenant, run["id"]) == b"eof\n"


def test_replay_from_any_offset_gives_the_rest(server: ServerProcess) -> None:
    tenant = server.tenant()
    run = run_program(tenant, "import random, sys\nr = random.Random(5)\nsys.stdout.buffer.write(r.randbytes(500_000))")
    whole = output(tenant, run["id"])
    assert len(whole) == 500_000
    for offset in (0, 1, 65_535, 65_536, 499_999, 500_000):
        pieces = [event for event in tenant.follow(run["id"], offset) if isinstance(event, Output)]
        assert b"".join(p.data for p in pieces) == whole[offset:]
        assert all(len(p.data) <= 65_536 for p in pieces)


def test_the_output_cap_ends_the_run_and_keeps_exactly_what_came_before(server: ServerProcess) -> None:
    tenant = server.tenant()
    code = "import sys\nn = 0\nwhile True: sys.stdout.buffer.write(b'%099d\\n' % n); n += 1"
    run = run_program(tenant, code)
    assert (run["state"], run["reason"]) == ("failed", "output_limit")
    assert run["output"] == {"bytes": 64 << 20, "truncated": True}
    expected = hashlib.sha256()
    for number in range((64 << 20) // 100 + 1):
        expected.update(
            b"%099d\n" % number if (number + 1) * 100 <= 64 << 20 else (b"%099d\n" % number)[: (64 << 20) % 100]
        )
    actual = hashlib.sha256()
    for piece in tenant.output(run["id"]):
        actual.update(piece)
    assert actual.digest() == expected.digest()


def test_output_exactly_at_the_cap_is_no_offence(server: ServerProcess) -> None:
    tenant = server.tenant()
    run = run_program(tenant, f"import os\nn = {64 << 20}\nwhile n: n -= os.write(1, bytes(min(n, 1 << 20)))")
    assert run["state"] == "succeeded"
    assert run["output"] == {"bytes": 64 << 20, "truncated": False}


def test_metrics_and_figures_arrive_as_events(server: ServerProcess) -> None:
    from client import Figure, Metric

    code = (
        "import byteme\nfor n in range(3): byteme.log(step=n, loss=1 / (n + 1))\n"
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()"
    )
    with server.tenant().launch({"files": {"main.py": code}, "limits": {"memory_mb": 1024}}) as live:
        events = list(live)
    assert [(m.name, m.step) for m in events if isinstance(m, Metric)] == [("loss", 0), ("loss", 1), ("loss", 2)]
    figures = [event for event in events if isinstance(event, Figure)]
    assert [figure.media_type for figure in figures] == ["image/png"]
    assert figures[0].data.startswith(b"\x89PNG")


def test_what_is_shown_stands_between_what_is_printed_before_and_after(server: ServerProcess) -> None:
    from client import Figure, Output

    code = (
        "import byteme, sys\n"
        "for n in range(40):\n"
        "    print('x' * (n * 9973 % 300_000), file=(sys.stdout, sys.stderr)[n % 2])\n"
        "    print(n, 'before', file=(sys.stdout, sys.stderr)[n % 2])\n"
        "    byteme.display(b'%d ' % n + bytes(n * 7919 % 400_000), 'image/png')\n"
        "    print(n, 'after', file=(sys.stdout, sys.stderr)[n % 2])\n"
    )
    said, numbers = b"", []
    with server.tenant().launch({"files": {"main.py": code}}) as live:
        for event in live:
            if isinstance(event, Output):
                said += event.data
            elif isinstance(event, Figure):
                number = bytes(event.data).split()[0]
                numbers.append(int(number))
                assert said.endswith(b"\n%s before\n" % number)
    assert numbers == list(range(40))
    assert said.endswith(b"39 after\n")


def test_figures_and_metrics_arrive_while_more_processes_than_a_crowd_report(server: ServerProcess) -> None:
    from client import Figure, Metric

    code = (
        "import byteme, os\n"
        "told, tell = os.pipe(); hold, go = os.pipe()\n"
        "for n in range(100):\n"
        "    if os.fork() == 0:\n"
        "        byteme.log(step=n, worker=n); os.close(go); os.write(tell, b'.'); os.read(hold, 1); os._exit(0)\n"
        "for n in range(100): os.read(told, 1)\n"
        "byteme.display('shown'); byteme.log(after=1); byteme.display('again'); byteme.log(after=2)\n"
    )
    with server.tenant().launch({"files": {"main.py": code}}) as live:
        events = list(live)
    metrics = [(event.name, event.value) for event in events if isinstance(event, Metric)]
    assert sorted(metrics) == sorted([("worker", n) for n in range(100)] + [("after", 1), ("after", 2)])
    assert [bytes(event.data) for event in events if isinstance(event, Figure)] == [b"shown", b"again"]
    assert not [event for event in events if isinstance(event, Output)]


def test_many_lines_and_metrics_by_turns_lose_neither(server: ServerProcess) -> None:
    from client import Metric

    code = "import byteme\nfor n in range(5000):\n    print(n)\n    byteme.log(step=n, loss=n)"
    with server.tenant().launch({"files": {"main.py": code}}) as live:
        events = list(live)
    assert b"".join(e.data for e in events if isinstance(e, Output)) == b"".join(b"%d\n" % n for n in range(5000))
    assert [event.step for event in events if isinstance(event, Metric)] == list(range(5000))


def test_another_tenant_sees_nothing(server: ServerProcess) -> None:
    from client import NotFound

    owner, stranger = server.tenant(), server.tenant()
    run = run_program(owner, "print('secret')")
    for look in (
        lambda: raw_run(stranger, run["id"]),
        lambda: output(stranger, run["id"]),
        lambda: stranger.artifacts(run["id"]),
    ):
        with pytest.raises(NotFound):
            look()
    with pytest.raises(NotFound):
        list(stranger.follow(run["id"]))
