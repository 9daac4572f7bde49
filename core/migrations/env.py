"""Alembic's way in; only `core.db.migrate` calls it, with an open connection."""

from __future__ import annotations

from alembic import context

# Without a connection the schema of an unknown database would be changed: that is a mistake, not a default.
context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
