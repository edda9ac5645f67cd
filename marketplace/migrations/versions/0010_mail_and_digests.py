"""mail, saved searches and digests"""

import sqlalchemy as sa
from alembic import op

import marketplace.database
from marketplace.audit import Tag
from marketplace.outbox import Topic

revision = "0010"
down_revision = "0009"
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
    op.create_table('digest_run',
    sa.Column('period', sa.String(length=10), nullable=False),
    sa.Column('cadence', sa.Enum('none', 'daily', 'weekly', name='known_cadence', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('asked_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('users', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('period', name=op.f('pk_digest_run'))
    )
    op.create_table('address_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('address', sa.String(length=254), nullable=False),
    sa.Column('asked_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('confirmed_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_address_request_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_address_request'))
    )
    with op.batch_alter_table('address_request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_address_request_user_id'), ['user_id'], unique=False)

    op.create_table('digest',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('period', sa.String(length=10), nullable=False),
    sa.Column('composed_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_digest_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_digest')),
    sa.UniqueConstraint('user_id', 'period', name='uq_digest_period')
    )
    op.create_table('mail_preference',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('muted', sa.JSON(), nullable=False),
    sa.Column('cadence', sa.Enum('none', 'daily', 'weekly', name='known_cadence', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_mail_preference_user_id_user')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_mail_preference'))
    )
    op.create_table('mailing',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=60), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('address', sa.String(length=254), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('state', sa.Enum('pending', 'sending', 'sent', 'failed', 'dropped', name='known_mailingstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('claim', sa.String(length=32), nullable=True),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('created_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('claimed_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.Column('sent_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'sending') = (claim IS NOT NULL)", name=op.f('sending_is_claimed')),
    sa.CheckConstraint("state <> 'sent' OR sent_at IS NOT NULL", name=op.f('sent_mailing_has_instant')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_mailing_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mailing')),
    sa.UniqueConstraint('key', name=op.f('uq_mailing_key'))
    )
    with op.batch_alter_table('mailing', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mailing_claim'), ['claim'], unique=False)
        batch_op.create_index(batch_op.f('ix_mailing_state'), ['state'], unique=False)
        batch_op.create_index('ix_mailing_user', ['user_id', 'id'], unique=False)

    op.create_table('saved_search',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('text', sa.String(length=200), nullable=False),
    sa.Column('chosen', sa.JSON(), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('since', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('ended_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_saved_search_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_search')),
    sa.UniqueConstraint('user_id', 'fingerprint', name='uq_saved_search_conditions')
    )
    op.create_table('digest_item',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('subscription', sa.String(length=40), nullable=False),
    sa.Column('listing', sa.String(length=40), nullable=False),
    sa.Column('digest_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['digest_id'], ['digest.id'], name=op.f('fk_digest_item_digest_id_digest')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_digest_item_user_id_user')),
    sa.PrimaryKeyConstraint('user_id', 'subscription', 'listing', name=op.f('pk_digest_item'))
    )
    with op.batch_alter_table('digest_item', schema=None) as batch_op:
        batch_op.create_index('ix_digest_item_digest', ['digest_id', 'position'], unique=False)

    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.add_column(sa.Column('email', sa.String(length=254), nullable=True))


def downgrade():
    op.execute("DELETE FROM outbox_row WHERE topic = 'digest'")
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.drop_column('email')

    with op.batch_alter_table('digest_item', schema=None) as batch_op:
        batch_op.drop_index('ix_digest_item_digest')

    op.drop_table('digest_item')
    op.drop_table('saved_search')
    with op.batch_alter_table('mailing', schema=None) as batch_op:
        batch_op.drop_index('ix_mailing_user')
        batch_op.drop_index(batch_op.f('ix_mailing_state'))
        batch_op.drop_index(batch_op.f('ix_mailing_claim'))

    op.drop_table('mailing')
    op.drop_table('mail_preference')
    op.drop_table('digest')
    with op.batch_alter_table('address_request', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_address_request_user_id'))

    op.drop_table('address_request')
    op.drop_table('digest_run')
