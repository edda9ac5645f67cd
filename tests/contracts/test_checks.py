"""Wrong contracts, each refused with the field and the rule named."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from stdnum.cn import uscc

from config import Settings
from marketplace import create_app
from marketplace.accounts.models import Organization
from marketplace.contracts import operations
from marketplace.contracts.checks import Colour, lights_of, missing_attachments
from marketplace.contracts.models import Attachment, Contract
from marketplace.contracts.points import HostKind, RegistrationPoint
from marketplace.contracts.snapshot import set_facts
from marketplace.contracts.states import Action, State
from marketplace.errors import GuardFailed
from marketplace.listings.rights import check_digit
from marketplace.money import in_capitals
from marketplace.rules import Rules
from marketplace.transactions import transact
from tests.contracts.factories import NOW, TODAY, WAN, a_draft, an_office, moved
from tests.factories import a_code

SELLER, BUYER, ABROAD = a_code(9_000_001), a_code(9_000_002), "US-77"


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The rules and code lists of an application whose database nobody asks."""
    home: Path = tmp_path_factory.mktemp("rules")
    app = create_app(
        Settings(home=home, database_url="sqlite://", secret_key="for-tests", testing=True)
    )
    with app.test_request_context():
        yield app


def party(name: str, code: str, **facts: Any) -> dict[str, Any]:
    return {
        "name": name,
        "seal_name": name,
        "uscc": code,
        "nature": "150",
        "country": "156",
        "region": "150203",
        "industry": "C26",
        "scale": "small",
        "representative": name[:3],
        "contact": name[:4],
        "phone": code[-8:],
    } | facts


def seller(**facts: Any) -> list[dict[str, Any]]:
    return [party("包头稀土新材料研究有限公司", SELLER) | facts]


def buyer(**facts: Any) -> list[dict[str, Any]]:
    return [party("鄂尔多斯煤化工集团股份公司", BUYER) | {"region": "150602"} | facts]


PATENT = {"kind": "11", "applied_on": "2015-03-10"}


def patent(**facts: Any) -> dict[str, Any]:
    """A patent licence without a fault, with what differs."""
    right = PATENT | {"number": a_patent()} | facts
    licence = {"licence": "ordinary", "licence_until": date(2030, 1, 1)}
    outlook = {"new_investment": WAN, "new_output": WAN}
    return {"type": "31", "rights": [right], **licence, **outlook}


def a_patent() -> str:
    """A number with its right check digit."""
    return f"ZL201510123456.{check_digit('201510123456')}"


def equipment(*wan: int, **facts: Any) -> list[dict[str, Any]]:
    row = {"kind": "equipment", "name": "设备", "evidence": "第五条"} | facts
    return [row | {"amount": one * WAN} for one in wan]


def a_contract(**facts: Any) -> Contract:
    """A contract without a fault, never stored, with what differs."""
    owner = Organization(id=1, name="包头稀土新材料研究有限公司", uscc=SELLER, region="150203")
    point = RegistrationPoint(
        code="150203",
        host_kind=HostKind.LEAGUE,
        region="150200",
        serves=[],
        limit_fen=800 * WAN,
        opened_on=date(2026, 1, 1),
    )
    contract = Contract(state=State.DRAFT, organization=owner, organization_id=1, point=point)
    contract.attachments = [
        Attachment(kind=kind, digest=kind) for kind in ("contract", "cost", "ip")
    ]
    values = {
        "project_name": "稀土永磁材料低温性能研究",
        "type": "11",
        "content": "研究稀土永磁材料在低温下的性能，提交配方和报告。",
        "signed_on": date(2026, 2, 2),
        "begins_on": date(2026, 2, 2),
        "ends_on": date(2027, 2, 1),
        "term_text": "",
        "deal_amount": 100 * WAN,
        "deal_words": "壹佰万元整",
        "technology_amount": 80 * WAN,
        "payment": "1",
        "plan": "5",
        "plan_number": "",
        "field": "05",
        "goal": "10",
        "industry": "C32",
        "trade": "domestic",
        "country": "",
        "currency": "CNY",
        "licence": "",
        "parent_number": "",
        "relation": "",
        "related_share": 0,
        "sellers": seller(),
        "buyers": buyer(),
        "rights": [{"kind": "9"}],
        "brokers": [],
        "deductions": equipment(20),
    } | facts
    set_facts(contract, values)
    return contract


