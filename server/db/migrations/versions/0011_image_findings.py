"""What was found out about an image before it was pulled: is it signed, what did its scan find"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("images", sa.Column("signed", sa.Boolean(), nullable=True))
    op.add_column("images", sa.Column("findings", sa.JSON(), nullable=True))


def downgrade() -> None:
    for column in ("findings", "signed"):
        op.drop_column("images", column)
