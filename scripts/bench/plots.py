"""Pictures of the results, as SVG. Runs in the benchmark's own environment, given the results' file and a folder."""

import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scripts.bench.programs import LIBRARIES
from scripts.bench.results import Batch, Crowd, Latency, Results, load

OURS, OTHERS = "#1f6feb", "#8c959f"
STYLE = {
    "figure.facecolor": "white", "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True,
    "font.size": 11, "svg.fonttype": "none", "svg.hashsalt": "byteme", "font.family": "sans-serif",
}  # fmt: skip


def color(side: str) -> str:
    return OURS if side.startswith("ByteMe") else OTHERS


def latency(samples: Sequence[Latency]) -> Figure:
    """Each side's runs as dots over a logarithmic axis, the slowest side above."""
    ordered = sorted(samples, key=lambda sample: median(sample.first))
    figure, axes = pyplot.subplots(figsize=(9, 0.45 * len(ordered) + 1.6))
    for height, sample in enumerate(ordered):
        axes.plot(sample.first, [height] * len(sample.first), "o", ms=6, alpha=0.35, mew=0, color=color(sample.side))
        axes.plot([median(sample.first)], [height], "|", ms=18, mew=2, color="black")
        axes.annotate(_time(median(sample.first)), (median(sample.first), height), (0, 11), textcoords="offset points",
                      ha="center", fontsize=9)  # fmt: skip
    axes.set_xscale("log")
    few_decades = median(ordered[-1].first) < 10 * median(ordered[0].first)
    axes.set_yticks(range(len(ordered)), [sample.side for sample in ordered])
    axes.set_ylim(-0.6, len(ordered) - 0.2)
    axes.xaxis.set_major_formatter(lambda value, _: _time(value))
    axes.xaxis.set_minor_formatter(lambda value, _: _time(value) if few_decades else "")
    axes.grid(axis="x", which="both", color="#e5e7eb", lw=0.6)
    axes.set_title(f"From submitting to the first byte: {ordered[0].program}", loc="left")
    return figure


def concurrency(crowds: Sequence[Crowd]) -> Figure:
    """Latency (left) and time until all have ended (right) over the number of simultaneous submissions."""
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4.2))
    for side, style in zip(dict.fromkeys(crowd.side for crowd in crowds), ("-o", "--s", ":^", "-.D"), strict=False):
        mine = [crowd for crowd in crowds if crowd.side == side]
        levels, look = [crowd.level for crowd in mine], {"label": side, "color": color(side)}
        left.plot(levels, [median(crowd.first) for crowd in mine], style, **look)
        right.plot(levels, [crowd.makespan for crowd in mine], style, **look)
    for axes, title in ((left, "First byte, median"), (right, "Until the last one has ended")):
        _doubling(axes, sorted({crowd.level for crowd in crowds}))
        axes.set_title(title, loc="left")
    left.legend(frameon=False)
    return figure


def _doubling(axes: Axes, levels: Sequence[int]) -> None:
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(levels, [str(level) for level in levels])
    axes.yaxis.set_major_formatter(lambda value, _: _time(value))
    axes.set_xlabel("submissions at the same moment")
    axes.grid(which="major", color="#e5e7eb", lw=0.6)


def throughput(batches: Sequence[Batch]) -> Figure:
    """Runs per second, a bar for each kind, side and parallelism."""
    kinds = list(dict.fromkeys((batch.kind, batch.side, batch.parallel) for batch in batches))
    figure, axes = pyplot.subplots(figsize=(9, 0.45 * len(kinds) + 1.4))
    rates = [
        median(b.runs / b.seconds for b in batches if (b.kind, b.side, b.parallel) == kind) for kind in kinds
    ]  # fmt: skip
    bars = axes.barh(range(len(kinds)), rates, color=[color(side) for _, side, _ in kinds], height=0.65)
    axes.bar_label(bars, fmt="%.2f", padding=4)
    axes.set_yticks(range(len(kinds)), [f"{kind}: {side}, {parallel} at a time" for kind, side, parallel in kinds])
    axes.set_xlabel("runs per second")
    axes.set_title("Throughput: short runs, half of them with torch", loc="left")
    return figure


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms" if seconds < 0.9995 else f"{seconds:.3g} s"


def figures(results: Results) -> dict[str, Figure]:
    """By the file's name; only of what has been measured."""
    judged = [sample for sample in results.latency if sample.program == LIBRARIES.name and sample.first]
    drawn = {
        "latency": latency(judged) if judged else None,
        "concurrency": concurrency(results.crowds) if results.crowds else None,
        "throughput": throughput(results.batches) if results.batches else None,
    }
    return {name: figure for name, figure in drawn.items() if figure is not None}


def main() -> None:
    file, folder = map(Path, sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    pyplot.rcParams.update(STYLE)
    for name, figure in figures(load(file)).items():
        target = folder / f"bench-{name}.svg"
        figure.savefig(target, bbox_inches="tight", metadata={"Date": None})
        print(target, file=sys.stderr)


if __name__ == "__main__":
    main()
