"""What the pages of registration say and do, asked without scripts."""

import re
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.contracts import directory, forms, queries
from marketplace.contracts.columns import CONTRACT, TABLES
from marketplace.contracts.models import Contract
from marketplace.contracts.moves import RETURN_REASONS
from marketplace.contracts.points import HostKind
from marketplace.contracts.states import Action, State
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.ledger import queries as ledger
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.contracts.factories import (
    GROUNDS,
    WAN,
    an_office,
    in_state,
    party_facts,
    ticked,
)
from tests.contracts.today import (
    a_draft_today,
    day,
    enters,
    in_review_today,
    in_second_review_today,
    moved,
    registered_today,
    submitted_today,
)
from tests.factories import a_need, a_result, a_user

TYPING = {"HX-Request": "true"}


def as_form(contract: Contract, **changes: str) -> dict[str, str]:
    """What a browser sends of the form as it stands, with some fields typed otherwise."""
    values = forms.shown(contract, queries.rules_of(contract, day()))
    sent = {name: cell for name, cell in values.items() if name not in TABLES and cell != "否"}
    for table in TABLES:
        for place, row in enumerate(values[table]):
            sent |= {f"{table}-{place}-{k}": cell for k, cell in row.items() if cell != "否"}
    return sent | {"revision": str(contract.revision)} | changes


def again(contract: Contract) -> Contract:
    """The contract as it is stored now."""
    db.session.expire_all()
    found = db.session.get(Contract, contract.id)
    assert found is not None
    return found


def test_every_field_of_the_data_dictionary_is_on_the_form(app: Flask, client: FlaskClient) -> None:
    draft = a_draft_today(office := an_office())
    page = enters(client, office.applicant).get(f"/contracts/{draft.id}/edit").text
    for column in CONTRACT:
        assert f'name="{column.name}"' in page, column.heading
    for table, columns in TABLES.items():
        for column in columns:
            assert f'name="{table}-0-{column.name}"' in page, f"{table} {column.heading}"


def test_what_is_typed_is_saved_and_judged_beside_its_field(
    app: Flask, client: FlaskClient
) -> None:
    draft = a_draft_today(office := an_office())
    sent = as_form(draft, deal_amount="120万元", deal_words="壹佰万元整")
    answer = enters(client, office.applicant).post(
        f"/contracts/{draft.id}/edit", data=sent, headers=TYPING
    )
    assert "已自动保存" in answer.text and again(draft).deal_amount == 120 * WAN
    beside = answer.text.partition('id="light-deal_words"')[2].partition("</div>")[0]
    assert "大写与数字不一致" in beside
    both = answer.text.partition('id="light-deal_amount"')[2].partition("</div>")[0]
    assert "1,200,000.00元（120万元）" in both and "壹佰贰拾万元" in both


def test_bad_input_names_field_and_rule_and_loses_nothing(app: Flask, client: FlaskClient) -> None:
    draft = a_draft_today(office := an_office())
    sent = as_form(draft, deal_amount="120", signed_on="去年", project_name="新的名称")
    answer = enters(client, office.applicant).post(f"/contracts/{draft.id}/edit", data=sent)
    assert answer.status_code == 422
    assert "合同成交额：金额应写成" in answer.text and "合同签订日期：日期应写成" in answer.text
    for typed in ("120", "去年", "新的名称"):
        assert f'value="{typed}"' in answer.text
    assert again(draft).project_name == draft.project_name


def test_while_one_types_the_rest_is_saved_and_the_impossible_is_held_back(
    app: Flask, client: FlaskClient
) -> None:
    draft = a_draft_today(office := an_office())
    sent = as_form(draft, technology_amount="300万元", project_name="改过的名称")
    page = enters(client, office.applicant)
    answer = page.post(f"/contracts/{draft.id}/edit", data=sent, headers=TYPING)
    assert "不能高于合同成交额" in answer.text
    stored = again(draft)
    assert stored.project_name == "改过的名称" and stored.technology_amount == 80 * WAN


