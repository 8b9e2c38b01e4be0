"""Who we are to the server: a pair of tokens, renewed once for everybody who finds it expired."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

import httpx

from client.errors import NotSignedIn
from client.models import Tokens

__all__ = ["BearerAuth", "MemoryVault", "TokenKeeper", "Vault"]


class Vault(Protocol):
    """Where the pair lives. `locked()` keeps every other owner of the same vault, in any process, from renewing."""

    def locked(self) -> AbstractContextManager[object]: ...

    def load(self) -> Tokens: ...

    def save(self, tokens: Tokens) -> None: ...


class MemoryVault:
    """A pair that lives as long as the process."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def locked(self) -> AbstractContextManager[object]:
        return nullcontext()

    def load(self) -> Tokens:
        return self._tokens

    def save(self, tokens: Tokens) -> None:
        self._tokens = tokens


class TokenKeeper:
    """The current access token. `exchange` makes a new pair from a refresh token, or raises NotSignedIn."""

    def __init__(self, vault: Vault, exchange: Callable[[str], Tokens]) -> None:
        self._vault = vault
        self._exchange = exchange
        self._lock = threading.Lock()
        self._current = vault.load()

    @property
    def access(self) -> str:
        return self._current.access

    def replace(self, tokens: Tokens) -> None:
        with self._lock, self._vault.locked():
            self._vault.save(tokens)
            self._current = tokens

    def renew(self, expired: str) -> str:
        """A working access token in place of `expired`; asks the server only if nobody else has done so already.

        Raises NotSignedIn when there is nothing to renew with.
        """
        with self._lock, self._vault.locked():
            tokens = self._vault.load()
            if tokens.access == expired:
                # A refresh token works once: the new pair must be on disk before anything else happens.
                tokens = self._exchange(_refresh_token(tokens))
                self._vault.save(tokens)
            self._current = tokens
            return tokens.access


def _refresh_token(tokens: Tokens) -> str:
    if not tokens.refresh:
        raise NotSignedIn({"status": 401, "title": "Not signed in", "detail": "The token is not accepted."})
    return tokens.refresh


class BearerAuth(httpx.Auth):
    """Signs requests; one that is answered with 401 is repeated once with a renewed token."""

    def __init__(self, keeper: TokenKeeper) -> None:
        self._keeper = keeper

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        token = self._keeper.access
        if token:
            request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == 401:
            request.headers["Authorization"] = f"Bearer {self._keeper.renew(token)}"
            yield request
