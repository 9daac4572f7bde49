"""Seats at service centres: no two tickets hold the same one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appointments",
        sa.Column("number", sa.String(16), sa.ForeignKey("tickets.number"), primary_key=True),
        sa.Column("office", sa.String(30), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("slot", sa.String(5), nullable=False),
        sa.Column("seat", sa.Integer, nullable=False),
        sa.UniqueConstraint("office", "day", "slot", "seat", name="appointments_one_a_seat"),
    )


def downgrade() -> None:
    op.drop_table("appointments")
