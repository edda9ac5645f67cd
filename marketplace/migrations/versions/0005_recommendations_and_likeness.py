"""recommendations, shown lists and listings that are alike"""

import sqlalchemy as sa
from alembic import op

import marketplace.database
from marketplace.audit import Tag

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def instant(name, *, nullable=False):
    return sa.Column(name, marketplace.database.Instant(timezone=True), nullable=nullable)


def known_tag():
    # Of the code and not written out, so that migrations that add tags need not know each other.
    return marketplace.database.enum_column(Tag)


def upgrade():
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.alter_column("tag", existing_type=known_tag(), type_=known_tag(), nullable=False)
    for table in ("organization", "need", "result"):
        op.add_column(table, sa.Column("contact_limit", sa.Integer(), nullable=True))

    op.create_table(
        "push_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        instant("made_at"),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("recipe", sa.String(length=64), nullable=False),
        sa.Column("need_index", sa.String(length=64), nullable=False),
        sa.Column("result_index", sa.String(length=64), nullable=False),
        sa.Column("limits", sa.String(length=64), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_run")),
    )
    op.create_index(op.f("ix_push_run_day"), "push_run", ["day"])

    op.create_table(
        "match",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column("need_revision", sa.Integer(), nullable=False),
        sa.Column("result_revision", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["push_run.id"], name=op.f("fk_match_run_id_push_run"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_match_need_id_need")),
        sa.ForeignKeyConstraint(
            ["result_id"], ["result.id"], name=op.f("fk_match_result_id_result")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match")),
        sa.UniqueConstraint("run_id", "need_id", "result_id", name="uq_match_run_pair"),
    )
    op.create_index("ix_match_run_result", "match", ["run_id", "result_id"])

    op.create_table(
        "shown_list",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("against", sa.String(length=16), nullable=False),
        sa.Column("recipe", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        instant("first_shown_at"),
        instant("last_shown_at"),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_shown_list")),
    )
    op.create_index(op.f("ix_shown_list_subject"), "shown_list", ["subject"])
    op.create_index(op.f("ix_shown_list_last_shown_at"), "shown_list", ["last_shown_at"])

    op.create_table(
        "like_pair",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("first_revision", sa.Integer(), nullable=False),
        sa.Column("second_revision", sa.Integer(), nullable=False),
        sa.Column("resemblance", sa.Double(), nullable=False),
        instant("found_at"),
        sa.Column(
            "verdict",
            sa.Enum(
                "same",
                "different",
                name="known_verdict",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        instant("decided_at", nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("first_id < second_id", name=op.f("like_pair_in_order")),
        sa.CheckConstraint(
            "(verdict IS NULL) = (decided_at IS NULL)", name=op.f("like_pair_verdict_has_instant")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user.id"], name=op.f("fk_like_pair_decided_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_like_pair")),
        sa.UniqueConstraint("kind", "first_id", "second_id", name="uq_like_pair_pair"),
    )

    op.create_table(
        "common_need",
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_common_need_need_id_need")),
        sa.ForeignKeyConstraint(["lead_id"], ["need.id"], name=op.f("fk_common_need_lead_id_need")),
        sa.PrimaryKeyConstraint("need_id", name=op.f("pk_common_need")),
    )
    op.create_index(op.f("ix_common_need_lead_id"), "common_need", ["lead_id"])


def downgrade():
    for table in ("common_need", "like_pair", "shown_list", "match", "push_run"):
        op.drop_table(table)
    for table in ("result", "need", "organization"):
        op.drop_column(table, "contact_limit")
