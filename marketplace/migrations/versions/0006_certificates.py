"""certificates"""

import sqlalchemy as sa
from alembic import op

import marketplace.database
from marketplace.ledger.triggers import statements

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MORE_TAGS = ("certificate:issued", "list:asked", "list:issued")
APPEND_ONLY = ("certificate", "registration_list_line")


def upgrade():
    op.create_table(
        "certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("head_size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("issued_at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name="certificate_has_version"),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_certificate_contract_id_contract")
        ),
        sa.ForeignKeyConstraint(
            ["position"], ["ledger_entry.position"], name=op.f("fk_certificate_position_ledger_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("contract_id", "version", name="uq_certificate_of_version"),
        sa.UniqueConstraint("digest", name=op.f("uq_certificate_digest")),
    )
    op.create_table(
        "registration_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seller", sa.String(length=200), nullable=False),
        sa.Column("large", sa.Boolean(), nullable=False),
        sa.Column("asked_at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("issued_at", marketplace.database.Instant(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(digest IS NULL) = (issued_at IS NULL)", name="issued_list_has_file"
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["user.id"], name=op.f("fk_registration_list_asked_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_list")),
        sa.UniqueConstraint("digest", name=op.f("uq_registration_list_digest")),
    )
    op.create_table(
        "registration_list_line",
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_registration_list_line_contract_id_contract"),
        ),
        sa.ForeignKeyConstraint(
            ["list_id"],
            ["registration_list.id"],
            name=op.f("fk_registration_list_line_list_id_registration_list"),
        ),
        sa.PrimaryKeyConstraint("list_id", "position", name=op.f("pk_registration_list_line")),
    )
    with op.batch_alter_table("registration_list_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_registration_list_line_contract_id"), ["contract_id"], unique=False
        )
    for table in APPEND_ONLY:
        for statement in statements(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade():
    with op.batch_alter_table("registration_list_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_registration_list_line_contract_id"))
    op.drop_table("registration_list_line")
    op.drop_table("registration_list")
    op.drop_table("certificate")
    gone = ", ".join(f"'{tag}'" for tag in MORE_TAGS)
    op.execute(f"DELETE FROM audit_entry WHERE tag IN ({gone})")
