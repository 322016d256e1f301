"""Run by Alembic, with the connection and transaction that `upgrade` opened."""

from alembic import context

from index.rows.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
