"""Runs the migrations on the database of the application at hand."""

from typing import Any

from alembic import context
from flask import current_app

from marketplace.extensions import db


def run() -> None:
    """Apply the versions that are missing; SQLite changes a table by copying it (batch mode)."""
    options = current_app.extensions["migrate"].configure_args
    with db.engine.connect() as connection:
        _let_tables_be_copied(connection)
        context.configure(connection=connection, target_metadata=db.metadata, **options)
        with context.begin_transaction():
            context.run_migrations()


def _let_tables_be_copied(connection: Any) -> None:
    """SQLite would refuse to drop the old copy of a table to which rows of others refer.

    Said to the driver, before any transaction: inside one SQLite does not hear it. The connection
    is closed after the migrations, and the next one checks references again.
    """
    if connection.dialect.name == "sqlite":
        connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")


run()
