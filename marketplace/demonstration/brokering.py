"""Invented brokers with their records, deals in every column of the board, an agreement, cases, a visit.

Everything goes the way of the trade, by the operations, at instants in the past; nothing is random. The
deals are between the two organisations whose accounts the demonstration gives away, so that whoever
logs in there sees the other half of them. How the last of them were registered and paid is not invented
with them: the contracts of the demonstration have other buyers.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import cycle
from typing import Any

from sqlalchemy import select

from marketplace import files
from marketplace.accounts.models import User
from marketplace.accounts.operations import create_user
from marketplace.brokering import operations
from marketplace.brokering.agreements import operations as agreements
from marketplace.brokering.agreements.operations import Offer
from marketplace.brokering.agreements.states import Condition, Payer
from marketplace.brokering.agreements.terms import Terms
from marketplace.brokering.brokers.lifecycle import DECLARATION, DECLARATION_VERSION
from marketplace.brokering.brokers.models import Broker, BrokerCertificate, BrokerDeclaration
from marketplace.brokering.brokers.states import Level, State
from marketplace.brokering.cases import operations as cases
from marketplace.brokering.models import Introduction
from marketplace.brokering.states import Action, Reason
from marketplace.brokering.visits import operations as visits
from marketplace.extensions import db
from marketplace.ledger.entry import BEIJING
from marketplace.listings.models import Need, Result
from marketplace.permissions import Role

#: Beside the account ``broker``: name to log in, name shown, fields, regions, level.
BROKERS = (
    ("broker", "演示经纪人甲", ["05", "07", "06"], ["150100", "150200"], Level.SENIOR),
    ("broker2", "演示经纪人乙", ["03", "01", "10"], ["150200", "150600"], Level.INTERMEDIATE),
    ("broker3", "演示经纪人丙", ["04", "09"], ["150100", "150700", "150800"], Level.JUNIOR),
)
SCAN = b"%PDF-1.7\n% invented for the demonstration\n"
TALKS = (Action.INTEREST, Action.INTEREST)
MET = (Action.SEND, *TALKS, Action.MEET)
FOLLOWED = frozenset({Action.CONTRACT, Action.REGISTER, Action.VERIFY_INCOME})
#: How far each deal went; 下一步 and in how many days it is due, where it has one.
DEALS: tuple[tuple[tuple[Action, ...], str, int], ...] = (
    ((), "", 0),
    ((Action.SEND,), "电话提醒双方答复", 1),
    ((Action.SEND, *TALKS), "约双方线上见面", -2),
    ((Action.SEND, *TALKS), "", 0),
    (MET, "请成果方寄送样品", 3),
    ((*MET, Action.NEGOTIATE), "商定付款节点", 6),
    ((*MET, Action.NEGOTIATE, Action.AGREE), "合同文本交双方法务", 2),
    ((*MET, Action.AGREE, Action.CONTRACT), "催交登记材料", 4),
    ((*MET, Action.AGREE, Action.CONTRACT, Action.REGISTER), "跟进首付款", 8),
    ((*MET, Action.AGREE, Action.CONTRACT, Action.REGISTER, Action.VERIFY_INCOME), "", 0),
    ((*MET, Action.LOSE), "", 0),
    ((Action.SEND, Action.DECLINE), "", 0),
)
AGREED = 6
PROPOSAL = {
    "offer": "成果方可提供中试样品和技术交底",
    "fit": "技术路线与需求的工况相近（演示数据）",
    "evidence": "中试报告",
    "price": "面议",
    "next_step": "先线上交流，再到现场看工况",
}


def load(people: dict[str, User], password: str, *, now: datetime) -> int:
    """Brokers, deals, an agreement, cases and a visit; how many deals there are."""
    broker, operator = people["broker"], people["operator"]
    for number, row in enumerate(BROKERS, start=1):
        _record(_account(row[0], broker, password, now), row, number, operator, now)
    deals = _deals(people, now)
    _agree(deals[AGREED], people, now)
    cases.share(actor=operator, now=now)
    _visit(broker, now)
    db.session.flush()
    return len(deals)


def _account(name: str, broker: User, password: str, now: datetime) -> User:
    if name == broker.username:
        return broker
    return create_user(name, name, password, Role.BROKER, broker.organization, now=now)


def _record(user: User, row: Sequence[Any], number: int, operator: User, now: datetime) -> None:
    _name, user.display_name, fields, regions, level = row
    broker = Broker(
        user_id=user.id,
        state=State.RECORDED,
        affiliation=user.organization.name if user.organization else "",
        fields=fields,
        regions=regions,
        capacity=24,
        created_at=now,
        updated_at=now,
        applied_at=now,
        recorded_at=now,
        demonstration=True,
    )
    broker.certificates.append(_certificate(level, number, operator, now))
    said = {"version": DECLARATION_VERSION, "text": str(DECLARATION), "at": now}
    broker.declarations.append(BrokerDeclaration(**said))
    db.session.add(broker)


def _certificate(level: Level, number: int, operator: User, now: datetime) -> BrokerCertificate:
    first = date(now.year - 1, 1, 1)
    return BrokerCertificate(
        issuer="演示发证机构（虚构）",
        number=f"YS-{number:04d}",
        level=level,
        issued_on=first,
        expires_on=date(first.year + 5, 12, 31),
        digest=files.keep(SCAN, "certificate.pdf"),
        file_name="证书（演示）.pdf",
        added_at=now,
        verified_at=now,
        verified_by_id=operator.id,
    )


def _deals(people: dict[str, User], now: datetime) -> list[Introduction]:
    needs = _open(Need, people["enterprise"])
    results = _open(Result, people["institute"])
    # A contract settles its need and its result, so no later deal may meet either again.
    pairs = zip(results, cycle(needs), strict=False)
    return [
        _deal(need, result, place, people, now)
        for place, (result, need) in zip(range(len(DEALS)), pairs, strict=False)
    ]


def _open(model: Any, owner: User) -> list[Any]:
    own = select(model).where(model.organization_id == owner.organization_id)
    return [row for row in db.session.scalars(own.order_by(model.id)) if row.is_open]


def _deal(
    need: Need, result: Result, place: int, people: dict[str, User], now: datetime
) -> Introduction:
    actions, todo, days = DEALS[place]
    broker, begun = people["broker"], now - timedelta(days=len(actions) + place % 3)
    deal = operations.open_introduction(need, result, actor=broker, now=begun)
    deal.demonstration = True
    operations.write(deal, PROPOSAL, revision=deal.revision, actor=broker, now=begun)
    sides = [people["institute"], people["enterprise"]]
    for day, action in enumerate(actions):
        at = begun + timedelta(days=day)
        _move(deal, action, sides if action in (*TALKS, Action.DECLINE) else [broker], at)
    if todo:
        due = datetime.combine((now + timedelta(days=days)).date(), time(23, 59), BEIJING)
        operations.plan(deal, todo, due, actor=broker, now=now)
    return deal


def _move(deal: Introduction, action: Action, actors: list[User], at: datetime) -> None:
    if action in FOLLOWED:
        operations.follow(deal, action, actor=actors[0], now=at)
        return
    actor = actors.pop(0) if len(actors) > 1 else actors[0]
    reason = Reason.MATURITY if action in (Action.LOSE, Action.DECLINE) else None
    operations.advance(deal, action, actor=actor, now=at, reason=reason)


def _agree(deal: Introduction, people: dict[str, User], now: datetime) -> None:
    terms = Terms(300, floor=500_000, cap=20_000_000)
    said = Offer(terms, Payer.NEED, Condition.INCOME, words="演示数据，内容为虚构")
    version = agreements.offer(deal, said, after=0, actor=people["broker"], now=now)
    for name in ("enterprise", "institute"):
        agreements.confirm(version.agreement, version.version, actor=people[name], now=now)


def _visit(broker: User, now: datetime) -> None:
    facts = {
        "company": "包头某耐火材料厂（虚构）",
        "words": "回转窑托轮瓦一个月烧两次，想找能连续测温、提前报警的办法。",
        "visited_on": now.date(),
        "region": "150200",
        "place": "二号窑",
    }
    visits.write_down(facts, None, actor=broker, now=now).demonstration = True
