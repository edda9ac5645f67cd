"""lists that were acted on"""

import sqlalchemy as sa
from alembic import op

import marketplace.database

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('shown_list', schema=None) as batch_op:
        batch_op.add_column(sa.Column('acted_on_at', marketplace.database.Instant(timezone=True), nullable=True))


def downgrade():
    with op.batch_alter_table('shown_list', schema=None) as batch_op:
        batch_op.drop_column('acted_on_at')
