"""Sixteen clerks at once: numbers without a gap, without a double, on either database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.accounts.models import User
from marketplace.contracts import numbers, operations
from marketplace.contracts.models import Contract
from marketplace.contracts.states import Action, State
from marketplace.errors import Conflict, IllegalMove
from marketplace.extensions import db
from marketplace.ledger import queries as ledger
from marketplace.transactions import transact
from tests.contracts.factories import NOW, an_office, in_second_review

CLIENTS = 16


def at_once(app: Flask, works: list[Callable[[], Any]]) -> list[Any]:
    """What each of ``works`` gave or raised, all begun in the same instant."""
    ready = Barrier(len(works))

    def client(work: Callable[[], Any]) -> Any:
        with app.test_request_context():
            ready.wait()
            try:
                return transact(work)
            except (Conflict, IllegalMove) as fault:
                return type(fault)
            finally:
                db.session.remove()

    db.session.remove()
    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(client, works))


def agreeing(contract_id: int, reviewer_id: int) -> Callable[[], str | None]:
    """A reviewer who agrees to that contract; its number."""

    def work() -> str | None:
        contract, reviewer = (
            db.session.get(Contract, contract_id),
            db.session.get(User, reviewer_id),
        )
        return operations.advance(contract, Action.AGREE, actor=reviewer, now=NOW).local_no

    return work


def test_sixteen_registrations_at_once_get_sixteen_numbers_in_a_row(app: Flask) -> None:
    office = an_office()
    waiting = [in_second_review(office).id for _ in range(CLIENTS)]
    given = at_once(app, [agreeing(one, office.reviewer.id) for one in waiting])
    assert sorted(given) == [f"2026150203{n:06d}" for n in range(1, CLIENTS + 1)]
    assert ledger.size() == CLIENTS
    stored = db.session.scalars(select(Contract.local_no)).all()
    assert sorted(stored) == sorted(given)


def test_of_sixteen_who_register_the_same_case_one_does(app: Flask) -> None:
    office = an_office()
    contract_id, reviewer_id = in_second_review(office).id, office.reviewer.id
    given = at_once(app, [agreeing(contract_id, reviewer_id)] * CLIENTS)
    assert given.count(IllegalMove) == CLIENTS - 1
    assert "2026150203000001" in given and ledger.size() == 1


def test_a_registration_that_fails_gives_its_number_back(app: Flask) -> None:
    office = an_office()
    contract = in_second_review(office)

    def work() -> None:
        operations.advance(contract, Action.AGREE, actor=office.reviewer, now=NOW)
        assert contract.local_no == "2026150203000001"
        raise Conflict

    with pytest.raises(Conflict):
        transact(work)
    assert contract.state == State.REVIEW2 and contract.local_no is None
    again = agreeing(contract.id, office.reviewer.id)
    assert transact(again) == "2026150203000001"


def test_each_point_and_year_counts_for_itself(app: Flask) -> None:
    an_office("150203"), an_office("150204")

    def work() -> list[str]:
        asked = [("150203", 2026), ("150204", 2026), ("150203", 2027), ("150203", 2026)]
        return [numbers.issue(*one) for one in asked]

    assert transact(work) == [
        "2026150203000001", "2026150204000001", "2027150203000001", "2026150203000002",
    ]  # fmt: skip
