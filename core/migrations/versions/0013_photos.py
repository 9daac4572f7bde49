"""Photos of tickets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db import Moment

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ticket_photos",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("number", sa.String(16), sa.ForeignKey("tickets.number"), nullable=False),
        sa.Column("media_type", sa.String(20), nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("bytes", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("request_id", sa.String(36)),
        sa.UniqueConstraint("number", "request_id", name="ticket_photos_one_a_request"),
    )


def downgrade() -> None:
    op.drop_table("ticket_photos")
