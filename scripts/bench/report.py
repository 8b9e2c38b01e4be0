"""The results in Markdown, ratios first: a machine's absolute times say little about another's."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from scripts.bench.attack import REST
from scripts.bench.experiments import BURST, SUSTAINED, TRIAL
from scripts.bench.programs import LIBRARIES
from scripts.bench.rates import COLLECTED, DOWNLOADED, OURS, OUTPUT
from scripts.bench.results import Answers, Batch, Crowd, Latency, Rate, Results

BASELINE = "docker run"
LIMITS = (
    # side, moment, at most this part of docker run's, and what is aimed at
    ("ByteMe, warm", "first", 1 / 50, "aim 1/100"),
    ("ByteMe, warm", "end", 1 / 12, ""),
    ("ByteMe, warm, gVisor", "first", 1 / 30, ""),
)
MOMENTS = {"first": "first byte", "end": "end known"}


@dataclass(frozen=True, slots=True)
class Promise:
    """`measured` over what it is compared with, and the most or least that is wanted of it."""

    what: str
    ratio: float
    wanted: float
    more_is_better: bool = False
    note: str = ""

    @property
    def kept(self) -> bool:
        return self.ratio >= self.wanted if self.more_is_better else self.ratio <= self.wanted


def percentile(samples: Sequence[float], share: float) -> float:
    """The least sample that `share` of all samples do not exceed (the nearest rank)."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def ratio(value: float) -> str:
    """1/87 for what is well below 1, else 1.09×."""
    return f"1/{1 / value:.0f}" if value < 0.15 else f"{value:.2f}×"


def duration(seconds: float) -> str:
    """Three significant digits."""
    return f"{seconds * 1000:.3g} ms" if seconds < 0.9995 else f"{seconds:.3g} s"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines] + [""]


def markdown(results: Results) -> str:
    lines = [f"Taken on {results.about['host']}, {results.about['engine']}, {results.about['when']}.", ""]
    if kept := promises(results):
        lines += ["### Promises", "", *_promise_table(kept)]
    for program in dict.fromkeys(sample.program for sample in results.latency):
        samples = [sample for sample in results.latency if sample.program == program and sample.first]
        lines += [f"### Latency: {program}", "", *_latency_table(samples)]
    if results.crowds:
        lines += ["### Many at once", "", *_crowd_table(results.crowds)]
    if results.batches:
        lines += ["### Throughput", "", *_batch_table(results.batches)]
    if results.waiting:
        lines += ["### What waiting costs", "", *_waiting_table(results)]
    if results.rates:
        lines += ["### Bytes", "", *_rate_table(results.rates)]
    if results.answers:
        lines += ["### Answers under attack", "", *_answer_table(results.answers)]
    return "\n".join(lines)


# promises


def promises(results: Results) -> list[Promise]:
    return [
        *_latency_promises(results.latency),
        *_batch_promises(results.batches),
        *_rate_promises(results.rates),
        *_answer_promises(results.answers),
    ]


def _latency_promises(latency: Sequence[Latency]) -> list[Promise]:
    by_side = {sample.side: sample for sample in latency if sample.program == LIBRARIES.name and sample.first}
    found = [
        Promise(
            f"{side}: {MOMENTS[moment]}, of {BASELINE}'s", _against(by_side, side, BASELINE, moment), most, False, aim
        )
        for side, moment, most, aim in LIMITS
        if side in by_side and BASELINE in by_side
    ]
    if {"ByteMe, pool empty", "ByteMe, cold"} <= by_side.keys():
        against_cold = _against(by_side, "ByteMe, pool empty", "ByteMe, cold", "first")
        found.append(Promise("ByteMe, pool empty: first byte, of a cold run's", against_cold, 1.1))
    return found


def _against(by_side: dict[str, Latency], side: str, other: str, moment: str) -> float:
    return _median(by_side[side], moment) / _median(by_side[other], moment)


def _median(sample: Latency, moment: str) -> float:
    return percentile(sample.first if moment == "first" else sample.end, 0.5)


def _batch_promises(batches: Sequence[Batch]) -> list[Promise]:
    wanted = {SUSTAINED: (1.0, "aim 1.3×"), BURST: (5.0, "")}
    return [
        Promise(
            f"runs per second {kind}, of {BASELINE}'s best",
            throughput_ratio(batches, kind),
            least,
            more_is_better=True,
            note=aim,
        )
        for kind, (least, aim) in wanted.items()
        if any(batch.kind == kind for batch in batches)
    ]


def throughput_ratio(batches: Sequence[Batch], kind: str) -> float:
    return _per_second(batches, kind, "ByteMe") / _per_second(batches, kind, BASELINE)


def _per_second(batches: Sequence[Batch], kind: str, side: str) -> float:
    return median(batch.runs / batch.seconds for batch in batches if (batch.kind, batch.side) == (kind, side))


def _rate_promises(rates: Sequence[Rate]) -> list[Promise]:
    wanted = {OUTPUT: 3.0, COLLECTED: 1.0, DOWNLOADED: 1.0}
    return [Promise(f"{what}, MB/s, of {theirs.side}'s", _rate(ours, theirs), wanted[what], more_is_better=True)
            for what, ours, theirs in _rate_pairs(rates)]  # fmt: skip


def _answer_promises(answers: Sequence[Answers]) -> list[Promise]:
    """Of all attacks together, and of the one that tells most."""
    rest = [one for one in answers if one.during == REST]
    attacks = [one for one in answers if one.during != REST]
    if not rest or not attacks:
        return []
    every = [second for one in attacks for second in one.seconds]
    worst = max(attacks, key=lambda one: percentile(one.seconds, 0.95))
    base = percentile(rest[0].seconds, 0.95)
    return [
        Promise("answers under attack, p95, of those at rest", percentile(every, 0.95) / base, 2.0),
        Promise(f"answers under the worst attack ({worst.during}), p95", percentile(worst.seconds, 0.95) / base, 2.0),
    ]


