"""How a run ends that could not be carried through."""

from server.domain.errors import BytemeError, ImageError
from server.domain.run import Ending, Reason, State


class HostLost(BytemeError):
    """The run's container is gone from its host."""


class CancelledEarly(BytemeError):
    """Cancelled before it started."""


def ending_of(error: Exception) -> Ending:
    """The terminal state of a run that `error` kept from being carried through; never the program's fault."""
    if isinstance(error, CancelledEarly):
        return Ending(State.CANCELLED, error.message)
    if isinstance(error, HostLost):
        return Ending(State.FAILED, error.message, Reason.HOST_LOST)
    if isinstance(error, ImageError):
        return Ending(State.FAILED, error.message, Reason.IMAGE_UNAVAILABLE)
    said = error.message if isinstance(error, BytemeError) else "The platform failed; this is not your program's fault."
    return Ending(State.FAILED, said, Reason.INTERNAL_ERROR)
