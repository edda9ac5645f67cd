"""Who has confirmed, what stands open to whom, and who has looked; no writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from marketplace.brokering.brokers import queries as brokers
from marketplace.brokering.disclosure.models import (
    BrokerAllowance,
    Confirmation,
    ContactCard,
    DisclosureView,
)
from marketplace.brokering.models import Introduction
from marketplace.brokering.states import Party, Side
from marketplace.errors import Hidden
from marketplace.extensions import db
from marketplace.permissions import Permission, permits


@dataclass(frozen=True)
class Part:
    """What one side keeps confidential, as the table of permissions looks at it."""

    introduction: Introduction
    side: Side
    #: The other side has confirmed the statement.
    counterpart_confirmed: bool
    #: Both owners let the broker in, who has confirmed and is neither suspended nor struck off.
    broker_is_let_in: bool

    @property
    def organization_id(self) -> int:
        """Whose part it is."""
        return self.introduction.owner_id(self.side)

    @property
    def counterpart_id(self) -> int:
        """To whom it may open."""
        return self.introduction.owner_id(self.side.other)

    @property
    def broker_id(self) -> int | None:
        """Who brokers the introduction."""
        return self.introduction.broker_id

    @property
    def is_in_talks(self) -> bool:
        """Only while both talk, or a contract stands, is anything open."""
        return self.introduction.is_in_talks

    @property
    def confidential(self) -> str:
        """The confidential text of the listing; never a floor price, which the market does not keep."""
        need, result = self.introduction.need, self.introduction.result
        row = need.confidential if self.side == Side.NEED else result.confidential
        return row.text if row else ""

    @property
    def contact(self) -> str:
        """Whom to call."""
        card = db.session.get(ContactCard, (self.introduction.id, self.side))
        return card.text if card else ""


def confirmations_of(introduction: Introduction) -> dict[Party, Confirmation]:
    """What has been confirmed, by party."""
    of_it = select(Confirmation).where(Confirmation.introduction_id == introduction.id)
    return {row.party: row for row in db.session.scalars(of_it)}


def allowances_of(introduction: Introduction) -> dict[Side, bool]:
    """Whether each owner lets the broker in; silence is a no."""
    said = select(BrokerAllowance).where(BrokerAllowance.introduction_id == introduction.id)
    last = {row.side: row.allowed for row in db.session.scalars(said.order_by(BrokerAllowance.id))}
    return {side: last.get(side, False) for side in Side}


def parts_of(introduction: Introduction) -> dict[Side, Part]:
    """Both sides' parts with what decides over them."""
    confirmed = confirmations_of(introduction)
    let_in = Party.BROKER in confirmed and all(allowances_of(introduction).values())
    let_in = let_in and not brokers.is_barred(introduction.broker_id)
    return {
        side: Part(introduction, side, Party(side.other.value) in confirmed, let_in)
        for side in Side
    }


def opened_to(introduction: Introduction, user: Any) -> dict[Side, Part]:
    """The parts that ``user`` may look at now."""
    parts = parts_of(introduction)
    return {s: p for s, p in parts.items() if permits(user, Permission.SEE_DISCLOSED, p)}


def load_part(introduction: Introduction, side: Side, user: Any) -> Part:
    """One side's part as far as it is open to ``user``; Hidden else."""
    part = opened_to(introduction, user).get(side)
    if part is None:
        raise Hidden()
    return part


def views_of(introduction: Introduction, side: Side) -> Sequence[DisclosureView]:
    """谁在何时看过: every look at one side's part, the latest first."""
    looked = select(DisclosureView).where(
        DisclosureView.introduction_id == introduction.id, DisclosureView.side == side
    )
    return db.session.scalars(looked.order_by(DisclosureView.id.desc())).all()
