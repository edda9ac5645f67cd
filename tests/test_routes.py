"""Every address for every role: who is let in, who is sent to the login page, who is refused."""

import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.accounts.models import User
from marketplace.brokering.brokers import queries as brokers
from marketplace.brokering.cases.models import Case
from marketplace.credit.behaviours import Subject
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.listings.lifecycle import State
from marketplace.listings.models import Need
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.alerts.factories import a_digest, a_mailing, a_notice, a_search
from tests.brokering.factories import Pair
from tests.brokering.test_refinements import offered
from tests.brokering.test_visits import a_visit
from tests.contracts.factories import Office, a_draft, an_office
from tests.credit.factories import a_record
from tests.factories import (
    PASSWORD,
    a_collected_notice,
    a_collected_pair,
    a_common_problem,
    a_head,
    a_like_pair,
    a_need,
    a_result,
    a_user,
    an_entry,
)

V, E, I, B, C, R, O, A, X, T = Role  # noqa: E741 - one letter a role keeps the table a table
ALL, SIGNED_IN, POSTERS = set(Role), set(Role) - {V}, {E, I}
#: Roles to which the factories give an organisation, and those that work on others' contracts.
WITH_OFFICE, OFFICERS, WRITERS = set(Role) - {V, O}, {C, R, A, X}, {E, I, C}

