"""brokers"""

import sqlalchemy as sa
from alembic import op

import marketplace.database
from marketplace.audit import Tag
from marketplace.ledger.entry import Kind
from marketplace.ledger.triggers import statements

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

APPEND_ONLY = ("broker_declaration", "agreement_version", "agreement_consent")


def know_words():
    # Of the code and not written out, so that migrations that add words need not know each other.
    for table, column, words in (("audit_entry", "tag", Tag), ("ledger_entry", "kind", Kind)):
        kind = marketplace.database.enum_column(words)
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(kind.name, type_="check")
            listed = ", ".join(f"'{word.value}'" for word in words)
            batch_op.create_check_constraint(kind.name, f"{column} IN ({listed})")
    if op.get_bind().dialect.name == "sqlite":  # the copy of the table has no triggers yet
        make_append_only("ledger_entry")


def make_append_only(table):
    for statement in statements(table, op.get_bind().dialect.name):
        op.execute(statement)


def upgrade():
    know_words()
    op.create_table('broker',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('draft', 'applied', 'recorded', 'suspended', 'expired', 'struck', name='known_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('affiliation', sa.String(length=200), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('regions', sa.JSON(), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('created_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('updated_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('applied_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.Column('recorded_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.Column('demonstration', sa.Boolean(), nullable=False),
    sa.CheckConstraint("state IN ('draft', 'applied') OR recorded_at IS NOT NULL", name=op.f('recorded_broker_has_instant')),
    sa.CheckConstraint('capacity BETWEEN 0 AND 100', name=op.f('broker_capacity_within_bounds')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_broker_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_broker')),
    sa.UniqueConstraint('user_id', name=op.f('uq_broker_user_id'))
    )
    with op.batch_alter_table('broker', schema=None) as batch_op:
        batch_op.create_index('ix_broker_state', ['state'], unique=False)

    op.create_table('broker_case',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('need_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('offered', 'taken', 'handed_back', 'lapsed', 'served', name='known_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('live_need_id', sa.Integer(), nullable=True),
    sa.Column('grounds', sa.JSON(), nullable=False),
    sa.Column('offered_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('due_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('taken_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.Column('ended_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.CheckConstraint("(state IN ('offered', 'taken')) = (ended_at IS NULL)", name=op.f('ended_case_has_instant')),
    sa.ForeignKeyConstraint(['need_id'], ['need.id'], name=op.f('fk_broker_case_need_id_need')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_broker_case_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_broker_case')),
    sa.UniqueConstraint('live_need_id', name=op.f('uq_broker_case_live_need_id'))
    )
    with op.batch_alter_table('broker_case', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_broker_case_due_at'), ['due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_broker_case_need_id'), ['need_id'], unique=False)
        batch_op.create_index('ix_broker_case_user_state', ['user_id', 'state'], unique=False)

    op.create_table('refinement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('need_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('offered', 'decided', 'overtaken', name='known_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('need_revision', sa.Integer(), nullable=False),
    sa.Column('answers', sa.JSON(), nullable=False),
    sa.Column('offered_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('decided_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("(state = 'decided') = (decided_at IS NOT NULL)", name=op.f('decided_refinement_has_instant')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_refinement_decided_by_id_user')),
    sa.ForeignKeyConstraint(['need_id'], ['need.id'], name=op.f('fk_refinement_need_id_need')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_refinement_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refinement'))
    )
    with op.batch_alter_table('refinement', schema=None) as batch_op:
        batch_op.create_index('ix_refinement_need_state', ['need_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_refinement_user_id'), ['user_id'], unique=False)

    op.create_table('visit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'confirmed', 'refused', 'withdrawn', name='known_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('company', sa.String(length=200), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('visited_on', sa.Date(), nullable=False),
    sa.Column('region', sa.String(length=6), nullable=False),
    sa.Column('place', sa.String(length=200), nullable=False),
    sa.Column('photo', sa.String(length=64), nullable=False),
    sa.Column('photo_name', sa.String(length=200), nullable=False),
    sa.Column('nonce', sa.String(length=32), nullable=False),
    sa.Column('linked_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('created_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('answered_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('need_id', sa.Integer(), nullable=True),
    sa.Column('demonstration', sa.Boolean(), nullable=False),
    sa.CheckConstraint("(state = 'confirmed') = (need_id IS NOT NULL)", name=op.f('confirmed_visit_has_need')),
    sa.CheckConstraint("(state = 'waiting') = (answered_at IS NULL)", name=op.f('answered_visit_has_instant')),
    sa.ForeignKeyConstraint(['answered_by_id'], ['user.id'], name=op.f('fk_visit_answered_by_id_user')),
    sa.ForeignKeyConstraint(['need_id'], ['need.id'], name=op.f('fk_visit_need_id_need')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_visit_organization_id_organization')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_visit_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit'))
    )
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_visit_organization_id'), ['organization_id'], unique=False)
        batch_op.create_index('ix_visit_user_state', ['user_id', 'state'], unique=False)

    op.create_table('broker_certificate',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('broker_id', sa.Integer(), nullable=False),
    sa.Column('issuer', sa.String(length=100), nullable=False),
    sa.Column('number', sa.String(length=60), nullable=False),
    sa.Column('level', sa.Enum('junior', 'intermediate', 'senior', name='known_level', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('issued_on', sa.Date(), nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('added_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('verified_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.Column('verified_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('issued_on <= expires_on', name=op.f('certificate_expires_after_issue')),
    sa.ForeignKeyConstraint(['broker_id'], ['broker.id'], name=op.f('fk_broker_certificate_broker_id_broker')),
    sa.ForeignKeyConstraint(['verified_by_id'], ['user.id'], name=op.f('fk_broker_certificate_verified_by_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_broker_certificate')),
    sa.UniqueConstraint('issuer', 'number', name='uq_broker_certificate_number')
    )
    with op.batch_alter_table('broker_certificate', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_broker_certificate_broker_id'), ['broker_id'], unique=False)

    op.create_table('broker_declaration',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('broker_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.String(length=20), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('interests', sa.Text(), nullable=False),
    sa.Column('at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['broker_id'], ['broker.id'], name=op.f('fk_broker_declaration_broker_id_broker')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_broker_declaration'))
    )
    with op.batch_alter_table('broker_declaration', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_broker_declaration_broker_id'), ['broker_id'], unique=False)

    op.create_table('agreement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('introduction_id', sa.Integer(), nullable=False),
    sa.Column('created_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['introduction_id'], ['introduction.id'], name=op.f('fk_agreement_introduction_id_introduction')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreement')),
    sa.UniqueConstraint('introduction_id', name=op.f('uq_agreement_introduction_id'))
    )
    op.create_table('refined_field',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('refinement_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=30), nullable=False),
    sa.Column('before', sa.Text(), nullable=False),
    sa.Column('after', sa.Text(), nullable=False),
    sa.Column('accepted', sa.Boolean(), nullable=True),
    sa.ForeignKeyConstraint(['refinement_id'], ['refinement.id'], name=op.f('fk_refined_field_refinement_id_refinement')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refined_field'))
    )
    with op.batch_alter_table('refined_field', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_refined_field_refinement_id'), ['refinement_id'], unique=False)

    op.create_table('agreement_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('agreement_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('rate', sa.Integer(), nullable=False),
    sa.Column('floor', sa.BigInteger(), nullable=False),
    sa.Column('cap', sa.BigInteger(), nullable=True),
    sa.Column('payer', sa.Enum('need', 'result', 'both', name='known_payer', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('condition', sa.Enum('income', 'registration', name='known_condition', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('shares', sa.JSON(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('offered_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('offered_by_id', sa.Integer(), nullable=False),
    sa.CheckConstraint('cap IS NULL OR cap >= floor', name=op.f('commission_cap_above_floor')),
    sa.CheckConstraint('floor >= 0', name=op.f('commission_floor_is_not_negative')),
    sa.CheckConstraint('rate BETWEEN 0 AND 10000', name=op.f('commission_rate_within_whole')),
    sa.ForeignKeyConstraint(['agreement_id'], ['agreement.id'], name=op.f('fk_agreement_version_agreement_id_agreement')),
    sa.ForeignKeyConstraint(['offered_by_id'], ['user.id'], name=op.f('fk_agreement_version_offered_by_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreement_version')),
    sa.UniqueConstraint('agreement_id', 'version', name='uq_agreement_version')
    )
    with op.batch_alter_table('agreement_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_agreement_version_agreement_id'), ['agreement_id'], unique=False)

    op.create_table('agreement_consent',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('party', sa.String(length=30), nullable=False),
    sa.Column('at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_agreement_consent_by_id_user')),
    sa.ForeignKeyConstraint(['version_id'], ['agreement_version.id'], name=op.f('fk_agreement_consent_version_id_agreement_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreement_consent')),
    sa.UniqueConstraint('version_id', 'party', name='uq_agreement_consent')
    )
    op.create_table('commission',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('agreement_id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('occasion', sa.Enum('income', 'registration', name='known_condition', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('local_no', sa.String(length=16), nullable=False),
    sa.Column('base', sa.BigInteger(), nullable=False),
    sa.Column('fen', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=True),
    sa.Column('reversed_position', sa.BigInteger(), nullable=True),
    sa.Column('at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('reversed_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.CheckConstraint('fen >= 0 AND base >= 0', name=op.f('commission_fen_is_not_negative')),
    sa.ForeignKeyConstraint(['agreement_id'], ['agreement.id'], name=op.f('fk_commission_agreement_id_agreement')),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_commission_contract_id_contract')),
    sa.ForeignKeyConstraint(['version_id'], ['agreement_version.id'], name=op.f('fk_commission_version_id_agreement_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_commission')),
    sa.UniqueConstraint('agreement_id', 'contract_id', 'occasion', 'number', name='uq_commission_occasion')
    )
    with op.batch_alter_table('commission', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_commission_contract_id'), ['contract_id'], unique=False)

    for table in APPEND_ONLY:
        make_append_only(table)


def downgrade():
    with op.batch_alter_table('commission', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_commission_contract_id'))

    op.drop_table('commission')
    op.drop_table('agreement_consent')
    with op.batch_alter_table('agreement_version', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_agreement_version_agreement_id'))

    op.drop_table('agreement_version')
    with op.batch_alter_table('refined_field', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_refined_field_refinement_id'))

    op.drop_table('refined_field')
    op.drop_table('agreement')
    with op.batch_alter_table('broker_declaration', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_broker_declaration_broker_id'))

    op.drop_table('broker_declaration')
    with op.batch_alter_table('broker_certificate', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_broker_certificate_broker_id'))

    op.drop_table('broker_certificate')
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.drop_index('ix_visit_user_state')
        batch_op.drop_index(batch_op.f('ix_visit_organization_id'))

    op.drop_table('visit')
    with op.batch_alter_table('refinement', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_refinement_user_id'))
        batch_op.drop_index('ix_refinement_need_state')

    op.drop_table('refinement')
    with op.batch_alter_table('broker_case', schema=None) as batch_op:
        batch_op.drop_index('ix_broker_case_user_state')
        batch_op.drop_index(batch_op.f('ix_broker_case_need_id'))
        batch_op.drop_index(batch_op.f('ix_broker_case_due_at'))

    op.drop_table('broker_case')
    with op.batch_alter_table('broker', schema=None) as batch_op:
        batch_op.drop_index('ix_broker_state')

    op.drop_table('broker')