def found(contract: Contract, colour: Colour, rules: str = "RV-2026") -> set[tuple[str, str]]:
    lights = lights_of(contract, Rules.called(rules), TODAY)
    return {(light.rule, light.field) for light in lights if light.colour == colour}


def sums(deal: int, technology: int) -> dict[str, Any]:
    words = in_capitals(deal)
    lines = equipment((deal - technology) // WAN) if deal > technology else []
    facts = {"deal_amount": deal, "technology_amount": technology}
    return facts | {"deal_words": words, "deductions": lines}


FOREIGN = {"country": "840", "nature": "910", "region": "", "scale": "", "uscc": ABROAD}
EXPORT = {"trade": "export", "country": "840", "buyers": buyer(**FOREIGN), "currency": "USD"}
DOLLARS = {
    "foreign_amount": 14_000_000,
    "rate": Decimal("7.14285714"),
    "rate_on": date(2026, 2, 2),
}
BROKER = {"name": "包头技术交易服务中心", "uscc": "", "agent": "王某"}

#: name → (what is wrong, the rule that says so, the field it names)
WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "no project name": ({"project_name": ""}, "required", "project_name"),
    "no type": ({"type": ""}, "required", "type"),
    "no content": ({"content": ""}, "required", "content"),
    "no signing date": ({"signed_on": None}, "required", "signed_on"),
    "no begin": ({"begins_on": None}, "required", "begins_on"),
    "no end": ({"ends_on": None}, "required", "ends_on"),
    "no deal amount": ({"deal_amount": None}, "required", "deal_amount"),
    "no technology amount": ({"technology_amount": None}, "required", "technology_amount"),
    "no payment": ({"payment": ""}, "required", "payment"),
    "no plan": ({"plan": ""}, "required", "plan"),
    "no field": ({"field": ""}, "required", "field"),
    "no goal": ({"goal": ""}, "required", "goal"),
    "no industry": ({"industry": ""}, "required", "industry"),
    "type is a group": ({"type": "30"}, "type_is_leaf", "type"),
    "unknown type": ({"type": "99"}, "type_is_leaf", "type"),
    "field not to the leaf": ({"field": "07"}, "code_is_leaf", "field"),
    "plan not to the leaf": ({"plan": "1"}, "code_is_leaf", "plan"),
    "unknown payment": ({"payment": "8"}, "code_is_known", "payment"),
    "unknown goal": ({"goal": "99"}, "code_is_known", "goal"),
    "industry a section only": ({"industry": "C"}, "industry_is_division", "industry"),
    "no right answered": ({"rights": []}, "rights_are_answered", "rights"),
    "none beside a secret": (
        {"rights": [{"kind": "9"}, {"kind": "2"}]}, "no_right_stands_alone", "rights",
    ),
    "right not to the leaf": (
        {"rights": [{"kind": "1"}]}, "right_kind_is_leaf", "rights.0.kind",
    ),
    "licence of a patent without patent": (
        patent() | {"rights": [{"kind": "2"}]}, "right_fits_type", "rights",
    ),
    "patent without number": (patent(number=""), "patent_number_is_valid", "rights.0.number"),
    "patent number of no form": (
        patent(number="2015-123"), "patent_number_is_valid", "rights.0.number",
    ),
    "patent number with wrong check digit": (
        patent(number="ZL201510123456.0"), "patent_number_is_valid", "rights.0.number",
    ),
    "patent number of another kind": (
        patent(kind="13"), "patent_number_is_valid", "rights.0.number",
    ),
    "patent lapsed": (
        patent(valid_until="2026-01-01"), "right_has_not_lapsed", "rights.0.valid_until",
    ),
    "patent filed after signing": (
        patent(applied_on="2026-02-20"), "right_filed_before_signing", "rights.0.applied_on",
    ),
    "licence without kind": (patent() | {"licence": ""}, "licence_has_kind", "licence"),
    "licence of unknown kind": (patent() | {"licence": "odd"}, "code_is_known", "licence"),
    "licence kind on development": ({"licence": "sole"}, "licence_fits_type", "licence"),
    "applicant is the buyer": (
        {"sellers": buyer(), "buyers": seller()}, "applicant_is_entitled", "parties",
    ),
    "number of parent too short": (
        {"parent_number": "2026150203"}, "number_has_sixteen_digits", "parent_number",
    ),
    "classified": ({"classified": True}, "nothing_is_classified", "classified"),
    "no seller": ({"sellers": []}, "there_is_a_seller", "sellers"),
    "no buyer": ({"buyers": []}, "there_is_a_buyer", "buyers"),
    "party without name": ({"buyers": buyer(name="")}, "party_has_name", "buyers.0.name"),
    "party without seal": (
        {"buyers": buyer(seal_name="")}, "party_has_seal", "buyers.0.seal_name",
    ),
    "seal of another": (
        {"sellers": seller(seal_name="包头稀土研究院第三课题组")},
        "seal_name_is_party_name", "sellers.0.seal_name",
    ),
    "code with wrong check digit": (
        {"buyers": buyer(uscc=BUYER[:-1] + ("0" if BUYER[-1] != "0" else "1"))},
        "uscc_is_valid", "buyers.0.uscc",
    ),
    "person with wrong identity": (
        {"buyers": buyer(nature="900", scale="", uscc="110105194912310021")},
        "identity_is_valid", "buyers.0.uscc",
    ),
    "unknown nature": ({"buyers": buyer(nature="777")}, "nature_is_known", "buyers.0.nature"),
    "nature a group": ({"buyers": buyer(nature="100")}, "nature_is_leaf", "buyers.0.nature"),
    "foreign body in China": (
        {"buyers": buyer(nature="910")}, "foreign_body_is_abroad", "buyers.0.country",
    ),
    "unknown country": ({"buyers": buyer(country="000")}, "country_is_known", "buyers.0.country"),
    "unknown region": ({"buyers": buyer(region="150172")}, "region_is_known", "buyers.0.region"),
    "abroad with region": (
        EXPORT | DOLLARS | {"buyers": buyer(**FOREIGN | {"region": "150602"})},
        "abroad_has_no_region", "buyers.0.region",
    ),
    "listed institute": (
        {"sellers": seller(nature="0211", scale="", listed=True)},
        "enterprises_only", "sellers.0.listed",
    ),
    "institute with size": (
        {"sellers": seller(nature="0211")}, "enterprises_only", "sellers.0.scale",
    ),
    "shares above the whole": (
        {"sellers": [*seller(share=6_000), party("包头某某公司", a_code(9_000_003), share=5_000)]},
        "shares_sum_to_whole", "sellers.0.share",
    ),
    "same party on both sides": (
        {"buyers": seller()}, "parties_are_different", "buyers.0.uscc",
    ),
    "same party twice": (
        {"buyers": [*buyer(share=5_000), *buyer(share=5_000)]},
        "party_stands_once", "buyers.1.uscc",
    ),
    "related without relation": ({"related": True}, "relation_is_told", "relation"),
    "share without relation": (
        {"related_share": 5_100}, "share_needs_relation", "related",
    ),
    "foreign buyer called domestic": (
        EXPORT | DOLLARS | {"trade": "domestic"}, "trade_fits_parties", "trade",
    ),
    "domestic called export": (
        {"trade": "export", "country": "840"}, "trade_fits_parties", "trade",
    ),
    "wrong place": ({"sellers": seller(region="150102")}, "right_place", "point_code"),
    "above the delegation": (sums(900 * WAN, 900 * WAN), "within_delegation", "point_code"),
    "signed tomorrow": ({"signed_on": date(2026, 3, 11)}, "signed_before_registration", "signed_on"),
    "ends before it begins": (
        {"begins_on": date(2026, 3, 1), "ends_on": date(2026, 2, 20)},
        "term_begins_before_it_ends", "ends_on",
    ),
    "term over before signing": (
        {"begins_on": date(2025, 1, 1), "ends_on": date(2026, 1, 1)},
        "term_ends_after_signing", "ends_on",
    ),
    "term is over": ({"ends_on": date(2026, 3, 9)}, "within_validity", "ends_on"),
    "not yet in effect": ({"begins_on": date(2026, 4, 1)}, "contract_is_in_effect", "begins_on"),
    "technology above deal": (
        {"technology_amount": 101 * WAN, "deductions": []},
        "technology_amount_within_deal_amount", "technology_amount",
    ),
    "technology nothing": (
        {"technology_amount": 0, "deductions": equipment(100)},
        "technology_amount_is_positive", "technology_amount",
    ),
    "deal beyond counting": (sums(10**16, 10**16), "deal_amount_can_be_counted", "deal_amount"),
    "deal nothing": (
        {"deal_amount": 0, "technology_amount": 0, "deal_words": "零元整", "deductions": []},
        "deal_amount_is_positive", "deal_amount",
    ),
    "deductions do not sum": (
        {"deductions": equipment(19)}, "deductions_sum_to_difference", "deductions",
    ),
    "carrier counted as deduction": (
        {"deductions": equipment(20, kind="carrier")}, "deductions_sum_to_difference", "deductions",
    ),
    "deduction of no kind": (
        {"deductions": equipment(20, kind="")}, "deduction_kind_is_known", "deductions.0.kind",
    ),
    "deduction without name": (
        {"deductions": equipment(20, name="")}, "deduction_has_name", "deductions.0.name",
    ),
    "deduction of nothing": (
        {"deductions": equipment(20, 0)}, "deduction_has_amount", "deductions.1.amount",
    ),
    "capitals of another sum": ({"deal_words": "壹拾万元整"}, "capitals_agree", "deal_words"),
    "royalty without fixed part": (
        {"payment": "3", "deal_amount": 0, "technology_amount": 0, "deductions": []},
        "royalty_has_fixed_part", "deal_amount",
    ),
    "estimate of a fixed price": ({"estimated": True}, "estimate_is_royalty", "estimated"),
    "foreign currency without rate": (EXPORT, "currency_is_complete", "rate"),
    "rate of tomorrow": (
        EXPORT | DOLLARS | {"rate_on": date(2026, 3, 11)}, "rate_is_known", "rate_on",
    ),
    "rate gives another sum": (
        EXPORT | DOLLARS | {"rate": Decimal("6.9")}, "rate_gives_deal_amount", "rate",
    ),
    "export without country": (EXPORT | DOLLARS | {"country": ""}, "trade_has_country", "country"),
    "brokerage counted with the deal": (
        {"type": "53", "brokers": [BROKER | {"commission": 3 * WAN}]},
        "brokerage_amount_is_commission", "deal_amount",
    ),
    "commission above the deal": (
        {"brokers": [BROKER | {"commission": 101 * WAN}]},
        "commission_within_deal_amount", "brokers.0.commission",
    ),
    "broker without name": (
        {"brokers": [BROKER | {"name": "", "commission": WAN}]}, "broker_has_name", "brokers.0.name",
    ),
}  # fmt: skip