def test_two_writers_do_not_overwrite_each_other(app: Flask, client: FlaskClient) -> None:
    draft = a_draft_today(office := an_office())
    page, sent = enters(client, office.applicant), as_form(draft)
    assert page.post(f"/contracts/{draft.id}/edit", data=sent).status_code == 302
    answer = page.post(f"/contracts/{draft.id}/edit", data=sent | {"project_name": "后来者"})
    assert answer.status_code == 409 and "已被他人修改" in answer.text and "后来者" in answer.text


def test_a_deal_of_the_market_fills_in_both_parties_and_keeps_its_links(
    app: Flask, client: FlaskClient
) -> None:
    office = an_office()
    result, need = a_result(office.applicant.organization, field="05"), a_need(office.buyer)
    page = enters(client, office.applicant)
    shown = page.get(f"/results/{result.id}").text
    assert f"/contracts/new?result={result.number}" in shown
    answer = page.post("/contracts/new", data={"result": result.number, "need": need.number})
    draft = db.session.scalars(db.select(Contract)).one()
    assert answer.location.endswith(f"/contracts/{draft.id}/edit")
    assert (draft.result_id, draft.need_id, draft.field) == (result.id, need.id, "05")
    assert draft.sellers[0].uscc == office.applicant.organization.uscc
    assert draft.buyers[0].organization_id == office.buyer.id
    assert draft.project_name == result.title


def test_an_anonymous_owner_stays_anonymous_in_a_draft(app: Flask, client: FlaskClient) -> None:
    office = an_office()
    need = a_need(office.buyer, anonymous=True)
    enters(client, office.applicant).post("/contracts/new", data={"need": need.number})
    draft = db.session.scalars(db.select(Contract)).one()
    assert office.buyer.name not in [party.name for party in draft.parties]


def test_an_unknown_number_of_a_listing_is_named(app: Flask, client: FlaskClient) -> None:
    office = an_office()
    answer = enters(client, office.applicant).post("/contracts/new", data={"need": "XQ000999"})
    assert answer.status_code == 422 and "没有找到编号为“XQ000999”的需求" in answer.text


def test_the_clerk_types_a_paper_contract_for_the_applicant(
    app: Flask, client: FlaskClient
) -> None:
    office = an_office()
    code, page = office.applicant.organization.uscc, enters(client, office.clerk)
    answer = page.post("/contracts/new", data={"applicant": code, "project_name": "纸质合同"})
    draft = db.session.scalars(db.select(Contract)).one()
    assert answer.status_code == 302 and draft.typist_id == office.clerk.id
    assert page.get(f"/contracts/{draft.id}/edit").status_code == 200


def test_opening_a_move_does_not_make_it(app: Flask, client: FlaskClient) -> None:
    contract = submitted_today(office := an_office())
    page = enters(client, office.clerk)
    assert "确认：受理" in page.get(f"/contracts/{contract.id}/move/accept").text
    assert "确认退回" in page.get(f"/contracts/{contract.id}/return").text
    assert again(contract).state == State.SUBMITTED


def test_a_clerk_accepts_and_takes_the_case_in_one_step(app: Flask, client: FlaskClient) -> None:
    contract = submitted_today(office := an_office())
    sent = {"revision": contract.revision, "take": "1"}
    enters(client, office.clerk).post(f"/contracts/{contract.id}/move/accept", data=sent)
    stored = again(contract)
    assert (stored.state, stored.first_reviewer_id) == (State.REVIEW1, office.clerk.id)


@pytest.mark.parametrize("key", RETURN_REASONS)
def test_each_of_the_nine_reasons_returns_a_case(app: Flask, client: FlaskClient, key: str) -> None:
    contract = submitted_today(office := an_office())
    page = enters(client, office.clerk)
    sent = {"reason": key, "words": "请看说明"}
    assert page.post(f"/contracts/{contract.id}/return", data=sent).status_code == 302
    stored = again(contract)
    assert stored.state == (State.DRAFT if key in "1234" else State.SUPPLEMENT)
    assert any("请看说明" in notice.text for notice in queries.notices_of(stored))


