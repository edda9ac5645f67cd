"""The same listing twice is put before the operator; a shared problem before everybody."""

import json

from flask import Flask
from flask.testing import FlaskClient

from marketplace.audit import AuditEntry
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.likeness import operations, queries
from marketplace.likeness.models import CommonNeed, LikePair, Verdict
from marketplace.listings import operations as listings
from marketplace.listings.lifecycle import Action
from marketplace.matchmaking.indexing import current_library
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.factories import a_common_problem, a_like_pair, a_need, a_result, a_user, an_organization

BOILER = (
    "循环水锅炉结垢严重，每年停炉清洗四次，换热效率下降两成。"
    "试过磷酸盐软化，效果不稳。希望找到长效的阻垢办法，一年停炉不超过一次。"
)


def look() -> dict[str, int]:
    """Compare everything once."""
    current_library().reconcile()
    found = operations.find()
    return transact(lambda: operations.keep(found, now=utcnow()))


def a_copied_need() -> tuple:
    first = a_need(title="锅炉结垢怎么治", description=BOILER)
    return first, a_need(title="求锅炉阻垢办法", description=BOILER.replace("四次", "六次"))


def test_a_listing_copied_by_another_owner_is_found(app: Flask) -> None:
    first, second = a_copied_need()
    a_need(
        title="奶牛乳房炎检测", description="想要能在牛场当场测出隐性乳房炎的试纸，十分钟出结果。"
    )
    assert look()["pairs"] == 1
    pair = queries.waiting()[0]
    assert (pair.first.id, pair.second.id) == (first.id, second.id)
    assert pair.pair.resemblance > 0.3 and not pair.same_owner


def test_the_difference_is_shown_sentence_by_sentence() -> None:
    first, second = queries.differences(
        "锅炉结垢。每年清洗四次。想少停炉", "每年清洗六次。锅炉结垢！想少停炉"
    )
    assert [piece.text for piece in first if not piece.shared] == ["每年清洗四次。"]
    assert [piece.text for piece in second if not piece.shared] == ["每年清洗六次。"]


def test_a_verdict_is_kept_and_not_asked_for_again(app: Flask) -> None:
    first, _second = a_copied_need()
    look()
    operator = a_user(Role.OPERATOR)
    pair = db.session.query(LikePair).one()
    transact(lambda: operations.judge(pair, "different", actor=operator, now=utcnow()))
    assert look()["pairs"] == 0 and queries.waiting() == []
    kept = queries.judged()[0]
    assert kept.pair.verdict == Verdict.DIFFERENT and not kept.changed_since
    transact(lambda: listings.replace_facts(first, {"title": "改名"}, now=utcnow()))
    look()
    assert queries.judged()[0].changed_since, "a verdict is about the texts of its time"
    entry = db.session.query(AuditEntry).filter_by(tag="likeness:judged").one()
    assert entry.actor_id == operator.id and entry.facts["verdict"] == "different"


def test_a_pair_found_again_keeps_its_number_and_one_not_found_leaves(app: Flask) -> None:
    first, _second = a_copied_need()
    look()
    number = db.session.query(LikePair).one().id
    assert look()["pairs"] == 1 and db.session.query(LikePair).one().id == number
    transact(lambda: listings.replace_facts(first, {"description": "另一件事"}, now=utcnow()))
    assert look()["pairs"] == 0 and db.session.query(LikePair).count() == 0


def test_what_was_judged_different_is_no_shared_need(app: Flask) -> None:
    a_copied_need()
    assert look()["groups"] == 1
    pair = db.session.query(LikePair).one()
    transact(lambda: operations.judge(pair, "different", actor=a_user(Role.OPERATOR), now=utcnow()))
    assert look()["groups"] == 0


def test_needs_of_one_organisation_are_no_shared_need(app: Flask, client: FlaskClient) -> None:
    owner = an_organization()
    a_need(owner, description=BOILER)
    a_need(owner, title="锅炉又结垢", description=BOILER)
    look()
    assert db.session.query(CommonNeed).count() == 2
    assert queries.groups() == []
    assert "还没有发现共性需求" in client.get("/common-needs").text


def test_a_shared_need_is_public_and_linked_from_each_listing(
    app: Flask, client: FlaskClient
) -> None:
    first, second = a_copied_need()
    look()
    page = client.get("/common-needs").text
    assert first.title in page and second.title in page and "2 家单位" in page
    assert second.title in client.get(f"/common-needs/{first.id}").text
    listing = client.get(f"/needs/{first.id}").text
    assert "相似需求（2 家单位）" in listing and f"/common-needs/{first.id}" in listing


def test_an_anonymous_owner_stays_so(app: Flask, client: FlaskClient) -> None:
    a_need(description=BOILER)
    secret = a_need(an_organization(name="不愿具名的厂"), description=BOILER, anonymous=True)
    look()
    for path in ("/common-needs", f"/common-needs/{secret.id}"):
        page = client.get(path).text
        assert "不愿具名" not in page and "匿名单位" in page


def test_what_is_withdrawn_leaves_the_group_at_once(app: Flask, client: FlaskClient) -> None:
    first, second = a_common_problem()
    owner = a_user(Role.ENTERPRISE, second.organization)
    transact(lambda: listings.move(second, Action.WITHDRAW, actor=owner, now=utcnow()))
    assert queries.group_of(first) is None
    assert client.get(f"/common-needs/{first.id}").status_code == 404
    assert client.get(f"/common-needs/{second.id}").status_code == 404


def test_confidential_words_are_compared_with_nothing(app: Flask) -> None:
    for words in ("奶牛乳房炎检测试纸", "光伏组件干式清扫"):
        a_need(title=words, description=f"求{words}。", confidential=BOILER)
    assert look() == {"pairs": 0, "groups": 0}


def test_the_operator_judges_from_the_page_and_may_change_it(
    app: Flask, client: FlaskClient, log_in
) -> None:
    pair = a_like_pair(a_result(), a_result())
    log_in(a_user(Role.OPERATOR))
    assert "80%" in client.get("/operator/duplicates").text
    client.post(f"/operator/duplicates/{pair.id}", data={"verdict": "same"})
    page = client.get("/operator/duplicates").text
    assert "没有待判断" in page and "改为 不同内容" in page
    client.post(f"/operator/duplicates/{pair.id}", data={"verdict": "different"})
    db.session.expire_all()
    assert db.session.get(LikePair, pair.id).verdict == Verdict.DIFFERENT
    for verdict, number, status in (("perhaps", pair.id, 422), ("same", 10**12, 404)):
        answer = client.post(f"/operator/duplicates/{number}", data={"verdict": verdict})
        assert answer.status_code == status


def test_what_was_found_is_numbers_for_a_program(app: Flask) -> None:
    a_copied_need()
    assert json.dumps(look()) == '{"pairs": 1, "groups": 1}'