#: What a person should look at, though it may be right.
DOUBTFUL: dict[str, tuple[dict[str, Any], str, str]] = {
    "equipment not deducted": (
        {"content": "研发并供应成套设备", **sums(100 * WAN, 100 * WAN)},
        "equipment_is_deducted", "deductions",
    ),
    "mixed and nothing deducted": (
        {"mixed": True, **sums(100 * WAN, 100 * WAN)}, "equipment_is_deducted", "deductions",
    ),
    "three sets as carriers": (
        {"deductions": [*equipment(20), *equipment(9, kind="carrier", is_device=True, quantity=3)]},
        "carriers_are_reasonable", "deductions",
    ),
    "equipment called a carrier": (
        {"deductions": [*equipment(20), *equipment(9, kind="carrier")]},
        "carrier_is_no_equipment", "deductions.1.kind",
    ),
    "hardly any technology": (sums(100 * WAN, 10 * WAN), "ratio_is_usual", "technology_amount"),
    "large without deduction": (
        sums(600 * WAN, 600 * WAN), "ratio_is_usual", "technology_amount",
    ),
    "万元 written as 元": (sums(8_000, 8_000), "deal_amount_is_plausible", "deal_amount"),
    "begins before signing": (
        {"begins_on": date(2026, 1, 1)}, "term_begins_after_signing", "begins_on",
    ),
    "no capitals": ({"deal_words": ""}, "capitals_are_given", "deal_words"),
    "royalty not estimated": ({"payment": "3"}, "royalty_is_estimated", "estimated"),
    "same representative": (
        {"buyers": buyer(representative="包头稀")}, "looks_related", "related",
    ),
    "plan without number": ({"plan": "3"}, "plan_has_number", "plan_number"),
    "pledged patent": (patent(pledged=True), "pledgee_agrees", "rights.0.pledged"),
    "licence beyond the right": (
        patent(valid_until="2029-01-01"), "licence_within_right", "licence_until",
    ),
    "service for tax without parent": (
        {"type": "51", "tax_relief": True}, "related_service_has_parent", "parent_number",
    ),
}  # fmt: skip


