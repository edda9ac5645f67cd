"""leases of the background work, and since when each row waits"""

import sqlalchemy as sa
from alembic import op

from marketplace.database import Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("taken_at", Instant(timezone=True), nullable=False),
        sa.Column("until", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.add_column("outbox_row", sa.Column("put_at", Instant(timezone=True), nullable=True))
    op.execute("UPDATE outbox_row SET put_at = due_at")
    with op.batch_alter_table("outbox_row", schema=None) as batch_op:
        batch_op.alter_column("put_at", existing_type=Instant(timezone=True), nullable=False)


def downgrade():
    with op.batch_alter_table("outbox_row", schema=None) as batch_op:
        batch_op.drop_column("put_at")
    op.drop_table("lease")
