"""Facts from ledger, contracts and introductions, as plain rows: what credit is derived from."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased, selectinload

from marketplace.accounts.models import Organization, User
from marketplace.brokering.models import Introduction
from marketplace.contracts.models import Contract, Party, Side
from marketplace.contracts.proceedings import ContractVersion
from marketplace.contracts.states import LIVE
from marketplace.extensions import db
from marketplace.ledger.entry import Kind
from marketplace.ledger.models import LedgerEntry, LedgerFigure

#: Entries that say that a registration does not stand any more.
ENDINGS = frozenset({Kind.CANCELLED, Kind.REVOKED})


@dataclass(frozen=True)
class Entry:
    """One entry of the ledger about a contract, on the day that statistics count."""

    kind: Kind
    version: int
    position: int
    day: date


@dataclass(frozen=True)
class Registration:
    """A contract with its entries in order, and who stands behind it here."""

    contract_id: int
    applicant_id: int
    #: Members of the market among the parties.
    organizations: tuple[int, ...]
    broker_id: int | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class DealSide:
    """One party as it stands in a contract; ``key`` is its code, or its name where it has none."""

    key: str
    name: str
    representative: str = ""
    contact: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Deal:
    """A registration that stands: a seller, a buyer, the day, and 成交额 in fen.

    ``broker`` is the key of the organisation to which the introduction's broker belongs;
    ``position`` is where the ledger has the registration as it stands.
    """

    source: str
    day: date
    amount: int
    seller: DealSide
    buyer: DealSide
    broker: str = ""
    position: int | None = None

    @property
    def evidence(self) -> tuple[str, ...]:
        """Where it can be looked up."""
        entry = () if self.position is None else (f"ledger/{self.position}",)
        return self.source, *entry


@dataclass(frozen=True)
class Contact:
    """An introduction that both sides confirmed: user id and name of whoever asked and answered."""

    source: str
    asked_by: tuple[int, str]
    answered_by: tuple[tuple[int, str], ...]
    parties: tuple[str, ...]


def registrations() -> list[Registration]:
    """Every contract that the ledger knows, by id."""
    entries = _entries()
    parties = _members_among_parties()
    broker = Introduction.broker_id
    cases = select(Contract.id, Contract.organization_id, broker).outerjoin(
        Introduction, Introduction.id == Contract.introduction_id
    )
    rows = db.session.execute(cases.where(Contract.local_no.is_not(None)).order_by(Contract.id))
    return [
        Registration(id_, owner, tuple(sorted(parties[id_])), broker_id, tuple(entries[id_]))
        for id_, owner, broker_id in rows
        if entries[id_]
    ]


def _entries() -> defaultdict[int, list[Entry]]:
    columns = (LedgerEntry.subject, LedgerEntry.kind, LedgerEntry.version, LedgerEntry.position)
    asked = (
        select(*columns, LedgerFigure.date)
        .join(LedgerFigure, LedgerFigure.position == LedgerEntry.position)
        .where(LedgerEntry.subject.startswith("contract/", autoescape=True))
        .order_by(LedgerEntry.position)
    )
    found: defaultdict[int, list[Entry]] = defaultdict(list)
    for subject, kind, version, position, day in db.session.execute(asked):
        found[int(subject.partition("/")[2])].append(Entry(kind, version, position, day))
    return found


def _members_among_parties() -> defaultdict[int, set[int]]:
    coded = select(Organization.uscc, Organization.id).where(Organization.uscc.is_not(None))
    by_code = {code: id_ for code, id_ in db.session.execute(coded)}
    found: defaultdict[int, set[int]] = defaultdict(set)
    named = select(Party.contract_id, Party.organization_id, Party.uscc)
    for contract_id, organization_id, code in db.session.execute(named):
        member = organization_id or by_code.get(code)
        if member is not None:
            found[contract_id].add(member)
    return found


def introductions() -> Sequence[Introduction]:
    """Every introduction that was sent, with what was said and each step."""
    sent = select(Introduction).where(Introduction.sent_at.is_not(None))
    whole = sent.options(selectinload(Introduction.answers), selectinload(Introduction.steps))
    return db.session.scalars(whole.order_by(Introduction.id)).all()


def deals(since: date) -> list[Deal]:
    """Registrations that stand, from ``since`` on; several sellers or buyers make several deals."""
    broker, home = aliased(User), aliased(Organization)
    standing = and_(
        ContractVersion.contract_id == Contract.id, ContractVersion.version == Contract.version
    )
    columns = (Contract.id, Contract.registered_on, Contract.deal_amount, ContractVersion.position)
    asked = (
        select(*columns, home.uscc, home.name)
        .outerjoin(ContractVersion, standing)
        .outerjoin(Introduction, Introduction.id == Contract.introduction_id)
        .outerjoin(broker, broker.id == Introduction.broker_id)
        .outerjoin(home, home.id == broker.organization_id)
        .where(Contract.state.in_(LIVE), Contract.registered_on >= since)
        .order_by(Contract.registered_on, Contract.id)
    )
    rows = db.session.execute(asked).all()
    sides = _sides(row.id for row in rows)
    return [
        Deal(f"contract/{id_}", day, amount or 0, seller, buyer, code or name or "", position)
        for id_, day, amount, position, code, name in rows
        if day is not None
        for seller in sides[id_, Side.SELLER]
        for buyer in sides[id_, Side.BUYER]
    ]


def _sides(contract_ids: Iterable[int]) -> defaultdict[tuple[int, Side], list[DealSide]]:
    wanted = set(contract_ids)
    columns = (Party.contract_id, Party.side, Party.uscc, Party.name)
    people = (Party.representative, Party.contact, Party.phone)
    rows = db.session.execute(select(*columns, *people).order_by(Party.contract_id, Party.position))
    found: defaultdict[tuple[int, Side], list[DealSide]] = defaultdict(list)
    for contract_id, side, code, name, *rest in rows:
        if contract_id in wanted:
            found[contract_id, side].append(DealSide(code or name, name, *rest))
    return found


def contacts(since: datetime) -> list[Contact]:
    """Introductions that came into contact from ``since`` on, with who confirmed them."""
    asked = select(Introduction).where(Introduction.contacted_at >= since)
    return [_contact(one) for one in db.session.scalars(asked.order_by(Introduction.id))]


def _contact(introduction: Introduction) -> Contact:
    opener = introduction.opened_by
    said = [a.by for a in introduction.answers if a.side is not None]
    parties = (introduction.need_owner.name, introduction.result_owner.name)
    return Contact(
        introduction.key,
        (opener.id, opener.display_name),
        tuple((user.id, user.display_name) for user in said),
        parties,
    )
