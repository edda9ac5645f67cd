"""Contract and what is submitted with it; party data are a snapshot, never a reference.

Money is integer fen, shares are basis points, codes keep their zeros. What the office writes in the
course of a case is in ``proceedings``.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from marketplace.accounts.models import Organization
from marketplace.brokering.models import Introduction
from marketplace.contracts.points import RegistrationPoint
from marketplace.contracts.proceedings import ContractVersion, Request
from marketplace.contracts.states import EDITABLE, State
from marketplace.database import Instant, enum_column
from marketplace.extensions import db
from marketplace.rules import Rules

WHOLE = 10_000  # basis points


class Side(StrEnum):
    """On which side a party stands."""

    SELLER = "seller"
    BUYER = "buyer"


class Visibility(StrEnum):
    """What the public may see of a registered contract."""

    PUBLIC = "public"
    MASKED = "masked"
    PRIVATE = "private"


class Part:
    """A row that belongs to one contract and has a place among its like."""

    @declared_attr
    def contract_id(self) -> Mapped[int]:
        """The contract."""
        return mapped_column(ForeignKey("contract.id", ondelete="CASCADE"), primary_key=True)

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Party(Part, db.Model):
    """One seller or buyer as it was at registration (data dictionary 8.2)."""

    __tablename__ = "contract_party"
    __table_args__ = (
        CheckConstraint("share BETWEEN 0 AND 10000", name="party_share_within_whole"),
    )

    side: Mapped[Side] = mapped_column(enum_column(Side))
    #: The member of the market that this party is, where it is one.
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    seal_name: Mapped[str] = mapped_column(String(200), default="")
    #: 统一社会信用代码; of a natural person or a foreigner another number.
    uscc: Mapped[str] = mapped_column(String(40), default="", index=True)
    nature: Mapped[str] = mapped_column(String(4), default="")
    country: Mapped[str] = mapped_column(String(3), default="156")
    region: Mapped[str] = mapped_column(String(6), default="")
    industry: Mapped[str] = mapped_column(String(5), default="")
    is_transfer_agency: Mapped[bool] = mapped_column(default=False)
    is_research_body: Mapped[bool] = mapped_column(default=False)
    is_converted_institute: Mapped[bool] = mapped_column(default=False)
    in_zone: Mapped[bool] = mapped_column(default=False)
    listed: Mapped[bool] = mapped_column(default=False)
    scale: Mapped[str] = mapped_column(String(8), default="")
    high_tech: Mapped[bool] = mapped_column(default=False)
    address: Mapped[str] = mapped_column(String(200), default="")
    zip_code: Mapped[str] = mapped_column(String(10), default="")
    representative: Mapped[str] = mapped_column(String(60), default="")
    contact: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    share: Mapped[int] = mapped_column(default=WHOLE)


class Right(Part, db.Model):
    """One intellectual property right of the subject; the first is the main one."""

    __tablename__ = "contract_right"

    kind: Mapped[str] = mapped_column(String(2), default="")
    number: Mapped[str] = mapped_column(String(40), default="")
    holder: Mapped[str] = mapped_column(String(200), default="")
    applied_on: Mapped[date | None]
    valid_until: Mapped[date | None]
    pledged: Mapped[bool] = mapped_column(default=False)


class Broker(Part, db.Model):
    """A 中介方 with its 技术经纪人 and commission."""

    __tablename__ = "contract_broker"
    __table_args__ = (CheckConstraint("commission >= 0", name="commission_is_not_negative"),)

    name: Mapped[str] = mapped_column(String(200), default="")
    uscc: Mapped[str] = mapped_column(String(40), default="")
    agent: Mapped[str] = mapped_column(String(60), default="")
    commission: Mapped[int] = mapped_column(BigInteger, default=0)


class Deduction(Part, db.Model):
    """One non-technical cost; a reasonable carrier is kept as a line and not deducted."""

    __tablename__ = "contract_deduction"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="deduction_is_not_negative"),
        CheckConstraint("quantity >= 1", name="deduction_has_quantity"),
    )

    kind: Mapped[str] = mapped_column(String(12), default="")
    name: Mapped[str] = mapped_column(String(200), default="")
    amount: Mapped[int] = mapped_column(BigInteger, default=0)
    quantity: Mapped[int] = mapped_column(default=1)
    #: Whether it is complete equipment or a test device, of which 1–2 sets count as reasonable.
    is_device: Mapped[bool] = mapped_column(default=False)
    evidence: Mapped[str] = mapped_column(String(300), default="")

    @property
    def is_deducted(self) -> bool:
        """Whether the line lowers 技术交易额."""
        return self.kind != "carrier"


class Attachment(db.Model):
    """A file of the case by the digest of its bytes."""

    __tablename__ = "contract_attachment"
    __table_args__ = (UniqueConstraint("contract_id", "kind", "digest", name="uq_attached_once"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(
        ForeignKey("contract.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(Instant)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class Contract(db.Model):
    """技术合同: a case from its draft to its end (data dictionary 8.1)."""

    __tablename__ = "contract"
    __table_args__ = (
        CheckConstraint(
            "technology_amount >= 0 AND technology_amount <= deal_amount",
            name="technology_amount_within_deal_amount",
        ),
        CheckConstraint(
            "(local_no IS NULL) = (registered_on IS NULL)", name="number_comes_with_registration"
        ),
        CheckConstraint(
            "state NOT IN ('registered', 'change_pending', 'cancel_pending', 'cancelled',"
            " 'revoked') OR local_no IS NOT NULL",
            name="registered_has_number",
        ),
        CheckConstraint(
            "local_no IS NULL OR (version >= 1 AND rules <> '')",
            name="registered_has_version_and_rules",
        ),
        CheckConstraint(
            "second_reviewer_id IS NULL OR second_reviewer_id <> first_reviewer_id",
            name="second_reviewer_is_another",
        ),
        CheckConstraint(
            "typist_id IS NULL OR first_reviewer_id IS NULL OR typist_id <> first_reviewer_id",
            name="typist_is_no_reviewer",
        ),
        CheckConstraint(
            "state NOT IN ('accepted', 'review1', 'expert', 'review2') OR due_on IS NOT NULL",
            name="accepted_has_deadline",
        ),
        CheckConstraint("related_share BETWEEN 0 AND 10000", name="related_share_within_whole"),
        Index("ix_contract_point_code_state", "point_code", "state", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[State] = mapped_column(enum_column(State), default=State.DRAFT, index=True)
    revision: Mapped[int] = mapped_column(default=1)
    #: 登记主体, the applicant.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    #: The clerk who typed it at the counter for the applicant, if one did.
    typist_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    point_code: Mapped[str] = mapped_column(ForeignKey("registration_point.code"))
    #: The refused or withdrawn case that this one repairs.
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"))
    demonstration: Mapped[bool] = mapped_column(default=False)

    project_name: Mapped[str] = mapped_column(String(200), default="")
    type: Mapped[str] = mapped_column(String(2), default="")
    content: Mapped[str] = mapped_column(Text, default="")
    signed_on: Mapped[date | None]
    begins_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    term_text: Mapped[str] = mapped_column(String(200), default="")
    deal_amount: Mapped[int | None] = mapped_column(BigInteger)
    deal_words: Mapped[str] = mapped_column(String(100), default="")
    technology_amount: Mapped[int | None] = mapped_column(BigInteger)
    payment: Mapped[str] = mapped_column(String(2), default="")
    #: 提成: only the fixed part is registered, and topped up by changes.
    estimated: Mapped[bool] = mapped_column(default=False)
    tax_relief: Mapped[bool] = mapped_column(default=False)
    related: Mapped[bool] = mapped_column(default=False)
    relation: Mapped[str] = mapped_column(String(200), default="")
    related_share: Mapped[int] = mapped_column(default=0)
    plan: Mapped[str] = mapped_column(String(4), default="")
    plan_number: Mapped[str] = mapped_column(String(60), default="")
    field: Mapped[str] = mapped_column(String(4), default="")
    goal: Mapped[str] = mapped_column(String(4), default="")
    industry: Mapped[str] = mapped_column(String(5), default="")
    new_investment: Mapped[int | None] = mapped_column(BigInteger)
    new_output: Mapped[int | None] = mapped_column(BigInteger)
    trade: Mapped[str] = mapped_column(String(8), default="domestic")
    country: Mapped[str] = mapped_column(String(3), default="")
    currency: Mapped[str] = mapped_column(String(3), default="CNY")
    #: The sum in the hundredth part of the foreign currency.
    foreign_amount: Mapped[int | None] = mapped_column(BigInteger)
    #: Yuan for one unit of the currency, on ``rate_on``.
    rate: Mapped[Decimal | None] = mapped_column(Numeric(18, 8))
    rate_on: Mapped[date | None]
    trade_number: Mapped[str] = mapped_column(String(60), default="")
    licence: Mapped[str] = mapped_column(String(12), default="")
    licence_territory: Mapped[str] = mapped_column(String(100), default="")
    licence_use: Mapped[str] = mapped_column(String(100), default="")
    licence_until: Mapped[date | None]
    #: The number of the contract to which a related consulting or service contract belongs.
    parent_number: Mapped[str] = mapped_column(String(16), default="")
    foreign_language: Mapped[bool] = mapped_column(default=False)
    #: An internal department or 课题组 signed.
    department_signed: Mapped[bool] = mapped_column(default=False)
    government_project: Mapped[bool] = mapped_column(default=False)
    needs_approval: Mapped[bool] = mapped_column(default=False)
    #: The contract has a non-technical part as well.
    mixed: Mapped[bool] = mapped_column(default=False)
    classified: Mapped[bool] = mapped_column(default=False)
    visibility: Mapped[Visibility] = mapped_column(
        enum_column(Visibility), default=Visibility.MASKED
    )
    need_id: Mapped[int | None] = mapped_column(ForeignKey("need.id"))
    result_id: Mapped[int | None] = mapped_column(ForeignKey("result.id"))
    #: The introduction from which the contract came.
    introduction_id: Mapped[int | None] = mapped_column(
        ForeignKey("introduction.id", name="fk_contract_introduction_id_introduction"), index=True
    )
    #: The digest of the recipe by which need and result were matched, where they were.
    match_recipe: Mapped[str] = mapped_column(String(64), default="")

    rules: Mapped[str] = mapped_column(String(16), default="")
    disputed: Mapped[bool] = mapped_column(default=False)
    sampled: Mapped[bool] = mapped_column(default=False)
    triggers: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    resubmitted_on: Mapped[date | None]
    accepted_on: Mapped[date | None]
    due_on: Mapped[date | None]
    #: Days of the review that had run when the clock stopped, where it does not start again.
    clock_used: Mapped[int] = mapped_column(default=0)
    supplement_due_on: Mapped[date | None]
    first_reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    second_reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    version: Mapped[int] = mapped_column(default=0)
    registered_on: Mapped[date | None]
    registered_at: Mapped[datetime | None] = mapped_column(Instant)
    refused_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    completed_on: Mapped[date | None]
    purged_at: Mapped[datetime | None] = mapped_column(Instant)
    local_no: Mapped[str | None] = mapped_column(String(16), unique=True)
    national_no: Mapped[str | None] = mapped_column(String(16), unique=True)
    #: While the registration stands: digest of text, parties and signing date; none may have it too.
    live_fingerprint: Mapped[str | None] = mapped_column(String(64), unique=True)

    organization: Mapped[Organization] = relationship()
    point: Mapped[RegistrationPoint] = relationship()
    #: From which it came, if from any.
    introduction: Mapped[Introduction | None] = relationship()
    previous: Mapped["Contract | None"] = relationship(remote_side=[id])
    versions: Mapped[list[ContractVersion]] = relationship(
        viewonly=True, order_by=ContractVersion.version
    )
    requests: Mapped[list[Request]] = relationship(viewonly=True, order_by=Request.id)
    parties: Mapped[list[Party]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by=Party.position
    )
    rights: Mapped[list[Right]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by=Right.position
    )
    brokers: Mapped[list[Broker]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by=Broker.position
    )
    deductions: Mapped[list[Deduction]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by=Deduction.position
    )
    attachments: Mapped[list[Attachment]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by=Attachment.id
    )

    @property
    def key(self) -> str:
        """How ledger, audit and outbox name it."""
        return f"contract/{self.id}"

    @property
    def sellers(self) -> list[Party]:
        """The parties on the seller's side, the first first."""
        return [party for party in self.parties if party.side == Side.SELLER]

    @property
    def buyers(self) -> list[Party]:
        """The parties on the buyer's side, the first first."""
        return [party for party in self.parties if party.side == Side.BUYER]

    @property
    def commission(self) -> int:
        """What the brokers receive together, in fen."""
        return sum(broker.commission or 0 for broker in self.brokers)

    @property
    def deducted(self) -> int:
        """The sum of what is deducted from 成交额, in fen; carriers are not."""
        return sum(line.amount or 0 for line in self.deductions if line.is_deducted)

    @property
    def is_editable(self) -> bool:
        """Whether the applicant may change the text now."""
        return self.state in EDITABLE and self.purged_at is None

    @property
    def is_before_experts(self) -> bool:
        """Whether the case lies before the expert panel, or what is asked of it does."""
        if self.state not in (State.CHANGE_PENDING, State.REEXAM):
            return self.state == State.EXPERT
        asked = self.requests[-1].facts.get("technology_amount", self.technology_amount)
        return Rules.called(self.rules).asks_experts(asked, disputed=self.disputed)

    @property
    def point_organization_id(self) -> int:
        """The organisation whose clerks have the case."""
        return self.point.organization_id

    @property
    def point_league(self) -> str:
        """The league in which it is registered."""
        return self.point.league

    @property
    def applicant_region(self) -> str:
        """Where the applicant is, by its party row; by its account while it has none."""
        home = self.organization
        own = [p for p in self.parties if p.organization_id == home.id or p.uscc == home.uscc]
        return own[0].region if own else home.region

    @property
    def is_own_institutions(self) -> bool:
        """Whether the point registers a contract of the institution that runs it."""
        host = self.point.host
        return host is not None and self.concerns(host.id, host.uscc)

    def concerns(self, organization_id: int, uscc: str | None) -> bool:
        """Whether that organisation is the applicant or a party."""
        is_party = any(
            party.organization_id == organization_id or (uscc and party.uscc == uscc)
            for party in self.parties
        )
        return organization_id == self.organization_id or is_party
