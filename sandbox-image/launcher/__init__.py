"""What stands between an interpreter's start and the program's first line.

`main` imports the libraries of a profile (`preload`), makes the interpreter look as if it had just started (`hiding`),
waits for the job, and becomes the program in this very process (`handover`): no fork, no exec, no frame beneath.
Without a profile it does the last step only.

Nothing here may stay visible to the program. Only modules that are built in or start fast are imported.
"""

import os

CHANNEL = 3  # the supervisor's socket: we say when we are ready, it says what to run


def main(profile, modules, finders):
    """Never returns. `modules` and `finders` are those of an interpreter that has just started (sys.modules and
    sys.path_importer_cache)."""
    if profile:
        from launcher import preload

        warm = preload.Warm(profile, modules)
        become = warm.become
        os.write(CHANNEL, warm.report)
    else:
        from launcher.handover import become

        warm = None
    payload = receive()
    if not payload:
        os._exit(0)  # the supervisor is gone
    become(payload, warm, modules, finders)


def receive():
    """All that the supervisor sends before it closes its end."""
    pieces = []
    while piece := os.read(CHANNEL, 1 << 20):
        pieces.append(piece)
    os.close(CHANNEL)
    return b"".join(pieces)
