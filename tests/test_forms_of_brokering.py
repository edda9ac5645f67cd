"""Whatever is typed into a form of brokering, credit, notices or saved searches is answered there."""

import re
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from itertools import product
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from marketplace.accounts.models import User
from marketplace.brokering.agreements import operations as agreements
from marketplace.brokering.agreements.operations import Offer
from marketplace.brokering.agreements.states import Condition, Payer
from marketplace.brokering.agreements.terms import Terms
from marketplace.brokering.brokers import queries as brokers
from marketplace.brokering.threads import operations as threads
from marketplace.brokering.threads.models import PaperKind
from marketplace.brokering.visits import links
from marketplace.credit import operations as credit
from marketplace.credit.behaviours import Subject
from marketplace.credit.signs import Suspicion
from marketplace.credit.states import SignKind
from marketplace.database import utcnow
from marketplace.notices import tokens
from marketplace.notices.models import NoticeKind
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.alerts.factories import a_mailing, a_notice, a_search
from tests.brokering.factories import Pair
from tests.brokering.test_refinements import offered
from tests.brokering.test_threads import PLAN, a_meeting
from tests.brokering.test_visits import a_visit
from tests.credit.factories import a_record as a_credit_record
from tests.factories import PASSWORD, a_need, a_result, a_user
from tests.test_routes import a_case

FEATURES = frozenset(
    [
        "alerts",
        "notices",
        "introductions",
        "threads",
        "disclosure",
        "agreements",
        "board",
        "brokers",
        "cases",
        "visits",
        "refinements",
        "credit",
    ]
)
HUGE_NUMBER = "9" * 5_000
UNSEEN = "\x01\x1b\u200b"
LONG = "很长的话" * 30_000
#: Fields that name a choice, a number or a version, and that no person types.
BAD_CHOICES = ("no-such-choice", HUGE_NUMBER, UNSEEN)
BAD_DAYS = ("2026-02-30", "0001-01-01", "明天")


@dataclass(frozen=True)
class Form:
    """One form: who sends it where, and what each field holds when it is filled in well."""

    path: str
    sender: str
    filled: dict[str, Any]
    #: Free texts, each of which is refused beside its field where it is too long.
    texts: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    upload: bool = False


