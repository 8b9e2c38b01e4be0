"""What operators do with images and hosts, as the server's API has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from time import sleep
from typing import Any
from urllib.parse import quote

from client.http import Http

__all__ = ["OVER", "Images"]

OVER = frozenset({"active", "ready", "planned", "failed"})
LOOK_S = 0.5


class Images:
    """The images of a server. Answers are as the API gives them."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def everything(self) -> list[dict[str, Any]]:
        """The images that runs may use, and how each host is with them."""
        return list(self._http.items("/images"))

    def hosts(self) -> list[dict[str, Any]]:
        return list(self._http.items("/hosts"))

    def pull(self, ref: str, **options: Any) -> dict[str, Any]:
        """Asks for an image; `options` as the API's body has them. What becomes of it tells `follow`."""
        given = {name: value for name, value in options.items() if value is not None}
        return self._object("POST", "/images/pulls", {"ref": ref, **given})

    def activate(self, alias: str, image: str, quorum: int = 100) -> dict[str, Any]:
        """Asks for an alias to be switched to an image that hosts have."""
        return self._object("POST", f"{_alias(alias)}/activate", {"image": image, "quorum": quorum})

    def rollback(self, alias: str) -> dict[str, Any]:
        """Switches an alias back to the image before."""
        return self._object("POST", f"{_alias(alias)}/rollback")

    def prune(self, keep: int, *, dry_run: bool = False) -> list[dict[str, Any]]:
        """What was decided of each image: `kept` says why it stays, None that it goes."""
        items = self._object("POST", "/images/prune", {"keep": keep, "dry_run": dry_run})["items"]
        return list(items)

    def verify(self) -> str:
        """Asks every host to look again; from when on its `verified_at` counts."""
        return str(self._object("POST", "/images/verify")["requested_at"])

    def get_pull(self, pull_id: str) -> dict[str, Any]:
        return self._object("GET", f"/images/pulls/{quote(pull_id, safe='')}")

    def pulls(self) -> Iterator[dict[str, Any]]:
        """Newest first."""
        return self._http.items("/images/pulls")

    def follow(self, pull: Mapping[str, Any], pause: Callable[[float], None] = sleep) -> Iterator[dict[str, Any]]:
        """A pull as it changes, to its end."""
        now = dict(pull)
        yield now
        while now["state"] not in OVER:
            pause(LOOK_S)
            after = self.get_pull(now["id"])
            if after != now:
                yield after
            now = after

    def _object(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        answer = self._http.call(method, path, json=body) if body is not None else self._http.call(method, path)
        return dict(answer)


def _alias(alias: str) -> str:
    return f"/images/aliases/{quote(alias, safe='')}"
