"""Conversations that are over, and what was said in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db import Moment

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("region", sa.String(6)),
        sa.Column("owner", sa.String(10), nullable=False),
        sa.Column("outcome", sa.String(40)),
        sa.Column("about", sa.String(120)),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("ended_at", Moment, nullable=False),
        sa.Column("ended", sa.String(100), nullable=False),
        sa.Column("messages", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("caller", sa.Text),
        sa.Column("caller_index", sa.String(64)),
        sa.Column("fields", sa.Text, nullable=False),
    )
    op.create_index("conversations_by_id", "conversations", ["id", "opened_at"])
    op.create_index("conversations_by_end", "conversations", ["ended_at"])
    op.create_index("conversations_by_caller", "conversations", ["caller_index"])
    op.create_table(
        "conversation_messages",
        sa.Column("conversation", sa.String(64), sa.ForeignKey("conversations.key"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("author", sa.String(10), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("conversation_messages")
    op.drop_table("conversations")
