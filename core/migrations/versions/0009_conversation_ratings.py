"""Ratings of whole conversations: one each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db import Moment

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversation_ratings",
        sa.Column("session_digest", sa.String(64), primary_key=True),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("grade", sa.String(5), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("region", sa.String(6)),
        sa.Column("at", Moment, nullable=False),
        sa.Column("about", sa.String(120)),
    )
    op.create_index("ix_conversation_ratings_at", "conversation_ratings", ["at"])


def downgrade() -> None:
    op.drop_table("conversation_ratings")
