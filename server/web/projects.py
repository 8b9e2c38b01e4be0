"""Projects."""

from typing import Any

from server.domain.policy import Actor, Scope
from server.services.projects import Projects
from server.web import answers, schemas
from server.web.limits import By, Rate
from server.web.routing import PREFIX, route

Created = tuple[dict[str, Any], int, dict[str, str]]


class ProjectRoutes:
    def __init__(self, projects: Projects) -> None:
        self._projects = projects

    @route(
        "POST", "/projects", scope=Scope.PROJECTS_WRITE, body=schemas.ProjectRequest, answer=answers.Project,
        status=201, rates=(Rate("120/minute", By.USER),),
    )  # fmt: skip
    def create(self, actor: Actor, body: schemas.ProjectRequest) -> Created:
        """Create a project"""
        project = self._projects.create(actor, body.name, body.entrypoint, body.files)
        return project, 201, _etag(project) | {"Location": f"{PREFIX}/projects/{project['id']}"}

    @route("GET", "/projects", scope=Scope.PROJECTS_READ, query=schemas.PageQuery, answer=answers.ProjectPage)
    def list(self, actor: Actor, query: schemas.PageQuery) -> dict[str, Any]:
        """List your projects, newest first, without their files"""
        items, following = self._projects.page(actor, limit=query.limit, cursor=query.cursor)
        return {"items": items, "next": following}

    @route("GET", "/projects/<project_id>", scope=Scope.PROJECTS_READ, answer=answers.Project)
    def get(self, actor: Actor, project_id: str) -> Created:
        """Show a project"""
        project = self._projects.get(actor, project_id)
        return project, 200, _etag(project)

    @route(
        "PATCH", "/projects/<project_id>", scope=Scope.PROJECTS_WRITE, body=schemas.ProjectChange,
        headers=schemas.ChangeHeaders, answer=answers.Project, problems=(412,), rates=(Rate("240/minute", By.USER),),
    )  # fmt: skip
    def update(
        self, actor: Actor, project_id: str, body: schemas.ProjectChange, headers: schemas.ChangeHeaders
    ) -> Created:
        """Change a project

        With If-Match, only if it is still of that version.
        """
        changes = body.model_dump(exclude_unset=True)
        project = self._projects.update(actor, project_id, changes, headers.version)
        return project, 200, _etag(project)

    @route("DELETE", "/projects/<project_id>", scope=Scope.PROJECTS_WRITE, status=204)
    def delete(self, actor: Actor, project_id: str) -> tuple[str, int]:
        """Delete a project; its runs stay"""
        self._projects.delete(actor, project_id)
        return "", 204


def _etag(project: dict[str, Any]) -> dict[str, str]:
    return {"ETag": f'"{project["version"]}"'}
