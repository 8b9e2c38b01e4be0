"""What an account may be called and how its password may look."""

import re
import unicodedata

from server.domain.errors import FieldError, Invalid

_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f]{1,64}@[^\s@.\x00-\x1f\x7f]+(\.[^\s@.\x00-\x1f\x7f]+)*")
_SURROGATE = re.compile("[\ud800-\udfff]")
PASSWORD_LENGTH = range(8, 1025)


def normalise_email(email: str) -> str:
    """The one spelling of an address: NFC, lower case, no space around. Raises Invalid."""
    name = unicodedata.normalize("NFC", email.strip()).lower()
    if len(name) > 254 or _SURROGATE.search(name) or not _EMAIL.fullmatch(name):
        raise Invalid.of("email", "is not an email address")
    return name


def check_password(password: str, field: str = "password") -> None:
    """Raises Invalid, naming `field`, unless it is of a fit length."""
    if len(password) not in PASSWORD_LENGTH or _SURROGATE.search(password):
        raise Invalid(
            fields=(FieldError(field, f"must have {PASSWORD_LENGTH.start} to {PASSWORD_LENGTH.stop - 1} characters"),)
        )
