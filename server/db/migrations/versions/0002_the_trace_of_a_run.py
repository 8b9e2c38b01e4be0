"""The trace of a run, and indexes that answer without reading the wide rows of runs"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not as a batch: SQLite would make the table anew, and dropping the old one would take what refers to it along.
    op.add_column("runs", sa.Column("trace", sa.JSON(), nullable=True))
    op.drop_index("ix_runs_state", "runs")
    op.create_index("ix_runs_state", "runs", ["state", "user_id", "id"])
    op.create_index("ix_runs_storage", "runs", ["user_id", "artifact_bytes", "output_bytes"])


def downgrade() -> None:
    op.drop_index("ix_runs_storage", "runs")
    op.drop_index("ix_runs_state", "runs")
    op.create_index("ix_runs_state", "runs", ["state", "user_id"])
    op.drop_column("runs", "trace")
