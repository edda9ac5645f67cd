"""statistics"""

import sqlalchemy as sa
from alembic import op

import marketplace.database
from marketplace.ledger.triggers import statements

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

def upgrade():
    op.create_table(
        "published_table",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("table", sa.String(length=4), nullable=False),
        sa.Column("period", sa.String(length=12), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["user.id"], name=op.f("fk_published_table_published_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_table")),
        sa.UniqueConstraint("table", "period", name="uq_published_table_period"),
    )
    with op.batch_alter_table("published_table", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_published_table_period"), ["period"], unique=False)
    for statement in statements("published_table", op.get_bind().dialect.name):
        op.execute(statement)


def downgrade():
    op.execute("DELETE FROM audit_entry WHERE tag = 'statistics:published'")
    op.drop_table("published_table")
