"""``transact``: the only place that commits; ``lock``: one row kept from others until then."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from marketplace.database import writing
from marketplace.extensions import db

Outcome = TypeVar("Outcome")
ATTEMPTS = 3
#: What PostgreSQL and SQLite call a key that somebody else wrote in the same instant.
TAKEN = frozenset({"23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"})


def transact(work: Callable[[], Outcome]) -> Outcome:
    """Run ``work`` in one transaction and commit once; a lost race repeats it, three times at most.

    ``work`` loads what it needs; repeated, it sees what the winner wrote and says so in words.
    Whatever else it raises is rolled back and raised again.
    """
    for attempt in range(1, ATTEMPTS + 1):
        db.session.rollback()  # end the reading transaction, whose picture may be old
        token = writing.set(True)
        try:
            outcome = work()
            db.session.commit()
            return outcome
        except (OperationalError, IntegrityError) as fault:
            db.session.rollback()
            if attempt == ATTEMPTS or not _is_lost_race(fault):
                raise
        except BaseException:
            db.session.rollback()
            raise
        finally:
            writing.reset(token)
    raise AssertionError("unreachable")


def _is_lost_race(fault: DBAPIError) -> bool:
    """Whether somebody else was first: no lock was to be had, or a unique key is taken."""
    names = ("sqlstate", "sqlite_errorname")
    return isinstance(fault, OperationalError) or any(
        getattr(fault.orig, name, None) in TAKEN for name in names
    )


def lock(row: Any) -> None:
    """Read ``row`` again and keep others from it until the transaction ends.

    The row alone: PostgreSQL refuses to lock what an outer join loads beside it.
    """
    db.session.flush()
    db.session.refresh(row, with_for_update={"of": type(row)})