def _promise_table(kept: Sequence[Promise]) -> list[str]:
    return table(
        ("what", "ratio", "wanted", "kept"),
        [(one.what, f"**{ratio(one.ratio)}**", _wanted(one), "yes" if one.kept else "**no**") for one in kept],
    )


def _wanted(promise: Promise) -> str:
    sign = "≥" if promise.more_is_better else "≤"
    return f"{sign} {ratio(promise.wanted)}" + (f", {promise.note}" if promise.note else "")


# tables


def _latency_table(samples: Sequence[Latency]) -> list[str]:
    by_side = {sample.side: sample for sample in samples}
    head = ("side", "first byte, ratio", "end, ratio", "first byte p50 / p95 / p99", "end p50 / p95 / p99", "runs")
    return table(head, [_latency_row(sample, by_side[BASELINE]) for sample in samples])


def _latency_row(sample: Latency, base: Latency) -> Sequence[str]:
    first, end = (_median(sample, moment) / _median(base, moment) for moment in MOMENTS)
    runs = f"{len(sample.first)}" + (f" ({sample.discarded} discarded)" if sample.discarded else "")
    return sample.side, f"**{ratio(first)}**", f"**{ratio(end)}**", spread(sample.first), spread(sample.end), runs


def spread(samples: Sequence[float]) -> str:
    return " / ".join(duration(percentile(samples, share)) for share in (0.5, 0.95, 0.99))


def _crowd_table(crowds: Sequence[Crowd]) -> list[str]:
    base = {crowd.level: crowd for crowd in crowds if crowd.side == BASELINE}
    head = ("at once", "side", "first byte p50, ratio", "makespan, ratio", "first byte p50 / p95", "makespan", "warm")
    return table(head, [_crowd_row(crowd, base[crowd.level]) for crowd in crowds])


def _crowd_row(crowd: Crowd, base: Crowd) -> Sequence[str]:
    first = f"**{ratio(percentile(crowd.first, 0.5) / percentile(base.first, 0.5))}**"
    makespan = f"**{ratio(crowd.makespan / base.makespan)}**"
    spans = " / ".join(duration(percentile(crowd.first, share)) for share in (0.5, 0.95))
    return str(crowd.level), crowd.side, first, makespan, spans, duration(crowd.makespan), str(crowd.warm)


def _batch_table(batches: Sequence[Batch]) -> list[str]:
    kinds = dict.fromkeys((batch.kind, batch.side, batch.parallel) for batch in batches)
    head = ("what", "side", "ratio", "runs per second", "at a time", "warm")
    return table(head, [_batch_row(batches, *kind) for kind in sorted(kinds, key=lambda kind: kind[0] == TRIAL)])


def _batch_row(batches: Sequence[Batch], kind: str, side: str, parallel: int) -> Sequence[str]:
    same = [batch for batch in batches if (batch.kind, batch.side, batch.parallel) == (kind, side, parallel)]
    rate = median(batch.runs / batch.seconds for batch in same)
    against = "" if kind == TRIAL else f"**{rate / _per_second(batches, kind, BASELINE):.2f}×**"
    warm = f"{sum(batch.warm for batch in same)} of {sum(batch.runs for batch in same)}"
    return kind, side, against, f"{rate:.2f}", str(parallel), warm


def _waiting_table(results: Results) -> list[str]:
    head = ("runtime", "profile", "memory, its alone", "memory charged", "made in", "CPU for that")
    rows = [
        (one.runtime, one.profile, f"{one.anonymous_mb:.0f} MiB", f"{one.charged_mb:.0f} MiB",
         duration(one.refill_s), duration(one.refill_cpu_s))
        for one in results.waiting
    ]  # fmt: skip
    idle = [
        (f"server, {one.pool} sandboxes waiting", f"{one.resident_mb:.0f} MiB", "< 150 MiB", f"{one.cpu_percent:.2f} %",
         "< 1 %", f"{one.seconds:.0f} s")
        for one in results.idle
    ]  # fmt: skip
    return table(head, rows) + table(("idle", "resident", "wanted", "CPU", "wanted", "looked at for"), idle)


def _rate_table(rates: Sequence[Rate]) -> list[str]:
    head = ("what", "ratio", "ByteMe", "Docker", "by")
    rows = [
        (what, f"**{_rate(ours, theirs):.2f}×**", _mb(ours), _mb(theirs), f"`{theirs.side}`")
        for what, ours, theirs in _rate_pairs(rates)
    ]
    return table(head, rows)


def _answer_table(answers: Sequence[Answers]) -> list[str]:
    base = next(percentile(one.seconds, 0.95) for one in answers if one.during == REST)
    rows = [
        (one.during, f"**{ratio(percentile(one.seconds, 0.95) / base)}**", spread(one.seconds), str(len(one.seconds)))
        for one in answers
        if one.seconds
    ]
    return table(("while there is", "p95, ratio", "answer p50 / p95 / p99", "answers"), rows)


def _mb(rate: Rate) -> str:
    return f"{median(rate.mb_per_s):.0f} MB/s"


def _rate(ours: Rate, theirs: Rate) -> float:
    return median(ours.mb_per_s) / median(theirs.mb_per_s)


def _rate_pairs(rates: Sequence[Rate]) -> list[tuple[str, Rate, Rate]]:
    pairs: dict[str, dict[bool, Rate]] = {}
    for rate in rates:
        pairs.setdefault(rate.what, {})[rate.side == OURS] = rate
    return [(what, pair[True], pair[False]) for what, pair in pairs.items()]