STEP = {"todo": "约线上会", "due": "2027-01-08"}
PROPOSAL = {
    "offer": "样品",
    "fit": "对应",
    "evidence": "报告",
    "price": "面议",
    "next_step": "取样",
}
CERTIFICATE = {"issuer": "发证中心", "number": "ZS-1", "level": "junior"}
FORMS = {
    "alerts.save": Form("/searches/results", "buyer", {"q": "锅炉", "field": "05"}),
    "alerts.rename": Form("/searches/{search}/rename", "buyer", {"name": "锅炉"}, ("name",)),
    "alerts.end": Form("/searches/{search}/end", "buyer", {}),
    "notices.open_notice": Form("/notices/{notice}/open", "buyer", {}),
    "notices.read_all": Form("/notices/read", "buyer", {}),
    "notices.settings": Form("/notices/settings", "buyer", {"kind": "meeting:set", "cadence": "x"}),
    "notices.ask_address": Form("/notices/address", "buyer", {"address": "a@b.cn"}, ("address",)),
    "notices.confirm": Form("/notices/address/{confirm}", "buyer", {}),
    "notices.stop": Form("/notices/stop/{stop}", "buyer", {}),
    "notices.retry": Form("/mail/{mailing}/retry", "operator", {}),
    "introductions.new": Form(
        "/introductions/new?need={need}&result={result}", "seller",
        {**PROPOSAL, "list": "", "revision": "1", "then": ""}, tuple(PROPOSAL),
    ),
    "introductions.edit": Form(
        "/introductions/{draft}/edit", "seller", {**PROPOSAL, "revision": "2"}, tuple(PROPOSAL)
    ),
    "introductions.move": Form(
        "/introductions/{sent}/move", "buyer",
        {"action": "decline", "reason": "price", "words": "太贵"}, ("words",),
    ),
    "threads.say": Form("/introductions/{deal}/thread/messages", "buyer", {"text": "好"}, ("text",)),
    "threads.keep_draft": Form("/introductions/{deal}/thread/draft", "buyer", {"text": "好"}),
    "threads.add_file": Form("/introductions/{deal}/thread/files", "buyer", {}, upload=True),
    "threads.plan": Form(
        "/introductions/{deal}/thread/meetings", "buyer", {**PLAN, "link": "https://a.cn"},
        ("place", "link", "agenda", "minutes"), ("starts_at",),
    ),
    "threads.change_plan": Form(
        "/introductions/{deal}/thread/meetings/{meeting}", "buyer", {**PLAN, "link": "https://a.cn"},
        ("place", "link", "agenda", "minutes"), ("starts_at",),
    ),
    "threads.decide_meeting": Form(
        "/introductions/{deal}/thread/meetings/{meeting}/held", "buyer", {}
    ),
    "threads.write_paper": Form(
        "/introductions/{deal}/thread/papers", "buyer", {"kind": "minutes", "paper": "记录"},
        ("paper",),
    ),
    "threads.confirm_paper": Form(
        "/introductions/{deal}/thread/papers/{paper}/confirm", "seller", {}
    ),
    "disclosure.confirm": Form(
        "/introductions/{deal}/confidential/confirm", "buyer", {"agreed": "1", "sha256": "0"}
    ),
    "disclosure.allow_broker": Form(
        "/introductions/{deal}/confidential/broker", "buyer", {"allowed": "1"}
    ),
    "disclosure.leave_contact": Form(
        "/introductions/{deal}/confidential/contact", "buyer", {"contact": "张工"}, ("contact",)
    ),
    "agreements.offer": Form(
        "/agreements/{deal}", "broker",
        {"after": "1", "rate": "3", "floor": "1万元", "cap": "9万元", "payer": "need",
         "condition": "income", "words": "另付差旅", "other1": "{other}", "share1": "20"},
        ("rate", "floor", "cap", "words", "others:other1", "others:share1"),
    ),
    "agreements.confirm": Form("/agreements/{deal}/confirm", "buyer", {"version": "1"}),
    "board.move": Form(
        "/broker/board/{deal}/move", "broker",
        {"action": "meet", "revision": "{revision}", "reason": "", "words": "", **STEP},
        ("words", "todo"), ("due",),
    ),
    "board.plan": Form("/broker/board/{deal}/todo", "broker", STEP, ("todo",), ("due",)),
    "brokers.keep": Form(
        "/broker/record", "broker",
        {"revision": "2", "affiliation": "经纪所", "fields": "05", "regions": "150200",
         "capacity": "8"},
        ("affiliation", "capacity"),
    ),
    "brokers.certify": Form(
        "/broker/record/certificates", "broker",
        {**CERTIFICATE, "issued_on": "2025-01-01", "expires_on": "2030-01-01"},
        ("issuer", "number"), ("issued_on", "expires_on"), upload=True,
    ),
    "brokers.drop_certificate": Form(
        "/broker/record/certificates/{certificate}/drop", "broker", {}
    ),
    "brokers.declare": Form(
        "/broker/record/declaration", "broker", {"agreed": "yes", "interests": "无"},
        ("interests",),
    ),
    "brokers.apply": Form("/broker/record/apply", "broker", {}),
    "brokers.move": Form(
        "/operator/brokers/{record}/move", "operator", {"action": "suspend", "reason": "核实"},
        ("reason",),
    ),
    "cases.move": Form(
        "/broker/cases/{case}/move", "broker", {"action": "hand_back", "reason": "不熟"}, ("reason",)
    ),
    "cases.share": Form("/operator/cases/share", "operator", {}),
    "visits.new": Form(
        "/broker/visits/new", "broker",
        {"company": "某厂", "words": "结垢", "region": "150200", "place": "二号窑",
         "visited_on": "2026-01-08"},
        ("company", "words", "place"), ("visited_on",),
    ),
    "visits.renew": Form("/broker/visits/{visit}/link", "broker", {}),
    "visits.withdraw": Form("/broker/visits/{visit}/withdraw", "broker", {}),
    "visits.answer": Form(
        "/visits/{token}", "nobody",
        {"title": "测温", "description": "托轮瓦温度高", "region": "150200", "answer": "confirm"},
        ("title", "description"),
    ),
    "refinements.refine": Form(
        "/needs/{need}/refine", "broker", {"goal": "延长到两年", "budget": "50万元"},
        ("q:goal", "q:budget"),
    ),
    "refinements.decide": Form("/refinements/{refinement}", "buyer", {"accepted": "goal"}),
    "credit.move": Form(
        "/credit/records/{credit_record}/move", "buyer", {"action": "object", "words": "不属实"},
        ("words",),
    ),
    "credit.new": Form(
        "/operator/credit/new", "operator",
        {"subject": "{other}", "kind": "agreement_broken", "day": "2026-01-08", "words": "未交付",
         "sign": ""},
        ("subject", "words"), ("day",), upload=True,
    ),
    "credit.judge": Form(
        "/operator/credit/signs/{sign}", "operator", {"verdict": "dismissed", "words": "已核实"},
        ("words",),
    ),
}  # fmt: skip
PDF = b"%PDF-1.7 contents"