def test_a_return_without_a_reason_moves_nothing(app: Flask, client: FlaskClient) -> None:
    contract = submitted_today(office := an_office())
    answer = enters(client, office.clerk).post(f"/contracts/{contract.id}/return", data={})
    assert answer.status_code == 422 and "请选择退回的理由" in answer.text
    assert again(contract).state == State.SUBMITTED


def test_a_supplement_is_answered_item_by_item(app: Flask, client: FlaskClient) -> None:
    contract = submitted_today(office := an_office())
    repairs = [{"field": "content", "text": "补验收标准"}, {"text": "补印章"}]
    moved(contract, Action.ASK_REPAIR, office.clerk, repairs=repairs)
    one, two = queries.open_repairs(contract)
    page, address = enters(client, office.applicant), f"/contracts/{contract.id}/move/resubmit"
    answer = page.post(address, data={f"answer-{one.id}": "已补验收标准"})
    assert answer.status_code == 409 and "逐项答复" in answer.text and "已补验收标准" in answer.text
    sent = {f"answer-{one.id}": "已补验收标准", f"answer-{two.id}": "已盖章"}
    assert page.post(address, data=sent).status_code == 302
    assert again(contract).state == State.SUBMITTED


def test_the_checklist_shows_each_article_and_needs_the_clause(
    app: Flask, client: FlaskClient
) -> None:
    contract = in_review_today(office := an_office())
    page = enters(client, office.clerk)
    shown = page.get(f"/contracts/{contract.id}").text
    assert "合同标的为当事人在订立合同时尚未掌握的技术方案" in shown and "规则：技术开发" in shown
    address = f"/office/contracts/{contract.id}/tests"
    answer = page.post(address, data={"answer-A1": "yes"})
    assert answer.status_code == 422 and "A1：勾选结论和合同中的依据条款都要填写" in answer.text
    assert page.post(address, data={"answer-A1": "yes", "clause-A1": "第二条"}).status_code == 302
    assert queries.ticks_of(again(contract))["A1"].clause == "第二条"


def test_the_first_reviewer_itemises_deductions(app: Flask, client: FlaskClient) -> None:
    contract = in_review_today(office := an_office())
    page, address = enters(client, office.clerk), f"/office/contracts/{contract.id}/assessment"
    sent = {name: value for name, value in as_form(contract).items() if name.startswith("deduct")}
    sent |= {"deductions-0-amount": "30万元", "technology_amount": "70万元", "type": "51"}
    sent |= {"field": "0702", "goal": "01", "industry": "C26"}
    assert page.post(address, data=sent | {"technology_amount": "170万元"}).status_code == 422
    assert page.post(address, data=sent).status_code == 302
    stored = again(contract)
    assert (stored.type, stored.technology_amount, stored.deducted) == ("51", 70 * WAN, 30 * WAN)


def test_the_page_says_why_the_first_reviewer_cannot_agree(app: Flask, client: FlaskClient) -> None:
    office = an_office()
    contract = moved(submitted_today(office, tax_relief=True), Action.ACCEPT, office.clerk)
    moved(contract, Action.ASSIGN, office.clerk, clerk=office.clerk)
    page = enters(client, office.other_clerk).get(f"/contracts/{contract.id}").text
    assert "不能“拟予登记”" in page and "只有承办本件的初审登记员可以提出登记意见" in page


def test_a_refusal_stores_ground_words_and_evidence(app: Flask, client: FlaskClient) -> None:
    contract = in_review_today(office := an_office())
    page, address = enters(client, office.clerk), f"/contracts/{contract.id}/move/refuse"
    answer = page.post(address, data={"ground": "F07", "text-F07": "缺少权属证明"})
    assert answer.status_code == 409 and "缺少权属证明" in answer.text
    sent = {"ground": "F07", "text-F07": "缺少权属证明", "evidence-F07": "第二条"}
    assert page.post(address, data=sent).status_code == 302
    (ground,) = queries.refusals_of(again(contract))
    assert (ground.code, ground.text, ground.evidence) == ("F07", *list(GROUNDS[0].values())[1:])


