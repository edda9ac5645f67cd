"""notices and introductions"""

import sqlalchemy as sa
from alembic import op

import marketplace.database
from marketplace.audit import Tag
from marketplace.ledger.triggers import statements
from marketplace.outbox import Topic

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WORDS = (("audit_entry", "tag", Tag), ("outbox_row", "topic", Topic))


def know_words():
    # Of the code and not written out, so that migrations that add words need not know each other.
    for table, column, words in WORDS:
        kind = marketplace.database.enum_column(words)
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(kind.name, type_="check")
            listed = ", ".join(f"'{word.value}'" for word in words)
            batch_op.create_check_constraint(kind.name, f"{column} IN ({listed})")


def upgrade():
    know_words()
    op.create_table('introduction',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('draft', 'sent', 'questioned', 'contacted', 'met', 'negotiating', 'agreed', 'contracted', 'registered', 'paid', 'declined', 'expired', 'withdrawn', 'lost', name='known_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('need_id', sa.Integer(), nullable=False),
    sa.Column('result_id', sa.Integer(), nullable=False),
    sa.Column('need_owner_id', sa.Integer(), nullable=False),
    sa.Column('result_owner_id', sa.Integer(), nullable=False),
    sa.Column('opened_by_id', sa.Integer(), nullable=False),
    sa.Column('opened_side', sa.Enum('need', 'result', name='known_side', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('broker_id', sa.Integer(), nullable=True),
    sa.Column('live_pair', sa.String(length=40), nullable=True),
    sa.Column('offer', sa.Text(), nullable=False),
    sa.Column('fit', sa.Text(), nullable=False),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.Column('price', sa.Text(), nullable=False),
    sa.Column('next_step', sa.Text(), nullable=False),
    sa.Column('shown_digest', sa.String(length=64), nullable=True),
    sa.Column('match_recipe', sa.String(length=64), nullable=False),
    sa.Column('match_rank', sa.Integer(), nullable=True),
    sa.Column('match_score', sa.Double(), nullable=True),
    sa.Column('match_reasons', sa.JSON(), nullable=False),
    sa.Column('created_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('updated_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('sent_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.Column('answer_due_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.Column('contacted_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.Column('ended_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.Column('lost_reason', sa.Enum('price', 'maturity', 'scale', 'rights', 'capacity', 'no_answer', 'other', name='known_reason', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('todo', sa.String(length=200), nullable=False),
    sa.Column('todo_due_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.Column('demonstration', sa.Boolean(), nullable=False),
    sa.CheckConstraint("state = 'draft' OR sent_at IS NOT NULL OR state = 'withdrawn'", name=op.f('sent_introduction_has_instant')),
    sa.CheckConstraint('(broker_id IS NULL) = (opened_side IS NOT NULL)', name=op.f('opened_by_a_side_or_a_broker')),
    sa.ForeignKeyConstraint(['broker_id'], ['user.id'], name=op.f('fk_introduction_broker_id_user')),
    sa.ForeignKeyConstraint(['need_id'], ['need.id'], name=op.f('fk_introduction_need_id_need')),
    sa.ForeignKeyConstraint(['need_owner_id'], ['organization.id'], name=op.f('fk_introduction_need_owner_id_organization')),
    sa.ForeignKeyConstraint(['opened_by_id'], ['user.id'], name=op.f('fk_introduction_opened_by_id_user')),
    sa.ForeignKeyConstraint(['result_id'], ['result.id'], name=op.f('fk_introduction_result_id_result')),
    sa.ForeignKeyConstraint(['result_owner_id'], ['organization.id'], name=op.f('fk_introduction_result_owner_id_organization')),
    sa.ForeignKeyConstraint(['shown_digest'], ['shown_list.digest'], name=op.f('fk_introduction_shown_digest_shown_list')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_introduction')),
    sa.UniqueConstraint('live_pair', name=op.f('uq_introduction_live_pair'))
    )
    with op.batch_alter_table('introduction', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_introduction_answer_due_at'), ['answer_due_at'], unique=False)
        batch_op.create_index('ix_introduction_broker_state', ['broker_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_introduction_need_id'), ['need_id'], unique=False)
        batch_op.create_index('ix_introduction_need_owner', ['need_owner_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_introduction_result_id'), ['result_id'], unique=False)
        batch_op.create_index('ix_introduction_result_owner', ['result_owner_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_introduction_sent_at'), ['sent_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_introduction_state'), ['state'], unique=False)

    op.create_table('notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('introduction:sent', 'introduction:answered', 'introduction:due', 'introduction:moved', 'message:written', 'meeting:set', 'disclosure:confirmed', 'broker:decided', 'visit:to-confirm', 'refinement:offered', 'agreement:offered', 'credit:noticed', 'credit:decided', 'digest', name='known_noticekind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('subject', sa.String(length=60), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('once', sa.String(length=120), nullable=False),
    sa.Column('at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('read_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_notice_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice')),
    sa.UniqueConstraint('user_id', 'once', name='uq_notice_once')
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notice_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_notice_subject'), ['subject'], unique=False)
        batch_op.create_index('ix_notice_unread', ['user_id', 'read_at'], unique=False)

    op.create_table('introduction_answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('introduction_id', sa.Integer(), nullable=False),
    sa.Column('side', sa.Enum('need', 'result', name='known_side', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('action', sa.Enum('send', 'interest', 'ask', 'supply', 'decline', 'expire', 'withdraw', 'meet', 'negotiate', 'agree', 'contract', 'register', 'verify_income', 'lose', 'fall_back', name='known_action', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('reason', sa.Enum('price', 'maturity', 'scale', 'rights', 'capacity', 'no_answer', 'other', name='known_reason', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_introduction_answer_by_id_user')),
    sa.ForeignKeyConstraint(['introduction_id'], ['introduction.id'], name=op.f('fk_introduction_answer_introduction_id_introduction')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_introduction_answer'))
    )
    with op.batch_alter_table('introduction_answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_introduction_answer_introduction_id'), ['introduction_id'], unique=False)

    op.create_table('introduction_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('introduction_id', sa.Integer(), nullable=False),
    sa.Column('action', sa.Enum('send', 'interest', 'ask', 'supply', 'decline', 'expire', 'withdraw', 'meet', 'negotiate', 'agree', 'contract', 'register', 'verify_income', 'lose', 'fall_back', name='known_action', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('source', sa.Enum('draft', 'sent', 'questioned', 'contacted', 'met', 'negotiating', 'agreed', 'contracted', 'registered', 'paid', 'declined', 'expired', 'withdrawn', 'lost', name='known_source', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('target', sa.Enum('draft', 'sent', 'questioned', 'contacted', 'met', 'negotiating', 'agreed', 'contracted', 'registered', 'paid', 'declined', 'expired', 'withdrawn', 'lost', name='known_target', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_introduction_step_by_id_user')),
    sa.ForeignKeyConstraint(['introduction_id'], ['introduction.id'], name=op.f('fk_introduction_step_introduction_id_introduction')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_introduction_step'))
    )
    with op.batch_alter_table('introduction_step', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_introduction_step_introduction_id'), ['introduction_id'], unique=False)
        batch_op.create_index('ix_introduction_step_target', ['target', 'at'], unique=False)

    with op.batch_alter_table('contract', schema=None) as batch_op:
        batch_op.add_column(sa.Column('introduction_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_contract_introduction_id'), ['introduction_id'], unique=False)
        batch_op.create_foreign_key('fk_contract_introduction_id_introduction', 'introduction', ['introduction_id'], ['id'])

    for table in ("introduction_answer", "introduction_step"):
        for statement in statements(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade():
    op.execute("DELETE FROM outbox_row WHERE topic = 'mail'")
    with op.batch_alter_table('contract', schema=None) as batch_op:
        batch_op.drop_constraint('fk_contract_introduction_id_introduction', type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_contract_introduction_id'))
        batch_op.drop_column('introduction_id')

    with op.batch_alter_table('introduction_step', schema=None) as batch_op:
        batch_op.drop_index('ix_introduction_step_target')
        batch_op.drop_index(batch_op.f('ix_introduction_step_introduction_id'))

    op.drop_table('introduction_step')
    with op.batch_alter_table('introduction_answer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_introduction_answer_introduction_id'))

    op.drop_table('introduction_answer')
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_index('ix_notice_unread')
        batch_op.drop_index(batch_op.f('ix_notice_subject'))
        batch_op.drop_index(batch_op.f('ix_notice_at'))

    op.drop_table('notice')
    with op.batch_alter_table('introduction', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_introduction_state'))
        batch_op.drop_index(batch_op.f('ix_introduction_sent_at'))
        batch_op.drop_index('ix_introduction_result_owner')
        batch_op.drop_index(batch_op.f('ix_introduction_result_id'))
        batch_op.drop_index('ix_introduction_need_owner')
        batch_op.drop_index(batch_op.f('ix_introduction_need_id'))
        batch_op.drop_index('ix_introduction_broker_state')
        batch_op.drop_index(batch_op.f('ix_introduction_answer_due_at'))

    op.drop_table('introduction')
