"""What contested dispatch teaches, and finding open tickets about one matter."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db import Moment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lessons",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("number", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("phrase", sa.String(100), nullable=False),
        *(sa.Column(name, sa.String(length), nullable=False) for name, length in
          (("wrong_category", 40), ("wrong_department", 60), ("category", 40), ("department", 60))),
        sa.Column("region", sa.String(6)),
        sa.Column("at", Moment, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("author", sa.String(100), nullable=False),
        sa.Column("decided_at", Moment),
        sa.UniqueConstraint("number", "version", name="lessons_by_act"),
    )
    op.create_index("lessons_by_state", "lessons", ["state", "at"])
    op.create_index("tickets_by_matter", "tickets", ["category", "region", "opened_at"])


def downgrade() -> None:
    op.drop_index("tickets_by_matter", "tickets")
    op.drop_table("lessons")
