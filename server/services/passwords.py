"""Password hashes: argon2id with the parameters OWASP recommends, computed beside the event loop."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.turns import beside_the_loop

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# The hash of no password: what a login of an unknown account is checked against, so that it takes as long.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$ejdCzWbyjUI6JBTZsZCVXmhMNuGMpXiV8lMIQ3nX6Ms"


def hash_password(password: str) -> str:
    return beside_the_loop(_HASHER.hash, _normal(password))


def verify_password(stored: str | None, password: str) -> bool:
    """Whether `password` is the one `stored` was made of; as slow for None as for a hash."""
    return beside_the_loop(_matches, stored or _NOBODY, _normal(password)) and stored is not None


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than new ones are."""
    return _HASHER.check_needs_rehash(stored)


def _matches(stored: str, password: str) -> bool:
    try:
        return bool(_HASHER.verify(stored, password))
    except (VerificationError, InvalidHashError):
        return False


def _normal(password: str) -> str:
    return unicodedata.normalize("NFC", password)
