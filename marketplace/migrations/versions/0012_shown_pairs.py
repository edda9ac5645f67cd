"""pairs that were shown"""

import sqlalchemy as sa
from alembic import op

from marketplace.database import Instant, enum_column
from marketplace.funnel.models import Channel

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "shown_pair",
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column("channel", enum_column(Channel), nullable=False),
        sa.Column("first_at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_shown_pair_need_id_need")),
        sa.ForeignKeyConstraint(
            ["result_id"], ["result.id"], name=op.f("fk_shown_pair_result_id_result")
        ),
        sa.PrimaryKeyConstraint("need_id", "result_id", "channel", name=op.f("pk_shown_pair")),
    )
    op.create_index("ix_shown_pair_first_at", "shown_pair", ["channel", "first_at"])


def downgrade():
    op.drop_table("shown_pair")
