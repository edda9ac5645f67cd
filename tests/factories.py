"""Makes what a test needs; every value can be said otherwise."""

from datetime import date
from itertools import count
from typing import Any

from stdnum.cn import uscc

from marketplace.accounts.models import Organization, OrganizationKind, User
from marketplace.accounts.operations import create_user
from marketplace.brokering.brokers.models import Broker, BrokerCertificate, BrokerDeclaration
from marketplace.brokering.brokers.states import Level
from marketplace.brokering.brokers.states import State as BrokerState
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.intake.models import (
    CollectedNotice,
    CollectedOriginal,
    CollectedPair,
    ScrapeRun,
)
from marketplace.ledger import operations as ledger
from marketplace.ledger.entry import Draft, Kind, day_of
from marketplace.ledger.models import LedgerEntry, LedgerHead
from marketplace.likeness.models import CommonNeed, LikePair
from marketplace.listings import operations
from marketplace.listings.lifecycle import State
from marketplace.listings.models import Need, Result
from marketplace.permissions import Role
from marketplace.transactions import transact

PASSWORD = "correct-horse"
_serial = count(1)


def a_code(serial: int) -> str:
    """A 统一社会信用代码 with a right check digit."""
    body = f"91150100MA{serial:07d}"
    return body + uscc.calc_check_digit(body)


def an_organization(
    kind: OrganizationKind = OrganizationKind.ENTERPRISE, *, verified: bool = True, **facts: Any
) -> Organization:
    """An organisation of Baotou."""
    serial = next(_serial)
    values = {"name": f"测试单位{serial}", "uscc": a_code(serial), "region": "150200"} | facts
    now = utcnow()

    def work() -> Organization:
        row = Organization(
            kind=kind, created_at=now, verified_at=now if verified else None, **values
        )
        db.session.add(row)
        return row

    return transact(work)


def a_user(role: Role = Role.ENTERPRISE, organization: Organization | None = None) -> User:
    """A user of that role, with an organisation where the role has one."""
    kinds = {
        Role.ENTERPRISE: OrganizationKind.ENTERPRISE,
        Role.INSTITUTE: OrganizationKind.INSTITUTE,
        Role.BROKER: OrganizationKind.BROKER,
        Role.CLERK: OrganizationKind.REGISTRATION_POINT,
        Role.REVIEWER: OrganizationKind.REGISTRATION_POINT,
        Role.AUTHORITY: OrganizationKind.AUTHORITY,
        Role.EXPERT: OrganizationKind.INSTITUTE,
        Role.TAX: OrganizationKind.TAX_OR_FINANCE,
    }
    owner = organization or (an_organization(kinds[role]) if role in kinds else None)
    name = f"{role}{next(_serial)}"
    user = transact(lambda: create_user(name, name, PASSWORD, role, owner, now=utcnow()))
    if role == Role.BROKER:
        a_record(user)
    return user


def a_record(user: User, **facts: Any) -> Broker:
    """A broker in good standing, for 新材料 and 环境保护 in Baotou."""
    now = utcnow()
    values = {"state": BrokerState.RECORDED, "recorded_at": now, "affiliation": "测试经纪所"}
    values |= {"fields": ["05", "07"], "regions": ["150200"], "capacity": 8} | facts

    def work() -> Broker:
        row = Broker(user_id=user.id, created_at=now, updated_at=now, **values)
        row.certificates.append(a_certificate())
        row.declarations.append(BrokerDeclaration(version="2026-1", text="无利害关系", at=now))
        db.session.add(row)
        return row

    return transact(work)


def a_certificate(**facts: Any) -> BrokerCertificate:
    """A verified certificate in force, not stored yet."""
    now, number = utcnow(), f"ZS{next(_serial)}"
    values = {"issuer": "测试发证中心", "number": number, "level": Level.INTERMEDIATE}
    values |= {"issued_on": date(2020, 1, 1), "expires_on": date(2099, 12, 31)}
    values |= {"digest": "0" * 64, "file_name": "证书.pdf", "added_at": now, "verified_at": now}
    return BrokerCertificate(**values | facts)


def a_need(
    owner: Organization | None = None, *, state: State = State.PUBLISHED, **facts: Any
) -> Need:
    """A need about scale in a boiler."""
    text = "循环水锅炉结垢严重，每年停炉清洗四次，希望找到长效的阻垢办法。"
    return _a_listing(Need, owner, state, {"title": "锅炉结垢怎么治", "description": text} | facts)


def a_result(
    owner: Organization | None = None, *, state: State = State.PUBLISHED, **facts: Any
) -> Result:
    """A result about scale inhibition."""
    text = "一种用于循环水锅炉的阻垢缓蚀剂，可抑制碳酸钙结垢，延长清洗周期。"
    values = {"title": "循环水锅炉长效阻垢缓蚀剂", "description": text} | facts
    return _a_listing(Result, owner, state, values)


