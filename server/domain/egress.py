"""What runs may reach: a tenant's list of domains, and the names of sets of them (presets).

`example.org` is that host alone, `.example.org` it and everything below it. A word without a dot names a preset.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from server.domain.errors import Invalid
from server.domain.run import Network

MAX_ENTRIES = 200
# Operators add their own (BYTEME_EGRESS_PRESETS), such as the index that their packages come from.
PRESETS: Mapping[str, tuple[str, ...]] = {
    "huggingface": (".huggingface.co", ".hf.co"),
}

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"\.?(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?")
_PRESET = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_LONGEST = 253


def is_domain(entry: str) -> bool:
    """Is it a domain as lists hold it: lower case, two labels or more, no address, no port."""
    return len(entry) <= _LONGEST and _DOMAIN.fullmatch(entry) is not None


def is_preset_name(entry: str) -> bool:
    return _PRESET.fullmatch(entry) is not None


def objection(entries: object) -> str | None:
    """What is wrong with a tenant's list, in words; None if it is one."""
    if not isinstance(entries, list | tuple):
        return 'must be a list such as ["example.org", ".example.net", "huggingface"]'
    if len(entries) > MAX_ENTRIES:
        return f"must not have more than {MAX_ENTRIES} entries"
    wrong = (each for each in entries if not isinstance(each, str) or not (is_domain(each) or is_preset_name(each)))
    return next((f"{str(each)[:80]!r} is neither a domain in lower case nor a preset's name" for each in wrong), None)


def check_network(network: Network, entries: Iterable[str], *, is_offered: bool) -> None:
    """Raises Invalid when a run asks for more network than its owner may have."""
    if network is Network.EGRESS and not is_offered:
        raise Invalid.of("network", "egress is not offered on this server; use none")
    if network is Network.EGRESS and not entries:
        raise Invalid.of("network", "egress is not allowed to you: your quota lists no domain; ask an operator")


def with_presets(own: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The presets that come with ByteMe and an operator's, which win. Raises Invalid, naming the preset."""
    for name, entries in own.items():
        if not is_preset_name(name):
            raise Invalid.of(name[:80], "is no name for a preset: lower-case letters, digits, - and _")
        if wrong := objection(entries):
            raise Invalid.of(name, wrong)
        if nested := next((entry for entry in entries if not is_domain(entry)), None):
            raise Invalid.of(name, f"{nested!r} is not a domain in lower case")
    return {**PRESETS, **{name: tuple(entries) for name, entries in own.items()}}


def unknown_preset(entries: Iterable[str], presets: Mapping[str, tuple[str, ...]]) -> str | None:
    """The first entry that names a preset which is not there."""
    return next((entry for entry in entries if not is_domain(entry) and entry not in presets), None)


def domains(entries: Iterable[str], presets: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The domains that a list stands for, each once. A preset that is no longer there stands for none."""
    found = (domain for entry in entries for domain in ((entry,) if is_domain(entry) else presets.get(entry, ())))
    return tuple(dict.fromkeys(found))
