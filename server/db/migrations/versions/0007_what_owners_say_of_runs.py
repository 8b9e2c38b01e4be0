"""The last metrics of runs, what owners say of them, and the links by which they share them"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not as a batch: see 0002.
    op.add_column("runs", sa.Column("last_metrics", sa.JSON(), nullable=True))
    op.add_column("runs", sa.Column("tags", sa.JSON(), nullable=True))
    op.add_column("runs", sa.Column("note", sa.Text(), nullable=True))
    op.add_column("runs", sa.Column("starred", sa.Boolean(), nullable=True))
    op.add_column("runs", sa.Column("share_sha256", sa.String(length=64), nullable=True))
    op.add_column("runs", sa.Column("shared_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_runs_share", "runs", ["share_sha256"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_runs_share", "runs")
    for name in ("shared_at", "share_sha256", "starred", "note", "tags", "last_metrics"):
        op.drop_column("runs", name)
