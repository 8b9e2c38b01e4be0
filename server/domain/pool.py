"""Which sandboxes to keep ready: decisions about numbers, made without a clock or an engine."""

from collections.abc import Mapping, Sequence

from server.domain.preload import BARE, DATA, FULL, PROFILES, TORCH, has_all_of

# What one waiting sandbox holds, MiB, until one was measured.
EXPECTED_MB: Mapping[str, float] = {BARE: 20, DATA: 130, TORCH: 190, FULL: 260}
HALF_LIFE_S = 600.0  # a run counts half as much for the mix after so long
_FIRST = (FULL, BARE, TORCH, DATA)  # of equally wanted ones: that which serves the most programs
ALWAYS = 1.0  # runs' worth of demand that every profile has


class Demand:
    """How often each profile was wanted of late: a count that halves every HALF_LIFE_S seconds."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(PROFILES, 0.0)
        self._at = 0.0

    def note(self, profile: str, now: float) -> None:
        self._decay(now)
        self._counts[profile] += 1

    def weights(self, now: float) -> dict[str, float]:
        """Demand by profile at `now` seconds; never zero, for the next run may be of any."""
        self._decay(now)
        return {profile: count + ALWAYS for profile, count in self._counts.items()}

    def _decay(self, now: float) -> None:
        factor = 0.5 ** (max(0.0, now - self._at) / HALF_LIFE_S)
        self._counts = {profile: count * factor for profile, count in self._counts.items()}
        self._at = max(now, self._at)


def mix(size: int, weights: Mapping[str, float], cost_mb: Mapping[str, float], budget_mb: float) -> dict[str, int]:
    """How many sandboxes of each profile to keep: `size` in all, by `weights`, within `budget_mb` MiB.

    One of each comes first while there is room for that, the most wanted before the others. Each further one goes to
    the profile that is furthest below its share (the method of Sainte-Laguë: weight over twice its number plus one).
    """
    wanted = dict.fromkeys(weights, 0)
    left_mb = budget_mb
    for _ in range(size):
        fits = [profile for profile in weights if cost_mb[profile] <= left_mb]
        if not fits:
            break
        missing = [profile for profile in fits if not wanted[profile]]
        chosen = max(missing or fits, key=lambda p: (weights[p] / (2 * wanted[p] + 1), -_FIRST.index(p)))
        wanted[chosen] += 1
        left_mb -= cost_mb[chosen]
    return wanted


def next_to_make(wanted: Mapping[str, int], have: Mapping[str, int], weights: Mapping[str, float]) -> str | None:
    """The profile whose lack weighs most; None when nothing is lacking."""
    lacking = [profile for profile in wanted if have.get(profile, 0) < wanted[profile]]
    return max(lacking, key=lambda p: weights[p] * (wanted[p] - have.get(p, 0)) / wanted[p], default=None)


def surplus(wanted: Mapping[str, int], have: Mapping[str, int]) -> str | None:
    """A profile of which there are more than wanted; None when there is none."""
    return next((profile for profile in have if have[profile] > wanted.get(profile, 0)), None)


def preference(ready: Sequence[str], wanted: str) -> list[str]:
    """The profiles in `ready` that may serve a run that suits `wanted`, the best first.

    What has everything imported goes before what has not, and the least of it first; anything that waits is better than
    nothing.
    """
    order = {profile: number for number, profile in enumerate(PROFILES)}
    return sorted(set(ready), key=lambda p: (p != wanted, not has_all_of(p, wanted), order[p]))
