"""Makes a registration point with its people, and contracts in any state by the ways of the trade."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from marketplace.accounts.models import Console, Organization, OrganizationKind, User
from marketplace.contracts import directory, operations, queries
from marketplace.contracts.models import Contract
from marketplace.contracts.points import HostKind, RegistrationPoint
from marketplace.contracts.proceedings import Answer
from marketplace.contracts.states import Action, State
from marketplace.extensions import db
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.factories import an_organization

#: A working day in the term of every contract that the factories make.
NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 10)
WAN = 1_000_000
_serial = count(1)


@dataclass
class Office:
    """A point and everybody who has to do with it."""

    point: RegistrationPoint
    clerk: User
    other_clerk: User
    reviewer: User
    other_reviewer: User
    outsider: User
    authority: User
    other_authority: User
    expert: User
    tax: User
    applicant: User
    stranger: User
    buyer: Organization


def a_person(role: Role, organization: Organization | None = None) -> User:
    """A user who never logs in: no password is hashed."""
    owner = organization or an_organization()
    name = f"{role}-{next(_serial)}"

    def work() -> User:
        user = User(
            username=name,
            display_name=name,
            password_hash="",
            role=role,
            organization=owner,
            created_at=NOW,
        )
        db.session.add(user)
        return user

    return transact(work)


def an_office(code: str = "150203", **facts: Any) -> Office:
    """A point of Baotou, by default for the whole city."""
    home = an_organization(OrganizationKind.REGISTRATION_POINT)
    bureau = an_organization(OrganizationKind.AUTHORITY, region="150000")
    values: dict[str, Any] = {"host_kind": HostKind.LEAGUE, "region": "150200"} | facts
    point = transact(
        lambda: directory.open_point(
            code, home, values.pop("host_kind"), actor=Console(), now=NOW - timedelta(30), **values
        )
    )
    return Office(
        point=point,
        clerk=a_person(Role.CLERK, home),
        other_clerk=a_person(Role.CLERK, home),
        reviewer=a_person(Role.REVIEWER, home),
        other_reviewer=a_person(Role.REVIEWER, home),
        outsider=a_person(Role.REVIEWER, an_organization(OrganizationKind.REGISTRATION_POINT)),
        authority=a_person(Role.AUTHORITY, bureau),
        other_authority=a_person(Role.AUTHORITY, bureau),
        expert=a_person(Role.EXPERT, an_organization(OrganizationKind.INSTITUTE)),
        tax=a_person(Role.TAX, an_organization(OrganizationKind.TAX_OR_FINANCE)),
        applicant=a_person(Role.INSTITUTE, an_organization(OrganizationKind.INSTITUTE)),
        stranger=a_person(Role.ENTERPRISE),
        buyer=an_organization(),
    )


def party_facts(organization: Organization, **facts: Any) -> dict[str, Any]:
    """A party as its organisation would fill it in."""
    return {
        "name": organization.name,
        "seal_name": organization.name,
        "uscc": organization.uscc,
        "nature": "150",
        "country": "156",
        "region": organization.region,
        "industry": "C26",
        "scale": "small",
        "representative": f"代表{organization.id}",
        "contact": f"联系人{organization.id}",
        "phone": f"0472-{organization.id:07d}",
        "share": 10_000,
    } | facts


def contract_facts(office: Office, **facts: Any) -> dict[str, Any]:
    """A contract to develop something, without a fault: 100 万元, of which 80 are technology."""
    serial = next(_serial)
    subject = f"循环水系统缓蚀阻垢剂{serial:05d}"
    return {
        "project_name": f"{subject}开发",
        "type": "11",
        "content": f"研究开发{subject}，提交配方、工艺和试验报告各一份。",
        "signed_on": date(2026, 2, 2),
        "begins_on": date(2026, 2, 2),
        "ends_on": date(2027, 2, 1),
        "deal_amount": 100 * WAN,
        "deal_words": "壹佰万元整",
        "technology_amount": 80 * WAN,
        "payment": "1",
        "plan": "5",
        "field": "0702",
        "goal": "01",
        "industry": "C26",
        "trade": "domestic",
        "sellers": [party_facts(office.applicant.organization, nature="0211", scale="")],
        "buyers": [party_facts(office.buyer)],
        "rights": [{"kind": "9"}],
        "brokers": [],
        "deductions": [
            {"kind": "equipment", "name": "加药装置", "amount": 20 * WAN, "evidence": "第五条"}
        ],
    } | facts


PDF = b"%PDF-1.7 "


def a_draft(office: Office, **facts: Any) -> Contract:
    """A draft of the applicant with its text and cost split."""
    values = contract_facts(office, **facts)

    def work() -> Contract:
        draft = operations.create(values, point=office.point, actor=office.applicant, now=NOW)
        for kind in ("contract", "cost"):
            content = PDF + f"{kind} {next(_serial)}".encode()
            operations.attach(draft, kind, f"{kind}.pdf", content, actor=office.applicant, now=NOW)
        return draft

    return transact(work)


def moved(
    contract: Contract, action: Action, actor: Any, *, now: datetime = NOW, **facts: Any
) -> Contract:
    """The contract after ``action`` of ``actor``, committed."""
    return transact(lambda: operations.advance(contract, action, actor=actor, now=now, **facts))


def ticked(contract: Contract, actor: Any, *, now: datetime = NOW, but: str = "") -> None:
    """Every test of its type answered yes, but one."""
    rules = queries.rules_of(contract, TODAY)

    def work() -> None:
        for code in (*rules.types[contract.type].tests, *(("X1", "X2") if contract.mixed else ())):
            answer = Answer.NO if code == but else Answer.YES
            operations.tick(contract, code, answer, "第三条", actor=actor, now=now)

    transact(work)


def in_review(office: Office, **facts: Any) -> Contract:
    """A case in the first review, every test passed."""
    contract = a_draft(office, **facts)
    moved(contract, Action.SUBMIT, office.applicant)
    moved(contract, Action.ACCEPT, office.clerk)
    moved(contract, Action.ASSIGN, office.clerk, clerk=office.clerk)
    ticked(contract, office.clerk)
    return contract


def in_second_review(office: Office, **facts: Any) -> Contract:
    """A case that a trigger sent to the second review."""
    contract = in_review(office, **{"tax_relief": True} | facts)
    return moved(contract, Action.PROPOSE, office.clerk)


def registered(office: Office, **facts: Any) -> Contract:
    """A registered contract."""
    contract = in_second_review(office, **facts)
    return moved(contract, Action.AGREE, office.reviewer)


def a_proof(contract: Contract, actor: Any, kind: str = "amendment", *, now: datetime = NOW) -> str:
    """The digest of a proof that ``actor`` attached."""
    content = PDF + f"proof {next(_serial)}".encode()
    return transact(
        lambda: operations.attach(contract, kind, "证明.pdf", content, actor=actor, now=now)
    ).digest


GROUNDS = [{"code": "F07", "text": "缺少权属证明", "evidence": "第二条"}]


def refused(office: Office, **facts: Any) -> Contract:
    """A refused case."""
    return moved(in_review(office, **facts), Action.REFUSE, office.clerk, grounds=GROUNDS)


def in_state(office: Office, state: State) -> Contract:
    """A contract that came to ``state`` by the moves of the table."""
    return MAKERS[state](office)


def _submitted(office: Office) -> Contract:
    return moved(a_draft(office), Action.SUBMIT, office.applicant)


def _supplement(office: Office) -> Contract:
    repairs = [{"field": "content", "text": "请补充验收标准"}]
    return moved(_submitted(office), Action.ASK_REPAIR, office.clerk, repairs=repairs)


def _accepted(office: Office) -> Contract:
    return moved(_submitted(office), Action.ACCEPT, office.clerk)


def _before_experts(office: Office) -> Contract:
    return moved(in_review(office), Action.REFER, office.clerk, disputed=True)


def _asked(action: Action) -> Any:
    def make(office: Office) -> Contract:
        contract = registered(office)
        proof = a_proof(contract, office.applicant)
        told: dict[str, Any] = {"reason": "双方协商一致", "proof": [proof]}
        if action == Action.REQUEST_CHANGE:
            told["change"] = {"term_text": "延期一年"}
        return moved(contract, action, office.applicant, **told)

    return make


def _cancelled(office: Office) -> Contract:
    contract = _asked(Action.REQUEST_CANCEL)(office)
    moved(contract, Action.EXAMINE, office.clerk, opinion="属实")
    return moved(contract, Action.AGREE, office.reviewer)


def _revoked(office: Office) -> Contract:
    contract = registered(office)
    hearing = a_proof(contract, office.authority, "hearing")
    told = {"reason": "虚假合同", "proof": [hearing]}
    moved(contract, Action.PROPOSE_REVOKE, office.authority, **told)
    return moved(contract, Action.REVOKE, office.other_authority)


def _reexamined(office: Office) -> Contract:
    return moved(registered(office), Action.OBJECT, office.tax, reason="疑非技术合同")


MAKERS = {
    State.DRAFT: a_draft,
    State.SUBMITTED: _submitted,
    State.SUPPLEMENT: _supplement,
    State.ACCEPTED: _accepted,
    State.REVIEW1: in_review,
    State.EXPERT: _before_experts,
    State.REVIEW2: in_second_review,
    State.REGISTERED: registered,
    State.REFUSED: refused,
    State.WITHDRAWN: lambda office: moved(a_draft(office), Action.WITHDRAW, office.applicant),
    State.CHANGE_PENDING: _asked(Action.REQUEST_CHANGE),
    State.CANCEL_PENDING: _asked(Action.REQUEST_CANCEL),
    State.CANCELLED: _cancelled,
    State.REVOKED: _revoked,
    State.REEXAM: _reexamined,
}
