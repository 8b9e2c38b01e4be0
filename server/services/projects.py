"""Projects: files that are edited, and run again and again."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, defer

from server.db.models import Project
from server.db.queries import Page, audit, newest_first
from server.db.session import Database
from server.domain.errors import Invalid, NotFound, Outdated
from server.domain.ids import make_id
from server.domain.policy import Actor, require_owner
from server.domain.times import rfc3339


def describe_project(project: Project, *, files: bool = True) -> dict[str, Any]:
    """A project; lists leave its files out."""
    summary = {
        "id": project.id,
        "name": project.name,
        "entrypoint": project.entrypoint,
        "version": project.version,
        "created_at": rfc3339(project.created_at),
        "updated_at": rfc3339(project.updated_at),
    }
    return summary | {"files": project.files} if files else summary


class Projects:
    """Every call says for whom; what belongs to somebody else raises NotFound."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock

    def create(self, actor: Actor, name: str, entrypoint: str, files: Mapping[str, str]) -> dict[str, Any]:
        """Raises Invalid when the entry point is not among the files."""
        _check_entrypoint(entrypoint, files)
        now = self._clock()
        project = Project(
            id=make_id(int(now.timestamp() * 1000)), user_id=actor.id, name=name, entrypoint=entrypoint,
            files=dict(files), version=1, created_at=now, updated_at=now,
        )  # fmt: skip
        with self._db.transaction() as session:
            session.add(project)
            audit(session, now, actor.id, "project.create", project.id, **actor.via)
        return describe_project(project)

    def get(self, actor: Actor, project_id: str) -> dict[str, Any]:
        with self._db.transaction() as session:
            return describe_project(_own(session, actor, project_id))

    def page(self, actor: Actor, *, limit: int, cursor: str | None) -> Page:
        """A page of the actor's projects, newest first, and the cursor of the next page."""
        query = select(Project).options(defer(Project.files, raiseload=True)).where(Project.user_id == actor.id)
        with self._db.transaction() as session:
            rows, following = newest_first(session, query, Project, limit, cursor)
        return [describe_project(row, files=False) for row in rows], following

    def update(
        self, actor: Actor, project_id: str, changes: Mapping[str, Any], version: int | None = None
    ) -> dict[str, Any]:
        """Sets `name`, `entrypoint` or `files`. Raises Outdated unless `version`, if given, is the present one."""
        with self._db.transaction() as session:
            project = _own(session, actor, project_id)
            wanted = {"entrypoint": project.entrypoint, "files": project.files} | dict(changes)
            _check_entrypoint(wanted["entrypoint"], wanted["files"])
            expected = project.version if version is None else version
            values = {**changes, "version": expected + 1, "updated_at": self._clock()}
            guard = (Project.id == project_id, Project.version == expected)
            changed = session.execute(update(Project).where(*guard).values(values).returning(Project.id)).one_or_none()
            if changed is None:
                raise Outdated
            session.refresh(project)
            audit(session, self._clock(), actor.id, "project.update", project_id, **actor.via)
        return describe_project(project)

    def delete(self, actor: Actor, project_id: str) -> None:
        """Its runs stay."""
        with self._db.transaction() as session:
            _own(session, actor, project_id)
            session.execute(delete(Project).where(Project.id == project_id))
            audit(session, self._clock(), actor.id, "project.delete", project_id, **actor.via)

    def own(self, session: Session, actor: Actor, project_id: str) -> Project:
        """The actor's project that a request names. Raises Invalid, naming the field."""
        try:
            return _own(session, actor, project_id)
        except NotFound:
            raise Invalid.of("project", "there is no such project") from None


def _own(session: Session, actor: Actor, project_id: str) -> Project:
    project = session.get(Project, project_id) if "\0" not in project_id else None
    if project is None:
        raise NotFound
    require_owner(actor, project.user_id)
    return project


def _check_entrypoint(entrypoint: str, files: Mapping[str, str]) -> None:
    if entrypoint not in files:
        raise Invalid.of("entrypoint", f"{entrypoint!r} is not among the files")