def test_likely_duplicates_stand_beside_the_case(app: Flask, client: FlaskClient) -> None:
    office = an_office()
    first = submitted_today(office)
    twin = submitted_today(office, project_name=first.project_name, content=first.content)
    page = enters(client, office.clerk).get(f"/contracts/{twin.id}").text
    panel = page.partition('id="duplicates"')[2].partition("</section>")[0]
    assert "疑似重复" in panel and f"/contracts/{first.id}" in panel


def test_many_cases_are_listed_then_accepted_one_by_one(app: Flask, client: FlaskClient) -> None:
    office = an_office()
    good = [submitted_today(office) for _ in range(2)]
    short = submitted_today(office)
    short_id = short.id
    page = enters(client, office.clerk)
    shown = page.post("/office/together", data={"case": [c.id for c in (*good, short)]}).text
    assert "<dd>3</dd>" in shown and "3,000,000.00元（300万元）" in shown
    assert again(good[0]).state == State.SUBMITTED
    moved(again(short), Action.WITHDRAW, office.applicant)
    sent = dict(re.findall(r'name="(revision-\d+)" value="(\d+)"', shown))
    done = page.post("/office/together", data=sent | {"confirmed": "1", "action": "accept"}).text
    assert "办成2件，未办1件" in done and "已被修改" in done
    assert f"/contracts/{short_id}" in done.partition("未办的案件")[2]
    assert {again(one).state for one in good} == {State.ACCEPTED}


def test_agreeing_to_many_writes_a_ledger_entry_for_each(app: Flask, client: FlaskClient) -> None:
    office = an_office()
    cases = [in_second_review_today(office) for _ in range(2)]
    page = enters(client, office.reviewer)
    shown = page.post("/office/together", data={"case": [c.id for c in cases]}).text
    sent = dict(re.findall(r'name="(revision-\d+)" value="(\d+)"', shown))
    page.post("/office/together", data=sent | {"confirmed": "1", "action": "agree"})
    assert [len(ledger.entries_of(again(one).key)) for one in cases] == [1, 1]


def test_a_case_whose_papers_lack_one_is_told_which(app: Flask, client: FlaskClient) -> None:
    broker = {"name": "某技术经纪所", "agent": "张某", "commission": WAN}
    case = submitted_today(office := an_office(), brokers=[broker])
    enters(client, office.clerk)
    answer = client.post(f"/contracts/{case.id}/move/accept", data={"revision": case.revision})
    assert "缺少技术中介合同或三方合同" in answer.text
    assert again(case).state == State.SUBMITTED


def test_the_queue_puts_the_overdue_and_the_risky_first(app: Flask, client: FlaskClient) -> None:
    office = an_office()
    calm = submitted_today(office)
    risky = submitted_today(
        office, deductions=[{"kind": "equipment", "name": "装置", "amount": 20 * WAN}]
    )
    page = enters(client, office.clerk).get("/office").text
    assert page.index(risky.project_name) < page.index(calm.project_name)


def test_a_flag_is_seen_by_colleagues_and_not_by_the_applicant(
    app: Flask, client: FlaskClient
) -> None:
    contract = submitted_today(office := an_office())
    address = f"/office/contracts/{contract.id}/flag"
    enters(client, office.clerk).post(address, data={"note": "电话核实印章"})
    assert "电话核实印章" in enters(client, office.other_clerk).get("/office").text
    page = enters(client, office.applicant).get(f"/contracts/{contract.id}").text
    assert "电话核实印章" not in page
    enters(client, office.clerk).post(address, data={"note": ""})
    assert "电话核实印章" not in client.get("/office").text


