"""Tickets, their trail, and the keys of channels and staff."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db import Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tickets",
        sa.Column("number", sa.String(16), primary_key=True),
        sa.Column("type", sa.String(4), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("urgency", sa.String(4), nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("department", sa.String(60), nullable=False),
        sa.Column("region", sa.String(6)),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("address", sa.Text),
        sa.Column("happened", sa.Text),
        sa.Column("who", sa.Text),
        sa.Column("cause", sa.Text),
        sa.Column("name", sa.String(50)),
        sa.Column("phone", sa.String(20)),
        sa.Column("anonymous", sa.Boolean, nullable=False),
        sa.Column("confidential", sa.Boolean, nullable=False),
        sa.Column("source_channel", sa.String(20), nullable=False),
        sa.Column("request_digest", sa.String(64), nullable=False, unique=True),
        sa.Column("code_digest", sa.String(64)),
        sa.Column("answer", sa.Text),
        sa.Column("rating", sa.String(5)),
        sa.Column("urged", sa.Integer, nullable=False),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("tickets_by_department", "tickets", ["department", "opened_at"])
    op.create_index("tickets_by_opening", "tickets", ["opened_at"])
    op.create_table(
        "ticket_acts",
        sa.Column("number", sa.String(16), sa.ForeignKey("tickets.number"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("act", sa.String(20), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("target", sa.String(20), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("label", sa.String(100), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("revoked_at", Moment),
    )


def downgrade() -> None:
    for table in ("api_keys", "ticket_acts", "tickets"):
        op.drop_table(table)
