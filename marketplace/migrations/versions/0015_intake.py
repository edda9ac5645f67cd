"""intake: sources, their runs, what they brought

Revision 0016 adds only tables of its own; the words of audit and outbox are read from the code.
"""

import sqlalchemy as sa
from alembic import op

import marketplace.database
from marketplace.audit import Tag
from marketplace.outbox import Topic

revision = "0015"
down_revision = "0014"
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
    op.create_table('intake_source',
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('hour', sa.Integer(), nullable=True),
    sa.Column('asked_on', sa.Date(), nullable=True),
    sa.Column('profile', sa.Text(), nullable=False),
    sa.Column('layout', sa.JSON(none_as_null=True), nullable=True),
    sa.CheckConstraint('NOT enabled OR hour IS NOT NULL', name=op.f('enabled_source_has_hour')),
    sa.CheckConstraint('hour IS NULL OR hour BETWEEN 0 AND 23', name=op.f('source_hour_of_day')),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_intake_source'))
    )
    op.create_table('scrape_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=60), nullable=False),
    sa.Column('outcome', sa.Enum('running', 'done', 'held_back', 'interrupted', 'failed', name='known_outcome', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('started_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('ended_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.Column('since', sa.Date(), nullable=True),
    sa.Column('scheduled', sa.Boolean(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('pages', sa.Integer(), nullable=False),
    sa.Column('entries', sa.Integer(), nullable=False),
    sa.Column('passed_over', sa.Integer(), nullable=False),
    sa.Column('added', sa.Integer(), nullable=False),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.Column('unchanged', sa.Integer(), nullable=False),
    sa.Column('held_back', sa.Integer(), nullable=False),
    sa.Column('fault_count', sa.Integer(), nullable=False),
    sa.Column('faults', sa.JSON(), nullable=False),
    sa.Column('layout', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('message', sa.Text(), nullable=False),
    sa.CheckConstraint("(outcome = 'running') = (ended_at IS NULL)", name=op.f('ended_run_has_instant')),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_scrape_run_by_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scrape_run'))
    )
    with op.batch_alter_table('scrape_run', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_scrape_run_source'), ['source'], unique=False)

    op.create_table('collected_notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'accepted', 'split', 'merged', 'rejected', name='known_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('source', sa.String(length=60), nullable=False),
    sa.Column('source_key', sa.String(length=300), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('fetched_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('checked_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('published_on', sa.Date(), nullable=True),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('attachments', sa.JSON(), nullable=False),
    sa.Column('route', sa.String(length=16), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('compared_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.Column('decided_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('became', sa.JSON(), nullable=False),
    sa.CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name=op.f('decided_notice_has_instant')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_collected_notice_decided_by_id_user')),
    sa.ForeignKeyConstraint(['run_id'], ['scrape_run.id'], name=op.f('fk_collected_notice_run_id_scrape_run')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_collected_notice')),
    sa.UniqueConstraint('source', 'source_key', 'content_hash', name='uq_collected_version')
    )
    with op.batch_alter_table('collected_notice', schema=None) as batch_op:
        batch_op.create_index('ix_collected_notice_queue', ['state', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_collected_notice_run_id'), ['run_id'], unique=False)

    op.create_table('collected_original',
    sa.Column('notice_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('attachments', sa.JSON(), nullable=False),
    sa.Column('personal', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['notice_id'], ['collected_notice.id'], name=op.f('fk_collected_original_notice_id_collected_notice'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('notice_id', name=op.f('pk_collected_original'))
    )
    op.create_table('collected_pair',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('notice_id', sa.Integer(), nullable=False),
    sa.Column('other', sa.String(length=40), nullable=False),
    sa.Column('resemblance', sa.Double(), nullable=False),
    sa.Column('found_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('verdict', sa.Enum('same', 'different', name='known_verdict', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('decided_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('(verdict IS NULL) = (decided_at IS NULL)', name=op.f('collected_verdict_has_instant')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_collected_pair_decided_by_id_user')),
    sa.ForeignKeyConstraint(['notice_id'], ['collected_notice.id'], name=op.f('fk_collected_pair_notice_id_collected_notice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_collected_pair')),
    sa.UniqueConstraint('notice_id', 'other', name='uq_collected_pair_other')
    )
    with op.batch_alter_table('collected_pair', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_collected_pair_other'), ['other'], unique=False)

    op.create_table('collected_patent',
    sa.Column('notice_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=40), nullable=False),
    sa.Column('family', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['notice_id'], ['collected_notice.id'], name=op.f('fk_collected_patent_notice_id_collected_notice'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('notice_id', 'number', name=op.f('pk_collected_patent'))
    )
    with op.batch_alter_table('collected_patent', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_collected_patent_family'), ['family'], unique=False)


def downgrade():
    op.execute("DELETE FROM outbox_row WHERE topic = 'scrape'")
    with op.batch_alter_table('collected_patent', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_collected_patent_family'))

    op.drop_table('collected_patent')
    with op.batch_alter_table('collected_pair', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_collected_pair_other'))

    op.drop_table('collected_pair')
    op.drop_table('collected_original')
    with op.batch_alter_table('collected_notice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_collected_notice_run_id'))
        batch_op.drop_index('ix_collected_notice_queue')

    op.drop_table('collected_notice')
    with op.batch_alter_table('scrape_run', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_scrape_run_source'))

    op.drop_table('scrape_run')
    op.drop_table('intake_source')
