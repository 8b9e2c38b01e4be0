"""Measures ByteMe against plain Docker and a peer, on the same image and programs, the sides taking turns in one run.

Prints Markdown, ratios first. Start it with scripts/bench.sh, which makes the environment that the peer needs.
"""

import argparse
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from scripts.bench import experiments, results
from scripts.bench.experiments import EXPERIMENTS, FULL, QUICK, Bench
from scripts.bench.report import markdown
from scripts.bench.sides import remove_containers

BEGIN, END = "<!-- numbers: begin -->\n", "<!-- numbers: end -->\n"
ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs" / "benchmarks.md"
KEPT = ROOT / ".setup" / "bench" / "results.json"


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # and clean up
    chosen = _parser().parse_args()
    kept = results.load(chosen.json) if chosen.json.exists() and (chosen.only or chosen.no_runs) else results.Results()
    if not chosen.no_runs:
        with tempfile.TemporaryDirectory(prefix="byteme-bench-") as temp:
            bench = experiments.make_bench(Path(temp), chosen.peer_python, QUICK if chosen.quick else FULL, _say)
            _measure(bench, chosen.only or list(EXPERIMENTS), kept, chosen.json)
    text = markdown(kept)
    print(text)
    plots = chosen.json.parent
    if chosen.publish:
        DOCS.write_text(with_numbers(DOCS.read_text(), text))
        plots = DOCS.parent / "img"
    subprocess.run([chosen.peer_python, "-m", "scripts.bench.plots", chosen.json, plots], cwd=ROOT, check=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.sh", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and smaller rounds: minutes")
    parser.add_argument("--only", action="append", choices=EXPERIMENTS, help="this one; the others stay as in the file")
    parser.add_argument("--json", type=Path, default=KEPT, metavar="FILE", help="where all samples are kept")
    parser.add_argument("--no-runs", action="store_true", help="report what the file has, measure nothing")
    parser.add_argument("--publish", action="store_true", help="put report and plots into docs/")
    parser.add_argument("--peer-python", type=Path, required=True, help=argparse.SUPPRESS)
    return parser


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _measure(bench: Bench, names: Sequence[str], kept: results.Results, file: Path) -> None:
    """Each experiment's results are kept as soon as they are there."""
    kept.about = experiments.about()
    for name in names:
        try:
            kept.update(EXPERIMENTS[name](bench))
        finally:
            remove_containers()
        results.save(kept, file)


def with_numbers(document: str, numbers: str) -> str:
    """`document` with what is between the marks replaced."""
    before, rest = document.split(BEGIN)
    return f"{before}{BEGIN}\n{numbers}\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    main()
