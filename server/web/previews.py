"""Previews of datasets."""

from typing import Any

from server.domain.policy import Actor, Scope
from server.services.previews import Previews
from server.web import dataset_answers as answers
from server.web import dataset_schemas as schemas
from server.web.limits import By, Rate
from server.web.routing import route


class PreviewRoutes:
    def __init__(self, previews: Previews) -> None:
        self._previews = previews

    @route(
        "GET", "/datasets/<dataset_id>/preview", scope=Scope.DATASETS_READ, query=schemas.PreviewQuery,
        answer=answers.Preview, rates=(Rate("120/minute", By.USER),),
    )  # fmt: skip
    def get(self, actor: Actor, dataset_id: str, query: schemas.PreviewQuery) -> dict[str, Any]:
        """Preview a dataset

        Of a table (CSV, JSON, JSON Lines): its columns, what they hold, and the first rows. Of an archive: its files'
        names. Of an image: its type; `content` is the image.
        """
        return self._previews.look(actor, dataset_id, **query.model_dump())

    @route(
        "GET", "/datasets/<dataset_id>/rows", scope=Scope.DATASETS_READ, query=schemas.RowsQuery,
        answer=answers.RowPage, rates=(Rate("240/minute", By.USER),),
    )  # fmt: skip
    def rows(self, actor: Actor, dataset_id: str, query: schemas.RowsQuery) -> dict[str, Any]:
        """List the rows of a dataset that is a table, as far as its preview reads"""
        how = query.model_dump(exclude={"cursor"})
        found = self._previews.look(actor, dataset_id, start=int(query.cursor or 0), with_statistics=False, **how)
        return {"items": found["rows"], "next": found["next"]}
