"""The Alembic environment of the ledger; started by `pipeline.store.session`, not by hand."""