#: address → (method, roles that are let in); {own} is a draft of the asker's own organisation
TABLE: dict[str, tuple[str, set[Role]]] = {
    "/": ("GET", ALL),
    "/healthz": ("GET", ALL),
    "/funnel": ("GET", {O, A, B}),
    "/metrics": ("GET", ALL),
    "/operator/background": ("GET", {O}),
    "/operator/refusals": ("GET", {O}),
    "/operator/background/index/again": ("POST", {O}),
    "/search?q=x": ("GET", ALL),
    "/match": ("GET", ALL),
    "/match ": ("POST", ALL),
    "/needs": ("GET", ALL),
    "/results?q=锅炉&field=05&order=newest&page=2": ("GET", ALL),
    "/needs/{public_need}": ("GET", ALL),
    "/results/{public_result}": ("GET", ALL),
    "/needs/export?format=csv": ("GET", ALL),
    "/results/template": ("GET", ALL),
    "/common-needs": ("GET", ALL),
    "/common-needs/{shared}": ("GET", ALL),
    "/quality": ("GET", ALL),
    "/ledger": ("GET", ALL),
    "/ledger/head.json": ("GET", ALL),
    "/ledger/checkpoint": ("GET", ALL),
    "/ledger/verify_proof.py": ("GET", ALL),
    "/ledger/check": ("GET", ALL),
    "/ledger/check ": ("POST", ALL),
    "/ledger/consistency?old=1": ("GET", ALL),
    "/ledger/{entry}": ("GET", ALL),
    "/ledger/{entry}/proof": ("GET", {A, O, T}),
    "/verify": ("GET", ALL),
    "/verify ": ("POST", ALL),
    "/verify/2026150203000001": ("GET", ALL),
    "/verify/file": ("POST", ALL),
    "/certificates": ("GET", SIGNED_IN),
    "/certificates/2026150203000001/1.pdf": ("GET", set()),
    "/certificates/2026150203000001/1.json": ("GET", set()),
    "/certificates/lists": ("POST", SIGNED_IN),
    "/certificates/lists/QD202600000001.pdf": ("GET", set()),
    "/statistics": ("GET", ALL),
    "/statistics/T1": ("GET", ALL),
    "/statistics/T1/entries?cell=10": ("GET", {O, A}),
    "/statistics/publish": ("POST", {O}),
    "/credit": ("GET", SIGNED_IN),
    "/credit/organizations/1": ("GET", SIGNED_IN),
    "/credit/brokers/{broker}": ("GET", SIGNED_IN),
    "/credit/records/{own_record}": ("GET", WITH_OFFICE | {O}),
    "/credit/records/{own_record}/move": ("POST", WITH_OFFICE),
    "/credit/records/{own_record}/files/1": ("GET", WITH_OFFICE | {O}),
    "/credit/records/{others_record}": ("GET", {O}),
    "/credit/records/{others_record}/move": ("POST", set()),
    "/credit/records/{others_record}/files/1": ("GET", set()),
    "/operator/credit": ("GET", {O}),
    "/operator/credit/new": ("GET", {O}),
    "/operator/credit/new ": ("POST", {O}),
    "/operator/credit/signs": ("GET", {O}),
    "/operator/credit/signs/1": ("POST", {O}),
    "/login": ("GET", ALL),
    "/signup": ("GET", ALL),
    "/logout": ("POST", ALL),
    "/language/en": ("GET", ALL),
    "/my": ("GET", SIGNED_IN),
    "/my/today": ("GET", SIGNED_IN),
    "/my/limit": ("POST", SIGNED_IN - {O}),
    "/needs/{own}/limit": ("POST", SIGNED_IN - {O}),
    "/needs/{others}/limit": ("POST", set()),
    "/needs/{public_need}/limit": ("POST", set()),
    "/password": ("GET", SIGNED_IN),
    "/logout-everywhere": ("POST", SIGNED_IN),
    "/needs/new": ("GET", POSTERS),
    "/results/new": ("GET", POSTERS),
    "/needs/{own}": ("GET", WITH_OFFICE | {O}),
    "/needs/{own}/edit": ("GET", WITH_OFFICE),
    "/needs/{own}/copy": ("POST", POSTERS),
    "/needs/{others}": ("GET", {O}),
    "/needs/{others}/edit": ("GET", set()),
    "/needs/{others}/edit ": ("POST", set()),
    "/needs/{others}/move": ("POST", set()),
    "/needs/{others}/copy": ("POST", set()),
    "/needs/{submitted}/move": ("POST", {O}),
    "/needs/import": ("GET", POSTERS | {O}),
    "/needs/submit": ("POST", SIGNED_IN),
    "/review": ("GET", {O}),
    "/review/publish": ("POST", {O}),
    "/operator/duplicates": ("GET", {O}),
    "/operator/duplicates/{pair}": ("POST", {O}),
    "/operator/intake": ("GET", {O}),
    "/operator/intake/{collected}": ("GET", {O}),
    "/operator/intake/{collected}/pairs/{collected_pair}": ("POST", {O}),
    "/operator/intake/{collected}/split": ("POST", {O}),
    "/operator/intake/{collected}/accept": ("POST", {O}),
    "/operator/intake/{collected}/reject": ("POST", {O}),
    "/operator/intake/{collected}/reopen": ("POST", {O}),
    "/operator/intake/together": ("POST", {O}),
    "/operator/intake/publish": ("POST", {O}),
    "/operator/intake/sources": ("GET", {O}),
    "/operator/intake/sources/nmg_kjt_needs": ("GET", {O}),
    "/operator/intake/sources/nmg_kjt_needs ": ("POST", {O}),
    "/operator/intake/sources/nmg_kjt_needs/layout": ("POST", {O}),
    "/operator/intake/sources/nmg_kjt_needs/ask": ("POST", {O}),
    "/operator/fairness": ("GET", {O}),
    "/operator/organizations": ("GET", {O}),
    "/operator/organizations/1/verify": ("POST", {O}),
    "/operator/users": ("GET", {O}),
    "/operator/users/new": ("GET", {O}),
    "/introductions": ("GET", SIGNED_IN),
    "/introductions/new?need={public_need}&result={public_result}": ("GET", {B}),
    "/introductions/new?need={public_need}&result={public_result} ": ("POST", {B}),
    "/introductions/{own_proposal}": ("GET", WITH_OFFICE),
    "/introductions/{own_proposal}/edit": ("GET", WITH_OFFICE),
    "/introductions/{own_proposal}/edit ": ("POST", WITH_OFFICE),
    "/introductions/{own_proposal}/move": ("POST", WITH_OFFICE),
    "/introductions/{others_proposal}": ("GET", set()),
    "/introductions/{others_proposal}/edit": ("GET", set()),
    "/introductions/{others_proposal}/edit ": ("POST", set()),
    "/introductions/{others_proposal}/move": ("POST", set()),
    "/introductions/{own_thread}": ("GET", WITH_OFFICE),
    "/introductions/{own_thread}/thread": ("GET", WITH_OFFICE),
    "/introductions/{own_thread}/thread/draft": ("POST", WITH_OFFICE),
    "/introductions/{own_thread}/thread/messages": ("POST", WITH_OFFICE),
    "/introductions/{own_thread}/thread/files": ("POST", WITH_OFFICE),
    "/introductions/{own_thread}/thread/files/1": ("GET", set()),
    "/introductions/{own_thread}/thread/meetings": ("POST", WITH_OFFICE),
    "/introductions/{own_thread}/thread/meetings/1": ("GET", set()),
    "/introductions/{own_thread}/thread/meetings/1 ": ("POST", set()),
    "/introductions/{own_thread}/thread/meetings/1.ics": ("GET", set()),
    "/introductions/{own_thread}/thread/meetings/1/held": ("POST", set()),
    "/introductions/{own_thread}/thread/papers": ("POST", WITH_OFFICE),
    "/introductions/{own_thread}/thread/papers/1/confirm": ("POST", set()),
    "/introductions/{own_thread}/confidential": ("GET", WITH_OFFICE),
    "/introductions/{own_thread}/confidential/confirm": ("POST", WITH_OFFICE),
    "/introductions/{own_thread}/confidential/broker": ("POST", set()),
    "/introductions/{own_thread}/confidential/contact": ("POST", WITH_OFFICE),
    "/introductions/{own_thread}/receipt": ("GET", WITH_OFFICE),
    "/introductions/{own_thread}/receipt/proof.json": ("GET", WITH_OFFICE),
    "/introductions/{own_thread}/receipt/opened.json": ("GET", WITH_OFFICE),
    "/introductions/{others_thread}/thread": ("GET", set()),
    "/introductions/{others_thread}/confidential": ("GET", set()),
    "/introductions/{others_thread}/receipt/opened.json": ("GET", set()),
    "/contracts": ("GET", SIGNED_IN),
    "/contracts/mine": ("GET", SIGNED_IN),
    "/contracts/new": ("GET", WRITERS),
    "/contracts/template": ("GET", WRITERS),
    "/contracts/import": ("GET", WRITERS),
    "/contracts/export": ("GET", SIGNED_IN),
    "/contracts/read": ("GET", WRITERS),
    "/contracts/read ": ("POST", WRITERS),
    "/contracts/read/abcdefghijklmnop.txt": ("GET", set()),
    "/contracts/read/abcdefghijklmnop.txt ": ("POST", set()),
    "/contracts/{own_contract}/files/1/read": ("GET", set()),
    "/contracts/{own_contract}": ("GET", WITH_OFFICE),
    "/contracts/{own_contract}/edit": ("GET", WITH_OFFICE),
    "/contracts/{own_contract}/edit ": ("POST", WITH_OFFICE),
    "/contracts/{own_contract}/files": ("POST", WITH_OFFICE),
    "/contracts/{own_contract}/files/1/remove": ("POST", WITH_OFFICE),
    "/contracts/{own_contract}/again": ("POST", WITH_OFFICE),
    "/contracts/{own_contract}/move/submit": ("GET", WITH_OFFICE),
    "/contracts/{own_contract}/move/submit ": ("POST", WITH_OFFICE),
    "/contracts/{own_contract}/move/accept": ("GET", set()),
    "/contracts/{own_contract}/return": ("GET", WITH_OFFICE),
    "/contracts/{own_contract}/return ": ("POST", WITH_OFFICE),
    "/contracts/{own_contract}/income": ("GET", WITH_OFFICE),
    "/contracts/{own_contract}/income ": ("POST", WITH_OFFICE),
    "/contracts/{others_contract}": ("GET", {A}),
    "/contracts/{others_contract}/edit": ("GET", set()),
    "/contracts/{others_contract}/edit ": ("POST", set()),
    "/contracts/{others_contract}/move/submit": ("POST", set()),
    "/contracts/{others_contract}/move/withdraw": ("POST", set()),
    "/office": ("GET", OFFICERS),
    "/office/search?q=x": ("GET", OFFICERS | {T}),
    "/office/contracts/{own_contract}/following": ("GET", OFFICERS),
    "/office/contracts/{own_contract}/tests": ("POST", set()),
    "/office/contracts/{own_contract}/assessment": ("POST", set()),
    "/office/contracts/{own_contract}/flag": ("GET", set()),
    "/office/contracts/{own_contract}/flag ": ("POST", set()),
    "/office/together": ("POST", OFFICERS),
    "/points": ("GET", SIGNED_IN),
    "/points/150203": ("GET", SIGNED_IN),
    "/points/coverage": ("GET", SIGNED_IN),
    "/points/new": ("GET", {O}),
    "/points/150203/close": ("POST", {O}),
    "/points/150203/staff": ("POST", {O}),
    "/brokers?field=05": ("GET", ALL),
    "/broker": ("GET", {B}),
    "/broker/board?column=met": ("GET", {B}),
    "/broker/board/{others_deal}/move": ("POST", set()),
    "/broker/board/{others_deal}/todo": ("POST", set()),
    "/broker/pairs": ("GET", {B}),
    "/broker/cases": ("GET", {B}),
    "/broker/cases/{others_case}/move": ("POST", set()),
    "/broker/record": ("GET", {B}),
    "/broker/record ": ("POST", {B}),
    "/broker/record/certificates": ("POST", {B}),
    "/broker/record/certificates/{certificate}/drop": ("POST", set()),
    "/broker/record/declaration": ("POST", {B}),
    "/broker/record/apply": ("POST", {B}),
    "/broker/certificates/{certificate}/file": ("GET", set()),
    "/broker/visits": ("GET", {B}),
    "/broker/visits/new": ("GET", {B}),
    "/broker/visits/new ": ("POST", {B}),
    "/broker/visits/{others_visit}": ("GET", set()),
    "/broker/visits/{others_visit}/link": ("POST", set()),
    "/broker/visits/{others_visit}/withdraw": ("POST", set()),
    "/broker/visits/{others_visit}/photo": ("GET", set()),
    "/visits/{others_visit}": ("GET", set()),
    "/visits/no-such-link": ("GET", set()),
    "/visits/no-such-link ": ("POST", set()),
    "/visits/no-such-link/photo": ("GET", set()),
    "/refinements": ("GET", SIGNED_IN),
    "/refinements/{others_refinement}": ("GET", set()),
    "/refinements/{others_refinement} ": ("POST", set()),
    "/needs/{public_need}/refine": ("GET", {B}),
    "/needs/{public_need}/refine ": ("POST", {B}),
    "/needs/{own}/refine": ("GET", WITH_OFFICE),
    "/agreements/{others_deal}": ("GET", set()),
    "/agreements/{others_deal} ": ("POST", set()),
    "/agreements/{others_deal}/confirm": ("POST", set()),
    "/agreements/{others_deal}/entries/0": ("GET", set()),
    "/operator/brokers": ("GET", {O}),
    "/operator/brokers/{record}": ("GET", {O}),
    "/operator/brokers/{record}/move": ("POST", {O}),
    "/operator/cases": ("GET", {O}),
    "/operator/cases/share": ("POST", {O}),
    "/notices": ("GET", SIGNED_IN),
    "/notices/read": ("POST", SIGNED_IN),
    "/notices/{own_notice}/open": ("POST", SIGNED_IN),
    "/notices/{others_notice}/open": ("POST", set()),
    "/notices/settings": ("GET", SIGNED_IN),
    "/notices/settings ": ("POST", SIGNED_IN),
    "/notices/address": ("POST", SIGNED_IN),
    "/notices/address/forged": ("GET", set()),
    "/notices/address/forged ": ("POST", set()),
    "/notices/stop/forged": ("GET", set()),
    "/notices/stop/forged ": ("POST", set()),
    "/mail": ("GET", SIGNED_IN),
    "/mail/{own_mail}": ("GET", SIGNED_IN),
    "/mail/{others_mail}": ("GET", {O}),
    "/mail/{others_mail}/retry": ("POST", {O}),
    "/searches": ("GET", SIGNED_IN),
    "/searches/results": ("POST", SIGNED_IN),
    "/searches/{own_search}/rename": ("POST", SIGNED_IN),
    "/searches/{own_search}/end": ("POST", SIGNED_IN),
    "/searches/{others_search}/rename": ("POST", set()),
    "/searches/{others_search}/end": ("POST", set()),
    "/digests/{own_digest}": ("GET", SIGNED_IN),
    "/digests/{others_digest}": ("GET", set()),
    # The last, because it changes the password of whoever was made first.
    "/operator/users/1/reset": ("POST", {O}),
}
DATA = {
    "/operator/intake/{collected}/pairs/{collected_pair}": {"verdict": "different"},
    "/operator/intake/{collected}/reject": {"reason": "other"},
    "/broker/cases/{others_case}/move": {"action": "take"},
    "/broker/board/{others_deal}/move": {"action": "meet"},
    "/operator/brokers/{record}/move": {"action": "suspend", "reason": "核实"},
    "/points/150203/close": {"successor": "150203"},
    "/credit/records/{own_record}/move": {"action": "object", "words": "不属实"},
    "/credit/records/{others_record}/move": {"action": "object", "words": "不属实"},
    "/needs/{submitted}/move": {"action": "publish"},
    "/needs/{others}/move": {"action": "submit"},
    "/operator/duplicates/{pair}": {"verdict": "different"},
    "/notices/settings ": {"cadence": "daily"},
    "/searches/{own_search}/rename": {"name": "锅炉"},
}


