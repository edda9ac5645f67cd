"""accounts and listings"""

import sqlalchemy as sa
from alembic import op

import marketplace.database

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "organization",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "enterprise",
                "institute",
                "broker",
                "registration_point",
                name="known_organizationkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("created_at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("verified_at", marketplace.database.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
        sa.UniqueConstraint("uscc", name=op.f("uq_organization_uscc")),
    )
    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organization_name"), ["name"], unique=False)

    op.create_table(
        "outbox_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "topic",
            sa.Enum(
                "index", name="known_topic", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("due_at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_row")),
    )
    with op.batch_alter_table("outbox_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_row_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_row_topic"), ["topic"], unique=False)

    op.create_table(
        "need",
        sa.Column("need_type", sa.String(length=20), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "returned",
                "published",
                "in_talks",
                "contracted",
                "solved",
                "closed",
                "expired",
                "withdrawn",
                name="known_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("field", sa.String(length=8), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("league", sa.String(length=6), nullable=False),
        sa.Column("keywords", sa.JSON(), nullable=False),
        sa.Column("indicators", sa.JSON(), nullable=False),
        sa.Column("amount_least", sa.BigInteger(), nullable=True),
        sa.Column("amount_most", sa.BigInteger(), nullable=True),
        sa.Column("negotiable", sa.Boolean(), nullable=False),
        sa.Column("band", sa.String(length=16), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("signed_in_note", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("source_key", sa.String(length=120), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=False),
        sa.Column("created_at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("updated_at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("published_at", marketplace.database.Instant(timezone=True), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state NOT IN ('published', 'in_talks', 'contracted', 'solved') OR published_at IS NOT NULL",
            name=op.f("need_public_has_instant"),
        ),
        sa.CheckConstraint(
            "amount_least IS NULL OR amount_most IS NULL OR amount_least <= amount_most",
            name=op.f("need_least_within_most"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_need_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need")),
        sa.UniqueConstraint("organization_id", "source_key", name="uq_need_source_key"),
    )
    with op.batch_alter_table("need", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_need_organization_id"), ["organization_id"], unique=False
        )
        batch_op.create_index("ix_need_state_band", ["state", "band"], unique=False)
        batch_op.create_index("ix_need_state_field", ["state", "field"], unique=False)
        batch_op.create_index("ix_need_state_league", ["state", "league"], unique=False)
        batch_op.create_index("ix_need_state_published_at", ["state", "published_at"], unique=False)

    op.create_table(
        "result",
        sa.Column("result_kind", sa.String(length=20), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("trl", sa.Integer(), nullable=True),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("ip", sa.JSON(), nullable=False),
        sa.Column("applications", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "returned",
                "published",
                "in_talks",
                "contracted",
                "solved",
                "closed",
                "expired",
                "withdrawn",
                name="known_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("field", sa.String(length=8), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("league", sa.String(length=6), nullable=False),
        sa.Column("keywords", sa.JSON(), nullable=False),
        sa.Column("indicators", sa.JSON(), nullable=False),
        sa.Column("amount_least", sa.BigInteger(), nullable=True),
        sa.Column("amount_most", sa.BigInteger(), nullable=True),
        sa.Column("negotiable", sa.Boolean(), nullable=False),
        sa.Column("band", sa.String(length=16), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("signed_in_note", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("source_key", sa.String(length=120), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=False),
        sa.Column("created_at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("updated_at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("published_at", marketplace.database.Instant(timezone=True), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state NOT IN ('published', 'in_talks', 'contracted', 'solved') OR published_at IS NOT NULL",
            name=op.f("result_public_has_instant"),
        ),
        sa.CheckConstraint(
            "amount_least IS NULL OR amount_most IS NULL OR amount_least <= amount_most",
            name=op.f("result_least_within_most"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_result_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result")),
        sa.UniqueConstraint("organization_id", "source_key", name="uq_result_source_key"),
    )
    with op.batch_alter_table("result", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_result_organization_id"), ["organization_id"], unique=False
        )
        batch_op.create_index("ix_result_state_band", ["state", "band"], unique=False)
        batch_op.create_index("ix_result_state_field", ["state", "field"], unique=False)
        batch_op.create_index("ix_result_state_league", ["state", "league"], unique=False)
        batch_op.create_index(
            "ix_result_state_published_at", ["state", "published_at"], unique=False
        )
        batch_op.create_index("ix_result_state_stage", ["state", "stage"], unique=False)

    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("display_name", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("session_token", sa.String(length=64), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "visitor",
                "enterprise",
                "institute",
                "broker",
                "clerk",
                "reviewer",
                "operator",
                name="known_role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("created_at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_user_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("session_token", name=op.f("uq_user_session_token")),
        sa.UniqueConstraint("username", name=op.f("uq_user_username")),
    )
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_user_organization_id"), ["organization_id"], unique=False
        )

    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column(
            "tag",
            sa.Enum(
                "user:created",
                "user:password-changed",
                "user:password-reset",
                "user:logged-out-everywhere",
                "organization:signed-up",
                "organization:verified",
                "listing:created",
                "listing:changed",
                "listing:moved",
                "listings:imported",
                name="known_tag",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user.id"], name=op.f("fk_audit_entry_actor_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entry_subject"), ["subject"], unique=False)

    op.create_table(
        "need_confidential",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["need.id"], name=op.f("fk_need_confidential_listing_id_need")
        ),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_need_confidential")),
    )
    op.create_table(
        "need_mode",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["need.id"],
            name=op.f("fk_need_mode_listing_id_need"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("listing_id", "mode", name=op.f("pk_need_mode")),
    )
    op.create_table(
        "result_confidential",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["result.id"], name=op.f("fk_result_confidential_listing_id_result")
        ),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_result_confidential")),
    )
    op.create_table(
        "result_mode",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["result.id"],
            name=op.f("fk_result_mode_listing_id_result"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("listing_id", "mode", name=op.f("pk_result_mode")),
    )


def downgrade():
    op.drop_table("result_mode")
    op.drop_table("result_confidential")
    op.drop_table("need_mode")
    op.drop_table("need_confidential")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entry_subject"))
        batch_op.drop_index(batch_op.f("ix_audit_entry_at"))

    op.drop_table("audit_entry")
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_organization_id"))

    op.drop_table("user")
    with op.batch_alter_table("result", schema=None) as batch_op:
        batch_op.drop_index("ix_result_state_stage")
        batch_op.drop_index("ix_result_state_published_at")
        batch_op.drop_index("ix_result_state_league")
        batch_op.drop_index("ix_result_state_field")
        batch_op.drop_index("ix_result_state_band")
        batch_op.drop_index(batch_op.f("ix_result_organization_id"))

    op.drop_table("result")
    with op.batch_alter_table("need", schema=None) as batch_op:
        batch_op.drop_index("ix_need_state_published_at")
        batch_op.drop_index("ix_need_state_league")
        batch_op.drop_index("ix_need_state_field")
        batch_op.drop_index("ix_need_state_band")
        batch_op.drop_index(batch_op.f("ix_need_organization_id"))

    op.drop_table("need")
    with op.batch_alter_table("outbox_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_row_topic"))
        batch_op.drop_index(batch_op.f("ix_outbox_row_due_at"))

    op.drop_table("outbox_row")
    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organization_name"))

    op.drop_table("organization")
