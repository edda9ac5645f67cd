"""Contracts of the present day, for pages, which ask the clock themselves."""

from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from marketplace.accounts.models import User
from marketplace.accounts.passwords import hash_password
from marketplace.contracts import operations
from marketplace.contracts.models import Contract
from marketplace.contracts.states import Action
from marketplace.database import utcnow
from marketplace.transactions import transact
from marketplace.working_days import local_day
from tests.contracts import factories
from tests.contracts.factories import PDF, Office, contract_facts, ticked
from tests.factories import PASSWORD


def day(days: int = 0) -> Any:
    """So many days from today."""
    return local_day(utcnow()) + timedelta(days=days)


def facts_today(office: Office, **facts: Any) -> dict[str, Any]:
    """A contract without a fault whose term runs today."""
    term = {"signed_on": day(-30), "begins_on": day(-30), "ends_on": day(300)}
    return contract_facts(office, **term | facts)


def a_draft_today(office: Office, **facts: Any) -> Contract:
    """A draft of the applicant with its text and cost split."""
    values = facts_today(office, **facts)

    def work() -> Contract:
        now, actor = utcnow(), office.applicant
        draft = operations.create(values, point=office.point, actor=actor, now=now)
        for kind in ("contract", "cost"):
            content = PDF + f"{kind} {draft.id}".encode()
            operations.attach(draft, kind, f"{kind}.pdf", content, actor=actor, now=now)
        return draft

    return transact(work)


def moved(contract: Contract, action: Action, actor: User, **facts: Any) -> Contract:
    """The contract after ``action``, now."""
    return factories.moved(contract, action, actor, now=utcnow(), **facts)


def submitted_today(office: Office, **facts: Any) -> Contract:
    """A case that waits to be accepted."""
    return moved(a_draft_today(office, **facts), Action.SUBMIT, office.applicant)


def in_review_today(office: Office, **facts: Any) -> Contract:
    """A case in the first review of the clerk, nothing ticked."""
    contract = moved(submitted_today(office, **facts), Action.ACCEPT, office.clerk)
    return moved(contract, Action.ASSIGN, office.clerk, clerk=office.clerk)


def in_second_review_today(office: Office, **facts: Any) -> Contract:
    """A case that a trigger sent to the second review."""
    contract = in_review_today(office, **{"tax_relief": True} | facts)
    ticked(contract, office.clerk, now=utcnow())
    return moved(contract, Action.PROPOSE, office.clerk)


def registered_today(office: Office, **facts: Any) -> Contract:
    """A registered contract."""
    return moved(in_second_review_today(office, **facts), Action.AGREE, office.reviewer)


def able_to_log_in(user: User) -> User:
    """The person with the password of all tests."""
    transact(lambda: setattr(user, "password_hash", hash_password(PASSWORD)))
    return user


def enters(client: FlaskClient, user: User) -> FlaskClient:
    """The browser in which ``user`` has logged in, and nobody else."""
    client.post("/logout")
    able_to_log_in(user)
    answer = client.post("/login", data={"username": user.username, "password": PASSWORD})
    assert answer.status_code == 302
    return client
