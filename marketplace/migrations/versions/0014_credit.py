"""credit records and signs"""

import sqlalchemy as sa
from alembic import op

import marketplace.database
from marketplace.audit import Tag
from marketplace.ledger.triggers import statements

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def know_tags():
    kind = marketplace.database.enum_column(Tag)
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_constraint(kind.name, type_="check")
        listed = ", ".join(f"'{word.value}'" for word in Tag)
        batch_op.create_check_constraint(kind.name, f"tag IN ({listed})")


def upgrade():
    know_tags()
    op.create_table('credit_record',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('collected', 'noticed', 'objected', 'effective', 'repairing', 'repaired', 'expired', 'revoked', name='known_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=True),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.Enum('contract_registered', 'income_verified', 'answered_in_time', 'meeting_confirmed', 'answer_missed', 'registration_revoked', 'agreement_broken', 'late_performance', 'false_material', 'false_need', 'broker_misconduct', 'research_misconduct', name='known_behaviour', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('source', sa.String(length=60), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('evidence', sa.JSON(), nullable=False),
    sa.Column('rules', sa.String(length=16), nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=True),
    sa.Column('recorded_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('objection_due_on', sa.Date(), nullable=True),
    sa.Column('effective_on', sa.Date(), nullable=True),
    sa.Column('expires_on', sa.Date(), nullable=True),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.CheckConstraint("(state IN ('repaired', 'expired', 'revoked')) = (ended_on IS NOT NULL)", name=op.f('ended_record_has_day')),
    sa.CheckConstraint("state NOT IN ('effective', 'repairing', 'repaired', 'expired') OR (effective_on IS NOT NULL AND expires_on IS NOT NULL)", name=op.f('effective_record_has_days')),
    sa.CheckConstraint("state NOT IN ('noticed', 'objected') OR objection_due_on IS NOT NULL", name=op.f('noticed_record_has_deadline')),
    sa.CheckConstraint('(organization_id IS NULL) <> (user_id IS NULL)', name=op.f('record_has_one_subject')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_credit_record_organization_id_organization')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['user.id'], name=op.f('fk_credit_record_recorded_by_id_user')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_credit_record_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_record')),
    sa.UniqueConstraint('organization_id', 'kind', 'source', name='uq_credit_of_organization'),
    sa.UniqueConstraint('user_id', 'kind', 'source', name='uq_credit_of_user')
    )
    with op.batch_alter_table('credit_record', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_credit_record_expires_on'), ['expires_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_credit_record_source'), ['source'], unique=False)
        batch_op.create_index('ix_credit_record_state', ['state', 'objection_due_on'], unique=False)

    op.create_table('credit_sign',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.Enum('circle', 'burst', 'repeat', 'self_confirmed', name='known_signkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.Column('parties', sa.JSON(), nullable=False),
    sa.Column('evidence', sa.JSON(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('rules', sa.String(length=16), nullable=False),
    sa.Column('found_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('verdict', sa.Enum('open', 'dismissed', 'followed', name='known_verdict', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('decided_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("(verdict = 'open') = (decided_at IS NULL)", name=op.f('judged_sign_has_instant')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_credit_sign_decided_by_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_sign')),
    sa.UniqueConstraint('key', name=op.f('uq_credit_sign_key'))
    )
    with op.batch_alter_table('credit_sign', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_credit_sign_verdict'), ['verdict'], unique=False)

    op.create_table('credit_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('record_id', sa.Integer(), nullable=False),
    sa.Column('action', sa.Enum('notice', 'take_effect', 'object', 'uphold', 'dismiss', 'ask_repair', 'grant_repair', 'refuse_repair', 'expire', 'revoke', 'lose_ground', name='known_action', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('source', sa.Enum('collected', 'noticed', 'objected', 'effective', 'repairing', 'repaired', 'expired', 'revoked', name='known_source', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('target', sa.Enum('collected', 'noticed', 'objected', 'effective', 'repairing', 'repaired', 'expired', 'revoked', name='known_target', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('file_digest', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_credit_step_by_id_user')),
    sa.ForeignKeyConstraint(['record_id'], ['credit_record.id'], name=op.f('fk_credit_step_record_id_credit_record')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_step'))
    )
    with op.batch_alter_table('credit_step', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_credit_step_record_id'), ['record_id'], unique=False)

    for statement in statements("credit_step", op.get_bind().dialect.name):
        op.execute(statement)


def downgrade():
    with op.batch_alter_table('credit_step', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_credit_step_record_id'))

    op.drop_table('credit_step')
    with op.batch_alter_table('credit_sign', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_credit_sign_verdict'))

    op.drop_table('credit_sign')
    with op.batch_alter_table('credit_record', schema=None) as batch_op:
        batch_op.drop_index('ix_credit_record_state')
        batch_op.drop_index(batch_op.f('ix_credit_record_source'))
        batch_op.drop_index(batch_op.f('ix_credit_record_expires_on'))

    op.drop_table('credit_record')
