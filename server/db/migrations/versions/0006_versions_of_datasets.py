"""Versions of datasets, uploads that go on after a cut, and which runs used what"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not as a batch: see 0002.
    op.add_column("datasets", sa.Column("series_id", sa.String(length=32), nullable=False, server_default=""))
    op.add_column("datasets", sa.Column("version", sa.BigInteger(), nullable=False, server_default="1"))
    op.execute("update datasets set series_id = id")
    op.create_index("ix_datasets_series", "datasets", ["series_id", "version"], unique=True)
    op.create_table(
        "uploads",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("series_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_uploads_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
    )
    op.create_index("ix_uploads_user_id", "uploads", ["user_id"])
    op.create_index("ix_uploads_expires_at", "uploads", ["expires_at"])
    op.create_table(
        "run_datasets",
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("dataset_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_run_datasets_run_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "dataset_id", name="pk_run_datasets"),
    )
    op.create_index("ix_run_datasets_dataset_id", "run_datasets", ["dataset_id"])
    _note_earlier_runs()


def _note_earlier_runs() -> None:
    runs = sa.table("runs", sa.column("id", sa.String), sa.column("datasets", sa.JSON))
    used = sa.table("run_datasets", sa.column("run_id", sa.String), sa.column("dataset_id", sa.String))
    found = op.get_bind().execute(sa.select(runs.c.id, runs.c.datasets)).all()
    pairs = {(run_id, mount["id"]) for run_id, mounts in found for mount in mounts}
    if pairs:
        op.bulk_insert(used, [{"run_id": run_id, "dataset_id": dataset_id} for run_id, dataset_id in sorted(pairs)])


def downgrade() -> None:
    op.drop_table("run_datasets")
    op.drop_table("uploads")
    op.drop_index("ix_datasets_series", "datasets")
    op.drop_column("datasets", "version")
    op.drop_column("datasets", "series_id")