def test_a_change_keeps_what_stood_and_shows_what_shall_be(app: Flask, client: FlaskClient) -> None:
    contract = registered_today(office := an_office())
    page = enters(client, office.applicant)
    sent = as_form(
        contract, deal_amount="90万元", deal_words="玖拾万元整", technology_amount="70万元"
    )
    address = f"/contracts/{contract.id}/move/request_change"
    without = page.post(address, data=sent | {"reason": "补充协议"})
    assert without.status_code == 409 and "证明材料" in without.text and "90万元" in without.text
    proof = (BytesIO(b"%PDF-1.7 amendment"), "补充协议.pdf")
    whole = sent | {"reason": "补充协议", "proof_file": proof}
    answer = page.post(address, data=whole, content_type="multipart/form-data")
    assert answer.status_code == 302
    stored = again(contract)
    assert (stored.state, stored.deal_amount) == (State.CHANGE_PENDING, 100 * WAN)
    assert set(queries.open_request(stored).facts) == {
        "deal_amount",
        "deal_words",
        "technology_amount",
    }
    shown = enters(client, office.clerk).get(f"/contracts/{contract.id}").text
    assert "1,000,000.00元" in shown and "900,000.00元" in shown
    moved(stored, Action.EXAMINE, office.clerk, opinion="属实")
    moved(stored, Action.AGREE, office.reviewer)
    versions = enters(client, office.applicant).get(f"/contracts/{contract.id}").text
    assert "第2版" in versions and "第1版" in versions


def test_receipts_are_declared_and_verified_line_by_line(app: Flask, client: FlaskClient) -> None:
    contract = registered_today(office := an_office())
    address = f"/contracts/{contract.id}/income"
    page = enters(client, office.applicant)
    bad = page.post(address, data={"received": "30", "received_on": day().isoformat()})
    assert bad.status_code == 422 and "到账金额：金额应写成" in bad.text
    sent = {"received": "30万元", "received_on": day().isoformat(), "voucher": "FP-1"}
    sent["rewards"] = "张某 3000元\n李某 2000元"
    assert page.post(address, data=sent).status_code == 302
    (line,) = queries.incomes_of(again(contract))
    assert (line.received, line.reward_total) == (30 * WAN, 500_000)
    enters(client, office.clerk).post(
        f"{address}/1", data={"verified": "30万元", "decision": "verify"}
    )
    assert queries.verified_income(again(contract)) == 30 * WAN


def test_declared_receipts_wait_in_the_office_until_they_are_decided(
    app: Flask, client: FlaskClient
) -> None:
    contract = registered_today(office := an_office())
    address = f"/contracts/{contract.id}/income"
    enters(client, office.applicant)
    client.post(address, data={"received_on": str(day()), "voucher": "F1", "received": "30万元"})
    enters(client, office.clerk)
    assert f'href="{address}"' in client.get("/office").text
    client.post(f"{address}/1", data={"decision": "verify", "verified": "20万元"})
    assert f'href="{address}"' not in client.get("/office").text
    enters(client, office.stranger)
    assert client.get("/office").status_code == 403


def test_the_clerk_who_typed_a_receipt_does_not_wait_for_themselves(
    app: Flask, client: FlaskClient
) -> None:
    contract = registered_today(office := an_office())
    transact(lambda: setattr(contract, "typist_id", office.other_clerk.id))
    address = f"/contracts/{contract.id}/income"
    enters(client, office.other_clerk)
    client.post(address, data={"received_on": str(day()), "voucher": "F1", "received": "30万元"})
    assert f'href="{address}"' not in client.get("/office").text
    enters(client, office.clerk)
    assert f'href="{address}"' in client.get("/office").text


