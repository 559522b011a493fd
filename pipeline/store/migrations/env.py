"""Run migrations on the connection that the ledger hands over, inside its transaction."""

from alembic import context

from pipeline.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # One transaction around everything: a killed upgrade leaves the old schema.
    transactional_ddl=True,
)
context.run_migrations()
