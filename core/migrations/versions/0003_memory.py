"""What callers picked and missed, what editors made of it, and the salt behind which callers disappear."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

from core.db import Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "memory_picks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("code", sa.String(120), nullable=False),
        sa.Column("how", sa.String(12), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("who", sa.String(32), nullable=False),
    )
    op.create_table(
        "memory_misses",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("who", sa.String(32), nullable=False),
    )
    op.create_table(
        "memory_silenced",
        sa.Column("who", sa.String(32), primary_key=True),
        sa.Column("at", Moment, nullable=False),
    )
    for table in ("memory_picks", "memory_misses", "memory_silenced"):
        op.create_index(f"{table}_by_moment", table, ["at"])
    for table in ("memory_picks", "memory_misses"):
        op.create_index(f"{table}_by_who", table, ["who"])
    op.create_table(
        "memory_learned",
        sa.Column("code", sa.String(120), primary_key=True),
        sa.Column("text", sa.String(200), primary_key=True),
        sa.Column("author", sa.String(100), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("evidence", sa.Integer, nullable=False),
    )
    op.create_table(
        "memory_rejected",
        sa.Column("code", sa.String(120), primary_key=True),
        sa.Column("text", sa.String(200), primary_key=True),
        sa.Column("author", sa.String(100), nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    salt = op.create_table(
        "memory_salt",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("salt", sa.String(64), nullable=False),
    )
    op.bulk_insert(salt, [{"id": 1, "salt": secrets.token_hex(32)}])


def downgrade() -> None:
    for table in ("memory_salt", "memory_rejected", "memory_learned", "memory_silenced", "memory_misses", "memory_picks"):
        op.drop_table(table)
