"""Webhooks of department systems, and what they must still be sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("department", sa.String(60)),
        sa.Column("office_region", sa.String(6)),
        sa.Column("events", sa.JSON, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("next_at", Moment),
    )
    op.create_table(
        "deliveries",
        sa.Column("event_id", sa.String(60), sa.ForeignKey("outbox.id"), primary_key=True),
        sa.Column("webhook_id", sa.Integer, sa.ForeignKey("webhooks.id"), primary_key=True),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_at", Moment, nullable=False),
        sa.Column("told_at", Moment),
        sa.Column("dead", sa.Boolean, nullable=False),
        sa.Column("fault", sa.String(200)),
    )
    op.create_index("deliveries_by_turn", "deliveries", ["webhook_id", "told_at", "dead", "next_at"])


def downgrade() -> None:
    op.drop_table("deliveries")
    op.drop_table("webhooks")
