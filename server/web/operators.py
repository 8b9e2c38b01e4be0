"""For operators: accounts, the audit trail and hosts."""

from typing import Any

from server.domain.policy import Actor, Scope
from server.services.operators import Operators
from server.web import answers, schemas
from server.web.routing import route


class OperatorRoutes:
    def __init__(self, operators: Operators) -> None:
        self._operators = operators

    @route("GET", "/users", scope=Scope.ADMIN, query=schemas.PageQuery, answer=answers.AccountPage, problems=(403,))
    def users(self, actor: Actor, query: schemas.PageQuery) -> dict[str, Any]:
        """List the accounts, newest first"""
        items, following = self._operators.users(actor, limit=query.limit, cursor=query.cursor)
        return {"items": items, "next": following}

    @route(
        "PATCH",
        "/users/<user_id>",
        scope=Scope.ADMIN,
        body=schemas.UserChange,
        answer=answers.Account,
        problems=(403, 409),
    )
    def update_user(self, actor: Actor, user_id: str, body: schemas.UserChange) -> dict[str, Any]:
        """Change an account's role or quota, or disable it"""
        return self._operators.update_user(actor, user_id, body.model_dump(exclude_unset=True))

    @route("GET", "/audit", scope=Scope.ADMIN, query=schemas.PageQuery, answer=answers.AuditPage, problems=(403,))
    def audit(self, actor: Actor, query: schemas.PageQuery) -> dict[str, Any]:
        """List who did what, newest first"""
        items, following = self._operators.audit(actor, limit=query.limit, cursor=query.cursor)
        return {"items": items, "next": following}

    @route("GET", "/hosts", scope=Scope.ADMIN, answer=answers.HostPage, problems=(403,))
    def hosts(self, actor: Actor) -> dict[str, Any]:
        """List the hosts that execute runs"""
        return {"items": self._operators.hosts(actor), "next": None}
