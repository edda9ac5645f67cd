"""Runs the migrations on the database of the application at hand."""

from alembic import context
from flask import current_app

from marketplace.extensions import db


def run() -> None:
    """Apply the versions that are missing; SQLite changes a table by copying it (batch mode)."""
    options = current_app.extensions["migrate"].configure_args
    with db.engine.connect() as connection:
        context.configure(connection=connection, target_metadata=db.metadata, **options)
        with context.begin_transaction():
            context.run_migrations()


run()