def a_common_problem() -> tuple[Need, Need]:
    """Two needs of two organisations that were found to be one problem."""
    needs = a_need(), a_need(title="热网锅炉水垢")

    def work() -> None:
        lead = min(need.id for need in needs)
        db.session.add_all(CommonNeed(need_id=need.id, lead_id=lead) for need in needs)

    transact(work)
    return needs


def a_like_pair(first: Any, second: Any) -> LikePair:
    """Two listings of one library that wait for a verdict."""

    def work() -> LikePair:
        pair = LikePair(
            kind=first.kind,
            first_id=min(first.id, second.id),
            second_id=max(first.id, second.id),
            first_revision=first.revision,
            second_revision=second.revision,
            resemblance=0.8,
            found_at=utcnow(),
        )
        db.session.add(pair)
        return pair

    return transact(work)


def a_collected_notice(**facts: Any) -> CollectedNotice:
    """A need that a source brought and nobody has decided on."""
    now, serial = utcnow(), next(_serial)
    values = {
        "source": "nmg_kjt_needs",
        "source_key": f"/notices/{serial}",
        "content_hash": f"{serial:064d}",
        "kind": "need",
        "url": f"https://example.org/notices/{serial}",
        "fetched_at": now,
        "checked_at": now,
        "title": "矿井水脱盐",
        "text": "需求内容：高矿化度矿井水脱盐能耗高，希望研发低能耗工艺。",
    } | facts

    def work() -> CollectedNotice:
        run = ScrapeRun(source=values["source"], outcome="done", started_at=now, ended_at=now)
        db.session.add(run)
        db.session.flush()
        original = CollectedOriginal(title=values["title"], text=values["text"])
        row = CollectedNotice(**values, run_id=run.id, original=original)
        db.session.add(row)
        return row

    return transact(work)


def a_collected_pair(notice: CollectedNotice, other: Any) -> CollectedPair:
    """A notice and what it resembles."""

    def work() -> CollectedPair:
        facts = {"notice_id": notice.id, "other": other.key, "found_at": utcnow()}
        pair = CollectedPair(resemblance=0.8, **facts)
        db.session.add(pair)
        return pair

    return transact(work)


def _a_listing(model: Any, owner: Organization | None, state: State, facts: dict[str, Any]) -> Any:
    organization = owner or an_organization()

    def work() -> Any:
        row = operations.new_draft(model, facts, organization.id, now=utcnow())
        row.state = state
        row.published_at = utcnow()
        return row

    return transact(work)


def entry_facts(serial: int = 1, **facts: Any) -> dict[str, Any]:
    """What is entered of a technical contract: 1,000,000 fen, of which 800,000 for technology."""
    party = {"nature": "150", "region": "150102", "country": "156", "share": 10_000}
    codes = {"type": "11", "field": "07", "goal": "06", "industry": "C26", "plan": "13"}
    codes |= {"payment": "1", "point": "150103", "trade": "domestic"}
    values = {
        "date": day_of(utcnow()).isoformat(),
        "number": f"202615010300{serial:04d}",
        "count": 1,
        "deal": 1_000_000,
        "technology": 800_000,
        "income": 0,
        "ip": ["11"],
        "related": False,
        "zone": True,
        "listed": False,
        "sellers": [party],
        "buyers": [party],
        "parties": {"sellers": ["5e" * 32], "buyers": ["b0" * 32]},
        "project": "c0" * 32,
        "reverses": None,
        "demonstration": False,
        "postings": [
            {"account": "buyer", "fen": -1_000_000},
            {"account": "seller:technology", "fen": 800_000},
            {"account": "seller:other", "fen": 150_000},
            {"account": "broker:commission", "fen": 50_000},
        ],
    }
    return {**values, **codes, **facts}


def reversed_facts(facts: dict[str, Any], position: int) -> dict[str, Any]:
    """The negative of what an entry said."""
    signed = {name: -facts[name] for name in ("count", "deal", "technology", "income")}
    postings = [posting | {"fen": -posting["fen"]} for posting in facts["postings"]]
    return facts | signed | {"postings": postings, "reverses": position}


def a_draft(serial: int, **facts: Any) -> Draft:
    """The registration of contract ``serial``, not yet entered."""
    return Draft(Kind.REGISTERED, f"contract/{serial}", entry_facts(serial, **facts), 1, "2026")


def an_entry(**facts: Any) -> LedgerEntry:
    """A registered contract in the ledger."""
    draft = a_draft(next(_serial), **facts)
    return transact(lambda: ledger.append_many([draft], now=utcnow())[0])


def some_entries(count: int) -> None:
    """So many registered contracts."""
    drafts = [a_draft(next(_serial)) for _ in range(count)]
    transact(lambda: ledger.append_many(drafts, now=utcnow()))


def a_head() -> LedgerHead:
    """The signed head of the ledger as it stands."""
    return transact(lambda: ledger.sign_head(now=utcnow()))
