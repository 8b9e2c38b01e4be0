"""Accounts, sessions and tickets."""

from typing import Any
from urllib.parse import quote, unquote

from flask_limiter.util import get_remote_address

from server.domain.policy import Actor, Keys
from server.services.accounts import TICKET_LIFE_S, Accounts
from server.web import answers, schemas
from server.web.guesses import Guesses
from server.web.limits import By, Rate
from server.web.routing import Access, route


class AccountRoutes:
    def __init__(self, accounts: Accounts, guesses: Guesses) -> None:
        self._accounts = accounts
        self._guesses = guesses

    @route(
        "POST", "/auth/register", access=Access.PUBLIC, body=schemas.Registration, answer=answers.UserAnswer,
        status=201, problems=(403, 409), rates=(Rate("30/hour"),),
    )  # fmt: skip
    def register(self, body: schemas.Registration) -> dict[str, Any]:
        """Create an account"""
        return {"user": self._accounts.register(body.email, body.password)}

    @route(
        "POST", "/auth/login", access=Access.PUBLIC, body=schemas.Credentials, answer=answers.Tokens,
        problems=(401, 403), rates=(Rate("60/minute"),),
    )  # fmt: skip
    def login(self, body: schemas.Credentials) -> dict[str, Any]:
        """Sign in

        Who fails too often waits, whether or not there is such an account.
        """
        with self._guesses.guess(body.email, get_remote_address()):
            return self._accounts.login(body.email, body.password)

    @route("POST", "/auth/refresh", access=Access.REFRESH, answer=answers.Tokens, rates=(Rate("120/minute"),))
    def refresh(self, token: str) -> dict[str, Any]:
        """Exchange a refresh token for new tokens

        The old one is spent; using it again ends the session.
        """
        return self._accounts.refresh(token)

    @route("POST", "/auth/logout", scope=Keys.NEVER, status=204)
    def logout(self, actor: Actor) -> tuple[str, int]:
        """End the session

        Its tokens are dead from then on.
        """
        self._accounts.logout(actor)
        return "", 204

    @route("POST", "/me/sign-out", scope=Keys.NEVER, status=204)
    def sign_out_everywhere(self, actor: Actor) -> tuple[str, int]:
        """End all your sessions

        This one too; API keys stay.
        """
        self._accounts.sign_out_everywhere(actor)
        return "", 204

    @route("GET", "/me", scope=Keys.ANY, answer=answers.Me)
    def profile(self, actor: Actor) -> dict[str, Any]:
        """Show your account, quota and usage"""
        return self._accounts.profile(actor)

    @route(
        "PUT",
        "/me/password",
        scope=Keys.NEVER,
        body=schemas.PasswordChange,
        status=204,
        rates=(Rate("10/minute", By.USER), Rate("20/hour", By.USER)),  # the present password can be guessed here, too
    )
    def change_password(self, actor: Actor, body: schemas.PasswordChange) -> tuple[str, int]:
        """Change your password

        Your other sessions end.
        """
        self._accounts.change_password(actor, body.current_password, body.new_password)
        return "", 204

    @route(
        "POST", "/tickets", scope=Keys.NEVER, body=schemas.TicketRequest, answer=answers.Ticket, status=201,
        rates=(Rate("240/minute", By.USER),),
    )  # fmt: skip
    def ticket(self, actor: Actor, body: schemas.TicketRequest) -> dict[str, Any]:
        """Sign a download's URL

        It works without a header, for a minute, for this path only, and no longer than the session.
        """
        path = unquote(body.path)
        url = f"{quote(path)}?ticket={self._accounts.issue_ticket(actor, path)}"
        return {"url": url, "expires_in": TICKET_LIFE_S}