def test_a_contract_without_fault_has_no_red_and_no_amber_light(market: Flask) -> None:
    contract = a_contract()
    assert found(contract, Colour.RED) == found(contract, Colour.AMBER) == set()
    assert found(a_contract(**patent()), Colour.RED) == set()
    assert found(a_contract(**EXPORT | DOLLARS), Colour.RED) == set()


def test_there_are_at_least_sixty_wrong_contracts() -> None:
    assert len(WRONG) >= 60


@pytest.mark.parametrize(("facts", "rule", "field"), WRONG.values(), ids=WRONG)
def test_a_wrong_contract_is_refused_with_field_and_rule(
    market: Flask, facts: dict[str, Any], rule: str, field: str
) -> None:
    assert (rule, field) in found(a_contract(**facts), Colour.RED)


@pytest.mark.parametrize(("facts", "rule", "field"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_a_doubtful_contract_is_shown_to_a_person(
    market: Flask, facts: dict[str, Any], rule: str, field: str
) -> None:
    contract = a_contract(**facts)
    assert (rule, field) in found(contract, Colour.AMBER)
    assert found(contract, Colour.RED) == set()


def test_under_the_old_rules_a_licence_is_a_transfer(market: Flask) -> None:
    assert found(a_contract(**patent()), Colour.RED, "RV-2001") == set()
    old, new = Rules.called("RV-2001"), Rules.called("RV-2026")
    assert (old.types["31"].group, new.types["31"].group) == ("20", "30")


def test_zero_is_legal_for_an_estimated_royalty_alone(market: Flask) -> None:
    royalty = {"payment": "3", "estimated": True, "technology_amount": 0, "deal_amount": 0}
    contract = a_contract(**royalty, deal_words="零元整", deductions=[])
    assert found(contract, Colour.RED) == set()


def test_a_term_that_ends_during_the_review_was_long_enough(market: Flask) -> None:
    contract = a_contract(ends_on=date(2026, 3, 1))
    contract.submitted_at = datetime(2026, 2, 20, tzinfo=UTC)
    assert found(contract, Colour.RED) == set()


def test_each_paper_that_is_missing_is_named(market: Flask) -> None:
    contract = a_contract(
        **patent(),
        foreign_language=True,
        department_signed=True,
        government_project=True,
        needs_approval=True,
        brokers=[BROKER | {"commission": WAN}],
    )
    contract.attachments = []
    assert missing_attachments(contract) == [
        "contract", "ip", "cost", "authorization", "approval", "award", "translation", "brokerage",
    ]  # fmt: skip


def test_a_wrong_contract_is_not_even_submitted(app: Flask) -> None:
    office = an_office()
    draft = a_draft(office)
    change = {"technology_amount": 90 * WAN, "deal_words": "壹拾万元整"}
    transact(
        lambda: operations.change(
            draft, change, revision=draft.revision, actor=office.applicant, now=NOW
        )
    )
    with pytest.raises(GuardFailed) as refusal:
        moved(draft, Action.SUBMIT, office.applicant)
    assert set(refusal.value.errors) == {"deal_words", "deductions"}
    assert draft.state == State.DRAFT


def test_the_codes_of_the_tests_are_right() -> None:
    assert uscc.is_valid(SELLER) and uscc.is_valid(BUYER)
