"""`make soak ARGS="--runs 1000 --seed 7"`: prints what it counted; exits with 1 when anything is wrong."""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from scripts.soak.soak import Plan, soak


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="how many are submitted (1000)")
    parser.add_argument("--minutes", type=float, default=60.0, help="none is submitted after so long (60)")
    parser.add_argument("--seed", type=int, default=1, help="decides when what is killed (1)")
    parser.add_argument("--kill-every", type=float, default=6.0, help="longest pause between two kills, seconds (6)")
    parser.add_argument("--slots", type=int, default=4, help="runs executed at once (4)")
    parser.add_argument("--warm", type=int, default=0, help="sandboxes kept ready (0)")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # clears away what it made
    plan = Plan(asked.runs, asked.seed, asked.kill_every, asked.minutes)
    with tempfile.TemporaryDirectory(prefix="byteme-soak-") as folder:
        tally = soak(
            Path(folder), plan, BYTEME_RUN_SLOTS=str(asked.slots), BYTEME_WARM_POOL_SIZE=str(asked.warm)
        )  # fmt: skip
    print(tally.table())
    print(*tally.details[:50], sep="\n", file=sys.stderr)
    return 0 if tally.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