def test_every_address_of_the_application_is_in_the_table(app: Flask) -> None:
    adapter = app.url_map.bind("market.example")
    known = {
        (adapter.match(_example(path), method)[0], method) for path, (method, _) in TABLE.items()
    }
    needs_a_file = {
        ("listings.confirm_import", "POST"),
        ("listings.import_errors", "GET"),
        ("exchange.confirm_import", "POST"),
        ("exchange.import_errors", "GET"),
        ("contracts.download", "GET"),
        ("receipts.decide_income", "POST"),
        ("network.absence", "POST"),
    }
    checks_input = {
        (name, "POST")
        for name in (
            "accounts.log_in", "accounts.sign_up", "accounts.change_password", "accounts.add_member",
            "listings.new",
            "listings.edit", "listings.import_listings",
            "contracts.new", "exchange.import_contracts", "network.new",
        )
    }  # fmt: skip
    all_of_them = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in rule.methods & {"GET", "POST"}
    }
    assert all_of_them - known - needs_a_file - checks_input == set()


def _example(path: str) -> str:
    plain = path.strip().partition("?")[0]
    return re.sub(r"\{[a-z_]+\}", "1", plain)


@pytest.mark.parametrize("role", Role)
def test_each_role_is_let_in_where_the_table_says_and_nowhere_else(
    app: Flask, client: FlaskClient, role: Role
) -> None:
    user = None if role == V else a_user(role)
    names = {
        "entry": an_entry().position,
        "public_need": a_need().id,
        "public_result": a_result().id,
        "others": a_need(state=State.DRAFT).id,
        "own": a_need(user.organization if user else None, state=State.DRAFT).id,
    }
    first, other = a_common_problem()
    names |= {"shared": first.id, "pair": a_like_pair(first, other).id}
    collected = a_collected_notice()
    names |= {"collected": collected.id, "collected_pair": a_collected_pair(collected, first).id}
    a_head()
    names |= others_brokerage()
    for whose in ("own", "others"):
        addressee = user if user and whose == "own" else a_user()
        names |= {f"{whose}_{name}": number for name, number in addressed_to(addressee).items()}
    office = an_office()
    names["others_contract"] = a_draft(office).id
    names["own_contract"] = a_case_of(office, user)
    names["others_proposal"], names["own_proposal"] = a_proposal_of(None), a_proposal_of(user)
    names["others_thread"], names["own_thread"] = a_thread_of(None), a_thread_of(user)
    a_head()
    names |= records_of(user)
    for path, (method, let_in) in TABLE.items():
        names["submitted"] = a_need(state=State.SUBMITTED).id
        browser = app.test_client()
        if user:
            browser.post("/login", data={"username": user.username, "password": PASSWORD})
        address = path.strip().format(**names)
        answer = browser.open(address, method=method, data=DATA.get(path))
        where = f"{method} {address} as {role}: {answer.status_code}"
        to_login = answer.status_code == 302 and "/login?" in answer.headers["Location"]
        refused = answer.status_code in (403, 404) or to_login
        assert answer.status_code < 500, where
        assert refused == (role not in let_in), where


