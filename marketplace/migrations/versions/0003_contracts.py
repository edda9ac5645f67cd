"""contracts"""

import sqlalchemy as sa
from alembic import op

import marketplace.database

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


ROLES = ("visitor", "enterprise", "institute", "broker", "clerk", "reviewer", "operator")
MORE_ROLES = ("authority", "expert", "tax")
KINDS = ("enterprise", "institute", "broker", "registration_point")
MORE_KINDS = ("authority", "tax_or_finance")
TOPICS = ("index", "head")
MORE_TOPICS = ("certificate", "export")


def _know(table, column, constraint, values):
    listed = ", ".join(f"'{value}'" for value in values)
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.drop_constraint(constraint, type_="check")
        batch_op.create_check_constraint(constraint, f"{column} IN ({listed})")


def upgrade():
    _know("user", "role", "known_role", ROLES + MORE_ROLES)
    _know("organization", "kind", "known_organizationkind", KINDS + MORE_KINDS)
    _know("outbox_row", "topic", "known_topic", TOPICS + MORE_TOPICS)
    op.create_table(
        "registration_point",
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column(
            "host_kind",
            sa.Enum(
                "league",
                "banner",
                "university",
                "institute",
                "park",
                name="known_hostkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("host_id", sa.Integer(), nullable=True),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("serves", sa.JSON(), nullable=False),
        sa.Column("limit_fen", sa.BigInteger(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("successor_code", sa.String(length=6), nullable=True),
        sa.CheckConstraint(
            "host_kind NOT IN ('university', 'institute') OR host_id IS NOT NULL",
            name=op.f("institution_point_has_host"),
        ),
        sa.CheckConstraint(
            "closed_on IS NULL OR closed_on >= opened_on", name=op.f("point_closes_after_it_opened")
        ),
        sa.CheckConstraint("length(code) = 6", name=op.f("point_code_has_six_digits")),
        sa.ForeignKeyConstraint(
            ["host_id"],
            ["organization.id"],
            name=op.f("fk_registration_point_host_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_registration_point_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["successor_code"],
            ["registration_point.code"],
            name=op.f("fk_registration_point_successor_code_registration_point"),
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_registration_point")),
        sa.UniqueConstraint("organization_id", name=op.f("uq_registration_point_organization_id")),
    )
    op.create_table(
        "contract",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "supplement",
                "accepted",
                "review1",
                "expert",
                "review2",
                "registered",
                "refused",
                "withdrawn",
                "change_pending",
                "cancel_pending",
                "cancelled",
                "revoked",
                "reexam",
                name="known_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("typist_id", sa.Integer(), nullable=True),
        sa.Column("point_code", sa.String(length=6), nullable=False),
        sa.Column("previous_id", sa.Integer(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("project_name", sa.String(length=200), nullable=False),
        sa.Column("type", sa.String(length=2), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("begins_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("term_text", sa.String(length=200), nullable=False),
        sa.Column("deal_amount", sa.BigInteger(), nullable=True),
        sa.Column("deal_words", sa.String(length=100), nullable=False),
        sa.Column("technology_amount", sa.BigInteger(), nullable=True),
        sa.Column("payment", sa.String(length=2), nullable=False),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.Column("tax_relief", sa.Boolean(), nullable=False),
        sa.Column("related", sa.Boolean(), nullable=False),
        sa.Column("relation", sa.String(length=200), nullable=False),
        sa.Column("related_share", sa.Integer(), nullable=False),
        sa.Column("plan", sa.String(length=4), nullable=False),
        sa.Column("plan_number", sa.String(length=60), nullable=False),
        sa.Column("field", sa.String(length=4), nullable=False),
        sa.Column("goal", sa.String(length=4), nullable=False),
        sa.Column("industry", sa.String(length=5), nullable=False),
        sa.Column("new_investment", sa.BigInteger(), nullable=True),
        sa.Column("new_output", sa.BigInteger(), nullable=True),
        sa.Column("trade", sa.String(length=8), nullable=False),
        sa.Column("country", sa.String(length=3), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("foreign_amount", sa.BigInteger(), nullable=True),
        sa.Column("rate", sa.Numeric(precision=18, scale=8), nullable=True),
        sa.Column("rate_on", sa.Date(), nullable=True),
        sa.Column("trade_number", sa.String(length=60), nullable=False),
        sa.Column("licence", sa.String(length=12), nullable=False),
        sa.Column("licence_territory", sa.String(length=100), nullable=False),
        sa.Column("licence_use", sa.String(length=100), nullable=False),
        sa.Column("licence_until", sa.Date(), nullable=True),
        sa.Column("parent_number", sa.String(length=16), nullable=False),
        sa.Column("foreign_language", sa.Boolean(), nullable=False),
        sa.Column("department_signed", sa.Boolean(), nullable=False),
        sa.Column("government_project", sa.Boolean(), nullable=False),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("mixed", sa.Boolean(), nullable=False),
        sa.Column("classified", sa.Boolean(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum(
                "public",
                "masked",
                "private",
                name="known_visibility",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("need_id", sa.Integer(), nullable=True),
        sa.Column("result_id", sa.Integer(), nullable=True),
        sa.Column("match_recipe", sa.String(length=64), nullable=False),
        sa.Column("rules", sa.String(length=16), nullable=False),
        sa.Column("disputed", sa.Boolean(), nullable=False),
        sa.Column("sampled", sa.Boolean(), nullable=False),
        sa.Column("triggers", sa.JSON(), nullable=False),
        sa.Column("created_at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("updated_at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("submitted_at", marketplace.database.Instant(timezone=True), nullable=True),
        sa.Column("resubmitted_on", sa.Date(), nullable=True),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("clock_used", sa.Integer(), nullable=False),
        sa.Column("supplement_due_on", sa.Date(), nullable=True),
        sa.Column("first_reviewer_id", sa.Integer(), nullable=True),
        sa.Column("second_reviewer_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("registered_at", marketplace.database.Instant(timezone=True), nullable=True),
        sa.Column("refused_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("purged_at", marketplace.database.Instant(timezone=True), nullable=True),
        sa.Column("local_no", sa.String(length=16), nullable=True),
        sa.Column("national_no", sa.String(length=16), nullable=True),
        sa.Column("live_fingerprint", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "local_no IS NULL OR (version >= 1 AND rules <> '')",
            name=op.f("registered_has_version_and_rules"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('accepted', 'review1', 'expert', 'review2') OR due_on IS NOT NULL",
            name=op.f("accepted_has_deadline"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('registered', 'change_pending', 'cancel_pending', 'cancelled', 'revoked') OR local_no IS NOT NULL",
            name=op.f("registered_has_number"),
        ),
        sa.CheckConstraint(
            "(local_no IS NULL) = (registered_on IS NULL)",
            name=op.f("number_comes_with_registration"),
        ),
        sa.CheckConstraint(
            "related_share BETWEEN 0 AND 10000", name=op.f("related_share_within_whole")
        ),
        sa.CheckConstraint(
            "second_reviewer_id IS NULL OR second_reviewer_id <> first_reviewer_id",
            name=op.f("second_reviewer_is_another"),
        ),
        sa.CheckConstraint(
            "technology_amount >= 0 AND technology_amount <= deal_amount",
            name=op.f("technology_amount_within_deal_amount"),
        ),
        sa.CheckConstraint(
            "typist_id IS NULL OR first_reviewer_id IS NULL OR typist_id <> first_reviewer_id",
            name=op.f("typist_is_no_reviewer"),
        ),
        sa.ForeignKeyConstraint(
            ["first_reviewer_id"], ["user.id"], name=op.f("fk_contract_first_reviewer_id_user")
        ),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_contract_need_id_need")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_contract_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["point_code"],
            ["registration_point.code"],
            name=op.f("fk_contract_point_code_registration_point"),
        ),
        sa.ForeignKeyConstraint(
            ["previous_id"], ["contract.id"], name=op.f("fk_contract_previous_id_contract")
        ),
        sa.ForeignKeyConstraint(
            ["result_id"], ["result.id"], name=op.f("fk_contract_result_id_result")
        ),
        sa.ForeignKeyConstraint(
            ["second_reviewer_id"], ["user.id"], name=op.f("fk_contract_second_reviewer_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["typist_id"], ["user.id"], name=op.f("fk_contract_typist_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("live_fingerprint", name=op.f("uq_contract_live_fingerprint")),
        sa.UniqueConstraint("local_no", name=op.f("uq_contract_local_no")),
        sa.UniqueConstraint("national_no", name=op.f("uq_contract_national_no")),
    )
    with op.batch_alter_table("contract", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contract_first_reviewer_id"), ["first_reviewer_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_contract_organization_id"), ["organization_id"], unique=False
        )
        batch_op.create_index(
            "ix_contract_point_code_state", ["point_code", "state", "due_on"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_contract_state"), ["state"], unique=False)

    op.create_table(
        "number_sequence",
        sa.Column("point_code", sa.String(length=6), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["point_code"],
            ["registration_point.code"],
            name=op.f("fk_number_sequence_point_code_registration_point"),
        ),
        sa.PrimaryKeyConstraint("point_code", "year", name=op.f("pk_number_sequence")),
    )
    op.create_table(
        "point_staff",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("point_code", sa.String(length=6), nullable=False),
        sa.Column(
            "desk",
            sa.Enum(
                "A", "B", name="known_desk", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("absent_from", sa.Date(), nullable=True),
        sa.Column("absent_until", sa.Date(), nullable=True),
        sa.Column("appointed_at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.CheckConstraint(
            "absent_until IS NULL OR absent_from <= absent_until",
            name=op.f("absence_ends_after_it_begins"),
        ),
        sa.ForeignKeyConstraint(
            ["point_code"],
            ["registration_point.code"],
            name=op.f("fk_point_staff_point_code_registration_point"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_point_staff_user_id_user")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_point_staff")),
    )
    with op.batch_alter_table("point_staff", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_point_staff_point_code"), ["point_code"], unique=False)

    op.create_table(
        "contract_attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("added_at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["user.id"], name=op.f("fk_contract_attachment_added_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_contract_attachment_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_attachment")),
        sa.UniqueConstraint("contract_id", "kind", "digest", name="uq_attached_once"),
    )
    with op.batch_alter_table("contract_attachment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contract_attachment_contract_id"), ["contract_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_contract_attachment_digest"), ["digest"], unique=False)

    op.create_table(
        "contract_broker",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("uscc", sa.String(length=40), nullable=False),
        sa.Column("agent", sa.String(length=60), nullable=False),
        sa.Column("commission", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("commission >= 0", name=op.f("commission_is_not_negative")),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_contract_broker_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("position", "contract_id", name=op.f("pk_contract_broker")),
    )
    op.create_table(
        "contract_deduction",
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("is_device", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.String(length=300), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("deduction_is_not_negative")),
        sa.CheckConstraint("quantity >= 1", name=op.f("deduction_has_quantity")),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_contract_deduction_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("position", "contract_id", name=op.f("pk_contract_deduction")),
    )
    op.create_table(
        "contract_income",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("voucher", sa.String(length=60), nullable=False),
        sa.Column("live_voucher", sa.String(length=60), nullable=True),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("non_technical", sa.BigInteger(), nullable=False),
        sa.Column("verified", sa.BigInteger(), nullable=True),
        sa.Column("settlement", sa.String(length=64), nullable=False),
        sa.Column("reward_total", sa.BigInteger(), nullable=False),
        sa.Column("rewards", sa.JSON(), nullable=False),
        sa.Column("declared_at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("declared_by_id", sa.Integer(), nullable=False),
        sa.Column("verified_at", marketplace.database.Instant(timezone=True), nullable=True),
        sa.Column("verified_by_id", sa.Integer(), nullable=True),
        sa.Column("returned_at", marketplace.database.Instant(timezone=True), nullable=True),
        sa.Column("returned_by_id", sa.Integer(), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(verified_at IS NULL) = (verified IS NULL)", name=op.f("verified_income_has_amount")
        ),
        sa.CheckConstraint(
            "non_technical >= 0 AND non_technical <= received",
            name=op.f("non_technical_part_within_receipt"),
        ),
        sa.CheckConstraint("received > 0", name=op.f("receipt_is_positive")),
        sa.CheckConstraint(
            "verified_at IS NULL OR returned_at IS NULL", name=op.f("income_verified_or_returned")
        ),
        sa.CheckConstraint(
            "verified_by_id IS NULL OR verified_by_id <> declared_by_id",
            name=op.f("income_verified_by_another"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_contract_income_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["declared_by_id"], ["user.id"], name=op.f("fk_contract_income_declared_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["returned_by_id"], ["user.id"], name=op.f("fk_contract_income_returned_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["verified_by_id"], ["user.id"], name=op.f("fk_contract_income_verified_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_income")),
        sa.UniqueConstraint("contract_id", "line", name="uq_income_line"),
        sa.UniqueConstraint("live_voucher", name=op.f("uq_contract_income_live_voucher")),
    )
    with op.batch_alter_table("contract_income", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contract_income_contract_id"), ["contract_id"], unique=False
        )

    op.create_table(
        "contract_notice",
        sa.Column(
            "kind",
            sa.Enum(
                "returned",
                "supplement",
                "refused",
                "benefit",
                "tax",
                "credit",
                name="known_noticekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("recipient", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_contract_notice_by_id_user")),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_contract_notice_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_notice")),
    )
    with op.batch_alter_table("contract_notice", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contract_notice_contract_id"), ["contract_id"], unique=False
        )

    op.create_table(
        "contract_opinion",
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("in_favour", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user.id"], name=op.f("fk_contract_opinion_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_contract_opinion_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_opinion")),
    )
    with op.batch_alter_table("contract_opinion", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contract_opinion_contract_id"), ["contract_id"], unique=False
        )

    op.create_table(
        "contract_party",
        sa.Column(
            "side",
            sa.Enum(
                "seller",
                "buyer",
                name="known_side",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("seal_name", sa.String(length=200), nullable=False),
        sa.Column("uscc", sa.String(length=40), nullable=False),
        sa.Column("nature", sa.String(length=4), nullable=False),
        sa.Column("country", sa.String(length=3), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("industry", sa.String(length=5), nullable=False),
        sa.Column("is_transfer_agency", sa.Boolean(), nullable=False),
        sa.Column("is_research_body", sa.Boolean(), nullable=False),
        sa.Column("is_converted_institute", sa.Boolean(), nullable=False),
        sa.Column("in_zone", sa.Boolean(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("scale", sa.String(length=8), nullable=False),
        sa.Column("high_tech", sa.Boolean(), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("zip_code", sa.String(length=10), nullable=False),
        sa.Column("representative", sa.String(length=60), nullable=False),
        sa.Column("contact", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("share BETWEEN 0 AND 10000", name=op.f("party_share_within_whole")),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_contract_party_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_contract_party_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("position", "contract_id", name=op.f("pk_contract_party")),
    )
    with op.batch_alter_table("contract_party", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contract_party_organization_id"), ["organization_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_contract_party_uscc"), ["uscc"], unique=False)

    op.create_table(
        "contract_refusal",
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("evidence", sa.String(length=300), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user.id"], name=op.f("fk_contract_refusal_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_contract_refusal_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_refusal")),
    )
    with op.batch_alter_table("contract_refusal", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contract_refusal_contract_id"), ["contract_id"], unique=False
        )

    op.create_table(
        "contract_repair",
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_contract_repair_by_id_user")),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_contract_repair_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_repair")),
    )
    with op.batch_alter_table("contract_repair", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contract_repair_contract_id"), ["contract_id"], unique=False
        )

    op.create_table(
        "contract_request",
        sa.Column(
            "kind",
            sa.Enum(
                "change",
                "cancel",
                "revoke",
                "objection",
                name="known_requestkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "came_from",
            sa.Enum(
                "draft",
                "submitted",
                "supplement",
                "accepted",
                "review1",
                "expert",
                "review2",
                "registered",
                "refused",
                "withdrawn",
                "change_pending",
                "cancel_pending",
                "cancelled",
                "revoked",
                "reexam",
                name="known_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("proof", sa.JSON(), nullable=False),
        sa.Column("benefit_used", sa.Boolean(), nullable=False),
        sa.Column("examined_by_id", sa.Integer(), nullable=True),
        sa.Column("examined_at", marketplace.database.Instant(timezone=True), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", marketplace.database.Instant(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (outcome = '')", name=op.f("decided_request_has_outcome")
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR examined_by_id IS NULL OR decided_by_id <> examined_by_id",
            name=op.f("decided_by_another_than_examined"),
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user.id"], name=op.f("fk_contract_request_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_contract_request_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user.id"], name=op.f("fk_contract_request_decided_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["examined_by_id"], ["user.id"], name=op.f("fk_contract_request_examined_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_request")),
    )
    with op.batch_alter_table("contract_request", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contract_request_contract_id"), ["contract_id"], unique=False
        )

    op.create_table(
        "contract_right",
        sa.Column("kind", sa.String(length=2), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("pledged", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_contract_right_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("position", "contract_id", name=op.f("pk_contract_right")),
    )
    op.create_table(
        "contract_type_test",
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "yes",
                "no",
                "unclear",
                name="known_answer",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("rules", sa.String(length=16), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user.id"], name=op.f("fk_contract_type_test_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_contract_type_test_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_type_test")),
        sa.UniqueConstraint("contract_id", "code", name="uq_contract_test"),
    )
    with op.batch_alter_table("contract_type_test", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contract_type_test_contract_id"), ["contract_id"], unique=False
        )

    op.create_table(
        "contract_version",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rules", sa.String(length=16), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("deal_amount", sa.BigInteger(), nullable=False),
        sa.Column("technology_amount", sa.BigInteger(), nullable=False),
        sa.Column("first_reviewer_id", sa.Integer(), nullable=True),
        sa.Column("second_reviewer_id", sa.Integer(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("entry", sa.JSON(), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", marketplace.database.Instant(timezone=True), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "technology_amount >= 0 AND technology_amount <= deal_amount",
            name=op.f("version_technology_amount_within_deal_amount"),
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user.id"], name=op.f("fk_contract_version_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_contract_version_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["first_reviewer_id"],
            ["user.id"],
            name=op.f("fk_contract_version_first_reviewer_id_user"),
        ),
        sa.ForeignKeyConstraint(
            ["position"],
            ["ledger_entry.position"],
            name=op.f("fk_contract_version_position_ledger_entry"),
        ),
        sa.ForeignKeyConstraint(
            ["second_reviewer_id"],
            ["user.id"],
            name=op.f("fk_contract_version_second_reviewer_id_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_version")),
        sa.UniqueConstraint("contract_id", "version", name="uq_contract_version"),
    )
    with op.batch_alter_table("contract_version", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contract_version_contract_id"), ["contract_id"], unique=False
        )


def downgrade():
    with op.batch_alter_table("contract_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_version_contract_id"))

    op.drop_table("contract_version")
    with op.batch_alter_table("contract_type_test", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_type_test_contract_id"))

    op.drop_table("contract_type_test")
    op.drop_table("contract_right")
    with op.batch_alter_table("contract_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_request_contract_id"))

    op.drop_table("contract_request")
    with op.batch_alter_table("contract_repair", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_repair_contract_id"))

    op.drop_table("contract_repair")
    with op.batch_alter_table("contract_refusal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_refusal_contract_id"))

    op.drop_table("contract_refusal")
    with op.batch_alter_table("contract_party", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_party_uscc"))
        batch_op.drop_index(batch_op.f("ix_contract_party_organization_id"))

    op.drop_table("contract_party")
    with op.batch_alter_table("contract_opinion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_opinion_contract_id"))

    op.drop_table("contract_opinion")
    with op.batch_alter_table("contract_notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_notice_contract_id"))

    op.drop_table("contract_notice")
    with op.batch_alter_table("contract_income", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_income_contract_id"))

    op.drop_table("contract_income")
    op.drop_table("contract_deduction")
    op.drop_table("contract_broker")
    with op.batch_alter_table("contract_attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_attachment_digest"))
        batch_op.drop_index(batch_op.f("ix_contract_attachment_contract_id"))

    op.drop_table("contract_attachment")
    with op.batch_alter_table("point_staff", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_point_staff_point_code"))

    op.drop_table("point_staff")
    op.drop_table("number_sequence")
    with op.batch_alter_table("contract", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_state"))
        batch_op.drop_index("ix_contract_point_code_state")
        batch_op.drop_index(batch_op.f("ix_contract_organization_id"))
        batch_op.drop_index(batch_op.f("ix_contract_first_reviewer_id"))

    op.drop_table("contract")
    op.drop_table("registration_point")
    op.execute("DELETE FROM outbox_row WHERE topic IN ('certificate', 'export')")
    _know("outbox_row", "topic", "known_topic", TOPICS)
    _know("organization", "kind", "known_organizationkind", KINDS)
    _know("user", "role", "known_role", ROLES)
