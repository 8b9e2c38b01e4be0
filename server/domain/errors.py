"""The one error tree. `code` is stable and becomes the problem's `type`; the docstring is the default message.

BytemeError
├── Invalid               the request can't be carried out as written (names its field)
├── NotFound              absent, or somebody else's: the two are never told apart
├── Conflict              the thing is in a state that forbids this
│   └── Outdated          it was changed since the caller read it
├── Unauthenticated       no, dead or wrong credentials
├── Forbidden             known, but not allowed
├── TooMany               a quota or a rate is used up
├── TooLarge              a body over its limit
├── ChecksumMismatch      what came is not what was sent
├── Unavailable           a part we need is away for now
├── StaleLease            a guarded write found that another owner has the run
├── SecretLost            what a run is to be given is not there, or can't be read, any more
├── PullFailed            an image could not be had from its registry, or is not fit to be used
└── EngineError           the container engine failed
    ├── EngineAway        it does not answer
    └── ImageError        the image of a run can't be used
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of a request; `field` is its path, as `limits.memory_mb`."""

    field: str
    message: str


class BytemeError(Exception):
    """Something went wrong."""

    code = "error"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())

    @property
    def message(self) -> str:
        return str(self.args[0])


class Invalid(BytemeError):
    """The request does not validate."""

    code = "invalid"

    def __init__(self, message: str | None = None, *, fields: tuple[FieldError, ...] = ()) -> None:
        super().__init__(message or (f"{fields[0].field}: {fields[0].message}" if fields else None))
        self.fields = fields

    @classmethod
    def of(cls, field: str, message: str) -> "Invalid":
        return cls(fields=(FieldError(field, message),))


class NotFound(BytemeError):
    """There is no such thing."""

    code = "not_found"


class Conflict(BytemeError):
    """Its present state forbids this."""

    code = "conflict"


class Outdated(Conflict):
    """It was changed meanwhile; read it again."""

    code = "outdated"


class Unauthenticated(BytemeError):
    """Sign in first."""

    code = "unauthenticated"


class Forbidden(BytemeError):
    """You may not do this."""

    code = "forbidden"


class TooMany(BytemeError):
    """Too many requests."""

    code = "too_many"

    def __init__(self, message: str | None = None, *, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class TooLarge(BytemeError):
    """The body is larger than allowed."""

    code = "too_large"


class ChecksumMismatch(BytemeError):
    """What came does not have the checksum; send it again."""

    code = "checksum_mismatch"


class Unavailable(BytemeError):
    """A part of the platform is away; try again later."""

    code = "unavailable"


class StaleLease(BytemeError):
    """Another worker owns this run now."""

    code = "stale_lease"


class SecretLost(BytemeError):
    """A secret can't be read any more."""

    code = "secret_lost"


class PullFailed(BytemeError):
    """An image could not be had. `why` is one of `domain.image.Why`."""

    code = "pull"

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


class EngineError(BytemeError):
    """The container engine failed."""

    code = "engine"


class EngineAway(EngineError):
    """The container engine does not answer."""


class ImageError(EngineError):
    """The sandbox image can't be used."""

    code = "image"
