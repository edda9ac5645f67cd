"""ledger"""

import sqlalchemy as sa
from alembic import op

import marketplace.database
from marketplace.ledger.triggers import statements

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "ledger_entry",
    "ledger_node",
    "ledger_figure",
    "ledger_figure_part",
    "ledger_head",
    "ledger_period",
)


def upgrade():
    op.create_table(
        "ledger_disclosure",
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("purged_at", marketplace.database.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("commitment", name=op.f("pk_ledger_disclosure")),
    )
    with op.batch_alter_table("ledger_disclosure", schema=None) as batch_op:
        batch_op.create_index(
            "ix_ledger_disclosure_subject_field", ["subject", "field"], unique=False
        )

    op.create_table(
        "ledger_entry",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("previous", sa.LargeBinary(length=32), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "registered",
                "reversed",
                "cancelled",
                "revoked",
                "income_verified",
                name="known_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("previous", name=op.f("uq_ledger_entry_previous")),
        sa.UniqueConstraint("subject", "kind", "version", name="uq_ledger_entry_key"),
    )
    op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("algorithm", sa.String(length=16), nullable=False),
        sa.Column("signed_at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("signatures", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_head")),
    )
    with op.batch_alter_table("ledger_head", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_head_size"), ["size"], unique=False)

    op.create_table(
        "ledger_node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "index",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("level", "index", name=op.f("pk_ledger_node")),
    )
    op.create_table(
        "ledger_period",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("closed_at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_ledger_period")),
    )
    op.create_table(
        "ledger_figure",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("deal", sa.BigInteger(), nullable=False),
        sa.Column("technology", sa.BigInteger(), nullable=False),
        sa.Column("income", sa.BigInteger(), nullable=False),
        sa.Column("commission", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=8), nullable=False),
        sa.Column("field", sa.String(length=8), nullable=False),
        sa.Column("goal", sa.String(length=8), nullable=False),
        sa.Column("industry", sa.String(length=8), nullable=False),
        sa.Column("ip", sa.String(length=8), nullable=False),
        sa.Column("plan", sa.String(length=8), nullable=False),
        sa.Column("payment", sa.String(length=8), nullable=False),
        sa.Column("point", sa.String(length=8), nullable=False),
        sa.Column("trade", sa.String(length=16), nullable=False),
        sa.Column("related", sa.Boolean(), nullable=False),
        sa.Column("zone", sa.Boolean(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("seller_nature", sa.String(length=8), nullable=False),
        sa.Column("seller_region", sa.String(length=6), nullable=False),
        sa.Column("seller_country", sa.String(length=3), nullable=False),
        sa.Column("buyer_nature", sa.String(length=8), nullable=False),
        sa.Column("buyer_region", sa.String(length=6), nullable=False),
        sa.Column("buyer_country", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["position"],
            ["ledger_entry.position"],
            name=op.f("fk_ledger_figure_position_ledger_entry"),
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_ledger_figure")),
    )
    with op.batch_alter_table("ledger_figure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_figure_month"), ["month"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_figure_number"), ["number"], unique=False)

    op.create_table(
        "ledger_figure_part",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("country", sa.String(length=3), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["position"],
            ["ledger_entry.position"],
            name=op.f("fk_ledger_figure_part_position_ledger_entry"),
        ),
        sa.PrimaryKeyConstraint("position", "role", "number", name=op.f("pk_ledger_figure_part")),
    )

    for table in APPEND_ONLY:
        for statement in statements(table, op.get_bind().dialect.name):
            op.execute(statement)
    _know_topics("index", "head")


def _know_topics(*topics):
    listed = ", ".join(f"'{topic}'" for topic in topics)
    with op.batch_alter_table("outbox_row", schema=None) as batch_op:
        batch_op.drop_constraint("known_topic", type_="check")
        batch_op.create_check_constraint("known_topic", f"topic IN ({listed})")


def downgrade():
    op.execute("DELETE FROM outbox_row WHERE topic = 'head'")
    _know_topics("index")
    op.drop_table("ledger_figure_part")
    with op.batch_alter_table("ledger_figure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_figure_number"))
        batch_op.drop_index(batch_op.f("ix_ledger_figure_month"))

    op.drop_table("ledger_figure")
    op.drop_table("ledger_period")
    op.drop_table("ledger_node")
    with op.batch_alter_table("ledger_head", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_head_size"))

    op.drop_table("ledger_head")
    op.drop_table("ledger_entry")
    with op.batch_alter_table("ledger_disclosure", schema=None) as batch_op:
        batch_op.drop_index("ix_ledger_disclosure_subject_field")

    op.drop_table("ledger_disclosure")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")
