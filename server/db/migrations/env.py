"""Run by Alembic; `server.db.migrate` hands over the connection, within a transaction."""

from alembic import context

import server.db.image_models  # noqa: F401  # its tables are part of the metadata
from server.db.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite alters a table by making it anew
)
with context.begin_transaction():
    context.run_migrations()
