"""Templates: programs to start from."""

from typing import Any

from server.domain.policy import Actor, Keys
from server.services.templates import Templates
from server.web import answers
from server.web.routing import route


class TemplateRoutes:
    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    @route("GET", "/templates", scope=Keys.ANY, answer=answers.TemplatePage)
    def list(self, actor: Actor) -> dict[str, Any]:
        """List the templates"""
        return {"items": self._templates.all(), "next": None}

    @route("GET", "/templates/<name>", scope=Keys.ANY, answer=answers.Template)
    def get(self, actor: Actor, name: str) -> dict[str, Any]:
        """Show a template"""
        return self._templates.get(name)
