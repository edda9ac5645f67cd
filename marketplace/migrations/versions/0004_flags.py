"""flags that officers set on cases"""

import sqlalchemy as sa
from alembic import op

import marketplace.database

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "contract_flag",
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_contract_flag_by_id_user")),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_contract_flag_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_flag")),
        sa.UniqueConstraint("contract_id", name="uq_contract_flag"),
    )
    with op.batch_alter_table("contract_flag", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contract_flag_contract_id"), ["contract_id"], unique=False
        )


def downgrade():
    with op.batch_alter_table("contract_flag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_flag_contract_id"))

    op.drop_table("contract_flag")
