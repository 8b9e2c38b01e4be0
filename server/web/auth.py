"""Who sends a request: an access token in the header, or a ticket in the URL where a route allows it."""

from flask import g, request

from server import telemetry
from server.domain.errors import Unauthenticated
from server.domain.policy import Actor
from server.services.accounts import Accounts


def bearer_token() -> str:
    """The token of the Authorization header. Raises Unauthenticated."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send the header Authorization: Bearer, with an access token.")
    return token.strip()


class Guard:
    """Authenticates requests, each once."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def actor(self, *, tickets: bool = False) -> Actor:
        """Who sends the present request. Raises Unauthenticated."""
        if "actor" not in g:
            g.actor = self._by_ticket() if tickets and "ticket" in request.args else self._by_token()
            telemetry.bind(**{**telemetry.bound_fields(), "user_id": g.actor.id})
        actor: Actor = g.actor
        return actor

    def _by_token(self) -> Actor:
        return self._accounts.authenticate(bearer_token())[0]

    def _by_ticket(self) -> Actor:
        return self._accounts.authenticate_ticket(request.args["ticket"], request.path)
