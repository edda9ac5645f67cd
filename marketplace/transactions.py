"""``transact``: the only place that commits."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from marketplace.database import writing
from marketplace.extensions import db

Outcome = TypeVar("Outcome")
ATTEMPTS = 3


def transact(work: Callable[[], Outcome]) -> Outcome:
    """Run ``work`` in one transaction and commit once; a lost race repeats it, three times at most.

    ``work`` loads what it needs. Whatever it raises is rolled back and raised again.
    """
    for attempt in range(1, ATTEMPTS + 1):
        db.session.rollback()  # end the reading transaction, whose picture may be old
        token = writing.set(True)
        try:
            outcome = work()
            db.session.commit()
            return outcome
        except OperationalError:
            db.session.rollback()
            if attempt == ATTEMPTS:
                raise
        except BaseException:
            db.session.rollback()
            raise
        finally:
            writing.reset(token)
    raise AssertionError("unreachable")
