"""How the public calls a ticket: an id from which nobody learns its number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_BATCH = 1000
_tickets = sa.table("tickets", sa.column("number", sa.String), sa.column("public_id", sa.String))


def upgrade() -> None:
    op.add_column("tickets", sa.Column("public_id", sa.String(20)))
    op.create_index("tickets_by_public_id", "tickets", ["public_id"])
    connection, cipher, last = op.get_bind(), context.config.attributes.get("cipher"), ""
    while numbers := connection.scalars(sa.select(_tickets.c.number).where(_tickets.c.number > last).order_by(_tickets.c.number).limit(_BATCH)).all():
        if cipher is None:
            raise ValueError("the tickets need ids under the key file: give a cipher")
        filled = sa.update(_tickets).where(_tickets.c.number == sa.bindparam("known")).values(public_id=sa.bindparam("fresh"))
        connection.execute(filled, [{"known": number, "fresh": cipher.index(f"open311:{number}")[:20]} for number in numbers])
        last = numbers[-1]


def downgrade() -> None:
    op.drop_index("tickets_by_public_id", "tickets")
    op.drop_column("tickets", "public_id")
