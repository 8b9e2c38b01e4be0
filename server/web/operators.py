"""For operators: accounts, queue, audit trail, hosts, and how the platform is."""

from typing import Any

from flask import Response

from server.domain.policy import Actor, Keys, Scope
from server.services.board import Board
from server.services.notices import Notices
from server.services.operators import Operators
from server.services.runs import Runs
from server.services.trail import Filter, Trail
from server.web import answers, operator_answers, operator_schemas
from server.web.routing import route


class OperatorRoutes:
    def __init__(self, operators: Operators, trail: Trail) -> None:
        self._operators = operators
        self._trail = trail

    @route(
        "GET", "/users", scope=Scope.ADMIN, query=operator_schemas.UsersQuery, answer=operator_answers.AccountPage,
        problems=(403,),
    )  # fmt: skip
    def users(self, actor: Actor, query: operator_schemas.UsersQuery) -> dict[str, Any]:
        """List the accounts, newest first"""
        items, following = self._operators.users(actor, query.search, limit=query.limit, cursor=query.cursor)
        return {"items": items, "next": following}

    @route(
        "PATCH", "/users/<user_id>", scope=Scope.ADMIN, body=operator_schemas.UserChange,
        answer=operator_answers.Account, problems=(403, 409),
    )  # fmt: skip
    def update_user(self, actor: Actor, user_id: str, body: operator_schemas.UserChange) -> dict[str, Any]:
        """Change an account's role or quota, or disable it

        A disabled account can't sign in; its sessions, connections and API keys open nothing. Its runs go on.
        """
        return self._operators.update_user(actor, user_id, body.model_dump(exclude_unset=True))

    @route("POST", "/users/<user_id>/sign-out", scope=Scope.ADMIN, status=204, problems=(403,))
    def sign_out(self, actor: Actor, user_id: str) -> tuple[str, int]:
        """End all sessions of an account; its API keys stay"""
        self._operators.sign_out(actor, user_id)
        return "", 204

    @route(
        "GET", "/audit", scope=Scope.ADMIN, query=operator_schemas.AuditQuery, answer=operator_answers.AuditPage,
        problems=(403,),
    )  # fmt: skip
    def audit(self, actor: Actor, query: operator_schemas.AuditQuery) -> dict[str, Any]:
        """List who did what, newest first"""
        items, following = self._trail.page(actor, _filter(query), limit=query.limit, cursor=query.cursor)
        return {"items": items, "next": following}

    @route(
        "GET", "/audit.csv", scope=Scope.ADMIN, query=operator_schemas.AuditFilter, content="text/csv", ranges=False,
        problems=(403,),
    )  # fmt: skip
    def audit_csv(self, actor: Actor, query: operator_schemas.AuditFilter) -> Response:
        """Download who did what, as a table, newest first"""
        response = Response(self._trail.csv(actor, _filter(query)), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
        return response

    @route("GET", "/hosts", scope=Scope.ADMIN, answer=operator_answers.HostPage, problems=(403,))
    def hosts(self, actor: Actor) -> dict[str, Any]:
        """List the hosts that execute runs"""
        return {"items": self._operators.hosts(actor), "next": None}


class PlatformRoutes:
    def __init__(self, board: Board, notices: Notices, runs: Runs) -> None:
        self._board = board
        self._notices = notices
        self._runs = runs

    @route("GET", "/overview", scope=Scope.ADMIN, answer=operator_answers.Overview, problems=(403,))
    def overview(self, actor: Actor) -> dict[str, Any]:
        """Show the last day in numbers"""
        return self._board.overview(actor)

    @route("GET", "/settings", scope=Scope.ADMIN, answer=operator_answers.SettingPage, problems=(403,))
    def settings(self, actor: Actor) -> dict[str, Any]:
        """List the settings in force, without secrets"""
        return {"items": self._board.settings(actor), "next": None}

    @route(
        "GET", "/queue", scope=Scope.ADMIN, query=operator_schemas.QueueQuery, answer=operator_answers.Queue,
        problems=(403,),
    )  # fmt: skip
    def queue(self, actor: Actor, query: operator_schemas.QueueQuery) -> dict[str, Any]:
        """List the runs that wait and those under way"""
        return self._board.queue(actor, query.limit)

    @route("POST", "/queue/<run_id>/cancel", scope=Scope.ADMIN, status=204, problems=(403, 409))
    def cancel(self, actor: Actor, run_id: str) -> tuple[str, int]:
        """Ask for the end of anybody's run"""
        self._runs.cancel_anybodys(actor, run_id)
        return "", 204

    @route("GET", "/notice", scope=Keys.ANY, answer=answers.Notice)
    def notice(self, actor: Actor) -> dict[str, Any]:
        """Show what operators tell everybody, and whether runs start"""
        return self._notices.get()

    @route(
        "PATCH", "/notice", scope=Scope.ADMIN, body=operator_schemas.NoticeChange, answer=answers.Notice,
        problems=(403,),
    )  # fmt: skip
    def change_notice(self, actor: Actor, body: operator_schemas.NoticeChange) -> dict[str, Any]:
        """Tell everybody something, or let no run start

        While draining, new runs are queued and those under way go on; when it ends, the queue moves again.
        """
        return self._notices.change(actor, body.model_dump(exclude_unset=True))


def _filter(query: operator_schemas.AuditFilter) -> Filter:
    return Filter(query.actor, query.verb, query.thing, query.since, query.until)