def others_brokerage() -> dict[str, int]:
    """What another broker has: a record, a case, a deal, a visit, answers to a need."""
    pair, broker = Pair(), a_user(Role.BROKER)
    record = brokers.of_user(broker.id)
    visit = a_visit(broker, pair.buyer.organization.name)
    names = {"record": record.id, "certificate": record.certificates[0].id}
    names |= {"others_visit": visit.id, "others_refinement": offered(pair.need, broker).id}
    names["others_case"] = a_case(pair.need, broker).id
    return names | {"others_deal": pair.sent(broker).id}


def a_case(need: Need, broker: User) -> Case:
    """A need in a broker's hands."""
    now = utcnow()
    case = Case(
        need_id=need.id, live_need_id=need.id, user_id=broker.id, offered_at=now, due_at=now
    )
    transact(lambda: db.session.add(case))
    return case


def addressed_to(user: User) -> dict[str, int]:
    """A notice, a mail, a search and a digest of one person."""
    return {
        "notice": a_notice(user).id,
        "mail": a_mailing(user).id,
        "search": a_search(user).id,
        "digest": a_digest(user).id,
    }


def records_of(user: User | None) -> dict[str, int]:
    """A record of the user's organisation, of a stranger's where there is none, and a stranger's."""
    stranger = a_user(Role.ENTERPRISE).organization_id
    home = user.organization_id if user and user.organization_id else stranger
    records = [
        a_record(Subject(organization_id=one), now=utcnow(), day=date(2026, 1, 5))
        for one in (home, stranger)
    ]
    own, others = (record.id for record in records)
    return {"own_record": own, "others_record": others, "broker": a_user(B).id}


