"""Secrets: set, listed by name, deleted; never shown."""

from typing import Any

from server.domain.errors import Invalid
from server.domain.policy import Actor, Scope
from server.services.secrets import Secrets
from server.web import answers, schemas
from server.web.limits import By, Rate
from server.web.routing import route

MAX_NAME = 128


class SecretRoutes:
    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    @route("GET", "/secrets", scope=Scope.SECRETS_READ, answer=answers.SecretPage)
    def list(self, actor: Actor) -> dict[str, Any]:
        """List your secrets, by name, without their values"""
        return {"items": self._secrets.all(actor), "next": None}

    @route(
        "PUT", "/secrets/<name>", scope=Scope.SECRETS_WRITE, body=schemas.SecretRequest, answer=answers.Secret,
        problems=(409,), rates=(Rate("60/minute", By.USER),),
    )  # fmt: skip
    def put(self, actor: Actor, name: str, body: schemas.SecretRequest) -> dict[str, Any]:
        """Set a secret

        A run that names it finds the value in its environment. It is never shown again.
        """
        wrong = "is longer than 128 characters" if len(name) > MAX_NAME else schemas.wrong_with_variable(name)
        if wrong:
            raise Invalid.of("name", wrong)
        return self._secrets.put(actor, name, body.value)

    @route("DELETE", "/secrets/<name>", scope=Scope.SECRETS_WRITE, status=204)
    def delete(self, actor: Actor, name: str) -> tuple[str, int]:
        """Delete a secret; programs that were given it keep it"""
        self._secrets.delete(actor, name)
        return "", 204