class Market:
    """A deal with everything that a form of these features can be about."""

    def __init__(self) -> None:
        pair, self.operator = Pair(), a_user(Role.OPERATOR)
        self.buyer, self.seller, self.broker = pair.buyer, pair.seller, a_user(Role.BROKER)
        deal = pair.brokered(self.broker)
        said = Offer(Terms(300), Payer.NEED, Condition.INCOME)
        offer = {"after": 0, "actor": self.broker, "now": utcnow()}
        transact(lambda: agreements.offer(deal, said, **offer))
        note = {"actor": self.buyer, "now": utcnow()}
        paper = transact(lambda: threads.write_paper(deal, PaperKind.MINUTES, "记录", **note))
        self.names = {"deal": deal.id, "paper": paper.id, "revision": deal.revision}
        self.names["meeting"] = a_meeting(deal, self.buyer, starts_in=timedelta(days=-3)).id
        self.names |= {"need": pair.need.id, "result": a_result(self.seller.organization).id}
        self.names |= {"draft": self._another().draft(self.seller).id}
        self.names |= {"sent": self._another().sent().id, "other": a_user(Role.BROKER).username}
        self._address(pair)
        self._record()

    def _another(self) -> Pair:
        return Pair(self.buyer, self.seller)

    def _address(self, pair: Pair) -> None:
        self.names |= {"notice": a_notice(self.buyer).id, "search": a_search(self.buyer).id}
        self.names |= {"mailing": a_mailing(self.buyer).id, "confirm": tokens.to_confirm(1)}
        self.names["stop"] = tokens.to_stop(self.buyer.id, NoticeKind.MEETING_SET)
        self.names["refinement"] = offered(pair.need, self.broker).id
        visit = a_visit(self.broker)
        self.names |= {"visit": visit.id, "token": links.token_of(visit)}
        self.names["case"] = a_case(a_need(), self.broker).id

    def _record(self) -> None:
        record = brokers.of_user(self.broker.id)
        self.names |= {"record": record.id, "certificate": record.certificates[0].id}
        owner = Subject(organization_id=self.buyer.organization_id)
        self.names["credit_record"] = a_credit_record(owner, now=utcnow()).id
        odd = Suspicion(SignKind.CIRCLE, "circle/1", "甲→乙→甲", ("甲",), ("contract/1",))
        transact(lambda: credit.keep_signs([odd], now=utcnow()))
        self.names["sign"] = 1


