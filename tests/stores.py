"""Where each test finds an empty market: a copied SQLite file, or a PostgreSQL database.

The tables are made once for a process. A test that makes or drops some has them made anew for the
next. On PostgreSQL each process has a database of its own beside the one that was named, so that
the tests may run in several; the role has to be a superuser, because emptying passes by the
triggers that keep the ledger append-only, for that one transaction.
"""

import re
import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from marketplace.extensions import db

CHANGES_TABLES = re.compile(r"\s*(CREATE|ALTER|DROP)\b", re.IGNORECASE)
AT_THE_BEGINNING = """
SELECT setval(oid::regclass, 1, false) FROM pg_class
WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace
"""


class SqliteStore:
    """A file for each test, copied from one with empty tables."""

    def __init__(self, folder: Path) -> None:
        self._empty = folder / "empty.db"
        engine = create_engine(f"sqlite:///{self._empty}", poolclass=NullPool)
        db.metadata.create_all(engine)
        event.listen(Engine, "connect", _do_not_wait_for_the_disk)

    def empty(self, home: Path) -> str:
        """The address of empty tables in ``home``."""
        shutil.copyfile(self._empty, home / "market.db")
        return f"sqlite:///{home / 'market.db'}"

    def close(self) -> None:
        """Leave nothing behind."""
        event.remove(Engine, "connect", _do_not_wait_for_the_disk)


def _do_not_wait_for_the_disk(connection: Any, _record: Any) -> None:
    """A killed process loses nothing by this, and the tests do not pull the plug."""
    if "sqlite" in type(connection).__module__:
        connection.execute("PRAGMA synchronous=OFF")


class PostgresStore:
    """One database for the tests of this process, emptied before each."""

    def __init__(self, url: str, process: str) -> None:
        named = make_url(url)
        self._url = named.set(database=f"{named.database}_{process}")
        self._server = create_engine(named, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        self._engine = create_engine(self._url, poolclass=NullPool)
        self._drop()
        self._on_server(f'CREATE DATABASE "{self._url.database}"')
        self._on_server(f'ALTER DATABASE "{self._url.database}" SET synchronous_commit = off')
        self._has_tables = False
        event.listen(Engine, "before_cursor_execute", self._watch)

    def empty(self, home: Path) -> str:
        """The address of empty tables; what was in them is gone, and serials begin at one."""
        with self._engine.begin() as connection:
            if self._has_tables:
                _delete_all(connection)
            else:
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
                db.metadata.create_all(connection)
        self._has_tables = True
        return _written(self._url)

    def close(self) -> None:
        """Leave nothing behind."""
        event.remove(Engine, "before_cursor_execute", self._watch)
        self._drop()

    def _watch(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if CHANGES_TABLES.match(statement):
            self._has_tables = False

    def _drop(self) -> None:
        self._on_server(f'DROP DATABASE IF EXISTS "{self._url.database}" WITH (FORCE)')

    def _on_server(self, statement: str) -> None:
        with self._server.connect() as connection:
            connection.execute(text(statement))


def _delete_all(connection: Connection) -> None:
    """Far faster than TRUNCATE, which makes files anew; no trigger and no foreign key is asked."""
    tables = [f'DELETE FROM "{table.name}"' for table in db.metadata.tables.values()]
    words = ["SET LOCAL session_replication_role = replica", *tables, AT_THE_BEGINNING]
    connection.exec_driver_sql(";".join(words))


def _written(url: URL) -> str:
    return url.render_as_string(hide_password=False)