def test_personal_data_is_masked_for_those_without_a_part(app: Flask, client: FlaskClient) -> None:
    contract = registered_today(office := an_office())
    phone = contract.sellers[0].phone
    assert phone in enters(client, office.clerk).get(f"/contracts/{contract.id}").text
    for stranger in (office.authority, office.tax):
        page = enters(client, stranger).get(f"/contracts/{contract.id}").text
        assert phone not in page and contract.project_name in page


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_page_for_both_sides(
    app: Flask, client: FlaskClient, state: State
) -> None:
    contract = in_state(office := an_office(), state)
    for person in (office.applicant, office.clerk):
        page = enters(client, person)
        shown = page.get(f"/contracts/{contract.id}")
        assert shown.status_code == 200
        for address in set(
            re.findall(rf'href="(/contracts/{contract.id}/(?:move|return)[^"#]*)"', shown.text)
        ):
            assert page.get(address).status_code == 200, address


def test_the_directory_shows_place_host_and_what_a_point_may_take(
    app: Flask, client: FlaskClient
) -> None:
    office = an_office(limit_fen=500 * WAN)
    submitted_today(office)
    page = enters(client, office.stranger).get("/points").text
    assert "150203" in page and "包头市" in page and "500万元" in page
    page = enters(client, office.clerk).get("/points/150203").text
    assert office.clerk.display_name in page and "登记人员少于3名" in page


def test_the_plans_targets_stand_beside_what_there_is(app: Flask, client: FlaskClient) -> None:
    office = an_office()
    page = enters(client, office.authority).get("/points/coverage").text
    assert "还差40个" in page and "还差5个" in page and "11个盟市没有登记点" in page


def test_the_authority_sets_up_staffs_and_closes_points(app: Flask, client: FlaskClient) -> None:
    office = an_office()
    page = enters(client, office.authority)
    home = office.outsider.organization
    sent = {"organization": home.name, "code": "150104", "host_kind": "banner", "region": "新城区"}
    bad = page.post("/points/new", data=sent | {"code": "150204", "limit": "1000"})
    assert bad.status_code == 422 and "写明单位" in bad.text
    assert page.post("/points/new", data=sent | {"limit": "1000万元"}).status_code == 302
    point = directory.load_point("150104")
    assert (point.limit_fen, point.host_kind) == (1000 * WAN, HostKind.BANNER)
    page.post("/points/150203/staff", data={"user": office.clerk.id, "desk": "B"})
    assert str(directory.desk_of(office.clerk)) == "B"
    away = {"absent_from": day().isoformat(), "absent_until": day(3).isoformat()}
    page.post(f"/points/150203/staff/{office.clerk.id}/absence", data=away)
    db.session.expire_all()
    assert directory.is_away(office.clerk, day())
    page.post("/points/150203/close", data={"successor": "150104"})
    db.session.expire_all()
    assert directory.load_point("150203").closed_on == day()


@pytest.mark.parametrize(
    ("role", "there"),
    [(Role.VISITOR, False), (Role.BROKER, False), (Role.ENTERPRISE, True), (Role.CLERK, True)],
)
def test_the_one_entry_is_shown_to_whoever_has_business_with_it(
    app: Flask, client: FlaskClient, role: Role, there: bool
) -> None:
    if role != Role.VISITOR:
        enters(client, a_user(role))
    page = client.get("/needs").text.partition("</nav>")[0]
    assert page.count("合同登记") == there


def test_a_natural_persons_number_and_two_sellers_are_kept_by_the_form(
    app: Flask, client: FlaskClient
) -> None:
    draft = a_draft_today(office := an_office())
    other = party_facts(office.stranger.organization)
    sent = as_form(draft) | {
        f"sellers-1-{name}": str(value) for name, value in other.items() if name != "share"
    }
    sent |= {"sellers-0-share": "60%", "sellers-1-share": "40"}
    enters(client, office.applicant).post(f"/contracts/{draft.id}/edit", data=sent)
    assert [party.share for party in again(draft).sellers] == [6000, 4000]


def test_ticks_and_proposal_register_without_a_trigger(app: Flask, client: FlaskClient) -> None:
    contract = in_review_today(office := an_office())
    ticked(contract, office.clerk, now=utcnow())
    contract.sampled = False
    db.session.commit()
    enters(client, office.clerk).post(f"/contracts/{contract.id}/move/propose")
    assert again(contract).local_no is not None
