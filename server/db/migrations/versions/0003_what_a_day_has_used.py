"""What each tenant has used of a day, and an index that tells how long runs take"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "daily_use",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("runs", sa.BigInteger(), nullable=False),
        sa.Column("cpu_s", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_daily_use_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "day", name="pk_daily_use"),
    )
    op.drop_index("ix_runs_finished", "runs")
    op.create_index("ix_runs_finished", "runs", ["finished_at", "started_at"])


def downgrade() -> None:
    op.drop_index("ix_runs_finished", "runs")
    op.create_index("ix_runs_finished", "runs", ["finished_at"])
    op.drop_table("daily_use")
