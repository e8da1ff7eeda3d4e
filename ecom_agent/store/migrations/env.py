"""Alembic's way in: migrations run on the connection that `ecom_agent.store.schema` hands over, in its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transaction_per_migration=False)
with context.begin_transaction():
    context.run_migrations()
