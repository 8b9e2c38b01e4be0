"""Encryption of what is kept and must not be read in the database or its backups: AES-256-GCM.

A sealed text opens with the key that sealed it, and as what it was sealed for, and nothing else.
"""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12
_VERSION = "1:"


class Seal:
    """Seals with a key that is derived from `secret`, for this purpose alone."""

    def __init__(self, secret: str) -> None:
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"byteme secrets at rest")
        self._cipher = AESGCM(derive.derive(secret.encode()))

    def close(self, text: str, what_for: str) -> str:
        nonce = os.urandom(_NONCE)
        sealed = self._cipher.encrypt(nonce, text.encode(), what_for.encode())
        return _VERSION + base64.b64encode(nonce + sealed).decode()

    def open(self, sealed: str, what_for: str) -> str | None:
        """The text; None when it is not one that this key sealed for that."""
        data = base64.b64decode(sealed.removeprefix(_VERSION))
        try:
            return self._cipher.decrypt(data[:_NONCE], data[_NONCE:], what_for.encode()).decode()
        except InvalidTag:
            return None
