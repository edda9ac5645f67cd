"""Agreements and what fell due under them; no writes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, func, select

from marketplace.brokering.agreements.entries import Occasion
from marketplace.brokering.agreements.models import Agreement, Commission
from marketplace.brokering.agreements.states import Condition
from marketplace.brokering.models import Introduction
from marketplace.errors import Hidden, NotFound
from marketplace.extensions import db
from marketplace.ledger import queries as ledger
from marketplace.listings.queries import LARGEST_ID
from marketplace.permissions import Permission, Role, permits


def of_introduction(introduction_id: int) -> Agreement | None:
    """The agreement of an introduction, where one was offered."""
    rows = select(Agreement).where(Agreement.introduction_id == introduction_id)
    return db.session.scalar(rows)


def load(introduction_id: int, user: Any) -> tuple[Introduction, Agreement | None]:
    """An introduction with its agreement, for its parties and brokers; NotFound for anybody else."""
    known = introduction_id <= LARGEST_ID
    introduction = db.session.get(Introduction, introduction_id) if known else None
    if introduction is None:
        raise NotFound()
    agreement = of_introduction(introduction_id)
    may = permits(user, Permission.OFFER_AGREEMENT, introduction) or (
        agreement is not None and permits(user, Permission.SEE_AGREEMENT, agreement)
    )
    if not may:
        raise Hidden()
    return introduction, agreement


def party_of(agreement: Agreement, user: Any) -> str:
    """For whom ``user`` speaks: a side, or themselves as a broker; empty for strangers.

    A broker speaks for themselves, also where their office is a side.
    """
    if user.role == Role.BROKER:
        return f"broker/{user.id}"
    return agreement.introduction.side_of(user.organization_id) or ""


def standing(agreement: Agreement, kind: Condition) -> tuple[int, int]:
    """Of what is not taken back: the bases of that kind of occasion, and all commissions, in fen.

    What was registered and what was received are the same money seen twice: they are not added.
    """
    base = func.sum(case((Commission.occasion == kind, Commission.base), else_=0))
    sums = select(base, func.sum(Commission.fen)).where(
        Commission.agreement_id == agreement.id, Commission.reversed_at.is_(None)
    )
    before, fen = db.session.execute(sums).one()
    return int(before or 0), int(fen or 0)


def standing_rows(agreement: Agreement) -> Sequence[Commission]:
    """What fell due under an agreement and was not taken back, in the order of the occasions."""
    rows = select(Commission).where(
        Commission.agreement_id == agreement.id, Commission.reversed_at.is_(None)
    )
    return db.session.scalars(rows.order_by(Commission.id)).all()


def is_entry_of(agreement: Agreement, position: int) -> bool:
    """Whether the ledger's entry at ``position`` is of a commission under this agreement."""
    return ledger.load(position).subject.startswith(f"{agreement.key}/")


def commission_of(agreement: Agreement, occasion: Occasion) -> Commission | None:
    """What was entered for an occasion."""
    rows = select(Commission).where(
        Commission.agreement_id == agreement.id,
        Commission.contract_id == occasion.contract_id,
        Commission.occasion == occasion.kind,
        Commission.number == occasion.number,
    )
    return db.session.scalar(rows)


def standing_of_contract(contract_id: int, occasions: Sequence[Condition]) -> Sequence[Commission]:
    """What fell due on these occasions of a contract and was not taken back."""
    rows = select(Commission).where(
        Commission.contract_id == contract_id,
        Commission.occasion.in_(occasions),
        Commission.reversed_at.is_(None),
    )
    return db.session.scalars(rows.order_by(Commission.id)).all()
