"""threads: confidentiality, messages, files, meetings, papers; introductions in the ledger"""

import sqlalchemy as sa
from alembic import op

import marketplace.database
from marketplace.audit import Tag
from marketplace.ledger.entry import Kind
from marketplace.ledger.triggers import statements

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WORDS = (("audit_entry", "tag", Tag), ("ledger_entry", "kind", Kind))
APPEND_ONLY = (
    "confidentiality_confirmation", "broker_allowance", "disclosure_view", "thread_message",
    "thread_file", "thread_download", "thread_paper", "thread_assent",
)


def know_words():
    # Of the code and not written out, so that migrations that add words need not know each other.
    for table, column, words in WORDS:
        kind = marketplace.database.enum_column(words)
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(kind.name, type_="check")
            listed = ", ".join(f"'{word.value}'" for word in words)
            batch_op.create_check_constraint(kind.name, f"{column} IN ({listed})")


def refuse_changes(tables):
    dialect = op.get_bind().dialect.name
    for table in tables:
        for statement in statements(table, dialect):
            op.execute(statement)


def upgrade():
    know_words()
    if op.get_bind().dialect.name == "sqlite":
        refuse_changes(["ledger_entry"])  # SQLite has copied the table, and lost its triggers
    with op.batch_alter_table('shown_list', schema=None) as batch_op:
        batch_op.add_column(sa.Column('acted_on_at', marketplace.database.Instant(timezone=True), nullable=True))

    op.create_table('broker_allowance',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('introduction_id', sa.Integer(), nullable=False),
    sa.Column('side', sa.Enum('need', 'result', name='known_side', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('allowed', sa.Boolean(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['introduction_id'], ['introduction.id'], name=op.f('fk_broker_allowance_introduction_id_introduction')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_broker_allowance_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_broker_allowance'))
    )
    with op.batch_alter_table('broker_allowance', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_broker_allowance_introduction_id'), ['introduction_id'], unique=False)

    op.create_table('confidentiality_confirmation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('introduction_id', sa.Integer(), nullable=False),
    sa.Column('party', sa.Enum('need', 'result', 'broker', name='known_party', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('version', sa.String(length=20), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=True),
    sa.Column('at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['introduction_id'], ['introduction.id'], name=op.f('fk_confidentiality_confirmation_introduction_id_introduction')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_confidentiality_confirmation_organization_id_organization')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_confidentiality_confirmation_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_confidentiality_confirmation')),
    sa.UniqueConstraint('introduction_id', 'party', name='uq_confirmation_party')
    )
    op.create_table('contact_card',
    sa.Column('introduction_id', sa.Integer(), nullable=False),
    sa.Column('side', sa.Enum('need', 'result', name='known_side', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['introduction_id'], ['introduction.id'], name=op.f('fk_contact_card_introduction_id_introduction')),
    sa.PrimaryKeyConstraint('introduction_id', 'side', name=op.f('pk_contact_card'))
    )
    op.create_table('disclosure_view',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('introduction_id', sa.Integer(), nullable=False),
    sa.Column('side', sa.Enum('need', 'result', name='known_side', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('things', sa.JSON(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=True),
    sa.Column('at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['introduction_id'], ['introduction.id'], name=op.f('fk_disclosure_view_introduction_id_introduction')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_disclosure_view_organization_id_organization')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_disclosure_view_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_disclosure_view'))
    )
    with op.batch_alter_table('disclosure_view', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_disclosure_view_introduction_id'), ['introduction_id'], unique=False)

    op.create_table('thread_assent',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('introduction_id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=40), nullable=False),
    sa.Column('party', sa.Enum('need', 'result', 'broker', name='known_party', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['introduction_id'], ['introduction.id'], name=op.f('fk_thread_assent_introduction_id_introduction')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_thread_assent_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_thread_assent')),
    sa.UniqueConstraint('subject', 'party', name='uq_assent_party')
    )
    with op.batch_alter_table('thread_assent', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_thread_assent_introduction_id'), ['introduction_id'], unique=False)

    op.create_table('thread_draft',
    sa.Column('introduction_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['introduction_id'], ['introduction.id'], name=op.f('fk_thread_draft_introduction_id_introduction')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_thread_draft_user_id_user')),
    sa.PrimaryKeyConstraint('introduction_id', 'user_id', name=op.f('pk_thread_draft'))
    )
    op.create_table('thread_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('introduction_id', sa.Integer(), nullable=False),
    sa.Column('party', sa.Enum('need', 'result', 'broker', name='known_party', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_thread_file_by_id_user')),
    sa.ForeignKeyConstraint(['introduction_id'], ['introduction.id'], name=op.f('fk_thread_file_introduction_id_introduction')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_thread_file'))
    )
    with op.batch_alter_table('thread_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_thread_file_introduction_id'), ['introduction_id'], unique=False)

    op.create_table('thread_meeting',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('introduction_id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(length=80), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('starts_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('place', sa.String(length=200), nullable=False),
    sa.Column('link', sa.String(length=300), nullable=False),
    sa.Column('agenda', sa.Text(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('changed_at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('cancelled_at', marketplace.database.Instant(timezone=True), nullable=True),
    sa.CheckConstraint('minutes > 0', name=op.f('meeting_takes_time')),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_thread_meeting_by_id_user')),
    sa.ForeignKeyConstraint(['introduction_id'], ['introduction.id'], name=op.f('fk_thread_meeting_introduction_id_introduction')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_thread_meeting')),
    sa.UniqueConstraint('uid', name=op.f('uq_thread_meeting_uid'))
    )
    with op.batch_alter_table('thread_meeting', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_thread_meeting_introduction_id'), ['introduction_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_thread_meeting_starts_at'), ['starts_at'], unique=False)

    op.create_table('thread_message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('introduction_id', sa.Integer(), nullable=False),
    sa.Column('party', sa.Enum('need', 'result', 'broker', name='known_party', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_thread_message_by_id_user')),
    sa.ForeignKeyConstraint(['introduction_id'], ['introduction.id'], name=op.f('fk_thread_message_introduction_id_introduction')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_thread_message'))
    )
    with op.batch_alter_table('thread_message', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_thread_message_introduction_id'), ['introduction_id'], unique=False)

    op.create_table('thread_download',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['file_id'], ['thread_file.id'], name=op.f('fk_thread_download_file_id_thread_file')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_thread_download_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_thread_download'))
    )
    with op.batch_alter_table('thread_download', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_thread_download_file_id'), ['file_id'], unique=False)

    op.create_table('thread_paper',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('introduction_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('minutes', 'agreement', name='known_paperkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=True),
    sa.Column('party', sa.Enum('need', 'result', 'broker', name='known_party', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('at', marketplace.database.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_thread_paper_by_id_user')),
    sa.ForeignKeyConstraint(['file_id'], ['thread_file.id'], name=op.f('fk_thread_paper_file_id_thread_file')),
    sa.ForeignKeyConstraint(['introduction_id'], ['introduction.id'], name=op.f('fk_thread_paper_introduction_id_introduction')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_thread_paper')),
    sa.UniqueConstraint('introduction_id', 'kind', 'version', name='uq_paper_version')
    )
    with op.batch_alter_table('thread_paper', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_thread_paper_introduction_id'), ['introduction_id'], unique=False)

    refuse_changes(APPEND_ONLY)


def downgrade():
    with op.batch_alter_table('thread_paper', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_thread_paper_introduction_id'))

    op.drop_table('thread_paper')
    with op.batch_alter_table('thread_download', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_thread_download_file_id'))

    op.drop_table('thread_download')
    with op.batch_alter_table('thread_message', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_thread_message_introduction_id'))

    op.drop_table('thread_message')
    with op.batch_alter_table('thread_meeting', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_thread_meeting_starts_at'))
        batch_op.drop_index(batch_op.f('ix_thread_meeting_introduction_id'))

    op.drop_table('thread_meeting')
    with op.batch_alter_table('thread_file', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_thread_file_introduction_id'))

    op.drop_table('thread_file')
    op.drop_table('thread_draft')
    with op.batch_alter_table('thread_assent', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_thread_assent_introduction_id'))

    op.drop_table('thread_assent')
    with op.batch_alter_table('disclosure_view', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_disclosure_view_introduction_id'))

    op.drop_table('disclosure_view')
    op.drop_table('contact_card')
    op.drop_table('confidentiality_confirmation')
    with op.batch_alter_table('broker_allowance', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_broker_allowance_introduction_id'))

    op.drop_table('broker_allowance')
    with op.batch_alter_table('shown_list', schema=None) as batch_op:
        batch_op.drop_column('acted_on_at')
