"""For operators: images, from a registry to what runs start on. All but rollbacks are asked for, and happen later."""

from typing import Any

from server.domain.policy import Actor, Scope
from server.services.images import Images, as_request
from server.web import image_shapes as shapes
from server.web import schemas
from server.web.routing import route


class ImageRoutes:
    def __init__(self, images: Images) -> None:
        self._images = images

    @route("GET", "/images", scope=Scope.ADMIN, answer=shapes.ImagePage, problems=(403,))
    def images(self, actor: Actor) -> dict[str, Any]:
        """List the images that runs may use, and how each host is with them"""
        return {"items": self._images.images(actor), "next": None}

    @route(
        "POST", "/images/pulls", scope=Scope.ADMIN, body=shapes.PullRequest, answer=shapes.Pull, status=202,
        problems=(403,),
    )  # fmt: skip
    def pull(self, actor: Actor, body: shapes.PullRequest) -> dict[str, Any]:
        """Pull an image onto every host, and switch an alias to it

        It is resolved to a digest, examined, pulled, verified and tried out on each host; once a quorum of hosts is
        ready and keeps sandboxes of it ready, the alias is switched. `GET /images/pulls/ID` tells how far it is.
        """
        return self._images.pull(actor, as_request(body.model_dump()))

    @route("GET", "/images/pulls", scope=Scope.ADMIN, query=schemas.PageQuery, answer=shapes.PullPage, problems=(403,))
    def pulls(self, actor: Actor, query: schemas.PageQuery) -> dict[str, Any]:
        """List the pulls, newest first"""
        items, following = self._images.pulls(actor, limit=query.limit, cursor=query.cursor)
        return {"items": items, "next": following}

    @route("GET", "/images/pulls/<pull_id>", scope=Scope.ADMIN, answer=shapes.Pull, problems=(403,))
    def get_pull(self, actor: Actor, pull_id: str) -> dict[str, Any]:
        """Show a pull, and how far each host is with it"""
        return self._images.get_pull(actor, pull_id)

    @route(
        "POST", "/images/aliases/<alias>/activate", scope=Scope.ADMIN, body=shapes.ActivateRequest, answer=shapes.Pull,
        status=202, problems=(403,),
    )  # fmt: skip
    def activate(self, actor: Actor, alias: str, body: shapes.ActivateRequest) -> dict[str, Any]:
        """Switch an alias to an image that hosts have

        As after a pull: once a quorum of hosts is ready, and their sandboxes wait.
        """
        return self._images.activate(actor, alias, body.image, body.quorum)

    @route(
        "POST", "/images/aliases/<alias>/rollback", scope=Scope.ADMIN, answer=shapes.Switched, problems=(403, 409, 422)
    )
    def rollback(self, actor: Actor, alias: str) -> dict[str, Any]:
        """Switch an alias back to the image before, at once"""
        return self._images.rollback(actor, alias)

    @route(
        "POST", "/images/prune", scope=Scope.ADMIN, body=shapes.PruneRequest, answer=shapes.PrunedPage, problems=(403,)
    )
    def prune(self, actor: Actor, body: shapes.PruneRequest) -> dict[str, Any]:
        """Have hosts remove images that nobody needs

        Those that are active, previous, in use or under way stay, and so do the newest of the others.
        """
        return {"items": self._images.prune(actor, keep=body.keep, dry_run=body.dry_run), "next": None}

    @route("POST", "/images/verify", scope=Scope.ADMIN, answer=shapes.VerifyAnswer, status=202, problems=(403,))
    def verify(self, actor: Actor) -> dict[str, Any]:
        """Have every host look again at the images that it has"""
        return self._images.verify(actor)