def a_case_of(office: Office, user: User | None) -> int:
    """A draft of the user's organisation; of another's where the user has none."""
    contract = a_draft(office)
    if user and user.organization:
        transact(lambda: setattr(contract, "organization_id", user.organization_id))
    return contract.id


def a_proposal_of(user: User | None) -> int:
    """A draft of the user's organisation, about its need; of another's where the user has none."""
    pair = Pair()
    draft = pair.draft(pair.buyer)
    if user and user.organization:
        transact(lambda: setattr(draft, "need_owner_id", user.organization_id))
    return draft.id


def a_thread_of(user: User | None) -> int:
    """An introduction in contact whose need is of the user's organisation; else another's."""
    introduction = Pair().contacted()
    if user and user.organization:
        transact(lambda: setattr(introduction, "need_owner_id", user.organization_id))
    return introduction.id


def test_a_form_without_its_token_is_refused(app: Flask) -> None:
    answer = app.test_client().post("/match", data={"text": "锅炉结垢"})
    assert answer.status_code == 400 and "过期" in answer.text


def test_pages_carry_a_strict_content_security_policy(client: FlaskClient) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy


def test_what_is_not_public_is_shown_to_those_it_is_for(client: FlaskClient, log_in) -> None:
    owner = a_user(Role.ENTERPRISE)
    need = a_need(owner.organization, signed_in_note="登录才能看", confidential="签约才能看")
    page = client.get(f"/needs/{need.id}").text
    assert "登录才能看" not in page and "签约才能看" not in page
    log_in(a_user(Role.INSTITUTE))
    page = client.get(f"/needs/{need.id}").text
    assert "登录才能看" in page and "签约才能看" not in page
    log_in(owner)
    assert "签约才能看" in client.get(f"/needs/{need.id}").text
