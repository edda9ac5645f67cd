"""statistics"""

import sqlalchemy as sa
from alembic import op

import marketplace.database
from marketplace.ledger.triggers import statements

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TAGS = (
    "user:created", "user:password-changed", "user:password-reset", "user:logged-out-everywhere",
    "organization:signed-up", "organization:verified", "listing:created", "listing:changed",
    "listing:moved", "listings:imported", "contract:created", "contract:changed",
    "contract:moved", "contract:examined", "contract:purged", "income:declared",
    "income:verified", "income:returned", "point:opened", "point:closed", "point:staffed",
)  # fmt: skip


def _know_tags(*tags):
    listed = ", ".join(f"'{tag}'" for tag in tags)
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_constraint("known_tag", type_="check")
        batch_op.create_check_constraint("known_tag", f"tag IN ({listed})")


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
    _know_tags(*TAGS, "statistics:published")


def downgrade():
    op.execute("DELETE FROM audit_entry WHERE tag = 'statistics:published'")
    _know_tags(*TAGS)
    op.drop_table("published_table")
