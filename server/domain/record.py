"""The full record of a run: one document that says what ran, on what, and what came of it. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from server.domain.reports import Metric

FORMAT = "byteme-run-record"
VERSION = 1
MOST_NAMES = 1000  # of metrics
_SEED = re.compile(r"seed", re.IGNORECASE)
_SEED_OPTION = re.compile(r"--?([A-Za-z_-]*seed[A-Za-z_-]*)(?:=(.*))?", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Difference:
    """In what a run made of a record differs from the one that was recorded; `field` is the record's."""

    field: str
    message: str


def last_values(metrics: Iterable[Metric], most: int = MOST_NAMES) -> dict[str, Metric]:
    """The last of what was reported under each of the first `most` names."""
    last: dict[str, Metric] = {}
    for metric in metrics:
        if metric.name in last or len(last) < most:
            last[metric.name] = metric
    return last


def reported_seeds(args: Sequence[str], env: Mapping[str, str], last: Mapping[str, Metric]) -> dict[str, str]:
    """Where a run says which seeds it used: options and variables called so, and metrics it reported under such a name.

    The platform sets none itself: a program that reports none has none that anybody could know.
    """
    reported = {name: f"{metric.value:.17g}" for name, metric in last.items() if metric.value is not None}
    seeds = dict(_options(args)) | {name: value for name, value in {**env, **reported}.items() if _SEED.search(name)}
    return dict(sorted(seeds.items()))


def _options(args: Sequence[str]) -> Iterator[tuple[str, str]]:
    for number, arg in enumerate(args):
        if found := _SEED_OPTION.fullmatch(arg):
            name, value = found.groups()
            following = args[number + 1] if number + 1 < len(args) else ""
            yield name, following if value is None else value


def image_difference(recorded: str | None, present: str | None) -> list[Difference]:
    """What there is to say when a run is to use the image of digest `present`; None: it can't be told."""
    if recorded is None or recorded == present:
        return []
    if present is None:
        return [Difference("image.digest", "whether the recorded image is still in use can't be told now")]
    return [Difference("image.digest", f"the run was recorded on {recorded}; now the image is {present}")]
