"""What makes a table append-only in the database itself: triggers that refuse UPDATE and DELETE.

They guard against mistakes, not against the owner of the database, who can drop them; what he
changes is found by ``verification``. A migration that copies one of these tables (SQLite's batch
mode does) has to make its triggers anew.
"""

from sqlalchemy import DDL, Table, event

FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the table is append-only'; END $$
"""


def statements(table: str, dialect: str) -> list[str]:
    """The DDL that makes ``table`` append-only, for ``sqlite`` or ``postgresql``."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_refuses_{change.lower()} BEFORE {change} ON {table}"
            " BEGIN SELECT RAISE(ABORT, 'the table is append-only'); END"
            for change in ("UPDATE", "DELETE")
        ]
    return [
        FUNCTION,
        f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]


def make_append_only(table: Table) -> None:
    """Give ``table`` its triggers wherever it is made from the models."""
    for dialect in ("sqlite", "postgresql"):
        for statement in statements(table.name, dialect):
            event.listen(table, "after_create", DDL(statement).execute_if(dialect=dialect))
