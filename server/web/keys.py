"""API keys. None of them is managed with an API key."""

from typing import Any

from server.domain.policy import Actor, Keys
from server.services.keys import ApiKeys
from server.web import answers, schemas
from server.web.limits import By, Rate
from server.web.routing import route


class KeyRoutes:
    def __init__(self, keys: ApiKeys) -> None:
        self._keys = keys

    @route(
        "POST", "/keys", scope=Keys.NEVER, body=schemas.KeyRequest, answer=answers.NewKey, status=201, problems=(409,),
        rates=(Rate("30/minute", By.USER),),
    )  # fmt: skip
    def create(self, actor: Actor, body: schemas.KeyRequest) -> dict[str, Any]:
        """Make an API key

        `key` is shown this once. It is sent like an access token, and may do what its scopes say.
        """
        return self._keys.create(actor, body.name, body.scopes, body.expires_at)

    @route("GET", "/keys", scope=Keys.NEVER, query=schemas.PageQuery, answer=answers.KeyPage)
    def list(self, actor: Actor, query: schemas.PageQuery) -> dict[str, Any]:
        """List your API keys, newest first"""
        items, following = self._keys.page(actor, limit=query.limit, cursor=query.cursor)
        return {"items": items, "next": following}

    @route("DELETE", "/keys/<key_id>", scope=Keys.NEVER, status=204)
    def revoke(self, actor: Actor, key_id: str) -> tuple[str, int]:
        """Revoke an API key

        It opens nothing from then on; connections that it opened end.
        """
        self._keys.revoke(actor, key_id)
        return "", 204
