"""How many passwords may be guessed: rules without memory, for accounts that exist and for those that do not.

Who fails at an account waits, longer each time, and nobody else does: so nobody can keep its owner out. All addresses
from which its owner has not signed in share a slower allowance on top, which many of them together can't exceed.
"""

import ipaddress

FREE_FAILURES = 5  # of one address at one account, one after the other
FIRST_PAUSE_S, LONGEST_PAUSE_S = 10.0, 900.0
FORGET_S = 3600.0  # without a failure
STRANGERS_ROOM = 30.0  # attempts of all strange addresses at one account that may come at once
STRANGERS_REFILL_S = 60.0  # and one more after so many seconds


def pause_s(failures: int) -> float:
    """How long an address waits after so many failures at one account."""
    if failures < FREE_FAILURES:
        return 0.0
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(failures - FREE_FAILURES, 10))


def allowance(left: float, idle_s: float) -> float:
    """What the strange addresses of an account may try now, when `left` was left `idle_s` seconds ago."""
    return min(STRANGERS_ROOM, left + idle_s / STRANGERS_REFILL_S)


def refill_s(left: float) -> float:
    """How long until they may try once more."""
    return max(0.0, (1.0 - left) * STRANGERS_REFILL_S)


def neighbourhood(address: str) -> str:
    """What counts as one address: of IPv6 a whole /64, which is what one subscriber has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