class Sender:
    """Somebody at one form."""

    def __init__(self, market: Market, app: Flask, form: Form) -> None:
        app.config["WTF_CSRF_ENABLED"] = False
        self.browser, self.form, self.market = app.test_client(), form, market
        user: User | None = getattr(market, form.sender, None)
        if user is not None:
            said = {"username": user.username, "password": PASSWORD}
            assert self.browser.post("/login", data=said).status_code == 302

    def send(self, **changes: Any) -> TestResponse:
        """The form as it is filled in well, but for ``changes``; ``None`` leaves a field out."""
        return self.at(self.form.path.format(**self.market.names), **changes)

    def at(self, path: str, **changes: Any) -> TestResponse:
        """The same, to another address."""
        filled = {n: str(v).format(**self.market.names) for n, v in self.form.filled.items()}
        data = {n: v for n, v in (filled | changes).items() if v is not None}
        if self.form.upload and "file" not in changes:
            data["file"] = (BytesIO(PDF), "材料.pdf")
        return self.browser.post(path, data=data)


@pytest.fixture
def market(app: Flask) -> Market:
    return Market()


def test_every_form_of_these_features_is_tried(app: Flask) -> None:
    posted = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint.partition(".")[0] in FEATURES
    }
    assert posted == FORMS.keys()


def is_answered_in_place(answer: TestResponse) -> bool:
    """What was refused is said on the page that was typed into, not on one with nothing else."""
    alone = "代码 422" in re.sub(r"\s+", " ", answer.text)
    return answer.status_code < 500 and not (answer.status_code == 422 and alone)


def is_named(answer: TestResponse, field: str) -> bool:
    """Whether the page says beside ``field`` that it is wrong."""
    return re.search(rf'id="[^"]*{field}[^"]*-error"', answer.text) is not None


def refuses_what_is_too_long(name: str, sender: Sender) -> None:
    for text in sender.form.texts:
        shown, _colon, field = text.rpartition(":")
        answer = sender.send(**{field: LONG})
        assert (answer.status_code, LONG in answer.text) == (422, True), (name, field)
        assert is_named(answer, shown or field), (name, field)


def refuses_what_is_no_day(name: str, sender: Sender) -> None:
    for field, day in product(sender.form.days, BAD_DAYS):
        answer = sender.send(**{field: day})
        assert (answer.status_code, day in answer.text) == (422, True), (name, field, day)
        assert is_named(answer, field), (name, field)


def survives_any_choice(name: str, sender: Sender) -> None:
    for field, value in product(sender.form.filled, (None, *BAD_CHOICES)):
        answer = sender.send(**{field: value})
        assert is_answered_in_place(answer), (name, field, str(value)[:20])


def finds_nothing_under_a_number_that_is_none(name: str, sender: Sender) -> None:
    for number in (3_000_000_000, 10**30) if "{" in sender.form.path else ():
        answer = sender.at(re.sub(r"\{[a-z_]+\}", str(number), sender.form.path))
        assert answer.status_code == 404, (name, number)


@pytest.mark.parametrize("feature", sorted(FEATURES))
def test_what_is_typed_wrongly_is_kept_and_named_beside_its_field(
    app: Flask, market: Market, feature: str
) -> None:
    own = [name for name in FORMS if name.partition(".")[0] == feature]
    senders = {name: Sender(market, app, FORMS[name]) for name in own}
    # First what changes nothing: a form that was taken is not there to be tried again.
    for trial in (
        refuses_what_is_too_long,
        refuses_what_is_no_day,
        finds_nothing_under_a_number_that_is_none,
        survives_any_choice,
    ):
        for name, sender in senders.items():
            trial(name, sender)


def test_no_unseen_character_is_kept(app: Flask, market: Market) -> None:
    for name in ("alerts.rename", "board.plan", "credit.judge", "agreements.offer"):
        sender = Sender(market, app, FORMS[name])
        field = next(field for field in ("name", "todo", "words") if field in FORMS[name].filled)
        answer = sender.send(**{field: f"收{UNSEEN}到"})
        page = sender.browser.get(answer.headers["Location"])
        assert "收到" in page.text and not re.search("[\x01\x1b\u200b]", page.text), name
